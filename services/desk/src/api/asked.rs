//! What every command comes with: a key, the version seen, and when it really happened.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use rectify_case::{Late, Version};

use crate::api::input::{In, Json};
use crate::caller::{Caller, read};
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// Makes a second attempt known for what it is.
pub(crate) const KEY: &str = "idempotency-key";
/// Says when an act entered late really happened: a day or an instant.
pub(crate) const HAPPENED: &str = "rectify-happened";
/// Names the document that shows an act entered late, as percent-encoded UTF-8.
pub(crate) const DOCUMENT: &str = "rectify-document";

/// The most characters a key has: with the person before it, the log takes it.
pub(crate) const LONGEST_KEY: usize = 200;

/// A command as it is asked.
pub(crate) struct Asked {
    pub(crate) caller: Caller,
    pub(crate) case: String,
    pub(crate) key: String,
    pub(crate) seen: Version,
    pub(crate) late: Option<Late>,
    pub(crate) data: serde_json::Value,
}

impl FromRequest<Desk> for Asked {
    type Rejection = Error;

    async fn from_request(request: Request, desk: &Desk) -> Result<Asked, Error> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, desk).await?;
        let In(case) = In::from_request_parts(&mut parts, desk).await?;
        let key = key(&parts.headers, &caller)?;
        let seen = seen(&parts.headers)?;
        let late = late(&parts.headers)?;
        let Json(data) = Json::from_request(Request::from_parts(parts, body), desk).await?;
        Ok(Asked { caller, case, key, seen, late, data })
    }
}

/// Returns the key of a request, as the log keeps it: everybody has keys of their own.
pub(crate) fn key(headers: &HeaderMap, caller: &Caller) -> Result<String, Error> {
    let key = headers.get(KEY).ok_or(Code::KeyMissing)?;
    own_key(key.to_str().map_err(|_| Code::BadKey)?, caller)
}

/// Returns a caller's key as the log keeps it.
pub(crate) fn own_key(key: &str, caller: &Caller) -> Result<String, Error> {
    if !(1..=LONGEST_KEY).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Code::BadKey.into());
    }
    Ok(format!("{}/{key}", caller.who.person))
}

fn seen(headers: &HeaderMap) -> Result<Version, Error> {
    let version = |text: &str| text.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
    read(headers, header::IF_MATCH.as_str(), version)?.ok_or(Code::VersionMissing.into())
}

fn late(headers: &HeaderMap) -> Result<Option<Late>, Error> {
    let happened = read(headers, HAPPENED, |text| text.parse().ok())?;
    let document = read(headers, DOCUMENT, |text| Some(decoded(text)))?;
    match (happened, document) {
        (_, Some(None)) => Err(Error::Detailed(Code::BadBody, DOCUMENT.to_owned())),
        (Some(happened), document) => Ok(Some(Late { happened, document: document.flatten().unwrap_or_default() })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Error::Detailed(Code::BadBody, HAPPENED.to_owned())),
    }
}

/// Returns the text behind a percent-encoded header value.
pub(crate) fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
