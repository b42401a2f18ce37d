//! One act on a case: load, decide, append. The desk and the registrar share it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rectify_case::{
    AccessEvent, Actor, Audience, Case, CaseEvent, CaseId, Cause, Command, Decided, Digest, Directory, Event, Facts,
    Finding, FindingId, Late, PersonId, Position, Reader, Refusal, Refused, Role, StreamId, UnitId, Version, decide,
    fold,
};
use rectify_log::{Append, AppendError, Expected, Log, LogError, NewEvent, Recorded, Write, Written};
use serde::Serialize;
use sha2::Digest as _;

use crate::frame::Frame;

/// What is asked of a case.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The case. For what begins one, the one that [`case_of`] names.
    pub case: CaseId,
    /// What is asked.
    pub command: Command,
    /// Who asks.
    pub who: Who,
    /// What makes a second attempt known for what it is.
    pub key: Option<String>,
    /// The version the asker has seen; none takes the case as it is.
    pub seen: Option<Version>,
    /// When it really happened, and the document that shows it, when it is entered late (补录).
    pub late: Option<Late>,
    /// When a finding came in.
    pub received: Option<DateTime<Utc>>,
}

/// Who asks, and in what capacity as far as they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// The person.
    pub person: PersonId,
    /// The person acted for (代办).
    pub on_behalf_of: Option<PersonId>,
    /// The unit; where nothing is said, one that fits is found.
    pub unit: Option<UnitId>,
    /// The role; where nothing is said, one that fits is found.
    pub role: Option<Role>,
}

impl From<Actor> for Who {
    fn from(actor: Actor) -> Self {
        let Actor { person, unit, role, on_behalf_of } = actor;
        Who { person, on_behalf_of, unit: Some(unit), role: Some(role) }
    }
}

impl Who {
    /// Returns the capacities this may be, of the roles that whoever the act is for holds.
    pub fn actors(&self, directory: &Directory, now: DateTime<Utc>, may: impl Fn(Role) -> bool) -> Vec<Actor> {
        let holdings = directory.holdings(self.on_behalf_of.unwrap_or(self.person), now);
        let fitting = holdings.filter(|held| {
            may(held.role) && self.unit.is_none_or(|unit| unit == held.unit) && self.role.is_none_or(|r| r == held.role)
        });
        let capacities: BTreeSet<(UnitId, Role)> = fitting.map(|held| (held.unit, held.role)).collect();
        let actor = |(unit, role)| Actor { person: self.person, unit, role, on_behalf_of: self.on_behalf_of };
        capacities.into_iter().map(actor).collect()
    }

    /// Returns whether a case may be shown: to the person or whom they act for, and kept from neither.
    pub fn sees(&self, case: &Case, directory: &Directory, now: DateTime<Utc>) -> bool {
        let audience = Audience::of(case, directory);
        let admits = |person| audience.admits(&Reader::of(person, directory, now));
        let lent = self.on_behalf_of.filter(|other| directory.acts_for(self.person, *other, now));
        !self.is_walled(&audience, directory, now) && (admits(self.person) || lent.is_some_and(admits))
    }

    /// Returns whether a case is there to be acted on: it may be shown, or a source hands in more about it.
    fn reaches(&self, case: &Case, directory: &Directory, now: DateTime<Utc>) -> bool {
        let is_source = || !self.actors(directory, now, |role| role == Role::SourceSystem).is_empty();
        let is_walled = || self.is_walled(&Audience::of(case, directory), directory, now);
        self.sees(case, directory, now) || (is_source() && !is_walled())
    }

    fn is_walled(&self, audience: &Audience, directory: &Directory, now: DateTime<Utc>) -> bool {
        let mut persons = std::iter::once(self.person).chain(self.on_behalf_of);
        persons.any(|person| audience.walls(&Reader::of(person, directory, now)))
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The events, of this case and of others that were written with it.
    pub events: Vec<Written>,
    /// Whether an earlier attempt with the same key had written them.
    pub repeated: bool,
}

impl Acted {
    /// Returns the position up to which a reader must have come to see it.
    pub fn position(&self) -> Position {
        self.events.iter().map(|event| event.position).max().unwrap_or(0)
    }

    /// Returns the version a case has after it.
    pub fn version(&self, case: CaseId) -> Version {
        let own = self.events.iter().filter(|event| event.stream == StreamId::Case(case));
        own.map(|event| event.version).max().unwrap_or(0)
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotActed {
    /// There is no such case, or it is not for the asker's eyes: nobody kept out can tell which.
    #[error("there is no such case")]
    Hidden,
    /// The asker has seen another version.
    #[error("the case is at version {version}")]
    Stale {
        /// The version it is at.
        version: Version,
        /// What happened since.
        since: Vec<Recorded>,
    },
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It could be done in several capacities: the asker has to say which.
    #[error("it could be done in several capacities")]
    Ambiguous(Vec<Actor>),
    /// Others kept writing to the same case.
    #[error("others kept writing to the case")]
    Contended,
    /// It could not be appended.
    #[error("it could not be appended")]
    Append(#[source] AppendError),
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[from] LogError),
}

/// How often an act is decided again because others wrote first.
const ATTEMPTS: u32 = 16;

/// Returns the case that a finding opens: the same finding names the same case, however often it is handed in.
pub fn case_of(finding: &Finding) -> CaseId {
    CaseId(finding.id().0)
}

/// Returns the key under which it is written that a petition's keys were deleted: once, whoever says so.
pub fn shredding(finding: FindingId) -> String {
    format!("shredded:{finding}")
}

/// Returns a case as the log has it now, with the events that tell it.
pub async fn load(log: &Log, id: CaseId) -> Result<(Case, Vec<Recorded>), LogError> {
    let events = log.read_stream(StreamId::Case(id), 0).await?;
    let case = fold(id, events.iter().filter_map(|event| event.envelope.happening()));
    Ok((case, events))
}

/// Says why something cannot be done to a case as it stands, by somebody who has opened some of its evidence; nothing where it
/// can be done, or could be in several capacities. Nothing is looked up: another case that is named is not there.
pub fn forbidden(frame: &Frame, case: &Case, ask: &Ask, opened: &BTreeSet<Digest>) -> Option<Refused> {
    let (directory, _) = frame.directory.get();
    let now = frame.log.now();
    let facts = |actor| Facts {
        now,
        zone: frame.config.zone,
        actor,
        directory: &directory,
        opened,
        other: None,
        late: ask.late.as_ref(),
    };
    match decide_as_one(case, ask, &directory, now, facts) {
        Err(NotActed::Refused(refused)) => Some(refused),
        Ok(_) | Err(_) => None,
    }
}

/// Does what is asked, or says why not. Whoever lost a race is decided again, on what the winner left.
pub async fn act(frame: &Frame, ask: &Ask) -> Result<Acted, NotActed> {
    let request = digest(ask);
    for _ in 0..ATTEMPTS {
        let append = match prepare(frame, ask).await {
            Ok(append) => append,
            // It may have been done before: then that is what stands in this attempt's way.
            Err(refused) => return done_before(frame, ask, request).await?.ok_or(refused),
        };
        match frame.log.append_for(request, append).await {
            Ok(appended) => return Ok(Acted { events: appended.events, repeated: appended.repeated }),
            Err(AppendError::Conflict { .. }) => {}
            Err(error) => return Err(NotActed::Append(error)),
        }
    }
    Err(NotActed::Contended)
}

/// What an act would write, decided on the log as it was looked at. Acts without a key that begin a case of their own each are
/// decided many at once, and written in the order in which they are to be numbered.
#[derive(Debug)]
pub struct Considered(Append);

/// Decides what is asked, or says why not. Nothing is written yet.
pub async fn consider(frame: &Frame, ask: &Ask) -> Result<Considered, NotActed> {
    prepare(frame, ask).await.map(Considered)
}

/// Writes what was decided, each by itself, in the order in which it comes. Where others wrote first it is decided again, on what
/// they left.
pub async fn write_in_order(frame: &Frame, considered: Vec<(&Ask, Considered)>) -> Vec<Result<Acted, NotActed>> {
    let (asks, appends): (Vec<&Ask>, Vec<_>) =
        considered.into_iter().map(|(ask, Considered(append))| (ask, (digest(ask), append))).unzip();
    let mut written = Vec::with_capacity(asks.len());
    for (ask, appended) in asks.into_iter().zip(frame.log.append_in_order(appends).await) {
        written.push(match appended {
            Ok(appended) => Ok(Acted { events: appended.events, repeated: appended.repeated }),
            Err(AppendError::Conflict { .. }) => act(frame, ask).await,
            Err(error) => Err(NotActed::Append(error)),
        });
    }
    written
}

impl Considered {
    /// Returns what would happen to a case.
    pub fn events(self, case: CaseId) -> Vec<CaseEvent> {
        let own = self.0.writes.into_iter().filter(|write| write.stream == StreamId::Case(case));
        let events = own.flat_map(|write| write.events).filter_map(|new| match new.event {
            Event::Case(event) => Some(*event),
            Event::Directory(_) | Event::Access(_) => None,
        });
        events.collect()
    }
}

/// Returns what an attempt at the same, under the same key, has done already.
async fn done_before(frame: &Frame, ask: &Ask, request: [u8; 32]) -> Result<Option<Acted>, NotActed> {
    let Some(key) = &ask.key else { return Ok(None) };
    let first = frame.log.appended_for(request, key).await.map_err(NotActed::Append)?;
    Ok(first.map(|first| Acted { events: first.events, repeated: true }))
}

async fn prepare(frame: &Frame, ask: &Ask) -> Result<Append, NotActed> {
    let (case, events) = load(&frame.log, ask.case).await?;
    let (directory, facts_at) = frame.directory.get();
    let now = frame.log.now();
    let begins = match &ask.command {
        Command::Report { finding } => Some(case_of(finding)),
        Command::CarryOver { declared, .. } => Some(case_of(&declared.finding)),
        _ => None,
    };
    let reaches = |case: &Case| ask.who.reaches(case, &directory, now);
    // What begins a case begins the one that its finding names, and no other.
    let there = begins.map_or_else(|| case.stage.is_some() && reaches(&case), |begins| begins == ask.case);
    if !there {
        return Err(NotActed::Hidden);
    }
    if let Some(seen) = ask.seen.filter(|seen| *seen != case.version) {
        let since = events.into_iter().filter(|event| event.envelope.version > seen).collect();
        return Err(NotActed::Stale { version: case.version, since });
    }

    let other = match ask.command.other(&case) {
        Some(id) => Some(load(&frame.log, id).await?.0).filter(reaches),
        None => None,
    };
    let opened = if ask.command.relied_on().is_empty() {
        BTreeSet::new()
    } else {
        opened_by(ask.who.person, &frame.log, ask.case).await?
    };
    let facts = |actor| Facts {
        now,
        zone: frame.config.zone,
        actor,
        directory: &directory,
        opened: &opened,
        other: other.as_ref(),
        late: ask.late.as_ref(),
    };
    let (actor, decided) = decide_as_one(&case, ask, &directory, now, facts)?;
    let mut writes =
        vec![Write { stream: StreamId::Case(case.id), expected: Expected::Exactly(case.version), events: Vec::new() }];
    // What was looked up must still hold when it is written, even where nothing is written to it.
    if let Some(other) = &other {
        let expected = Expected::Exactly(other.version);
        writes.push(Write { stream: StreamId::Case(other.id), expected, events: Vec::new() });
    }
    for Decided { case, event } in decided {
        let stream = StreamId::Case(case);
        let event = written(event, ask);
        match writes.iter_mut().find(|write| write.stream == stream) {
            Some(write) => write.events.push(event),
            None => writes.push(Write { stream, expected: Expected::Exactly(0), events: vec![event] }),
        }
    }
    Ok(Append { key: ask.key.clone(), actor, facts_at, writes })
}

/// Decides in the one capacity in which it can be done.
fn decide_as_one<'a>(
    case: &Case,
    ask: &Ask,
    directory: &Directory,
    now: DateTime<Utc>,
    facts: impl Fn(Actor) -> Facts<'a>,
) -> Result<(Actor, Vec<Decided>), NotActed> {
    let roles = ask.command.roles();
    let enters_late = ask.late.is_some() && roles.contains(&Role::Handler);
    let may = |role| roles.contains(&role) || (enters_late && role == Role::Officer);
    let mut done = Vec::new();
    let mut refused = Vec::new();
    for actor in ask.who.actors(directory, now, may) {
        match decide(case, ask.command.clone(), &facts(actor)) {
            Ok(decided) => done.push((actor, decided)),
            Err(grounds) => refused.push(grounds),
        }
    }
    if done.len() > 1 {
        return Err(NotActed::Ambiguous(done.into_iter().map(|(actor, _)| actor).collect()));
    }
    if let Some(done) = done.pop() {
        return Ok(done);
    }
    // Of several grounds, one that lies in the case says more than one that lies in the role.
    refused.sort_by_key(|grounds: &Refused| grounds.refusal().kind() == rectify_case::refusal::Kind::Forbidden);
    Err(refused.into_iter().next().unwrap_or_else(|| no_capacity(&ask.who, directory, now).into()).into())
}

fn no_capacity(who: &Who, directory: &Directory, now: DateTime<Utc>) -> Refusal {
    let delegated = who.on_behalf_of.is_none_or(|other| directory.acts_for(who.person, other, now));
    if !delegated {
        return Refusal::NotDelegated;
    }
    let says = who.unit.is_some() || who.role.is_some();
    let holds = !who.actors(directory, now, |_| true).is_empty();
    if says && !holds { Refusal::RoleNotHeld } else { Refusal::RoleMayNot }
}

/// Returns the evidence of a case that somebody has opened.
pub async fn opened_by(person: PersonId, log: &Log, case: CaseId) -> Result<BTreeSet<Digest>, LogError> {
    let looks = log.read_stream(StreamId::Access(case), 0).await?;
    let own = looks.into_iter().filter(|look| look.envelope.actor.person == person);
    let opened = own.filter_map(|look| match look.envelope.event {
        Event::Access(AccessEvent::EvidenceOpened { digest }) => Some(digest),
        Event::Access(
            AccessEvent::PetitionOpened { .. }
            | AccessEvent::PetitionHeld { .. }
            | AccessEvent::PetitionReleased { .. }
            | AccessEvent::ShreddingProposed { .. }
            | AccessEvent::ShreddingDeclined { .. }
            | AccessEvent::ShreddingApproved { .. }
            | AccessEvent::PetitionShredded { .. }
            | AccessEvent::SetAsideOpened { .. }
            | AccessEvent::SetAsideResent { .. }
            | AccessEvent::DossierExported { .. }
            | AccessEvent::Published(_),
        )
        | Event::Case(_)
        | Event::Directory(_) => None,
    });
    Ok(opened.collect())
}

/// A finding happened when it was made; any other act when it is said to have, or when it is recorded.
fn written(event: CaseEvent, ask: &Ask) -> NewEvent {
    let happened = event.discovered().or(ask.late.as_ref().map(|late| late.happened));
    let cause = ask.late.as_ref().map(|late| Cause::Document(late.document.trim().to_owned()));
    let is_finding = matches!(
        event,
        CaseEvent::FindingReported { .. } | CaseEvent::FindingAmended { .. } | CaseEvent::FindingRepeated { .. }
    );
    let received = ask.received.filter(|_| is_finding);
    NewEvent { happened, received, cause, ..event.into() }
}

/// Returns the SHA-256 of what is asked, for a second attempt to be known by.
fn digest(ask: &Ask) -> [u8; 32] {
    #[derive(Serialize)]
    struct Asked<'a> {
        case: CaseId,
        command: &'a Command,
        late: Option<(String, &'a str)>,
        on_behalf_of: Option<PersonId>,
    }
    let late = ask.late.as_ref().map(|late| (late.happened.to_string(), late.document.as_str()));
    let asked = Asked { case: ask.case, command: &ask.command, late, on_behalf_of: ask.who.on_behalf_of };
    let text = serde_json::to_vec(&asked).expect("a command has only texts as keys and no failing parts");
    sha2::Sha256::digest(text).into()
}

#[cfg(test)]
mod tests;
