//! What the tests of the bus hand in.

use chrono::{DateTime, TimeDelta, Utc};
use rectify_bus::Submission;
use rectify_case::finding::{AuditDetails, Details, Reference};
use rectify_case::{Actor, Finding, Happened};

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
