//! What was set aside: who sees it, and that opening it is on record.

use std::time::Duration;

use axum::http::StatusCode;
use rectify_bus::Submission;
use rectify_case::access::SET_ASIDE;
use rectify_case::{AccessEvent, Actor, CaseId, Event, Finding, StreamId};
use serde_json::json;

use crate::import::taking_lists;
use crate::office::{ADMINISTRATOR, COUNTY_OFFICER, OFFICER, Office, WATER, accusation, finding, morning};

/// How long the ledger may take to show what is in the log.
const LIMIT: Duration = Duration::from_secs(20);

/// Hands in a finding that the registrar sets aside.
async fn set_aside(office: &Office, finding: serde_json::Value, reason: &str) {
    let bus = &office.desk.frame.bus;
    let finding = serde_json::from_value(finding).unwrap();
    let submission = Submission { finding, sender: Actor::INSTALLATION, received: morning() };
    let taken = async { bus.findings().await.unwrap().next().await.unwrap().set_aside(reason).await.unwrap() };
    let (answer, ()) = tokio::join!(bus.submit(&submission), taken);
    assert!(answer.is_err());
}

#[tokio::test]
async fn what_was_set_aside_is_for_the_prefectures_office() {
    let office = Office::open().await;
    let mut officer = office.signed_in(OFFICER).await;
    let text = officer.page("/admin/aside").await.text();
    assert!(text.contains("没有搁置的信息。") && text.contains("href=\"/admin/aside\""));
    assert_eq!(officer.get("/admin/aside/7").await.status, StatusCode::NOT_FOUND);
    for person in [COUNTY_OFFICER, ADMINISTRATOR] {
        let mut other = office.signed_in(person).await;
        assert_eq!(other.get("/admin/aside").await.status, StatusCode::FORBIDDEN);
        assert_eq!(other.get("/admin/aside/7").await.status, StatusCode::FORBIDDEN);
        assert!(!other.page("/account").await.text().contains("href=\"/admin/aside\""));
    }
}

#[tokio::test]
async fn what_was_set_aside_is_opened_with_a_reason_that_is_on_record() {
    let office = Office::open().await;
    set_aside(&office, finding("一", "饮水工程闲置", "623000"), "没有这个来源").await;
    let mut officer = office.signed_in(OFFICER).await;
    let list = officer.page("/admin/aside").await.text();
    assert!(list.contains("没有这个来源") && list.contains("href=\"/admin/aside/1\"") && !list.contains("饮水工程"));
    let page = officer.page("/admin/aside/1").await;
    assert!(page.text().contains("由其重报") && !page.text().contains("饮水工程"));
    let looks = async || office.desk.frame.log.read_stream(StreamId::Access(SET_ASIDE), 0).await.unwrap().len();

    let bare = officer.submit(&page.form("/admin/aside/1").with("reason", " ")).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.text().contains("id=\"open-reason-wrong\"") && !bare.text().contains("饮水工程"));
    let other = office.signed_in(COUNTY_OFFICER).await.page("/account").await.form("/sign-out");
    let foreign = page.form("/admin/aside/1").with("csrf", other.value("csrf").unwrap()).with("reason", "核对来源");
    assert_eq!(officer.submit(&foreign).await.status, StatusCode::FORBIDDEN);
    assert_eq!(looks().await, 0);

    let opened = officer.submit(&page.form("/admin/aside/1").with("reason", "核对来源")).await;
    assert_eq!((opened.status, &opened.headers["cache-control"]), (StatusCode::OK, &"no-store".parse().unwrap()));
    assert!(opened.text().contains("饮水工程闲置") && opened.text().contains("本次打开已记录在案。"));
    assert_eq!(looks().await, 1);
}

#[tokio::test]
async fn an_accusation_that_was_set_aside_is_not_shown_to_whom_it_accuses() {
    let office = Office::open().await;
    let subject = crate::office::PREFECTURE_OFFICE;
    set_aside(&office, accusation("一", "虚报销号", "623000", subject), "无法登记").await;
    set_aside(&office, accusation("二", "截留资金", "623000", WATER), "无法登记").await;
    let mut officer = office.signed_in(OFFICER).await;
    let form = officer.page("/admin/aside/1").await.form("/admin/aside/1").with("reason", "核对来源");
    let answer = officer.submit(&form).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!answer.text().contains("虚报销号"));
    let form = officer.page("/admin/aside/2").await.form("/admin/aside/2").with("reason", "核对来源");
    assert!(officer.submit(&form).await.text().contains("截留资金"));
}

#[tokio::test]
async fn what_was_set_aside_is_mended_and_handed_in_again() {
    let office = Office::open().await;
    set_aside(&office, finding("一", "饮水工程闲置", "623000"), "没有这个来源").await;
    let office = taking_lists(office).await;
    let mut officer = office.signed_in(OFFICER).await;
    let form = officer.page("/admin/aside/1").await.form("/admin/aside/1").with("reason", "核对来源");
    let form = officer.submit(&form).await.form("/admin/aside/1/mend/audit");
    let came = ["item", "division", "discovered", "issuing_body", "document"].map(|field| form.value(field).unwrap());
    assert_eq!(came, ["一", "623000", "2020-04-15", "甘肃省审计厅", "甘审报〔2020〕12号"]);
    assert!(form.value("text").unwrap().starts_with("饮水工程闲置，"));

    let bare = officer.submit(&form.clone().with("document", "")).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.text().contains("id=\"mend-document-wrong\"") && bare.text().contains("饮水工程闲置，"));
    let nowhere = officer.submit(&form.clone().with("division", "火星")).await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nowhere.text().contains("id=\"mend-division-wrong\""));
    let mended = nowhere.form("/admin/aside/1/mend/audit").with("division", "舟曲县").with("discovered", "2020.4.16");
    let mut other = office.signed_in(COUNTY_OFFICER).await;
    let csrf = other.page("/account").await.form("/sign-out").value("csrf").unwrap().to_owned();
    assert_eq!(other.submit(&mended.clone().with("csrf", &csrf)).await.status, StatusCode::FORBIDDEN);
    assert!(!officer.page("/admin/aside").await.text().contains("已重新报送"));

    let answer = officer.submit(&mended).await;
    assert_eq!(answer.leads_to(), "/admin/aside/1");
    let head = office.desk.frame.log.head().await.unwrap();
    assert!(office.desk.ledger.wait_for(head, LIMIT).await.unwrap());
    let page = officer.page("/admin/aside/1").await.text();
    assert!(page.contains("已重新报送") && page.contains("未编号</a>"), "{page}");
    assert!(officer.page("/admin/aside").await.text().contains("已重新报送"));
    let ledger = officer.page("/ledger").await.text();
    assert!(ledger.contains("饮水工程闲置") && ledger.contains("舟曲县"), "{ledger}");
}

#[tokio::test]
async fn a_sealed_petition_that_was_set_aside_goes_in_again_as_it_came() {
    let office = Office::open().await;
    let mut petition = accusation("三", "截留补助资金", "623023", WATER);
    petition["details"]["sealed"] =
        json!({ "algorithm": "xchacha20-poly1305", "generation": 1, "ciphertext": "AAAA", "digest": "00".repeat(32) });
    set_aside(&office, petition.clone(), "没有这个来源").await;
    let office = taking_lists(office).await;
    let mut officer = office.signed_in(OFFICER).await;
    let form = officer.page("/admin/aside/1").await.form("/admin/aside/1").with("reason", "核对来源");
    let opened = officer.submit(&form).await;
    assert!(!opened.text().contains("/admin/aside/1/mend/"));
    let answer = officer.submit(&opened.form("/admin/aside/1/resend")).await;
    assert_eq!(answer.leads_to(), "/admin/aside/1");
    let id = serde_json::from_value::<Finding>(petition).unwrap().id();
    let case = office.desk.frame.log.read_stream(StreamId::Case(CaseId(id.0)), 0).await.unwrap();
    assert_eq!(case[0].envelope.actor.person.to_string(), crate::office::id(OFFICER));
    let looks = office.desk.frame.log.read_stream(StreamId::Access(SET_ASIDE), 0).await.unwrap();
    let last = looks.last().map(|recorded| recorded.envelope.event.clone());
    assert!(
        matches!(last, Some(Event::Access(AccessEvent::SetAsideResent { finding, .. })) if finding == id),
        "{last:?}"
    );

    let api = office.caller(OFFICER).await;
    assert_eq!(api.post("/api/set-aside/1/resend", &json!({})).await.good()["finding"], json!(id));
    office
        .caller(COUNTY_OFFICER)
        .await
        .post("/api/set-aside/1/resend", &json!({}))
        .await
        .problem(403, "not_prefecture_office");
}
