//! Everything that is refused, with its status and code, in both languages.

use serde_json::json;

use crate::client::Caller;
use crate::life::Hands;
use crate::office::{CIVIL_HANDLER, COUNTY_OFFICER, OFFICER, Office, WATER, assignment, finding, id};

#[tokio::test]
async fn nobody_without_a_good_token_gets_in() {
    let office = Office::open().await;
    let stranger = office.stranger();
    let answer = stranger.get("/api/cases").await;
    answer.problem(401, "unauthenticated");
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    stranger
        .post("/api/cases", &json!({ "finding": finding("一", "不实", "623000") }))
        .await
        .problem(401, "unauthenticated");
    let forged = Caller { token: format!("rct_{}", "0".repeat(64)), ..stranger };
    forged.get("/api/me").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_token_is_made_shown_once_and_taken_back() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let issued = officer.post("/api/tokens", &json!({ "label": "报表" })).await.good();
    let own = Caller { token: issued["token"].as_str().unwrap().to_owned(), ..officer.clone() };
    assert_eq!(own.get("/api/me").await.good()["name"], "马经办");
    let listed = own.get("/api/tokens").await.good();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(listed.as_array().unwrap().iter().all(|token| token.get("token").is_none()));

    let other = office.caller(CIVIL_HANDLER).await;
    let path = format!("/api/tokens/{}", issued["id"].as_str().unwrap());
    let take_back =
        async |caller: &Caller| caller.send(axum::http::Method::DELETE, &path, &[], axum::body::Body::empty()).await;
    take_back(&other).await.problem(404, "no_such_token");
    other.post("/api/tokens", &json!({ "label": "x", "person": id(OFFICER) })).await.problem(403, "not_your_token");
    assert_eq!(take_back(&officer).await.status, 204);
    own.get("/api/me").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn what_is_forbidden_hidden_at_the_wrong_stage_or_against_a_rule_is_told_apart() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "项目进度滞后").await;

    // 403: the role may not.
    hands.handler.ask(&case, "close", &json!({})).await.problem(403, "role_may_not");
    // 404: the case is another's. It is answered as one that does not exist.
    let civil = office.caller(CIVIL_HANDLER).await;
    let hidden = civil.ask(&case, "accept", &json!({ "unit": id(WATER) })).await;
    let absent = civil.ask(&id(999), "accept", &json!({ "unit": id(WATER) })).await;
    hidden.problem(404, "no_such_case");
    assert_eq!(hidden.bytes, absent.bytes);
    civil.get("/api/cases/审计-2020-0001").await.problem(404, "no_such_case");
    civil.get("/api/cases/nonsense").await.problem(404, "no_such_case");
    // 409: not at this stage.
    hands.officer.ask(&case, "register", &json!({})).await.problem(409, "wrong_stage");
    // 422: the rules, each with its code.
    let report = json!({ "unit": id(WATER), "outcome": { "kind": "rectified" }, "account": " " });
    hands.handler.ask(&case, "report_completion", &report).await.problem(422, "text_missing");
    let more = json!({ "unit": id(WATER), "outcome": { "kind": "rectified" }, "account": "已修", "fixed": { "households": 13 } });
    hands.handler.ask(&case, "report_completion", &more).await.problem(422, "fixed_exceeds_found");

    // Rule 1 and 2, as far as one case shows them.
    let evidence = hands.reported(&case, "验收单.txt").await;
    let digest = evidence["digest"].as_str().unwrap();
    let passing = |relied_on: serde_json::Value| json!({ "level": 0, "relied_on": relied_on, "opinion": "同意" });
    hands.second.ask(&case, "pass_level", &passing(json!([]))).await.problem(422, "evidence_not_named");
    let unopened = hands.second.ask(&case, "pass_level", &passing(json!([digest]))).await;
    let problem = unopened.problem(422, "evidence_not_opened");
    assert!(problem["detail"].as_str().unwrap().contains(digest));
    let partly = {
        hands.second.get(&format!("/api/cases/{case}/evidence/{digest}")).await;
        hands.second.ask(&case, "pass_level", &passing(json!([digest]))).await.good();
        hands.second.ask(&case, "close", &json!({})).await
    };
    let problem = partly.problem(422, "closer_verified");
    let codes: Vec<&str> =
        problem["refusals"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["closer_verified", "still_outstanding"]);
}

#[tokio::test]
async fn problems_are_told_in_chinese_unless_english_is_preferred() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let chinese = officer.get("/api/cases/x").await;
    assert_eq!(chinese.problem(404, "no_such_case")["title"], "没有这个事项。");
    assert_eq!(chinese.headers["content-language"], "zh-CN");
    let english = officer.with("accept-language", "en-GB,en;q=0.9,zh;q=0.1").get("/api/cases/x").await;
    assert_eq!(english.problem(404, "no_such_case")["title"], "There is no such case.");
    assert_eq!(english.headers["content-language"], "en");

    let case = officer.report(&finding("一", "账目不清", "623000")).await;
    let early = |caller: Caller| async move { caller.ask(&case, "close", &json!({})).await };
    let english = early.clone()(officer.with("accept-language", "en")).await.problem(409, "wrong_stage");
    assert_eq!(english["title"], "The case is not in a stage where this can be done.");
    assert_eq!(early(officer).await.problem(409, "wrong_stage")["title"], "该事项目前所处环节不能进行此操作。");
}

#[tokio::test]
async fn whoever_could_act_in_two_capacities_says_which() {
    let office = Office::open().await;
    let admin = office.caller(crate::office::ADMINISTRATOR).await;
    let grant = json!({ "person": id(OFFICER), "unit": id(crate::office::COUNTY_OFFICE), "role": "officer" });
    admin.post("/api/directory/roles", &grant).await.good();
    let officer = office.caller(OFFICER).await;
    let case = officer
        .with("rectify-unit", &id(crate::office::PREFECTURE_OFFICE))
        .report(&finding("一", "漏报", "623023"))
        .await;
    let problem = officer.ask(&case, "register", &json!({})).await.problem(422, "which_capacity");
    let units: Vec<&str> =
        problem["capacities"].as_array().unwrap().iter().map(|c| c["unit_name"].as_str().unwrap()).collect();
    assert_eq!(units, ["州整改办", "舟曲县整改办"]);
    let done =
        officer.with("rectify-unit", &id(crate::office::COUNTY_OFFICE)).ask(&case, "register", &json!({})).await.good();
    assert_eq!(done["number"], "舟曲-审计-2020-0001");
    // And no more than the capacity allows: the county's officer assigns in the county.
    let county = office.caller(COUNTY_OFFICER).await;
    county.ask(&case, "assign", &assignment(WATER)).await.good();
}
