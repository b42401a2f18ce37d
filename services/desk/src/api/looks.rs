//! Every look at petitioners (查阅信访人信息的记录): who, when, why, in which case. For auditors, and as everywhere nothing of a
//! case that is kept from them.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rectify_case::access::SET_ASIDE;
use rectify_case::{AccessEvent, CaseId, CaseNumber, Event, PersonId, Position, Role, StreamId};
use rectify_kit::act;
use rectify_log::Recorded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::cases::{MOST, USUAL};
use crate::api::input::Asking;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::Capacity;

/// How many looks are read from the log at once.
const AT_ONCE: u32 = 200;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/looks", list, |o| {
        o.says("looks_at_petitioners", "Lists every look at petitioners, the latest first")
            .explains(
                "For auditors: petitions and attachments that were opened, and what was set aside. `next` of one page is \
                 `before` of the one after it; there is no `next` on the last.",
            )
            .query::<Wanted>()
            .in_capacity()
            .answers::<Shown>(StatusCode::OK, "A page of the looks.")
    })
}

/// Which looks, and which page of them.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The first day.
    pub(crate) from: Option<NaiveDate>,
    /// The last day.
    pub(crate) until: Option<NaiveDate>,
    /// Only those of this person, or for this person.
    pub(crate) person: Option<PersonId>,
    /// Only those before this position of the log.
    pub(crate) before: Option<Position>,
    /// At most how many; 50 where nothing is said, 500 at most.
    #[schemars(range(max = 500))]
    pub(crate) limit: Option<u32>,
}

/// A page of looks.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LooksPage")]
struct Shown {
    /// The looks, the latest first.
    looks: Vec<Looked>,
    /// Where the page after it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Position>,
}

/// One look.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LookAtPetitioner")]
pub(crate) struct Looked {
    /// Its position in the log.
    pub(crate) position: Position,
    /// When.
    pub(crate) recorded: DateTime<Utc>,
    /// Who looked.
    pub(crate) who: Capacity,
    /// In which case; none where what was set aside was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<CaseId>,
    /// Its number, where it is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<CaseNumber>,
    /// At what, and why.
    #[serde(flatten)]
    pub(crate) event: AccessEvent,
}

async fn list(State(desk): State<Desk>, caller: Caller, Asking(wanted): Asking<Wanted>) -> Result<Json<Shown>, Error> {
    let (looks, next) = looks(&desk, &caller, &wanted).await?;
    Ok(Json(Shown { looks, next }))
}

/// Returns a page of looks for an auditor, and where the next one begins.
pub(crate) async fn looks(
    desk: &Desk,
    caller: &Caller,
    wanted: &Wanted,
) -> Result<(Vec<Looked>, Option<Position>), Error> {
    if caller.capacities(|role| role == Role::Auditor).is_empty() {
        return Err(Code::NotAuditor.into());
    }
    let (log, zone) = (&desk.frame.log, desk.frame.config.zone);
    let most = usize::try_from(wanted.limit.unwrap_or(USUAL).min(MOST)).unwrap_or(usize::MAX);
    let after = match wanted.from {
        Some(day) => log.position_at(just_before(zone.start_of(day))).await?,
        None => 0,
    };
    let last = match wanted.until {
        Some(day) => log.position_at(just_before(zone.end_of(day))).await?,
        None => Position::MAX - 1,
    };
    let mut before = wanted.before.unwrap_or(Position::MAX).min(last + 1);
    let mut sight = Sight { desk, caller, cases: HashMap::new() };
    let mut found = Vec::new();
    loop {
        let page = log.read_looks(before, AT_ONCE).await?;
        for recorded in &page {
            if recorded.position <= after {
                return Ok((found, None));
            }
            let is_wanted = wanted.person.is_none_or(|person| recorded.envelope.actor.persons().any(|p| p == person));
            let Some(looked) = (if is_wanted { sight.look(recorded).await? } else { None }) else { continue };
            if found.len() >= most {
                return Ok((found, Some(recorded.position + 1)));
            }
            found.push(looked);
        }
        match page.last() {
            Some(oldest) if page.len() == usize::try_from(AT_ONCE).unwrap_or(usize::MAX) => before = oldest.position,
            _ => return Ok((found, None)),
        }
    }
}

/// Returns the last instant before another, as the log tells instants apart.
fn just_before(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(instant)
}

/// An auditor, and the cases that were looked up for them.
struct Sight<'a> {
    desk: &'a Desk,
    caller: &'a Caller,
    cases: HashMap<CaseId, Seen>,
}

/// A case as an auditor sees it.
#[derive(Clone)]
enum Seen {
    /// It is kept from them.
    Nothing,
    /// It is shown to them, by its number where it has one.
    Case(Option<CaseNumber>),
}

impl Sight<'_> {
    async fn look(&mut self, recorded: &Recorded) -> Result<Option<Looked>, Error> {
        let envelope = &recorded.envelope;
        let (StreamId::Access(case), Event::Access(event)) = (envelope.stream, &envelope.event) else {
            return Ok(None);
        };
        let (case, number) = if case == SET_ASIDE {
            (None, None)
        } else {
            match self.case(case).await? {
                Seen::Nothing => return Ok(None),
                Seen::Case(number) => (Some(case), number),
            }
        };
        Ok(Some(Looked {
            position: recorded.position,
            recorded: envelope.recorded,
            who: Capacity::of(envelope.actor, &self.caller.directory),
            case,
            number,
            event: event.clone(),
        }))
    }

    async fn case(&mut self, id: CaseId) -> Result<Seen, Error> {
        if let Some(known) = self.cases.get(&id) {
            return Ok(known.clone());
        }
        let (case, _) = act::load(&self.desk.frame.log, id).await?;
        let seen = if self.caller.sees(&case) { Seen::Case(case.number) } else { Seen::Nothing };
        self.cases.insert(id, seen.clone());
        Ok(seen)
    }
}
