//! A case from the report to the closure, by the API alone.

use serde_json::{Value, json};

use crate::client::{Answer, Caller};
use crate::office::{self, HANDLER, OFFICER, Office, SECOND_OFFICER, WATER, assignment, finding, id};

/// Everybody who works on a case of the water department's.
pub struct Hands {
    pub officer: Caller,
    pub second: Caller,
    pub handler: Caller,
}

impl Hands {
    pub async fn of(office: &Office) -> Hands {
        let (officer, second) = (office.caller(OFFICER).await, office.caller(SECOND_OFFICER).await);
        Hands { officer, second, handler: office.caller(HANDLER).await }
    }

    /// Reports, registers and assigns a case, and has it accepted.
    pub async fn accepted(&self, item: &str, title: &str) -> String {
        let case = self.officer.report(&finding(item, title, "623000")).await;
        self.officer.ask(&case, "register", &json!({})).await.good();
        self.officer.ask(&case, "assign", &assignment(WATER)).await.good();
        self.handler.ask(&case, "accept", &json!({ "unit": id(WATER) })).await.good();
        case
    }

    /// Reports a case as fixed, with one file; returns the file as commands name it.
    pub async fn reported(&self, case: &str, file: &str) -> Value {
        let evidence = self.handler.upload(case, file, format!("验收合格：{file}")).await.good();
        let report = json!({
            "unit": id(WATER),
            "outcome": { "kind": "rectified" },
            "account": "十二户管网已改造，水质检测合格。",
            "fixed": { "households": 12 },
            "evidence": [evidence],
        });
        self.handler.ask(case, "report_completion", &report).await.good();
        evidence
    }

    /// Opens the evidence, verifies and closes; returns what closing led to.
    pub async fn closed(&self, case: &str, evidence: &Value) -> Answer {
        let digest = evidence["digest"].as_str().unwrap();
        let opened = self.second.get(&format!("/api/cases/{case}/evidence/{digest}")).await;
        assert_eq!(opened.status, 200);
        let passing = json!({
            "level": 0, "relied_on": [digest], "verified": { "households": 12 },
            "verdict": "founded", "opinion": "现场与材料一致，同意销号。",
        });
        self.second.ask(case, "pass_level", &passing).await.good();
        self.officer.ask(case, "close", &json!({})).await
    }
}

/// Carries one case through, and looks at it on the way.
pub async fn from_report_to_closure(office: &Office) {
    let hands = Hands::of(office).await;
    let case = hands.accepted("一", "饮水安全工程未通水").await;

    let view = hands.handler.get(&format!("/api/cases/{case}")).await.good();
    assert_eq!(view["case"]["stage"], "rectifying");
    assert_eq!(view["stage_name"], "整改中");
    assert_eq!(view["number"], "审计-2020-0001");
    assert_eq!(view["overdue"], false);
    assert_eq!(view["names"][id(WATER)], "州水务局");
    let possible: Vec<&str> =
        view["commands"].as_array().unwrap().iter().map(|c| c["command"].as_str().unwrap()).collect();
    assert!(possible.contains(&"submit_plan") && possible.contains(&"report_completion"), "{possible:?}");
    assert!(!possible.contains(&"accept") && !possible.contains(&"close"), "{possible:?}");

    let plan = json!({ "unit": id(WATER), "plan": { "measures": [
        { "text": "更换主管网三公里", "unit": id(WATER), "by": "2020-05-30" },
    ] } });
    hands.handler.ask(&case, "submit_plan", &plan).await.good();
    hands.officer.ask(&case, "approve_plan", &json!({ "unit": id(WATER) })).await.good();
    let evidence = hands.reported(&case, "验收单.txt").await;
    let closed = hands.closed(&case, &evidence).await;
    let closed = closed.good();
    assert_eq!(closed["events"][0]["type"], "closed");
    assert_eq!(closed["listed"], true);

    // By its number, in any list, and in the counts.
    let view = hands.officer.get("/api/cases/审计-2020-0001").await.good();
    assert_eq!((&view["case"]["id"], &view["case"]["stage"]), (&json!(case), &json!("closed")));
    assert_eq!(view["case"]["outcome"]["kind"], "rectified");
    let page = hands.officer.get("/api/cases?stage=closed").await.good();
    assert_eq!(page["rows"][0]["id"], json!(case));
    let counts = hands.officer.get("/api/counts").await.good();
    assert_eq!((&counts["total"], &counts["by_stage"]["closed"]), (&json!(1), &json!(1)));
    assert_eq!(counts["by_outcome"]["rectified"], 1);

    let history = hands.officer.get(&format!("/api/cases/{case}/events")).await.good();
    let kinds: Vec<&str> = history["events"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "finding_reported",
            "registered",
            "assigned",
            "accepted",
            "plan_submitted",
            "plan_approved",
            "completion_reported",
            "evidence_filed",
            "level_passed",
            "verified",
            "closed"
        ]
    );
    assert_eq!(history["version"], 11);
    assert_eq!(history["events"][1]["who"]["person_name"], "马经办");
    assert_eq!(history["events"][1]["who"]["unit_name"], "州整改办");
}

#[tokio::test]
async fn a_case_goes_from_report_to_closure() {
    from_report_to_closure(&Office::open().await).await;
}

mod postgres {
    use super::*;

    #[tokio::test]
    async fn a_case_goes_from_report_to_closure() {
        let database = rectify_tests::postgres::database().await;
        from_report_to_closure(&Office::open_with(&[("database.url", database.url())]).await).await;
    }

    #[tokio::test]
    async fn an_accusation_is_nowhere_for_whom_it_accuses() {
        let database = rectify_tests::postgres::database().await;
        let office = Office::open_with(&[("database.url", database.url())]).await;
        crate::firewall::nowhere_for_whom_it_accuses(&office).await;
    }

    #[tokio::test]
    async fn whatever_is_in_a_text_is_shown() {
        let database = rectify_tests::postgres::database().await;
        let office = Office::open_with(&[("database.url", database.url())]).await;
        crate::lists::shown_whatever_is_in_a_text(&office).await;
    }

    #[tokio::test]
    async fn lists_are_searched_and_paged() {
        let database = rectify_tests::postgres::database().await;
        let office = Office::open_with(&[("database.url", database.url())]).await;
        crate::lists::searched_and_paged(&office).await;
    }

    #[tokio::test]
    async fn some_events_are_asked_for_by_what_by_whom_and_when_by_either_clock() {
        let database = rectify_tests::postgres::database().await;
        let office = Office::open_with(&[("database.url", database.url())]).await;
        crate::following::some_are_asked_for(&office).await;
    }
}

#[tokio::test]
async fn the_caller_is_told_who_they_are() {
    let office = Office::open().await;
    let me = office.caller(HANDLER).await.get("/api/me").await.good();
    assert_eq!(me["name"], "李签收");
    assert_eq!(me["holdings"][0]["unit"], office::id(WATER));
    assert_eq!(me["holdings"][0]["role"], "handler");
}
