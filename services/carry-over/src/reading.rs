//! Files of an older ledger become what the office declares, row by row, or are refused with what is wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::carried_over::{Cell, Declared, Origin, Standing};
use rectify_case::directory::{Directory, Intake, Source};
use rectify_case::finding::{AuditDetails, Details, Finding, PetitionClass, PetitionDetails, Reference, Subject};
use rectify_case::quantity::MOST;
use rectify_case::{Command, Digest, DivisionCode, UnitId, Zone};
use rectify_intake::amount::found;
use rectify_intake::document::{Context, first_sentence};
use rectify_intake::header::Wanted;
use rectify_intake::ledger::columns;
use rectify_intake::mapping::Fingerprint;
use rectify_intake::reading::{Reading, Row};
use rectify_intake::reason::Reason;
use rectify_intake::report::{Place, Report, RowError};
use rectify_intake::{Fault, File, FileError, Mappings};
use rectify_keys::mask::Mask;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::row::{IDENTITY, LedgerRow};
use crate::standing::standing;
use crate::{term, units};

/// What whoever carries a ledger over says for every row that does not say it itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// What every intake may be given.
    pub usual: rectify_intake::Given,
    /// The deadline of rows that name none.
    pub deadline: Option<NaiveDate>,
}

/// What rows are read against.
pub(crate) struct Desk {
    pub(crate) directory: Arc<Directory>,
    pub(crate) given: Given,
    pub(crate) now: DateTime<Utc>,
    pub(crate) zone: Zone,
}

/// A row that can be carried over.
pub(crate) struct Carriable {
    pub(crate) place: Place,
    pub(crate) command: Command,
}

/// What the files hold.
pub(crate) struct Read {
    /// The rows that can be carried over.
    pub(crate) rows: Vec<Carriable>,
    /// What is to be said of the others.
    pub(crate) report: Report,
    /// The headers that the mapping of this delivery was used on.
    pub(crate) mapped: Vec<(Fingerprint, String)>,
}

/// Returns what is looked for in the sheets of an older ledger.
pub(crate) fn wanted() -> Wanted {
    Wanted { columns: columns(), identity: IDENTITY, joined: false }
}

/// Reads every row of the files.
pub(crate) fn read(files: &[File], desk: &Desk, mappings: &Mappings) -> Result<Read, FileError> {
    let digests: HashMap<String, Digest> =
        files.iter().map(|file| (file.name.clone(), digest_of(&file.bytes))).collect();
    let reading = Reading::open(&wanted(), files, &desk.given.usual, mappings)?;
    let mapped = reading.newly_mapped();
    let mut reader = Reader::new(desk, digests);
    let mut report = reading.rows(desk.zone, |row| {
        reader.row(&row);
        ControlFlow::Continue(())
    });
    let Reader { rows, mut remarks, numbers, targets, .. } = reader;
    let nowhere = targets.into_iter().filter(|(_, _, into)| !numbers.contains(into));
    remarks
        .warnings
        .extend(nowhere.map(|(at, column, into)| RowError::new(&at, &column, &into, Reason::TargetNotHere)));
    report.refused.extend(remarks.refused);
    report.warnings.extend(remarks.warnings);
    Ok(Read { rows, report, mapped })
}

struct Reader<'a> {
    desk: &'a Desk,
    digests: HashMap<String, Digest>,
    rows: Vec<Carriable>,
    remarks: Report,
    /// How often each problem without a reference of its source has come, and where each finding stood.
    seen: HashMap<String, u64>,
    /// The numbers that rows have, and those that rows say they were merged into.
    numbers: BTreeSet<String>,
    targets: Vec<(Place, String, String)>,
}

/// What is known of a row beside its fields.
struct Around<'a> {
    row: &'a Row<'a>,
    /// Which header each field stands under.
    headers: BTreeMap<&'static str, String>,
    /// What a petitioner's own words are masked by, for rows of a petition.
    mask: Option<Mask>,
}

impl Reader<'_> {
    fn new(desk: &Desk, digests: HashMap<String, Digest>) -> Reader<'_> {
        Reader {
            desk,
            digests,
            rows: Vec::new(),
            remarks: Report::default(),
            seen: HashMap::new(),
            numbers: BTreeSet::new(),
            targets: Vec::new(),
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        let headers = row.header.columns.iter().zip(&row.header.names);
        let headers = headers.filter_map(|(bound, name)| Some((bound.as_ref()?.column.field, name.clone()))).collect();
        let mut around = Around { row, headers, mask: None };
        let numbers = ["old_number", "ordinal"].into_iter().filter_map(|field| row.fields.get(field)?.as_str());
        self.numbers.extend(numbers.map(|number| number.trim().to_owned()));
        let errors: Vec<RowError> =
            row.errors.iter().filter(|error| !self.is_status(error, &around)).cloned().collect();
        if !errors.is_empty() {
            self.remarks.refused.extend(errors);
            return;
        }
        // Who wrote a petition is read from the cells, for the mask, and goes no further.
        let fields: Map<String, Value> = row
            .fields
            .iter()
            .filter(|(field, _)| **field != "identity")
            .map(|(field, value)| ((*field).to_owned(), value.clone()))
            .collect();
        let read = serde_json::from_value(Value::Object(fields));
        let read: LedgerRow = match read {
            Ok(read) => read,
            Err(error) => {
                let reason = Reason::Unreadable(error.to_string());
                self.remarks.refused.push(RowError::new(&row.place, "", "", reason));
                return;
            }
        };
        let mut faults = Vec::new();
        let command = self.command(read, &mut around, &mut faults);
        match command {
            Ok(command) => self.rows.push(Carriable { place: row.place.clone(), command }),
            Err(fault) => faults.push((fault, true)),
        }
        for (fault, refused) in faults {
            let column = around.header_of(fault.field);
            let error = RowError::new(&row.place, &column, &fault.value, fault.reason);
            if refused { self.remarks.refused.push(error) } else { self.remarks.warnings.push(error) }
        }
    }

    /// A day that says how far something has come is no day, and no error: it is shown, and the status is read elsewhere.
    fn is_status(&mut self, error: &RowError, around: &Around<'_>) -> bool {
        let of_day = ["completed", "closed"].iter().any(|field| around.headers.get(field) == Some(&error.column));
        let is_status = of_day && matches!(error.reason, Reason::Status(_));
        if is_status {
            self.remarks.warnings.push(error.clone());
        }
        is_status
    }

    fn command(
        &mut self,
        row: LedgerRow,
        around: &mut Around<'_>,
        remarks: &mut Vec<(Fault, bool)>,
    ) -> Result<Command, Fault> {
        let desk = self.desk;
        let given = around.row.given;
        let context = Context::new(&desk.directory, given, desk.now, desk.zone);
        let source = source(row.source.as_deref().or(given.source.as_deref()), &desk.directory)?;
        if source.intake == Intake::Petition {
            around.mask = Some(Mask::of(&around.identity()));
        }
        let division = context.division(row.division.as_deref())?;
        // Everything that is wrong with where it stands and who answers for it is said at once.
        let mut wrong = Vec::new();
        let mut named_units = |field: &'static str, names: &[String]| -> Vec<UnitId> {
            let unit = |name: &String| {
                let found = units::unit(name, &division, &desk.directory);
                found.map_err(|reason| wrong.push(Fault::new(field, name, reason))).ok()
            };
            names.iter().filter_map(unit).collect()
        };
        let mut leads = named_units("leads", &row.leads);
        let mut helpers = named_units("responsible", &row.responsible);
        let standing = match standing(&row, desk.zone) {
            Ok(standing) if wrong.is_empty() => standing,
            stood => {
                wrong.extend(stood.err());
                let last = wrong.pop().unwrap_or_else(|| Fault::new("status", "", Reason::Missing));
                remarks.extend(wrong.into_iter().map(|fault| (fault, true)));
                return Err(last);
            }
        };
        if leads.is_empty() && !helpers.is_empty() {
            // Where no lead is named, the first of the responsible units answers.
            leads.push(helpers.remove(0));
        }
        let mut named = BTreeSet::new();
        leads.retain(|unit| named.insert(*unit));
        helpers.retain(|unit| named.insert(*unit));
        let standing = around.standing(standing);
        if let Standing::Merged { into, .. } = &standing {
            self.targets.push((around.row.place.clone(), around.header_of("target"), into.clone()));
        }
        if leads.is_empty() && standing == Standing::UnderWay {
            return Err(Fault::new("leads", "", Reason::Missing));
        }
        let leader = row.leader.as_deref().and_then(|name| units::leader(name, &desk.directory, desk.now));
        if let (Some(name), None) = (&row.leader, leader) {
            remarks.push((Fault::new("leader", name, Reason::UnknownLeader), false));
        }
        let deadline = match &row.deadline {
            Some(text) => term::last_day(text, term::days(desk.zone, around.year(given.year)))
                .map_err(|reason| Fault::new("deadline", text, reason))?,
            None => None,
        };
        let deadline = deadline.or(desk.given.deadline);
        let finding = self.finding(&row, source, division, &context, around)?;
        if deadline.is_none() && !leads.is_empty() && !standing.is_ended() {
            return Err(Fault::new("deadline", row.deadline.unwrap_or_default(), Reason::NoDeadline));
        }
        let goal = around.text(row.goal).unwrap_or_default();
        let declared = Declared {
            finding,
            standing,
            old_number: around.text(row.old_number.or(row.ordinal)),
            registered: row.registered,
            leader: row.leader,
            kind: around.text(row.kind),
            measures: around.text(row.measures),
            progress: around.text(row.progress),
            completed: row.completed,
            evidence: around.text(row.evidence),
            opinion: around.text(row.opinion),
            remarks: around.text(row.remarks),
            row: around.cells(),
            origin: self.origin(&around.row.place),
        };
        if leads.is_empty() && leader.is_some() {
            return Err(Fault::new("leads", "", Reason::Missing));
        }
        Ok(Command::CarryOver {
            declared: declared.into(),
            responsible_leader: leader.filter(|_| !leads.is_empty()),
            leads,
            co_responsible: helpers,
            goal,
            deadline,
        })
    }

    fn finding(
        &mut self,
        row: &LedgerRow,
        source: &Source,
        division: DivisionCode,
        context: &Context<'_>,
        around: &Around<'_>,
    ) -> Result<Finding, Fault> {
        let given = around.row.given;
        let text = around.text(row.text.clone()).ok_or_else(|| Fault::new("text", "", Reason::Missing))?;
        let discovered = row.discovered.or(given.discovered);
        let discovered = discovered.ok_or_else(|| Fault::new("discovered", "", Reason::Missing))?;
        context.not_in_the_future("discovered", discovered)?;
        let found = found(row.money_fen, row.households, row.persons, row.records);
        if let Some(amount) = found.values().find(|amount| **amount > MOST) {
            return Err(Fault::new("money_fen", amount.to_string(), Reason::TooLarge));
        }
        let own = || source.name.clone();
        let issuing_body = row.issuing_body.clone().or_else(|| given.issuing_body.clone()).unwrap_or_else(own);
        let document = row.document.clone().or_else(|| given.document.clone()).unwrap_or_else(own);
        let title = around.text(row.title.clone()).unwrap_or_else(|| first_sentence(&text));
        let mut finding = Finding {
            source: source.code.clone(),
            reference: Reference { issuing_body, document, item: row.item.clone().unwrap_or_default() },
            title,
            text,
            division,
            place: around.text(row.place.clone()),
            discovered,
            category: around.text(row.category.clone()),
            severity: row.severity,
            found,
            details: details(row, source, context)?,
        };
        if finding.reference.item.is_empty() {
            finding.reference.item = self.numbered(&finding, row);
        }
        let stood = self.seen.insert(finding.id().to_string(), around.row.place.row);
        match stood {
            Some(row) => Err(Fault::new("item", finding.reference.item, Reason::OtherContent(row))),
            None => Ok(finding),
        }
    }

    /// Gives a problem without an item one of its own: a hash of what the problem is, not of how far it has come, and the
    /// how-manieth such row this is. A later copy of the same ledger names the same problem by it.
    fn numbered(&mut self, finding: &Finding, row: &LedgerRow) -> String {
        let Finding { source, reference, text, division, place, discovered, .. } = finding;
        let said = [
            source.as_str(),
            &reference.issuing_body,
            &reference.document,
            row.old_number.as_deref().unwrap_or_default(),
            text,
            division.as_str(),
            place.as_deref().unwrap_or_default(),
            &discovered.to_string(),
        ];
        let normal = said.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).join("\u{1f}");
        let hash = hex::encode(Sha256::digest(normal));
        let ordinal = self.seen.entry(hash.clone()).or_default();
        *ordinal += 1;
        format!("sha256:{hash}-{ordinal}")
    }

    fn origin(&self, place: &Place) -> Origin {
        let digest = self.digests.get(&place.file).cloned().unwrap_or_else(|| digest_of(&[]));
        Origin { file: place.file.clone(), digest, sheet: place.sheet.clone(), row: place.row }
    }
}

impl Around<'_> {
    /// Returns the header that a field stands under, or the name of its column where it has none here.
    fn header_of(&self, field: &'static str) -> String {
        let shown =
            || columns().into_iter().find(|column| column.field == field).map(|column| column.shown().to_owned());
        self.headers.get(field).cloned().or_else(shown).unwrap_or_else(|| field.to_owned())
    }

    /// Returns where the old ledger leaves it, as it may be written.
    fn standing(&self, standing: Standing) -> Standing {
        let masked = |said: String| self.mask.as_ref().map_or(said.clone(), |mask| mask.masked(&said));
        match standing {
            Standing::Dismissed { reason, on } => Standing::Dismissed { reason: masked(reason), on },
            Standing::Transferred { receiver, receipt, on } => {
                Standing::Transferred { receiver: masked(receiver), receipt: receipt.map(masked), on }
            }
            other @ (Standing::NotStarted | Standing::UnderWay | Standing::Closed { .. } | Standing::Merged { .. }) => {
                other
            }
        }
    }

    /// Returns a free text as it may be written; nothing where it is empty.
    fn text(&self, text: Option<String>) -> Option<String> {
        let text = text?.trim().to_owned();
        let text = self.mask.as_ref().map_or(text.clone(), |mask| mask.masked(&text));
        (!text.is_empty()).then_some(text)
    }

    /// Returns the cells as they may be written: those that name a petitioner not at all.
    fn cells(&self) -> Vec<Cell> {
        let cells = self.row.texts().into_iter().filter(|(header, _)| !is_identity(header));
        cells
            .filter_map(|(header, text)| Some(Cell { header: header.to_owned(), text: self.text(Some(text))? }))
            .collect()
    }

    /// Returns what the row says of who wrote the petition.
    fn identity(&self) -> BTreeMap<String, String> {
        let cells = self.row.texts().into_iter().filter(|(header, _)| is_identity(header));
        cells.map(|(header, text)| (header.to_owned(), text)).collect()
    }

    /// Returns the year of days that say none: the one given, or that of the row's own discovery.
    fn year(&self, given: Option<i32>) -> Option<i32> {
        let discovered = self.row.fields.get("discovered").and_then(Value::as_str);
        given.or_else(|| discovered?.get(..4)?.parse().ok())
    }
}

fn is_identity(header: &str) -> bool {
    rectify_intake::header::is_identity(header, IDENTITY)
}

fn digest_of(bytes: &[u8]) -> Digest {
    Digest::of(Sha256::digest(bytes).into())
}

/// Finds the source by its code or name, of whatever intake.
fn source<'a>(named: Option<&str>, directory: &'a Directory) -> Result<&'a Source, Fault> {
    let named = named.unwrap_or_default();
    let bare = |name: &str| name.replace(['“', '”', '"'], "");
    let is_named = |source: &&Source| source.code.as_str() == named || bare(&source.name) == bare(named);
    directory.sources().find(is_named).ok_or_else(|| {
        let accepted: Vec<&str> = directory.sources().map(|source| source.name.as_str()).collect();
        Fault::new("source", named, Reason::UnknownSource(accepted.join("、")))
    })
}

/// Returns what only the source's kind of intake reports.
fn details(row: &LedgerRow, source: &Source, context: &Context<'_>) -> Result<Details, Fault> {
    let responsible: Vec<&str> = row.leads.iter().chain(&row.responsible).map(String::as_str).collect();
    Ok(match source.intake {
        Intake::Inspection => {
            let responsible = (!responsible.is_empty()).then(|| responsible.join("、"));
            Details::Inspection { round: None, responsible }
        }
        Intake::Audit => Details::Audit(AuditDetails::default()),
        Intake::Petition => {
            let class = row.class.unwrap_or(PetitionClass::Request);
            let subject = |name: &String| context.subject(name).map_err(|reason| Fault::new("subjects", name, reason));
            let subjects: Vec<Subject> = row.subjects.iter().map(subject).collect::<Result<_, _>>()?;
            if class == PetitionClass::Accusation && subjects.is_empty() {
                // Nobody is kept from what names nobody: so it does not come in unnamed.
                return Err(Fault::new("subjects", "", Reason::NoSubject));
            }
            Details::Petition(PetitionDetails { class, subjects, reply: None, sealed: None })
        }
    })
}
