//! The streams, as they must be.

use std::time::Duration;

use async_nats::jetstream::stream::{
    Config, DiscardPolicy, External, Info, PersistenceMode, RetentionPolicy, Source, StorageType, Stream,
};
use rectify_case::DivisionCode;

use super::{Link, NatsOptions};
use crate::delivery::ASIDE;
use crate::error::BusError;
use crate::subject;

/// Findings on their way to the registrar.
pub(super) const FINDINGS: &str = "FINDINGS";
/// What could not be read.
pub(super) const SET_ASIDE: &str = "SET_ASIDE";
/// The mirror of the log.
pub(crate) const LOG: &str = "LOG";
/// What the sealer signed.
pub(super) const CHECKPOINTS: &str = "CHECKPOINTS";

/// Within this a finding sent twice is queued once. Later it is the log that knows it.
const DUPLICATES: Duration = Duration::from_mins(2);

/// No message may be longer, with its headers: it must fit into a message of its own when it is set aside, with the
/// reason, and 1 MiB is what a server takes by default.
const MESSAGE: i32 = 512 * 1024;

/// Returns the queue that findings are handed in to: the registrar's, or on a leaf node the county's own.
pub(super) fn queue(options: &NatsOptions) -> Config {
    match &options.leaf {
        None => findings(options.replicas),
        Some(division) => of_leaf(division, options.replicas),
    }
}

fn findings(replicas: usize) -> Config {
    Config {
        description: Some("findings on their way to the registrar".to_owned()),
        retention: RetentionPolicy::WorkQueue,
        duplicate_window: DUPLICATES,
        max_message_size: MESSAGE,
        ..kept(FINDINGS, subject::FINDINGS, replicas)
    }
}

/// The queue of a leaf node. It keeps what it took: the registrar's queue copies from it, and may be put back to an older
/// state itself.
fn of_leaf(division: &DivisionCode, replicas: usize) -> Config {
    Config {
        description: Some("findings on their way to the prefecture".to_owned()),
        subjects: vec![subject::of_division(division)],
        duplicate_window: DUPLICATES,
        max_message_size: MESSAGE,
        ..kept(&name_of_leaf(division), subject::FINDINGS, replicas)
    }
}

fn name_of_leaf(division: &DivisionCode) -> String {
    format!("{FINDINGS}_{division}")
}

/// Has the registrar's queue copy what leaf nodes take in, from those too that it did not know yet. A leaf node has a
/// `JetStream` domain of its own, `leaf-` and its division, and of its stream nothing is copied but what is of its division.
pub(super) async fn source_from(link: &Link, queue: Stream<Info>, leaves: &[DivisionCode]) -> Result<(), BusError> {
    let mut config = queue.cached_info().config.clone();
    let mut sources = config.sources.take().unwrap_or_default();
    let known: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let wanted = leaves.iter().filter(|division| !known.contains(&name_of_leaf(division)));
    sources.extend(wanted.map(|division| Source {
        name: name_of_leaf(division),
        filter_subject: Some(subject::of_division(division)),
        external: Some(External { api_prefix: format!("$JS.leaf-{division}.API"), delivery_prefix: None }),
        ..Source::default()
    }));
    if sources.len() > known.len() {
        config.sources = Some(sources);
        let asked = format!("STREAM.UPDATE.{}", config.name);
        let updated = link.or(&asked, link.context.update_stream(config)).await?;
        updated.map_err(|e| BusError::request("copy the findings of leaf nodes")(e.into()))?;
    }
    Ok(())
}

pub(super) fn set_aside(replicas: usize) -> Config {
    Config {
        description: Some("what came as a finding and could not be read or used, with the reason".to_owned()),
        duplicate_window: DUPLICATES,
        max_age: ASIDE,
        ..kept(SET_ASIDE, subject::SET_ASIDE, replicas)
    }
}

/// The mirror of the log, its first message to come at this sequence.
pub(crate) fn log(replicas: usize, first: u64) -> Config {
    Config {
        description: Some("every event of the log, at its position".to_owned()),
        first_sequence: Some(first),
        deny_delete: true,
        deny_purge: true,
        // The sequence an event expects already keeps it from being there twice.
        duplicate_window: Duration::from_secs(1),
        // What a server that is killed had not written yet is published again, for the log has it. Replicas have each
        // other, and the server takes no other mode for them.
        persist_mode: (replicas <= 1).then_some(PersistenceMode::Async),
        ..kept(LOG, subject::LOG, replicas)
    }
}

pub(super) fn checkpoints(replicas: usize) -> Config {
    Config {
        description: Some("signed checkpoints of the log, for witnesses".to_owned()),
        duplicate_window: DUPLICATES,
        ..kept(CHECKPOINTS, subject::CHECKPOINTS, replicas)
    }
}

/// A stream on disk that takes no more when it is full, and drops nothing of what it took.
pub(crate) fn kept(name: &str, root: &str, replicas: usize) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![format!("{root}.>")],
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        num_replicas: replicas,
        ..Config::default()
    }
}

/// Says in what a stream falls short of what is wanted. More replicas, or a limit on its size, are the operator's.
pub(super) fn difference(wanted: &Config, found: &Config) -> Option<String> {
    if found.subjects != wanted.subjects {
        return Some(format!("its subjects are {:?} and not {:?}", found.subjects, wanted.subjects));
    }
    if found.retention != wanted.retention {
        return Some(format!("its retention is {:?} and not {:?}", found.retention, wanted.retention));
    }
    if found.storage != wanted.storage {
        return Some(format!("its storage is {:?} and not {:?}", found.storage, wanted.storage));
    }
    if found.max_age != wanted.max_age {
        return Some(format!(
            "it keeps messages for {:?} and not for {:?}, 0 being for ever",
            found.max_age, wanted.max_age
        ));
    }
    if found.discard != wanted.discard || found.max_messages_per_subject > 0 {
        return Some("it drops messages".to_owned());
    }
    None
}

/// Returns what a stream must be changed to, where it differs in nothing but how long it keeps messages: it was made before
/// there was a limit, or when it was another. What is the operator's stays.
pub(super) fn mended(wanted: &Config, found: &Config) -> Option<Config> {
    let mended = Config { max_age: wanted.max_age, ..found.clone() };
    difference(wanted, &mended).is_none().then_some(mended)
}

/// Returns a stream's name, for those who tell of it.
pub(super) fn named(name: &str) -> &'static str {
    let known = [FINDINGS, SET_ASIDE, LOG, CHECKPOINTS].into_iter().find(|stream| *stream == name);
    known.unwrap_or("of a leaf node's findings")
}
