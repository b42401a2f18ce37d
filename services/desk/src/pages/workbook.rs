//! The ledger as a workbook, in the office's own order of columns: real days and numbers, nothing that runs.

use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::quantity::Measured;
use rectify_case::{Case, Directory, Happened, PersonId, Stage, UnitId};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use serde::{Serialize, Serializer};

use super::ledger::{division_name, source_name};
use super::page::Page;

/// The most characters that a cell takes.
pub(super) const LONGEST: usize = 32_767;

/// What stands in a cell.
pub(crate) enum Cell {
    Text(String),
    Day(Option<NaiveDate>),
    /// A whole number.
    Count(Option<u64>),
    /// Money in 分.
    Money(Option<u64>),
}

impl Serialize for Cell {
    /// Writes a text as a text, a count as a number, a day in brackets as a text, money in brackets as a number of 分, and
    /// nothing as null.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Text(text) => text.serialize(serializer),
            Cell::Day(Some(day)) => [day].serialize(serializer),
            Cell::Count(Some(count)) => count.serialize(serializer),
            Cell::Money(Some(fen)) => [fen].serialize(serializer),
            Cell::Day(None) | Cell::Count(None) | Cell::Money(None) => serializer.serialize_unit(),
        }
    }
}

/// A column: the name of what stands above it, how wide it is in characters, and what a case has in it.
struct Column {
    name: &'static str,
    width: f64,
    of: fn(&Case, &Names<'_>) -> Cell,
}

/// What names are looked up in.
struct Names<'a> {
    page: &'a Page,
    directory: &'a Directory,
}

/// The sheets of the ledger's workbook.
const SHEETS: [(&str, &[Column]); 4] =
    [("ledger", LEDGER), ("problems", PROBLEMS), ("tasks", TASKS), ("duties", DUTIES)];

const fn column(name: &'static str, width: f64, of: fn(&Case, &Names<'_>) -> Cell) -> Column {
    Column { name, width, of }
}

/// The ledger (台账).
const LEDGER: &[Column] = &[
    NUMBER,
    column("source", 10.0, |case, names| text(case.source.as_ref().map(|code| source_name(code, names.directory)))),
    DOCUMENT,
    column("discovered", 12.0, |case, names| day(case.discovered, names)),
    column("category", 14.0, |case, _| text(case.findings.first().and_then(|held| held.finding.category.clone()))),
    PROBLEM,
    PLACE,
    column("households", 9.0, |case, _| count(case, Measured::Households)),
    column("persons", 9.0, |case, _| count(case, Measured::Persons)),
    column("money", 14.0, |case, _| Cell::Money(found(case, Measured::Money))),
    LEADER,
    LEADS,
    HELPERS,
    GOAL,
    MEASURES,
    column("kind", 10.0, |case, _| text(case.carried_over.as_ref().and_then(|row| row.kind.clone()))),
    DUE,
    PROGRESS,
    column("completed", 12.0, |case, names| {
        let declared = case.carried_over.as_ref().and_then(|row| row.completed);
        day(case.report.as_ref().map(|report| report.happened).or(declared), names)
    }),
    column("evidence", 28.0, |case, _| {
        let present = case.evidence.values().filter(|file| file.withdrawn.is_none());
        Cell::Text(present.map(|file| file.evidence.name.clone()).collect::<Vec<_>>().join("\n"))
    }),
    column("opinion", 28.0, |case, _| {
        let said = case.passed.iter().map(|passed| passed.opinion.clone()).collect::<Vec<_>>().join("\n");
        let declared = case.carried_over.as_ref().and_then(|row| row.opinion.clone());
        if said.is_empty() { text(declared) } else { Cell::Text(said) }
    }),
    column("closed", 12.0, |case, names| day(case.closed, names)),
    column("sweep", 12.0, |_, _| text(None)),
    column("remedy", 12.0, |_, _| text(None)),
    column("remarks", 28.0, |case, names| {
        let mut said: Vec<String> = case.notes.iter().map(|note| note.text.clone()).collect();
        said.extend(case.carried_over.as_ref().and_then(|row| row.remarks.clone()));
        if case.is_closed_as_declared() {
            said.push(names.page.say("sheet-declared"));
        }
        Cell::Text(said.join("\n"))
    }),
];

/// The list of problems (问题清单).
const PROBLEMS: &[Column] = &[
    NUMBER,
    column("source", 10.0, |case, names| text(case.source.as_ref().map(|code| source_name(code, names.directory)))),
    DOCUMENT,
    PROBLEM,
    PLACE,
    column("severity", 8.0, |case, names| Cell::Text(names.page.severity(&case.severity))),
    STAGE,
];

/// The list of tasks (任务清单).
const TASKS: &[Column] = &[NUMBER, PROBLEM, GOAL, MEASURES, DUE, PROGRESS, STAGE];

/// The list of duties (责任清单).
const DUTIES: &[Column] = &[
    NUMBER,
    PROBLEM,
    LEADER,
    LEADS,
    HELPERS,
    column("verifiers", 24.0, |case, names| {
        let levels = case.assignment.iter().flat_map(|assignment| &assignment.levels);
        let held = levels.filter_map(|level| level.holder);
        Cell::Text(names.units(held))
    }),
    DUE,
    STAGE,
];

const NUMBER: Column = column("number", 20.0, |case, _| text(case.number.as_ref().map(ToString::to_string)));
const DOCUMENT: Column = column("document", 24.0, |case, _| {
    let first = case.findings.first().map(|held| &held.finding.reference);
    text(first.map(|reference| format!("{} {} {}", reference.issuing_body, reference.document, reference.item)))
});
const PROBLEM: Column = column("problem", 48.0, |case, _| {
    let texts = case.findings.iter().map(|held| held.finding.text.clone()).collect::<Vec<_>>();
    Cell::Text(if texts.is_empty() { case.title.clone() } else { texts.join("\n") })
});
const PLACE: Column = column("place", 20.0, |case, names| {
    let division = case.division.as_ref().map(|code| division_name(code, names.directory));
    let place = case.findings.first().and_then(|held| held.finding.place.clone());
    Cell::Text(division.into_iter().chain(place).collect::<Vec<_>>().join(" "))
});
const LEADER: Column = column("leader", 12.0, |case, names| {
    let leader = case.assignment.as_ref().and_then(|assignment| assignment.responsible_leader);
    let declared = case.carried_over.as_ref().and_then(|row| row.leader.clone());
    text(leader.map(|leader| names.person(leader)).or(declared))
});
const LEADS: Column = column("leads", 18.0, |case, names| {
    Cell::Text(names.units(case.assignment.iter().flat_map(|assignment| assignment.leads.iter().copied())))
});
const HELPERS: Column = column("helpers", 18.0, |case, names| {
    Cell::Text(names.units(case.assignment.iter().flat_map(|assignment| assignment.co_responsible.iter().copied())))
});
const GOAL: Column =
    column("goal", 28.0, |case, _| text(case.assignment.as_ref().map(|assignment| assignment.goal.clone())));
const MEASURES: Column = column("measures", 36.0, |case, _| {
    let measures = case.plans.values().flat_map(|plan| &plan.plan.measures);
    let said = measures.map(|measure| measure.text.clone()).collect::<Vec<_>>().join("\n");
    let declared = case.carried_over.as_ref().and_then(|row| row.measures.clone());
    if said.is_empty() { text(declared) } else { Cell::Text(said) }
});
const DUE: Column = column("due", 12.0, |case, _| Cell::Day(case.deadline.as_ref().map(|deadline| deadline.last_day)));
const PROGRESS: Column = column("progress", 36.0, |case, _| {
    let reported = case.report.as_ref().map(|report| report.account.clone());
    let told = case.progress.last().map(|progress| progress.text.clone());
    text(reported.or(told).or_else(|| case.carried_over.as_ref().and_then(|row| row.progress.clone())))
});
const STAGE: Column =
    column("stage", 10.0, |case, names| text(case.stage.map(|stage: Stage| names.page.stage(&stage))));

impl Names<'_> {
    fn units(&self, units: impl Iterator<Item = UnitId>) -> String {
        units.map(|unit| self.directory.unit_name(unit)).collect::<Vec<_>>().join(&self.page.say("list-comma"))
    }

    fn person(&self, person: PersonId) -> String {
        self.directory.person_name(person)
    }
}

fn text(text: Option<String>) -> Cell {
    Cell::Text(text.unwrap_or_default())
}

fn day(happened: Option<Happened>, names: &Names<'_>) -> Cell {
    Cell::Day(happened.map(|happened| names.page.day(&happened)))
}

fn found(case: &Case, measured: Measured) -> Option<u64> {
    case.quantities.get(&measured).map(|quantity| quantity.found)
}

fn count(case: &Case, measured: Measured) -> Cell {
    Cell::Count(found(case, measured))
}

/// Returns the names of all columns, in the ledger's order and then in that of the lists.
pub(super) fn names() -> Vec<&'static str> {
    let mut names = Vec::new();
    for column in SHEETS.into_iter().flat_map(|(_, columns)| columns) {
        if !names.contains(&column.name) {
            names.push(column.name);
        }
    }
    names
}

/// Returns what a case has in the column of a name; nothing where there is no such column.
pub(super) fn cell(name: &str, case: &Case, page: &Page, directory: &Directory) -> Option<Cell> {
    Some((named(name)?.of)(case, &Names { page, directory }))
}

fn named(name: &str) -> Option<&'static Column> {
    SHEETS.into_iter().flat_map(|(_, columns)| columns).find(|column| column.name == name)
}

/// Returns the names of the columns of a sheet; nothing where there is no such sheet.
pub(crate) fn columns_of(sheet: &str) -> Option<Vec<&'static str>> {
    let (_, columns) = SHEETS.into_iter().find(|(name, _)| *name == sheet)?;
    Some(columns.iter().map(|column| column.name).collect())
}

/// A sheet as it is written.
pub(crate) struct Sheet {
    /// What it is called.
    pub(crate) title: String,
    /// What stands above each column, and how wide that is in characters.
    pub(crate) heads: Vec<(String, f64)>,
    /// What stands below, row by row.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// Returns the sheet of a name with some of the columns there are: a row for each case.
    pub(crate) fn of(sheet: &str, columns: &[&str], cases: &[Case], page: &Page, directory: &Directory) -> Sheet {
        let names = Names { page, directory };
        let columns: Vec<&Column> = columns.iter().filter_map(|name| named(name)).collect();
        let head = |column: &&Column| (page.say(&format!("sheet-column-{}", column.name)), column.width);
        let row = |case: &Case| columns.iter().map(|column| (column.of)(case, &names)).collect();
        Sheet {
            title: page.say(&format!("sheet-{sheet}")),
            heads: columns.iter().map(head).collect(),
            rows: cases.iter().map(row).collect(),
        }
    }
}

/// Returns the cases as a workbook: the ledger and the three lists. `about` says which cases these are, and as of when.
pub(super) fn of(cases: &[Case], about: &str, page: &Page, directory: &Directory) -> Result<Vec<u8>, XlsxError> {
    let about = [Some(about.to_owned()), page.mark()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let sheet = |(name, columns): (&str, &[Column])| {
        let columns: Vec<&str> = columns.iter().map(|column| column.name).collect();
        Sheet::of(name, &columns, cases, page, directory)
    };
    written(&SHEETS.map(sheet), &about, page.now)
}

/// Returns sheets as a workbook, which says when it was made: of the same the same bytes.
pub(crate) fn written(sheets: &[Sheet], about: &str, made: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_timestamp(made.timestamp())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for sheet in sheets {
        fill(book.add_worksheet(), sheet, about)?;
    }
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, Sheet { title, heads, rows }: &Sheet, about: &str) -> Result<(), XlsxError> {
    let last = u16::try_from(heads.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let large = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
    let cell = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Thin);
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0x00E8_F0F8));
    let day = cell.clone().set_num_format("yyyy-mm-dd");
    let money = cell.clone().set_num_format("#,##0.00");
    sheet.set_name(title)?;
    sheet.merge_range(0, 0, 0, last, title, &large)?;
    sheet.merge_range(1, 0, 1, last, about, &Format::new().set_align(FormatAlign::Left))?;
    for (at, (said, width)) in (0..).zip(heads) {
        sheet.set_column_width(at, *width)?;
        sheet.write_string_with_format(2, at, said, &head)?;
    }
    for (row, cells) in (3..).zip(rows) {
        for (at, one) in (0..).zip(cells) {
            match one {
                // Always as a text: what looks like a formula stays what it says.
                Cell::Text(text) => {
                    let text: String = text.chars().take(LONGEST).collect();
                    sheet.write_string_with_format(row, at, text, &cell)?
                }
                Cell::Day(Some(date)) => sheet.write_date_with_format(row, at, *date, &day)?,
                Cell::Count(Some(number)) => sheet.write_number_with_format(row, at, as_number(*number), &cell)?,
                Cell::Money(Some(fen)) => sheet.write_number_with_format(row, at, as_number(*fen) / 100.0, &money)?,
                Cell::Day(None) | Cell::Count(None) | Cell::Money(None) => sheet.write_blank(row, at, &cell)?,
            };
        }
    }
    let end = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(2);
    sheet.autofilter(2, 0, end, last)?;
    sheet.set_freeze_panes(3, 1)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(2, 2)?;
    sheet.set_footer(format!("&L{}&R&P / &N", about.replace('&', "&&")));
    Ok(())
}

/// Returns a count as workbooks have numbers: exactly, for counts are below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "counts are below 2⁵³")]
pub(super) fn as_number(count: u64) -> f64 {
    count as f64
}
