//! What holds at the end of every test, whatever happened in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::case::READER;
use crate::bed::{Bed, PEOPLE, Site};
use crate::until;

const LIMIT: Duration = Duration::from_mins(1);

impl Bed {
    /// Checks that each case as of each of its positions is what its history says, and as of the last what it is now.
    pub async fn replays_every_case(&self) {
        let reader = self.site.desk(READER);
        for id in every_row(&self.site).await.keys() {
            let now = reader.get(&format!("/api/cases/{id}")).await.expect(200);
            let history = reader.get(&format!("/api/cases/{id}/events")).await.expect(200);
            let events = history["events"].as_array().expect("a history is a list");
            let mut last = Value::Null;
            for (before, event) in (1u64..).zip(events) {
                assert_eq!(event["version"], before, "a history has no gaps");
                let path = format!("/api/cases/{id}?at_position={}", event["position"]);
                last = reader.get(&path).await.expect(200);
                assert_eq!(last["case"]["version"], event["version"], "the case as of {}", event["position"]);
            }
            for part in ["case", "number", "stage_name", "position"] {
                assert_eq!(last[part], now[part], "the replayed {part} of {id} is not the present one");
            }
        }
    }

    /// Checks that the ledger is what folding the whole log anew makes of it: row by row, count by count, and for
    /// everybody who may see a part of it.
    pub async fn shows_what_a_rebuilt_ledger_shows(&self) {
        let rows = every_row(&self.site).await;
        assert!(!rows.is_empty(), "an empty ledger shows nothing");
        let mut shown = Shown::to_all(&self.site, &rows).await;
        until(LIMIT, "every row is found by the first words of its title", async || {
            let found = shown.found.values().flatten().collect::<BTreeSet<_>>().len() == rows.len();
            if !found {
                shown = Shown::to_all(&self.site, &rows).await;
            }
            found
        })
        .await;
        self.rebuild().await;
        let rebuilt = every_row(&self.site).await;
        for (id, row) in &rows {
            assert_eq!(Some(row), rebuilt.get(id), "the rebuilt row is another");
        }
        assert_eq!(rows.len(), rebuilt.len(), "the rebuilt ledger has more rows");
        assert_eq!(shown, Shown::to_all(&self.site, &rebuilt).await);
    }

    /// Checks that the ledger's tables hold, row by row, what folding the whole log anew puts into them.
    pub async fn holds_the_rows_of_a_rebuilt_ledger(&self) {
        until(LIMIT, "nothing is appended while the ledger is folded anew", async || {
            let before = self.rows().await;
            self.rebuild().await;
            let after = self.rows().await;
            // The first row says how far the ledger is.
            let is_still = [&before, &self.rows().await].iter().all(|rows| rows.first() == after.first());
            is_still && {
                let other = before.iter().zip(&after).find(|(before, after)| before != after);
                assert_eq!(other, None, "the rebuilt ledger has another row");
                assert_eq!(before.len(), after.len(), "the rebuilt ledger has more rows, or less");
                true
            }
        })
        .await;
    }

    /// Returns every row of every table of the ledger.
    async fn rows(&self) -> Vec<String> {
        let rows: Vec<String> =
            self.installation.tool(&["ledger", "--rows"]).await.lines().map(str::to_owned).collect();
        assert!(rows.len() > 10, "a ledger has rows: {rows:?}");
        rows
    }

    /// Waits until the ledger is folded over everything that is in the log now, where that is on a server.
    pub async fn has_folded_everything(&self) {
        let servers = self.installation.servers().expect("the log is on a server");
        let head: u64 = servers.database.ask("SELECT position FROM head").await[0].parse().expect("a position");
        until(LIMIT, &format!("the ledger is folded to {head}"), async || position(&self.site).await >= head).await;
    }

    /// Checks that the broker's copy of the log has at each sequence the very bytes of that position, where there is a
    /// broker.
    pub async fn mirrors_the_log(&self) {
        let (Some(nats), Some(servers)) = (self.installation.nats(), self.installation.servers()) else { return };
        let log = servers.database.ask("SELECT encode(bytes, 'hex') FROM events ORDER BY position").await;
        let head = u64::try_from(log.len()).expect("a log fits into memory here");
        let mut state = Value::Null;
        until(LIMIT, &format!("the mirror holds {head} events"), async || {
            state = nats.stream("LOG").await["state"].take();
            state["last_seq"].as_u64() >= Some(head)
        })
        .await;
        assert_eq!(state["first_seq"], 1);
        assert_eq!(state["messages"], state["last_seq"], "no sequence is missing");
        let mut connection = servers.connection(nats).await;
        for (sequence, event) in (1..).zip(&log) {
            let stored = connection.stored("LOG", sequence).await.expect("the state above counts it");
            assert_eq!(&hexadecimal(&stored.bytes), event, "the mirror has other bytes at {sequence}");
        }
        let head = servers.database.ask("SELECT position FROM head").await;
        let last = nats.stream("LOG").await["state"]["last_seq"].to_string();
        assert!(
            last.parse::<u64>().ok() <= head[0].parse().ok(),
            "the mirror has {last}, and the log ends at {head:?}"
        );
    }

    /// Checks that the program's own examination finds nothing wrong, the end of the mirror compared with the log too.
    pub async fn satisfies_the_doctor(&self) {
        self.installation.tool(&["doctor"]).await;
    }

    /// Has the ledger folded anew, and waits until the new one serves.
    pub async fn rebuild(&self) {
        let administrator = self.site.administrator();
        administrator.post("/api/admin/rebuild", &[], &json!({})).await.expect(202);
        until(LIMIT, "the ledger is folded anew", async || {
            let told = administrator.get("/api/admin/rebuild").await.expect(200);
            let desk = if self.installation.runs("desk") { "desk" } else { "up" };
            assert_ne!(told["standing"], "failed", "{told}: {}", self.installation.process(desk).output());
            told["standing"] == "done"
        })
        .await;
    }
}

/// What lists, searches and counts show.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    /// The cases that each person sees.
    seen: BTreeMap<&'static str, BTreeSet<String>>,
    /// The counts as each person sees them.
    counted: BTreeMap<&'static str, Value>,
    /// The cases that have a word.
    found: BTreeMap<String, BTreeSet<String>>,
}

impl Shown {
    async fn to_all(site: &Site, rows: &BTreeMap<String, Value>) -> Self {
        let mut shown = Self { seen: BTreeMap::new(), counted: BTreeMap::new(), found: BTreeMap::new() };
        for person in &PEOPLE {
            shown.seen.insert(person.name, pages(site, person.name, &[]).await.into_keys().collect());
            shown.counted.insert(person.name, site.desk(person.name).get("/api/counts").await.expect(200));
        }
        let first_words =
            rows.values().filter_map(|row| Some(row["title"].as_str()?.chars().take(2).collect::<String>()));
        for word in first_words.collect::<BTreeSet<_>>() {
            let found = pages(site, READER, &[("text", &word)]).await.into_keys().collect();
            shown.found.insert(word, found);
        }
        shown
    }
}

/// Returns every row of the ledger, by the id of its case.
pub async fn every_row(site: &Site) -> BTreeMap<String, Value> {
    pages(site, READER, &[]).await
}

/// Returns the rows of all pages that somebody is shown.
async fn pages(site: &Site, who: &str, conditions: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let reader = site.desk(who);
    let mut rows = BTreeMap::new();
    let mut cursor = None;
    loop {
        let mut query = Vec::from(conditions);
        query.push(("limit", "500"));
        query.extend(cursor.iter().map(|cursor: &String| ("cursor", cursor.as_str())));
        let mut page = reader.send(reader.request(Method::GET, "/api/cases").query(&query)).await.expect(200);
        for row in page["rows"].as_array().expect("a page has rows") {
            let id = row["id"].as_str().expect("a row is of a case").to_owned();
            assert!(rows.insert(id, row.clone()).is_none(), "two pages show the same row: {row}");
        }
        match page["next"].take() {
            Value::String(next) => cursor = Some(next),
            _ => return rows,
        }
    }
}

/// Returns the position that the ledger has come to.
pub async fn position(site: &Site) -> u64 {
    let page = site.desk(READER).get("/api/cases?limit=1").await.expect(200);
    page["position"].as_u64().expect("a page says as of when it is")
}

/// Returns every event of some cases, by its id, having checked that none is there twice.
pub async fn every_event(site: &Site, cases: impl Iterator<Item = &String>) -> BTreeMap<String, Value> {
    let reader = site.desk(READER);
    let (mut events, mut positions) = (BTreeMap::new(), BTreeSet::new());
    for case in cases {
        let mut history = reader.get(&format!("/api/cases/{case}/events")).await.expect(200);
        let Value::Array(own) = history["events"].take() else { panic!("a history is a list: {history}") };
        for event in own {
            assert!(positions.insert(event["position"].as_u64()), "two events at one position: {event}");
            let id = event["id"].as_str().expect("an event has an id").to_owned();
            assert!(events.insert(id, event).is_none(), "an event is there twice");
        }
    }
    events
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}
