//! The ways in, whatever their documents are: what is asked of each by who shows files before they are handed in.

use std::marker::PhantomData;

use chrono::NaiveDate;
use futures::future::BoxFuture;
use rectify_case::{CaseId, Finding, PersonId, Stage, UnitId};
use tokio::task::spawn_blocking;

use crate::document::{Document, Given, intake_name};
use crate::door::{Door, acting};
use crate::foreign::Foreign;
use crate::header::Wanted;
use crate::import::{Handover, ImportError, Progress, import, workbook_of_errors};
use crate::look::Look;
use crate::mapping::Mapping;
use crate::report::{Language, Place, Report};
use crate::several::Split;
use crate::table::File;

/// What is handed in, and by whom.
#[derive(Clone, Debug)]
pub struct HandIn {
    /// Who hands in.
    pub person: PersonId,
    /// The files.
    pub files: Vec<File>,
    /// What holds for every row that does not say it.
    pub given: Given,
    /// The deadline of rows of an older ledger that name none.
    pub deadline: Option<NaiveDate>,
    /// The office that declares an older ledger, where its officer has several.
    pub office: Option<UnitId>,
    /// Which headers mean which columns.
    pub mapping: Option<Mapping>,
    /// Which cells that number several problems are taken apart.
    pub split: Split,
    /// Whether the files hold their documents whole. Of what does not, nothing is remembered, and no row is missed.
    pub whole: bool,
}

/// What came of files, or what would.
#[derive(Debug)]
pub struct Outcome {
    /// What was read, what was refused, and what is to be looked at.
    pub report: Report,
    /// The rows that were taken, or would be.
    pub taken: Vec<Taken>,
}

/// A row that was taken, or would be.
#[derive(Debug)]
pub struct Taken {
    /// Where it stands.
    pub place: Place,
    /// The number it has there.
    pub item: String,
    /// What it is about.
    pub title: String,
    /// Its case.
    pub case: CaseId,
    /// Whether the case was there already. Of findings, nobody has looked yet.
    pub known: bool,
    /// The finding, in a check: whether its case is there is for who may see cases.
    pub finding: Option<Box<Finding>>,
    /// Where an older ledger leaves its case; none of a finding, whose case begins at the beginning.
    pub stands: Option<Stands>,
}

/// Where a case of an older ledger begins, or stands by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// The stage.
    pub stage: Stage,
    /// The lead that answers for it.
    pub lead: Option<String>,
    /// The last day of its term.
    pub deadline: Option<NaiveDate>,
}

/// Why files are not taken.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// Who hands them in may not.
    #[error("may not hand in")]
    MayNot,
    /// The files, or what is said for all their rows, cannot be taken.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Something that it needs is out of reach. What was taken before stays; the same again adds nothing.
    #[error("out of reach")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Is told how far it has come.
pub type Tell<'a> = Box<dyn FnMut(Progress) + Send + 'a>;

/// A way in: what files are handed in as.
pub trait Way: Send + Sync {
    /// Returns what it is called in paths and commands.
    fn name(&self) -> &'static str;

    /// Returns what is looked for in sheets.
    fn wanted(&self) -> Wanted;

    /// Returns whether cells that number several problems can be taken apart.
    fn splits(&self) -> bool;

    /// Returns the unit that somebody hands in for, which mappings are remembered for; none where they may not.
    fn unit(&self, person: PersonId, office: Option<UnitId>) -> Option<UnitId>;

    /// Looks at how the files are understood.
    fn look(&self, hand_in: HandIn) -> BoxFuture<'_, Result<Look, WayError>>;

    /// Says what would come of the files, and writes nothing.
    fn check<'a>(&'a self, hand_in: HandIn, tell: Tell<'a>) -> BoxFuture<'a, Result<Outcome, WayError>>;

    /// Takes the files.
    fn take<'a>(&'a self, hand_in: HandIn, tell: Tell<'a>) -> BoxFuture<'a, Result<Outcome, WayError>>;

    /// Returns the files as a workbook with what is wrong beside the cells, as a report of them says it.
    fn workbook<'a>(
        &'a self,
        hand_in: HandIn,
        report: &'a Report,
        language: Language,
    ) -> BoxFuture<'a, Result<Vec<u8>, WayError>>;
}

/// The way in for findings of one document.
pub struct Findings<D> {
    door: Door,
    document: PhantomData<fn() -> D>,
}

impl<D: Document> Findings<D> {
    /// Returns the way in that leads through a door.
    pub fn through(door: Door) -> Findings<D> {
        Findings { door, document: PhantomData }
    }

    fn handover(&self, hand_in: HandIn, check: bool) -> Result<(Handover, Vec<File>), WayError> {
        let Door { bus, accounts, directory, clock, zone, keys, .. } = &self.door;
        let (received, directory) = (clock.now(), directory.get().0);
        let sender = acting(&directory, hand_in.person, received).ok_or(WayError::MayNot)?;
        let handover = Handover {
            given: hand_in.given,
            mapping: hand_in.mapping,
            split: hand_in.split,
            check,
            accounts: hand_in.whole.then(|| accounts.clone()),
            keys: keys.clone(),
            ..Handover::new(bus.clone(), sender, received, directory, *zone)
        };
        Ok((handover, hand_in.files))
    }

    async fn run(&self, hand_in: HandIn, check: bool, tell: Tell<'_>) -> Result<Outcome, WayError> {
        let (handover, files) = self.handover(hand_in, check)?;
        let mut report = import::<D>(&handover, files, tell).await?;
        let taken = report.accepted.iter_mut().map(|accepted| {
            let finding = accepted.checked.take();
            Taken {
                place: accepted.place.clone(),
                item: accepted.item.clone(),
                title: finding.as_ref().map(|finding| finding.title.clone()).unwrap_or_default(),
                case: CaseId(accepted.finding.0),
                known: false,
                finding,
                stands: None,
            }
        });
        Ok(Outcome { taken: taken.collect(), report })
    }
}

impl<D: Document> Way for Findings<D> {
    fn name(&self) -> &'static str {
        intake_name(D::INTAKE)
    }

    fn wanted(&self) -> Wanted {
        Wanted::by::<D>()
    }

    fn splits(&self) -> bool {
        D::SEVERAL.is_some()
    }

    fn unit(&self, person: PersonId, _office: Option<UnitId>) -> Option<UnitId> {
        let (directory, now) = (self.door.directory.get().0, self.door.clock.now());
        acting(&directory, person, now).map(|actor| actor.unit)
    }

    fn look(&self, hand_in: HandIn) -> BoxFuture<'_, Result<Look, WayError>> {
        Box::pin(async {
            let (handover, files) = self.handover(hand_in, true)?;
            handover.check_given::<D>()?;
            look(&handover.foreign::<D>(), Wanted::by::<D>(), files, handover.given).await
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
            let (handover, files) = self.handover(hand_in, true)?;
            Ok(workbook_of_errors::<D>(&handover, files, report, language).await?)
        })
    }
}

/// Looks at files as they are understood with a foreign mapping, or one that is remembered.
pub async fn look(foreign: &Foreign, wanted: Wanted, files: Vec<File>, given: Given) -> Result<Look, WayError> {
    let mappings = foreign.mappings(&wanted.columns).await?;
    let looked = spawn_blocking(move || Look::at(&wanted, &files, &given, &mappings)).await;
    Ok(looked.map_err(ImportError::from)?.map_err(ImportError::from)?)
}
