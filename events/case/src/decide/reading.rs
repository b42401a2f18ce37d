//! What was given, checked before it is used.

use crate::decide::Facts;
use crate::identity::UnitId;
use crate::quantity::{Amounts, MOST};
use crate::refusal::{Refusal, Refused};

/// Returns a reason without the blanks around it.
pub(super) fn reason(text: &str) -> Result<String, Refused> {
    said(text, Refusal::ReasonMissing)
}

/// Returns a text without the blanks around it.
pub(super) fn text(text: &str) -> Result<String, Refused> {
    said(text, Refusal::TextMissing)
}

/// Returns a text without the blanks around it, or the refusal when nothing is left.
pub(super) fn said(text: &str, or: Refusal) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(or.into());
    }
    match crate::classified::mark(text) {
        Some(_) => Err(Refusal::ClassifiedText.into()),
        None => Ok(text.to_owned()),
    }
}

/// Checks that a text that may be empty is not marked as classified.
pub(super) fn unmarked(text: &str) -> Result<(), Refused> {
    if crate::classified::mark(text).is_some() { Err(Refusal::ClassifiedText.into()) } else { Ok(()) }
}

/// Checks that amounts can be counted.
pub(super) fn amounts(amounts: &Amounts) -> Result<(), Refused> {
    if amounts.values().any(|n| *n > MOST) { Err(Refusal::AmountTooLarge.into()) } else { Ok(()) }
}

/// Checks that a unit is known and not abolished.
pub(super) fn unit(unit: UnitId, facts: &Facts<'_>) -> Result<(), Refused> {
    if facts.directory.is_active(unit) {
        Ok(())
    } else {
        Err(Refused { grounds: vec![Refusal::UnknownUnit], about: Some(unit.to_string()) })
    }
}
