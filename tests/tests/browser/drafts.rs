//! Drafts: what was typed is still there for whoever comes back to it.

use rectify_tests::bed::finding;
use rectify_tests::until;
use thirtyfour::By;

use crate::browser::LIMIT;
use crate::place::Place;

const OFFICE: &str = "舟曲经办";
const COLLEAGUE: &str = "舟曲副手";

const NOTE: &str = "已与县民政局联系，十二户中七户的补发名单已经核对，其余五户外出务工，待月底返乡后入户核实。";

pub async fn a_long_text_is_kept_until_its_act_is_done(language: &'static str) {
    let place = Place::new(language, &[OFFICE, COLLEAGUE]).await;
    let case = place.bed.site.report(OFFICE, &finding("低保资金未发放到户", 12)).await;
    let form = format!("/cases/{}/add_note", case.id);
    let seat = place.browser_of(OFFICE).await;
    seat.opens(&form).await;
    seat.fills("text", NOTE).await;
    let kept = place.words.begins("draft-saved");
    until(LIMIT, "the draft is kept by itself", async || {
        seat.one(By::Css("[data-drafted]")).await.text().await.unwrap().contains(kept)
    })
    .await;
    seat.opens("/ledger").await;
    seat.opens(&form).await;
    seat.is_told("draft-begun").await;
    assert_eq!(seat.holds("text").await, NOTE);
    let more = format!("{NOTE}已函告。");
    seat.fills("text", &more).await;
    seat.presses("draft-save").await;
    assert_eq!(seat.holds("text").await, more, "what is kept by hand is what was typed last");
    seat.signs_out().await;

    seat.signs_in(COLLEAGUE).await;
    seat.opens(&form).await;
    assert_eq!(seat.holds("text").await, "", "nobody else sees it");
    seat.signs_out().await;

    seat.signs_in(OFFICE).await;
    seat.opens(&form).await;
    seat.presses("act-add-note").await;
    seat.reads(&more).await;
    seat.opens(&form).await;
    assert_eq!(seat.holds("text").await, "", "what is done is no draft");
}
