//! The program as whoever runs it sees it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backup;
mod config;
mod directory;
mod doctor;
mod dossier;
mod foreign;
mod help;
mod import;
mod keys;
mod mining;
mod office;
mod postgres_nats;
mod recovery;
mod replay;
mod reproduce;
mod up;
mod verify;
