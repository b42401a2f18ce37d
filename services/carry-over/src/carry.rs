//! Rows into the log, many at a time: the numbers here follow the order of the old ledger all the same.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::{StreamExt as _, stream};
use rectify_accounts::Accounts;
use rectify_case::assignment::Assignment;
use rectify_case::carried_over::Declared;
use rectify_case::directory::{Directory, UnitKind};
use rectify_case::{Audience, Case, CaseEvent, Command, Event, PersonId, Reader, Refusal, Refused, Role, UnitId};
use rectify_intake::ledger::columns;
use rectify_intake::reason::Reason;
use rectify_intake::report::{Language, Report, RowError};
use rectify_intake::{File, Foreign, ImportError, Mapping, errors};
use rectify_kit::Frame;
use rectify_kit::act::{self, Ask, NotActed, Who, case_of};
use rectify_log::{AppendError, Recorded};
use tokio::task::spawn_blocking;

use crate::reading::{Carriable, Desk, Given, Read, read, wanted};
use crate::report::{CarriedRow, CarryOverReport, Fate};

/// How many rows are written at once: so many share a sync of the disk.
const TOGETHER: usize = 128;

/// How many rows are looked up at once; others want the database too.
const LOOKING: usize = 8;

/// What older ledgers are called in paths and commands.
pub(crate) const LEDGER: &str = "ledger";

/// What is asked: which files, by whom, and whether it is only to be seen what would happen.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The files.
    pub files: Vec<File>,
    /// What holds for every row that does not say it.
    pub given: Given,
    /// Which headers mean which columns. It is remembered for the office.
    pub mapping: Option<Mapping>,
    /// Where mappings are remembered; without it none is.
    pub accounts: Option<Accounts>,
    /// The officer who declares it.
    pub officer: Who,
    /// Whether nothing is written.
    pub dry_run: bool,
}

/// Why a ledger was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CarryOverError {
    /// The files, or the mapping they are to be read by, cannot be taken at all.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The log failed. What was carried over before stays so; handing the same in again adds nothing.
    #[error("the log failed after {carried} rows; hand the same in again")]
    Log {
        /// How many rows were carried over.
        carried: usize,
        /// Why.
        #[source]
        source: Box<NotActed>,
    },
}

impl CarryOverError {
    /// Returns the sentence in Chinese, where whoever hands in can do something about it.
    pub fn chinese(&self) -> Option<String> {
        match self {
            CarryOverError::Import(error) => error.chinese(),
            CarryOverError::Log { .. } => None,
        }
    }
}

/// Returns a person as an officer of an office, of the one named where there are several; nothing where they are none.
pub fn officer(directory: &Directory, person: PersonId, office: Option<UnitId>, now: DateTime<Utc>) -> Option<Who> {
    let is_office = |unit: UnitId| directory.unit(unit).is_some_and(|unit| unit.kind == UnitKind::Office);
    let mut held = directory.holdings(person, now).filter(|held| {
        held.role == Role::Officer && is_office(held.unit) && office.is_none_or(|office| office == held.unit)
    });
    let unit = held.next()?.unit;
    // Of several offices, the act itself finds the one that may, and says so where more than one does.
    let unit = if held.any(|other| other.unit != unit) { office } else { Some(unit) };
    Some(Who { person, on_behalf_of: None, unit, role: Some(Role::Officer) })
}

/// Returns the office that mappings are remembered for: that of the officer, the first where there are several.
pub(crate) fn office(directory: &Directory, officer: &Who, now: DateTime<Utc>) -> Option<UnitId> {
    let is_office = |unit: &UnitId| directory.unit(*unit).is_some_and(|unit| unit.kind == UnitKind::Office);
    let held = directory.holdings(officer.person, now).filter(|held| held.role == Role::Officer);
    officer.unit.or_else(|| held.map(|held| held.unit).find(is_office))
}

impl Asked {
    pub(crate) fn foreign(&self, frame: &Frame) -> Foreign {
        let (directory, received) = (frame.directory.get().0, frame.clock.now());
        let Asked { mapping, accounts, officer, .. } = self;
        let office = office(&directory, officer, received);
        let accounts = accounts.clone().filter(|_| office.is_some());
        let unit = office.unwrap_or(rectify_case::Actor::INSTALLATION.unit);
        Foreign { intake: LEDGER, unit, person: officer.person, received, mapping: mapping.clone(), accounts }
    }
}

/// Carries over the rows of an older ledger. Rows that are wrong are reported, the good ones go in; what is there already is
/// left as it is.
pub async fn carry_over(
    frame: &Frame,
    asked: Asked,
    mut progress: impl FnMut(usize, usize),
) -> Result<CarryOverReport, CarryOverError> {
    let foreign = asked.foreign(frame);
    let mappings = foreign.mappings(&columns()).await?;
    let Asked { files, given, officer, dry_run, .. } = asked;
    let (directory, _) = frame.directory.get();
    let desk = Desk { directory: Arc::clone(&directory), given, now: frame.clock.now(), zone: frame.config.zone };
    let Read { rows, mut report, mapped } = spawn_blocking(move || read(&files, &desk, &mappings))
        .await
        .map_err(ImportError::from)?
        .map_err(ImportError::from)?;
    let (mut carried, all) = (Vec::new(), rows.len());
    progress(0, all);
    let told = &directory;
    let mut rows = rows.into_iter().peekable();
    let mut behind = 0;
    while rows.peek().is_some() {
        let next = rows.by_ref().take(TOGETHER);
        let considered = stream::iter(next).map(|row| consider(frame, told, officer, row, dry_run)).buffered(LOOKING);
        let considered: Vec<_> = considered.collect().await;
        for (row, done) in write(frame, told, officer, considered).await {
            behind += 1;
            match done {
                Ok(done) => {
                    if done.fate == Fate::Known {
                        let number = done.number.clone().unwrap_or_default();
                        report.warnings.push(RowError::new(&row.place, "", &number, Reason::ThereAlready));
                    }
                    carried.push(done);
                }
                Err(NotActed::Refused(refused)) => refuse(&mut report, &row, &refused),
                Err(NotActed::Ambiguous(_)) => refuse(&mut report, &row, &Refusal::RoleMayNot.into()),
                Err(NotActed::Append(AppendError::TooLarge { .. })) => {
                    report.refused.push(RowError::new(&row.place, "", "", Reason::TooLong));
                }
                Err(error) => {
                    let carried = carried.iter().filter(|row| row.fate == Fate::CarriedOver).count();
                    return Err(CarryOverError::Log { carried, source: Box::new(error) });
                }
            }
        }
        progress(behind, all);
    }
    if !dry_run
        && !carried.is_empty()
        && let Err(error) = foreign.remember(mapped).await
    {
        // What was carried over is in, whether or not it is remembered how it was read.
        tracing::warn!(error = &error as &dyn std::error::Error, "how a ledger was read cannot be remembered");
    }
    Ok(CarryOverReport { dry_run, carried, report })
}

/// Returns the files as a workbook with what is wrong beside the cells, as a report of them says it.
pub async fn workbook_of_errors(
    frame: &Frame,
    asked: Asked,
    report: &CarryOverReport,
    language: Language,
) -> Result<Vec<u8>, CarryOverError> {
    let mappings = asked.foreign(frame).mappings(&columns()).await?;
    let (files, report) = (asked.files, report.report.clone());
    let made = spawn_blocking(move || errors::workbook(&wanted(), &files, &mappings, &report, language));
    Ok(made.await.map_err(ImportError::from)?.map_err(ImportError::from)?)
}

fn refuse(report: &mut Report, row: &Carriable, refused: &Refused) {
    let about = refused.about.clone().unwrap_or_default();
    report.refused.push(RowError::new(&row.place, "", &about, Reason::Refused(refused.refusal())));
}

/// A row on its way into the log.
enum Step {
    /// There is nothing to write, and this is why.
    Told(CarriedRow),
    /// It is decided, and this is what is told of it once it is written.
    Decided(Box<(Ask, act::Considered, CarriedRow)>),
}

/// Looks whether a row is there, and decides it where it is not.
async fn consider(
    frame: &Frame,
    directory: &Directory,
    officer: Who,
    row: Carriable,
    dry_run: bool,
) -> (Carriable, Result<Step, NotActed>) {
    let step = considered(frame, directory, officer, &row, dry_run).await;
    (row, step)
}

async fn considered(
    frame: &Frame,
    directory: &Directory,
    officer: Who,
    row: &Carriable,
    dry_run: bool,
) -> Result<Step, NotActed> {
    let Command::CarryOver { declared, leads, deadline, .. } = &row.command else {
        return Err(Refused::from(Refusal::WrongStage).into());
    };
    let case = case_of(&declared.finding);
    let (there, events) = act::load(&frame.log, case).await?;
    if there.stage.is_some() {
        return Ok(Step::Told(found(frame, directory, officer, row, declared, &there, &events)));
    }
    let ask =
        Ask { case, command: row.command.clone(), who: officer, key: None, seen: None, late: None, received: None };
    let (file, sheet, at) = CarriedRow::at(&row.place);
    let done = CarriedRow {
        file,
        sheet,
        row: at,
        case,
        number: None,
        old_number: declared.old_number.clone(),
        title: declared.finding.title.clone(),
        stage: declared.standing.stage(!leads.is_empty()),
        lead: leads.first().map(|lead| directory.unit_name(*lead)),
        deadline: *deadline,
        fate: Fate::WouldBeCarriedOver,
    };
    let considered = act::consider(frame, &ask).await?;
    if !dry_run {
        return Ok(Step::Decided(Box::new((ask, considered, done))));
    }
    let events = considered.events(case);
    let assigned = events.iter().find_map(|event| match event {
        CaseEvent::CarriedOver { assignment, .. } => assignment.as_ref(),
        _ => None,
    });
    Ok(Step::Told(CarriedRow { deadline: assigned.map(last_day), ..done }))
}

/// Writes what was decided of rows, in their order: what is first written is first numbered.
async fn write(
    frame: &Frame,
    directory: &Directory,
    officer: Who,
    considered: Vec<(Carriable, Result<Step, NotActed>)>,
) -> Vec<(Carriable, Result<CarriedRow, NotActed>)> {
    let mut done = Vec::with_capacity(considered.len());
    let mut decided = Vec::new();
    for (at, (row, step)) in considered.into_iter().enumerate() {
        done.push(match step {
            Ok(Step::Told(told)) => (row, Ok(told)),
            Ok(Step::Decided(step)) => {
                let (ask, considered, told) = *step;
                decided.push((at, ask, considered));
                (row, Ok(told))
            }
            Err(error) => (row, Err(error)),
        });
    }
    let (asked, considered): (Vec<(usize, Ask)>, Vec<act::Considered>) =
        decided.into_iter().map(|(at, ask, considered)| ((at, ask), considered)).unzip();
    let asks = asked.iter().map(|(_, ask)| ask);
    let written = act::write_in_order(frame, asks.zip(considered).collect()).await;
    for ((at, ask), acted) in asked.iter().zip(written) {
        let (row, told) = &mut done[*at];
        let before = std::mem::replace(told, Err(NotActed::Hidden));
        *told = match (acted, before) {
            (Ok(acted), Ok(before)) => {
                let number = acted.events.iter().find_map(|event| event.number.as_ref()).map(ToString::to_string);
                Ok(CarriedRow { number, fate: Fate::CarriedOver, ..before })
            }
            // Somebody else opened it meanwhile.
            (Err(NotActed::Refused(refused)), _) if refused.refusal() == Refusal::WrongStage => {
                opened_meanwhile(frame, directory, officer, row, ask).await
            }
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
        };
    }
    done
}

async fn opened_meanwhile(
    frame: &Frame,
    directory: &Directory,
    officer: Who,
    row: &Carriable,
    ask: &Ask,
) -> Result<CarriedRow, NotActed> {
    let (there, events) = act::load(&frame.log, ask.case).await?;
    match &ask.command {
        Command::CarryOver { declared, .. } => Ok(found(frame, directory, officer, row, declared, &there, &events)),
        _ => Err(Refused::from(Refusal::WrongStage).into()),
    }
}

/// Says of a case that is there what whoever asks may see of it.
fn found(
    frame: &Frame,
    directory: &Directory,
    officer: Who,
    row: &Carriable,
    declared: &Declared,
    there: &Case,
    events: &[Recorded],
) -> CarriedRow {
    let origin = |event: &CaseEvent| match event {
        CaseEvent::CarriedOver { declared, .. } => Some(declared.origin.clone()),
        _ => None,
    };
    let of_case = events.iter().filter_map(|recorded| match &recorded.envelope.event {
        Event::Case(event) => origin(event),
        Event::Directory(_) | Event::Access(_) => None,
    });
    let same = |before: &rectify_case::carried_over::Origin| {
        (&before.digest, &before.sheet, before.row)
            == (&declared.origin.digest, &declared.origin.sheet, declared.origin.row)
    };
    let before = of_case.into_iter().any(|before| same(&before));
    let reader = Reader::of(officer.person, directory, frame.clock.now());
    let seen = Audience::of(there, directory).admits(&reader);
    let (file, sheet, at) = CarriedRow::at(&row.place);
    CarriedRow {
        file,
        sheet,
        row: at,
        case: there.id,
        number: there.number.as_ref().filter(|_| seen).map(ToString::to_string),
        old_number: declared.old_number.clone(),
        title: declared.finding.title.clone(),
        stage: there.stage.filter(|_| seen).unwrap_or(rectify_case::Stage::Discovered),
        lead: there
            .assignment
            .as_ref()
            .filter(|_| seen)
            .and_then(Assignment::answering)
            .map(|lead| directory.unit_name(lead)),
        deadline: there.deadline.as_ref().filter(|_| seen).map(|deadline| deadline.last_day),
        fate: if before { Fate::CarriedOverBefore } else { Fate::Known },
    }
}

fn last_day(assignment: &Assignment) -> chrono::NaiveDate {
    assignment.deadline.last_day
}
