//! What one intake reads, and how it becomes a finding.

use chrono::{DateTime, Utc};
use rectify_case::directory::{self, Directory, Intake, Source, UnitKind};
use rectify_case::finding::{Details, Finding, Reference, Severity, Subject};
use rectify_case::quantity::{Amounts, MOST};
use rectify_case::{DivisionCode, Happened, Zone};
use rectify_keys::Content;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::amount::Unit;
use crate::cell::trimmed;
use crate::column::Column;
use crate::reason::Reason;

/// The document of one intake: its fields are those its columns fill.
pub trait Document: Serialize + DeserializeOwned + Send + 'static {
    /// Which intake.
    const INTAKE: Intake;
    /// The source taken when neither the document nor whoever hands it in says one.
    const SOURCE: Option<&'static str>;
    /// Whether rows with the same item are parts of one document, in whatever sheet or file they stand.
    const JOINED: bool = false;
    /// The field in which rows of a list may name several problems at once.
    const SEVERAL: Option<&'static str> = None;
    /// Whether the source hands in no document: its own name stands for issuing body and document where nothing else is said.
    const SELF_ISSUED: bool = false;
    /// Whether what its documents say is sealed before it is handed in.
    const SEALED: bool = false;
    /// Words in headers that name a petitioner: Chinese ones anywhere, English ones alone. What stands under them becomes the
    /// field `identity`.
    const IDENTITY: &'static [&'static str] = &[];

    /// Returns the columns.
    fn columns() -> Vec<Column>;

    /// Returns the item the source knows it by.
    fn item(&mut self) -> &mut Option<String>;

    /// Returns the finding.
    fn into_finding(self, context: &mut Context<'_>) -> Result<Finding, Fault>;
}

/// What whoever hands in says for every finding that does not say it itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// The source: its code or its name.
    pub source: Option<String>,
    /// Who issued the document.
    pub issuing_body: Option<String>,
    /// The document's number.
    pub document: Option<String>,
    /// The division: its name or its code.
    pub division: Option<String>,
    /// When it was found.
    pub discovered: Option<Happened>,
    /// The year of days that say none.
    pub year: Option<i32>,
    /// The unit of amounts that say none.
    pub unit: Option<Unit>,
}

impl Given {
    /// Returns what is given, and where nothing is, what is given otherwise.
    pub fn or(self, otherwise: &Given) -> Given {
        Given {
            source: self.source.or_else(|| otherwise.source.clone()),
            issuing_body: self.issuing_body.or_else(|| otherwise.issuing_body.clone()),
            document: self.document.or_else(|| otherwise.document.clone()),
            division: self.division.or_else(|| otherwise.division.clone()),
            discovered: self.discovered.or(otherwise.discovered),
            year: self.year.or(otherwise.year),
            unit: self.unit.or(otherwise.unit),
        }
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        match field {
            "source" => self.source.is_some(),
            "issuing_body" => self.issuing_body.is_some(),
            "document" => self.document.is_some(),
            "division" => self.division.is_some(),
            "discovered" => self.discovered.is_some(),
            _ => false,
        }
    }
}

/// What every document has.
#[derive(Clone, Debug, Default)]
pub struct Basics {
    /// The source's code or name.
    pub source: Option<String>,
    /// Who issued the document.
    pub issuing_body: Option<String>,
    /// The document's number.
    pub document: Option<String>,
    /// The item in the document.
    pub item: Option<String>,
    /// One line that says what is wrong; the text's first sentence where there is none.
    pub title: Option<String>,
    /// The finding in the source's own words.
    pub text: Option<String>,
    /// The division's name or code.
    pub division: Option<String>,
    /// Where, in words.
    pub place: Option<String>,
    /// When it was found.
    pub discovered: Option<Happened>,
    /// The source's own category.
    pub category: Option<String>,
    /// How grave the source holds it to be.
    pub severity: Option<Severity>,
    /// What was counted.
    pub found: Amounts,
}

/// What is wrong in a document, or to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field.
    pub field: &'static str,
    /// What stands there.
    pub value: String,
    /// What is wrong with it.
    pub reason: Reason,
}

impl Fault {
    /// Returns the fault.
    pub fn new(field: &'static str, value: impl Into<String>, reason: Reason) -> Fault {
        Fault { field, value: value.into(), reason }
    }

    /// Returns the sentence in Chinese.
    pub fn chinese(&self) -> String {
        format!("{} “{}”：{}", self.field, self.value, self.reason.chinese())
    }

    fn missing(field: &'static str) -> Fault {
        Fault::new(field, "", Reason::Missing)
    }
}

/// What a document is read against.
pub struct Context<'a> {
    directory: &'a Directory,
    given: &'a Given,
    received: DateTime<Utc>,
    zone: Zone,
    warnings: Vec<Fault>,
    content: Option<Content>,
}

/// The longest finding taken, as it is written. The event around it stays within its 256 KiB.
const LONGEST: usize = 200 * 1024;

/// The longest that is sealed of a document: in base64 it is a third longer.
const LONGEST_SEALED: usize = 140 * 1024;

impl<'a> Context<'a> {
    /// Returns what documents that came in at an instant are read against.
    pub fn new(directory: &'a Directory, given: &'a Given, received: DateTime<Utc>, zone: Zone) -> Context<'a> {
        Context { directory, given, received, zone, warnings: Vec::new(), content: None }
    }

    /// Notes what is to be looked at and does not keep the finding out.
    pub fn warn(&mut self, fault: Fault) {
        self.warnings.push(fault);
    }

    /// Hands over what of this document is to be sealed. Refuses what an event could not hold.
    pub fn seal(&mut self, content: Content) -> Result<(), Fault> {
        let length = content.to_clear().len();
        if length > LONGEST_SEALED {
            return Err(Fault::new("text", format!("{} KiB", length / 1024), Reason::TooLongToSeal));
        }
        self.content = Some(content);
        Ok(())
    }

    pub(crate) fn take_content(&mut self) -> Option<Content> {
        self.content.take()
    }

    pub(crate) fn take_warnings(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.warnings)
    }

    /// Puts a finding together from what every document has and what only this kind has.
    pub fn finding<D: Document>(&self, basics: Basics, details: Details) -> Result<Finding, Fault> {
        let given = self.given;
        let source = self.source::<D>(basics.source.as_deref())?;
        let own = D::SELF_ISSUED.then(|| source.name.clone());
        let text = basics.text.filter(|text| !trimmed(text).is_empty()).ok_or_else(|| Fault::missing("text"))?;
        let reference = Reference {
            issuing_body: needed("issuing_body", basics.issuing_body, given.issuing_body.as_ref(), own.as_ref())?,
            document: needed("document", basics.document, given.document.as_ref(), own.as_ref())?,
            item: needed("item", basics.item, None, None)?,
        };
        let discovered = basics.discovered.or(given.discovered).ok_or_else(|| Fault::missing("discovered"))?;
        self.not_in_the_future("discovered", discovered)?;
        if let Some(amount) = basics.found.values().find(|amount| **amount > MOST) {
            return Err(Fault::new("money_fen", amount.to_string(), Reason::TooLarge));
        }
        let finding = Finding {
            source: source.code.clone(),
            reference,
            title: basics.title.filter(|title| !title.is_empty()).unwrap_or_else(|| first_sentence(&text)),
            text,
            division: self.division(basics.division.as_deref())?,
            place: basics.place,
            discovered,
            category: basics.category,
            severity: basics.severity,
            found: basics.found,
            details,
        };
        let length = serde_json::to_vec(&finding).map_or(usize::MAX, |bytes| bytes.len());
        if length > LONGEST {
            return Err(Fault::new("text", format!("{} KiB", length / 1024), Reason::TooLong));
        }
        Ok(finding)
    }

    /// Refuses what happened after it came in.
    pub fn not_in_the_future(&self, field: &'static str, happened: Happened) -> Result<(), Fault> {
        if happened.earliest(self.zone) > self.received {
            return Err(Fault::new(field, happened.to_string(), Reason::Future));
        }
        Ok(())
    }

    /// Finds whom a name means: a unit, or a person.
    pub fn subject(&self, name: &str) -> Result<Subject, Reason> {
        let units = self.directory.units().filter(|unit| unit.name == name && self.directory.is_active(unit.id));
        let people = self.directory.people().filter(|(_, known)| *known == name);
        let mut subjects = units.map(|unit| Subject::Unit(unit.id)).chain(people.map(|(id, _)| Subject::Person(id)));
        let subject = subjects.next().ok_or(Reason::UnknownSubject)?;
        if subjects.next().is_some() { Err(Reason::Ambiguous) } else { Ok(subject) }
    }

    /// Finds the source by its code or name; the one given, or the intake's own, where there is none.
    pub(crate) fn source<D: Document>(&self, named: Option<&str>) -> Result<&'a Source, Fault> {
        let named = named.or(self.given.source.as_deref()).or(D::SOURCE).unwrap_or_default();
        let bare = |name: &str| name.replace(['“', '”', '"'], "");
        let matches = |source: &&Source| source.code.as_str() == named || bare(&source.name) == bare(named);
        let own = || self.directory.sources().filter(|source| source.intake == D::INTAKE);
        own().find(matches).ok_or_else(|| {
            let accepted: Vec<&str> = own().map(|source| source.name.as_str()).collect();
            Fault::new("source", named, Reason::UnknownSource(accepted.join("、")))
        })
    }

    /// Finds the division by its code or by the name of a county or the prefecture; the one given where there is none.
    pub fn division(&self, named: Option<&str>) -> Result<DivisionCode, Fault> {
        let Some(named) = named.or(self.given.division.as_deref()) else {
            return Err(Fault::missing("division"));
        };
        let found = match named.parse::<DivisionCode>() {
            Ok(code) => {
                let below = |outer: &DivisionCode| code.as_str().len() > 6 && code.lies_in(outer);
                let known = places(self.directory).any(|unit| unit.division == code || below(&unit.division));
                if known { Ok(code) } else { Err(Reason::UnknownDivision) }
            }
            Err(_) => division_called(named, self.directory),
        };
        found.map_err(|reason| Fault::new("division", named, reason))
    }

    /// Checks what is given for every finding, before the first is read.
    pub(crate) fn check_given<D: Document>(&self) -> Result<(), Fault> {
        if self.given.source.is_some() {
            self.source::<D>(None)?;
        }
        if self.given.division.is_some() {
            self.division(None)?;
        }
        self.given.discovered.map_or(Ok(()), |discovered| self.not_in_the_future("discovered", discovered))
    }
}

/// Finds the division of the county or prefecture that a name means.
pub fn division_called(name: &str, directory: &Directory) -> Result<DivisionCode, Reason> {
    let mut codes: Vec<&DivisionCode> =
        places(directory).filter(|unit| is_called(&unit.name, name)).map(|unit| &unit.division).collect();
    codes.dedup();
    match codes.as_slice() {
        [code] => Ok((*code).clone()),
        [] => Err(Reason::UnknownDivision),
        _ => Err(Reason::Ambiguous),
    }
}

/// Returns the counties and prefectures that are not abolished.
fn places(directory: &Directory) -> impl Iterator<Item = &directory::Unit> {
    let units = directory.units().filter(|unit| directory.is_active(unit.id));
    units.filter(|unit| matches!(unit.kind, UnitKind::County | UnitKind::Prefecture))
}

/// Returns whether a unit goes by a name: in full, or without what kind of division it is.
fn is_called(unit: &str, name: &str) -> bool {
    unit == name || ["县", "市", "区", "州"].iter().any(|kind| unit.strip_suffix(kind) == Some(name))
}

fn needed(
    field: &'static str,
    own: Option<String>,
    given: Option<&String>,
    otherwise: Option<&String>,
) -> Result<String, Fault> {
    let own = own.filter(|text| !text.is_empty());
    own.or_else(|| given.or(otherwise).cloned()).ok_or_else(|| Fault::missing(field))
}

/// Returns the first sentence of a text, at most sixty characters of it.
pub fn first_sentence(text: &str) -> String {
    let sentence = text.split(['。', '！', '？', '；', '\n']).map(str::trim).find(|part| !part.is_empty());
    let sentence = sentence.unwrap_or(text);
    let mut title: String = sentence.chars().take(60).collect();
    if title.len() < sentence.len() {
        title.push('…');
    }
    title
}

/// Returns the name of an intake, as it stands in paths and commands.
pub(crate) fn intake_name(intake: Intake) -> &'static str {
    match intake {
        Intake::Inspection => "inspection",
        Intake::Audit => "audit",
        Intake::Petition => "petition",
    }
}
