//! Where walks begin: a few moves that bring a case to where something can go wrong.

use super::moves::*;
use super::world::*;
use crate::carried_over::Standing;
use crate::command::Command;
use crate::directory::Role;
use crate::finding::{PetitionClass, Severity, Subject};
use crate::identity::{PersonId, UnitId};

/// Moves, one after the other.
#[derive(Clone, Default)]
pub(super) struct Start(pub(super) Vec<Move>);

impl Start {
    pub(super) fn nothing() -> Start {
        Start::default()
    }

    pub(super) fn discovered() -> Start {
        Start::nothing().and(by(source(), CASE, Command::Report { finding: finding(CASE).into() }))
    }

    pub(super) fn petitioned(class: PetitionClass, subject: Subject) -> Start {
        let finding = petition(CASE, class, &[subject]).into();
        Start::nothing().and(by(source(), CASE, Command::Report { finding })).registered(Severity::Ordinary)
    }

    /// Carried over from an older ledger, led by the department.
    pub(super) fn carried_over(standing: Standing) -> Start {
        Start::nothing().and(by(officer(), CASE, carry(finding(CASE), standing, &[WATER], Some(LI))))
    }

    /// Adds the other case, as an audit or a petition reports it.
    pub(super) fn with_other(self, accused: Option<UnitId>) -> Start {
        let finding = match accused {
            Some(unit) => petition(OTHER, PetitionClass::Accusation, &[Subject::Unit(unit)]),
            None => finding(OTHER),
        };
        self.and(by(source(), OTHER, Command::Report { finding: finding.into() })).and(by(
            officer(),
            OTHER,
            register(Severity::Ordinary),
        ))
    }

    pub(super) fn registered(self, severity: Severity) -> Start {
        self.and(by(officer(), CASE, register(severity)))
    }

    pub(super) fn assigned(self, lead: UnitId, leader: Option<PersonId>) -> Start {
        self.and(by(officer(), CASE, assign(&[lead], leader)))
    }

    pub(super) fn rectifying(severity: Severity) -> Start {
        Start::discovered().registered(severity).assigned(WATER, Some(LI)).and(by(
            handler(),
            CASE,
            Command::Accept { unit: WATER },
        ))
    }

    /// Reported as fixed, with evidence.
    pub(super) fn reported(severity: Severity) -> Start {
        Start::rectifying(severity).and(by(handler(), CASE, completion(WATER, 100, true)))
    }

    /// The first level was passed on evidence that was opened.
    pub(super) fn passed(severity: Severity, verified: u64) -> Start {
        Start::reported(severity).opened(verifier()).and(by(verifier(), CASE, pass(0, &[1], verified)))
    }

    /// Every level of a grave case was passed, the second on site.
    pub(super) fn grave_verified() -> Start {
        Start::passed(Severity::Grave, 100)
            .and(by(prefecture_verifier(), CASE, Command::FileEvidence { unit: OFFICE, evidence: evidence(2) }))
            .and(by(prefecture_verifier(), CASE, pass(1, &[2], 100)))
    }

    pub(super) fn closed() -> Start {
        Start::passed(Severity::Ordinary, 100).and(by(officer(), CASE, Command::Close { outcome: None }))
    }

    /// Goes on from registration until it is reported.
    pub(super) fn handled(self) -> Start {
        self.assigned(WATER, None).and(by(handler(), CASE, Command::Accept { unit: WATER })).and(by(
            handler(),
            CASE,
            completion(WATER, 100, true),
        ))
    }

    /// A second unit leads with the first.
    pub(super) fn led_by_two() -> Start {
        let accepted = by(handler(), CASE, Command::Accept { unit: WATER });
        Start::discovered()
            .registered(Severity::Ordinary)
            .and(by(officer(), CASE, assign(&[WATER, ROADS], None)))
            .and(accepted)
    }

    /// The prefecture's own office repairs it, so that no office is left to verify.
    pub(super) fn led_by_the_highest_office() -> Start {
        let handler = actor(WU, OFFICE, Role::Handler);
        Start::discovered()
            .registered(Severity::Ordinary)
            .and(by(prefecture_officer(), CASE, assign(&[OFFICE], None)))
            .and(by(handler, CASE, Command::Accept { unit: OFFICE }))
            .and(by(handler, CASE, completion(OFFICE, 100, true)))
    }

    /// Who reported progress is no longer of a responsible unit: another unit leads and reports.
    pub(super) fn reported_by_another_lead() -> Start {
        let reassigned = Command::Reassign {
            leads: vec![ROADS],
            co_responsible: vec![],
            responsible_leader: None,
            goal: "水费全部入账".into(),
            reason: why(),
        };
        Start::rectifying(Severity::Ordinary)
            .and(by(handler(), CASE, progress(WATER, 50)))
            .and(by(officer(), CASE, reassigned))
            .and(by(other_handler(), CASE, Command::Accept { unit: ROADS }))
            .and(by(other_handler(), CASE, completion(ROADS, 100, true)))
    }

    /// Reported with nothing new: the evidence is from before the report.
    pub(super) fn reported_on_old_evidence() -> Start {
        Start::rectifying(Severity::Ordinary)
            .and(by(handler(), CASE, Command::FileEvidence { unit: WATER, evidence: evidence(1) }))
            .and(by(handler(), CASE, completion(WATER, 100, false)))
            .opened(verifier())
    }

    /// Listed while it was reported, and verified since.
    pub(super) fn listed_and_verified() -> Start {
        Start::reported(Severity::Ordinary)
            .and(by(officer(), CASE, Command::List { target: "入账".into(), leader: FENG }))
            .opened(verifier())
            .and(by(verifier(), CASE, pass(0, &[1], 100)))
    }

    /// Another case was merged into it, and there is a third.
    pub(super) fn merged() -> Start {
        let into = Command::Merge { into: CASE, found: None, reason: why() };
        Start::discovered().registered(Severity::Ordinary).with_other(None).and(by(officer(), OTHER, into)).and(by(
            source(),
            PARTS[0],
            Command::Report { finding: finding(PARTS[0]).into() },
        ))
    }

    pub(super) fn opened(self, actor: crate::actor::Actor) -> Start {
        self.and(Move { actor, case: CASE, act: Act::Open(digest(1)) })
    }

    pub(super) fn and(mut self, made: Move) -> Start {
        self.0.push(made);
        self
    }
}
