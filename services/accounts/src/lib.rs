//! Who may come in, by password or token, and who is in; how far followers of the log have come, how foreign sheets are read, what was
//! delivered, what was heard again, how people have the ledger, and when it was last backed up: ordinary tables, never events.

mod accounts;
mod delivery;
mod draft;
mod error;
mod form;
mod heard;
mod kept;
mod link;
mod login;
mod mapping;
mod password;
mod secret;
mod session;
mod sign_in;
mod statements;
mod token;
mod view;

pub use accounts::{Accounts, Backup, grant, migrate};
pub use delivery::{Delivery, DocumentKey, Gone, Held};
pub use draft::{Draft, DraftKey, LONGEST_DRAFT};
pub use error::AccountsError;
pub use form::{Filling, KeptForm};
pub use heard::note_given;
pub use kept::{check, export, import};
pub use link::Link;
pub use login::{BadLogin, Login};
pub use mapping::{KeptMapping, MappingKey};
pub use password::{SHORTEST_PASSWORD, WeakPassword, weakness};
pub use session::{Session, SessionId};
pub use sign_in::SignedIn;
pub use token::{Bearer, Issued, Token, TokenId};
pub use view::{Habits, View, ViewId};
