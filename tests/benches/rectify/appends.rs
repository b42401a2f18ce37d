//! Single-event appends by many writers at once, beside the naive way, turn about.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rectify_case::{CaseId, Event, StreamId};
use rectify_log::{Append, Expected, Log, Write};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::bed::{self, Bed, On};
use crate::measure::{median, per_second};
use crate::naive::Naive;
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world::{self, mix};

/// What every writer appends, again and again, to a case of its own.
fn event() -> Event {
    let (_, event) = world::life(3, "1", "东沟", 1).swap_remove(6);
    event.into()
}

pub async fn run(run: &mut Run) {
    for on in On::BOTH {
        for writers in [64, 1_024] {
            beside_naive(run, on, writers).await;
        }
        if on == On::Postgres {
            two_processes(run).await;
        }
    }
}

async fn beside_naive(run: &mut Run, on: On, writers: u64) {
    let (ours, theirs) = (run.beds.make(on).await, run.beds.make(on).await);
    let log = ours.log().await;
    let naive = Arc::new(Naive::new(theirs.db.clone(), log.id(), bed::clock()).await);
    let length = run.seconds(4, 2);
    let (mut rates, mut naive_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..run.turns() {
        let rate = appends(&log, writers, turn, length).await;
        let naive_rate = naive_appends(&naive, writers, turn, length).await;
        rates.push(rate);
        naive_rates.push(naive_rate);
        ratios.push(rate / naive_rate);
    }
    let goal = if writers == 64 { Goal::ratio(2.0, 3.0) } else { Goal::ratio(6.0, 10.0) };
    let what = format!("appends of one event, {writers} writers");
    run.tell(Row {
        bench: "appends",
        what,
        on: on.name(),
        figure: median(&mut rates),
        unit: "appends/s",
        ratio: Some(median(&mut ratios)),
        goal,
    });
    run.tell(Row {
        bench: "appends",
        what: format!("  the same, naive: one append a commit, {writers} writers"),
        on: on.name(),
        figure: median(&mut naive_rates),
        unit: "appends/s",
        ratio: Some(1.0),
        goal: None,
    });
}

/// Returns a case of a writer's own.
fn case_of(writer: u64, turn: u64) -> StreamId {
    StreamId::Case(CaseId(Uuid::from_u64_pair(mix(writer ^ turn << 32), mix(writer + 1))))
}

/// Appends for a while and returns how many a second.
pub async fn appends(log: &Log, writers: u64, turn: u64, length: Duration) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let (log, done) = (log.clone(), Arc::clone(&done));
        tasks.spawn(async move {
            let (stream, mut version) = (case_of(writer, turn), 0);
            while start.elapsed() < length {
                let append = one(stream, version, format!("{turn}-{writer}-{version}"));
                log.append(append).await.expect("a log takes an event");
                version += 1;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tasks.join_all().await;
    per_second(done.load(Ordering::Relaxed), start.elapsed())
}

/// Returns the append of one event.
pub fn one(stream: StreamId, version: u64, key: String) -> Append {
    let events = vec![event().into()];
    let write = Write { stream, expected: Expected::Exactly(version), events };
    Append { key: Some(key), actor: world::sender(), facts_at: 0, writes: vec![write] }
}

async fn naive_appends(naive: &Arc<Naive>, writers: u64, turn: u64, length: Duration) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let (naive, done) = (Arc::clone(naive), Arc::clone(&done));
        tasks.spawn(async move {
            let (stream, mut version) = (case_of(writer, turn), 0);
            while start.elapsed() < length {
                let key = format!("{turn}-{writer}-{version}");
                let written = naive.append(&key, world::sender(), stream, version, event()).await;
                assert!(written, "nobody else writes to {stream}");
                version += 1;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tasks.join_all().await;
    per_second(done.load(Ordering::Relaxed), start.elapsed())
}

/// The same from two processes at once, each with a log of its own on one database, beside one process alone.
async fn two_processes(run: &mut Run) {
    let bed = run.beds.make(On::Postgres).await;
    let length = run.seconds(4, 2);
    let (mut together, mut ratios) = (Vec::new(), Vec::new());
    for turn in 0..run.turns() {
        let alone = processes(&bed, turn * 8, 1, length).await;
        let two = processes(&bed, turn * 8 + 4, 2, length).await;
        together.push(two);
        ratios.push(two / alone);
    }
    run.tell(Row {
        bench: "appends",
        what: "appends of one event, two processes of 64 writers (beside one such process)".to_owned(),
        on: On::Postgres.name(),
        figure: median(&mut together),
        unit: "appends/s",
        ratio: Some(median(&mut ratios)),
        goal: None,
    });
}

/// Returns how many a second so many processes append together.
async fn processes(bed: &Bed, turn: u64, count: u64, length: Duration) -> f64 {
    let program = std::env::current_exe().expect("this program is a file");
    let mut children = Vec::new();
    for child in 0..count {
        let child = tokio::process::Command::new(&program)
            .args(["--child", &bed.url, &(turn + child).to_string(), &length.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.expect("this program runs");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        children.push((child, lines));
    }
    for (_, lines) in &mut children {
        lines.next_line().await.expect("a child says that it is ready").expect("a child says that it is ready");
    }
    for (child, _) in &mut children {
        child.stdin.take().expect("piped").write_all(b"go\n").await.expect("a child waits for a word");
    }
    let mut rate = 0.0;
    for (_, lines) in &mut children {
        let line = lines.next_line().await.expect("a child tells its rate").expect("a child tells its rate");
        rate += line.parse::<f64>().expect("a rate is a number");
    }
    rate
}

/// Is such a process: says that it is ready, waits for a word, appends, and tells the rate.
pub async fn child(url: &str, turn: u64, millis: u64) {
    let log = bed::log(&bed::connect(url).await).await;
    // Blocking: whoever waits here has nothing else to do.
    writeln!(std::io::stdout(), "ready").expect("the parent listens");
    std::io::stdin().read_line(&mut String::new()).expect("the parent says when");
    let rate = appends(&log, 64, turn, Duration::from_millis(millis)).await;
    writeln!(std::io::stdout(), "{rate}").expect("the parent listens");
}
