//! The people, their roles and their way in, as an administrator keeps them on pages.

use axum::http::StatusCode;

use crate::browser::{Browser, PASSWORD};
use crate::office::{ADMINISTRATOR, HANDLER, OFFICER, Office, PREFECTURE, WATER, id};

/// Adds a person with a role by the form, and returns their page's address.
async fn add(admin: &mut Browser, name: &str) -> String {
    let form = admin.page("/admin/people").await.form("/admin/people");
    let filled = form.with("name", name).with("role", "handler").with("unit", &id(WATER));
    admin.submit(&filled).await.leads_to().to_owned()
}

/// Makes a link for a person by the form, and returns its path.
async fn link(admin: &mut Browser, person: &str) -> String {
    let form = admin.page(person).await.form(&format!("{person}/link"));
    let answer = admin.submit(&form).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let text = answer.text();
    let begin = "http://rectify.test/link/";
    let link = &text[text.find(begin).unwrap() + begin.len() - "/link/".len()..];
    link[..link.find('<').unwrap()].to_owned()
}

#[tokio::test]
async fn a_person_is_added_with_a_role_and_signs_in_by_a_link_that_works_once() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let person = add(&mut admin, "何住建").await;
    let page = admin.page(&person).await.text();
    assert!(page.contains("何住建") && page.contains("尚未设置密码") && page.contains("州水务局"));

    let first = link(&mut admin, &person).await;
    let second = link(&mut admin, &person).await;
    assert!(!admin.page(&person).await.text().contains("/link/rcl_"));
    let mut new = office.browser();
    assert_eq!(new.get(&first).await.status, StatusCode::GONE);
    let page = new.page(&second).await;
    assert!(page.text().contains("何住建，请设置密码"));
    let form = |password: &str| {
        let again = password.to_owned();
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("login", "hezj"), ("password", password), ("again", &again)])
            .finish()
    };
    assert_eq!(new.post(&second, form("short")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(new.post(&second, form(PASSWORD)).await.leads_to(), "/");
    assert!(new.page("/account").await.text().contains("何住建"));
    assert_eq!(office.browser().get(&second).await.status, StatusCode::GONE);
    assert_eq!(office.browser().post(&second, form(PASSWORD)).await.status, StatusCode::GONE);
    assert!(admin.page("/admin/people?text=hezj").await.text().contains("何住建"));

    let form = admin.page(&person).await.form(&format!("{person}/sign-out"));
    assert_eq!(admin.submit(&form).await.leads_to(), person);
    assert_eq!(new.get("/account").await.leads_to(), "/sign-in?next=%2Faccount");
}

#[tokio::test]
async fn roles_are_given_and_ended_with_dates() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let person = format!("/admin/people/{}", id(HANDLER));
    let (grant, end) = (format!("{person}/roles"), format!("{person}/roles/end"));
    let form = admin.page(&person).await.form(&grant);
    let form = form.with("role", "auditor").with("unit", &id(PREFECTURE)).with("from", "2020-05-06");
    let form = form.with("until", "2020-05-05");
    let answer = admin.submit(&form).await;
    assert!(answer.text().contains("id=\"grant-until-wrong\""), "{}", answer.text());
    let form = answer.form(&grant);
    assert_eq!((form.value("from"), form.value("until")), (Some("2020-05-06"), Some("2020-05-05")));
    assert_eq!(admin.submit(&form.with("until", "2020-12-31")).await.leads_to(), person);
    let page = admin.page(&person).await.text();
    assert!(page.contains("2020-05-06") && page.contains("2020-12-31") && page.contains("尚未开始"));

    let form = admin.page(&person).await.form(&end).with("held", &format!("handler {}", id(WATER)));
    let past = admin.submit(&form.clone().with("at", "2020-01-01")).await;
    assert!(past.text().contains("id=\"end-at-wrong\""));
    assert_eq!(past.form(&end).value("at"), Some("2020-01-01"));
    assert_eq!(admin.submit(&form).await.leads_to(), person);
    let page = admin.page(&person).await.text();
    assert!(page.contains("此前任职"));

    // An administrator holds no case role: the rule is told in words.
    let form = admin.page(&person).await.form(&grant);
    let form = form.with("role", "administrator").with("unit", &id(PREFECTURE)).with("from", "2020-06-01");
    let apart = admin.submit(&form).await;
    assert_eq!(apart.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(apart.text().contains("管理员不得兼任办理事项的角色，也不得代办。"));
    assert_eq!(apart.form(&grant).value("role"), Some("administrator"));
    assert_eq!(admin.get(&format!("/admin/people/{}", id(999))).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_role_of_a_new_person_has_its_unit_and_what_was_typed_stays() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let form = admin.page("/admin/people").await.form("/admin/people");
    let answer = admin.submit(&form.with("name", "半个人").with("role", "handler")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("id=\"add-unit-wrong\""));
    let form = answer.form("/admin/people");
    assert_eq!((form.value("name"), form.value("role")), (Some("半个人"), Some("handler")));
    let secret = admin.submit(&form.with("name", "机密★ 张三").with("unit", &id(WATER))).await;
    assert!(secret.text().contains("id=\"add-name-wrong\""), "{}", secret.text());
    assert!(!admin.page("/admin/people").await.text().contains("半个人"));
}

#[tokio::test]
async fn what_people_are_called_is_text_and_no_markup() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let name = "<script>alert(1)</script>\"'&";
    let person = add(&mut admin, name).await;
    let unit = format!("/admin/units/{}", id(WATER));
    for path in [person.as_str(), "/admin/people", unit.as_str(), "/admin/tokens"] {
        let text = admin.page(path).await.text();
        assert!(text.contains("&#60;script&#62;alert(1)"), "{path}");
        assert!(!text.contains("<script>alert"), "{path}");
    }
    let form = admin.page("/admin/people").await.form("/admin/people");
    let answer = admin.submit(&form.with("name", name).with("role", "handler")).await;
    assert!(!answer.text().contains("<script>alert"));
    assert_eq!(answer.form("/admin/people").value("name").map(|name| name.starts_with("<script>")), Some(true));
    let mut officer = office.signed_in(OFFICER).await;
    assert!(!officer.page("/account").await.text().contains("<script>alert"));
}
