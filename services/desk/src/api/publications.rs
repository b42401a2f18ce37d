//! What was published of the ledger (发布): for whoever may see every case in it, and for nobody else.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::access::PUBLICATIONS;
use rectify_case::publication::Scope;
use rectify_case::{Actor, Digest, Directory, Position, PublicationKind, Role, StreamId, Version};
use rectify_ledger::{Sort, Standpoint};
use rectify_log::Recorded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::asked::key;
use crate::api::evidence::file_headers;
use crate::api::input::{self, Asking, In};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::as_of::{AS_OF, UPTO};
use crate::pages::form::Fields;
use crate::pages::ledger::WORKBOOK;
use crate::pages::page::Page;
use crate::pages::past::{Folding, Found, Past};
use crate::pages::publication::{Came, KIND, came};
use crate::publication::published;
use crate::shown::Capacity;

/// How many are answered where nothing is said.
const USUAL: usize = 50;

/// The most that are answered.
const MOST: usize = 200;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/publications", get_list, |o| {
            o.says("publications", "Lists what was published of the ledger (发布), the latest first")
                .explains(
                    "Only what every case of may be shown to the caller now. Made on the desk's page; `rectify reproduce` makes \
                     it again from the log. `next` of a page is `before` of the one after it.",
                )
                .query::<Wanted>()
                .in_capacity()
                .answers::<List>(StatusCode::OK, "The publications.")
        })
        .post("/api/publications", post, |o| {
            o.says("publish", "Publishes the ledger, a list or the notice (发布), as of now or as of a moment")
                .explains(
                    "For officers and auditors. It is made from a ledger that is folded up to its position first: while that goes \
                     on, the answer is 202, and the same is asked again with the `upto` that it names.",
                )
                .keyed()
                .in_capacity()
                .takes::<Publishing>()
                .answers::<Told>(StatusCode::CREATED, "It is published.")
                .answers::<Waiting>(StatusCode::ACCEPTED, "Its ledger is folded first.")
                .problems(&[403, 404, 413, 422, 507])
        })
        .get("/api/publications/{number}", get_one, |o| {
            o.says("publication", "Tells of one publication")
                .in_capacity()
                .answers::<Told>(StatusCode::OK, "The publication.")
                .problems(&[404])
        })
        .get("/api/publications/{number}/file", get_file, |o| {
            o.says("publication_file", "Sends the file that was kept of a publication")
                .in_capacity()
                .answers_as(StatusCode::OK, "The file.", WORKBOOK, &json!({ "type": "string", "format": "binary" }))
                .problems(&[404, 410])
        })
}

/// Which publications.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "PublicationsWanted")]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Those with a lower number than this.
    before: Option<Version>,
    /// At most how many; 50 where nothing is said, 200 at most.
    #[schemars(range(max = 200))]
    limit: Option<usize>,
}

/// What is to be published.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Publishing {
    /// Of which kind.
    kind: PublicationKind,
    /// The conditions of the ledger, by name; every case where nothing is said. The notice has none.
    #[serde(default)]
    filter: BTreeMap<String, String>,
    /// In which order; by the deadline where nothing is said.
    sort: Option<Sort>,
    /// As of the end of this day.
    as_of: Option<NaiveDate>,
    /// As of this event.
    at_position: Option<Position>,
    /// As of now, up to this event: what an answer named.
    upto: Option<Position>,
}

/// That a ledger is folded first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PublishingWaits")]
struct Waiting {
    /// What to ask with again, where it is as of now.
    #[serde(skip_serializing_if = "Option::is_none")]
    upto: Option<Position>,
    /// How far the ledger is folded that is being folded now.
    folded: Position,
    /// Up to where it is to go.
    to: Position,
}

/// Some publications.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Publications")]
struct List {
    publications: Vec<Told>,
    /// What to ask with for those before them; none where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Version>,
}

/// What is told of a publication.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PublicationTold")]
pub(crate) struct Told {
    /// Its number.
    pub(crate) number: Version,
    /// The position of its event in the log.
    event: Position,
    /// When it was published.
    pub(crate) published: DateTime<Utc>,
    /// Who published it.
    pub(crate) who: Capacity,
    /// What it is.
    pub(crate) kind: PublicationKind,
    /// The conditions of the ledger, by name.
    pub(crate) filter: BTreeMap<String, String>,
    /// In which order its cases stand.
    pub(crate) sort: String,
    /// The language that it is in.
    pub(crate) language: String,
    /// How far the log was folded for it.
    pub(crate) position: Position,
    /// As of when it is.
    pub(crate) as_of: DateTime<Utc>,
    /// With whose rights it was seen.
    pub(crate) scope: Scope,
    /// How many cases are in it.
    pub(crate) cases: usize,
    /// What had been signed of the log, as `SIZE:ROOT`.
    pub(crate) mark: Option<String>,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// The SHA-256 of its data.
    pub(crate) data: Digest,
    /// The SHA-256 of its file.
    pub(crate) file: Digest,
    /// How many bytes the file has.
    size: u64,
    /// What the file is called.
    name: String,
}

async fn get_list(
    State(desk): State<Desk>,
    caller: Caller,
    Asking(Wanted { before, limit }): Asking<Wanted>,
) -> Result<Json<List>, Error> {
    let limit = limit.unwrap_or(USUAL);
    if limit > MOST {
        return Err(Error::Detailed(Code::BadRequest, format!("limit: > {MOST}")));
    }
    let (publications, next) = list(&desk, &caller, before, limit).await?;
    Ok(Json(List { publications, next }))
}

async fn post(
    State(desk): State<Desk>,
    Extension(past): Extension<Past>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<Publishing>,
) -> Result<Response, Error> {
    let key = key(&headers, &caller)?;
    let page = Page {
        language: caller.language,
        path: String::new(),
        now: caller.now,
        zone: desk.frame.config.zone,
        who: None,
    };
    let mut upto = asked.upto;
    let came = came(&desk, &past, &caller, &page, &asked.fields()?, key).await;
    let waits = match came.map_err(in_body)? {
        Came::Published(number) => {
            let told = told(&desk, &caller, number).await?;
            return Ok((StatusCode::CREATED, Json(told)).into_response());
        }
        Came::Folding(Folding { folded, standpoint }) => Waiting { upto, folded, to: standpoint.known },
        Came::Unsaid => {
            let head = desk.frame.log.head().await?;
            upto = Some(head);
            match past.ask(&desk, Standpoint::known(head))? {
                Found::Ready(_) => Waiting { upto, folded: head, to: head },
                Found::Folding(Folding { folded, standpoint }) => Waiting { upto, folded, to: standpoint.known },
            }
        }
    };
    Ok((StatusCode::ACCEPTED, Json(waits)).into_response())
}

/// Returns what a page would say of its address as what the API says of a body.
fn in_body(error: Error) -> Error {
    match error {
        Error::Detailed(Code::BadRequest, about) => Error::Detailed(Code::BadBody, about),
        error => error,
    }
}

impl Publishing {
    /// Returns what is asked as a form says it.
    fn fields(&self) -> Result<Fields, Error> {
        let mut fields = Fields::default();
        for (name, value) in &self.filter {
            if [KIND, "sort", AS_OF[0], AS_OF[1], UPTO].contains(&name.as_str()) {
                return Err(Error::Detailed(Code::BadBody, format!("filter: {name}")));
            }
            fields.add(name.clone(), value);
        }
        let said = [
            (KIND, Some(self.kind.name().to_owned())),
            ("sort", self.sort.map(|sort| sort.to_string())),
            (AS_OF[0], self.as_of.map(|day| day.to_string())),
            (AS_OF[1], self.at_position.map(|position| position.to_string())),
            (UPTO, self.upto.map(|position| position.to_string())),
        ];
        for (name, value) in said {
            fields.add(name.to_owned(), &value.unwrap_or_default());
        }
        Ok(fields)
    }
}

async fn get_one(State(desk): State<Desk>, caller: Caller, In(number): In<Version>) -> Result<Json<Told>, Error> {
    Ok(Json(told(&desk, &caller, number).await?))
}

async fn get_file(State(desk): State<Desk>, caller: Caller, In(number): In<Version>) -> Result<Response, Error> {
    send(&desk, &caller, number).await
}

/// Returns the caller in a capacity that publishes.
pub(crate) fn publishing(caller: &Caller) -> Result<Actor, Error> {
    let capacities = caller.capacities(|role| matches!(role, Role::Officer | Role::Auditor));
    capacities.into_iter().next().ok_or_else(|| Code::MayNotPublish.into())
}

/// Returns the latest publications before one, all of whose cases may be shown to the caller, and what to ask with for more.
pub(crate) async fn list(
    desk: &Desk,
    caller: &Caller,
    before: Option<Version>,
    limit: usize,
) -> Result<(Vec<Told>, Option<Version>), Error> {
    let all = desk.frame.log.read_stream(StreamId::Access(PUBLICATIONS), 0).await?;
    let wanted = all.iter().rev().filter(|one| before.is_none_or(|before| one.envelope.version < before));
    let mut found: Vec<Told> = Vec::new();
    for recorded in wanted {
        if let Some(told) = seen(desk, caller, recorded).await? {
            if found.len() == limit {
                let next = found.last().map(|last| last.number);
                return Ok((found, next));
            }
            found.push(told);
        }
    }
    Ok((found, None))
}

/// Returns a publication by its number, if all of its cases may be shown to the caller.
pub(crate) async fn told(desk: &Desk, caller: &Caller, number: Version) -> Result<Told, Error> {
    let before = number.checked_sub(1).ok_or(Code::NoSuchPublication)?;
    let found = desk.frame.log.read_stream(StreamId::Access(PUBLICATIONS), before).await?;
    let recorded = found.first().ok_or(Code::NoSuchPublication)?;
    seen(desk, caller, recorded).await?.ok_or(Code::NoSuchPublication.into())
}

/// Sends the file of a publication.
pub(crate) async fn send(desk: &Desk, caller: &Caller, number: Version) -> Result<Response, Error> {
    let told = told(desk, caller, number).await?;
    let bytes = desk.store.bytes(&told.file).await?.ok_or(Code::EvidenceGone)?;
    Ok((file_headers(&told.name, WORKBOOK, told.size), Body::from_stream(bytes)).into_response())
}

/// Returns what is told of a publication, if all of its cases may be shown to the caller now, whatever was so when it was published.
async fn seen(desk: &Desk, caller: &Caller, recorded: &Recorded) -> Result<Option<Told>, Error> {
    let Some(publication) = published(recorded) else { return Ok(None) };
    let entries: Vec<Position> = publication.entries.positions().collect();
    let is_shown = desk.ledger.shows_all(&caller.viewer(), &entries).await?;
    Ok(is_shown.then(|| Told::of(recorded, &caller.directory)).flatten())
}

impl Told {
    fn of(recorded: &Recorded, directory: &Directory) -> Option<Told> {
        let one = published(recorded)?.clone();
        let envelope = &recorded.envelope;
        Some(Told {
            number: envelope.version,
            event: recorded.position,
            published: envelope.recorded,
            who: Capacity::of(envelope.actor, directory),
            kind: one.kind,
            filter: one.filter,
            sort: one.sort,
            language: one.language,
            position: one.position,
            as_of: one.as_of,
            scope: one.scope,
            cases: one.entries.len(),
            mark: one.mark,
            program: one.program,
            data: one.data,
            file: one.file,
            size: one.size,
            name: one.name,
        })
    }
}
