//! The audit intake: reports with the rule broken, repeats of earlier findings, amounts, corrective action plans and
//! disagreements. Rows of one finding, in whatever sheet or file of the report, are joined by its number.

mod labels;
mod report;

pub use report::AuditFinding;

/// Returns the way in by HTTP.
pub fn router(door: rectify_intake::Door) -> axum::Router {
    rectify_intake::router::<AuditFinding>(door)
}
