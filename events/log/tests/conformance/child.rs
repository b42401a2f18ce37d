//! This test program again, as a process of its own that other tests start and kill.

use std::env;
use std::io::{BufRead, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use rectify_log::{Append, AppendError, Db, Expected, Log, Options};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::bed::{case, keyed, note, registered, ticking, to};

/// What a child does; a database and a number go with it.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    /// Appends among others, and gives way and tries again where it must.
    Contend,
    /// Appends one thing and is killed after as many statements as the number says.
    DieAfter,
    /// Appends one thing after another and says so, until it is killed.
    Flood,
}

const VARIABLE: &str = "RECTIFY_LOG_TEST_CHILD";

/// A process that does one task, killed with this value.
pub struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub fn start(task: Task, url: &str, number: u64) -> Process {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "child::does_its_task", "--ignored", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, format!("{task:?} {number} {url}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Process { child, lines }
    }

    /// Returns the next number that the child says.
    pub fn heard(&mut self) -> Option<u64> {
        self.lines.by_ref().find_map(|line| line.ok()?.strip_prefix("appended ")?.parse().ok())
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    pub async fn ended(mut self) -> ExitStatus {
        tokio::task::spawn_blocking(move || {
            // Who does not read blocks who writes.
            self.lines.by_ref().for_each(drop);
            self.child.wait().unwrap()
        })
        .await
        .unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "other tests start it as a process of its own"]
#[expect(clippy::disallowed_methods, reason = "how a child is told what to do")]
async fn does_its_task() {
    let Ok(order) = env::var(VARIABLE) else { return };
    let mut order = order.splitn(3, ' ');
    let (task, number) = (order.next().unwrap(), order.next().unwrap().parse().unwrap());
    let db = Db::connect(order.next().unwrap(), &Options::default()).await.unwrap();
    let log = Log::open(db, ticking()).await.unwrap();
    match task {
        "Contend" => contend(&log, number).await,
        "DieAfter" => {
            tracing::subscriber::set_global_default(Reaper).unwrap();
            LEFT.store(number, Ordering::SeqCst);
            log.append(once(number)).await.unwrap();
        }
        "Flood" => flood(&log).await,
        other => panic!("{other} is no task"),
    }
}

pub const WRITERS: u64 = 6;
pub const ROUNDS: u64 = 20;

/// Registers cases, and adds to one stream that all add to, each time to where it just was.
async fn contend(log: &Log, process: u64) {
    let writers = (0..WRITERS).map(|writer| async move {
        for round in 0..ROUNDS {
            let own = case(1 + (process * WRITERS + writer) * ROUNDS + round);
            log.append(to(own, Expected::Exactly(0), [registered("审计"), note("一")])).await.unwrap();
            let mut seen = 0;
            loop {
                match log.append(to(case(0), Expected::Exactly(seen), [note("共")])).await {
                    Ok(_) => break,
                    Err(AppendError::Conflict { actual, .. }) => seen = actual,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    });
    join_all(writers).await;
}

/// Returns the append that a child dies of, the same each time it is asked for.
pub fn once(number: u64) -> Append {
    keyed(format!("once-{number}"), to(case(number), Expected::Exactly(0), [registered("信访"), note("一")]))
}

/// Returns what the `n`th append of a flood writes.
pub fn drop_of_flood(n: u64) -> Append {
    keyed(format!("flood-{n}"), to(case(n % 10), Expected::Any, [note(n.to_string()), registered("审计")]))
}

async fn flood(log: &Log) {
    for group in 0.. {
        let appends = (group * 20..(group + 1) * 20).map(async |n| {
            log.append(drop_of_flood(n)).await.unwrap();
            let mut out = std::io::stdout().lock();
            writeln!(out, "appended {n}").unwrap();
            out.flush().unwrap();
        });
        join_all(appends).await;
    }
}

/// How many statements are left until the process dies.
static LEFT: AtomicU64 = AtomicU64::new(u64::MAX);

/// Hears of each statement just after it was run, and ends the process as `kill -9` would: nothing is flushed, nothing
/// told to the database.
struct Reaper;

impl Subscriber for Reaper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        // Looking up the head is not part of an append.
        if !statement.0.starts_with("SELECT position FROM head") && LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Statement(String);

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
