//! `rectify signals`: what somebody should ask about, each with the events it is seen from.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use rectify_case::{Directory, Position};
use rectify_ledger::{Signal, SignalKind, SignalPage, Trace, Viewer};

use crate::installation::{ID_PREFIX, Installation};
use crate::settings::Settings;
use crate::subcommand::ledger;
use crate::terminal::{remark, say};

/// Which signals are listed.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Of this kind alone
    #[arg(long, value_parser = kinds())]
    kind: Option<SignalKind>,
    /// Only those whose last event stands before this position
    #[arg(long, value_name = "POSITION")]
    before: Option<Position>,
    /// At most so many of each kind
    #[arg(long, default_value_t = 20)]
    limit: u32,
}

/// Prints the signals that are asked for.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let ledger = ledger::open(&installation, &config).await?;
    let viewer = Viewer::operator();
    let only = arguments.kind;
    let mut position = 0;
    for kind in SignalKind::ALL.into_iter().filter(|kind| only.is_none_or(|only| only == *kind)) {
        let page = ledger.signals(&viewer, kind, arguments.before, arguments.limit).await?;
        for line in told(&page, &installation.directory) {
            say(line)?;
        }
        position = page.position;
    }
    let head = installation.log.head().await?;
    if position < head {
        remark(format_args!("the ledger is behind the log: folded to {position} of {head}"));
    }
    Ok(())
}

fn kinds() -> impl TypedValueParser<Value = SignalKind> {
    let named =
        |name: String| SignalKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or("there is no such kind");
    PossibleValuesParser::new(SignalKind::ALL.map(SignalKind::name)).try_map(named)
}

/// Returns the lines that tell of some signals: a heading, and each as a question with its events below.
fn told(page: &SignalPage, directory: &Directory) -> Vec<String> {
    let mut lines = Vec::new();
    for signal in &page.signals {
        lines.push(format!("· {}请核实。", question(signal, directory)));
        lines.extend(signal.traces.iter().map(|trace| line(trace, directory)));
    }
    let more = page.next.map(|next| format!("　更早的：--kind {} --before {next}", page.kind.name()));
    if lines.is_empty() {
        return lines;
    }
    std::iter::once(format!("{}（{}）", heading(page.kind), page.kind.name())).chain(lines).chain(more).collect()
}

fn heading(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::OnDeadline => "时限最后一日报结",
        SignalKind::SamePhotograph => "同一照片用于多个事项",
        SignalKind::OlderEvidence => "佐证早于问题发现",
        SignalKind::MonthEnd => "月末集中销号",
        SignalKind::SameWords => "不同单位整改情况表述相近",
        SignalKind::SoonVerified => "报结后随即核验通过",
    }
}

fn question(signal: &Signal, directory: &Directory) -> String {
    let Some(last) = signal.traces.first() else { return String::new() };
    let (unit, day, n) = (directory.unit_name(last.unit), last.day, signal.cases);
    match signal.kind {
        SignalKind::OnDeadline => format!("{unit}报结的日期恰为时限最后一日（{day}）。届时是否确已整改到位？"),
        SignalKind::SamePhotograph => {
            format!("同一张照片在 {n} 个事项中作为佐证。各事项是否分别到过现场？")
        }
        SignalKind::OlderEvidence => {
            let discovered = last.discovered.map(|day| day.to_string()).unwrap_or_default();
            let told = last.other_day.or_else(|| signal.traces.get(1).map(|other| other.day));
            let told = told.map(|day| day.to_string()).unwrap_or_default();
            let from = if last.other_day.is_some() { "文件名所示" } else { "在另一事项入卷" };
            format!("佐证{from}日期 {told} 早于问题发现日期 {discovered}。材料反映的是否为整改后的情况？")
        }
        SignalKind::MonthEnd => {
            let month = signal.closed_in_month.unwrap_or_default();
            format!("{unit}当月销号 {month} 项，其中 {n} 项在最后一天（{day}）。这些事项是否逐项核验？")
        }
        SignalKind::SameWords => format!("{n} 个事项由不同单位报结，整改情况表述相近。是否各自据实填写？"),
        SignalKind::SoonVerified => {
            let minutes = last.seconds.unwrap_or_default() / 60 + 1;
            format!("报结后不到 {minutes} 分钟，{unit}核验通过。核验前是否查看过佐证或现场？")
        }
    }
}

fn line(trace: &Trace, directory: &Directory) -> String {
    let case = trace.number.clone().unwrap_or_else(|| format!("{:.*}", ID_PREFIX, trace.case.to_string()));
    let digest = trace.digest.as_ref().map(|digest| format!(" {digest}")).unwrap_or_default();
    let Trace { event, position, day, .. } = trace;
    format!("　{case} #{position} {event} {day} {}{digest}", directory.unit_name(trace.unit))
}
