//! Clocks that are set forward and back: what is recorded never goes backwards in the log, nor does what is handed in.

use chrono::TimeDelta;
use rectify_tests::bed::{Bed, Installation, Load, Servers};
use rectify_tests::clock::SteppedClock;
use rectify_tests::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::whole_log::WholeLog;
use crate::{LIMIT, between_faults, nothing_is_lost_or_doubled};

const HOUR: i64 = 3_600;

/// Returns an installation with its prefecture, and the clock of all its processes.
async fn bed_with_a_clock(servers: Option<Servers>) -> (Bed, SteppedClock) {
    let clock = SteppedClock::true_time();
    let mut installation = Installation::on(servers).await;
    installation.keep_time_by(&clock);
    (Bed::in_place(installation).await, clock)
}

#[tokio::test]
async fn clocks_set_forward_and_back_turn_nothing_round_on_postgres_nats() {
    clocks_set_forward_and_back_turn_nothing_round(Some(Servers::shared().await)).await;
}

#[tokio::test]
async fn a_clock_set_forward_and_back_turns_nothing_round_in_one_process() {
    clocks_set_forward_and_back_turn_nothing_round(None).await;
}

async fn clocks_set_forward_and_back_turn_nothing_round(servers: Option<Servers>) {
    let (bed, clock) = bed_with_a_clock(servers).await;
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

#[tokio::test]
async fn the_last_word_stays_the_last_though_the_clock_was_put_back_on_postgres_nats() {
    the_last_word_stays_the_last(Some(Servers::shared().await)).await;
}

#[tokio::test]
async fn the_last_word_stays_the_last_though_the_clock_was_put_back_in_one_process() {
    the_last_word_stays_the_last(None).await;
}

async fn the_last_word_stays_the_last(servers: Option<Servers>) {
    let (bed, clock) = bed_with_a_clock(servers).await;
    for (hours, text) in [(0, "first"), (36, "second"), (0, "third"), (0, "fourth"), (0, "third"), (0, "fourth")] {
        clock.step_to(hours * HOUR);
        hand_in(&bed, text).await;
    }
}

#[tokio::test]
async fn what_was_heard_again_while_the_clock_was_behind_is_older_than_what_comes_after_a_restart_on_postgres_nats() {
    what_was_heard_again_is_older_than_what_comes_after_a_restart(Some(Servers::shared().await)).await;
}

#[tokio::test]
async fn what_was_heard_again_while_the_clock_was_behind_is_older_than_what_comes_after_a_restart_in_one_process() {
    what_was_heard_again_is_older_than_what_comes_after_a_restart(None).await;
}

async fn what_was_heard_again_is_older_than_what_comes_after_a_restart(servers: Option<Servers>) {
    let (mut bed, clock) = bed_with_a_clock(servers).await;
    clock.step_to(36 * HOUR);
    hand_in(&bed, "first").await;
    clock.step_to(0);
    for text in ["first", "first", "second"] {
        terminate_all(&mut bed).await;
        bed.installation.start_all().await;
        for _ in 0..3 {
            hand_in(&bed, text).await;
        }
    }
    hand_in(&bed, "first").await;
}

#[tokio::test]
async fn what_waited_in_the_queue_while_the_clock_was_behind_is_older_than_what_comes_after_a_restart() {
    let (mut bed, clock) = bed_with_a_clock(Some(Servers::shared().await)).await;
    clock.step_to(36 * HOUR);
    hand_in(&bed, "first").await;
    clock.step_to(0);
    restart(&mut bed, "inspection").await;
    bed.installation.terminate("registrar").await;
    for _ in 0..3 {
        accepted(&bed, "first").await;
    }
    restart(&mut bed, "inspection").await;
    let case = accepted(&bed, "second").await;
    bed.installation.spawn("registrar").await;
    bed.installation.ready("registrar").await;
    assert_eq!(said_in_the_end(&bed, &case).await, "second");
}

#[tokio::test]
async fn what_an_older_database_did_not_know_was_said_is_older_than_what_comes_after_it_was_put_back() {
    let (mut bed, clock) = bed_with_a_clock(Some(Servers::own().await)).await;
    clock.step_to(36 * HOUR);
    hand_in(&bed, "first").await;
    clock.step_to(0);
    terminate_all(&mut bed).await;
    let cluster = bed.installation.servers_mut().cluster();
    cluster.stop().await;
    let kept = cluster.copy_data();
    cluster.restart().await;
    bed.installation.start_all().await;
    for _ in 0..3 {
        restart(&mut bed, "inspection").await;
    }
    hand_in(&bed, "second").await;

    terminate_all(&mut bed).await;
    let cluster = bed.installation.servers_mut().cluster();
    cluster.stop().await;
    cluster.restore_data(&kept);
    cluster.restart().await;
    bed.installation.tool(&["log", "recover", "--from-mirror", "--yes"]).await;
    bed.installation.start_all().await;
    let case = accepted(&bed, "third").await;
    assert_eq!(said_in_the_end(&bed, &case).await, "third");
}

async fn terminate_all(bed: &mut Bed) {
    for name in bed.installation.processes() {
        bed.installation.terminate(name).await;
    }
}

async fn restart(bed: &mut Bed, name: &'static str) {
    bed.installation.terminate(name).await;
    bed.installation.spawn(name).await;
    bed.installation.ready(name).await;
}

/// Returns what a case says of its finding once nothing waits in the queue.
async fn said_in_the_end(bed: &Bed, case: &str) -> Value {
    until(LIMIT, "nothing is queued", async || {
        let nats = bed.installation.nats().expect("there is a broker");
        nats.stream("FINDINGS").await["state"]["messages"] == 0
    })
    .await;
    let told = bed.site.desk("州审计").get(&format!("/api/cases/{case}")).await;
    told.body["case"]["findings"][0]["finding"]["text"].clone()
}

/// Hands in what a finding says, and waits until its case says so.
async fn hand_in(bed: &Bed, text: &str) {
    let case = accepted(bed, text).await;
    let reader = bed.site.desk("州审计");
    until(LIMIT, &format!("the case says {text}"), async || {
        let told = reader.get(&format!("/api/cases/{case}")).await;
        told.body["case"]["findings"][0]["finding"]["text"] == text
    })
    .await;
}

/// Hands in what a finding says, and returns its case.
async fn accepted(bed: &Bed, text: &str) -> String {
    let path = "/intake/inspection/findings?source=patrol&issuing_body=A&document=B&discovered=2020-04-21";
    let rows = json!([{ "item": "1", "title": "T", "text": text, "division": "舟曲县", "place": "P" }]);
    let intake = bed.site.intake("inspection");
    let report = intake.send(intake.request(Method::POST, path).json(&rows)).await.expect(202);
    report["accepted"][0]["finding"].as_str().expect("it was accepted").to_owned()
}
