//! The log, what is folded from it, and who may do anything.

use chrono::TimeDelta;
use rectify_accounts::{AccountsError, Backup};
use rectify_kit::Config;
use rectify_ledger::Ledger;

use super::finding::{Finding, bad, good, note};
use crate::installation::Installation;

/// How far the ledger may be behind before it is worth a word: what is written between two looks.
const BEHIND: u64 = 1000;

/// Says why there is no log to examine.
pub fn unopened(config: &Config, error: &anyhow::Error) -> Finding {
    let said = format!("{error:#}");
    let mend = if said.contains("rectify migrate") || said.contains("rectify up") {
        "do what it says"
    } else if config.database.is_some() {
        "start Postgres, or correct database.url; the user needs to own the database"
    } else {
        "look whether the data folder is the right one (--data) and may be read"
    };
    bad("log", said, mend)
}

/// Examines the log and what stands on it.
pub async fn examined(config: &Config, installation: &Installation) -> Vec<Finding> {
    let head = installation.position;
    let mut findings = vec![good("log", format!("{} events, log {}", head, installation.log.id()))];
    findings.push(clock(installation).await);
    findings.push(ledger(config, installation).await);
    let accounts = installation.accounts().await;
    findings.push(match &accounts {
        Ok(_) => good("tokens", "their table is up to date"),
        Err(error) => bad("tokens", format!("{error:#}"), "run `rectify migrate`"),
    });
    if let Ok(accounts) = &accounts {
        findings.push(backup(installation, accounts.last_backup().await));
    }
    findings.push(if installation.has_administrator() {
        good("administrator", "there is one")
    } else {
        bad(
            "administrator",
            "nobody keeps units, people and tokens",
            "make one: `rectify person add NAME --role administrator --token`",
        )
    });
    if installation.directory.sources().next().is_none() {
        let mend = "enter those that ship: `rectify migrate`";
        findings.push(bad("sources", "none is defined, so nothing can be handed in", mend));
    }
    findings
}

/// Everything can be had back that was there a day ago.
fn backup(installation: &Installation, last: Result<Option<Backup>, AccountsError>) -> Finding {
    const WHAT: &str = "backup";
    let mend = "make one every day: `rectify backup FOLDER`";
    let backup = match last {
        Ok(Some(backup)) => backup,
        Ok(None) => return note(WHAT, "none was ever made", mend),
        Err(error) => return bad(WHAT, error.to_string(), "run `rectify migrate`"),
    };
    let age = installation.now() - backup.made;
    let said = format!(
        "to position {} of {}, {} ago, in {}",
        backup.position,
        installation.position,
        in_words(age),
        backup.place
    );
    if backup.log != installation.log.id() {
        note(WHAT, format!("the last one is of log {}, which this one goes on from: {said}", backup.log), mend)
    } else if age > TimeDelta::days(1) {
        note(WHAT, said, mend)
    } else {
        good(WHAT, said)
    }
}

fn in_words(age: TimeDelta) -> String {
    match (age.num_days(), age.num_hours(), age.num_minutes()) {
        (days @ 2.., ..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} hours"),
        (_, _, minutes) => format!("{} minutes", minutes.max(0)),
    }
}

/// Whatever was recorded was recorded before now.
async fn clock(installation: &Installation) -> Finding {
    let now = installation.now();
    let last = match installation.log.read_all(installation.position.saturating_sub(1), 1).await {
        Ok(events) => events.first().map(|event| event.envelope.recorded),
        Err(error) => return bad("log", format!("its last event cannot be read: {error}"), "restore the database"),
    };
    match last {
        Some(last) if last > now + TimeDelta::seconds(1) => bad(
            "clock",
            format!("it is {now} here, and the last event was recorded at {last}"),
            "set the clock of this machine by a time server; times in the log never go back, so until then they stand still",
        ),
        _ => good("clock", format!("{}", now.format("%Y-%m-%d %H:%M:%S UTC"))),
    }
}

async fn ledger(config: &Config, installation: &Installation) -> Finding {
    const WHAT: &str = "ledger";
    let start =
        if config.database.is_some() { "start the projector: `rectify projector`" } else { "start `rectify up`" };
    match rectify_ledger::is_migrated(&installation.db).await {
        Ok(true) => {}
        Ok(false) => return note(WHAT, "there is none yet", start),
        Err(error) => return bad(WHAT, error.to_string(), "run `rectify migrate`"),
    }
    let folded = match Ledger::open(&installation.db).await {
        Ok(ledger) => ledger.checkpoint().await,
        Err(error) => Err(error),
    };
    let folded = match folded {
        Err(error) => return bad(WHAT, error.to_string(), "fold it again: `rectify rebuild`"),
        Ok(folded) => folded,
    };
    // Where the log ends is asked once more, for it may have grown since the installation was opened.
    let head = match installation.log.head().await {
        Err(error) => return bad("log", error.to_string(), "restore the database"),
        Ok(head) => head,
    };
    if folded > head {
        bad(
            WHAT,
            format!("it is folded to {folded}, and the log ends at {head}"),
            "the log was restored from an older state: see `mirror`, then fold the ledger again with `rectify rebuild`",
        )
    } else if head - folded > BEHIND {
        note(WHAT, format!("it is {} events behind the log, or follows it just now", head - folded), start)
    } else {
        good(WHAT, format!("folded to {folded} of {head}"))
    }
}
