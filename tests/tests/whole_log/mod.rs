//! The whole log of an installation, and what must hold of it whatever happened. What is found is returned and not
//! asserted, so that whoever asks can say what was done before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rectify_case::rules::check;
use rectify_case::{CaseEvent, Envelope, Event, Position, StreamId, Version, Zone};
use rectify_ledger::Ledger;
use rectify_log::{Clock, Db, Log, Options, Raw};
use rectify_tests::nats::Connection;
use sha2::{Digest as _, Sha256};

/// How many events are read at once.
const PAGE: u32 = 1000;

/// The whole log as its database has it, read at one moment.
pub struct WholeLog {
    db: Db,
    log: Log,
    /// Every event as bytes, in order.
    pub raw: Vec<Raw>,
    /// Every event, in order.
    pub envelopes: Vec<Envelope>,
}

impl WholeLog {
    /// Reads the log of the database at a URL. Never writes.
    pub async fn at(url: &str) -> WholeLog {
        let options = Options { read_only: true, ..Options::default() };
        let db = Db::connect(url, &options).await.expect("the database can be read");
        // Nothing is appended, so nobody asks for the time.
        let clock = Clock::new(|| DateTime::<Utc>::UNIX_EPOCH);
        let log = Log::open(db.clone(), clock).await.expect("the log can be read");
        let mut raw: Vec<Raw> = Vec::new();
        loop {
            let after = raw.last().map_or(0, |event| event.position);
            let page = log.read_raw(after, PAGE).await.expect("the log has no gap");
            if page.is_empty() {
                break;
            }
            raw.extend(page);
        }
        let decoded = raw.iter().map(|raw| rectify_log::decode(&raw.bytes).expect("an event can be read"));
        let envelopes = decoded.collect();
        WholeLog { db, log, raw, envelopes }
    }

    /// Returns the last position.
    pub fn head(&self) -> Position {
        self.raw.last().map_or(0, |event| event.position)
    }

    /// Returns the event at a position.
    pub fn event(&self, position: Position) -> Option<&Envelope> {
        self.envelopes.get(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    /// Returns the positions that were written under an idempotency key.
    pub async fn under(&self, key: &str) -> Vec<Position> {
        let written = self.log.appended_under(key).await.expect("the log can be read");
        written.into_iter().flat_map(|appended| appended.events).map(|event| event.position).collect()
    }

    /// Returns whatever is wrong with the log by itself: with its order, its bytes, its numbers, or by the seven rules.
    pub async fn complaints(&self, zone: Zone) -> Vec<String> {
        let mut complaints = self.out_of_order();
        complaints.extend(self.numbers_out_of_order());
        let mut after = 0;
        loop {
            let examined = self.log.examine(after, PAGE).await.expect("the log can be read");
            let differs =
                |d: rectify_log::Differing| format!("position {}: {} is not what its bytes say", d.position, d.what);
            complaints.extend(examined.differing.into_iter().map(differs));
            match examined.last {
                Some(last) => after = last,
                None => break,
            }
        }
        let broken = check(&self.envelopes, zone);
        complaints.extend(broken.iter().map(|violation| format!("position {}: {violation}", violation.at + 1)));
        complaints
    }

    /// Positions and versions are dense, leaves are hashes, nothing was recorded before what stands before it.
    fn out_of_order(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut versions: BTreeMap<StreamId, Version> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        let mut recorded = DateTime::<Utc>::UNIX_EPOCH;
        for ((position, raw), envelope) in (1..).zip(&self.raw).zip(&self.envelopes) {
            let mut wrong = |what: String| complaints.push(format!("position {}: {what}", raw.position));
            if raw.position != position {
                wrong(format!("it should be {position}"));
            }
            let version = versions.entry(envelope.stream).or_default();
            *version += 1;
            if envelope.version != *version {
                wrong(format!("version {} of {} should be {version}", envelope.version, envelope.stream));
            }
            if raw.leaf != <[u8; 32]>::from(Sha256::digest(&raw.bytes)) {
                wrong("its leaf is not the hash of its bytes".to_owned());
            }
            if envelope.recorded < recorded {
                wrong(format!("it was recorded at {}, and the one before at {recorded}", envelope.recorded));
            }
            recorded = envelope.recorded;
            if !ids.insert(envelope.id) || envelope.log != self.log.id() {
                wrong("its id is taken, or it is another log's".to_owned());
            }
        }
        complaints
    }

    /// Every series of case numbers counts from 1 without a gap, in the order of the log.
    fn numbers_out_of_order(&self) -> Vec<String> {
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        let mut complaints = Vec::new();
        for event in self.envelopes.iter().filter_map(case_event) {
            let CaseEvent::Registered { number, .. } = event else { continue };
            let before = last.insert(number.series.to_string(), number.serial).unwrap_or_default();
            if number.serial != before + 1 {
                complaints.push(format!("the number {number} follows {before}"));
            }
        }
        complaints
    }

    /// Returns where the mirror, reached at a port, has not at each sequence after one the bytes at that position.
    pub async fn not_mirrored(&self, port: u16, after: Position) -> Vec<String> {
        let mut broker = Connection::open(port, None).await;
        let mut complaints = Vec::new();
        for raw in self.raw.iter().filter(|raw| raw.position > after) {
            match broker.stored("LOG", raw.position).await {
                Some(stored) if stored.bytes == raw.bytes => {}
                Some(_) => complaints.push(format!("position {} is mirrored as something else", raw.position)),
                None => complaints.push(format!("position {} is not mirrored", raw.position)),
            }
        }
        if broker.stored("LOG", self.head() + 1).await.is_some() {
            complaints.push(format!("the mirror goes on after the end of the log, {}", self.head()));
        }
        complaints
    }

    /// Returns how far the ledger that serves is folded.
    pub async fn folded(&self) -> Position {
        let ledger = Ledger::open(&self.db).await.expect("the ledger can be read");
        ledger.checkpoint().await.expect("the ledger can be read")
    }

    /// Returns every row of the ledger that serves, as text.
    pub async fn ledger(&self) -> Vec<String> {
        let ledger = Ledger::open(&self.db).await.expect("the ledger can be read");
        ledger.dump().await.expect("the ledger can be read")
    }
}

/// Returns what happened to a case, where an event is of one.
pub fn case_event(envelope: &Envelope) -> Option<&CaseEvent> {
    match &envelope.event {
        Event::Case(event) => Some(event),
        Event::Directory(_) | Event::Access(_) => None,
    }
}
