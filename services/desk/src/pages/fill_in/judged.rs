//! A row that came back, held against its case as it is now: what would be reported, what is in the way, what has changed.

use rectify_case::{CaseEvent, CaseId, Command, Role};
use rectify_kit::act::{self, Ask, NotActed, Who};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::row::{Said, Wrong, refused, said};
use super::sent::{Key, SentRow};
use crate::api::case;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::act::name_of;
use crate::pages::happenings::Names;
use crate::pages::lacking::Lacking;
use crate::pages::page::Page;
use crate::shown::ShownEvent;
use crate::sight::Sight;

/// What may become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing was filled in.
    Unchanged,
    /// All of it was reported already.
    Reported,
    /// Something is in the way.
    Wrong,
    /// The case has changed since the workbook was made: it is reported when that was looked at.
    Moved,
    /// It is said to be fixed and something is left: it is reported when that was looked at.
    Short,
    /// It can be reported.
    Ready,
}

/// A row held against its case.
pub(super) struct Judged {
    pub(super) row: u64,
    pub(super) number: String,
    pub(super) title: String,
    /// The page of the case; nothing where there is none for who looks.
    pub(super) href: Option<String>,
    pub(super) standing: Standing,
    /// What would be reported: what it is called, and what it says line by line.
    pub(super) reports: Vec<(String, Vec<String>)>,
    /// What of it was reported already.
    pub(super) reported: Vec<String>,
    pub(super) wrong: Vec<Wrong>,
    /// What happened since the workbook was made.
    pub(super) since: Vec<String>,
    /// What would be left of what is said to be fixed.
    pub(super) lacks: Vec<String>,
    /// What can be done about that.
    pub(super) ways: Vec<String>,
    /// What is sent to report it.
    pub(super) value: String,
}

/// What a row asks for, as the page that shows it sends it on: nothing of the file is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    pub(super) row: u64,
    pub(super) case: CaseId,
    /// The version that was looked at.
    pub(super) seen: u64,
    /// The unit that reports.
    pub(super) unit: rectify_case::UnitId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) report_progress: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) report_completion: Option<Value>,
}

impl Confirmed {
    /// Returns the commands, in the order in which they are done.
    pub(super) fn commands(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        let progress = self.report_progress.as_ref().map(|data| ("report_progress", data));
        progress.into_iter().chain(self.report_completion.as_ref().map(|data| ("report_completion", data)))
    }
}

/// Returns who reports for a unit: its handler, where whoever acts is that.
pub(super) fn reporter(caller: &Caller, unit: rectify_case::UnitId) -> Who {
    let holds = caller.capacities(|role| role == Role::Handler).into_iter().any(|actor| actor.unit == unit);
    Who { role: Some(Role::Handler), unit: holds.then_some(unit), ..caller.who }
}

/// Holds a row against its case.
pub(super) async fn judged(desk: &Desk, caller: &Caller, page: &Page, row: &SentRow) -> Result<Judged, Error> {
    let mut judged = Judged {
        row: row.row,
        number: row.number.clone(),
        title: String::new(),
        href: None,
        standing: Standing::Unchanged,
        reports: Vec::new(),
        reported: Vec::new(),
        wrong: Vec::new(),
        since: Vec::new(),
        lacks: Vec::new(),
        ways: Vec::new(),
        value: String::new(),
    };
    let Some(key) = row.key else {
        judged.blame(page.say("fill-key-edited"));
        return Ok(judged);
    };
    if !row.is_filled_in() {
        return Ok(judged);
    }
    let (case, events) = match case::load(desk, caller, &key.case.to_string()).await {
        Ok(loaded) => loaded,
        Err(error @ Error::Code(Code::NoSuchCase)) => {
            judged.blame(error.in_language(page.language));
            return Ok(judged);
        }
        Err(error) => return Err(error),
    };
    judged.number = name_of(&case, page);
    judged.title.clone_from(&case.title);
    judged.href = Some(format!("/cases/{}", case.id));

    let Said { progress, completion, wrong } = said(row, key, &case, page);
    judged.wrong = wrong;
    let mut since: Vec<ShownEvent> = events
        .iter()
        .filter(|event| event.envelope.version > key.version)
        .filter_map(|event| ShownEvent::of(event, &caller.directory))
        .collect();
    let mut confirmed = Confirmed {
        row: row.row,
        case: case.id,
        seen: case.version,
        unit: key.unit,
        report_progress: progress,
        report_completion: completion,
    };
    judged.leave_out_reported(&mut confirmed, &mut since, page);
    judged.consider(desk, caller, page, row, &confirmed).await?;
    let since = Sight::of(desk, caller).events(since).await?;
    judged.since = since.iter().flat_map(|event| told(event, caller, page)).collect();
    if let Some(report) = &confirmed.report_completion {
        let lacking = Lacking::after(&case, report, confirmed.report_progress.as_ref());
        (judged.lacks, judged.ways) = (lacking.lines(page, &caller.directory), lacking.ways(page));
    }
    judged.standing = judged.stands(&confirmed);
    judged.value = serde_json::to_string(&confirmed).unwrap_or_default();
    Ok(judged)
}

impl Judged {
    /// Returns whether it is reported when that is confirmed.
    pub(super) fn can_be_reported(&self) -> bool {
        matches!(self.standing, Standing::Ready | Standing::Moved | Standing::Short)
    }

    /// Says what is wrong with the row as such.
    pub(super) fn blame(&mut self, said: String) {
        self.standing = Standing::Wrong;
        self.wrong.push(Wrong { place: String::new(), said });
    }

    /// Leaves out what this row has reported before, and does not take it for a change that somebody made.
    fn leave_out_reported(&mut self, confirmed: &mut Confirmed, since: &mut Vec<ShownEvent>, page: &Page) {
        for (name, data) in [
            ("report_progress", &mut confirmed.report_progress),
            ("report_completion", &mut confirmed.report_completion),
        ] {
            let Some(asked) = data.clone().and_then(|data| Command::decode(name, data).ok()) else { continue };
            let Some(at) = since.iter().position(|event| is_told_by(&asked, &event.event)) else { continue };
            let event = since.remove(at);
            self.reported.push(format!("{} {}", page.act(name), page.moment(&event.recorded)));
            // The files that were listed with it came with it, and so did the measures that it tells as done.
            since.retain(|other| {
                let came_with =
                    matches!(*other.event, CaseEvent::EvidenceFiled { .. } | CaseEvent::ProgressReported { .. });
                !(came_with && other.recorded == event.recorded)
            });
            *data = None;
        }
    }

    /// Asks what would come of the commands, each by itself.
    async fn consider(
        &mut self,
        desk: &Desk,
        caller: &Caller,
        page: &Page,
        row: &SentRow,
        confirmed: &Confirmed,
    ) -> Result<(), Error> {
        for (name, data) in confirmed.commands() {
            let command = match Command::decode(name, data.clone()) {
                Ok(command) => command,
                Err(error) => {
                    self.blame(error.to_string());
                    continue;
                }
            };
            let who = reporter(caller, confirmed.unit);
            let ask = Ask { case: confirmed.case, command, who, key: None, seen: None, late: None, received: None };
            match act::consider(&desk.frame, &ask).await {
                Ok(considered) => {
                    let lines =
                        considered.events(confirmed.case).iter().flat_map(|event| lines(event, caller, page)).collect();
                    self.reports.push((page.act(name), lines));
                }
                Err(NotActed::Refused(refusal)) => {
                    let error = Error::Refused(refusal.clone());
                    let said = page.say_two(
                        "fill-refused",
                        ("act", page.act(name)),
                        ("why", error.in_language(page.language)),
                    );
                    self.wrong.push(refused(refusal.refusal(), name, said, row, page));
                }
                Err(error) => {
                    let error = Error::of_act(error, &caller.directory);
                    if matches!(error, Error::Unavailable(_) | Error::Internal(_)) {
                        return Err(error);
                    }
                    self.blame(error.in_language(page.language));
                }
            }
        }
        Ok(())
    }

    fn stands(&self, confirmed: &Confirmed) -> Standing {
        if !self.wrong.is_empty() {
            Standing::Wrong
        } else if confirmed.commands().next().is_none() {
            if self.reported.is_empty() { Standing::Unchanged } else { Standing::Reported }
        } else if !self.since.is_empty() {
            Standing::Moved
        } else if !self.lacks.is_empty() {
            Standing::Short
        } else {
            Standing::Ready
        }
    }
}

/// Returns whether an event is what a command leads to.
fn is_told_by(command: &Command, event: &CaseEvent) -> bool {
    match (command, event) {
        (
            Command::ReportProgress { unit, text, fixed, done },
            CaseEvent::ProgressReported { unit: by, text: told, fixed: amounts, done: measures },
        ) => unit == by && text.trim() == told && fixed == amounts && done == measures,
        (
            Command::ReportCompletion { unit, outcome, account, fixed, .. },
            CaseEvent::CompletionReported { unit: by, outcome: came, account: told, fixed: amounts },
        ) => unit == by && outcome == came && account.trim() == told && fixed == amounts,
        (Command::ReportCompletion { unit, account, .. }, CaseEvent::JointLeadReported { unit: by, account: told }) => {
            unit == by && account.trim() == told
        }
        _ => false,
    }
}

/// Returns what happened, by whom, and what it says.
pub(super) fn told(event: &ShownEvent, caller: &Caller, page: &Page) -> Vec<String> {
    let who = format!("{} {}", event.who.unit_name, event.who.person_name);
    let head = format!("{} · {} · {who}", page.moment(&event.recorded), page.event(&event.event));
    let lines = lines(&event.event, caller, page).join(&page.say("fill-semicolon"));
    if lines.is_empty() { vec![head] } else { vec![page.say_two("said-of-unit", ("unit", head), ("text", lines))] }
}

fn lines(event: &CaseEvent, caller: &Caller, page: &Page) -> Vec<String> {
    let named = |id: CaseId| id.to_string()[..8].to_owned();
    Names { page, directory: &caller.directory, cases: &named, files: &ToString::to_string }.lines(event)
}

/// Says of a second row of the same case and unit that there are two.
pub(super) fn blame_doubles(rows: &[SentRow], judged: &mut [Judged], page: &Page) {
    for (at, row) in rows.iter().enumerate() {
        let same = |other: &SentRow| {
            let of = |key: Key| (key.case, key.unit);
            row.key.is_some() && other.key.map(of) == row.key.map(of) && other.is_filled_in()
        };
        if row.is_filled_in() && rows[..at].iter().any(same) {
            judged[at].blame(page.say("fill-twice"));
        }
    }
}
