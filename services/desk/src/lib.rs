//! What people see: the pages, and the HTTP API.
//!
//! Every request is made by somebody: a session or a bearer token names the person, the directory their roles. Reading asks
//! the one permission; writing goes through `kit::act`. Read in this order:

mod desk;

mod caller;

mod moment;
mod settle;
mod sight;

mod shown;

mod api;

mod pages;

pub mod dossier;
pub mod publication;

mod code;
mod error;
mod problem;

mod language;

pub use desk::{Desk, router};
pub use pages::Imports;
