//! What a case lacks that is said to be fixed is told to whoever reports it, verifies it and strikes it off.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Browser, Form};
use crate::client::{Answer, Caller};
use crate::office::{HANDLER, OFFICER, Office, SECOND_OFFICER, WATER, assignment, finding, id};

/// A case of twelve households that the water department rectifies.
struct Scene {
    office: Office,
    officer: Caller,
    handler: Caller,
    case: String,
    browser: Browser,
}

impl Scene {
    async fn open() -> Scene {
        let office = Office::open().await;
        let (officer, handler) = (office.caller(OFFICER).await, office.caller(HANDLER).await);
        let case = officer.report(&finding("一", "饮水安全工程未通水", "623000")).await;
        officer.ask(&case, "register", &json!({})).await.good();
        officer.ask(&case, "assign", &assignment(WATER)).await.good();
        handler.ask(&case, "accept", &json!({ "unit": id(WATER) })).await.good();
        let browser = office.signed_in(HANDLER).await;
        Scene { office, officer, handler, case, browser }
    }

    fn path(&self, command: &str) -> String {
        format!("/cases/{}/{command}", self.case)
    }

    /// Plans two measures, of which one is late, and approves that.
    async fn plan(&self) {
        let measure = |text: &str, by: &str| json!({ "text": text, "unit": id(WATER), "by": by });
        let measures = [measure("更换主管网", "2020-04-18"), measure("建立管护制度", "2020-06-30")];
        let plan = json!({ "unit": id(WATER), "plan": { "measures": measures } });
        self.handler.ask(&self.case, "submit_plan", &plan).await.good();
        self.officer.ask(&self.case, "approve_plan", &json!({ "unit": id(WATER) })).await.good();
    }

    async fn state(&self) -> Value {
        self.handler.get(&format!("/api/cases/{}", self.case)).await.good()["case"].take()
    }

    /// Files something, reports by form what is left to be known, and returns the file.
    async fn filed(&self) -> String {
        let evidence = self.handler.upload(&self.case, "验收单.txt", "验收合格").await.good();
        let digest = evidence["digest"].as_str().unwrap().to_owned();
        self.handler.ask(&self.case, "file_evidence", &json!({ "unit": id(WATER), "evidence": evidence })).await.good();
        digest
    }
}

/// Returns the form of an act as it is sent when nothing is ticked and no file is chosen.
fn unticked(answer: &Answer, path: &str) -> Form {
    let mut form = answer.form(path);
    form.fields.retain(|(name, _)| !["draft", "lacking", "done", "evidence"].contains(&name.as_str()));
    form
}

#[tokio::test]
async fn whoever_reports_less_than_was_found_learns_it_before_it_is_sent() {
    let mut scene = Scene::open().await;
    let path = scene.path("report_completion");
    let page = scene.browser.page(&path).await;
    assert!(page.text().contains("本事项应整改 12 户"), "{}", page.text());
    assert!(page.text().contains("应整改 12 户，报已整改 0 户，尚差 12 户"), "{}", page.text());
    let filled = unticked(&page, &path).with("account", "八户管网已改造。").with("fixed.households", "8");
    let told = scene.browser.submit(&filled).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = told.text();
    for part in ["尚未提交：", "应整改 12 户，报已整改 8 户，尚差 4 户", "核验后由整改办把余项拆出", "八户管网已改造。"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(scene.state().await["stage"], "rectifying");

    // What was known of eight is not known of seven.
    let known = told.form(&path).value("lacking").unwrap().to_owned();
    let fewer = unticked(&told, &path).with("fixed.households", "7").with("lacking", &known);
    let again = scene.browser.submit(&fewer).await;
    assert!(again.text().contains("报已整改 7 户，尚差 5 户"), "{}", again.text());
    let all = unticked(&told, &path).with("fixed.households", "12");
    assert_eq!(scene.browser.submit(&all).await.leads_to(), format!("/cases/{}", scene.case));
    assert_eq!(scene.state().await["stage"], "reported");
}

#[tokio::test]
async fn another_outcome_than_fixed_lacks_nothing() {
    let mut scene = Scene::open().await;
    let path = scene.path("report_completion");
    let page = scene.browser.page(&path).await;
    let filled = unticked(&page, &path).with("outcome", "overtaken").with("account", "该村已整体搬迁。");
    assert_eq!(scene.browser.submit(&filled).await.leads_to(), format!("/cases/{}", scene.case));
}

#[tokio::test]
async fn what_is_known_to_be_left_is_reported_and_told_to_verifier_and_closing_officer() {
    let mut scene = Scene::open().await;
    let digest = scene.filed().await;
    let path = scene.path("report_completion");
    let page = scene.browser.page(&path).await;
    let filled = unticked(&page, &path).with("account", "八户管网已改造。").with("fixed.households", "8");
    let told = scene.browser.submit(&filled).await;
    let known = told.form(&path).value("lacking").unwrap().to_owned();
    let known = unticked(&told, &path).with("lacking", &known);
    assert_eq!(scene.browser.submit(&known).await.leads_to(), format!("/cases/{}", scene.case));

    let mut verifier = scene.office.signed_in(SECOND_OFFICER).await;
    let page = verifier.page(&scene.path("pass_level")).await.text();
    for part in ["责任单位报告已整改，但尚未全部到位", "应整改 12 户，报已整改 8 户，尚差 4 户"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let second = scene.office.caller(SECOND_OFFICER).await;
    second.get(&format!("/api/cases/{}/evidence/{digest}", scene.case)).await;
    let passing = json!({ "level": 0, "relied_on": [digest], "verified": { "households": 8 }, "opinion": "八户属实" });
    second.ask(&scene.case, "pass_level", &passing).await.good();
    let mut closing = scene.office.signed_in(OFFICER).await.in_english();
    let page = closing.page(&scene.path("close")).await.text();
    assert!(page.contains("To be fixed 12 households, verified as fixed 8 households, left 4 households"), "{page}");
    scene.officer.ask(&scene.case, "close", &json!({})).await.problem(422, "still_outstanding");
}

#[tokio::test]
async fn measures_are_ticked_as_done_with_the_report_or_told_to_be_open() {
    let mut scene = Scene::open().await;
    scene.plan().await;
    let path = scene.path("report_completion");
    let page = scene.browser.page(&path).await;
    for part in ["value=\"0\"> 更换主管网（完成时限 2020-04-18）", "value=\"1\"> 建立管护制度（完成时限 2020-06-30）"]
    {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let filled = unticked(&page, &path).with("account", "管网已换。").with("fixed.households", "12");
    let told = scene.browser.submit(&filled.clone().with("done", "1")).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = told.text();
    assert!(text.contains("措施“更换主管网”未报告完成，且已过完成时限（州水务局，2020-04-18）"), "{text}");
    let after = text.split("照此申请销号，尚缺：").nth(1).unwrap();
    assert!(!after.contains("建立管护制度") && !after.contains("尚差"), "{after}");
    assert_eq!(scene.state().await["plans"][id(WATER)]["done"], json!([]));

    let mut both = filled;
    both.fields.extend([("done".to_owned(), "0".to_owned()), ("done".to_owned(), "1".to_owned())]);
    assert_eq!(scene.browser.submit(&both).await.leads_to(), format!("/cases/{}", scene.case));
    let state = scene.state().await;
    assert_eq!((&state["stage"], &state["plans"][id(WATER)]["done"]), (&json!("reported"), &json!([0, 1])));
    let mut verifier = scene.office.signed_in(SECOND_OFFICER).await;
    assert!(!verifier.page(&scene.path("pass_level")).await.text().contains("尚未全部到位"));
}

#[tokio::test]
async fn a_measure_that_nobody_reported_as_done_is_told_to_whoever_verifies() {
    let mut scene = Scene::open().await;
    scene.plan().await;
    let path = scene.path("report_completion");
    let page = scene.browser.page(&path).await;
    let filled = unticked(&page, &path).with("account", "管网已换。").with("fixed.households", "12");
    let told = scene.browser.submit(&filled.with("done", "0")).await;
    let known = told.form(&path).value("lacking").unwrap().to_owned();
    let known = unticked(&told, &path).with("done", "0").with("lacking", &known);
    assert_eq!(scene.browser.submit(&known).await.leads_to(), format!("/cases/{}", scene.case));
    let mut verifier = scene.office.signed_in(SECOND_OFFICER).await;
    for command in ["pass_level", "fail_verification"] {
        let page = verifier.page(&scene.path(command)).await.text();
        assert!(page.contains("措施“建立管护制度”未报告完成（州水务局，完成时限 2020-06-30）"), "{page}");
        assert!(!page.contains("措施“更换主管网”"), "{page}");
    }
}
