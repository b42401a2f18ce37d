//! Links between cases: recurrence (再发), likeness, kinship.

use rectify_case::event::Relation;
use rectify_case::{CaseEvent, Refusal};

use crate::acts::{another, closed, link, registered, unlink};
use crate::scenario::{CASE, OTHER, THIRD, given};
use crate::world::{WATER, auditor, handler};

#[test]
fn a_new_case_refers_to_the_old_one_it_repeats() {
    let linked = CaseEvent::Linked { other: CASE, relation: Relation::RecurrenceOf };
    let given = given(closed().into_iter().chain(another()));
    let given = given.when(link(CASE, Relation::RecurrenceOf).to(OTHER)).then([linked]);
    assert!(given.case_of(OTHER).links.contains(&(CASE, Relation::RecurrenceOf)));
}

#[test]
fn a_link_is_made_once_to_another_case_that_is_there() {
    let given = given(registered().into_iter().chain(another()));
    let given = given.when(link(CASE, Relation::SimilarTo)).refused(Refusal::SelfReference);
    let given = given.when(link(THIRD, Relation::SimilarTo)).refused(Refusal::NoSuchCase);
    let given = given.and(link(OTHER, Relation::SimilarTo));
    let given = given.when(link(OTHER, Relation::SimilarTo)).refused(Refusal::SameAsBefore);
    given.when(link(OTHER, Relation::RelatedTo).by(auditor())).happens(&["linked"]);
}

#[test]
fn a_link_is_taken_away_where_there_is_one() {
    let unlinked = CaseEvent::Unlinked { other: OTHER, relation: Relation::SimilarTo };
    let given = given(registered().into_iter().chain(another())).and(link(OTHER, Relation::SimilarTo));
    let given = given.when(unlink(OTHER, Relation::RelatedTo)).refused(Refusal::NoSuchLink);
    let given = given.when(unlink(OTHER, Relation::SimilarTo)).then([unlinked]);
    assert!(given.case().links.is_empty());
    given.when(link(OTHER, Relation::SimilarTo).by(handler(WATER))).refused(Refusal::RoleMayNot);
}
