//! Another key of the office: everything opens with it, nothing with the one before, and the log is as it was.

use rectify_tests::bed::{Bed, Shape};
use serde_json::Value;

use crate::{path, why};

/// Returns the SHA-256 of every event, in order.
pub async fn leaves(bed: &Bed) -> Vec<String> {
    let target = rectify_tests::folder();
    let folder = target.path().join("log").display().to_string();
    bed.installation.tool(&["backup", &folder]).await;
    let events = std::fs::read_to_string(target.path().join("log/log/000000000001.events")).unwrap();
    events.lines().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect()
}

/// Gives the office another key, and starts what holds the one before again.
pub async fn rotate(bed: &mut Bed, shape: Shape, petition: &str) {
    let before = leaves(bed).await;
    let holder = if shape == Shape::Embedded { "up" } else { "desk" };
    if shape == Shape::Embedded {
        let output = bed.installation.try_tool(&["keys", "rotate"], &[]).await;
        assert!(!output.status.success(), "a server holds the key that it was started with");
        bed.installation.terminate(holder).await;
    }
    let said = bed.installation.tool(&["keys", "rotate"]).await;
    assert!(said.contains("data keys were wrapped to another key"), "{said}");
    if shape != Shape::Embedded {
        assert_eq!(open(bed, petition).await, (503, "no_private_key".into()), "the key before opens nothing");
        bed.installation.terminate(holder).await;
    }
    bed.installation.spawn(holder).await;
    bed.installation.ready(holder).await;
    assert_eq!(open(bed, petition).await.0, 200);
    let after = leaves(bed).await;
    assert_eq!(after[..before.len()], before, "the log is as it was");
    assert!(after.len() > before.len(), "the look is on record");
}

async fn open(bed: &Bed, petition: &str) -> (u16, Value) {
    let answer = bed.site.desk("舟曲经办").post(&path(petition, "petition/open"), &[], &why()).await;
    (answer.status, answer.body["code"].clone())
}
