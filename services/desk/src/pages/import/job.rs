//! The work on what was brought, beside the pages that show how far it is.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use rectify_case::CaseId;
use rectify_intake::door;
use rectify_intake::report::Language as Said;
use rectify_intake::way::Tell;
use rectify_intake::{HandIn, Outcome, Progress, Report, WayError};
use rectify_kit::{act, ids};

use super::judged::{Fate, judge};
use super::kept::{Checked, Done, Stage, Upload, Work};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::language::Language;

/// Checks what was brought, unless it is being worked on.
pub(super) fn check(desk: &Desk, caller: &Caller, upload: &Arc<Upload>) {
    if !upload.begins(Work::Read, |stage| !matches!(stage, Stage::Working(..) | Stage::Taken(_))) {
        return;
    }
    let (desk, caller, worked_on) = (desk.clone(), caller.clone(), Arc::clone(upload));
    run(upload, Work::Read, async move { checked(&desk, &caller, &worked_on).await });
}

/// Takes what was checked, if it is still what was seen.
pub(super) fn take(desk: &Desk, caller: &Caller, upload: &Arc<Upload>, seen: &str) {
    // How many of the rows were there already when they were looked at.
    let mut known = 0;
    let is_seen = |stage: &Stage| match stage {
        Stage::Checked(checked) if checked.seen.to_string() == seen => {
            known = checked.rows.iter().filter(|row| row.fate == Fate::Known).count();
            true
        }
        _ => false,
    };
    if !upload.begins(Work::Take, is_seen) {
        return;
    }
    let (desk, caller, worked_on) = (desk.clone(), caller.clone(), Arc::clone(upload));
    run(upload, Work::Take, async move { taken(&desk, &caller, &worked_on, known).await });
}

/// Returns a language as reports say it.
pub(super) fn said(language: Language) -> Said {
    match language {
        Language::Chinese => Said::Chinese,
        Language::English => Said::English,
    }
}

/// Runs some work, and notes what came of it; that it broke off, too.
fn run(upload: &Arc<Upload>, work: Work, task: impl Future<Output = Result<Stage, WayError>> + Send + 'static) {
    let upload = Arc::clone(upload);
    tokio::spawn(async move {
        let done = tokio::spawn(task).await.unwrap_or_else(|broken| Err(WayError::Unavailable(Box::new(broken))));
        let stage = done.unwrap_or_else(|error| {
            if let WayError::Unavailable(_) = &error {
                tracing::error!(error = &error as &dyn std::error::Error, "an import broke off");
            }
            Stage::Failed(work, Arc::new(error))
        });
        upload.stage.send_replace(stage);
    });
}

async fn checked(desk: &Desk, caller: &Caller, upload: &Upload) -> Result<Stage, WayError> {
    let hand_in = upload.asked().hand_in;
    let Outcome { mut report, taken } = upload.way.check(hand_in, telling(upload, Work::Read)).await?;
    let tell = |rows, total| {
        upload.stage.send_replace(Stage::Working(Work::Compare, Progress { rows, total: Some(total), accepted: rows }));
    };
    let rows = judge(desk, caller, taken, tell).await.map_err(|error| WayError::Unavailable(Box::new(error)))?;
    keep_what_is_seen(desk, caller, &mut report).await?;
    Ok(Stage::Checked(Arc::new(Checked { seen: ids::new(), report, rows })))
}

/// Leaves out of a report what is gone from the file and the caller may not see.
async fn keep_what_is_seen(desk: &Desk, caller: &Caller, report: &mut Report) -> Result<(), WayError> {
    let mut seen = Vec::new();
    for gone in std::mem::take(&mut report.no_longer) {
        let case = CaseId(gone.held.finding.0);
        let loaded = act::load(&desk.frame.log, case).await;
        let (case, _) = loaded.map_err(|error| WayError::Unavailable(Box::new(error)))?;
        if caller.sees(&case) {
            seen.push(gone);
        }
    }
    report.no_longer = seen;
    Ok(())
}

async fn taken(desk: &Desk, caller: &Caller, upload: &Upload, known: usize) -> Result<Stage, WayError> {
    let language = said(caller.language);
    let hand_in = upload.asked().hand_in;
    let Outcome { mut report, taken } = upload.way.take(hand_in.clone(), telling(upload, Work::Take)).await?;
    let is_marked = !report.refused.is_empty() || !report.warnings.is_empty();
    let workbook = if is_marked { workbook(upload, hand_in, &report, language).await } else { None };
    upload.let_go();
    if let Err(error) = keep_what_is_seen(desk, caller, &mut report).await {
        // What was taken is taken.
        tracing::warn!(error = &error as &dyn std::error::Error, "what is gone from a file cannot be told");
    }
    // Of findings nobody has looked once more.
    let known = known.max(taken.iter().filter(|row| row.known).count());
    tracing::info!(
        way = upload.way.name(),
        rows = report.rows,
        taken = taken.len(),
        refused = report.refused.len(),
        "files were handed in by a page"
    );
    Ok(Stage::Taken(Arc::new(Done { taken: taken.len(), known, report, workbook })))
}

/// Returns the workbook with what is wrong. What was taken is taken, whether or not it can be made.
async fn workbook(upload: &Upload, hand_in: HandIn, report: &Report, language: Said) -> Option<Vec<u8>> {
    match upload.way.workbook(hand_in, report, language).await {
        Ok(workbook) => Some(workbook),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the workbook with the errors cannot be made");
            None
        }
    }
}

/// Tells the pages how far some work has come.
fn telling(upload: &Upload, work: Work) -> Tell<'_> {
    Box::new(move |progress| {
        upload.stage.send_replace(Stage::Working(work, progress));
    })
}

/// Answers with a workbook of what is wrong, called after the first file that was brought.
pub(super) fn as_file(upload: &Upload, workbook: Vec<u8>, refused: usize, language: Said) -> Response {
    let mut response = door::workbook(StatusCode::OK, refused, workbook, &upload.first, language);
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}
