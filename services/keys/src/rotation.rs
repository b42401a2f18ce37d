//! Another key of the office: every data key is wrapped anew, and what is sealed with it stays as it is.

use rectify_case::FindingId;
use rectify_log::{Tx, on};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::content::{about_attachment, about_content};
use crate::error::KeysError;
use crate::keys::{Keys, WRAPPING};
use crate::office::{PrivateKey, PublicKey};
use crate::statements;

/// How many data keys are wrapped anew at once: few, for a server ends a transaction that says nothing for long.
const AT_ONCE: i64 = 16;

/// A data key as it is wrapped: of which petition, of which content or attachment.
type Wrapped<T> = (Uuid, T, Vec<u8>);

impl Keys {
    /// Wraps every data key to another public half, and makes that the office's. All of it is one transaction: cut off
    /// anywhere, nothing was changed. Whoever seals meanwhile waits, and seals to the new one. Returns how many data keys
    /// there are.
    pub async fn rotate(&self, from: &PrivateKey, to: &PublicKey) -> Result<u64, KeysError> {
        let mut tx = self.db().begin().await?;
        let changed = on!(Tx, &mut tx, conn => sqlx::query(statements::CHANGE_OFFICE)
            .bind(to.to_bytes().to_vec())
            .bind(from.public().to_bytes().to_vec())
            .execute(&mut **conn)
            .await?
            .rows_affected());
        if changed == 0 {
            return Err(KeysError::OtherOffice(self.current_public().await?.to_string()));
        }
        let rewrapped = contents(&mut tx, from, to).await? + attachments(&mut tx, from, to).await?;
        tx.commit().await?;
        self.note_public(to.clone());
        self.scrub().await?;
        Ok(rewrapped)
    }
}

async fn contents(tx: &mut Tx<'_>, from: &PrivateKey, to: &PublicKey) -> Result<u64, KeysError> {
    let (mut after, mut rewrapped) = ((Uuid::nil(), 0), 0);
    loop {
        let page: Vec<Wrapped<i64>> = on!(Tx, &mut *tx, conn => sqlx::query_as(statements::WRAPPED_AFTER)
            .bind(after.0)
            .bind(after.1)
            .bind(AT_ONCE)
            .fetch_all(&mut **conn)
            .await?);
        let Some((finding, generation, _)) = page.last() else { return Ok(rewrapped) };
        after = (*finding, *generation);
        let about = |finding, generation: &i64| {
            about_content(FindingId(finding), u32::try_from(*generation).unwrap_or_default())
        };
        for (finding, generation, wrapped) in anew(page, about, from, to).await? {
            on!(Tx, &mut *tx, conn => sqlx::query(statements::REWRAP)
                .bind(finding)
                .bind(generation)
                .bind(wrapped)
                .execute(&mut **conn)
                .await
                .map(drop))?;
            rewrapped += 1;
        }
    }
}

async fn attachments(tx: &mut Tx<'_>, from: &PrivateKey, to: &PublicKey) -> Result<u64, KeysError> {
    let (mut after, mut rewrapped) = ((Uuid::nil(), String::new()), 0);
    loop {
        let page: Vec<Wrapped<String>> = on!(Tx, &mut *tx, conn => sqlx::query_as(statements::WRAPPED_ATTACHMENTS_AFTER)
            .bind(after.0)
            .bind(after.1.as_str())
            .bind(AT_ONCE)
            .fetch_all(&mut **conn)
            .await?);
        let Some((finding, digest, _)) = page.last() else { return Ok(rewrapped) };
        after = (*finding, digest.clone());
        let about = |finding, _: &String| about_attachment(FindingId(finding));
        for (finding, digest, wrapped) in anew(page, about, from, to).await? {
            on!(Tx, &mut *tx, conn => sqlx::query(statements::REWRAP_ATTACHMENT)
                .bind(finding)
                .bind(digest)
                .bind(wrapped)
                .execute(&mut **conn)
                .await
                .map(drop))?;
            rewrapped += 1;
        }
    }
}

/// Wraps data keys anew.
async fn anew<T: Send + 'static>(
    page: Vec<Wrapped<T>>,
    about: impl Fn(Uuid, &T) -> Vec<u8> + Send + 'static,
    from: &PrivateKey,
    to: &PublicKey,
) -> Result<Vec<Wrapped<T>>, KeysError> {
    let (from, to) = (from.clone(), to.clone());
    let wrapping = move || {
        let rewrapped = page.into_iter().map(|(finding, which, wrapped)| {
            let about = about(finding, &which);
            let key = from.open(WRAPPING, &about, &wrapped).ok_or(KeysError::NotWrapped(FindingId(finding)))?;
            Ok((finding, which, to.seal(WRAPPING, &about, &key)))
        });
        rewrapped.collect()
    };
    spawn_blocking(wrapping).await?
}
