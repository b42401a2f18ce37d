//! What is checked once nothing is broken any more and all is quiet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rectify_case::Zone;
use rectify_tests::client::Client;
use rectify_tests::nats::Server;
use rectify_tests::until;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Campaign;
use crate::acts;
use crate::whole_log::WholeLog;

/// How long anything may take to come right once nothing is broken any more.
const LIMIT: Duration = Duration::from_mins(2);

impl Campaign {
    /// Mends everything, waits until all is quiet, and checks what must hold whatever happened.
    pub(super) async fn check(&mut self) {
        let began = Instant::now();
        for broken in self.breakage.due(None) {
            broken.mend(&mut self.bed.installation, &self.surroundings).await;
        }
        self.quiet().await;
        let mut chance = self.chance.fork();
        acts::ask_everything_again(&self.world, &mut chance).await;
        self.look_at_acts().await;
        let log = self.settled().await;
        let mut complaints = log.complaints(Zone::SHANGHAI).await;
        complaints.extend(self.account.complaints(&log, &self.world.told.borrow()).await);
        if let Some(nats) = self.bed.installation.nats() {
            complaints.extend(log.not_mirrored(nats.port(), self.mirrored).await);
            complaints.extend(self.set_aside(nats).await);
        }
        complaints.extend(self.tokens().await);
        complaints.extend(self.in_clear(&log));
        complaints.extend(self.restored(&log).await);
        if complaints.is_empty() {
            complaints.extend(self.rebuilt(log.ledger().await).await);
        }
        if !complaints.is_empty() {
            self.fail(&complaints);
        }
        if let Err(said) = self.doctor().await {
            self.fail(&[format!("the doctor finds something wrong:\n{said}")]);
        }
        self.mirrored = log.head();
        self.submissions = submissions(&log);
        self.checks += 1;
        let took = began.elapsed();
        self.steps.tell(self.step, &format!("checked: all holds of {} events, within {took:.1?}", log.head()));
    }

    /// Has the doctor look, and returns what it says where something is wrong. It would say so too of a clock that is behind
    /// what was recorded while it was ahead: it looks when that is past.
    pub(super) async fn doctor(&self) -> Result<(), String> {
        self.surroundings.set_clock_ahead();
        let looked = self.bed.installation.try_tool(&["doctor"], &[]).await;
        self.surroundings.set_clock(0);
        let said = String::from_utf8_lossy(&looked.stdout).into_owned();
        if looked.status.success() { Ok(()) } else { Err(said) }
    }

    /// Waits until every act has ended and every process is ready.
    pub(super) async fn quiet(&mut self) {
        let since = Instant::now();
        while self.at_once.get() > 0 || !self.acting.is_empty() {
            self.start_again().await;
            self.look_at_acts().await;
            assert!(since.elapsed() < 2 * LIMIT, "seed {}: the acts do not end", self.plan.seed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for name in self.bed.installation.processes() {
            let url = format!("{}/readyz", self.bed.installation.url(name));
            let http = Client::anonymous(&url);
            let since = Instant::now();
            loop {
                self.start_again().await;
                let asked = http.request(Method::GET, "").timeout(Duration::from_secs(5));
                let told = http.attempt(asked).await;
                if told.as_ref().is_ok_and(|answer| answer.status == 200) {
                    self.ready.insert(name);
                    break;
                }
                if since.elapsed() > LIMIT {
                    self.fail(&[format!("{name} is not ready within {LIMIT:?}: {told:?}")]);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Waits until everything accepted is in the log, and the log in its mirror and in the ledger; returns the log.
    async fn settled(&mut self) -> WholeLog {
        let url = self.bed.installation.log_url();
        let since = Instant::now();
        loop {
            let queued = match self.bed.installation.nats() {
                Some(nats) => queued(nats).await,
                None => 0,
            };
            let log = WholeLog::at(&url).await;
            let (head, checkpoint) = (log.head(), log.folded().await);
            let mirror = match self.bed.installation.nats() {
                Some(nats) => nats.stream("LOG").await["state"]["last_seq"].as_u64().unwrap_or_default(),
                None => head,
            };
            if queued == 0 && checkpoint == head && mirror == head {
                return log;
            }
            if since.elapsed() > LIMIT {
                let stand = format!("the log goes to {head}, the ledger to {checkpoint}, the mirror to {mirror}");
                self.fail(&[format!("not settled within {LIMIT:?}: {queued} findings are queued, {stand}")]);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Nothing was set aside but what is no finding.
    async fn set_aside(&self, nats: &Server) -> Option<String> {
        let count = messages(nats, "SET_ASIDE").await;
        (count != self.garbage)
            .then(|| format!("{count} messages are set aside, and {} were no findings", self.garbage))
    }

    /// Nothing that a petition says of a person stands in clear: in the log, in a file of the servers or the services, in what
    /// a process writes. Where petitions are not sealed, all of it is in clear, and there is nothing to look for.
    fn in_clear(&mut self, log: &WholeLog) -> Vec<String> {
        let personal = self.world.told.borrow().personal.clone();
        if !log.raw.iter().any(|raw| String::from_utf8_lossy(&raw.bytes).contains("\"sealed\":{")) {
            return Vec::new();
        }
        let mut places: Vec<(String, String)> = Vec::new();
        places.extend(log.raw.iter().map(|raw| (format!("position {}", raw.position), text_of(&raw.bytes))));
        let running = self.bed.installation.running();
        places.extend(running.map(|(name, program)| (format!("what {name} writes"), program.output())));
        let mut folders = vec![self.bed.installation.data()];
        folders.extend(self.bed.installation.nats().map(Server::store));
        for file in folders.iter().flat_map(|folder| files_in(folder)) {
            // What is written just now is read as far as it is.
            let bytes = std::fs::read(&file).unwrap_or_default();
            places.push((file.display().to_string(), text_of(&bytes)));
        }
        let named = |(place, text): (String, String)| {
            let found = personal.iter().find(|personal| text.contains(personal.as_str()))?;
            Some(format!("{place} has {found:?} in clear"))
        };
        places.into_iter().filter_map(named).collect()
    }

    /// A token opens until somebody was told that it is taken back, and never after.
    async fn tokens(&self) -> Vec<String> {
        let tokens = self.world.told.borrow().tokens.clone();
        let mut complaints = Vec::new();
        for token in tokens {
            let answer = token.desk.get("/api/me").await;
            let expected = if token.revoked { 401 } else { 200 };
            if answer.status != expected {
                complaints.push(format!("the token {} is answered {}: {}", token.id, answer.status, answer.body));
            }
        }
        complaints
    }

    /// The ledger is what folding the whole log anew makes of it, row by row.
    async fn rebuilt(&self, before: Vec<String>) -> Vec<String> {
        let desk = self.world.administrator().desk;
        let _ = desk.post("/api/admin/rebuild", &[], &json!({})).await;
        until(LIMIT, "the ledger is folded anew", async || {
            let told = desk.get("/api/admin/rebuild").await.expect(200);
            assert_ne!(told["standing"], "failed", "{told}");
            told["standing"] == "done"
        })
        .await;
        let after = WholeLog::at(&self.bed.installation.log_url()).await.ledger().await;
        let (old, new): (BTreeSet<&String>, BTreeSet<&String>) = (before.iter().collect(), after.iter().collect());
        let gone = old.difference(&new).map(|row| format!("only in the ledger as it was: {row}"));
        let come = new.difference(&old).map(|row| format!("only in the ledger folded anew: {row}"));
        gone.chain(come).collect()
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns every file below a folder.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// Returns how many findings wait for the registrar. What it has acked while the disk was full may stand in the stream yet, for
/// the broker could not write that it is gone; it is delivered to nobody any more.
async fn queued(nats: &Server) -> u64 {
    let stream = nats.stream("FINDINGS").await;
    let consumers = stream["consumer_detail"].as_array().map(Vec::as_slice).unwrap_or_default();
    let waiting = |consumer: &Value| {
        ["num_pending", "num_ack_pending"].map(|count| consumer[count].as_u64()).into_iter().flatten().sum::<u64>()
    };
    match consumers {
        [] => stream["state"]["messages"].as_u64().unwrap_or_default(),
        consumers => consumers.iter().map(waiting).sum(),
    }
}

/// Returns how many messages a stream holds.
pub(super) async fn messages(nats: &Server, stream: &str) -> usize {
    let count = nats.stream(stream).await["state"]["messages"].as_u64().unwrap_or_default();
    usize::try_from(count).expect("a stream is not that long")
}

/// Returns what was handed in, as it came over the queue.
fn submissions(log: &WholeLog) -> Vec<Value> {
    let mut submissions = Vec::new();
    for raw in &log.raw {
        if matches!(raw.kind.as_str(), "finding_reported" | "finding_amended" | "finding_repeated") {
            let event: Value = serde_json::from_slice(&raw.bytes).expect("an event is JSON");
            let finding = &event["data"]["finding"];
            submissions.push(json!({ "finding": finding, "sender": event["actor"], "received": event["received"] }));
        }
    }
    submissions
}
