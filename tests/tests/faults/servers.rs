//! The database or the broker stopped, killed or frozen under load.

use rectify_tests::bed::{Load, SERVICES, Servers, finding};

use crate::{all_are_ready_again, bed_on, between_faults, nothing_is_lost_or_doubled, say_that_they_are_not_ready};

/// How a server goes away.
#[derive(Clone, Copy, Debug)]
enum Away {
    Stopped,
    Killed,
    Frozen,
}

#[tokio::test]
async fn services_wait_for_a_postgres_that_is_stopped_killed_or_frozen_and_go_on_by_themselves_with_nats() {
    let mut bed = bed_on(Servers::own().await).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        for away in [Away::Stopped, Away::Killed, Away::Frozen] {
            load.goes_on(between_faults()).await;
            let cluster = bed.installation.servers_mut().cluster();
            match away {
                Away::Stopped => cluster.stop().await,
                Away::Killed => cluster.kill().await,
                Away::Frozen => cluster.freeze(),
            }
            load.is_held_up().await;
            let reasons = say_that_they_are_not_ready(&bed, SERVICES).await;
            assert!(reasons.iter().any(|reason| reason.starts_with("\"log\"")), "{reasons:?}");
            let cluster = bed.installation.servers_mut().cluster();
            match away {
                Away::Stopped | Away::Killed => cluster.restart().await,
                Away::Frozen => cluster.thaw(),
            }
            all_are_ready_again(&mut bed).await;
        }
        load.goes_on(between_faults()).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}

#[tokio::test]
async fn services_wait_for_a_nats_that_is_stopped_killed_or_frozen_and_go_on_by_themselves_with_postgres() {
    let mut bed = bed_on(Servers::shared().await).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        for away in [Away::Stopped, Away::Killed, Away::Frozen] {
            load.goes_on(between_faults()).await;
            let broker = bed.installation.servers_mut().broker();
            match away {
                Away::Stopped => broker.stop().await,
                Away::Killed => broker.kill().await,
                Away::Frozen => broker.freeze(),
            }
            // The projector does not connect to the broker.
            let connected = SERVICES.into_iter().filter(|service| *service != "projector");
            let reasons = say_that_they_are_not_ready(&bed, connected).await;
            assert!(reasons.iter().any(|reason| reason.starts_with("\"bus\"")), "{reasons:?}");
            // Who acts on cases does not wait for the broker.
            load.leaves_out(&bed.site.report("舟曲经办", &finding("饮水问题", 3)).await);
            let broker = bed.installation.servers_mut().broker();
            match away {
                Away::Stopped | Away::Killed => broker.restart().await,
                Away::Frozen => broker.thaw(),
            }
            all_are_ready_again(&mut bed).await;
        }
        load.goes_on(between_faults()).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}
