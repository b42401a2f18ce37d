//! The keys of petitions, in the hands of administrators: held to storage only, or deleted when two of them want it.
//!
//! What they decide is in the log first; the keys are deleted after that, and that they are is written last. Cut off between any
//! two of these steps, it is asked again, or carried out when the desk begins.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use rectify_case::custody::{Asked, Keyed, Step};
use rectify_case::{
    AccessEvent, Actor, Case, CaseId, CaseNumber, Custody, CustodyRefusal, FindingId, Position, Role, StreamId,
};
use rectify_keys::NotOpened;
use rectify_kit::{act, custody};
use rectify_log::{Append, AppendError, Expected, Write};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::api::asked;
use crate::api::input::{self, In};
use crate::api::openapi::Operation;
use crate::api::petition::{masked_reason, opener, record, sealed_of};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::Capacity;

/// How often it is decided anew because somebody else wrote first.
const ATTEMPTS: u32 = 16;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/petitions/{petition}", show, |o| {
            o.says("petition_custody", "Tells how the keys of a petition stand: held, asked to be deleted, deleted")
                .explains("For administrators and auditors. Nothing of what is sealed is opened, and nothing of it told.")
                .in_capacity()
                .answers::<Standing>(StatusCode::OK, "How they stand.")
                .problems(&[403, 404])
        })
        .post("/api/petitions/{petition}/shredding/propose", |s, c, n, h, r| because(Wish::Propose, s, c, n, h, r), |o| {
            asks::<Reason>(o, "propose_shredding", "Asks for the keys of a petition to be deleted").explains(
                "For administrators. Another administrator decides; until then nothing is deleted. Numbers and names in \
                 the reason are masked, for it stays in the log.",
            )
        })
        .post("/api/petitions/{petition}/shredding/decline", |s, c, n, h, r| because(Wish::Decline, s, c, n, h, r), |o| {
            asks::<Reason>(o, "decline_shredding", "Does not agree that the keys of a petition are deleted")
                .explains("For another administrator than the one who asked for it.")
        })
        .post("/api/petitions/{petition}/shredding/approve", approve, |o| {
            standing(o, "approve_shredding", "Agrees that the keys of a petition are deleted, and deletes them").explains(
                "For another administrator than the one who asked for it. Who wrote and what it says is never read again; \
                 the log and its hashes stay as they are. Where it was cut off after it had been agreed to, any \
                 administrator asks again, and it is carried out.",
            )
        })
        .post("/api/petitions/{petition}/hold", |s, c, n, h, r| because(Wish::Hold, s, c, n, h, r), |o| {
            asks::<Reason>(o, "hold_petition", "Holds a petition to storage only: it is not opened and not erased").explains(
                "For administrators (个人信息保护法 art. 47). Numbers and names in the reason are masked, for it stays in the \
                 log, and is told to whoever is refused.",
            )
        })
        .post("/api/petitions/{petition}/release", |s, c, n, h, r| because(Wish::Release, s, c, n, h, r), |o| {
            asks::<Reason>(o, "release_petition", "Holds a petition to storage only no longer").explains("For administrators.")
        })
}

/// Describes what an administrator asks about the keys of a petition.
fn standing<'a>(o: Operation<'a>, id: &str, summary: &str) -> Operation<'a> {
    o.says(id, summary)
        .keyed()
        .answers::<Standing>(StatusCode::OK, "How the keys stand now.")
        .problems(&[403, 404, 422, 503])
}

/// The same with a body.
fn asks<'a, T: JsonSchema>(o: Operation<'a>, id: &str, summary: &str) -> Operation<'a> {
    standing(o, id, summary).takes::<T>()
}

/// Why something is done with the keys of a petition.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "CustodyReason")]
#[serde(deny_unknown_fields)]
struct Reason {
    /// Why. Names and numbers in it are masked, for it stays in the log.
    reason: String,
}

/// How the keys of a petition stand.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PetitionCustody")]
pub(crate) struct Standing {
    /// Which petition.
    finding: FindingId,
    /// The case that it began.
    case: CaseId,
    /// The number of that case, or of the one that it went on in.
    number: Option<CaseNumber>,
    /// Who held it to storage only; none where nobody does.
    hold: Option<Told>,
    /// Who asked for the keys to be deleted; none where nobody did, or somebody declined.
    proposal: Option<Told>,
    /// Who agreed.
    approval: Option<Told>,
    /// That they are deleted.
    erasure: Option<Told>,
}

/// One step, as it is told.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CustodyStep")]
pub(crate) struct Told {
    /// Its position in the log.
    pub(crate) position: Position,
    /// When it was written.
    pub(crate) recorded: DateTime<Utc>,
    /// Who took it.
    pub(crate) who: Capacity,
    /// Why; none where somebody agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl Told {
    pub(crate) fn of(step: &Step, caller: &Caller) -> Told {
        let reason = Some(step.reason.clone()).filter(|reason| !reason.is_empty());
        let who = Capacity::of(step.actor, &caller.directory);
        Told { position: step.position, recorded: step.recorded, who, reason }
    }
}

/// A petition, as it is known without opening it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) custody: Custody,
    pub(crate) number: Option<CaseNumber>,
    /// The cases that it was ever in.
    pub(crate) cases: Vec<CaseId>,
}

impl Known {
    pub(crate) fn standing(&self, caller: &Caller) -> Standing {
        let Custody { finding, hold, proposal, approval, erasure, .. } = &self.custody;
        let told = |step: &Option<Step>| step.as_ref().map(|step| Told::of(step, caller));
        Standing {
            finding: *finding,
            case: CaseId(finding.0),
            number: self.number.clone(),
            hold: told(hold),
            proposal: told(proposal),
            approval: told(approval),
            erasure: told(erasure),
        }
    }
}

/// Returns the petition that an id or the number of a case names. There is none for whom the firewall keeps it from.
pub(crate) async fn known(desk: &Desk, caller: &Caller, name: &str) -> Result<Known, Error> {
    let nothing = || Error::Code(Code::NothingSealed);
    let case = desk.case_named(name).await.map_err(|error| match error {
        Error::Code(_) => nothing(),
        error => error,
    })?;
    let log = &desk.frame.log;
    let (named, _) = act::load(log, case).await?;
    let own = name.parse::<FindingId>().ok().filter(|id| named.findings.iter().any(|held| held.id == *id));
    let (finding, _) = sealed_of(&named, own)?;
    let cases: Vec<Case> = custody::cases_of(log, finding).await?.into_iter().map(|(case, _)| case).collect();
    if cases.iter().chain([&named]).any(|case| caller.is_kept_from(case)) {
        return Err(nothing());
    }
    let number = cases.iter().chain([&named]).find_map(|case| case.number.clone());
    let cases = cases.iter().chain([&named]).map(|case| case.id).collect();
    Ok(Known { custody: custody::load(log, finding).await?, number, cases })
}

/// Returns a petition for who keeps the keys, or watches over it.
pub(crate) async fn known_to(desk: &Desk, caller: &Caller, name: &str) -> Result<Known, Error> {
    if caller.administrator().is_err() && caller.capacities(|role| role == Role::Auditor).is_empty() {
        return Err(Code::NotAdministrator.into());
    }
    known(desk, caller, name).await
}

async fn show(State(desk): State<Desk>, caller: Caller, In(name): In<String>) -> Result<Json<Standing>, Error> {
    Ok(Json(known_to(&desk, &caller, &name).await?.standing(&caller)))
}

/// What an administrator wants.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wish {
    Propose(String),
    Decline(String),
    Approve,
    Hold(String),
    Release(String),
}

/// Asks for what needs a reason.
async fn because(
    wish: fn(String) -> Wish,
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    headers: HeaderMap,
    input::Json(Reason { reason }): input::Json<Reason>,
) -> Result<Json<Standing>, Error> {
    asked_over_api(&desk, &caller, &name, &headers, wish(reason)).await
}

async fn approve(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    headers: HeaderMap,
) -> Result<Json<Standing>, Error> {
    asked_over_api(&desk, &caller, &name, &headers, Wish::Approve).await
}

async fn asked_over_api(
    desk: &Desk,
    caller: &Caller,
    name: &str,
    headers: &HeaderMap,
    wish: Wish,
) -> Result<Json<Standing>, Error> {
    let key = asked::key(headers, caller)?;
    Ok(Json(ask(desk, caller, &key, name, wish).await?.standing(caller)))
}

/// Does what an administrator wants, or says why not. Under the same key it is done once, and carried out where it was cut off.
pub(crate) async fn ask(desk: &Desk, caller: &Caller, key: &str, name: &str, wish: Wish) -> Result<Known, Error> {
    let actor = caller.administrator()?;
    let wish = match wish {
        Wish::Propose(reason) => Wish::Propose(masked_reason(&reason)?),
        Wish::Decline(reason) => Wish::Decline(masked_reason(&reason)?),
        Wish::Approve => Wish::Approve,
        Wish::Hold(reason) => Wish::Hold(masked_reason(&reason)?),
        Wish::Release(reason) => Wish::Release(masked_reason(&reason)?),
    };
    let mut known = known(desk, caller, name).await?;
    let finding = known.custody.finding;
    let goes_on = matches!(wish, Wish::Approve) && known.custody.is_unfinished();
    if !goes_on {
        decide(desk, key, finding, actor, &wish).await?;
        known.custody = custody::load(&desk.frame.log, finding).await?;
    }
    if known.custody.is_unfinished() {
        carry_out(desk, &known.custody, &known.cases, actor).await?;
        known.custody = custody::load(&desk.frame.log, finding).await?;
    }
    Ok(known)
}

/// Decides on what an administrator wants, and writes it unless somebody wrote meanwhile.
async fn decide(desk: &Desk, key: &str, finding: FindingId, actor: Actor, wish: &Wish) -> Result<(), Error> {
    let log = &desk.frame.log;
    let text = serde_json::to_vec(&(finding, wish)).map_err(|error| Error::Internal(error.into()))?;
    let request: [u8; 32] = sha2::Sha256::digest(text).into();
    if log.appended_for(request, key).await?.is_some() {
        return Ok(());
    }
    for _ in 0..ATTEMPTS {
        let custody = custody::load(log, finding).await?;
        let asked = match wish.clone() {
            Wish::Propose(reason) => Asked::Propose { reason },
            Wish::Decline(reason) => Asked::Decline { reason },
            Wish::Approve => Asked::Approve { keyed: keyed(desk, finding).await? },
            Wish::Hold(reason) => Asked::Hold { reason },
            Wish::Release(reason) => Asked::Release { reason },
        };
        let event = match custody.decide(asked, &actor) {
            Ok(event) => event,
            // Another attempt at the same may have been done since: then it is what stands in this one's way.
            Err(refusal) => match log.appended_for(request, key).await? {
                Some(_) => return Ok(()),
                None => return Err(refused(refusal, &custody)),
            },
        };
        let expected = Expected::Exactly(custody.version);
        let write = Write { stream: Custody::stream(finding), expected, events: vec![event.into()] };
        let (_, facts_at) = desk.frame.directory.get();
        let append = Append { key: Some(key.to_owned()), actor, facts_at, writes: vec![write] };
        match log.append_for(request, append).await {
            Ok(_) => return Ok(()),
            Err(AppendError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended())
}

/// Returns what the keys of a petition open.
async fn keyed(desk: &Desk, finding: FindingId) -> Result<Keyed, Error> {
    Ok(opener(desk)?.keys().keyed(finding).await.map_err(NotOpened::from)?)
}

/// Deletes the keys of a petition, as two have decided, and writes that they are. Doing it again is safe: what was done before
/// is done.
pub(crate) async fn carry_out(desk: &Desk, custody: &Custody, cases: &[CaseId], actor: Actor) -> Result<(), Error> {
    let Some(event) = custody.shredded() else { return Ok(()) };
    let finding = custody.finding;
    // The keys go first: what is said of them is then true.
    opener(desk)?.keys().shred(finding, desk.frame.clock.now()).await.map_err(NotOpened::from)?;
    for case in cases {
        desk.accounts.discard_drafts_of(*case).await?;
    }
    match record(desk, CaseId(finding.0), actor, event, Some(act::shredding(finding))).await {
        Ok(()) | Err(Error::Code(Code::KeyReused)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Refuses what is held to storage only.
pub(crate) async fn refuse_held(desk: &Desk, finding: FindingId) -> Result<Custody, Error> {
    let custody = custody::load(&desk.frame.log, finding).await?;
    custody.not_held().map_err(|refusal| refused(refusal, &custody))?;
    Ok(custody)
}

/// Puts on record that something of a petition is opened, unless it is held to storage only by then.
pub(crate) async fn record_opening(
    desk: &Desk,
    case: CaseId,
    finding: FindingId,
    actor: Actor,
    event: AccessEvent,
) -> Result<(), Error> {
    let (own, stream) = (Custody::stream(finding), StreamId::Access(case));
    for _ in 0..ATTEMPTS {
        let custody = refuse_held(desk, finding).await?;
        let expected = Expected::Exactly(custody.version);
        let looked = vec![event.clone().into()];
        let writes = if own == stream {
            vec![Write { stream, expected, events: looked }]
        } else {
            let unchanged = Write { stream: own, expected, events: Vec::new() };
            vec![unchanged, Write { stream, expected: Expected::Any, events: looked }]
        };
        let (_, facts_at) = desk.frame.directory.get();
        match desk.frame.log.append(Append { key: None, actor, facts_at, writes }).await {
            Ok(_) => return Ok(()),
            Err(AppendError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended())
}

/// Returns a refusal with the reason that was given for what forbids it.
fn refused(refusal: CustodyRefusal, custody: &Custody) -> Error {
    let held = custody.hold.as_ref().filter(|_| refusal == CustodyRefusal::StorageOnly);
    Error::Custody(refusal, held.map(|hold| hold.reason.clone()))
}

fn contended() -> Error {
    Error::Unavailable(anyhow::anyhow!("others kept writing about the petition"))
}
