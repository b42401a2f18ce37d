//! What the tests of every crate stand on: throw-away servers, folders, proxies and processes, each gone when its test
//! is. The tests of the whole system are in `tests/tests`.
//!
//! Whatever cannot be had (a server that is not installed, a condition that does not come) fails the test that asked
//! for it, by a panic that says what to do.
#![expect(clippy::missing_panics_doc, reason = "a panic is how everything here fails the test that asked for it")]

pub mod bed;

pub mod nats;
pub mod postgres;

pub mod browser;
pub mod client;
pub mod program;
pub mod schemathesis;
pub mod witness;

pub mod changed;

pub mod clock;
pub mod disk;
pub mod proxy;
pub mod steps;

mod folder;
mod wait;

mod environment;
mod keeper;
mod port;

pub use folder::{TempFolder, folder};
pub use port::free as free_port;
pub use wait::until;
