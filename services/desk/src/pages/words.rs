//! How the office calls what a case consists of, in both languages.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand everything over by reference")]

use rectify_case::assignment::Method;
use rectify_case::completion::{Outcome, Verdict};
use rectify_case::deadline::Deadline;
use rectify_case::directory::UnitKind;
use rectify_case::event::{Field, Ground, HandedAct, Likeness, Relation};
use rectify_case::finding::{PetitionClass, Reference, Severity};
use rectify_case::quantity::{Amounts, Measured};
use rectify_case::{CaseEvent, Stage};
use rectify_ledger::{OutcomeKind, Tie};
use serde::Serialize;
use serde_json::Value;

use super::page::Page;

/// Returns the name of a plain value as it is written, with `-` for `_`.
fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name.replace('_', "-"),
        _ => String::new(),
    }
}

impl Page {
    /// Returns a text with another in brackets behind it.
    pub(crate) fn bracketed(&self, text: &str, more: &str) -> String {
        self.say_two("bracketed", ("text", text), ("more", more))
    }

    /// Returns what a stage is called.
    pub(crate) fn stage(&self, stage: &Stage) -> String {
        self.say(&format!("stage-{}", stage.name()))
    }

    /// Returns what an event is called.
    pub(crate) fn event(&self, event: &CaseEvent) -> String {
        self.say(&format!("event-{}", event.name().replace('_', "-")))
    }

    /// Returns what a command is called.
    pub(crate) fn act(&self, command: &str) -> String {
        self.say(&format!("act-{}", command.replace('_', "-")))
    }

    /// Returns what a severity is called.
    pub(crate) fn severity(&self, severity: &Severity) -> String {
        self.say(&format!("severity-{}", name_of(severity)))
    }

    /// Returns what a class of petitions is called.
    pub(crate) fn class(&self, class: &PetitionClass) -> String {
        self.say(&format!("class-{}", name_of(class)))
    }

    /// Returns what a verdict is called.
    pub(crate) fn verdict(&self, verdict: &Verdict) -> String {
        self.say(&format!("verdict-{}", name_of(verdict)))
    }

    /// Returns what an outcome is called, with the day on which it is looked at again.
    pub(crate) fn outcome(&self, outcome: &Outcome) -> String {
        let name = self.outcome_kind(&OutcomeKind::from(*outcome));
        match outcome {
            Outcome::DoneAndKeptUp { review } => {
                format!("{name}{}", self.say_of("outcome-review", "day", review.to_string()))
            }
            Outcome::Rectified
            | Outcome::Unfounded
            | Outcome::DisagreementUpheld
            | Outcome::Overtaken
            | Outcome::Withdrawn => name,
        }
    }

    /// Returns what a kind of outcome is called.
    pub(crate) fn outcome_kind(&self, outcome: &OutcomeKind) -> String {
        self.say(&format!("outcome-{}", name_of(outcome)))
    }

    /// Returns why a verified case went back.
    pub(crate) fn ground(&self, ground: &Ground) -> String {
        self.say(&format!("ground-{}", name_of(ground)))
    }

    /// Returns what two cases have in common.
    pub(crate) fn likeness(&self, likeness: &Likeness) -> String {
        self.say(&format!("likeness-{}", name_of(likeness)))
    }

    /// Returns what an act is called that was handed up.
    pub(crate) fn handed_act(&self, act: &HandedAct) -> String {
        self.say(&format!("handed-{}", name_of(act)))
    }

    /// Returns how two cases are linked.
    pub(crate) fn relation(&self, relation: &Relation) -> String {
        self.say(&format!("relation-{}", name_of(relation)))
    }

    /// Returns what another case is to this one.
    pub(crate) fn tie(&self, tie: &Tie) -> String {
        self.say(&format!("tie-{}", name_of(tie)))
    }

    /// Returns what a field that can be corrected is called.
    pub(crate) fn correctable(&self, field: &Field) -> String {
        self.say(&format!("correctable-{}", name_of(field)))
    }

    /// Returns how a level is verified.
    pub(crate) fn method(&self, method: &Method) -> String {
        self.say(&format!("method-{}", name_of(method)))
    }

    /// Returns what a kind of unit is called.
    pub(crate) fn unit_kind(&self, kind: &UnitKind) -> String {
        self.say(&format!("kind-{}", name_of(kind)))
    }

    /// Returns what is counted, as it stands behind a number.
    pub(crate) fn measured(&self, measured: &Measured) -> String {
        self.say(&format!("measured-{}", name_of(measured)))
    }

    /// Returns one amount as it is written: money in yuan.
    pub(crate) fn amount(&self, measured: &Measured, amount: &u64) -> String {
        let number = match measured {
            Measured::Money => yuan(*amount),
            Measured::Households | Measured::Persons | Measured::Records => amount.to_string(),
        };
        format!("{number} {}", self.measured(measured))
    }

    /// Returns amounts as they are written.
    pub(crate) fn amounts(&self, amounts: &Amounts) -> String {
        let all: Vec<String> = amounts.iter().map(|(measured, amount)| self.amount(measured, amount)).collect();
        all.join(&self.say("list-comma"))
    }

    /// Returns what a source knows a finding by. An item that its row was given for want of one says nothing to anybody.
    pub(crate) fn reference(&self, reference: &Reference) -> String {
        let document = format!("{} {}", reference.issuing_body, reference.document);
        if reference.item.contains("sha256:") {
            document
        } else {
            self.say_two("said-reference", ("document", document), ("item", reference.item.as_str()))
        }
    }

    /// Returns a deadline with what it rests on.
    pub(crate) fn deadline(&self, deadline: &Deadline) -> String {
        let day = deadline.last_day.to_string();
        if deadline.rule.cite.is_empty() {
            day
        } else {
            self.say_two("deadline-cited", ("day", day), ("cite", self.cited(&deadline.rule.cite)))
        }
    }

    /// Returns what a deadline rests on: in the page's language where it is what this program writes, else as it was typed.
    fn cited(&self, cite: &str) -> String {
        let written = [
            ("整改办交办", "rule-assigned"),
            ("同意延期", "rule-extended"),
            ("承前：原台账所载时限", "rule-carried"),
            ("承前：原台账未载时限，计至销号", "rule-carried-closed"),
            ("承前：原台账未载时限，计至离账", "rule-carried-left"),
        ];
        let known = written.into_iter().find(|(text, _)| *text == cite);
        known.map_or_else(|| cite.to_owned(), |(_, name)| self.say(name))
    }
}

/// Returns 分 as yuan, with a comma between thousands.
pub(crate) fn yuan(fen: u64) -> String {
    let digits = (fen / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fen.is_multiple_of(100) { grouped } else { format!("{grouped}.{:02}", fen % 100) }
}

/// Returns the style of a stage: what is under way, what waits for a check, what is done.
pub(crate) fn stage_style(stage: Stage) -> &'static str {
    match stage {
        Stage::Assigned | Stage::Rectifying => "go",
        Stage::Reported | Stage::Verified => "check",
        Stage::Closed => "done",
        Stage::Discovered | Stage::Registered => "begun",
        Stage::Dismissed | Stage::Merged | Stage::Transferred | Stage::Grouped => "ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_yuan() {
        assert_eq!(yuan(123_456_700), "1,234,567");
        assert_eq!(yuan(5), "0.05");
    }
}
