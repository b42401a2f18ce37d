//! The way in by HTTP. It stands where the desk does: in the process that may append.

use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use rectify_accounts::Accounts;
use rectify_case::UnitId;
use rectify_intake::Split;
use rectify_intake::door::{Form, Handed, LARGEST_FILE, REFUSED, Said, forget, language, mappings, person, workbook};
use rectify_intake::problem::Problem;
use rectify_kit::Frame;
use rectify_kit::act::Who;

use crate::carry::{Asked, CarryOverError, LEDGER, carry_over, office, officer, workbook_of_errors};
use crate::reading::Given;

/// What the way in needs. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// The log, the directory, the clock.
    pub frame: Frame,
    /// Who holds which token.
    pub accounts: Accounts,
}

/// Returns `POST /carry-over/files`, and the mappings remembered for it.
pub fn router(door: Door) -> Router {
    Router::new()
        .route("/carry-over/files", post(take))
        .route("/carry-over/mappings", get(list_mappings))
        .route("/carry-over/mappings/{fingerprint}", delete(forget_mapping))
        .layer(DefaultBodyLimit::max(LARGEST_FILE))
        .with_state(door)
}

async fn take(
    State(door): State<Door>,
    said: Result<Query<Said>, QueryRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Query(said) = said?;
    let officer = door.officer(request.headers(), said.office).await?;
    if said.split() != Split::None {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_query",
            "原有台账按行导入，不拆分（split）",
            "an older ledger is read row by row, and nothing of it is split",
        ));
    }
    let (form, language) = (Form::asked(said.report, request.headers()), language(request.headers()));
    let handed = Handed::by(request, said.name.clone()).await?;
    let came_as = handed.came_as();
    let Handed { files, mapping } = handed;
    let given = Given { usual: said.given(), deadline: said.deadline };
    let accounts = Some(door.accounts.clone());
    let asked = Asked { files, given, mapping, accounts, officer, dry_run: said.check };
    let report = carry_over(&door.frame, asked.clone(), |_, _| ()).await?;
    let (carried, refused) = (report.carried.len(), report.report.refused.len());
    tracing::info!(rows = report.report.rows, carried, refused, dry_run = report.dry_run, "a ledger is carried over");
    let status = if carried == 0 && refused > 0 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let headers = [(REFUSED, refused.to_string())];
    Ok(match form {
        Form::Json if status == StatusCode::UNPROCESSABLE_ENTITY => Problem::nothing_taken(&report).into_response(),
        Form::Json => (status, headers, Json(report)).into_response(),
        Form::Table => (status, headers, report.print(language)).into_response(),
        Form::Workbook => {
            let errors = workbook_of_errors(&door.frame, asked, &report, language).await?;
            workbook(status, refused, errors, &came_as, language)
        }
    })
}

async fn list_mappings(State(door): State<Door>, headers: HeaderMap) -> Result<Response, Problem> {
    mappings(&door.accounts, door.office(&headers).await?, LEDGER).await
}

async fn forget_mapping(
    State(door): State<Door>,
    headers: HeaderMap,
    Path(fingerprint): Path<String>,
) -> Result<StatusCode, Problem> {
    forget(&door.accounts, door.office(&headers).await?, LEDGER, fingerprint).await
}

impl Door {
    /// Returns who asks, as an officer of the office that is named, or of their own.
    async fn officer(&self, headers: &HeaderMap, office: Option<UnitId>) -> Result<Who, Problem> {
        let now = self.frame.clock.now();
        let person = person(headers, &self.accounts, now).await?;
        officer(&self.frame.directory.get().0, person, office, now).ok_or_else(may_not)
    }

    /// Returns the office of who asks.
    async fn office(&self, headers: &HeaderMap) -> Result<UnitId, Problem> {
        let officer = self.officer(headers, None).await?;
        office(&self.frame.directory.get().0, &officer, self.frame.clock.now()).ok_or_else(may_not)
    }
}

fn may_not() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "may_not_carry_over",
        "只有整改办经办人可以导入原有台账",
        "only an officer of an office may carry a ledger over",
    )
}

impl From<CarryOverError> for Problem {
    fn from(error: CarryOverError) -> Problem {
        match error {
            CarryOverError::Import(error) => error.into(),
            CarryOverError::Log { .. } => Problem::unavailable(&error),
        }
    }
}
