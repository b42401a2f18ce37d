//! Reading the log into object-centric event data: events are written as they come, objects when all is told of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::pin::pin;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use rectify_case::directory::Unit;
use rectify_case::finding::{Details, PetitionClass};
use rectify_case::plan::Measure;
use rectify_case::{
    AccessEvent, Actor, CaseEvent, CaseId, Cause, Directory, Envelope, Finding, FindingId, Position, Stage, StreamId,
    UnitId, Version, Zone,
};
use rectify_log::{Log, Recorded};

use super::Ocel;
use super::data::{ALWAYS, Attribute, Changed, Event, Object, Relationship, instant};
use super::mention::{Mention, changes, mentions, name_of};
use super::village;
use super::vocabulary::{CASE, EVIDENCE, EVIDENCE_OPENED, FINDING, MEASURE, PETITION, UNIT, VILLAGE};
use crate::error::MiningError;

/// What of the log is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Up to this position.
    pub to: Position,
    /// In which days are counted: what happened on a day is told as its first instant.
    pub zone: Zone,
    /// Whether accusations are told of too. The firewall ends where a file leaves the house (信访工作条例 2022 art. 30).
    pub accusations: bool,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many events, by type.
    pub events: BTreeMap<&'static str, u64>,
    /// How many objects, by type.
    pub objects: BTreeMap<&'static str, u64>,
    /// How many cases are left out, for they are accusations.
    pub kept_back: u64,
}

/// Writes the log as object-centric event data.
pub async fn export(log: &Log, wanted: Wanted, mut ocel: Ocel) -> Result<Exported, MiningError> {
    let kept_back = if wanted.accusations { HashSet::new() } else { accusations(log, wanted.to).await? };
    let mut export = Export {
        wanted,
        done: Exported { kept_back: kept_back.len() as u64, ..Exported::default() },
        kept_back,
        directory: Directory::default(),
        stages: HashMap::new(),
        plans: HashMap::new(),
        objects: BTreeMap::new(),
    };
    let mut pages = pin!(log.replay(0, wanted.to));
    while let Some(page) = pages.next().await {
        for recorded in page? {
            if let Some(event) = export.told(&recorded) {
                *export.done.events.entry(event.kind).or_default() += 1;
                ocel.event(&event).await?;
            }
        }
    }
    export.tell_units();
    for object in export.objects.values() {
        *export.done.objects.entry(object.kind).or_default() += 1;
        ocel.object(object).await?;
    }
    ocel.finish().await?;
    Ok(export.done)
}

/// Returns the cases that ever were accusations: what once was one still is.
async fn accusations(log: &Log, to: Position) -> Result<HashSet<CaseId>, MiningError> {
    let mut cases = HashSet::new();
    let mut pages = pin!(log.replay(0, to));
    while let Some(page) = pages.next().await {
        for Recorded { envelope, .. } in page? {
            let (StreamId::Case(case), rectify_case::Event::Case(event)) = (envelope.stream, &envelope.event) else {
                continue;
            };
            let accuses = |(_, mention): (_, Mention<'_>)| matches!(mention, Mention::Finding(finding) if finding.class() == Some(PetitionClass::Accusation));
            if mentions(event).into_iter().any(accuses) {
                cases.insert(case);
            }
        }
    }
    Ok(cases)
}

struct Export {
    wanted: Wanted,
    done: Exported,
    kept_back: HashSet<CaseId>,
    directory: Directory,
    stages: HashMap<CaseId, Stage>,
    /// The version of the plan that each lead of a case last submitted.
    plans: HashMap<(CaseId, UnitId), Version>,
    objects: BTreeMap<String, Object>,
}

impl Export {
    /// Takes up what an event tells of objects, and returns it as it is written; none for what is of no case, or of one that is
    /// kept back.
    fn told(&mut self, recorded: &Recorded) -> Option<Event> {
        let Recorded { position, envelope, .. } = recorded;
        match (envelope.stream, &envelope.event) {
            (_, rectify_case::Event::Directory(event)) => {
                self.directory.evolve(event);
                None
            }
            (StreamId::Case(case), rectify_case::Event::Case(event)) => {
                self.case_event(case, event, *position, envelope)
            }
            (StreamId::Access(case), rectify_case::Event::Access(AccessEvent::EvidenceOpened { digest }))
                if !self.kept_back.contains(&case) =>
            {
                let mut told = self.begun(EVIDENCE_OPENED, case, *position, envelope);
                let file = self.object(EVIDENCE, format!("evidence:{digest}"));
                told.relate(file, "opened");
                Some(told)
            }
            (StreamId::Case(_) | StreamId::Access(_) | StreamId::Directory, _) => None,
        }
    }

    fn case_event(
        &mut self,
        case: CaseId,
        event: &CaseEvent,
        position: Position,
        envelope: &Envelope,
    ) -> Option<Event> {
        let mentions = mentions(event);
        // An event that names a case which is kept back tells that there is one.
        let names =
            |(_, mention): &(_, Mention<'_>)| matches!(mention, Mention::Case(other) if self.kept_back.contains(other));
        if self.kept_back.contains(&case) || mentions.iter().any(names) {
            return None;
        }
        let at = envelope.happened.earliest(self.wanted.zone);
        let moved = Stage::after(self.stages.get(&case).copied(), event);
        if let Some(stage) = moved {
            self.stages.insert(case, stage);
        }
        let mut told = self.begun(event.name(), case, position, envelope);
        let own = format!("case:{case}");
        for mention in mentions {
            for (qualifier, object) in self.mentioned(case, &own, mention, envelope.version, at) {
                told.relate(object, qualifier);
            }
        }
        let stage = moved.map(|stage| ("stage", stage.name().to_owned()));
        for (name, value) in changes(event).into_iter().chain(stage) {
            self.change(&own, name, value, at);
        }
        Some(told)
    }

    /// Begins an event: what every event has, its case, and the unit whose people did it.
    fn begun(&mut self, kind: &'static str, case: CaseId, position: Position, envelope: &Envelope) -> Event {
        let late = matches!(envelope.cause, Some(Cause::Document(_)));
        let stage = self.stages.get(&case).map(|stage| stage.name()).unwrap_or_default();
        let attributes = [
            ("position", position.to_string()),
            ("recorded", instant(envelope.recorded)),
            ("role", name_of(&envelope.actor.role)),
            ("late", late.to_string()),
            ("stage", stage.to_owned()),
        ];
        let mut event = Event {
            id: envelope.id.to_string(),
            kind,
            time: envelope.happened.earliest(self.wanted.zone),
            attributes: attributes.into_iter().map(|(name, value)| Attribute { name, value }).collect(),
            relationships: BTreeSet::new(),
        };
        event.relate(self.object(CASE, format!("case:{case}")), "case");
        if envelope.actor.unit != Actor::INSTALLATION.unit {
            event.relate(self.unit(envelope.actor.unit), "actor");
        }
        event
    }

    /// Returns the objects that an event is about, each with what it is to the event. Those that nothing was told of are told of.
    fn mentioned(
        &mut self,
        case: CaseId,
        own: &str,
        (qualifier, mention): (&'static str, Mention<'_>),
        version: Version,
        at: DateTime<Utc>,
    ) -> Vec<(&'static str, String)> {
        let id = match mention {
            Mention::Unit(unit) => self.unit(unit),
            Mention::Case(other) => self.object(CASE, format!("case:{other}")),
            Mention::Known(finding) => self.object(FINDING, format!("finding:{finding}")),
            Mention::Digest(digest) => self.object(EVIDENCE, format!("evidence:{digest}")),
            Mention::File(file) => {
                let id = self.object(EVIDENCE, format!("evidence:{}", file.digest));
                self.always(&id, "media_type", file.media_type.clone());
                self.always(&id, "size", file.size.to_string());
                self.relate(own, &id, "evidence");
                id
            }
            Mention::Finding(finding) => return self.finding(own, qualifier, finding),
            Mention::Plan(unit, plan) => {
                self.plans.insert((case, unit), version);
                let measures = plan.measures.iter().zip(0..);
                return measures
                    .map(|(measure, place)| (qualifier, self.measure(own, measure, (case, version, place), at)))
                    .collect();
            }
            Mention::Done(unit, done) => {
                let Some(version) = self.plans.get(&(case, unit)).copied() else { return Vec::new() };
                let ids = done.iter().map(|place| measure_id(case, version, *place));
                return ids.filter(|id| self.objects.contains_key(id)).map(|id| (qualifier, id)).collect();
            }
        };
        vec![(qualifier, id)]
    }

    /// Tells of a finding of a case, and returns it with its petition and its village, where it has those.
    fn finding(&mut self, own: &str, qualifier: &'static str, finding: &Finding) -> Vec<(&'static str, String)> {
        let told = self.object(FINDING, format!("finding:{}", finding.id()));
        self.always(&told, "source", finding.source.to_string());
        self.always(&told, "division", finding.division.to_string());
        self.always(&told, "discovered", finding.discovered.day(self.wanted.zone).to_string());
        self.relate(own, &told, "finding");
        let mut mentioned = vec![(qualifier, told.clone())];
        if let Details::Petition(petition) = &finding.details {
            mentioned.push((PETITION, self.petition(finding.id(), petition.class)));
        }
        if let Some(name) = finding.place.as_deref().and_then(village::of) {
            let village = self.object(VILLAGE, format!("village:{}:{name}", finding.division));
            self.always(&village, "name", name.to_owned());
            self.always(&village, "division", finding.division.to_string());
            mentioned.push((VILLAGE, village));
        }
        for (qualifier, other) in &mentioned[1..] {
            self.relate(&told, other, qualifier);
        }
        mentioned
    }

    /// Tells of a measure of a plan.
    fn measure(&mut self, own: &str, measure: &Measure, place: (CaseId, Version, u32), at: DateTime<Utc>) -> String {
        let (case, version, place) = place;
        let id = self.object(MEASURE, measure_id(case, version, place));
        self.change(&id, "by", measure.by.to_string(), at);
        let doing = self.unit(measure.unit);
        self.relate(&id, &doing, "done_by");
        self.relate(own, &id, "measure");
        id
    }

    fn petition(&mut self, finding: FindingId, class: PetitionClass) -> String {
        let id = self.object(PETITION, format!("petition:{finding}"));
        self.always(&id, "class", name_of(&class));
        id
    }

    fn unit(&mut self, unit: UnitId) -> String {
        self.object(UNIT, format!("unit:{unit}"))
    }

    /// Tells of every unit that events are about as it is called at the end, and of the one above it.
    fn tell_units(&mut self) {
        let known: Vec<Unit> = self.directory.units().filter(|unit| self.knows(unit.id)).cloned().collect();
        for unit in known {
            let id = self.unit(unit.id);
            self.always(&id, "name", unit.name);
            self.always(&id, "kind", name_of(&unit.kind));
            self.always(&id, "division", unit.division.to_string());
            if let Some(above) = unit.parent.filter(|above| self.knows(*above)) {
                let above = self.unit(above);
                self.relate(&id, &above, "below");
            }
        }
    }

    /// Returns whether any event is about a unit.
    fn knows(&self, unit: UnitId) -> bool {
        self.objects.contains_key(&format!("unit:{unit}"))
    }

    /// Returns the id of an object, which is there from now on.
    fn object(&mut self, kind: &'static str, id: String) -> String {
        let object = || Object { id: id.clone(), kind, attributes: Vec::new(), relationships: BTreeSet::new() };
        self.objects.entry(id.clone()).or_insert_with(object);
        id
    }

    /// Says what an object has always had, unless it was said.
    fn always(&mut self, id: &str, name: &'static str, value: String) {
        if let Some(object) = self.objects.get_mut(id)
            && object.attributes.iter().all(|known| known.name != name)
        {
            object.attributes.push(Changed { name, value, time: ALWAYS });
        }
    }

    /// Says what an object has from an instant on, unless it has it.
    fn change(&mut self, id: &str, name: &'static str, value: String, time: DateTime<Utc>) {
        if let Some(object) = self.objects.get_mut(id)
            && object.attributes.iter().rfind(|known| known.name == name).is_none_or(|known| known.value != value)
        {
            object.attributes.push(Changed { name, value, time });
        }
    }

    fn relate(&mut self, id: &str, other: &str, qualifier: &'static str) {
        if let Some(object) = self.objects.get_mut(id) {
            object.relationships.insert(Relationship { object: other.to_owned(), qualifier });
        }
    }
}

impl Event {
    fn relate(&mut self, object: String, qualifier: &'static str) {
        self.relationships.insert(Relationship { object, qualifier });
    }
}

fn measure_id(case: CaseId, version: Version, place: u32) -> String {
    format!("measure:{case}:{version}:{place}")
}
