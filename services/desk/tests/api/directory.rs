//! The directory, as everybody reads it and an administrator changes it.

use serde_json::json;

use crate::client::fresh_key;
use crate::life::Hands;
use crate::office::{
    ADMINISTRATOR, CIVIL_HANDLER, COUNTY, HANDLER, OFFICER, Office, PREFECTURE, SECOND_OFFICER, WATER, finding, id,
};

#[tokio::test]
async fn an_administrator_adds_units_people_and_roles_and_they_are_in_force_at_once() {
    let office = Office::open().await;
    let admin = office.caller(ADMINISTRATOR).await;
    let unit = json!({ "name": "州住建局", "kind": "department", "parent": id(PREFECTURE), "division": "623000" });
    let added = admin.post("/api/directory/units", &unit).await;
    assert_eq!(added.status, 201);
    let unit_id = added.good()["event"]["data"]["id"].as_str().unwrap().to_owned();
    let person = admin.post("/api/directory/people", &json!({ "name": " 何住建 " })).await.good();
    assert_eq!(
        person["event"],
        json!({ "type": "person_added", "data": { "person": person["event"]["data"]["person"], "name": "何住建" } })
    );
    let person = person["event"]["data"]["person"].as_str().unwrap().to_owned();
    let role = json!({ "person": person, "unit": unit_id, "role": "handler" });
    admin.post("/api/directory/roles", &role).await.good();
    admin.post("/api/directory/roles", &role).await.problem(422, "same_as_before");

    let token = admin.post("/api/tokens", &json!({ "person": person, "label": "办公室" })).await.good();
    let caller = crate::client::Caller { token: token["token"].as_str().unwrap().to_owned(), ..admin.clone() };
    assert_eq!(caller.get("/api/me").await.good()["holdings"][0]["unit"], json!(unit_id));
    let directory = caller.get("/api/directory").await.good();
    let shown = directory["units"].as_array().unwrap().iter().find(|unit| unit["id"] == json!(unit_id)).unwrap();
    assert_eq!((&shown["name"], &shown["abolished"]), (&json!("州住建局"), &json!(false)));
    assert!(directory["sources"].as_array().unwrap().iter().any(|source| source["code"] == "petition"));

    let end = json!({ "person": person, "unit": unit_id, "role": "handler" });
    admin.post("/api/directory/roles/end", &end).await.good();
    admin.post("/api/directory/roles/end", &end).await.problem(422, "not_held");
    assert_eq!(caller.get("/api/me").await.good()["holdings"], json!([]));

    let path = format!("/api/directory/units/{unit_id}");
    let renamed =
        json!({ "name": "州住房和城乡建设局", "kind": "department", "parent": id(PREFECTURE), "division": "623000" });
    assert_eq!(admin.put(&path, &renamed).await.good()["event"]["type"], "unit_changed");
    admin.post(&format!("{path}/abolish"), &json!({ "successor": id(WATER) })).await.good();
    admin.post(&format!("{path}/abolish"), &json!({})).await.problem(422, "same_as_before");
    admin.post("/api/directory/roles", &role).await.problem(422, "unknown_unit");
}

#[tokio::test]
async fn nobody_else_changes_it_and_what_makes_no_sense_is_refused() {
    let office = Office::open().await;
    let (admin, officer) = (office.caller(ADMINISTRATOR).await, office.caller(OFFICER).await);
    officer.post("/api/directory/people", &json!({ "name": "自己" })).await.problem(403, "not_administrator");
    let taken = json!({ "person": id(OFFICER), "name": "又一人" });
    admin.post("/api/directory/people", &taken).await.problem(409, "already_there");
    admin.post("/api/directory/people", &json!({ "name": " " })).await.problem(422, "text_missing");

    let below = json!({ "name": "舟曲县", "kind": "county", "parent": id(5), "division": "623023" });
    admin.put(&format!("/api/directory/units/{}", id(COUNTY)), &below).await.problem(422, "loop_in_tree");
    admin.put(&format!("/api/directory/units/{}", id(999)), &below).await.problem(404, "no_such_unit");
    let source = json!({ "code": "sweep", "name": "自查排查", "prefix": "自-查", "intake": "inspection", "severity": "ordinary" });
    admin.post("/api/directory/sources", &source).await.problem(422, "bad_prefix");
    for prefix in ["自\u{7}查", "自查自查自查自查自查自查自查自查自查自查自"] {
        let mut source = source.clone();
        source["prefix"] = json!(prefix);
        admin.post("/api/directory/sources", &source).await.problem(422, "bad_prefix");
    }

    let grant = |person: u128, role: &str| json!({ "person": id(person), "unit": id(PREFECTURE), "role": role });
    admin.post("/api/directory/roles", &grant(OFFICER, "administrator")).await.problem(422, "administrator_apart");
    admin.post("/api/directory/roles", &grant(ADMINISTRATOR, "officer")).await.problem(422, "administrator_apart");
    let mut past = grant(OFFICER, "auditor");
    past["from"] = json!("2019-01-01T00:00:00Z");
    admin.post("/api/directory/roles", &past).await.problem(422, "in_the_past");
    past["from"] = json!("2021-01-01T00:00:00Z");
    past["until"] = json!("2020-12-01T00:00:00Z");
    admin.post("/api/directory/roles", &past).await.problem(422, "ends_before_it_begins");

    let (key, body) = (fresh_key(), json!({ "name": "同一人" }));
    let headers = [("idempotency-key", key.as_str())];
    let first = admin.post_with("/api/directory/people", &headers, &body).await.good();
    let again = admin.post_with("/api/directory/people", &headers, &body).await.good();
    assert_eq!((&again["event"], &again["repeated"]), (&first["event"], &json!(true)));
    admin.post_with("/api/directory/people", &headers, &json!({ "name": "另一人" })).await.problem(422, "key_reused");
    admin.post_with("/api/directory/people", &[], &body).await.problem(428, "idempotency_key_missing");
}

#[tokio::test]
async fn a_delegation_lends_a_capacity_while_it_lasts() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.officer.report(&finding("一", "低保核查不细", "623000")).await;
    let civil = office.caller(CIVIL_HANDLER).await;
    let delegation =
        json!({ "person": id(CIVIL_HANDLER), "on_behalf_of": id(OFFICER), "until": "2020-05-01T00:00:00Z" });
    office
        .caller(HANDLER)
        .await
        .post("/api/directory/delegations", &delegation)
        .await
        .problem(403, "not_your_delegation");
    hands.officer.post("/api/directory/delegations", &delegation).await.good();
    assert_eq!(civil.get("/api/me").await.good()["delegations"][0]["on_behalf_of"], id(OFFICER));

    let lent = civil.with("rectify-on-behalf-of", &id(OFFICER));
    civil.get(&format!("/api/cases/{case}")).await.problem(404, "no_such_case");
    let done = lent.ask(&case, "register", &json!({})).await.good();
    let who = &done["events"][0]["who"];
    assert_eq!((&who["person"], &who["on_behalf_of_name"]), (&json!(id(CIVIL_HANDLER)), &json!("马经办")));
    assert_eq!(lent.get("/api/cases").await.good()["rows"][0]["id"], json!(case));

    let end = json!({ "person": id(CIVIL_HANDLER), "on_behalf_of": id(OFFICER) });
    hands.officer.post("/api/directory/delegations/end", &end).await.good();
    lent.get(&format!("/api/cases/{case}")).await.problem(403, "not_delegated");
    let oneself = json!({ "person": id(OFFICER), "on_behalf_of": id(OFFICER), "until": "2020-05-01T00:00:00Z" });
    hands.officer.post("/api/directory/delegations", &oneself).await.problem(422, "for_oneself");
    let other = json!({ "person": id(HANDLER), "on_behalf_of": id(SECOND_OFFICER), "until": "2020-05-01T00:00:00Z" });
    let admin = office.caller(ADMINISTRATOR).await;
    admin.post("/api/directory/delegations", &other).await.good();
}

#[tokio::test]
async fn the_ledger_is_folded_anew_at_an_administrators_word() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    hands.accepted("一", "农机补贴重复发放").await;
    let before = hands.officer.get("/api/cases?total=true").await.good();
    hands.officer.post("/api/admin/rebuild", &json!({})).await.problem(403, "not_administrator");
    let admin = office.caller(ADMINISTRATOR).await;
    assert_eq!(admin.get("/api/admin/rebuild").await.good()["standing"], "none");
    assert_eq!(admin.post("/api/admin/rebuild", &json!({})).await.status, 202);
    let ended = async || admin.get("/api/admin/rebuild").await.good()["standing"] != "under_way";
    rectify_tests::until(std::time::Duration::from_secs(30), "the rebuild ends", ended).await;
    let rebuilt = admin.get("/api/admin/rebuild").await.good();
    assert_eq!((&rebuilt["standing"], &rebuilt["folded"]), (&json!("done"), &rebuilt["head"]));
    assert_eq!(hands.officer.get("/api/cases?total=true").await.good(), before);
    let later = hands.officer.report(&finding("二", "农机补贴超标准", "623000")).await;
    assert_eq!(hands.officer.get("/api/cases").await.good()["rows"][0]["id"], json!(later));
}
