//! The dossier on the page of a case.

use rectify_proof::{Sealer, Tree};

use crate::office::{HANDLER, OFFICER, Office, WATER, assignment, finding};

#[tokio::test]
async fn whoever_may_take_the_dossier_finds_it_on_the_page_of_the_case() {
    let office = Office::open().await;
    let caller = office.caller(OFFICER).await;
    let case = caller.report(&finding("一", "饮水工程闲置", "623000")).await;
    caller.ask(&case, "register", &serde_json::json!({})).await.good();
    caller.ask(&case, "assign", &assignment(WATER)).await.good();
    let (page, path) = (format!("/cases/{case}"), format!("/cases/{case}/dossier"));
    let button = format!("href=\"{path}\" download>");

    let mut officer = office.signed_in(OFFICER).await;
    let shown = officer.page(&page).await.text();
    assert!(shown.contains(&button) && shown.contains("导出案卷"));
    assert!(officer.in_english().page(&page).await.text().contains("Export dossier"));
    let not_yet = officer.get(&path).await;
    assert_eq!(not_yet.status, 409);
    assert!(not_yet.text().contains("尚未签入检查点"), "{}", not_yet.text());

    let frame = &office.desk.frame;
    let key = office.folder.path().join("seal.key");
    let sealer = Sealer::open(frame.log.clone(), Tree::new(frame.db.clone()), Some(&key)).unwrap();
    sealer.extend().await.unwrap();
    let signed = sealer.sign(frame.clock.now()).await.unwrap().unwrap();
    let sent = officer.page(&path).await;
    assert_eq!(sent.headers["content-type"], "application/zip");
    assert!(sent.bytes.starts_with(b"PK\x03\x04"));
    // From a checkpoint that somebody has; what is none is asked for again, beside what is wrong with it.
    let mark = signed.checkpoint.mark();
    let sent = officer.page(&format!("{path}?from={mark}")).await;
    assert_eq!(sent.headers["content-type"], "application/zip");
    for (from, status, told) in [
        ("soon".to_owned(), 422, "不是本系统签名的检查点"),
        ("2".to_owned(), 404, "没有该条数的签名检查点"),
        (format!("{}:{}", mark.size, "5a".repeat(8)), 409, "历史不一致"),
    ] {
        let wrong = officer.get(&format!("{path}?from={from}")).await;
        let text = wrong.text();
        assert_eq!(wrong.status, status, "{text}");
        assert!(text.contains(told) && text.contains(&format!(">{from}</textarea>")), "{text}");
        assert!(text.contains(&format!("action=\"{path}\"")), "{text}");
    }
    assert!(!officer.page(&format!("{page}?at_position=1000")).await.text().contains(&button), "not of the past");

    let mut handler = office.signed_in(HANDLER).await;
    assert!(!handler.page(&page).await.text().contains("导出案卷"));
    let refused = handler.get(&path).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("只有能查看该事项的整改办经办人和审计督查人员可以导出案卷。"));
}
