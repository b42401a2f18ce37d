//! A seeded random campaign: a load of every role's acts, faults under it, and between them everything that must hold.
//!
//! The short form runs with the other tests. A long one is run by `tests/campaign --seed N --steps 1000`.
#![expect(
    clippy::await_holding_refcell_ref,
    clippy::explicit_auto_deref,
    clippy::format_push_string,
    clippy::similar_names,
    clippy::single_match_else,
    clippy::wrong_self_convention,
    reason = "one task runs it all, and it is written to be read"
)]

#[path = "../whole_log/mod.rs"]
mod whole_log;

mod plan;

mod campaign;

mod acts;
mod commands;
mod hand_in;

mod faults;
mod surroundings;

mod account;
mod told;

mod world;

mod chance;

use rectify_tests::bed::Shape;

use crate::campaign::run;
use crate::faults::Fault;
use crate::plan::{Plan, Summary};

/// How long the short form is, and how often it looks.
const SHORT: usize = 80;
const BETWEEN_CHECKS: usize = 40;

async fn short(seed: u64, shape: Shape) {
    let plan = Plan { seed, steps: SHORT, shape, between_checks: BETWEEN_CHECKS, is_loud: false };
    let summary = run(plan).await;
    assert!(summary.accepted > 0 && summary.answered.0 > 0, "a load that does nothing shows nothing: {summary:?}");
    let mut faults = summary.faults.keys().copied();
    assert!(faults.clone().any(Fault::is_of_a_clock), "no clock was set in this campaign: choose another seed");
    let was_full = faults.any(Fault::is_of_a_disk);
    assert_eq!(was_full, summary.has_disks, "no disk was full in this campaign: choose another seed");
}

#[tokio::test]
async fn a_short_campaign_on_one_process_finds_nothing() {
    short(5247, Shape::Embedded).await;
}

#[tokio::test]
async fn a_short_campaign_on_postgres_nats_finds_nothing() {
    short(873, Shape::Servers).await;
}

#[tokio::test]
#[ignore = "takes minutes: run it by tests/campaign"]
async fn a_campaign_as_it_is_asked_for() {
    let mut lines = vec![Summary::header()];
    for plan in asked_for() {
        lines.push(run(plan).await.line(&plan));
        println!("{}", lines.join("\n"));
    }
}

/// Reads what `tests/campaign` asks for. Where it names no shape, the seeds take turns.
fn asked_for() -> Vec<Plan> {
    #[expect(clippy::disallowed_methods, reason = "tests/campaign says by the environment what it was asked for")]
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let number = |name: &str| said(name).parse::<u64>().unwrap_or_else(|_| panic!("{name} is no number"));
    let (first, last) = (number("RECTIFY_CAMPAIGN_FIRST"), number("RECTIFY_CAMPAIGN_LAST"));
    let steps = usize::try_from(number("RECTIFY_CAMPAIGN_STEPS")).expect("a campaign is not that long");
    let plan = |seed: u64| {
        let shape = match said("RECTIFY_CAMPAIGN_SHAPE").as_str() {
            "embedded" => Shape::Embedded,
            "servers" => Shape::Servers,
            _ if seed.is_multiple_of(2) => Shape::Embedded,
            _ => Shape::Servers,
        };
        Plan { seed, steps, shape, between_checks: 100, is_loud: true }
    };
    (first..=last).map(plan).collect()
}
