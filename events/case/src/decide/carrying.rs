//! What an older ledger says comes in (承前): declared, not proved. The rules bind from here.

use chrono::{Datelike, NaiveDate};

use crate::assignment::Assignment;
use crate::carried_over::{Declared, Standing};
use crate::case::Case;
use crate::deadline::{Deadline, Rule, Start};
use crate::decide::assignment::{self, Named};
use crate::decide::guard::Guard;
use crate::decide::{Facts, firewall, intake, reading};
use crate::event::CaseEvent;
use crate::number::Series;
use crate::refusal::{Refusal, Refused};
use crate::time::Happened;

pub(super) fn carry_over(
    case: &Case,
    declared: Box<Declared>,
    named: Named,
    deadline: Option<NaiveDate>,
    facts: &Facts<'_>,
) -> Result<CaseEvent, Refused> {
    intake::check(&declared.finding, facts)?;
    declared.texts().chain([named.goal.as_str()]).try_for_each(reading::unmarked)?;
    check_days(&declared, facts)?;
    let says = declared.standing.whereabouts().is_none_or(|said| !said.trim().is_empty());
    Guard::DeclaredSaysWhereTo.require(says, Refusal::WhereaboutsMissing)?;
    let source = facts.directory.source(&declared.finding.source).ok_or(Refusal::UnknownSource)?;
    let office = facts.directory.unit(facts.actor.unit).ok_or(Refusal::UnknownUnit)?;
    let severity = declared.finding.severity.unwrap_or(source.severity);
    let then = Case { severity, ..begun(case, &declared) };
    let assignment = assigned(&then, &declared, named, deadline, facts)?;
    let year = declared.registered.unwrap_or(declared.finding.discovered).day(facts.zone).year();
    let series = Series { office: office.prefix.clone(), source: source.prefix.clone(), year };
    Ok(CaseEvent::CarriedOver { number: series.next(), office: office.id, severity, declared, assignment })
}

/// Returns a case as it begins when it is carried over, for who may act on it to be asked of that.
pub(super) fn begun(case: &Case, declared: &Declared) -> Case {
    let division = Some(declared.finding.division.clone());
    Case { division, ..firewall::telling(case, &declared.finding) }
}

/// What was declared happened before now, and not before discovery.
fn check_days(declared: &Declared, facts: &Facts<'_>) -> Result<(), Refused> {
    let refused = |refusal: Refusal, day: Happened| Refused { grounds: vec![refusal], about: Some(day.to_string()) };
    let found = declared.finding.discovered;
    for day in declared.days().chain(declared.registered) {
        if day.earliest(facts.zone) > facts.now {
            return Err(refused(Refusal::InTheFuture, day));
        }
    }
    for day in declared.days() {
        if day.latest(facts.zone) < found.earliest(facts.zone) {
            return Err(refused(Refusal::BeforeDiscovery, day));
        }
    }
    Ok(())
}

/// Returns who answers for it from here on, with the levels that are owed from here on; none where nobody is named.
fn assigned(
    then: &Case,
    declared: &Declared,
    named: Named,
    last_day: Option<NaiveDate>,
    facts: &Facts<'_>,
) -> Result<Option<Assignment>, Refused> {
    let nobody = named.leads.is_empty() && named.co_responsible.is_empty() && named.responsible_leader.is_none();
    if nobody && declared.standing != Standing::UnderWay {
        return Ok(None);
    }
    if named.leads.is_empty() {
        return Err(Refusal::NoLead.into());
    }
    let deadline = deadline(declared, last_day, facts)?;
    assignment::assignment(then, named, deadline, facts).map(Some)
}

/// Returns the deadline that the old ledger gives. What came to its end without one had time until then, and no longer matters.
fn deadline(declared: &Declared, last_day: Option<NaiveDate>, facts: &Facts<'_>) -> Result<Deadline, Refused> {
    let ended = || declared.standing.ended().or(declared.completed).map_or(facts.today(), |on| on.day(facts.zone));
    let (last_day, cite) = match (last_day, &declared.standing) {
        (Some(last_day), _) => (last_day, "承前：原台账所载时限"),
        (None, Standing::NotStarted | Standing::UnderWay) => return Err(Refusal::NoTerm.into()),
        (None, Standing::Closed { .. }) => (ended(), "承前：原台账未载时限，计至销号"),
        (None, Standing::Dismissed { .. } | Standing::Merged { .. } | Standing::Transferred { .. }) => {
            (ended(), "承前：原台账未载时限，计至离账")
        }
    };
    let rule = Rule { pack: "office".to_owned(), cite: cite.to_owned() };
    let from = declared.finding.discovered.day(facts.zone);
    let deadline = Deadline::until(Start::CarriedOver, from, rule, last_day, facts.zone);
    deadline.ok_or_else(|| Refused { grounds: vec![Refusal::TermNotAfterStart], about: Some(last_day.to_string()) })
}
