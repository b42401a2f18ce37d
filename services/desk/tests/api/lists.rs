//! Lists: conditions, orders, pages, search.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::life::Hands;
use crate::office::{CIVIL_AFFAIRS, COUNTY_OFFICER, HANDLER, OFFICER, Office, WATER, assignment, finding, id};

/// Lists are searched in Chinese, ordered, and cut into pages that lose nothing.
pub async fn searched_and_paged(office: &Office) {
    let officer = office.caller(OFFICER).await;
    let titles = ["饮水安全工程未通水", "危房改造资金滞留", "通村道路破损", "饮水水质不达标", "养老院消防不合格"];
    let mut cases = Vec::new();
    for (n, title) in titles.iter().enumerate() {
        let division = if n < 3 { "623000" } else { "623023" };
        let mut finding = finding(&n.to_string(), title, division);
        finding["text"] = json!(format!("{title}。"));
        let case = officer.report(&finding).await;
        officer.ask(&case, "register", &json!({})).await.good();
        cases.push(case);
    }
    officer.ask(&cases[0], "assign", &assignment(WATER)).await.good();
    officer.ask(&cases[4], "assign", &assignment(CIVIL_AFFAIRS)).await.good();
    office.indexed().await;

    let rows = async |query: &str| -> Vec<String> {
        let page = officer.get(&format!("/api/cases?{query}")).await.good();
        page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let which = |places: &[usize]| -> Vec<String> { places.iter().map(|place| cases[*place].clone()).collect() };
    assert_eq!(rows("sort=number").await, which(&[0, 1, 2, 3, 4]));
    assert_eq!(rows("sort=-number&stage=registered").await, which(&[3, 2, 1]));
    assert_eq!(rows("sort=number&text=饮水").await, which(&[0, 3]));
    assert_eq!(rows("text=饮水 安全").await, which(&[0]));
    assert_eq!(rows("text=不存在的词").await, which(&[]));
    assert_eq!(rows(&format!("unit={}", id(WATER))).await, which(&[0]));
    assert_eq!(rows("sort=number&division=623023").await, which(&[3, 4]));
    assert_eq!(rows("number=审计-2020-0003").await, which(&[2]));
    assert_eq!(rows("overdue=true").await, which(&[]));
    assert_eq!(rows("due_before=2020-07-01T00:00:00Z&sort=number").await, which(&[0, 4]));

    // Pages of two: each case once.
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = officer.get(&format!("/api/cases?sort=number&limit=2&total=true{cursor}")).await.good();
        assert_eq!(page["total"], 5);
        let ids = page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
        seen.extend(ids);
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, cases);

    // Everybody sees their own.
    let shown_to = async |person: u128| -> BTreeSet<String> {
        let page = office.caller(person).await.get("/api/cases").await.good();
        page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(shown_to(HANDLER).await, which(&[0]).into_iter().collect());
    assert_eq!(shown_to(COUNTY_OFFICER).await, which(&[3, 4]).into_iter().collect());
    let counts: Value = office.caller(HANDLER).await.get("/api/counts").await.good();
    assert_eq!((&counts["total"], &counts["by_lead"]), (&json!(1), &json!({ id(WATER): 1 })));
}

/// No text that somebody hands in stops the ledger, and none that is asked with is too much for it.
pub async fn shown_whatever_is_in_a_text(office: &Office) {
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水\u{1}安全", "623000")).await;
    // A NUL is refused wherever it stands: PostgreSQL keeps none.
    let with_one = json!({ "finding": finding("三", "饮水\0安全", "623000") });
    officer.post("/api/cases", &with_one).await.problem(422, "bad_body");
    officer.ask(&case, "add_note", &json!({ "text": "已与水务局\0联系" })).await.problem(422, "bad_body");
    let after = officer.report(&finding("二", "通村道路破损", "623000")).await;
    office.indexed().await;
    let page = officer.get("/api/cases?sort=-updated").await.good();
    let ids: Vec<&str> = page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&after, &case]);
    for query in ["text=%00", "text=饮水%00安全", "number=%00"] {
        officer.get(&format!("/api/cases?{query}")).await.good();
    }
    officer.get("/api/cases/%00-2020-0001").await.problem(404, "no_such_case");
    let label = json!({ "label": "a\0b" });
    officer.post("/api/tokens", &label).await.problem(422, "bad_body");
}

#[tokio::test]
async fn whatever_is_in_a_text_is_shown() {
    shown_whatever_is_in_a_text(&Office::open().await).await;
}

#[tokio::test]
async fn lists_are_searched_and_paged() {
    searched_and_paged(&Office::open().await).await;
}

#[tokio::test]
async fn what_may_be_the_same_and_what_belongs_together_is_listed() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let first = officer.report(&finding("一", "光伏收益分配不公", "623000")).await;
    let mut other = finding("一", "光伏收益未按时分配", "623000");
    other["reference"]["issuing_body"] = json!("国家审计署兰州特派办");
    let second = officer.report(&other).await;
    let found = officer.get(&format!("/api/cases/{first}/duplicates")).await.good();
    assert_eq!((&found[0]["ground"], &found[0]["case"]["id"]), (&json!("same_reference"), &json!(second)));

    officer.ask(&first, "link", &json!({ "other": second, "relation": "recurrence_of" })).await.good();
    let related = officer.get(&format!("/api/cases/{first}/related")).await.good();
    assert_eq!((&related[0]["tie"], &related[0]["case"]["id"]), (&json!("earlier_occurrence"), &json!(second)));
    let related = officer.get(&format!("/api/cases/{second}/related")).await.good();
    assert_eq!((&related[0]["tie"], &related[0]["case"]["id"]), (&json!("recurrence"), &json!(first)));
}

#[tokio::test]
async fn what_waits_is_told_to_whoever_can_do_it_the_most_urgent_first() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let mut cases = Vec::new();
    for (item, days) in [("一", 60), ("二", 30)] {
        let case = officer.report(&finding(item, "饮水安全工程未通水", "623000")).await;
        officer.ask(&case, "register", &json!({})).await.good();
        let term = json!({ "ends": { "after": { "calendar": days } } });
        let assignment = json!({ "leads": [id(WATER)], "goal": "限期整改到位", "term": term });
        officer.ask(&case, "assign", &assignment).await.good();
        cases.push(case);
    }
    let found = officer.report(&finding("三", "通村道路破损", "623000")).await;

    let waits = |n: u64| json!({ "cases": n, "overdue": 0 });
    let handler = office.caller(HANDLER).await;
    let waiting = handler.get("/api/waiting").await.good();
    assert_eq!(waiting["counts"]["all"], waits(2));
    assert_eq!(waiting["counts"]["by_act"], json!({ "accept": waits(2) }));
    let rows = waiting["cases"]["rows"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| &row["id"]).collect::<Vec<_>>(), [&cases[1], &cases[0]]);
    assert_eq!(rows[0]["waits"], json!([{ "act": "accept", "unit": id(WATER) }]));

    let first = handler.get("/api/waiting?limit=1").await.good();
    let next = first["cases"]["next"].as_str().unwrap();
    let last = handler.get(&format!("/api/waiting?limit=1&cursor={next}")).await.good();
    assert_eq!((&last["cases"]["rows"][0]["id"], &last["cases"]["next"]), (&json!(cases[0]), &Value::Null));

    let of_the_office = officer.get("/api/waiting?act=register").await.good();
    assert_eq!(of_the_office["cases"]["rows"][0]["id"], json!(found));
    let others = officer.get("/api/waiting?act=accept").await.good();
    assert_eq!((&others["counts"]["all"], &others["cases"]["rows"]), (&waits(1), &json!([])));
    officer.get("/api/waiting?act=sleep").await.problem(400, "bad_request");
}

#[tokio::test]
async fn the_overview_tells_of_a_year_and_of_what_everybody_sees() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "饮水安全工程未通水").await;
    let evidence = hands.reported(&case, "验收单.txt").await;
    hands.closed(&case, &evidence).await.good();
    hands.accepted("二", "通村道路破损").await;

    let overview = hands.officer.get("/api/overview").await.good();
    assert_eq!((&overview["year"], &overview["registered"], &overview["closed"]), (&json!(2020), &json!(2), &json!(1)));
    assert_eq!(overview["counts"]["by_stage"], json!({ "rectifying": 1, "closed": 1 }));
    assert_eq!((&overview["median_days"], &overview["ever_closed"]), (&json!(5), &json!(1)));
    assert_eq!(overview["leads"][id(WATER)]["by_stage"], json!({ "rectifying": 1, "closed": 1 }));
    let months = overview["months"].as_array().unwrap();
    assert_eq!((months.len(), &months[11]["first"], &months[11]["closed"]), (12, &json!("2020-04-01"), &json!(1)));

    let earlier = hands.officer.get("/api/overview?year=2019").await.good();
    assert_eq!((&earlier["year"], &earlier["registered"], &earlier["closed"]), (&json!(2019), &json!(0), &json!(0)));
    let county = office.caller(COUNTY_OFFICER).await.get("/api/overview").await.good();
    assert_eq!((&county["counts"]["total"], &county["registered"]), (&json!(0), &json!(0)));
    hands.officer.get("/api/overview?year=later").await.problem(400, "bad_request");
}
