//! One act on several cases at once: each is decided alone, and nothing is told of a case that is kept from whoever acts.

use axum::http::StatusCode;
use serde_json::json;

use crate::client::{Answer, Caller};
use crate::office::{COUNTY, COUNTY_OFFICER, HANDLER, OFFICER, Office, WATER, accusation, assignment, finding, id};

async fn registered(officer: &Caller, item: &str, title: &str) -> String {
    let case = officer.report(&finding(item, title, "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    case
}

async fn stage(officer: &Caller, case: &str) -> String {
    officer.get(&format!("/api/cases/{case}")).await.good()["case"]["stage"].as_str().unwrap().to_owned()
}

/// Returns the rows of what came of an act.
fn rows(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let body = &text[text.find("<tbody>").unwrap()..text.find("</tbody>").unwrap()];
    body.split("<tr>").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn several_are_assigned_at_once_and_what_cannot_be_is_told_why() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let first = registered(&officer, "一", "饮水工程闲置").await;
    let second = registered(&officer, "二", "公益林补助未兑付").await;
    let gone = registered(&officer, "三", "草原奖补面积不实").await;
    officer.ask(&gone, "assign", &assignment(WATER)).await.good();
    let mut browser = office.signed_in(OFFICER).await;
    let list = "/ledger?source=audit";
    assert!(browser.page(list).await.text().contains("formaction=\"/ledger/together/assign\">交办</button>"));

    let query = format!("case={first},{second},{gone}&case={first}&from=%2Fledger%3Fsource%3Daudit");
    let page = browser.page(&format!("/ledger/together/assign?{query}")).await;
    let text = page.text();
    assert!(text.contains("勾选的 3 项") && text.contains("现在的环节不能交办。"));
    assert_eq!(text.matches("name=\"case\"").count(), 3, "each once");
    assert_eq!(text.matches(" checked").count(), 2, "what cannot be done is not ticked");
    let form = page.form("/ledger/together/assign");

    // What is missing is said, and the rest is kept.
    let bare = browser.submit(&form.clone().with("goal", "限期整改到位")).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.text().contains("请填写此项。") && bare.text().contains("限期整改到位"));
    assert_eq!(stage(&officer, &first).await, "registered");

    let form = bare.form("/ledger/together/assign").with("goal", "限期整改到位").with("leads", &id(WATER));
    let form = form.with("term.days", "60").with("co_responsible", "");
    let done = browser.submit(&form).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.text().contains("已办 2 项，未办 1 项。"));
    let said = rows(&done);
    assert!(said[0].contains("已办") && said[1].contains("已办") && said[2].contains("未办"), "{said:?}");
    assert!(said[2].contains(&format!("/cases/{gone}")) && said[2].contains("草原奖补面积不实"), "{}", said[2]);
    assert!(done.text().contains(&format!("/ledger/together/assign?case={gone}&#38;from=%2Fledger%3Fsource%3Daudit")));
    assert!(done.text().contains("href=\"/ledger?source=audit\">返回台账"));
    for case in [&first, &second] {
        assert_eq!(stage(&officer, case).await, "assigned");
    }

    // The same form again does nothing more, and says the same.
    let head = office.desk.frame.log.head().await.unwrap();
    let again = browser.submit(&form).await;
    assert!(again.text().contains("已办 2 项，未办 1 项。"));
    assert_eq!(office.desk.frame.log.head().await.unwrap(), head);
}

#[tokio::test]
async fn several_are_registered_at_once_each_as_its_source_has_it() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let mut cases = Vec::new();
    for (item, title) in [("一", "饮水工程闲置"), ("二", "公益林补助未兑付")] {
        cases.push(officer.report(&finding(item, title, "623000")).await);
    }
    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page(&format!("/ledger/together/register?case={}", cases.join(","))).await;
    let form = page.form("/ledger/together/register");
    assert_eq!(form.value("severity"), Some(""), "nobody has chosen for all");
    assert!(!page.text().contains("name=\"title\"") && !page.text().contains("name=\"found"));
    let done = browser.submit(&form).await.text();
    assert!(done.contains("已办 2 项") && done.contains("审计-2020-0001") && done.contains("审计-2020-0002"), "{done}");
    for case in &cases {
        let told = officer.get(&format!("/api/cases/{case}")).await.good();
        assert_eq!(
            (&told["case"]["stage"], &told["case"]["quantities"]["households"]["found"]),
            (&json!("registered"), &json!(12))
        );
    }
}

#[tokio::test]
async fn whoever_was_overtaken_is_told_case_by_case() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let (first, second) =
        (registered(&officer, "一", "饮水工程闲置").await, registered(&officer, "二", "水库除险未完工").await);
    for case in [&first, &second] {
        officer.ask(case, "assign", &assignment(WATER)).await.good();
    }
    let mut browser = office.signed_in(OFFICER).await;
    for command in ["press", "list"] {
        let form = browser.page(&format!("/ledger/together/{command}?case={first},{second}")).await;
        let form = form.form(&format!("/ledger/together/{command}"));
        let form = match command {
            "press" => form.with("message", "请于月底前报送进展"),
            _ => form.with("target", "六月底前通水").with("leader", &id(108)),
        };
        officer.ask(&second, "add_note", &json!({ "text": "已电话催过" })).await.good();
        let done = browser.submit(&form).await;
        assert!(done.text().contains("已办 1 项，未办 1 项。"), "{command}: {}", done.text());
        assert!(rows(&done)[1].contains("该事项已有变化，请查看后再办理。"), "{command}");
        let again = &done.text();
        let again = &again[again.find("/ledger/together/").unwrap()..];
        let again = again[..again.find('"').unwrap()].replace("&#38;", "&");
        let form = browser.page(&again).await.form(&format!("/ledger/together/{command}"));
        let form = match command {
            "press" => form.with("message", "请于月底前报送进展"),
            _ => form.with("target", "六月底前通水").with("leader", &id(108)),
        };
        assert!(browser.submit(&form).await.text().contains("已办 1 项，未办 0 项。"), "{command}");
    }
    let case = officer.get(&format!("/api/cases/{second}")).await.good();
    assert_eq!((&case["case"]["pressed"], case["case"]["listing"].is_object()), (&json!(1), true));
}

#[tokio::test]
async fn a_case_that_may_not_be_seen_is_answered_as_one_that_does_not_exist() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let accused = officer.report(&accusation("七", "虚报危房改造户数", "623023", COUNTY)).await;
    officer.ask(&accused, "register", &json!({})).await.good();
    let open = officer.report(&finding("八", "县乡道路失修", "623023")).await;
    officer.ask(&open, "register", &json!({})).await.good();
    let absent = id(999);
    let mut county = office.signed_in(COUNTY_OFFICER).await;
    let page = county.page(&format!("/ledger/together/assign?case={accused}&case={open}&case={absent}")).await;
    let text = page.text();
    assert!(!text.contains("虚报危房"));
    assert_eq!(text.matches("没有这个事项。").count(), 2);
    assert_eq!(text.matches("name=\"case\"").count(), 1);

    // Also for whoever sends what the form does not offer.
    let form = page.form("/ledger/together/assign");
    let mut form = form.with("leads", &id(6)).with("goal", "修复").with("term.days", "30").with("co_responsible", "");
    for case in [&accused, &absent] {
        form.fields.push(("case".to_owned(), format!("{case}@2")));
    }
    let head = office.desk.frame.log.head().await.unwrap();
    let done = county.submit(&form).await;
    let said = rows(&done);
    assert_eq!(said.len(), 3);
    assert!(said[0].contains("县乡道路失修") && said[0].contains("已办"), "{}", said[0]);
    assert_eq!(said[1].replace(&accused, "…"), said[2].replace(&absent, "…"), "word for word");
    assert!(said[1].contains("没有这个事项。"));
    assert!(office.desk.frame.log.head().await.unwrap() > head);
    assert_eq!(stage(&officer, &accused).await, "registered");
    assert_eq!(officer.get(&format!("/api/cases/{accused}")).await.good()["case"]["version"], 2);
}

#[tokio::test]
async fn nobody_does_together_what_they_may_not_do_alone() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = registered(&officer, "一", "饮水工程闲置").await;
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let mut handler = office.signed_in(HANDLER).await;
    let list = handler.page("/ledger").await.text();
    assert!(!list.contains("/ledger/together/") && list.contains("/ledger/export/selected"), "only to take away");
    let form = handler.page(&format!("/ledger/together/press?case={case}")).await.form("/ledger/together/press");
    let head = office.desk.frame.log.head().await.unwrap();
    let done = handler.submit(&form.with("message", "请办理")).await;
    assert!(done.text().contains("已办 0 项，未办 1 项。"), "{}", done.text());
    assert_eq!(office.desk.frame.log.head().await.unwrap(), head);

    let mut browser = office.signed_in(OFFICER).await;
    for (path, status) in [
        ("/ledger/together/press?from=/ledger".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("/ledger/together/close?case={case}"), StatusCode::NOT_FOUND),
        (format!("/ledger/together/dance?case={case}"), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(browser.get(&path).await.status, status, "{path}");
    }
    let form = browser.page(&format!("/ledger/together/press?case={case}&from=//example.org")).await;
    let form = form.form("/ledger/together/press").with("message", "请办理");
    assert_eq!(form.value("from"), Some("/ledger"), "nobody is sent elsewhere");
    let unseen = browser.submit(&form.clone().with("case", &case)).await;
    assert_eq!(unseen.status, StatusCode::PRECONDITION_REQUIRED, "which version was seen is said");
    let foreign = browser.submit(&form.with("csrf", "")).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let mut nobody = office.browser();
    let asked = nobody.get(&format!("/ledger/together/press?case={case}")).await;
    assert!(asked.leads_to().starts_with("/sign-in?next="));
}
