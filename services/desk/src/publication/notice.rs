//! How far each unit is (通报), as a sheet.

use chrono::Datelike as _;
use rectify_case::Directory;
use rectify_ledger::{Ledger, Viewer};

use crate::error::Error;
use crate::pages::overview::{STAGES, in_order};
use crate::pages::page::Page;
use crate::pages::workbook::{Cell, Sheet};

/// Its columns: the unit, where its cases stand, and what else is counted.
pub(super) const COLUMNS: [&str; 11] = [
    "unit",
    "assigned",
    "rectifying",
    "reported",
    "verified",
    "closed",
    "overdue",
    "oldest_overdue_days",
    "closed_this_year",
    "returned",
    "reopened",
];

/// How wide the name of a unit is, and a number, in characters.
const WIDTHS: (f64, f64) = (24.0, 10.0);

/// Returns the notice as of the page's moment.
pub(super) async fn sheet(
    ledger: &Ledger,
    viewer: &Viewer,
    directory: &Directory,
    page: &Page,
) -> Result<Sheet, Error> {
    let year = page.today().year();
    let found = ledger.overview(viewer, year, page.now).await?;
    let (text, number) = WIDTHS;
    let stages = STAGES.iter().map(|stage| page.stage(stage));
    let counted = [
        page.say("figure-overdue"),
        page.say("notice-oldest"),
        page.say_of("notice-closed", "year", year),
        page.say("notice-returned"),
        page.say("notice-reopened"),
    ];
    let heads = std::iter::once((page.say("column-lead"), text));
    let rows = in_order(&found.leads, directory).into_iter().map(|(unit, lead)| {
        let stages = STAGES.iter().map(|stage| Some(lead.by_stage.get(stage).copied().unwrap_or(0)));
        let oldest = lead.oldest_overdue_days.map(u64::from);
        let counted = [Some(lead.overdue), oldest, Some(lead.closed), Some(lead.returned), Some(lead.reopened)];
        let numbers = stages.chain(counted).map(Cell::Count);
        std::iter::once(Cell::Text(directory.unit_name(unit))).chain(numbers).collect()
    });
    Ok(Sheet {
        title: page.say("publication-notice"),
        heads: heads.chain(stages.chain(counted).map(|said| (said, number))).collect(),
        rows: rows.collect(),
    })
}
