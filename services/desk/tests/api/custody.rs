//! The keys of petitions: who does what with them, what is cut off and goes on, and that nothing else changes.

use rectify_case::{AccessEvent, Actor, CaseId, Custody, FindingId, PersonId, Role, UnitId};
use rectify_kit::custody;
use rectify_log::{Append, Expected, Raw, Write};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Answer, Caller, fresh_key};
use crate::office::{
    ADMINISTRATOR, AUDITOR, HANDLER, OFFICER, Office, PREFECTURE, SECOND_ADMINISTRATOR, WATER, accusation, id, letter,
};

const WORDS: &str = "家庭收入变化后低保一直没有复核，请求尽快核实，联系电话13909415566。";

/// An office with a petition, and whoever has to do with it.
struct Seats {
    office: Office,
    petition: String,
    officer: Caller,
    one: Caller,
    other: Caller,
    auditor: Caller,
}

impl Seats {
    async fn taken() -> Seats {
        let office = Office::open().await;
        let officer = office.caller(OFFICER).await;
        let petition = officer.report(&letter("一", WORDS)).await;
        Seats {
            one: office.caller(ADMINISTRATOR).await,
            other: office.caller(SECOND_ADMINISTRATOR).await,
            auditor: office.caller(AUDITOR).await,
            office,
            petition,
            officer,
        }
    }

    async fn ask(&self, who: &Caller, what: &str) -> Answer {
        self.ask_under(who, what, &fresh_key()).await
    }

    async fn ask_under(&self, who: &Caller, what: &str, key: &str) -> Answer {
        let path = format!("/api/petitions/{}/{what}", self.petition);
        who.post_with(&path, &[("idempotency-key", key)], &why()).await
    }

    async fn opens(&self) -> Answer {
        let path = format!("/api/cases/{}/petition/open", self.petition);
        self.officer.post(&path, &json!({ "reason": "回访前核对诉求" })).await
    }

    async fn certificate(&self, who: &Caller) -> Answer {
        who.get(&format!("/api/petitions/{}/certificate", self.petition)).await
    }

    fn finding(&self) -> FindingId {
        self.petition.parse().unwrap()
    }

    async fn custody(&self) -> Custody {
        custody::load(&self.office.desk.frame.log, self.finding()).await.unwrap()
    }

    /// Writes an event of an administrator to the log, as a desk does that is killed right after.
    async fn written(&self, person: u128, event: AccessEvent) {
        let actor = Actor {
            person: PersonId(Uuid::from_u128(person)),
            unit: UnitId(Uuid::from_u128(PREFECTURE)),
            role: Role::Administrator,
            on_behalf_of: None,
        };
        let write =
            Write { stream: Custody::stream(self.finding()), expected: Expected::Any, events: vec![event.into()] };
        let append = Append { key: None, actor, facts_at: 0, writes: vec![write] };
        self.office.desk.frame.log.append(append).await.unwrap();
    }

    /// Two have decided, and the desk was killed before it deleted anything.
    async fn agreed_to(&self) {
        self.ask(&self.one, "shredding/propose").await.good();
        let event = AccessEvent::ShreddingApproved {
            finding: self.finding(),
            proposed_by: PersonId(Uuid::from_u128(ADMINISTRATOR)),
            contents: Vec::new(),
            attachments: Vec::new(),
        };
        self.written(SECOND_ADMINISTRATOR, event).await;
    }

    /// Returns how often it is written that the keys are deleted.
    async fn times_shredded(&self) -> usize {
        let log = &self.office.desk.frame.log;
        log.read_all(0, 10_000).await.unwrap().iter().filter(|e| e.envelope.event.name() == "petition_shredded").count()
    }

    async fn raw(&self) -> Vec<Raw> {
        self.office.desk.frame.log.read_raw(0, 10_000).await.unwrap()
    }

    async fn state(&self) -> Value {
        self.officer.get(&format!("/api/cases/{}", self.petition)).await.good()
    }
}

fn why() -> Value {
    json!({ "reason": "信访人申请删除，电话13909415566" })
}

#[tokio::test]
async fn a_petition_is_erased_by_two_administrators_and_by_nobody_else() {
    let seats = Seats::taken().await;
    for what in ["shredding/propose", "shredding/approve", "shredding/decline", "hold", "release"] {
        for who in [&seats.officer, &seats.auditor] {
            seats.ask(who, what).await.problem(403, "not_administrator");
        }
    }
    seats.ask(&seats.one, "shredding/approve").await.problem(422, "no_shredding_proposed");
    let blank = json!({ "reason": "  " });
    let path = format!("/api/petitions/{}/shredding/propose", seats.petition);
    seats.one.post(&path, &blank).await.problem(422, "reason_missing");
    let asked = seats.ask(&seats.one, "shredding/propose").await.good();
    assert_eq!(asked["proposal"]["reason"], "信访人申请删除，电话〔号码〕");
    assert_eq!(asked["proposal"]["who"]["person"], id(ADMINISTRATOR));
    seats.ask(&seats.other, "shredding/propose").await.problem(422, "shredding_already_proposed");
    for what in ["shredding/approve", "shredding/decline"] {
        seats.ask(&seats.one, what).await.problem(422, "second_administrator_needed");
    }
    seats.opens().await.good();
    seats.certificate(&seats.one).await.problem(404, "not_erased");

    let erased = seats.ask(&seats.other, "shredding/approve").await.good();
    assert_eq!(erased["approval"]["who"]["person"], id(SECOND_ADMINISTRATOR));
    assert!(erased["erasure"]["position"].as_u64() > erased["approval"]["position"].as_u64());
    seats.opens().await.problem(410, "petition_erased");
    for what in ["shredding/propose", "shredding/approve", "hold"] {
        seats.ask(&seats.one, what).await.problem(422, "keys_deleted");
    }
    seats.one.get(&format!("/api/petitions/{}/certificate", id(999))).await.problem(404, "nothing_sealed");
}

#[tokio::test]
async fn what_was_declined_is_kept_and_may_be_asked_for_again() {
    let seats = Seats::taken().await;
    seats.ask(&seats.one, "shredding/propose").await.good();
    let declined = seats.ask(&seats.other, "shredding/decline").await.good();
    assert_eq!((&declined["proposal"], &declined["erasure"]), (&Value::Null, &Value::Null));
    seats.opens().await.good();
    seats.ask(&seats.other, "shredding/propose").await.good();
    assert!(seats.ask(&seats.one, "shredding/approve").await.good()["erasure"].is_object());
}

#[tokio::test]
async fn what_is_held_to_storage_is_neither_opened_nor_added_to_nor_erased() {
    let seats = Seats::taken().await;
    seats.ask(&seats.one, "shredding/propose").await.good();
    seats.ask(&seats.other, "hold").await.good();
    let refused = seats.opens().await.problem(422, "storage_only");
    assert_eq!(refused["detail"], "信访人申请删除，电话〔号码〕", "why it is held is said");
    seats.ask(&seats.other, "shredding/approve").await.problem(422, "storage_only");
    seats.ask(&seats.other, "hold").await.problem(422, "already_held");
    let attachments = format!("/api/cases/{}/petition/attachments", seats.petition);
    let named = [("rectify-file-name", "a.txt"), ("content-type", "application/octet-stream")];
    let attached = seats.officer.send(axum::http::Method::POST, &attachments, &named, "诊断书".into()).await;
    attached.problem(422, "storage_only");
    let looks = seats.auditor.get("/api/looks").await.good();
    assert_eq!(looks["looks"], json!([]), "who was refused did not look");

    seats.ask(&seats.one, "release").await.good();
    seats.ask(&seats.one, "release").await.problem(422, "not_held_to_storage");
    seats.opens().await.good();
    seats.ask(&seats.other, "shredding/approve").await.good();
}

#[tokio::test]
async fn the_same_key_is_the_same_request() {
    let seats = Seats::taken().await;
    let (first, second) = (fresh_key(), fresh_key());
    let asked = seats.ask_under(&seats.one, "shredding/propose", &first).await.good();
    assert_eq!(seats.ask_under(&seats.one, "shredding/propose", &first).await.good(), asked);
    seats.ask_under(&seats.one, "hold", &first).await.problem(422, "key_reused");
    let erased = seats.ask_under(&seats.other, "shredding/approve", &second).await.good();
    assert_eq!(seats.ask_under(&seats.other, "shredding/approve", &second).await.good(), erased);
    assert_eq!(seats.times_shredded().await, 1);
}

#[tokio::test]
async fn cut_off_before_the_keys_are_deleted_any_administrator_goes_on() {
    let seats = Seats::taken().await;
    seats.agreed_to().await;
    seats.opens().await.good();
    seats.ask(&seats.other, "hold").await.problem(422, "shredding_already_approved");
    seats.ask(&seats.other, "shredding/decline").await.problem(422, "shredding_already_approved");
    let erased = seats.ask(&seats.one, "shredding/approve").await.good();
    assert_eq!(erased["approval"]["who"]["person"], id(SECOND_ADMINISTRATOR));
    seats.opens().await.problem(410, "petition_erased");
    assert_eq!(seats.times_shredded().await, 1);
}

#[tokio::test]
async fn cut_off_after_the_keys_are_deleted_it_is_written_when_the_desk_begins() {
    let seats = Seats::taken().await;
    seats.agreed_to().await;
    let keys = seats.office.desk.keys.as_ref().unwrap().keys().clone();
    assert!(keys.shred(seats.finding(), crate::office::morning()).await.unwrap());
    for _ in 0..2 {
        seats.office.desk.clone().settle_petitions().await.unwrap();
        assert_eq!(seats.times_shredded().await, 1);
    }
    assert!(!seats.custody().await.is_unfinished());
    let certificate = seats.certificate(&seats.auditor).await.good();
    assert_eq!(certificate["approval"]["who"]["person"], id(SECOND_ADMINISTRATOR));
}

#[tokio::test]
async fn cut_off_before_the_keys_are_deleted_they_are_when_the_desk_begins() {
    let seats = Seats::taken().await;
    seats.agreed_to().await;
    seats.office.desk.clone().settle_petitions().await.unwrap();
    seats.opens().await.problem(410, "petition_erased");
    assert_eq!(seats.times_shredded().await, 1);
}

#[tokio::test]
async fn erasing_changes_no_event_and_no_state() {
    let seats = Seats::taken().await;
    seats.officer.ask(&seats.petition, "register", &json!({})).await.good();
    seats.ask(&seats.one, "shredding/propose").await.good();
    let (before, state) = (seats.raw().await, seats.state().await);
    seats.ask(&seats.other, "shredding/approve").await.good();
    let after = seats.raw().await;
    assert_eq!(after[..before.len()], before, "every event has the bytes and the leaf it had");
    let added: Vec<&str> = after[before.len()..].iter().map(|raw| raw.kind.as_str()).collect();
    assert_eq!(added, ["shredding_approved", "petition_shredded"]);
    assert_eq!(seats.state().await, state, "the case is as it was");
    let folded = seats.office.desk.ledger.wait_for(after.last().unwrap().position, std::time::Duration::from_secs(20));
    assert!(folded.await.unwrap());
    assert_eq!(seats.officer.get("/api/cases?source=petition").await.good()["rows"][0]["number"], state["number"]);
}

#[tokio::test]
async fn the_certificate_names_what_was_sealed_and_nothing_personal() {
    let seats = Seats::taken().await;
    let attachments = format!("/api/cases/{}/petition/attachments", seats.petition);
    let named = [("rectify-file-name", "a.txt"), ("content-type", "application/octet-stream")];
    let attached = seats.officer.send(axum::http::Method::POST, &attachments, &named, "诊断书".into()).await.good();
    let sealed = seats.state().await["case"]["findings"][0]["finding"]["details"]["sealed"]["digest"].clone();
    seats.officer.ask(&seats.petition, "register", &json!({})).await.good();
    seats.ask(&seats.one, "shredding/propose").await.good();
    seats.ask(&seats.other, "shredding/approve").await.good();
    for who in [&seats.one, &seats.auditor] {
        let certificate = seats.certificate(who).await;
        let text = String::from_utf8(certificate.bytes.clone()).unwrap();
        assert!(!text.contains("低保") && !text.contains("13909415566") && !text.contains("诊断书"), "{text}");
        let certificate = certificate.good();
        assert_eq!(certificate["finding"], json!(seats.petition));
        assert_eq!(certificate["log"], json!(seats.office.desk.frame.log.id()));
        assert_eq!(certificate["number"]["serial"], 1);
        let digests: Vec<&Value> =
            certificate["ciphertexts"].as_array().unwrap().iter().map(|sealed| &sealed["digest"]).collect();
        assert_eq!(digests, [&sealed, &attached["digest"]]);
        assert!(certificate["statement"]["zh-CN"].as_str().unwrap().contains("另一名系统管理员同意"));
        assert!(certificate["statement"]["en"].as_str().unwrap().contains("another agreed"));
        for step in ["proposal", "approval", "erasure"] {
            let position = certificate[step]["position"].as_u64().unwrap();
            let events = seats.office.desk.frame.log.read_all(position - 1, 1).await.unwrap();
            assert_eq!(events[0].envelope.stream, Custody::stream(seats.finding()), "{step}");
        }
    }
    seats.certificate(&seats.officer).await.problem(403, "not_administrator");
}

#[tokio::test]
async fn keys_that_came_back_with_a_backup_are_deleted_again() {
    let seats = Seats::taken().await;
    let keys = seats.office.desk.keys.as_ref().unwrap().keys().clone();
    let mut look = keys.db().begin_reading().await.unwrap();
    let rows = rectify_keys::export(&mut look).await.unwrap();
    drop(look);
    seats.ask(&seats.one, "shredding/propose").await.good();
    seats.ask(&seats.other, "shredding/approve").await.good();
    let kept: Vec<_> = rows.into_iter().filter(|row| format!("{row:?}").contains("data_keys")).collect();
    assert_eq!(kept.len(), 1);
    let mut tx = keys.db().begin().await.unwrap();
    rectify_keys::import(&mut tx, &kept).await.unwrap();
    tx.commit().await.unwrap();
    seats.opens().await.good();
    seats.office.desk.clone().settle_petitions().await.unwrap();
    seats.opens().await.problem(410, "petition_erased");
    assert_eq!(seats.times_shredded().await, 1);
}

#[tokio::test]
async fn auditors_list_every_look_by_day_and_person() {
    let seats = Seats::taken().await;
    seats.officer.ask(&seats.petition, "register", &json!({})).await.good();
    let all = async |query: &str| {
        let listed = seats.auditor.get(&format!("/api/looks{query}")).await.good();
        let looks = listed["looks"].as_array().unwrap().clone();
        let next = listed["next"].as_u64();
        (looks, next)
    };
    assert_eq!(all("").await.0.len(), 0);
    for _ in 0..3 {
        seats.opens().await.good();
    }
    let (looks, next) = all("").await;
    assert_eq!((looks.len(), next), (3, None));
    assert_eq!(looks[0]["type"], "petition_opened");
    assert_eq!(looks[0]["case"], json!(seats.petition));
    assert_eq!(looks[0]["number"]["serial"], 1);
    assert_eq!(looks[0]["who"]["person"], id(OFFICER));
    assert_eq!(looks[0]["data"]["reason"], "回访前核对诉求");
    assert!(looks[0]["position"].as_u64() > looks[2]["position"].as_u64(), "the latest first");
    let (first, next) = all("?limit=2").await;
    assert_eq!(first, looks[..2]);
    let (rest, end) = all(&format!("?limit=2&before={}", next.unwrap())).await;
    assert_eq!((rest.as_slice(), end), (&looks[2..], None));
    assert_eq!(all(&format!("?person={}", id(OFFICER))).await.0.len(), 3);
    assert_eq!(all(&format!("?person={}", id(HANDLER))).await.0.len(), 0);
    for (query, count) in [
        ("?from=2020-04-20&until=2020-04-20", 3),
        ("?from=2020-04-21", 0),
        ("?until=2020-04-19", 0),
        ("?until=2020-04-20", 3),
    ] {
        assert_eq!(all(query).await.0.len(), count, "{query}");
    }
    seats.officer.get("/api/looks").await.problem(403, "not_auditor");
    seats.one.get("/api/looks").await.problem(403, "not_auditor");
}

#[tokio::test]
async fn whoever_an_accusation_is_kept_from_learns_nothing_of_its_keys_or_looks() {
    let seats = Seats::taken().await;
    // The prefecture itself is accused: its administrators and its auditor belong to it.
    let accused = seats.officer.report(&accusation("二", "虚报销号", "623023", WATER)).await;
    seats.one.get(&format!("/api/petitions/{accused}")).await.good();
    let named = json!({ "subjects": [{ "unit": id(PREFECTURE) }], "reason": "补充反映对象" });
    let open = format!("/api/cases/{accused}/petition/open");
    seats.officer.post(&open, &json!({ "reason": "核对" })).await.good();
    assert_eq!(seats.auditor.get("/api/looks").await.good()["looks"].as_array().unwrap().len(), 1);
    seats.officer.ask(&accused, "name_subjects", &named).await.good();
    assert_eq!(seats.auditor.get("/api/looks").await.good()["looks"], json!([]));
    seats.one.get(&format!("/api/petitions/{accused}")).await.problem(404, "nothing_sealed");
    let propose = format!("/api/petitions/{accused}/shredding/propose");
    seats.one.post(&propose, &why()).await.problem(404, "nothing_sealed");
    assert_eq!(custody::load(&seats.office.desk.frame.log, accused.parse().unwrap()).await.unwrap().version, 1);
    let _: CaseId = accused.parse().unwrap();
}
