//! The relay: every event of the log into its mirror, at the stream sequence that is its position.
//!
//! It keeps nothing of its own: where it goes on is what the mirror has. That two relays run at once does no harm: every
//! event says which must stand before it.

use std::collections::HashMap;
use std::time::Duration;

use rectify_bus::{Keyed, Mirror, MirrorError, Mirrored};
use rectify_case::{CaseEvent, CaseId, DivisionCode, Event, Position, SourceCode, StreamId};
use rectify_kit::Frame;
use rectify_kit::mirror::{CompareError, compare, halt};
use rectify_log::{Key, LogError, Outline, Raw, decode, outline};

use crate::error::RegistrarError;
use crate::standing::Standing;

/// How many events are published in one go.
const PAGE: u32 = 2_048;

/// How many cases' sources and divisions are remembered.
const REMEMBERED: usize = 10_000;

/// How often the mirror is looked at while nothing happens: a stream that was lost is made again also then.
const POLL: Duration = Duration::from_secs(5);

/// How long to wait before a bus or a database that failed is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// Relays the log until the shutdown begins. Where there is no mirror, nothing is done.
pub(crate) async fn keep(frame: &Frame, mirror: Option<Mirror>) -> Result<(), RegistrarError> {
    let Some(mirror) = mirror else { return Ok(()) };
    tokio::select! {
        () = frame.shutdown.begun() => Ok(()),
        () = relay(frame, &mirror) => Ok(()),
    }
}

/// Relays for as long as the log and its mirror are one history, and then waits for somebody to mend it.
async fn relay(frame: &Frame, mirror: &Mirror) {
    let standing = Standing::shown(&frame.health, "relay");
    let mut of_cases = OfCases::default();
    while frame.log.halted().is_none() {
        let error = follow(frame, mirror, &mut of_cases, &standing).await;
        standing.held_up(&error, "the relay was interrupted");
        if error.is_divergence() {
            halt(&frame.log, &error);
            break;
        }
        if matches!(error, CompareError::Mirror(MirrorError::Lost)) {
            match mirror.recreate_from(1).await {
                Ok(()) => tracing::warn!("the mirror was lost; publishing the whole log again"),
                Err(error) => standing.held_up(&error, "the lost mirror cannot be made again yet"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    // Shown for as long as the process lives.
    std::future::pending::<()>().await;
}

/// Publishes what the mirror does not have and whatever comes, until something goes wrong.
async fn follow(frame: &Frame, mirror: &Mirror, of_cases: &mut OfCases, standing: &Standing) -> CompareError {
    let outcome: Result<std::convert::Infallible, CompareError> = async {
        let mut last = compare(&frame.log, mirror).await?.position;
        standing.goes_on();
        let mut tail = frame.log.tail(last);
        let mut next = None;
        loop {
            let page = if let Some(page) = next.take() {
                page
            } else {
                let Ok(page) = tokio::time::timeout(POLL, tail.next_raw(PAGE)).await else {
                    // Another process may have made a lost stream again, or another relay gone on.
                    let there = compare(&frame.log, mirror).await?.position;
                    if there != last {
                        (last, tail) = (there, frame.log.tail(there));
                    }
                    continue;
                };
                of_cases.all_mirrored(frame, page?).await?
            };
            let more = page.len() == PAGE as usize;
            // Every batch begins with the last event that is mirrored, as the log has it now: so it is noticed when the
            // database was restored meanwhile.
            let known = match last {
                0 => Vec::new(),
                last => frame.log.read_raw(last - 1, 1).await?,
            };
            let mut batch = of_cases.all_mirrored(frame, known).await?;
            batch.extend(page);
            // Where there is more than a page, the next is read while this one is on its way.
            let read_on = async {
                let page = if more { frame.log.read_raw(tail.position(), PAGE).await? } else { Vec::new() };
                of_cases.all_mirrored(frame, page).await
            };
            let (published, read) = tokio::join!(mirror.publish(&batch), read_on);
            last = published?;
            told(last);
            next = Some(read?).filter(|page| !page.is_empty());
            if let Some(end) = next.as_ref().and_then(|page| page.last()) {
                tail = frame.log.tail(end.position);
            }
        }
    }
    .await;
    let Err(error) = outcome;
    error
}

/// Returns the idempotency keys of the appends that begin among events, by the position where each begins.
async fn keys_of(frame: &Frame, events: impl Iterator<Item = &Raw>) -> Result<HashMap<Position, Keyed>, LogError> {
    let positions: Vec<Position> = events.map(|event| event.position).collect();
    let (Some(first), Some(last)) = (positions.first(), positions.last()) else { return Ok(HashMap::new()) };
    let keys = frame.log.read_keys(first - 1, *last).await?;
    let keyed = |Key { key, content, position, events }| (position, Keyed { key, content, events });
    Ok(keys.into_iter().map(keyed).collect())
}

fn told(position: Position) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, exact to 2⁵³")]
    metrics::gauge!("rectify_mirror_position").set(position as f64);
}

/// The source and the division that a case began with: part of the subject of each of its events.
#[derive(Debug, Default)]
struct OfCases(HashMap<CaseId, (SourceCode, DivisionCode)>);

impl OfCases {
    /// Returns events as they are mirrored.
    async fn all_mirrored(&mut self, frame: &Frame, events: Vec<Raw>) -> Result<Vec<Mirrored>, LogError> {
        let mut keys = keys_of(frame, events.iter()).await?;
        let mut mirrored = Vec::with_capacity(events.len());
        for event in events {
            let keyed = keys.remove(&event.position);
            mirrored.push(self.mirrored(frame, event, keyed).await?);
        }
        Ok(mirrored)
    }

    async fn mirrored(&mut self, frame: &Frame, raw: Raw, keyed: Option<Keyed>) -> Result<Mirrored, LogError> {
        let undecodable = |source| LogError::Undecodable { position: raw.position, source };
        let Outline { id, log, recorded } = outline(&raw.bytes).map_err(undecodable)?;
        let (source, division) = match raw.stream {
            StreamId::Case(case) => self.of(frame, case, &raw).await?.unzip(),
            StreamId::Access(_) | StreamId::Directory => (None, None),
        };
        let Raw { position, stream, kind, bytes, leaf } = raw;
        Ok(Mirrored {
            log,
            position,
            stream,
            name: kind,
            source,
            division,
            id,
            recorded,
            leaf,
            keyed,
            trace: None,
            bytes: bytes.into(),
        })
    }

    async fn of(
        &mut self,
        frame: &Frame,
        case: CaseId,
        raw: &Raw,
    ) -> Result<Option<(SourceCode, DivisionCode)>, LogError> {
        if let Some(known) = self.0.get(&case) {
            return Ok(Some(known.clone()));
        }
        let undecodable = |source| LogError::Undecodable { position: raw.position, source };
        let mut found = beginning(&decode(&raw.bytes).map_err(undecodable)?.event);
        if found.is_none() {
            let events = frame.log.read_stream(StreamId::Case(case), 0).await?;
            found = events.first().and_then(|first| beginning(&first.envelope.event));
        }
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.extend(found.clone().map(|found| (case, found)));
        Ok(found)
    }
}

fn beginning(event: &Event) -> Option<(SourceCode, DivisionCode)> {
    let Event::Case(event) = event else { return None };
    let first = match event.as_ref() {
        CaseEvent::FindingReported { finding } => finding,
        CaseEvent::CarriedOver { declared, .. } => &declared.finding,
        CaseEvent::PartOpened { findings, .. } => findings.first()?,
        _ => return None,
    };
    Some((first.source.clone(), first.division.clone()))
}
