//! Lines that are slow, cut in the middle of a message, or silent without either end being told.

use std::time::Duration;

use rectify_tests::bed::{Bed, Lines, Load, SERVICES, Servers};
use rectify_tests::until;

use crate::{LIMIT, all_are_ready_again, bed_on, between_faults, nothing_is_lost_or_doubled};

/// The services whose lines write.
const WRITERS: [&str; 4] = ["registrar", "projector", "desk", "inspection"];

async fn bed_over_lines() -> Bed {
    let mut servers = Servers::shared().await;
    for service in SERVICES {
        servers.put_lines_before(service).await;
    }
    bed_on(servers).await
}

fn lines<'a>(bed: &'a Bed, service: &str) -> &'a Lines {
    bed.installation.servers().expect("the bed stands on servers").lines(service)
}

#[tokio::test]
async fn nothing_is_lost_when_lines_to_postgres_and_nats_are_slow_or_cut_in_the_middle_of_a_message() {
    let mut bed = bed_over_lines().await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        for service in WRITERS {
            let Lines { database, broker } = lines(&bed, service);
            database.delay(Duration::from_millis(30));
            broker[0].delay(Duration::from_millis(30));
            load.goes_on(between_faults()).await;
            database.restore();
            broker[0].restore();
        }
        // Prime numbers, so that messages are cut at ever other places.
        for (service, bytes) in WRITERS.iter().cycle().zip([1, 211, 1_013, 2_503, 4_099, 6_007, 9_001, 12_007]) {
            let Lines { database, broker } = lines(&bed, service);
            // Of the others little passes to the broker.
            let talks_to_broker = ["registrar", "inspection"].contains(service);
            for line in [Some(database), talks_to_broker.then_some(&broker[0])].into_iter().flatten() {
                line.cut_after(bytes);
                let cut = tokio::time::timeout(LIMIT, line.is_cut()).await;
                assert!(cut.is_ok(), "nothing passes between {service} and its servers");
                line.restore();
            }
            load.goes_on(between_faults()).await;
        }
        all_are_ready_again(&mut bed).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}

#[tokio::test]
async fn services_go_on_by_themselves_when_their_connections_to_postgres_and_nats_fall_silent() {
    let mut bed = bed_over_lines().await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        load.goes_on(between_faults()).await;
        for service in WRITERS {
            let Lines { database, broker } = lines(&bed, service);
            database.silence();
            broker[0].silence();
        }
        // Clients need not notice: a service may have its answer in time over another connection.
        for service in WRITERS {
            until(LIMIT, &format!("{service} connects to the database anew"), async || {
                lines(&bed, service).database.is_used_again()
            })
            .await;
        }
        load.goes_on(between_faults()).await;
        all_are_ready_again(&mut bed).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}
