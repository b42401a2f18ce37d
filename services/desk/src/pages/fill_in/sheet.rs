//! The workbook that is filled in off line: what is told of each case is locked, what is to be filled in is open.

use rectify_case::case::PlanState;
use rectify_case::quantity::{Amounts, Measured};
use rectify_case::{Case, LogId, UnitId};
use rectify_ledger::OutcomeKind;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationRule, ExcelDateTime, Format, FormatAlign, FormatBorder, ProtectionOptions,
    Workbook, Worksheet, XlsxError,
};

use super::columns::{Column, MARK, check};
use crate::pages::act::name_of;
use crate::pages::page::Page;
use crate::pages::workbook::{LONGEST, as_number};

/// The rows above the cases: a title, what the workbook is of, the names of the columns (nobody sees them), the headings.
const ABOUT: u32 = 1;
const NAMES: u32 = 2;
const HEADINGS: u32 = 3;
const FIRST: u32 = 4;

/// The outcomes that are chosen from.
pub(super) const OUTCOMES: [OutcomeKind; 6] = [
    OutcomeKind::Rectified,
    OutcomeKind::DoneAndKeptUp,
    OutcomeKind::Unfounded,
    OutcomeKind::DisagreementUpheld,
    OutcomeKind::Overtaken,
    OutcomeKind::Withdrawn,
];

/// How many lines the instructions have.
const LINES: usize = 8;

/// A case, and the unit that reports on it.
pub(super) struct Task {
    pub(super) case: Case,
    pub(super) unit: UnitId,
}

impl Task {
    /// Returns whether the unit leads, and so reports when the case is fixed.
    fn is_led(&self) -> bool {
        self.case.is_led_by(self.unit)
    }

    /// Returns whether a cell of the case is there to be filled in.
    fn is_open(&self, column: Column) -> bool {
        match column {
            Column::Fixed(measured) => self.case.quantities.contains_key(&measured),
            Column::Done => self.case.plans.contains_key(&self.unit),
            _ if column.is_of_completion() => self.is_led(),
            _ => column.is_filled_in(),
        }
    }
}

/// What cells look like.
struct Looks {
    title: Format,
    about: Format,
    heading: Format,
    asked: Format,
    told: Format,
    closed: Format,
    open: Format,
    open_text: Format,
    open_number: Format,
    open_money: Format,
    open_day: Format,
    day: Format,
}

impl Looks {
    fn new() -> Looks {
        let cell = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Thin);
        let told = cell.clone().set_background_color(Color::RGB(0x00F5_F6F8));
        let open = cell.clone().set_unlocked().set_background_color(Color::RGB(0x00FF_FBE6));
        let heading = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter)
            .set_border(FormatBorder::Thin);
        Looks {
            title: Format::new().set_bold().set_font_size(16),
            about: Format::new(),
            asked: heading.clone().set_background_color(Color::RGB(0x00FF_E9A8)),
            heading: heading.set_background_color(Color::RGB(0x00E8_F0F8)),
            day: told.clone().set_num_format("yyyy-mm-dd"),
            closed: told.clone().set_background_color(Color::RGB(0x00E3_E6EA)),
            told,
            open_text: open.clone().set_num_format("@"),
            open_number: open.clone().set_num_format("0"),
            open_money: open.clone().set_num_format("#,##0.00"),
            open_day: open.clone().set_num_format("yyyy-mm-dd"),
            open,
        }
    }

    /// Returns what an open cell of a column looks like.
    fn open(&self, column: Column) -> &Format {
        match column {
            Column::Fixed(Measured::Money) => &self.open_money,
            Column::Fixed(_) => &self.open_number,
            // Or a spreadsheet would take `1,3` for a number.
            Column::Done => &self.open_text,
            Column::Review => &self.open_day,
            _ => &self.open,
        }
    }
}

/// Returns the cases as a workbook to be filled in. `about` says whose they are, and as of when.
pub(super) fn of(tasks: &[Task], about: &str, log: LogId, page: &Page) -> Result<Vec<u8>, XlsxError> {
    let counted = |column: &Column| match column {
        Column::Fixed(measured) => tasks.iter().any(|task| task.case.quantities.contains_key(measured)),
        _ => true,
    };
    let columns: Vec<Column> = Column::ALL.into_iter().filter(counted).collect();
    let mut book = Workbook::new();
    let looks = Looks::new();
    let sheet = book.add_worksheet();
    sheet.set_name(page.say("fill-sheet"))?;
    head(sheet, &columns, about, log, &looks, page)?;
    for (row, task) in (FIRST..).zip(tasks) {
        for (at, column) in (0..).zip(&columns) {
            write(sheet, row, at, *column, task, log, &looks, page)?;
        }
    }
    finish(sheet, tasks.len())?;
    instructions(book.add_worksheet(), page)?;
    book.save_to_buffer()
}

fn head(
    sheet: &mut Worksheet,
    columns: &[Column],
    about: &str,
    log: LogId,
    looks: &Looks,
    page: &Page,
) -> Result<(), XlsxError> {
    let keys = u16::try_from(columns.iter().filter(|column| column.is_key()).count()).unwrap_or(0);
    sheet.write_string_with_format(0, keys, page.say("fill-title"), &looks.title)?;
    sheet.write_string_with_format(ABOUT, keys, about, &looks.about)?;
    sheet.write_string(ABOUT, 0, MARK)?.write_string(ABOUT, 1, log.to_string())?;
    for (at, column) in (0..).zip(columns) {
        sheet.write_string(NAMES, at, column.name())?;
        sheet.set_column_width(at, column.width())?;
        if column.is_key() {
            sheet.set_column_hidden(at)?;
        } else {
            let looks = if column.is_filled_in() { &looks.asked } else { &looks.heading };
            sheet.write_string_with_format(HEADINGS, at, column.label(page), looks)?;
        }
    }
    sheet.set_row_hidden(NAMES)?;
    sheet.set_freeze_panes(FIRST, keys.saturating_add(1))?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "a cell is a place, a column, and what is told there")]
fn write(
    sheet: &mut Worksheet,
    row: u32,
    at: u16,
    column: Column,
    task: &Task,
    log: LogId,
    looks: &Looks,
    page: &Page,
) -> Result<(), XlsxError> {
    if column.is_filled_in() {
        if !task.is_open(column) {
            sheet.write_blank(row, at, &looks.closed)?;
            return Ok(());
        }
        sheet.write_blank(row, at, looks.open(column))?;
        if let Some(rule) = rule(column, task, page)? {
            sheet.add_data_validation(row, at, row, at, &rule)?;
        }
        return Ok(());
    }
    let case = &task.case;
    let number = name_of(case, page);
    let text = match column {
        Column::Case => case.id.to_string(),
        Column::Version => case.version.to_string(),
        Column::Unit => task.unit.to_string(),
        Column::Check => check(log, case.id, case.version, task.unit, &number),
        Column::Number => number,
        Column::Problem => problem(case),
        Column::Amounts => amounts(case, page),
        Column::Measures => case.plans.get(&task.unit).map(|plan| measures(plan, page)).unwrap_or_default(),
        Column::Due => {
            match case.deadline.as_ref() {
                Some(deadline) => sheet.write_date_with_format(row, at, deadline.last_day, &looks.day)?,
                None => sheet.write_blank(row, at, &looks.told)?,
            };
            return Ok(());
        }
        _ => String::new(),
    };
    // Always as a text: what looks like a formula stays what it says.
    let text: String = text.chars().take(LONGEST).collect();
    sheet.write_string_with_format(row, at, text, &looks.told)?;
    Ok(())
}

fn problem(case: &Case) -> String {
    let texts: Vec<&str> = case.findings.iter().map(|held| held.finding.text.as_str()).collect();
    if texts.is_empty() { case.title.clone() } else { texts.join("\n") }
}

/// Returns what was counted, and how much of it is reported as fixed by now.
fn amounts(case: &Case, page: &Page) -> String {
    let line = |(measured, quantity): (&Measured, &rectify_case::quantity::Quantity)| {
        let found = page.amount(measured, &quantity.found);
        let reported: Amounts = [(*measured, quantity.reported)].into();
        page.say_two("fill-amount", ("found", found), ("reported", page.amounts(&reported)))
    };
    case.quantities.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the measures of a plan, each with the number it is named by and whether it is done.
fn measures(plan: &PlanState, page: &Page) -> String {
    let line = |(at, measure): (u32, &rectify_case::plan::Measure)| {
        let state = if plan.done.contains(&at) { "measure-done" } else { "measure-open" };
        format!("{}. {}", at + 1, page.bracketed(&measure.text, &page.say(state)))
    };
    (0..).zip(&plan.plan.measures).map(line).collect::<Vec<_>>().join("\n")
}

/// Returns what a spreadsheet lets into a cell.
fn rule(column: Column, task: &Task, page: &Page) -> Result<Option<DataValidation>, XlsxError> {
    let rule = DataValidation::new().ignore_blank(true);
    let (rule, said) = match column {
        Column::Fixed(measured) => {
            let found = task.case.quantities.get(&measured).map_or(0, |quantity| quantity.found);
            let said = page.say_of("fill-rule-amount", "most", page.amount(&measured, &found));
            let most = if measured == Measured::Money { as_number(found) / 100.0 } else { as_number(found) };
            let within = DataValidationRule::Between(0.0, most);
            match i32::try_from(found) {
                Ok(found) if measured != Measured::Money => {
                    (rule.allow_whole_number(DataValidationRule::Between(0, found)), said)
                }
                _ => (rule.allow_decimal_number(within), said),
            }
        }
        Column::Outcome => {
            let names: Vec<String> = OUTCOMES.iter().map(|outcome| page.outcome_kind(outcome)).collect();
            (rule.allow_list_strings(&names)?, page.say("fill-rule-outcome"))
        }
        Column::Review => {
            let today = ExcelDateTime::parse_from_str(&page.today().to_string())?;
            (rule.allow_date(DataValidationRule::GreaterThan(today)), page.say("fill-rule-review"))
        }
        Column::Progress | Column::Account => {
            let most = u32::try_from(LONGEST).unwrap_or(u32::MAX);
            (rule.allow_text_length(DataValidationRule::LessThanOrEqualTo(most)), page.say("fill-rule-text"))
        }
        _ => return Ok(None),
    };
    Ok(Some(rule.set_error_title(page.say("fill-rule-title"))?.set_error_message(said)?))
}

/// Lets nothing be changed but what is to be filled in, and keeps rows as high as their texts are.
fn finish(sheet: &mut Worksheet, tasks: usize) -> Result<(), XlsxError> {
    sheet.protect_with_options(&ProtectionOptions { format_rows: true, ..ProtectionOptions::default() });
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(HEADINGS, HEADINGS)?;
    if tasks > 0 {
        sheet.set_selection(FIRST, 9, FIRST, 9)?;
    }
    Ok(())
}

fn instructions(sheet: &mut Worksheet, page: &Page) -> Result<(), XlsxError> {
    sheet.set_name(page.say("fill-instructions"))?;
    let line = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_column_width(0, 90.0)?;
    sheet.write_string_with_format(0, 0, page.say("fill-instructions"), &Format::new().set_bold().set_font_size(16))?;
    for (row, at) in (1..).zip(1..=LINES) {
        sheet.write_string_with_format(row, 0, page.say(&format!("fill-line-{at}")), &line)?;
    }
    sheet.protect();
    Ok(())
}
