//! The subcommands, a file each.

pub mod up;

pub mod service;

pub mod import;

pub mod case;
pub mod keys;
pub mod ledger;
pub mod signals;

pub mod export;
pub mod replay;

pub mod person;
pub mod petition;
pub mod source;
pub mod token;
pub mod unit;

pub mod backup;
pub mod log;
pub mod restore;

pub mod checkpoint;
pub mod reproduce;
pub mod verify;

pub mod config;
pub mod doctor;
pub mod mapping;
pub mod migrate;
pub mod rebuild;
