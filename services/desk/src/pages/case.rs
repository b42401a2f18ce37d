//! One case, told whole: where it stands, who answers for it, what was found, what is done, what happened.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_case::carried_over::Standing;
use rectify_case::case::PlanStanding;
use rectify_case::finding::{Severity, Subject};
use rectify_case::quantity::Measured;
use rectify_case::{Actor, Case, CaseEvent, CaseId, Digest, Directory, Event, Happened, Role, Stage};
use rectify_ledger::Related;
use rectify_log::Recorded;

use super::act::{Scene, name_of};
use super::beside::{self, Other};
use super::compare;
use super::happenings::Names;
use super::ledger::{Due, division_name, source_name};
use super::page::{Page, role_name, shown};
use super::visitor::{Away, Visitor};
use super::words::yuan;
use crate::api::case;
use crate::api::{dossier, evidence, petition};
use crate::desk::Desk;
use crate::language::Language;
use crate::moment::Moment;
use crate::shown::ShownEvent;
use crate::sight::Sight;

/// The stages that a case goes through, in order.
const LINE: [Stage; 7] = [
    Stage::Discovered,
    Stage::Registered,
    Stage::Assigned,
    Stage::Rectifying,
    Stage::Reported,
    Stage::Verified,
    Stage::Closed,
];

/// The acts that move a case on: the one of these that is possible first is the one to do next.
const NEXT: [&str; 12] = [
    "register",
    "assign",
    "accept",
    "approve_closure",
    "close",
    "pass_level",
    "grant_extension",
    "approve_plan",
    "submit_plan",
    "report_completion",
    "report_progress",
    "press",
];

/// The acts that are shown beside the next one; the others are a click away.
const BESIDE: [&str; 10] = [
    "approve_plan",
    "return",
    "fail_verification",
    "return_plan",
    "refuse_extension",
    "request_extension",
    "report_progress",
    "file_evidence",
    "set_aside",
    "decline_closure",
];

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/cases/{case}", get(show)).route("/cases/{case}/evidence/{digest}", get(open))
}

/// A case.
#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    page: Page,
    href: String,
    number: String,
    title: String,
    about: Vec<String>,
    due: Option<Due>,
    /// Until when it runs, and by what rule.
    deadline: String,
    line: Vec<Step>,
    /// Where it stands, where that is none of the line.
    ended: Option<String>,
    findings: Vec<FindingShown>,
    amounts: Vec<AmountShown>,
    measures: Vec<MeasureShown>,
    happenings: Vec<Happening>,
    duties: Vec<(String, String)>,
    files: Vec<FileShown>,
    related: Vec<Other>,
    next: Option<Act>,
    /// What is said where there is none.
    no_next: String,
    beside: Vec<Act>,
    more: Vec<Act>,
    /// Whether who looks may open the original of a petition here, and may see who looked.
    opens_petition: bool,
    sees_looks: bool,
    /// Where the dossier is, for who may take it away.
    dossier: Option<String>,
    /// Why something cannot be done now, by what it is called.
    why: Vec<(String, String)>,
    /// As of when it is shown, where that is not now.
    replaying: Option<String>,
    /// Which of its events is the last that is shown, how many there are, and both in words.
    at: usize,
    last: usize,
    place: String,
    /// Where two moments of it are set side by side, this one the first of them.
    compare: String,
    /// The positions of its events, for the slider.
    positions: String,
    as_of: String,
    by_happened: bool,
}

/// A stage of the line.
struct Step {
    said: String,
    day: String,
    style: &'static str,
}

pub(super) struct FindingShown {
    pub(super) reference: String,
    pub(super) title: Option<String>,
    pub(super) text: String,
    pub(super) about: Vec<String>,
    /// What only this kind of source reports.
    pub(super) details: Vec<String>,
    pub(super) is_sealed: bool,
}

/// One count of a case, as a bar of a hundred.
pub(super) struct AmountShown {
    pub(super) said: String,
    pub(super) verified: u64,
    pub(super) reported: u64,
}

pub(super) struct MeasureShown {
    pub(super) text: String,
    pub(super) unit: String,
    pub(super) by: String,
    pub(super) is_done: bool,
}

/// An event as the timeline tells it.
pub(super) struct Happening {
    pub(super) when: String,
    pub(super) position: u64,
    pub(super) said: String,
    pub(super) who: String,
    pub(super) lines: Vec<String>,
    /// Whether it was entered late, by which document and when.
    pub(super) late: Option<String>,
    pub(super) is_unplaced: bool,
    pub(super) corrections: Vec<String>,
}

struct FileShown {
    href: String,
    name: String,
    about: String,
    digest: String,
    withdrawn: Option<String>,
    is_opened: bool,
}

/// Something that can be done.
struct Act {
    href: String,
    said: String,
}

async fn show(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Query(moment): Query<Moment>,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let (now, all) = case::load(&desk, &caller, &name).await?;
    let zone = desk.frame.config.zone;
    let kept: Vec<&Recorded> = all.iter().filter(|event| moment.keeps(event, zone)).collect();
    let last = kept.last().map(|event| event.envelope.recorded).filter(|_| !moment.is_now());
    // What is late is late as of then.
    let page = Page { now: moment.instant(zone).or(last).unwrap_or(page.now).min(page.now), ..page };
    let mut case = if moment.is_now() { now } else { case::stood(now.id, kept.iter().copied())? };
    let mut sight = Sight::of(&desk, &caller);
    sight.case(&mut case).await?;
    let told = kept.iter().filter_map(|event| ShownEvent::of(event, &caller.directory)).collect();
    let told = sight.events(told).await?;
    let related = desk.ledger.related(&caller.viewer(), case.id, caller.now).await?;
    let mut beside = beside::tied(&related, &page);
    if moment.is_now() {
        beside.extend(beside::alike(&desk, &caller, &page, &case, &related).await?);
    }
    let scene = Scene::of(&desk, &caller, &case).await?;
    let (possible, hindered) = if moment.is_now() { scene.possible(&desk) } else { (Vec::new(), Vec::new()) };
    // Whoever verifies opens something first: to press the lead is not what waits.
    let is_to_open =
        possible.contains(&"fail_verification") && hindered.iter().any(|hindrance| hindrance.command == "pass_level");
    let language = page.language;
    let why = hindered.into_iter().map(|hindrance| {
        let said = match language {
            Language::Chinese => hindrance.chinese,
            Language::English => hindrance.english,
        };
        (page.act(hindrance.command), said)
    });
    let why = why.collect();
    let (next, besides, more) = acts(&case, &possible, is_to_open, &page);
    let opened = &scene.opened;
    let files = files(&case, &page, &caller.directory, |digest| opened.contains(digest));
    let called = called(&related);
    let positions: Vec<String> = all.iter().map(|event| event.position.to_string()).collect();
    let directory = &caller.directory;
    let is_sealed = case.findings.iter().any(|held| held.finding.sealed().is_some());
    let shows = CasePage {
        href: format!("/cases/{}", case.id),
        number: name_of(&case, &page),
        title: case.title.clone(),
        about: about(&case, &page, directory),
        due: case.deadline.as_ref().map(|deadline| Due::of(deadline.last_day, is_live(&case), &page)),
        deadline: case.deadline.as_ref().map(|deadline| page.deadline(deadline)).unwrap_or_default(),
        line: line(&case, &kept, &page),
        ended: case.stage.filter(|stage| !LINE.contains(stage)).map(|stage| page.stage(&stage)),
        findings: findings(&case, &page, directory, &called),
        amounts: amounts(&case, &page),
        measures: measures(&case, directory),
        happenings: happenings(&case, &told, &page, directory, &called),
        duties: duties(&case, &page, directory),
        files,
        related: beside,
        opens_petition: is_sealed && moment.is_now() && petition::opening(&case, &caller).is_ok(),
        sees_looks: !caller.capacities(|role| role == Role::Auditor).is_empty(),
        dossier: (moment.is_now() && dossier::exporting(&caller).is_ok())
            .then(|| format!("/cases/{}/dossier", case.id)),
        next,
        no_next: page.say(if is_to_open { "open-first" } else { "nothing-to-do" }),
        beside: besides,
        more,
        why,
        replaying: (!moment.is_now()).then(|| replaying(&kept, &page)),
        at: kept.len(),
        last: all.len(),
        place: page.say_two("replay-event", ("at", kept.len()), ("last", all.len())),
        compare: compare::address(case.id, kept.last().filter(|_| !moment.is_now()).map(|event| event.position)),
        positions: positions.join(","),
        as_of: moment.day().map(|day| day.to_string()).unwrap_or_default(),
        by_happened: moment.is_by_happened(),
        page,
    };
    Ok(shown(StatusCode::OK, &shows)?)
}

/// Sends a file of a case.
async fn open(
    State(desk): State<Desk>,
    Path((name, digest)): Path<(String, String)>,
    Visitor { caller, .. }: Visitor,
) -> Result<Response, Away> {
    Ok(evidence::send(&desk, &caller, &name, &digest).await?)
}

/// Returns what cases are called: those that a case has to do with by number or title, others by the beginning of their id.
pub(super) fn called(related: &[Related]) -> impl Fn(CaseId) -> String {
    let name = |one: &Related| one.case.number.clone().unwrap_or_else(|| one.case.title.clone());
    let names: HashMap<CaseId, String> = related.iter().map(|one| (one.case.id, name(one))).collect();
    move |id| names.get(&id).cloned().unwrap_or_else(|| id.to_string()[..8].to_owned())
}

/// Returns whether a case waits for somebody.
fn is_live(case: &Case) -> bool {
    case.stage.is_some_and(|stage| !stage.is_final() && stage != Stage::Grouped)
}

/// Returns what is said of a moment that is past.
fn replaying(kept: &[&Recorded], page: &Page) -> String {
    let last = kept.last();
    let day = last.map(|event| page.moment(&event.envelope.recorded)).unwrap_or_default();
    page.say_two("replay-banner", ("position", last.map_or(0, |event| event.position)), ("moment", day))
}

/// Returns where a case is, whence it comes, and what is special about it, each in a word.
pub(super) fn about(case: &Case, page: &Page, directory: &Directory) -> Vec<String> {
    let place = case.findings.first().and_then(|finding| finding.finding.place.clone());
    let division = case.division.as_ref().map(|code| division_name(code, directory));
    let place: Vec<String> = division.into_iter().chain(place).collect();
    let mut about = vec![place.join(" ")];
    about.extend(case.source.as_ref().map(|code| source_name(code, directory)));
    about.extend(case.class.map(|class| page.class(&class)));
    if case.severity > Severity::Ordinary {
        about.push(page.severity(&case.severity));
    }
    if case.listing.is_some() {
        about.push(page.say("tag-listed"));
    }
    if case.carried_over.is_some() {
        about.push(page.say("tag-carried-over"));
    }
    about.retain(|text| !text.is_empty());
    about
}

/// Returns the line of stages, with the day on which each was last reached.
fn line(case: &Case, events: &[&Recorded], page: &Page) -> Vec<Step> {
    let mut reached: HashMap<Stage, Happened> = HashMap::new();
    let mut stage = None;
    for event in events {
        let Event::Case(what) = &event.envelope.event else { continue };
        let Some(next) = Stage::after(stage, what) else { continue };
        let happened = event.envelope.happened;
        match what.as_ref() {
            CaseEvent::CarriedOver { declared, .. } => {
                reached.insert(Stage::Discovered, declared.finding.discovered);
                reached.extend(declared.registered.map(|day| (Stage::Registered, day)));
                reached.extend(left_there(&declared.standing, happened).map(|day| (next, day)));
            }
            what => drop(reached.insert(next, what.discovered().unwrap_or(happened))),
        }
        stage = Some(next);
    }
    let now = LINE.iter().position(|stage| Some(*stage) == case.stage);
    let step = |(at, stage): (usize, &Stage)| {
        let is_past = now.is_some_and(|now| at < now);
        let day = reached.get(stage).filter(|_| now.is_none_or(|now| at <= now));
        Step {
            said: page.say(&format!("step-{}", stage.name())),
            day: day.map(|happened| page.day(happened).to_string()).unwrap_or_default(),
            style: if is_past || now.is_none() && reached.contains_key(stage) {
                "past"
            } else if Some(at) == now {
                "now"
            } else {
                ""
            },
        }
    };
    LINE.iter().enumerate().map(step).collect()
}

/// Returns when a case reached the stage in which an older ledger leaves it: where it ended there, when it is said to have.
fn left_there(standing: &Standing, carried: Happened) -> Option<Happened> {
    match standing {
        Standing::NotStarted | Standing::UnderWay => Some(carried),
        Standing::Closed { on, .. }
        | Standing::Dismissed { on, .. }
        | Standing::Merged { on, .. }
        | Standing::Transferred { on, .. } => *on,
    }
}

pub(super) fn findings(
    case: &Case,
    page: &Page,
    directory: &Directory,
    called: &dyn Fn(CaseId) -> String,
) -> Vec<FindingShown> {
    let names = Names { page, directory, cases: called, files: &ToString::to_string };
    let shown = case.findings.iter().map(|held| {
        let finding = &held.finding;
        let mut about = vec![page.say_of("finding-discovered", "day", page.day(&finding.discovered).to_string())];
        about.extend(finding.category.clone());
        about.extend(Some(page.amounts(&finding.found)).filter(|text| !text.is_empty()));
        FindingShown {
            reference: page.reference(&finding.reference),
            title: Some(finding.title.clone()).filter(|title| !finding.text.starts_with(title.as_str())),
            text: finding.text.clone(),
            about,
            details: names.details(finding),
            is_sealed: finding.sealed().is_some(),
        }
    });
    shown.collect()
}

pub(super) fn amounts(case: &Case, page: &Page) -> Vec<AmountShown> {
    let shown = case.quantities.iter().filter(|(_, quantity)| quantity.found > 0).map(|(measured, quantity)| {
        let number = |amount: u64| if *measured == Measured::Money { yuan(amount) } else { amount.to_string() };
        let percent = |amount: u64| amount.saturating_mul(100) / quantity.found;
        let said = [
            page.say_two("amount-found", ("n", number(quantity.found)), ("unit", page.measured(measured))),
            page.say_of("amount-reported", "n", number(quantity.reported)),
            page.say_of("amount-verified", "n", number(quantity.verified)),
            page.say_of("amount-outstanding", "n", number(quantity.outstanding().unwrap_or(0))),
        ];
        AmountShown {
            said: said.join(&page.say("amount-comma")),
            verified: percent(quantity.verified).min(100),
            reported: percent(quantity.reported).min(100),
        }
    });
    shown.collect()
}

pub(super) fn measures(case: &Case, directory: &Directory) -> Vec<MeasureShown> {
    let plans = case.plans.values().flat_map(|plan| plan.plan.measures.iter().enumerate().map(move |at| (plan, at)));
    let shown = plans.map(|(plan, (at, measure))| MeasureShown {
        text: measure.text.clone(),
        unit: directory.unit_name(measure.unit),
        by: measure.by.to_string(),
        is_done: plan.is_done(at),
    });
    shown.collect()
}

/// Returns what happened, newest first.
pub(super) fn happenings(
    case: &Case,
    told: &[ShownEvent],
    page: &Page,
    directory: &Directory,
    called: &dyn Fn(CaseId) -> String,
) -> Vec<Happening> {
    let files = |digest: &Digest| {
        case.evidence.get(digest).map_or_else(|| digest.to_string(), |file| file.evidence.name.clone())
    };
    let names = Names { page, directory, cases: called, files: &files };
    let shown = told.iter().rev().map(|event| {
        let who = &event.who;
        let other = who.on_behalf_of_name.as_ref().map(|other| page.say_of("said-for", "name", other.as_str()));
        let who = if who.person == Actor::INSTALLATION.person {
            page.say("who-installation")
        } else {
            let role = role_name(page.language, who.role);
            let who = format!("{} {}{}", who.unit_name, who.person_name, other.unwrap_or_default());
            page.bracketed(&who, &role)
        };
        let corrected = case.corrections.iter().filter(|correction| correction.version == event.version);
        Happening {
            when: page.happened(&event.happened),
            position: event.position,
            said: page.event(&event.event),
            who,
            lines: names.lines(&event.event),
            late: event.document.as_ref().map(|document| {
                page.say_two("said-late", ("moment", page.moment(&event.recorded)), ("document", document.as_str()))
            }),
            is_unplaced: case.unplaced.contains(&event.version),
            corrections: corrected
                .map(|correction| {
                    let field = page.correctable(&correction.field);
                    page.say_two("said-corrected-to", ("field", field), ("text", correction.new.as_str()))
                })
                .collect(),
        }
    });
    shown.collect()
}

pub(super) fn duties(case: &Case, page: &Page, directory: &Directory) -> Vec<(String, String)> {
    let mut duties = Vec::new();
    let units = |units: &[rectify_case::UnitId]| {
        units.iter().map(|unit| directory.unit_name(*unit)).collect::<Vec<_>>().join(&page.say("list-comma"))
    };
    if !case.subjects.is_empty() {
        let named = case.subjects.iter().map(|subject| match subject {
            Subject::Unit(unit) => directory.unit_name(*unit),
            Subject::Person(person) => directory.person_name(*person),
        });
        duties.push((page.say("duty-subjects"), named.collect::<Vec<_>>().join(&page.say("list-comma"))));
    }
    if let Some(office) = case.office {
        duties.push((page.say("duty-office"), directory.unit_name(office)));
    }
    if let Some(assignment) = &case.assignment {
        duties.push((page.say("duty-leads"), units(&assignment.leads)));
        if !assignment.co_responsible.is_empty() {
            duties.push((page.say("duty-helpers"), units(&assignment.co_responsible)));
        }
        if let Some(leader) = assignment.responsible_leader {
            duties.push((page.say("duty-leader"), directory.person_name(leader)));
        }
        let passed = case.passed.len();
        let levels = assignment.levels.iter().enumerate().map(|(at, level)| {
            let holder = level.holder.map_or_else(|| page.say("level-open"), |holder| directory.unit_name(holder));
            let mark = if at < passed { " ✓" } else { "" };
            format!("{}{mark}", page.bracketed(&holder, &page.method(&level.method)))
        });
        duties.push((page.say("duty-verification"), levels.collect::<Vec<_>>().join(" → ")));
        duties.push((page.say("duty-goal"), assignment.goal.clone()));
    }
    if let Some(listing) = &case.listing {
        duties
            .push((page.say("duty-listing"), format!("{} {}", directory.person_name(listing.leader), listing.target)));
    }
    if let Some(outcome) = &case.outcome {
        duties.push((page.say("duty-outcome"), page.outcome(outcome)));
    }
    duties
}

fn files(case: &Case, page: &Page, directory: &Directory, opened: impl Fn(&Digest) -> bool) -> Vec<FileShown> {
    let shown = case.evidence.values().map(|file| {
        let digest = file.evidence.digest.to_string();
        FileShown {
            href: format!("/cases/{}/evidence/{digest}", case.id),
            name: file.evidence.name.clone(),
            about: page.say_two(
                "file-about",
                ("unit", directory.unit_name(file.unit)),
                ("size", size_said(file.evidence.size)),
            ),
            is_opened: opened(&file.evidence.digest),
            digest: format!("{}…{}", &digest[..8], &digest[56..]),
            withdrawn: file.withdrawn.clone(),
        }
    });
    shown.collect()
}

pub(super) fn size_said(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// Returns what to do next, what else there is to do with it, and what else could be done at all.
fn acts(case: &Case, possible: &[&'static str], is_to_open: bool, page: &Page) -> (Option<Act>, Vec<Act>, Vec<Act>) {
    let act = |command: &&'static str| Act { href: format!("/cases/{}/{command}", case.id), said: page.act(command) };
    // A plan that waits for the office, or has its word, is not what is to be done next.
    let is_planned = case.plans.values().all(|plan| plan.standing != PlanStanding::Returned) && !case.plans.is_empty();
    let is_put_off = |command: &str| is_planned && command == "submit_plan" || is_to_open && command == "press";
    let is_next = |command: &&&str| possible.contains(*command) && !is_put_off(command);
    let first = NEXT.iter().find(is_next).copied();
    let beside = BESIDE.iter().filter(|command| possible.contains(command) && Some(**command) != first);
    let more = possible.iter().filter(|command| Some(**command) != first && !BESIDE.contains(command));
    (first.as_ref().map(act), beside.map(act).collect(), more.map(act).collect())
}
