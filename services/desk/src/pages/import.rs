//! Handing in from a page (导入): files are looked at before anything is written, and taken when whoever brings them says so.

mod columns;
mod given;
mod job;
mod judged;
mod kept;
mod mappings;
mod one;
mod told;
mod upload;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_bus::Bus;
use rectify_case::PersonId;
use rectify_intake::door::LARGEST_FILE;
use rectify_intake::{File, HandIn, ImportError, Split, Way, WayError};

pub(super) use self::columns::fields_of;
use self::given::{GivenForm, Said};
use self::kept::{Upload, Uploads};
use self::mappings::Kept;
pub(super) use self::told::reason_said;
use self::upload::Uploaded;
use super::form::Fields;
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::language::Language;

/// How much longer the form may be than its files.
const AROUND_FILES: usize = 1 << 20;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/import", get(ask).post(bring))
        .layer(DefaultBodyLimit::max(LARGEST_FILE + AROUND_FILES))
        .merge(one::routes())
        .merge(mappings::routes())
}

/// The ways in that pages hand in by, and what was brought and is not handed in yet. Cheap to clone.
#[derive(Clone)]
pub struct Imports {
    /// The queue that what is handed in goes to.
    pub(crate) queue: Bus,
    ways: Arc<[Arc<dyn Way>]>,
    uploads: Uploads,
}

impl Imports {
    /// Returns the pages' end of some ways in, which lead to a queue.
    pub fn by(queue: Bus, ways: Vec<Arc<dyn Way>>) -> Imports {
        Imports { queue, ways: ways.into(), uploads: Uploads::default() }
    }

    /// Returns whether somebody may hand in anything.
    pub(crate) fn admits(&self, person: PersonId) -> bool {
        self.of(person).next().is_some()
    }

    /// Returns the ways by which somebody may hand in.
    fn of(&self, person: PersonId) -> impl Iterator<Item = &Arc<dyn Way>> {
        self.ways.iter().filter(move |way| way.unit(person, None).is_some())
    }

    /// Returns the way of a name by which somebody may hand in.
    pub(super) fn named(&self, person: PersonId, name: &str) -> Option<Arc<dyn Way>> {
        self.of(person).find(|way| way.name() == name).cloned()
    }
}

/// What is asked for before files are looked at.
#[derive(Template)]
#[template(path = "import/bring.html")]
struct Bring {
    page: Page,
    /// What files may be: what each is sent as, what it is called, and whether it is chosen.
    kinds: Vec<(&'static str, String, bool)>,
    given: GivenForm,
    largest: usize,
    /// What is wrong with the kind, and with the files.
    kind_wrong: Option<String>,
    files_wrong: Option<String>,
    is_again: bool,
    /// Where what was brought before is.
    present: Option<String>,
    kept: Vec<Kept>,
}

impl Bring {
    async fn of(desk: &Desk, visitor: Visitor, fields: &Fields) -> Result<Bring, Away> {
        let Visitor { caller, page, session } = visitor;
        let person = caller.who.person;
        let chosen = fields.text("kind");
        let ways: Vec<&Arc<dyn Way>> = desk.imports.of(person).collect();
        if ways.is_empty() {
            return Err(Code::MayNotHandIn.into());
        }
        let kinds = ways.iter().map(|way| (way.name(), kind_name(&page, way.name()), way.name() == chosen));
        let kept = mappings::kept(desk, &caller, &page).await?;
        let present = desk.imports.uploads.of(session.id, caller.now).map(|upload| upload.address());
        Ok(Bring {
            kinds: kinds.collect(),
            given: GivenForm::of(&caller, &page, fields, None),
            largest: LARGEST_FILE >> 20,
            kind_wrong: None,
            files_wrong: None,
            is_again: false,
            present,
            kept,
            page,
        })
    }
}

/// Returns what files are called that are handed in by a way.
fn kind_name(page: &Page, way: &str) -> String {
    page.say(&format!("import-kind-{way}"))
}

/// Returns the sentence about why files are not taken, for who brought them; nothing where there is nothing to be done.
pub(super) fn sentence(error: &ImportError, language: Language) -> Option<String> {
    let chinese = error.chinese()?;
    Some(match language {
        Language::Chinese => chinese,
        Language::English => error.to_string(),
    })
}

async fn ask(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    Ok(shown(StatusCode::OK, &Bring::of(&desk, visitor, &Fields::default()).await?)?)
}

/// What is wrong with what was brought.
enum Wrong {
    Kind(String),
    Files(String),
    Given(Vec<(&'static str, String)>),
}

async fn bring(State(desk): State<Desk>, uploaded: Uploaded) -> Result<Response, Away> {
    let Uploaded { visitor, fields, files, room, is_shown_first } = uploaded;
    let (caller, page, session) = (&visitor.caller, &visitor.page, visitor.session.id);
    let wrong = match read(&desk, caller, page, &fields, files) {
        Ok((way, hand_in)) => match way.look(hand_in.clone()).await {
            Ok(look) => {
                let ready = look.wrong.is_none();
                let kept = desk.imports.uploads.keep(session, way, hand_in, look, room, caller.now);
                let upload = kept.ok_or(Code::ImportUnderWay)?;
                if ready {
                    job::check(&desk, caller, &upload);
                }
                expire(&desk, &upload);
                return Ok(Redirect::to(&upload.address()).into_response());
            }
            Err(error) => wrong_of(error, page)?,
        },
        Err(wrong) => wrong,
    };
    let mut bring = Bring::of(&desk, visitor, &fields).await?;
    if !is_shown_first {
        match wrong {
            Wrong::Kind(said) => bring.kind_wrong = Some(said),
            Wrong::Files(said) => bring.files_wrong = Some(said),
            Wrong::Given(wrong) => bring.given.mark(wrong),
        }
    }
    bring.is_again = true;
    let status = if is_shown_first { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(shown(status, &bring)?)
}

/// Reads what was brought.
fn read(
    desk: &Desk,
    caller: &Caller,
    page: &Page,
    fields: &Fields,
    files: Vec<File>,
) -> Result<(Arc<dyn Way>, HandIn), Wrong> {
    let person = caller.who.person;
    let way = desk.imports.named(person, fields.text("kind"));
    let way = way.ok_or_else(|| Wrong::Kind(page.say("field-missing")))?;
    let Said { given, deadline, office } = given::read(page, fields).map_err(Wrong::Given)?;
    if files.is_empty() {
        return Err(Wrong::Files(page.say("import-no-file")));
    }
    // What is for an older ledger only is not said of anything else.
    let is_ledger = way.name() == LEDGER;
    let (deadline, office) = if is_ledger { (deadline, office) } else { (None, None) };
    let hand_in = HandIn { person, files, given, deadline, office, mapping: None, split: Split::None, whole: true };
    Ok((way, hand_in))
}

/// What older ledgers are called among the ways in.
const LEDGER: &str = "ledger";

/// Returns what is said of files that cannot be looked at, and where.
fn wrong_of(error: WayError, page: &Page) -> Result<Wrong, Away> {
    match error {
        WayError::MayNot => Err(Code::MayNotHandIn.into()),
        WayError::Import(ImportError::Given(fault)) => {
            let said = match page.language {
                Language::Chinese => fault.reason.chinese(),
                Language::English => fault.reason.english(),
            };
            Ok(Wrong::Given(vec![(fault.field, said)]))
        }
        WayError::Import(error) => match sentence(&error, page.language) {
            Some(said) => Ok(Wrong::Files(said)),
            None => Err(Error::Unavailable(error.into()).into()),
        },
        error @ WayError::Unavailable(_) => Err(Error::Unavailable(error.into()).into()),
    }
}

/// Sees to it that what was brought is forgotten when its time is over, also where nobody comes back.
fn expire(desk: &Desk, upload: &Arc<Upload>) {
    let (uploads, clock) = (desk.imports.uploads.clone(), desk.frame.clock.clone());
    let upload = Arc::downgrade(upload);
    tokio::spawn(async move {
        while upload.strong_count() > 0 {
            tokio::time::sleep(kept::FOR / 10).await;
            uploads.forget_old(clock.now());
        }
    });
}
