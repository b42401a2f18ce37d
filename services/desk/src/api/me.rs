//! Who the caller is.

use axum::Json;
use axum::http::StatusCode;
use rectify_case::PersonId;
use rectify_case::directory::{Delegation, Holding};
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::routes::Routes;
use crate::caller::Caller;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/me", me, |o| {
        o.says("me", "Tells who the caller is and which roles they hold now")
            .answers::<Me>(StatusCode::OK, "The caller.")
            .problems(&[400, 403])
    })
}

/// The caller.
#[derive(Debug, Serialize, JsonSchema)]
struct Me {
    /// The person.
    person: PersonId,
    /// The name.
    name: String,
    /// The roles held now.
    holdings: Vec<Holding>,
    /// For whom the caller may act (代办), now or later.
    delegations: Vec<Delegation>,
}

async fn me(caller: Caller) -> Json<Me> {
    let person = caller.who.person;
    let holdings = caller.directory.holdings(person, caller.now).cloned().collect();
    let delegations = caller.directory.delegations(person).iter().filter(|d| caller.now < d.until).cloned().collect();
    Json(Me { person, name: caller.directory.person_name(person), holdings, delegations })
}
