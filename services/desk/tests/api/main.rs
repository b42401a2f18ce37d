//! The whole API in process: real log, ledger, accounts and files under every route.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails")]

mod client;
mod office;

mod clocks;
mod custody;
mod description;
mod directory;
mod dossier;
mod evidence;
mod firewall;
mod following;
mod life;
mod lists;
mod many;
mod refusals;
mod signals;
mod transparency;
mod writing;
