//! What every write promises: a key, a version, one answer.

use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::client::fresh_key;
use crate::life::Hands;
use crate::office::{HANDLER, OFFICER, Office, finding};

#[tokio::test]
async fn the_same_key_has_the_same_answer_and_other_content_is_refused() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let key = fresh_key();
    let body = json!({ "finding": finding("一", "道路损毁未修", "623000") });
    let first = officer.post_with("/api/cases", &[("idempotency-key", &key)], &body).await;
    assert_eq!(first.status, 201);
    let case = first.good()["case"].as_str().unwrap().to_owned();
    assert_eq!(first.headers["location"], format!("/api/cases/{case}"));
    let again = officer.post_with("/api/cases", &[("idempotency-key", &key)], &body).await.good();
    assert_eq!((&again["repeated"], &again["events"]), (&json!(true), &first.good()["events"]));
    let other = json!({ "finding": finding("二", "道路损毁未修", "623000") });
    officer.post_with("/api/cases", &[("idempotency-key", &key)], &other).await.problem(422, "key_reused");

    let (key, path) = (fresh_key(), format!("/api/cases/{case}/register"));
    let headers = [("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
    let first = officer.post_with(&path, &headers, &json!({})).await.good();
    // By now the version has moved on, and still the first answer is the answer.
    let again = officer.post_with(&path, &headers, &json!({})).await.good();
    assert_eq!((&again["number"], &again["version"], &again["repeated"]), (&first["number"], &json!(2), &json!(true)));
    officer.post_with(&path, &headers, &json!({ "severity": "grave" })).await.problem(422, "key_reused");

    // Everybody has keys of their own.
    let second = office.caller(crate::office::SECOND_OFFICER).await;
    second.post_with(&path, &headers, &json!({})).await.problem(412, "stale_version");
}

#[tokio::test]
async fn whoever_saw_an_older_version_is_told_what_happened_since() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "危房改造资金滞留").await;
    let stale = [("idempotency-key", fresh_key()), ("if-match", "\"2\"".to_owned())];
    let headers: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = format!("/api/cases/{case}/press");
    let answer = hands.officer.post_with(&path, &headers, &json!({ "message": "请尽快办理" })).await;
    let problem = answer.problem(412, "stale_version");
    assert_eq!(problem["version"], 4);
    assert_eq!(answer.headers["etag"], "\"4\"");
    let since: Vec<&str> = problem["since"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(since, ["assigned", "accepted"]);

    // A source may hand in more about a case, and still reads nothing of it.
    let source = office.caller(crate::office::SOURCE).await;
    let path = format!("/api/cases/{case}/amend");
    let amended = json!({ "finding": finding("一", "危房改造资金滞留两年", "623000") });
    let problem = source.post_with(&path, &headers, &amended).await.problem(412, "stale_version");
    assert_eq!((&problem["version"], problem.get("since")), (&json!(4), None));
    source.get(&format!("/api/cases/{case}")).await.problem(404, "no_such_case");
}

#[tokio::test]
async fn a_write_without_key_or_version_is_not_begun() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "台账不实", "623000")).await;
    let path = format!("/api/cases/{case}/register");
    officer.post_with(&path, &[("if-match", "\"1\"")], &json!({})).await.problem(428, "idempotency_key_missing");
    let key = fresh_key();
    officer.post_with(&path, &[("idempotency-key", &key)], &json!({})).await.problem(428, "if_match_missing");
    let bad = [("idempotency-key", "two words"), ("if-match", "\"1\"")];
    officer.post_with(&path, &bad, &json!({})).await.problem(400, "bad_idempotency_key");
    let bad = [("idempotency-key", key.as_str()), ("if-match", "one")];
    officer.post_with(&path, &bad, &json!({})).await.problem(400, "bad_request");
    let version = officer.get(&format!("/api/cases/{case}")).await.good()["case"]["version"].clone();
    assert_eq!(version, 1);
}

#[tokio::test]
async fn an_act_entered_late_names_its_day_and_its_document() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.officer.report(&finding("一", "扶贫车间闲置", "623000")).await;
    let late = hands.officer.with("rectify-happened", "2020-04-18");
    late.ask(&case, "register", &json!({})).await.problem(422, "late_entry_without_document");
    let late = late.with("rectify-document", "%E7%99%BB%E8%AE%B0%E7%B0%BF");
    let done = late.ask(&case, "register", &json!({})).await.good();
    let event = &done["events"][0];
    assert_eq!(
        (&event["happened"], &event["late"], &event["document"]),
        (&json!("2020-04-18"), &json!(true), &json!("登记簿"))
    );
    hands
        .handler
        .with("rectify-document", "x")
        .ask(&case, "add_note", &json!({ "text": "已知" }))
        .await
        .problem(422, "bad_body");
}

#[tokio::test]
async fn what_cannot_be_read_is_a_bad_request_and_what_is_not_wanted_is_not_taken() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let headers = [("idempotency-key", "k"), ("content-type", "application/json")];
    officer.send(Method::POST, "/api/cases", &headers, Body::from("{")).await.problem(400, "bad_request");
    officer.post("/api/cases", &json!({ "finding": 1 })).await.problem(422, "bad_body");
    let text = [("idempotency-key", "k"), ("content-type", "text/plain")];
    officer.send(Method::POST, "/api/cases", &text, Body::from("{}")).await.problem(415, "unsupported_type");
    officer.send(Method::DELETE, "/api/cases", &[], Body::empty()).await.problem(405, "method_not_allowed");
    officer.get("/api/nothing").await.problem(404, "not_found");
    officer.get("/api/cases?stage=sleeping").await.problem(400, "bad_request");
    officer.get("/api/cases?stagee=closed").await.problem(400, "bad_request");
    officer.get("/api/cases?cursor=x").await.problem(400, "bad_request");
    officer.with("rectify-unit", "x").get("/api/cases").await.problem(400, "bad_request");
    let handler = office.caller(HANDLER).await;
    handler
        .with("rectify-on-behalf-of", &crate::office::id(OFFICER))
        .get("/api/cases")
        .await
        .problem(403, "not_delegated");
}
