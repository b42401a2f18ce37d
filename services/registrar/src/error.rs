//! Why a registrar cannot begin, or go on.

use rectify_accounts::AccountsError;
use rectify_bus::BusError;
use rectify_proof::SealError;

/// Why a registrar cannot begin, or go on. What passes by itself is waited for and shown by `/readyz`.
#[derive(Debug, thiserror::Error)]
pub enum RegistrarError {
    /// The cursors cannot be had.
    #[error("the registrar does not know how far it has come")]
    Accounts(#[from] AccountsError),
    /// Nothing seals what is set aside.
    #[error(
        "搁置的信息可能是信访件，须先密封：请把 `rectify keys show` 显示的公钥写入 keys.public_key · what is set aside may be a \
         petition and must be sealed: say in keys.public_key what `rectify keys show` shows"
    )]
    NothingSeals,
    /// The log cannot be sealed with the key that there is.
    #[error("the log cannot be sealed (seal.key)")]
    Seal(#[from] SealError),
    /// The bus is not as it must be.
    #[error("the registrar cannot use the bus")]
    Bus(#[from] BusError),
}

/// Why the lookup of likely duplicates failed.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
