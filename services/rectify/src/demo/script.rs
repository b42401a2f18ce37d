//! The script of the sample: findings by source, each with what became of it.

use anyhow::Context as _;
use chrono::NaiveDate;
use rectify_case::completion::{Outcome, Verdict};
use rectify_case::event::{Field, Ground, Relation};
use rectify_case::finding::Severity;
use rectify_case::quantity::Amounts;
use regex::{Captures, Regex};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The scripts, by source.
const SCRIPTS: [(&str, &str); 10] = [
    ("central_inspection", include_str!("findings/central_inspection.toml")),
    ("assessment", include_str!("findings/assessment.toml")),
    ("look_back", include_str!("findings/look_back.toml")),
    ("patrol", include_str!("findings/patrol.toml")),
    ("audit", include_str!("findings/audit.toml")),
    ("petition", include_str!("findings/petition.toml")),
    ("democratic_supervision", include_str!("findings/democratic_supervision.toml")),
    ("social_supervision", include_str!("findings/social_supervision.toml")),
    ("government_supervision", include_str!("findings/government_supervision.toml")),
    ("self_check", include_str!("findings/self_check.toml")),
];

/// What one source found, in one document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// The source's code.
    pub(super) source: String,
    /// Who issued the document.
    pub(super) issuing_body: String,
    /// The document's number.
    pub(super) document: String,
    /// Which office keeps the cases, where a finding says nothing else.
    pub(super) office: Office,
    /// The findings, and then the parts they were split into.
    #[serde(rename = "case")]
    pub(super) cases: Vec<Scripted>,
}

/// Which office keeps a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Office {
    /// The prefecture's.
    Prefecture,
    /// That of the division it was found in.
    County,
}

/// One finding, or one part of a case that was split, and what became of it.
#[derive(Debug, Deserialize)]
pub(super) struct Scripted {
    /// What other cases of the sample call it.
    pub(super) key: String,
    /// Which office keeps it.
    pub(super) office: Option<Office>,
    /// The division's name.
    pub(super) division: String,
    /// What became of it, in order.
    #[serde(default)]
    pub(super) acts: Vec<Act>,
    /// The document, as the intake of the source reads it.
    #[serde(flatten)]
    pub(super) document: Map<String, Value>,
}

/// One thing that became of a case.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Act {
    /// The day it happened; what has none happens when the sample is played.
    pub(super) on: Option<NaiveDate>,
    /// Who does it, where it is not who always does.
    pub(super) by: Option<String>,
    /// What.
    #[serde(flatten)]
    pub(super) step: Step,
}

/// What can become of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Step {
    Register { severity: Option<Severity>, title: Option<String> },
    Assign(Named),
    Reassign { to: Named, reason: String },
    Accept { plan: Option<Plan> },
    Plan(Plan),
    ReturnPlan(String),
    Return(String),
    HandBack(String),
    Progress { text: String, fixed: Option<Amounts> },
    Press(String),
    RequestExtension { days: u64, reason: String },
    GrantExtension {},
    RefuseExtension(String),
    Suspend { from: NaiveDate, to: NaiveDate, reason: String },
    Report(Report),
    Verify(Verify),
    Fail(String),
    Designate { unit: String, reason: String },
    Approve(String),
    SetAside { ground: Ground, reason: String },
    Close { outcome: Option<Outcome> },
    Reopen { reason: String, days: u16 },
    LookBack { held: bool, note: String },
    SplitOffRest { key: String, reason: String },
    Dismiss(String),
    Transfer { receiver: String, receipt: String, reason: String },
    Revive(String),
    Merge { into: String, reason: String },
    Split { parts: Vec<Part>, reason: String },
    List { target: String },
    ReviewListing(String),
    Delist(String),
    Raise { to: Severity, reason: String },
    ProposeLower { to: Severity, reason: String },
    Lower {},
    Recuse { person: String, reason: String },
    Restate { found: Amounts, reason: String },
    Link { to: String, relation: Relation },
    PassOnClue { receiver: String, receipt: String, note: String },
    Note(String),
    Correct { field: Field, new: String, reason: String },
}

/// Who answers, for what, until when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) leads: Vec<String>,
    #[serde(default)]
    pub(super) with: Vec<String>,
    pub(super) goal: String,
    /// The days there are from the assignment on.
    pub(super) days: Option<u16>,
}

/// What a lead will do, and by when all of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) by: NaiveDate,
    pub(super) measures: Vec<String>,
}

/// A completion report. All that was found is fixed and all that was planned is done, where nothing else is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    /// For which lead, where it is not the one that answers.
    pub(super) unit: Option<String>,
    pub(super) outcome: Option<Outcome>,
    pub(super) account: String,
    pub(super) fixed: Option<Amounts>,
    /// The measures that are not done, by their place in the plan, from 0.
    #[serde(default)]
    pub(super) open: Vec<u32>,
    pub(super) papers: Vec<String>,
}

/// A level passed. All that is reported is verified, where nothing else is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verify {
    pub(super) opinion: String,
    pub(super) verified: Option<Amounts>,
    pub(super) verdict: Option<Verdict>,
    /// The paper made on site.
    pub(super) on_site: Option<String>,
}

/// One part of a case that is split.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) key: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) found: Amounts,
}

impl Script {
    /// Returns issuing body, document and item of a finding; nothing for a part of another case.
    pub(super) fn reference(&self, case: &Scripted) -> Option<[String; 3]> {
        let item = case.document.get("item")?.as_str()?;
        Some([self.issuing_body.as_str(), self.document.as_str(), item].map(str::to_owned))
    }
}

impl Scripted {
    /// Returns the document, as the intake of the source reads it.
    pub(super) fn document(&self) -> Value {
        let mut document = self.document.clone();
        document.insert("division".to_owned(), self.division.clone().into());
        Value::Object(document)
    }
}

/// The year in which the scripts are written.
const WRITTEN: i32 = 2020;

/// The last day of that year on which anything happens.
pub(super) const LAST: NaiveDate =
    NaiveDate::from_ymd_opt(WRITTEN, 11, 20).expect("the twentieth of November is a day");

/// Reads the scripts as they play in a year: whatever year they name is as far from it as it was from theirs.
pub(super) fn scripts(year: i32) -> anyhow::Result<Vec<Script>> {
    let named = Regex::new(r"(?-u:\b)20[12][0-9](?-u:\b)")?;
    let moved = |found: &Captures<'_>| {
        let named: i32 = found[0].parse().unwrap_or(WRITTEN);
        (named + year - WRITTEN).to_string()
    };
    let read = |(name, text): &(&str, &str)| {
        toml::from_str(&named.replace_all(text, moved)).with_context(|| format!("cannot read {name}.toml"))
    };
    SCRIPTS.iter().map(read).collect()
}
