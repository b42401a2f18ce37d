//! Administration: units, people and their way in, tokens, and whether all is well.

use rectify_tests::bed::unit;
use rectify_tests::client::Client;
use thirtyfour::By;

use crate::browser::Browser;
use crate::place::{PASSWORD, Place};

const ADMINISTRATOR: &str = "管理员";

/// Whoever is added, where, and by which account they sign in.
const NEW: &str = "杨林";
const FORESTRY: &str = "舟曲县林草局";
const LOGIN: &str = "yanglin";

pub async fn a_person_is_added_in_a_new_unit_and_signs_in_by_a_link(language: &'static str) {
    let place = Place::new(language, &[ADMINISTRATOR]).await;
    let seat = place.browser_of(ADMINISTRATOR).await;
    let forestry = adds_a_unit(&seat).await;
    seat.follows("nav-people").await;
    seat.unfolds("person-add").await;
    seat.fills("name", NEW).await;
    seat.picks("role", "handler").await;
    seat.picks("unit", &forestry).await;
    seat.presses("person-add").await;
    seat.is_told("person-no-login").await;
    seat.reads(FORESTRY).await;
    let person = last(&seat.address().await);
    seat.presses("link-make").await;
    let link = secret(&seat).await;

    gives_a_token_and_takes_it_back(&seat, &person).await;
    seat.follows("nav-health").await;
    seat.is_told("health-ready").await;
    seat.signs_out().await;

    seat.sets_password(&link, LOGIN).await;
    assert_eq!(seat.address().await, "/");
    seat.is_told("work-nothing").await;
    let me = seat.one(By::Css(".me")).await.text().await.unwrap();
    assert!(me.contains(NEW) && me.contains(FORESTRY), "{me}");
    assert_eq!(seat.count("a[href^='/admin']").await, 0, "whoever handles cases administers nothing");
    seat.signs_out().await;
    seat.gives_password(LOGIN, PASSWORD).await;
    assert_eq!(seat.address().await, "/");
}

/// Adds a unit, at first with a division that is none, and returns its id.
async fn adds_a_unit(seat: &Browser<'_>) -> String {
    seat.follows("nav-units").await;
    seat.unfolds("unit-add").await;
    seat.fills("name", FORESTRY).await;
    seat.picks("kind", "department").await;
    seat.picks("parent", &unit("舟曲县")).await;
    seat.fills("division", "舟曲").await;
    seat.presses("unit-add").await;
    seat.is_told("field-unreadable").await;
    assert_eq!(seat.holds("name").await, FORESTRY, "the rest is still there");
    seat.fills("division", "623023").await;
    seat.presses("unit-add").await;
    seat.follows_text(FORESTRY).await;
    seat.is_told("unit-holders-none").await;
    last(&seat.address().await)
}

/// Returns the last part of an address.
fn last(address: &str) -> String {
    address.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Makes a token for somebody, sees it work, and takes it back.
async fn gives_a_token_and_takes_it_back(seat: &Browser<'_>, person: &str) {
    const LABEL: &str = "填报程序";
    seat.follows("nav-tokens").await;
    seat.unfolds("token-make").await;
    seat.picks("person", person).await;
    seat.fills("label", LABEL).await;
    seat.presses("token-make").await;
    let program = Client::anonymous(&seat.place.url("")).with_token(&secret(seat).await);
    assert_eq!(program.get("/api/me").await.expect(200)["name"], NEW);
    let revoke = seat.place.words.say_of("token-revoke-one", LABEL);
    seat.leaves_by(&seat.one(By::XPath(format!("//button[@aria-label='{revoke}']"))).await).await;
    program.get("/api/me").await.expect(401);
    seat.is_told("token-gone").await;
}

/// Returns what a page shows this once.
async fn secret(seat: &Browser<'_>) -> String {
    seat.one(By::Css(".secret")).await.text().await.unwrap()
}
