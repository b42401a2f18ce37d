//! The dossier of a case: who may take it away, what is in it, and that it is on record.

use std::io::Cursor;

use chrono::TimeDelta;
use rectify_case::directory::Holding;
use rectify_case::{AccessEvent, Actor, CaseId, DirectoryEvent, Event, PersonId, Role, StreamId, UnitId};
use rectify_log::{Append, Expected, Write};
use rectify_proof::dossier::{Container, Part, Verdict, check};
use rectify_proof::{Tree, Trusted};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::client::Caller;
use crate::life::Hands;
use crate::office::{CIVIL_HANDLER, COUNTY_OFFICER, HANDLER, OFFICER, Office, PREFECTURE, accusation, finding, id};
use crate::transparency::seal;

const AUDITOR: u128 = 120;

/// Checks a dossier by itself.
async fn judged(office: &Office, dossier: &[u8]) -> Verdict {
    let keys = Tree::new(office.desk.frame.db.clone()).keys().await.unwrap();
    check(Cursor::new(dossier), &Trusted { keys, ..Trusted::default() }).unwrap()
}

fn text(dossier: &[u8], name: &str) -> String {
    let part: Part = name.parse().unwrap();
    String::from_utf8(Container::open(Cursor::new(dossier)).unwrap().whole(&part).unwrap().unwrap()).unwrap()
}

/// Has an auditor of the prefecture come.
async fn auditor(office: &Office) -> Caller {
    let (person, unit) = (PersonId(Uuid::from_u128(AUDITOR)), UnitId(Uuid::from_u128(PREFECTURE)));
    let frame = &office.desk.frame;
    let from = frame.clock.now() - TimeDelta::days(1);
    let events = vec![
        DirectoryEvent::PersonAdded { person, name: "陈审计".to_owned() }.into(),
        DirectoryEvent::RoleGranted(Holding { person, unit, role: Role::Auditor, from, until: None }).into(),
    ];
    let events = events.into_iter().map(|event: Event| event.into()).collect();
    let write = Write { stream: StreamId::Directory, expected: Expected::Any, events };
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
    let written = frame.log.append(append).await.unwrap();
    frame.directory.at_least(written.events.last().unwrap().position).await.unwrap();
    office.caller(AUDITOR).await
}

#[tokio::test]
async fn an_officer_takes_it_away_and_it_is_genuine_and_on_record() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "饮水安全工程未通水").await;
    let path = format!("/api/cases/{case}/dossier");
    hands.officer.get(&path).await.problem(409, "not_sealed_yet");
    let first = seal(&office).await.checkpoint.size;
    let evidence = hands.reported(&case, "验收单.txt").await;
    hands.closed(&case, &evidence).await.good();
    let last = seal(&office).await.checkpoint.size;

    let answer = hands.officer.get(&format!("{path}?from={first}")).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.headers["content-type"], "application/zip");
    assert_eq!(answer.headers["content-length"], answer.bytes.len().to_string());
    assert!(answer.headers["content-disposition"].to_str().unwrap().contains("%E6%A1%88%E5%8D%B7"));
    let verdict = judged(&office, &answer.bytes).await;
    assert!(verdict.is_good(), "{:#?}", verdict.wrong);
    let Verdict { events, last: version, size, evidence, looks, goes_on_from, number, .. } = verdict;
    assert_eq!((events, version, size, evidence, looks), (9, 9, last, 1, None));
    assert_eq!((goes_on_from, number.as_deref()), (Some(first), Some("审计-2020-0001")));

    // On record before the first byte, by what it is known by.
    let stream = StreamId::Access(CaseId(case.parse().unwrap()));
    let looks = office.desk.frame.log.read_stream(stream, 0).await.unwrap();
    let look = &looks.last().unwrap().envelope;
    let sums = hex::encode(Sha256::digest(text(&answer.bytes, "SHA256SUMS"))).parse().unwrap();
    assert_eq!(look.actor.person, PersonId(Uuid::from_u128(OFFICER)));
    assert_eq!(look.event, Event::Access(AccessEvent::DossierExported { digest: sums, version: 9, checkpoint: last }));

    // An auditor sees who looked, as of the checkpoint: now that is more.
    let auditor = auditor(&office).await;
    seal(&office).await;
    let theirs = judged(&office, &auditor.get(&path).await.bytes).await;
    assert!(theirs.is_good(), "{:#?}", theirs.wrong);
    assert_eq!(theirs.looks, Some(2));

    // A checkpoint is named by its size, by what is printed of it, or by itself.
    let signed = seal(&office).await;
    let mark = signed.checkpoint.mark();
    for from in [signed.note.trim().replace('\n', "\r\n"), signed.note.clone(), mark.to_string()] {
        let encoded = form_urlencoded::byte_serialize(from.as_bytes()).collect::<String>().replace('+', "%20");
        let answer = hands.officer.get(&format!("{path}?from={encoded}")).await;
        let verdict = judged(&office, &answer.bytes).await;
        assert_eq!((verdict.is_good(), verdict.goes_on_from), (true, Some(mark.size)), "{from}");
    }
    let other = format!("{}:{}", mark.size, "5a".repeat(8));
    hands.officer.get(&format!("{path}?from={other}")).await.problem(409, "other_history");
    let forged = signed.note.replace("rectify/", "rectify/x");
    let forged = form_urlencoded::byte_serialize(forged.as_bytes()).collect::<String>().replace('+', "%20");
    hands.officer.get(&format!("{path}?from={forged}")).await.problem(422, "bad_checkpoint");
    hands.officer.get(&format!("{path}?from=2")).await.problem(404, "no_such_checkpoint");
    hands.officer.get(&format!("{path}?from=-2")).await.problem(422, "bad_checkpoint");
    office.caller(HANDLER).await.get(&path).await.problem(403, "may_not_export");
    office.caller(CIVIL_HANDLER).await.get(&path).await.problem(404, "no_such_case");
}

#[tokio::test]
async fn what_happened_is_told_in_both_languages_on_pages_that_stand_alone() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "饮水安全工程未通水 <b>&").await;
    let evidence = hands.reported(&case, "验收单.txt").await;
    hands.closed(&case, &evidence).await.good();
    seal(&office).await;
    let auditor = auditor(&office).await;
    let dossier = auditor.get(&format!("/api/cases/{case}/dossier")).await.bytes;
    let digest = evidence["digest"].as_str().unwrap();
    for (name, tag, said) in [
        ("timeline.zh-CN.html", "zh-CN", ["案卷", "州整改办 马经办", "拆阅记录", "佐证材料 验收单.txt", "不能证明"]),
        ("timeline.en.html", "en", ["Dossier", "州整改办 马经办", "Who looked", "验收单.txt", "does not prove"]),
    ] {
        let page = text(&dossier, name);
        assert!(page.starts_with("<!doctype html>") && page.contains(&format!("<html lang=\"{tag}\">")));
        for said in said {
            assert!(page.contains(said), "{name} says {said}: {page}");
        }
        assert!(page.contains("审计-2020-0001 饮水安全工程未通水 &#60;b&#62;&#38;"), "{page}");
        assert!(page.contains(&format!("href=\"evidence/{digest}.txt\"")), "{page}");
        for elsewhere in ["src=", "http:", "https:", "<script", "<link", "@import", "url("] {
            assert!(!page.contains(elsewhere), "{name} leads elsewhere: {elsewhere}");
        }
        let first = page.find("发现").or(page.find("Found")).unwrap();
        assert!(first < page.len());
    }
    let readme = text(&dossier, "README.txt");
    assert!(readme.contains("审计-2020-0001") && readme.contains("office.vkey"), "{readme}");
    assert!(text(&dossier, "schemas/case.json").contains("evidence_filed"));
}

#[tokio::test]
async fn a_case_that_is_kept_from_the_reader_is_not_told_of() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.officer.report(&finding("二", "村卫生室闲置", "623023")).await;
    let hidden = hands.officer.report(&finding("三", "卫生室药品过期", "623023")).await;
    let recusal = json!({ "person": id(COUNTY_OFFICER), "reason": "与当事人有利害关系" });
    hands.officer.ask(&hidden, "recuse", &recusal).await.good();
    let link = json!({ "other": hidden, "relation": "related_to" });
    hands.officer.ask(&case, "link", &link).await.good();
    seal(&office).await;
    let path = format!("/api/cases/{case}/dossier");
    let county = office.caller(COUNTY_OFFICER).await.get(&path).await;
    assert_eq!(county.status, 200, "{}", String::from_utf8_lossy(&county.bytes));
    let verdict = judged(&office, &county.bytes).await;
    assert!(verdict.is_good(), "{:#?}", verdict.wrong);
    assert_eq!((verdict.events, verdict.withheld), (2, 1));
    let told = String::from_utf8_lossy(&county.bytes);
    assert!(!told.contains(&hidden) && !told.contains(&hidden[..8]), "it is not named");
    let all = judged(&office, &hands.officer.get(&path).await.bytes).await;
    assert_eq!((all.events, all.withheld), (2, 0));
    office.caller(COUNTY_OFFICER).await.get(&format!("/api/cases/{hidden}/dossier")).await.problem(404, "no_such_case");
    let absent = office.caller(COUNTY_OFFICER).await.get(&format!("/api/cases/{}/dossier", id(999))).await;
    absent.problem(404, "no_such_case");
}

#[tokio::test]
async fn what_is_sealed_of_a_petition_stays_sealed() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let mut petition = accusation("7", "低保未发放", "623000", CIVIL_HANDLER);
    petition["details"] = json!({ "kind": "petition", "class": "request" });
    petition["text"] = json!("信访人赵六，身份证 62302319800101001X，电话 13893912345，反映低保未发放。");
    let case = hands.officer.report(&petition).await;
    seal(&office).await;
    let dossier = hands.officer.get(&format!("/api/cases/{case}/dossier")).await;
    assert_eq!(dossier.status, 200);
    assert!(judged(&office, &dossier.bytes).await.is_good());
    let told = String::from_utf8_lossy(&dossier.bytes);
    assert!(told.contains("ciphertext") && told.contains("身份与原文已密封"));
    for secret in ["62302319800101001X", "13893912345"] {
        assert!(!told.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn evidence_that_is_gone_is_named_and_keeps_nobody_from_taking_the_rest() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "村道未硬化").await;
    hands.reported(&case, "验收单.txt").await;
    seal(&office).await;
    std::fs::remove_dir_all(office.folder.path().join("evidence/sha256")).unwrap();
    let dossier = hands.officer.get(&format!("/api/cases/{case}/dossier")).await;
    assert_eq!(dossier.status, 200);
    let verdict = judged(&office, &dossier.bytes).await;
    assert!(verdict.is_good());
    assert_eq!((verdict.evidence, verdict.absent.len()), (0, 1));
    assert!(text(&dossier.bytes, "timeline.zh-CN.html").contains("原件不在库中"));
}
