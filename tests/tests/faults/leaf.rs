//! A county with a leaf node of its own, cut off from the prefecture's broker and database.

use rectify_tests::bed::{Load, Servers, every_row};
use reqwest::Method;
use serde_json::json;

use crate::{bed_on, between_faults, nothing_is_lost_or_doubled};

/// How often something is handed in while there is no line.
const DELIVERIES: usize = 2;

#[tokio::test]
async fn what_a_county_hands_in_on_its_leaf_node_while_it_is_cut_off_arrives_once_on_postgres_nats() {
    let mut servers = Servers::with_leaf().await;
    servers.put_lines_before("inspection").await;
    let mut bed = bed_on(servers).await;
    let load = Load::new(&bed.site).await;
    load.during(load.goes_on(between_faults())).await;
    bed.has_folded_everything().await;
    let before = every_row(&bed.site).await.len();

    let servers = bed.installation.servers().expect("the bed stands on servers");
    let line = &servers.leaf.as_ref().expect("the bed has a leaf node").line;
    let database = &servers.lines("inspection").database;
    line.cut();
    database.cut();
    for _ in 0..DELIVERIES {
        load.hand_in().await;
    }
    // What is of another county is not for this leaf node.
    let intake = bed.site.intake("inspection");
    let path = "/intake/inspection/findings?source=patrol&issuing_body=A&document=C&discovered=2020-04-21";
    let row = json!([{ "item": "1", "title": "问题", "text": "饮水问题", "division": "临潭县" }]);
    let refused = intake.send(intake.request(Method::POST, path).json(&row)).await.expect(422);
    assert_eq!(refused["report"]["refused"][0]["code"], "other_division", "{refused}");
    let (ready, reasons) = bed.installation.readiness("inspection").await;
    assert!(ready, "an intake on a leaf node works without a line: {reasons:?}");
    assert_eq!(every_row(&bed.site).await.len(), before, "nothing arrives over a line that is cut");

    line.restore();
    database.restore();
    load.during(load.goes_on(between_faults())).await;
    bed.has_folded_everything().await;
    assert!(every_row(&bed.site).await.len() >= before + 10 * DELIVERIES);
    bed.installation.ready("inspection").await;
    nothing_is_lost_or_doubled(&bed, &load).await;
}
