//! Signals of repairs on paper only (纸面整改): what the log shows that somebody should ask about. Questions, never verdicts: each
//! names the events it is seen from.
//!
//! They are put together of the signs that the fold keeps, for whoever asks: what is kept from them is neither shown nor counted.

mod alone;
mod groups;

use chrono::NaiveDate;
use rectify_case::{CaseId, Digest, Position, Stage, UnitId, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{LedgerError, inconsistent};
use crate::generation::Generation;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::signs::{CLOSED, FILE, NAMED, ON_DEADLINE, PICTURE, SOON, TOLD};
use crate::stored::named;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// A completion is dated exactly on the last day of its term.
    OnDeadline,
    /// The same photograph is on file in several cases.
    SamePhotograph,
    /// A file is older than the finding whose repair it is to show: its name tells an earlier day, or it was on file
    /// elsewhere before.
    OlderEvidence,
    /// Many of an office's closures of a month fall on the last day of it.
    MonthEnd,
    /// Several units tell of their completions in nearly the same words.
    SameWords,
    /// A level was passed within minutes of the completion report.
    SoonVerified,
}

impl SignalKind {
    /// Every kind.
    pub const ALL: [SignalKind; 6] = [
        SignalKind::OnDeadline,
        SignalKind::SamePhotograph,
        SignalKind::OlderEvidence,
        SignalKind::MonthEnd,
        SignalKind::SameWords,
        SignalKind::SoonVerified,
    ];

    /// Returns the kind's name as it is written, such as `same_words`.
    pub fn name(self) -> &'static str {
        match self {
            SignalKind::OnDeadline => "on_deadline",
            SignalKind::SamePhotograph => "same_photograph",
            SignalKind::OlderEvidence => "older_evidence",
            SignalKind::MonthEnd => "month_end",
            SignalKind::SameWords => "same_words",
            SignalKind::SoonVerified => "soon_verified",
        }
    }
}

/// Something to be asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// What.
    pub kind: SignalKind,
    /// The position of the last event it is seen from.
    pub position: Position,
    /// How many cases it is seen in, of those that may reach whoever asks.
    pub cases: u64,
    /// How many cases the office closed in that month, at a month's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_in_month: Option<u64>,
    /// The events it is seen from, the latest first: at most twelve.
    pub traces: Vec<Trace>,
}

/// An event that something is seen from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// The case.
    pub case: CaseId,
    /// Its number, once registered.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub stage: Stage,
    /// The name of the event.
    pub event: String,
    /// Its position in the log.
    pub position: Position,
    /// Its place among the case's events.
    pub version: Version,
    /// The unit that did it.
    pub unit: UnitId,
    /// The day it happened on.
    pub day: NaiveDate,
    /// The file, of what was put on file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The last day of the term, or the day that the file's name tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_day: Option<NaiveDate>,
    /// The day of discovery, of older evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovered: Option<NaiveDate>,
    /// The place of the completion report among the case's events, of a level passed soon after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Version>,
    /// How many seconds after the report that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
}

/// Some signals of a kind, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignalPage {
    /// Of which kind.
    pub kind: SignalKind,
    /// The signals.
    pub signals: Vec<Signal>,
    /// What to ask with for those before them; none where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Position>,
    /// How far the log was folded when they were read, or further.
    pub position: Position,
}

/// The most signals of one page.
const LONGEST_PAGE: u32 = 100;

/// The most events that are shown of one signal.
const TRACES: usize = 12;

impl Ledger {
    /// Returns the signals of a kind that are seen from cases which may reach a viewer, the latest first: those whose last
    /// event stands before a position, where one is given, and at most a hundred.
    pub async fn signals(
        &self,
        viewer: &Viewer,
        kind: SignalKind,
        before: Option<Position>,
        limit: u32,
    ) -> Result<SignalPage, LedgerError> {
        let generation = self.serving().await?;
        let position = generation.checkpoint().await?.position;
        let limit = limit.min(LONGEST_PAGE);
        let before = before.map_or(i64::MAX, crate::sql::int);
        let asked = Asked { generation: &generation, viewer, kind, before, limit };
        let (signals, next) = match kind {
            SignalKind::OnDeadline => asked.alone(ON_DEADLINE).await?,
            SignalKind::SoonVerified => asked.alone(SOON).await?,
            SignalKind::OlderEvidence => asked.older_evidence().await?,
            SignalKind::SamePhotograph => asked.same_photograph().await?,
            SignalKind::SameWords => asked.same_words().await?,
            SignalKind::MonthEnd => asked.month_end().await?,
        };
        let next = next.map(|next| next.try_into().map_err(|_| inconsistent("signs", "position", next))).transpose()?;
        Ok(SignalPage { kind, signals, next, position })
    }
}

/// Some signals, and after which position there are more, if there are.
type Found = (Vec<Signal>, Option<i64>);

/// What is asked for, by whom.
struct Asked<'a> {
    generation: &'a Generation,
    viewer: &'a Viewer,
    kind: SignalKind,
    before: i64,
    limit: u32,
}

/// What of a sign is read, beside its case, as it is selected from `signs AS s` and `cases AS c`.
const SEEN: &str = "s.position, s.kind, s.mark, s.entry, s.version, s.unit, s.day, s.other_day, s.report, s.seconds, \
    c.id, c.number, c.title, c.stage, c.discovered_on";

/// A sign as it is read, with its case.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Seen {
    position: i64,
    kind: String,
    mark: String,
    entry: i64,
    version: i64,
    unit: Uuid,
    day: String,
    other_day: String,
    report: i64,
    seconds: i64,
    id: Uuid,
    number: Option<String>,
    title: String,
    stage: String,
    discovered_on: Option<String>,
}

impl Seen {
    fn trace(&self) -> Result<Trace, LedgerError> {
        let wrong = |column| inconsistent("signs", column, self.position);
        let day = |column, text: &str| text.parse::<NaiveDate>().map_err(|_| wrong(column));
        let event = match self.kind.as_str() {
            ON_DEADLINE | TOLD => "completion_reported",
            SOON => "level_passed",
            PICTURE | FILE | NAMED => "evidence_filed",
            CLOSED => "closed",
            _ => return Err(wrong("kind")),
        };
        let filed = event == "evidence_filed";
        let soon = self.kind == SOON;
        Ok(Trace {
            case: CaseId(self.id),
            number: self.number.clone(),
            title: self.title.clone(),
            stage: named(&self.stage).ok_or_else(|| inconsistent("cases", "stage", self.id))?,
            event: event.to_owned(),
            position: self.position()?,
            version: self.version.try_into().map_err(|_| wrong("version"))?,
            unit: UnitId(self.unit),
            day: day("day", &self.day)?,
            digest: filed.then(|| self.mark.parse().map_err(|_| wrong("mark"))).transpose()?,
            other_day: match self.kind.as_str() {
                ON_DEADLINE | NAMED => Some(day("other_day", &self.other_day)?),
                _ => None,
            },
            discovered: None,
            report: soon.then(|| self.report.try_into().map_err(|_| wrong("report"))).transpose()?,
            seconds: soon.then(|| self.seconds.try_into().map_err(|_| wrong("seconds"))).transpose()?,
        })
    }

    fn position(&self) -> Result<Position, LedgerError> {
        self.position.try_into().map_err(|_| inconsistent("signs", "position", self.position))
    }

    /// Returns the day on which the finding of its case was made.
    fn discovered(&self) -> Result<Option<NaiveDate>, LedgerError> {
        let wrong = |_| inconsistent("cases", "discovered_on", self.id);
        self.discovered_on.as_deref().map(|text| text.parse().map_err(wrong)).transpose()
    }

    /// Returns what is seen from these events, the latest first, of which there is one.
    fn signal(kind: SignalKind, seen: &[Seen], cases: u64) -> Result<Signal, LedgerError> {
        let position = seen.first().map_or(Ok(0), Seen::position)?;
        let traces = seen.iter().take(TRACES).map(Seen::trace).collect::<Result<_, _>>()?;
        Ok(Signal { kind, position, cases, closed_in_month: None, traces })
    }
}

/// Keeps as many as are asked for, and returns after which position there are more, if there are.
fn cut<T>(found: &mut Vec<T>, limit: u32, position: impl Fn(&T) -> i64) -> Option<i64> {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    found.last().filter(|_| more).map(position)
}
