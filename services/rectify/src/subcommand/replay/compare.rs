//! `rectify replay compare`: two moments of the ledger beside one another.

use clap::Args;
use rectify_case::Directory;
use rectify_ledger::{Changed, Difference, Row, differences};
use rectify_log::At;

use super::ledger::{From, rows_at, say_from, standing};
use super::moment::{AsOf, Clock};
use crate::installation::{ID_PREFIX, Installation};
use crate::settings::Settings;
use crate::subcommand::ledger::outcome;
use crate::subcommand::ledger::which::Which;
use crate::terminal::say;
use crate::wording;

/// Which moments are compared, and which cases.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The first moment: the end of a day, an instant, or a position of the log
    #[arg(long, value_name = "DAY|INSTANT|POSITION")]
    from: At,
    /// By which clock it is
    #[arg(long, value_enum, default_value_t)]
    from_clock: Clock,
    /// The second moment; else now
    #[arg(long, value_name = "DAY|INSTANT|POSITION")]
    to: Option<At>,
    /// By which clock it is
    #[arg(long, value_enum, default_value_t)]
    to_clock: Clock,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    begin: From,
    /// At most so many of each kind
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Print every case of which something is different as a line of JSON instead
    #[arg(long)]
    json: bool,
}

/// Prints what is different between the cases that are asked for at both moments.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { from, from_clock, to, to_clock, which, begin, limit, json } = arguments;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let first = AsOf::new(Some(from), from_clock).of(&installation, config.zone).await?;
    let second = AsOf::new(to, to_clock).of(&installation, config.zone).await?;
    let ([before, after], begun) = rows_at([&first, &second], which, begin, &installation, &config).await?;
    let heads = [(&first, &before), (&second, &after)]
        .map(|(moment, rows)| format!("{}：共 {} 件，{}", moment.said, rows.len(), standing(rows)));
    let changed = differences(before, after);
    if json {
        for changed in &changed {
            say(serde_json::to_string(changed)?)?;
        }
        return Ok(());
    }
    for head in heads {
        say(head)?;
    }
    say_from(begun)?;
    for line in told(&changed, &installation.directory, limit) {
        say(line)?;
    }
    Ok(())
}

/// Returns the lines that tell what is different, by what that is.
fn told(changed: &[Changed], directory: &Directory, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for difference in Difference::ALL {
        let of: Vec<&Changed> = changed.iter().filter(|changed| changed.differences.contains(&difference)).collect();
        if of.is_empty() {
            continue;
        }
        lines.push(format!("{} {} 件", heading(difference), of.len()));
        lines.extend(of.iter().take(limit).filter_map(|changed| line(changed, difference, directory)));
        if of.len() > limit {
            lines.push(format!("　列出 {limit} 件（--limit 可调整）"));
        }
    }
    if lines.is_empty() {
        lines.push("没有变化".to_owned());
    }
    lines
}

fn heading(difference: Difference) -> &'static str {
    match difference {
        Difference::Entered => "新列入",
        Difference::Left => "不再列入",
        Difference::Stage => "环节变动",
        Difference::BecameLate => "转为超期",
        Difference::NoLongerLate => "不再超期",
        Difference::Lead => "牵头单位变动",
        Difference::Deadline => "时限变动",
        Difference::Severity => "等级变动",
        Difference::Outcome => "整改结果变动",
        Difference::Title => "标题变动",
    }
}

fn line(changed: &Changed, difference: Difference, directory: &Directory) -> Option<String> {
    let row = changed.row()?;
    let number = row.number.clone().unwrap_or_else(|| format!("未编号 {:.*}", ID_PREFIX, row.id.to_string()));
    let of = |row: &Row| match difference {
        Difference::Entered | Difference::Left | Difference::Stage => row.stage.chinese().to_owned(),
        Difference::Lead => row.lead.map(|lead| directory.unit_name(lead)).unwrap_or_default(),
        Difference::BecameLate | Difference::NoLongerLate | Difference::Deadline => {
            row.due_day.map(|day| day.to_string()).unwrap_or_default()
        }
        Difference::Severity => wording::severity(row.severity).to_owned(),
        Difference::Outcome => row.outcome.map(outcome).unwrap_or_default().to_owned(),
        Difference::Title => row.title.clone(),
    };
    let none = || "无".to_owned();
    let told = |row: &Option<Row>| row.as_ref().map(of).filter(|text| !text.is_empty()).unwrap_or_else(none);
    let (before, after) = (told(&changed.before), told(&changed.after));
    let what = match difference {
        Difference::Entered | Difference::BecameLate => after,
        Difference::Left | Difference::NoLongerLate => before,
        Difference::Stage
        | Difference::Lead
        | Difference::Deadline
        | Difference::Severity
        | Difference::Outcome
        | Difference::Title => format!("{before} → {after}"),
    };
    Some(format!("　{number}  {}  {what}", row.title))
}
