//! The columns an intake knows, and how a cell of each is read.

use rectify_case::Zone;
use serde_json::Value;

use crate::amount::{count, money};
use crate::cell::Cell;
use crate::moment::moment;
use crate::reason::Reason;

/// A column: the field of the document it fills, and the headers it is known by.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The field of the document it fills; an accepted header too, but for money, which people write in yuan.
    pub field: &'static str,
    /// Other accepted headers, the Chinese one that is shown first.
    pub names: &'static [&'static str],
    /// How its cells are read.
    pub kind: Kind,
    /// Whether it must be there.
    pub need: Need,
}

/// How the cells of a column are read.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// Several texts, parted by `、`, `，`, `；`, commas, semicolons or line ends.
    List,
    /// A day, or a time of day.
    Moment,
    /// An amount in yuan.
    Yuan,
    /// A whole number.
    Count,
    /// Yes or no.
    Flag,
    /// One of these: what is written in the document, and what people write.
    Choice(&'static [(&'static str, &'static [&'static str])]),
}

/// Whether a column must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may be absent.
    Optional,
    /// It must be there, unless whoever hands the file in says it for all rows.
    UnlessGiven,
    /// It must be there.
    Always,
}

/// The amounts every intake may report.
pub const AMOUNTS: [Column; 5] = [
    Column::new("money_fen", &["涉及资金(元)", "涉及金额(元)", "涉及资金", "涉及金额", "money", "amount"], Kind::Yuan),
    Column::new("money_fen", &["涉及资金(分)"], Kind::Count),
    Column::new("households", &["涉及户数"], Kind::Count),
    Column::new("persons", &["涉及人数"], Kind::Count),
    Column::new("records", &["涉及条数"], Kind::Count),
];

/// How grave a source holds a finding to be.
pub const SEVERITY: Column = Column::new(
    "severity",
    &["严重程度"],
    Kind::Choice(&[("ordinary", &["一般"]), ("serious", &["较重", "较严重"]), ("grave", &["重大"])]),
);

impl Column {
    /// Returns a column that may be absent.
    pub const fn new(field: &'static str, names: &'static [&'static str], kind: Kind) -> Column {
        Column { field, names, kind, need: Need::Optional }
    }

    /// Returns the same column, needed.
    pub const fn needed(self, need: Need) -> Column {
        Column { need, ..self }
    }

    /// Returns the name the column is shown by.
    pub fn shown(&self) -> &'static str {
        self.names.first().copied().unwrap_or(self.field)
    }

    /// Returns whether a header names this column: letter case, spaces, underscores and full-width forms do not matter.
    pub fn is_named(&self, header: &str) -> bool {
        let header = key(header);
        let own = !matches!(self.kind, Kind::Yuan) && key(self.field) == header;
        own || self.names.iter().any(|name| key(name) == header)
    }

    /// Reads a cell that is not empty, as the document's field.
    pub fn read(&self, cell: &Cell, zone: Zone) -> Result<Value, Reason> {
        if matches!(cell, Cell::Broken(_)) {
            return Err(Reason::Broken);
        }
        match self.kind {
            Kind::Text => Ok(cell.text().into()),
            Kind::List => Ok(listed(&cell.text()).into()),
            Kind::Moment => moment(cell, zone).map(|happened| happened.to_string().into()),
            Kind::Yuan => money(cell).map(Value::from),
            Kind::Count => count(cell).map(Value::from),
            Kind::Flag => chosen(cell, &[("yes", YES), ("no", NO)]).map(|answer| (answer == "yes").into()),
            Kind::Choice(choices) => chosen(cell, choices).map(Value::from),
        }
    }
}

const YES: &[&str] = &["是", "有", "y", "true", "1"];
const NO: &[&str] = &["否", "无", "n", "false", "0"];

/// Returns a header without what people vary.
pub fn key(header: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    };
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '_' | '-' | '*' | ':' | '\u{feff}');
    header.chars().map(narrow).filter(kept).flat_map(char::to_lowercase).collect()
}

fn listed(text: &str) -> Vec<String> {
    let parts = text.split(['、', '，', ',', '；', ';', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn chosen(cell: &Cell, choices: &[(&'static str, &[&str])]) -> Result<&'static str, Reason> {
    let text = key(&cell.text());
    let choice = choices.iter().find(|(value, names)| key(value) == text || names.iter().any(|name| key(name) == text));
    choice.map(|(value, _)| *value).ok_or_else(|| {
        let accepted: Vec<&str> = choices.iter().map(|(value, names)| *names.first().unwrap_or(value)).collect();
        Reason::NotOneOf(accepted.join("、"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_known_however_it_is_typed() {
        let column = Column::new("issuing_body", &["发文单位", "issuing body"], Kind::Text);
        for header in ["发文单位", " 发文 单位* ", "Issuing Body", "issuing_body", "ISSUING-BODY", "发文单位："]
        {
            assert!(column.is_named(header), "{header}");
        }
        assert!(!column.is_named("发文"));
        assert!(AMOUNTS[0].is_named("涉及资金（元）"));
        assert!(!AMOUNTS[0].is_named("涉及资金（万元）"));
        assert!(!AMOUNTS[0].is_named("money_fen"), "a sheet has yuan, a document has fen");
    }

    #[test]
    fn a_choice_takes_either_language_and_says_what_it_takes() {
        let read = |text: &str| SEVERITY.read(&Cell::Text(text.to_owned()), Zone::SHANGHAI);
        assert_eq!(read("较重"), Ok("serious".into()));
        assert_eq!(read("Serious"), Ok("serious".into()));
        assert_eq!(read("很严重"), Err(Reason::NotOneOf("一般、较重、重大".to_owned())));
    }

    #[test]
    fn a_list_is_parted_as_people_part_it() {
        let column = Column::new("repeats", &[], Kind::List);
        let read = column.read(&Cell::Text("2021-012,2021-017；2020-003、".to_owned()), Zone::SHANGHAI);
        assert_eq!(read, Ok(vec!["2021-012", "2021-017", "2020-003"].into()));
    }

    #[test]
    fn yes_and_no_are_known() {
        let column = Column::new("repeat", &[], Kind::Flag);
        let read = |text: &str| column.read(&Cell::Text(text.to_owned()), Zone::SHANGHAI);
        assert_eq!((read("Y"), read("否")), (Ok(true.into()), Ok(false.into())));
        assert_eq!(read("也许"), Err(Reason::NotOneOf("是、否".to_owned())));
    }
}
