//! Clocks that are set forward and back: what is recorded never goes backwards in the log.

use chrono::TimeDelta;
use rectify_tests::bed::{Bed, Installation, Load, Servers};
use rectify_tests::clock::SteppedClock;

use crate::whole_log::WholeLog;
use crate::{between_faults, nothing_is_lost_or_doubled};

const HOUR: i64 = 3_600;

#[tokio::test]
async fn clocks_set_forward_and_back_turn_nothing_round_on_postgres_nats() {
    clocks_set_forward_and_back_turn_nothing_round(Some(Servers::shared().await)).await;
}

#[tokio::test]
async fn a_clock_set_forward_and_back_turns_nothing_round_in_one_process() {
    clocks_set_forward_and_back_turn_nothing_round(None).await;
}

async fn clocks_set_forward_and_back_turn_nothing_round(servers: Option<Servers>) {
    let clock = SteppedClock::true_time();
    let mut installation = Installation::on(servers).await;
    installation.keep_time_by(&clock);
    let bed = Bed::in_place(installation).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        // A day and a half ahead, two hours back from there, and right again: not before the day people got their roles.
        for step in [0, 36 * HOUR, 34 * HOUR, 0] {
            clock.step_to(step);
            load.goes_on(between_faults()).await;
        }
    })
    .await;
    let doctor = bed.installation.try_tool(&["doctor"], &[]).await;
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(said.lines().any(|line| line.starts_with("WRONG  clock ")), "{said}");
    clock.step_to(36 * HOUR);
    nothing_is_lost_or_doubled(&bed, &load).await;
    let log = WholeLog::at(&bed.installation.log_url()).await;
    let recorded: Vec<_> = log.envelopes.iter().map(|envelope| envelope.recorded).collect();
    assert!(recorded[recorded.len() - 1] - recorded[0] > TimeDelta::hours(35), "the clock was set");
}
