//! The broker or the database put back as they were some time ago.

use rectify_tests::bed::{Load, SERVICES, Servers};
use rectify_tests::until;

use crate::{LIMIT, all_are_ready_again, bed_on, between_faults, nothing_is_lost_or_doubled};

#[tokio::test]
async fn an_older_copy_of_the_nats_store_is_caught_up_and_what_it_delivers_again_is_not_doubled_with_postgres() {
    let mut bed = bed_on(Servers::shared().await).await;
    let load = Load::new(&bed.site).await;
    load.during(load.goes_on(between_faults())).await;

    // Findings that wait in the queue when the copy is made.
    bed.installation.terminate("registrar").await;
    let kept = load
        .during(async {
            until(LIMIT, "findings wait in the queue", async || waiting(&mut bed.installation).await > 0).await;
            let broker = bed.installation.servers_mut().broker();
            broker.stop().await;
            let kept = broker.copy_store();
            broker.restart().await;
            bed.installation.spawn("registrar").await;
            load.goes_on(2 * between_faults()).await;
            kept
        })
        .await;
    all_are_ready_again(&mut bed).await;
    until(LIMIT, "the queue is empty", async || waiting(&mut bed.installation).await == 0).await;

    load.during(async {
        let broker = bed.installation.servers_mut().broker();
        broker.kill().await;
        broker.restore_store(&kept);
        broker.restart().await;
        all_are_ready_again(&mut bed).await;
        load.goes_on(between_faults()).await;
    })
    .await;
    until(LIMIT, "what was delivered again is settled", async || waiting(&mut bed.installation).await == 0).await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}

#[tokio::test]
async fn services_halt_when_postgres_is_an_older_copy_than_the_mirror_and_what_only_nats_has_is_put_back() {
    let mut bed = bed_on(Servers::own().await).await;
    let load = Load::new(&bed.site).await;
    load.during(load.goes_on(between_faults())).await;
    let cluster = bed.installation.servers_mut().cluster();
    cluster.stop().await;
    let kept = cluster.copy_data();
    cluster.restart().await;
    load.during(load.goes_on(between_faults())).await;
    nothing_is_lost_or_doubled(&bed, &load).await;

    for service in SERVICES {
        bed.installation.terminate(service).await;
    }
    let cluster = bed.installation.servers_mut().cluster();
    cluster.stop().await;
    cluster.restore_data(&kept);
    cluster.restart().await;
    for service in ["registrar", "desk"] {
        bed.installation.spawn(service).await;
        until(LIMIT, &format!("{service} says that nothing is appended"), async || {
            let reasons = bed.installation.try_readiness(service).await.map(|(_, reasons)| reasons);
            reasons.is_some_and(|reasons| reasons.iter().any(|reason| reason.contains("nothing is appended")))
        })
        .await;
    }
    let office = bed.site.desk("舟曲经办");
    let case = &load.accepted()[0];
    let key = [("Idempotency-Key", "after-the-restore"), ("If-Match", "\"5\"")];
    let refused =
        office.post(&format!("/api/cases/{case}/add_note"), &key, &serde_json::json!({ "text": "补记" })).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    let doctor = bed.installation.try_tool(&["doctor"], &[]).await;
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(!doctor.status.success() && said.contains("the mirror has position"), "{said}");

    // What only the mirror has is put back, and all goes on as if nothing had been.
    for service in ["registrar", "desk"] {
        bed.installation.terminate(service).await;
    }
    bed.installation.tool(&["log", "recover", "--from-mirror", "--yes"]).await;
    bed.installation.start_all().await;
    load.during(load.goes_on(between_faults())).await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}

/// Returns how many findings are queued.
async fn waiting(installation: &mut rectify_tests::bed::Installation) -> u64 {
    let stream = installation.servers_mut().broker().stream("FINDINGS").await;
    stream["state"]["messages"].as_u64().expect("the queue is a stream")
}
