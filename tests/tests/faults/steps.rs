//! kill -9 between any two steps: one after another, the process is killed before each thing it writes reaches a server, and
//! before the server's answer reaches it.

use std::cell::Cell;
use std::collections::BTreeSet;

use rectify_tests::bed::{
    Bed, CaseFile, Installation, Servers, Shape, Site, every_event, finding, patiently, position,
};
use rectify_tests::steps::{Step, Steps};
use rectify_tests::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{LIMIT, is_long};

/// What somebody does, so that the process takes its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// Hands in a finding, and waits until it is a case.
    HandIn,
    /// Reports a finding by hand, and registers its case.
    Register,
    /// Reports a petition by hand, which two administrators erase.
    Erase,
}

#[tokio::test]
async fn a_registrar_killed_between_any_two_steps_on_postgres_nats_opens_each_case_once() {
    killed_at_each_step("registrar", Deed::HandIn, &["WITH written", "COMMIT", "ack", "mirror", "cursors"]).await;
}

#[tokio::test]
async fn a_projector_killed_between_any_two_steps_on_postgres_nats_folds_each_event_once() {
    killed_at_each_step("projector", Deed::Register, &["cases", "checkpoint", "COMMIT"]).await;
}

#[tokio::test]
async fn a_desk_killed_between_any_two_steps_on_postgres_nats_gives_the_first_answer_again() {
    killed_at_each_step("desk", Deed::Register, &["WITH written", "COMMIT"]).await;
}

#[tokio::test]
async fn a_desk_killed_between_any_two_steps_on_postgres_nats_erases_each_petition_once() {
    killed_at_each_step("desk", Deed::Erase, &["WITH written", "COMMIT", "drafts"]).await;
}

#[tokio::test]
async fn an_intake_killed_between_any_two_steps_on_postgres_nats_accepts_each_finding_once() {
    killed_at_each_step("inspection", Deed::HandIn, &["hand in"]).await;
}

#[tokio::test]
async fn one_process_for_all_killed_between_any_two_steps_on_postgres_does_everything_once() {
    killed_at_each_step("up", Deed::Register, &["WITH written", "cases", "COMMIT"]).await;
}

/// Kills a process at each of the steps it takes for a deed; `sure` are parts of the names of some that it must take.
async fn killed_at_each_step(victim: &'static str, deed: Deed, sure: &[&str]) {
    let mut servers = if victim == "up" { Servers::without_broker().await } else { Servers::shared().await };
    let steps = servers.watch(victim).await;
    let mut bed = Bed::in_place(Installation::on(Some(servers)).await).await;
    let deeds = Deeds { site: bed.site.clone() };
    let all = steps_of(&bed, &deeds, deed, &steps).await;
    for part in sure {
        assert!(all.iter().any(|step| step.what.contains(part)), "{victim} takes no step {part:?}: {all:?}");
    }
    let mut done = Vec::new();
    for step in &all {
        steps.hold_at(step);
        let killing = async {
            steps.held(LIMIT).await;
            bed.installation.kill(victim);
            steps.release();
            bed.installation.spawn(victim).await;
            bed.installation.ready(victim).await;
        };
        let (outcome, ()) = tokio::join!(deeds.do_one(deed), killing);
        done.push(outcome);
    }
    for outcome in &done {
        deeds.is_done_once(outcome).await;
    }
    everything_follows(&bed).await;
    bed.keeps_its_promises_to_many().await;
}

#[tokio::test]
async fn one_process_on_sqlite_killed_at_each_page_that_it_writes_does_everything_once() {
    let mut bed = Bed::new(Shape::Embedded).await;
    let deeds = Deeds { site: bed.site.clone() };
    let mut done = Vec::new();
    for page in 0..if is_long() { 60 } else { 12 } {
        // What grows is the journal of the log or of the ledger; it dies before it has written one page more than the last.
        let files = std::fs::read_dir(bed.installation.path("data")).expect("the data are in a folder").flatten();
        let largest = files.filter_map(|file| Some(file.metadata().ok()?.len())).max().expect("there are data");
        bed.installation.process("up").limit_files(largest + page * PAGE + PAGE / 2);
        let over = Cell::new(false);
        let killing = async {
            bed.installation.is_killed("up").await;
            over.set(true);
            bed.installation.spawn("up").await;
            bed.installation.ready("up").await;
        };
        let doing = async {
            while !over.get() {
                done.push(deeds.do_one(Deed::Register).await);
            }
        };
        tokio::join!(doing, killing);
    }
    for outcome in &done {
        deeds.is_done_once(outcome).await;
    }
    bed.keeps_its_promises_to_many().await;
}

/// A page of SQLite in its journal.
const PAGE: u64 = 4096 + 24;

/// Returns the steps that a process takes each time that something is done.
async fn steps_of(bed: &Bed, deeds: &Deeds, deed: Deed, steps: &Steps) -> Vec<Step> {
    let mut each_time: Option<Vec<Step>> = None;
    for _ in 0..3 {
        deeds.is_done_once(&deeds.do_one(deed).await).await;
        everything_follows(bed).await;
        let taken = steps.taken();
        each_time = Some(match each_time {
            None => taken,
            Some(before) => before.into_iter().filter(|step| taken.contains(step)).collect(),
        });
    }
    each_time.expect("it was done three times")
}

/// Waits until all that follows from an event is done: it is mirrored, folded, and compared with others.
async fn everything_follows(bed: &Bed) {
    let servers = bed.installation.servers().expect("the bed stands on servers");
    let number = async |query: &str| servers.database.ask(query).await[0].parse::<u64>().unwrap_or_default();
    let reported = number("SELECT max(position) FROM events WHERE type = 'finding_reported'").await;
    let head = number("SELECT position FROM head").await;
    until(LIMIT, "what was reported is compared with others", async || {
        number("SELECT coalesce(max(position), 0) FROM cursors").await >= reported
    })
    .await;
    until(LIMIT, "the ledger is folded", async || position(&bed.site).await >= head).await;
    if let Some(nats) = bed.installation.nats() {
        until(LIMIT, "the mirror is as far as the log", async || {
            nats.stream("LOG").await["state"]["last_seq"].as_u64() >= Some(head)
        })
        .await;
    }
}

struct Deeds {
    site: Site,
}

/// What was done, and the answers to it.
struct Done {
    case: CaseFile,
    /// The types that the history of the case then has.
    history: &'static [&'static str],
    /// The ids of the events that somebody was told of.
    told: BTreeSet<String>,
    /// Whether it is a petition that is erased.
    erased: bool,
}

impl Deeds {
    async fn do_one(&self, deed: Deed) -> Done {
        match deed {
            Deed::HandIn => self.hand_in().await,
            Deed::Register => self.register().await,
            Deed::Erase => self.erase().await,
        }
    }

    async fn hand_in(&self) -> Done {
        let intake = self.site.intake("inspection");
        let key = self.site.key();
        let row = json!([{ "item": key, "title": "饮水问题", "text": format!("问题{key}"), "division": "舟曲县" }]);
        let path = "/intake/inspection/findings?source=patrol&issuing_body=A&document=B&discovered=2020-04-21";
        let report = patiently(&intake, 202, || intake.request(Method::POST, path).json(&row), |_| {}).await;
        let id = report["accepted"][0]["finding"].as_str().expect("the finding is accepted").to_owned();
        Done { case: self.site.case(&id), history: &["finding_reported"], told: BTreeSet::new(), erased: false }
    }

    async fn register(&self) -> Done {
        let office = self.site.desk("舟曲经办");
        let finding = json!({ "finding": finding("饮水问题", 3) });
        let (first, second) = (self.site.key(), self.site.key());
        let report = || office.request(Method::POST, "/api/cases").header("Idempotency-Key", &first).json(&finding);
        let reported = patiently(&office, 201, report, |_| {}).await;
        let case = reported["case"].as_str().expect("the answer names the case").to_owned();
        let path = format!("/api/cases/{case}/register");
        let seen = format!("\"{}\"", reported["version"]);
        let register = || {
            let request = office.request(Method::POST, &path).header("Idempotency-Key", &second);
            request.header("If-Match", &seen).json(&json!({}))
        };
        let registered = patiently(&office, 200, register, |_| {}).await;
        // Whoever asks once more is told the same.
        assert_eq!(events(&patiently(&office, 201, report, |_| {}).await), events(&reported));
        assert_eq!(events(&patiently(&office, 200, register, |_| {}).await), events(&registered));
        let told = [&reported, &registered].into_iter().flat_map(events).collect();
        Done { case: self.site.case(&case), history: &["finding_reported", "registered"], told, erased: false }
    }

    async fn erase(&self) -> Done {
        let office = self.site.desk("舟曲经办");
        let key = self.site.key();
        let letter = json!({ "finding": {
            "source": "petition",
            "reference": { "issuing_body": "州信访局", "document": "来信登记", "item": key },
            "title": "来信反映低保",
            "text": format!("低保一直没有复核，请求尽快核实{key}。"),
            "division": "623023", "discovered": "2020-04-20",
            "details": { "kind": "petition", "class": "request" },
        }});
        let report = || office.request(Method::POST, "/api/cases").header("Idempotency-Key", &key).json(&letter);
        let reported = patiently(&office, 201, report, |_| {}).await;
        let case = reported["case"].as_str().expect("the answer names the case").to_owned();
        for (who, step) in [("管理员", "propose"), ("另一管理员", "approve")] {
            let (administrator, key) = (self.site.desk(who), self.site.key());
            let path = format!("/api/petitions/{case}/shredding/{step}");
            let ask = || {
                let request = administrator.request(Method::POST, &path).header("Idempotency-Key", &key);
                request.json(&json!({ "reason": "保存期限已届满" }))
            };
            patiently(&administrator, 200, ask, |_| {}).await;
        }
        let told = events(&reported).into_iter().collect();
        Done { case: self.site.case(&case), history: &["finding_reported"], told, erased: true }
    }

    async fn is_erased_once(&self, case: &CaseFile) {
        let looks = self.site.desk("州审计").get(&format!("/api/cases/{}/looks", case.id)).await.expect(200);
        let looks = looks["looks"].as_array().expect("the answer lists looks").clone();
        let done: Vec<&str> = looks.iter().filter_map(|look| look["type"].as_str()).collect();
        assert_eq!(done, ["shredding_proposed", "shredding_approved", "petition_shredded"]);
        let open = format!("/api/cases/{}/petition/open", case.id);
        let opened = self.site.desk("舟曲经办").post(&open, &[], &json!({ "reason": "核对" })).await;
        assert_eq!(opened.expect(410)["code"], "petition_erased");
    }

    async fn is_done_once(&self, done: &Done) {
        let office = self.site.desk("舟曲经办");
        let path = format!("/api/cases/{}", done.case.id);
        until(LIMIT, "the case is there", async || {
            let asked = office.attempt(office.request(Method::GET, &path)).await;
            asked.is_ok_and(|answer| answer.status == 200)
        })
        .await;
        let events = every_event(&self.site, std::iter::once(&done.case.id)).await;
        let ids: BTreeSet<String> = events.keys().cloned().collect();
        assert!(done.told.is_subset(&ids), "{:?} was told of, and {ids:?} is in the log", done.told);
        let history = done.case.history().await;
        let own = history.iter().filter(|kind| *kind != "likely_duplicate_flagged").collect::<Vec<_>>();
        assert_eq!(own, done.history, "what was done is in the log once");
        if done.erased {
            self.is_erased_once(&done.case).await;
        }
    }
}

fn events(answer: &Value) -> Vec<String> {
    let events = answer["events"].as_array().expect("an answer tells what happened");
    events.iter().map(|event| event["id"].as_str().expect("an event has an id").to_owned()).collect()
}
