//! What a form is filled in against: the case, who acts, what they have opened.

use std::collections::BTreeSet;

use rectify_case::case::{PlanStanding, PlanState};
use rectify_case::event::Relation;
use rectify_case::refusal::Kind as RefusalKind;
use rectify_case::{Case, CaseId, Command, Digest, Directory, DivisionCode, PersonId, Refusal, Role, UnitId};
use rectify_kit::act::{self, Ask};
use rectify_kit::ids;
use rectify_ledger::Related;
use serde_json::{Map, Value, json};

use super::forms::{self, Field, Kind};
use super::parts;
use super::reading::MEASURED;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::page::Page;

/// What a form is filled in against.
pub(crate) struct Scene<'a> {
    pub(crate) case: &'a Case,
    pub(crate) caller: &'a Caller,
    pub(crate) opened: BTreeSet<Digest>,
    /// The cases that it is linked to, as far as they may reach who acts.
    pub(crate) related: Vec<Related>,
}

/// Returns whether an act has nothing to answer: whatever is filled in, nobody asked for it, or it was done already.
fn has_nothing_to_answer(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::NoExtensionAsked
            | Refusal::NoPlan
            | Refusal::NoLowering
            | Refusal::NotListed
            | Refusal::AlreadyListed
            | Refusal::NoDeadline
    )
}

/// What stands in the way of an act.
pub(crate) struct Hindrance {
    pub(crate) command: &'static str,
    pub(crate) chinese: String,
    pub(crate) english: String,
}

impl<'a> Scene<'a> {
    pub(crate) async fn of(desk: &Desk, caller: &'a Caller, case: &'a Case) -> Result<Scene<'a>, Error> {
        let opened = act::opened_by(caller.who.person, &desk.frame.log, case.id).await?;
        let related = if case.links.is_empty() {
            Vec::new()
        } else {
            desk.ledger.related(&caller.viewer(), case.id, caller.now).await?
        };
        Ok(Scene { case, caller, opened, related })
    }

    fn directory(&self) -> &Directory {
        &self.caller.directory
    }

    /// Returns the roles held by whoever the act is for.
    fn roles(&self) -> BTreeSet<Role> {
        self.caller.capacities(|_| true).into_iter().map(|actor| actor.role).collect()
    }

    /// Returns the leads that who acts speaks for.
    pub(crate) fn own_units(&self) -> Vec<UnitId> {
        let leads = self.case.assignment.iter().flat_map(|assignment| assignment.leads.iter().copied());
        self.spoken_for(leads.collect())
    }

    /// Returns the units a file may be put on file for: the responsible ones who acts speaks for, else their own.
    pub(crate) fn filing_units(&self) -> Vec<UnitId> {
        let own = self.spoken_for(self.case.responsible().collect());
        if !own.is_empty() {
            return own;
        }
        let capacities = self.caller.capacities(|role| matches!(role, Role::Officer | Role::Verifier | Role::Handler));
        let units: BTreeSet<UnitId> = capacities.into_iter().map(|actor| actor.unit).collect();
        units.into_iter().collect()
    }

    /// Returns the plans of the units who acts speaks for; all of them, where they speak for none.
    pub(super) fn plans(&self) -> impl Iterator<Item = &'a PlanState> {
        let own = self.own_units();
        let is_own = move |lead: &UnitId| own.is_empty() || own.contains(lead);
        self.case.plans.iter().filter(move |(lead, _)| is_own(lead)).map(|(_, plan)| plan)
    }

    fn spoken_for(&self, units: Vec<UnitId>) -> Vec<UnitId> {
        let capacities = self.caller.capacities(|role| role == Role::Handler);
        let speaks = |unit: &UnitId| capacities.iter().any(|actor| self.directory().belongs(actor.unit, *unit));
        units.into_iter().filter(speaks).collect()
    }

    /// Returns the commands that can be done here now, and of those that cannot, why.
    pub(crate) fn possible(&self, desk: &Desk) -> (Vec<&'static str>, Vec<Hindrance>) {
        let held = self.roles();
        let (mut possible, mut hindered) = (Vec::new(), Vec::new());
        for command in Command::NAMES {
            let by_role = Command::roles_of(command).iter().any(|role| held.contains(role));
            let at_stage = self.case.stage.is_some_and(|stage| Command::stages_of(command).contains(&stage));
            let Some(fields) = forms::of(command).filter(|_| by_role && at_stage) else { continue };
            let data = self.sampled(fields);
            // What a form is filled in with may not be there yet: then there is nothing to do.
            let Ok(asked) = Command::decode(command, Value::Object(data)) else { continue };
            match self.forbidden(desk, asked) {
                None => possible.push(*command),
                Some(refused) => match refused.refusal().kind() {
                    _ if has_nothing_to_answer(refused.refusal()) => {}
                    RefusalKind::Forbidden | RefusalKind::Stage => {}
                    // Something else may be chosen than what was tried.
                    _ if fields.iter().any(|field| field.kind.is_chosen_from_all()) => possible.push(*command),
                    RefusalKind::Input => possible.push(*command),
                    RefusalKind::Rule if !self.may_verify(command) => {}
                    RefusalKind::Rule => {
                        hindered.push(Hindrance { command, chinese: refused.chinese(), english: refused.english() });
                    }
                },
            }
        }
        (possible, hindered)
    }

    /// Returns whether a command is none of verifying, or the level that is next is held where who acts belongs.
    fn may_verify(&self, command: &str) -> bool {
        if !["pass_level", "fail_verification"].contains(&command) {
            return true;
        }
        let levels = self.case.assignment.as_ref().map(|assignment| assignment.levels.as_slice()).unwrap_or_default();
        let next = self.case.next_level().and_then(|level| levels.get(usize::try_from(level).ok()?));
        let holder = next.and_then(|level| level.holder);
        let capacities = self.caller.capacities(|role| matches!(role, Role::Officer | Role::Verifier));
        holder.is_some_and(|holder| capacities.iter().any(|actor| self.directory().belongs(actor.unit, holder)))
    }

    fn forbidden(&self, desk: &Desk, command: Command) -> Option<rectify_case::Refused> {
        let other = command.other(self.case);
        let ask = Ask {
            case: self.case.id,
            command,
            who: self.caller.who,
            key: None,
            seen: None,
            late: None,
            received: None,
        };
        // Another case is named only when the form is filled in.
        if other.is_some() { None } else { act::forbidden(&desk.frame, self.case, &ask, &self.opened) }
    }

    /// Returns a form as it could be filled in.
    fn sampled(&self, form: &[Field]) -> Map<String, Value> {
        let mut data = Map::new();
        for field in form {
            match self.sample(field.kind) {
                Some(Value::Object(several)) if field.kind.is_several() => data.extend(several),
                Some(value) => drop(data.insert(field.name.to_owned(), value)),
                None => {}
            }
        }
        data
    }

    /// Returns what is counted here, by the names that fields have.
    pub(super) fn counted(&self) -> Vec<&'static str> {
        let known: Vec<Value> = self.case.quantities.keys().map(|measured| json!(measured)).collect();
        MEASURED.into_iter().filter(|name| known.iter().any(|known| known == name)).collect()
    }

    /// Returns something that a field could be filled in with, to see whether the act as such is possible.
    fn sample(&self, kind: Kind) -> Option<Value> {
        let today = self.caller.now.date_naive() + chrono::Days::new(30);
        let some_unit =
            || self.directory().units().find(|unit| self.directory().is_active(unit.id)).map(|unit| unit.id);
        Some(match kind {
            Kind::Line | Kind::Text => json!("……"),
            // The one day that is asked for is when a deadline is to be from then on.
            Kind::Day => {
                let later = self.case.deadline.as_ref().map(|deadline| deadline.last_day + chrono::Days::new(1));
                json!(later.map_or(today, |later| later.max(today)))
            }
            Kind::Amounts
            | Kind::AnyAmounts
            | Kind::Outcome
            | Kind::Verdict
            | Kind::Severity
            | Kind::Done
            | Kind::DoneToo => return self.sample_choice(kind),
            Kind::Ground => json!("new_fact"),
            Kind::HandedAct => json!("closure"),
            Kind::OwnUnit => json!(self.own_units().first()?),
            Kind::FilingUnit => json!(self.filing_units().first()?),
            Kind::Lead => {
                let plans = &self.case.plans;
                let waits = plans.iter().find(|(_, plan)| plan.standing == PlanStanding::Submitted);
                let first = waits.or_else(|| plans.iter().next()).map(|(lead, _)| *lead);
                json!(first.or_else(|| self.own_units().first().copied())?)
            }
            Kind::Unit => json!(some_unit()?),
            Kind::Leads | Kind::Units => json!([some_unit()?]),
            Kind::Person => json!(self.directory().people().next().map(|(person, _)| person)?),
            Kind::Term => json!({ "ends": { "after": { "calendar": 60 } } }),
            Kind::Plan => {
                let due = self.case.deadline.as_ref().map(|deadline| deadline.last_day);
                let by = due.map_or(today, |due| due.min(today));
                json!({ "measures": [{ "text": "……", "unit": self.own_units().first()?, "by": by }] })
            }
            Kind::OnFile => {
                let mut present = self.case.evidence.values().filter(|file| file.withdrawn.is_none());
                json!(present.next()?.evidence.digest)
            }
            Kind::Opened => json!(self.relied_on()),
            Kind::File => {
                json!({ "digest": "0".repeat(64), "name": "样本.pdf", "media_type": "application/pdf", "size": 1 })
            }
            Kind::Files => json!([]),
            Kind::Level => json!(self.case.next_level()?),
            Kind::Held => json!(true),
            Kind::Case | Kind::NewCase => json!(CaseId(ids::new())),
            Kind::Relation => json!(Relation::RelatedTo),
            Kind::Link => {
                let (other, relation) = self.case.links.first()?;
                json!({ "other": other, "relation": relation })
            }
            Kind::FindingOf => json!({ "from": CaseId(ids::new()), "finding": self.case.findings.first()?.id }),
            Kind::Parts => parts::sample(self),
            Kind::Subjects => json!([{ "unit": some_unit()? }]),
            Kind::Change => json!({ "replace": { "ends": { "on": today } } }),
            Kind::Correctable => {
                let first = self.case.findings.first().map_or(1, |held| held.version);
                json!({ "version": first, "field": "title", "old": self.case.title })
            }
        })
    }

    fn sample_choice(&self, kind: Kind) -> Option<Value> {
        Some(match kind {
            Kind::Amounts => json!({}),
            Kind::AnyAmounts => json!(self.case.found()),
            Kind::Outcome => json!({ "kind": "rectified" }),
            Kind::Severity => json!(self.case.severity),
            _ => return None,
        })
    }

    /// Returns the files on file that who acts has opened, and may rely on.
    pub(crate) fn relied_on(&self) -> Vec<Digest> {
        let present = self.case.evidence.values().filter(|file| file.withdrawn.is_none());
        present.map(|file| file.evidence.digest.clone()).filter(|digest| self.opened.contains(digest)).collect()
    }

    /// Returns every active unit with its name: first those of the case's division, then those around it, then the others.
    pub(crate) fn units(&self) -> Vec<(UnitId, String)> {
        let near = |division: &DivisionCode| match &self.case.division {
            Some(own) if own == division => 0,
            Some(own) if own.lies_in(division) => 1,
            _ => 2,
        };
        let active = self.directory().units().filter(|unit| self.directory().is_active(unit.id));
        let mut units: Vec<_> =
            active.map(|unit| (near(&unit.division), unit.division.clone(), unit.name.clone(), unit.id)).collect();
        units.sort();
        units.into_iter().map(|(.., name, id)| (id, name)).collect()
    }

    /// Returns those who hold a role now, each with where.
    pub(crate) fn people(&self, page: &Page, may: impl Fn(Role) -> bool) -> Vec<(PersonId, String)> {
        let directory = self.directory();
        let mut people: Vec<(PersonId, String)> = directory
            .people()
            .filter_map(|(person, name)| {
                let held = directory.holdings(person, self.caller.now).find(|held| may(held.role))?;
                Some((person, page.bracketed(name, &directory.unit_name(held.unit))))
            })
            .collect();
        people.sort_by(|one, other| one.1.cmp(&other.1));
        people
    }
}
