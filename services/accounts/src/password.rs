//! Passwords: what is asked of one, and the one way it is kept.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::error::AccountsError;

/// The fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 10;

/// The most bytes of a password.
const LONGEST: usize = 1_000;

/// Memory in KiB, passes and lanes: the least that OWASP's cheat sheet on storing passwords asks of Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// How many are hashed at once: each takes the memory of one, and a core.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPassword {
    /// It is shorter than [`SHORTEST_PASSWORD`].
    Short,
    /// It is longer than anybody types.
    Long,
    /// It has fewer than four different characters.
    Monotonous,
    /// It is the login name, or holds it.
    HoldsLogin,
}

/// Says why a password is not taken for a login name, if it is not.
pub fn weakness(password: &SecretString, login: &str) -> Option<WeakPassword> {
    let password = password.expose_secret();
    let mut different: Vec<char> = password.chars().collect();
    let length = different.len();
    different.sort_unstable();
    different.dedup();
    if length < SHORTEST_PASSWORD {
        Some(WeakPassword::Short)
    } else if password.len() > LONGEST {
        Some(WeakPassword::Long)
    } else if different.len() < 4 {
        Some(WeakPassword::Monotonous)
    } else if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        Some(WeakPassword::HoldsLogin)
    } else {
        None
    }
}

/// Returns a password as it is kept.
pub(crate) async fn kept(password: &SecretString) -> Result<String, AccountsError> {
    let password = password.clone();
    slowly(move || hasher().hash_password(password.expose_secret().as_bytes()).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| AccountsError::Password(error.to_string()))
}

/// Returns whether a password is the one that is kept. Where none is kept it takes as long to say no.
pub(crate) async fn is_kept(password: &SecretString, kept: Option<String>) -> Result<bool, AccountsError> {
    let password = password.clone();
    slowly(move || {
        let bytes = password.expose_secret().as_bytes();
        let Some(kept) = kept else {
            return hasher().hash_password(bytes).map(|_| false);
        };
        let kept = PasswordHash::new(&kept)?;
        Ok(hasher().verify_password(bytes, &kept).is_ok())
    })
    .await?
    .map_err(|error: argon2::password_hash::Error| AccountsError::Password(error.to_string()))
}

async fn slowly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AccountsError> {
    let _turn = AT_ONCE.acquire().await.expect("nobody closes it");
    tokio::task::spawn_blocking(work).await.map_err(|error| AccountsError::Password(error.to_string()))
}

fn hasher() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).expect("the cost is one that Argon2 knows");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_varied_and_not_the_login_name() {
        let weak = |password: &str| weakness(&password.into(), "yangwq");
        assert_eq!(weak("短"), Some(WeakPassword::Short));
        assert_eq!(weak("123456789"), Some(WeakPassword::Short));
        assert_eq!(weak("1212121212"), Some(WeakPassword::Monotonous));
        assert_eq!(weak("YangWQ-2020"), Some(WeakPassword::HoldsLogin));
        assert_eq!(weak(&"长春花开".repeat(100)), Some(WeakPassword::Long));
        assert_eq!(weak("尕秀村的水管埋了一米五"), None);
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_recognised() {
        let password: SecretString = "尕秀村的水管埋了一米五".into();
        let one = kept(&password).await.unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, kept(&password).await.unwrap());
        assert!(is_kept(&password, Some(one.clone())).await.unwrap());
        assert!(!is_kept(&"尕秀村的水管埋了一米六".into(), Some(one)).await.unwrap());
        assert!(!is_kept(&password, None).await.unwrap());
    }
}
