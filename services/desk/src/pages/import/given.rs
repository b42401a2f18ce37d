//! What holds for every row that does not say it: asked for with the files, and again with their columns.

use askama::Template;
use chrono::NaiveDate;
use rectify_case::directory::{Intake, UnitKind};
use rectify_case::{Role, UnitId};
use rectify_intake::Given;

use super::super::entry::Reading;
use super::super::form::Fields;
use super::super::page::Page;
use crate::caller::Caller;

/// The units that amounts may be in.
const UNITS: [&str; 5] = ["元", "千元", "万元", "百万元", "亿元"];

/// The fields, as they are drawn.
#[derive(Template)]
#[template(path = "import/given.html")]
pub(super) struct GivenForm {
    /// What is said of a field that may be left out, and of one in which the file is to say it.
    optional: String,
    as_in_file: String,
    inputs: Vec<Input>,
}

/// A field as it is filled in.
struct Input {
    name: &'static str,
    label: String,
    /// How it is drawn: `line`, `day`, `number` or `choice`.
    draws: &'static str,
    value: String,
    /// What it may be: what each is sent as, and what it is called.
    choices: Vec<(String, String)>,
    hint: Option<String>,
    wrong: Option<String>,
}

/// What is said for all rows.
pub(super) struct Said {
    pub(super) given: Given,
    pub(super) deadline: Option<NaiveDate>,
    pub(super) office: Option<UnitId>,
}

impl GivenForm {
    /// Returns the fields with what was typed. What is for a way that is chosen already is all that is asked.
    pub(super) fn of(caller: &Caller, page: &Page, fields: &Fields, way: Option<&str>) -> GivenForm {
        let (optional, as_in_file) = (page.say("field-optional"), page.say("import-as-in-file"));
        let mut form = GivenForm { optional, as_in_file, inputs: Vec::new() };
        let mut ask = |name: &'static str, label: &str, draws, choices: Vec<(String, String)>, hint: Option<&str>| {
            let (label, hint) = (page.say(label), hint.map(|hint| page.say(hint)));
            let value = fields.text(name).to_owned();
            form.inputs.push(Input { name, label, draws, value, choices, hint, wrong: None });
        };
        ask("source", "import-source", "choice", sources(caller, page, way), Some("import-source-hint"));
        ask("issuing_body", "import-issuing-body", "line", Vec::new(), None);
        ask("document", "import-document", "line", Vec::new(), None);
        ask("division", "import-division", "choice", divisions(caller), None);
        ask("discovered", "import-discovered", "day", Vec::new(), None);
        ask("year", "import-year", "number", Vec::new(), Some("import-year-hint"));
        let units = UNITS.map(|unit| (unit.to_owned(), unit.to_owned())).to_vec();
        ask("unit", "import-unit", "choice", units, Some("import-unit-hint"));
        if way.is_none_or(|way| way == super::LEDGER) {
            ask("deadline", "import-deadline", "day", Vec::new(), Some("import-deadline-hint"));
            let offices = offices(caller);
            if offices.len() > 1 {
                ask("office", "import-office", "choice", offices, Some("import-office-hint"));
            }
        }
        form
    }

    /// Says what is wrong, where it stands.
    pub(super) fn mark(&mut self, wrong: Vec<(&'static str, String)>) {
        for (name, said) in wrong {
            if let Some(input) = self.inputs.iter_mut().find(|input| input.name == name) {
                input.wrong = Some(said);
            }
        }
    }

    /// Returns whether anything is wrong.
    pub(super) fn is_wrong(&self) -> bool {
        self.inputs.iter().any(|input| input.wrong.is_some())
    }
}

/// Reads the fields, or says what is wrong with them.
pub(super) fn read(page: &Page, fields: &Fields) -> Result<Said, Vec<(&'static str, String)>> {
    let text = |name: &str| Some(fields.text(name).to_owned()).filter(|text| !text.is_empty());
    let mut reading = Reading::of(page, fields);
    let given = Given {
        source: text("source"),
        issuing_body: text("issuing_body"),
        document: text("document"),
        division: text("division"),
        discovered: reading.optional("discovered"),
        year: None,
        unit: reading.optional("unit"),
    };
    let (deadline, office) = (reading.optional("deadline"), reading.optional("office"));
    let mut wrong = reading.wrong;
    let year = text("year").map(|year| year.parse::<i32>().ok().filter(|year| (1900..=2999).contains(year)));
    if year == Some(None) {
        wrong.push(("year", page.say("import-year-wrong")));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Said { given: Given { year: year.flatten(), ..given }, deadline, office })
}

/// Returns what was said as the fields that say it.
pub(super) fn fields_of(said: &Said) -> Fields {
    let Given { source, issuing_body, document, division, discovered, year, unit } = said.given.clone();
    let fields = [
        ("source", source),
        ("issuing_body", issuing_body),
        ("document", document),
        ("division", division),
        ("discovered", discovered.map(|day| day.to_string())),
        ("year", year.map(|year| year.to_string())),
        ("unit", unit.map(|unit| unit.word().to_owned())),
        ("deadline", said.deadline.map(|day| day.to_string())),
        ("office", said.office.map(|office| office.to_string())),
    ];
    Fields(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

/// Returns the sources, each with what it hands in by; those of one way where it is chosen.
fn sources(caller: &Caller, page: &Page, way: Option<&str>) -> Vec<(String, String)> {
    let name = |intake: Intake| match intake {
        Intake::Inspection => "inspection",
        Intake::Audit => "audit",
        Intake::Petition => "petition",
    };
    let is_wanted = |intake: Intake| way.is_none_or(|way| way == super::LEDGER || way == name(intake));
    let sources = caller.directory.sources().filter(|source| is_wanted(source.intake));
    let sources = sources.map(|source| {
        let kind = super::kind_name(page, name(source.intake));
        let said = page.say_two("import-source-of", ("source", source.name.as_str()), ("kind", kind));
        (source.code.to_string(), said)
    });
    sources.collect()
}

fn divisions(caller: &Caller) -> Vec<(String, String)> {
    let directory = &caller.directory;
    let units = directory.units().filter(|unit| directory.is_active(unit.id));
    let places = units.filter(|unit| matches!(unit.kind, UnitKind::Prefecture | UnitKind::County));
    let mut places: Vec<_> = places.map(|unit| (unit.division.to_string(), unit.name.clone())).collect();
    places.sort();
    places
}

/// Returns the offices that somebody is an officer of.
fn offices(caller: &Caller) -> Vec<(String, String)> {
    let directory = &caller.directory;
    let held = directory.holdings(caller.who.person, caller.now).filter(|held| held.role == Role::Officer);
    let offices = held.filter_map(|held| directory.unit(held.unit)).filter(|unit| unit.kind == UnitKind::Office);
    let mut offices: Vec<_> = offices.map(|unit| (unit.id.to_string(), unit.name.clone())).collect();
    offices.sort();
    offices.dedup();
    offices
}
