//! The pages: what people see in a browser, in Chinese and in English.
//!
//! Everything works without a script; one of our own refreshes what has changed, keeps what is typed and moves by keyboard.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) mod page;
mod wording;

mod guard;
mod visitor;

mod entry;
pub(crate) mod form;
mod handed;
mod multipart;

mod sign_in;

mod link;

mod account;
mod delegation;

mod admin;
mod aside;

mod import;

mod work;

pub(crate) mod as_of;
pub(crate) mod ledger;
pub(crate) mod past;
pub(crate) mod publication;
mod two_moments;
pub(crate) mod workbook;

mod fill_in;
mod forms;

pub(crate) mod overview;

pub(crate) mod paths;
mod signals;

mod beside;
mod case;
mod compare;
pub(crate) mod dossier;
mod happenings;
mod lacking;
mod words;

mod act;

mod certificate;
mod looks;
mod petition;

mod live;

mod assets;
mod failed;

pub use import::Imports;
pub(crate) use visitor::cookie;

/// Returns every page.
pub(crate) fn router(desk: &Desk) -> Router<Desk> {
    Router::new()
        .merge(sign_in::routes())
        .merge(link::routes())
        .merge(account::routes())
        .merge(admin::routes())
        .merge(aside::routes())
        .merge(import::routes())
        .merge(work::routes())
        .merge(ledger::routes())
        .merge(overview::routes())
        .merge(two_moments::routes())
        .merge(publication::routes())
        .merge(signals::routes())
        .merge(paths::routes())
        .merge(fill_in::routes())
        .merge(forms::routes())
        .merge(case::routes())
        .merge(compare::routes())
        .merge(dossier::routes())
        .merge(act::routes(desk))
        .merge(petition::routes())
        .merge(certificate::routes())
        .merge(live::routes())
        .merge(looks::routes())
        .fallback(async || Error::from(Code::NotFound))
        .layer(from_fn_with_state(desk.clone(), failed::told))
        .layer(from_fn_with_state(desk.clone(), guard::same_site))
        .merge(assets::routes())
        .layer(from_fn(guard::headers))
}
