//! `rectify export case`: the dossier of a case, with what proves it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use rectify_case::{CaseId, CaseNumber};
use rectify_desk::dossier::{Source, Wanted, make};
use rectify_kit::Store;
use rectify_proof::{SignedCheckpoint, Tree, is_migrated};
use tempfile::NamedTempFile;

use crate::installation::Installation;
use crate::settings::Settings;
use crate::subcommand::case::named;
use crate::terminal::{remark, say};

/// Of which case, and where it goes.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Its number, such as 审计-2020-0007, or that of an older ledger, or its id, or at least its first eight characters
    case: String,
    /// Where it goes; else to a file of the case's number in this folder
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// The signed checkpoint that its reader had before: the dossier then proves that the log goes on from it
    #[arg(long, value_name = "FILE")]
    from_checkpoint: Option<PathBuf>,
}

/// Writes it.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { case: wanted, to, from_checkpoint } = arguments;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    if !is_migrated(&installation.db).await? {
        bail!("nothing was signed yet: start the services of this version first");
    }
    let numbers: HashMap<CaseId, CaseNumber> = installation.numbers().await?.into_iter().collect();
    let (case, events) = named(&installation, &wanted, &numbers).await?;
    let wanted = Wanted {
        case,
        events,
        withheld: BTreeSet::new(),
        called: numbers.into_iter().map(|(id, number)| (id, number.to_string())).collect(),
        looks: true,
        earlier: from_checkpoint.as_deref().map(checkpoint_in).transpose()?,
    };
    let (tree, store) = (Tree::new(installation.db.clone()), Store::open(&config.evidence)?);
    let source = Source {
        log: &installation.log,
        tree: &tree,
        store: &store,
        directory: &installation.directory,
        zone: config.zone,
        now: installation.now(),
    };
    // Beside where it goes, so that it has its name when it is whole, and not before.
    let beside = to.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    let growing = NamedTempFile::new_in(beside).with_context(|| format!("cannot write in {}", beside.display()))?;
    let made = make(&source, &wanted, growing.reopen()?).await?;
    made.file.sync_all()?;
    let to = to.unwrap_or_else(|| PathBuf::from(&made.name));
    growing.persist_noclobber(&to).with_context(|| format!("cannot write {}", to.display()))?;
    say(to.display())?;
    remark(format_args!(
        "{} events up to position {}, signed at {}; known by {}",
        made.version,
        wanted.events.last().map_or(0, |event| event.position),
        made.checkpoint,
        made.sums
    ));
    for (name, absent) in &made.absent {
        remark(format_args!("佐证材料不在卷内 · the evidence {name} is not in it: {absent:?}"));
    }
    Ok(())
}

fn checkpoint_in(file: &Path) -> anyhow::Result<SignedCheckpoint> {
    let note = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    SignedCheckpoint::read(&note).with_context(|| format!("the file {}", file.display()))
}
