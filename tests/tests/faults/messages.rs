//! Messages that come twice, late, or in another order than they were sent.

use rectify_tests::bed::{Bed, Servers, every_event, every_row};
use rectify_tests::nats::{Connection, Stored};
use rectify_tests::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{LIMIT, all_are_ready_again, bed_on};

const PATH: &str = "/intake/inspection/findings?source=patrol&issuing_body=A&document=B&discovered=2020-04-21";

#[tokio::test]
async fn a_finding_that_comes_again_under_other_message_ids_is_one_case_on_postgres_nats() {
    let mut bed = bed_on(Servers::shared().await).await;
    let queued = hand_in_without_registrar(&mut bed, &["第一稿", "第二件"]).await;
    let mut connection = Connection::open(bed.installation.nats().expect("the bed has a broker").port(), None).await;
    for round in 0..3 {
        for (place, message) in queued.iter().enumerate() {
            publish(&mut connection, message, &format!("again-{round}-{place}")).await;
        }
        if round == 1 {
            bed.installation.spawn("registrar").await;
            all_are_ready_again(&mut bed).await;
        }
    }
    the_queue_is_empty(&mut bed).await;
    let events = of_all_cases(&bed).await;
    let reported = events.iter().filter(|event| event["type"] == "finding_reported").count();
    assert_eq!((reported, events.len()), (2, 2), "each finding is one event: {events:?}");
    bed.keeps_its_promises().await;
}

#[tokio::test]
async fn an_amendment_that_overtakes_its_finding_is_in_the_log_beside_it_and_stays_the_last_word_on_postgres_nats() {
    let mut bed = bed_on(Servers::shared().await).await;
    let first = hand_in_without_registrar(&mut bed, &["第一稿"]).await.remove(0);
    let second = hand_in_without_registrar(&mut bed, &["第二稿"]).await.pop().expect("two are queued");
    let broker = bed.installation.servers_mut().broker();
    let mut connection = Connection::open(broker.port(), None).await;
    let purged = connection.ask("STREAM.PURGE.FINDINGS", &json!({})).await;
    assert_eq!(purged["purged"], 2, "{purged}");
    bed.installation.spawn("registrar").await;
    all_are_ready_again(&mut bed).await;
    for (id, message) in [("second", &second), ("first", &first), ("second-again", &second), ("first-again", &first)] {
        publish(&mut connection, message, id).await;
        the_queue_is_empty(&mut bed).await;
    }
    let events = of_all_cases(&bed).await;
    let texts: Vec<&Value> = events.iter().map(|event| &event["data"]["finding"]["text"]).collect();
    for text in ["第一稿", "第二稿"] {
        assert!(texts.iter().any(|known| *known == text), "{text} is in the log: {events:?}");
    }
    let rows = every_row(&bed.site).await;
    assert_eq!(rows.len(), 1, "both are one case");
    let case = bed.site.case(rows.keys().next().expect("one case")).state().await;
    assert!(case.to_string().contains("第二稿"), "what was handed in last is what is told last: {case}");
    bed.keeps_its_promises().await;
}

/// Hands findings in while no registrar runs, and returns all messages that are queued then.
async fn hand_in_without_registrar(bed: &mut Bed, texts: &[&str]) -> Vec<Stored> {
    if bed.installation.runs("registrar") {
        bed.installation.terminate("registrar").await;
    }
    let rows: Vec<Value> = (1..)
        .zip(texts)
        .map(|(item, text)| json!({ "item": item.to_string(), "title": "问题", "text": text, "division": "舟曲县" }))
        .collect();
    let intake = bed.site.intake("inspection");
    intake.send(intake.request(Method::POST, PATH).json(&rows)).await.expect(202);
    let broker = bed.installation.servers_mut().broker();
    let last = broker.stream("FINDINGS").await["state"]["last_seq"].as_u64().expect("the queue is a stream");
    let mut connection = Connection::open(broker.port(), None).await;
    let mut queued = Vec::new();
    for sequence in 1..=last {
        queued.extend(connection.stored("FINDINGS", sequence).await);
    }
    assert!(queued.len() >= texts.len(), "{queued:?}");
    queued
}

/// Publishes a message as it was, but for its id.
async fn publish(connection: &mut Connection, message: &Stored, id: &str) {
    let kept =
        message.headers.lines().filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()));
    let mut headers: Vec<(&str, &str)> = kept.filter(|(name, _)| *name != "Nats-Msg-Id").collect();
    headers.push(("Nats-Msg-Id", id));
    let answer = connection.publish(&message.subject, &headers, &message.bytes).await;
    assert_eq!((&answer["stream"], answer.get("duplicate")), (&json!("FINDINGS"), None), "{answer}");
}

async fn the_queue_is_empty(bed: &mut Bed) {
    until(LIMIT, "the queue is empty", async || {
        let stream = bed.installation.servers_mut().broker().stream("FINDINGS").await;
        stream["state"]["messages"] == 0
    })
    .await;
}

/// Returns all events of all cases, once the queue is empty.
async fn of_all_cases(bed: &Bed) -> Vec<Value> {
    bed.has_folded_everything().await;
    let rows = every_row(&bed.site).await;
    let mut events: Vec<Value> = every_event(&bed.site, rows.keys()).await.into_values().collect();
    events.sort_by_key(|event| event["position"].as_u64());
    events
}
