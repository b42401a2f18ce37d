//! The dossier of a case (案卷): everything that the log has of it, in one ZIP that anybody can check without a network and
//! without a database. `docs/dossier.md` describes it to the byte. Read in this order:

mod part;

mod event;
mod manifest;
mod text;

mod write;

mod container;
mod refused;

mod check;
mod verdict;

pub use check::check;
pub use container::{Container, Entry};
pub use event::Told;
pub use manifest::{Absence, FORMAT, File, Listed, Manifest, Stream};
pub use part::{BadName, Ending, Part, Reading, Schema, Tag};
pub use refused::{Refused, Why};
pub use text::{NotText, consistency_of, consistency_text, inclusion_of, inclusion_text};
pub use verdict::{Verdict, Wrong};
pub use write::{Head, Unwritable, Writer, Written};
