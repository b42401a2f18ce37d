//! Signing in, being asked to sign in again, and what never leads elsewhere.

use axum::http::{StatusCode, header};

use crate::browser::PASSWORD;
use crate::office::{ADMINISTRATOR, OFFICER, Office, id};

#[tokio::test]
async fn a_wrong_password_is_told_and_not_whether_there_is_such_an_account() {
    let office = Office::open().await;
    office.enrol(OFFICER, "majb").await;
    let mut browser = office.browser();
    let wrong = browser.sign_in("majb", "不是这个密码啊啊").await;
    let unknown = browser.sign_in("nobody", "不是这个密码啊啊").await;
    for answer in [&wrong, &unknown] {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("账号或密码不正确。"));
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        assert!(!answer.text().contains("不是这个密码"));
    }
    assert_eq!(wrong.text(), unknown.text().replace("nobody", "majb"));
    assert_eq!(wrong.form("/sign-in").value("login"), Some("majb"));
    let english = browser.in_english().sign_in("majb", "not this one").await;
    assert!(english.text().contains("The account or the password is not right."));
    assert_eq!(browser.sign_in(" MaJB ", PASSWORD).await.leads_to(), "/");
    assert!(browser.page("/account").await.text().contains("马经办"));
}

#[tokio::test]
async fn whoever_tries_too_often_waits_even_with_the_right_password() {
    let office = Office::open().await;
    office.enrol(OFFICER, "majb").await;
    let mut browser = office.browser();
    for _ in 0..5 {
        browser.sign_in("majb", "不是这个密码啊啊").await;
    }
    let answer = browser.sign_in("majb", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("尝试次数过多"));
}

#[tokio::test]
async fn a_session_that_ended_leads_to_the_sign_in_page_and_back() {
    let office = Office::open().await;
    let mut browser = office.signed_in(OFFICER).await;
    let form = browser.page("/account").await.form("/sign-out");
    assert_eq!(browser.submit(&form).await.leads_to(), "/sign-in");
    let answer = browser.get("/ledger?stage=assigned&text=x").await;
    let there = answer.leads_to().to_owned();
    assert_eq!(there, "/sign-in?next=%2Fledger%3Fstage%3Dassigned%26text%3Dx");
    let form = browser.page(&there).await.form("/sign-in");
    let form = form.with("login", &format!("person{OFFICER}")).with("password", PASSWORD);
    assert_eq!(browser.submit(&form).await.leads_to(), "/ledger?stage=assigned&text=x");
}

#[tokio::test]
async fn what_was_typed_when_a_session_had_ended_comes_back_after_signing_in_and_is_not_done_before() {
    let office = Office::open().await;
    let mut browser = office.signed_in(ADMINISTRATOR).await;
    let form = browser.page("/admin/people").await.form("/admin/people").with("name", "何“住”建");
    browser.forget();
    let asked = browser.submit(&form).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(asked.text().contains("登录已超时"));
    let form = asked.form("/sign-in").with("login", &format!("person{ADMINISTRATOR}"));
    // A slip in between loses nothing.
    let slip = browser.submit(&form.with("password", "记错了的密码")).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    let back = browser.submit(&slip.form("/sign-in").with("password", PASSWORD)).await;
    assert_eq!(back.status, StatusCode::OK);
    let form = back.form("/admin/people");
    assert_eq!((form.value("name"), form.value("show")), (Some("何“住”建"), Some("1")));
    let shown = browser.submit(&form).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!shown.text().contains("-wrong\""));
    let form = shown.form("/admin/people");
    assert_eq!((form.value("name"), form.value("show")), (Some("何“住”建"), None));
    assert!(!browser.page("/admin/people").await.text().contains("何“住”建"));
    assert!(browser.submit(&form).await.leads_to().starts_with("/admin/people/"));
}

#[tokio::test]
async fn what_a_button_does_is_not_done_by_signing_in_again() {
    let office = Office::open().await;
    let mut browser = office.signed_in(ADMINISTRATOR).await;
    let token = office.caller(OFFICER).await;
    let person = format!("/admin/people/{}", id(OFFICER));
    for (page, action) in
        [(person.as_str(), format!("{person}/link")), ("/admin/tokens", "/admin/tokens/revoke".to_owned())]
    {
        let form = browser.page(page).await.form(&action);
        browser.forget();
        let asked = browser.submit(&form).await.form("/sign-in");
        let asked = asked.with("login", &format!("person{ADMINISTRATOR}")).with("password", PASSWORD);
        let back = browser.submit(&asked).await.form(&action);
        assert_eq!(browser.submit(&back).await.leads_to(), page);
    }
    assert_eq!(token.get("/api/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let office = Office::open().await;
    office.enrol(OFFICER, "majb").await;
    for next in ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)", "\\\\example.org"] {
        let mut browser = office.browser();
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let form = browser.page(&format!("/sign-in?{query}")).await.form("/sign-in");
        assert_eq!(form.value("next"), Some("/"));
        let form = form.with("next", next).with("login", "majb").with("password", PASSWORD);
        assert_eq!(browser.submit(&form).await.leads_to(), "/", "{next}");
        assert_eq!(browser.get(&format!("/language?to=en&{query}")).await.leads_to(), "/", "{next}");
    }
}
