use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::task::Poll;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::bed::{CaseFile, Site, every_event, every_row, unit};
use crate::client::{Answer, Client};
use crate::until;

/// How many findings are handed in with one request.
const TOGETHER: usize = 10;

/// How many clerks act on cases at the same time.
const CLERKS: usize = 8;

/// How many cases may wait for the clerks before nothing more is handed in.
const AHEAD: usize = 4 * CLERKS;

/// What happens to each case after its finding: its events beside the finding, one a command.
const COMMANDS: [&str; 4] = ["register", "add_note", "assign", "add_note"];

/// How long somebody asks again before the test fails.
const LIMIT: Duration = Duration::from_mins(3);

/// How long somebody waits for one answer: longer than a server may take to say that it cannot.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long somebody waits before asking again.
const PAUSE: Duration = Duration::from_millis(50);

/// A load on an installation: a source that hands in findings, and clerks who act on their cases. Whoever gets no
/// answer asks the same again, and every answer is remembered.
#[derive(Debug)]
pub struct Load {
    site: Site,
    /// The cases that were there before.
    before: RefCell<BTreeSet<String>>,
    /// How many findings were made.
    made: Cell<usize>,
    /// The findings that were accepted, in the order of their receipts.
    accepted: RefCell<Vec<String>>,
    /// How many of their cases were begun by a clerk.
    begun: Cell<usize>,
    /// The events that commands were answered with, by the case and the command's place among those of the case.
    acknowledged: RefCell<BTreeMap<(String, usize), BTreeSet<String>>>,
    answers: Cell<usize>,
    repeats: Cell<usize>,
    /// The statuses that said to ask again.
    held_up_by: RefCell<BTreeSet<u16>>,
    is_over: Cell<bool>,
}

impl Load {
    /// Prepares a load; the cases that are there already are no part of it.
    pub async fn new(site: &Site) -> Self {
        let before = every_row(site).await.into_keys().collect();
        Self {
            site: site.clone(),
            before: RefCell::new(before),
            made: Cell::new(0),
            accepted: RefCell::default(),
            begun: Cell::new(0),
            acknowledged: RefCell::default(),
            answers: Cell::new(0),
            repeats: Cell::new(0),
            held_up_by: RefCell::default(),
            is_over: Cell::new(false),
        }
    }

    /// Hands in and acts for as long as something else goes on, and then finishes what was begun.
    pub async fn during<T>(&self, other: impl Future<Output = T>) -> T {
        self.is_over.set(false);
        let source = async {
            while !self.is_over.get() {
                self.hand_in_some().await;
            }
        };
        // The clerks end once the source has.
        let sourced = Cell::new(false);
        let source = async {
            source.await;
            sourced.set(true);
        };
        let clerks = all_of((0..CLERKS).map(|_| self.act_on_cases(&sourced)));
        let other = async {
            let outcome = other.await;
            self.is_over.set(true);
            outcome
        };
        let ((), (), outcome) = tokio::join!(source, clerks, other);
        outcome
    }

    /// Leaves out a case that somebody else began.
    pub fn leaves_out(&self, case: &CaseFile) {
        self.before.borrow_mut().insert(case.id.clone());
    }

    /// Waits until so many more requests were answered with success: the load goes on.
    pub async fn goes_on(&self, answers: usize) {
        let wanted = self.answers.get() + answers;
        until(LIMIT, "the load goes on", async || self.answers.get() >= wanted).await;
    }

    /// Waits until somebody had to ask again: the fault is felt.
    pub async fn is_held_up(&self) {
        let before = self.repeats.get();
        until(LIMIT, "somebody gets no answer", async || self.repeats.get() > before).await;
    }

    /// Returns how often somebody had to ask again.
    pub fn repeats(&self) -> usize {
        self.repeats.get()
    }

    /// Waits until the source is answered with a status that says to ask again.
    pub async fn is_answered_with(&self, status: u16) {
        self.held_up_by.borrow_mut().clear();
        until(LIMIT, &format!("the source is told {status}"), async || self.held_up_by.borrow().contains(&status))
            .await;
    }

    /// Returns the findings that were accepted, which are also the cases.
    pub fn accepted(&self) -> Vec<String> {
        self.accepted.borrow().clone()
    }

    /// Checks that whatever was accepted or done is in the log, once, and nothing else.
    pub async fn is_in_the_log_once(&self) {
        let accepted = self.accepted.borrow().iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(accepted.len(), self.accepted.borrow().len(), "no finding was accepted as two");
        assert_eq!(accepted.len(), self.made.get(), "every finding was accepted in the end");
        let listed = async || -> BTreeSet<String> {
            let rows = every_row(&self.site).await.into_keys();
            rows.filter(|case| !self.before.borrow().contains(case)).collect()
        };
        until(LIMIT, "the ledger lists every case", async || listed().await.len() >= accepted.len()).await;
        assert_eq!(listed().await, accepted, "one case a finding, and no other");

        let events = every_event(&self.site, accepted.iter()).await;
        let mut types: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for event in events.values() {
            let text = |field: &str| event[field].as_str().expect("an event tells its case and its type");
            *types.entry((text("case"), text("type"))).or_default() += 1;
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
        assert_eq!(self.acknowledged.borrow().len(), accepted.len() * COMMANDS.len());
    }

    /// Hands in some findings, unless the clerks have enough to do.
    async fn hand_in_some(&self) {
        let waits = || self.accepted.borrow().len() - self.begun.get() >= AHEAD;
        until(LIMIT, "the clerks come to what waits", async || !waits() || self.is_over.get()).await;
        if !self.is_over.get() {
            self.hand_in().await;
        }
    }

    /// Hands in some findings, as a source does that was told to hand in again what was not answered. The clerks come to
    /// them when the load goes on.
    pub async fn hand_in(&self) {
        let intake = self.site.intake("inspection");
        let first = self.made.get();
        self.made.set(first + TOGETHER);
        let findings: Vec<Value> = (first..first + TOGETHER).map(row).collect();
        let path = "/intake/inspection/findings?source=patrol&issuing_body=A&document=B&discovered=2020-04-21";
        let report = patiently(
            &intake,
            202,
            || intake.request(Method::POST, path).json(&findings),
            |unanswered| {
                self.repeats.set(self.repeats.get() + 1);
                self.held_up_by.borrow_mut().extend(unanswered.iter().map(|answer| answer.status));
            },
        )
        .await;
        self.answers.set(self.answers.get() + 1);
        let accepted = report["accepted"].as_array().expect("a report says what was accepted");
        assert_eq!(accepted.len(), TOGETHER, "{report}");
        let ids = accepted.iter().map(|one| one["finding"].as_str().expect("a finding has an id").to_owned());
        self.accepted.borrow_mut().extend(ids);
    }

    /// Does all commands on one case after another.
    async fn act_on_cases(&self, sourced: &Cell<bool>) {
        let office = self.site.desk("舟曲经办");
        loop {
            let waiting = || self.accepted.borrow().get(self.begun.get()).cloned();
            until(LIMIT, "the next finding is accepted", async || waiting().is_some() || sourced.get()).await;
            let Some(case) = waiting() else { return };
            self.begun.set(self.begun.get() + 1);
            let path = format!("/api/cases/{case}");
            // The queue may hold the finding yet: its case is there when the registrar has come to it.
            let shown = self.persist(&office, 200, || office.request(Method::GET, &path)).await;
            let mut version = shown["case"]["version"].clone();
            for (step, command) in COMMANDS.into_iter().enumerate() {
                let (key, seen) = (format!("{case}-{step}"), format!("\"{version}\""));
                let answer = self
                    .persist(&office, 200, || {
                        let request = office.request(Method::POST, &format!("{path}/{command}"));
                        request.header("Idempotency-Key", &key).header("If-Match", &seen).json(&data(command))
                    })
                    .await;
                version = answer["version"].clone();
                let events = answer["events"].as_array().expect("an answer tells what happened");
                let ids = events.iter().map(|event| event["id"].as_str().expect("an event has an id").to_owned());
                self.acknowledged.borrow_mut().insert((case.clone(), step), ids.collect());
            }
        }
    }

    async fn persist(&self, client: &Client, status: u16, request: impl Fn() -> RequestBuilder) -> Value {
        let answer = patiently(client, status, request, |_| self.repeats.set(self.repeats.get() + 1)).await;
        self.answers.set(self.answers.get() + 1);
        answer
    }
}

/// Asks until there is an answer with a status, and returns it: a server that is down, or says that it cannot just now, is
/// asked again the same, and `in_vain` is told of it.
pub async fn patiently(
    client: &Client,
    status: u16,
    request: impl Fn() -> RequestBuilder,
    mut in_vain: impl FnMut(&reqwest::Result<Answer>),
) -> Value {
    let mut last = None;
    let answered = tokio::time::timeout(LIMIT, async {
        loop {
            match client.attempt(request().timeout(PATIENCE)).await {
                Ok(answer) if answer.status == status => return answer.body,
                unanswered => {
                    in_vain(&unanswered);
                    assert!(is_to_be_asked_again(&unanswered), "{unanswered:?}");
                    last = Some(unanswered);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await;
    answered.unwrap_or_else(|_| panic!("waited {LIMIT:?} in vain for an answer; the last was {last:?}"))
}

fn is_to_be_asked_again(unanswered: &reqwest::Result<Answer>) -> bool {
    match unanswered {
        // No connection, or one that broke.
        Err(_) => true,
        // Not just now; no room just now; or the case of a finding that is queued.
        Ok(answer) => matches!(answer.status, 503 | 507 | 404),
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

/// Runs futures at once until all are done.
async fn all_of<F: Future<Output = ()>>(futures: impl Iterator<Item = F>) {
    let mut running: Vec<_> = futures.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
