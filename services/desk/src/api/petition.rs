//! What is sealed of a petition: opened with a reason that is on record before anything is shown, and looked over by auditors.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rectify_case::case::CaseFinding;
use rectify_case::finding::{Details, Finding};
use rectify_case::{
    AccessEvent, Actor, Case, CaseId, Command, Directory, Event, FindingId, PetitionPart, Position, Refusal, Role,
    Sealed, StreamId, may_open_petition,
};
use rectify_keys::mask::Mask;
use rectify_keys::{Answer, Clear, Content, NotOpened, Opener};
use rectify_log::{Append, AppendError, Expected, Recorded, Write};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::case;
use crate::api::custody::{record_opening, refuse_held};
use crate::api::input::{self, In};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::Capacity;

/// The most characters of a reason.
const LONGEST_REASON: usize = 1000;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/cases/{case}/petition/open", open, |o| {
            o.says(
                "open_petition",
                "Opens what is sealed of a petition; the look is on record before anything is shown",
            )
            .explains(
                "For officers of the office that registered the case (of any office that sees it before), and for \
                     the handlers of its leads while they work on it; an accusation is opened by the office alone. \
                     Numbers and names in the reason are masked, for it stays in the log.",
            )
            .in_capacity()
            .takes::<Opening>()
            .answers::<Opened>(StatusCode::OK, "What was sealed.")
            .problems(&[404, 410, 422, 503])
        })
        .get("/api/cases/{case}/looks", looks, |o| {
            o.says("case_looks", "Lists who looked at what of a case, and what was done with the keys of its petition")
                .explains("For auditors.")
                .in_capacity()
                .answers::<Looks>(StatusCode::OK, "The looks, in order.")
                .problems(&[404])
        })
}

/// What is to be opened, and why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Opening {
    /// Which petition, where the case has several.
    finding: Option<FindingId>,
    /// Why.
    reason: String,
}

/// What was sealed of a petition.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OpenedPetition")]
struct Opened {
    /// Which petition.
    finding: FindingId,
    /// Who wrote, under the headers of the file.
    identity: std::collections::BTreeMap<String, String>,
    /// What it is about, in the petitioner's words.
    title: Option<String>,
    /// What it says.
    text: String,
    /// Where, in the petitioner's words.
    place: Option<String>,
    /// Whom it complains about, as it names them.
    subjects: Vec<String>,
    /// What the source replied.
    reply: Option<String>,
}

async fn open(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    input::Json(Opening { finding, reason }): input::Json<Opening>,
) -> Result<Response, Error> {
    let (finding, content) = opened(&desk, &caller, &name, finding, &reason).await?;
    let Content { identity, title, text, place, subjects, reply } = content;
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private, no-store"));
    Ok((headers, Json(Opened { finding, identity, title, text, place, subjects, reply })).into_response())
}

/// Returns what is sealed of a petition, after the look is on record.
pub(crate) async fn opened(
    desk: &Desk,
    caller: &Caller,
    name: &str,
    finding: Option<FindingId>,
    reason: &str,
) -> Result<(FindingId, Content), Error> {
    let reason = masked_reason(reason)?;
    let (case, _) = case::load(desk, caller, name).await?;
    let actor = opening(&case, caller)?;
    let (finding, sealed) = sealed_of(&case, finding)?;
    refuse_held(desk, finding).await?;
    // What cannot be opened was not looked at.
    let content = opener(desk)?.content(finding, &sealed).await?;
    let opened = AccessEvent::PetitionOpened { finding, what: PetitionPart::Content, reason };
    record_opening(desk, case.id, finding, actor, opened).await?;
    Ok((finding, content))
}

/// Returns the caller in a capacity that opens petitions of a case they see.
pub(crate) fn opening(case: &Case, caller: &Caller) -> Result<Actor, Error> {
    let capacities = caller.capacities(|role| matches!(role, Role::Officer | Role::Handler));
    let mut may = capacities.into_iter().filter(|actor| may_open_petition(case, actor, &caller.directory));
    may.next().ok_or_else(|| Code::MayNotOpen.into())
}

/// Returns the sealed petition of a case: the one that is named, or the only one.
pub(crate) fn sealed_of(case: &Case, named: Option<FindingId>) -> Result<(FindingId, Sealed), Error> {
    let sealed = |held: &CaseFinding| Some((held.id, held.finding.sealed()?.clone()));
    let wanted = case.findings.iter().filter(|held| named.is_none_or(|named| named == held.id));
    let mut found: Vec<(FindingId, Sealed)> = wanted.filter_map(sealed).collect();
    if found.len() > 1 && named.is_none() {
        return Err(Code::WhichPetition.into());
    }
    found.pop().ok_or(Code::NothingSealed.into())
}

/// What happened on the access stream of a case.
#[derive(Debug, Serialize, JsonSchema)]
struct Looks {
    looks: Vec<Look>,
}

/// One look.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Look {
    /// Its position in the log.
    position: Position,
    /// When.
    pub(crate) recorded: chrono::DateTime<chrono::Utc>,
    /// Who looked.
    pub(crate) who: Capacity,
    /// At what.
    #[serde(flatten)]
    pub(crate) event: AccessEvent,
}

async fn looks(State(desk): State<Desk>, caller: Caller, In(name): In<String>) -> Result<Json<Looks>, Error> {
    Ok(Json(Looks { looks: looks_at(&desk, &caller, &name).await? }))
}

/// Returns who looked at what of a case, for an auditor.
pub(crate) async fn looks_at(desk: &Desk, caller: &Caller, name: &str) -> Result<Vec<Look>, Error> {
    let (case, _) = case::load(desk, caller, name).await?;
    if caller.capacities(|role| role == Role::Auditor).is_empty() {
        return Err(Code::NotAuditor.into());
    }
    let recorded = desk.frame.log.read_stream(StreamId::Access(case.id), 0).await?;
    Ok(recorded.iter().filter_map(|recorded| Look::of(recorded, &caller.directory)).collect())
}

impl Look {
    /// Returns an event of an access stream as it is shown; none for what is no look.
    pub(crate) fn of(recorded: &Recorded, directory: &Directory) -> Option<Look> {
        let Event::Access(event) = &recorded.envelope.event else { return None };
        let who = Capacity::of(recorded.envelope.actor, directory);
        Some(Look { position: recorded.position, recorded: recorded.envelope.recorded, who, event: event.clone() })
    }
}

/// Writes that something was looked at, or done.
pub(crate) async fn record(
    desk: &Desk,
    case: CaseId,
    actor: Actor,
    event: AccessEvent,
    key: Option<String>,
) -> Result<(), Error> {
    let write = Write { stream: StreamId::Access(case), expected: Expected::Any, events: vec![event.into()] };
    let (_, facts_at) = desk.frame.directory.get();
    let appended = desk.frame.log.append(Append { key, actor, facts_at, writes: vec![write] }).await;
    appended.map(drop).map_err(|error: AppendError| error.into())
}

pub(crate) fn opener(desk: &Desk) -> Result<&Opener, Error> {
    desk.keys.as_ref().ok_or(Code::NoKeyStore.into())
}

/// Returns a reason as it may stay in the log.
pub(crate) fn masked_reason(reason: &str) -> Result<String, Error> {
    let reason = Mask::default().masked(reason);
    if reason.is_empty() {
        return Err(Refusal::ReasonMissing.into());
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::Detailed(Code::BadBody, format!("reason: > {LONGEST_REASON}")));
    }
    Ok(reason)
}

/// Seals a petition that is handed in by hand, before it goes any further.
pub(crate) async fn seal_by_hand(desk: &Desk, caller: &Caller, command: &mut Command) -> Result<(), Error> {
    let (Command::Report { finding } | Command::Amend { finding }) = command else { return Ok(()) };
    let id = finding.id();
    let Finding { title, text, place, category, details: Details::Petition(petition), .. } = finding.as_mut() else {
        return Ok(());
    };
    if petition.sealed.is_some() {
        return Err(Error::Detailed(Code::BadBody, "finding.details.sealed".to_owned()));
    }
    let mask = Mask::default();
    let reply = petition.reply.as_mut().map(|reply| std::mem::take(&mut reply.text)).filter(|text| !text.is_empty());
    let content =
        Content { title: Some(title.clone()), text: text.clone(), place: place.clone(), reply, ..Content::default() };
    *title = mask.masked(title);
    *text = mask.summary(text);
    *place = place.as_deref().map(|place| mask.masked(place));
    *category = category.as_deref().map(|category| mask.masked(category));
    let clear = vec![Clear { finding: id, content }];
    let answers = opener(desk)?.keys().seal(clear, caller.now).await.map_err(NotOpened::from)?;
    match answers.into_iter().next() {
        Some(Answer::Sealed(sealed)) => petition.sealed = Some(sealed),
        Some(Answer::Erased(_)) | None => return Err(Code::PetitionErased.into()),
    }
    Ok(())
}

impl From<NotOpened> for Error {
    fn from(error: NotOpened) -> Self {
        match error {
            NotOpened::Erased(_) => Error::Code(Code::PetitionErased),
            NotOpened::NoPrivateKey => Error::Code(Code::NoPrivateKey),
            NotOpened::NoDataKey | NotOpened::Broken => Error::Internal(error.into()),
            NotOpened::Store(error) => Error::Unavailable(error.into()),
        }
    }
}
