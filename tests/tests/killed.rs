//! kill -9 under load: whatever clients were told is in the log once, and the ledger is what the log says.

use rectify_tests::bed::{Bed, Load, Shape};

/// How many answers come between one kill and the next.
const BETWEEN_KILLS: usize = 100;

/// How often each process is killed.
const KILLS: usize = 4;

#[tokio::test]
async fn nothing_accepted_is_lost_or_doubled_when_the_process_is_killed() {
    killed_under_load(Shape::Embedded, &["up"]).await;
}

#[tokio::test]
async fn nothing_accepted_is_lost_or_doubled_when_services_are_killed_on_postgres_nats() {
    killed_under_load(Shape::Servers, &["registrar", "projector", "desk"]).await;
}

async fn killed_under_load(shape: Shape, victims: &[&'static str]) {
    let mut bed = Bed::new(shape).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        for victim in victims.iter().cycle().take(KILLS * victims.len()) {
            load.goes_on(BETWEEN_KILLS).await;
            bed.installation.kill(victim);
            bed.installation.spawn(victim).await;
            bed.installation.ready(victim).await;
        }
    })
    .await;
    assert!(load.repeats() > 0, "no client noticed a kill");
    load.is_in_the_log_once().await;
    bed.keeps_its_promises_to_many().await;
}
