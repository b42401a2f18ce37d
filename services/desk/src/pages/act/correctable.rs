//! What of a case can be corrected: which field of which event, with what stands there.

use rectify_case::event::Field;
use rectify_case::{Case, Version};
use serde_json::json;

use super::Choice;
use super::reading::Read1;
use crate::pages::page::Page;

/// A field of an event that can be corrected.
struct Correctable {
    version: Version,
    field: Field,
    old: String,
}

/// How many characters of what stands there are shown where one is chosen.
const SHOWN: usize = 40;

fn all(case: &Case) -> Vec<Correctable> {
    let mut all = Vec::new();
    let first = case.findings.first().map_or(1, |held| held.version);
    all.push(Correctable { version: first, field: Field::Title, old: case.title.clone() });
    for held in &case.findings {
        let (version, finding) = (held.version, &held.finding);
        let fields = [
            (Field::Text, finding.text.clone()),
            (Field::Place, finding.place.clone().unwrap_or_default()),
            (Field::Category, finding.category.clone().unwrap_or_default()),
            (Field::Discovered, finding.discovered.to_string()),
        ];
        all.extend(fields.map(|(field, old)| Correctable { version, field, old }));
    }
    for progress in &case.progress {
        all.push(Correctable { version: progress.version, field: Field::Progress, old: progress.text.clone() });
    }
    if let Some(report) = &case.report {
        all.push(Correctable { version: report.version, field: Field::Account, old: report.account.clone() });
    }
    all
}

impl Correctable {
    /// Returns what it is known by in a form.
    fn key(&self) -> String {
        format!("{} {}", self.version, json!(self.field).as_str().unwrap_or_default())
    }
}

/// Returns what can be corrected, to choose from.
pub(super) fn choices(case: &Case, page: &Page, chosen: &dyn Fn(&str) -> bool) -> Vec<Choice> {
    let choice = |one: Correctable| {
        let mut old: String = one.old.chars().take(SHOWN).collect();
        if one.old.chars().count() > SHOWN {
            old.push('…');
        }
        let field = page.say_two("said-corrected", ("version", one.version), ("field", page.correctable(&one.field)));
        let key = one.key();
        Choice { chosen: chosen(&key), said: format!("{field} · {old}"), value: key }
    };
    all(case).into_iter().map(choice).collect()
}

/// Reads what is to be corrected, with what stands there.
pub(super) fn read(case: &Case, text: &str) -> Read1 {
    if text.is_empty() {
        return Ok(None);
    }
    let one = all(case).into_iter().find(|one| one.key() == text).ok_or("field-unreadable")?;
    Ok(Some(json!({ "version": one.version, "field": one.field, "old": one.old })))
}
