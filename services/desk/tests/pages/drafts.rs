//! Drafts: what was begun comes back to whoever began it, and to nobody else.

use axum::http::StatusCode;
use rectify_accounts::DraftKey;
use rectify_case::PersonId;
use serde_json::json;
use uuid::Uuid;

use crate::browser::{Browser, Form};
use crate::client::Answer;
use crate::office::{COUNTY, COUNTY_OFFICER, OFFICER, Office, SECOND_OFFICER, accusation, finding, id};

/// Returns the one form of an act, which is sent to where it came from.
fn form(answer: &Answer, path: &str) -> Form {
    let text =
        answer.text().replacen("<form class=\"card form\" method=\"post\"", &format!("<form action=\"{path}\""), 1);
    Answer { bytes: text.into_bytes(), status: answer.status, headers: answer.headers.clone() }.form(path)
}

/// Returns a form whose draft is asked for.
async fn noted(browser: &mut Browser, path: &str, text: &str, how: &str) -> Answer {
    let form = form(&browser.page(path).await, path);
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.fields.iter().filter(|(name, _)| !["draft", "text"].contains(&name.as_str())))
        .extend_pairs([("text", text), ("draft", how)])
        .finish();
    browser.post(path, body).await
}

#[tokio::test]
async fn a_draft_comes_back_to_whoever_began_it_until_it_is_done() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("一", "饮水工程闲置", "623000")).await;
    let path = format!("/cases/{case}/add_note");
    let mut browser = office.signed_in(OFFICER).await;
    let empty = browser.page(&path).await.text();
    assert!(empty.contains(">存草稿</button>") && empty.contains("data-draft") && !empty.contains("您 2020"));
    assert_eq!(noted(&mut browser, &path, "已与水务局<联系>", "save").await.leads_to(), path);
    // By itself it only says when.
    let kept = noted(&mut browser, &path, "已与水务局<联系>两次", "auto").await;
    assert!(kept.status == StatusCode::OK && kept.text().starts_with("草稿已存（2020-04-20"), "{}", kept.text());
    // Somebody else, and a different act, have nothing of it.
    let mut other = office.signed_in(SECOND_OFFICER).await;
    assert!(!other.page(&path).await.text().contains("联系"));
    assert!(!browser.page(&format!("/cases/{case}/dismiss")).await.text().contains("联系"));
    // What happened since is told.
    officer.ask(&case, "register", &json!({})).await.good();
    let back = browser.page(&path).await;
    let text = back.text();
    assert!(text.contains("已与水务局&#60;联系&#62;两次</textarea>") && text.contains("存的草稿"), "{text}");
    assert!(text.contains("存草稿后，该事项有以下变化") && text.contains("登记 · 州整改办 马经办"), "{text}");
    let filled = form(&back, &path);
    let sent: Vec<_> = filled.fields.iter().filter(|(name, _)| !["draft", "text"].contains(&name.as_str())).collect();
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(sent.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .append_pair("text", "已与水务局联系两次")
        .finish();
    assert_eq!(browser.post(&path, body.clone()).await.leads_to(), format!("/cases/{case}"));
    assert!(!browser.page(&path).await.text().contains("存的草稿"), "what is done is no draft");
    // One that was on its way when the act was done does not come back.
    assert_eq!(browser.post(&path, format!("{body}&draft=auto")).await.status, StatusCode::OK);
    assert!(!browser.page(&path).await.text().contains("存的草稿"));
    // Nor does one that somebody would do without.
    noted(&mut browser, &path, "再联系", "save").await;
    assert!(browser.page(&path).await.text().contains("再联系"));
    noted(&mut browser, &path, "", "discard").await;
    assert!(!browser.page(&path).await.text().contains("再联系"));
    // A form without long texts has none.
    let page = browser.page(&format!("/cases/{case}/register")).await.text();
    assert!(!page.contains("存草稿"));
}

/// What is typed with a NUL is kept without it, on either database.
async fn kept_without_a_nul(office: &Office) {
    let case = office.caller(OFFICER).await.report(&finding("一", "饮水工程闲置", "623000")).await;
    let path = format!("/cases/{case}/add_note");
    let mut browser = office.signed_in(OFFICER).await;
    noted(&mut browser, &path, "已与水务局\0联系", "save").await.leads_to();
    let text = browser.page(&path).await.text();
    assert!(text.contains("已与水务局\u{fffd}联系</textarea>"), "{text}");
    let form = browser.page("/ledger?text=饮水%00工程").await.form("/ledger/views");
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.fields.iter().filter(|(name, _)| name != "name"))
        .append_pair("name", "饮\0水")
        .finish();
    let view = browser.post("/ledger/views", body).await.leads_to().to_owned();
    assert!(browser.page(&view).await.text().contains("饮\u{fffd}水"));
}

#[tokio::test]
async fn what_is_kept_has_no_nul() {
    kept_without_a_nul(&Office::open().await).await;
}

#[tokio::test]
async fn what_is_kept_has_no_nul_postgres() {
    let database = rectify_tests::postgres::database().await;
    kept_without_a_nul(&Office::open_with(&[("database.url", database.url())]).await).await;
}

#[tokio::test]
async fn a_draft_about_a_petition_is_sealed_and_gone_with_the_petition() {
    let office = Office::open().await;
    let petition = accusation("七", "虚报危房改造户数", "623023", COUNTY);
    let case = office.caller(OFFICER).await.report(&petition).await;
    let path = format!("/cases/{case}/add_note");
    let mut browser = office.signed_in(OFFICER).await;
    noted(&mut browser, &path, "来信人王某某住曲告纳镇", "save").await;
    assert!(browser.page(&path).await.text().contains("王某某"));
    let key = DraftKey {
        person: PersonId(Uuid::from_u128(OFFICER)),
        case: case.parse().unwrap(),
        act: "add_note".to_owned(),
    };
    let now = office.desk.frame.clock.now();
    let kept = office.desk.accounts.draft(&key, now).await.unwrap().unwrap();
    assert!(kept.is_sealed && !String::from_utf8_lossy(&kept.content).contains("%E7%8E%8B"));
    // Sealed for one person's act on one case, it opens nowhere else.
    let other = DraftKey { person: PersonId(Uuid::from_u128(SECOND_OFFICER)), ..key.clone() };
    office.desk.accounts.save_draft(&other, &kept).await.unwrap();
    assert!(!office.signed_in(SECOND_OFFICER).await.page(&path).await.text().contains("王某某"));
    // Whom the case is kept from keeps no draft there, and gets none.
    let mut county = office.signed_in(COUNTY_OFFICER).await;
    let csrf = county.page("/account").await.form("/sign-out").value("csrf").unwrap().to_owned();
    let answer = county.post(&path, format!("csrf={csrf}&key=k&version=1&text=x&draft=save")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    // After thirty days it is gone.
    let later = now + rectify_accounts::LONGEST_DRAFT + chrono::TimeDelta::minutes(1);
    assert!(office.desk.accounts.draft(&key, later).await.unwrap().is_none());
    office.desk.accounts.discard_drafts_of(key.case).await.unwrap();
    assert!(office.desk.accounts.draft(&key, now).await.unwrap().is_none());
    assert_eq!(browser.get(&format!("/cases/{}/add_note", id(999))).await.status, StatusCode::NOT_FOUND);
}
