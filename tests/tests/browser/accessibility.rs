//! Every page as axe-core sees it: no violation of WCAG 2.2 at the levels A and AA, and nothing that the browser complains of.

use crate::browser::Browser;

const LOOK: &str = r#"
const done = arguments[arguments.length - 1];
// What is folded is looked at as well, save what would cover something else.
const folded = Array.from(document.querySelectorAll("details:not([open]):not(.menu)"));
folded.forEach((details) => { details.open = true; });
axe.run(document, {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"] },
  resultTypes: ["violations"],
}).finally(() => folded.forEach((details) => { details.open = false; }))
  .then((seen) => done(seen.violations.flatMap((violation) => violation.nodes.map((node) =>
    violation.id + ": " + node.html.slice(0, 200) + "\n    " + node.failureSummary.replace(/\s+/g, " ")))),
  (error) => done(["axe-core itself: " + error]));
"#;

/// Checks the page that a browser shows.
pub async fn check(browser: &Browser<'_>) {
    let is_there = browser.tab.execute("return Boolean(window.axe)", Vec::new()).await.unwrap();
    if is_there.json() == false {
        browser.tab.execute(browser.place.axe.as_str(), Vec::new()).await.unwrap();
    }
    let seen = browser.tab.execute_async(LOOK, Vec::new()).await.unwrap();
    let violations: Vec<String> = serde_json::from_value(seen.json().clone()).unwrap();
    assert!(violations.is_empty(), "{} shuts people out:\n{}", browser.address().await, violations.join("\n"));

    let complaints = browser.tab.browser_log().await.unwrap();
    // A page that refuses something has a status that says so, which the browser notes.
    let complaints: Vec<String> = complaints
        .into_iter()
        .filter(|entry| entry.level == "SEVERE" && entry.source.as_deref() != Some("network"))
        .map(|entry| entry.message)
        .collect();
    assert!(complaints.is_empty(), "{}: {complaints:?}", browser.address().await);
}
