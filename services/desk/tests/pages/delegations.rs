//! Delegations (代办): given and taken back by oneself, and by an administrator.

use axum::http::StatusCode;

use crate::office::{ADMINISTRATOR, CIVIL_HANDLER, HANDLER, OFFICER, Office, SECOND_OFFICER, id};

#[tokio::test]
async fn one_lets_another_act_and_takes_that_back() {
    let office = Office::open().await;
    let mut officer = office.signed_in(OFFICER).await;
    let (give, take) = ("/account/delegations", "/account/delegations/end");
    let form = officer.page("/account").await.form(give).with("person", &id(SECOND_OFFICER));
    let endless = officer.submit(&form).await;
    assert_eq!(endless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(endless.text().contains("id=\"lend-until-wrong\""));
    let form = endless.form(give);
    assert_eq!(form.value("person"), Some(id(SECOND_OFFICER).as_str()));
    assert_eq!(officer.submit(&form.with("until", "2020-05-31")).await.leads_to(), "/account");
    let page = officer.page("/account").await;
    assert!(page.text().contains("由谁代我办理") && page.text().contains("2020-05-31"));

    // The other acts for them, and then gives nothing in their name.
    let mut second = office.signed_in(SECOND_OFFICER).await;
    let form = second.page("/account").await.form("/account/act-for").with("person", &id(OFFICER));
    assert_eq!(second.submit(&form).await.leads_to(), "/account");
    let lent = second.page("/account").await;
    assert!(lent.text().contains("代马经办办理") && !lent.text().contains(give));

    assert_eq!(officer.submit(&page.form(take).with("person", &id(SECOND_OFFICER))).await.leads_to(), "/account");
    assert!(!officer.page("/account").await.text().contains(take));
    assert!(!second.page("/account").await.text().contains("代马经办办理"));
}

#[tokio::test]
async fn an_administrator_gives_one_for_others_and_has_none() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    assert!(!admin.page("/account").await.text().contains("/account/delegations"));
    let person = format!("/admin/people/{}", id(HANDLER));
    let give = format!("{person}/delegations");
    let form = admin.page(&person).await.form(&give).with("until", "2020-05-31");
    let apart = admin.submit(&form.clone().with("person", &id(ADMINISTRATOR))).await;
    assert!(apart.text().contains("管理员不得兼任办理事项的角色，也不得代办。"));
    assert_eq!(apart.form(&give).value("until"), Some("2020-05-31"));
    assert_eq!(admin.submit(&form.with("person", &id(CIVIL_HANDLER))).await.leads_to(), person);
    let page = admin.page(&person).await;
    assert!(page.text().contains("由赵民政代办"));
    let other = admin.page(&format!("/admin/people/{}", id(CIVIL_HANDLER))).await;
    assert!(other.text().contains("代李签收办理"));
    assert!(admin.page("/admin/people").await.text().contains("李签收"));
    let form = page.form(&format!("{give}/end")).with("person", &id(CIVIL_HANDLER));
    assert_eq!(admin.submit(&form).await.leads_to(), person);
    assert!(admin.page(&person).await.text().contains("没有代办授权。"));
}
