//! The dossier of a case: where it is taken from, and what in it is told in words. Its pages stand alone: they are read years later,
//! on a machine that has nothing of ours.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use rectify_case::{CaseId, Version};
use rectify_log::Recorded;
use rectify_proof::SignedCheckpoint;
use rectify_proof::dossier::{Absence, File};

use super::act::name_of;
use super::case::{
    AmountShown, FindingShown, Happening, MeasureShown, about, amounts, duties, findings, happenings, measures,
    size_said,
};
use super::looks::LookShown;
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use crate::api::case::load;
use crate::api::dossier::{Known, send};
use crate::api::petition::Look;
use crate::code::Code;
use crate::desk::Desk;
use crate::dossier::{Source, Wanted};
use crate::error::Error;
use crate::language::Language;
use crate::shown::ShownEvent;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/cases/{case}/dossier", get(export))
}

/// Where the checkpoint is named from which the log goes on, when the one that was named is none.
#[derive(Template)]
#[template(path = "dossier_from.html")]
struct Earlier {
    page: Page,
    case_name: String,
    case_href: String,
    href: String,
    from: String,
    wrong: String,
}

async fn export(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Query(known): Query<Known>,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let from = known.from.clone().unwrap_or_default();
    let error = match send(&desk, &caller, &name, known).await {
        Ok(answer) => return Ok(answer),
        Err(Error::Code(code)) if !from.is_empty() && is_about_checkpoint(code) => code,
        Err(error) => return Err(error.into()),
    };
    let (case, _) = load(&desk, &caller, &name).await?;
    let shows = Earlier {
        case_name: name_of(&case, &page),
        case_href: format!("/cases/{}", case.id),
        href: format!("/cases/{}/dossier", case.id),
        from,
        wrong: Error::Code(error).in_language(page.language),
        page,
    };
    Ok(shown(error.status(), &shows)?)
}

/// Returns whether another checkpoint may be named where something is wrong.
fn is_about_checkpoint(code: Code) -> bool {
    matches!(code, Code::BadCheckpoint | Code::NoSuchCheckpoint | Code::OtherHistory)
}

/// What the pages of a dossier tell of.
pub(crate) struct Told<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) wanted: &'a Wanted,
    pub(crate) looks: &'a [Recorded],
    pub(crate) checkpoint: &'a SignedCheckpoint,
}

/// What happened to a case, in one language.
#[derive(Template)]
#[template(path = "dossier.html")]
struct Timeline {
    page: Page,
    number: String,
    title: String,
    about: Vec<String>,
    facts: Vec<(String, String)>,
    findings: Vec<FindingShown>,
    amounts: Vec<AmountShown>,
    measures: Vec<MeasureShown>,
    /// What happened, from the first event on.
    happenings: Vec<Happening>,
    /// The versions that are not told.
    withheld: Option<String>,
    files: Vec<Filed>,
    /// Who looked; none where the reader may not see that.
    looks: Option<Vec<LookShown>>,
}

/// A file of evidence as the dossier has it.
struct Filed {
    name: String,
    /// Where it is in the dossier.
    href: Option<String>,
    /// Why it is not.
    absent: String,
    size: String,
    digest: String,
}

/// What the dossier is and how it is checked, in both languages.
#[derive(Template)]
#[template(path = "dossier.txt", escape = "none")]
struct Readme {
    number: String,
    title: String,
    log: String,
    checkpoint: String,
    made: String,
    program: &'static str,
}

/// Returns what happened to a case as a page that stands alone.
pub(crate) fn timeline(told: &Told<'_>, evidence: &[File], language: Language) -> Result<String, askama::Error> {
    let Told { source, wanted, looks, .. } = told;
    let (case, directory) = (&wanted.case, source.directory);
    let page = Page { language, path: String::new(), now: source.now, zone: source.zone, who: None };
    let is_told = |event: &&Recorded| !wanted.withheld.contains(&event.envelope.version);
    let shown: Vec<ShownEvent> =
        wanted.events.iter().filter(is_told).filter_map(|event| ShownEvent::of(event, directory)).collect();
    let called = |id: CaseId| wanted.called.get(&id).cloned().unwrap_or_else(|| id.to_string()[..8].to_owned());
    let mut happenings = happenings(case, &shown, &page, directory, &called);
    happenings.reverse();
    let looks = wanted.looks.then(|| {
        let looks = looks.iter().filter_map(|look| Look::of(look, directory));
        looks.map(|look| LookShown::of(&look, case, &page)).collect()
    });
    let timeline = Timeline {
        number: name_of(case, &page),
        title: case.title.clone(),
        about: about(case, &page, directory),
        facts: facts(told, &page),
        findings: findings(case, &page, directory, &called),
        amounts: amounts(case, &page),
        measures: measures(case, directory),
        happenings,
        withheld: (!wanted.withheld.is_empty()).then(|| {
            let versions = wanted.withheld.iter().map(Version::to_string).collect::<Vec<_>>();
            page.say_of("dossier-withheld", "versions", versions.join(&page.say("list-comma")))
        }),
        files: evidence.iter().map(|file| Filed::of(file, &page)).collect(),
        looks,
        page,
    };
    timeline.render()
}

/// Returns what is to be known of the case and of the dossier, each under its name.
fn facts(told: &Told<'_>, page: &Page) -> Vec<(String, String)> {
    let Told { source, wanted, checkpoint, .. } = told;
    let case = &wanted.case;
    let mut facts = Vec::new();
    facts.extend(case.stage.map(|stage| (page.say("dossier-stage"), page.stage(&stage))));
    facts.extend(case.deadline.as_ref().map(|deadline| (page.say("dossier-deadline"), page.deadline(deadline))));
    facts.extend(duties(case, page, source.directory));
    let first = wanted.events.first().map_or(0, |event| event.position);
    let last = wanted.events.last();
    let range = page.say_two(
        "dossier-range",
        ("versions", last.map_or(0, |event| event.envelope.version)),
        ("positions", format!("{first}–{}", last.map_or(0, |event| event.position))),
    );
    facts.push((page.say("dossier-events"), range));
    facts.push((page.say("dossier-made"), page.moment(&source.now)));
    facts.push((page.say("dossier-log"), source.log.id().to_string()));
    facts.push((page.say("mark"), checkpoint.checkpoint.mark().to_string()));
    facts
}

impl Filed {
    fn of(file: &File, page: &Page) -> Filed {
        let absent = file.absent.map(|absent| {
            page.say(match absent {
                Absence::Withdrawn => "dossier-absent-withdrawn",
                Absence::Missing => "dossier-absent-missing",
                Absence::Damaged => "dossier-absent-damaged",
            })
        });
        Filed {
            name: file.name.clone(),
            href: file.file.clone(),
            absent: absent.unwrap_or_default(),
            size: size_said(file.size),
            digest: file.digest.to_string(),
        }
    }
}

/// Returns what the dossier is and how it is checked.
pub(crate) fn readme(told: &Told<'_>) -> Result<String, askama::Error> {
    let Told { source, wanted, checkpoint, .. } = told;
    let case = &wanted.case;
    let readme = Readme {
        number: case.number.as_ref().map_or_else(|| case.id.to_string(), ToString::to_string),
        title: case.title.clone(),
        log: source.log.id().to_string(),
        checkpoint: checkpoint.checkpoint.mark().to_string(),
        made: source.zone.at(source.now).format("%Y-%m-%d %H:%M").to_string(),
        program: env!("CARGO_PKG_VERSION"),
    };
    readme.render()
}
