//! What is around the log: the place of the evidence, the office's key, and the server if one runs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use rectify_kit::config::EvidenceStore;
use rectify_kit::database::{FolderInUse, FolderLock};
use rectify_kit::{Config, Store};
use serde::Deserialize;

use super::finding::{Finding, bad, good, note};
use crate::keys;
use crate::rotation::{self, Left};

/// How long a server may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// Examines who else on this machine may read what is kept; nothing where there is no folder yet.
pub fn folder(config: &Config) -> Option<Finding> {
    const WHAT: &str = "folder";
    let mode = std::fs::metadata(&config.data).ok()?.permissions().mode() & 0o777;
    let folder = config.data.display();
    Some(match mode & 0o077 {
        0 => good(WHAT, format!("{folder} is closed to other users")),
        _ => note(
            WHAT,
            format!("other users of this machine may look into {folder} (its mode is {mode:o})"),
            format!("close it: chmod 700 {folder}"),
        ),
    })
}

/// Examines whether evidence can be put away.
pub async fn evidence(config: &Config) -> Finding {
    const WHAT: &str = "evidence";
    match &config.evidence.store {
        EvidenceStore::S3(bucket) => match Store::open(&config.evidence) {
            Ok(_) => good(WHAT, format!("in {}", bucket.url)),
            Err(error) => bad(WHAT, error.to_string(), "correct the settings of [evidence]"),
        },
        EvidenceStore::Folder(folder) if !folder.exists() => {
            good(WHAT, format!("in {}, which the desk makes when it starts", folder.display()))
        }
        EvidenceStore::Folder(folder) => match writable(folder).await {
            Ok(()) => good(WHAT, format!("in {}", folder.display())),
            Err(error) => bad(
                WHAT,
                format!("cannot write in {}: {error}", folder.display()),
                "give the folder to the user that the desk runs as, or make room on the disk",
            ),
        },
    }
}

/// Examines whether the office's key is beside its key store, and what a change of it left behind; nothing where all is as it is
/// to be.
pub fn key(config: &Config) -> Option<Finding> {
    const WHAT: &str = "key";
    let Some(left) = rotation::left(config) else {
        let file = &config.keys.private_key;
        return (keys::is_here(config) && !file.exists()).then(|| {
            note(
                WHAT,
                "the office's private key is not here, and nothing that is sealed can be opened",
                format!("put the copy that is kept elsewhere back as {}, where petitions are opened", file.display()),
            )
        });
    };
    Some(match left {
        Left::Unfinished => {
            bad(WHAT, "another key of the office was on its way and cut off", "go on: `rectify keys rotate`")
        }
        Left::Earlier(file) => note(
            WHAT,
            "the key that the office had before is kept, and nothing needs it any more",
            format!("delete {}, and every backup of the key store from before", file.display()),
        ),
    })
}

async fn writable(folder: &Path) -> std::io::Result<()> {
    let trial = folder.join(format!(".doctor-{}", std::process::id()));
    tokio::fs::write(&trial, b"can this be written?").await?;
    tokio::fs::remove_file(&trial).await
}

/// Examines whether a server runs, and what it says of itself.
pub async fn server(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "server";
    let url = format!("http://{}/readyz", config.http.listen);
    let holder = match config.database {
        None => holder(&config.data),
        Some(_) => None,
    };
    let answer = match reqwest::Client::new().get(&url).timeout(PATIENCE).send().await {
        Ok(response) => response.json::<Readiness>().await.ok(),
        Err(_) => None,
    };
    match (answer, holder) {
        (Some(Readiness { ready: true, .. }), _) => vec![good(WHAT, format!("ready at {}", config.http.listen))],
        (Some(Readiness { checks, .. }), _) => {
            let failed = checks.into_iter().filter(|check| !check.ready);
            let said = failed.map(|check| format!("{}: {}", check.name, check.reason.unwrap_or_default()));
            vec![bad(
                WHAT,
                format!("not ready at {} ({})", config.http.listen, said.collect::<Vec<_>>().join("; ")),
                "what it names is examined below; its log lines tell more",
            )]
        }
        (None, Some(process)) => vec![note(
            WHAT,
            format!("process {process} has the data folder, and nothing answers at {url}"),
            "ask with the settings it was started with (--config, --listen)",
        )],
        (None, None) => vec![note(
            WHAT,
            format!("none answers at {}", config.http.listen),
            if config.database.is_some() { "start the services" } else { "start it: `rectify up`" },
        )],
    }
}

/// Returns the process that writes in the data folder, if there is one.
fn holder(folder: &Path) -> Option<String> {
    if !folder.exists() {
        return None;
    }
    FolderLock::take(folder).err()?.downcast::<FolderInUse>().ok().map(|in_use| in_use.holder)
}

/// What `/readyz` answers.
#[derive(Deserialize)]
struct Readiness {
    ready: bool,
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    name: String,
    ready: bool,
    reason: Option<String>,
}
