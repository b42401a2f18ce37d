//! `rectify verify DOSSIER.zip`: whether a dossier is what it says, by the office's public key alone.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use rectify_proof::dossier::{Absence, Refused, Verdict, Wrong, check};

use super::{Arguments, not_verified};
use crate::terminal::{Paint, Style, say};

/// Checks a dossier, says what was found, and ends as the verification of an installation does.
pub fn run(file: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let paint = Paint::of_output();
    let verdict = match looked_into(file, arguments) {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(refused)) => {
            say(paint.put(Style::Bad, &format!("{}: {refused}", file.display())))?;
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Ok(not_verified(&error)),
    };
    arguments.keep(&verdict)?;
    tell(&verdict, paint)?;
    Ok(if verdict.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn looked_into(file: &Path, arguments: &Arguments) -> anyhow::Result<Result<Verdict, Refused>> {
    let trusted = arguments.trusted()?;
    if trusted.keys.is_empty() {
        bail!(
            "a dossier is checked with the office's public key: --key office.vkey, which must not come with the dossier"
        );
    }
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    match check(BufReader::new(opened), &trusted) {
        Err(Refused::Unreadable(error)) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        checked => Ok(checked),
    }
}

fn tell(verdict: &Verdict, paint: Paint) -> anyhow::Result<()> {
    let Verdict {
        log, case, number, size, root, events, last, last_position, withheld, looks, opened_while_held, ..
    } = verdict;
    let Verdict { evidence, absent, goes_on_from, witnessed, not_compared, wrong, more_wrong, .. } = verdict;
    let number = number.as_deref().unwrap_or("（未编号）");
    say(format_args!("case         {number}, {case}"))?;
    say(format_args!("log          {log}, signed at {size} events, root {root}"))?;
    say(format_args!("events       {events}, the last is version {last} at position {last_position}"))?;
    if *withheld > 0 {
        say(format_args!("withheld     {withheld} of them are proved to be in the log and not shown"))?;
    }
    if let Some(looks) = looks {
        say(format_args!("looks        {looks}"))?;
    }
    for position in opened_while_held {
        let what = format!(
            "while held   仅存储期间拆阅 · at position {position} a petition was opened that was held to storage only"
        );
        say(paint.put(Style::Warning, &what))?;
    }
    say(format_args!("evidence     {evidence} files"))?;
    for (name, absence) in absent {
        let why = match absence {
            Absence::Withdrawn => "已撤回 · withdrawn",
            Absence::Missing => "不在库中 · it was not in the store",
            Absence::Damaged => "库中文件已损坏 · the store had other bytes",
        };
        say(paint.put(Style::Warning, &format!("absent       {name}: {why}")))?;
    }
    if let Some(earlier) = goes_on_from {
        say(format_args!("goes on      from the checkpoint of {earlier} events"))?;
    }
    if *witnessed > 0 {
        say(format_args!("witnessed    {witnessed} events by what came from elsewhere"))?;
    }
    for mark in not_compared {
        let what = format!(
            "not compared {mark}: the dossier proves nothing about a log of that size; have one made from that checkpoint"
        );
        say(paint.put(Style::Warning, &what))?;
    }
    for Wrong { file, code, what } in wrong {
        say(paint.put(Style::Bad, &format!("wrong        {file}: {what} ({code})")))?;
    }
    if *more_wrong > 0 {
        say(format_args!("             and {more_wrong} more"))?;
    }
    if verdict.is_good() {
        let good = format!(
            "核验通过 · genuine: versions 1 to {last} of the case are as they were recorded, none of them missing; whether another came \
             after position {last_position} up to {size} no dossier can show"
        );
        say(paint.put(Style::Good, &good))?;
    } else {
        say(paint.put(Style::Bad, "核验不通过 · NOT genuine: this is not what stands in the signed log"))?;
    }
    Ok(())
}
