//! The key store of petitions, apart from everything else: what is sealed of a petition, what opens it, and what stays in
//! clear.
//!
//! An intake masks and seals with the public half of the office's key; only who holds the private half opens. A data key
//! is deleted to erase the person, and wrapped anew when the office changes its key; the log and its hashes stay as they are.
//! Read in this order:
#![expect(clippy::missing_panics_doc, reason = "why none comes is said where one could")]

mod attachment;
mod content;
mod office;

mod kept;
mod keys;
mod statements;

mod file;
mod opener;
mod rotation;

pub mod mask;

mod error;

pub use attachment::{Attached, Attachment, MOST_ATTACHMENTS, NotTaken};
pub use content::Content;
pub use error::{KeysError, NotOpened};
pub use file::{FileError, PrivateKeyFile};
pub use kept::{check, export, import};
pub use keys::{Answer, Clear, Keys, is_migrated, migrate};
pub use office::{PrivateKey, PublicKey};
pub use opener::Opener;
