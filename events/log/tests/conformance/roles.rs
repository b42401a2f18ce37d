//! The roles on PostgreSQL: who may do what to the log. SQLite has none.

use rectify_case::StreamId;
use rectify_case::directory::{DirectoryEvent, Unit, UnitKind};
use rectify_log::{AppendError, Db, Expected, Log, LogError, Options, Role, Roles, RolesError, migrate};
use rectify_tests::postgres::{Database, ask, database};

use crate::bed::{case, keyed, note, registered, tamper, ticking, to, whole};

/// What no role may do.
const FOR_NOBODY: [&str; 23] = [
    "UPDATE events SET bytes = leaf",
    "DELETE FROM events",
    "TRUNCATE events CASCADE",
    "INSERT INTO events SELECT * FROM events ON CONFLICT (position) DO UPDATE SET version = 9",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
    "DROP TRIGGER events_are_append_only ON events",
    "DROP POLICY everything ON events",
    "DROP TABLE events CASCADE",
    "DO $$ BEGIN LOCK TABLE events IN ACCESS EXCLUSIVE MODE; END $$",
    "SET session_replication_role = replica",
    "UPDATE appends SET position = 2",
    "DELETE FROM appends",
    "TRUNCATE appends",
    "UPDATE head SET log = gen_random_uuid()",
    "DELETE FROM head",
    "TRUNCATE head",
    "DELETE FROM series",
    "DELETE FROM log_migrations",
    "CREATE TABLE mine (a INTEGER)",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "CREATE ROLE another",
    "SET ROLE postgres",
];

/// What no role but the appender may do.
const FOR_THE_APPENDER: [&str; 6] = [
    "INSERT INTO events SELECT 9, gen_random_uuid(), 'case-x', 1, type, happened, recorded, actor, leaf, bytes FROM events",
    "INSERT INTO appends VALUES ('mine', sha256('x'), 1, 1)",
    "INSERT INTO series VALUES ('审计-2020', 7)",
    "UPDATE series SET last = 7",
    "UPDATE head SET position = 0",
    "SELECT * FROM events FOR UPDATE",
];

/// A database with a log, whose roles have passwords.
struct Guarded {
    database: Database,
    owner: Db,
    roles: Roles,
}

impl Guarded {
    async fn new() -> Guarded {
        let database = database().await;
        let owner = Db::connect(database.url(), &Options::default()).await.unwrap();
        migrate(&owner).await.unwrap();
        let roles = Roles::make(&owner).await.unwrap();
        for role in Role::ALL {
            roles.set_password(role, role.name()).await.unwrap();
        }
        Guarded { database, owner, roles }
    }

    fn url(&self, role: Role) -> String {
        self.database.url_of(&self.roles.login(role), role.name())
    }

    async fn db(&self, role: Role) -> Db {
        Db::connect(&self.url(role), &Options::default()).await.unwrap()
    }

    async fn log_of_owner(&self) -> Log {
        Log::open(self.owner.clone(), ticking()).await.unwrap()
    }

    /// Returns the log as a service has it: read as one role, appended to as another.
    async fn log_of(&self, role: Role) -> Log {
        Log::open_apart(self.db(role).await, self.db(Role::Appender).await, ticking()).await.unwrap()
    }

    /// Checks that a role may do none of this.
    async fn refuses(&self, role: Role, statements: &[&'static str]) {
        let db = self.db(role).await;
        for statement in statements {
            let refused = tamper(&db, statement).await.expect_err(&format!("{role:?}: {statement}")).to_string();
            let says_so = refused.contains("permission denied") || refused.contains("must be owner");
            assert!(says_so, "{role:?}: {statement}: {refused}");
        }
    }
}

#[tokio::test]
async fn with_roles_the_log_is_read_as_one_and_appended_to_as_another_on_postgres() {
    let guarded = Guarded::new().await;
    let owners = guarded.log_of_owner().await;
    let (desk, registrar) = (guarded.log_of(Role::Desk).await, guarded.log_of(Role::Registrar).await);
    desk.append(keyed("k", to(case(1), Expected::Any, [note("一"), registered("审计")]))).await.unwrap();
    let again =
        registrar.append(keyed("k", to(case(1), Expected::Any, [note("一"), registered("审计")]))).await.unwrap();
    assert!(again.repeated);
    registrar.append(to(case(2), Expected::Exactly(0), [registered("审计")])).await.unwrap();
    assert_eq!(whole(&owners).await.len(), 3);

    // The same log, opened as the desk alone.
    let alone = Log::open(guarded.db(Role::Desk).await, ticking()).await.unwrap();
    assert_eq!(whole(&alone).await, whole(&owners).await);
    match alone.append(to(case(3), Expected::Any, [note("二")])).await {
        Err(AppendError::Log(error)) => assert!(said(&*error).contains("permission denied"), "{error:?}"),
        other => panic!("{other:?}"),
    }
    let other = Guarded::new().await;
    other.log_of_owner().await;
    let apart = Log::open_apart(guarded.db(Role::Desk).await, other.db(Role::Appender).await, ticking()).await;
    assert!(matches!(apart, Err(LogError::Apart)), "{apart:?}");
}

#[tokio::test]
async fn with_roles_only_the_appender_writes_and_nobody_changes_what_is_written_on_postgres() {
    let guarded = Guarded::new().await;
    let log = guarded.log_of_owner().await;
    log.append(keyed("k", to(case(1), Expected::Any, [note("一"), registered("审计")]))).await.unwrap();
    let before = whole(&log).await;
    for role in Role::ALL {
        guarded.refuses(role, &FOR_NOBODY).await;
        if role != Role::Appender {
            guarded.refuses(role, &FOR_THE_APPENDER).await;
            let turn = format!("SET ROLE {}", guarded.roles.login(Role::Appender));
            let refused = ask(&guarded.url(role), &turn).await.expect_err("nobody turns into the appender");
            assert!(refused.contains("permission denied to set role"), "{refused}");
        }
    }
    // The owner of the tables is stopped by them as before.
    let refused = ask(guarded.database.url(), "DELETE FROM events").await.unwrap_err();
    assert!(refused.contains("append-only"), "{refused}");
    assert_eq!(whole(&log).await, before);
}

#[tokio::test]
async fn with_roles_an_intake_reads_the_directory_and_no_case_on_postgres() {
    let guarded = Guarded::new().await;
    let log = guarded.log_of_owner().await;
    log.append(to(case(1), Expected::Any, [note("一")])).await.unwrap();
    let unit = Unit {
        id: rectify_case::UnitId(uuid::Uuid::from_u128(1)),
        name: "州整改办".to_owned(),
        kind: UnitKind::Office,
        parent: None,
        division: "623000".parse().unwrap(),
        prefix: None,
    };
    let unit = [DirectoryEvent::UnitAdded(unit).into()];
    log.append(to(StreamId::Directory, Expected::Exactly(0), unit)).await.unwrap();
    log.append(to(case(1), Expected::Any, [note("二")])).await.unwrap();
    for role in [Role::Inspection, Role::Audit, Role::Petition] {
        let intake = Log::open(guarded.db(role).await, ticking()).await.unwrap();
        assert_eq!(intake.head().await.unwrap(), 3);
        let seen: Vec<u64> = intake
            .read_stream(StreamId::Directory, 0)
            .await
            .unwrap()
            .iter()
            .map(|recorded| recorded.position)
            .collect();
        assert_eq!(seen, [2]);
        assert!(intake.read_stream(case(1), 0).await.unwrap().is_empty());
        assert!(matches!(intake.read_raw(0, 10).await, Err(LogError::Missing { position: 1 })));
        assert_eq!(intake.tail(1).pass().await.unwrap(), 3);
        guarded.refuses(role, &["SELECT * FROM appends"]).await;
    }
}

#[tokio::test]
async fn with_roles_made_twice_nothing_changes_and_what_was_granted_by_hand_is_taken_back_on_postgres() {
    let guarded = Guarded::new().await;
    let desk = guarded.roles.login(Role::Desk);
    ask(guarded.database.url(), &format!("GRANT ALL ON events TO {desk}")).await.unwrap();
    let (one, other) = tokio::join!(Roles::make(&guarded.owner), Roles::make(&guarded.owner));
    one.unwrap();
    other.unwrap();
    guarded.refuses(Role::Desk, &["DELETE FROM events"]).await;
    // The password stands.
    guarded.db(Role::Desk).await;
    guarded.roles.set_password(Role::Desk, "another").await.unwrap();
    assert!(Db::connect(&guarded.url(Role::Desk), &Options::default()).await.is_err());

    let error = guarded.roles.set_password(Role::Desk, "密码").await.unwrap_err();
    assert!(matches!(error, RolesError::Password(login) if login == desk));
    ask(guarded.database.url(), &format!("ALTER ROLE {desk} CREATEROLE")).await.unwrap();
    let error = Roles::make(&guarded.owner).await.unwrap_err();
    assert!(matches!(&error, RolesError::Taken(login) if *login == desk), "{error}");
    let folder = rectify_tests::folder();
    let file = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
    assert!(matches!(Roles::make(&file).await, Err(RolesError::NotPostgres)));
}

fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
