//! `rectify reproduce`: a publication made again from the log, and compared with what was published.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use rectify_case::Version;
use rectify_desk::publication::{Difference, Erased, Reproduced, Source, reproduce};
use rectify_kit::{Config, Store};

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{Paint, Style, bar, remark, say, shown_on};

/// What came out where it could not be made again. The same is 0, and something else is 1.
const NOT_REPRODUCED: u8 = 2;

/// The most cells that are told one by one; all are in the JSON.
const MOST: usize = 100;

/// Which publication.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Its number
    number: Version,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Makes it again, says what was found, and ends with 0 where it is the same, with 1 where something differs, with 2 where it could
/// not be made.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let found = match found(settings, arguments.number).await {
        Ok(found) => found,
        Err(error) => {
            remark(format_args!("rectify: not reproduced: {error:#}"));
            return Ok(ExitCode::from(NOT_REPRODUCED));
        }
    };
    if arguments.json {
        say(serde_json::to_string_pretty(&found)?)?;
    } else {
        tell(&found)?;
    }
    Ok(if found.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn found(settings: &Settings, number: Version) -> anyhow::Result<Reproduced> {
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let store = Store::open(&config.evidence)?;
    let folder = folder(&config)?;
    let source = Source { log: &installation.log, store: &store, folder: folder.path() };
    let bar = bar("events folded");
    let found = reproduce(&source, number, shown_on(&bar)).await;
    bar.finish_and_clear();
    Ok(found?)
}

/// Returns a folder for the ledgers that are folded. Where there is no room in the data folder, or none at all, there may be where
/// the system keeps such files.
fn folder(config: &Config) -> anyhow::Result<tempfile::TempDir> {
    let made = tempfile::tempdir_in(&config.data).or_else(|_| tempfile::tempdir());
    made.context("there is no room for a ledger")
}

fn tell(found: &Reproduced) -> anyhow::Result<()> {
    let paint = Paint::of_output();
    let Reproduced { number, kind, name, cases, position, program, program_now, .. } = found;
    say(format_args!("publication  {number}: {}, {name}", kind.name()))?;
    say(format_args!("log          {cases} cases as of position {position}"))?;
    say(format_args!("program      {program}, now {program_now}"))?;
    for Erased { case, position, .. } in &found.erased {
        say(format_args!(
            "erased       {case}: 密钥已于第 {position} 号事件销毁 · keys deleted at position {position}; nothing sealed is in a publication"
        ))?;
    }
    for wrong in &found.wrong {
        let at = wrong.position.map_or_else(String::new, |position| format!("position {position}: "));
        say(paint.put(Style::Bad, &format!("wrong        {at}{} ({})", wrong.what, wrong.code)))?;
    }
    for Difference { sheet, cell, then, now } in found.differing.iter().take(MOST) {
        say(format_args!("differs      {sheet}!{cell}: {then:?} → {now:?}"))?;
    }
    if found.differing.len() > MOST {
        say(format_args!("             and {} more", found.differing.len() - MOST))?;
    }
    let style = if found.is_good() { Style::Good } else { Style::Bad };
    say(paint.put(style, &in_one_line(found)))?;
    Ok(())
}

/// Returns the verdict.
fn in_one_line(found: &Reproduced) -> String {
    let Reproduced { program, program_now, .. } = found;
    match (found.is_good(), found.same_file) {
        (true, true) => "数据相同，文件逐字节相同 · same data, same file".to_owned(),
        (true, false) => {
            format!("数据相同 · same data; the file was made by version {program}, and this is {program_now}")
        }
        (false, _) if found.differing.is_empty() => "不一致 · NOT the same".to_owned(),
        (false, _) => format!("不一致 · NOT the same: {} cells differ", found.differing.len()),
    }
}
