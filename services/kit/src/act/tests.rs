use futures::future::join_all;
use rectify_case::command::{Ends, Term};
use rectify_case::directory::{Holding, Unit, UnitKind};
use rectify_case::finding::{Details, PetitionClass, PetitionDetails, Reference, Subject};
use rectify_case::time::Days;
use rectify_case::{DirectoryEvent, Happened};
use rectify_tests::TempFolder;
use uuid::Uuid;

use super::*;
use crate::config::{Config, Flags};
use crate::part::Part;

const PREFECTURE: UnitId = unit(1);
const OFFICE: UnitId = unit(2);
const COUNTY: UnitId = unit(3);
const COUNTY_OFFICE: UnitId = unit(4);
const WATER: UnitId = unit(5);
const OTHER_COUNTY: UnitId = unit(6);
const OTHER_OFFICE: UnitId = unit(7);

const OFFICER: PersonId = person(1);
const COUNTY_OFFICER: PersonId = person(2);
const HANDLER: PersonId = person(3);
const SOURCE: PersonId = person(4);
const BOTH_OFFICES: PersonId = person(5);
const OTHER_OFFICER: PersonId = person(6);

const fn unit(n: u128) -> UnitId {
    UnitId(Uuid::from_u128(n))
}

const fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(100 + n))
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An installation whose time stands still.
struct Bed {
    frame: Frame,
    _folder: TempFolder,
}

impl Bed {
    async fn new() -> Bed {
        Bed::at(rectify_log::Clock::new(|| instant("2020-05-01T01:00:00Z"))).await
    }

    async fn at(clock: rectify_log::Clock) -> Bed {
        let folder = rectify_tests::folder();
        let settings = vec![("data".into(), folder.path().to_str().unwrap().into())];
        let config = Config::load_with(&Flags { config: None, settings }, []).unwrap();
        let frame = Frame::open_at(config, Part::Whole, clock).await.unwrap();
        let events = directory().into_iter().map(NewEvent::from).collect();
        let write = Write { stream: StreamId::Directory, expected: Expected::Any, events };
        let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
        let last = frame.log.append(append).await.unwrap().events.pop().unwrap();
        frame.directory.at_least(last.position).await.unwrap();
        Bed { frame, _folder: folder }
    }

    async fn act(&self, ask: Ask) -> Result<Acted, NotActed> {
        act(&self.frame, &ask).await
    }

    /// Hands in a finding and returns its case.
    async fn reported(&self, finding: Finding) -> CaseId {
        let case = case_of(&finding);
        self.act(ask(SOURCE, case, Command::Report { finding: Box::new(finding) })).await.unwrap();
        case
    }

    async fn case(&self, id: CaseId) -> Case {
        load(&self.frame.log, id).await.unwrap().0
    }
}

fn directory() -> Vec<DirectoryEvent> {
    let unit = |id, name: &str, kind, parent, division: &str| {
        let (name, division) = (name.to_owned(), division.parse().unwrap());
        DirectoryEvent::UnitAdded(Unit { id, name, kind, parent, division, prefix: None })
    };
    let held = |person, role, unit| {
        let from = instant("2020-01-01T00:00:00Z");
        DirectoryEvent::RoleGranted(Holding { person, unit, role, from, until: None })
    };
    vec![
        unit(PREFECTURE, "甘南藏族自治州", UnitKind::Prefecture, None, "623000"),
        unit(OFFICE, "州整改办", UnitKind::Office, Some(PREFECTURE), "623000"),
        unit(COUNTY, "舟曲县", UnitKind::County, Some(PREFECTURE), "623023"),
        unit(COUNTY_OFFICE, "舟曲县整改办", UnitKind::Office, Some(COUNTY), "623023"),
        unit(WATER, "舟曲县水务局", UnitKind::Department, Some(COUNTY), "623023"),
        unit(OTHER_COUNTY, "迭部县", UnitKind::County, Some(PREFECTURE), "623024"),
        unit(OTHER_OFFICE, "迭部县整改办", UnitKind::Office, Some(OTHER_COUNTY), "623024"),
        held(OFFICER, Role::Officer, OFFICE),
        held(COUNTY_OFFICER, Role::Officer, COUNTY_OFFICE),
        held(HANDLER, Role::Handler, WATER),
        held(SOURCE, Role::SourceSystem, OFFICE),
        held(BOTH_OFFICES, Role::Officer, OFFICE),
        held(BOTH_OFFICES, Role::Officer, COUNTY_OFFICE),
        held(OTHER_OFFICER, Role::Officer, OTHER_OFFICE),
    ]
}

fn finding(details: Details) -> Finding {
    Finding {
        source: "patrol".parse().unwrap(),
        reference: Reference {
            issuing_body: "第二巡查组".to_owned(),
            document: "巡查〔2020〕2号".to_owned(),
            item: "7".to_owned(),
        },
        title: "饮水安全工程未通水".to_owned(),
        text: "曲告纳镇3个自然村饮水安全工程建成后一直未通水。".to_owned(),
        division: "623023".parse().unwrap(),
        place: None,
        discovered: Happened::On("2020-04-20".parse().unwrap()),
        category: None,
        severity: None,
        found: [].into(),
        details,
    }
}

fn inspected() -> Finding {
    finding(Details::Inspection { round: None, responsible: None })
}

fn ask(person: PersonId, case: CaseId, command: Command) -> Ask {
    let who = Who { person, on_behalf_of: None, unit: None, role: None };
    Ask { case, command, who, key: None, seen: None, late: None, received: None }
}

fn keyed(key: &str, ask: Ask) -> Ask {
    Ask { key: Some(key.to_owned()), ..ask }
}

fn on(day: &str, ask: Ask) -> Ask {
    let late =
        Late { happened: Happened::On(day.parse().unwrap()), document: " 州整改办〔2020〕7号 ".to_owned() };
    Ask { late: Some(late), ..ask }
}

fn register() -> Command {
    Command::Register { severity: None, title: None, found: None }
}

fn assign() -> Command {
    Command::Assign {
        leads: vec![WATER],
        co_responsible: vec![],
        responsible_leader: None,
        goal: "通水到户".to_owned(),
        term: Some(Term { ends: Ends::After(Days::Calendar(30)), rule: None }),
    }
}

fn note(text: &str) -> Command {
    Command::AddNote { text: text.to_owned() }
}

#[track_caller]
fn refused(outcome: Result<Acted, NotActed>) -> Refusal {
    match outcome {
        Err(NotActed::Refused(refused)) => refused.refusal(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn all_who_act_at_once_on_one_case_are_decided_one_after_the_other() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    let texts: Vec<String> = (0..8).map(|n| format!("记录{n}")).collect();
    let acts = texts.iter().map(|text| bed.act(ask(OFFICER, case, note(text))));
    let mut versions: Vec<_> = join_all(acts).await.into_iter().map(|acted| acted.unwrap().version(case)).collect();
    versions.sort_unstable();
    assert_eq!(versions, [2, 3, 4, 5, 6, 7, 8, 9]);
    let mut found: Vec<_> = bed.case(case).await.notes.into_iter().map(|note| note.text).collect();
    found.sort();
    assert_eq!(found, texts);
}

#[tokio::test]
async fn who_lost_a_race_is_decided_again_on_what_the_winner_left() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    let (one, other) =
        tokio::join!(bed.act(ask(OFFICER, case, register())), bed.act(ask(COUNTY_OFFICER, case, register())));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(won.unwrap().version(case), 2);
    assert_eq!(refused(lost), Refusal::WrongStage);
}

#[tokio::test]
async fn who_has_seen_another_version_learns_what_happened_since() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    bed.act(ask(OFFICER, case, register())).await.unwrap();
    let stale = bed.act(Ask { seen: Some(1), ..ask(OFFICER, case, note("一")) }).await;
    let Err(NotActed::Stale { version: 2, since }) = stale else { panic!("{stale:?}") };
    assert_eq!(since.iter().map(|event| event.envelope.event.name()).collect::<Vec<_>>(), ["registered"]);
    bed.act(Ask { seen: Some(2), ..ask(OFFICER, case, note("一")) }).await.unwrap();
}

#[tokio::test]
async fn the_same_key_is_answered_again_and_with_another_request_refused() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    let first = bed.act(keyed("k", ask(OFFICER, case, register()))).await.unwrap();
    bed.act(ask(OFFICER, case, note("其后"))).await.unwrap();
    // By now the same act would be refused, and what was answered still holds.
    let again = bed.act(keyed("k", ask(OFFICER, case, register()))).await.unwrap();
    assert_eq!((first.repeated, again.repeated), (false, true));
    assert_eq!(first.events, again.events);
    let reused = bed.act(keyed("k", ask(OFFICER, case, note("另一")))).await;
    assert!(matches!(reused, Err(NotActed::Append(AppendError::KeyReused { .. }))), "{reused:?}");
    assert_eq!(bed.case(case).await.version, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_the_same_at_the_same_time_are_all_answered_alike() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    for round in 0..8 {
        // Whoever comes to decide when another attempt is done has seen a version that is no longer there.
        let seen = Some(bed.case(case).await.version);
        let once = Ask { seen, ..keyed(&format!("k-{round}"), ask(OFFICER, case, note("一"))) };
        let attempts = (0..48).map(|_| bed.act(once.clone()));
        let answers = join_all(attempts).await;
        let first = answers[0].as_ref().unwrap();
        assert!(answers.iter().all(|answer| answer.as_ref().unwrap().events == first.events));
        assert_eq!(answers.iter().filter(|answer| !answer.as_ref().unwrap().repeated).count(), 1);
    }
}

#[tokio::test]
async fn what_is_not_for_the_asker_looks_like_what_is_not_there() {
    let bed = Bed::new().await;
    let petition = PetitionDetails {
        class: PetitionClass::Accusation,
        subjects: vec![Subject::Person(COUNTY_OFFICER)],
        reply: None,
        sealed: None,
    };
    let accusation = bed.reported(finding(Details::Petition(petition))).await;
    let nowhere = CaseId(Uuid::from_u128(9));
    // The accused, another county's officer, a handler who has nothing to do with it, and a case that is not there.
    for (who, case) in
        [(COUNTY_OFFICER, accusation), (OTHER_OFFICER, accusation), (HANDLER, accusation), (OFFICER, nowhere)]
    {
        let hidden = bed.act(ask(who, case, note("一"))).await;
        assert!(matches!(hidden, Err(NotActed::Hidden)), "{hidden:?}");
    }
    bed.act(ask(OFFICER, accusation, note("一"))).await.unwrap();
}

#[tokio::test]
async fn who_could_act_in_several_capacities_has_to_say_which() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    let asked = ask(BOTH_OFFICES, case, register());
    let Err(NotActed::Ambiguous(actors)) = bed.act(asked.clone()).await else { panic!("two offices could register") };
    assert_eq!(actors.iter().map(|actor| actor.unit).collect::<Vec<_>>(), [OFFICE, COUNTY_OFFICE]);
    bed.act(Ask { who: Who { unit: Some(COUNTY_OFFICE), ..asked.who }, ..asked }).await.unwrap();
    assert_eq!(bed.case(case).await.office, Some(COUNTY_OFFICE));
    // The capacity that does not fit is not asked about.
    let none = Who { unit: Some(OFFICE), role: Some(Role::Auditor), ..ask(OFFICER, case, note("")).who };
    assert_eq!(refused(bed.act(Ask { who: none, ..ask(OFFICER, case, note("一")) }).await), Refusal::RoleNotHeld);
}

#[tokio::test]
async fn nobody_acts_for_another_unasked() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    let mut asked = ask(COUNTY_OFFICER, case, register());
    asked.who.on_behalf_of = Some(OFFICER);
    assert_eq!(refused(bed.act(asked).await), Refusal::NotDelegated);
}

#[tokio::test]
async fn the_office_enters_what_happened_earlier_with_its_document() {
    let bed = Bed::new().await;
    let case = bed.reported(inspected()).await;
    bed.act(on("2020-04-22", ask(OFFICER, case, register()))).await.unwrap();
    bed.act(on("2020-04-23", ask(OFFICER, case, assign()))).await.unwrap();
    // What a unit did is entered by the office; the unit itself enters nothing late.
    let accept = || ask(OFFICER, case, Command::Accept { unit: WATER });
    let by_unit = on("2020-04-24", ask(HANDLER, case, Command::Accept { unit: WATER }));
    assert_eq!(refused(bed.act(by_unit).await), Refusal::LateEntryNotOffice);
    assert_eq!(refused(bed.act(on("2020-04-19", accept())).await), Refusal::BeforeDiscovery);
    assert_eq!(refused(bed.act(on("2020-04-22", accept())).await), Refusal::BeforeThePrevious);
    assert_eq!(refused(bed.act(on("2020-05-02", accept())).await), Refusal::InTheFuture);
    bed.act(on("2020-04-24", accept())).await.unwrap();

    let (case, events) = load(&bed.frame.log, case).await.unwrap();
    assert_eq!(case.late_entries, [2, 3, 4]);
    let accepted = &events[3].envelope;
    assert_eq!(accepted.happened, Happened::On("2020-04-24".parse().unwrap()));
    assert_eq!(accepted.cause, Some(Cause::Document("州整改办〔2020〕7号".to_owned())));
    assert_eq!((accepted.actor.person, accepted.actor.role), (OFFICER, Role::Officer));
}

#[tokio::test]
async fn a_finding_happened_when_it_was_made_and_says_when_it_came_in() {
    let bed = Bed::new().await;
    let finding = inspected();
    let case = case_of(&finding);
    let received = Some(instant("2020-04-30T08:00:00Z"));
    let report = ask(SOURCE, case, Command::Report { finding: Box::new(finding.clone()) });
    bed.act(Ask { received, ..report }).await.unwrap();
    let (_, events) = load(&bed.frame.log, case).await.unwrap();
    assert_eq!((events[0].envelope.happened, events[0].envelope.received), (finding.discovered, received));
    assert!(events[0].envelope.facts_at >= 14, "the directory was looked up at {}", events[0].envelope.facts_at);
}

#[tokio::test]
async fn a_clock_that_is_put_back_or_forward_moves_no_term_from_the_day_its_event_is_recorded() {
    let time = std::sync::Arc::new(std::sync::Mutex::new(instant("2020-05-04T01:00:00Z")));
    let told = std::sync::Arc::clone(&time);
    let bed = Bed::at(rectify_log::Clock::new(move || *told.lock().unwrap())).await;
    let put = |text: &str| *time.lock().unwrap() = instant(text);
    let mut other = inspected();
    other.reference.item = "8".to_owned();
    let (first, second) = (bed.reported(inspected()).await, bed.reported(other).await);
    let assigned_at = async |case, now: &str| {
        put(now);
        bed.act(ask(COUNTY_OFFICER, case, register())).await.unwrap();
        bed.act(ask(COUNTY_OFFICER, case, assign())).await.unwrap();
        let (case, events) = load(&bed.frame.log, case).await.unwrap();
        (events[2].envelope.recorded, case.deadline.unwrap().last_day)
    };
    // Put forward by a week, and back: what follows is recorded no earlier, and its term begins no earlier.
    let forward = assigned_at(first, "2020-05-11T01:00:00Z").await;
    assert_eq!(forward.0, instant("2020-05-11T01:00:00Z"));
    assert_eq!(assigned_at(second, "2020-05-04T02:00:00Z").await, forward);
    // The same in a process that is started while the clock is behind.
    assert_eq!(Log::open(bed.frame.db.clone(), bed.frame.clock.clone()).await.unwrap().now(), forward.0);
}
