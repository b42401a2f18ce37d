//! `rectify source`: where findings come from.

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use rectify_case::directory::{Intake, Source};
use rectify_case::finding::Severity;
use rectify_case::{DirectoryEvent, SourceCode};

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{say, table};
use crate::wording;

/// What is asked about sources.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// List the sources
    List,
    /// Define a source, or define it anew under its code
    Define {
        /// What it is known by, such as city-patrol
        code: SourceCode,
        /// Its name, such as 市级巡察
        name: String,
        /// Its prefix in case numbers; its name where nothing is said
        #[arg(long)]
        prefix: Option<String>,
        /// The intake that reads its documents
        #[arg(long)]
        intake: IntakeName,
        /// The severity of its findings unless the office says otherwise
        #[arg(long, default_value = "ordinary")]
        severity: SeverityName,
    },
}

/// An intake by its name.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum IntakeName {
    /// Inspection lists
    Inspection,
    /// Audit reports
    Audit,
    /// Petitions
    Petition,
}

impl From<IntakeName> for Intake {
    fn from(name: IntakeName) -> Intake {
        match name {
            IntakeName::Inspection => Intake::Inspection,
            IntakeName::Audit => Intake::Audit,
            IntakeName::Petition => Intake::Petition,
        }
    }
}

/// A severity by its name.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum SeverityName {
    /// 一般
    Ordinary,
    /// 较重
    Serious,
    /// 重大
    Grave,
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Severity {
        match name {
            SeverityName::Ordinary => Severity::Ordinary,
            SeverityName::Serious => Severity::Serious,
            SeverityName::Grave => Severity::Grave,
        }
    }
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    match asked {
        Asked::List => {
            let mut table = table(["代码", "名称", "编号前缀", "入口", "默认严重程度"]);
            for source in Installation::to_read(&config).await?.directory.sources() {
                table.add_row([
                    source.code.as_str(),
                    &source.name,
                    &source.prefix,
                    wording::intake(source.intake),
                    wording::severity(source.severity),
                ]);
            }
            say(table)?;
        }
        Asked::Define { code, name, prefix, intake, severity } => {
            let prefix = prefix.unwrap_or_else(|| name.clone());
            if prefix.is_empty() || prefix.contains(|c: char| c == '-' || c.is_whitespace()) {
                bail!("{prefix:?} cannot stand in case numbers: a prefix has no `-` and no spaces");
            }
            let source = Source { code, name, prefix, intake: intake.into(), severity: severity.into() };
            let line = format!("defined {} {}", source.code, source.name);
            Installation::to_write(&config).await?.write(vec![DirectoryEvent::SourceDefined(source)]).await?;
            say(line)?;
        }
    }
    Ok(())
}
