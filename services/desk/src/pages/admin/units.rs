//! The units: the tree of them, and one that is added, changed or abolished.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_case::UnitId;
use rectify_case::directory::{Unit, UnitKind};

use super::super::entry::{Again, Entry, Reading, Undone, sent_as};
use super::super::form::Fields;
use super::super::page::{Page, role_name, shown};
use super::super::visitor::{Away, Posted, Visitor};
use super::{Administered, Administrator, tree};
use crate::api::administration::units::{Abolished, ChangedUnit, NewUnit, abolish_unit, add_unit, change_unit};
use crate::api::administration::{Changed, Known};
use crate::api::asked::own_key;
use crate::code::Code;
use crate::desk::Desk;

pub(super) const KINDS: [UnitKind; 6] = [
    UnitKind::Prefecture,
    UnitKind::County,
    UnitKind::Township,
    UnitKind::Office,
    UnitKind::Department,
    UnitKind::Auditor,
];

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/admin/units", get(list).post(add))
        .route("/admin/units/{unit}", get(show).post(change))
        .route("/admin/units/{unit}/abolish", get(show).post(abolish))
}

/// The tree of units.
#[derive(Template)]
#[template(path = "admin/units.html")]
struct Units {
    page: Page,
    text: String,
    lines: Vec<Line>,
    add: Entry,
}

/// A unit as one line.
struct Line {
    href: String,
    name: String,
    /// Where it lies, in a list of what was searched for.
    above: String,
    depth: usize,
    kind: String,
    division: String,
    prefix: String,
    is_abolished: bool,
}

/// One unit.
#[derive(Template)]
#[template(path = "admin/unit.html")]
struct OneUnit {
    page: Page,
    name: String,
    above: String,
    is_abolished: bool,
    change: Entry,
    abolish: Entry,
    /// Who holds which role there now.
    holders: Vec<Holder>,
}

struct Holder {
    href: String,
    name: String,
    role: String,
}

async fn list(Administrator(visitor): Administrator, RawQuery(query): RawQuery) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    Ok(shown(StatusCode::OK, &units(visitor, asked.text("text"), &Again::default()))?)
}

fn units(visitor: Visitor, text: &str, again: &Again) -> Units {
    let Visitor { caller, page, .. } = visitor;
    let directory = &caller.directory;
    let is_searched = !text.is_empty();
    let line = |(depth, unit): (usize, &Unit)| Line {
        href: format!("/admin/units/{}", unit.id),
        name: unit.name.clone(),
        above: if is_searched { tree::above(unit, directory) } else { String::new() },
        depth: if is_searched { 0 } else { depth.min(5) },
        kind: page.unit_kind(&unit.kind),
        division: unit.division.to_string(),
        prefix: unit.prefix.clone().unwrap_or_default(),
        is_abolished: !directory.is_active(unit.id),
    };
    let wanted = |(_, unit): &(usize, &Unit)| unit.name.contains(text) || unit.division.as_str().starts_with(text);
    let lines = tree::in_order(directory).into_iter().filter(wanted).map(line).collect();
    let add = Entry::new(&page, "add", "/admin/units".to_owned(), page.say("unit-add"), again);
    let add = asking(add, &page, tree::choices(directory));
    Units { text: text.to_owned(), lines, add, page }
}

/// Returns a form with the fields of a unit.
fn asking(entry: Entry, page: &Page, parents: Vec<(String, String)>) -> Entry {
    let kinds = KINDS.iter().map(|kind| (sent_as(kind), page.unit_kind(kind)));
    entry
        .line("name", page.say("unit-name"), true)
        .choice("kind", page.say("unit-kind"), true, Some(page.say("field-choose")), kinds)
        .choice("parent", page.say("unit-parent"), false, Some(page.say("unit-parent-none")), parents)
        .line("division", page.say("unit-division"), true)
        .hint(page.say("unit-division-hint"))
        .line("prefix", page.say("unit-prefix"), false)
        .hint(page.say("unit-prefix-hint"))
}

/// Reads the fields of a unit.
fn read(page: &Page, fields: &Fields) -> Result<ChangedUnit, Undone> {
    let mut reading = Reading::of(page, fields);
    let (name, kind) = (reading.required("name"), reading.required("kind"));
    let (parent, division) = (reading.optional("parent"), reading.required("division"));
    let prefix = reading.optional("prefix");
    let ((name, kind), division) = reading.asked(name.zip(kind).zip(division))?;
    Ok(ChangedUnit { name, kind, parent, division, prefix })
}

async fn add(
    State(desk): State<Desk>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let Err(undone) = added(&desk, &visitor, &fields).await else { return Ok(back()) };
    let again = Again::after("add", fields, undone, &visitor.page)?;
    Ok(shown(again.status(), &units(visitor, "", &again))?)
}

async fn added(desk: &Desk, visitor: &Visitor, fields: &Fields) -> Result<Changed, Undone> {
    let ChangedUnit { name, kind, parent, division, prefix } = read(&visitor.page, fields)?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    let asked = NewUnit { id: None, name, kind, parent, division, prefix };
    Ok(add_unit(desk, &visitor.caller, &mut Known::default(), &key, &asked).await?)
}

fn back() -> Response {
    Redirect::to("/admin/units").into_response()
}

async fn show(Administrator(visitor): Administrator, Path(id): Path<String>) -> Result<Response, Away> {
    Ok(shown(StatusCode::OK, &one(visitor, named(&id)?, &Again::default())?)?)
}

fn named(id: &str) -> Result<UnitId, Code> {
    id.parse().map_err(|_| Code::NoSuchUnit)
}

fn one(visitor: Visitor, id: UnitId, again: &Again) -> Result<OneUnit, Code> {
    let Visitor { caller, page, .. } = visitor;
    let directory = &caller.directory;
    let unit = directory.unit(id).ok_or(Code::NoSuchUnit)?;
    let others: Vec<(String, String)> =
        tree::choices(directory).into_iter().filter(|(other, _)| *other != id.to_string()).collect();
    let parent = unit.parent.map(|parent| parent.to_string()).unwrap_or_default();
    // A unit is not moved because the one above it was abolished and nobody looked.
    let gone = unit.parent.filter(|parent| !directory.is_active(*parent));
    let gone = gone.map(|parent| (parent.to_string(), directory.unit_name(parent)));
    let parents = gone.into_iter().chain(others.clone()).collect();
    let present = [
        ("name", unit.name.clone()),
        ("kind", sent_as(&unit.kind)),
        ("parent", parent),
        ("division", unit.division.to_string()),
        ("prefix", unit.prefix.clone().unwrap_or_default()),
    ];
    let present = Fields(present.map(|(name, value)| (name.to_owned(), value)).to_vec());
    let change = Entry::new(&page, "change", format!("/admin/units/{id}"), page.say("unit-change"), again);
    let change = asking(change.filled(present).main(), &page, parents);
    let abolish = Entry::new(&page, "abolish", format!("/admin/units/{id}/abolish"), page.say("unit-abolish"), again);
    let abolish = abolish.lead(page.say("unit-abolish-lead")).choice(
        "successor",
        page.say("unit-successor"),
        false,
        Some(page.say("unit-successor-none")),
        others,
    );
    let holders = directory.people().flat_map(|(person, name)| {
        let held = directory.holdings(person, caller.now).filter(|held| held.unit == id);
        held.map(move |held| (person, name, held.role))
    });
    let holders = holders.map(|(person, name, role)| Holder {
        href: format!("/admin/people/{person}"),
        name: name.to_owned(),
        role: role_name(page.language, role),
    });
    Ok(OneUnit {
        name: unit.name.clone(),
        above: tree::above(unit, directory),
        is_abolished: !directory.is_active(id),
        change,
        abolish,
        holders: holders.collect(),
        page,
    })
}

async fn change(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let id = named(&id)?;
    let changed = changed(&desk, &visitor, &fields, id).await;
    answer(visitor, id, "change", fields, changed)
}

async fn changed(desk: &Desk, visitor: &Visitor, fields: &Fields, id: UnitId) -> Result<Changed, Undone> {
    let asked = read(&visitor.page, fields)?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    Ok(change_unit(desk, &visitor.caller, &mut Known::default(), &key, (id, &asked)).await?)
}

async fn abolish(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let id = named(&id)?;
    let abolished = abolished(&desk, &visitor, &fields, id).await;
    answer(visitor, id, "abolish", fields, abolished)
}

async fn abolished(desk: &Desk, visitor: &Visitor, fields: &Fields, id: UnitId) -> Result<Changed, Undone> {
    let mut reading = Reading::of(&visitor.page, fields);
    let asked = Abolished { successor: reading.optional("successor") };
    let asked = reading.asked(Some(asked))?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    Ok(abolish_unit(desk, &visitor.caller, &key, id, &asked).await?)
}

/// Leads back to the units when what a form asks was done, or shows the form again.
fn answer(
    visitor: Visitor,
    id: UnitId,
    form: &'static str,
    fields: Fields,
    done: Result<Changed, Undone>,
) -> Result<Response, Away> {
    let Err(undone) = done else { return Ok(back()) };
    let again = Again::after(form, fields, undone, &visitor.page)?;
    Ok(shown(again.status(), &one(visitor, id, &again)?)?)
}
