//! What was filled in, as a command has it.

use chrono::NaiveDate;
use rectify_case::{CaseNumber, UnitId};
use serde_json::{Map, Value, json};

use super::forms::{Field, Kind};
use super::scene::Scene;
use super::{change, correctable, other_case, parts};
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::form::Fields;

/// The most measures a plan has here.
pub(super) const MEASURES: usize = 8;

/// What is counted, as fields and commands name it.
pub(super) const MEASURED: [&str; 4] = ["money", "households", "persons", "records"];

/// What was filled in, and what is wrong with it: by field, the name of what is said.
#[derive(Default)]
pub(super) struct Read {
    pub(super) data: Map<String, Value>,
    pub(super) wrong: Vec<(String, &'static str)>,
}

/// Reads a form.
pub(super) async fn read(desk: &Desk, scene: &Scene<'_>, form: &[Field], fields: &Fields) -> Result<Read, Error> {
    let mut read = Read::default();
    for field in form {
        match value(desk, scene, *field, fields).await? {
            Ok(Some(Value::Object(several))) if field.kind.is_several() => read.data.extend(several),
            Ok(Some(value)) => drop(read.data.insert(field.name.to_owned(), value)),
            Ok(None) if field.required => read.wrong.push((field.name.to_owned(), "field-missing")),
            Ok(None) => {}
            Err(said) => read.wrong.push((field.name.to_owned(), said)),
        }
    }
    Ok(read)
}

/// What one field holds; or the name of what is said of it where it cannot be read.
pub(super) type Read1 = Result<Option<Value>, &'static str>;

async fn value(desk: &Desk, scene: &Scene<'_>, field: Field, fields: &Fields) -> Result<Read1, Error> {
    let text = fields.text(field.name);
    let some = |value: Value| Ok(Some(value));
    let plain = || if text.is_empty() { Ok(None) } else { some(json!(text)) };
    Ok(match field.kind {
        Kind::Line
        | Kind::Text
        | Kind::Severity
        | Kind::Verdict
        | Kind::Ground
        | Kind::HandedAct
        | Kind::OwnUnit
        | Kind::FilingUnit
        | Kind::Lead
        | Kind::Unit
        | Kind::Person
        | Kind::Relation
        | Kind::NewCase
        | Kind::OnFile => plain(),
        Kind::Link => other_case::read_link(text),
        Kind::FindingOf => other_case::read_finding(desk, scene, field.name, fields).await?,
        Kind::Parts => parts::read(field.name, fields),
        Kind::Change => change::read(field.name, fields),
        Kind::Correctable => correctable::read(scene.case, text),
        Kind::Subjects => subjects(field.name, fields),
        Kind::Day if text.is_empty() => Ok(None),
        Kind::Day => text.parse::<NaiveDate>().map(|day| Some(json!(day))).map_err(|_| "field-no-day"),
        Kind::Amounts | Kind::AnyAmounts => amounts(field.name, fields),
        Kind::Outcome => outcome(field.name, fields),
        Kind::Leads | Kind::Units | Kind::Opened => {
            let chosen: Vec<&str> = all(fields, field.name).collect();
            if chosen.is_empty() { Ok(None) } else { some(json!(chosen)) }
        }
        Kind::Done | Kind::DoneToo => {
            let done: Result<Vec<u32>, _> = all(fields, field.name).map(str::parse).collect();
            done.map(|done| Some(json!(done))).map_err(|_| "field-unreadable")
        }
        Kind::Term => term(field.name, fields),
        Kind::Plan => plan(field.name, fields),
        Kind::File => {
            let file = all(fields, field.name).next_back().and_then(|text| serde_json::from_str::<Value>(text).ok());
            Ok(file)
        }
        Kind::Files => some(files(scene, field.name, fields)),
        Kind::Level => some(json!(scene.case.next_level())),
        Kind::Held => match text {
            "true" => some(json!(true)),
            "false" => some(json!(false)),
            _ => Ok(None),
        },
        Kind::Case => match text.parse::<CaseNumber>() {
            _ if text.is_empty() => Ok(None),
            Err(_) => Err("field-no-case"),
            Ok(number) => desk.ledger.resolve(&number).await?.map(|case| Some(json!(case))).ok_or("field-no-case"),
        },
    })
}

/// Returns every value of a field that holds something.
fn all<'a>(fields: &'a Fields, name: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
    fields.0.iter().filter(move |(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// Reads amounts, money in yuan.
pub(super) fn amounts(name: &str, fields: &Fields) -> Read1 {
    let mut amounts = Map::new();
    for measured in MEASURED {
        let text: String = fields.text(&format!("{name}.{measured}")).replace([',', '，'], "");
        if text.is_empty() {
            continue;
        }
        let amount = if measured == "money" { fen(&text) } else { text.parse().ok() };
        amounts.insert(measured.to_owned(), json!(amount.ok_or("field-no-amount")?));
    }
    Ok((!amounts.is_empty()).then_some(Value::Object(amounts)))
}

/// Returns yuan with at most two decimals as 分.
fn fen(text: &str) -> Option<u64> {
    let (yuan, cents) = text.split_once('.').unwrap_or((text, ""));
    if cents.len() > 2 || !cents.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let cents: u64 = format!("{cents:0<2}").parse().ok()?;
    yuan.parse::<u64>().ok()?.checked_mul(100)?.checked_add(cents)
}

/// Reads units and people, each told by a word before its id.
fn subjects(name: &str, fields: &Fields) -> Read1 {
    let mut subjects = Vec::new();
    for said in all(fields, name) {
        let (kind, id) =
            said.split_once(' ').filter(|(kind, _)| ["unit", "person"].contains(kind)).ok_or("field-unreadable")?;
        subjects.push(json!({ kind: id }));
    }
    Ok((!subjects.is_empty()).then_some(Value::Array(subjects)))
}

fn outcome(name: &str, fields: &Fields) -> Read1 {
    let kind = fields.text(name);
    match kind {
        "" => Ok(None),
        "done_and_kept_up" => {
            let review: NaiveDate = fields.text(&format!("{name}.review")).parse().map_err(|_| "field-no-review")?;
            Ok(Some(json!({ "kind": kind, "review": review })))
        }
        _ => Ok(Some(json!({ "kind": kind }))),
    }
}

pub(super) fn term(name: &str, fields: &Fields) -> Read1 {
    let text = |part: &str| fields.text(&format!("{name}.{part}"));
    let (days, on, cite) = (text("days"), text("on"), text("cite"));
    let ends = match (days, on) {
        ("", "") => return Ok(None),
        (days, "") => {
            let days: u16 = days.parse().map_err(|_| "field-no-days")?;
            let kind = if text("count") == "working" { "working" } else { "calendar" };
            json!({ "after": { kind: days } })
        }
        ("", on) => json!({ "on": on.parse::<NaiveDate>().map_err(|_| "field-no-day")? }),
        _ => return Err("field-days-or-day"),
    };
    let mut term = json!({ "ends": ends });
    if !cite.is_empty() {
        term["rule"] = json!({ "pack": "office", "cite": cite });
    }
    Ok(Some(term))
}

fn plan(name: &str, fields: &Fields) -> Read1 {
    let mut measures = Vec::new();
    for at in 0..MEASURES {
        let text = |part: &str| fields.text(&format!("{name}.{at}.{part}"));
        if text("text").is_empty() {
            continue;
        }
        let unit: UnitId = text("unit").parse().map_err(|_| "field-measure-unit")?;
        let by: NaiveDate = text("by").parse().map_err(|_| "field-measure-day")?;
        measures.push(json!({ "text": text("text"), "unit": unit, "by": by }));
    }
    Ok((!measures.is_empty()).then(|| json!({ "measures": measures })))
}

/// Returns the new files, and those on file that are listed again.
fn files(scene: &Scene<'_>, name: &str, fields: &Fields) -> Value {
    let new = all(fields, name).filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let again = format!("{name}.again");
    let listed: Vec<&str> = all(fields, &again).collect();
    let known = scene.case.evidence.values().filter(|file| listed.contains(&file.evidence.digest.to_string().as_str()));
    Value::Array(new.chain(known.map(|file| json!(file.evidence))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_become_fen_exactly() {
        assert_eq!(fen("128000"), Some(12_800_000));
        assert_eq!(fen("0.5"), Some(50));
        assert_eq!(fen("7.05"), Some(705));
        for text in ["", ".5.", "1.234", "-1", "1,5", "一"] {
            assert_eq!(fen(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_term_is_so_many_days_or_a_day_and_not_both() {
        let read = |pairs: &[(&str, &str)]| {
            let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            term("term", &Fields(fields))
        };
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("term.days", "60")]), Ok(Some(json!({ "ends": { "after": { "calendar": 60 } } }))));
        assert_eq!(
            read(&[("term.days", "15"), ("term.count", "working"), ("term.cite", "州整改办〔2020〕3号")]),
            Ok(Some(json!({
                "ends": { "after": { "working": 15 } }, "rule": { "pack": "office", "cite": "州整改办〔2020〕3号" },
            })))
        );
        assert_eq!(read(&[("term.on", "2020-07-10")]), Ok(Some(json!({ "ends": { "on": "2020-07-10" } }))));
        assert_eq!(read(&[("term.days", "60"), ("term.on", "2020-07-10")]), Err("field-days-or-day"));
        assert_eq!(read(&[("term.days", "soon")]), Err("field-no-days"));
    }
}
