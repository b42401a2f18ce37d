//! Two moments of a case side by side, and the ledger as of a moment.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::client::Answer;
use crate::office::{
    ADMINISTRATOR, CIVIL_AFFAIRS, CIVIL_HANDLER, COUNTY, COUNTY_OFFICER, HANDLER, OFFICER, Office, WATER, accusation,
    assignment, finding, id,
};

/// Returns the position of the last event of a case.
async fn position(office: &Office, case: &str) -> u64 {
    let shown = office.caller(OFFICER).await.get(&format!("/api/cases/{case}")).await.good();
    shown["position"].as_u64().unwrap()
}

/// Opens a page of the past, which is folded first: meanwhile it says how far that is.
async fn of_past(browser: &mut Browser, path: &str) -> Answer {
    let mut ready = None;
    rectify_tests::until(Duration::from_secs(30), "the ledger of the past is folded", async || {
        let answer = browser.page(path).await;
        ready = (!answer.headers.contains_key("refresh")).then_some(answer);
        ready.is_some()
    })
    .await;
    ready.unwrap()
}

#[tokio::test]
async fn two_moments_stand_side_by_side_with_what_changed_in_words() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    let reported = position(&office, &case).await;
    officer.ask(&case, "register", &json!({ "severity": "serious" })).await.good();
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let mut amended = finding("一", "饮水工程闲置", "623000");
    amended["text"] = json!("饮水工程闲置，涉及农村饮水安全巩固提升工程建设资金，须年内整改。");
    officer.ask(&case, "amend", &json!({ "finding": amended })).await.good();
    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page(&format!("/cases/{case}")).await.text();
    assert!(page.contains(&format!("href=\"/cases/{case}/compare\"")));
    let text = browser.page(&format!("/cases/{case}/compare?from_at={reported}")).await.text();
    for said in [
        "<del>待登记</del>",
        "<ins>待签收</ins>",
        "<del>一般</del>",
        "<ins>较重</ins>",
        "<del>限期</del>",
        "<ins>年内</ins>",
        "<td class=\"text\">州水务局</td>",
        "<span class=\"stage check\">改变</span>",
        "<span class=\"stage done\">增加</span>",
        "<span class=\"stage \">未变</span>",
        "其间的经过",
        "<b>交办</b>",
        "<b>来源更新</b>",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("<b>发现问题</b>"), "what both know did not happen between");
    // The other way round is the same.
    let last = position(&office, &case).await;
    let turned = browser.page(&format!("/cases/{case}/compare?from_at={last}&to_at={reported}")).await.text();
    assert!(turned.contains("<del>待登记</del>") && turned.contains("<ins>待签收</ins>"));
    // By days: before the case was there, by either clock.
    let days = "from_on=2020-04-14&to_on=2020-04-30";
    let before = browser.page(&format!("/cases/{case}/compare?clock=recorded&{days}")).await.text();
    assert!(before.contains("当时还没有这个事项") && before.contains("<b>发现问题</b>"));
    let happened = browser.page(&format!("/cases/{case}/compare?clock=happened&{days}")).await.text();
    assert!(happened.contains("截至 2020-04-30 已发生"));
    let wrong = browser.get(&format!("/cases/{case}/compare?from_on=soon")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("请填写日期。") && wrong.text().contains("aria-invalid=\"true\""));
    let english = browser.in_english().page(&format!("/cases/{case}/compare?from_at={reported}")).await.text();
    assert!(english.contains("Two moments side by side") && english.contains(">Changed</span>"));
}

#[tokio::test]
async fn what_is_kept_from_somebody_is_not_compared_for_them() {
    let office = Office::open().await;
    let case = office.caller(OFFICER).await.report(&accusation("七", "虚报危房改造户数", "623023", COUNTY)).await;
    let mut county = office.signed_in(COUNTY_OFFICER).await;
    let hidden = county.get(&format!("/cases/{case}/compare")).await;
    let absent = county.get(&format!("/cases/{}/compare", id(999))).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
    assert_eq!(office.browser().get(&format!("/cases/{case}/compare")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_ledger_and_the_overview_are_shown_as_they_stood() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    let registered = position(&office, &case).await;
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let later = officer.report(&finding("二", "水库除险未完工", "623000")).await;
    let mut browser = office.signed_in(OFFICER).await;
    let address = format!("/ledger?at_position={registered}");
    let first = browser.page(&address).await;
    assert_eq!(first.headers["refresh"], "2");
    assert!(first.text().contains("<progress") && first.text().contains("正在按记录重排当时的台账"));
    let text = of_past(&mut browser, &address).await.text();
    assert!(text.contains("class=\"replaying\"") && text.contains(&format!("第 {registered} 号事件")), "{text}");
    assert!(text.contains("共 1 项") && text.contains("待交办") && !text.contains("水库除险"), "{text}");
    assert!(text.contains(&format!("href=\"/cases/{case}?at_position={registered}\"")), "{text}");
    // Links stay at the moment, and the case is shown as of it.
    assert!(text.contains(&format!("at_position={registered}&#38;sort=")) && text.contains("/ledger/export?"));
    let shown = browser.page(&format!("/cases/{case}?at_position={registered}")).await.text();
    assert!(shown.contains("class=\"replaying\"") && !shown.contains("/assign\""));
    // Filters and search are those of then.
    office.indexed().await;
    for (query, found) in [("stage=registered", 1), ("stage=assigned", 0), ("text=饮水", 1), ("text=水库", 0)] {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form_urlencoded::parse(query.as_bytes()))
            .finish();
        let text = of_past(&mut browser, &format!("{address}&{query}")).await.text();
        assert!(text.contains(&format!("共 {found} 项")), "{query}: {text}");
    }
    let overview = of_past(&mut browser, &format!("/overview?at_position={registered}")).await.text();
    assert!(
        overview.contains("class=\"replaying\"") && overview.contains("待交办") && !overview.contains("待签收</a>")
    );
    assert!(overview.contains(&format!("/ledger?live=true&#38;sort=due&#38;at_position={registered}")), "{overview}");
    let workbook = of_past(&mut browser, &format!("/ledger/export?at_position={registered}")).await;
    assert!(workbook.headers["content-type"].to_str().unwrap().contains("spreadsheetml"));
    // Now is another matter.
    let now = browser.page("/ledger").await.text();
    assert!(now.contains("共 2 项") && now.contains(&later) && !now.contains("class=\"replaying\""));
}

#[tokio::test]
async fn a_moment_is_a_day_before_today_or_an_event() {
    let office = Office::open().await;
    office.caller(OFFICER).await.report(&finding("一", "饮水工程闲置", "623000")).await;
    let mut browser = office.signed_in(OFFICER).await;
    let yesterday = of_past(&mut browser, "/ledger?as_of=2020-04-19").await.text();
    assert!(
        yesterday.contains("截至 2020-04-19 的状态 · 第 0 号事件") && yesterday.contains("当时还没有事项。"),
        "{yesterday}"
    );
    assert_eq!(browser.get("/ledger?as_of=2020-04-20&stage=assigned").await.leads_to(), "/ledger?stage=assigned");
    assert_eq!(browser.get("/overview?as_of=2020-04-20").await.leads_to(), "/overview");
    for wrong in ["as_of=2020-04-21", "as_of=yesterday", "at_position=0", "at_position=x", "at_position=99999"] {
        let answer = browser.get(&format!("/ledger?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn nobody_sees_in_the_past_what_they_may_not_see_now() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let mut request = accusation("二", "养老机构克扣补助", "623023", COUNTY);
    request["details"] = json!({ "kind": "petition", "class": "request" });
    let petition = officer.report(&request).await;
    officer.ask(&petition, "register", &json!({})).await.good();
    let handed = officer.report(&finding("三", "低保审核超期", "623023")).await;
    officer.ask(&handed, "register", &json!({})).await.good();
    officer.ask(&handed, "assign", &assignment(CIVIL_AFFAIRS)).await.good();
    let other = officer.report(&finding("四", "河道采砂未整治", "623000")).await;
    officer.ask(&other, "register", &json!({})).await.good();
    officer.ask(&other, "assign", &assignment(WATER)).await.good();
    let then = position(&office, &other).await;
    // The county reads the request, until that turns out to accuse it.
    assert!(office.signed_in(COUNTY_OFFICER).await.page("/ledger").await.text().contains(&petition));
    let accusing = accusation("二", "养老机构克扣补助", "623023", COUNTY);
    officer.ask(&petition, "amend", &json!({ "finding": accusing })).await.good();
    // One case goes from one unit to another.
    let mut moved = assignment(CIVIL_AFFAIRS);
    moved["reason"] = json!("职责调整");
    moved.as_object_mut().unwrap().remove("term");
    officer.ask(&other, "reassign", &moved).await.good();
    let address = format!("/ledger?at_position={then}");
    for (person, sees, sees_not) in [
        (OFFICER, vec![&petition, &handed, &other], vec![]),
        (COUNTY_OFFICER, vec![&handed, &other], vec![&petition]),
        (CIVIL_HANDLER, vec![&handed, &other], vec![&petition]),
        (HANDLER, vec![], vec![&petition, &handed, &other]),
        (ADMINISTRATOR, vec![], vec![]),
    ] {
        let mut browser = office.signed_in(person).await;
        let present = browser.page("/ledger").await.text();
        let past = of_past(&mut browser, &address).await.text();
        let overview = of_past(&mut browser, &format!("/overview?at_position={then}")).await.text();
        for case in &sees {
            assert!(past.contains(case.as_str()) && present.contains(case.as_str()), "{person} does not see {case}");
        }
        for case in &sees_not {
            assert!(!past.contains(case.as_str()) && !present.contains(case.as_str()), "{person} sees {case}");
        }
        assert!(person == ADMINISTRATOR || past.contains(&format!("共 {} 项", sees.len())), "{person}: {past}");
        if person == HANDLER {
            assert!(!overview.contains("州水务局</a>"), "{overview}");
        }
    }
}

#[tokio::test]
async fn the_ledger_is_shown_by_what_had_happened_as_far_as_it_is_known() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    // Found on the 15th, registered on the 18th, and entered on the 20th.
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    let late = officer.with("rectify-happened", "2020-04-18").with("rectify-document", "register");
    late.ask(&case, "register", &json!({})).await.good();
    let known = position(&office, &case).await;
    let mut browser = office.signed_in(OFFICER).await;
    let chosen = browser.get("/ledger?as_of=2020-04-16&clock=happened&stage=discovered").await.leads_to().to_owned();
    let pinned = chosen.strip_prefix("/ledger?stage=discovered&happened_by=2020-04-16&at_position=").unwrap();
    assert!(pinned.parse::<u64>().unwrap() >= known, "{chosen}");
    let text = of_past(&mut browser, &chosen).await.text();
    assert!(text.contains(&format!("截至 2020-04-16 已发生的状态 · 所知至第 {pinned} 号事件")), "{text}");
    assert!(
        text.contains("共 1 项") && text.contains("待登记") && text.contains("value=\"happened\" selected"),
        "{text}"
    );
    let as_of = format!("happened_by=2020-04-16&#38;at_position={pinned}");
    assert!(text.contains(&format!("href=\"/cases/{case}?{as_of}\"")) && text.contains("/ledger/export?"), "{text}");
    let shown = browser.page(&format!("/cases/{case}?{}", as_of.replace("&#38;", "&"))).await.text();
    assert!(shown.contains("class=\"replaying\"") && !shown.contains("/register\""));

    // What is written later does not change what was known.
    officer.report(&finding("二", "水库除险未完工", "623000")).await;
    assert!(of_past(&mut browser, &chosen).await.text().contains("共 1 项"));
    let again = browser.get("/overview?as_of=2020-04-18&clock=happened").await.leads_to().to_owned();
    let overview = of_past(&mut browser, &again).await.text();
    assert!(overview.contains("待登记") && overview.contains("待交办"), "{overview}");
    assert!(overview.contains("happened_by=2020-04-18&#38;at_position="), "{overview}");
    // Nothing of that was on record then.
    let recorded = of_past(&mut browser, "/ledger?as_of=2020-04-18&clock=recorded").await.text();
    assert!(recorded.contains("当时还没有事项。"), "{recorded}");
    let before = browser.get("/ledger?as_of=2020-04-14&clock=happened").await.leads_to().to_owned();
    assert!(of_past(&mut browser, &before).await.text().contains("当时还没有事项。"));
    assert_eq!(browser.get("/ledger?as_of=2020-04-20&clock=happened").await.leads_to(), "/ledger");
    for wrong in ["happened_by=2020-04-21", "happened_by=x", "happened_by=2020-04-18&at_position=99999"] {
        assert_eq!(browser.get(&format!("/ledger?{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn two_moments_of_the_ledger_show_what_entered_left_and_moved_on() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    let registered = position(&office, &case).await;
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let later = officer.report(&finding("二", "水库除险未完工", "623000")).await;
    let mut browser = office.signed_in(OFFICER).await;
    let then = of_past(&mut browser, &format!("/ledger?at_position={registered}")).await.text();
    assert!(then.contains(&format!("href=\"/ledger/compare?from_at={registered}\"")), "{then}");
    let text = of_past(&mut browser, &format!("/ledger/compare?from_at={registered}")).await.text();
    for said in [
        "新列入 · 共 1 项",
        "环节变动 · 共 1 项",
        "<td>待交办</td><td>待签收</td>",
        "牵头单位变动 · 共 1 项",
        "<td>无</td><td>州水务局</td>",
        "时限变动 · 共 1 项",
        "共 1 项、在办 1 项，超期 0 项",
        "共 2 项、在办 2 项，超期 0 项",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(text.contains(&case) && text.contains(&later) && !text.contains("不再列入"), "{text}");
    // A filter is asked of either moment: what no longer is so has left.
    let filtered = format!("/ledger/compare?from_at={registered}&stage=registered");
    let filtered = of_past(&mut browser, &filtered).await.text();
    assert!(filtered.contains("不再列入 · 共 1 项") && filtered.contains("只对照筛选出的事项。"), "{filtered}");
    assert!(filtered.contains(&format!("/cases/{case}?at_position={registered}")), "{filtered}");
    let same = format!("/ledger/compare?from_at={registered}&to_at={registered}");
    assert!(of_past(&mut browser, &same).await.text().contains("两个时点之间没有变化。"));

    // What was known of a day then, and what is known of it now.
    let asked = "/ledger/compare?from_on=2020-04-16&from_clock=recorded&to_on=2020-04-16&to_clock=happened&stage=";
    let leads = browser.get(asked).await.leads_to().to_owned();
    assert!(leads.starts_with("/ledger/compare?from_on=2020-04-16&to_by=2020-04-16&to_at="), "{leads}");
    let both = of_past(&mut browser, &leads).await.text();
    assert!(both.contains("新列入 · 共 2 项") && both.contains("<td>不在其中</td><td>待登记</td>"), "{both}");
    assert!(both.contains("截至 2020-04-16 的状态") && both.contains("截至 2020-04-16 已发生的状态"), "{both}");

    let chosen = browser.page("/ledger/compare").await.text();
    assert!(chosen.contains("name=\"from_on\"") && !chosen.contains("<table"), "{chosen}");
    for wrong in ["from_on=soon", "to_at=0", "from_on=2020-04-21"] {
        assert_eq!(browser.get(&format!("/ledger/compare?{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let mut english = browser.in_english();
    let english = of_past(&mut english, &format!("/ledger/compare?from_at={registered}")).await.text();
    assert!(english.contains("Two moments of the ledger") && english.contains("At another stage · "), "{english}");
}

#[tokio::test]
async fn nobody_compares_what_they_may_not_see_now() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let mut request = accusation("二", "养老机构克扣补助", "623023", COUNTY);
    request["details"] = json!({ "kind": "petition", "class": "request" });
    let petition = officer.report(&request).await;
    let open = officer.report(&finding("三", "低保审核超期", "623023")).await;
    let then = position(&office, &open).await;
    officer.ask(&petition, "register", &json!({})).await.good();
    // Only now it turns out to accuse the county.
    let accusing = accusation("二", "养老机构克扣补助", "623023", COUNTY);
    officer.ask(&petition, "amend", &json!({ "finding": accusing })).await.good();
    for query in [format!("from_at={then}"), "from_on=2020-04-14".to_owned()] {
        let address = format!("/ledger/compare?{query}");
        let mut county = office.signed_in(COUNTY_OFFICER).await;
        let kept = of_past(&mut county, &address).await.text();
        assert!(!kept.contains(&petition) && !kept.contains("养老机构"), "{kept}");
        assert!(kept.contains("共 1 项、"), "{kept}");
        let mut browser = office.signed_in(OFFICER).await;
        assert!(of_past(&mut browser, &address).await.text().contains(&petition));
    }
    assert_eq!(office.browser().get("/ledger/compare").await.status, StatusCode::SEE_OTHER);
}
