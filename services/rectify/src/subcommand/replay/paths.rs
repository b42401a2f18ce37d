//! `rectify replay paths`: which paths cases took, how often they went back, and how long they waited for whom.

use clap::Args;
use rectify_case::{CaseId, Directory};
use rectify_mining::{Loop, Paths};

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{say, table};

/// How much of the paths is shown.
#[derive(Args, Debug)]
pub struct Arguments {
    /// At most so many paths and waits
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

/// Shows the paths.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { limit } = arguments;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let to = installation.log.head().await?;
    let paths = rectify_mining::paths(&installation.log, config.zone, to).await?;
    let kept = paths.cases - paths.astray.len() as u64;
    say(format_args!("共 {} 件，{kept} 件全程符合规定流程", paths.cases))?;
    if !paths.astray.is_empty() {
        let ids: Vec<String> = paths.astray.iter().take(limit).map(CaseId::to_string).collect();
        say(format_args!("有记录与规定流程不合：{}", ids.join("、")))?;
    }
    variants(&paths, limit)?;
    loops(&paths)?;
    waits(&paths, &installation.directory, limit)
}

fn variants(paths: &Paths, limit: usize) -> anyhow::Result<()> {
    let mut shown = table(["件数", "经过"]);
    for variant in paths.variants.iter().take(limit) {
        let stages: Vec<&str> = variant.stages.iter().map(|stage| stage.chinese()).collect();
        shown.add_row([variant.cases.to_string(), stages.join(" → ")]);
    }
    if paths.variants.is_empty() {
        return Ok(());
    }
    say(shown)?;
    if paths.variants.len() > limit {
        say(format_args!("共 {} 种经过，列出 {limit} 种（--limit 可调整）", paths.variants.len()))?;
    }
    Ok(())
}

fn loops(paths: &Paths) -> anyhow::Result<()> {
    if paths.loops.is_empty() {
        return Ok(());
    }
    let mut shown = table(["往复", "件数", "次数"]);
    for (way_back, (cases, times)) in &paths.loops {
        shown.add_row([called(*way_back).to_owned(), cases.to_string(), times.to_string()]);
    }
    Ok(say(shown)?)
}

fn called(way_back: Loop) -> &'static str {
    match way_back {
        Loop::Returned => "退回",
        Loop::HandedBack => "交回",
        Loop::TakenBack => "收回",
        Loop::Reassigned => "改派",
        Loop::Failed => "核验不通过",
        Loop::SetAside => "退回整改",
        Loop::Reopened => "恢复整改",
        Loop::Revived => "恢复立案",
    }
}

/// Prints how long cases waited, the longest of the medians first.
fn waits(paths: &Paths, directory: &Directory, limit: usize) -> anyhow::Result<()> {
    if paths.waits.is_empty() {
        return Ok(());
    }
    let mut waits: Vec<_> = paths.waits.iter().collect();
    waits.sort_by_key(|(_, wait)| std::cmp::Reverse((wait.median_days, wait.times)));
    let mut shown = table(["单位", "环节", "次数", "中位天数", "最长天数"]);
    for ((unit, stage), wait) in waits.into_iter().take(limit) {
        shown.add_row([
            directory.unit_name(*unit),
            stage.chinese().to_owned(),
            wait.times.to_string(),
            wait.median_days.to_string(),
            wait.longest_days.to_string(),
        ]);
    }
    Ok(say(shown)?)
}
