//! Why a registrar cannot begin, or go on.

use rectify_accounts::AccountsError;
use rectify_bus::BusError;

/// Why a registrar cannot begin, or go on. What passes by itself is waited for and shown by `/readyz`.
#[derive(Debug, thiserror::Error)]
pub enum RegistrarError {
    /// The cursors cannot be had.
    #[error("the registrar does not know how far it has come")]
    Accounts(#[from] AccountsError),
    /// The bus is not as it must be.
    #[error("the registrar cannot use the bus")]
    Bus(#[from] BusError),
}

/// Why the lookup of likely duplicates failed.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
