//! `rectify migrate`: brings the tables up to date, before the services of a new version start; makes the streams, and the
//! roles of the services where that is wanted.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use rectify_kit::{Config, Part, clock, database};
use rectify_log::{Db, Log};

use crate::composition;
use crate::installation;
use crate::keys;
use crate::roles;
use crate::settings::Settings;
use crate::terminal::say;

/// What is made beside the tables.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Make a Postgres role for each service, with the rights it needs and no others
    #[arg(long)]
    roles: bool,
    // No doc comment: the angle brackets would be taken for tags.
    #[arg(
        long,
        value_name = "FOLDER",
        requires = "roles",
        help = "Give each role the password of the URL in <FOLDER>/<role>/database-url, which is made where it is missing"
    )]
    secrets: Option<PathBuf>,
}

/// Brings the tables up to date, and enters in a new directory what every installation begins with.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let (db, _lock) = database::open(&config, Part::Writer).await?;
    rectify_log::migrate(&db).await.context("cannot migrate the log")?;
    rectify_accounts::migrate(&db).await.context("cannot migrate the accounts")?;
    rectify_ledger::migrate(&db).await.context("cannot migrate the ledger")?;
    rectify_proof::migrate(&db).await.context("cannot migrate the tree")?;
    if config.keys.database.is_some() {
        let keys = keys::database(&config, Part::Writer).await?.context("keys.url names a database")?;
        rectify_keys::migrate(&keys).await.context("cannot migrate the key store")?;
    }
    let log = Log::open(db.clone(), clock::system()).await.context("cannot open the log")?;
    installation::begin(&config, &log).await?;
    if config.nats.is_some() {
        let bus = composition::bus(&config, "migrate").await?;
        bus.make_streams().await.context("cannot make the streams")?;
    }
    if arguments.roles {
        make_roles(&config, &db, arguments.secrets).await.context("cannot make the roles")?;
    }
    say("the tables are up to date")?;
    Ok(())
}

async fn make_roles(config: &Config, db: &Db, secrets: Option<PathBuf>) -> anyhow::Result<()> {
    let roles = roles::make(db).await?;
    let Some(folder) = secrets else {
        say("the roles have their rights; give each a password with \\password in psql, or all with --secrets")?;
        return Ok(());
    };
    let owner = config.database.as_ref().context("there is no database.url")?;
    for (login, file) in roles::give_passwords(&roles, owner, &folder).await? {
        say(format_args!("{login} connects by {}", file.display()))?;
    }
    Ok(())
}
