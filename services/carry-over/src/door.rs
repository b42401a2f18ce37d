//! The way in by HTTP. It stands where the desk does: in the process that may append.

use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use chrono::NaiveDate;
use rectify_accounts::Accounts;
use rectify_case::{Happened, UnitId};
use rectify_intake::door::{LARGEST_FILE, REFUSED, handed_by_form, language, person};
use rectify_intake::problem::Problem;
use rectify_intake::{File, ImportError, Unit};
use rectify_kit::Frame;
use serde::Deserialize;

use crate::carry::{Asked, CarryOverError, carry_over, officer};
use crate::reading::Given;

/// What the way in needs. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// The log, the directory, the clock.
    pub frame: Frame,
    /// Who holds which token.
    pub accounts: Accounts,
}

/// Returns `POST /carry-over/files`.
pub fn router(door: Door) -> Router {
    Router::new().route("/carry-over/files", post(take)).layer(DefaultBodyLimit::max(LARGEST_FILE)).with_state(door)
}

/// What the query may say for all rows, and how it is answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// The name of a file that is the body.
    name: Option<String>,
    source: Option<String>,
    issuing_body: Option<String>,
    document: Option<String>,
    division: Option<String>,
    discovered: Option<Happened>,
    year: Option<i32>,
    unit: Option<Unit>,
    deadline: Option<NaiveDate>,
    /// The office that declares it, where whoever asks is an officer of several.
    office: Option<UnitId>,
    /// Only say what would happen.
    #[serde(default)]
    check: bool,
    report: Option<Form>,
}

/// How a report is answered.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Json,
    Table,
}

async fn take(
    State(door): State<Door>,
    said: Result<Query<Said>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let Query(said) = said?;
    let now = door.frame.clock.now();
    let person = person(&headers, &door.accounts, now).await?;
    let officer = officer(&door.frame.directory.get().0, person, said.office, now).ok_or_else(|| {
        Problem::new(
            StatusCode::FORBIDDEN,
            "may_not_carry_over",
            "只有整改办经办人可以导入原有台账",
            "only an officer of an office may carry a ledger over",
        )
    })?;
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let files = if media_type.as_deref().is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        handed_by_form(request).await?.files
    } else {
        let bytes = axum::body::Bytes::from_request(request, &()).await?;
        vec![File { name: said.name.clone().unwrap_or_default(), media_type, bytes }]
    };
    let form = said.report.unwrap_or(Form::Json);
    let dry_run = said.check;
    let asked = Asked { files, given: said.given(), officer, dry_run };
    let report = carry_over(&door.frame, asked, |_, _| ()).await?;
    let (carried, refused) = (report.carried.len(), report.report.refused.len());
    tracing::info!(rows = report.report.rows, carried, refused, dry_run = report.dry_run, "a ledger is carried over");
    let status = if carried == 0 && refused > 0 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let language = language(&headers);
    let headers = [(HeaderName::from_static(REFUSED), refused.to_string())];
    Ok(match form {
        Form::Json => (status, headers, Json(report)).into_response(),
        Form::Table => (status, headers, report.print(language)).into_response(),
    })
}

impl Said {
    fn given(self) -> Given {
        let Said { source, issuing_body, document, division, discovered, year, unit, deadline, .. } = self;
        let usual = rectify_intake::Given { source, issuing_body, document, division, discovered, year, unit };
        Given { usual, deadline }
    }
}

impl From<CarryOverError> for Problem {
    fn from(error: CarryOverError) -> Problem {
        match error {
            CarryOverError::File(file) => ImportError::File(file).into(),
            CarryOverError::Log { .. } | CarryOverError::Stopped(_) => Problem::unavailable(&error),
        }
    }
}
