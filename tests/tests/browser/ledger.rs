//! The ledger as a working surface: by keyboard, several cases at once, under a name of one's own.

use rectify_tests::bed::{CIVIL_AFFAIRS, finding};
use thirtyfour::prelude::*;

use crate::accessibility;
use crate::browser::Browser;
use crate::place::Place;

const OFFICE: &str = "舟曲经办";

pub async fn several_cases_are_assigned_from_the_ledger_by_keyboard(language: &'static str) {
    let place = Place::new(language, &[OFFICE]).await;
    let report = async |text| place.bed.site.report(OFFICE, &finding(text, 12)).await.register("ordinary").await;
    let cases = [report("低保资金未发放到户").await, report("村级光伏电站收益未分配").await];
    let seat = place.browser_of(OFFICE).await;
    seat.opens("/ledger").await;
    types(&seat, "?").await;
    assert_eq!(seat.count("dialog[open]").await, 1);
    accessibility::check(&seat).await;
    seat.one(By::Css("dialog button")).await.click().await.unwrap();
    types(&seat, "jxjx").await;
    assert_eq!(seat.count("tr.picked").await, 2);
    assert_eq!(seat.count(".selection.some").await, 1);
    seat.presses("act-assign").await;
    seat.chooses("leads", CIVIL_AFFAIRS.unit).await;
    seat.fills("goal", "资金全部发放到户").await;
    seat.fills("term.days", "60").await;
    seat.presses("act-assign").await;
    assert_eq!(seat.count("table.results .stage.done").await, 2);
    for case in &cases {
        assert_eq!(case.stage().await, "assigned");
    }
    seat.follows("together-back").await;

    // What is on the page gets a name, and comes first from then on.
    seat.one(By::XPath("//details[.//form[@action='/ledger/views']]/summary")).await.click().await.unwrap();
    seat.fills("name", "交办过的").await;
    seat.one(By::Name("first")).await.click().await.unwrap();
    seat.presses("view-save").await;
    seat.opens("/ledger").await;
    assert!(seat.address().await.contains("view="));
    seat.reads("交办过的").await;
}

async fn types(seat: &Browser<'_>, keys: &str) {
    seat.tab.action_chain().send_keys(keys).perform().await.unwrap();
}
