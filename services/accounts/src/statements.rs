//! The statements, read alike by both databases.

/// Keeps a new token.
pub(crate) const ISSUE: &str = "
INSERT INTO tokens (id, hash, person, label, created, expires)
VALUES ($1, $2, $3, $4, $5, $6)";

/// Who holds the token of this hash, if it is good?
pub(crate) const HOLDER_OF: &str = "
SELECT id, person, used
FROM tokens
WHERE hash = $1 AND revoked IS NULL AND (expires IS NULL OR expires > $2)";

/// Notes that a token was used.
pub(crate) const USED: &str = "
UPDATE tokens
SET used = $2
WHERE id = $1";

/// Takes a token back, unless it was.
pub(crate) const REVOKE: &str = "
UPDATE tokens
SET revoked = $2
WHERE id = $1 AND revoked IS NULL";

/// Which tokens are there, of one person or of all?
pub(crate) const TOKENS_OF: &str = "
SELECT id, person, label, created, used, expires, revoked
FROM tokens
WHERE person = $1 OR $1 IS NULL
ORDER BY created, id";

/// How far has a follower come?
pub(crate) const CURSOR: &str = "
SELECT position
FROM cursors
WHERE name = $1";

/// Moves a follower on, never back.
pub(crate) const MOVE_CURSOR: &str = "
INSERT INTO cursors (name, position)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE
SET position = excluded.position
WHERE cursors.position < excluded.position";

/// Notes when a content of a finding was heard, never an earlier moment.
pub(crate) const HEAR: &str = "
INSERT INTO heard (finding, content, received)
VALUES ($1, $2, $3)
ON CONFLICT (finding, content) DO UPDATE
SET received = excluded.received
WHERE heard.received < excluded.received";

/// When was each content of a finding heard last?
pub(crate) const HEARD: &str = "
SELECT content, received
FROM heard
WHERE finding = $1";

/// Which mappings does a unit have for an intake, or for all?
pub(crate) const MAPPINGS_OF: &str = "
SELECT unit, intake, fingerprint, header, mapping, person, since
FROM mappings
WHERE (unit = $1 OR $1 IS NULL) AND (intake = $2 OR CAST($2 AS TEXT) IS NULL)
ORDER BY since, fingerprint";

/// Keeps a mapping for a header, in place of the one before. One that is the same is kept since it was first.
pub(crate) const REMEMBER: &str = "
INSERT INTO mappings (unit, intake, fingerprint, header, mapping, person, since)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (unit, intake, fingerprint) DO UPDATE
SET header = excluded.header, mapping = excluded.mapping, person = excluded.person, since = excluded.since
WHERE mappings.mapping <> excluded.mapping";

/// Forgets a mapping.
pub(crate) const FORGET: &str = "
DELETE FROM mappings
WHERE unit = $1 AND intake = $2 AND fingerprint = $3";

/// What did the last delivery of a document hold?
pub(crate) const LAST_DELIVERY: &str = "
SELECT id, person, unit, received, held, gone
FROM deliveries
WHERE source = $1 AND issuing_body = $2 AND document = $3
ORDER BY received DESC, id DESC
LIMIT 1";

/// Keeps what a delivery held.
pub(crate) const DELIVERED: &str = "
INSERT INTO deliveries (id, source, issuing_body, document, person, unit, received, held, gone)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Notes a backup, once.
pub(crate) const NOTE_BACKUP: &str = "
INSERT INTO backups (made, place, log, position)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING";

/// Which backup was made last?
pub(crate) const LAST_BACKUP: &str = "
SELECT made, place, log, position
FROM backups
ORDER BY made DESC
LIMIT 1";

/// Who may do what to these tables on PostgreSQL?
pub(crate) const GRANTS: &str = "
REVOKE ALL ON tokens, cursors, heard, mappings, deliveries, backups, accounts_migrations FROM PUBLIC, {all};
GRANT SELECT ON accounts_migrations TO {all};
GRANT SELECT, INSERT, UPDATE ON tokens TO {desk};
GRANT SELECT, UPDATE (used) ON tokens TO {inspection}, {audit}, {petition};
GRANT SELECT (id, person, label, created, used, expires, revoked) ON tokens TO {reader};
GRANT SELECT, INSERT, UPDATE ON cursors, heard TO {registrar};
GRANT SELECT ON cursors, heard TO {reader};
GRANT SELECT, INSERT, UPDATE, DELETE ON mappings TO {inspection}, {audit}, {petition};
GRANT SELECT, INSERT ON deliveries TO {inspection}, {audit}, {petition};
GRANT SELECT ON mappings, deliveries, backups TO {reader}";

#[cfg(test)]
pub(crate) const ALL: &[&str] = &[
    ISSUE,
    HOLDER_OF,
    USED,
    REVOKE,
    TOKENS_OF,
    CURSOR,
    MOVE_CURSOR,
    HEAR,
    HEARD,
    MAPPINGS_OF,
    REMEMBER,
    FORGET,
    LAST_DELIVERY,
    DELIVERED,
    NOTE_BACKUP,
    LAST_BACKUP,
];

#[cfg(test)]
mod tests {
    use rectify_log::{Db, Options, on};
    use sqlx::{Executor as _, SqlSafeStr as _};

    use super::ALL;

    #[tokio::test]
    async fn both_migrated_databases_read_every_statement_and_agree_table_by_table() {
        let (database, folder) = (rectify_tests::postgres::database().await, rectify_tests::folder());
        let postgres = Db::connect(database.url(), &Options::default()).await.unwrap();
        let sqlite = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
        let mut tables = Vec::new();
        for (db, columns) in [
            (
                postgres,
                "SELECT column_name FROM information_schema.columns WHERE table_name IN ('tokens', 'cursors', 'heard', 'mappings', 'deliveries', 'backups') ORDER BY table_name, ordinal_position",
            ),
            (
                sqlite,
                "SELECT c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.name IN ('tokens', 'cursors', 'heard', 'mappings', 'deliveries', 'backups') ORDER BY t.name, c.cid",
            ),
        ] {
            crate::migrate(&db).await.unwrap();
            on!(Db, &db, pool => {
                for statement in ALL {
                    pool.prepare(statement.into_sql_str()).await.unwrap();
                }
                tables.push(sqlx::query_scalar::<_, String>(columns).fetch_all(pool).await.unwrap());
            });
        }
        assert_eq!(tables[0], tables[1]);
        assert!(!tables[0].is_empty());
    }
}
