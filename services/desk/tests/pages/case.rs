//! What a case tells whoever looks at it, what it offers them next, and where they are once it is done.

use serde_json::json;

use crate::browser::{Browser, Form};
use crate::office::{COUNTY, HANDLER, OFFICER, Office, SECOND_OFFICER, WATER, accusation, assignment, finding, id};

/// Returns what is offered as the one thing to do next.
async fn next(browser: &mut Browser, case: &str) -> Option<String> {
    let page = browser.page(&format!("/cases/{case}")).await.text();
    let next = page.split_once("<a class=\"btn primary\" href=\"")?.1;
    Some(next[..next.find('"')?].rsplit('/').next()?.to_owned())
}

/// Returns the form of an act: it is sent to where it is.
async fn form(browser: &mut Browser, path: &str) -> Form {
    browser.page(path).await.form(path)
}

#[tokio::test]
async fn whoever_returns_a_case_is_told_that_it_was_done_where_they_go_on() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let mut handler = office.signed_in(HANDLER).await;
    let path = format!("/cases/{case}/return");
    let filled =
        form(&mut handler, &path).await.with("unit", &id(WATER)).with("reason", "不属本单位职责").with("draft", "");
    let goes_on = handler.submit(&filled).await.leads_to().to_owned();
    assert_eq!(goes_on, "/?done=return");
    let page = handler.page(&goes_on).await.text();
    assert!(page.contains("已办理“退回”。") && page.contains("现在没有待您办理的事项。"), "{page}");
    // What is no act is not told.
    assert!(!handler.page("/?done=dance").await.text().contains("已办理"));
}

#[tokio::test]
async fn an_extension_is_decided_once_it_is_asked_for_and_its_form_says_what_was_asked() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let mut browser = office.signed_in(OFFICER).await;
    assert_eq!(next(&mut browser, &case).await.as_deref(), Some("press"));
    let page = browser.page(&format!("/cases/{case}")).await.text();
    for nothing in ["grant_extension", "refuse_extension", "return_plan", "lower_severity", "delist"] {
        assert!(!page.contains(&format!("/cases/{case}/{nothing}\"")), "{nothing} is offered: {page}");
    }

    let handler = office.caller(HANDLER).await;
    handler.ask(&case, "accept", &json!({ "unit": id(WATER) })).await.good();
    let plan = json!({ "measures": [{ "text": "更换管网三公里", "unit": id(WATER), "by": "2020-05-10" }] });
    handler.ask(&case, "submit_plan", &json!({ "unit": id(WATER), "plan": plan })).await.good();
    assert_eq!(next(&mut browser, &case).await.as_deref(), Some("approve_plan"));
    let page = browser.page(&format!("/cases/{case}/approve_plan")).await.text();
    assert!(page.contains("1. 更换管网三公里 · 州水务局 · 2020-05-10"), "{page}");

    let until = json!({ "unit": id(WATER), "until": "2020-12-31", "reason": "汛期不能施工" });
    handler.ask(&case, "request_extension", &until).await.good();
    let mut second = office.signed_in(SECOND_OFFICER).await;
    assert_eq!(next(&mut second, &case).await.as_deref(), Some("grant_extension"));
    let page = second.page(&format!("/cases/{case}/grant_extension")).await.text();
    assert!(page.contains("申请延至 2020-12-31") && page.contains("汛期不能施工"), "{page}");
}

#[tokio::test]
async fn who_plans_again_goes_on_from_the_plan_that_was_returned() {
    let office = Office::open().await;
    let (officer, handler) = (office.caller(OFFICER).await, office.caller(HANDLER).await);
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    handler.ask(&case, "accept", &json!({ "unit": id(WATER) })).await.good();
    let plan = json!({ "measures": [{ "text": "更换管网三公里", "unit": id(WATER), "by": "2020-05-10" }] });
    handler.ask(&case, "submit_plan", &json!({ "unit": id(WATER), "plan": plan })).await.good();
    let back = json!({ "unit": id(WATER), "reason": "请写明村名" });
    officer.ask(&case, "return_plan", &back).await.good();
    let mut browser = office.signed_in(HANDLER).await;
    let filled = form(&mut browser, &format!("/cases/{case}/submit_plan")).await;
    let first = ["plan.0.text", "plan.0.unit", "plan.0.by"].map(|field| filled.value(field).unwrap_or_default());
    assert_eq!(first, ["更换管网三公里", id(WATER).as_str(), "2020-05-10"]);
    assert_eq!(filled.value("plan.1.text"), Some(""));
}

#[tokio::test]
async fn what_a_source_says_beside_a_finding_and_whom_a_petition_is_about_is_told() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let mut audited = finding("一", "质保金到期未退", "623000");
    audited["details"] = json!({
        "kind": "audit",
        "rule_broken": "建设工程质量保证金管理办法",
        "repeats": ["州审农报〔2019〕3号第6项"],
        "corrective_action": { "text": "三十日内退还", "by": "2020年11月30日" },
        "disagreement": "施工单位账户已注销",
    });
    let audited = officer.report(&audited).await;
    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page(&format!("/cases/{audited}")).await.text();
    for said in [
        "违反规定：建设工程质量保证金管理办法",
        "屡审屡犯，以前年度问题：州审农报〔2019〕3号第6项",
        "报告所列整改措施：三十日内退还",
        "报告所列完成时限：2020年11月30日",
        "被审计单位的异议：施工单位账户已注销",
    ] {
        assert_eq!(page.matches(said).count(), 2, "as it was found, and as it stands: {said}: {page}");
    }

    let accused = officer.report(&accusation("七", "虚报危房改造户数", "623023", COUNTY)).await;
    let page = browser.page(&format!("/cases/{accused}")).await.text();
    assert!(page.contains("<dt>被反映对象</dt><dd>舟曲县</dd>"), "{page}");
}
