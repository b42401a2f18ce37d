//! `rectify unit`: the tree of units.

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use rectify_case::directory::{Directory, Unit, UnitKind};
use rectify_case::{DirectoryEvent, DivisionCode, UnitId};
use rectify_kit::ids;

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{say, table};
use crate::wording;

/// What is asked about units.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Add a unit
    Add {
        /// Its full name
        name: String,
        /// What it is
        #[arg(long)]
        kind: KindName,
        /// Its division code of GB/T 2260; that of the unit above where nothing is said
        #[arg(long)]
        division: Option<DivisionCode>,
        /// The unit above it, by name or id; only the prefecture has none
        #[arg(long)]
        parent: Option<String>,
        /// A county office's prefix in case numbers, such as 舟曲
        #[arg(long)]
        prefix: Option<String>,
    },
    /// List the units as a tree
    List,
    /// Abolish a unit; its history stays
    Abolish {
        /// Which, by name or id
        unit: String,
        /// The unit that takes over, by name or id
        #[arg(long)]
        successor: Option<String>,
    },
}

/// What a unit is, by its name.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindName {
    /// 州
    Prefecture,
    /// 县、市
    County,
    /// 乡、镇
    Township,
    /// 整改办
    Office,
    /// 部门
    Department,
    /// 审计、督查机构
    Auditor,
}

impl From<KindName> for UnitKind {
    fn from(name: KindName) -> UnitKind {
        match name {
            KindName::Prefecture => UnitKind::Prefecture,
            KindName::County => UnitKind::County,
            KindName::Township => UnitKind::Township,
            KindName::Office => UnitKind::Office,
            KindName::Department => UnitKind::Department,
            KindName::Auditor => UnitKind::Auditor,
        }
    }
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    match asked {
        Asked::Add { name, kind, division, parent, prefix } => {
            let mut installation = Installation::to_write(&config).await?;
            let parent = parent.map(|parent| installation.unit_named(&parent)).transpose()?;
            let unit = judged(&installation.directory, name, kind, division, parent, prefix)?;
            let line = format!("added {} {}", unit.name, unit.id);
            installation.write(vec![DirectoryEvent::UnitAdded(unit)]).await?;
            say(line)?;
        }
        Asked::List => list(&Installation::to_read(&config).await?.directory)?,
        Asked::Abolish { unit, successor } => {
            let mut installation = Installation::to_write(&config).await?;
            let unit = installation.unit_named(&unit)?;
            let successor = successor.map(|successor| installation.unit_named(&successor)).transpose()?;
            if successor == Some(unit) {
                bail!("a unit cannot take over from itself");
            }
            let line = format!("abolished {}", installation.unit_name(unit));
            installation.write(vec![DirectoryEvent::UnitAbolished { unit, successor }]).await?;
            say(line)?;
        }
    }
    Ok(())
}

/// Returns the unit, or says why it cannot be.
fn judged(
    directory: &Directory,
    name: String,
    kind: KindName,
    division: Option<DivisionCode>,
    parent: Option<UnitId>,
    prefix: Option<String>,
) -> anyhow::Result<Unit> {
    let kind = UnitKind::from(kind);
    let above = parent.and_then(|parent| directory.unit(parent));
    match (kind, above) {
        (UnitKind::Prefecture, Some(_)) => bail!("nothing stands above the prefecture: leave out --parent"),
        (UnitKind::Prefecture, None) => {
            if directory.units().any(|unit| unit.kind == UnitKind::Prefecture) {
                bail!("there is a prefecture already, and one installation is for one");
            }
        }
        (_, None) => bail!("say which unit stands above it: --parent"),
        (_, Some(_)) => {}
    }
    let Some(division) = division.or_else(|| above.map(|above| above.division.clone())) else {
        bail!("say its division code of GB/T 2260: --division 623000");
    };
    if directory.units().any(|unit| unit.name == name && unit.parent == parent && directory.is_active(unit.id)) {
        bail!("there is a unit {name:?} there already");
    }
    if prefix.as_ref().is_some_and(|prefix| prefix.is_empty() || prefix.contains(['-', ' '])) {
        bail!("a prefix in case numbers has no `-` and no spaces");
    }
    Ok(Unit { id: UnitId(ids::new()), name, kind, parent, division, prefix })
}

fn list(directory: &Directory) -> anyhow::Result<()> {
    let mut table = table(["单位", "类别", "区划", "编号前缀", "标识"]);
    let mut add = |unit: &Unit, depth: usize| {
        let abolished = if directory.is_active(unit.id) { "" } else { "（已撤销）" };
        table.add_row([
            format!("{}{}{abolished}", "　".repeat(depth), unit.name),
            wording::unit_kind(unit.kind).to_owned(),
            unit.division.to_string(),
            unit.prefix.clone().unwrap_or_default(),
            unit.id.to_string(),
        ]);
    };
    let mut waiting: Vec<(&Unit, usize)> = directory
        .units()
        .filter(|unit| unit.parent.is_none_or(|up| directory.unit(up).is_none()))
        .map(|u| (u, 0))
        .collect();
    waiting.sort_by(|(a, _), (b, _)| in_order(b, a));
    while let Some((unit, depth)) = waiting.pop() {
        add(unit, depth);
        let mut below: Vec<&Unit> = directory.units().filter(|other| other.parent == Some(unit.id)).collect();
        below.sort_by(|a, b| in_order(b, a));
        waiting.extend(below.into_iter().map(|unit| (unit, depth + 1)));
    }
    say(table)?;
    Ok(())
}

/// Offices first, then departments, then the divisions below.
fn in_order(a: &Unit, b: &Unit) -> std::cmp::Ordering {
    let rank = |unit: &Unit| match unit.kind {
        UnitKind::Prefecture => 0,
        UnitKind::Office => 1,
        UnitKind::Auditor => 2,
        UnitKind::Department => 3,
        UnitKind::County => 4,
        UnitKind::Township => 5,
    };
    (rank(a), a.division.as_str(), a.id).cmp(&(rank(b), b.division.as_str(), b.id))
}
