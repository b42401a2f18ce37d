//! Disks that are full: nothing is half-written, whoever asks is told, and it goes on when there is room again.

use rectify_tests::bed::{Bed, Installation, Load, Servers, Shape, finding};
use rectify_tests::disk::Disk;
use rectify_tests::until;
use reqwest::Method;

use crate::{LIMIT, all_are_ready_again, bed_on, between_faults, nothing_is_lost_or_doubled};

#[tokio::test]
async fn a_full_disk_under_everything_is_told_and_all_goes_on_when_there_is_room_again_as_root() {
    let disk = Disk::of(48);
    let mut installation = Installation::new(Shape::Embedded).await;
    installation.set("RECTIFY_DATA", disk.path().join("data").display().to_string());
    installation.set("RECTIFY_HTTP_TIMEOUT_SECONDS", "10");
    let mut bed = Bed::in_place(installation).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        load.goes_on(between_faults()).await;
        disk.fill();
        load.is_held_up().await;
        until(LIMIT, "the process says that it is not ready", async || {
            let (ready, reasons) = bed.installation.readiness("up").await;
            !ready && reasons.iter().any(|reason| reason.contains("full"))
        })
        .await;
        disk.free();
        all_are_ready_again(&mut bed).await;
        load.goes_on(between_faults()).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}

#[tokio::test]
async fn evidence_for_which_there_is_no_room_is_refused_and_leaves_nothing_behind_as_root() {
    let disk = Disk::of(16);
    let mut installation = Installation::new(Shape::Embedded).await;
    installation.set("RECTIFY_EVIDENCE_STORE", disk.path().display().to_string());
    let bed = Bed::in_place(installation).await;
    let case = bed.site.report("舟曲经办", &finding("饮水问题", 3)).await;
    let upload = async |letters: usize| {
        let office = bed.site.desk("舟曲经办");
        let request = office
            .request(Method::POST, &format!("/api/cases/{}/evidence", case.id))
            .header("Rectify-File-Name", "report.txt")
            .header("Content-Type", "application/octet-stream")
            .body("a".repeat(letters));
        office.send(request).await
    };
    // One that is written at once, and one that is written in parts: the second part does not fit.
    disk.fill();
    for letters in [1_000, 12 << 20] {
        let refused = upload(letters).await;
        assert_eq!((refused.status, &refused.body["code"]), (507, &"no_room".into()), "{}", refused.body);
        assert!(disk.files().is_empty(), "{:?} is left of what was refused", disk.files());
    }
    disk.free();
    let refused = upload(20 << 20).await;
    assert_eq!((refused.status, &refused.body["code"]), (507, &"no_room".into()), "{}", refused.body);
    assert!(disk.files().is_empty(), "{:?} is left of what was refused", disk.files());
    for letters in [1_000, 9 << 20] {
        upload(letters).await.expect(201);
    }
    bed.keeps_its_promises().await;
}

#[tokio::test]
async fn a_full_disk_under_nats_is_told_and_all_goes_on_when_there_is_room_again_with_postgres_as_root() {
    let disk = Disk::of(24);
    let servers = Servers::with_broker_storing_in(disk.path().join("store")).await;
    let mut bed = bed_on(servers).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        load.goes_on(between_faults()).await;
        disk.fill();
        load.is_answered_with(503).await;
        disk.free();
        // A server that could not write takes nothing more until it is started again.
        bed.installation.servers_mut().broker().restart().await;
        all_are_ready_again(&mut bed).await;
        load.goes_on(between_faults()).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}

#[tokio::test]
async fn a_full_disk_under_postgres_is_told_and_all_goes_on_when_there_is_room_again_with_nats_as_root() {
    let disk = Disk::of(64);
    let mut bed = bed_on(Servers::with_database_in(&disk.path().join("tables")).await).await;
    let load = Load::new(&bed.site).await;
    load.during(async {
        load.goes_on(between_faults()).await;
        disk.fill();
        load.is_held_up().await;
        until(LIMIT, "the registrar says that there is no room", async || {
            let (ready, reasons) = bed.installation.readiness("registrar").await;
            !ready && reasons.iter().any(|reason| reason.contains("No space left"))
        })
        .await;
        disk.free();
        all_are_ready_again(&mut bed).await;
        load.goes_on(between_faults()).await;
    })
    .await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}
