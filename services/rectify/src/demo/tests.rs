//! The sample is played once for all that is asked of it, on SQLite.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{Datelike as _, NaiveDate};
use rectify_audit::AuditFinding;
use rectify_case::completion::Outcome;
use rectify_case::directory::Intake;
use rectify_case::finding::{Details, PetitionClass};
use rectify_case::{Case, CaseId, Envelope, Event, Happened, Position, Role, Stage, StreamId, fold, rules};
use rectify_inspection::InspectionItem;
use rectify_intake::{Document, File, Handover, Language, import};
use rectify_kit::config::Flags;
use rectify_kit::{Config, Frame, Part, shutdown};
use rectify_ledger::{SignalKind, Viewer};
use rectify_petition::Petition;
use rectify_tests::folder;

use super::play::play;
use super::prefecture::{OFFICE, Post, Prefecture};
use super::script::{LAST, scripts};
use super::welcome::shown;
use crate::composition::{Running, Service, start};

#[tokio::test]
async fn the_sample_cut_off_and_played_on_keeps_the_rules_and_shows_everything() {
    let folder = folder();
    let running = running(folder.path()).await;
    let Running { frame, ledger: Some(ledger), url, .. } = &running else { panic!("every service is here") };
    tokio::select! {
        ended = play(&running) => panic!("it ends before it can be cut off: {:?}", ended.err()),
        () = log_reaches(frame, 800) => {}
    }
    let welcome = play(&running).await.unwrap().expect("what was cut off is played on");
    let told = welcome.told(url);
    assert!(told.contains(&format!("'{url}/api/cases?overdue=true'")) && told.contains("case show 审计-"), "{told}");

    let head = frame.log.head().await.unwrap();
    let history: Vec<Envelope> =
        frame.log.read_all(0, u32::MAX >> 1).await.unwrap().into_iter().map(|recorded| recorded.envelope).collect();
    assert_eq!(rules::check(&history, frame.config.zone), [], "no rule is broken");
    shows_everything(&history, frame);

    assert!(ledger.wait_for(head, Duration::from_mins(1)).await.unwrap(), "the ledger follows");
    for kind in SignalKind::ALL {
        let found = ledger.signals(&Viewer::operator(), kind, None, 10).await.unwrap();
        assert!(!found.signals.is_empty(), "there is nothing to ask of the kind {}", kind.name());
    }
    let view = ledger.dump().await.unwrap();
    rectify_ledger::rebuild(ledger, &frame.log, frame.config.zone, |_| ()).await.unwrap();
    assert_eq!(ledger.dump().await.unwrap(), view, "the ledger is the fold of the log");

    assert!(play(&running).await.unwrap().is_some(), "the guests are let in again");
    assert_eq!(frame.log.head().await.unwrap(), head, "nothing is played twice");
    let tokens = running.accounts.list(None).await.unwrap();
    assert_eq!(tokens.iter().filter(|token| token.is_good(frame.clock.now())).count(), 5);

    the_sample_documents_go_in(&running).await;
    frame.shutdown.begin();
    frame.shutdown.clone().finished(shutdown::PATIENCE).await.unwrap();
}

#[tokio::test]
async fn an_installation_of_somebody_else_is_left_alone() {
    let folder = folder();
    let running = running(folder.path()).await;
    let Running { frame, .. } = &running;
    let person = rectify_case::PersonId(super::prefecture::id("person", "别人"));
    let event = rectify_case::DirectoryEvent::PersonAdded { person, name: "别人".to_owned() };
    let write = rectify_log::Write {
        stream: StreamId::Directory,
        expected: rectify_log::Expected::Any,
        events: vec![event.into()],
    };
    let actor = rectify_case::Actor::INSTALLATION;
    let append = rectify_log::Append { key: None, actor, facts_at: 0, writes: vec![write] };
    let written = frame.log.append(append).await.unwrap();
    frame.directory.at_least(written.events[0].position).await.unwrap();
    let head = frame.log.head().await.unwrap();
    assert!(play(&running).await.unwrap().is_none());
    assert_eq!(frame.log.head().await.unwrap(), head);
    frame.shutdown.begin();
    frame.shutdown.clone().finished(shutdown::PATIENCE).await.unwrap();
}

#[test]
fn the_script_goes_forward_in_time_and_calls_no_two_cases_the_same() {
    let scripts = scripts(2026).unwrap();
    let mut keys = BTreeSet::new();
    for case in scripts.iter().flat_map(|script| &script.cases) {
        assert!(keys.insert(&case.key), "{} comes twice", case.key);
        let days = case.acts.iter().map(|act| act.on.unwrap_or(NaiveDate::MAX));
        assert!(days.is_sorted(), "{} goes back in time", case.key);
        let discovered = case.document.get("discovered").and_then(|day| day.as_str()?.parse().ok());
        let last = case.acts.iter().filter_map(|act| act.on).chain(discovered).max();
        assert!(last <= LAST.with_year(2026), "{} happens after the last day", case.key);
    }
    assert!(keys.len() >= 60);
}

#[test]
fn every_role_is_held_and_no_two_people_are_called_the_same() {
    let events = Prefecture::new().events("2020-01-01T00:00:00Z".parse().unwrap());
    let mut names = BTreeSet::new();
    let mut roles = BTreeSet::new();
    for event in &events {
        match event {
            rectify_case::DirectoryEvent::PersonAdded { name, .. } => assert!(names.insert(name), "{name} comes twice"),
            rectify_case::DirectoryEvent::RoleGranted(holding) => {
                roles.insert(holding.role);
            }
            _ => {}
        }
    }
    assert_eq!(roles, Role::ALL.into_iter().collect());
}

async fn running(folder: &std::path::Path) -> Running {
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let settings = vec![setting("data", folder.to_str().unwrap()), setting("http.listen", "127.0.0.1:0")];
    let config = Config::load_with(&Flags { config: None, settings }, []).unwrap();
    let frame = Frame::open(config, Part::Whole).await.unwrap();
    start(&frame, &Service::ALL).await.unwrap()
}

async fn log_reaches(frame: &Frame, position: Position) {
    let mut tail = frame.log.tail(0);
    while tail.position() < position {
        tail.next_raw(100).await.unwrap();
    }
}

fn shows_everything(history: &[Envelope], frame: &Frame) {
    let streams: BTreeSet<CaseId> = history
        .iter()
        .filter_map(|envelope| match envelope.stream {
            StreamId::Case(id) => Some(id),
            StreamId::Access(_) | StreamId::Directory => None,
        })
        .collect();
    let of = |id: CaseId| history.iter().filter(move |envelope| envelope.stream == StreamId::Case(id));
    let cases: Vec<Case> = streams.into_iter().map(|id| fold(id, of(id).filter_map(Envelope::happening))).collect();
    let any = |what: &str, is: &dyn Fn(&Case) -> bool| assert!(cases.iter().any(is), "no case is {what}");

    assert!(cases.iter().all(|case| case.unplaced.is_empty()), "every event has a place");
    let stages: BTreeSet<Stage> = cases.iter().filter_map(|case| case.stage).collect();
    assert_eq!(stages, Stage::ALL.into_iter().collect());
    let (directory, _) = frame.directory.get();
    let sources: BTreeSet<_> = cases.iter().filter_map(|case| case.source.clone()).collect();
    assert_eq!(sources, directory.sources().map(|source| source.code.clone()).collect());
    let intakes: BTreeSet<Intake> =
        sources.iter().filter_map(|code| directory.source(code)).map(|s| s.intake).collect();
    assert_eq!(intakes.len(), 3);
    assert!(cases.iter().filter(|case| case.parent.is_none()).count() >= 60);

    let now = frame.clock.now();
    let lives = |case: &Case| matches!(case.stage, Some(Stage::Assigned | Stage::Rectifying | Stage::Reported));
    let late = |case: &Case| case.deadline.as_ref().is_some_and(|deadline| deadline.is_late(now));
    any("late", &|case| lives(case) && late(case));
    any("in time", &|case| lives(case) && case.deadline.is_some() && !late(case));
    any("asking for time", &|case| case.extension.is_some());
    any("given time", &|case| case.extensions > 0);
    any("listed", &|case| case.listing.as_ref().is_some_and(|listing| !listing.reviews.is_empty()));
    any("one level on", &|case| case.stage == Some(Stage::Reported) && case.passed.len() == 1);
    any("failed", &|case| {
        case.stage == Some(Stage::Rectifying) && of(case.id).any(|e| e.event.name() == "verification_failed")
    });
    any("reopened", &|case| case.reopenings == 1 && case.stage == Some(Stage::Rectifying));
    any("corrected", &|case| !case.corrections.is_empty());
    any("recused", &|case| !case.recused.is_empty());
    any("returned", &|case| case.returns > 0);
    any("approved by a closing leader", &|case| case.approval.is_some() && case.stage == Some(Stage::Closed));
    any("split off in part", &|case| !case.rest.is_empty());
    any("jointly led", &|case| case.assignment.as_ref().is_some_and(|a| a.leads.len() == 2));
    any("merged from two", &|case| !case.absorbed.is_empty());
    any("linked", &|case| !case.links.is_empty());
    any("an audit's disagreement", &|case| {
        let disagrees = |details: &Details| matches!(details, Details::Audit(audit) if audit.disagreement.is_some());
        case.outcome == Some(Outcome::DisagreementUpheld) && case.findings.iter().any(|f| disagrees(&f.finding.details))
    });
    any("an audit's repeat", &|case| {
        case.findings.iter().any(|f| matches!(&f.finding.details, Details::Audit(audit) if !audit.repeats.is_empty()))
    });
    let accusations = cases.iter().filter(|case| case.class == Some(PetitionClass::Accusation)).count();
    assert_eq!(accusations, 2);
    any("the one to begin with", &|case| {
        case.number.as_ref().is_some_and(|number| number.to_string() == shown(number.series.year))
    });
    let reported = |case: &&Case| case.report.as_ref().is_some_and(|report| report.outcome.is_fixed());
    let waits = |case: &&Case| matches!(case.stage, Some(Stage::Reported | Stage::Verified | Stage::Closed));
    for case in cases.iter().filter(waits).filter(reported) {
        let mut plans = case.plans.iter().filter(|(lead, _)| case.is_led_by(**lead));
        assert!(plans.all(|(_, plan)| plan.open().next().is_none()), "{} has measures open", case.title);
    }
    let outcomes: BTreeSet<&str> = cases.iter().filter_map(|case| case.outcome).map(Outcome::name).collect();
    assert_eq!(outcomes.len(), 6, "{outcomes:?}");
    let entered_late = |envelope: &&Envelope| matches!(envelope.happened, Happened::On(_));
    assert!(history.iter().filter(entered_late).count() > 200);
    assert!(history.iter().any(|envelope| matches!(envelope.event, Event::Access(_))));
}

/// What the README imports is taken by the sample prefecture, every row.
async fn the_sample_documents_go_in(running: &Running) {
    let before = running.frame.log.head().await.unwrap();
    let mut accepted = 0;
    accepted += taken::<InspectionItem>(running, "inspection-list.xlsx").await;
    accepted += taken::<AuditFinding>(running, "audit-report.json").await;
    accepted += taken::<Petition>(running, "petitions.csv").await;
    let after = running.frame.log.read_all(before, 1000).await.unwrap();
    let reported = after.iter().filter(|recorded| recorded.envelope.event.name() == "finding_reported").count();
    assert_eq!(reported, accepted, "each is a new case");
}

async fn taken<D: Document>(running: &Running, name: &str) -> usize {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples").join(name);
    let file = File { name: name.to_owned(), media_type: None, bytes: std::fs::read(path).unwrap().into() };
    let prefecture = Prefecture::new();
    let frame = &running.frame;
    let sender = prefecture.actor(prefecture.unit(OFFICE).unwrap(), Post::Clerk).unwrap();
    let (bus, received, zone) = (frame.bus.clone(), frame.clock.now(), frame.config.zone);
    let keys = running.keys.as_ref().map(|opener| opener.keys().clone());
    let handover = Handover { keys, ..Handover::new(bus, sender, received, frame.directory.get().0, zone) };
    let report = import::<D>(&handover, vec![file], |_| ()).await.unwrap();
    assert!(report.refused.is_empty() && report.warnings.is_empty(), "{}", report.print(Language::Chinese));
    assert!(report.unknown_columns.is_empty());
    assert!(report.accepted.len() >= 3);
    report.accepted.len()
}
