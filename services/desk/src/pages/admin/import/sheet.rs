//! The empty workbook that units are filled into, with how to fill it in.

use rust_xlsxwriter::{Color, DataValidation, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::super::units::KINDS;
use super::row::MOST;
use crate::pages::page::Page;

/// What the columns are headed, and how wide they are in characters.
const HEADINGS: [(&str, f64); 5] = [
    ("unit-name", 32.0),
    ("unit-kind", 16.0),
    ("unit-parent", 32.0),
    ("unit-division-short", 16.0),
    ("unit-prefix", 14.0),
];

/// The column of the kind.
const KIND: u16 = 1;

/// How many lines the instructions have.
const LINES: usize = 7;

/// Returns the workbook.
pub(super) fn empty(page: &Page) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    units(book.add_worksheet(), page)?;
    instructions(book.add_worksheet(), page)?;
    book.save_to_buffer()
}

fn units(sheet: &mut Worksheet, page: &Page) -> Result<(), XlsxError> {
    sheet.set_name(page.say("nav-units"))?;
    let heading = Format::new()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0x00E8_F0F8));
    // Codes are no numbers, and what looks like a formula stays what it says.
    let text = Format::new().set_num_format("@");
    for (at, (name, width)) in (0..).zip(HEADINGS) {
        sheet.set_column_width(at, width)?.set_column_format(at, &text)?;
        sheet.write_string_with_format(0, at, page.say(name), &heading)?;
    }
    let kinds = KINDS.map(|kind| page.unit_kind(&kind));
    let rule = DataValidation::new()
        .allow_list_strings(&kinds)?
        .set_error_title(page.say("unit-kind"))?
        .set_error_message(page.say_of("unit-import-rule-kind", "kinds", kinds.join(&page.say("list-comma"))))?;
    sheet.add_data_validation(1, KIND, u32::try_from(MOST).unwrap_or(u32::MAX), KIND, &rule)?;
    sheet.set_freeze_panes(1, 1)?;
    Ok(())
}

fn instructions(sheet: &mut Worksheet, page: &Page) -> Result<(), XlsxError> {
    sheet.set_name(page.say("unit-import-instructions"))?;
    let line = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let title = Format::new().set_bold().set_font_size(16);
    sheet.set_column_width(0, 90.0)?;
    sheet.write_string_with_format(0, 0, page.say("unit-import-instructions"), &title)?;
    for (row, at) in (1..).zip(1..=LINES) {
        sheet.write_string_with_format(row, 0, page.say(&format!("unit-import-line-{at}")), &line)?;
    }
    Ok(())
}
