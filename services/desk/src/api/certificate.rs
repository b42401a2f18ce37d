//! The certificate that a petition is erased: which, what no key opens any more, who wanted it and why, and where the log says
//! so. Nothing in it is about the petitioner.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rectify_case::certificate::Ciphertext;
use rectify_case::{CaseId, CaseNumber, Certificate, Digest, FindingId, LogId, Position};
use rectify_kit::custody;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::custody::{Told, known_to};
use crate::api::input::In;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/petitions/{petition}/certificate", show, |o| {
        o.says("certificate_of_erasure", "Certifies that the keys of a petition are deleted")
            .explains("For administrators and auditors. Nothing in it is about the petitioner.")
            .in_capacity()
            .answers::<Shown>(StatusCode::OK, "The certificate.")
            .problems(&[403, 404])
    })
}

/// A certificate of erasure.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CertificateOfErasure")]
struct Shown {
    /// What is certified, in both languages.
    statement: Statement,
    /// Which petition.
    finding: FindingId,
    /// The case that it began, or that it went on in.
    case: CaseId,
    /// The number of that case, where it was registered.
    number: Option<CaseNumber>,
    /// The log that all positions are of.
    log: LogId,
    /// What no key opens any more.
    ciphertexts: Vec<ShownCiphertext>,
    /// Who asked for it, and why; none where one was enough.
    proposal: Option<Told>,
    /// Who agreed; none where one was enough.
    approval: Option<Told>,
    /// That the keys are deleted.
    erasure: Told,
}

/// What is certified.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CertifiedStatement")]
struct Statement {
    /// In Chinese.
    #[serde(rename = "zh-CN")]
    chinese: &'static str,
    /// In English.
    #[serde(rename = "en")]
    english: &'static str,
}

/// Sealed bytes that no key opens any more.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ErasedCiphertext")]
struct ShownCiphertext {
    /// Their SHA-256.
    digest: Digest,
    /// Whether they are an attachment, and not what the petition says.
    is_attachment: bool,
    /// The position of the event that names them first.
    position: Position,
}

async fn show(State(desk): State<Desk>, caller: Caller, In(name): In<String>) -> Result<Json<Shown>, Error> {
    let certificate = certified(&desk, &caller, &name).await?;
    let ciphertexts = certificate.ciphertexts.iter().map(|ciphertext| {
        let Ciphertext { digest, is_attachment, position } = ciphertext.clone();
        ShownCiphertext { digest, is_attachment, position }
    });
    Ok(Json(Shown {
        statement: Statement { chinese: certificate.chinese(), english: certificate.english() },
        ciphertexts: ciphertexts.collect(),
        finding: certificate.finding,
        case: certificate.case,
        number: certificate.number.clone(),
        log: certificate.log,
        proposal: certificate.proposal.as_ref().map(|step| Told::of(step, &caller)),
        approval: certificate.approval.as_ref().map(|step| Told::of(step, &caller)),
        erasure: Told::of(&certificate.erasure, &caller),
    }))
}

/// Returns the certificate of a petition that is erased.
pub(crate) async fn certified(desk: &Desk, caller: &Caller, name: &str) -> Result<Certificate, Error> {
    let known = known_to(desk, caller, name).await?;
    custody::certificate(&desk.frame.log, &known.custody).await?.ok_or(Code::NotErased.into())
}
