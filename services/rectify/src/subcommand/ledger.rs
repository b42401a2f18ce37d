//! `rectify ledger`: the cases as a table, and how many there are.

pub mod which;

use anyhow::bail;
use clap::Args;
use comfy_table::{ColumnConstraint, Table};
use rectify_case::{Directory, SourceCode};
use rectify_kit::Config;
use rectify_ledger::{Counts, Filter, Ledger, OutcomeKind, Page, Row, Sort, Viewer, Wanted};

use crate::installation::{ID_PREFIX, Installation};
use crate::settings::Settings;
use crate::subcommand::ledger::which::Which;
use crate::terminal::{remark, say, table};
use crate::wording;

/// Which cases are listed.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// In this order: number, due, updated, registered, severity; with - before it the other way round
    #[arg(long, default_value = "number", allow_hyphen_values = true)]
    sort: Sort,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Only count them, by stage, source and outcome where nothing else is asked
    #[arg(long)]
    count: bool,
    /// Print every row of every table instead, a line each: two ledgers folded from one log have the same
    #[arg(long)]
    rows: bool,
}

/// Prints the cases that are asked for.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let ledger = open(&installation, &config).await?;
    if arguments.rows {
        return rows(&ledger.dump().await?);
    }
    let (viewer, now) = (Viewer::operator(), installation.now());

    let filter = arguments.which.filter(&installation)?;
    if arguments.count && filter == Filter::default() {
        return count(&ledger.counts(&viewer, now).await?, &installation.directory);
    }
    let limit = if arguments.count { 0 } else { arguments.limit };
    let wanted = Wanted { filter, sort: arguments.sort, limit, total: true, ..Wanted::default() };
    let page = ledger.list(&viewer, &wanted, now).await?;
    if arguments.count {
        say(page.total.unwrap_or_default())?;
    } else {
        list(&page, &installation.directory)?;
    }
    let head = installation.log.head().await?;
    if page.position < head {
        remark(format_args!("the ledger is behind the log: folded to {} of {head}", page.position));
    }
    Ok(())
}

/// Opens the ledger to read.
pub async fn open(installation: &Installation, config: &Config) -> anyhow::Result<Ledger> {
    if !rectify_ledger::is_migrated(&installation.db).await? {
        let next = if config.database.is_some() { "rectify migrate" } else { "rectify up" };
        bail!("there is no ledger yet: `{next}` makes it");
    }
    Ok(Ledger::open(&installation.db).await?)
}

fn rows(rows: &[String]) -> anyhow::Result<()> {
    // A row is one line, whatever stands in it.
    for row in rows {
        say(row.replace('\n', "\\n"))?;
    }
    Ok(())
}

fn list(page: &Page, directory: &Directory) -> anyhow::Result<()> {
    if let Some(table) = listed(&page.rows, directory) {
        say(table)?;
    }
    Ok(say(told_total(page.total.unwrap_or_default(), page.rows.len()))?)
}

/// Returns cases as a table; none where there are none.
pub fn listed(rows: &[Row], directory: &Directory) -> Option<Table> {
    let mut table = table(["编号", "标题", "来源", "环节", "等级", "牵头单位", "时限", "结果"]);
    if let Some(number) = table.column_mut(0) {
        // A number, or what stands in its place, is there to be copied.
        number.set_constraint(ColumnConstraint::ContentWidth);
    }
    table.add_rows(rows.iter().map(|row| cells(row, directory)));
    (!rows.is_empty()).then_some(table)
}

/// Returns how many cases there are and how many are listed, in words.
pub fn told_total(total: u64, shown: usize) -> String {
    if total > shown as u64 {
        format!("共 {total} 件，列出 {shown} 件（--limit 可调整）")
    } else {
        format!("共 {total} 件")
    }
}

fn cells(row: &Row, directory: &Directory) -> [String; 8] {
    let source = row.source.as_ref().map(|code| named(code, directory));
    let due = row.due_day.map(|day| day.to_string()).unwrap_or_default();
    let number = row.number.clone().unwrap_or_else(|| format!("未编号 {:.*}", ID_PREFIX, row.id.to_string()));
    let before = match (&row.old_number, row.carried_over) {
        (Some(old), _) => format!("\n承前 {old}"),
        (None, true) => "\n承前".to_owned(),
        (None, false) => String::new(),
    };
    let outcome = row.outcome.map(outcome).unwrap_or_default();
    [
        number + &before,
        if row.listed { format!("【挂牌】{}", row.title) } else { row.title.clone() },
        source.unwrap_or_default(),
        row.stage.chinese().to_owned(),
        wording::severity(row.severity).to_owned(),
        row.lead.map(|lead| directory.unit_name(lead)).unwrap_or_default(),
        if row.overdue { format!("{due} 超期") } else { due },
        if row.declared { format!("{outcome}（承前）") } else { outcome.to_owned() },
    ]
}

fn named(code: &SourceCode, directory: &Directory) -> String {
    directory.source(code).map_or_else(|| code.to_string(), |source| source.name.clone())
}

/// Returns what an outcome is called, without the day of a review.
pub fn outcome(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Rectified => "已整改",
        OutcomeKind::DoneAndKeptUp => "长期坚持",
        OutcomeKind::Unfounded => "不属实",
        OutcomeKind::DisagreementUpheld => "异议成立",
        OutcomeKind::Overtaken => "已无整改条件",
        OutcomeKind::Withdrawn => "来源撤回",
    }
}

fn count(counts: &Counts, directory: &Directory) -> anyhow::Result<()> {
    say(format_args!("共 {} 件，在办 {} 件，超期 {} 件", counts.total, counts.live, counts.overdue))?;
    let stages = counts.by_stage.iter().map(|(stage, n)| (stage.chinese().to_owned(), *n)).collect();
    let sources = counts.by_source.iter().map(|(code, n)| (named(code, directory), *n)).collect();
    let declared =
        counts.by_declared_outcome.iter().map(|(kind, n)| (format!("{}（承前，未经核验）", outcome(*kind)), *n));
    let outcomes = counts.by_outcome.iter().map(|(kind, n)| (outcome(*kind).to_owned(), *n)).chain(declared).collect();
    let groups: [(&str, Vec<(String, u64)>); 3] = [("环节", stages), ("来源", sources), ("结果", outcomes)];
    for (title, group) in groups.into_iter().filter(|(_, group)| !group.is_empty()) {
        let mut table = table([title, "件数"]);
        for (name, number) in group {
            table.add_row([name, number.to_string()]);
        }
        say(table)?;
    }
    Ok(())
}
