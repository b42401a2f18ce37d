//! The parts that a case is split into: a title and a share of what is outstanding each.

use rectify_case::CaseId;
use rectify_kit::ids;
use serde_json::{Value, json};

use super::reading::{Read1, amounts};
use super::scene::Scene;
use crate::pages::form::Fields;
use crate::pages::page::Page;

/// The most parts that a case is split into here.
const PARTS: usize = 6;

/// A part as it is filled in.
pub(super) struct Row {
    /// The id of the case that it becomes: chosen when the form is first shown, so that one sent twice is the same.
    pub(super) id: String,
    pub(super) title: String,
    /// What is counted: the field, the amount, and what it is.
    pub(super) amounts: Vec<(String, String, String)>,
}

/// Returns the parts of a form.
pub(super) fn rows(scene: &Scene<'_>, page: &Page, name: &str, fields: &Fields) -> Vec<Row> {
    let counted = scene.counted();
    let row = |at: usize| {
        let text = |part: &str| fields.text(&format!("{name}.{at}.{part}")).to_owned();
        let amounts = counted.iter().map(|measured| {
            let field = format!("{name}.{at}.{measured}");
            (field.clone(), fields.text(&field).to_owned(), page.say(&format!("measured-{measured}")))
        });
        let id = Some(text("id")).filter(|id| !id.is_empty()).unwrap_or_else(|| ids::new().to_string());
        Row { id, title: text("title"), amounts: amounts.collect() }
    };
    (0..PARTS).map(row).collect()
}

/// Reads the parts that have something in them.
pub(super) fn read(name: &str, fields: &Fields) -> Read1 {
    let mut parts = Vec::new();
    for at in 0..PARTS {
        let text = |part: &str| fields.text(&format!("{name}.{at}.{part}"));
        let found = amounts(&format!("{name}.{at}"), fields)?;
        match (text("title"), found) {
            ("", None) => {}
            ("", Some(_)) => return Err("field-part-title"),
            (title, found) => {
                let id: CaseId = text("id").parse().map_err(|_| "field-unreadable")?;
                parts.push(json!({ "id": id, "title": title, "found": found.unwrap_or_else(|| json!({})) }));
            }
        }
    }
    Ok((!parts.is_empty()).then_some(Value::Array(parts)))
}

/// Returns two parts, one with all that is outstanding, to see whether a split as such is possible.
pub(super) fn sample(scene: &Scene<'_>) -> Value {
    json!([
        { "id": CaseId(ids::new()), "title": "……", "found": scene.case.outstanding() },
        { "id": CaseId(ids::new()), "title": "……" },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn parts_are_read_as_far_as_they_are_filled_in() {
        let id = "00000000-0000-0000-0000-000000000001";
        let filled = [
            ("parts.0.id", id),
            ("parts.0.title", "曲告纳镇部分"),
            ("parts.0.households", "8"),
            ("parts.1.id", id),
            ("parts.1.title", ""),
        ];
        let wanted = json!([{ "id": id, "title": "曲告纳镇部分", "found": { "households": 8 } }]);
        assert_eq!(read("parts", &fields(&filled)), Ok(Some(wanted)));
        assert_eq!(read("parts", &fields(&[])), Ok(None));
        assert_eq!(read("parts", &fields(&[("parts.2.money", "5")])), Err("field-part-title"));
        assert_eq!(read("parts", &fields(&[("parts.0.money", "x")])), Err("field-no-amount"));
    }
}
