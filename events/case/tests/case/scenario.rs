//! Given what was done, when something is asked, then this happens or it is refused. Every history made here goes through
//! the check of the seven rules as it grows, and must be clean.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rectify_case::number::Series;
use rectify_case::rules::Checker;
use rectify_case::{
    AccessEvent, Actor, Audience, Case, CaseEvent, CaseId, Cause, Command, Decided, Digest, Directory, DirectoryEvent,
    Envelope, Event, EventId, Facts, Happened, Late, LogId, PersonId, Reader, Refusal, Refused, Stage, StreamId,
    Version, Zone, decide, evolve,
};
use uuid::Uuid;

use crate::world;

/// The case that tests are about, unless they name another.
pub const CASE: CaseId = case(1);
/// Another one.
pub const OTHER: CaseId = case(2);
/// A third.
pub const THIRD: CaseId = case(3);
/// A fourth.
pub const FOURTH: CaseId = case(4);

const fn case(n: u128) -> CaseId {
    CaseId(Uuid::from_u128(n))
}

/// Something somebody does: asks something of a case, opens its evidence, or changes the directory.
#[derive(Clone, Debug)]
pub struct Act {
    actor: Actor,
    case: CaseId,
    deed: Deed,
    day: Option<NaiveDate>,
    late: Option<Late>,
}

#[derive(Clone, Debug)]
enum Deed {
    Ask(Box<Command>),
    Open(Digest),
    Change(DirectoryEvent),
}

impl Act {
    fn new(actor: Actor, deed: Deed) -> Act {
        Act { actor, case: CASE, deed, day: None, late: None }
    }

    pub fn ask(actor: Actor, command: Command) -> Act {
        Act::new(actor, Deed::Ask(Box::new(command)))
    }

    pub fn open(actor: Actor, digest: Digest) -> Act {
        Act::new(actor, Deed::Open(digest))
    }

    pub fn change(event: DirectoryEvent) -> Act {
        Act::new(Actor::INSTALLATION, Deed::Change(event))
    }

    /// By whom.
    pub fn by(self, actor: Actor) -> Act {
        Act { actor, ..self }
    }

    /// On behalf of whom (代办).
    pub fn on_behalf_of(mut self, person: PersonId) -> Act {
        self.actor.on_behalf_of = Some(person);
        self
    }

    /// To which case.
    pub fn to(self, case: CaseId) -> Act {
        Act { case, ..self }
    }

    /// On which day, at nine in the morning.
    pub fn on(self, day: &str) -> Act {
        Act { day: Some(day.parse().unwrap()), ..self }
    }

    /// Entered after it happened (补录), with the document that shows it.
    pub fn late(self, happened: &str, document: &str) -> Act {
        let late = Late { happened: happened.parse().unwrap(), document: document.to_owned() };
        Act { late: Some(late), ..self }
    }

    /// Returns whether this registers a case.
    pub fn registers(&self) -> bool {
        matches!(&self.deed, Deed::Ask(command) if matches!(**command, Command::Register { .. }))
    }
}

/// A history, and what is folded from it.
#[derive(Clone)]
pub struct Given {
    log: Vec<Envelope>,
    checker: Checker,
    directory: Directory,
    cases: BTreeMap<CaseId, Case>,
    opened: BTreeMap<(CaseId, PersonId), BTreeSet<Digest>>,
    versions: BTreeMap<StreamId, Version>,
    serials: BTreeMap<Series, u64>,
    now: DateTime<Utc>,
}

/// Something that is asked of a history.
pub struct When {
    given: Given,
    act: Act,
    answer: Result<Vec<Decided>, Refused>,
}

/// Starts from what was done, each act a minute after the one before unless it says its day.
pub fn given(acts: impl IntoIterator<Item = Act>) -> Given {
    acts.into_iter().fold(Given::beginning(), Given::and)
}

impl Given {
    fn beginning() -> Given {
        static BEGINNING: LazyLock<Given> = LazyLock::new(|| {
            let mut given = Given {
                log: Vec::new(),
                checker: Checker::new(Zone::SHANGHAI),
                directory: Directory::default(),
                cases: BTreeMap::new(),
                opened: BTreeMap::new(),
                versions: BTreeMap::new(),
                serials: BTreeMap::new(),
                now: world::morning(),
            };
            for event in world::beginning() {
                given.change(event);
            }
            given
        });
        BEGINNING.clone()
    }

    /// Adds what was done next; panics when it is refused.
    #[track_caller]
    pub fn and(self, act: Act) -> Given {
        let When { mut given, act, answer } = self.when(act);
        let decided = answer.unwrap_or_else(|refused| panic!("{act:?} is refused: {:?}", refused.grounds));
        given.write(&act, decided);
        given
    }

    /// Asks something.
    pub fn when(mut self, act: Act) -> When {
        self.now += TimeDelta::minutes(1);
        if let Some(day) = act.day {
            self.now = self.now.max(Zone::SHANGHAI.start_of(day) + TimeDelta::hours(9));
        }
        let answer = match &act.deed {
            Deed::Ask(command) => self.decide(&act, command),
            Deed::Open(_) if !self.reads(act.actor.person, act.case) => Err(Refusal::NoSuchCase.into()),
            Deed::Open(_) | Deed::Change(_) => Ok(Vec::new()),
        };
        When { given: self, act, answer }
    }

    /// Returns the case that tests are about.
    pub fn case(&self) -> Case {
        self.case_of(CASE)
    }

    /// Returns a case, empty before its first event.
    pub fn case_of(&self, id: CaseId) -> Case {
        self.cases.get(&id).cloned().unwrap_or_else(|| Case::new(id))
    }

    /// Returns every case.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// Returns how many events there are.
    pub fn events(&self) -> usize {
        self.log.len()
    }

    /// Returns the last event.
    pub fn last(&self) -> &Envelope {
        self.log.last().unwrap()
    }

    /// Returns the instant of the last act.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Returns whether a case may reach a person.
    pub fn reads(&self, person: PersonId, case: CaseId) -> bool {
        let audience = Audience::of(&self.case_of(case), &self.directory);
        audience.admits(&Reader::of(person, &self.directory, self.now))
    }

    fn decide(&self, act: &Act, command: &Command) -> Result<Vec<Decided>, Refused> {
        let case = self.case_of(act.case);
        let other = command.other(&case).and_then(|id| self.cases.get(&id));
        let opened = self.opened.get(&(act.case, act.actor.person)).cloned().unwrap_or_default();
        let facts = Facts {
            now: self.now,
            zone: Zone::SHANGHAI,
            actor: act.actor,
            directory: &self.directory,
            opened: &opened,
            other,
            late: act.late.as_ref(),
        };
        decide(&case, command.clone(), &facts)
    }

    #[track_caller]
    fn write(&mut self, act: &Act, decided: Vec<Decided>) {
        for Decided { case, event } in decided {
            self.write_of(case, event, act);
        }
        match &act.deed {
            Deed::Ask(_) => {}
            Deed::Open(digest) => {
                self.opened.entry((act.case, act.actor.person)).or_default().insert(digest.clone());
                let event = AccessEvent::EvidenceOpened { digest: digest.clone() };
                self.append(StreamId::Access(act.case), act.actor, None, None, event.into());
            }
            Deed::Change(event) => self.change(event.clone()),
        }
        assert_eq!(self.checker.finish(), [], "after {act:?} something is owed");
        for case in self.cases.values() {
            assert_eq!(case.unplaced, [0; 0], "{act:?} made an event without a place");
        }
    }

    #[track_caller]
    fn write_of(&mut self, case: CaseId, mut event: CaseEvent, act: &Act) {
        if let CaseEvent::Registered { number, .. } | CaseEvent::CarriedOver { number, .. } = &mut event {
            let serial = self.serials.entry(number.series.clone()).or_default();
            *serial += 1;
            number.serial = *serial;
        }
        let happened = event.discovered().or(act.late.as_ref().map(|late| late.happened));
        let document = act.late.as_ref().map(|late| Cause::Document(late.document.clone()));
        self.append(StreamId::Case(case), act.actor, happened, document, event.into());
        let folded = self.cases.entry(case).or_insert_with(|| Case::new(case));
        evolve(folded, &self.log.last().unwrap().happening().unwrap());
    }

    fn change(&mut self, event: DirectoryEvent) {
        self.directory.evolve(&event);
        self.append(StreamId::Directory, Actor::INSTALLATION, None, None, event.into());
    }

    #[track_caller]
    fn append(
        &mut self,
        stream: StreamId,
        actor: Actor,
        happened: Option<Happened>,
        cause: Option<Cause>,
        event: Event,
    ) {
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        let envelope = Envelope {
            id: EventId(Uuid::from_u128(self.log.len() as u128 + 1)),
            salt: "0".repeat(32),
            log: LogId(Uuid::nil()),
            stream,
            version: *version,
            schema: Event::SCHEMA,
            happened: happened.unwrap_or(Happened::At(self.now)),
            received: None,
            recorded: self.now,
            actor,
            facts_at: 0,
            cause,
            event,
        };
        assert_eq!(self.checker.feed(&envelope), [], "the history breaks a rule");
        self.log.push(envelope);
    }
}

impl When {
    /// These events happen, all to the case that was asked.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = CaseEvent>) -> Given {
        let case = self.act.case;
        self.then_everywhere(events.into_iter().map(|event| (case, event)))
    }

    /// These events happen, each to its case.
    #[track_caller]
    pub fn then_everywhere(self, events: impl IntoIterator<Item = (CaseId, CaseEvent)>) -> Given {
        let wanted: Vec<Decided> = events.into_iter().map(|(case, event)| Decided { case, event }).collect();
        assert_eq!(self.answer.as_ref().map_err(|refused| refused.grounds.clone()), Ok(&wanted));
        self.done()
    }

    /// Events of these names happen, all to the case that was asked.
    #[track_caller]
    pub fn happens(self, names: &[&str]) -> Given {
        let (given, decided) = self.taken();
        let found: Vec<&str> = decided.iter().map(|decided| decided.event.name()).collect();
        assert_eq!(found, names);
        given
    }

    /// The case that was asked comes to a stage.
    #[track_caller]
    pub fn comes_to(self, stage: Stage) -> Given {
        let case = self.act.case;
        let given = self.done();
        assert_eq!(given.case_of(case).stage, Some(stage));
        given
    }

    /// It is done.
    #[track_caller]
    pub fn done(self) -> Given {
        self.taken().0
    }

    /// It is refused, on this one ground.
    #[track_caller]
    pub fn refused(self, refusal: Refusal) -> Given {
        self.refused_for(&[refusal])
    }

    /// It is refused, on all these grounds.
    #[track_caller]
    pub fn refused_for(self, grounds: &[Refusal]) -> Given {
        match self.answer {
            Err(refused) => assert_eq!(refused.grounds, grounds),
            Ok(decided) => panic!("it is not refused: {decided:#?}"),
        }
        self.given
    }

    /// Returns what was answered, and the history with it written.
    #[track_caller]
    pub fn answer(self) -> (Given, Result<Vec<Decided>, Refused>) {
        let When { mut given, act, answer } = self;
        if let Ok(decided) = &answer {
            given.write(&act, decided.clone());
        }
        (given, answer)
    }

    #[track_caller]
    fn taken(self) -> (Given, Vec<Decided>) {
        let (given, answer) = self.answer();
        let decided = answer.unwrap_or_else(|refused| panic!("it is refused: {:?}", refused.grounds));
        (given, decided)
    }
}
