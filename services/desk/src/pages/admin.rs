//! What administrators keep: units, people with their roles and ways in, tokens, the keys of petitions, and whether all is well.

mod import;
mod units;

mod people;
mod person;

mod tokens;

mod petitions;

mod health;

mod tree;

pub(super) use petitions::StepShown;

use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use chrono::{DateTime, TimeDelta, Utc};

use super::page::Page;
use super::visitor::{Away, Posted, Visitor};
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .merge(units::routes())
        .merge(import::routes())
        .merge(people::routes())
        .merge(person::routes())
        .merge(tokens::routes())
        .merge(petitions::routes())
        .merge(health::routes())
}

/// An administrator who looks at a page.
struct Administrator(Visitor);

impl FromRequestParts<Desk> for Administrator {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Administrator, Away> {
        let visitor = Visitor::from_request_parts(parts, desk).await?;
        visitor.caller.administrator()?;
        Ok(Administrator(visitor))
    }
}

/// A form that an administrator sent.
struct Administered(Posted);

impl FromRequest<Desk> for Administered {
    type Rejection = Away;

    async fn from_request(request: Request, desk: &Desk) -> Result<Administered, Away> {
        let posted = Posted::from_request(request, desk).await?;
        posted.visitor.caller.administrator()?;
        Ok(Administered(posted))
    }
}

impl Page {
    /// Returns the last day of what ends at an instant, or the instant where it is within a day.
    pub(super) fn last_of(&self, end: DateTime<Utc>) -> String {
        let before = end.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(end);
        let day = self.zone.day_of(before);
        if self.zone.end_of(day) == end { day.to_string() } else { self.moment(&end) }
    }

    /// Returns the day on which something began.
    pub(super) fn day_of(&self, begin: DateTime<Utc>) -> String {
        self.zone.day_of(begin).to_string()
    }
}
