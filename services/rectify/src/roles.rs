//! The roles of the services on Postgres, and the files that their URLs are kept in.

use std::fs::{DirBuilder, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rectify_log::{Db, Role, Roles};
use secrecy::{ExposeSecret as _, SecretString};

/// The files that hold the URLs, named as the credentials that the settings are found in.
const URL: &str = "database-url";
const APPEND_URL: &str = "database-append-url";

/// Makes the roles, and grants each what it needs of every table there is.
pub async fn make(db: &Db) -> anyhow::Result<Roles> {
    let roles = Roles::make(db).await?;
    rectify_accounts::grant(&roles).await?;
    rectify_ledger::grant(&roles).await?;
    rectify_proof::grant(&roles).await?;
    Ok(roles)
}

/// Gives each role the password that stands in its file, in which a URL with a new one is put where there is none. Returns
/// what each role logs in as, with its file.
///
/// The file is `database-url` in a folder of the role's name, which holds whatever secrets that process has. The registrar
/// and the desk have the appender's URL beside theirs.
pub async fn give_passwords(
    roles: &Roles,
    owner: &SecretString,
    folder: &Path,
) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut given = Vec::new();
    for role in Role::ALL {
        let (login, own) = (roles.login(role), folder.join(role.name()));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&own);
        made.with_context(|| format!("cannot make the folder {}", own.display()))?;
        let file = own.join(URL);
        let url = kept(&file, owner, &login).with_context(|| format!("cannot keep a URL in {}", file.display()))?;
        let password = password_in(url.expose_secret(), &login)
            .with_context(|| format!("{} holds no URL of {login} with a password", file.display()))?;
        roles.set_password(role, &password).await?;
        given.push((login, file));
    }
    let appender = folder.join(Role::Appender.name()).join(URL);
    for role in [Role::Registrar, Role::Desk] {
        let copy = folder.join(role.name()).join(APPEND_URL);
        // The copy is as closed to others as what is copied.
        std::fs::copy(&appender, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
    }
    Ok(given)
}

/// Returns the URL in a file, which is made with a new password where it is missing.
fn kept(file: &Path, owner: &SecretString, login: &str) -> anyhow::Result<SecretString> {
    match std::fs::read_to_string(file) {
        Ok(text) => return Ok(text.trim().to_owned().into()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let url = url_of(owner.expose_secret(), login, &Roles::new_password()).context("database.url is no URL")?;
    let mut made = File::options().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(made, "{url}")?;
    made.sync_all()?;
    Ok(url.into())
}

/// Returns the URL of the same database as somebody else.
fn url_of(owner: &str, login: &str, password: &str) -> Option<String> {
    let (scheme, rest) = owner.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(format!("{scheme}://{login}:{password}@{host}{path}"))
}

/// Returns the password in a URL, if it is of this login.
fn password_in(url: &str, login: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let (user, password) = authority.rsplit_once('@')?.0.split_once(':')?;
    let decoded = percent_encoding::percent_decode_str(password).decode_utf8().ok()?;
    (user == login && !decoded.is_empty()).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_reaches_the_same_database_as_its_owner() {
        let url = url_of("postgres://owner:p@ss@db:5432/rectify?sslmode=verify-full", "rectify_desk", "x").unwrap();
        assert_eq!(url, "postgres://rectify_desk:x@db:5432/rectify?sslmode=verify-full");
        assert_eq!(url_of("postgres://db", "rectify_desk", "x").unwrap(), "postgres://rectify_desk:x@db");
        assert_eq!(password_in(&url, "rectify_desk").as_deref(), Some("x"));
        assert_eq!(password_in("postgres://rectify_desk:a%2Fb@db/rectify", "rectify_desk").as_deref(), Some("a/b"));
        for wrong in ["postgres://rectify_audit:x@db", "postgres://rectify_desk@db", "postgres://rectify_desk:@db", "x"]
        {
            assert_eq!(password_in(wrong, "rectify_desk"), None, "{wrong}");
        }
    }
}
