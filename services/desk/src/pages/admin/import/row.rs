//! What stands in a workbook of units, row by row.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rectify_case::directory::UnitKind;
use rectify_intake::column::key;
use rectify_intake::reason::Reason;
use rectify_intake::report::{Place, Report, RowError};
use rectify_intake::table::TooMuch;
use rectify_intake::{Column, File, FileError, Given, Kind, Mappings, Need, Reading, Wanted};
use rust_xlsxwriter::utility::row_col_to_cell;
use serde_json::Value;

use super::super::units::KINDS;
use super::judged::Wrong;
use crate::language::Language;
use crate::pages::entry::sent_as;
use crate::pages::page::Page;
use crate::pages::wording::say;

/// The most rows that are read.
pub(super) const MOST: usize = 2_000;

/// The columns.
const COLUMNS: [Column; 5] = [
    Column::new("name", &["单位名称", "名称", "单位全称", "unit name"], Kind::Text).needed(Need::Always),
    Column::new("kind", &["类别", "单位类别", "单位类型", "类型"], Kind::Text).needed(Need::Always),
    Column::new("parent", &["上级单位", "上级", "隶属单位", "unit above"], Kind::Text).needed(Need::Always),
    Column::new("division", &["区划代码", "行政区划代码", "行政区划", "division code"], Kind::Text),
    Column::new("prefix", &["编号前缀", "number prefix"], Kind::Text),
];

/// What was read of a file.
pub(super) struct Read {
    pub(super) rows: Vec<Row>,
    /// What was not read as units, and why.
    pub(super) left_out: Vec<String>,
}

/// A row as it was read.
pub(super) struct Row {
    /// Which, in words.
    pub(super) place: String,
    fields: BTreeMap<&'static str, String>,
    /// Where each field stands, and what it is headed.
    cells: BTreeMap<&'static str, String>,
    pub(super) wrong: Vec<Wrong>,
}

impl Row {
    fn of(row: &rectify_intake::Row<'_>, page: &Page) -> Row {
        let number = u32::try_from(row.place.row.saturating_sub(1)).unwrap_or(u32::MAX);
        let address = |at: usize| row_col_to_cell(number, u16::try_from(at).unwrap_or(u16::MAX));
        let headed = |at: usize, name: &str| format!("{} {name}", address(at));
        let names = &row.header.names;
        let places = row.header.columns.iter().zip(names).enumerate();
        let cells = places.filter_map(|(at, (bound, name))| Some((bound.as_ref()?.column.field, headed(at, name))));
        let wrong = |error: &RowError| {
            let at = names.iter().position(|name| *name == error.column);
            Wrong { place: at.map(|at| headed(at, &error.column)).unwrap_or_default(), said: said(&error.reason, page) }
        };
        let text = |(field, value): (&&'static str, &Value)| Some((*field, value.as_str()?.to_owned()));
        Row {
            place: String::new(),
            fields: row.fields.iter().filter_map(text).collect(),
            cells: cells.collect(),
            wrong: row.errors.iter().map(wrong).collect(),
        }
    }

    /// Returns what stands in a field; nothing where it is empty.
    pub(super) fn text(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// Returns what is wrong with a field.
    pub(super) fn blame(&self, field: &str, said: String) -> Wrong {
        Wrong { place: self.cells.get(field).cloned().unwrap_or_default(), said }
    }
}

/// Reads the rows of every sheet.
pub(super) fn read(file: &File, page: &Page) -> Result<Read, FileError> {
    let wanted = Wanted { columns: COLUMNS.to_vec(), identity: &[], joined: false };
    let reading = Reading::open(&wanted, std::slice::from_ref(file), &Given::default(), &Mappings::default())?;
    let mut rows: Vec<(Place, Row)> = Vec::new();
    let report = reading.rows(page.zone, |row| {
        rows.push((row.place.clone(), Row::of(&row, page)));
        if rows.len() > MOST { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if rows.len() > MOST {
        let what = TooMuch::Rows(u64::try_from(MOST).unwrap_or(u64::MAX));
        return Err(FileError::TooLarge { file: file.name.clone(), what });
    }
    // Where a file breaks off, what stands there is wrong.
    rows.extend(report.refused.iter().map(|error| {
        let wrong = vec![Wrong { place: String::new(), said: said(&error.reason, page) }];
        let row = Row { place: String::new(), fields: BTreeMap::new(), cells: BTreeMap::new(), wrong };
        (error.place.clone(), row)
    }));
    let several = report.sheets.len() > 1;
    let rows = rows.into_iter().map(|(place, row)| Row { place: placed(&place, several, page), ..row });
    Ok(Read { rows: rows.collect(), left_out: left_out(&report, several, page) })
}

/// Returns which row it is, with its sheet where there are several.
fn placed(place: &Place, several: bool, page: &Page) -> String {
    if several {
        page.say_two("unit-import-row-of", ("sheet", place.sheet.as_str()), ("row", place.row.to_string()))
    } else {
        page.say_of("unit-import-row", "row", place.row.to_string())
    }
}

fn left_out(report: &Report, several: bool, page: &Page) -> Vec<String> {
    let line = |what: String, reason: &Reason| {
        page.say_two("unit-import-left-out-line", ("what", what), ("why", said(reason, page)))
    };
    let rows = report.asides.iter().map(|aside| line(placed(&aside.place, several, page), &aside.reason));
    let sheets = report.skipped.iter().map(|skipped| line(skipped.sheet.clone(), &skipped.reason));
    let unknown = report.unknown_columns.join(&page.say("list-comma"));
    let columns = (!unknown.is_empty()).then(|| page.say_of("unit-import-unknown", "columns", unknown));
    columns.into_iter().chain(sheets).chain(rows).collect()
}

/// Returns why, in the language of a page.
pub(super) fn said(reason: &Reason, page: &Page) -> String {
    match page.language {
        Language::Chinese => reason.chinese(),
        Language::English => reason.english(),
    }
}

/// Returns the kind that a word means: as pages in either language call it, or as people write it.
pub(super) fn kind_called(word: &str) -> Option<UnitKind> {
    let word = key(word);
    KINDS.into_iter().find(|kind| {
        let shown = [Language::Chinese, Language::English].map(|language| name_of(*kind, language));
        shown.iter().any(|name| key(name) == word) || written(*kind).iter().any(|name| key(name) == word)
    })
}

fn name_of(kind: UnitKind, language: Language) -> String {
    say(language, &format!("kind-{}", sent_as(&kind)), &[])
}

fn written(kind: UnitKind) -> &'static [&'static str] {
    match kind {
        UnitKind::Prefecture => &["自治州", "州本级"],
        UnitKind::County => &["县", "市", "区", "县（市）", "县（市、区）"],
        UnitKind::Township => &["乡", "镇", "街道", "乡（镇）", "乡镇（街道）"],
        UnitKind::Office => &["整改办公室", "office"],
        UnitKind::Department => &["州直部门", "县直部门"],
        UnitKind::Auditor => &["审计", "督查", "审计机构", "督查机构"],
    }
}
