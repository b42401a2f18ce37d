//! Supervision listing (挂牌督办): with target and leader, reviewed monthly until it is taken off the list (摘牌).

use rectify_case::{CaseEvent, Command, Refusal, Stage};

use crate::acts::{close, delist, list, open, press, rectifying, registered, reported, review_listing, verify};
use crate::scenario::{Act, given};
use crate::world::{NOBODY, WATER, ZHOUQU_OFFICE, leader, officer};

#[test]
fn a_case_is_listed_with_a_target_and_a_leader_reviewed_and_taken_off() {
    let leader = leader(WATER).person;
    let given = given(rectifying())
        .when(list())
        .then([CaseEvent::Listed { target: "6月底前清零".to_owned(), leader }])
        .when(review_listing())
        .then([CaseEvent::ListingReviewed { note: "4月调度：进展正常".to_owned() }]);
    assert_eq!(given.case().listing.as_ref().unwrap().reviews.len(), 1);
    let given = given.when(delist()).then([CaseEvent::Delisted { reason: "按程序办理".to_owned() }]);
    assert_eq!(given.case().listing, None);
}

#[test]
fn what_is_listed_is_not_listed_again_and_what_is_not_is_not_reviewed() {
    given(registered()).and(list()).when(list()).refused(Refusal::AlreadyListed);
    given(registered()).when(review_listing()).refused(Refusal::NotListed);
    given(registered()).when(delist()).refused(Refusal::NotListed);
}

#[test]
fn the_leader_of_a_listing_is_known() {
    let command = Command::List { target: "6月底前清零".to_owned(), leader: NOBODY };
    given(registered()).when(Act::ask(officer(ZHOUQU_OFFICE), command)).refused(Refusal::UnknownPerson);
}

#[test]
fn a_listed_case_is_taken_off_before_it_is_closed() {
    given(reported())
        .and(list())
        .and(open(1))
        .and(verify())
        .when(close())
        .refused(Refusal::ListingOpen)
        .and(delist())
        .when(close())
        .comes_to(Stage::Closed);
}

#[test]
fn the_office_presses_and_every_time_counts() {
    let given = given(rectifying()).when(press()).then([CaseEvent::Pressed { message: "请抓紧整改".to_owned() }]);
    assert_eq!(given.and(press()).case().pressed, 2);
}
