//! What was set aside, for it could not become a case: why, and what came, opened with a reason that is on record first. It may be
//! a petition, whatever it says it is.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use rectify_bus::{SetAside, Submission};
use rectify_case::access::SET_ASIDE;
use rectify_case::finding::{PetitionClass, Subject};
use rectify_case::{AccessEvent, Actor, Case, Digest, Event, FindingId, Position, Role, StreamId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::api::input::{self, In};
use crate::api::petition::{masked_reason, opener, record};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::Capacity;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/set-aside", list, |o| {
            o.says("list_set_aside", "Lists what came as a finding and could not become a case, with the reason")
                .explains(
                    "For officers of the prefecture's office. What came is not shown: it may be a petition, and is \
                     opened by itself. It is kept for 30 days.",
                )
                .in_capacity()
                .answers::<List>(StatusCode::OK, "What was set aside, in order.")
                .problems(&[403, 503])
        })
        .post("/api/set-aside/{sequence}/open", post_opening, |o| {
            o.says("open_set_aside", "Opens what was set aside; the look is on record before anything is shown")
                .explains(
                    "For officers of the prefecture's office. Numbers and names in the reason are masked, for it stays \
                     in the log. An accusation is not shown to whom it accuses.",
                )
                .in_capacity()
                .takes::<Opening>()
                .answers::<Opened>(StatusCode::OK, "What came.")
                .problems(&[403, 404, 422, 503])
        })
        .post("/api/set-aside/{sequence}/resend", post_resending, |o| {
            o.says("resend_set_aside", "Hands in what was set aside again, as it came, in the caller's name")
                .explains(
                    "For officers of the prefecture's office, once what was wrong elsewhere is mended: a source or a \
                     division that was missing. What itself is wrong is mended on the desk's page. The same again adds \
                     nothing.",
                )
                .in_capacity()
                .answers::<Resent>(StatusCode::OK, "It is handed in: durable, or in the log.")
                .problems(&[403, 404, 409, 422, 503])
        })
        .get("/api/set-aside/looks", looks, |o| {
            o.says("set_aside_looks", "Lists who opened what was set aside")
                .explains("For auditors.")
                .in_capacity()
                .answers::<Looks>(StatusCode::OK, "The looks, in order.")
                .problems(&[403])
        })
}

/// What was set aside.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SetAsideList")]
struct List {
    set_aside: Vec<Entry>,
}

/// One thing that was set aside.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SetAside")]
struct Entry {
    /// Its place among them.
    sequence: u64,
    /// Where it came in: `findings`, the source and the division, as its sender says.
    subject: String,
    /// Why it could not become a case.
    reason: String,
    /// When it came in.
    received: DateTime<Utc>,
    /// How many times it was looked at in vain.
    delivered: u64,
}

impl Entry {
    fn of(aside: &SetAside) -> Entry {
        let SetAside { sequence, subject, reason, received, delivered, .. } = aside.clone();
        Entry { sequence, subject, reason, received, delivered }
    }
}

async fn list(State(desk): State<Desk>, caller: Caller) -> Result<Json<List>, Error> {
    looking(&caller)?;
    let set_aside = desk.frame.bus.set_aside().await?;
    Ok(Json(List { set_aside: set_aside.iter().map(Entry::of).collect() }))
}

/// Why it is to be opened.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SetAsideOpening")]
#[serde(deny_unknown_fields)]
struct Opening {
    /// Why.
    reason: String,
}

/// What was set aside, opened.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OpenedSetAside")]
struct Opened {
    #[serde(flatten)]
    entry: Entry,
    /// What came, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What came, in base64, where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
}

async fn post_opening(
    State(desk): State<Desk>,
    caller: Caller,
    In(sequence): In<u64>,
    input::Json(Opening { reason }): input::Json<Opening>,
) -> Result<Response, Error> {
    let (aside, clear) = open(&desk, &caller, sequence, &reason).await?;
    let (text, bytes) = match String::from_utf8(clear) {
        Ok(text) => (Some(text), None),
        Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
    };
    let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"))];
    Ok((headers, Json(Opened { entry: Entry::of(&aside), text, bytes })).into_response())
}

/// Opens what was set aside: returns it with what came, once the look is on record.
pub(crate) async fn open(
    desk: &Desk,
    caller: &Caller,
    sequence: u64,
    reason: &str,
) -> Result<(SetAside, Vec<u8>), Error> {
    let reason = masked_reason(reason)?;
    let actor = looking(caller)?;
    // What cannot be opened was not looked at.
    let (aside, clear) = kept(desk, caller, sequence).await?;
    let digest = digest_of(&aside)?;
    record(desk, SET_ASIDE, actor, AccessEvent::SetAsideOpened { sequence, digest, reason }, None).await?;
    Ok((aside, clear))
}

/// Returns what was set aside under a number, with what came; nothing for whom it accuses.
pub(crate) async fn kept(desk: &Desk, caller: &Caller, sequence: u64) -> Result<(SetAside, Vec<u8>), Error> {
    let aside = desk.frame.bus.set_aside_at(sequence).await?.ok_or(Code::NotSetAside)?;
    let clear = if aside.sealed { opener(desk)?.set_aside(&aside.bytes)?.to_vec() } else { aside.bytes.clone() };
    if accuses(&clear).is_some_and(|accusation| caller.is_kept_from(&accusation)) {
        return Err(Code::NotSetAside.into());
    }
    Ok((aside, clear))
}

/// Returns what something that was set aside is known by, for numbers begin again where the stream is made again.
pub(crate) fn digest_of(aside: &SetAside) -> Result<Digest, Error> {
    Ok(hex::encode(Sha256::digest(&aside.bytes)).parse().map_err(|_| Code::NotSetAside)?)
}

/// What became of something that was set aside.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ResentSetAside")]
struct Resent {
    /// The finding that it is.
    finding: FindingId,
}

async fn post_resending(
    State(desk): State<Desk>,
    caller: Caller,
    In(sequence): In<u64>,
) -> Result<Json<Resent>, Error> {
    Ok(Json(Resent { finding: resend(&desk, &caller, sequence).await? }))
}

/// Hands in again what was set aside, as it came.
pub(crate) async fn resend(desk: &Desk, caller: &Caller, sequence: u64) -> Result<FindingId, Error> {
    let actor = looking(caller)?;
    let (aside, clear) = kept(desk, caller, sequence).await?;
    let Submission { finding, .. } = serde_json::from_slice(&clear).map_err(|_| Code::Illegible)?;
    let again = Submission { finding, sender: actor, received: desk.frame.log.clock().now() };
    desk.imports.queue.submit(&again).await?;
    note_resent(desk, actor, &aside, again.finding.id()).await
}

/// Notes that what was set aside was handed in again; returns the finding that it is.
pub(crate) async fn note_resent(
    desk: &Desk,
    actor: Actor,
    aside: &SetAside,
    finding: FindingId,
) -> Result<FindingId, Error> {
    let event = AccessEvent::SetAsideResent { sequence: aside.sequence, digest: digest_of(aside)?, finding };
    record(desk, SET_ASIDE, actor, event, None).await?;
    Ok(finding)
}

/// Returns the caller as an officer of the prefecture's office: it belongs to no case yet, and may complain about any county.
pub(crate) fn looking(caller: &Caller) -> Result<Actor, Error> {
    let office = caller.directory.prefecture_office();
    let officers = caller.capacities(|role| role == Role::Officer);
    officers.into_iter().find(|actor| Some(actor.unit) == office).ok_or(Code::NotPrefectureOffice.into())
}

/// Returns the accusation that something is, as far as it can be read, as a case that has its subjects.
fn accuses(clear: &[u8]) -> Option<Case> {
    let value: Value = serde_json::from_slice(clear).ok()?;
    let details = value.pointer("/finding/details")?;
    let class: PetitionClass = serde_json::from_value(details.get("class")?.clone()).ok()?;
    let named = details.get("subjects").and_then(Value::as_array).into_iter().flatten();
    let subjects = named.filter_map(|subject| serde_json::from_value::<Subject>(subject.clone()).ok()).collect();
    Some(Case { class: Some(class), subjects, ..Case::new(SET_ASIDE) })
}

/// Who opened what was set aside.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SetAsideLooks")]
struct Looks {
    looks: Vec<Look>,
}

/// One look.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SetAsideLook")]
struct Look {
    /// Its position in the log.
    position: Position,
    /// When.
    recorded: DateTime<Utc>,
    /// Who looked.
    who: Capacity,
    /// At what, and why.
    #[serde(flatten)]
    event: AccessEvent,
}

async fn looks(State(desk): State<Desk>, caller: Caller) -> Result<Json<Looks>, Error> {
    if caller.capacities(|role| role == Role::Auditor).is_empty() {
        return Err(Code::NotAuditor.into());
    }
    let recorded = desk.frame.log.read_stream(StreamId::Access(SET_ASIDE), 0).await?;
    let looks = recorded.into_iter().filter_map(|recorded| {
        let Event::Access(event) = recorded.envelope.event else { return None };
        let who = Capacity::of(recorded.envelope.actor, &caller.directory);
        Some(Look { position: recorded.position, recorded: recorded.envelope.recorded, who, event })
    });
    Ok(Json(Looks { looks: looks.collect() }))
}
