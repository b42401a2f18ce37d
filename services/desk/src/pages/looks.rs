//! Who looked at what of a case, and every look at petitioners there was, for auditors.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_case::{AccessEvent, Case, PetitionPart};

use super::act::name_of;
use super::delegation::people;
use super::form::{Fields, query_of};
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use crate::api::case;
use crate::api::looks::{Looked, Wanted, looks};
use crate::api::petition::{Look, looks_at};
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/cases/{case}/looks", get(list)).route("/looks", get(list_all))
}

/// Who looked at what.
#[derive(Template)]
#[template(path = "looks.html")]
struct Looks {
    page: Page,
    case_href: String,
    case_name: String,
    all: Vec<LookShown>,
}

pub(super) struct LookShown {
    pub(super) when: String,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) reason: String,
}

async fn list(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let looks = looks_at(&desk, &caller, &name).await?;
    let (case, _) = case::load(&desk, &caller, &name).await?;
    let shows = Looks {
        case_href: format!("/cases/{}", case.id),
        case_name: name_of(&case, &page),
        all: looks.iter().map(|look| LookShown::of(look, &case, &page)).collect(),
        page,
    };
    Ok(shown(StatusCode::OK, &shows)?)
}

impl LookShown {
    pub(super) fn of(look: &Look, case: &Case, page: &Page) -> LookShown {
        let (what, reason) = match &look.event {
            AccessEvent::EvidenceOpened { digest } => {
                let file = case.evidence.get(digest).map(|file| file.evidence.name.clone());
                (page.say_of("look-evidence", "name", file.unwrap_or_else(|| digest.to_string())), String::new())
            }
            event => told(event, page),
        };
        LookShown { when: page.moment(&look.recorded), who: page.somebody(&look.who), what, reason }
    }
}

/// Returns what an event of an access stream is called, and why it was done.
fn told(event: &AccessEvent, page: &Page) -> (String, String) {
    let (name, reason) = match event {
        AccessEvent::EvidenceOpened { digest } => {
            return (page.say_of("look-evidence", "name", digest.to_string()), String::new());
        }
        AccessEvent::DossierExported { version, .. } => {
            return (page.say_of("look-dossier", "version", *version), String::new());
        }
        AccessEvent::Published(published) => {
            return (page.say_of("look-published", "name", published.name.as_str()), String::new());
        }
        AccessEvent::PetitionOpened { what: PetitionPart::Content, reason, .. } => ("look-petition", reason.as_str()),
        AccessEvent::PetitionOpened { what: PetitionPart::Attachment(_), reason, .. } => {
            ("look-attachment", reason.as_str())
        }
        AccessEvent::PetitionHeld { reason, .. } => ("look-held", reason.as_str()),
        AccessEvent::PetitionReleased { reason, .. } => ("look-released", reason.as_str()),
        AccessEvent::ShreddingProposed { reason, .. } => ("look-proposed", reason.as_str()),
        AccessEvent::ShreddingDeclined { reason, .. } => ("look-declined", reason.as_str()),
        AccessEvent::ShreddingApproved { .. } => ("look-approved", ""),
        AccessEvent::PetitionShredded { reason, .. } => ("look-shredded", reason.as_str()),
        AccessEvent::SetAsideOpened { reason, .. } => ("look-set-aside", reason.as_str()),
        AccessEvent::SetAsideResent { .. } => ("look-resent", ""),
    };
    (page.say(name), reason.to_owned())
}

/// Every look at petitioners.
#[derive(Template)]
#[template(path = "all_looks.html")]
struct AllLooks {
    page: Page,
    from: String,
    until: String,
    person: String,
    /// Who may be asked for.
    people: Vec<(String, String)>,
    all: Vec<LineShown>,
    first: Option<String>,
    next: Option<String>,
}

/// A look, with the case that it was in.
struct LineShown {
    look: LookShown,
    case: Option<(String, String)>,
}

async fn list_all(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    // What is no day or nobody is not asked for.
    let wanted = Wanted {
        from: asked.text("from").parse().ok(),
        until: asked.text("until").parse().ok(),
        person: asked.text("person").parse().ok(),
        before: asked.text("before").parse().ok(),
        limit: None,
    };
    let (found, next) = looks(&desk, &caller, &wanted).await?;
    let [from, until, person] = ["from", "until", "person"].map(|name| asked.text(name).to_owned());
    let at = |before: Option<String>| {
        let fields = [("from", from.as_str()), ("until", &until), ("person", &person)];
        let mut fields: Vec<(&str, &str)> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        fields.extend(before.as_ref().map(|before| ("before", before.as_str())));
        format!("/looks?{}", query_of(&fields))
    };
    let shows = AllLooks {
        all: found.iter().map(|look| LineShown::of(look, &page)).collect(),
        first: wanted.before.map(|_| at(None)),
        next: next.map(|next| at(Some(next.to_string()))),
        people: people(&page, &caller),
        from,
        until,
        person,
        page,
    };
    Ok(shown(StatusCode::OK, &shows)?)
}

impl LineShown {
    fn of(look: &Looked, page: &Page) -> LineShown {
        let (what, reason) = told(&look.event, page);
        let number = look.number.as_ref().map_or_else(|| page.say("unnumbered"), ToString::to_string);
        LineShown {
            look: LookShown { when: page.moment(&look.recorded), who: page.somebody(&look.who), what, reason },
            case: look.case.map(|case| (format!("/cases/{case}"), number)),
        }
    }
}
