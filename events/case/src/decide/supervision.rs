//! Pressing, listing, links, clues and notes.

use crate::case::Case;
use crate::decide::guard::Guard;
use crate::decide::{Facts, firewall, reading};
use crate::event::{CaseEvent, Relation};
use crate::identity::{CaseId, PersonId};
use crate::permission::{Audience, Reader};
use crate::refusal::{Refusal, Refused};

pub(super) fn press(message: &str) -> Result<CaseEvent, Refused> {
    Ok(CaseEvent::Pressed { message: reading::text(message)? })
}

pub(super) fn list(case: &Case, target: &str, leader: PersonId, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let target = reading::text(target)?;
    if case.listing.is_some() {
        return Err(Refusal::AlreadyListed.into());
    }
    if !facts.directory.knows(leader) {
        return Err(Refusal::UnknownPerson.into());
    }
    let audience = Audience::of(case, facts.directory);
    let walled = audience.walls(&Reader::of(leader, facts.directory, facts.now));
    Guard::AccusedDoesNotAnswerForListing.require(!walled, Refusal::SubjectWouldHandle)?;
    Ok(CaseEvent::Listed { target, leader })
}

pub(super) fn review(case: &Case, note: &str) -> Result<CaseEvent, Refused> {
    listed(case)?;
    Ok(CaseEvent::ListingReviewed { note: reading::text(note)? })
}

pub(super) fn delist(case: &Case, reason: &str) -> Result<CaseEvent, Refused> {
    listed(case)?;
    Ok(CaseEvent::Delisted { reason: reading::reason(reason)? })
}

fn listed(case: &Case) -> Result<(), Refused> {
    if case.listing.is_some() { Ok(()) } else { Err(Refusal::NotListed.into()) }
}

pub(super) fn link(case: &Case, other: CaseId, relation: Relation, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    if other == case.id {
        return Err(Refusal::SelfReference.into());
    }
    if facts.other.is_none_or(|other| other.stage.is_none()) {
        return Err(Refusal::NoSuchCase.into());
    }
    if case.links.contains(&(other, relation)) {
        return Err(Refusal::SameAsBefore.into());
    }
    firewall::may_point(case, facts.other)?;
    Ok(CaseEvent::Linked { other, relation })
}

pub(super) fn unlink(case: &Case, other: CaseId, relation: Relation) -> Result<CaseEvent, Refused> {
    if !case.links.contains(&(other, relation)) {
        return Err(Refusal::NoSuchLink.into());
    }
    Ok(CaseEvent::Unlinked { other, relation })
}

pub(super) fn pass_on(receiver: &str, receipt: &str, note: &str) -> Result<CaseEvent, Refused> {
    Ok(CaseEvent::CluePassedOn {
        receiver: reading::said(receiver, Refusal::ReceiptMissing)?,
        receipt: reading::said(receipt, Refusal::ReceiptMissing)?,
        note: reading::text(note)?,
    })
}

pub(super) fn note(text: &str) -> Result<CaseEvent, Refused> {
    Ok(CaseEvent::NoteAdded { text: reading::text(text)? })
}
