//! The way in by HTTP: documents as JSON, and files: one as the body, or several that belong together as a form.

use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequest as _, FromRequestParts, Multipart, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use rectify_accounts::Accounts;
use rectify_bus::Bus;
use rectify_case::directory::{Directory, Role};
use rectify_case::{Actor, Happened, PersonId, Zone};
use rectify_kit::directory::DirectoryView;
use rectify_log::Clock;
use serde::Deserialize;
use serde_json::Value;

use crate::document::{Document, Given, intake_name};
use crate::import::{Handover, ImportError, import, import_documents};
use crate::problem::Problem;
use crate::report::Report;
use crate::table::{File, FileError};

/// The largest file taken, in bytes.
pub const LARGEST_FILE: usize = 64 << 20;

/// What the way in needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Door {
    /// The queue.
    pub bus: Bus,
    /// Who holds which token.
    pub accounts: Accounts,
    /// Units, people and sources.
    pub directory: DirectoryView,
    /// The time.
    pub clock: Clock,
    /// The office's zone.
    pub zone: Zone,
}

/// Returns `POST /intake/<intake>/findings` and `POST /intake/<intake>/files`.
pub fn router<D: Document>(door: Door) -> Router {
    let intake = intake_name(D::INTAKE);
    Router::new()
        .route(&format!("/intake/{intake}/findings"), post(take_findings::<D>))
        .route(&format!("/intake/{intake}/files"), post(take_files::<D>))
        .layer(DefaultBodyLimit::max(LARGEST_FILE))
        .with_state(door)
}

/// What the query of a delivery may say for all its findings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    name: Option<String>,
    source: Option<String>,
    issuing_body: Option<String>,
    document: Option<String>,
    division: Option<String>,
    discovered: Option<Happened>,
}

type Asked = Result<Query<Said>, QueryRejection>;

/// Who sends a request, and when it came in.
struct Sender {
    actor: Actor,
    received: DateTime<Utc>,
}

async fn take_findings<D: Document>(
    State(door): State<Door>,
    sender: Sender,
    said: Asked,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    if media_type(&headers).as_deref() != Some("application/json") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "这里只接收 application/json；文件请送到 files",
            "only application/json is taken here; files go to `files`",
        ));
    }
    let (_, given) = said?.0.parted();
    let documents = match serde_json::from_slice(&body?) {
        Ok(Value::Array(documents)) => documents,
        Ok(document) => vec![document],
        Err(error) => return Err(Problem::bad_request("not_json", "正文不是 JSON", &error)),
    };
    let handover = door.handover(&sender, given);
    answer::<D>(import_documents::<D>(&handover, documents).await)
}

async fn take_files<D: Document>(
    State(door): State<Door>,
    sender: Sender,
    said: Asked,
    request: Request,
) -> Result<Response, Problem> {
    let (name, given) = said?.0.parted();
    let files = match media_type(request.headers()).as_deref() {
        Some("multipart/form-data") => files_of_form(request).await?,
        media_type => {
            let media_type = media_type.map(str::to_owned);
            let bytes = Bytes::from_request(request, &()).await?;
            vec![File { name: name.unwrap_or_default(), media_type, bytes }]
        }
    };
    let handover = door.handover(&sender, given);
    answer::<D>(import::<D>(&handover, files, |_| ()).await)
}

/// Returns the files of a form, in order: those of one document belong together.
async fn files_of_form(request: Request) -> Result<Vec<File>, Problem> {
    let unreadable = |error: &dyn std::error::Error| Problem::bad_request("unreadable_form", "表单无法读取", error);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| unreadable(&error))?;
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        let name = field.file_name().unwrap_or_default().to_owned();
        let media_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|error| unreadable(&error))?;
        files.push(File { name, media_type, bytes });
    }
    Ok(files)
}

fn answer<D: Document>(report: Result<Report, ImportError>) -> Result<Response, Problem> {
    let report = report?;
    let (accepted, refused) = (report.accepted.len(), report.refused.len());
    tracing::info!(intake = intake_name(D::INTAKE), rows = report.rows, accepted, refused, "findings handed in");
    if accepted == 0 && refused > 0 {
        return Err(Problem::nothing_taken(&report));
    }
    Ok((StatusCode::ACCEPTED, Json(report)).into_response())
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or_default().trim().to_lowercase())
}

impl Said {
    fn parted(self) -> (Option<String>, Given) {
        let Said { name, source, issuing_body, document, division, discovered } = self;
        (name, Given { source, issuing_body, document, division, discovered })
    }
}

impl Door {
    fn handover(&self, sender: &Sender, given: Given) -> Handover {
        Handover {
            bus: self.bus.clone(),
            sender: sender.actor,
            received: sender.received,
            directory: self.directory.get().0,
            zone: self.zone,
            given,
        }
    }
}

impl FromRequestParts<Door> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Sender, Problem> {
        let received = door.clock.now();
        let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = authorization.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        let Some(token) = token else { return Err(Problem::unauthorized()) };
        let bearer = door.accounts.authenticate(token, received).await.map_err(|error| Problem::unavailable(&error))?;
        let person = bearer.ok_or_else(Problem::unauthorized)?.person;
        let actor = acting(&door.directory.get().0, person, received).ok_or_else(|| {
            Problem::new(
                StatusCode::FORBIDDEN,
                "may_not_hand_in",
                "只有来源系统和整改办经办人可以报送问题",
                "only source systems and officers may hand in findings",
            )
        })?;
        Ok(Sender { actor, received })
    }
}

/// Returns a person in the role that lets them hand in: as a source system, or else as an officer.
pub fn acting(directory: &Directory, person: PersonId, at: DateTime<Utc>) -> Option<Actor> {
    let held = |role: Role| directory.holdings(person, at).find(move |holding| holding.role == role);
    let holding = held(Role::SourceSystem).or_else(|| held(Role::Officer))?;
    Some(Actor { person, unit: holding.unit, role: holding.role, on_behalf_of: None })
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Problem {
        match &error {
            ImportError::File(file) => {
                let status = match file {
                    FileError::UnknownFormat { .. } | FileError::OldWorkbook { .. } => {
                        StatusCode::UNSUPPORTED_MEDIA_TYPE
                    }
                    FileError::Encoding { .. }
                    | FileError::Unreadable { .. }
                    | FileError::JsonShape { .. }
                    | FileError::NoHeader { .. }
                    | FileError::MissingColumns { .. }
                    | FileError::TwiceTheSame { .. } => StatusCode::UNPROCESSABLE_ENTITY,
                };
                Problem::new(status, file.code(), &file.chinese(), &file.to_string())
            }
            ImportError::Given(fault) => {
                let (code, chinese) = (fault.reason.code(), fault.chinese());
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, &chinese, &error.to_string())
            }
            ImportError::Queue { .. } | ImportError::Stopped(_) => Problem::unavailable(&error),
        }
    }
}
