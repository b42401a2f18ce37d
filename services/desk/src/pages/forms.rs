//! Forms of superior offices (上级表格): an office keeps an empty one, says once which of our columns stands under which of its
//! headings, and has the ledger written into it.

mod filled;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use rectify_accounts::{Filling, KeptForm};
use rectify_case::{Case, Directory, Refusal, Role, UnitId, classified};
use rectify_intake::headings::{Heading, Headings, headings};
use rectify_intake::{File, Unit, ledger as known};
use rectify_kit::ids;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use self::filled::{Bound, ORDINAL, Unfit, Value, fill};
use super::form::Fields;
use super::handed::Handed;
use super::ledger::{WORKBOOK, Whole};
use super::page::{Page, shown};
use super::sign_in::SHOW;
use super::visitor::{Away, Posted, Visitor};
use super::workbook;
use crate::api::evidence::file_headers;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::language::Language;

/// How large a form may be.
const LARGEST: usize = 2 << 20;

/// The most characters that its name has.
const LONGEST_NAME: usize = 100;

/// The most cases that are written into a form.
const MOST: usize = 5_000;

/// The last row that a sheet has.
const LAST_ROW: u32 = 1_048_576;

/// The units that money may be counted in, beside yuan.
const UNITS: [Unit; 4] = [Unit::Thousand, Unit::TenThousand, Unit::Million, Unit::HundredMillion];

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/forms", get(list).post(add))
        .route("/forms/{form}", get(show).post(change))
        .route("/forms/{form}/delete", post(remove))
        .route("/forms/{form}/filled", get(fill_in))
        .layer(DefaultBodyLimit::max(LARGEST))
}

/// The forms that an office keeps.
#[derive(Template)]
#[template(path = "forms.html")]
struct Forms {
    page: Page,
    lines: Vec<Line>,
    /// The offices to choose from, where who looks is an officer of several.
    offices: Vec<(String, String)>,
    /// What a form is known by that is added.
    key: String,
    refused: Option<String>,
}

/// A form as one line.
struct Line {
    href: String,
    name: String,
    file: String,
    office: String,
    since: String,
}

/// One form, and what stands under its headings.
#[derive(Template)]
#[template(path = "form.html")]
struct OneForm {
    page: Page,
    href: String,
    name: String,
    file: String,
    sheet: String,
    sheets: Vec<String>,
    first: String,
    headings: Vec<HeadingShown>,
    /// Our columns: what each is sent as, and what it is called.
    columns: Vec<(String, String)>,
    refused: Option<String>,
}

/// A heading of a form.
struct HeadingShown {
    /// Its field in the form.
    field: String,
    letter: String,
    name: String,
    chosen: String,
}

/// Returns the offices that who acts is an officer of.
pub(super) fn offices(caller: &Caller) -> Vec<UnitId> {
    caller.capacities(|role| role == Role::Officer).into_iter().map(|actor| actor.unit).collect()
}

/// Returns the forms that a list of the ledger can be written into: what each is called, and where it is had.
pub(super) async fn offered(desk: &Desk, caller: &Caller, list: &str) -> Result<Vec<(String, String)>, Error> {
    let kept = of_offices(desk, caller).await?.into_iter();
    Ok(kept.map(|form| (form.name, list.replacen("/ledger", &format!("/forms/{}/filled", form.id), 1))).collect())
}

async fn of_offices(desk: &Desk, caller: &Caller) -> Result<Vec<KeptForm>, Error> {
    let mut kept = Vec::new();
    for office in offices(caller) {
        kept.extend(desk.accounts.forms(office).await?);
    }
    Ok(kept)
}

async fn list(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    Ok(forms(&desk, visitor, None).await?)
}

async fn forms(desk: &Desk, visitor: Visitor, refused: Option<String>) -> Result<Response, Error> {
    let Visitor { caller, page, .. } = visitor;
    let offices = offices(&caller);
    if offices.is_empty() {
        return Err(Refusal::RoleMayNot.into());
    }
    let lines = of_offices(desk, &caller).await?.into_iter().map(|form| Line {
        href: format!("/forms/{}", form.id),
        office: caller.directory.unit_name(form.unit),
        since: page.moment(&form.since),
        name: form.name,
        file: form.file,
    });
    let named = |unit: &UnitId| (unit.to_string(), caller.directory.unit_name(*unit));
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (lines, offices) = (lines.collect(), offices.iter().map(named).collect());
    shown(status, &Forms { lines, offices, key: ids::new().to_string(), refused, page })
}

async fn add(State(desk): State<Desk>, Handed { visitor, fields, file }: Handed) -> Result<Response, Away> {
    let own = offices(&visitor.caller);
    let asked: Option<UnitId> = fields.text("unit").parse().ok();
    let office = own.iter().find(|unit| asked.is_none_or(|asked| asked == **unit)).copied();
    let office = office.ok_or(Refusal::RoleMayNot)?;
    let Some(file) = file else {
        let said = fields.get(SHOW).is_none().then(|| visitor.page.say("forms-no-file"));
        return Ok(forms(&desk, visitor, said).await?);
    };
    let given = file.clone();
    let read = spawn_blocking(move || proposed(&given)).await.map_err(|error| Error::Internal(error.into()))?;
    let filling = match read {
        Ok(filling) => filling,
        Err(unfit) => {
            let said = unfit.said(&file.name, &visitor.page);
            return Ok(forms(&desk, visitor, Some(said)).await?);
        }
    };
    let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
    let name = Some(fields.text("name")).filter(|name| !name.is_empty()).unwrap_or(stem);
    let Some(name) = good_name(name) else {
        let said = visitor.page.say("forms-bad-name");
        return Ok(forms(&desk, visitor, Some(said)).await?);
    };
    let form = KeptForm {
        id: fields.text("key").parse().map_err(|_| Code::BadBody)?,
        unit: office,
        name,
        file: file.name,
        filling,
        person: visitor.caller.who.person,
        since: visitor.caller.now,
    };
    desk.accounts.keep_form(&form, &file.bytes).await?;
    Ok(Redirect::to(&format!("/forms/{}", form.id)).into_response())
}

fn good_name(name: &str) -> Option<String> {
    let is_good = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.contains(char::is_control)
        && classified::mark(name).is_none();
    is_good.then(|| name.to_owned())
}

/// Why a file is not kept as a form.
enum NotKept {
    File(rectify_intake::FileError),
    NoHeadings,
    Unfit(Unfit),
}

impl NotKept {
    fn said(&self, file: &str, page: &Page) -> String {
        match (self, page.language) {
            (NotKept::File(error), Language::Chinese) => error.chinese(),
            (NotKept::File(error), Language::English) => error.to_string(),
            (NotKept::NoHeadings, _) => page.say_of("forms-no-headings", "file", file),
            (NotKept::Unfit(Unfit::Counts1904), _) => page.say_of("forms-1904", "file", file),
            (NotKept::Unfit(error), _) => page.say_two("forms-unfit", ("file", file), ("why", error.to_string())),
        }
    }
}

/// Reads a form, and returns what its headings seem to mean: of the first sheet that has any.
fn proposed(file: &File) -> Result<Filling, NotKept> {
    let found = headings(file, known::columns()).map_err(NotKept::File)?;
    let first = found.iter().find(|sheet| !sheet.columns.is_empty()).ok_or(NotKept::NoHeadings)?;
    let filling = filling_of(first);
    // Whether it can be written is seen by writing it.
    fill(&file.bytes, &filling, &[0], &[vec![Value::Nothing]]).map_err(NotKept::Unfit)?;
    Ok(filling)
}

fn filling_of(sheet: &Headings) -> Filling {
    let mut bounds: Vec<Bound> = Vec::new();
    for heading in &sheet.columns {
        let Some(column) = heading.field.and_then(ours) else { continue };
        if bounds.iter().all(|bound| bound.column != column) {
            let unit = heading.unit.filter(|unit| *unit != Unit::Yuan && column == "money");
            bounds.push(Bound { place: heading.place, column: column.to_owned(), unit });
        }
    }
    let first = u32::try_from(sheet.row).unwrap_or(LAST_ROW).saturating_add(1);
    Filling { sheet: sheet.sheet.clone(), first, columns: serde_json::to_string(&bounds).unwrap_or_default() }
}

/// Returns our column for a field of the ledgers that offices keep.
fn ours(field: &str) -> Option<&'static str> {
    Some(match field {
        "ordinal" => ORDINAL,
        "old_number" => "number",
        "issuing_body" | "document" | "item" => "document",
        "title" | "text" => "problem",
        "division" | "place" => "place",
        "money_fen" => "money",
        "responsible" => "helpers",
        "deadline" => "due",
        "status" | "struck_off" => "stage",
        same => return workbook::names().into_iter().find(|name| *name == same),
    })
}

/// Returns a form that who acts may use: one of their offices.
async fn kept(desk: &Desk, caller: &Caller, id: &str) -> Result<KeptForm, Error> {
    let offices = offices(caller);
    if offices.is_empty() {
        return Err(Refusal::RoleMayNot.into());
    }
    let id: Uuid = id.parse().map_err(|_| Code::NotFound)?;
    let form = desk.accounts.form(id).await?.filter(|form| offices.contains(&form.unit));
    form.ok_or(Code::NotFound.into())
}

/// Returns the headings of a form, sheet by sheet.
async fn headings_of(desk: &Desk, form: &KeptForm) -> Result<Vec<Headings>, Error> {
    let bytes = desk.accounts.workbook_of_form(form.id).await?.ok_or(Code::NotFound)?;
    let file = File { name: form.file.clone(), media_type: None, bytes: bytes.into() };
    let read = spawn_blocking(move || headings(&file, known::columns())).await;
    read.map_err(|error| Error::Internal(error.into()))?.map_err(|error| Error::Internal(error.into()))
}

async fn show(State(desk): State<Desk>, Path(id): Path<String>, visitor: Visitor) -> Result<Response, Away> {
    let form = kept(&desk, &visitor.caller, &id).await?;
    let sheets = headings_of(&desk, &form).await?;
    Ok(shown(StatusCode::OK, &OneForm::of(visitor.page, &form, &sheets))?)
}

impl OneForm {
    fn of(page: Page, form: &KeptForm, sheets: &[Headings]) -> OneForm {
        let bounds: Vec<Bound> = serde_json::from_str(&form.filling.columns).unwrap_or_default();
        let found = sheets.iter().find(|sheet| sheet.sheet == form.filling.sheet);
        let shown = |heading: &Heading| HeadingShown {
            field: format!("column.{}", heading.place),
            letter: rust_xlsxwriter::utility::column_number_to_name(u16::try_from(heading.place).unwrap_or(u16::MAX)),
            name: heading.name.clone(),
            chosen: bounds.iter().find(|bound| bound.place == heading.place).map(sent_as).unwrap_or_default(),
        };
        OneForm {
            href: format!("/forms/{}", form.id),
            name: form.name.clone(),
            file: form.file.clone(),
            sheet: form.filling.sheet.clone(),
            sheets: sheets.iter().map(|sheet| sheet.sheet.clone()).collect(),
            first: form.filling.first.to_string(),
            headings: found.map(|sheet| sheet.columns.iter().map(shown).collect()).unwrap_or_default(),
            columns: columns(&page),
            refused: None,
            page,
        }
    }
}

/// Returns what a bound column is sent as: money with its unit.
fn sent_as(bound: &Bound) -> String {
    match bound.unit {
        Some(unit) => format!("{}:{}", bound.column, unit.word()),
        None => bound.column.clone(),
    }
}

/// Returns our columns: what each is sent as, and what it is called.
fn columns(page: &Page) -> Vec<(String, String)> {
    let mut columns = vec![(ORDINAL.to_owned(), page.say("forms-ordinal"))];
    for name in workbook::names() {
        columns.push((name.to_owned(), page.say(&format!("sheet-column-{name}"))));
        if name == "money" {
            let in_unit = |unit: &Unit| page.say_of("forms-money", "unit", unit.word());
            columns.extend(UNITS.iter().map(|unit| (format!("{name}:{}", unit.word()), in_unit(unit))));
        }
    }
    columns
}

async fn change(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let mut form = kept(&desk, &visitor.caller, &id).await?;
    let sheets = headings_of(&desk, &form).await?;
    let Visitor { page, .. } = visitor;
    let wrong = match read(&fields, &sheets, &mut form) {
        Ok(()) if fields.get(SHOW).is_none() => {
            desk.accounts.change_form(form.id, &form.name, &form.filling).await?;
            return Ok(Redirect::to("/forms").into_response());
        }
        Ok(()) => None,
        Err(wrong) => Some(page.say(wrong)),
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (name, first) = (fields.text("name").to_owned(), fields.text("first").to_owned());
    Ok(shown(status, &OneForm { refused: wrong, name, first, ..OneForm::of(page, &form, &sheets) })?)
}

/// Reads how a form is to be filled in. Returns the name of what is said where that cannot be.
fn read(fields: &Fields, sheets: &[Headings], form: &mut KeptForm) -> Result<(), &'static str> {
    let sheet = sheets.iter().find(|sheet| sheet.sheet == fields.text("sheet")).ok_or("field-unreadable")?;
    if sheet.sheet == form.filling.sheet {
        form.filling = chosen(fields, sheet)?;
    } else {
        form.filling = filling_of(sheet);
    }
    form.name = good_name(fields.text("name")).ok_or("forms-bad-name")?;
    Ok(())
}

/// Reads what stands under the headings of a sheet, and where the rows begin.
fn chosen(fields: &Fields, sheet: &Headings) -> Result<Filling, &'static str> {
    let known = columns_known();
    let bound = |heading: &Heading| {
        let sent = fields.text(&format!("column.{}", heading.place));
        let (_, column, unit) = known.iter().find(|(name, _, _)| name == sent)?;
        Some(Bound { place: heading.place, column: (*column).to_owned(), unit: *unit })
    };
    let bounds: Vec<Bound> = sheet.columns.iter().filter_map(bound).collect();
    if bounds.is_empty() {
        return Err("forms-nothing-chosen");
    }
    let first: Option<u32> = fields.text("first").parse().ok();
    let beneath = first.filter(|first| u64::from(*first) > sheet.row && *first <= LAST_ROW);
    let columns = serde_json::to_string(&bounds).unwrap_or_default();
    Ok(Filling { sheet: sheet.sheet.clone(), first: beneath.ok_or("forms-bad-first")?, columns })
}

/// Returns our columns as they are sent, each with its name and unit.
fn columns_known() -> Vec<(String, &'static str, Option<Unit>)> {
    let plain = workbook::names().into_iter().chain([ORDINAL]).map(|name| (name.to_owned(), name, None));
    let money = UNITS.iter().map(|unit| (format!("money:{}", unit.word()), "money", Some(*unit)));
    plain.chain(money).collect()
}

async fn remove(State(desk): State<Desk>, Path(id): Path<String>, posted: Posted) -> Result<Response, Away> {
    let form = kept(&desk, &posted.visitor.caller, &id).await?;
    if posted.fields.get(SHOW).is_none() {
        desk.accounts.drop_form(form.id).await?;
    }
    Ok(Redirect::to("/forms").into_response())
}

/// Sends a form with what is asked for of the ledger written into it.
async fn fill_in(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let form = kept(&desk, &caller, &id).await?;
    let bytes = desk.accounts.workbook_of_form(form.id).await?.ok_or(Code::NotFound)?;
    let Whole { cases, .. } = Whole::now(&desk, &caller, &page, query).await?;
    if cases.len() > MOST {
        return Err(Error::Detailed(Code::TooManyRows, format!("> {MOST}")).into());
    }
    let name = format!("{} {}.xlsx", form.name, page.today());
    let directory = Arc::clone(&caller.directory);
    let made = spawn_blocking(move || written(&bytes, &form.filling, &cases, &page, &directory));
    let bytes = made.await.map_err(|error| Error::Internal(error.into()))?;
    let bytes = bytes.map_err(|error| Error::Internal(error.into()))?;
    let size = u64::try_from(bytes.len()).unwrap_or(0);
    Ok((file_headers(&name, WORKBOOK, size), bytes).into_response())
}

fn written(
    form: &[u8],
    filling: &Filling,
    cases: &[Case],
    page: &Page,
    directory: &Directory,
) -> Result<Vec<u8>, Unfit> {
    let bounds: Vec<Bound> = serde_json::from_str(&filling.columns).unwrap_or_default();
    let places: Vec<usize> = bounds.iter().map(|bound| bound.place).collect();
    let row = |(number, case): (usize, &Case)| {
        let value = |bound: &Bound| bound.value(workbook::cell(&bound.column, case, page, directory), number);
        bounds.iter().map(value).collect()
    };
    let rows: Vec<Vec<Value>> = (1..).zip(cases).map(row).collect();
    fill(form, filling, &places, &rows)
}
