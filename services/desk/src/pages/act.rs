//! One act on a case: its form, and what comes of it.

mod answered;
mod change;
mod correctable;
mod draft;
mod forms;
mod other_case;
mod parts;
mod reading;
mod scene;
mod together;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use chrono::NaiveDate;
use rectify_case::event::Relation;
use rectify_case::plan::Measure;
use rectify_case::{Case, Command, Digest, Happened, Late, Role};
use rectify_kit::ids;
use serde_json::{Value, json};

pub(super) use scene::Scene;
pub(super) use together::{offered_together, selected};

use self::answered::{Answered, answered};
use self::forms::{Field, Kind};
use self::reading::{MEASURED, MEASURES, read};
use self::together::Together;
use super::form::{Fields, query_of};
use super::lacking::Lacking;
use super::page::{Page, role_name, shown};
use super::sign_in::SHOW;
use super::visitor::{Away, Posted, Visitor};
use super::words::yuan;
use super::work::DONE;
use crate::api::asked::own_key;
use crate::api::case;
use crate::api::commands::{self, Wanted, do_wanted};
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::{Capacity, ShownEvent};
use crate::sight::Sight;

/// How much longer a form with a file may be than the file.
const AROUND_A_FILE: usize = 1 << 20;

/// The field by which whoever reports says that they know what the case lacks.
const KNOWN: &str = "lacking";

/// The most joint leads that a case has here.
const LEADS: usize = 4;

pub(super) fn routes(desk: &Desk) -> Router<Desk> {
    let file = usize::try_from(desk.frame.config.evidence.max_bytes).unwrap_or(usize::MAX);
    Router::new()
        .route("/cases/{case}/{command}", get(ask).post(act))
        .layer(DefaultBodyLimit::max(file.saturating_add(AROUND_A_FILE)))
        .merge(together::routes())
}

/// The form of an act.
#[derive(Template)]
#[template(path = "act.html")]
struct Form {
    page: Page,
    title: String,
    /// Where it is sent.
    action: String,
    case_href: String,
    case_name: String,
    inputs: Vec<Input>,
    /// Whether files are sent with it.
    has_files: bool,
    key: String,
    version: u64,
    /// The cases, where it is done to several at once.
    together: Option<Together>,
    /// What it answers, and what the case lacks.
    answers: Vec<Answered>,
    /// What a report would leave open, which was not sent for that.
    lacking: Option<Warned>,
    /// Why it was not done.
    refused: Option<String>,
    /// What happened since the form was opened.
    since: Vec<String>,
    /// Whether drafts of it are kept.
    has_drafts: bool,
    /// From when the draft is that it is filled in with.
    begun: Option<String>,
    /// The capacities to choose from, where several would do.
    capacities: Vec<Choice>,
    /// Whether the office may enter it late (补录).
    may_be_late: bool,
    happened: String,
    document: String,
}

/// What is said before a report that leaves something open.
struct Warned {
    lines: Vec<String>,
    /// What can be done about it.
    ways: Vec<String>,
    /// What is sent along by whoever knows it.
    known: String,
}

/// A field as it is filled in.
struct Input {
    name: &'static str,
    label: String,
    /// How it is drawn.
    draws: &'static str,
    required: bool,
    value: String,
    choices: Vec<Choice>,
    /// The measures of a plan: what, who, until when.
    measures: Vec<(String, String, String)>,
    /// The parts of a split.
    parts: Vec<parts::Row>,
    /// What stands in the second of two fields.
    part: String,
    wrong: Option<String>,
    hint: Option<String>,
}

/// One of several.
struct Choice {
    value: String,
    said: String,
    chosen: bool,
}

impl Form {
    /// Returns what stands in a field of an amount.
    #[expect(
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref,
        reason = "a template asks the page, and by reference"
    )]
    fn amount<'a>(&self, input: &'a Input, at: &usize) -> &'a str {
        input.measures.get(*at).map_or("", |(value, ..)| value)
    }

    /// Returns a part of a term.
    #[expect(clippy::unused_self, reason = "a template asks the page")]
    fn part<'a>(&self, input: &'a Input, at: usize) -> &'a str {
        input.choices.get(at).map_or("", |part| &part.value)
    }
}

async fn ask(
    State(desk): State<Desk>,
    Path((name, command)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Away> {
    let command = known(&command)?;
    let (case, events) = case::load(&desk, &visitor.caller, &name).await?;
    let Some(begun) = draft::find(&desk, &visitor.caller, &case, command).await? else {
        let form = form(&desk, visitor, &case, command, Fields::default(), Vec::new()).await?;
        return Ok(shown(StatusCode::OK, &form)?);
    };
    let caller = visitor.caller.clone();
    let mut form = form(&desk, visitor, &case, command, begun.fields, Vec::new()).await?;
    let since = events.iter().filter(|event| event.envelope.version > begun.version);
    let since = since.filter_map(|event| ShownEvent::of(event, &caller.directory)).collect();
    let since = Sight::of(&desk, &caller).events(since).await?;
    form.since = since.iter().map(|event| happened_since(event, &form.page)).collect();
    form.begun = Some(form.page.moment(&begun.saved));
    Ok(shown(StatusCode::OK, &form)?)
}

/// Returns the name of a command that has a form here.
fn known(command: &str) -> Result<&'static str, Code> {
    let known = Command::NAMES.iter().find(|known| **known == command && forms::of(known).is_some());
    known.copied().ok_or(Code::NotFound)
}

async fn act(
    State(desk): State<Desk>,
    Path((name, command)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Away> {
    let command = known(&command)?;
    let Posted { visitor, fields } = posted;
    let (case, _) = case::load(&desk, &visitor.caller, &name).await?;
    let specified = forms::of(command).ok_or(Code::NotFound)?;
    match fields.text(draft::DRAFT) {
        "" => {}
        draft::DISCARD => {
            draft::discard(&desk, &visitor.caller, &case, command).await?;
            return Ok(Redirect::to(&format!("/cases/{}/{command}", case.id)).into_response());
        }
        how => {
            let saved = draft::save(&desk, &visitor.caller, &case, command, specified, &fields).await?;
            if how == draft::BY_ITSELF {
                return Ok(visitor.page.say_of("draft-saved", "moment", visitor.page.moment(&saved)).into_response());
            }
            return Ok(Redirect::to(&format!("/cases/{}/{command}", case.id)).into_response());
        }
    }
    let scene = Scene::of(&desk, &visitor.caller, &case).await?;
    let read = read(&desk, &scene, specified, &fields).await?;
    let late = late(&fields);
    if fields.get(SHOW).is_some() {
        return Ok(shown(StatusCode::OK, &form(&desk, visitor, &case, command, fields, Vec::new()).await?)?);
    }
    let mut wrong = read.wrong;
    if late.is_err() {
        wrong.push(("happened".to_owned(), "field-no-day"));
    }
    if !wrong.is_empty() {
        let form = form(&desk, visitor, &case, command, fields, wrong).await?;
        return Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &form)?);
    }
    let data = Value::Object(read.data);
    let lacking = if command == "report_completion" { Lacking::after(&case, &data, None) } else { Lacking::default() };
    if !lacking.is_nothing() && fields.get(KNOWN) != Some(&lacking.known()) {
        let directory = Arc::clone(&visitor.caller.directory);
        let mut form = form(&desk, visitor, &case, command, fields, Vec::new()).await?;
        form.refused = Some(form.page.say("lacking-not-sent"));
        let (lines, ways) = (lacking.lines(&form.page, &directory), lacking.ways(&form.page));
        form.lacking = Some(Warned { lines, ways, known: lacking.known() });
        // What is missing by now is told as it would be then.
        form.answers.clear();
        return Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &form)?);
    }
    let caller = in_capacity(&visitor.caller, &fields);
    let wanted = Wanted {
        case: case.id.to_string(),
        name: command,
        data,
        key: Some(own_key(fields.text("key"), &caller)?),
        seen: Some(fields.text("version").parse().map_err(|_| Code::VersionMissing)?),
        late: late.unwrap_or_default(),
    };
    match do_wanted(&desk, &caller, wanted).await {
        Ok(answer) => {
            draft::discard(&desk, &caller, &case, command).await?;
            desk.shows(commands::position(&answer)).await?;
            Ok(Redirect::to(&after(&desk, &visitor.caller, &case, command).await?).into_response())
        }
        Err(error) => not_done(&desk, visitor, &case, command, fields, error).await,
    }
}

/// Returns where whoever acted goes on: at the case, or at what waits for them where it is theirs no longer.
async fn after(desk: &Desk, caller: &Caller, case: &Case, command: &str) -> Result<String, Error> {
    match case::load(desk, caller, &case.id.to_string()).await {
        Ok(_) => Ok(format!("/cases/{}", case.id)),
        Err(Error::Code(Code::NoSuchCase)) => Ok(format!("/?{}", query_of(&[(DONE, command)]))),
        Err(error) => Err(error),
    }
}

/// Shows the form again with why it was not done, where there is something to do about it.
async fn not_done(
    desk: &Desk,
    visitor: Visitor,
    case: &Case,
    command: &'static str,
    fields: Fields,
    error: Error,
) -> Result<Response, Away> {
    let said = error.in_language(visitor.page.language);
    let (status, since, capacities) = match error {
        Error::Refused(_) | Error::Detailed(..) => (StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), Vec::new()),
        Error::With(code, more) => (code.status(), more.since, more.capacities),
        error => return Err(error.into()),
    };
    // What is shown is the case as it stands by now.
    let (case, _) = case::load(desk, &visitor.caller, &case.id.to_string()).await?;
    let since = Sight::of(desk, &visitor.caller).events(since).await?;
    let mut form = form(desk, visitor, &case, command, fields, Vec::new()).await?;
    form.refused = Some(said);
    form.since = since.iter().map(|event| happened_since(event, &form.page)).collect();
    form.capacities = capacities.iter().map(|chosen| capacity(chosen, &form.page)).collect();
    Ok(shown(status, &form)?)
}

/// Returns who acts in the capacity that they chose, where they chose one.
fn in_capacity(caller: &Caller, fields: &Fields) -> Caller {
    let mut caller = caller.clone();
    if let Some((unit, role)) = fields.get("capacity").and_then(|said| said.split_once(' ')) {
        caller.who.unit = unit.parse().ok();
        caller.who.role = serde_json::from_value(json!(role)).ok();
    }
    caller
}

/// Returns a capacity as one of several.
fn capacity(capacity: &Capacity, page: &Page) -> Choice {
    Choice {
        value: format!("{} {}", capacity.unit, json!(capacity.role).as_str().unwrap_or_default()),
        said: format!("{} {}", capacity.unit_name, role_name(page.language, capacity.role)),
        chosen: false,
    }
}

fn happened_since(event: &ShownEvent, page: &Page) -> String {
    format!("{} · {} {}", page.event(&event.event), event.who.unit_name, event.who.person_name)
}

/// Reads when an act really happened, where it is entered late.
fn late(fields: &Fields) -> Result<Option<Late>, Code> {
    match fields.text("happened") {
        "" => Ok(None),
        day => {
            let day: NaiveDate = day.parse().map_err(|_| Code::BadBody)?;
            Ok(Some(Late { happened: Happened::On(day), document: fields.text("document").to_owned() }))
        }
    }
}

async fn form(
    desk: &Desk,
    visitor: Visitor,
    case: &Case,
    command: &'static str,
    fields: Fields,
    wrong: Vec<(String, &'static str)>,
) -> Result<Form, Error> {
    let Visitor { caller, page, .. } = visitor;
    let specified = forms::of(command).ok_or(Code::NotFound)?;
    let scene = Scene::of(desk, &caller, case).await?;
    let inputs: Vec<Input> = specified.iter().map(|field| Input::of(*field, &scene, &page, &fields, &wrong)).collect();
    let sent = !fields.0.is_empty();
    Ok(Form {
        title: page.act(command),
        action: format!("/cases/{}/{command}", case.id),
        case_href: format!("/cases/{}", case.id),
        case_name: name_of(case, &page),
        has_files: specified.iter().any(|field| matches!(field.kind, Kind::File | Kind::Files)),
        inputs,
        has_drafts: draft::are_kept(desk, case, specified),
        begun: None,
        // Another attempt at what was refused is another act: what was done is told by the version.
        key: ids::new().to_string(),
        version: case.version,
        together: None,
        answers: answered(&scene, command, &page),
        lacking: None,
        refused: (!wrong.is_empty()).then(|| page.say("form-incomplete")),
        since: Vec::new(),
        capacities: Vec::new(),
        may_be_late: may_be_late(&caller, command),
        happened: if sent { fields.text("happened").to_owned() } else { String::new() },
        document: fields.text("document").to_owned(),
        page,
    })
}

fn may_be_late(caller: &Caller, command: &str) -> bool {
    let roles = Command::roles_of(command);
    let fits = roles.contains(&Role::Officer) || roles.contains(&Role::Handler);
    fits && !caller.capacities(|role| role == Role::Officer).is_empty()
}

/// Returns what a case is called: its number, or its title while it has none.
pub(super) fn name_of(case: &Case, page: &Page) -> String {
    case.number.as_ref().map_or_else(|| page.say("unnumbered"), ToString::to_string)
}

impl Input {
    fn of(field: Field, scene: &Scene<'_>, page: &Page, fields: &Fields, wrong: &[(String, &'static str)]) -> Input {
        let said = fields.text(field.name).to_owned();
        let is_new = fields.0.is_empty();
        let mut input = Input {
            name: field.name,
            label: page.say(&format!("field-{}", field.name.replace('_', "-"))),
            draws: "line",
            required: field.required,
            value: said.clone(),
            choices: Vec::new(),
            measures: Vec::new(),
            parts: Vec::new(),
            part: String::new(),
            wrong: wrong.iter().find(|(name, _)| name == field.name).map(|(_, name)| page.say(name)),
            hint: None,
        };
        let chosen = |value: &str| fields.0.iter().any(|(name, known)| name == field.name && known == value);
        let directory = &scene.caller.directory;
        let choice = |value: String, said: String, is_chosen: bool| Choice { value, said, chosen: is_chosen };
        let units = |units: Vec<rectify_case::UnitId>| {
            let is_only = units.len() == 1;
            let units = units.into_iter().map(|unit| (unit.to_string(), directory.unit_name(unit)));
            units.map(|(unit, name)| choice(unit.clone(), name, chosen(&unit) || is_only)).collect::<Vec<_>>()
        };
        match field.kind {
            Kind::Line => {
                if is_new && field.name == "title" {
                    input.value.clone_from(&scene.case.title);
                }
            }
            Kind::Text => input.draws = "text",
            Kind::Day => input.draws = "day",
            Kind::Amounts | Kind::AnyAmounts => {
                input.draws = "amounts";
                let (known, before) = amounts_before(field, scene);
                for measured in MEASURED {
                    if field.kind == Kind::Amounts && !known.contains(&measured) {
                        continue;
                    }
                    let name = format!("{}.{measured}", field.name);
                    let value = if is_new {
                        before
                            .iter()
                            .find(|(known, _)| *known == measured)
                            .map(|(_, text)| text.clone())
                            .unwrap_or_default()
                    } else {
                        fields.text(&name).to_owned()
                    };
                    let said = page.say(&format!("measured-{measured}"));
                    // `value` is what the field is named by, `said` what stands behind it.
                    input.choices.push(Choice { value: name, said, chosen: false });
                    input.measures.push((value, String::new(), String::new()));
                }
                if field.name == "fixed" && !known.is_empty() {
                    let owed = scene.case.quantities.iter().map(|(measured, quantity)| (*measured, quantity.owed()));
                    input.hint = Some(page.say_of("field-fixed-hint", "amounts", page.amounts(&owed.collect())));
                }
            }
            Kind::Severity => {
                input.draws = "select";
                let now = json!(scene.case.severity);
                for severity in ["ordinary", "serious", "grave"] {
                    let is_chosen = if is_new { now == severity } else { chosen(severity) };
                    input.choices.push(choice(severity.into(), page.say(&format!("severity-{severity}")), is_chosen));
                }
            }
            Kind::Outcome => {
                input.draws = "outcome";
                for outcome in
                    ["rectified", "done_and_kept_up", "unfounded", "disagreement_upheld", "overtaken", "withdrawn"]
                {
                    let said = page.say(&format!("outcome-{}", outcome.replace('_', "-")));
                    let is_chosen = chosen(outcome) || (is_new && field.required && outcome == "rectified");
                    input.choices.push(choice(outcome.into(), said, is_chosen));
                }
                fields.text(&format!("{}.review", field.name)).clone_into(&mut input.value);
            }
            Kind::Verdict => {
                input.draws = "select";
                for verdict in ["founded", "largely_founded", "partly_founded", "unfounded"] {
                    let said = page.say(&format!("verdict-{}", verdict.replace('_', "-")));
                    input.choices.push(choice(verdict.into(), said, chosen(verdict)));
                }
            }
            Kind::Ground => {
                input.draws = "select";
                for ground in ["objection_upheld", "new_fact"] {
                    let said = page.say(&format!("ground-{}", ground.replace('_', "-")));
                    input.choices.push(choice(ground.into(), said, chosen(ground)));
                }
            }
            Kind::HandedAct => {
                input.draws = "select";
                for act in ["verification", "extension", "closure"] {
                    input.choices.push(choice(act.into(), page.say(&format!("handed-{act}")), chosen(act)));
                }
            }
            Kind::OwnUnit => {
                input.draws = "select";
                input.choices = units(scene.own_units());
            }
            Kind::FilingUnit => {
                input.draws = "select";
                input.choices = units(scene.filing_units());
            }
            Kind::Lead => {
                input.draws = "select";
                input.choices = units(scene.case.plans.keys().copied().collect());
            }
            Kind::Unit | Kind::Units | Kind::Leads => {
                input.draws = match field.kind {
                    Kind::Leads => "leads",
                    Kind::Units => "several",
                    _ => "select",
                };
                // Which unit stands at each place, in order.
                let placed = fields.0.iter().filter(|(name, _)| name == field.name).map(|(_, unit)| unit.clone());
                let placed = placed.chain(std::iter::repeat(String::new())).take(LEADS);
                input.measures = placed.map(|unit| (unit, String::new(), String::new())).collect();
                let named = scene.units().into_iter();
                input.choices =
                    named.map(|(unit, name)| choice(unit.to_string(), name, chosen(&unit.to_string()))).collect();
            }
            Kind::Person => {
                input.draws = "select";
                let leads = |role| matches!(role, Role::ResponsibleLeader | Role::ClosingLeader);
                let people = match field.name {
                    "person" => scene.people(page, |role| !matches!(role, Role::Administrator | Role::SourceSystem)),
                    _ => scene.people(page, leads),
                };
                let people = people.into_iter();
                input.choices = people
                    .map(|(person, name)| choice(person.to_string(), name, chosen(&person.to_string())))
                    .collect();
            }
            Kind::Term => {
                input.draws = "term";
                input.value.clear();
                for part in ["days", "count", "on", "cite"] {
                    let name = format!("{}.{part}", field.name);
                    let value = fields.text(&name).to_owned();
                    input.choices.push(Choice { value, said: name, chosen: false });
                }
                input.hint = scene
                    .case
                    .deadline
                    .as_ref()
                    .map(|deadline| page.say_of("field-term-stays", "deadline", page.deadline(deadline)));
            }
            Kind::Plan => {
                input.draws = "plan";
                let own = scene.case.responsible();
                input.choices = own.map(|unit| choice(unit.to_string(), directory.unit_name(unit), false)).collect();
                for at in 0..MEASURES {
                    let part = |part: &str| fields.text(&format!("{}.{at}.{part}", field.name)).to_owned();
                    input.measures.push((part("text"), part("unit"), part("by")));
                }
                if is_new {
                    // Whoever plans again goes on from what they had planned.
                    let plan = scene.own_units().iter().find_map(|unit| scene.case.plans.get(unit));
                    let planned = plan.map(|plan| plan.plan.measures.as_slice()).unwrap_or_default();
                    for (row, measure) in input.measures.iter_mut().zip(planned).filter(|_| planned.len() <= MEASURES) {
                        *row = (measure.text.clone(), measure.unit.to_string(), measure.by.to_string());
                    }
                }
            }
            Kind::Done => {
                input.draws = "checks";
                let measures = scene.plans().flat_map(|plan| {
                    plan.plan
                        .measures
                        .iter()
                        .enumerate()
                        .map(|(at, measure)| (at, measure.text.clone(), plan.is_done(at)))
                });
                input.choices = measures
                    .map(|(at, text, done)| {
                        choice(at.to_string(), text, if is_new { done } else { chosen(&at.to_string()) })
                    })
                    .collect();
            }
            Kind::DoneToo => {
                input.draws = "checks";
                input.label = page.say("field-done-too");
                let measure = |(at, measure): (usize, &Measure)| {
                    let said =
                        page.say_two("field-measure", ("text", measure.text.as_str()), ("by", measure.by.to_string()));
                    choice(at.to_string(), said, chosen(&at.to_string()))
                };
                input.choices = scene.plans().flat_map(|plan| plan.open().map(measure).collect::<Vec<_>>()).collect();
                if input.choices.is_empty() {
                    input.draws = "nothing";
                }
            }
            Kind::Relation => {
                input.draws = "select";
                for relation in [Relation::RecurrenceOf, Relation::SimilarTo, Relation::RelatedTo] {
                    let value = json!(relation).as_str().unwrap_or_default().to_owned();
                    let said = page.relation(&relation);
                    let is_chosen = chosen(&value);
                    input.choices.push(choice(value, said, is_chosen));
                }
            }
            Kind::Link => {
                input.draws = "select";
                input.choices = other_case::links(scene, page, &chosen);
            }
            Kind::FindingOf => {
                input.draws = "finding";
                fields.text(&format!("{}.item", field.name)).clone_into(&mut input.part);
                input.hint = Some(page.say("field-case-hint"));
            }
            Kind::Parts => {
                input.draws = "parts";
                input.parts = parts::rows(scene, page, field.name, fields);
                let outstanding = page.amounts(&scene.case.outstanding());
                input.hint = (!outstanding.is_empty()).then(|| page.say_of("field-parts-hint", "amounts", outstanding));
            }
            Kind::NewCase => {
                input.draws = "hidden";
                if input.value.is_empty() {
                    input.value = ids::new().to_string();
                }
            }
            Kind::Subjects => {
                input.draws = "several";
                let units = scene.units().into_iter().map(|(unit, name)| (format!("unit {unit}"), name));
                let people = scene.people(page, |role| role != Role::SourceSystem).into_iter();
                let people = people.map(|(person, name)| (format!("person {person}"), name));
                input.choices =
                    units.chain(people).map(|(one, name)| choice(one.clone(), name, chosen(&one))).collect();
                input.hint = Some(page.say("field-subjects-hint"));
            }
            Kind::Change => {
                input.draws = "change";
                for part in ["days", "count", "on", "cite", "from", "to"] {
                    let name = format!("{}.{part}", field.name);
                    let value = fields.text(&name).to_owned();
                    input.choices.push(Choice { value, said: name, chosen: false });
                }
            }
            Kind::Correctable => {
                input.draws = "select";
                input.choices = correctable::choices(scene.case, page, &chosen);
            }
            Kind::OnFile => {
                input.draws = "select";
                let present = scene.case.evidence.values().filter(|file| file.withdrawn.is_none());
                input.choices = present
                    .map(|file| (file.evidence.digest.to_string(), file.evidence.name.clone()))
                    .map(|(digest, name)| choice(digest.clone(), name, chosen(&digest)))
                    .collect();
            }
            Kind::Opened => {
                input.draws = "checks";
                let opened: Vec<Digest> = scene.relied_on();
                let present = scene.case.evidence.values().filter(|file| opened.contains(&file.evidence.digest));
                input.choices = present
                    .map(|file| (file.evidence.digest.to_string(), file.evidence.name.clone()))
                    .map(|(digest, name)| choice(digest.clone(), name, is_new || chosen(&digest)))
                    .collect();
                input.hint = Some(page.say("field-opened-first"));
            }
            Kind::File => {
                input.draws = "file";
                input.choices = kept_files(fields, field.name);
            }
            Kind::Files => {
                input.draws = "files";
                input.choices = kept_files(fields, field.name);
                let again = format!("{}.again", field.name);
                let present = scene.case.evidence.values().filter(|file| file.withdrawn.is_none());
                input.measures = present
                    .map(|file| {
                        let digest = file.evidence.digest.to_string();
                        let listed = is_new || fields.0.iter().any(|(name, known)| *name == again && *known == digest);
                        (digest, file.evidence.name.clone(), if listed { "checked".to_owned() } else { String::new() })
                    })
                    .collect();
            }
            Kind::Level => {
                input.draws = "level";
                input.value = scene.case.next_level().map_or_else(String::new, |level| (level + 1).to_string());
            }
            Kind::Held => {
                input.draws = "select";
                for (value, name) in [("true", "said-held"), ("false", "said-not-held")] {
                    input.choices.push(choice(value.into(), page.say(name), chosen(value)));
                }
            }
            Kind::Case => {
                input.hint = Some(page.say("field-case-hint"));
            }
        }
        input
    }
}

/// Returns what is counted in a case, and what a form of amounts begins with.
fn amounts_before(field: Field, scene: &Scene<'_>) -> (Vec<&'static str>, Vec<(&'static str, String)>) {
    let mut known = Vec::new();
    let mut before = Vec::new();
    for (measured, quantity) in &scene.case.quantities {
        let name = json!(measured);
        let Some(name) = MEASURED.into_iter().find(|known| name == *known) else { continue };
        known.push(name);
        let amount = match (field.name, field.kind) {
            (_, Kind::AnyAmounts) => Some(quantity.found),
            ("verified", _) => Some(quantity.reported),
            ("fixed", _) if scene.case.report.is_none() => (quantity.reported > 0).then_some(quantity.reported),
            _ => None,
        };
        let text = |amount: u64| if name == "money" { yuan(amount).replace(',', "") } else { amount.to_string() };
        before.extend(amount.map(|amount| (name, text(amount))));
    }
    if field.kind == Kind::AnyAmounts && scene.case.quantities.is_empty() {
        let found = scene.case.findings.first().map(|finding| finding.finding.found.clone()).unwrap_or_default();
        for (measured, amount) in found {
            let name = json!(measured);
            if let Some(name) = MEASURED.into_iter().find(|known| name == *known) {
                let text = if name == "money" { yuan(amount).replace(',', "") } else { amount.to_string() };
                before.push((name, text));
            }
        }
    }
    (known, before)
}

/// Returns the files that were sent already: they need not be sent again.
fn kept_files(fields: &Fields, name: &str) -> Vec<Choice> {
    let sent = fields.0.iter().filter(|(known, value)| known == name && value.starts_with('{'));
    sent.map(|(_, value)| {
        let named = serde_json::from_str::<Value>(value).ok().and_then(|file| file["name"].as_str().map(str::to_owned));
        Choice { value: value.clone(), said: named.unwrap_or_default(), chosen: true }
    })
    .collect()
}
