//! How a publication is made: the cases that are asked for, as sheets, as data and as a file.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rectify_case::publication::{Entries, PublishedSheet};
use rectify_case::{AccessEvent, Case, Digest, Directory, Event, Position, Publication, PublicationKind, Zone};
use rectify_ledger::{Ledger, Viewer};
use rectify_log::Recorded;
use sha2::{Digest as _, Sha256};

use super::notice;
use crate::error::Error;
use crate::language::Language;
use crate::pages::form::Fields;
use crate::pages::ledger::{Whole, conditions};
use crate::pages::page::Page;
use crate::pages::workbook::{Cell, Sheet, columns_of, written};

/// What is to be published.
pub(crate) struct Asked {
    pub(crate) kind: PublicationKind,
    pub(crate) sheets: Vec<PublishedSheet>,
    /// The conditions of the ledger, by name.
    pub(crate) filter: BTreeMap<String, String>,
    pub(crate) sort: String,
    pub(crate) language: Language,
    pub(crate) zone: Zone,
    pub(crate) position: Position,
    pub(crate) as_of: DateTime<Utc>,
    /// What stands on paper of the log.
    pub(crate) mark: Option<String>,
    /// When it was published.
    pub(crate) made: DateTime<Utc>,
}

/// What was made.
pub(crate) struct Made {
    /// The cases in it, in order.
    pub(crate) cases: Vec<Case>,
    pub(crate) entries: Entries,
    /// The SHA-256 of its sheets as JSON.
    pub(crate) data: Digest,
    pub(crate) bytes: Vec<u8>,
    /// What the file is called.
    pub(crate) name: String,
}

impl Asked {
    /// Returns what was asked of a publication; none where this program knows no such language or zone.
    pub(crate) fn of(publication: &Publication) -> Option<Asked> {
        let languages = [Language::Chinese, Language::English];
        Some(Asked {
            kind: publication.kind,
            sheets: publication.sheets.clone(),
            filter: publication.filter.clone(),
            sort: publication.sort.clone(),
            language: languages.into_iter().find(|language| language.tag() == publication.language)?,
            zone: Zone::east(publication.zone)?,
            position: publication.position,
            as_of: publication.as_of,
            mark: publication.mark.clone(),
            made: publication.scope.at,
        })
    }

    fn page(&self) -> Page {
        Page { language: self.language, path: String::new(), now: self.as_of, zone: self.zone, who: None }
    }
}

/// Returns conditions and an order as a query of the ledger has them.
pub(crate) fn fields_of(filter: &BTreeMap<String, String>, sort: &str) -> Fields {
    let sort = ("sort".to_owned(), sort.to_owned());
    Fields(filter.clone().into_iter().chain([sort]).collect())
}

/// Returns the publication that an event tells of; none where it tells of none.
pub(crate) fn published(recorded: &Recorded) -> Option<&Publication> {
    match &recorded.envelope.event {
        Event::Access(AccessEvent::Published(publication)) => Some(publication),
        Event::Access(_) | Event::Case(_) | Event::Directory(_) => None,
    }
}

/// Returns the sheets that a publication of a kind has.
pub(crate) fn sheets_of(kind: PublicationKind) -> Vec<PublishedSheet> {
    let names = match kind {
        PublicationKind::Ledger => vec!["ledger", "problems", "tasks", "duties"],
        PublicationKind::Problems | PublicationKind::Tasks | PublicationKind::Duties | PublicationKind::Notice => {
            vec![kind.name()]
        }
    };
    let sheet = |name: &str| {
        let columns = columns_of(name).unwrap_or_else(|| notice::COLUMNS.to_vec());
        PublishedSheet { name: name.to_owned(), columns: columns.into_iter().map(str::to_owned).collect() }
    };
    names.into_iter().map(sheet).collect()
}

/// Makes what is asked from a ledger that is folded up to its position, for a viewer of that ledger. The directory is as of there too.
pub(crate) async fn make(
    asked: &Asked,
    ledger: &Ledger,
    viewer: &Viewer,
    directory: &Directory,
) -> Result<Made, Error> {
    let page = asked.page();
    let fields = fields_of(&asked.filter, &asked.sort);
    let whole = Whole::of(ledger, viewer, asked.as_of, &fields, &page).await?;
    let sheets = match asked.kind {
        PublicationKind::Notice => vec![notice::sheet(ledger, viewer, directory, &page).await?],
        PublicationKind::Ledger | PublicationKind::Problems | PublicationKind::Tasks | PublicationKind::Duties => {
            let sheet = |sheet: &PublishedSheet| {
                let columns: Vec<&str> = sheet.columns.iter().map(String::as_str).collect();
                Sheet::of(&sheet.name, &columns, &whole.cases, &page, directory)
            };
            asked.sheets.iter().map(sheet).collect()
        }
    };
    let rows = asked.sheets.iter().zip(&sheets);
    let rows: Vec<(&PublishedSheet, &Vec<Vec<Cell>>)> = rows.map(|(named, sheet)| (named, &sheet.rows)).collect();
    let data = serde_json::to_vec(&rows).map_err(|error| Error::Internal(error.into()))?;
    let about = about(asked, whole.cases.len(), &conditions(&fields, &page, directory), &page);
    let made = asked.made;
    let file = tokio::task::spawn_blocking(move || written(&sheets, &about, made)).await;
    let bytes = file.map_err(|error| Error::Internal(error.into()))?.map_err(|error| Error::Internal(error.into()))?;
    Ok(Made {
        entries: Entries::of(&whole.entries.iter().copied().collect()),
        cases: whole.cases,
        data: digest_of(&data),
        bytes,
        name: format!("{} {}.xlsx", page.say(&format!("publication-{}", asked.kind.name())), page.today()),
    })
}

/// Returns the SHA-256 of bytes.
pub(super) fn digest_of(bytes: &[u8]) -> Digest {
    Digest::of(Sha256::digest(bytes).into())
}

/// Returns what stands on every sheet: which cases, as of when, how many, and what was signed of the log.
fn about(asked: &Asked, cases: usize, conditions: &str, page: &Page) -> String {
    let about = page.say_two("publication-about", ("filter", conditions), ("moment", page.moment(&asked.as_of)));
    let about = format!(
        "{about} {} {}",
        page.say_of("ledger-total", "n", cases),
        page.say_of("as-of-position", "position", asked.position)
    );
    let mark = asked.mark.as_ref().map(|mark| format!("{} {mark}", page.say("mark")));
    std::iter::once(about).chain(mark).collect::<Vec<_>>().join(" · ")
}
