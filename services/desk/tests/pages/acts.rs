//! Acts that take more than a reason: splitting, correcting, linking, corroborating, naming subjects, changing a deadline.

use axum::http::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::client::{Answer, Caller};
use crate::office::{CIVIL_AFFAIRS, COUNTY, OFFICER, Office, WATER, accusation, assignment, finding, id};

/// Fills in the form of an act and sends it; what stands in it and is not filled in goes along.
async fn act(browser: &mut Browser, path: &str, filled: &[(&str, &str)]) -> Answer {
    let page = browser.page(path).await.text();
    let at = page.find("<form class=\"card form\"").unwrap();
    let hidden = page[at..].split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (name, rest.split('"').next().unwrap())
    });
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(hidden).extend_pairs(filled).finish();
    browser.post(path, body).await
}

async fn shown(officer: &Caller, case: &str) -> serde_json::Value {
    officer.get(&format!("/api/cases/{case}")).await.good()["case"].clone()
}

#[tokio::test]
async fn a_case_is_split_into_parts_that_add_up() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    let mut browser = office.signed_in(OFFICER).await;
    let path = format!("/cases/{case}/split");
    assert!(browser.page(&format!("/cases/{case}")).await.text().contains(&format!("href=\"{path}\"")));
    let page = browser.page(&path).await.text();
    assert!(page.contains("各分项数量之和须等于未整改数量：12 户"), "{page}");
    let one = [("parts.0.title", "甲村部分"), ("parts.0.households", "8"), ("reason", "分属两村")];
    let refused = act(&mut browser, &path, &one).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("value=\"甲村部分\""), "what was typed stays");
    let bare = act(&mut browser, &path, &[("parts.0.households", "8"), ("reason", "分属两村")]).await;
    assert!(bare.text().contains("有数量的分项须填写标题。"));
    let both: Vec<_> =
        one.iter().copied().chain([("parts.1.title", "乙村部分"), ("parts.1.households", "4")]).collect();
    assert_eq!(act(&mut browser, &path, &both).await.leads_to(), format!("/cases/{case}"));
    let split = shown(&officer, &case).await;
    assert_eq!((split["stage"].clone(), split["parts"].as_array().unwrap().len()), (json!("grouped"), 2));
    let page = browser.page(&format!("/cases/{case}")).await.text();
    assert!(page.contains("甲村部分") && page.contains("乙村部分") && page.contains("分项"));
}

#[tokio::test]
async fn what_was_written_is_corrected_where_it_stands() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    let mut browser = office.signed_in(OFFICER).await;
    let path = format!("/cases/{case}/correct");
    let page = browser.page(&path).await.text();
    assert!(
        page.contains("<option value=\"1 text\">") && page.contains("第 1 条 问题描述 · 饮水工程闲置，涉及"),
        "{page}"
    );
    let filled = [("field", "1 text"), ("new", "饮水工程闲置，须年内整改。"), ("reason", "录入有误")];
    assert_eq!(act(&mut browser, &path, &filled).await.leads_to(), format!("/cases/{case}"));
    assert_eq!(shown(&officer, &case).await["findings"][0]["finding"]["text"], "饮水工程闲置，须年内整改。");
    let wrong = act(&mut browser, &path, &[("field", "9 text"), ("new", "x"), ("reason", "y")]).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("此项无法识别。"));
}

#[tokio::test]
async fn cases_are_linked_unlinked_and_corroborated_by_number() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    let other = officer.report(&finding("二", "饮水工程水源枯竭", "623000")).await;
    for one in [&case, &other] {
        officer.ask(one, "register", &json!({})).await.good();
    }
    let number = officer.get(&format!("/api/cases/{other}")).await.good()["number"].as_str().unwrap().to_owned();
    let mut browser = office.signed_in(OFFICER).await;
    let link = format!("/cases/{case}/link");
    let unknown = act(&mut browser, &link, &[("other", "审计-2020-0999"), ("relation", "similar_to")]).await;
    assert!(unknown.text().contains("没有这个编号的事项。"));
    act(&mut browser, &link, &[("other", &number), ("relation", "similar_to")]).await.leads_to();
    let page = browser.page(&format!("/cases/{case}/unlink")).await.text();
    let value = format!("{other} similar_to");
    assert!(
        page.contains(&format!("<option value=\"{value}\"")) && page.contains(&format!("相似于 {number}")),
        "{page}"
    );
    act(&mut browser, &format!("/cases/{case}/unlink"), &[("link", &value)]).await.leads_to();
    assert_eq!(shown(&officer, &case).await["links"], json!([]));
    // A finding of a case that says the same.
    let corroborate = format!("/cases/{case}/corroborate");
    let none = act(&mut browser, &corroborate, &[("from", &number), ("from.item", "九")]).await;
    assert!(none.text().contains("该事项有多个问题或没有这一序号"));
    act(&mut browser, &corroborate, &[("from", &number)]).await.leads_to();
    assert_eq!(shown(&officer, &case).await["findings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_deadline_is_suspended_or_set_anew_and_subjects_are_named() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let mut browser = office.signed_in(OFFICER).await;
    let change = format!("/cases/{case}/change_deadline");
    let both = [("change.from", "2020-05-01"), ("change.to", "2020-05-10"), ("change.days", "90"), ("reason", "汛期")];
    assert!(act(&mut browser, &change, &both).await.text().contains("中止计算和另定时限只填一项。"));
    let days = [("change.from", "2020-05-01"), ("change.to", "2020-05-10"), ("reason", "汛期停工")];
    act(&mut browser, &change, &days).await.leads_to();
    let deadline = shown(&officer, &case).await["deadline"].clone();
    assert_eq!(deadline["suspensions"][0]["to"], "2020-05-10");
    act(&mut browser, &change, &[("change.on", "2020-09-30"), ("reason", "州政府批示")]).await.leads_to();
    assert_eq!(shown(&officer, &case).await["deadline"]["last_day"], "2020-09-30");

    let petition = officer.report(&accusation("七", "虚报危房改造户数", "623023", COUNTY)).await;
    let named = format!("/cases/{petition}/name_subjects");
    assert!(act(&mut browser, &named, &[("reason", "核查发现")]).await.text().contains("请填写此项。"));
    let unit = format!("unit {}", id(CIVIL_AFFAIRS));
    act(&mut browser, &named, &[("subjects", &unit), ("reason", "核查发现")]).await.leads_to();
    let subjects = shown(&officer, &petition).await["subjects"].clone();
    assert!(subjects.as_array().unwrap().contains(&json!({ "unit": id(CIVIL_AFFAIRS) })), "{subjects}");
}
