//! With a user of its own for each service: who may do what on Postgres, table by table, and that the rest is refused.
//! What may be done on NATS is with the bus; that everything works so is in the journeys.

use std::fmt::Write as _;

use rectify_tests::bed::{Bed, Installation, Shape};
use rectify_tests::postgres::ask;

/// Which tables each role may do what to. Whoever adds a table grants it, to somebody or to nobody.
const RIGHTS: &str = "\
accounts_migrations: appender r, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
appends: appender ar, desk r, reader r, registrar r
attempts: desk adrw
backups: reader r
credentials: desk arw
credentials.changed: reader r
credentials.login: reader r
credentials.person: reader r
cursors: reader r, registrar arw
deliveries: audit ar, inspection ar, petition ar, reader r
events: appender ar, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
forms: desk adrw, reader r
generations: desk adrw, projector adrw, reader r, registrar r
generations_migrations: desk r, projector r, reader r, registrar r
given: audit arw, desk arw, inspection arw, petition arw, reader r
head: appender r, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
head.position: appender w
head.recorded: appender w
heard: reader r, registrar arw
heard.received: audit r, desk r, inspection r, petition r
links: desk arw
log_migrations: appender r, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
mappings: audit adrw, inspection adrw, petition adrw, reader r
series: appender arw
sessions: desk adrw
tokens: audit r, desk arw, inspection r, petition r
tokens.created: reader r
tokens.expires: reader r
tokens.id: reader r
tokens.label: reader r
tokens.person: reader r
tokens.revoked: reader r
tokens.used: audit w, inspection w, petition w, reader r
";

/// The tables, and below them the columns with rights of their own: a adds, r reads, w changes, d deletes.
const ASKED: &str = "
SELECT place, string_agg(who || ' ' || what, ', ' ORDER BY who)
FROM (
    SELECT c.relname || coalesce('.' || a.attname, '') AS place,
        replace(r.rolname, current_database() || '_', '') AS who,
        string_agg(CASE p.privilege_type
            WHEN 'INSERT' THEN 'a' WHEN 'SELECT' THEN 'r' WHEN 'UPDATE' THEN 'w' WHEN 'DELETE' THEN 'd'
            ELSE p.privilege_type
        END, '' ORDER BY CASE p.privilege_type WHEN 'INSERT' THEN 'a' WHEN 'DELETE' THEN 'd' WHEN 'SELECT' THEN 'r' ELSE 'w' END) AS what
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
    CROSS JOIN LATERAL (
        SELECT NULL::name AS attname, c.relacl AS acl
        UNION ALL
        SELECT attname, attacl FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL
    ) AS a
    CROSS JOIN LATERAL aclexplode(a.acl) AS p
    JOIN pg_roles AS r ON r.oid = p.grantee AND r.oid <> c.relowner
    WHERE c.relkind = 'r'
    GROUP BY 1, 2
) AS rights
GROUP BY place
ORDER BY place COLLATE \"C\"";

#[tokio::test]
async fn each_role_may_do_to_each_table_what_it_needs_and_nothing_else_postgres_nats() {
    let installation = Installation::new(Shape::Guarded).await;
    let owner = installation.database().unwrap().url();
    let mut rights = String::new();
    for line in ask(owner, ASKED).await.unwrap().lines() {
        let (table, who) = line.split_once('|').unwrap();
        let _ = writeln!(rights, "{table}: {who}");
    }
    assert_eq!(rights, RIGHTS);
    let granted =
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relacl IS NULL";
    assert_eq!(ask(owner, granted).await.unwrap(), "", "nobody has thought of who may do what to these tables");
    let others = "SELECT c.relname FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS p WHERE p.grantee = 0";
    let own = format!("{others} AND c.relnamespace = 'public'::regnamespace");
    assert_eq!(ask(owner, &own).await.unwrap(), "", "anybody may do something to these tables");
}

#[tokio::test]
async fn what_a_role_has_no_right_to_is_refused_postgres_nats() {
    let bed = Bed::new(Shape::Guarded).await;
    // Whoever folds it anew, the new ledger belongs to the same group.
    bed.rebuild().await;
    let refusals: &[(&[&str], &[&str])] = &[
        (
            &["registrar", "projector", "desk", "inspection", "audit", "petition", "reader"],
            &[
                "INSERT INTO events SELECT * FROM events",
                "UPDATE head SET position = 0",
                "CREATE TABLE mine (a INTEGER)",
            ],
        ),
        (
            &["appender", "registrar", "inspection", "audit", "petition", "reader"],
            &[
                "INSERT INTO {ledger}.checkpoint VALUES (2, NULL, 0, 0, NULL)",
                "DELETE FROM {ledger}.cases",
                "DROP SCHEMA {ledger} CASCADE",
                "CREATE SCHEMA mine",
                "DELETE FROM generations",
            ],
        ),
        (&["appender", "inspection", "audit", "petition"], &["SELECT * FROM {ledger}.cases", "SELECT * FROM cursors"]),
        (
            &["appender", "registrar", "projector", "inspection", "audit", "petition", "reader"],
            &["INSERT INTO tokens SELECT * FROM tokens", "UPDATE tokens SET revoked = NULL", "DELETE FROM tokens"],
        ),
        (&["appender", "registrar", "projector", "reader"], &["SELECT hash FROM tokens"]),
        (&["appender", "projector", "desk", "inspection", "reader"], &["UPDATE cursors SET position = 0"]),
        (&["projector", "inspection", "audit", "petition"], &["SELECT * FROM appends", "SELECT * FROM series"]),
    ];
    let owner = bed.installation.database().unwrap().url();
    let ledger =
        ask(owner, "SELECT 'ledger_' || generation FROM generations WHERE standing = 'serving'").await.unwrap();
    for (roles, statements) in refusals {
        for (role, statement) in roles.iter().flat_map(|role| statements.iter().map(move |statement| (role, statement)))
        {
            let url = bed.installation.url_of_role(role);
            let statement = statement.replace("{ledger}", &ledger);
            let refused = ask(&url, &statement).await.expect_err(&format!("{role}: {statement}"));
            let says_so = refused.contains("permission denied") || refused.contains("must be owner");
            assert!(says_so, "{role}: {statement}: {refused}");
        }
    }
    for reader in ["registrar", "projector", "desk", "reader"] {
        ask(&bed.installation.url_of_role(reader), &format!("SELECT * FROM {ledger}.cases")).await.unwrap();
    }
}
