//! The certificate that a petition is erased, to be printed: for administrators and auditors.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_case::certificate::Ciphertext;
use rectify_case::{CaseId, FindingId, LogId};

use super::admin::StepShown;
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use crate::api::certificate::certified;
use crate::desk::Desk;
use crate::language::Language;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/petitions/{petition}/certificate", get(show))
}

/// A certificate of erasure.
#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    page: Page,
    number: Option<String>,
    case: CaseId,
    finding: FindingId,
    log: LogId,
    statement: &'static str,
    steps: Vec<StepShown>,
    ciphertexts: Vec<Ciphertext>,
    made: String,
}

async fn show(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let certificate = certified(&desk, &caller, &name).await?;
    let statement = match page.language {
        Language::Chinese => certificate.chinese(),
        Language::English => certificate.english(),
    };
    let erasure = Some(&certificate.erasure);
    let steps =
        [("propose", certificate.proposal.as_ref()), ("approve", certificate.approval.as_ref()), ("erase", erasure)];
    let steps = steps.into_iter().filter_map(|(what, step)| Some(StepShown::of(what, step?, &page, &caller)));
    let shows = CertificatePage {
        number: certificate.number.as_ref().map(ToString::to_string),
        case: certificate.case,
        finding: certificate.finding,
        log: certificate.log,
        statement,
        steps: steps.collect(),
        made: page.say_of("certificate-made", "moment", page.moment(&page.now)),
        ciphertexts: certificate.ciphertexts,
        page,
    };
    Ok(shown(StatusCode::OK, &shows)?)
}
