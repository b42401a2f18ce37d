//! A log filled fast: the bytes of each kind of event are made once, and names, numbers and words put in their places.
//!
//! What stands in the tables then is what the log itself would have written: canonical bytes, their hash, a key each, and
//! the numbers of cases one after the other. By a clock that stands at [`world::recorded`] it is a log that verifies.

use std::collections::BTreeMap;

use rectify_case::{Envelope, Event, EventId, Happened, LogId, Position, StreamId};
use rectify_log::{Db, Log};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgPoolCopyExt as _;
use sqlx::{PgPool, QueryBuilder, Sqlite, SqlitePool};
use uuid::Uuid;

use crate::world::{self, EVENTS, KINDS, case, life, mix, recorded, words};

/// How many cases are open at a time: a case's events lie among those of so many others.
pub const OPEN: u64 = 500;

/// How many events go into one statement on SQLite, and into one piece of a `COPY` on PostgreSQL.
const ROWS: usize = 2_000;

const CASE: Uuid = Uuid::from_u128(0xcccc_cccc_cccc_4ccc_8ccc_cccc_cccc_cccc);
const ID: Uuid = Uuid::from_u128(0xeeee_eeee_eeee_7eee_8eee_eeee_eeee_eeee);
const SALT: &str = "5a175a175a175a175a175a175a175a17";
const ITEM: &str = "item-0000000";
const WORDS: &str = "□□□□□□□□□□□□";
const SERIAL: u64 = 7_654_321;

/// Fills an empty log with the directory and so many cases, of which so many are open at a time.
pub async fn fill(db: &Db, log: &Log, cases: u64, open: u64) -> Position {
    let directory = enter_directory(log).await;
    let mut filler = Filler { kinds: kinds(log.id()), directory, series: BTreeMap::new() };
    let events = (0..cases.div_ceil(open)).flat_map(|block| {
        let (first, end) = (block * open, (block * open + open).min(cases));
        (0..EVENTS).flat_map(move |event| (first..end).map(move |n| (n, event)))
    });
    let mut at = directory;
    let mut page = Vec::with_capacity(ROWS);
    for (n, event) in events {
        at += 1;
        page.push(filler.row(at, n, event));
        if page.len() == ROWS {
            write(db, &page).await;
            page.clear();
        }
    }
    if !page.is_empty() {
        write(db, &page).await;
    }
    move_head(db, at).await;
    for (name, last) in &filler.series {
        end_series(db, name, *last).await;
    }
    at
}

/// Enters the prefecture in an empty log, and returns where its last event is.
pub async fn enter_directory(log: &Log) -> Position {
    let events = world::directory().into_iter().map(rectify_log::NewEvent::from).collect();
    let write = rectify_log::Write { stream: StreamId::Directory, expected: rectify_log::Expected::Any, events };
    let actor = rectify_case::Actor::INSTALLATION;
    let append = rectify_log::Append { key: None, actor, facts_at: 0, writes: vec![write] };
    let appended = log.append(append).await.expect("an empty log takes a directory");
    appended.events.last().map_or(0, |last| last.position)
}

/// An event as it is inserted.
struct Row {
    position: i64,
    id: Uuid,
    stream: String,
    version: i64,
    name: &'static str,
    happened: String,
    actor: Uuid,
    leaf: [u8; 32],
    bytes: Vec<u8>,
    key: String,
}

struct Filler {
    kinds: Vec<Vec<Kind>>,
    directory: Position,
    /// The last number that was given in each series.
    series: BTreeMap<String, u64>,
}

/// An event with holes.
struct Kind {
    name: &'static str,
    happened: String,
    actor: Uuid,
    bytes: Vec<u8>,
    case: Vec<usize>,
    id: Vec<usize>,
    salt: Vec<usize>,
    item: Vec<usize>,
    words: Vec<usize>,
    /// The series that it takes a number of, and where the number is.
    number: Option<(String, usize)>,
}

impl Filler {
    fn row(&mut self, position: Position, n: u64, event: u64) -> Row {
        let kind = &self.kinds[as_index(n % KINDS)][as_index(event)];
        let case = case(n);
        // In order of time, as the log's own ids are.
        let id =
            Uuid::from_u64_pair(0x0174_0000_0000_7000 | position << 20, 0x8000_0000_0000_0000 | mix(position) >> 2);
        let mut bytes = kind.bytes.clone();
        let mut put = |places: &[usize], text: &str| {
            for place in places {
                bytes[*place..*place + text.len()].copy_from_slice(text.as_bytes());
            }
        };
        put(&kind.case, &case.to_string());
        put(&kind.id, &id.to_string());
        put(&kind.salt, &format!("{:016x}{:016x}", mix(position), mix(!position)));
        if !kind.item.is_empty() {
            put(&kind.item, &format!("item-{n:07}"));
        }
        if !kind.words.is_empty() {
            put(&kind.words, &words(n));
        }
        // Last of all, for what comes after it moves.
        if let Some((series, place)) = &kind.number {
            let serial = self.series.entry(series.clone()).or_default();
            *serial += 1;
            bytes.splice(*place..*place + SERIAL.to_string().len(), serial.to_string().into_bytes());
        }
        Row {
            position: as_sql(position),
            id,
            stream: StreamId::Case(case).to_string(),
            version: as_sql(event + 1),
            name: kind.name,
            happened: kind.happened.clone(),
            actor: kind.actor,
            leaf: Sha256::digest(&bytes).into(),
            bytes,
            key: format!("key-{:016x}-{}", mix(position ^ 0x00ff_00ff), position - self.directory),
        }
    }
}

/// Makes the events of every kind of life.
fn kinds(log: LogId) -> Vec<Vec<Kind>> {
    (0..KINDS)
        .map(|n| (1..).zip(life(n, ITEM, WORDS, SERIAL)).map(|(version, event)| kind(log, version, event)).collect())
        .collect()
}

fn kind(log: LogId, version: u64, (actor, event): (rectify_case::Actor, rectify_case::CaseEvent)) -> Kind {
    let discovered = event.discovered();
    let mut event = Event::from(event);
    let name = event.name();
    let series = event.number_mut().map(|number| number.series.to_string());
    let happened = discovered.unwrap_or(Happened::At(recorded()));
    let envelope = Envelope {
        id: EventId(ID),
        salt: SALT.to_owned(),
        log,
        stream: StreamId::Case(rectify_case::CaseId(CASE)),
        version,
        schema: Event::SCHEMA,
        happened,
        received: discovered.map(|_| recorded()),
        recorded: recorded(),
        actor,
        facts_at: 1,
        cause: None,
        event,
    };
    let bytes = canonical(&envelope);
    let places = |text: &str| {
        let found = bytes.windows(text.len()).enumerate().filter(|(_, window)| *window == text.as_bytes());
        found.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let (case, id, salt) = (places(&CASE.to_string()), places(&ID.to_string()), places(SALT));
    let (item, words) = (places(ITEM), places(WORDS));
    let number = series.zip(places(&SERIAL.to_string()).first().copied());
    Kind { name, happened: happened.to_string(), actor: actor.person.0, case, id, salt, item, words, number, bytes }
}

/// Returns what is hashed: RFC 8785 canonical JSON.
pub fn canonical(value: &impl Serialize) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("an event is canonical JSON")
}

async fn write(db: &Db, rows: &[Row]) {
    match db {
        Db::Postgres(pool) => copy(pool, rows).await.expect("PostgreSQL takes the rows"),
        Db::Sqlite(pool) => insert(pool, rows).await.expect("SQLite takes the rows"),
    }
}

async fn move_head(db: &Db, at: Position) {
    let sql = "UPDATE head SET position = $1, recorded = $2";
    let moved = rectify_log::on!(Db, db, pool => {
        sqlx::query(sql).bind(as_sql(at)).bind(recorded()).execute(pool).await.map(drop)
    });
    moved.expect("the head can be moved");
}

async fn end_series(db: &Db, name: &str, last: u64) {
    let sql = "INSERT INTO series (name, last) VALUES ($1, $2)";
    let ended = rectify_log::on!(Db, db, pool => {
        sqlx::query(sql).bind(name).bind(as_sql(last)).execute(pool).await.map(drop)
    });
    ended.expect("the last number of a series can be set");
}

async fn copy(pool: &PgPool, rows: &[Row]) -> Result<(), sqlx::Error> {
    let columns = "position, id, stream, version, type, happened, recorded, actor, leaf, bytes";
    let mut events = Binary::new();
    let mut keys = Binary::new();
    // As PostgreSQL keeps an instant: microseconds since 2000.
    let recorded = recorded().timestamp_micros() - 946_684_800_000_000;
    for row in rows {
        events.row(10);
        events.field(&row.position.to_be_bytes());
        events.field(row.id.as_bytes());
        events.field(row.stream.as_bytes());
        events.field(&row.version.to_be_bytes());
        events.field(row.name.as_bytes());
        events.field(row.happened.as_bytes());
        events.field(&recorded.to_be_bytes());
        events.field(row.actor.as_bytes());
        events.field(&row.leaf);
        events.field(&row.bytes);
        keys.row(4);
        keys.field(row.key.as_bytes());
        keys.field(&row.leaf);
        keys.field(&row.position.to_be_bytes());
        keys.field(&1i64.to_be_bytes());
    }
    for (sql, rows) in [
        (format!("COPY events ({columns}) FROM STDIN (FORMAT binary)"), events),
        ("COPY appends (key, content, position, events) FROM STDIN (FORMAT binary)".to_owned(), keys),
    ] {
        let mut copy = pool.copy_in_raw(&sql).await?;
        copy.send(rows.end()).await?;
        copy.finish().await?;
    }
    Ok(())
}

/// Rows as `COPY … (FORMAT binary)` takes them.
struct Binary(Vec<u8>);

impl Binary {
    fn new() -> Binary {
        let mut bytes = b"PGCOPY\n\xff\r\n\0".to_vec();
        bytes.extend([0; 8]);
        Binary(bytes)
    }

    fn row(&mut self, fields: i16) {
        self.0.extend(fields.to_be_bytes());
    }

    fn field(&mut self, bytes: &[u8]) {
        self.0.extend(i32::try_from(bytes.len()).expect("an event is small").to_be_bytes());
        self.0.extend(bytes);
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend((-1i16).to_be_bytes());
        self.0
    }
}

async fn insert(pool: &SqlitePool, rows: &[Row]) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let mut events = QueryBuilder::<Sqlite>::new(
        "INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes) ",
    );
    events.push_values(rows, |mut values, row| {
        values
            .push_bind(row.position)
            .push_bind(row.id)
            .push_bind(&row.stream)
            .push_bind(row.version)
            .push_bind(row.name)
            .push_bind(&row.happened)
            .push_bind(recorded())
            .push_bind(row.actor)
            .push_bind(row.leaf.as_slice())
            .push_bind(&row.bytes);
    });
    events.build().persistent(false).execute(&mut *tx).await?;
    let mut keys = QueryBuilder::<Sqlite>::new("INSERT INTO appends (key, content, position, events) ");
    keys.push_values(rows, |mut values, row| {
        values.push_bind(&row.key).push_bind(row.leaf.as_slice()).push_bind(row.position).push_bind(1i64);
    });
    keys.build().persistent(false).execute(&mut *tx).await?;
    tx.commit().await
}

pub fn as_sql(number: u64) -> i64 {
    i64::try_from(number).expect("a position is no larger than a database takes")
}

fn as_index(number: u64) -> usize {
    usize::try_from(number).expect("an index")
}
