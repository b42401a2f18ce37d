//! The store: it seals what comes in, knows again what it has sealed, and forgets for good.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rectify_case::custody::Keyed;
use rectify_case::{Digest, FindingId, SealAlgorithm, Sealed};
use rectify_log::{Db, DbError, Tx, on};
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::{Digest as _, Sha256};
use sqlx::QueryBuilder;
use sqlx::migrate::Migrator;
use tokio::task::spawn_blocking;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::attachment::Attachment;
use crate::content::{self, Content, DataKey};
use crate::error::KeysError;
use crate::office::PublicKey;
use crate::statements;

/// The table that remembers which migrations were applied.
const MIGRATIONS: &str = "keys_migrations";

/// How often petitions are sealed again because somebody else sealed one of them first.
pub(crate) const ATTEMPTS: u32 = 8;

/// What a data key is wrapped for.
pub(crate) const WRAPPING: &[u8] = b"rectify: data key of a petition, 1";

/// Makes the tables, or brings them up to date.
pub async fn migrate(db: &Db) -> Result<(), KeysError> {
    let (postgres, sqlite) = migrations();
    Ok(db.migrate(MIGRATIONS, postgres, sqlite).await?)
}

/// Returns whether the tables are as [`migrate`] makes them.
pub async fn is_migrated(db: &Db) -> Result<bool, KeysError> {
    let (postgres, sqlite) = migrations();
    Ok(db.is_migrated(MIGRATIONS, &postgres, &sqlite).await?)
}

fn migrations() -> (Migrator, Migrator) {
    (sqlx::migrate!("../../migrations/postgres/keys"), sqlx::migrate!("../../migrations/sqlite/keys"))
}

/// The key store of an office. Cheap to clone.
///
/// It seals with the public half of the office's key and opens nothing.
#[derive(Clone, Debug)]
pub struct Keys {
    db: Db,
    /// The public half of the office's key, as it was when it was looked at last. All clones see the same.
    public: Arc<RwLock<PublicKey>>,
    /// Under it contents are known again.
    secret: Arc<SecretSlice<u8>>,
}

/// A petition before it is sealed.
#[derive(Clone, Debug)]
pub struct Clear {
    /// Which.
    pub finding: FindingId,
    /// What of it is to be sealed.
    pub content: Content,
}

/// What came of sealing a petition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is sealed; the same content is sealed to the very same bytes again.
    Sealed(Sealed),
    /// It was erased then, and is not taken again.
    Erased(DateTime<Utc>),
}

/// What the store knows of some petitions.
#[derive(Default)]
struct Known {
    keys: HashMap<FindingId, Vec<Generation>>,
    attachments: HashMap<FindingId, Vec<Digest>>,
    erased: HashMap<FindingId, DateTime<Utc>>,
}

struct Generation {
    number: u32,
    fingerprint: [u8; 32],
    sealed: Vec<u8>,
}

/// A data key that is to be kept.
struct Fresh {
    finding: FindingId,
    generation: u32,
    fingerprint: [u8; 32],
    wrapped: Vec<u8>,
    sealed: Vec<u8>,
}

impl Keys {
    /// Opens the store in a database that [`migrate`] has brought up to date, and where the office has its key.
    pub async fn open(db: Db) -> Result<Keys, KeysError> {
        if !is_migrated(&db).await? {
            return Err(KeysError::NotMigrated);
        }
        let office: Option<(Vec<u8>, Vec<u8>)> =
            on!(Db, &db, pool => sqlx::query_as(statements::OFFICE).fetch_optional(pool).await)?;
        let (public, secret) = office.ok_or(KeysError::NoOffice)?;
        let public = Arc::new(RwLock::new(public_of(&public)?));
        Ok(Keys { db, public, secret: Arc::new(SecretSlice::from(secret)) })
    }

    /// Enters the public half of the office's key in a store that has none, and opens it.
    pub async fn found(db: Db, public: &PublicKey, now: DateTime<Utc>) -> Result<Keys, KeysError> {
        if !is_migrated(&db).await? {
            return Err(KeysError::NotMigrated);
        }
        let secret = Zeroizing::new(rand::random::<[u8; 32]>());
        on!(Db, &db, pool => sqlx::query(statements::FOUND)
            .bind(public.to_bytes().to_vec())
            .bind(secret.to_vec())
            .bind(now)
            .execute(pool)
            .await
            .map(drop))?;
        let keys = Keys::open(db).await?;
        if keys.public() == *public { Ok(keys) } else { Err(KeysError::OtherOffice(keys.public().to_string())) }
    }

    /// Returns the database it is in.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Returns the public half of the office's key, as it was when it was looked at last.
    pub fn public(&self) -> PublicKey {
        self.public.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that the office has another key now.
    pub(crate) fn note_public(&self, public: PublicKey) {
        *self.public.write().unwrap_or_else(PoisonError::into_inner) = public;
    }

    /// Looks at the office's key again, and returns its public half.
    pub async fn current_public(&self) -> Result<PublicKey, KeysError> {
        let (public, _): (Vec<u8>, Vec<u8>) =
            on!(Db, &self.db, pool => sqlx::query_as(statements::OFFICE).fetch_one(pool).await)?;
        let public = public_of(&public)?;
        self.note_public(public.clone());
        Ok(public)
    }

    /// Returns whether data keys that were wrapped to a public key may be kept: not where the office has another one by now,
    /// which is noted. It stays so until the transaction is over.
    async fn is_still(&self, public: &PublicKey, tx: &mut Tx<'_>) -> Result<bool, KeysError> {
        let now: Vec<u8> = match tx {
            Tx::Postgres(conn) => sqlx::query_scalar(statements::SHARE_OFFICE_LOCKED).fetch_one(&mut **conn).await?,
            Tx::Sqlite(conn) => sqlx::query_scalar(statements::SHARE_OFFICE).fetch_one(&mut **conn).await?,
        };
        let now = public_of(&now)?;
        if now == *public {
            return Ok(true);
        }
        self.note_public(now);
        Ok(false)
    }

    /// Returns what bytes are known by here: it tells nothing about them to who does not know the store's secret.
    pub fn keyed_hash(&self, purpose: &[u8], bytes: &[u8]) -> [u8; 32] {
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret());
        let mut mac = mac.expect("HMAC takes keys of any length");
        mac.update(&u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(purpose);
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Seals petitions, each under a data key of its own, and answers in the same order. The keys are durable then.
    pub async fn seal(&self, petitions: Vec<Clear>, now: DateTime<Utc>) -> Result<Vec<Answer>, KeysError> {
        let ids: Vec<Uuid> = petitions.iter().map(|petition| petition.finding.0).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let petitions = Arc::new(petitions);
        for _ in 0..ATTEMPTS {
            let known = self.known(&ids).await?;
            let (keys, clear, public) = (self.clone(), Arc::clone(&petitions), self.public());
            let wrapping = public.clone();
            let (answers, fresh) = spawn_blocking(move || keys.answers(&clear, known, &wrapping)).await?;
            if self.keep(&fresh, &public, now).await? {
                return Ok(answers);
            }
        }
        Err(KeysError::Contended)
    }

    /// Seals an attachment of a petition; its sealed bytes are to be stored, and then its key kept.
    pub(crate) async fn seal_attachment(
        &self,
        finding: FindingId,
        attachment: &Attachment,
    ) -> Result<SealedAttachment, KeysError> {
        if let Some(at) = self.erased(finding).await? {
            return Ok(SealedAttachment::Erased(at));
        }
        let clear = attachment.to_clear();
        let fingerprint = self.keyed_hash(b"attachment", &clear);
        if let Some(same) = self.same_attachment(finding, &fingerprint).await? {
            return Ok(SealedAttachment::Known(same));
        }
        let public = self.public();
        let sealing = move || {
            let (key, about) = (content::data_key(), content::about_attachment(finding));
            let sealed = Bytes::from(content::seal(&key, &about, &clear));
            let digest = digest_of_bytes(&sealed);
            let wrapped = public.seal(WRAPPING, &about, key.as_slice());
            NewAttachment { finding, digest, fingerprint, public, wrapped, sealed }
        };
        Ok(SealedAttachment::New(spawn_blocking(sealing).await?))
    }

    /// Keeps the key of an attachment whose sealed bytes are stored, and returns what the attachment is known by: by
    /// something else where somebody else attached the same meanwhile. None where the office has another key by now, so that
    /// it is to be sealed anew.
    pub(crate) async fn keep_attachment(
        &self,
        new: &NewAttachment,
        now: DateTime<Utc>,
    ) -> Result<Option<Digest>, KeysError> {
        let mut tx = self.db.begin().await?;
        if !self.is_still(&new.public, &mut tx).await? {
            return Ok(None);
        }
        on!(Tx, &mut tx, conn => sqlx::query(statements::KEEP_ATTACHMENT)
            .bind(new.finding.0)
            .bind(new.digest.as_str())
            .bind(new.fingerprint.to_vec())
            .bind(new.wrapped.as_slice())
            .bind(now)
            .execute(&mut **conn)
            .await
            .map(drop))?;
        tx.commit().await?;
        let kept = self.same_attachment(new.finding, &new.fingerprint).await?;
        Ok(Some(kept.unwrap_or_else(|| new.digest.clone())))
    }

    /// Deletes the key of an attachment whose sealed bytes are lost.
    pub(crate) async fn forget_attachment(&self, finding: FindingId, digest: &Digest) -> Result<(), KeysError> {
        Ok(on!(Db, &self.db, pool => sqlx::query(statements::FORGET_ATTACHMENT)
            .bind(finding.0)
            .bind(digest.as_str())
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// Returns the attachments of a petition, each by the SHA-256 of its sealed bytes.
    pub async fn attachments(&self, finding: FindingId) -> Result<Vec<Digest>, KeysError> {
        let attachments: Vec<(Uuid, String)> = self.of(statements::ATTACHMENTS_OF, &[finding.0]).await?;
        Ok(attachments.iter().map(|(_, digest)| digest_of("attachments", digest)).collect::<Result<_, _>>()?)
    }

    async fn same_attachment(&self, finding: FindingId, fingerprint: &[u8; 32]) -> Result<Option<Digest>, KeysError> {
        let same: Option<String> = on!(Db, &self.db, pool => sqlx::query_scalar(statements::SAME_ATTACHMENT)
            .bind(finding.0)
            .bind(fingerprint.to_vec())
            .fetch_optional(pool)
            .await)?;
        Ok(same.map(|same| digest_of("attachments", &same)).transpose()?)
    }

    /// Returns what the data keys of a petition open.
    pub async fn keyed(&self, finding: FindingId) -> Result<Keyed, KeysError> {
        let sealed: Vec<Vec<u8>> = on!(Db, &self.db, pool => sqlx::query_scalar(statements::SEALED_OF)
            .bind(finding.0)
            .fetch_all(pool)
            .await)?;
        let contents = sealed.iter().map(|sealed| digest_of_bytes(sealed)).collect();
        Ok(Keyed { contents, attachments: self.attachments(finding).await? })
    }

    /// Deletes every key of a petition and what it was known by, so that it is never opened again, nor taken again. Returns
    /// whether it had any. Cut off in between, it is asked again.
    ///
    /// On SQLite nothing of them is left in the file when this returns, unless somebody reads from it just then; on
    /// PostgreSQL not in the tables' files, but in its own log until that is done with.
    pub async fn shred(&self, finding: FindingId, now: DateTime<Utc>) -> Result<bool, KeysError> {
        let mut tx = self.db.begin().await?;
        let deleted = on!(Tx, &mut tx, conn => {
            let keys = sqlx::query(statements::DELETE_KEYS).bind(finding.0).execute(&mut **conn).await;
            let attachments = sqlx::query(statements::DELETE_ATTACHMENTS).bind(finding.0).execute(&mut **conn).await;
            let deleted = keys?.rows_affected() + attachments?.rows_affected();
            sqlx::query(statements::NOTE_ERASED).bind(finding.0).bind(now).execute(&mut **conn).await?;
            deleted
        });
        tx.commit().await?;
        // Also where an earlier attempt deleted them: it may have been cut off here.
        self.scrub().await?;
        Ok(deleted > 0)
    }

    /// Returns when a petition was erased, if it was.
    pub async fn erased(&self, finding: FindingId) -> Result<Option<DateTime<Utc>>, KeysError> {
        Ok(on!(Db, &self.db, pool => sqlx::query_scalar(statements::ERASED)
            .bind(finding.0)
            .fetch_optional(pool)
            .await)?)
    }

    /// Returns how many petitions are sealed, and how many are erased.
    pub async fn count(&self) -> Result<(u64, u64), KeysError> {
        let (sealed, erased): (i64, i64) = on!(Db, &self.db, pool => (
            sqlx::query_scalar(statements::SEALED).fetch_one(pool).await?,
            sqlx::query_scalar(statements::SHREDDED).fetch_one(pool).await?,
        ));
        Ok((u64::try_from(sealed).unwrap_or(0), u64::try_from(erased).unwrap_or(0)))
    }

    /// Overwrites what was deleted, or wrapped anew.
    pub(crate) async fn scrub(&self) -> Result<(), KeysError> {
        match &self.db {
            // What is deleted is overwritten in its page (`secure_delete`); the page before that is in the journal.
            Db::Sqlite(pool) => {
                let (busy, _, _): (i64, i64, i64) =
                    sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?;
                if busy != 0 {
                    tracing::warn!("deleted keys stay in the key store's journal until it is next emptied");
                }
            }
            Db::Postgres(pool) => {
                sqlx::query("VACUUM (FULL) data_keys, attachments").execute(pool).await?;
            }
        }
        Ok(())
    }

    fn answers(&self, petitions: &[Clear], mut known: Known, public: &PublicKey) -> (Vec<Answer>, Vec<Fresh>) {
        let mut fresh = Vec::new();
        let mut answers = Vec::with_capacity(petitions.len());
        for Clear { finding, content } in petitions {
            if let Some(at) = known.erased.get(finding) {
                answers.push(Answer::Erased(*at));
                continue;
            }
            let clear = content.to_clear();
            let fingerprint = self.keyed_hash(b"content", &[finding.0.as_bytes().as_slice(), &clear].concat());
            let attachments = known.attachments.get(finding).cloned().unwrap_or_default();
            let generations = known.keys.entry(*finding).or_default();
            let at = if let Some(at) = generations.iter().position(|known| known.fingerprint == fingerprint) {
                at
            } else {
                let number = generations.iter().map(|known| known.number).max().unwrap_or(0) + 1;
                let key = content::data_key();
                let about = content::about_content(*finding, number);
                let sealed = content::seal(&key, &about, &clear);
                let wrapped = public.seal(WRAPPING, &about, key.as_slice());
                let (finding, kept) = (*finding, sealed.clone());
                fresh.push(Fresh { finding, generation: number, fingerprint, wrapped, sealed: kept });
                generations.push(Generation { number, fingerprint, sealed });
                generations.len() - 1
            };
            let Generation { number, sealed, .. } = &generations[at];
            answers.push(Answer::Sealed(described(*number, sealed, attachments)));
        }
        (answers, fresh)
    }

    async fn known(&self, ids: &[Uuid]) -> Result<Known, KeysError> {
        let mut known = Known::default();
        let keys: Vec<(Uuid, i64, Vec<u8>, Vec<u8>)> = self.of(statements::KEYS_OF, ids).await?;
        for (finding, number, fingerprint, sealed) in keys {
            let wrong = |column| DbError::Inconsistent { table: "data_keys", column, id: finding.to_string() };
            let number = u32::try_from(number).map_err(|_| wrong("generation"))?;
            let fingerprint = fingerprint.try_into().map_err(|_| wrong("fingerprint"))?;
            let generations = known.keys.entry(FindingId(finding)).or_default();
            generations.push(Generation { number, fingerprint, sealed });
        }
        let attachments: Vec<(Uuid, String)> = self.of(statements::ATTACHMENTS_OF, ids).await?;
        for (finding, digest) in attachments {
            let digest = digest_of("attachments", &digest)?;
            known.attachments.entry(FindingId(finding)).or_default().push(digest);
        }
        let erased: Vec<(Uuid, DateTime<Utc>)> = self.of(statements::ERASED_OF, ids).await?;
        known.erased.extend(erased.into_iter().map(|(finding, at)| (FindingId(finding), at)));
        Ok(known)
    }

    /// Asks about many petitions at once.
    async fn of<T>(&self, beginning: &'static str, ids: &[Uuid]) -> Result<Vec<T>, sqlx::Error>
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
            + for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
            + Send
            + Unpin,
    {
        on!(Db, &self.db, pool => {
            let mut query = QueryBuilder::new(beginning);
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(") ORDER BY 1, 2");
            query.build_query_as::<T>().persistent(false).fetch_all(pool).await
        })
    }

    /// Keeps data keys that are wrapped to a public key; returns whether all were new, and the office has that key still.
    async fn keep(&self, fresh: &[Fresh], public: &PublicKey, now: DateTime<Utc>) -> Result<bool, KeysError> {
        if fresh.is_empty() {
            return Ok(true);
        }
        let mut tx = self.db.begin().await?;
        if !self.is_still(public, &mut tx).await? {
            return Ok(false);
        }
        let kept = on!(Tx, &mut tx, conn => {
            let mut query = QueryBuilder::new(statements::KEEP);
            query.push_values(fresh, |mut row, key| {
                row.push_bind(key.finding.0)
                    .push_bind(i64::from(key.generation))
                    .push_bind(key.fingerprint.as_slice())
                    .push_bind(key.wrapped.as_slice())
                    .push_bind(key.sealed.as_slice())
                    .push_bind(now);
            });
            query.push(" ON CONFLICT DO NOTHING");
            query.build().persistent(false).execute(&mut **conn).await.map(|done| done.rows_affected())
        })?;
        tx.commit().await?;
        Ok(kept == u64::try_from(fresh.len()).unwrap_or(u64::MAX))
    }

    pub(crate) async fn wrapped(&self, finding: FindingId, generation: u32) -> Result<Option<Vec<u8>>, KeysError> {
        Ok(on!(Db, &self.db, pool => sqlx::query_scalar(statements::WRAPPED)
            .bind(finding.0)
            .bind(i64::from(generation))
            .fetch_optional(pool)
            .await)?)
    }

    pub(crate) async fn wrapped_attachment(
        &self,
        finding: FindingId,
        digest: &Digest,
    ) -> Result<Option<Vec<u8>>, KeysError> {
        Ok(on!(Db, &self.db, pool => sqlx::query_scalar(statements::WRAPPED_ATTACHMENT)
            .bind(finding.0)
            .bind(digest.as_str())
            .fetch_optional(pool)
            .await)?)
    }
}

/// What came of sealing an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SealedAttachment {
    /// It is sealed.
    New(NewAttachment),
    /// The same is sealed already, and known by this.
    Known(Digest),
    /// The petition was erased then.
    Erased(DateTime<Utc>),
}

/// An attachment that was just sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewAttachment {
    finding: FindingId,
    /// What it is known by: the SHA-256 of its sealed bytes.
    pub(crate) digest: Digest,
    fingerprint: [u8; 32],
    /// What its key is wrapped to.
    public: PublicKey,
    wrapped: Vec<u8>,
    /// Its sealed bytes.
    pub(crate) sealed: Bytes,
}

fn described(generation: u32, sealed: &[u8], attachments: Vec<Digest>) -> Sealed {
    let digest = digest_of_bytes(sealed);
    let ciphertext = STANDARD.encode(sealed);
    Sealed { algorithm: SealAlgorithm::XChaCha20Poly1305, generation, ciphertext, digest, attachments }
}

fn digest_of_bytes(sealed: &[u8]) -> Digest {
    Digest::of(Sha256::digest(sealed).into())
}

fn public_of(bytes: &[u8]) -> Result<PublicKey, DbError> {
    let wrong = |_| DbError::Inconsistent { table: "office", column: "public", id: "1".to_owned() };
    PublicKey::from_bytes(bytes).map_err(wrong)
}

fn digest_of(table: &'static str, text: &str) -> Result<Digest, DbError> {
    text.parse().map_err(|_| DbError::Inconsistent { table, column: "digest", id: text.to_owned() })
}

/// Returns the data key that a wrapped one holds.
pub(crate) fn unwrapped(opened: &[u8]) -> Option<DataKey> {
    Some(Zeroizing::new(opened.try_into().ok()?))
}
