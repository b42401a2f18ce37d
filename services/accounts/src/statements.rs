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

/// When was anything heard last?
pub(crate) const LAST_HEARD: &str = "
SELECT received
FROM heard
ORDER BY received DESC
LIMIT 1";

/// Gives out so many microseconds ($2) after a moment ($1), or after all that were given out: until when?
pub(crate) const GIVE_SPAN: &str = "
INSERT INTO given (one, until)
VALUES (1, CAST($1 AS BIGINT) + $2)
ON CONFLICT (one) DO UPDATE
SET until = CASE WHEN given.until > $1 THEN given.until ELSE $1 END + $2
RETURNING until";

/// Notes that moments were given out until one ($1), never an earlier one.
pub(crate) const NOTE_GIVEN: &str = "
INSERT INTO given (one, until)
VALUES (1, $1)
ON CONFLICT (one) DO UPDATE
SET until = excluded.until
WHERE given.until < excluded.until";

/// Until when were moments given out?
pub(crate) const LAST_GIVEN: &str = "
SELECT until
FROM given";

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

/// Lets a person sign in by this name and password, and by no other.
pub(crate) const SET_CREDENTIAL: &str = "
INSERT INTO credentials (person, login, password, changed)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person) DO UPDATE
SET login = excluded.login, password = excluded.password, changed = excluded.changed";

/// What does a person sign in with?
pub(crate) const CREDENTIAL_OF: &str = "
SELECT person, login, password
FROM credentials
WHERE person = $1";

/// Who signs in by this name?
pub(crate) const CREDENTIAL_NAMED: &str = "
SELECT person, login, password
FROM credentials
WHERE login = $1";

/// Who can sign in?
pub(crate) const CREDENTIALS: &str = "
SELECT person, login, password
FROM credentials
ORDER BY login";

/// Makes a link.
pub(crate) const MAKE_LINK: &str = "
INSERT INTO links (hash, person, created, expires)
VALUES ($1, $2, $3, $4)";

/// What is the link of this hash for, if it is good?
pub(crate) const LINK: &str = "
SELECT person, expires
FROM links
WHERE hash = $1 AND used IS NULL AND expires > $2";

/// Says whose a link is, unless it is somebody's.
pub(crate) const CLAIM_LINK: &str = "
UPDATE links
SET person = coalesce(person, $2)
WHERE hash = $1 AND used IS NULL
RETURNING person";

/// Ends a link.
pub(crate) const SPEND_LINK: &str = "
UPDATE links
SET used = $2
WHERE hash = $1 AND used IS NULL AND expires > $2";

/// Ends the links of a person, or those of nobody.
pub(crate) const SPEND_LINKS_OF: &str = "
UPDATE links
SET used = $2
WHERE person IS NOT DISTINCT FROM $1 AND used IS NULL";

/// Begins a session.
pub(crate) const BEGIN_SESSION: &str = "
INSERT INTO sessions (id, hash, person, address, browser, created, used)
VALUES ($1, $2, $3, $4, $5, $6, $6)";

/// Forgets sessions that ended by themselves long ago.
pub(crate) const FORGET_SESSIONS: &str = "
DELETE FROM sessions
WHERE created < $1";

/// Which session has this hash, if it has not ended?
pub(crate) const SESSION: &str = "
SELECT id, person, on_behalf_of, address, browser, created, used
FROM sessions
WHERE hash = $1 AND ended IS NULL AND created > $2 AND used > $3";

/// Notes that something was done in a session.
pub(crate) const USE_SESSION: &str = "
UPDATE sessions
SET used = $2
WHERE id = $1 AND used < $2";

/// Which sessions does a person have that have not ended?
pub(crate) const SESSIONS_OF: &str = "
SELECT id, person, on_behalf_of, address, browser, created, used
FROM sessions
WHERE person = $1 AND ended IS NULL AND created > $2 AND used > $3
ORDER BY created DESC, id";

/// Says for whom somebody acts in a session.
pub(crate) const ACT_FOR: &str = "
UPDATE sessions
SET on_behalf_of = $2
WHERE id = $1";

/// Ends a session.
pub(crate) const END_SESSION: &str = "
UPDATE sessions
SET ended = $2
WHERE id = $1 AND ended IS NULL";

/// Ends every session of a person.
pub(crate) const END_SESSIONS_OF: &str = "
UPDATE sessions
SET ended = $2
WHERE person = $1 AND ended IS NULL";

/// Counts an attempt to sign in.
pub(crate) const ATTEMPT: &str = "
INSERT INTO attempts (id, login, address, at)
VALUES ($1, $2, $3, $4)";

/// How many attempts were there for a name from an address, from that address, for that name; and when was the first?
pub(crate) const ATTEMPTS: &str = "
SELECT count(*) FILTER (WHERE login = $1 AND address = $2), count(*) FILTER (WHERE address = $2),
    count(*) FILTER (WHERE login = $1), min(at)
FROM attempts
WHERE (login = $1 OR address = $2) AND at > $3";

/// Forgets attempts that no longer count.
pub(crate) const FORGET_ATTEMPTS: &str = "
DELETE FROM attempts
WHERE at <= $1";

/// Forgets the attempts of whoever has signed in.
pub(crate) const FORGIVE_ATTEMPTS: &str = "
DELETE FROM attempts
WHERE login = $1 AND address = $2";

/// Which views of the ledger did a person name?
pub(crate) const VIEWS_OF: &str = "
SELECT id, name, query
FROM ledger_views
WHERE person = $1
ORDER BY created, id";

/// Names a view.
pub(crate) const NAME_VIEW: &str = "
INSERT INTO ledger_views (id, person, name, query, created)
VALUES ($1, $2, $3, $4, $5)";

/// Calls a view otherwise.
pub(crate) const RENAME_VIEW: &str = "
UPDATE ledger_views
SET name = $3
WHERE id = $1 AND person = $2";

/// Has a view ask for something else.
pub(crate) const CHANGE_VIEW: &str = "
UPDATE ledger_views
SET query = $3
WHERE id = $1 AND person = $2";

/// Forgets a view.
pub(crate) const FORGET_VIEW: &str = "
DELETE FROM ledger_views
WHERE id = $1 AND person = $2";

/// How does a person have the ledger?
pub(crate) const HABITS_OF: &str = "
SELECT columns, opens
FROM ledger_habits
WHERE person = $1";

/// Notes which columns a person has.
pub(crate) const KEEP_COLUMNS: &str = "
INSERT INTO ledger_habits (person, columns)
VALUES ($1, $2)
ON CONFLICT (person) DO UPDATE
SET columns = excluded.columns";

/// Notes which view comes first.
pub(crate) const OPEN_WITH: &str = "
INSERT INTO ledger_habits (person, opens)
VALUES ($1, $2)
ON CONFLICT (person) DO UPDATE
SET opens = excluded.opens";

/// Keeps a form, once.
pub(crate) const KEEP_FORM: &str = "
INSERT INTO forms (id, unit, name, file, bytes, sheet, first, columns, person, since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO NOTHING";

/// Which forms does an office keep?
pub(crate) const FORMS_OF: &str = "
SELECT id, unit, name, file, sheet, first, columns, person, since
FROM forms
WHERE unit = $1
ORDER BY name, id";

/// Which form is this?
pub(crate) const FORM: &str = "
SELECT id, unit, name, file, sheet, first, columns, person, since
FROM forms
WHERE id = $1";

/// What is the workbook of a form?
pub(crate) const WORKBOOK_OF_FORM: &str = "
SELECT bytes
FROM forms
WHERE id = $1";

/// Says what a form is called, and how it is filled in.
pub(crate) const CHANGE_FORM: &str = "
UPDATE forms
SET name = $2, sheet = $3, first = $4, columns = $5
WHERE id = $1";

/// Drops a form.
pub(crate) const DROP_FORM: &str = "
DELETE FROM forms
WHERE id = $1";

/// Who may do what to these tables on PostgreSQL?
pub(crate) const GRANTS: &str = "
REVOKE ALL ON tokens, cursors, heard, mappings, deliveries, backups, credentials, links, sessions, attempts, given,
    ledger_views, ledger_habits, drafts, forms, accounts_migrations FROM PUBLIC, {all};
GRANT SELECT ON accounts_migrations TO {all};
GRANT SELECT, INSERT, UPDATE ON tokens TO {desk};
GRANT SELECT, INSERT, UPDATE ON credentials, links TO {desk};
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, attempts TO {desk};
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_views, ledger_habits, drafts, forms TO {desk};
GRANT SELECT (person, login, changed) ON credentials TO {reader};
GRANT SELECT, UPDATE (used) ON tokens TO {inspection}, {audit}, {petition};
GRANT SELECT (id, person, label, created, used, expires, revoked) ON tokens TO {reader};
GRANT SELECT, INSERT, UPDATE ON cursors TO {registrar};
GRANT SELECT, INSERT, UPDATE ON heard TO {registrar}, {desk};
GRANT SELECT ON cursors, heard TO {reader};
GRANT SELECT (received) ON heard TO {inspection}, {audit}, {petition};
GRANT SELECT, INSERT, UPDATE ON given TO {desk}, {inspection}, {audit}, {petition};
GRANT SELECT, INSERT, UPDATE, DELETE ON mappings TO {desk}, {inspection}, {audit}, {petition};
GRANT SELECT, INSERT ON deliveries TO {desk}, {inspection}, {audit}, {petition};
GRANT SELECT ON mappings, deliveries, backups, given, forms TO {reader}";

/// Keeps a draft, in place of the one before.
pub(crate) const SAVE_DRAFT: &str = "
INSERT INTO drafts (person, case_id, act, content, is_sealed, version, saved)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (person, case_id, act) DO UPDATE
SET content = excluded.content, is_sealed = excluded.is_sealed, version = excluded.version, saved = excluded.saved";

/// What has somebody begun to fill in, since some moment?
pub(crate) const DRAFT: &str = "
SELECT content, is_sealed, version, saved
FROM drafts
WHERE person = $1 AND case_id = $2 AND act = $3 AND saved > $4";

/// Forgets a draft.
pub(crate) const DISCARD_DRAFT: &str = "
DELETE FROM drafts
WHERE person = $1 AND case_id = $2 AND act = $3";

/// Forgets everybody's drafts on a case.
pub(crate) const DISCARD_DRAFTS_OF: &str = "
DELETE FROM drafts
WHERE case_id = $1";

/// Forgets the drafts that nobody went on with since some moment.
pub(crate) const FORGET_DRAFTS: &str = "
DELETE FROM drafts
WHERE saved <= $1";

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
    LAST_HEARD,
    GIVE_SPAN,
    NOTE_GIVEN,
    LAST_GIVEN,
    MAPPINGS_OF,
    REMEMBER,
    FORGET,
    LAST_DELIVERY,
    DELIVERED,
    NOTE_BACKUP,
    LAST_BACKUP,
    SET_CREDENTIAL,
    CREDENTIAL_OF,
    CREDENTIAL_NAMED,
    CREDENTIALS,
    MAKE_LINK,
    LINK,
    CLAIM_LINK,
    SPEND_LINK,
    SPEND_LINKS_OF,
    BEGIN_SESSION,
    FORGET_SESSIONS,
    SESSION,
    USE_SESSION,
    SESSIONS_OF,
    ACT_FOR,
    END_SESSION,
    END_SESSIONS_OF,
    ATTEMPT,
    ATTEMPTS,
    FORGET_ATTEMPTS,
    FORGIVE_ATTEMPTS,
    VIEWS_OF,
    NAME_VIEW,
    RENAME_VIEW,
    CHANGE_VIEW,
    FORGET_VIEW,
    HABITS_OF,
    KEEP_COLUMNS,
    OPEN_WITH,
    SAVE_DRAFT,
    DRAFT,
    DISCARD_DRAFT,
    DISCARD_DRAFTS_OF,
    FORGET_DRAFTS,
    KEEP_FORM,
    FORMS_OF,
    FORM,
    WORKBOOK_OF_FORM,
    CHANGE_FORM,
    DROP_FORM,
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
                "SELECT column_name FROM information_schema.columns WHERE table_name IN ('tokens', 'cursors', 'heard', 'mappings', 'deliveries', 'backups', 'credentials', 'links', 'sessions', 'attempts', 'given', 'ledger_views', 'ledger_habits', 'drafts', 'forms') ORDER BY table_name, ordinal_position",
            ),
            (
                sqlite,
                "SELECT c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.name IN ('tokens', 'cursors', 'heard', 'mappings', 'deliveries', 'backups', 'credentials', 'links', 'sessions', 'attempts', 'given', 'ledger_views', 'ledger_habits', 'drafts', 'forms') ORDER BY t.name, c.cid",
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
