//! The pages as a browser has them: real log, ledger and accounts under every route, and forms that are read before they are sent.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails")]

#[path = "../api/client.rs"]
#[expect(dead_code, reason = "the tests of the API use the rest")]
mod client;
#[path = "../api/office.rs"]
mod office;

mod browser;

mod everywhere;
mod signing_in;
mod walls;

mod ledger;
mod together;

mod acts;
mod aside;
mod beside;
mod case;
mod custody;
mod delegations;
mod dossiers;
mod drafts;
mod fill_in;
mod forms;
mod import;
mod lacking;
mod moments;
mod paths;
mod people;
mod publishing;
mod signals;
mod tokens;
mod units;
mod weight;
