//! What befalls an installation at rest, between a check and the steps after it: the broker loses its store or gets an older
//! one, the database gets an older one and is brought back from the mirror, a backup is restored elsewhere.

use std::path::PathBuf;

use rectify_case::Zone;
use rectify_tests::bed::Shape;
use rectify_tests::{folder, program};

use super::Campaign;
use super::checks::messages;
use crate::acts;
use crate::faults::Fault;
use crate::told::Outcome;
use crate::whole_log::WholeLog;

/// How many rests of a hundred are used for something.
const USED: usize = 45;

impl Campaign {
    /// While nothing is queued and nobody asks, has something befall the servers; most often nothing.
    pub(super) async fn rest(&mut self) {
        let mut chance = self.chance.fork();
        if self.plan.shape == Shape::Embedded || !chance.percent(USED) {
            return;
        }
        let (on_database, lost) = (chance.percent(45), chance.percent(40));
        let befallen = if on_database { self.older_database().await } else { self.other_store(lost).await };
        if let Some(fault) = befallen {
            *self.faults.entry(fault).or_default() += 1;
            self.steps.tell(self.step, &format!("{fault:?}"));
        }
    }

    /// Makes a copy of the broker's store; where there is one, puts it back, or has the broker lose all.
    async fn other_store(&mut self, lost: bool) -> Option<Fault> {
        let broker = self.bed.installation.servers_mut().broker();
        broker.stop().await;
        let fault = match &self.kept_store {
            None => {
                self.kept_store = Some(broker.copy_store());
                None
            }
            Some(_) if lost => {
                broker.lose_store();
                Some(Fault::LoseStore)
            }
            Some(kept) => {
                broker.restore_store(kept);
                Some(Fault::OlderStore)
            }
        };
        broker.restart().await;
        if fault.is_some() {
            self.kept_store = None;
            self.mirrored = 0;
            let nats = self.bed.installation.nats().expect("the broker was started");
            self.garbage = messages(nats, "SET_ASIDE").await;
        }
        fault
    }

    /// Makes a copy of the database; where there is one, puts it back, and brings back from the mirror what it has not.
    async fn older_database(&mut self) -> Option<Fault> {
        let names = self.bed.installation.processes();
        for name in &names {
            self.bed.installation.terminate(name).await;
        }
        self.ready.clear();
        let cluster = self.bed.installation.servers_mut().cluster();
        cluster.stop().await;
        let fault = match self.kept_database.take() {
            None => {
                self.kept_database = Some(cluster.copy_data());
                cluster.restart().await;
                None
            }
            Some(kept) => {
                cluster.restore_data(&kept);
                cluster.restart().await;
                self.bring_back().await;
                Some(Fault::OlderDatabase)
            }
        };
        for name in names {
            self.bed.installation.spawn(name).await;
        }
        if fault.is_some() {
            self.quiet().await;
            self.issue_tokens_again().await;
        }
        fault
    }

    /// Checks that an older database is noticed, and brings back from the mirror what it has not.
    async fn bring_back(&mut self) {
        let older = WholeLog::at(&self.bed.installation.log_url()).await.head();
        if older == self.mirrored {
            return;
        }
        if self.doctor().await.is_ok() {
            self.fail(&[format!("the doctor finds nothing wrong with a database as of position {older}")]);
        }
        self.bed.installation.tool(&["log", "recover", "--from-mirror", "--yes"]).await;
        let now = WholeLog::at(&self.bed.installation.log_url()).await.head();
        if now < self.mirrored {
            self.fail(&[format!("the log was brought back from {older} to {now}, and went to {}", self.mirrored)]);
        }
    }

    /// Accounts are as the older database had them: tokens issued since are gone, and those taken back are good again.
    async fn issue_tokens_again(&mut self) {
        self.world.told.borrow_mut().tokens.clear();
        let handlers = self.world.told.borrow().handlers.clone();
        for (place, handler) in handlers.into_iter().enumerate() {
            let administrator = self.world.administrator();
            if handler.caller.is_new
                && let Some(token) = acts::issue(&self.world, &administrator, Some(&handler.caller.person)).await
            {
                self.world.told.borrow_mut().handlers[place].caller.desk = token.desk;
            }
        }
        let handlers = self.world.told.borrow().handlers.clone();
        let mut told = self.world.told.borrow_mut();
        for asked in &mut told.done {
            if let Some(known) = handlers.iter().find(|handler| handler.caller.person == asked.caller.person) {
                asked.caller.desk = known.caller.desk.clone();
            }
        }
    }

    /// Makes a backup while the load goes on.
    pub(super) async fn back_up(&mut self) -> Option<String> {
        // What cannot be read just now cannot be copied either.
        if !self.breakage.is_none() {
            return None;
        }
        let backup: PathBuf = self.bed.installation.path(&format!("backup-{}", self.step));
        let path = backup.display().to_string();
        let output = self.bed.installation.try_tool(&["backup", &path], &[]).await;
        if !output.status.success() {
            let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            self.fail(&[format!("no backup is made: {said}{complained}")]);
        }
        self.backup = Some(backup);
        Some("Backup".to_owned())
    }

    /// Restores the last backup into a fresh installation, and returns where that is not what the log was then.
    pub(super) async fn restored(&mut self, log: &WholeLog) -> Vec<String> {
        let Some(backup) = self.backup.take() else { return Vec::new() };
        let fresh = folder();
        let data = fresh.path().join("data");
        let variables = [("RECTIFY_DATA", data.to_str().expect("a folder of ours has a plain name"))];
        let arguments = ["restore", backup.to_str().expect("a folder of ours has a plain name")];
        let output = program::run(&arguments, &variables).await;
        if !output.status.success() {
            return vec![format!("a backup is not restored: {}", String::from_utf8_lossy(&output.stderr))];
        }
        let copy = WholeLog::at(&format!("sqlite:{}", data.join("rectify.db").display())).await;
        let mut complaints = copy.complaints(Zone::SHANGHAI).await;
        let same = copy.raw.iter().zip(&log.raw).all(|(restored, event)| restored == event);
        if !same || copy.head() == 0 || copy.head() > log.head() {
            complaints.push(format!("a backup to position {} is not what the log was", copy.head()));
        }
        if copy.folded().await != copy.head() {
            complaints.push("the ledger of a restored backup is not folded to its end".to_owned());
        }
        let outcomes = self.world.told.borrow().outcomes.clone();
        for (key, outcome) in outcomes {
            let Outcome::Done(events) = outcome else { continue };
            let positions = copy.under(&key).await;
            if events.iter().any(|event| event.position <= copy.head() && !positions.contains(&event.position)) {
                complaints.push(format!("a restored backup does not know what was done under {key}"));
            }
        }
        complaints
    }
}
