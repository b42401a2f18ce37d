//! Evidence: bytes in, before a command names them; bytes out, after the opening is on record.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rectify_case::evidence::Evidence;
use rectify_case::{AccessEvent, Command, Digest, Refusal, Role, StreamId, classified};
use rectify_log::{Append, Expected, Write};
use serde_json::json;

use crate::api::asked::decoded;
use crate::api::case;
use crate::api::input::In;
use crate::api::routes::Routes;
use crate::caller::{Caller, read};
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// Names the file, as percent-encoded UTF-8.
pub(crate) const FILE_NAME: &str = "rectify-file-name";

/// The most characters of a file's name.
const LONGEST_NAME: usize = 255;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/cases/{case}/evidence", upload, |o| {
            o.says("upload_evidence", "Takes the bytes of a file, for a command to name")
                .explains(
                    "Nothing is on file yet: name what is answered in `file_evidence` or `report_completion`. The \
                     type is told by the content; texts marked as classified are refused.",
                )
                .in_capacity()
                .named()
                .takes_as("application/octet-stream", &json!({ "type": "string", "format": "binary" }))
                .answers::<Evidence>(StatusCode::CREATED, "The file, as commands name it.")
                .problems(&[404, 413, 415, 422, 507])
        })
        .get("/api/cases/{case}/evidence/{digest}", open, |o| {
            o.says("open_evidence", "Sends the bytes of a file; the opening is on record before the first")
                .in_capacity()
                .answers_as(StatusCode::OK, "The bytes.", "*/*", &json!({ "type": "string", "format": "binary" }))
                .problems(&[404, 410, 507])
        })
}

async fn upload(
    State(desk): State<Desk>,
    caller: Caller,
    In(case): In<String>,
    request: Request<Body>,
) -> Result<Response, Error> {
    case::load(&desk, &caller, &case).await?;
    let roles = Command::roles_of("file_evidence");
    if caller.capacities(|role| roles.contains(&role)).is_empty() {
        return Err(Code::NothingToFile.into());
    }
    let name = named(request.headers())?;
    let name = file_name(&name)?;
    let evidence = desk.store.take(name, request.into_body().into_data_stream()).await?;
    Ok((StatusCode::CREATED, Json(evidence)).into_response())
}

/// Returns the name that a file comes with.
pub(crate) fn named(headers: &HeaderMap) -> Result<String, Error> {
    let name = read(headers, FILE_NAME, |text| Some(decoded(text)))?;
    name.flatten().ok_or(Code::FileNameMissing.into())
}

/// Returns the name of a file as it is kept, without the blanks around it.
pub(crate) fn file_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty()
        || name.chars().count() > LONGEST_NAME
        || name.contains(['/', '\\'])
        || name.contains(char::is_control)
    {
        return Err(Code::FileNameMissing.into());
    }
    if classified::mark(name).is_some() {
        return Err(Refusal::ClassifiedText.into());
    }
    Ok(name.to_owned())
}

async fn open(
    State(desk): State<Desk>,
    caller: Caller,
    In((case, digest)): In<(String, String)>,
) -> Result<Response, Error> {
    send(&desk, &caller, &case, &digest).await
}

/// Sends the bytes of a file; the opening is on record before the first.
pub(crate) async fn send(desk: &Desk, caller: &Caller, case: &str, digest: &str) -> Result<Response, Error> {
    let (case, _) = case::load(desk, caller, case).await?;
    let digest: Digest = digest.parse().map_err(|_| Code::NoSuchEvidence)?;
    let evidence = case.evidence.get(&digest).ok_or(Code::NoSuchEvidence)?.evidence.clone();
    let bytes = desk.store.bytes(&digest).await?.ok_or(Code::EvidenceGone)?;
    let reads = |role| !matches!(role, Role::Administrator | Role::SourceSystem);
    let actor = caller.capacities(reads).into_iter().next().ok_or(Refusal::RoleNotHeld)?;
    let opened = AccessEvent::EvidenceOpened { digest };
    let write = Write { stream: StreamId::Access(case.id), expected: Expected::Any, events: vec![opened.into()] };
    let (_, facts_at) = desk.frame.directory.get();
    desk.frame.log.append(Append { key: None, actor, facts_at, writes: vec![write] }).await?;

    let headers = file_headers(&evidence.name, &evidence.media_type, evidence.size);
    Ok((headers, Body::from_stream(bytes)).into_response())
}

/// Returns the headers that a file is sent with: it is saved and not shown, and kept by nobody on the way.
pub(crate) fn file_headers(name: &str, media_type: &str, size: u64) -> HeaderMap {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let mut headers = HeaderMap::new();
    let mut set = |name, value: String| {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, media_type.to_owned());
    set(header::CONTENT_LENGTH, size.to_string());
    set(header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}"));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    set(header::CACHE_CONTROL, "private, no-store".to_owned());
    headers
}
