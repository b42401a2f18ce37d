//! One submission into the log: a new case, a finding amended or repeated, or nothing new.

use chrono::{DateTime, Utc};
use rectify_accounts::Accounts;
use rectify_bus::Submission;
use rectify_case::{Case, CaseEvent, Command, Event, Finding, FindingId, Refusal, Stage};
use rectify_kit::Frame;
use rectify_kit::act::{Acted, Ask, NotActed, act, case_of, load};
use rectify_log::{AppendError, LogError, Recorded};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What became of a submission. Its event is in the log, now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It opened a case.
    Opened,
    /// The finding has other content now.
    Amended,
    /// The finding came again after its case had ended: it is put before the office.
    Repeated,
    /// The log knew it.
    Known,
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Outcome::Opened => "opened",
            Outcome::Amended => "amended",
            Outcome::Repeated => "repeated",
            Outcome::Known => "known",
        }
    }
}

/// Writes what a submission says, unless the log has it.
///
/// What is refused is decided once more on the directory as of the end of the log: a sender or a source that was just
/// entered by another process must not cost a finding.
pub(crate) async fn register(frame: &Frame, accounts: &Accounts, submission: &Submission) -> Result<Outcome, NotActed> {
    let (_, looked_up_at) = frame.directory.get();
    let refused = match write(frame, accounts, submission).await {
        Err(refused @ (NotActed::Refused(_) | NotActed::Hidden)) => refused,
        done => return done,
    };
    let head = frame.log.head().await?;
    if looked_up_at < head && frame.directory.at_least(head).await.is_ok() {
        return write(frame, accounts, submission).await;
    }
    Err(refused)
}

async fn write(frame: &Frame, accounts: &Accounts, submission: &Submission) -> Result<Outcome, NotActed> {
    let finding = &submission.finding;
    let id = finding.id();
    let report = Command::Report { finding: Box::new(finding.clone()) };
    match ask(frame, submission, report, format!("finding:{id}")).await {
        Ok(acted) if !acted.repeated => return Ok(Outcome::Opened),
        Ok(_) | Err(NotActed::Append(AppendError::KeyReused { .. })) => {}
        Err(NotActed::Refused(refused)) if refused.refusal() == Refusal::WrongStage => {}
        Err(error) => return Err(error),
    }
    // Its case was opened before.
    let (mut case, mut events) = load(&frame.log, case_of(finding)).await?;
    if is_known(&case, &events, id, submission) {
        // What is said again is no news, but it is said later: something older may still be on its way.
        accounts.hear(id, &digest(finding), submission.received).await.map_err(LogError::from)?;
        (case, events) = load(&frame.log, case.id).await?;
        keep_last_word(frame, accounts, &case, &events, id).await?;
        return Ok(Outcome::Known);
    }
    let outcome = if case.stage.is_some_and(Stage::is_final) { Outcome::Repeated } else { Outcome::Amended };
    let amend = Command::Amend { finding: Box::new(finding.clone()) };
    let outcome = match ask(frame, submission, amend, format!("finding:{id}:{}", digest(submission))).await {
        Ok(acted) if acted.repeated => Outcome::Known,
        Ok(_) => outcome,
        Err(NotActed::Refused(refused)) if refused.refusal() == Refusal::SameAsBefore => Outcome::Known,
        Err(error) => return Err(error),
    };
    // Also where another wrote it meanwhile, and was cut off then.
    let (case, events) = load(&frame.log, case.id).await?;
    keep_last_word(frame, accounts, &case, &events, id).await?;
    Ok(outcome)
}

/// What was handed in last has the last word, also where something older was delivered after it: then it is said again. Where
/// this is cut off, the next delivery does it, for the older one is not acked yet.
async fn keep_last_word(
    frame: &Frame,
    accounts: &Accounts,
    case: &Case,
    events: &[Recorded],
    id: FindingId,
) -> Result<(), NotActed> {
    let told = events.iter().filter_map(|event| Some((event, Told::of(event)?)));
    let mut told: Vec<_> = told.filter(|(_, told)| told.finding.id() == id && !told.repeated).collect();
    if told.len() < 2 || case.stage.is_some_and(Stage::is_final) {
        return Ok(());
    }
    let heard = accounts.heard(id).await.map_err(LogError::from)?;
    for (_, told) in &mut told {
        told.handed_in = heard.get(&digest(told.finding)).map_or(told.handed_in, |heard| told.handed_in.max(*heard));
    }
    let (Some((last, old)), Some((newest, new))) = (told.last(), told.iter().max_by_key(|(_, told)| told.handed_in))
    else {
        return Ok(());
    };
    if new.finding == old.finding {
        return Ok(());
    }
    let again = Ask {
        case: case.id,
        command: Command::Amend { finding: Box::new(new.finding.clone()) },
        who: newest.envelope.actor.into(),
        key: Some(format!("finding:{id}:after:{}", last.envelope.version)),
        seen: None,
        late: None,
        received: Some(new.handed_in),
    };
    match act(frame, &again).await {
        Ok(_) => Ok(()),
        // Somebody said it meanwhile.
        Err(NotActed::Refused(refused)) if refused.refusal() == Refusal::SameAsBefore => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether the log has what a submission says: it was delivered before, or says what was said just before or just after it
/// was handed in, in whatever order that was delivered. What came again after the case had ended lies before the office, and
/// counts until the case is brought back.
fn is_known(case: &Case, events: &[Recorded], id: FindingId, submission: &Submission) -> bool {
    let mut told: Vec<Told> = events.iter().filter_map(Told::of).filter(|told| told.finding.id() == id).collect();
    let is_same = |told: &Told| *told.finding == submission.finding;
    if told.iter().any(|told| is_same(told) && told.handed_in == submission.received) {
        return true;
    }
    let has_ended = case.stage.is_some_and(Stage::is_final);
    told.retain(|told| has_ended || !told.repeated);
    told.sort_by_key(|told| told.handed_in);
    let (before, after) = told.split_at(told.partition_point(|told| told.handed_in <= submission.received));
    before.last().is_some_and(is_same) || after.first().is_some_and(is_same)
}

/// An event that brought a finding.
struct Told<'a> {
    handed_in: DateTime<Utc>,
    finding: &'a Finding,
    repeated: bool,
}

impl Told<'_> {
    fn of(event: &Recorded) -> Option<Told<'_>> {
        let handed_in = event.envelope.received.unwrap_or(event.envelope.recorded);
        let Event::Case(case_event) = &event.envelope.event else { return None };
        match case_event.as_ref() {
            CaseEvent::FindingReported { finding } | CaseEvent::FindingAmended { finding } => {
                Some(Told { handed_in, finding, repeated: false })
            }
            CaseEvent::CarriedOver { declared, .. } => {
                Some(Told { handed_in, finding: &declared.finding, repeated: false })
            }
            CaseEvent::FindingRepeated { finding } => Some(Told { handed_in, finding, repeated: true }),
            _ => None,
        }
    }
}

async fn ask(frame: &Frame, submission: &Submission, command: Command, key: String) -> Result<Acted, NotActed> {
    let ask = Ask {
        case: case_of(&submission.finding),
        command,
        who: submission.sender.into(),
        key: Some(key),
        seen: None,
        late: None,
        received: Some(submission.received),
    };
    act(frame, &ask).await
}

/// Returns the SHA-256 of a value, in hexadecimal. Of a whole hand-in: the same finding handed in again at another time is
/// another one.
fn digest(of: &impl Serialize) -> String {
    let text = serde_json::to_vec(of).expect("texts, numbers and maps with texts for keys are JSON");
    hex::encode(Sha256::digest(text))
}
