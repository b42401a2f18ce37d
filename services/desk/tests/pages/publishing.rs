//! Publishing on the page, who sees what was published, and what making it again says.

use std::io::Cursor;
use std::time::Duration;

use axum::http::StatusCode;
use rectify_case::access::PUBLICATIONS;
use rectify_case::{Digest, StreamId, Version};
use rectify_desk::publication::{Reproduced, Source, reproduce};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::client::Answer;
use crate::everywhere::both_languages;
use crate::office::{
    ADMINISTRATOR, AUDITOR, CIVIL_AFFAIRS, CIVIL_HANDLER, COUNTY, COUNTY_OFFICER, HANDLER, OFFICER, Office,
    SECOND_ADMINISTRATOR, WATER, accusation, assignment, finding, letter,
};

/// Opens the page on which something is published, once its ledger is folded.
async fn asks(browser: &mut Browser, path: &str) -> Answer {
    let pinned = browser.get(path).await;
    let pinned = if pinned.status == StatusCode::OK { path } else { pinned.leads_to() }.to_owned();
    let mut ready = None;
    rectify_tests::until(Duration::from_secs(30), "the ledger is folded", async || {
        let answer = browser.page(&pinned).await;
        ready = (!answer.headers.contains_key("refresh")).then_some(answer);
        ready.is_some()
    })
    .await;
    ready.unwrap()
}

/// Publishes something, and returns the address of the publication.
async fn publishes(browser: &mut Browser, path: &str, kind: &str) -> String {
    let form = asks(browser, path).await.form("/publish").with("kind", kind);
    browser.submit(&form).await.leads_to().to_owned()
}

async fn again(office: &Office, number: Version) -> Reproduced {
    let folder = rectify_tests::folder();
    let source = Source { log: &office.desk.frame.log, store: &office.desk.store, folder: folder.path() };
    reproduce(&source, number, |_| {}).await.unwrap()
}

/// Returns an office with two cases of different units.
async fn office() -> Office {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    for (item, title, division, lead) in
        [("一", "饮水工程闲置", "623000", WATER), ("二", "低保审核超期", "623023", CIVIL_AFFAIRS)]
    {
        let case = officer.report(&finding(item, title, division)).await;
        officer.ask(&case, "register", &json!({})).await.good();
        officer.ask(&case, "assign", &assignment(lead)).await.good();
    }
    office
}

#[tokio::test]
async fn what_is_published_is_kept_recorded_and_made_again_the_same() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    let ledger = officer.page("/ledger?source=audit").await.text();
    assert!(ledger.contains("href=\"/publish?source=audit\"") && ledger.contains("href=\"/publications\""), "{ledger}");
    assert!(officer.page("/overview").await.text().contains("href=\"/publish?kind=notice\""));
    let page = asks(&mut officer, "/publish?source=audit").await;
    let text = page.text();
    assert!(text.contains("来源 审计") && text.contains("<dd>2</dd>"), "{text}");
    let form = page.form("/publish");
    assert_eq!(officer.submit(&form).await.leads_to(), "/publications/1");
    // The same form is published once.
    assert_eq!(officer.submit(&form).await.leads_to(), "/publications/1");
    let shown = officer.page("/publications/1").await.text();
    for said in ["发布第 1 号：整改台账（含三张清单）", "来源 审计", "马经办", "rectify reproduce 1"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    both_languages(&mut officer, "/publications/1").await;
    both_languages(&mut officer, "/publications").await;
    let file = officer.page("/publications/1/file").await;
    assert!(file.headers["content-type"].to_str().unwrap().contains("spreadsheetml"));

    for (number, kind) in [(2, "notice"), (3, "problems"), (4, "tasks"), (5, "duties")] {
        let address = publishes(&mut officer.in_english(), "/publish?stage=assigned&sort=-number", kind).await;
        assert_eq!(address, format!("/publications/{number}"));
    }
    // Time goes by, and things happen.
    let caller = office.caller(OFFICER).await;
    caller.report(&finding("三", "水库除险未完工", "623000")).await;
    for number in 1..=5 {
        let found = again(&office, number).await;
        assert!(found.is_good() && found.same_data && found.same_file, "{number}: {found:?}");
        assert_eq!((found.cases, found.differing.len()), (2, 0));
    }
}

#[tokio::test]
async fn a_day_of_the_past_is_published_with_the_rights_of_now() {
    let office = office().await;
    let officer = office.caller(OFFICER).await;
    let last = office.desk.frame.log.head().await.unwrap();
    officer.report(&finding("三", "水库除险未完工", "623000")).await;
    let mut browser = office.signed_in(OFFICER).await;
    publishes(&mut browser, &format!("/publish?at_position={last}"), "ledger").await;
    let told = officer.get("/api/publications/1").await.good();
    assert_eq!((&told["position"], &told["cases"]), (&json!(last), &json!(2)), "{told}");
    assert!(told["scope"]["position"].as_u64().unwrap() > last);
    let found = again(&office, 1).await;
    assert!(found.is_good() && found.same_file, "{found:?}");
}

#[tokio::test]
async fn a_publication_is_for_whoever_may_see_all_of_it() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    publishes(&mut officer, "/publish", "ledger").await;
    publishes(&mut officer, "/publish?division=623023", "ledger").await;
    for (person, sees) in [
        (OFFICER, vec![1, 2]),
        (AUDITOR, vec![1, 2]),
        (COUNTY_OFFICER, vec![2]),
        (CIVIL_HANDLER, vec![2]),
        (HANDLER, vec![]),
        (ADMINISTRATOR, vec![]),
    ] {
        let (mut browser, caller) = (office.signed_in(person).await, office.caller(person).await);
        let listed = browser.page("/publications").await.text();
        for number in [1, 2] {
            let is_seen = sees.contains(&number);
            let status = if is_seen { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(listed.contains(&format!("href=\"/publications/{number}\"")), is_seen, "{person}: {listed}");
            for path in [format!("/publications/{number}"), format!("/publications/{number}/file")] {
                assert_eq!(browser.get(&path).await.status, status, "{person}: {path}");
                assert_eq!(caller.get(&format!("/api{path}")).await.status, status, "{person}: {path}");
            }
        }
        let told = caller.get("/api/publications").await.good();
        let numbers: Vec<u64> =
            told["publications"].as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, sees.iter().rev().copied().collect::<Vec<u64>>(), "{person}");
    }
    // Whoever neither handles the office's cases nor audits them does not publish.
    let mut handler = office.signed_in(CIVIL_HANDLER).await;
    assert!(!handler.page("/ledger").await.text().contains("href=\"/publish"));
    assert_eq!(handler.get("/publish").await.status, StatusCode::FORBIDDEN);
    let refused = office.caller(CIVIL_HANDLER).await.post("/api/publications", &json!({ "kind": "ledger" })).await;
    refused.problem(403, "may_not_publish");
    let mut officer = office.signed_in(OFFICER).await;
    for path in ["/publications/3", "/publications/0", "/publications/x", "/publications/3/file"] {
        assert_eq!(officer.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_accusation_is_never_told_to_its_subject_by_a_publication() {
    let office = office().await;
    let officer = office.caller(OFFICER).await;
    let mut request = accusation("三", "养老机构克扣补助", "623023", COUNTY);
    request["details"] = json!({ "kind": "petition", "class": "request" });
    let petition = officer.report(&request).await;
    let mut browser = office.signed_in(OFFICER).await;
    publishes(&mut browser, "/publish?division=623023", "ledger").await;
    let county = office.caller(COUNTY_OFFICER).await;
    county.get("/api/publications/1").await.good();
    // It turns out to accuse the county.
    let accusing = accusation("三", "养老机构克扣补助", "623023", COUNTY);
    officer.ask(&petition, "amend", &json!({ "finding": accusing })).await.good();
    county.get("/api/publications/1").await.problem(404, "no_such_publication");
    county.get("/api/publications/1/file").await.problem(404, "no_such_publication");
    let mut county = office.signed_in(COUNTY_OFFICER).await;
    assert!(!county.page("/publications").await.text().contains("href=\"/publications/1\""));
    // What the county publishes does not have it, and is made again without it.
    publishes(&mut county, "/publish", "ledger").await;
    let told = office.caller(OFFICER).await.get("/api/publications/2").await.good();
    assert_eq!(told["cases"], 1, "{told}");
    for number in [1, 2] {
        let found = again(&office, number).await;
        assert!(found.is_good() && found.same_file, "{found:?}");
    }
}

#[tokio::test]
async fn a_petition_whose_keys_were_deleted_is_told_apart_and_no_cell_is_missing() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let petition = officer.report(&letter("一", "家庭收入变化后低保一直没有复核，联系电话13909415566。")).await;
    officer.ask(&petition, "register", &json!({})).await.good();
    let mut browser = office.signed_in(OFFICER).await;
    publishes(&mut browser, "/publish", "ledger").await;
    assert_eq!(again(&office, 1).await.erased, []);
    for (person, what) in [(ADMINISTRATOR, "propose"), (SECOND_ADMINISTRATOR, "approve")] {
        let path = format!("/api/petitions/{petition}/shredding/{what}");
        office.caller(person).await.post(&path, &json!({ "reason": "信访人申请删除" })).await.good();
    }
    let found = again(&office, 1).await;
    assert!(found.is_good() && found.same_data && found.same_file, "{found:?}");
    assert_eq!((found.erased.len(), found.erased[0].finding.to_string()), (1, petition));
}

#[tokio::test]
async fn a_kept_file_that_was_changed_is_found_by_its_cell() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    publishes(&mut officer, "/publish?sort=number", "problems").await;
    let told: Value = office.caller(OFFICER).await.get("/api/publications/1").await.good();
    let digest: Digest = told["file"].as_str().unwrap().parse().unwrap();
    let bytes = officer.page("/publications/1/file").await.bytes;
    let mut book = umya_spreadsheet::reader::xlsx::read_reader(Cursor::new(bytes), true).unwrap();
    book.sheet_by_name_mut("问题清单").unwrap().cell_mut("D4").set_value_string("没有问题");
    let mut changed = Vec::new();
    umya_spreadsheet::writer::xlsx::write_writer(&book, &mut changed).unwrap();
    let text = digest.as_str();
    let file = office.desk.frame.config.data.join("evidence/sha256").join(&text[..2]).join(text);
    std::fs::write(file, changed).unwrap();
    let found = again(&office, 1).await;
    assert!(!found.is_good() && found.same_data && found.same_file, "{found:?}");
    assert_eq!(found.wrong.iter().map(|wrong| wrong.code).collect::<Vec<_>>(), ["kept"]);
    let [cell] = found.differing.as_slice() else { panic!("{:?}", found.differing) };
    assert_eq!((cell.sheet.as_str(), cell.cell.as_str(), cell.then.as_str()), ("问题清单", "D4", "没有问题"));
    assert!(cell.now.contains("须限期整改"), "{cell:?}");
}

#[tokio::test]
async fn what_cannot_be_published_is_refused() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    for wrong in ["kind=secret", "upto=0", "upto=99999", "upto=x", "upto=5&colour=red", "sort=colour&upto=5"] {
        let answer = officer.get(&format!("/publish?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let form = asks(&mut officer, "/publish?stage=closed").await.form("/publish");
    let nothing = officer.submit(&form).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text().contains("没有可发布的事项"));
    let filter = json!({ "kind": "ledger", "filter": { "upto": "5" } });
    let officer = office.caller(OFFICER).await;
    officer.post("/api/publications", &filter).await.problem(422, "bad_body");
    let unknown = json!({ "kind": "ledger", "filter": { "colour": "red" }, "upto": 5 });
    officer.post("/api/publications", &unknown).await.problem(422, "bad_body");
    officer
        .post("/api/publications", &json!({ "kind": "ledger", "at_position": 99_999 }))
        .await
        .problem(422, "bad_body");
    assert!(office.desk.frame.log.read_stream(StreamId::Access(PUBLICATIONS), 0).await.unwrap().is_empty());
}
