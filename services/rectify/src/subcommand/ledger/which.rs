//! Which cases are asked for on the command line.

use chrono::TimeDelta;
use clap::Args;
use rectify_case::finding::Severity;
use rectify_case::{CaseId, Directory, DivisionCode, SourceCode, Stage, Zone};
use rectify_ledger::{Filter, Stood};

use crate::installation::Installation;
use crate::subcommand::source::SeverityName;

/// Which cases are asked for: those for which everything holds that is said.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Which {
    /// At these stages, by name, such as assigned,rectifying
    #[arg(long, value_delimiter = ',', value_parser = stage)]
    stage: Vec<Stage>,
    /// From these sources, by code
    #[arg(long, value_delimiter = ',')]
    source: Vec<SourceCode>,
    /// Of these severities
    #[arg(long, value_delimiter = ',')]
    severity: Vec<SeverityName>,
    /// Led or helped by this unit or one below it, by name or id
    #[arg(long)]
    unit: Option<String>,
    /// In this division
    #[arg(long)]
    division: Option<DivisionCode>,
    /// With this number, here or in an older ledger, or a number that begins with it
    #[arg(long)]
    number: Option<String>,
    /// Parts of this case
    #[arg(long)]
    parent: Option<CaseId>,
    /// Late
    #[arg(long)]
    overdue: bool,
    /// Listed for supervision (挂牌督办)
    #[arg(long)]
    listed: bool,
    /// Carried over from an older ledger (承前)
    #[arg(long)]
    carried_over: bool,
    /// Closed by an older ledger: declared, not proved
    #[arg(long)]
    declared: bool,
    /// Reported as fixed more than so many days after discovery
    #[arg(long, value_name = "DAYS")]
    over_days: Option<u32>,
    /// With all these words in its number, title, findings, their places, categories or references
    #[arg(long, visible_alias = "text", value_name = "WORDS")]
    search: Option<String>,
}

impl Which {
    /// Returns the same as a filter of the ledger.
    pub fn filter(&self, installation: &Installation) -> anyhow::Result<Filter> {
        let unit = self.unit.as_ref().map(|unit| installation.unit_named(unit)).transpose()?;
        for source in &self.source {
            installation.known_source(source)?;
        }
        Ok(Filter {
            stage: self.stage.clone(),
            source: self.source.clone(),
            severity: self.severity.iter().map(|severity| Severity::from(*severity)).collect(),
            unit,
            division: self.division.clone(),
            number: self.number.clone(),
            parent: self.parent,
            listed: self.listed.then_some(true),
            carried_over: self.carried_over.then_some(true),
            declared: self.declared.then_some(true),
            overdue: self.overdue.then_some(true),
            elapsed_over: self.over_days,
            text: self.search.clone(),
            ..Filter::default()
        })
    }
}

/// Returns whether a filter that [`Which::filter`] made finds a case as it stood, as the ledger's tables would.
pub fn admits(filter: &Filter, stood: &Stood, directory: &Directory, zone: Zone) -> bool {
    let row = &stood.row;
    let begins = |number: &Option<String>, wanted: &str| number.as_ref().is_some_and(|own| own.starts_with(wanted));
    let elapsed = |days: u32| {
        let taken = row.reported.zip(row.discovered);
        taken.is_some_and(|(to, from)| to.earliest(zone) - from.earliest(zone) > TimeDelta::days(days.into()))
    };
    (filter.stage.is_empty() || filter.stage.contains(&row.stage))
        && (filter.source.is_empty() || row.source.as_ref().is_some_and(|source| filter.source.contains(source)))
        && (filter.severity.is_empty() || filter.severity.contains(&row.severity))
        && filter.unit.is_none_or(|unit| stood.responsible.iter().any(|own| directory.belongs(*own, unit)))
        && filter.division.as_ref().is_none_or(|outer| row.division.as_ref().is_some_and(|own| own.lies_in(outer)))
        && filter.number.as_ref().is_none_or(|wanted| begins(&row.number, wanted) || begins(&row.old_number, wanted))
        && filter.parent.is_none_or(|parent| row.parent == Some(parent))
        && filter.listed.is_none_or(|listed| row.listed == listed)
        && filter.carried_over.is_none_or(|carried_over| row.carried_over == carried_over)
        && filter.declared.is_none_or(|declared| row.declared == declared)
        && filter.overdue.is_none_or(|overdue| row.overdue == overdue)
        && filter.elapsed_over.is_none_or(elapsed)
        && filter.text.as_ref().is_none_or(|text| stood.has(text))
}

fn stage(name: &str) -> Result<Stage, String> {
    let found = Stage::ALL.into_iter().find(|stage| stage.name() == name || stage.chinese() == name);
    found.ok_or_else(|| format!("the stages are {}", Stage::ALL.map(Stage::name).join(", ")))
}
