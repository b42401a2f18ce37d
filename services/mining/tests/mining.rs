//! What is mined of a log that tells a little of everything.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::assignment::{Assignment, Level, Method};
use rectify_case::completion::Outcome;
use rectify_case::deadline::{Deadline, Rule, Start};
use rectify_case::directory::{Unit, UnitKind};
use rectify_case::event::Relation;
use rectify_case::evidence::{Evidence, Side};
use rectify_case::finding::{AuditDetails, Details, PetitionClass, PetitionDetails, Reference, Severity};
use rectify_case::number::Series;
use rectify_case::plan::{Measure, Plan};
use rectify_case::quantity::Amounts;
use rectify_case::time::Days;
use rectify_case::{
    Actor, CaseEvent, CaseId, Cause, Digest, DirectoryEvent, Finding, PersonId, Role, Stage, StreamId, UnitId, Zone,
};
use rectify_log::{Append, Clock, Db, Expected, Log, NewEvent, Options, Write};
use rectify_mining::{Histories, Loop, Ocel, Wanted, export, paths};
use rectify_tests::{TempFolder, folder};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};
use uuid::Uuid;

struct Bed {
    log: Log,
    folder: TempFolder,
}

fn case(n: u128) -> CaseId {
    CaseId(Uuid::from_u128(n))
}

fn unit(n: u128) -> UnitId {
    UnitId(Uuid::from_u128(n))
}

const OFFICE: u128 = 100;
const LEAD: u128 = 101;

impl Bed {
    async fn open() -> Bed {
        let folder = folder();
        let db = Db::open(&folder.path().join("log.db"), &Options::default()).await.unwrap();
        let asked = AtomicI64::new(0);
        let start: DateTime<Utc> = "2020-04-25T01:32:09Z".parse().unwrap();
        let clock = Clock::new(move || start + TimeDelta::milliseconds(asked.fetch_add(1, Ordering::Relaxed)));
        let bed = Bed { log: Log::open(db, clock).await.unwrap(), folder };
        let units = [(OFFICE, "州整改办", UnitKind::Office), (LEAD, "州水务局", UnitKind::Department)];
        let added = units.map(|(id, name, kind)| {
            let (id, name, division) = (unit(id), name.to_owned(), "623000".parse().unwrap());
            DirectoryEvent::UnitAdded(Unit { id, name, kind, parent: None, division, prefix: None })
        });
        let named = DirectoryEvent::PersonAdded { person: PersonId(Uuid::from_u128(1)), name: "杨文清".to_owned() };
        bed.write(StreamId::Directory, added.into_iter().chain([named]).map(NewEvent::from)).await;
        bed
    }

    async fn write(&self, stream: StreamId, events: impl IntoIterator<Item = NewEvent>) {
        let write = Write { stream, expected: Expected::Any, events: events.into_iter().collect() };
        let actor =
            Actor { person: PersonId(Uuid::from_u128(1)), unit: unit(OFFICE), role: Role::Officer, on_behalf_of: None };
        self.log.append(Append { key: None, actor, facts_at: 0, writes: vec![write] }).await.unwrap();
    }

    async fn case(&self, n: u128, events: impl IntoIterator<Item = NewEvent>) {
        self.write(StreamId::Case(case(n)), events).await;
    }

    async fn wanted(&self, accusations: bool) -> Wanted {
        Wanted { to: self.log.head().await.unwrap(), zone: Zone::SHANGHAI, accusations }
    }

    async fn json(&self, name: &str, accusations: bool) -> Value {
        let file = self.folder.path().join(name);
        export(&self.log, self.wanted(accusations).await, Ocel::json(&file).unwrap()).await.unwrap();
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }
}

fn finding(item: u32, details: Details) -> Finding {
    Finding {
        source: "audit".parse().unwrap(),
        reference: Reference { issuing_body: "州审计局".into(), document: "3号".into(), item: item.to_string() },
        title: "题名不外传".to_owned(),
        text: "原文不外传".to_owned(),
        division: "623023".parse().unwrap(),
        place: Some("曲告纳镇上河坝村张三家".to_owned()),
        discovered: "2020-04-01".parse().unwrap(),
        category: None,
        severity: None,
        found: Amounts::new(),
        details,
    }
}

fn petition(class: PetitionClass) -> Details {
    Details::Petition(PetitionDetails { class, subjects: Vec::new(), reply: None, sealed: None })
}

fn reported(finding: Finding) -> CaseEvent {
    CaseEvent::FindingReported { finding: Box::new(finding) }
}

fn registered() -> CaseEvent {
    let number = Series { office: None, source: "审计".to_owned(), year: 2020 }.next();
    let (office, severity, title) = (unit(OFFICE), Severity::Ordinary, "题名不外传".to_owned());
    CaseEvent::Registered { number, office, severity, title, found: Amounts::new() }
}

fn assigned() -> CaseEvent {
    let rule = Rule { pack: "office".to_owned(), cite: String::new() };
    let from = "2020-04-25".parse().unwrap();
    let assignment = Assignment {
        leads: vec![unit(LEAD)],
        co_responsible: Vec::new(),
        responsible_leader: Some(PersonId(Uuid::from_u128(1))),
        goal: "整改到位".to_owned(),
        deadline: Deadline::counted(Start::Assigned, from, rule, Days::Calendar(60), Zone::SHANGHAI),
        levels: vec![Level { method: Method::OnFile, holder: Some(unit(OFFICE)), designated: false }],
    };
    CaseEvent::Assigned { assignment }
}

fn late(event: CaseEvent, day: &str) -> NewEvent {
    let cause = Some(Cause::Document("补录依据".to_owned()));
    NewEvent { happened: Some(day.parse().unwrap()), cause, ..event.into() }
}

fn digest() -> Digest {
    "a".repeat(64).parse().unwrap()
}

/// Writes a repair with all that belongs to it, a return, an accusation, and a case that is linked to that.
async fn told() -> Bed {
    let bed = Bed::open().await;
    let lead = unit(LEAD);
    let plan = Plan {
        measures: vec![Measure { text: "措施不外传".to_owned(), unit: lead, by: "2020-05-30".parse().unwrap() }],
    };
    let evidence =
        Evidence { digest: digest(), name: "张三家.jpg".into(), media_type: "image/jpeg".into(), size: 7 };
    let outcome = Outcome::Rectified;
    let (account, fixed) = ("整改情况不外传".to_owned(), Amounts::new());
    let repair = [
        late(reported(finding(1, Details::Audit(AuditDetails::default()))), "2020-04-01"),
        late(registered(), "2020-04-03"),
        late(assigned(), "2020-04-04"),
        late(CaseEvent::Accepted { unit: lead }, "2020-04-06"),
        CaseEvent::PlanSubmitted { unit: lead, plan }.into(),
        CaseEvent::ProgressReported {
            unit: lead, text: "进展不外传".into(), fixed: Amounts::new(), done: vec![0, 7]
        }
        .into(),
        CaseEvent::EvidenceFiled { evidence, side: Side::Responsible, unit: lead }.into(),
        late(CaseEvent::CompletionReported { unit: lead, outcome, account, fixed }, "2020-04-16"),
        late(CaseEvent::VerificationFailed { level: 0, unit: unit(OFFICE), reason: "未完工".into() }, "2020-04-17"),
    ];
    bed.case(1, repair).await;
    let returned = CaseEvent::Returned { unit: lead, reason: "不属职责".to_owned() };
    let request = reported(finding(2, petition(PetitionClass::Request)));
    bed.case(2, [request.into(), registered().into(), assigned().into(), returned.into(), registered().into()]).await;
    bed.case(3, [reported(finding(3, petition(PetitionClass::Accusation))).into(), registered().into()]).await;
    bed.case(2, [CaseEvent::Linked { other: case(3), relation: Relation::SimilarTo }.into()]).await;
    bed
}

#[tokio::test]
async fn events_tell_of_objects_and_of_nobody() {
    let bed = told().await;
    let log = bed.json("log.json", false).await;
    let text = log.to_string();
    for kept in ["不外传", "张三", "杨文清", "accusation", &case(3).to_string()] {
        assert!(!text.contains(kept), "{kept} is in it");
    }
    let events = log["events"].as_array().unwrap();
    assert_eq!(events.len(), 14);
    assert!(events.iter().all(|event| event["type"] != "linked"), "it would tell that there is the accusation");
    let of = |name: &str| events.iter().find(|event| event["type"] == name).unwrap();
    let related = |event: &Value| -> BTreeSet<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().split(':').next().unwrap().to_owned();
        event["relationships"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (text(&one["objectId"]), text(&one["qualifier"])))
            .collect()
    };
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect();
    let begun = [("case", "case"), ("unit", "actor")];
    let with = |more: &[(&str, &str)]| pairs(&[&begun[..], more].concat());
    assert_eq!(related(of("finding_reported")), with(&[("finding", "finding"), ("village", "village")]));
    assert_eq!(related(of("plan_submitted")), with(&[("measure", "planned"), ("unit", "lead"), ("unit", "done_by")]));
    assert_eq!(related(of("progress_reported")), with(&[("measure", "done"), ("unit", "responsible")]));
    assert_eq!(related(of("evidence_filed")), with(&[("evidence", "filed"), ("unit", "by")]));
    let first = of("finding_reported");
    assert_eq!(first["time"], "2020-03-31T16:00:00.000000Z", "the first instant of the day in the office's zone");
    assert_eq!(first["attributes"][3]["value"], "true");

    let objects = log["objects"].as_array().unwrap();
    let stages = |n: u128| -> Vec<String> {
        let object = objects.iter().find(|object| object["id"] == format!("case:{}", case(n))).unwrap();
        let values = object["attributes"].as_array().unwrap().iter().filter(|value| value["name"] == "stage");
        values.map(|value| value["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(stages(1), ["discovered", "registered", "assigned", "rectifying", "reported", "rectifying"]);
    let village = objects.iter().find(|object| object["type"] == "village").unwrap();
    assert_eq!(village["attributes"][0]["value"], "曲告纳镇上河坝村");

    let whole = bed.json("whole.json", true).await;
    assert!(whole.to_string().contains(&case(3).to_string()) && whole.to_string().contains("accusation"));
    assert_eq!(whole["events"].as_array().unwrap().len(), 17);
}

async fn counted(database: &mut SqliteConnection, what: &str) -> usize {
    let count: i64 =
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {what}"))).fetch_one(database).await.unwrap();
    count.try_into().unwrap()
}

#[tokio::test]
async fn a_database_tells_what_the_document_does() {
    let bed = told().await;
    let log = bed.json("log.json", false).await;
    let file = bed.folder.path().join("log.sqlite");
    let exported = export(&bed.log, bed.wanted(false).await, Ocel::sqlite(&file).await.unwrap()).await.unwrap();
    assert_eq!((exported.kept_back, exported.events.values().sum::<u64>()), (1, 14));
    let mut database = SqliteConnectOptions::new().filename(&file).read_only(true).connect().await.unwrap();
    let many = |list: &Value| list.as_array().unwrap().len();
    let related = |list: &Value| list.as_array().unwrap().iter().map(|one| many(&one["relationships"])).sum::<usize>();
    let (events, objects) = (&log["events"], &log["objects"]);
    assert_eq!(counted(&mut database, "event").await, many(events));
    assert_eq!(counted(&mut database, "object").await, many(objects));
    assert_eq!(counted(&mut database, "event_object").await, related(events));
    assert_eq!(counted(&mut database, "object_object").await, related(objects));
    assert_eq!(counted(&mut database, "pragma_foreign_key_check").await, 0, "whatever is named is there");
    for (types, of) in [("eventTypes", "event"), ("objectTypes", "object")] {
        let mut rows = 0;
        for name in log[types].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()) {
            rows += counted(&mut database, &format!(r#""{of}_{name}" WHERE "ocel_time" IS NOT NULL"#)).await;
        }
        let changes = objects.as_array().unwrap().iter().flat_map(|one| one["attributes"].as_array().unwrap());
        let changes = changes.filter(|value| value["time"] != "1970-01-01T00:00:00.000000Z").count();
        assert_eq!(rows, if of == "event" { many(events) } else { many(objects) + changes });
    }
    assert!(Ocel::sqlite(&file).await.is_err() && Ocel::json(&file).is_err(), "what is there is not written over");
}

#[tokio::test]
async fn the_paths_that_cases_took_are_told_with_their_ways_back_and_waits() {
    let bed = told().await;
    let told = paths(&bed.log, Zone::SHANGHAI, bed.log.head().await.unwrap()).await.unwrap();
    assert_eq!((told.cases, told.astray), (3, BTreeSet::from([case(2)])));
    let back = [Stage::Discovered, Stage::Registered, Stage::Assigned, Stage::Registered];
    assert!(told.variants.iter().any(|variant| variant.stages == back && variant.cases == 1), "{:?}", told.variants);
    assert_eq!(told.loops.into_iter().collect::<Vec<_>>(), [(Loop::Returned, (1, 1)), (Loop::Failed, (1, 1))]);
    let wait = |who: u128, stage| {
        told.waits.get(&(unit(who), stage)).map(|wait| (wait.times, wait.median_days, wait.longest_days))
    };
    assert_eq!(wait(LEAD, Stage::Rectifying), Some((1, 10, 10)));
    assert_eq!(wait(LEAD, Stage::Assigned), Some((2, 0, 2)));
    assert_eq!(wait(OFFICE, Stage::Reported), Some((1, 1, 1)));
    assert_eq!(wait(OFFICE, Stage::Registered), Some((2, 0, 1)));
}

#[tokio::test]
async fn histories_are_read_on_and_told_of_some_cases_only() {
    let bed = told().await;
    let head = bed.log.head().await.unwrap();
    let mut histories = Histories::new(Zone::SHANGHAI);
    for to in [head / 2, head] {
        histories.read_on(&bed.log, to, |_| {}).await.unwrap();
        assert_eq!(histories.position(), to);
    }
    assert_eq!(histories.paths(|_| true), paths(&bed.log, Zone::SHANGHAI, head).await.unwrap());
    let returned = histories.gone_back(Loop::Returned);
    let only = histories.paths(|id| returned.contains(&id));
    assert_eq!((only.cases, returned.len()), (1, 1));
    assert_eq!(histories.on_path(&only.variants[0].stages), returned);
    assert_eq!(histories.paths(|_| false), rectify_mining::Paths::default());
}
