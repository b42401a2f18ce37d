//! One act on several cases at once: one form, each case decided alone, and what came of each.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_case::{Case, CaseId, Command, Late, Version};
use rectify_kit::ids;
use rectify_ledger::Row;
use serde_json::Value;
use uuid::Uuid;

use super::forms::{self, Field};
use super::reading::read;
use super::scene::Scene;
use super::{Choice, Form, Input, capacity, in_capacity, late, may_be_late};
use crate::api::bulk::{Item, do_each};
use crate::api::commands::Answer;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::form::{Fields, own_address, query_of};
use crate::pages::ledger::Line;
use crate::pages::page::{Page, shown};
use crate::pages::sign_in::SHOW;
use crate::pages::visitor::{Away, Posted, Visitor};
use crate::shown::Capacity;

/// What is done to several cases at once.
const TOGETHER: [&str; 4] = ["register", "assign", "press", "list"];

/// What is each case's own, so that it is not filled in for several: what a problem is called, what was counted.
const OWN: [&str; 2] = ["title", "found"];

/// What a case is sent under. Several may stand in one value, with commas between.
const CASE: &str = "case";

/// What the list is sent under to which one comes back.
const FROM: &str = "from";

/// What stands between a case and the version that was seen.
const AT: char = '@';

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/ledger/together/{command}", get(ask).post(act))
}

/// A case that was selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct Selected {
    /// Its id, as it was sent.
    pub(in crate::pages) case: String,
    /// The version that was seen.
    seen: Option<Version>,
}

/// The cases that a form of several is about.
pub(super) struct Together {
    pub(super) cases: Vec<Picked>,
    /// The list that one comes back to.
    pub(super) from: String,
}

/// A case as one of several.
pub(super) struct Picked {
    /// What it is sent as; none where there is no such case.
    pub(super) value: Option<String>,
    /// Its line; none where there is no such case.
    pub(super) line: Option<Line>,
    /// What it is called where there is no such case.
    pub(super) name: String,
    /// Whether it is one of those that are meant.
    pub(super) chosen: bool,
    /// Why it cannot be done to it.
    pub(super) why: Option<String>,
}

/// What came of an act on several cases.
#[derive(Template)]
#[template(path = "together.html")]
struct Done {
    page: Page,
    title: String,
    /// The list that one comes back to.
    from: String,
    outcomes: Vec<Outcome>,
    /// How many it was done to, and how many not.
    result: String,
    /// Whether it was done to all.
    is_all: bool,
    /// Where it is tried again with those it was not done to.
    again: Option<String>,
}

/// What came of an act on one of several cases.
struct Outcome {
    line: Option<Line>,
    name: String,
    /// Why it was not done; none where it was.
    why: Option<String>,
}

/// Returns what whoever looks can do with several cases at once, as far as their roles say.
pub(in crate::pages) fn offered_together(caller: &Caller) -> impl Iterator<Item = &'static str> {
    TOGETHER.into_iter().filter(|command| !capacities(caller, command).is_empty())
}

fn capacities(caller: &Caller, command: &str) -> Vec<rectify_case::Actor> {
    let roles = Command::roles_of(command);
    caller.capacities(|role| roles.contains(&role))
}

/// Returns the cases that were selected, each once, in their order.
pub(in crate::pages) fn selected(fields: &Fields) -> Result<Vec<Selected>, Code> {
    let mut selected: Vec<Selected> = Vec::new();
    let said = fields.0.iter().filter(|(name, _)| name == CASE);
    for one in said.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|one| !one.is_empty()) {
        let (case, seen) = one.split_once(AT).map_or((one, None), |(case, seen)| (case, seen.parse().ok()));
        if selected.iter().all(|known| known.case != case) {
            selected.push(Selected { case: case.to_owned(), seen });
        }
    }
    if selected.is_empty() { Err(Code::NothingSelected) } else { Ok(selected) }
}

async fn ask(
    State(desk): State<Desk>,
    Path(command): Path<String>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let command = known(&command)?;
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let selected = selected(&fields)?;
    let asked = Asked { command, selected: &selected, from: fields.text(FROM) };
    let form = asked.form(&desk, visitor, &Fields::default(), &[]).await?;
    Ok(shown(StatusCode::OK, &form)?)
}

fn known(command: &str) -> Result<&'static str, Code> {
    TOGETHER.into_iter().find(|known| *known == command).ok_or(Code::NotFound)
}

async fn act(
    State(desk): State<Desk>,
    Path(command): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let command = known(&command)?;
    let selected = selected(&fields)?;
    let asked = Asked { command, selected: &selected, from: fields.text(FROM) };
    let none = none();
    let scene = Scene { case: &none, caller: &visitor.caller, opened: BTreeSet::new(), related: Vec::new() };
    let read = read(&desk, &scene, &shared(command)?, &fields).await?;
    if fields.get(SHOW).is_some() {
        return Ok(shown(StatusCode::OK, &asked.form(&desk, visitor, &fields, &[]).await?)?);
    }
    let late = late(&fields);
    let mut wrong = read.wrong;
    if late.is_err() {
        wrong.push(("happened".to_owned(), "field-no-day"));
    }
    if !wrong.is_empty() {
        let form = asked.form(&desk, visitor, &fields, &wrong).await?;
        return Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &form)?);
    }
    let mut lines = asked.lines(&desk, &visitor).await?;
    let items = asked.items(&Value::Object(read.data), late.unwrap_or_default().as_ref(), fields.text("key"))?;
    let caller = in_capacity(&visitor.caller, &fields);
    let outcomes = do_each(&desk, &caller, fields.text("key"), items).await?;
    // By now one may have its number, and another may no longer be theirs to see.
    lines.extend(asked.lines(&desk, &visitor).await?);
    Ok(shown(StatusCode::OK, &asked.done(visitor.page, lines, outcomes))?)
}

/// Returns the fields of a command's form that hold for several cases.
fn shared(command: &str) -> Result<Vec<Field>, Code> {
    let fields = forms::of(command).ok_or(Code::NotFound)?.iter();
    Ok(fields.filter(|field| !OWN.contains(&field.name)).copied().collect())
}

/// Returns a case of which nothing is known: what is filled in for several is filled in against none of them.
fn none() -> Case {
    Case::new(CaseId(Uuid::nil()))
}

/// What is asked for of several cases.
struct Asked<'a> {
    command: &'static str,
    selected: &'a [Selected],
    from: &'a str,
}

impl Asked<'_> {
    /// Returns the list that one comes back to.
    fn from(&self) -> String {
        match own_address(self.from) {
            "/" => "/ledger".to_owned(),
            own => own.to_owned(),
        }
    }

    /// Returns those of the cases that may be shown, by their ids: one that may not is as if it did not exist.
    async fn rows(&self, desk: &Desk, caller: &Caller) -> Result<HashMap<String, Row>, Error> {
        let ids = self.selected.iter().filter_map(|selected| selected.case.parse().ok());
        let rows = desk.ledger.cases(&caller.viewer(), ids, caller.now).await?;
        Ok(rows.into_iter().map(|row| (row.id.to_string(), row)).collect())
    }

    async fn lines(&self, desk: &Desk, visitor: &Visitor) -> Result<HashMap<String, Line>, Error> {
        let rows = self.rows(desk, &visitor.caller).await?;
        let line = |(id, row): (String, Row)| (id, Line::of(&row, &visitor.page, &visitor.caller.directory));
        Ok(rows.into_iter().map(line).collect())
    }

    /// Returns the commands, a key each: what is sent twice is done once.
    fn items(&self, data: &Value, late: Option<&Late>, key: &str) -> Result<Vec<Item>, Code> {
        let item = |selected: &Selected| {
            Ok(Item {
                case: selected.case.clone(),
                command: self.command.to_owned(),
                data: data.clone(),
                if_match: Some(selected.seen.ok_or(Code::VersionMissing)?),
                key: Some(format!("{key}/{}", selected.case)),
                happened: late.map(|late| late.happened),
                document: late.map(|late| late.document.clone()),
            })
        };
        self.selected.iter().map(item).collect()
    }

    async fn form(
        &self,
        desk: &Desk,
        visitor: Visitor,
        fields: &Fields,
        wrong: &[(String, &'static str)],
    ) -> Result<Form, Error> {
        let rows = self.rows(desk, &visitor.caller).await?;
        let Visitor { caller, page, .. } = visitor;
        let none = none();
        let scene = Scene { case: &none, caller: &caller, opened: BTreeSet::new(), related: Vec::new() };
        let mut inputs: Vec<Input> =
            shared(self.command)?.into_iter().map(|field| Input::of(field, &scene, &page, fields, wrong)).collect();
        if fields.0.is_empty() {
            // Nothing is chosen for all of them before somebody does: each source has its own severity.
            inputs.iter_mut().flat_map(|input| &mut input.choices).for_each(|choice| choice.chosen = false);
        }
        let picked = |selected: &Selected| self.picked(selected, rows.get(&selected.case), &caller, &page);
        Ok(Form {
            title: page.act(self.command),
            action: format!("/ledger/together/{}", self.command),
            case_href: self.from(),
            case_name: page.say_of("together-cases", "n", self.selected.len()),
            inputs,
            has_files: false,
            has_drafts: false,
            begun: None,
            key: ids::new().to_string(),
            version: 0,
            together: Some(Together { cases: self.selected.iter().map(picked).collect(), from: self.from() }),
            answers: Vec::new(),
            lacking: None,
            refused: (!wrong.is_empty()).then(|| page.say("form-incomplete")),
            since: Vec::new(),
            capacities: self.choices(&caller, fields, &page),
            may_be_late: may_be_late(&caller, self.command),
            happened: fields.text("happened").to_owned(),
            document: fields.text("document").to_owned(),
            page,
        })
    }

    fn picked(&self, selected: &Selected, row: Option<&Row>, caller: &Caller, page: &Page) -> Picked {
        let Some(row) = row else {
            let why = Error::from(Code::NoSuchCase).in_language(page.language);
            return Picked { value: None, line: None, name: selected.case.clone(), chosen: false, why: Some(why) };
        };
        let fits = Command::stages_of(self.command).contains(&row.stage);
        let why = (!fits).then(|| page.say_of("together-not-at-stage", "act", page.act(self.command)));
        let seen = selected.seen.unwrap_or(row.version);
        Picked {
            value: Some(format!("{}{AT}{seen}", row.id)),
            line: Some(Line::of(row, page, &caller.directory)),
            name: String::new(),
            // Whoever sent it again meant it.
            chosen: fits || selected.seen.is_some(),
            why,
        }
    }

    /// Returns the capacities to choose from; nothing where there is but one. Each case may have its own.
    fn choices(&self, caller: &Caller, fields: &Fields, page: &Page) -> Vec<Choice> {
        let capacities = capacities(caller, self.command);
        if capacities.len() < 2 {
            return Vec::new();
        }
        let each = Choice { value: String::new(), said: page.say("together-each"), chosen: false };
        let named = capacities.into_iter().map(|actor| capacity(&Capacity::of(actor, &caller.directory), page));
        let chosen = fields.text("capacity");
        let named = named.map(|choice| Choice { chosen: choice.value == chosen, ..choice });
        std::iter::once(each).chain(named).collect()
    }

    /// Returns what came of each case.
    fn done(&self, page: Page, mut lines: HashMap<String, Line>, outcomes: Vec<Result<Answer, Error>>) -> Done {
        let mut refused = Vec::new();
        let mut shown = Vec::new();
        for (selected, outcome) in self.selected.iter().zip(outcomes) {
            let line = lines.remove(&selected.case);
            let why = outcome.err().map(|error| told(error, &page));
            if why.is_some() && line.is_some() {
                refused.push((CASE, selected.case.as_str()));
            }
            shown.push(Outcome { line, name: selected.case.clone(), why });
        }
        let from = self.from();
        let again = (!refused.is_empty()).then(|| {
            refused.push((FROM, &from));
            format!("/ledger/together/{}?{}", self.command, query_of(&refused))
        });
        let not_done = shown.iter().filter(|outcome| outcome.why.is_some()).count();
        Done {
            title: page.act(self.command),
            result: page.say_two("together-result", ("done", shown.len() - not_done), ("not", not_done)),
            is_all: not_done == 0,
            outcomes: shown,
            again,
            // What was done is not done again by whoever looks at it in another language.
            page: Page { path: from.clone(), ..page },
            from,
        }
    }
}

/// Returns in words why it was not done to a case. What failed here is logged, and told by what it is.
fn told(error: Error, page: &Page) -> String {
    match error {
        Error::With(Code::WhichCapacity, _) => page.say("together-which-capacity"),
        Error::Unavailable(_) | Error::Internal(_) => error.problem().document(page.language).title,
        error => error.in_language(page.language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_selected_once_alone_or_with_its_page() {
        let fields = Fields::read(b"case=a,b&case=b&case=c@4&from=/ledger&case=");
        let read: Vec<(String, Option<Version>)> =
            selected(&fields).unwrap().into_iter().map(|selected| (selected.case, selected.seen)).collect();
        assert_eq!(read, [("a".to_owned(), None), ("b".to_owned(), None), ("c".to_owned(), Some(4))]);
        assert_eq!(selected(&Fields::read(b"from=/ledger")), Err(Code::NothingSelected));
    }
}
