//! One fault at a time, from outside: whatever clients were told is in the log once, the ledger is what the log says, the
//! mirror is the log, and the services go on by themselves.

mod broker_cluster;
mod clocks;
mod copies;
mod disks;
mod leaf;
mod lines;
mod messages;
mod servers;
mod steps;

#[path = "../whole_log/mod.rs"]
#[expect(dead_code, reason = "the campaign asks more of it")]
mod whole_log;

use std::time::Duration;

use rectify_case::Zone;
use rectify_tests::bed::{Bed, Installation, Load, Servers};
use rectify_tests::until;

use crate::whole_log::WholeLog;

/// Returns how many answers under load come between one fault and the next.
fn between_faults() -> usize {
    if is_long() { 300 } else { 30 }
}

const LIMIT: Duration = Duration::from_mins(2);

/// Whether the longer form was asked for: `tests/run --long`.
#[expect(clippy::disallowed_methods, reason = "how long the tests go on is said in the environment")]
fn is_long() -> bool {
    std::env::var("RECTIFY_TEST_LONG").is_ok_and(|value| !value.is_empty())
}

/// Returns an installation on servers of its own, with its prefecture.
async fn bed_on(servers: Servers) -> Bed {
    Bed::in_place(Installation::on(Some(servers)).await).await
}

/// Checks what holds after each fault: what clients were told, and what the log, the ledger and the mirror hold.
async fn nothing_is_lost_or_doubled(bed: &Bed, load: &Load) {
    load.is_in_the_log_once().await;
    bed.keeps_its_promises_to_many().await;
    let complaints = WholeLog::at(&bed.installation.log_url()).await.complaints(Zone::SHANGHAI).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Waits until each of these services says that it is not ready, and returns the reasons.
async fn say_that_they_are_not_ready(bed: &Bed, services: impl IntoIterator<Item = &'static str>) -> Vec<String> {
    let mut all = Vec::new();
    for service in services {
        until(LIMIT, &format!("{service} says that it is not ready"), async || {
            let (ready, reasons) = bed.installation.readiness(service).await;
            if !ready {
                assert!(!reasons.is_empty(), "{service} does not say why it is not ready");
                all.extend(reasons);
            }
            !ready
        })
        .await;
    }
    all
}

/// Waits until every service says that it is ready, none having been started again.
async fn all_are_ready_again(bed: &mut Bed) {
    for service in bed.installation.processes() {
        bed.installation.ready(service).await;
    }
}
