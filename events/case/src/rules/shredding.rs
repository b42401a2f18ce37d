//! Rule 2 about the keys of petitions: whoever agrees that they are deleted did not ask for it, and what is written of it
//! afterwards names these two.

use std::collections::BTreeMap;

use super::violation::{Rule, Violation};
use crate::access::AccessEvent;
use crate::actor::Actor;
use crate::envelope::Envelope;
use crate::identity::{CaseId, FindingId, PersonId};

/// Watches that no petition is erased by one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shredding {
    petitions: BTreeMap<FindingId, Decided>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Decided {
    /// Who asked, until somebody declined.
    asked: Option<PersonId>,
    /// Who agreed.
    agreed: Option<PersonId>,
}

impl Shredding {
    /// Judges one event of an access stream.
    pub fn feed(
        &mut self,
        at: usize,
        envelope: &Envelope,
        case: CaseId,
        event: &AccessEvent,
        out: &mut Vec<Violation>,
    ) {
        let Actor { person, .. } = envelope.actor;
        let mut breaks = |code, what: &str| {
            out.push(Violation { rule: Rule::Two, case: Some(case), at, code, what: what.to_owned() });
        };
        match event {
            AccessEvent::ShreddingProposed { finding, .. } => {
                self.petitions.entry(*finding).or_default().asked = Some(person);
            }
            AccessEvent::ShreddingDeclined { finding, .. } => {
                let decided = self.petitions.entry(*finding).or_default();
                if decided.asked == Some(person) {
                    breaks("declined_by_who_asked", "who declines that keys are deleted asked for it");
                }
                decided.asked = None;
            }
            AccessEvent::ShreddingApproved { finding, proposed_by, .. } => {
                let decided = self.petitions.entry(*finding).or_default();
                if decided.asked != Some(*proposed_by) {
                    breaks("approved_unasked", "somebody agreed that keys are deleted, and nobody had asked for it");
                }
                if decided.asked == Some(person) || *proposed_by == person {
                    breaks("approved_by_who_asked", "who agreed that keys are deleted asked for it");
                }
                decided.agreed = Some(person);
            }
            AccessEvent::PetitionShredded { finding, proposed_by, approved_by, .. } => {
                // Before two were needed, it named none.
                let decided = self.petitions.get(finding).cloned().unwrap_or_default();
                let is_by_two = proposed_by.is_some() || approved_by.is_some() || decided != Decided::default();
                if is_by_two && (decided.asked, decided.agreed) != (*proposed_by, *approved_by) {
                    breaks("shredded_otherwise", "keys were deleted, and not as two had decided");
                }
            }
            AccessEvent::EvidenceOpened { .. }
            | AccessEvent::PetitionOpened { .. }
            | AccessEvent::PetitionHeld { .. }
            | AccessEvent::PetitionReleased { .. }
            | AccessEvent::SetAsideOpened { .. }
            | AccessEvent::SetAsideResent { .. }
            | AccessEvent::DossierExported { .. }
            | AccessEvent::Published(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::directory::Role;
    use crate::finding::{PetitionClass, Severity};
    use crate::identity::UnitId;

    const FINDING: FindingId = FindingId(uuid::Uuid::from_u128(1));

    fn administrator(unit: UnitId) -> Actor {
        by(unit, Role::Administrator)
    }

    fn begun() -> History {
        History::registered(petition("1", PetitionClass::Request, &[]), Severity::Ordinary)
    }

    fn proposed() -> AccessEvent {
        AccessEvent::ShreddingProposed { finding: FINDING, reason: "信访人申请删除".into() }
    }

    fn approved(proposed_by: Actor) -> AccessEvent {
        AccessEvent::ShreddingApproved {
            finding: FINDING,
            proposed_by: proposed_by.person,
            contents: vec![digest(1)],
            attachments: vec![],
        }
    }

    fn shredded(proposed_by: Option<Actor>, approved_by: Option<Actor>) -> AccessEvent {
        let person = |actor: Option<Actor>| actor.map(|actor| actor.person);
        let (proposed_by, approved_by) = (person(proposed_by), person(approved_by));
        AccessEvent::PetitionShredded {
            finding: FINDING, reason: "信访人申请删除".into(), proposed_by, approved_by
        }
    }

    #[test]
    fn two_persons_erase_a_petition() {
        let (one, other) = (administrator(COUNTY_OFFICE), administrator(OFFICE));
        let asked = || begun().looked(one, proposed());
        assert_eq!(asked().looked(other, approved(one)).breaks(), []);
        let done = asked().looked(other, approved(one)).looked(other, shredded(Some(one), Some(other)));
        assert_eq!(done.breaks(), []);
        let alone = asked().looked(one, approved(one));
        assert_eq!(alone.breaks(), [(2, "approved_by_who_asked")]);
        let unasked = begun().looked(other, approved(one));
        assert_eq!(unasked.breaks(), [(2, "approved_unasked")]);
        let otherwise = asked().looked(one, shredded(Some(one), Some(other)));
        assert_eq!(otherwise.breaks(), [(2, "shredded_otherwise")]);
        let by_one = asked().looked(one, shredded(None, None));
        assert_eq!(by_one.breaks(), [(2, "shredded_otherwise")]);
        let declined = AccessEvent::ShreddingDeclined { finding: FINDING, reason: "仍在复查期内".into() };
        assert_eq!(asked().looked(one, declined.clone()).breaks(), [(2, "declined_by_who_asked")]);
        let after = asked().looked(other, declined).looked(other, approved(one));
        assert_eq!(after.breaks(), [(2, "approved_unasked")]);
    }

    #[test]
    fn what_one_erased_before_two_were_needed_stays_in_order() {
        assert_eq!(begun().looked(administrator(OFFICE), shredded(None, None)).breaks(), []);
        assert_eq!(begun().looked(Actor::INSTALLATION, shredded(None, None)).breaks(), []);
    }
}
