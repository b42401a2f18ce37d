//! An accusation is nowhere for whom it accuses.

use axum::body::Body;
use axum::http::Method;
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::client::Caller;
use crate::following::Following;
use crate::life::Hands;
use crate::office::{COUNTY, COUNTY_OFFICER, Office, accusation, finding, id};

/// An accusation against a county is seen by the prefecture's officer, and nowhere by the county's.
pub async fn nowhere_for_whom_it_accuses(office: &Office) {
    let hands = Hands::of(office).await;
    let county = office.caller(COUNTY_OFFICER).await;
    let mut news = Following::open(&county, Some(0)).await;

    let accused = hands.officer.report(&accusation("七", "虚报危房改造户数", "623023", COUNTY)).await;
    let number =
        hands.officer.ask(&accused, "register", &json!({})).await.good()["number"].as_str().unwrap().to_owned();
    let evidence = hands.officer.upload(&accused, "举报信.txt", "虚报十户").await.good();
    let file = json!({ "unit": id(crate::office::PREFECTURE_OFFICE), "evidence": evidence });
    hands.officer.ask(&accused, "file_evidence", &file).await.good();
    // The same text from an audit, which the county does see.
    let mut alike = finding("八", "虚报危房改造户数", "623023");
    alike["text"] = accusation("七", "虚报危房改造户数", "623023", COUNTY)["text"].clone();
    let open = hands.officer.report(&alike).await;
    hands.officer.ask(&open, "register", &json!({})).await.good();

    // Direct: the same answer as for what does not exist, byte for byte.
    let digest = evidence["digest"].as_str().unwrap();
    for rest in ["", "/events", "/related", "/duplicates", "?as_of=2020-04-20", &format!("/evidence/{digest}")] {
        let hidden = county.get(&format!("/api/cases/{accused}{rest}")).await;
        let absent = county.get(&format!("/api/cases/{}{rest}", id(999))).await;
        hidden.problem(404, "no_such_case");
        assert_eq!(hidden.bytes, absent.bytes, "{rest}");
        assert_eq!(county.get(&format!("/api/cases/{number}{rest}")).await.bytes, absent.bytes, "{rest}");
        assert_eq!(hands.officer.get(&format!("/api/cases/{accused}{rest}")).await.status, 200, "{rest}");
    }
    let note = json!({ "text": "看一看" });
    county.ask(&accused, "add_note", &note).await.problem(404, "no_such_case");
    county.upload(&accused, "材料.txt", "x").await.problem(404, "no_such_case");
    let one = json!({ "commands": [{ "case": number, "command": "add_note", "data": note }] });
    let results = county.post("/api/bulk", &one).await.good();
    assert_eq!(results["results"][0]["problem"]["code"], "no_such_case");
    let followed = county.send(Method::GET, &format!("/api/events?case={number}"), &[], Body::empty()).await;
    followed.problem(404, "no_such_case");

    // Reported again: the same answer as for any case that is there and not theirs.
    let elsewhere = hands.officer.report(&finding("九", "水库除险未完工", "623000")).await;
    let again = async |finding: Value| county.post("/api/cases", &json!({ "finding": finding })).await;
    let walled = again(accusation("七", "虚报危房改造户数", "623023", COUNTY)).await;
    walled.problem(409, "wrong_stage");
    assert_eq!(walled.bytes, again(finding("九", "水库除险未完工", "623000")).await.bytes);
    county.get(&format!("/api/cases/{elsewhere}")).await.problem(404, "no_such_case");

    // Lists, searches, counts.
    let ids = async |caller: &Caller, query: &str| -> Vec<Value> {
        let page = caller.get(&format!("/api/cases?total=true&{query}")).await.good();
        let rows: Vec<Value> = page["rows"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        assert_eq!(page["total"], rows.len());
        rows
    };
    let counted = async |caller: &Caller| caller.get("/api/counts").await.good();
    office.indexed().await;
    for query in ["", "text=危房改造", "source=petition,audit", "stage=registered", "division=623023"] {
        assert_eq!(ids(&county, query).await, [json!(open)], "{query}");
        let all = ids(&hands.officer, query).await;
        assert!(all.contains(&json!(accused)) && all.contains(&json!(open)), "{query}");
    }
    assert_eq!(ids(&county, &format!("number={number}")).await, [] as [Value; 0]);
    let (theirs, all) = (counted(&county).await, counted(&hands.officer).await);
    assert_eq!((&theirs["total"], &theirs["by_source"]), (&json!(1), &json!({ "audit": 1 })));
    assert_eq!((&all["total"], &all["by_source"]), (&json!(3), &json!({ "audit": 2, "petition": 1 })));

    // Duplicates and links: nothing that the county sees points there.
    assert_eq!(county.get(&format!("/api/cases/{open}/duplicates")).await.good(), json!([]));
    let link = json!({ "other": accused, "relation": "similar_to" });
    hands.officer.ask(&open, "link", &link).await.problem(422, "would_reveal_accusation");

    // News: only of the other case.
    let seen = news.until(|event| event["type"] == "registered" && event["case"] == json!(open)).await;
    assert!(seen.iter().all(|event| event["case"] == json!(open)), "{seen:?}");
}

#[tokio::test]
async fn an_accusation_is_nowhere_for_whom_it_accuses() {
    nowhere_for_whom_it_accuses(&Office::open().await).await;
}

#[tokio::test]
async fn what_turns_into_an_accusation_disappears_from_what_points_there() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let county = office.caller(COUNTY_OFFICER).await;
    let open = hands.officer.report(&finding("一", "养老机构消防不合格", "623023")).await;
    let mut request = accusation("二", "养老机构克扣补助", "623023", COUNTY);
    request["details"] = json!({ "kind": "petition", "class": "request" });
    let other = hands.officer.report(&request).await;
    hands.officer.ask(&open, "link", &json!({ "other": other, "relation": "related_to" })).await.good();
    let before = county.get(&format!("/api/cases/{open}")).await.good();
    assert_eq!(before["case"]["links"][0][0], json!(other));

    let accusing = accusation("二", "养老机构克扣补助", "623023", COUNTY);
    hands.officer.ask(&other, "amend", &json!({ "finding": accusing })).await.good();
    county.get(&format!("/api/cases/{other}")).await.problem(404, "no_such_case");
    for path in ["", "/events", "/related"] {
        let text = String::from_utf8(county.get(&format!("/api/cases/{open}{path}")).await.bytes).unwrap();
        assert!(!text.contains(&other), "{path}: {text}");
    }
    let mut news = Following::open(&county, Some(0)).await;
    hands.officer.ask(&open, "add_note", &json!({ "text": "已安排复查" })).await.good();
    let seen = news.until(|event| event["type"] == "note_added").await;
    assert!(!serde_json::to_string(&seen).unwrap().contains(&other));
    drop(news);
    let (_, mut rest) = Following::open(&county, None).await.into_parts();
    office.desk.frame.shutdown.begin();
    assert!(rest.next().await.is_none(), "the stream ends with the process");
}
