//! Who looked at what of a case, for auditors.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_case::{AccessEvent, Case};

use super::act::name_of;
use super::page::{Page, role_name, shown};
use super::visitor::{Away, Visitor};
use crate::api::case;
use crate::api::petition::{Look, looks_at};
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/cases/{case}/looks", get(list))
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

struct LookShown {
    when: String,
    who: String,
    what: String,
    reason: String,
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
    fn of(look: &Look, case: &Case, page: &Page) -> LookShown {
        let (what, reason) = match &look.event {
            AccessEvent::EvidenceOpened { digest } => {
                let file = case.evidence.get(digest).map(|file| file.evidence.name.clone());
                (page.say_of("look-evidence", "name", file.unwrap_or_else(|| digest.to_string())), String::new())
            }
            AccessEvent::PetitionOpened { reason, .. } => (page.say("look-petition"), reason.clone()),
            AccessEvent::PetitionShredded { reason, .. } => (page.say("look-shredded"), reason.clone()),
            AccessEvent::SetAsideOpened { reason, .. } => (page.say("look-set-aside"), reason.clone()),
            AccessEvent::SetAsideResent { .. } => (page.say("look-resent"), String::new()),
        };
        let who = &look.who;
        LookShown {
            when: page.moment(&look.recorded),
            who: page.bracketed(&format!("{} {}", who.unit_name, who.person_name), &role_name(page.language, who.role)),
            what,
            reason,
        }
    }
}
