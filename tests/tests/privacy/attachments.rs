//! Attachments of petitions, in and out: sealed before anything is stored, opened with a reason that stays on record.

use rectify_tests::bed::{Bed, percent_encoded};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{path, why};

/// What a photographed household register says.
pub const REGISTER: &str = "户主旦正草\r\n与户主关系：户主\r\n";
/// The name of its file.
pub const REGISTER_NAME: &str = "旦正草的户口簿.txt";
/// What a note of a visit says.
pub const NOTE: &str = "来访人出示诊断书，左手三指缺失\r\n";
/// The name of its file.
pub const NOTE_NAME: &str = "来访记录（旦正草）.txt";

/// Returns a form with a document and files.
pub fn form(document: &Value, files: &[(&str, &str)]) -> Form {
    let form = Form::new().text("finding", document.to_string());
    files.iter().fold(form, |form, (name, text)| {
        form.part("file", Part::text((*text).to_owned()).file_name((*name).to_owned()))
    })
}

/// Attaches a note to a case's petition at the desk, as an officer; nobody else does. Returns its digest.
pub async fn attach(bed: &Bed, case: &str) -> String {
    let to = path(case, "petition/attachments");
    let attach = async |who: &str, name: &str, text: &str| {
        let client = bed.site.desk(who);
        let request = client.request(Method::POST, &to).header("Rectify-File-Name", percent_encoded(name));
        client.send(request.header("Content-Type", "application/octet-stream").body(text.to_owned())).await
    };
    for (who, status) in [("民政经办", 403), ("州审计", 403), ("舟曲核验", 403), ("临潭经办", 404)] {
        attach(who, NOTE_NAME, NOTE).await.expect(status);
    }
    for (name, text, status, code) in [
        (NOTE_NAME, "机密★5年\n来访记录", 422, "classified_text"),
        ("记录.exe", NOTE, 415, "unsupported_type"),
        ("记录.txt", "", 422, "empty_file"),
    ] {
        assert_eq!(attach("舟曲经办", name, text).await.expect(status)["code"], code);
    }
    let attached = attach("舟曲经办", NOTE_NAME, NOTE).await.expect(201);
    let again = attach("舟曲经办", NOTE_NAME, NOTE).await.expect(201);
    assert_eq!(again, attached, "the same file again is the same attachment");
    let listed = listed(bed, case).await;
    assert!(listed.contains(&attached), "{listed:?}");
    attached["digest"].as_str().unwrap().to_owned()
}

/// Lists the attachments of a petition, as an officer sees them.
pub async fn listed(bed: &Bed, case: &str) -> Vec<Value> {
    let listed = bed.site.desk("舟曲经办").get(&path(case, "petition/attachments")).await.expect(200);
    listed["attachments"].as_array().unwrap().clone()
}

/// Shows who does not open an attachment of an assigned case, and that nobody does without a reason.
pub async fn is_not_for_all(bed: &Bed, case: &str, digest: &str) {
    let open = path(case, &format!("petition/attachments/{digest}/open"));
    let ask = async |who: &str, body: Value| bed.site.desk(who).post(&open, &[], &body).await;
    assert_eq!(ask("舟曲经办", json!({ "reason": " " })).await.expect(422)["code"], "reason_missing");
    for (who, status) in [("州审计", 403), ("舟曲核验", 403), ("临潭经办", 404), ("水务经办", 404)] {
        ask(who, why()).await.expect(status);
    }
    let other = path(case, &format!("petition/attachments/{}/open", "0".repeat(64)));
    let none = bed.site.desk("舟曲经办").post(&other, &[], &why()).await.expect(404);
    assert_eq!(none["code"], "no_such_attachment");
}

/// Opens an attachment as an officer, and shows that the look is on record.
pub async fn open(bed: &Bed, case: &str, digest: &str, (name, text): (&str, &str)) {
    let open = path(case, &format!("petition/attachments/{digest}/open"));
    let opened = bed.site.desk("舟曲经办").post(&open, &[], &why()).await;
    assert_eq!(opened.headers["cache-control"], "private, no-store");
    let named = opened.headers["content-disposition"].to_str().unwrap();
    assert!(named.contains(&percent_encoded(name.trim_end_matches(".txt"))), "{named}");
    assert_eq!(opened.expect(200), text);
    let looks = bed.site.desk("州审计").get(&path(case, "looks")).await.expect(200);
    let last = looks["looks"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["type"], &last["who"]["person_name"]), (&json!("petition_opened"), &json!("舟曲经办")));
    assert_eq!(last["data"]["what"]["attachment"], digest);
    assert_eq!(last["data"]["reason"], "回访前核对某某诉求，电话〔号码〕");
}

/// Shows that an attachment of a shredded petition is there and never opens again, and that none is added.
pub async fn is_gone(bed: &Bed, case: &str, digest: &str) {
    let open = path(case, &format!("petition/attachments/{digest}/open"));
    let gone = bed.site.desk("舟曲经办").post(&open, &[], &why()).await.expect(410);
    assert_eq!(gone["code"], "petition_erased");
    let request = bed.site.desk("舟曲经办");
    let request = request.request(Method::POST, &path(case, "petition/attachments"));
    let request = request.header("Rectify-File-Name", "a.txt").body(NOTE);
    assert_eq!(bed.site.desk("舟曲经办").send(request).await.expect(410)["code"], "petition_erased");
}
