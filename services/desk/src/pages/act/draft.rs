//! Drafts: a form that was begun comes back to whoever began it, and to nobody else.

use chrono::{DateTime, Utc};
use rectify_accounts::{Draft, DraftKey};
use rectify_case::{Case, Version};
use rectify_keys::Opener;

use super::forms::{Field, Kind};
use crate::api::asked::own_key;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::form::{Fields, query_of};
use crate::pages::visitor::CSRF;

/// What is asked of a draft: to keep it, by hand or by itself, or to do without it.
pub(super) const DRAFT: &str = "draft";
/// What a form says that keeps itself.
pub(super) const BY_ITSELF: &str = "auto";
/// What a form says that does without its draft.
pub(super) const DISCARD: &str = "discard";

/// What is of one sending of a form only.
const ONCE: [&str; 5] = [CSRF, "key", "version", "capacity", DRAFT];

/// The most bytes that a draft has: as many as an event.
const LARGEST: usize = 256 * 1024;

/// A draft as its form is filled in with it.
pub(super) struct Begun {
    pub(super) fields: Fields,
    pub(super) saved: DateTime<Utc>,
    /// The version of the case that was seen.
    pub(super) version: Version,
}

/// Returns whether drafts of a form are kept: of one with long texts, unless the case is a petition's and nothing can be
/// sealed and opened here.
pub(super) fn are_kept(desk: &Desk, case: &Case, form: &[Field]) -> bool {
    let is_long = form.iter().any(|field| matches!(field.kind, Kind::Text | Kind::Plan));
    is_long && (!is_petition(case) || desk.keys.as_ref().is_some_and(Opener::opens))
}

/// Returns whether a case came of a petition: what is written about it may name people who wrote it.
fn is_petition(case: &Case) -> bool {
    case.class.is_some() || case.findings.iter().any(|held| held.finding.sealed().is_some())
}

fn key(caller: &Caller, case: &Case, command: &str) -> DraftKey {
    DraftKey { person: caller.who.person, case: case.id, act: command.to_owned() }
}

/// Returns what a draft is about, as it is sealed with it: it opens nowhere else.
fn about(key: &DraftKey) -> Vec<u8> {
    format!("{} {} {}", key.person, key.case, key.act).into_bytes()
}

/// Returns the draft of an act; none where there is none that can be opened here.
pub(super) async fn find(desk: &Desk, caller: &Caller, case: &Case, command: &str) -> Result<Option<Begun>, Error> {
    let key = key(caller, case, command);
    let Some(Draft { content, is_sealed, version, saved }) = desk.accounts.draft(&key, caller.now).await? else {
        return Ok(None);
    };
    let fields = if is_sealed {
        let opened = desk.keys.as_ref().and_then(|keys| keys.draft(&about(&key), &content).ok());
        opened.map(|clear| Fields::read(&clear))
    } else {
        Some(Fields::read(&content))
    };
    Ok(fields.map(|fields| Begun { fields, saved, version }))
}

/// Keeps a form as a draft, and returns when. One that was done meanwhile is none.
pub(super) async fn save(
    desk: &Desk,
    caller: &Caller,
    case: &Case,
    command: &str,
    form: &[Field],
    fields: &Fields,
) -> Result<DateTime<Utc>, Error> {
    if !are_kept(desk, case, form) {
        return Err(Code::NotFound.into());
    }
    let sent = own_key(fields.text("key"), caller)?;
    if desk.frame.log.appended_under(&sent).await?.is_some() {
        return Ok(caller.now);
    }
    let kept: Vec<(&str, &str)> = fields.without(&ONCE).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let clear = query_of(&kept).into_bytes();
    if clear.len() > LARGEST {
        return Err(Error::Detailed(Code::TooLarge, format!("> {LARGEST}")));
    }
    let key = key(caller, case, command);
    let keys = desk.keys.as_ref().filter(|_| is_petition(case));
    let draft = Draft {
        is_sealed: keys.is_some(),
        content: keys.map_or_else(|| clear.clone(), |keys| keys.keys().public().seal_draft(&about(&key), &clear)),
        version: fields.text("version").parse().map_err(|_| Code::VersionMissing)?,
        saved: caller.now,
    };
    desk.accounts.save_draft(&key, &draft).await?;
    Ok(draft.saved)
}

/// Forgets the draft of an act.
pub(super) async fn discard(desk: &Desk, caller: &Caller, case: &Case, command: &str) -> Result<(), Error> {
    Ok(desk.accounts.discard_draft(&key(caller, case, command)).await?)
}
