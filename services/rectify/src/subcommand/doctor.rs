//! `rectify doctor`: what is wrong with an installation, and how to mend it.

mod bus;
mod finding;
mod log;
mod machine;

use std::process::ExitCode;

use rectify_kit::Config;

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{Paint, say};

use finding::{Finding, bad, good};

/// Examines everything that can be, and says what it found. Fails when something is wrong.
pub async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut findings = Findings { paint: Paint::of_output(), bad: 0, notes: 0 };
    match settings.load_for_tool() {
        Err(error) => {
            findings.add(&bad("configuration", format!("{error:#}"), "correct what it names, and ask again"))?;
        }
        Ok((config, _telling)) => {
            findings.add(&configuration(&config))?;
            examine(&config, &mut findings).await?;
        }
    }
    say(findings.summary())?;
    Ok(if findings.bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(config: &Config, findings: &mut Findings) -> anyhow::Result<()> {
    if let Some(folder) = machine::folder(config) {
        findings.add(&folder)?;
    }
    findings.add(&machine::evidence(config).await)?;
    if let Some(key) = machine::key(config) {
        findings.add(&key)?;
    }
    for finding in machine::server(config).await {
        findings.add(&finding)?;
    }
    let installation = match Installation::to_read(config).await {
        Ok(installation) => installation,
        Err(error) => {
            findings.add(&log::unopened(config, &error))?;
            if config.nats.is_some() {
                findings.add(&bus::unread(config).await)?;
            }
            return Ok(());
        }
    };
    for finding in log::examined(config, &installation).await {
        findings.add(&finding)?;
    }
    if config.nats.is_some() {
        for finding in bus::examined(config, &installation).await {
            findings.add(&finding)?;
        }
    }
    Ok(())
}

fn configuration(config: &Config) -> Finding {
    match config.unknown_variables.as_slice() {
        [] => good("configuration", "read; `rectify config show` shows where each value came from"),
        unknown => finding::note(
            "configuration",
            format!("these variables set nothing: {}", unknown.join(", ")),
            "correct their names: `rectify config show` lists every setting",
        ),
    }
}

/// What was found so far.
struct Findings {
    paint: Paint,
    bad: usize,
    notes: usize,
}

impl Findings {
    fn add(&mut self, finding: &Finding) -> anyhow::Result<()> {
        self.bad += usize::from(finding.is_bad());
        self.notes += usize::from(finding.is_note());
        for line in finding.lines(self.paint) {
            say(line)?;
        }
        Ok(())
    }

    fn summary(&self) -> String {
        match (self.bad, self.notes) {
            (0, 0) => "nothing is wrong".to_owned(),
            (0, notes) => format!("nothing is wrong; {notes} to be looked at"),
            (bad, 0) => format!("{bad} wrong"),
            (bad, notes) => format!("{bad} wrong; {notes} to be looked at"),
        }
    }
}
