//! The statements, read alike by both databases.

/// What is the office's key?
pub(crate) const OFFICE: &str = "
SELECT public, secret
FROM office";

/// What is the office's public key? Nobody changes it before the transaction is over: on SQLite nobody else writes anyway.
pub(crate) const SHARE_OFFICE: &str = "
SELECT public
FROM office";

/// The same on PostgreSQL.
pub(crate) const SHARE_OFFICE_LOCKED: &str = "
SELECT public
FROM office
FOR SHARE";

/// Makes another key the office's, where it was the one that is named. Nobody keeps a data key before the transaction is over.
pub(crate) const CHANGE_OFFICE: &str = "
UPDATE office
SET public = $1
WHERE public = $2";

/// Enters the office's key, unless there is one.
pub(crate) const FOUND: &str = "
INSERT INTO office (id, public, secret, created)
VALUES (1, $1, $2, $3)
ON CONFLICT (id) DO NOTHING";

/// The beginning of: which data keys do these petitions have?
pub(crate) const KEYS_OF: &str = "
SELECT finding, generation, fingerprint, sealed
FROM data_keys
WHERE finding IN (";

/// The beginning of: which attachments do these petitions have?
pub(crate) const ATTACHMENTS_OF: &str = "
SELECT finding, digest
FROM attachments
WHERE finding IN (";

/// The beginning of: which of these petitions are erased?
pub(crate) const ERASED_OF: &str = "
SELECT finding, shredded
FROM shredded
WHERE finding IN (";

/// Which data keys come after one, in order, as they are wrapped?
pub(crate) const WRAPPED_AFTER: &str = "
SELECT finding, generation, wrapped
FROM data_keys
WHERE finding > $1 OR (finding = $1 AND generation > $2)
ORDER BY finding, generation
LIMIT $3";

/// Wraps a data key anew.
pub(crate) const REWRAP: &str = "
UPDATE data_keys
SET wrapped = $3
WHERE finding = $1 AND generation = $2";

/// Which data keys of attachments come after one, in order, as they are wrapped?
pub(crate) const WRAPPED_ATTACHMENTS_AFTER: &str = "
SELECT finding, digest, wrapped
FROM attachments
WHERE finding > $1 OR (finding = $1 AND digest > $2)
ORDER BY finding, digest
LIMIT $3";

/// Wraps the data key of an attachment anew.
pub(crate) const REWRAP_ATTACHMENT: &str = "
UPDATE attachments
SET wrapped = $3
WHERE finding = $1 AND digest = $2";

/// What do the data keys of a petition open, in order?
pub(crate) const SEALED_OF: &str = "
SELECT sealed
FROM data_keys
WHERE finding = $1
ORDER BY generation";

/// The beginning of: keeps new data keys.
pub(crate) const KEEP: &str = "
INSERT INTO data_keys (finding, generation, fingerprint, wrapped, sealed, created) ";

/// Which data key has a petition in a generation?
pub(crate) const WRAPPED: &str = "
SELECT wrapped
FROM data_keys
WHERE finding = $1 AND generation = $2";

/// Which data key has an attachment?
pub(crate) const WRAPPED_ATTACHMENT: &str = "
SELECT wrapped
FROM attachments
WHERE finding = $1 AND digest = $2";

/// Which attachment has this content?
pub(crate) const SAME_ATTACHMENT: &str = "
SELECT digest
FROM attachments
WHERE finding = $1 AND fingerprint = $2";

/// Keeps the data key of an attachment.
pub(crate) const KEEP_ATTACHMENT: &str = "
INSERT INTO attachments (finding, digest, fingerprint, wrapped, created)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING";

/// Deletes the data key of one attachment.
pub(crate) const FORGET_ATTACHMENT: &str = "
DELETE FROM attachments
WHERE finding = $1 AND digest = $2";

/// When was a petition erased?
pub(crate) const ERASED: &str = "
SELECT shredded
FROM shredded
WHERE finding = $1";

/// Notes that a petition is erased.
pub(crate) const NOTE_ERASED: &str = "
INSERT INTO shredded (finding, shredded)
VALUES ($1, $2)
ON CONFLICT (finding) DO NOTHING";

/// Deletes every data key of a petition.
pub(crate) const DELETE_KEYS: &str = "
DELETE FROM data_keys
WHERE finding = $1";

/// Deletes the data key of every attachment of a petition.
pub(crate) const DELETE_ATTACHMENTS: &str = "
DELETE FROM attachments
WHERE finding = $1";

/// How many petitions are sealed?
pub(crate) const SEALED: &str = "
SELECT count(DISTINCT finding)
FROM data_keys";

/// How many petitions are erased?
pub(crate) const SHREDDED: &str = "
SELECT count(*)
FROM shredded";

#[cfg(test)]
pub(crate) const ALL: &[&str] = &[
    OFFICE,
    SHARE_OFFICE,
    CHANGE_OFFICE,
    FOUND,
    WRAPPED,
    WRAPPED_ATTACHMENT,
    WRAPPED_AFTER,
    REWRAP,
    WRAPPED_ATTACHMENTS_AFTER,
    REWRAP_ATTACHMENT,
    SEALED_OF,
    SAME_ATTACHMENT,
    KEEP_ATTACHMENT,
    FORGET_ATTACHMENT,
    ERASED,
    NOTE_ERASED,
    DELETE_KEYS,
    DELETE_ATTACHMENTS,
    SEALED,
    SHREDDED,
];

#[cfg(test)]
mod tests {
    use rectify_log::{Db, Options, on};
    use sqlx::{Executor as _, SqlSafeStr as _};

    use super::ALL;

    const TABLES: &str = "('office', 'data_keys', 'attachments', 'shredded')";

    #[tokio::test]
    async fn both_migrated_databases_read_every_statement_and_agree_table_by_table() {
        let (database, folder) = (rectify_tests::postgres::database().await, rectify_tests::folder());
        let postgres = Db::connect(database.url(), &Options::default()).await.unwrap();
        let sqlite = Db::open(&folder.path().join("keys.db"), &Options::default()).await.unwrap();
        let mut tables = Vec::new();
        for (db, columns) in [
            (
                postgres,
                format!(
                    "SELECT column_name FROM information_schema.columns WHERE table_name IN {TABLES} ORDER BY table_name, ordinal_position"
                ),
            ),
            (
                sqlite,
                format!(
                    "SELECT c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.name IN {TABLES} ORDER BY t.name, c.cid"
                ),
            ),
        ] {
            crate::migrate(&db).await.unwrap();
            on!(Db, &db, pool => {
                for statement in ALL {
                    pool.prepare(statement.into_sql_str()).await.unwrap();
                }
                let columns = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(columns));
                tables.push(columns.fetch_all(pool).await.unwrap());
            });
        }
        assert_eq!(tables[0], tables[1]);
        assert_eq!(tables[0].len(), 17);
    }
}
