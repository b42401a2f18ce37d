//! Backups: one state of an installation as files that anybody can check, and back.
//!
//! `docs/backup.md` describes the files. Read in this order:

mod manifest;
mod segment;

mod evidence;
mod files;

mod make;

mod examine;

mod restore;

mod keys;

pub use evidence::Named;
pub use make::{Made, make};

pub use restore::{Restored, restore};
