//! What goes wrong under the load, and how each is mended.

use std::collections::BTreeSet;
use std::time::Duration;

use rectify_tests::bed::{Installation, SERVICES, Shape};
use rectify_tests::nats::Connection;
use rectify_tests::program::Program;
use serde_json::Value;

use crate::chance::Chance;
use crate::surroundings::Surroundings;

/// How far the clock is set back or forward at most, in minutes.
const BACK: usize = 4 * 60;
const FORWARD: usize = 3 * 24 * 60;

/// What can be made to go wrong in the middle of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A process is killed.
    Kill,
    /// Several are killed at once.
    KillSeveral,
    /// A process is asked to end.
    Terminate,
    /// A process is stopped where it is.
    Freeze,
    /// The broker is killed.
    KillBroker,
    /// The broker is asked to end.
    StopBroker,
    /// The broker is stopped where it is.
    FreezeBroker,
    /// The database is killed, and recovers.
    KillDatabase,
    /// The database is asked to end.
    StopDatabase,
    /// The database is stopped where it is.
    FreezeDatabase,
    /// A line is cut.
    CutLine,
    /// A line is cut in the middle of a message.
    CutLineMidway,
    /// A line keeps what is sent.
    FreezeLine,
    /// The open connections of a line are dead, and nobody is told.
    SilenceLine,
    /// A line is slow.
    DelayLine,
    /// The power goes: everything is killed at once.
    KillEverything,
    /// A second process of a service runs beside the first.
    Another,
    /// The clock is set back by up to some hours, for everybody.
    ClockBack,
    /// The clock is set forward by up to some days, for everybody.
    ClockForward,
    /// The disk under the data folder is full.
    FillDisk,
    /// The disk under the broker's store is full.
    FillBrokersDisk,
    /// The ledger is folded anew.
    Rebuild,
    /// A backup is made, to be restored elsewhere at the next check.
    Backup,
    /// An old message about a finding comes once more.
    Late,
    /// Something that is no finding comes.
    Garbage,
    /// The broker's store is lost, while nothing is queued.
    LoseStore,
    /// An older copy of the broker's store is put in its place, while nothing is queued.
    OlderStore,
    /// An older copy of the database is put in its place, and brought back from the mirror.
    OlderDatabase,
}

/// The faults of one process on SQLite, as often as each happens.
const EMBEDDED: [(usize, Fault); 8] = [
    (36, Fault::Kill),
    (16, Fault::Terminate),
    (20, Fault::Freeze),
    (10, Fault::Rebuild),
    (7, Fault::Backup),
    (4, Fault::ClockBack),
    (5, Fault::ClockForward),
    (8, Fault::FillDisk),
];

/// The faults of services on servers.
const SERVERS: [(usize, Fault); 25] = [
    (16, Fault::Kill),
    (5, Fault::KillSeveral),
    (7, Fault::Terminate),
    (7, Fault::Freeze),
    (5, Fault::KillBroker),
    (3, Fault::StopBroker),
    (4, Fault::FreezeBroker),
    (4, Fault::KillDatabase),
    (3, Fault::StopDatabase),
    (3, Fault::FreezeDatabase),
    (7, Fault::CutLine),
    (7, Fault::CutLineMidway),
    (5, Fault::FreezeLine),
    (4, Fault::SilenceLine),
    (6, Fault::DelayLine),
    (2, Fault::KillEverything),
    (6, Fault::Another),
    (4, Fault::ClockBack),
    (5, Fault::ClockForward),
    (4, Fault::FillDisk),
    (4, Fault::FillBrokersDisk),
    (5, Fault::Rebuild),
    (4, Fault::Backup),
    (7, Fault::Late),
    (4, Fault::Garbage),
];

impl Fault {
    /// Returns whether a clock is set.
    pub fn is_of_a_clock(self) -> bool {
        matches!(self, Fault::ClockBack | Fault::ClockForward)
    }

    /// Returns whether a disk is full.
    pub fn is_of_a_disk(self) -> bool {
        matches!(self, Fault::FillDisk | Fault::FillBrokersDisk)
    }
}

/// What is broken and waits to be mended.
#[derive(Debug)]
pub struct Broken {
    /// What was done.
    pub fault: Fault,
    /// The moment to mend it, in attempts.
    pub until: usize,
    what: Vec<Part>,
    another: Option<Program>,
}

/// A part of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Process(&'static str),
    Another(&'static str),
    Broker,
    Database,
    ToBroker(&'static str),
    ToDatabase(&'static str),
    Clock,
    Disk,
}

/// Everything that is broken now.
#[derive(Debug, Default)]
pub struct Breakage {
    broken: Vec<Broken>,
}

/// Returns what goes wrong next.
pub fn next(shape: Shape, chance: &mut Chance) -> Fault {
    match shape {
        Shape::Embedded => chance.weighted(&EMBEDDED),
        Shape::Servers | Shape::Guarded => chance.weighted(&SERVERS),
    }
}

impl Breakage {
    /// Returns whether nothing is broken.
    pub fn is_none(&self) -> bool {
        self.broken.is_empty()
    }

    /// Returns what is due to be mended at a moment, or all, and forgets it.
    pub fn due(&mut self, now: Option<usize>) -> Vec<Broken> {
        let is_due = |broken: &mut Broken| now.is_none_or(|now| broken.until <= now);
        self.broken.extract_if(.., is_due).collect()
    }

    /// Returns whether a process is stopped, or cannot be reached by what it needs.
    pub fn touches(&self, process: &str) -> bool {
        let touched = |part: &Part| match part {
            Part::Broker | Part::Database | Part::Disk => true,
            Part::Another(_) | Part::Clock => false,
            Part::Process(name) | Part::ToBroker(name) | Part::ToDatabase(name) => *name == process,
        };
        self.broken.iter().flat_map(|broken| &broken.what).any(touched)
    }

    /// Returns whether the broker is not to be reached by anybody.
    pub fn touches_broker(&self) -> bool {
        self.is_broken(Part::Broker)
    }

    fn is_broken(&self, part: Part) -> bool {
        self.broken.iter().any(|broken| broken.what.contains(&part))
    }

    /// Breaks something, until a moment; returns what, or nothing where it is broken already.
    pub async fn strike(
        &mut self,
        fault: Fault,
        installation: &mut Installation,
        surroundings: &Surroundings,
        until: usize,
        answering: impl Fn(&str) -> bool,
        chance: &mut Chance,
    ) -> Option<String> {
        let names = installation.processes();
        let name = *chance.pick(&names);
        let what = match fault {
            Fault::Kill | Fault::Terminate | Fault::Freeze => vec![Part::Process(name)],
            Fault::KillSeveral => {
                let several: BTreeSet<&'static str> = (0..3).map(|_| *chance.pick(&names)).collect();
                several.into_iter().map(Part::Process).collect()
            }
            Fault::KillBroker | Fault::StopBroker | Fault::FreezeBroker | Fault::FillBrokersDisk => vec![Part::Broker],
            Fault::KillDatabase | Fault::StopDatabase | Fault::FreezeDatabase => vec![Part::Database],
            // The one that relays the log and takes findings, most often.
            Fault::Another => vec![Part::Another(if chance.percent(60) { "registrar" } else { name })],
            Fault::CutLine | Fault::CutLineMidway | Fault::FreezeLine | Fault::SilenceLine | Fault::DelayLine => {
                vec![if chance.percent(50) { Part::ToBroker(name) } else { Part::ToDatabase(name) }]
            }
            Fault::KillEverything => {
                names.iter().map(|name| Part::Process(name)).chain([Part::Broker, Part::Database]).collect()
            }
            Fault::ClockBack | Fault::ClockForward => vec![Part::Clock],
            Fault::FillDisk => vec![Part::Disk],
            Fault::Rebuild
            | Fault::Backup
            | Fault::Late
            | Fault::Garbage
            | Fault::LoseStore
            | Fault::OlderStore
            | Fault::OlderDatabase => {
                unreachable!("{fault:?} breaks nothing that is mended later")
            }
        };
        // Who has not begun yet does not know how to end in good order, and may have given up beginning.
        if matches!(fault, Fault::Terminate | Fault::Freeze) && !answering(name) {
            return None;
        }
        if fault.is_of_a_disk() && surroundings.without_disks().is_some() {
            return None;
        }
        if what.iter().any(|part| self.is_broken(*part)) || (fault == Fault::KillEverything && !self.is_none()) {
            return None;
        }
        let mut another = None;
        let mut said = format!("{fault:?} {what:?}");
        for part in &what {
            match part {
                Part::Another(name) => another = Some(installation.another(name).await),
                Part::Clock => said = step_clock(fault, surroundings, chance),
                part => strike_part(fault, *part, installation, surroundings, chance).await,
            }
        }
        self.broken.push(Broken { fault, until, what, another });
        Some(said)
    }
}

/// Sets the clock, and returns how far.
fn step_clock(fault: Fault, surroundings: &Surroundings, chance: &mut Chance) -> String {
    let most = if fault == Fault::ClockBack { BACK } else { FORWARD };
    let minutes = i64::try_from(chance.between(1, most)).expect("days have few minutes");
    surroundings.set_clock(if fault == Fault::ClockBack { -minutes } else { minutes });
    format!("{fault:?} by {minutes} minutes")
}

async fn strike_part(
    fault: Fault,
    part: Part,
    installation: &mut Installation,
    surroundings: &Surroundings,
    chance: &mut Chance,
) {
    match (part, fault) {
        (Part::Process(name), Fault::Freeze) => installation.process(name).freeze(),
        (Part::Process(name), Fault::Terminate) => installation.terminate(name).await,
        (Part::Process(name), _) => installation.kill(name),
        (Part::Another(_), _) => unreachable!("it is started, and kept to be killed"),
        (Part::Clock, _) => unreachable!("it is set, and how far is told"),
        (Part::Disk, _) => surroundings.data_disk().expect("where there is none, none is filled").fill(),
        (Part::Broker, Fault::FillBrokersDisk) => {
            surroundings.brokers_disk().expect("where there is none, none is filled").fill();
        }
        (Part::Broker, Fault::FreezeBroker) => installation.servers_mut().broker().freeze(),
        (Part::Broker, Fault::StopBroker) => installation.servers_mut().broker().stop().await,
        (Part::Broker, _) => installation.servers_mut().broker().kill().await,
        (Part::Database, Fault::FreezeDatabase) => installation.servers_mut().cluster().freeze(),
        (Part::Database, Fault::StopDatabase) => installation.servers_mut().cluster().stop().await,
        (Part::Database, _) => installation.servers_mut().cluster().kill().await,
        (Part::ToBroker(name) | Part::ToDatabase(name), _) => {
            let lines = installation.servers_mut().lines(name);
            let line = if matches!(part, Part::ToBroker(_)) { &lines.broker[0] } else { &lines.database };
            match fault {
                Fault::CutLineMidway => line.cut_after(chance.below(20_000)),
                Fault::FreezeLine => line.freeze(),
                Fault::SilenceLine => line.silence(),
                Fault::DelayLine => line.delay(Duration::from_millis(chance.between(5, 60) as u64)),
                _ => line.cut(),
            }
        }
    }
}

impl Broken {
    /// Mends it. A process that was ended is started, and not waited for.
    pub async fn mend(self, installation: &mut Installation, surroundings: &Surroundings) {
        if let Some(another) = self.another {
            another.kill();
        }
        // What everybody needs, first.
        for part in self.what.iter().rev() {
            match (part, self.fault) {
                (Part::Broker, Fault::FreezeBroker) => installation.servers_mut().broker().thaw(),
                (Part::Broker, Fault::FillBrokersDisk) => {
                    surroundings.brokers_disk().expect("it was filled").free();
                    // A server that could not write takes nothing more until it is started again.
                    installation.servers_mut().broker().restart().await;
                }
                (Part::Broker, _) => installation.servers_mut().broker().restart().await,
                (Part::Database, Fault::FreezeDatabase) => installation.servers_mut().cluster().thaw(),
                (Part::Database, _) => installation.servers_mut().cluster().restart().await,
                (Part::Another(_), _) => {}
                (Part::Clock, _) => surroundings.set_clock(0),
                (Part::Disk, _) => surroundings.data_disk().expect("it was filled").free(),
                (Part::Process(name), Fault::Freeze) => installation.process(name).thaw(),
                (Part::Process(name), _) => installation.spawn(name).await,
                (Part::ToBroker(name), _) => installation.servers_mut().lines(name).broker[0].restore(),
                (Part::ToDatabase(name), _) => installation.servers_mut().lines(name).database.restore(),
            }
        }
    }
}

/// Puts lines of its own before each process.
pub async fn put_lines_before_all(installation: &mut Installation) {
    for service in SERVICES {
        installation.servers_mut().put_lines_before(service).await;
    }
}

/// Publishes a finding as it was once handed in, without an id by which the broker would know it.
pub async fn publish_again(port: u16, submission: &Value) -> Value {
    let (source, division) = (&submission["finding"]["source"], &submission["finding"]["division"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let subject = format!("findings.{}.{}", text(source), text(division));
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-type", "rectify.finding.submitted"),
        ("ce-datacontenttype", "application/json"),
        ("ce-id", "late"),
    ];
    Connection::open(port, None).await.publish(&subject, &headers, submission.to_string().as_bytes()).await
}

/// Publishes something that is no finding.
pub async fn publish_garbage(port: u16, chance: &mut Chance) -> Value {
    let (headers, bytes): (&[(&str, &str)], &[u8]) = match chance.below(3) {
        0 => (&[], b"\xff\xfe garbage"),
        1 => (&[("ce-specversion", "0.3")], b"{}"),
        _ => {
            let headers = &[
                ("ce-specversion", "1.0"),
                ("ce-type", "rectify.finding.submitted"),
                ("ce-datacontenttype", "application/json"),
            ];
            (headers, br#"{"finding":{"source":"patrol"}}"#)
        }
    };
    Connection::open(port, None).await.publish("findings.patrol.623023", headers, bytes).await
}
