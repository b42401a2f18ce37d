//! The roles of an installation on PostgreSQL: one for each process that logs in, with what it needs and no more.
//!
//! They are named after the database, so that several installations share a cluster: in `rectify` there is
//! `rectify_desk`. Who owns the tables is none of them. Each crate that stores grants what is done to its own tables.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgPool};

use crate::db::{Db, DbError, PATIENCE};

/// A role that a process logs in as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The only one that appends events; who decides what to append connects a second time as this one.
    Appender,
    /// Opens cases from findings, relays the log.
    Registrar,
    /// Folds the log into the ledger.
    Projector,
    /// Serves the API.
    Desk,
    /// Takes inspection lists.
    Inspection,
    /// Takes audit reports.
    Audit,
    /// Takes petitions.
    Petition,
    /// Reads everything, for whoever examines the installation.
    Reader,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 8] = [
        Role::Appender,
        Role::Registrar,
        Role::Projector,
        Role::Desk,
        Role::Inspection,
        Role::Audit,
        Role::Petition,
        Role::Reader,
    ];

    /// Returns its name, as it follows that of the database.
    pub fn name(self) -> &'static str {
        match self {
            Role::Appender => "appender",
            Role::Registrar => "registrar",
            Role::Projector => "projector",
            Role::Desk => "desk",
            Role::Inspection => "inspection",
            Role::Audit => "audit",
            Role::Petition => "petition",
            Role::Reader => "reader",
        }
    }
}

/// The roles of one database.
#[derive(Clone, Debug)]
pub struct Roles {
    pool: PgPool,
    database: String,
}

/// Why there are no roles.
#[derive(Debug, thiserror::Error)]
pub enum RolesError {
    /// The database is a file.
    #[error("roles are for PostgreSQL; who may read the data folder may read everything in it")]
    NotPostgres,
    /// The database has a name that roles cannot be named after.
    #[error(
        "roles are named after the database, and {0:?} is not lower-case letters, digits and underscores, at most 48"
    )]
    Name(String),
    /// A role of such a name is there and is somebody else.
    #[error("the role {0} is there already and may do more than any service: it is not one of ours")]
    Taken(String),
    /// A password cannot be used.
    #[error("the password of {0} is empty or has other characters than printable ASCII")]
    Password(String),
    /// The database refused.
    #[error("the database failed")]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for RolesError {
    fn from(error: sqlx::Error) -> Self {
        RolesError::Db(DbError::Sql(error))
    }
}

/// The group that owns the ledger, whoever folds it.
const LEDGER: &str = "ledger";

/// The longest name of a database that leaves room for that of a role.
const LONGEST: usize = 48;

/// How often a password is hashed, as PostgreSQL does.
const ROUNDS: u32 = 4096;

/// Is there a role of this name, and may it do what none of ours may?
const STANDING_OF: &str = "
SELECT r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR r.oid = d.datdba
FROM pg_roles AS r, pg_database AS d
WHERE r.rolname = $1 AND d.datname = current_database()";

/// What each may do to the database itself, and who owns the ledger.
const DATABASE: &str = "
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {all};
GRANT USAGE ON SCHEMA public TO {all};
GRANT CREATE ON DATABASE {database} TO {ledger};
GRANT {ledger} TO {projector}, {desk}, CURRENT_USER";

/// What is done to the log. The intakes read of it what the directory is folded from.
const LOG: &str = "
REVOKE ALL ON head, events, appends, series, log_migrations FROM PUBLIC, {all};
GRANT SELECT ON log_migrations, head, events TO {all};
GRANT SELECT ON appends TO {appender}, {registrar}, {desk}, {reader};
GRANT INSERT ON events, appends TO {appender};
GRANT SELECT, INSERT, UPDATE ON series TO {appender};
GRANT SELECT ON series TO {reader};
GRANT UPDATE (position, recorded) ON head TO {appender};
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS appended ON events;
DROP POLICY IF EXISTS everything ON events;
DROP POLICY IF EXISTS the_directory ON events;
CREATE POLICY appended ON events FOR INSERT TO {appender} WITH CHECK (true);
CREATE POLICY everything ON events FOR SELECT TO {appender}, {registrar}, {projector}, {desk}, {reader} USING (true);
CREATE POLICY the_directory ON events FOR SELECT TO {inspection}, {audit}, {petition} USING (stream = 'directory')";

impl Roles {
    /// Makes the roles that are not there yet, and grants what is done to the log's tables, which are there. Run by the
    /// owner of the database, who may make roles. Running it again changes nothing, and takes back what was granted by
    /// hand.
    pub async fn make(db: &Db) -> Result<Roles, RolesError> {
        let Db::Postgres(pool) = db else { return Err(RolesError::NotPostgres) };
        let database: String = sqlx::query_scalar("SELECT current_database()::text").fetch_one(pool).await?;
        if !is_plain(&database) {
            return Err(RolesError::Name(database));
        }
        // Statements with what stands for a password are not for log lines, at whatever level.
        let quiet = (*pool.connect_options()).clone().disable_statement_logging();
        let own = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect_lazy_with(quiet);
        let roles = Roles { pool: own, database };
        for (name, may) in Role::ALL.map(|role| (role.name(), "LOGIN")).into_iter().chain([(LEDGER, "NOLOGIN")]) {
            let name = roles.named(name);
            match sqlx::query_scalar(STANDING_OF).bind(&name).fetch_optional(&roles.pool).await? {
                Some(true) => return Err(RolesError::Taken(name)),
                Some(false) => {}
                None => roles.run(&format!("CREATE ROLE {name} {may}")).await?,
            }
        }
        roles.run(DATABASE).await?;
        roles.run(LOG).await?;
        Ok(roles)
    }

    /// Returns the name that a role logs in with.
    pub fn login(&self, role: Role) -> String {
        self.named(role.name())
    }

    /// Returns a password that nobody guesses and no URL has to encode.
    pub fn new_password() -> String {
        hex::encode(rand::random::<[u8; 24]>())
    }

    /// Gives a role its password. The server is sent what it checks passwords with, so that none is in its own log.
    pub async fn set_password(&self, role: Role, password: &str) -> Result<(), RolesError> {
        let login = self.login(role);
        if password.is_empty() || !password.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RolesError::Password(login));
        }
        self.run(&format!("ALTER ROLE {login} PASSWORD '{}'", verifier(password, &rand::random()))).await
    }

    /// Runs statements of this program in one transaction, in which `{desk}` stands for the role of that name, `{all}` for
    /// every role that logs in, `{ledger}` for the group that owns the ledger, and `{database}` for the database.
    pub async fn run(&self, statements: &str) -> Result<(), RolesError> {
        let all = Role::ALL.map(|role| self.login(role)).join(", ");
        let mut text = statements.replace("{all}", &all).replace("{database}", &self.database);
        for name in Role::ALL.map(Role::name).into_iter().chain([LEDGER]) {
            text = text.replace(&format!("{{{name}}}"), &self.named(name));
        }
        let mut tx = self.pool.begin().await?;
        // Two that grant at once would each undo what the other did, or fail.
        sqlx::query("SELECT pg_advisory_xact_lock(hashtext('rectify roles'))").execute(&mut *tx).await?;
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    fn named(&self, name: &str) -> String {
        format!("{}_{name}", self.database)
    }
}

fn is_plain(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= LONGEST && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(good)
}

/// Returns what PostgreSQL keeps of a password: a SCRAM-SHA-256 verifier (RFC 5803).
fn verifier(password: &str, salt: &[u8; 16]) -> String {
    let mut round = hmac(password.as_bytes(), &[salt.as_slice(), &1u32.to_be_bytes()].concat());
    let mut salted = round;
    for _ in 1..ROUNDS {
        round = hmac(password.as_bytes(), &round);
        salted.iter_mut().zip(round).for_each(|(sum, byte)| *sum ^= byte);
    }
    let stored = Sha256::digest(hmac(&salted, b"Client Key"));
    let server = hmac(&salted, b"Server Key");
    let [salt, stored, server] = [salt.as_slice(), &stored, &server].map(|bytes| STANDARD.encode(bytes));
    format!("SCRAM-SHA-256${ROUNDS}:{salt}${stored}:{server}")
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.chain_update(text).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7677, section 3: user, pencil.
    #[test]
    fn a_password_becomes_what_the_standard_says() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        assert_eq!(
            verifier("pencil", &salt.try_into().unwrap()),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
             wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }

    #[test]
    fn a_database_of_an_odd_name_has_no_roles() {
        assert!(is_plain("rectify") && is_plain("rectify_2"));
        for odd in ["", "Rectify", "re-ctify", "2rectify", "整改", &"r".repeat(49)] {
            assert!(!is_plain(odd), "{odd}");
        }
    }
}
