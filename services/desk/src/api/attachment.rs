//! Attachments of petitions: sealed as they come in, before anything of them is on disk; opened with a reason that is on record
//! before the first byte is sent.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, TryStreamExt as _};
use rectify_case::finding::Details;
use rectify_case::{
    AccessEvent, Case, CaseEvent, Command, Digest, Event, Finding, FindingId, PetitionPart, Refusal, Role, Sealed,
};
use rectify_keys::{Attached, Attachment, MOST_ATTACHMENTS, NotOpened, NotTaken};
use rectify_kit::act::{Ask, NotActed, act};
use rectify_kit::{Store, StoreError};
use rectify_log::Recorded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::case;
use crate::api::custody::{record_opening, refuse_held};
use crate::api::evidence::{self, file_headers};
use crate::api::input::{self, Asking, In};
use crate::api::petition::{masked_reason, opener, opening, sealed_of};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/cases/{case}/petition/attachments", list, |o| {
            o.says("petition_attachments", "Lists the attachments of a petition, of which nothing is opened")
                .explains("For who may open the petition. Names are sealed with the files.")
                .query::<Which>()
                .in_capacity()
                .answers::<Attachments>(StatusCode::OK, "The attachments.")
                .problems(&[403, 404, 422])
        })
        .post("/api/cases/{case}/petition/attachments", attach, |o| {
            o.says("attach_to_petition", "Seals a file and attaches it to a petition")
                .explains(
                    "For officers who may open the petition. The type is told by the content; texts marked as \
                     classified are refused. The same file again is the same attachment.",
                )
                .query::<Which>()
                .in_capacity()
                .named()
                .takes_as("application/octet-stream", &json!({ "type": "string", "format": "binary" }))
                .answers::<ListedAttachment>(StatusCode::CREATED, "The attachment, as the log names it.")
                .problems(&[403, 404, 410, 413, 415, 422, 503, 507])
        })
        .post("/api/cases/{case}/petition/attachments/{digest}/open", open, |o| {
            o.says("open_attachment", "Opens an attachment of a petition; the look is on record before the first byte")
                .explains("For who may open the petition. Numbers and names in the reason are masked.")
                .in_capacity()
                .takes::<Opening>()
                .answers_as(StatusCode::OK, "The bytes.", "*/*", &json!({ "type": "string", "format": "binary" }))
                .problems(&[403, 404, 410, 422, 503])
        })
}

/// Which petition of a case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Which petition, where the case has several.
    finding: Option<FindingId>,
}

/// The attachments of a petition.
#[derive(Debug, Serialize, JsonSchema)]
struct Attachments {
    /// Each, as the log names them.
    attachments: Vec<ListedAttachment>,
}

/// An attachment, of which nothing is opened.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedAttachment {
    /// The petition.
    finding: FindingId,
    /// The SHA-256 of its sealed bytes.
    digest: Digest,
    /// How many sealed bytes there are, slightly more than the file has; none where they are gone.
    sealed_size: Option<u64>,
}

async fn list(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    Asking(Which { finding }): Asking<Which>,
) -> Result<Json<Attachments>, Error> {
    let (case, events) = case::load(&desk, &caller, &name).await?;
    opening(&case, &caller)?;
    let (finding, sealed) = sealed_of(&case, finding)?;
    let mut attachments = Vec::new();
    for digest in named(finding, sealed, &events) {
        let sealed_size = desk.store.size(&digest).await?;
        attachments.push(ListedAttachment { finding, digest, sealed_size });
    }
    Ok(Json(Attachments { attachments }))
}

async fn attach(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    Asking(Which { finding }): Asking<Which>,
    headers: HeaderMap,
    request: Request<Body>,
) -> Result<Response, Error> {
    let (case, _) = case::load(&desk, &caller, &name).await?;
    if opening(&case, &caller)?.role != Role::Officer {
        return Err(Code::MayNotOpen.into());
    }
    let (finding, _) = sealed_of(&case, finding)?;
    refuse_held(&desk, finding).await?;
    let file_name = evidence::named(&headers)?;
    let bytes = whole(&desk.store, request).await?;
    let attachment = Attachment::checked(&file_name, bytes, desk.store.most()).map_err(|why| match why {
        NotTaken::Unnamed => Error::Code(Code::FileNameMissing),
        NotTaken::Empty => Error::Code(Code::EmptyFile),
        NotTaken::TooLarge(most) => StoreError::TooLarge { most }.into(),
        NotTaken::UnsupportedType => Error::Code(Code::UnsupportedType),
        NotTaken::Marked => Refusal::ClassifiedText.into(),
    })?;
    let keys = opener(&desk)?.keys();
    let attached = keys.attach(&desk.store, finding, &attachment, caller.now).await.map_err(NotOpened::from)?;
    let digest = match attached {
        Attached::Here(digest) => digest,
        Attached::Erased(_) => return Err(Code::PetitionErased.into()),
        Attached::Full => return Err(Error::Detailed(Code::TooManyAttachments, MOST_ATTACHMENTS.to_string())),
    };
    let named = keys.attachments(finding).await.map_err(NotOpened::from)?;
    amend(&desk, &caller, &case, finding, named).await?;
    let sealed_size = desk.store.size(&digest).await?;
    Ok((StatusCode::CREATED, Json(ListedAttachment { finding, digest, sealed_size })).into_response())
}

/// Returns the attachments of a petition that the log names, also where they came after its case had ended.
fn named(id: FindingId, sealed: Sealed, events: &[Recorded]) -> BTreeSet<Digest> {
    let told = events.iter().filter_map(reported).filter(|finding| finding.id() == id);
    let later = told.filter_map(Finding::sealed).flat_map(|sealed| sealed.attachments.iter().cloned());
    sealed.attachments.into_iter().chain(later).collect()
}

/// Returns the finding that an event brought.
fn reported(event: &Recorded) -> Option<&Finding> {
    let Event::Case(event) = &event.envelope.event else { return None };
    match event.as_ref() {
        CaseEvent::FindingReported { finding }
        | CaseEvent::FindingAmended { finding }
        | CaseEvent::FindingRepeated { finding } => Some(finding),
        _ => None,
    }
}

/// Has the log name the attachments of a petition.
async fn amend(
    desk: &Desk,
    caller: &Caller,
    case: &Case,
    id: FindingId,
    attachments: Vec<Digest>,
) -> Result<(), Error> {
    let held = case.findings.iter().find(|held| held.id == id).ok_or(Code::NothingSealed)?;
    let mut finding = Box::new(held.finding.clone());
    if let Details::Petition(petition) = &mut finding.details
        && let Some(sealed) = &mut petition.sealed
    {
        sealed.attachments = attachments;
    }
    let ask = Ask {
        case: case.id,
        command: Command::Amend { finding },
        who: caller.who,
        key: None,
        seen: Some(case.version),
        late: None,
        received: Some(desk.frame.log.now()),
    };
    match act(&desk.frame, &ask).await {
        Ok(_) => Ok(()),
        // The log names it already.
        Err(NotActed::Refused(refused)) if refused.refusal() == Refusal::SameAsBefore => Ok(()),
        Err(error) => Err(Error::of_act(error, &caller.directory)),
    }
}

/// Reads a file into memory, and nowhere else: in clear it is on no disk.
async fn whole(store: &Store, request: Request<Body>) -> Result<Vec<u8>, Error> {
    let mut body = request.into_body().into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| StoreError::Cut(error.to_string()))?);
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > store.most() {
            return Err(StoreError::TooLarge { most: store.most() }.into());
        }
    }
    Ok(bytes)
}

/// What is to be opened, and why.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AttachmentOpening")]
#[serde(deny_unknown_fields)]
struct Opening {
    /// Which petition, where the case has several.
    finding: Option<FindingId>,
    /// Why.
    reason: String,
}

async fn open(
    State(desk): State<Desk>,
    caller: Caller,
    In((name, digest)): In<(String, String)>,
    input::Json(Opening { finding, reason }): input::Json<Opening>,
) -> Result<Response, Error> {
    let reason = masked_reason(&reason)?;
    let (case, events) = case::load(&desk, &caller, &name).await?;
    let actor = opening(&case, &caller)?;
    let digest: Digest = digest.parse().map_err(|_| Code::NoSuchAttachment)?;
    let (finding, sealed) = sealed_of(&case, finding)?;
    if !named(finding, sealed, &events).contains(&digest) {
        return Err(Code::NoSuchAttachment.into());
    }
    refuse_held(&desk, finding).await?;
    let bytes = desk.store.bytes(&digest).await?.ok_or(Code::EvidenceGone)?;
    let sealed: Vec<u8> = bytes
        .try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .map_err(StoreError::from)?;
    // What cannot be opened was not looked at.
    let attachment = opener(&desk)?.attachment(finding, &digest, &sealed).await?;
    let opened = AccessEvent::PetitionOpened { finding, what: PetitionPart::Attachment(digest), reason };
    record_opening(&desk, case.id, finding, actor, opened).await?;
    let media_type = attachment.media_type().unwrap_or("application/octet-stream");
    let size = u64::try_from(attachment.bytes.len()).unwrap_or(u64::MAX);
    Ok((file_headers(&attachment.name, media_type, size), attachment.bytes).into_response())
}
