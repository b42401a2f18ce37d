//! Earlier moments: two of a case side by side, and the ledger as it stood.

use chrono::{Days, NaiveDate};
use rectify_tests::bed::{CIVIL_AFFAIRS, finding};
use thirtyfour::By;

use crate::browser::Browser;
use crate::place::Place;

const AUDITOR: &str = "州审计";
const OFFICE: &str = "舟曲经办";

const TITLE: &str = "低保资金未发放到户";
const LATER: &str = "村级光伏电站收益未分配";

pub async fn what_changed_between_two_moments_is_told_and_the_ledger_is_shown_as_it_stood(language: &'static str) {
    let place = Place::new(language, &[AUDITOR]).await;
    let case = place.bed.site.report(OFFICE, &finding(TITLE, 12)).await.register("serious").await;
    let registered =
        place.bed.site.desk(AUDITOR).get(&format!("/api/cases/{}", case.id)).await.expect(200)["position"].clone();
    let case = case.assign(&[CIVIL_AFFAIRS.unit]).await;
    place.bed.site.report(OFFICE, &finding(LATER, 0)).await;

    let seat = place.browser_of(AUDITOR).await;
    seat.opens(&format!("/cases/{}", case.id)).await;
    seat.follows("compare-two").await;
    seat.picks("from_at", &registered.to_string()).await;
    seat.presses("compare-go").await;
    for (column, stage) in [(1, "stage-registered"), (2, "stage-assigned")] {
        let row = format!("//tr[th[normalize-space()='{}']]", place.words.say("column-stage"));
        let shown = seat.one(By::XPath(format!("{row}/td[{column}]"))).await.text().await.unwrap();
        assert_eq!(shown, place.words.say(stage));
    }
    assert!(seat.count("del").await > 0 && seat.count("ins").await > 0, "what changed is marked");
    seat.reads(CIVIL_AFFAIRS.unit).await;
    seat.is_told("compare-between").await;
    seat.is_told("event-assigned").await;

    seat.tab.goto(place.url(&format!("/ledger?at_position={registered}"))).await.unwrap();
    stands(&seat).await;
    seat.reads(TITLE).await;
    let stage = seat.one(By::Css("tbody .stage")).await.text().await.unwrap();
    assert_eq!(stage, place.words.say("stage-registered"));
    assert!(!seat.text().await.contains(LATER), "it was found only later");
    assert_eq!(seat.count("input[type=checkbox]").await, 0, "nothing is done in the past");
    seat.follows("replay-back").await;
    seat.reads(LATER).await;

    // Yesterday there was nothing yet.
    let today: NaiveDate = seat.one(By::Id("as-of")).await.attr("max").await.unwrap().unwrap().parse().unwrap();
    for page in ["/ledger", "/overview"] {
        seat.opens(page).await;
        seat.fills("as_of", &(today - Days::new(1)).to_string()).await;
        seat.presses_until("replay-go", "past-only-seen").await;
        assert_eq!(seat.count(".banner[role=status]").await, 1);
        assert!(!seat.text().await.contains(TITLE));
    }
    seat.follows("replay-back").await;
    assert_eq!(seat.address().await, "/overview");

    // By what had happened it was there: it was found long before it was entered, and has moved on since.
    seat.opens("/ledger").await;
    seat.fills("as_of", &(today - Days::new(1)).to_string()).await;
    seat.picks("clock", "happened").await;
    seat.presses_until("replay-go", "past-only-seen").await;
    seat.reads(TITLE).await;
    seat.follows("moments-with-now").await;
    seat.is_told("moments-only-seen").await;
    seat.is_told("differs-stage").await;
}

/// Waits until a page of the past is there, which asks again by itself until then, and sees that it says so.
async fn stands(seat: &Browser<'_>) {
    seat.waits_for("past-only-seen").await;
    assert_eq!(seat.count(".banner[role=status]").await, 1);
}
