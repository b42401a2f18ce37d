//! Another case that an act names: a link to it, or a finding of it.

use rectify_case::{CaseId, CaseNumber};
use rectify_kit::act;
use serde_json::json;

use super::Choice;
use super::reading::Read1;
use super::scene::Scene;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::form::Fields;
use crate::pages::page::Page;

/// Returns the links of a case to choose from, but for those to cases that are kept from who acts.
pub(super) fn links(scene: &Scene<'_>, page: &Page, chosen: &dyn Fn(&str) -> bool) -> Vec<Choice> {
    let link = |(other, relation): &(CaseId, rectify_case::event::Relation)| {
        let named = scene.related.iter().find(|related| related.case.id == *other)?;
        let name = named.case.number.clone().unwrap_or_else(|| named.case.title.clone());
        let value = format!("{other} {}", json!(relation).as_str().unwrap_or_default());
        let said = format!("{} {name}", page.relation(relation));
        Some(Choice { chosen: chosen(&value), value, said })
    };
    scene.case.links.iter().filter_map(link).collect()
}

/// Reads a link.
pub(super) fn read_link(text: &str) -> Read1 {
    let Some((other, relation)) = text.split_once(' ') else { return Ok(None) };
    let other: CaseId = other.parse().map_err(|_| "field-unreadable")?;
    Ok(Some(json!({ "other": other, "relation": relation })))
}

/// Reads a finding of another case, which is named by its number and, where it has several, the item in its document.
pub(super) async fn read_finding(desk: &Desk, scene: &Scene<'_>, name: &str, fields: &Fields) -> Result<Read1, Error> {
    let (text, item) = (fields.text(name), fields.text(&format!("{name}.item")));
    if text.is_empty() {
        return Ok(Ok(None));
    }
    let Ok(number) = text.parse::<CaseNumber>() else { return Ok(Err("field-no-case")) };
    let Some(id) = desk.ledger.resolve(&number).await? else { return Ok(Err("field-no-case")) };
    let (other, _) = act::load(&desk.frame.log, id).await?;
    if !scene.caller.sees(&other) {
        return Ok(Err("field-no-case"));
    }
    let mut fitting =
        other.findings.iter().filter(|held| item.is_empty() || held.finding.reference.item.as_str() == item);
    Ok(match (fitting.next(), fitting.next()) {
        (Some(held), None) => Ok(Some(json!({ "from": other.id, "finding": held.id }))),
        _ => Err("field-which-finding"),
    })
}
