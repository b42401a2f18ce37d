//! What the office should ask about: seen from what was done, by the office alone.

use serde_json::json;

use crate::life::Hands;
use crate::office::{ADMINISTRATOR, COUNTY_OFFICER, HANDLER, Office, WATER, id};

#[tokio::test]
async fn what_should_be_asked_about_is_told_to_the_office_and_to_nobody_else() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "饮水安全工程未通水").await;
    let evidence = hands.reported(&case, "2020-04-01 验收单.txt").await;
    hands.closed(&case, &evidence).await.good();

    let told = hands.officer.get("/api/signals").await.good();
    let kinds: Vec<&str> =
        told["kinds"].as_array().unwrap().iter().map(|page| page["kind"].as_str().unwrap()).collect();
    let all = ["on_deadline", "same_photograph", "older_evidence", "month_end", "same_words", "soon_verified"];
    assert_eq!(kinds, all);
    let of = |kind: &str| told["kinds"].as_array().unwrap().iter().find(|page| page["kind"] == kind).unwrap().clone();
    // The clock of the tests goes on by seconds: it was verified at once. The file's name tells a day before the finding's.
    let soon = &of("soon_verified")["signals"][0]["traces"][0];
    assert_eq!(
        (&soon["case"], &soon["event"], &soon["number"]),
        (&json!(case), &json!("level_passed"), &json!("审计-2020-0001"))
    );
    assert!(
        soon["seconds"].as_u64().unwrap() < 900 && soon["report"].as_u64().unwrap() < soon["version"].as_u64().unwrap()
    );
    let older = &of("older_evidence")["signals"][0]["traces"][0];
    assert_eq!((&older["digest"], &older["unit"]), (&evidence["digest"], &json!(id(WATER))));
    assert_eq!((&older["other_day"], &older["discovered"]), (&json!("2020-04-01"), &json!("2020-04-15")));
    for kind in ["on_deadline", "same_photograph", "month_end", "same_words"] {
        assert_eq!(of(kind)["signals"], json!([]), "{kind}");
    }

    let one = hands.officer.get("/api/signals?kind=soon_verified&limit=1").await.good();
    assert_eq!(one["kinds"].as_array().unwrap().len(), 1);
    let before = format!("/api/signals?kind=soon_verified&before={}", soon["position"]);
    assert_eq!(hands.officer.get(&before).await.good()["kinds"][0]["signals"], json!([]));
    for query in ["kind=guilty", "limit=101", "before=-1"] {
        hands.officer.get(&format!("/api/signals?{query}")).await.problem(400, "bad_request");
    }

    // Another county's office sees nothing of it, and whoever reports or administers finds no such address.
    let other = office.caller(COUNTY_OFFICER).await.get("/api/signals").await.good();
    assert!(other["kinds"].as_array().unwrap().iter().all(|page| page["signals"] == json!([])), "{other}");
    for person in [HANDLER, ADMINISTRATOR] {
        office.caller(person).await.get("/api/signals").await.problem(404, "not_found");
    }
    let as_handler = hands.officer.with("rectify-role", "handler");
    assert_eq!(as_handler.get("/api/signals").await.status, 404);
}
