//! kill -9 under load: whatever clients were told is in the log once, and the ledger is what the log says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rectify_tests::bed::{Bed, Installation, Shape, Site, every_event, every_row, unit};
use rectify_tests::client::{Answer, Client};
use rectify_tests::until;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// How many findings are handed in, and how many in one request.
const FINDINGS: usize = 300;
const TOGETHER: usize = 10;

/// How many clients act on cases at the same time.
const CLERKS: usize = 8;

/// What happens to each case after its finding: its events beside the finding, one a command.
const COMMANDS: [&str; 4] = ["register", "add_note", "assign", "add_note"];

/// How many answers come between one kill and the next.
const BETWEEN_KILLS: usize = 100;

const LIMIT: Duration = Duration::from_mins(3);

#[tokio::test]
async fn nothing_accepted_is_lost_or_doubled_when_the_process_is_killed() {
    killed_under_load(Shape::Embedded, &["up"]).await;
}

#[tokio::test]
async fn nothing_accepted_is_lost_or_doubled_when_services_are_killed_on_postgres_nats() {
    killed_under_load(Shape::Servers, &["registrar", "projector", "desk"]).await;
}

async fn killed_under_load(shape: Shape, victims: &[&'static str]) {
    let mut bed = Bed::new(shape).await;
    let load = Load::new(bed.site.clone());
    let ((), (), kills) = tokio::join!(
        load.hand_in_everything(),
        futures_of(CLERKS, |clerk| load.act_on_every_case(clerk)),
        load.kill_in_turn(&mut bed.installation, victims),
    );
    assert!(kills >= 2 * victims.len(), "only {kills} kills fell into the load");
    load.everything_is_in_the_log_once().await;
    bed.shows_what_a_rebuilt_ledger_shows().await;
    bed.mirrors_the_log().await;
    bed.satisfies_the_doctor().await;
}

/// What is handed in and done, and what clients were told of it.
struct Load {
    site: Site,
    /// The findings that were accepted, in the order of their receipts.
    accepted: RefCell<Vec<String>>,
    /// The events that commands were answered with, by the case, its place among the commands of the case.
    acknowledged: RefCell<BTreeMap<(String, usize), BTreeSet<String>>>,
    /// How many requests were answered with success.
    answers: Cell<usize>,
    /// How often somebody had to ask again.
    repeats: Cell<usize>,
}

impl Load {
    fn new(site: Site) -> Self {
        let (accepted, acknowledged) = (RefCell::default(), RefCell::default());
        Self { site, accepted, acknowledged, answers: Cell::new(0), repeats: Cell::new(0) }
    }

    /// Hands in all findings, some at a time, as a source does that was told to hand in again what was not answered.
    async fn hand_in_everything(&self) {
        let intake = self.site.intake("inspection");
        for first in (0..FINDINGS).step_by(TOGETHER) {
            let findings: Vec<Value> = (first..first + TOGETHER).map(row).collect();
            let path = "/intake/inspection/findings?source=patrol&issuing_body=A&document=B&discovered=2020-04-21";
            let report = self.persist(&intake, 202, || intake.request(Method::POST, path).json(&findings)).await;
            let accepted = report["accepted"].as_array().unwrap();
            assert_eq!(accepted.len(), TOGETHER, "{report}");
            self.accepted.borrow_mut().extend(accepted.iter().map(|one| one["finding"].as_str().unwrap().to_owned()));
        }
    }

    /// Does all commands on every so manieth case, each once its finding was accepted.
    async fn act_on_every_case(&self, clerk: usize) {
        let office = self.site.desk("舟曲经办");
        for place in (clerk..FINDINGS).step_by(CLERKS) {
            until(LIMIT, "the next finding is accepted", async || self.accepted.borrow().len() > place).await;
            let case = self.accepted.borrow()[place].clone();
            let path = format!("/api/cases/{case}");
            // The queue may hold the finding yet: its case is there when the registrar has come to it.
            let mut version =
                self.persist(&office, 200, || office.request(Method::GET, &path)).await["case"]["version"].clone();
            for (step, command) in COMMANDS.into_iter().enumerate() {
                let (key, seen) = (format!("{case}-{step}"), format!("\"{version}\""));
                let answer = self
                    .persist(&office, 200, || {
                        let request = office.request(Method::POST, &format!("{path}/{command}"));
                        request.header("Idempotency-Key", &key).header("If-Match", &seen).json(&data(command))
                    })
                    .await;
                version = answer["version"].clone();
                let events = answer["events"].as_array().unwrap();
                let ids = events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
                self.acknowledged.borrow_mut().insert((case.clone(), step), ids);
            }
        }
    }

    /// Kills one process after another, each after so many answers more, and starts it again at once.
    async fn kill_in_turn(&self, installation: &mut Installation, victims: &[&'static str]) -> usize {
        let all = FINDINGS / TOGETHER + FINDINGS * COMMANDS.len();
        let mut kills = 0;
        for (victim, answers) in victims.iter().cycle().zip((BETWEEN_KILLS..all - BETWEEN_KILLS).step_by(BETWEEN_KILLS))
        {
            until(LIMIT, "the load goes on", async || self.answers.get() >= answers).await;
            installation.kill(victim);
            installation.spawn(victim).await;
            installation.ready(victim).await;
            kills += 1;
        }
        kills
    }

    /// Asks until there is an answer: a server that is down, or says that it cannot just now, is asked again the same.
    async fn persist(&self, client: &Client, status: u16, request: impl Fn() -> RequestBuilder) -> Value {
        let mut body = Value::Null;
        until(LIMIT, "somebody answers", async || match client.attempt(request()).await {
            Ok(answer) if answer.status == status => {
                body = answer.body;
                true
            }
            unanswered => {
                self.repeats.set(self.repeats.get() + 1);
                assert!(is_to_be_asked_again(&unanswered), "{unanswered:?}");
                false
            }
        })
        .await;
        self.answers.set(self.answers.get() + 1);
        body
    }

    async fn everything_is_in_the_log_once(&self) {
        assert!(self.repeats.get() > 0, "no client noticed a kill");
        let accepted = self.accepted.borrow().iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(accepted.len(), FINDINGS);
        let listed = async || every_row(&self.site).await.into_keys().collect::<BTreeSet<_>>();
        until(LIMIT, "the ledger lists every case", async || listed().await.len() >= FINDINGS).await;
        assert_eq!(listed().await, accepted, "one case a finding, and no other");

        let events = every_event(&self.site, accepted.iter()).await;
        let mut types: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for event in events.values() {
            *types.entry((event["case"].as_str().unwrap(), event["type"].as_str().unwrap())).or_default() += 1;
        }
        for case in &accepted {
            let count = |kind| types.get(&(case.as_str(), kind)).copied().unwrap_or_default();
            let counts = ["finding_reported", "registered", "assigned", "note_added"].map(count);
            assert_eq!(counts, [1, 1, 1, 2], "{case} has each thing done to it once");
        }
        for (command, ids) in &*self.acknowledged.borrow() {
            let lost: Vec<_> = ids.iter().filter(|id| !events.contains_key(*id)).collect();
            assert!(!ids.is_empty() && lost.is_empty(), "{command:?} was answered with {lost:?}, which is nowhere");
        }
        assert_eq!(self.acknowledged.borrow().len(), FINDINGS * COMMANDS.len());
    }
}

fn is_to_be_asked_again(unanswered: &reqwest::Result<Answer>) -> bool {
    match unanswered {
        // No connection, or one that broke.
        Err(_) => true,
        // Not just now; or the case of a finding that is queued.
        Ok(answer) => matches!(answer.status, 503 | 404),
    }
}

fn row(number: usize) -> Value {
    json!({
        "item": number.to_string(), "title": format!("问题{number}"), "text": format!("第{number}号问题"),
        "division": "舟曲县", "place": format!("第{number}村"),
    })
}

fn data(command: &str) -> Value {
    match command {
        "assign" => {
            json!({ "leads": [unit("舟曲县民政局")], "goal": "整改", "term": { "ends": { "on": "2099-12-31" } } })
        }
        "add_note" => json!({ "text": "已核对" }),
        _ => json!({}),
    }
}

/// Runs as many of something at once.
async fn futures_of<F: Future<Output = ()>>(count: usize, make: impl Fn(usize) -> F) {
    let mut running: Vec<_> = (0..count).map(|number| Box::pin(make(number))).collect();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}
