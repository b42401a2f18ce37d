//! A dossier as it is, and each way of forging one: both checkers must find it.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails")]

mod bed;
mod unpacked;

mod checkers;

mod completeness;
mod corpus;
mod forged;
mod genuine;
mod zips;
