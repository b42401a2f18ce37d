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

#[cfg(test)]
pub(crate) const ALL: &[&str] = &[ISSUE, HOLDER_OF, USED, REVOKE, TOKENS_OF, CURSOR, MOVE_CURSOR];

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
                "SELECT column_name FROM information_schema.columns WHERE table_name IN ('tokens', 'cursors') ORDER BY table_name, ordinal_position",
            ),
            (
                sqlite,
                "SELECT c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.name IN ('tokens', 'cursors') ORDER BY t.name, c.cid",
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
