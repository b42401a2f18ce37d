//! What is refused, and that nobody loses by it what they had typed.

use rectify_tests::bed::{CIVIL_AFFAIRS, WATER, finding};
use thirtyfour::By;

use crate::place::{PASSWORD, Place};

const OFFICE: &str = "舟曲经办";
const COLLEAGUE: &str = "舟曲副手";

pub async fn a_case_of_others_is_as_if_it_did_not_exist(language: &'static str) {
    let place = Place::new(language, &[WATER.handler]).await;
    let case = place.bed.site.report(OFFICE, &finding("低保资金未发放到户", 12)).await;
    let case = case.register("ordinary").await.assign(&[CIVIL_AFFAIRS.unit]).await;

    let seat = place.browser_of(WATER.handler).await;
    let mut told = Vec::new();
    for path in [format!("/cases/{}", case.id), "/cases/00000000-0000-4000-8000-000000000999".to_owned()] {
        seat.opens(&path).await;
        told.push(seat.text().await.replace(&path, ""));
        seat.opens(&format!("{path}/add_note")).await;
        assert_eq!(seat.count("form[data-form]").await, 0);
    }
    assert_eq!(told[0], told[1], "a case that is kept from somebody looks like one that is not there");
    seat.opens("/ledger").await;
    assert!(!seat.text().await.contains("低保资金"), "the ledger keeps it from them too");
}

pub async fn after_five_wrong_passwords_there_is_a_wait(language: &'static str) {
    let place = Place::new(language, &[OFFICE]).await;
    let seat = place.browser_of(OFFICE).await;
    seat.signs_out().await;
    for _ in 0..5 {
        seat.gives_password(OFFICE, "not this one, surely").await;
        seat.is_told("sign-in-wrong").await;
        assert_eq!(seat.holds("login").await, OFFICE, "the account is still there");
    }
    seat.gives_password(OFFICE, PASSWORD).await;
    seat.is_told("sign-in-later").await;
    seat.opens("/ledger").await;
    assert!(seat.address().await.starts_with("/sign-in"), "the right password comes too early");
}

pub async fn a_session_that_ends_in_the_middle_of_a_form_loses_nothing(language: &'static str) {
    let place = Place::new(language, &[OFFICE]).await;
    let case = place.bed.site.report(OFFICE, &finding("低保资金未发放到户", 12)).await.register("ordinary").await;
    let seat = place.browser_of(OFFICE).await;
    seat.opens(&format!("/cases/{}/assign", case.id)).await;
    seat.chooses("leads", CIVIL_AFFAIRS.unit).await;
    seat.fills("goal", "资金全部发放到户").await;
    seat.fills("term.days", "45").await;

    let elsewhere = place.browser_of(OFFICE).await;
    elsewhere.opens("/account").await;
    elsewhere.presses("account-sign-out-everywhere").await;

    seat.presses("act-assign").await;
    seat.is_told("sign-in-session-ended").await;
    assert_eq!(case.stage().await, "registered", "nothing was done meanwhile");
    seat.gives_password(OFFICE, PASSWORD).await;
    seat.is_told("signed-in-again-lead").await;
    seat.presses("signed-in-again-go-on").await;
    assert_eq!(case.stage().await, "registered", "what was typed is shown before it is done");
    assert_eq!(seat.holds("goal").await, "资金全部发放到户");
    assert_eq!(seat.holds("term.days").await, "45");
    let chosen = seat.one(By::Css("select[name=leads] option:checked")).await.text().await.unwrap();
    assert_eq!(chosen, CIVIL_AFFAIRS.unit);
    seat.presses("act-assign").await;
    assert_eq!(case.stage().await, "assigned");
}

pub async fn who_acts_second_is_told_what_happened_since_and_goes_on(language: &'static str) {
    let place = Place::new(language, &[OFFICE, COLLEAGUE]).await;
    let case = place.bed.site.report(OFFICE, &finding("低保资金未发放到户", 12)).await.register("ordinary").await;
    let (first, second) = (place.browser_of(OFFICE).await, place.browser_of(COLLEAGUE).await);
    let form = format!("/cases/{}/add_note", case.id);
    for (seat, note) in [(&first, "已电话核实"), (&second, "已发函核实")] {
        seat.opens(&form).await;
        seat.fills("text", note).await;
    }
    first.presses("act-add-note").await;
    first.reads("已电话核实").await;

    second.presses("act-add-note").await;
    second.is_told("form-since").await;
    second.reads(OFFICE).await;
    assert_eq!(second.holds("text").await, "已发函核实");
    second.presses("act-add-note").await;
    second.reads("已电话核实").await;
    second.reads("已发函核实").await;
    let notes = case.history().await.into_iter().filter(|event| event == "note_added").count();
    assert_eq!(notes, 2, "each note is there once");
}
