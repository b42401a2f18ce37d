//! The life of a case, each act by whoever does it in an office.

use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use rectify_tests::bed::{CIVIL_AFFAIRS, CaseFile, finding};
use thirtyfour::{By, Key};

use crate::browser::Browser;
use crate::place::Place;

const OFFICE: &str = "舟曲经办";
const DEPARTMENT: &str = CIVIL_AFFAIRS.handler;
const VERIFIERS: [&str; 2] = ["舟曲核验", "州办核验"];
const AUDITOR: &str = "州审计";

const PHOTOGRAPH: &str = "入户照片.jpg";

pub async fn a_serious_case_goes_from_its_finding_to_its_closure(language: &'static str) {
    let place = Place::new(language, &[OFFICE, DEPARTMENT, VERIFIERS[0], VERIFIERS[1], AUDITOR]).await;
    let case = place.bed.site.report(OFFICE, &finding("低保资金未发放到户", 12)).await;
    let seat = place.browser().await;

    seat.signs_in(OFFICE).await;
    seat.opens("/ledger").await;
    seat.follows_text("低保资金未发放到户").await;
    seat.follows("act-register").await;
    seat.chooses("severity", place.words.say("severity-serious")).await;
    seat.presses("act-register").await;
    seat.follows("act-assign").await;
    seat.chooses("leads", CIVIL_AFFAIRS.unit).await;
    seat.fills("goal", "资金全部发放到户").await;
    seat.fills("term.days", "60").await;
    seat.presses("act-assign").await;
    assert!(happened(&seat, "event-assigned").await);
    seat.signs_out().await;

    let last_day = last_day(&case).await;
    seat.signs_in(DEPARTMENT).await;
    opens(&seat, &case).await;
    seat.follows("act-accept").await;
    seat.presses("act-accept").await;
    seat.follows("act-submit-plan").await;
    seat.fills("plan.0.text", "逐户核对并补发").await;
    seat.fills("plan.0.by", &last_day.to_string()).await;
    seat.presses("act-submit-plan").await;
    seat.reads("逐户核对并补发").await;
    seat.follows("act-report-progress").await;
    seat.fills("text", "已补发七户").await;
    seat.fills("fixed.households", "7").await;
    seat.presses("act-report-progress").await;
    seat.reads("已补发七户").await;
    seat.follows("act-request-extension").await;
    seat.fills("until", &(last_day + Days::new(10)).to_string()).await;
    seat.fills("reason", "两户外出务工，月底返乡").await;
    seat.presses("act-request-extension").await;
    seat.signs_out().await;

    seat.signs_in(OFFICE).await;
    opens(&seat, &case).await;
    seat.follows("act-approve-plan").await;
    seat.presses("act-approve-plan").await;
    assert!(happened(&seat, "event-plan-approved").await);
    seat.follows("act-grant-extension").await;
    seat.presses("act-grant-extension").await;
    assert!(happened(&seat, "event-extension-granted").await);
    seat.signs_out().await;
    assert_eq!(self::last_day(&case).await, last_day + Days::new(10));

    seat.signs_in(DEPARTMENT).await;
    opens(&seat, &case).await;
    let (photograph, taken) = photograph(&seat).await;
    seat.follows("act-report-completion").await;
    seat.fills("account", "十二户全部补发，附入户照片").await;
    seat.fills("fixed.households", "12").await;
    seat.attaches("evidence", &photograph).await;
    seat.presses("act-report-completion").await;
    // The measure of the plan was never reported as done.
    seat.is_told("lacking-not-sent").await;
    seat.picks("done", "0").await;
    seat.presses("act-report-completion").await;
    seat.reads(PHOTOGRAPH).await;
    seat.signs_out().await;

    for verifier in VERIFIERS {
        seat.signs_in(verifier).await;
        opens(&seat, &case).await;
        assert_eq!(seat.downloads(PHOTOGRAPH).await, taken);
        opens(&seat, &case).await;
        seat.is_told("file-opened").await;
        seat.follows("act-pass-level").await;
        seat.fills("opinion", "照片与台账一致").await;
        seat.presses("act-pass-level").await;
        seat.signs_out().await;
    }

    seat.signs_in(OFFICE).await;
    opens(&seat, &case).await;
    seat.follows("act-close").await;
    seat.presses("act-close").await;
    assert_eq!(case.stage().await, "closed");
    assert!(happened(&seat, "event-closed").await);
    seat.signs_out().await;

    seat.signs_in(AUDITOR).await;
    replays(&seat, &case).await;
    drop(seat);
    place.bed.keeps_its_promises().await;
}

/// Looks at the case as it stood at an event, by the slider, and at the end of a day.
async fn replays(seat: &Browser<'_>, case: &CaseFile) {
    let page = format!("/cases/{}", case.id);
    seat.opens(&page).await;
    assert_eq!(seat.count(".banner").await, 0);
    let slider = seat.one(By::Id("replay")).await;
    seat.leaves(slider.send_keys(Key::Left)).await;
    assert!(seat.address().await.starts_with(&format!("{page}?at_position=")), "{}", seat.address().await);
    shows_the_past(seat).await;
    assert!(!happened(seat, "event-closed").await, "it was closed only later");
    // Whoever moves by keyboard is still at the slider.
    let here = seat.tab.active_element().await.unwrap();
    assert_eq!(here.attr("id").await.unwrap().as_deref(), Some("replay"));
    let before = seat.address().await;
    seat.leaves(here.send_keys(Key::Left)).await;
    assert_ne!(seat.address().await, before);
    seat.follows("replay-back").await;
    assert_eq!(seat.address().await, page);

    // The end of today has not come: what is shown as of it is all that happened until now.
    let day = seat.one(By::Css(".tl time")).await.text().await.unwrap();
    seat.fills("as_of", &day[..10]).await;
    seat.presses("replay-go").await;
    shows_the_past(seat).await;
    assert!(happened(seat, "event-closed").await);
}

/// Returns whether the history tells of an event, by its name in the catalogue.
async fn happened(seat: &Browser<'_>, name: &str) -> bool {
    let said = seat.place.words.say(name);
    let told = seat.tab.find_all(By::XPath(format!("//ol[@class='tl']//b[normalize-space()='{said}']"))).await.unwrap();
    !told.is_empty()
}

/// Checks that a page says of when it is, and that nothing can be done on it.
async fn shows_the_past(seat: &Browser<'_>) {
    assert_eq!(seat.count(".banner[role=status]").await, 1);
    assert_eq!(seat.count(".next, form[method=post][action^='/cases/']").await, 0);
}

async fn opens(seat: &Browser<'_>, case: &CaseFile) {
    seat.opens(&format!("/cases/{}", case.id)).await;
}

async fn last_day(case: &CaseFile) -> NaiveDate {
    case.state().await["deadline"]["last_day"].as_str().unwrap().parse().unwrap()
}

/// Takes a picture, of nothing, and returns the file and its bytes.
async fn photograph(seat: &Browser<'_>) -> (PathBuf, Vec<u8>) {
    const TAKE: &str = r#"
        const data = document.createElement("canvas").toDataURL("image/jpeg").split(",")[1];
        return Array.from(atob(data), (letter) => letter.charCodeAt(0));
    "#;
    let bytes: Vec<u8> =
        serde_json::from_value(seat.tab.execute(TAKE, Vec::new()).await.unwrap().json().clone()).unwrap();
    assert!(bytes.starts_with(&[0xFF, 0xD8, 0xFF]), "a JPEG begins so");
    let file = seat.place.driver.folder().path().join(PHOTOGRAPH);
    std::fs::write(&file, &bytes).unwrap();
    (file, bytes)
}
