//! A campaign: so many steps of load and faults by one seed, and between them everything that must hold.

mod at_rest;
mod checks;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use rectify_case::Position;
use rectify_tests::TempFolder;
use rectify_tests::bed::{Bed, Installation, Servers, Shape};
use rectify_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, LocalSet};
use tokio::time::Instant;

use crate::account::Account;
use crate::acts;
use crate::chance::Chance;
use crate::faults::{self, Breakage, Fault};
use crate::plan::{Plan, Summary};
use crate::surroundings::Surroundings;
use crate::whole_log::WholeLog;
use crate::world::World;

/// How many acts are made at once.
const AT_ONCE: usize = 8;

/// How many steps of a hundred are faults.
const FAULTS: usize = 11;

/// How many attempts come between a fault and its end, at least and at most; and of one in six, and of each full disk, which
/// lasts.
const LASTS: (usize, usize) = (2, 30);
const LASTS_LONG: (usize, usize) = (60, 150);

/// How many of the last steps are told when a campaign fails.
const TOLD: usize = 60;

/// Makes a campaign, and fails with its seed, its step and how to repeat it where anything does not hold.
pub async fn run(plan: Plan) -> Summary {
    LocalSet::new().run_until(async { Campaign::begin(plan).await.to_its_end().await }).await
}

struct Campaign {
    plan: Plan,
    chance: Chance,
    bed: Bed,
    surroundings: Surroundings,
    world: Rc<World>,
    acting: Vec<JoinHandle<()>>,
    at_once: Rc<Cell<usize>>,
    steps: Steps,
    breakage: Breakage,
    /// The processes that were ready since they were started last.
    ready: BTreeSet<&'static str>,
    account: Account,
    mirrored: Position,
    /// How many messages were published that are no findings, since the store was lost last.
    garbage: usize,
    /// A copy of the broker's store, and one of the database, to be put back at another rest.
    kept_store: Option<TempFolder>,
    kept_database: Option<TempFolder>,
    /// The last backup that was made under the load, until it was restored.
    backup: Option<PathBuf>,
    /// What was handed in, as the log had it at the last check.
    submissions: Vec<Value>,
    faults: BTreeMap<Fault, usize>,
    acts: usize,
    checks: usize,
    step: usize,
}

/// The steps, as they are told.
#[derive(Clone, Debug, Default)]
struct Steps {
    is_loud: bool,
    lines: Rc<RefCell<Vec<String>>>,
}

impl Steps {
    #[expect(clippy::print_stdout, reason = "whoever runs a campaign by hand wants to see it go on")]
    fn tell(&self, step: usize, what: &str) {
        let line = format!("step {step:>4}  {what}");
        if self.is_loud {
            println!("{line}");
        }
        self.lines.borrow_mut().push(line);
    }
}

impl Campaign {
    async fn begin(plan: Plan) -> Campaign {
        let surroundings = Surroundings::of(plan.shape);
        let mut installation = match plan.shape {
            Shape::Embedded => Installation::new(Shape::Embedded).await,
            Shape::Servers | Shape::Guarded => {
                let servers = match surroundings.broker_store() {
                    Some(store) => Servers::own_with_broker_storing_in(&store).await,
                    None => Servers::own().await,
                };
                let mut installation = Installation::on(Some(servers)).await;
                faults::put_lines_before_all(&mut installation).await;
                installation
            }
        };
        surroundings.take_in(&mut installation);
        let bed = Bed::in_place(installation).await;
        surroundings.set_clock(0);
        let steps = Steps { is_loud: plan.is_loud, ..Steps::default() };
        if let Some(error) = surroundings.without_disks() {
            steps.tell(0, &format!("no disk is ever full here, for none can be mounted: {error}"));
        }
        let world = Rc::new(World::of(bed.site.clone()).await);
        let start = WholeLog::at(&bed.installation.log_url()).await.head();
        let ready = bed.installation.processes().into_iter().collect();
        Campaign {
            plan,
            chance: Chance::of(plan.seed),
            bed,
            surroundings,
            world,
            acting: Vec::new(),
            at_once: Rc::default(),
            steps,
            breakage: Breakage::default(),
            ready,
            account: Account::from(start),
            mirrored: 0,
            garbage: 0,
            kept_store: None,
            kept_database: None,
            backup: None,
            submissions: Vec::new(),
            faults: BTreeMap::new(),
            acts: 0,
            checks: 0,
            step: 0,
        }
    }

    async fn to_its_end(mut self) -> Summary {
        let began = Instant::now();
        while self.step < self.plan.steps {
            self.step += 1;
            let mut chance = self.chance.fork();
            if chance.percent(FAULTS) && self.strike(&mut chance).await {
                continue;
            }
            self.begin_act(chance).await;
            if self.step.is_multiple_of(self.plan.between_checks) {
                self.check().await;
                self.rest().await;
            }
        }
        self.account.look_again();
        self.mirrored = 0;
        self.check().await;
        let told = self.world.told.borrow();
        Summary {
            has_disks: self.surroundings.without_disks().is_none(),
            faults: self.faults.clone(),
            acts: self.acts,
            accepted: told.accepted,
            answered: told.counts(),
            attempts: (self.world.attempts(), self.world.unanswered()),
            without_room: self.world.without_room(),
            events: self.mirrored,
            checks: self.checks,
            took: began.elapsed(),
        }
    }

    /// Makes something go wrong; nothing where what would break is broken already.
    async fn strike(&mut self, chance: &mut Chance) -> bool {
        let fault = faults::next(self.plan.shape, chance);
        // That a disk is full is felt only when whoever writes needs more of it.
        let (least, most) = if chance.below(6) == 0 || fault.is_of_a_disk() { LASTS_LONG } else { LASTS };
        let until = self.world.attempts() + chance.between(least, most);
        let said = match fault {
            Fault::Rebuild => self.rebuild().await,
            Fault::Backup => self.back_up().await,
            Fault::Late => self.publish_late(chance).await,
            Fault::Garbage => self.publish_garbage(chance).await,
            _ => {
                let answering = |name: &str| self.ready.contains(name);
                let installation = &mut self.bed.installation;
                let breakage = &mut self.breakage;
                let said = breakage.strike(fault, installation, &self.surroundings, until, answering, chance).await;
                let running: BTreeSet<&'static str> = installation.running().map(|(name, _)| name).collect();
                self.ready.retain(|name| running.contains(name));
                said
            }
        };
        let Some(said) = said else { return false };
        *self.faults.entry(fault).or_default() += 1;
        self.steps.tell(self.step, &said);
        true
    }

    /// Begins an act as soon as there are not too many.
    async fn begin_act(&mut self, chance: Chance) {
        while self.at_once.get() >= AT_ONCE {
            self.tend().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.tend().await;
        self.acts += 1;
        self.at_once.set(self.at_once.get() + 1);
        let (world, at_once, steps, step) =
            (Rc::clone(&self.world), Rc::clone(&self.at_once), self.steps.clone(), self.step);
        self.acting.push(tokio::task::spawn_local(async move {
            let told = acts::act(&world, chance).await;
            steps.tell(step, &told);
            at_once.set(at_once.get() - 1);
        }));
    }

    /// Mends what is due, starts again what could not start, and looks at what was told.
    async fn tend(&mut self) {
        for broken in self.breakage.due(Some(self.world.attempts())) {
            self.steps.tell(self.step, &format!("mended: {:?}", broken.fault));
            broken.mend(&mut self.bed.installation, &self.surroundings).await;
        }
        self.start_again().await;
        self.look_who_answers().await;
        self.look_at_acts().await;
    }

    /// Notes the processes that have come so far as to answer: from then on they end only when they are told to.
    async fn look_who_answers(&mut self) {
        let mut silent: Vec<&'static str> = self.bed.installation.running().map(|(name, _)| name).collect();
        silent.retain(|name| !self.ready.contains(name) && !self.breakage.touches(name));
        for name in silent {
            let http = Client::anonymous(&self.bed.installation.url(name));
            let asked = http.request(Method::GET, "/healthz").timeout(Duration::from_millis(200));
            if http.attempt(asked).await.is_ok_and(|answer| answer.status == 200) {
                self.ready.insert(name);
            }
        }
    }

    /// Starts processes again that ended because what they need was broken when they were started.
    async fn start_again(&mut self) {
        let running = self.bed.installation.running();
        let ended: Vec<&'static str> =
            running.filter_map(|(name, program)| program.has_ended().then_some(name)).collect();
        for name in ended {
            if self.ready.contains(name) {
                self.fail(&[format!("{name} ended by itself")]);
            }
            if self.breakage.touches(name) {
                continue;
            }
            self.bed.installation.kill(name);
            self.bed.installation.spawn(name).await;
        }
    }

    /// Fails when an act did, or was told what cannot be.
    async fn look_at_acts(&mut self) {
        let (ended, acting) = std::mem::take(&mut self.acting).into_iter().partition(JoinHandle::is_finished);
        self.acting = acting;
        let ended: Vec<JoinHandle<()>> = ended;
        for act in ended {
            if let Err(error) = act.await {
                self.fail(&[format!("an act failed: {error}")]);
            }
        }
        let complaints = std::mem::take(&mut self.world.told.borrow_mut().complaints);
        if !complaints.is_empty() {
            self.fail(&complaints);
        }
    }

    /// Has the ledger folded anew while the load goes on.
    async fn rebuild(&self) -> Option<String> {
        let desk = self.world.administrator().desk;
        let asked = desk.request(Method::POST, "/api/admin/rebuild").timeout(Duration::from_secs(4)).json(&json!({}));
        let answer = desk.attempt(asked).await.ok()?;
        (answer.status == 202).then(|| "Rebuild".to_owned())
    }

    /// Publishes a finding once more as it was handed in long ago.
    async fn publish_late(&self, chance: &mut Chance) -> Option<String> {
        let nats = self.bed.installation.nats()?;
        if self.submissions.is_empty() || self.breakage.touches_broker() {
            return None;
        }
        let submission = chance.pick(&self.submissions);
        let answer = faults::publish_again(nats.port(), submission).await;
        // A broker that has just begun takes nothing yet.
        answer["error"].is_null().then(|| format!("Late: {}", submission["finding"]["text"]))
    }

    /// Publishes something that is no finding.
    async fn publish_garbage(&mut self, chance: &mut Chance) -> Option<String> {
        let nats = self.bed.installation.nats()?;
        if self.breakage.touches_broker() {
            return None;
        }
        let answer = faults::publish_garbage(nats.port(), chance).await;
        if !answer["error"].is_null() {
            return None;
        }
        self.garbage += 1;
        Some("Garbage".to_owned())
    }

    /// Fails the campaign, and says how to repeat it.
    fn fail(&mut self, complaints: &[String]) -> ! {
        let lines = self.steps.lines.borrow();
        let last = lines[lines.len().saturating_sub(TOLD)..].join("\n");
        let running = self.bed.installation.running();
        let outputs: Vec<String> = running.map(|(name, program)| last_words(name, &program.output())).collect();
        let (Plan { seed, steps, .. }, shape) = (self.plan, self.plan.shape());
        panic!(
            "{last}\n\n{}\n\nseed {seed}, step {}: {} complaints\n  {}\nto repeat it: tests/campaign --seed {seed} --steps {steps} \
             --shape {shape}",
            outputs.join("\n"),
            self.step,
            complaints.len(),
            complaints[..complaints.len().min(20)].join("\n  "),
        );
    }
}

/// Returns the URL of the database of the log.
/// Returns the last lines that a process wrote.
fn last_words(name: &str, output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    format!("{name}:\n{}", lines[lines.len().saturating_sub(10)..].join("\n"))
}
