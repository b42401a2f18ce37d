//! Publishing (发布): what of the ledger is published, seen once more before it is; and what was.

mod list;

use std::collections::BTreeMap;
use std::convert::Infallible;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use rectify_case::access::PUBLICATIONS;
use rectify_case::{AccessEvent, Position, Publication, PublicationKind, Refusal, StreamId, Version, classified};
use rectify_kit::ids;
use rectify_ledger::Standpoint;
use rectify_log::{Append, Expected, Write};
use rectify_proof::Tree;
use sha2::{Digest as _, Sha256};

use super::as_of::{self, AS_OF, Moment, UPTO};
use super::form::{Fields, query_of};
use super::ledger::{self, conditions};
use super::page::{Page, shown};
use super::past::{Folding, Found, Past};
use super::visitor::{Away, CSRF, Posted, Visitor};
use crate::api::asked::own_key;
use crate::api::publications::publishing;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::publication::{Asked, Made, Seen, directory_at, fields_of, make, seen, sheets_of};

/// What a form or a query says beside the conditions of the ledger.
const BESIDE: [&str; 4] = [KIND, KEY, UPTO, CSRF];

/// What says of which kind it is.
pub(crate) const KIND: &str = "kind";

/// What a form is known by, so that what it says is published once.
const KEY: &str = "key";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/publish", get(ask).post(publish))
        .route("/publications", get(list::all))
        .route("/publications/{number}", get(list::one))
        .route("/publications/{number}/file", get(list::file))
}

/// What is to be published.
#[derive(Template)]
#[template(path = "publish.html")]
struct Publish {
    page: Page,
    /// As of when.
    moment: String,
    /// Which cases, in words, and how many these are.
    said: String,
    cases: u64,
    /// Whether there are conditions, which the notice has none of.
    is_narrowed: bool,
    kinds: Vec<Kind>,
    /// What the form sends along.
    fields: Vec<(String, String)>,
    /// What it is known by, so that it is published once.
    key: String,
}

/// A kind that may be chosen.
struct Kind {
    name: &'static str,
    said: String,
    chosen: bool,
}

/// What a form or a query asks to be published.
struct Wanted {
    kind: PublicationKind,
    filter: BTreeMap<String, String>,
    sort: String,
    moment: Moment,
}

async fn ask(
    State(desk): State<Desk>,
    Extension(past): Extension<Past>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    publishing(&caller)?;
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let Some(wanted) = Wanted::read(&desk, &asked, &page).await? else {
        // The log goes on while a ledger is folded: it is said first up to where.
        let head = desk.frame.log.head().await?.to_string();
        return Ok(Redirect::to(&address(&asked, &AS_OF, &[(UPTO, &head)])).into_response());
    };
    let back = format!("/ledger?{}", query_of(&pairs(&wanted.filter)));
    let (page, book) = as_of::stood(&desk, &past, &caller, page, wanted.moment.clone(), back).await?;
    let fields = fields_of(&wanted.filter, &wanted.sort);
    let counted = rectify_ledger::Wanted {
        filter: ledger::filter(&fields, &page)?,
        sort: ledger::sort(&fields)?,
        total: true,
        ..rectify_ledger::Wanted::default()
    };
    let found = book.ledger.list(&book.viewer, &counted, book.at).await?;
    let directory = directory_at(&desk.frame.log, wanted.moment.position()).await?;
    let publish = Publish {
        moment: wanted.moment.said(&page),
        said: conditions(&fields, &page, &directory),
        cases: found.total.unwrap_or(0),
        is_narrowed: !wanted.filter.is_empty(),
        kinds: PublicationKind::ALL
            .map(|kind| Kind {
                name: kind.name(),
                said: page.say(&format!("publication-{}", kind.name())),
                chosen: kind == wanted.kind,
            })
            .into(),
        fields: asked.without(&[KIND, KEY, CSRF]).cloned().collect(),
        key: ids::new().to_string(),
        page,
    };
    Ok(shown(StatusCode::OK, &publish)?)
}

async fn publish(
    State(desk): State<Desk>,
    Extension(past): Extension<Past>,
    Posted { visitor: Visitor { caller, page, .. }, fields: asked }: Posted,
) -> Result<Response, Away> {
    let key = own_key(asked.text(KEY), &caller)?;
    let address = match came(&desk, &past, &caller, &page, &asked, key).await? {
        Came::Published(number) => format!("/publications/{number}"),
        // Nobody had asked for it for a while: it is folded again first.
        Came::Folding(_) | Came::Unsaid => address(&asked, &[KEY, CSRF], &[]),
    };
    Ok(Redirect::to(&address).into_response())
}

/// What came of asking to publish something.
pub(crate) enum Came {
    /// It has this number.
    Published(Version),
    /// The ledger that it is made from is folded first.
    Folding(Folding),
    /// It is not said as of when.
    Unsaid,
}

/// Publishes what is asked for, once under a key.
pub(crate) async fn came(
    desk: &Desk,
    past: &Past,
    caller: &Caller,
    page: &Page,
    asked: &Fields,
    key: String,
) -> Result<Came, Error> {
    let (log, actor) = (&desk.frame.log, publishing(caller)?);
    let Some(wanted) = Wanted::read(desk, asked, page).await? else { return Ok(Came::Unsaid) };
    let request = wanted.digest();
    let appended = if let Some(earlier) = log.appended_for(request, &key).await? {
        earlier
    } else {
        let stood = match past.ask(desk, Standpoint::known(wanted.moment.position()))? {
            Found::Ready(stood) => stood,
            Found::Folding(folding) => return Ok(Came::Folding(folding)),
        };
        desk.shows(wanted.moment.position()).await?;
        let published = kept(desk, caller, page, &wanted, &stood.ledger).await?;
        let write = Write {
            stream: StreamId::Access(PUBLICATIONS),
            expected: Expected::Any,
            events: vec![AccessEvent::Published(Box::new(published)).into()],
        };
        let (_, facts_at) = desk.frame.directory.get();
        log.append_for(request, Append { key: Some(key), actor, facts_at, writes: vec![write] }).await?
    };
    Ok(appended.events.first().map_or(Came::Unsaid, |event| Came::Published(event.version)))
}

/// Makes what is wanted and keeps its file; returns what is said of it in the log.
async fn kept(
    desk: &Desk,
    caller: &Caller,
    page: &Page,
    wanted: &Wanted,
    stood: &rectify_ledger::Ledger,
) -> Result<Publication, Error> {
    let log = &desk.frame.log;
    let (actor, position) = (publishing(caller)?, wanted.moment.position());
    let Seen { viewer, scope } = seen(&desk.ledger, log, &actor, caller.now, position).await?;
    let directory = directory_at(log, position).await?;
    let asked = Asked {
        kind: wanted.kind,
        sheets: sheets_of(wanted.kind),
        filter: wanted.filter.clone(),
        sort: wanted.sort.clone(),
        language: page.language,
        zone: page.zone,
        position,
        as_of: wanted.moment.at,
        mark: Tree::new(desk.frame.db.clone()).mark().await?.map(|mark| mark.to_string()),
        made: scope.at,
    };
    let Made { entries, data, bytes, name, .. } = make(&asked, stood, &viewer, &directory).await?;
    if entries.is_empty() {
        return Err(Code::NothingToPublish.into());
    }
    let bytes = futures::stream::iter([Ok::<_, Infallible>(Bytes::from(bytes))]);
    let file = desk.store.take(name, bytes).await?;
    Ok(Publication {
        kind: asked.kind,
        sheets: asked.sheets,
        filter: asked.filter,
        sort: asked.sort,
        language: asked.language.tag().to_owned(),
        zone: asked.zone.hours_east(),
        position,
        as_of: asked.as_of,
        scope,
        entries,
        mark: asked.mark,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        data,
        file: file.digest,
        size: file.size,
        name: file.name,
    })
}

impl Wanted {
    /// Reads what is to be published; none where it is not said as of when.
    async fn read(desk: &Desk, asked: &Fields, page: &Page) -> Result<Option<Wanted>, Error> {
        let wrong = |name: &str| Error::Detailed(Code::BadRequest, format!("{name}: {}", asked.text(name)));
        let kind = match asked.text(KIND) {
            "" => PublicationKind::Ledger,
            name => PublicationKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| wrong(KIND))?,
        };
        let moment = match asked.text(UPTO) {
            "" => as_of::moment(desk, asked, page).await?,
            upto => {
                let position: Position =
                    upto.parse().ok().filter(|position| *position > 0).ok_or_else(|| wrong(UPTO))?;
                if position > desk.frame.log.head().await? {
                    return Err(wrong(UPTO));
                }
                Some(Moment::upto(position, page.now))
            }
        };
        let Some(moment) = moment else { return Ok(None) };
        // Who publishes says what was on record: what is known later of a day is not what was.
        if !moment.is_recorded() {
            return Err(wrong(AS_OF[2]));
        }
        let beside: Vec<&str> = ledger::BESIDE.into_iter().chain(BESIDE).collect();
        let said = asked.without(&beside).filter(|(_, value)| !value.trim().is_empty());
        let mut filter: BTreeMap<String, String> = said.cloned().collect();
        if kind == PublicationKind::Notice {
            filter.clear();
        }
        // What is asked for stands in the log for ever.
        if filter.values().any(|value| classified::mark(value).is_some()) {
            return Err(Refusal::ClassifiedText.into());
        }
        let sort = ledger::sort(asked)?.to_string();
        // A condition that nobody knows would be told of a publication and do nothing.
        let read = ledger::filter(&fields_of(&filter, &sort), page)?;
        let known = serde_json::to_value(read).unwrap_or_default();
        if let Some(name) = filter.keys().find(|name| *name != ledger::DUE && known.get(name).is_none()) {
            return Err(wrong(name));
        }
        Ok(Some(Wanted { kind, filter, sort, moment }))
    }

    /// Returns the SHA-256 of what is wanted, for a second attempt to be known by.
    fn digest(&self) -> [u8; 32] {
        let Wanted { kind, filter, sort, moment } = self;
        let said = (kind, filter, sort, moment.of(""));
        Sha256::digest(serde_json::to_vec(&said).expect("it has only texts as keys and no failing parts")).into()
    }
}

fn pairs(filter: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    filter.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Returns the address that asks for the same but for some fields.
fn address(asked: &Fields, without: &[&str], with: &[(&str, &str)]) -> String {
    let kept = asked.without(without).map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = kept.chain(with.iter().copied()).collect();
    format!("/publish?{}", query_of(&fields))
}
