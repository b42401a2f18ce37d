//! A form of a few fields: what is asked, what was typed, what is wrong with it.

use askama::Template;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::{CustodyRefusal, Refusal};
use rectify_kit::ids;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::form::Fields;
use super::page::Page;
use super::sign_in::SHOW;
use crate::code::Code;
use crate::error::Error;

/// A form of a few fields, as it is drawn.
#[derive(Template)]
#[template(path = "entry.html")]
pub(super) struct Entry {
    /// What it is known by on its page.
    id: &'static str,
    action: String,
    csrf: String,
    key: String,
    title: String,
    lead: Option<String>,
    /// What is said of a field that may be left out.
    optional: String,
    inputs: Vec<Input>,
    refused: Option<String>,
    is_main: bool,
    /// Whether it shows only its title until it is wanted.
    is_folded: bool,
    /// What was typed, where it was sent.
    typed: Fields,
    wrong: Vec<(&'static str, String)>,
}

/// A field as it is filled in.
struct Input {
    name: &'static str,
    label: String,
    /// How it is drawn.
    draws: &'static str,
    required: bool,
    value: String,
    choices: Vec<(String, String)>,
    hint: Option<String>,
    wrong: Option<String>,
}

impl Entry {
    /// Returns a form without fields, with what was typed where it is the one that is shown again.
    pub(super) fn new(page: &Page, id: &'static str, action: String, title: String, again: &Again) -> Entry {
        let is_again = again.form == id;
        let Again { fields, wrong, refused, .. } = if is_again { again.clone() } else { Again::default() };
        Entry {
            id,
            action,
            csrf: page.csrf().to_owned(),
            // Another attempt at what was refused is another act.
            key: ids::new().to_string(),
            lead: None,
            title,
            optional: page.say("field-optional"),
            inputs: Vec::new(),
            refused: refused.or_else(|| (!wrong.is_empty()).then(|| page.say("form-incomplete"))),
            is_main: false,
            is_folded: !is_again,
            typed: fields,
            wrong,
        }
    }

    /// Says something before the fields.
    pub(super) fn lead(self, lead: String) -> Entry {
        Entry { lead: Some(lead), ..self }
    }

    /// Makes it what its page is for.
    pub(super) fn main(self) -> Entry {
        Entry { is_main: true, is_folded: false, ..self }
    }

    /// Fills in what stands there before anybody types.
    pub(super) fn filled(self, fields: Fields) -> Entry {
        if self.typed.0.is_empty() { Entry { typed: fields, ..self } } else { self }
    }

    /// Asks for a line of text.
    pub(super) fn line(self, name: &'static str, label: String, required: bool) -> Entry {
        self.with(name, label, "line", required, Vec::new())
    }

    /// Asks for a text of several lines.
    pub(super) fn text(self, name: &'static str, label: String, required: bool) -> Entry {
        self.with(name, label, "text", required, Vec::new())
    }

    /// Asks for a day.
    pub(super) fn day(self, name: &'static str, label: String, required: bool) -> Entry {
        self.with(name, label, "day", required, Vec::new())
    }

    /// Asks for one of several: what each is sent as, and what it is called. Before them may stand what is said while none
    /// is chosen.
    pub(super) fn choice(
        self,
        name: &'static str,
        label: String,
        required: bool,
        none: Option<String>,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Entry {
        let choices = none.map(|none| (String::new(), none)).into_iter().chain(choices);
        self.with(name, label, "choice", required, choices.collect())
    }

    /// Says something below the last field.
    pub(super) fn hint(mut self, hint: String) -> Entry {
        if let Some(last) = self.inputs.last_mut() {
            last.hint = Some(hint);
        }
        self
    }

    fn with(
        mut self,
        name: &'static str,
        label: String,
        draws: &'static str,
        required: bool,
        choices: Vec<(String, String)>,
    ) -> Entry {
        let value = self.typed.text(name).to_owned();
        let wrong = self.wrong.iter().find(|(wrong, _)| *wrong == name).map(|(_, said)| said.clone());
        self.inputs.push(Input { name, label, draws, required, value, choices, hint: None, wrong });
        self
    }
}

/// A form that was sent and is shown again; none of any name where none was.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    form: &'static str,
    fields: Fields,
    wrong: Vec<(&'static str, String)>,
    refused: Option<String>,
    status: StatusCode,
}

impl Again {
    /// Returns a form that could not be read, or is shown first, for its session had ended meanwhile.
    pub(super) fn of(form: &'static str, fields: Fields, wrong: Vec<(&'static str, String)>) -> Again {
        let (wrong, status) = if is_shown_first(&fields) {
            (Vec::new(), StatusCode::OK)
        } else {
            (wrong, StatusCode::UNPROCESSABLE_ENTITY)
        };
        Again { form, fields, wrong, refused: None, status }
    }

    /// Returns a form of which what it asks was refused, where there is something to do about it.
    pub(super) fn refused(form: &'static str, fields: Fields, error: Error, page: &Page) -> Result<Again, Error> {
        let status = match &error {
            Error::Refused(_) | Error::Custody(..) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Code(code) | Error::Detailed(code, _) | Error::With(code, _) => code.status(),
            Error::Unavailable(_) | Error::Internal(_) => return Err(error),
        };
        if ![StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT].contains(&status) {
            return Err(error);
        }
        let said = error.in_language(page.language);
        let field = concerned(&error).iter().find(|name| fields.get(name).is_some());
        let (wrong, refused) = match field {
            Some(field) => (vec![(*field, said)], None),
            None => (Vec::new(), Some(said)),
        };
        Ok(Again { form, fields, wrong, refused, status })
    }

    /// Returns a form that was not taken, with what is said of it as a whole.
    pub(super) fn saying(form: &'static str, fields: Fields, said: String) -> Again {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Again { form, fields, wrong: Vec::new(), refused: Some(said), status }
    }

    /// Returns a form of which what it asks was not done, where there is something to do about it.
    pub(super) fn after(form: &'static str, fields: Fields, undone: Undone, page: &Page) -> Result<Again, Error> {
        match undone {
            Undone::Unread(wrong) => Ok(Again::of(form, fields, wrong)),
            Undone::Refused(error) => Again::refused(form, fields, error, page),
        }
    }

    /// Returns the status of the page that shows it.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }
}

/// Why what a form asks is not done.
pub(super) enum Undone {
    /// Something is wrong with it, or it is to be looked over first.
    Unread(Vec<(&'static str, String)>),
    /// It is refused.
    Refused(Error),
}

impl<E: Into<Error>> From<E> for Undone {
    fn from(error: E) -> Self {
        Undone::Refused(error.into())
    }
}

/// Returns whether a form is to be looked over before it is done.
pub(super) fn is_shown_first(fields: &Fields) -> bool {
    fields.get(SHOW).is_some()
}

/// Returns the fields that an error may be about.
pub(super) fn concerned(error: &Error) -> &'static [&'static str] {
    match error {
        Error::Refused(refused) => match refused.refusal() {
            Refusal::TextMissing | Refusal::ClassifiedText => &["name", "label"],
            Refusal::ReasonMissing => &["reason"],
            Refusal::UnknownUnit => &["parent", "successor", "unit"],
            Refusal::UnknownPerson => &["person"],
            _ => &[],
        },
        Error::Custody(CustodyRefusal::ReasonMissing, _) => &["reason"],
        Error::Code(Code::BadPrefix) => &["prefix"],
        Error::Code(Code::LoopInTree) => &["parent"],
        Error::Code(Code::InThePast) => &["from", "at", "expires"],
        Error::Code(Code::EndsBeforeItBegins) => &["until"],
        Error::Code(Code::ForOneself) => &["person"],
        _ => &[],
    }
}

/// Reads what was typed, and notes what is wrong.
pub(super) struct Reading<'a> {
    pub(super) page: &'a Page,
    pub(super) fields: &'a Fields,
    pub(super) wrong: Vec<(&'static str, String)>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(page: &'a Page, fields: &'a Fields) -> Reading<'a> {
        Reading { page, fields, wrong: Vec::new() }
    }

    /// Returns what a field holds that must hold something.
    pub(super) fn required<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        if self.fields.text(name).is_empty() {
            self.wrong.push((name, self.page.say("field-missing")));
        }
        self.optional(name)
    }

    /// Returns what a field holds that may be left empty.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let text = self.fields.text(name);
        if text.is_empty() {
            return None;
        }
        let read = serde_json::from_value(Value::String(text.to_owned())).ok();
        if read.is_none() {
            self.wrong.push((name, self.page.say("field-unreadable")));
        }
        read
    }

    /// Returns when something begins that begins on a day: none where that is today, for it begins now.
    pub(super) fn beginning(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        let day: NaiveDate = self.optional(name)?;
        (day != self.page.today()).then(|| self.page.zone.start_of(day))
    }

    /// Returns when something is over that ends with a day.
    pub(super) fn end(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        let day: NaiveDate = self.optional(name)?;
        Some(self.page.zone.end_of(day))
    }

    /// Returns whether what is asked is to be done: nothing is wrong, and nobody wants to look it over first.
    pub(super) fn is_good(&self) -> bool {
        self.wrong.is_empty() && !is_shown_first(self.fields)
    }

    /// Returns what was read, where it is to be done.
    pub(super) fn asked<T>(self, read: Option<T>) -> Result<T, Undone> {
        match read {
            Some(asked) if self.is_good() => Ok(asked),
            _ => Err(Undone::Unread(self.wrong)),
        }
    }
}

/// Returns a value as a form sends it.
pub(super) fn sent_as(value: &impl serde::Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}
