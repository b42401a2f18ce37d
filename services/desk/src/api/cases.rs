//! The list of cases, and what one of them has to do with others.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rectify_case::CaseId;
use rectify_case::event::Likeness;
use rectify_ledger::{Filter, Page, Related, Row, Sort, Wanted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::case;
use crate::api::input::{Asking, In};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// How many rows a page has where nothing is said.
pub(crate) const USUAL: u32 = 50;

/// The most rows a page has.
pub(crate) const MOST: u32 = 500;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/cases", list, |o| {
            o.says("list_cases", "Lists the cases that the caller may see, page by page")
                .explains(
                    "All conditions hold together. `next` of one page is `cursor` of the one after it; there is no \
                     `next` on the last.",
                )
                .query::<Listing>()
                .in_capacity()
                .answers::<Page>(StatusCode::OK, "A page.")
        })
        .get("/api/cases/{case}/related", related, |o| {
            o.says("related_cases", "Lists the cases that a case has to do with and that the caller may see")
                .in_capacity()
                .answers::<Vec<Related>>(StatusCode::OK, "The cases, each with its tie.")
                .problems(&[404])
        })
        .get("/api/cases/{case}/duplicates", duplicates, |o| {
            o.says("likely_duplicates", "Looks for cases that may be about the same and that the caller may see")
                .explains("The same reference from another body, or the same place in nearly the same words.")
                .in_capacity()
                .answers::<Vec<LikelyDuplicate>>(StatusCode::OK, "The cases, each with what the two have in common.")
                .problems(&[404])
        })
}

/// What is listed, in which order, and which page of it.
#[derive(Debug, Deserialize, JsonSchema)]
struct Listing {
    /// Which cases.
    #[serde(flatten)]
    filter: Filter,
    /// In which order: `number`, `due`, `updated`, `registered` or `severity`, with `-` before it for the other way
    /// round; `-updated` where nothing is said.
    sort: Option<Sort>,
    /// After which page: its `next`.
    cursor: Option<String>,
    /// At most how many rows; 50 where nothing is said, 500 at most.
    #[schemars(range(max = 500))]
    limit: Option<u32>,
    /// Whether the number of all such cases is wanted too.
    total: Option<bool>,
}

/// A case that may be about the same.
#[derive(Debug, Serialize, JsonSchema)]
struct LikelyDuplicate {
    /// What the two have in common.
    ground: Likeness,
    /// The case.
    case: Row,
}

async fn list(
    State(desk): State<Desk>,
    caller: Caller,
    Asking(said): Asking<BTreeMap<String, String>>,
    Asking(listing): Asking<Listing>,
) -> Result<Json<Page>, Error> {
    // A condition that is misspelt must not list everything.
    let known = schemars::schema_for!(Listing).to_value();
    if let Some(unknown) = said.keys().find(|name| known["properties"].get(name.as_str()).is_none()) {
        return Err(Error::Detailed(Code::BadRequest, unknown.clone()));
    }
    let Listing { filter, sort, cursor, limit, total } = listing;
    let wanted = Wanted {
        filter,
        waits_for: None,
        sort: sort.unwrap_or_default(),
        cursor,
        limit: limit.unwrap_or(USUAL).min(MOST),
        total: total.unwrap_or(false),
    };
    Ok(Json(desk.ledger.list(&caller.viewer(), &wanted, caller.now).await?))
}

async fn related(State(desk): State<Desk>, caller: Caller, In(name): In<String>) -> Result<Json<Vec<Related>>, Error> {
    let (case, _) = case::load(&desk, &caller, &name).await?;
    Ok(Json(desk.ledger.related(&caller.viewer(), case.id, caller.now).await?))
}

async fn duplicates(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
) -> Result<Json<Vec<LikelyDuplicate>>, Error> {
    let (case, _) = case::load(&desk, &caller, &name).await?;
    let mut seen: BTreeSet<CaseId> = [case.id].into();
    let mut found = Vec::new();
    for held in &case.findings {
        for (id, ground) in desk.ledger.duplicates(&held.finding).await? {
            if seen.insert(id)
                && let Some(case) = desk.ledger.case(&caller.viewer(), id, caller.now).await?
            {
                found.push(LikelyDuplicate { ground, case });
            }
        }
    }
    Ok(Json(found))
}
