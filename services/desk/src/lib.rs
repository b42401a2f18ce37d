//! What people see: the HTTP API.
//!
//! Every request is made by somebody: a bearer token names the person, the directory their roles. Reading asks the one
//! permission; writing goes through `kit::act`. Read in this order:

mod desk;

mod routes;

mod caller;

mod asked;
mod commands;

mod bulk;

mod case;
mod moment;
mod sight;

mod cases;
mod counts;
mod stream;

mod attachment;
mod evidence;
mod petition;
mod set_aside;

mod administration;
mod directory;
mod me;
mod rebuild;
mod tokens;

mod shown;

mod code;
mod error;
mod problem;

mod input;
mod language;

mod openapi;

pub use desk::{Desk, router};
