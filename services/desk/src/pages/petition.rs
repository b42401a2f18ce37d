//! What is sealed of a petition: asked for with a reason, on record before it is shown, and kept nowhere.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_case::FindingId;
use rectify_keys::Content;

use super::act::name_of;
use super::page::{Page, shown};
use super::sign_in::SHOW;
use super::visitor::{Away, Posted, Visitor};
use crate::api::custody::refuse_held;
use crate::api::{case, petition};
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/cases/{case}/petition", get(ask).post(open))
}

/// A petition, sealed or opened.
#[derive(Template)]
#[template(path = "petition.html")]
struct PetitionPage {
    page: Page,
    case_href: String,
    case_name: String,
    /// The petitions of the case: which, and what stays in clear of it.
    petitions: Vec<(FindingId, String)>,
    reason: String,
    refused: Option<String>,
    opened: Option<Content>,
}

async fn ask(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let (case, _) = case::load(&desk, &caller, &name).await?;
    petition::opening(&case, &caller)?;
    let mut shows = of(&case, page);
    if let [(only, _)] = shows.petitions.as_slice() {
        shows.refused = match refuse_held(&desk, *only).await {
            Err(error @ Error::Custody(..)) => Some(error.in_language(shows.page.language)),
            Err(error) => return Err(error.into()),
            Ok(_) => None,
        };
    }
    Ok(shown(StatusCode::OK, &shows)?)
}

async fn open(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let Visitor { caller, page, .. } = visitor;
    let (case, _) = case::load(&desk, &caller, &name).await?;
    let finding = fields.text("finding").parse::<FindingId>().ok();
    let mut shows = of(&case, page);
    fields.text("reason").clone_into(&mut shows.reason);
    if fields.get(SHOW).is_some() {
        return Ok(shown(StatusCode::OK, &shows)?);
    }
    match petition::opened(&desk, &caller, &name, finding, &shows.reason).await {
        Ok((_, content)) => {
            shows.opened = Some(content);
            Ok(shown(StatusCode::OK, &shows)?)
        }
        Err(error @ (Error::Refused(_) | Error::Detailed(..) | Error::Custody(..))) => {
            shows.refused = Some(error.in_language(shows.page.language));
            Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &shows)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn of(case: &rectify_case::Case, page: Page) -> PetitionPage {
    let sealed = case.findings.iter().filter(|held| held.finding.sealed().is_some());
    PetitionPage {
        case_href: format!("/cases/{}", case.id),
        case_name: name_of(case, &page),
        petitions: sealed.map(|held| (held.id, held.finding.title.clone())).collect(),
        reason: String::new(),
        refused: None,
        opened: None,
        page,
    }
}
