//! A broker of three servers that keep every stream three times, losing one and then two of them.

use rectify_tests::bed::{Load, Servers};
use rectify_tests::until;

use crate::{LIMIT, all_are_ready_again, bed_on, between_faults, nothing_is_lost_or_doubled};

#[tokio::test]
async fn a_nats_cluster_loses_its_leader_and_then_its_majority_and_nothing_is_lost_with_postgres() {
    let mut bed = bed_on(Servers::on_three_brokers().await).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        load.goes_on(between_faults()).await;
        let first = leader(&mut bed.installation.servers_mut().nats).await;
        bed.installation.servers_mut().nats[first].kill().await;
        load.goes_on(2 * between_faults()).await;
        all_are_ready_again(&mut bed).await;

        // Two of three gone: nothing can be queued, and the intake says so rather than accept it.
        let second = leader(&mut bed.installation.servers_mut().nats).await;
        bed.installation.servers_mut().nats[second].kill().await;
        until(LIMIT, "the intake says that it is not ready", async || {
            !bed.installation.readiness("inspection").await.0
        })
        .await;
        load.is_answered_with(503).await;

        for lost in [first, second] {
            bed.installation.servers_mut().nats[lost].restart().await;
        }
        all_are_ready_again(&mut bed).await;
        load.goes_on(between_faults()).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}

/// Returns which of the servers leads the queue of findings.
async fn leader(servers: &mut [rectify_tests::nats::Server]) -> usize {
    let mut leader = None;
    until(LIMIT, "a server leads the queue of findings", async || {
        let running = servers.iter().find(|server| server.runs()).expect("one server runs");
        let name = running.leader("FINDINGS").await;
        let number = name.and_then(|name| name.strip_prefix("node-")?.parse::<usize>().ok());
        leader = number.map(|number| number - 1).filter(|place| servers[*place].runs());
        leader.is_some()
    })
    .await;
    leader.expect("the wait above ends with a leader")
}
