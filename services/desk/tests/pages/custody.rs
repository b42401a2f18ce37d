//! The pages about the keys of petitions, the certificate, and every look at petitioners.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::everywhere::both_languages;
use crate::office::{ADMINISTRATOR, AUDITOR, OFFICER, Office, SECOND_ADMINISTRATOR, id, letter};

const WORDS: &str = "家庭收入变化后低保一直没有复核，请求尽快核实。";

async fn petition(office: &Office) -> String {
    office.caller(OFFICER).await.report(&letter("一", WORDS)).await
}

/// Fills in the reason of a form on the page of a petition, and sends it.
async fn sends(browser: &mut Browser, petition: &str, form: &str, reason: &str) -> crate::client::Answer {
    let page = browser.page(&format!("/admin/petitions/{petition}")).await;
    let form = page.form(&format!("/admin/petitions/{petition}/{form}"));
    browser.submit(&form.with("reason", reason)).await
}

#[tokio::test]
async fn two_administrators_erase_a_petition_and_the_certificate_says_so() {
    let office = Office::open().await;
    let petition = petition(&office).await;
    let here = format!("/admin/petitions/{petition}");
    let mut one = office.signed_in(ADMINISTRATOR).await;
    assert!(one.page("/admin/petitions").await.text().contains("没有限为仅存储、提请销毁或已销毁密钥的信访件。"));
    assert_eq!(one.get(&format!("/admin/petitions?petition={petition}")).await.leads_to(), here);
    let none = one.get("/admin/petitions?petition=火星").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert!(none.text().contains("没有已密封的信访件。"));
    let page = one.page(&here).await.text();
    assert!(page.contains("正常保管") && !page.contains("低保"), "{page}");

    let bare = sends(&mut one, &petition, "propose", " ").await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.text().contains("id=\"propose-reason-wrong\""));
    assert_eq!(sends(&mut one, &petition, "propose", "保存期限已届满").await.leads_to(), here);
    let page = one.page(&here).await.text();
    assert!(page.contains("您已提请销毁密钥，须由另一名管理员决定。") && !page.contains(&format!("{here}/approve")));
    both_languages(&mut one, &here).await;

    let mut other = office.signed_in(SECOND_ADMINISTRATOR).await;
    let list = other.page("/admin/petitions").await.text();
    assert!(list.contains("待另一名管理员决定") && list.contains("保存期限已届满"), "{list}");
    assert_eq!(sends(&mut other, &petition, "hold", "复查尚未办结").await.leads_to(), here);
    let page = other.page(&here).await.text();
    assert!(page.contains("该件限为仅存储，解除前不能同意销毁。") && !page.contains(&format!("{here}/approve")));
    both_languages(&mut other, &here).await;
    let mut officer = office.signed_in(OFFICER).await;
    let asked = officer.page(&format!("/cases/{petition}/petition")).await.text();
    assert!(asked.contains("该信访件已限为仅存储") && asked.contains("复查尚未办结"), "{asked}");
    assert_eq!(sends(&mut other, &petition, "release", "复查已办结").await.leads_to(), here);

    both_languages(&mut other, &here).await;
    let approve = other.page(&here).await.form(&format!("{here}/approve"));
    assert_eq!(other.submit(&approve).await.leads_to(), here);
    let page = other.page(&here).await.text();
    let certificate = format!("/petitions/{petition}/certificate");
    assert!(
        page.contains(&certificate)
            && page.contains("密钥已销毁")
            && !page.contains("<form method=\"post\" action=\"/admin")
    );
    assert!(one.page("/admin/petitions").await.text().contains("密钥已销毁"));
    let mut auditor = office.signed_in(AUDITOR).await;
    for browser in [&mut one, &mut auditor] {
        let certificate = browser.page(&certificate).await.text();
        for said in ["信访件密钥销毁证明", "管理员", "副管理员", "保存期限已届满", petition.as_str()]
        {
            assert!(certificate.contains(said), "{said}: {certificate}");
        }
        assert!(certificate.contains(&office.desk.frame.log.id().to_string()) && !certificate.contains("低保"));
    }
    for path in [certificate.as_str(), "/admin/petitions", &here] {
        both_languages(&mut one, path).await;
    }
    assert_eq!(officer.get(&certificate).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_request_that_is_declined_leaves_everything_as_it_was() {
    let office = Office::open().await;
    let petition = petition(&office).await;
    let mut one = office.signed_in(ADMINISTRATOR).await;
    sends(&mut one, &petition, "propose", "保存期限已届满").await.leads_to();
    let mut other = office.signed_in(SECOND_ADMINISTRATOR).await;
    sends(&mut other, &petition, "decline", "仍在复查期内").await.leads_to();
    assert!(other.page("/admin/petitions").await.text().contains("没有限为仅存储"));
    assert!(other.page(&format!("/admin/petitions/{petition}")).await.text().contains("正常保管"));
    let certificate = other.get(&format!("/petitions/{petition}/certificate")).await;
    assert_eq!(certificate.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn auditors_see_every_look_and_find_those_of_a_day_and_a_person() {
    let office = Office::open().await;
    let petition = petition(&office).await;
    let mut officer = office.signed_in(OFFICER).await;
    let open = officer.page(&format!("/cases/{petition}/petition")).await;
    let csrf = open.text().split("name=\"csrf\" value=\"").last().unwrap().split('"').next().unwrap().to_owned();
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("csrf", csrf.as_str()), ("reason", "回访前核对诉求")])
        .finish();
    let opened = officer.post(&format!("/cases/{petition}/petition"), body).await;
    assert!(opened.text().contains(WORDS), "{}", opened.text());
    assert_eq!(officer.get("/looks").await.status, StatusCode::FORBIDDEN);
    assert!(!officer.page("/ledger").await.text().contains("href=\"/looks\""));

    let mut auditor = office.signed_in(AUDITOR).await;
    let all = auditor.page("/looks").await.text();
    for said in ["马经办", "回访前核对诉求", "信访原件", &format!("href=\"/cases/{petition}\""), "href=\"/looks\""]
    {
        assert!(all.contains(said), "{said}: {all}");
    }
    for (query, is_there) in [
        (format!("person={}", id(OFFICER)), true),
        (format!("person={}", id(ADMINISTRATOR)), false),
        ("from=2020-04-20&until=2020-04-20".to_owned(), true),
        ("from=2020-04-21&until=".to_owned(), false),
    ] {
        let found = auditor.page(&format!("/looks?{query}")).await.text();
        assert_eq!(found.contains("回访前核对诉求"), is_there, "{query}");
        both_languages(&mut auditor, &format!("/looks?{query}")).await;
    }
}
