//! The columns an intake knows, and how a cell of each is read.

use serde_json::Value;

use crate::amount::{Unit, count, money};
use crate::cell::{Cell, is_blank, narrow, narrow_char};
use crate::moment::{Days, moment};
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
    /// An amount of money. A header in English is in yuan; a Chinese one says its unit, or a line above the table does.
    Yuan,
    /// A whole number.
    Count,
    /// Yes or no.
    Flag,
    /// One of these: what is written in the document, and what people write.
    Choice(&'static [(&'static str, &'static [&'static str])]),
}

/// What the cells of a column are read with.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// What is known of days outside their cells.
    pub days: Days,
    /// The unit of amounts that say none.
    pub unit: Option<Unit>,
}

/// A column where a header names it.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// The column.
    pub column: Column,
    /// The unit of its amounts, where the header says it.
    pub unit: Option<Unit>,
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
    Column::new("households", &["涉及户数", "户数"], Kind::Count),
    Column::new("persons", &["涉及人数", "人数"], Kind::Count),
    Column::new("records", &["涉及条数", "条数"], Kind::Count),
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
        self.bound(header).is_some()
    }

    /// Returns the column as a header names it; nothing if it names another.
    pub fn bound(&self, header: &str) -> Option<Bound> {
        let header = key(header);
        if !matches!(self.kind, Kind::Yuan) {
            let named = key(self.field) == header || self.names.iter().any(|name| key(name) == header);
            return named.then_some(Bound { column: *self, unit: None });
        }
        // A sheet has yuan where a document has fen, so the field itself is no header.
        let (base, unit) = Unit::at_end_of(&header).map_or((header.as_str(), None), |(base, unit)| (base, Some(unit)));
        let base_of = |name: &str| {
            let name = key(name);
            Unit::at_end_of(&name).map_or_else(|| name.clone(), |(base, _)| base.to_owned())
        };
        let named = self.names.iter().find(|name| base_of(name) == base)?;
        Some(Bound { column: *self, unit: unit.or_else(|| named.is_ascii().then_some(Unit::Yuan)) })
    }

    /// Reads a cell that is not empty, as the document's field.
    pub fn read(&self, cell: &Cell, manner: Manner) -> Result<Value, Reason> {
        if matches!(cell, Cell::Broken(_)) {
            return Err(Reason::Broken);
        }
        match self.kind {
            Kind::Text if self.field == "item" => item(cell).map(Value::from),
            Kind::Text => Ok(cell.text().into()),
            Kind::List => Ok(listed(&cell.text()).into()),
            Kind::Moment => moment(cell, manner.days).map(|happened| happened.to_string().into()),
            Kind::Yuan => money(cell, manner.unit).map(Value::from),
            Kind::Count => count(cell).map(Value::from),
            Kind::Flag => chosen(cell, &[("yes", YES), ("no", NO)]).map(|answer| (answer == "yes").into()),
            Kind::Choice(choices) => chosen(cell, choices).map(Value::from),
        }
    }
}

impl Bound {
    /// Reads a cell that is not empty, as the document's field.
    pub fn read(&self, cell: &Cell, manner: Manner) -> Result<Value, Reason> {
        self.column.read(cell, Manner { unit: self.unit.or(manner.unit), ..manner })
    }
}

/// Reads the item a finding is known by: digits and letters narrow, so that `３` typed another time is `3`.
fn item(cell: &Cell) -> Result<String, Reason> {
    match cell {
        // Whoever types 3-1 into a spreadsheet gets the first of March.
        Cell::Moment(_) => Err(Reason::ItemBecameADay),
        cell => Ok(narrow(&cell.text())),
    }
}

const YES: &[&str] = &["是", "有", "y", "true", "1"];
const NO: &[&str] = &["否", "无", "n", "false", "0"];

/// Returns a header without what people vary.
pub fn key(header: &str) -> String {
    let kept = |c: &char| !is_blank(*c) && !matches!(c, '_' | '-' | '*' | ':');
    header.chars().map(narrow_char).filter(kept).flat_map(char::to_lowercase).collect()
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
    use rectify_case::Zone;

    use super::*;

    const MANNER: Manner = Manner { days: Days { zone: Zone::SHANGHAI, year: None, epoch_1904: false }, unit: None };

    #[test]
    fn a_header_is_known_however_it_is_typed() {
        let column = Column::new("issuing_body", &["发文单位", "issuing body"], Kind::Text);
        for header in ["发文单位", " 发文 单位* ", "Issuing Body", "issuing_body", "ISSUING-BODY", "发文单位："]
        {
            assert!(column.is_named(header), "{header}");
        }
        assert!(!column.is_named("发文"));
        assert!(!AMOUNTS[0].is_named("money_fen"), "a sheet has yuan, a document has fen");
    }

    #[test]
    fn a_header_says_the_unit_of_its_amounts_or_leaves_it_open() {
        let unit = |header: &str| AMOUNTS[0].bound(header).map(|bound| bound.unit);
        assert_eq!(unit("涉及资金（元）"), Some(Some(Unit::Yuan)));
        assert_eq!(unit("涉及金额（单位：万元）"), Some(Some(Unit::TenThousand)));
        assert_eq!(unit("涉及金额/万元"), Some(Some(Unit::TenThousand)));
        assert_eq!(unit("Amount"), Some(Some(Unit::Yuan)));
        assert_eq!(unit("涉及金额"), Some(None));
        assert_eq!(unit("整改金额(万元)"), None);
    }

    #[test]
    fn an_item_is_narrow_and_no_day() {
        let column = Column::new("item", &["序号"], Kind::Text);
        assert_eq!(column.read(&Cell::Text("３－１".to_owned()), MANNER), Ok("3-1".into()));
        let day = chrono::NaiveDate::from_ymd_opt(2025, 3, 1).unwrap().into();
        assert_eq!(column.read(&Cell::Moment(day), MANNER), Err(Reason::ItemBecameADay));
    }

    #[test]
    fn a_choice_takes_either_language_and_says_what_it_takes() {
        let read = |text: &str| SEVERITY.read(&Cell::Text(text.to_owned()), MANNER);
        assert_eq!(read("较重"), Ok("serious".into()));
        assert_eq!(read("Serious"), Ok("serious".into()));
        assert_eq!(read("很严重"), Err(Reason::NotOneOf("一般、较重、重大".to_owned())));
    }

    #[test]
    fn a_list_is_parted_as_people_part_it() {
        let column = Column::new("repeats", &[], Kind::List);
        let read = column.read(&Cell::Text("2021-012,2021-017；2020-003、".to_owned()), MANNER);
        assert_eq!(read, Ok(vec!["2021-012", "2021-017", "2020-003"].into()));
    }

    #[test]
    fn yes_and_no_are_known() {
        let column = Column::new("repeat", &[], Kind::Flag);
        let read = |text: &str| column.read(&Cell::Text(text.to_owned()), MANNER);
        assert_eq!((read("Y"), read("否")), (Ok(true.into()), Ok(false.into())));
        assert_eq!(read("也许"), Err(Reason::NotOneOf("是、否".to_owned())));
    }
}
