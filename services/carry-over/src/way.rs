//! Older ledgers as one of the ways in, for who shows files before they are handed in.

use futures::future::BoxFuture;
use rectify_case::{PersonId, UnitId};
use rectify_intake::header::Wanted;
use rectify_intake::report::{Language, Report};
use rectify_intake::way::{Stands, Taken, Tell, look};
use rectify_intake::{HandIn, Look, Outcome, Progress, Way, WayError};

use crate::carry::{Asked, CarryOverError, LEDGER, carry_over, office, officer, workbook_of_errors};
use crate::door::Door;
use crate::reading::{Given, wanted};
use crate::report::{CarriedRow, CarryOverReport, Fate};

/// The way in for older ledgers.
pub struct Ledgers(Door);

impl Ledgers {
    /// Returns the way in that leads through a door.
    pub fn through(door: Door) -> Ledgers {
        Ledgers(door)
    }

    fn asked(&self, hand_in: HandIn, dry_run: bool) -> Result<Asked, WayError> {
        let frame = &self.0.frame;
        let (directory, now) = (frame.directory.get().0, frame.clock.now());
        let officer = officer(&directory, hand_in.person, hand_in.office, now).ok_or(WayError::MayNot)?;
        let given = Given { usual: hand_in.given, deadline: hand_in.deadline };
        let accounts = Some(self.0.accounts.clone());
        Ok(Asked { files: hand_in.files, given, mapping: hand_in.mapping, accounts, officer, dry_run })
    }

    async fn run(&self, hand_in: HandIn, dry_run: bool, mut tell: Tell<'_>) -> Result<Outcome, WayError> {
        let asked = self.asked(hand_in, dry_run)?;
        let told = |behind: usize, all: usize| {
            tell(Progress { rows: behind as u64, total: Some(all as u64), accepted: behind as u64 });
        };
        let CarryOverReport { carried, report, .. } = carry_over(&self.0.frame, asked, told).await?;
        Ok(Outcome { report, taken: carried.into_iter().map(Taken::from).collect() })
    }
}

impl Way for Ledgers {
    fn name(&self) -> &'static str {
        LEDGER
    }

    fn wanted(&self) -> Wanted {
        wanted()
    }

    fn splits(&self) -> bool {
        false
    }

    fn unit(&self, person: PersonId, named: Option<UnitId>) -> Option<UnitId> {
        let frame = &self.0.frame;
        let (directory, now) = (frame.directory.get().0, frame.clock.now());
        office(&directory, &officer(&directory, person, named, now)?, now)
    }

    fn look(&self, hand_in: HandIn) -> BoxFuture<'_, Result<Look, WayError>> {
        Box::pin(async {
            let asked = self.asked(hand_in, true)?;
            look(&asked.foreign(&self.0.frame), wanted(), asked.files, asked.given.usual).await
        })
    }

    fn check<'a>(&'a self, hand_in: HandIn, tell: Tell<'a>) -> BoxFuture<'a, Result<Outcome, WayError>> {
        Box::pin(self.run(hand_in, true, tell))
    }

    fn take<'a>(&'a self, hand_in: HandIn, tell: Tell<'a>) -> BoxFuture<'a, Result<Outcome, WayError>> {
        Box::pin(self.run(hand_in, false, tell))
    }

    fn workbook<'a>(
        &'a self,
        hand_in: HandIn,
        report: &'a Report,
        language: Language,
    ) -> BoxFuture<'a, Result<Vec<u8>, WayError>> {
        Box::pin(async move {
            let asked = self.asked(hand_in, true)?;
            let report = CarryOverReport { dry_run: true, carried: Vec::new(), report: report.clone() };
            Ok(workbook_of_errors(&self.0.frame, asked, &report, language).await?)
        })
    }
}

impl From<CarriedRow> for Taken {
    fn from(row: CarriedRow) -> Taken {
        let place = row.place();
        Taken {
            place,
            item: row.old_number.unwrap_or_default(),
            title: row.title,
            case: row.case,
            known: matches!(row.fate, Fate::CarriedOverBefore | Fate::Known),
            finding: None,
            stands: Some(Stands { stage: row.stage, lead: row.lead, deadline: row.deadline }),
        }
    }
}

impl From<CarryOverError> for WayError {
    fn from(error: CarryOverError) -> WayError {
        match error {
            CarryOverError::Import(error) => WayError::Import(error),
            CarryOverError::Log { .. } => WayError::Unavailable(Box::new(error)),
        }
    }
}
