//! Tokens and health, as an administrator has them.

use axum::http::StatusCode;
use serde_json::json;

use crate::client::Caller;
use crate::office::{ADMINISTRATOR, Office, SOURCE, id};

#[tokio::test]
async fn a_token_is_made_shown_once_and_taken_back_by_forms() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let form = admin.page("/admin/tokens").await.form("/admin/tokens");
    let bare = admin.submit(&form.clone().with("person", &id(SOURCE)).with("expires", "2020-01-01")).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = bare.form("/admin/tokens").with("label", "审计系统报送");
    assert_eq!((form.value("person"), form.value("expires")), (Some(id(SOURCE).as_str()), Some("2020-01-01")));
    let past = admin.submit(&form).await;
    assert!(past.text().contains("id=\"make-expires-wrong\""));
    let made = admin.submit(&past.form("/admin/tokens").with("expires", "2020-12-31")).await;
    assert_eq!(made.status, StatusCode::OK);
    let text = made.text();
    let token = &text[text.find("rct_").unwrap()..];
    let token = token[..token.find('<').unwrap()].to_owned();
    let source = Caller { token, ..office.stranger() };
    assert_eq!(source.get("/api/me").await.good()["person"], json!(id(SOURCE)));

    let page = admin.page("/admin/tokens").await;
    assert!(!page.text().contains("rct_") && page.text().contains("2020-12-31"));
    assert_eq!(admin.submit(&page.form("/admin/tokens/revoke")).await.leads_to(), "/admin/tokens");
    source.get("/api/me").await.problem(401, "unauthenticated");
    assert!(admin.page("/admin/tokens").await.text().contains("已收回和已过期的令牌"));
    let unknown = page.form("/admin/tokens/revoke").with("token", &id(999));
    assert_eq!(admin.submit(&unknown).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_administrator_sees_whether_all_is_well() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let text = admin.page("/admin/health").await.text();
    assert!(text.contains("还没有备份") && text.contains(env!("CARGO_PKG_VERSION")));
    assert!(text.contains("单位人员目录"));
    office.desk.frame.health.check("relay", || async { Err("mirror out of reach".to_owned()) });
    let text = admin.page("/admin/health").await.text();
    assert!(text.contains("有异常") && text.contains("mirror out of reach"));
}
