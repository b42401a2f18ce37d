//! What should be asked about, as a page: each a question, with the events it is seen from.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::client::Caller;
use crate::office::{ADMINISTRATOR, HANDLER, OFFICER, Office, SECOND_OFFICER, WATER, assignment, finding, id};
use serde_json::json;

/// Reports, repairs and verifies a case with a file of a name, all within a minute.
async fn verified(office: &Office, file: &str) -> String {
    let (officer, handler): (Caller, Caller) = (office.caller(OFFICER).await, office.caller(HANDLER).await);
    let case = officer.report(&finding("一", "饮水安全工程未通水", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    handler.ask(&case, "accept", &json!({ "unit": id(WATER) })).await.good();
    let evidence = handler.upload(&case, file, "验收合格").await.good();
    let report = json!({
        "unit": id(WATER), "outcome": { "kind": "rectified" }, "account": "管网已改造。", "fixed": { "households": 12 },
        "evidence": [evidence],
    });
    handler.ask(&case, "report_completion", &report).await.good();
    let (second, digest) = (office.caller(SECOND_OFFICER).await, evidence["digest"].as_str().unwrap());
    assert_eq!(second.get(&format!("/api/cases/{case}/evidence/{digest}")).await.status, 200);
    let passing = json!({
        "level": 0, "relied_on": [digest], "verified": { "households": 12 }, "verdict": "founded", "opinion": "属实",
    });
    second.ask(&case, "pass_level", &passing).await.good();
    case
}

#[tokio::test]
async fn each_is_a_question_that_leads_to_the_event_it_is_seen_from() {
    let office = Office::open().await;
    let case = verified(&office, "2020-04-01 验收单.txt").await;
    let mut browser: Browser = office.signed_in(OFFICER).await;
    let page = browser.page("/signals").await.text();
    assert!(page.contains("href=\"/signals\" aria-current=\"page\""), "{page}");
    for part in ["报结后不到", "早于问题发现日期 2020-04-15", "请核实。", "审计-2020-0001 饮水安全工程未通水"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains(&format!("href=\"/cases/{case}#e")), "{page}");
    let alone = browser.page("/signals?kind=soon_verified").await.text();
    assert!(alone.contains("报结后不到") && !alone.contains("早于问题发现日期"), "{alone}");
    assert!(browser.page("/signals?kind=soon_verified&before=1").await.text().contains("没有需要核实的情形。"));
    for person in [HANDLER, ADMINISTRATOR] {
        let mut other = office.signed_in(person).await;
        let nothing = other.get("/signals").await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND);
        assert_eq!(
            nothing.text().contains("没有这个地址。"),
            other.get("/nothing").await.text().contains("没有这个地址。")
        );
        assert!(!other.page("/account").await.text().contains("/signals"));
    }
}
