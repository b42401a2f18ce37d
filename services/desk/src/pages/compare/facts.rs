//! What a case is at a moment, fact by fact, so that two moments can be set side by side.

use rectify_case::quantity::Measured;
use rectify_case::{Case, Directory};
use serde_json::json;

use crate::pages::case::{duties, size_said};
use crate::pages::page::Page;
use crate::pages::words::yuan;

/// What is said of a case, under what it is known by at any moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) key: String,
    pub(super) label: String,
    pub(super) text: String,
}

/// The parts of a case, by the names of what they are called.
pub(super) const SECTIONS: [&str; 5] =
    ["compare-standing", "section-found", "section-repair", "section-duties", "section-files"];

/// Returns the facts of a case, by part.
pub(super) fn of(case: &Case, page: &Page, directory: &Directory) -> [Vec<Fact>; 5] {
    [
        standing(case, page, directory),
        findings(case, page),
        repair(case, page, directory),
        answering(case, page, directory),
        files(case, page, directory),
    ]
}

fn standing(case: &Case, page: &Page, directory: &Directory) -> Vec<Fact> {
    let deadline = case.deadline.as_ref().map(|deadline| page.deadline(deadline));
    let asked = case.extension.as_ref().map(|asked| {
        page.say_two("said-of-unit", ("unit", directory.unit_name(asked.unit)), ("text", asked.until.to_string()))
    });
    let levels = case.assignment.as_ref().map_or(0, |assignment| assignment.levels.len());
    let passed = page.say_two("compare-levels", ("passed", case.passed.len()), ("levels", levels));
    let said = [
        ("column-number", case.number.as_ref().map(ToString::to_string)),
        ("field-title", Some(case.title.clone())),
        ("column-stage", case.stage.map(|stage| page.stage(&stage))),
        ("column-severity", Some(page.severity(&case.severity))),
        ("column-due", deadline),
        ("tag-extension", asked),
        ("compare-passed", (levels > 0).then_some(passed)),
        ("field-verdict", case.verdict.map(|verdict| page.verdict(&verdict))),
        ("compare-returns", times(case.returns)),
        ("compare-reopenings", times(case.reopenings)),
    ];
    let fact = |(name, text): (&str, Option<String>)| {
        let text = text.filter(|text| !text.is_empty())?;
        Some(Fact { key: name.to_owned(), label: page.say(name), text })
    };
    said.into_iter().filter_map(fact).collect()
}

fn times(number: u32) -> Option<String> {
    (number > 0).then(|| number.to_string())
}

fn findings(case: &Case, page: &Page) -> Vec<Fact> {
    let facts = case.findings.iter().map(|held| {
        let finding = &held.finding;
        let mut text = Vec::new();
        text.extend(Some(finding.title.clone()).filter(|title| !finding.text.starts_with(title.as_str())));
        text.push(finding.text.clone());
        text.extend(finding.place.clone());
        text.extend(Some(page.amounts(&finding.found)).filter(|amounts| !amounts.is_empty()));
        Fact { key: held.id.to_string(), label: page.reference(&finding.reference), text: text.join("\n") }
    });
    facts.collect()
}

fn repair(case: &Case, page: &Page, directory: &Directory) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (measured, quantity) in case.quantities.iter().filter(|(_, quantity)| quantity.found > 0) {
        let number = |amount: u64| if *measured == Measured::Money { yuan(amount) } else { amount.to_string() };
        let said = [
            page.say_two("amount-found", ("n", number(quantity.found)), ("unit", page.measured(measured))),
            page.say_of("amount-reported", "n", number(quantity.reported)),
            page.say_of("amount-verified", "n", number(quantity.verified)),
            page.say_of("amount-outstanding", "n", number(quantity.outstanding().unwrap_or(0))),
        ];
        facts.push(Fact {
            key: json!(measured).to_string(),
            label: page.say_of("compare-amount", "unit", page.measured(measured)),
            text: said.join(&page.say("amount-comma")),
        });
    }
    for (lead, plan) in &case.plans {
        for (at, measure) in plan.plan.measures.iter().enumerate() {
            let state = page.say(if plan.is_done(at) { "measure-done" } else { "measure-open" });
            let unit = directory.unit_name(measure.unit);
            facts.push(Fact {
                key: format!("{lead} {at}"),
                label: page.say_of("compare-measure", "n", at + 1),
                text: format!("{}\n{unit} · {} · {state}", measure.text, measure.by),
            });
        }
    }
    facts
}

fn answering(case: &Case, page: &Page, directory: &Directory) -> Vec<Fact> {
    let facts = duties(case, page, directory).into_iter();
    facts.map(|(label, text)| Fact { key: label.clone(), label, text }).collect()
}

fn files(case: &Case, page: &Page, directory: &Directory) -> Vec<Fact> {
    let facts = case.evidence.values().map(|file| {
        let (unit, size) = (directory.unit_name(file.unit), size_said(file.evidence.size));
        let mut text = vec![page.say_two("file-about", ("unit", unit), ("size", size))];
        text.extend(file.withdrawn.as_ref().map(|reason| page.say_of("file-withdrawn", "reason", reason.as_str())));
        Fact { key: file.evidence.digest.to_string(), label: file.evidence.name.clone(), text: text.join("\n") }
    });
    facts.collect()
}
