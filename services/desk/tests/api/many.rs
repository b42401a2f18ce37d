//! Many commands at once.

use serde_json::{Value, json};

use crate::client::fresh_key;
use crate::office::{OFFICER, Office, finding};

#[tokio::test]
async fn each_of_many_is_decided_alone_and_answered_in_its_place() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let first = officer.report(&finding("一", "公益林补助未兑付", "623000")).await;
    let second = officer.report(&finding("二", "草原奖补面积不实", "623023")).await;
    let register = |case: &str| json!({ "case": case, "command": "register", "if_match": 1 });
    let commands = json!({ "commands": [
        register(&first),
        { "case": first, "command": "add_note", "data": { "text": "已登记，待交办" } },
        { "case": "审计-2020-9999", "command": "register" },
        { "case": first, "command": "dance" },
        { "case": second, "command": "register", "if_match": 7 },
        register(&second),
        { "case": second, "command": "register" },
    ] });
    let key = fresh_key();
    let headers = [("idempotency-key", key.as_str())];
    let results = officer.post_with("/api/bulk", &headers, &commands).await.good();
    let status = |results: &Value| -> Vec<u64> {
        results["results"].as_array().unwrap().iter().map(|r| r["status"].as_u64().unwrap()).collect()
    };
    assert_eq!(status(&results), [200, 200, 404, 422, 412, 200, 409]);
    // Different cases are worked on at the same time, so either may have been numbered first.
    let number = |place: usize| results["results"][place]["answer"]["number"].as_str().unwrap().to_owned();
    let mut numbers = [number(0), number(5)];
    numbers.sort();
    assert_eq!(numbers, ["审计-2020-0001", "审计-2020-0002"]);
    assert_eq!(results["results"][0]["answer"]["listed"], true);
    assert_eq!(results["results"][4]["problem"]["version"], 1);

    // The same request again does nothing more.
    let head = office.desk.frame.log.head().await.unwrap();
    let again = officer.post_with("/api/bulk", &headers, &commands).await.good();
    assert_eq!(status(&again), [200, 200, 404, 422, 412, 200, 409]);
    assert!(again["results"][0]["answer"]["repeated"].as_bool().unwrap());
    assert_eq!(office.desk.frame.log.head().await.unwrap(), head);
    let other = json!({ "commands": [{ "case": first, "command": "add_note", "data": { "text": "另一件事" } }] });
    let refused = officer.post_with("/api/bulk", &headers, &other).await.good();
    assert_eq!(refused["results"][0]["problem"]["code"], "key_reused");

    officer.post_with("/api/bulk", &[], &commands).await.problem(428, "idempotency_key_missing");
    let many: Vec<Value> = (0..1001).map(|_| register(&first)).collect();
    officer.post("/api/bulk", &json!({ "commands": many })).await.problem(413, "too_large");
}
