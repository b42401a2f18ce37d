//! Without a script: nothing depends on one.

use rectify_tests::bed::{CIVIL_AFFAIRS, finding};

use crate::place::Place;

pub async fn a_whole_act_works_without_a_script(language: &'static str) {
    let place = Place::new(language, &["舟曲经办"]).await;
    let case = place.bed.site.report("舟曲经办", &finding("低保资金未发放到户", 12)).await.register("ordinary").await;
    let seat = place.browser_without_script().await;
    seat.signs_in("舟曲经办").await;
    seat.opens("/ledger").await;
    seat.follows_text("低保资金未发放到户").await;
    seat.follows("act-assign").await;
    // The form says what is missing, and keeps the rest.
    seat.chooses("leads", CIVIL_AFFAIRS.unit).await;
    seat.fills("goal", "资金全部发放到户").await;
    seat.fills("term.days", "六十").await;
    seat.presses("act-assign").await;
    seat.is_told("field-no-days").await;
    assert_eq!(seat.holds("goal").await, "资金全部发放到户");
    seat.fills("term.days", "60").await;
    seat.presses("act-assign").await;
    seat.reads(CIVIL_AFFAIRS.unit).await;
    assert_eq!(case.stage().await, "assigned");
}
