//! Who calls: a bearer token names the person, headers the capacity.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use rectify_accounts::TokenId;
use rectify_case::{Actor, Audience, Case, Directory, PersonId, Reader, Role, UnitId};
use rectify_kit::act::Who;
use rectify_ledger::Viewer;
use serde::Deserialize;
use serde::de::value::StrDeserializer;

use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::language::Language;

/// Says which unit the caller acts in.
pub(crate) const UNIT: &str = "rectify-unit";
/// Says which role the caller acts in.
pub(crate) const ROLE: &str = "rectify-role";
/// Says for whom the caller acts (代办).
pub(crate) const ON_BEHALF_OF: &str = "rectify-on-behalf-of";

/// Who calls, when, and what the directory says at that moment.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    /// The token they came with; none in a session.
    pub(crate) token: Option<TokenId>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) language: Language,
}

impl Caller {
    /// Returns the person as a reader.
    pub(crate) fn reader(&self) -> Reader {
        Reader::of(self.who.person, &self.directory, self.now)
    }

    /// Returns whether a case may be shown to the caller.
    pub(crate) fn sees(&self, case: &Case) -> bool {
        case.stage.is_some() && self.who.sees(case, &self.directory, self.now)
    }

    /// Returns the caller as a reader of the ledger, with the eyes of whoever they act for.
    pub(crate) fn viewer(&self) -> Viewer {
        let other = self.who.on_behalf_of.map(|other| Reader::of(other, &self.directory, self.now));
        Viewer::of(self.reader()).and(other)
    }

    /// Returns whether a case is kept from the caller, or from whoever they act for.
    pub(crate) fn is_kept_from(&self, case: &Case) -> bool {
        is_kept_from(&self.who, case, &self.directory, self.now)
    }

    /// Returns the capacities the caller may have, of some roles.
    pub(crate) fn capacities(&self, may: impl Fn(Role) -> bool) -> Vec<Actor> {
        self.who.actors(&self.directory, self.now, may)
    }

    /// Returns the roles that whoever the acts are for holds now, each with its unit.
    pub(crate) fn posts(&self) -> Vec<(UnitId, Role)> {
        self.capacities(|_| true).into_iter().map(|actor| (actor.unit, actor.role)).collect()
    }

    /// Returns the caller as an administrator.
    pub(crate) fn administrator(&self) -> Result<Actor, Error> {
        let own = Who { on_behalf_of: None, ..self.who };
        let capacities = own.actors(&self.directory, self.now, |role| role == Role::Administrator);
        capacities.into_iter().next().ok_or(Code::NotAdministrator.into())
    }
}

impl FromRequestParts<Desk> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Caller, Error> {
        let now = desk.frame.clock.now();
        let token = bearer_token(&parts.headers).ok_or(Code::Unauthenticated)?;
        let bearer = desk.accounts.authenticate(token, now).await?.ok_or(Code::Unauthenticated)?;
        let (directory, _) = desk.frame.directory.get();
        if !directory.knows(bearer.person) {
            return Err(Code::Unauthenticated.into());
        }
        let who = Who {
            person: bearer.person,
            on_behalf_of: read(&parts.headers, ON_BEHALF_OF, |text| text.parse::<PersonId>().ok())?,
            unit: read(&parts.headers, UNIT, |text| text.parse().ok())?,
            role: read(&parts.headers, ROLE, role)?,
        };
        // Nobody borrows another's eyes without a delegation.
        if let Some(other) = who.on_behalf_of
            && !directory.acts_for(who.person, other, now)
        {
            return Err(rectify_case::Refusal::NotDelegated.into());
        }
        Ok(Caller { who, token: Some(bearer.token), now, directory, language: Language::of(&parts.headers) })
    }
}

/// Returns whether the firewall, or a recusal, keeps a case from somebody, or from whoever they act for.
pub(crate) fn is_kept_from(who: &Who, case: &Case, directory: &Directory, now: DateTime<Utc>) -> bool {
    let audience = Audience::of(case, directory);
    let mut persons = std::iter::once(who.person).chain(who.on_behalf_of);
    persons.any(|person| audience.walls(&Reader::of(person, directory, now)))
}

/// Returns the token of a request.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Returns what a header says; none where there is no such header.
pub(crate) fn read<T>(headers: &HeaderMap, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let read = value.to_str().ok().and_then(|text| parse(text.trim()));
    read.map(Some).ok_or_else(|| Error::Detailed(Code::BadRequest, name.to_owned()))
}

fn role(text: &str) -> Option<Role> {
    Role::deserialize(StrDeserializer::<serde::de::value::Error>::new(text)).ok()
}
