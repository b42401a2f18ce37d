//! A change of a deadline: days that do not count, or another term.

use chrono::NaiveDate;
use serde_json::json;

use super::reading::{Read1, term};
use crate::pages::form::Fields;

/// Reads a change of a deadline. Days that do not count have the reason of the whole act.
pub(super) fn read(name: &str, fields: &Fields) -> Read1 {
    let (from, to) = (fields.text(&format!("{name}.from")), fields.text(&format!("{name}.to")));
    let replaced = term(name, fields)?;
    if from.is_empty() && to.is_empty() {
        return Ok(replaced.map(|term| json!({ "replace": term })));
    }
    if replaced.is_some() {
        return Err("field-suspend-or-term");
    }
    let (Ok(from), Ok(to)) = (from.parse::<NaiveDate>(), to.parse::<NaiveDate>()) else { return Err("field-no-day") };
    if to < from {
        return Err("field-to-before-from");
    }
    Ok(Some(json!({ "suspend": { "from": from, "to": to, "reason": fields.text("reason") } })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_suspends_or_replaces_and_not_both() {
        let read = |pairs: &[(&str, &str)]| {
            let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            read("change", &Fields(fields))
        };
        assert_eq!(read(&[]), Ok(None));
        let days = [("change.from", "2020-06-01"), ("change.to", "2020-06-10"), ("reason", "汛期")];
        let suspended = json!({ "suspend": { "from": "2020-06-01", "to": "2020-06-10", "reason": "汛期" } });
        assert_eq!(read(&days), Ok(Some(suspended)));
        let replaced = json!({ "replace": { "ends": { "on": "2020-07-10" } } });
        assert_eq!(read(&[("change.on", "2020-07-10")]), Ok(Some(replaced)));
        assert_eq!(
            read(&[("change.from", "2020-06-01"), ("change.to", "2020-06-10"), ("change.days", "5")]),
            Err("field-suspend-or-term")
        );
        assert_eq!(read(&[("change.from", "2020-06-01")]), Err("field-no-day"));
        assert_eq!(read(&[("change.from", "2020-06-10"), ("change.to", "2020-06-01")]), Err("field-to-before-from"));
    }
}
