//! Commands on a case: one path each, one handler for all.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rectify_case::{CaseId, CaseNumber, Command, Finding, Late, Refusal, StreamId, Version};
use rectify_kit::act::{Acted, Ask, act, case_of, load};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::asked::{self, Asked};
use crate::api::input;
use crate::api::openapi::summary_of;
use crate::api::petition;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::ShownEvent;
use crate::sight::Sight;

pub(crate) fn routes(routes: Routes) -> Routes {
    let begins = |name: &&&str| Command::stages_of(name).is_empty();
    let on_a_case = Command::NAMES.iter().filter(|name| !begins(name));
    let routes = routes.post("/api/cases", report, |o| {
        o.says("report", "Hands in a finding by hand: the case begins")
            .keyed()
            .in_capacity()
            .takes::<Reported>()
            .answers::<Answer>(StatusCode::CREATED, "The case that began.")
            .problems(&[409])
    });
    on_a_case.fold(routes, |routes, name| {
        let handler = async move |State(desk): State<Desk>, asked: Asked| command(&desk, name, asked).await;
        routes.post(&format!("/api/cases/{{case}}/{name}"), handler, |o| {
            o.says(name, &summary_of(name))
                .commanding()
                .takes_command(name)
                .answers::<Answer>(StatusCode::OK, "What happened.")
        })
    })
}

/// What a command led to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The case.
    pub(crate) case: CaseId,
    /// Its number, once registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
    /// The version it has after it.
    pub(crate) version: Version,
    /// What happened to it.
    pub(crate) events: Vec<ShownEvent>,
    /// Whether an earlier request with the same key had done it.
    pub(crate) repeated: bool,
    /// Whether lists and counts show it already.
    pub(crate) listed: bool,
}

/// A finding that is handed in by hand.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reported {
    /// What was found.
    finding: Box<Finding>,
}

async fn report(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(Reported { finding }): input::Json<Reported>,
) -> Result<Response, Error> {
    let key = asked::key(&headers, &caller)?;
    let case = case_of(&finding);
    let received = Some(desk.frame.log.now());
    let mut command = Command::Report { finding };
    petition::seal_by_hand(&desk, &caller, &mut command).await?;
    let ask = Ask { case, command, who: caller.who, key: Some(key), seen: None, late: None, received };
    let answer = answer(&desk, &caller, &ask).await.map_err(kept_quiet)?;
    let listed = desk.shows(position(&answer)).await?;
    let headers = [(header::ETAG, etag(answer.version)), (header::LOCATION, format!("/api/cases/{case}"))];
    Ok((StatusCode::CREATED, headers, Json(Answer { listed, ..answer })).into_response())
}

/// Says of a case that is kept from whoever reports it again only what is said of every case that is there already.
fn kept_quiet(error: Error) -> Error {
    match error {
        Error::Refused(refused) if matches!(refused.refusal(), Refusal::Walled | Refusal::IsRecused) => {
            Refusal::WrongStage.into()
        }
        error => error,
    }
}

async fn command(desk: &Desk, name: &str, asked: Asked) -> Result<Response, Error> {
    let Asked { caller, case, key, seen, late, data } = asked;
    let wanted = Wanted { case, name, data, key: Some(key), seen: Some(seen), late };
    let answer = do_wanted(desk, &caller, wanted).await?;
    let listed = desk.shows(position(&answer)).await?;
    Ok(([(header::ETAG, etag(answer.version))], Json(Answer { listed, ..answer })).into_response())
}

/// A command on a case, as it came in.
pub(crate) struct Wanted<'a> {
    pub(crate) case: String,
    pub(crate) name: &'a str,
    pub(crate) data: Value,
    pub(crate) key: Option<String>,
    pub(crate) seen: Option<Version>,
    pub(crate) late: Option<Late>,
}

/// Does one command, without waiting for lists to show it.
pub(crate) async fn do_wanted(desk: &Desk, caller: &Caller, wanted: Wanted<'_>) -> Result<Answer, Error> {
    let mut command =
        Command::decode(wanted.name, wanted.data).map_err(|error| Error::Detailed(Code::BadBody, error.to_string()))?;
    let case = desk.case_named(&wanted.case).await?;
    petition::seal_by_hand(desk, caller, &mut command).await?;
    check_evidence(desk, &command).await?;
    let Wanted { key, seen, late, .. } = wanted;
    let ask = Ask { case, command, who: caller.who, key, seen, late, received: Some(desk.frame.log.now()) };
    answer(desk, caller, &ask).await
}

/// Checks that the files a command names are in the store, as it describes them.
async fn check_evidence(desk: &Desk, command: &Command) -> Result<(), Error> {
    let named = match command {
        Command::FileEvidence { evidence, .. } => std::slice::from_ref(evidence),
        Command::ReportCompletion { evidence, .. } => evidence.as_slice(),
        _ => &[],
    };
    for evidence in named {
        match desk.store.knows(evidence).await? {
            Some(true) => {}
            Some(false) => return Err(Error::Detailed(Code::EvidenceDiffers, evidence.digest.to_string())),
            None => return Err(Error::Detailed(Code::EvidenceNotStored, evidence.digest.to_string())),
        }
    }
    Ok(())
}

async fn answer(desk: &Desk, caller: &Caller, ask: &Ask) -> Result<Answer, Error> {
    let acted = match act(&desk.frame, ask).await {
        Ok(acted) => acted,
        Err(error) => return Err(judged(desk, caller, ask.case, Error::of_act(error, &caller.directory)).await?),
    };
    let events = shown(desk, caller, ask.case, &acted).await?;
    let number = acted.events.iter().find_map(|event| event.number.as_ref()).map(CaseNumber::to_string);
    let version = acted.version(ask.case);
    Ok(Answer { case: ask.case, number, version, events, repeated: acted.repeated, listed: false })
}

/// Leaves out what happened since where the caller may not see it: a source may amend what it may not read.
async fn judged(desk: &Desk, caller: &Caller, case: CaseId, error: Error) -> Result<Error, Error> {
    let Error::With(code, mut more) = error else { return Ok(error) };
    let (case, _) = load(&desk.frame.log, case).await?;
    let since = if caller.sees(&case) { std::mem::take(&mut more.since) } else { Vec::new() };
    more.since = Sight::of(desk, caller).events(since).await?;
    Ok(Error::With(code, more))
}

/// Returns the events that an act wrote to a case; what it wrote to others is for their readers.
async fn shown(desk: &Desk, caller: &Caller, case: CaseId, acted: &Acted) -> Result<Vec<ShownEvent>, Error> {
    let own = acted.events.iter().filter(|event| event.stream == StreamId::Case(case));
    let first = own.clone().map(|event| event.version).min().unwrap_or(1);
    let count = own.count();
    let stream = desk.frame.log.read_stream(StreamId::Case(case), first - 1).await?;
    Ok(stream.iter().take(count).filter_map(|event| ShownEvent::of(event, &caller.directory)).collect())
}

/// Returns the position at which an answer is whole.
pub(crate) fn position(answer: &Answer) -> u64 {
    answer.events.iter().map(|event| event.position).max().unwrap_or(0)
}

/// Returns a version as an `ETag` has it.
pub(crate) fn etag(version: Version) -> String {
    format!("\"{version}\"")
}
