//! A case as of an earlier moment, by either clock.

use serde_json::{Value, json};

use crate::life::Hands;
use crate::office::{Office, WATER, id};

#[tokio::test]
async fn a_case_is_shown_as_of_a_position_an_instant_or_a_day_of_either_clock() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.officer.report(&crate::office::finding("一", "灌溉渠道渗漏", "623000")).await;
    // Registered on the 18th, as the register shows, and entered today.
    let late = hands.officer.with("rectify-happened", "2020-04-18").with("rectify-document", "register");
    late.ask(&case, "register", &json!({})).await.good();
    hands.officer.ask(&case, "assign", &crate::office::assignment(WATER)).await.good();
    hands.handler.ask(&case, "accept", &json!({ "unit": id(WATER) })).await.good();

    let history = hands.officer.get(&format!("/api/cases/{case}/events")).await.good();
    let events = history["events"].as_array().unwrap();
    let stage = async |query: &str| -> Value {
        let answer = hands.officer.get(&format!("/api/cases/{case}?{query}")).await;
        assert!(answer.headers.get("etag").is_none(), "{query}");
        let view = answer.good();
        assert_eq!(view["commands"], json!([]), "{query}");
        view["case"]["stage"].clone()
    };
    let absent = async |query: &str| {
        hands.officer.get(&format!("/api/cases/{case}?{query}")).await.problem(404, "not_yet");
    };

    // By position.
    for (event, expected) in events.iter().zip(["discovered", "registered", "assigned", "rectifying"]) {
        assert_eq!(stage(&format!("at_position={}", event["position"])).await, expected);
    }
    absent(&format!("at_position={}", events[0]["position"].as_u64().unwrap() - 1)).await;

    // By what was recorded: all on the 20th, and nothing before.
    assert_eq!(stage(&format!("as_of={}", events[2]["recorded"].as_str().unwrap())).await, "assigned");
    assert_eq!(stage("as_of=2020-04-20").await, "rectifying");
    absent("as_of=2020-04-19").await;

    // By what had happened: found on the 15th, registered on the 18th, the rest on the 20th.
    absent("happened_by=2020-04-14").await;
    assert_eq!(stage("happened_by=2020-04-15").await, "discovered");
    assert_eq!(stage("happened_by=2020-04-18").await, "registered");
    assert_eq!(stage("happened_by=2020-04-18T00:00:00Z").await, "registered");
    assert_eq!(stage("happened_by=2020-04-20").await, "rectifying");
    // By both.
    let first = events[0]["recorded"].as_str().unwrap();
    assert_eq!(stage(&format!("as_of={first}&happened_by=2020-04-20")).await, "discovered");

    let then = hands.officer.get(&format!("/api/cases/{case}/events?happened_by=2020-04-19")).await.good();
    assert_eq!((then["events"].as_array().unwrap().len(), &then["version"]), (2, &json!(2)));
    hands.officer.get(&format!("/api/cases/{case}?as_of=yesterday")).await.problem(400, "bad_request");
}

#[tokio::test]
async fn a_deadline_is_late_from_its_instant_on() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "易地搬迁房屋渗水").await;
    let view = hands.officer.get(&format!("/api/cases/{case}")).await.good();
    assert_eq!((&view["overdue"], &view["case"]["deadline"]["last_day"]), (&json!(false), &json!("2020-06-19")));
    // Nothing happened since, so the case then is the case now, and its deadline is over.
    for (day, overdue) in [("2020-06-18", false), ("2020-06-19T15:59:59Z", false), ("2020-06-19T16:00:00Z", true)] {
        let then = hands.officer.get(&format!("/api/cases/{case}?as_of={day}")).await.good();
        assert_eq!(then["overdue"], overdue, "{day}");
    }
}
