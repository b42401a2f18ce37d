//! What the tests of the bus hand in and mirror.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rectify_bus::{Bus, NatsOptions, Submission};
use rectify_case::finding::{AuditDetails, Details, Reference};
use rectify_case::{Actor, Finding, Happened};
use rectify_tests::nats::{self, Server};

/// The ack wait of the tests.
pub const ACK_WAIT: Duration = Duration::from_secs(1);

/// The configuration that an installation runs its server with.
pub fn configuration() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats/nats.conf")
}

pub async fn server() -> Server {
    nats::server_with(&configuration()).await
}

pub async fn connected(server: &Server) -> Bus {
    Bus::connect(NatsOptions { ack_wait: ACK_WAIT, ..NatsOptions::new(server.url(), "conformance") }).await.unwrap()
}

/// Fails the test when something that must come does not.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let limit = Duration::from_mins(1);
    tokio::time::timeout(limit, future).await.unwrap_or_else(|_| panic!("waited {limit:?} in vain for {what}"))
}

pub fn instant() -> DateTime<Utc> {
    "2020-04-21T01:32:09.123456Z".parse().unwrap()
}

pub fn finding(item: u32) -> Finding {
    Finding {
        source: "audit".parse().unwrap(),
        reference: Reference {
            issuing_body: "舟曲县审计局".to_owned(),
            document: "舟审报〔2020〕3号".to_owned(),
            item: item.to_string(),
        },
        title: "危房改造补助资金滞留".to_owned(),
        text: "截至2020年3月底，\"危房改造\"补助资金 12.6 万元滞留 100% 未拨付到户。".to_owned(),
        division: "623023".parse().unwrap(),
        place: Some("曲告纳镇".to_owned()),
        discovered: Happened::On("2020-04-20".parse().unwrap()),
        category: None,
        severity: None,
        found: [].into(),
        details: Details::Audit(AuditDetails::default()),
    }
}

pub fn submission(item: u32) -> Submission {
    Submission {
        finding: finding(item),
        sender: Actor::INSTALLATION,
        received: instant() + TimeDelta::seconds(item.into()),
    }
}

pub fn item(submission: &Submission) -> u32 {
    submission.finding.reference.item.parse().unwrap()
}
