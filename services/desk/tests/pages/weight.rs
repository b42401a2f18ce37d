//! What a page weighs that is opened first: an office may have a poor line.

use rectify_case::directory::{Unit, UnitKind};
use rectify_case::{Actor, DirectoryEvent, StreamId, UnitId};
use rectify_log::{Append, Expected, Write};
use serde_json::json;
use uuid::Uuid;

use crate::office::{OFFICER, Office, PREFECTURE, assignment, finding};

/// The most that it may weigh, in bytes, without what browsers keep.
const MOST: usize = 60 * 1024;

/// How many units answer for a case each: more than a prefecture has to begin with.
const LEADS: u128 = 80;

/// As many columns as anybody has chosen.
const COLUMNS: &str = "source,division,lead,stage,severity,due,discovered,registered,reported,closed,updated,office,\
    holder,outcome";

async fn lead_one_each(office: &Office) {
    let unit = |at: u128| Unit {
        id: UnitId(Uuid::from_u128(at << 64)),
        name: format!("舟曲县农业农村第{at}局"),
        kind: UnitKind::Department,
        parent: Some(UnitId(Uuid::from_u128(PREFECTURE))),
        division: "623000".parse().unwrap(),
        prefix: None,
    };
    let units: Vec<Unit> = (1..=LEADS).map(unit).collect();
    let events = units.iter().cloned().map(|unit| DirectoryEvent::UnitAdded(unit).into()).collect();
    let writes = vec![Write { stream: StreamId::Directory, expected: Expected::Any, events }];
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes };
    let written = office.desk.frame.log.append(append).await.unwrap();
    office.desk.frame.directory.at_least(written.events.last().unwrap().position).await.unwrap();
    let officer = office.caller(OFFICER).await;
    for unit in units {
        let case = officer.report(&finding(&unit.name, "饮水安全巩固提升工程完工后管网冻裂未修复", "623000")).await;
        officer.ask(&case, "register", &json!({})).await.good();
        let mut assigned = assignment(PREFECTURE);
        assigned["leads"] = json!([unit.id]);
        officer.ask(&case, "assign", &assigned).await.good();
    }
}

#[tokio::test]
async fn the_overview_and_a_page_of_the_ledger_are_light() {
    let office = Office::open().await;
    lead_one_each(&office).await;
    let mut browser = office.signed_in(OFFICER).await;
    for (path, rows) in [("/overview", 80), (&format!("/ledger?columns={COLUMNS}"), 50)] {
        let page = browser.page(path).await;
        let text = page.text();
        assert!(text.matches("<tr>").count() > rows, "{path}: {text}");
        assert!(page.bytes.len() < MOST, "{path} weighs {} bytes", page.bytes.len());
    }
}
