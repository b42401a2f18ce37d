//! Evidence: in, on file, out, each opening on record.

use rectify_case::{AccessEvent, CaseId, Event, PersonId, StreamId};
use serde_json::json;
use uuid::Uuid;

use crate::life::Hands;
use crate::office::{CIVIL_HANDLER, Office, SECOND_OFFICER, WATER, id};

#[tokio::test]
async fn a_file_comes_back_as_it_went_in_and_the_opening_is_on_record_before() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "卫生室无药").await;
    let bytes = [b"%PDF-1.7\n".to_vec(), vec![0xff; 100_000]].concat();
    let uploaded = hands.handler.upload(&case, "验收单 终稿.pdf", bytes.clone()).await;
    assert_eq!(uploaded.status, 201);
    let evidence = uploaded.good();
    assert_eq!((&evidence["media_type"], &evidence["size"]), (&json!("application/pdf"), &json!(bytes.len())));

    // Nothing is on file before a command names it.
    let path = format!("/api/cases/{case}/evidence/{}", evidence["digest"].as_str().unwrap());
    hands.handler.get(&path).await.problem(404, "no_such_evidence");
    let file = json!({ "unit": id(WATER), "evidence": evidence });
    hands.handler.ask(&case, "file_evidence", &file).await.good();

    let opened = hands.second.get(&path).await;
    assert_eq!((opened.status.as_u16(), &opened.bytes), (200, &bytes));
    assert_eq!(opened.headers["content-type"], "application/pdf");
    assert_eq!(opened.headers["content-length"], bytes.len().to_string());
    assert_eq!(opened.headers["x-content-type-options"], "nosniff");
    assert!(
        opened.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename*=UTF-8''%E9%AA%8C")
    );
    let stream = StreamId::Access(CaseId(case.parse().unwrap()));
    let looks = office.desk.frame.log.read_stream(stream, 0).await.unwrap();
    assert_eq!(looks.len(), 1);
    assert_eq!(looks[0].envelope.actor.person, PersonId(Uuid::from_u128(SECOND_OFFICER)));
    let digest = evidence["digest"].as_str().unwrap().parse().unwrap();
    assert_eq!(looks[0].envelope.event, Event::Access(AccessEvent::EvidenceOpened { digest }));

    // Who may not read the case does not read it, and leaves no trace.
    office.caller(CIVIL_HANDLER).await.get(&path).await.problem(404, "no_such_case");
    assert_eq!(office.desk.frame.log.read_stream(stream, 0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_evidence_is_not_taken() {
    let office = Office::open_with(&[("evidence.max_bytes", "1000")]).await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "村道未硬化").await;
    let upload = async |name: &str, bytes: Vec<u8>| hands.handler.upload(&case, name, bytes).await;
    upload("大.txt", vec![b'a'; 1001]).await.problem(413, "too_large");
    upload("空.txt", Vec::new()).await.problem(422, "empty_file");
    upload("程序.exe", b"MZ".to_vec()).await.problem(415, "unsupported_type");
    upload("../x.txt", b"x".to_vec()).await.problem(422, "file_name_missing");
    upload("机密★文件.txt", b"x".to_vec()).await.problem(422, "classified_text");
    let path = format!("/api/cases/{case}/evidence");
    hands.handler.post(&path, &json!({})).await.problem(422, "file_name_missing");

    // What a command names must be in the store, as it says.
    let evidence = upload("说明.txt", "已修".into()).await.good();
    let file = |evidence: serde_json::Value| json!({ "unit": id(WATER), "evidence": evidence });
    let mut other = evidence.clone();
    other["digest"] = json!("0".repeat(64));
    hands.handler.ask(&case, "file_evidence", &file(other)).await.problem(422, "evidence_not_stored");
    let mut other = evidence.clone();
    other["size"] = json!(1);
    hands.handler.ask(&case, "file_evidence", &file(other)).await.problem(422, "evidence_differs");

    // Bytes that are gone leave the digest.
    hands.handler.ask(&case, "file_evidence", &file(evidence.clone())).await.good();
    std::fs::remove_dir_all(office.folder.path().join("evidence/sha256")).unwrap();
    let path = format!("/api/cases/{case}/evidence/{}", evidence["digest"].as_str().unwrap());
    hands.second.get(&path).await.problem(410, "evidence_gone");
}
