//! What would come of files, and what came of them, as a page shows it.

use std::collections::BTreeSet;

use rectify_intake::gone::NoLonger;
use rectify_intake::look::SheetSeen;
use rectify_intake::report::{Place, RowError, SheetSkipped};
use rectify_intake::way::Stands;
use rectify_intake::{FileError, Reason, Report};

use super::super::page::Page;
use super::judged::{Fate, Judged, Named};
use super::kept::{Checked, Done};
use crate::language::Language;

/// How many rows of a kind a page shows.
const ROWS: usize = 100;

/// So few rows are shown at once.
const FEW: usize = 10;

/// What would come of files.
pub(super) struct Preview {
    pub(super) seen: String,
    /// What would become of how many rows.
    pub(super) counts: Vec<Count>,
    pub(super) groups: Vec<Group>,
    /// How many rows would be taken.
    pub(super) taken: usize,
    /// Whether any of them is news.
    pub(super) has_news: bool,
    pub(super) several: Vec<SeveralShown>,
    pub(super) is_split: bool,
    pub(super) remarks: Remarks,
}

/// How many rows.
pub(super) struct Count {
    pub(super) said: String,
    pub(super) n: usize,
    pub(super) style: &'static str,
}

/// Rows of which the same would come.
pub(super) struct Group {
    pub(super) said: String,
    pub(super) n: usize,
    pub(super) rows: Vec<RowShown>,
    pub(super) more: Option<String>,
    /// Whether it is to be looked at.
    pub(super) is_open: bool,
}

/// A row that would be taken.
pub(super) struct RowShown {
    pub(super) place: String,
    pub(super) item: String,
    pub(super) title: String,
    /// Its case: where it is and what it is called.
    pub(super) case: Option<(String, String)>,
    /// Cases that may be about the same: where each is, what it is called, and why.
    pub(super) alike: Vec<(String, String, String)>,
    /// Where an older ledger leaves its case, with who answers for it and until when.
    pub(super) stands: Option<String>,
}

/// A cell that numbers several problems.
pub(super) struct SeveralShown {
    pub(super) place: String,
    pub(super) item: String,
    pub(super) parts: Vec<String>,
    pub(super) is_split: bool,
}

/// What came of files.
pub(super) struct Arrived {
    pub(super) counts: Vec<Count>,
    pub(super) has_workbook: bool,
    pub(super) remarks: Remarks,
}

/// What is to be said of rows, of sheets and of the whole.
pub(super) struct Remarks {
    pub(super) refused: Lines,
    pub(super) warnings: Lines,
    pub(super) asides: Lines,
    pub(super) gone: Vec<GoneShown>,
    pub(super) gone_more: Option<String>,
    /// What was not read, what was hidden, what is sealed: a sentence each.
    pub(super) notes: Vec<String>,
}

/// Remarks about rows, as far as a page shows them.
pub(super) struct Lines {
    pub(super) n: usize,
    pub(super) shown: Vec<Line>,
    pub(super) more: Option<String>,
}

/// A remark about a row.
pub(super) struct Line {
    pub(super) place: String,
    pub(super) column: String,
    pub(super) value: String,
    pub(super) reason: String,
}

/// What stood in an earlier file and does not in this one.
pub(super) struct GoneShown {
    pub(super) document: String,
    pub(super) item: String,
    pub(super) href: String,
    pub(super) last: String,
}

impl Preview {
    pub(super) fn of(checked: &Checked, splits: bool, page: &Page) -> Preview {
        let Checked { seen, report, rows } = checked;
        let remarks = Remarks::of(report, page);
        let of = |fate: Fate| rows.iter().filter(move |row| row.fate == fate);
        let mut counts: Vec<Count> = Fate::ALL
            .into_iter()
            .map(|fate| Count { said: fate_said(fate, page), n: of(fate).count(), style: style(fate) })
            .filter(|count| count.n > 0)
            .collect();
        counts.extend(count_of(rows_refused(report), "import-count-refused", "late", page));
        counts.extend(count_of(report.no_longer.len(), "import-count-gone", "", page));
        let alike = rows.iter().filter(|row| !row.alike.is_empty());
        let mut groups = vec![group(page.say("import-group-alike"), alike, page, true)];
        for fate in [Fate::Amended, Fate::Repeated, Fate::New, Fate::Known] {
            // What is to be looked at is open, and so is what is new where that is little.
            let is_open = match fate {
                Fate::Amended | Fate::Repeated => true,
                Fate::New => of(fate).count() <= FEW,
                Fate::Known => false,
            };
            groups.push(group(fate_said(fate, page), of(fate), page, is_open));
        }
        groups.retain(|group| group.n > 0);
        let several: Vec<SeveralShown> = report
            .several
            .iter()
            .filter(|_| splits)
            .map(|several| SeveralShown {
                place: placed(&several.place, page),
                item: several.item.clone(),
                parts: several.parts.clone(),
                is_split: several.split,
            })
            .collect();
        Preview {
            seen: seen.to_string(),
            counts,
            groups,
            taken: rows.len(),
            has_news: rows.iter().any(|row| row.fate != Fate::Known),
            is_split: several.iter().any(|several| several.is_split),
            several,
            remarks,
        }
    }
}

impl Arrived {
    pub(super) fn of(done: &Done, page: &Page) -> Arrived {
        let taken = Count { said: page.say("import-count-taken"), n: done.taken, style: "done" };
        let mut counts = vec![taken];
        counts.extend(count_of(done.known, "import-count-known", "", page));
        counts.extend(count_of(rows_refused(&done.report), "import-count-refused", "late", page));
        counts.extend(count_of(done.report.no_longer.len(), "import-count-gone", "", page));
        Arrived { counts, has_workbook: done.workbook.is_some(), remarks: Remarks::of(&done.report, page) }
    }
}

impl Remarks {
    fn of(report: &Report, page: &Page) -> Remarks {
        let mut notes = Vec::new();
        if !report.unknown_columns.is_empty() {
            notes.push(page.say_of("import-note-unknown", "columns", report.unknown_columns.join("、")));
        }
        if !report.sealed_columns.is_empty() {
            notes.push(page.say_of("import-note-sealed", "columns", report.sealed_columns.join("、")));
        }
        for sheet in &report.sheets {
            let name = sheet_name(&sheet.file, &sheet.sheet);
            if sheet.hidden {
                notes.push(page.say_of("import-note-hidden-sheet", "sheet", name.clone()));
            }
            if !sheet.hidden_rows.is_empty() {
                let range =
                    |(from, to): &(u64, u64)| if from == to { from.to_string() } else { format!("{from}–{to}") };
                let rows = sheet.hidden_rows.iter().map(range);
                let rows = rows.collect::<Vec<_>>().join("、");
                notes.push(page.say_two("import-note-hidden-rows", ("sheet", name.clone()), ("rows", rows)));
            }
            if let Some(year) = sheet.year {
                notes.push(page.say_two("import-note-year", ("sheet", name), ("year", year.to_string())));
            }
        }
        for SheetSkipped { file, sheet, reason } in &report.skipped {
            let name = sheet_name(file, sheet);
            notes.push(page.say_two("import-note-skipped", ("sheet", name), ("reason", reason_said(reason, page))));
        }
        let gone = report.no_longer.iter().take(ROWS).map(|gone| GoneShown::of(gone, page));
        Remarks {
            refused: Lines::of(&report.refused, page),
            warnings: Lines::of(&report.warnings, page),
            asides: Lines::of(&report.asides, page),
            gone: gone.collect(),
            gone_more: more(report.no_longer.len(), page),
            notes,
        }
    }
}

impl Lines {
    fn of(errors: &[RowError], page: &Page) -> Lines {
        let shown = errors.iter().take(ROWS).map(|RowError { place, column, value, reason }| Line {
            place: placed(place, page),
            column: column.clone(),
            value: value.clone(),
            reason: reason_said(reason, page),
        });
        Lines { n: errors.len(), shown: shown.collect(), more: more(errors.len(), page) }
    }
}

impl GoneShown {
    fn of(gone: &NoLonger, page: &Page) -> GoneShown {
        let NoLonger { document, held, last } = gone;
        GoneShown {
            document: page.say_two(
                "import-gone-document",
                ("body", document.issuing_body.as_str()),
                ("document", document.document.as_str()),
            ),
            item: held.item.clone(),
            href: format!("/cases/{}", held.finding),
            last: last.to_string(),
        }
    }
}

fn group<'a>(said: String, rows: impl Iterator<Item = &'a Judged>, page: &Page, is_open: bool) -> Group {
    let rows: Vec<&Judged> = rows.collect();
    let name = |named: &Named| named.number.clone().unwrap_or_else(|| named.title.clone());
    let href = |named: &Named| format!("/cases/{}", named.id);
    let shown = rows.iter().take(ROWS).map(|row| RowShown {
        place: placed(&row.place, page),
        item: row.item.clone(),
        title: row.title.clone(),
        case: row.case.as_ref().map(|case| (href(case), name(case))),
        alike: row.alike.iter().map(|(case, ground)| (href(case), name(case), page.likeness(ground))).collect(),
        stands: row.stands.as_ref().map(|stands| standing(stands, page)),
    });
    Group { said, n: rows.len(), rows: shown.collect(), more: more(rows.len(), page), is_open }
}

/// Returns where an older ledger leaves a case, with who answers for it and until when.
fn standing(stands: &Stands, page: &Page) -> String {
    let due = stands.deadline.map(|day| format!("{} {day}", page.say("column-due")));
    let said = [Some(page.stage(&stands.stage)), stands.lead.clone(), due];
    page.say_of("import-stands", "text", said.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

fn count_of(n: usize, name: &str, style: &'static str, page: &Page) -> Option<Count> {
    (n > 0).then(|| Count { said: page.say(name), n, style })
}

/// Returns how many rows were refused: one may be refused for several reasons.
fn rows_refused(report: &Report) -> usize {
    let rows: BTreeSet<_> =
        report.refused.iter().map(|error| (&error.place.file, &error.place.sheet, error.place.row)).collect();
    rows.len()
}

fn fate_said(fate: Fate, page: &Page) -> String {
    page.say(&format!("import-fate-{}", fate.name()))
}

fn style(fate: Fate) -> &'static str {
    match fate {
        Fate::New => "done",
        Fate::Amended | Fate::Repeated => "soon",
        Fate::Known => "",
    }
}

/// Returns why a row is not taken, or is to be looked at.
pub(in super::super) fn reason_said(reason: &Reason, page: &Page) -> String {
    match page.language {
        Language::Chinese => reason.chinese(),
        Language::English => reason.english(),
    }
}

/// Returns why a file cannot be read as it stands.
pub(super) fn file_error(error: &FileError, page: &Page) -> String {
    match page.language {
        Language::Chinese => error.chinese(),
        Language::English => error.to_string(),
    }
}

/// Returns a sheet with the row of its header, and since when it is known how it is read.
pub(super) fn sheet_seen(sheet: &SheetSeen, page: &Page) -> String {
    let name = sheet_name(&sheet.file, &sheet.sheet);
    let header = page.say_two("import-sheet", ("sheet", name), ("row", sheet.header_row));
    match sheet.since {
        Some(since) => {
            let since = page.say_of("import-sheet-known", "day", page.zone.day_of(since).to_string());
            page.bracketed(&header, &since)
        }
        None => header,
    }
}

fn sheet_name(file: &str, sheet: &str) -> String {
    if sheet.is_empty() { file.to_owned() } else { format!("{file} · {sheet}") }
}

fn placed(place: &Place, page: &Page) -> String {
    let sheet = sheet_name(&place.file, &place.sheet);
    page.say_two("import-place", ("sheet", sheet), ("row", place.row))
}

/// Returns that there are more than are shown, where there are.
fn more(n: usize, page: &Page) -> Option<String> {
    (n > ROWS).then(|| page.say_of("import-more", "n", n - ROWS))
}
