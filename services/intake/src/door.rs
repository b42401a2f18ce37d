//! The way in by HTTP: documents as JSON, and files: one as the body, or several that belong together as a form.

mod asked;
mod called;

use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequest as _, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use rectify_accounts::{Accounts, MappingKey};
use rectify_bus::Bus;
use rectify_case::directory::{Directory, Role};
use rectify_case::{Actor, PersonId, UnitId, Zone};
use rectify_keys::Keys;
use rectify_kit::Store;
use rectify_kit::directory::DirectoryView;
use rectify_log::Clock;
use serde_json::Value;

use crate::attached;
use crate::document::{Document, intake_name};
use crate::import::{Handover, ImportError, import, import_documents, workbook_of_errors};
use crate::mapping::Mapping;
use crate::problem::Problem;
use crate::remembered::Remembered;
use crate::report::Report;
use crate::table::FileError;

use asked::media_type;

pub use asked::{Form, Handed, REFUSED, Said, WORKBOOK, language, workbook};

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
    /// The time, which orders what is handed in: the clock of the log.
    pub clock: Clock,
    /// The office's zone.
    pub zone: Zone,
    /// What seals petitions; none where the intake takes none.
    pub keys: Option<Keys>,
    /// Where the sealed bytes of their attachments are kept; none where the intake takes none.
    pub store: Option<Store>,
    /// Who handed in lately, where the line to the database is a poor one; none asks the database each time.
    pub remembered: Option<Remembered>,
}

/// Returns `POST /intake/<intake>/findings`, `POST /intake/<intake>/files`, and the mappings remembered for files.
pub fn router<D: Document>(door: Door) -> Router {
    let intake = intake_name(D::INTAKE);
    Router::new()
        .route(&format!("/intake/{intake}/findings"), post(take_findings::<D>))
        .route(&format!("/intake/{intake}/files"), post(take_files::<D>))
        .route(&format!("/intake/{intake}/mappings"), get(list_mappings::<D>))
        .route(&format!("/intake/{intake}/mappings/{{fingerprint}}"), delete(forget_mapping::<D>))
        .layer(DefaultBodyLimit::max(LARGEST_FILE))
        .with_state(door)
}

type Asked = Result<Query<Said>, QueryRejection>;

/// Who sends a request, and when it came in.
struct Sender {
    actor: Actor,
    received: DateTime<Utc>,
    /// Whether the database was there to be asked.
    has_line: bool,
}

async fn take_findings<D: Document>(
    State(door): State<Door>,
    sender: Sender,
    said: Asked,
    request: Request,
) -> Result<Response, Problem> {
    let (documents, attachments) = match media_type(request.headers()).as_deref() {
        Some("application/json") => {
            let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, &()).await;
            match serde_json::from_slice(&body?) {
                Ok(Value::Array(documents)) => (documents, None),
                Ok(document) => (vec![document], None),
                Err(error) => return Err(Problem::bad_request("not_json", "正文不是 JSON", &error)),
            }
        }
        Some("multipart/form-data") if D::SEALED => {
            let (document, attachments) = attached::by_form(door.store.as_ref(), request).await?;
            (vec![document], Some(attachments))
        }
        _ => {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "这里只接收 application/json（信访件连同附件用 multipart/form-data）；文件请送到 files",
                "only application/json is taken here, or a form for a petition with attachments; files go to `files`",
            ));
        }
    };
    let said = said?.0.of_findings()?;
    let handover = Handover { attachments, ..door.handover(&sender, &said, None) };
    let report = import_documents::<D>(&handover, documents).await?;
    tell::<D>(&report)?;
    Ok((StatusCode::ACCEPTED, Json(report)).into_response())
}

async fn take_files<D: Document>(
    State(door): State<Door>,
    sender: Sender,
    said: Asked,
    request: Request,
) -> Result<Response, Problem> {
    let said = said?.0.of_findings()?;
    let (form, language) = (Form::asked(said.report, request.headers()), language(request.headers()));
    let handed = Handed::by(request, said.name.clone()).await?;
    let came_as = handed.came_as();
    let Handed { files, mapping } = handed;
    let handover = door.handover(&sender, &said, mapping);
    let report = import::<D>(&handover, files.clone(), |_| ()).await?;
    let told = tell::<D>(&report);
    let refused = (REFUSED, report.refused.len().to_string());
    match form {
        Form::Json => {
            told?;
            Ok((StatusCode::ACCEPTED, [refused], Json(report)).into_response())
        }
        Form::Table => Ok((status(&report), [refused], report.print(language)).into_response()),
        Form::Workbook => {
            let errors = workbook_of_errors::<D>(&handover, files, &report, language).await?;
            Ok(workbook(status(&report), report.refused.len(), errors, &came_as, language))
        }
    }
}

/// Returns the status of an answer that is the report itself: that nothing was taken of what has rows is no success.
fn status(report: &Report) -> StatusCode {
    let nothing = report.accepted.is_empty() && !report.refused.is_empty();
    if nothing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::ACCEPTED }
}

/// Logs what came of a delivery, and refuses it where nothing was taken.
fn tell<D: Document>(report: &Report) -> Result<(), Problem> {
    let (accepted, refused) = (report.accepted.len(), report.refused.len());
    tracing::info!(intake = intake_name(D::INTAKE), rows = report.rows, accepted, refused, "findings handed in");
    if status(report) == StatusCode::ACCEPTED { Ok(()) } else { Err(Problem::nothing_taken(report)) }
}

async fn list_mappings<D: Document>(State(door): State<Door>, sender: Sender) -> Result<Response, Problem> {
    mappings(&door.accounts, sender.actor.unit, intake_name(D::INTAKE)).await
}

async fn forget_mapping<D: Document>(
    State(door): State<Door>,
    sender: Sender,
    Path(fingerprint): Path<String>,
) -> Result<StatusCode, Problem> {
    forget(&door.accounts, sender.actor.unit, intake_name(D::INTAKE), fingerprint).await
}

/// Answers with the mappings remembered for a unit.
pub async fn mappings(accounts: &Accounts, unit: UnitId, intake: &str) -> Result<Response, Problem> {
    let kept = accounts.mappings(Some(unit), Some(intake)).await;
    Ok(Json(kept.map_err(|error| Problem::unavailable(&error))?).into_response())
}

/// Forgets a mapping of a unit.
pub async fn forget(
    accounts: &Accounts,
    unit: UnitId,
    intake: &str,
    fingerprint: String,
) -> Result<StatusCode, Problem> {
    let key = MappingKey { unit, intake: intake.to_owned(), fingerprint };
    if accounts.forget(&key).await.map_err(|error| Problem::unavailable(&error))? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(StatusCode::NOT_FOUND, "no_such_mapping", "没有记下这个对照", "no such mapping is remembered"))
}

impl Door {
    /// Returns who holds a token, and whether the database said so.
    async fn bearer(&self, token: &str, now: DateTime<Utc>) -> Result<Option<(PersonId, bool)>, Problem> {
        let asked = self.accounts.authenticate(token, now).await.map(|bearer| bearer.map(|bearer| bearer.person));
        match (asked, &self.remembered) {
            (Ok(person), remembered) => {
                if let Some(remembered) = remembered {
                    remembered.note(token, person, now);
                }
                Ok(person.map(|person| (person, true)))
            }
            (Err(error), remembered) => match remembered.as_ref().and_then(|senders| senders.recall(token, now)) {
                Some(person) => Ok(Some((person, false))),
                None => Err(Problem::unavailable(&error)),
            },
        }
    }

    fn handover(&self, sender: &Sender, said: &Said, mapping: Option<Mapping>) -> Handover {
        Handover {
            bus: self.bus.clone(),
            sender: sender.actor,
            received: sender.received,
            directory: self.directory.get().0,
            zone: self.zone,
            given: said.given(),
            mapping,
            split: said.split(),
            check: said.check,
            // Without a line what was remembered of earlier deliveries is out of reach; the findings go in all the same.
            accounts: sender.has_line.then(|| self.accounts.clone()),
            keys: self.keys.clone(),
            attachments: None,
        }
    }
}

impl FromRequestParts<Door> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Sender, Problem> {
        let received = door.clock.now();
        let token = bearer_token(&parts.headers).ok_or_else(Problem::unauthorized)?;
        let (person, has_line) = door.bearer(token, received).await?.ok_or_else(Problem::unauthorized)?;
        let actor = acting(&door.directory.get().0, person, received).ok_or_else(|| {
            Problem::new(
                StatusCode::FORBIDDEN,
                "may_not_hand_in",
                "只有来源系统和整改办经办人可以报送问题",
                "only source systems and officers may hand in findings",
            )
        })?;
        Ok(Sender { actor, received, has_line })
    }
}

/// Returns who holds the token of a request.
pub async fn person(headers: &HeaderMap, accounts: &Accounts, at: DateTime<Utc>) -> Result<PersonId, Problem> {
    let token = bearer_token(headers).ok_or_else(Problem::unauthorized)?;
    let bearer = accounts.authenticate(token, at).await.map_err(|error| Problem::unavailable(&error))?;
    Ok(bearer.ok_or_else(Problem::unauthorized)?.person)
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
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
                    FileError::UnknownFormat { .. } | FileError::OldWorkbook { .. } | FileError::WebPage { .. } => {
                        StatusCode::UNSUPPORTED_MEDIA_TYPE
                    }
                    FileError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                    FileError::Password { .. }
                    | FileError::Encoding { .. }
                    | FileError::OpenQuote { .. }
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
            ImportError::Mapping(mapping) => {
                let chinese = mapping.chinese();
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, mapping.code(), &chinese, &error.to_string())
            }
            ImportError::Errors(errors) => {
                let (chinese, english) = (errors.chinese(), errors.to_string());
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no_workbook", &chinese, &english)
            }
            ImportError::Queue { .. }
            | ImportError::Keys { .. }
            | ImportError::Accounts(_)
            | ImportError::Stopped(_) => Problem::unavailable(&error),
        }
    }
}
