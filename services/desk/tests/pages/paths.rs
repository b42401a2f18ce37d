//! The paths that cases took, as a page.

use std::time::Duration;

use axum::http::StatusCode;
use rectify_case::{AccessEvent, Actor, Digest, StreamId};
use rectify_log::{Append, Expected, Write};
use serde_json::json;

use crate::office::{
    ADMINISTRATOR, COUNTY_OFFICER, HANDLER, OFFICER, Office, WATER, accusation, assignment, finding, id,
};

#[tokio::test]
async fn they_are_counted_of_the_cases_that_somebody_may_see_and_lead_to_these() {
    let office = Office::open().await;
    let (officer, handler) = (office.caller(OFFICER).await, office.caller(HANDLER).await);
    let mut cases = Vec::new();
    for item in ["一", "二"] {
        let case = officer.report(&finding(item, "饮水安全工程未通水", "623000")).await;
        officer.ask(&case, "register", &json!({})).await.good();
        officer.ask(&case, "assign", &assignment(WATER)).await.good();
        cases.push(case);
    }
    handler.ask(&cases[0], "return", &json!({ "unit": id(WATER), "reason": "职责不在本局" })).await.good();
    officer.report(&accusation("三", "反映水务局工程款问题", "623000", WATER)).await;

    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page("/paths").await.text();
    let head = office.desk.frame.log.head().await.unwrap();
    for part in [
        "href=\"/paths\" aria-current=\"page\"",
        &format!("第 {head} 号事件"),
        "共 3 件，3 件全程符合规定流程。",
        "href=\"/paths?path=discovered.registered.assigned#listed\"",
        "<th scope=\"row\">退回</th>",
        "<th scope=\"row\">州水务局</th>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let back = browser.page("/paths?back=returned").await.text();
    assert!(back.contains(&format!("href=\"/cases/{}\"", cases[0])), "{back}");
    assert!(!back.contains(&format!("href=\"/cases/{}\"", cases[1])), "{back}");
    let path = browser.page("/paths?path=discovered.registered.assigned").await.text();
    assert!(path.contains(&format!("href=\"/cases/{}\"", cases[1])), "{path}");
    assert!(browser.page("/paths?path=nowhere").await.text().contains("共 3 件"));

    // It goes on with the log.
    officer.ask(&cases[0], "assign", &assignment(WATER)).await.good();
    let on = browser.page("/paths").await.text();
    assert!(on.contains("path=discovered.registered.assigned.registered.assigned#listed"), "{on}");

    // What is kept from somebody is not counted, and whoever does not ask finds nothing.
    assert!(office.signed_in(COUNTY_OFFICER).await.page("/paths").await.text().contains("共 0 件"));
    for person in [HANDLER, ADMINISTRATOR] {
        let mut other = office.signed_in(person).await;
        assert_eq!(other.get("/paths").await.status, StatusCode::NOT_FOUND);
        assert!(!other.page("/account").await.text().contains("/paths"));
    }
}

/// How many events are more than are read while somebody waits.
const MORE_THAN_AT_ONCE: usize = 20_001;

/// Lets so much happen beside a case that nobody waits until all of it is read.
async fn much_happens(office: &Office, case: &str) {
    let digest: Digest = "0".repeat(64).parse().unwrap();
    let opened = || AccessEvent::EvidenceOpened { digest: digest.clone() };
    let mut left = MORE_THAN_AT_ONCE;
    while left > 0 {
        let some = left.min(1_000);
        let events = (0..some).map(|_| opened().into()).collect();
        let stream = StreamId::Access(case.parse().unwrap());
        let writes = vec![Write { stream, expected: Expected::Any, events }];
        let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes };
        office.desk.frame.log.append(append).await.unwrap();
        left -= some;
    }
}

#[tokio::test]
async fn while_histories_are_read_the_page_says_how_far_and_asks_again() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水安全工程未通水", "623000")).await;
    much_happens(&office, &case).await;
    let mut browser = office.signed_in(OFFICER).await;
    let head = office.desk.frame.log.head().await.unwrap();
    let first = browser.page("/paths?all=true").await;
    assert_eq!(first.headers["refresh"], "2");
    let text = first.text();
    for part in [
        "<h2>正在读取办理记录</h2>",
        &format!("已读到第 0 号事件，共读到第 {head} 号。"),
        &format!("<progress max=\"{head}\" value=\"0\" aria-label=\"正在读取办理记录\">"),
        "href=\"/paths?all=true\">",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("共 1 件"), "{text}");

    let is_read = async || !browser.clone().page("/paths").await.text().contains("正在读取办理记录");
    rectify_tests::until(Duration::from_mins(2), "the histories are read", is_read).await;
    let read = browser.page("/paths").await;
    assert!(!read.headers.contains_key("refresh"));
    let text = read.text();
    assert!(text.contains("共 1 件") && text.contains(&format!("第 {head} 号事件")), "{text}");
}
