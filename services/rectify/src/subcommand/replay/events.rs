//! `rectify replay events`: the events of the log, all or some, as lines or as they were hashed.

use std::collections::HashMap;

use clap::Args;
use rectify_case::{
    Actor, CaseId, CaseNumber, Cause, Envelope, Event, EventKind, Position, SourceCode, StreamId, Zone,
};
use rectify_log::{At, Raw, Selection};

use super::moment::Clock;
use crate::installation::{ID_PREFIX, Installation};
use crate::settings::Settings;
use crate::subcommand::case;
use crate::terminal::{remark, say};
use crate::wording;

/// How many events are read at once.
const PAGE: u32 = 1_000;

/// Which events are listed.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Of this case, and of looks at it; as `rectify case show` names it
    #[arg(long)]
    case: Option<String>,
    /// Of cases from these sources, by code
    #[arg(long, value_delimiter = ',')]
    source: Vec<SourceCode>,
    /// Done by this unit or one below it, by name or id
    #[arg(long)]
    unit: Option<String>,
    /// Done by this person or on their behalf, by name or id
    #[arg(long)]
    person: Option<String>,
    /// Of these kinds, by name, such as registered,closed: docs/events.md has them all
    #[arg(long, value_delimiter = ',')]
    kind: Vec<EventKind>,
    /// From this day, instant or position on
    #[arg(long, value_name = "DAY|INSTANT|POSITION")]
    from: Option<At>,
    /// Up to the end of this day, this instant or this position
    #[arg(long, value_name = "DAY|INSTANT|POSITION")]
    to: Option<At>,
    /// By which clock days and instants are; positions are of the log
    #[arg(long, value_enum, default_value_t)]
    clock: Clock,
    /// At most so many
    #[arg(long)]
    limit: Option<usize>,
    /// Print each as a line of JSON instead: its position, its leaf, and the event as it was hashed; what is sealed stays sealed
    #[arg(long)]
    json: bool,
}

/// Prints the events that are asked for, in the order of the log.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let Arguments { json, limit, .. } = arguments;
    let numbers: HashMap<CaseId, CaseNumber> = installation.numbers().await?.into_iter().collect();
    let wanted = arguments.selection(&installation, &numbers).await?;
    let sources = if wanted.sources.is_empty() { HashMap::new() } else { installation.sources_of_cases().await? };
    let most = limit.unwrap_or(usize::MAX);
    let (mut after, to) = wanted.bounds(&installation.log, config.zone).await?;
    let (to, mut count) = (to.unwrap_or(Position::MAX), 0);
    while after < to && count < most {
        let page = installation.log.read_raw(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for raw in page.iter().filter(|raw| raw.position <= to && wanted.names(raw.stream, &raw.kind)) {
            let source = match raw.stream {
                StreamId::Case(case) | StreamId::Access(case) => sources.get(&case),
                StreamId::Directory => None,
            };
            let envelope = rectify_log::decode(&raw.bytes)?;
            let is_wanted = wanted.is_from(source) && wanted.admits(&envelope, &installation.directory, config.zone);
            if count >= most || !is_wanted {
                continue;
            }
            count += 1;
            say(if json { hashed(raw) } else { line(raw.position, &envelope, &installation, &numbers, config.zone) })?;
        }
    }
    if count == 0 {
        remark("没有这样的事件 · there is no such event");
    }
    Ok(())
}

impl Arguments {
    async fn selection(
        self,
        installation: &Installation,
        numbers: &HashMap<CaseId, CaseNumber>,
    ) -> anyhow::Result<Selection> {
        for source in &self.source {
            installation.known_source(source)?;
        }
        let case = match &self.case {
            Some(name) => Some(case::named(installation, name, numbers).await?.0.id),
            None => None,
        };
        Ok(Selection {
            case,
            kinds: self.kind,
            sources: self.source,
            unit: self.unit.as_ref().map(|unit| installation.unit_named(unit)).transpose()?,
            person: self.person.as_ref().map(|person| installation.person_named(person)).transpose()?,
            from: self.from,
            to: self.to,
            by_happened: self.clock == Clock::Happened,
        })
    }
}

/// Returns an event as JSON: the bytes that were hashed, with where they are and their digest.
fn hashed(raw: &Raw) -> String {
    let event = String::from_utf8_lossy(&raw.bytes);
    format!("{{\"position\":{},\"leaf\":\"{}\",\"event\":{event}}}", raw.position, hex::encode(raw.leaf))
}

/// Returns an event as a line: where, when it was written, of which case, what, by whom, and when it happened where that was
/// another day.
fn line(
    position: Position,
    envelope: &Envelope,
    installation: &Installation,
    numbers: &HashMap<CaseId, CaseNumber>,
    zone: Zone,
) -> String {
    let directory = &installation.directory;
    let case = match envelope.stream {
        StreamId::Case(case) | StreamId::Access(case) => {
            numbers.get(&case).map_or_else(|| format!("{:.*}", ID_PREFIX, case.to_string()), ToString::to_string)
        }
        StreamId::Directory => "组织机构".to_owned(),
    };
    let what = match &envelope.event {
        Event::Case(event) => wording::event(event),
        Event::Access(event) => wording::access(event),
        Event::Directory(event) => wording::directory(event),
    };
    let actor = &envelope.actor;
    let who = if *actor == Actor::INSTALLATION {
        installation.unit_name(actor.unit)
    } else {
        let lent = actor.on_behalf_of.map(|other| format!("（代{}）", directory.person_name(other)));
        format!(
            "{} {}{}",
            directory.unit_name(actor.unit),
            directory.person_name(actor.person),
            lent.unwrap_or_default()
        )
    };
    let recorded = zone.at(envelope.recorded).format("%Y-%m-%d %H:%M:%S");
    let happened = envelope.happened.day(zone);
    let late = if matches!(envelope.cause, Some(Cause::Document(_))) { "〔补录〕" } else { "" };
    let other_day = (happened != zone.day_of(envelope.recorded)).then(|| format!("  发生于 {happened}{late}"));
    format!("#{position}  {recorded}  {case}  {what}  {who}{}", other_day.unwrap_or_default())
}
