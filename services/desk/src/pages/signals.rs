//! Signals of repairs on paper only (疑点提示): what the office and auditors should ask about, each with what it is seen from.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use fluent_bundle::FluentValue;
use rectify_case::Directory;
use rectify_ledger::{Signal, SignalKind, SignalPage, Trace};

use super::form::{Fields, query_of};
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use super::wording;
use crate::api::signals::signals_for;
use crate::desk::Desk;

/// How many signals of each kind stand on the page of all kinds.
const OF_EACH: u32 = 5;

/// How many stand on the page of one.
const OF_ONE: u32 = 20;

/// How many digits of a digest are shown.
const DIGITS: usize = 12;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/signals", get(list))
}

/// What should be asked about.
#[derive(Template)]
#[template(path = "signals.html")]
struct Signals {
    page: Page,
    kinds: Vec<KindShown>,
    /// Every kind, and all of them together.
    chips: Vec<Chip>,
    position: u64,
}

/// Where a kind stands alone, or all stand together.
struct Chip {
    said: String,
    href: String,
    is_shown: bool,
}

/// The signals of a kind.
struct KindShown {
    name: &'static str,
    said: String,
    signals: Vec<SignalShown>,
    /// Where there are more.
    more: Option<String>,
}

/// A question, and what it is seen from.
struct SignalShown {
    question: String,
    traces: Vec<TraceShown>,
}

/// An event that something is seen from.
struct TraceShown {
    href: String,
    case: String,
    event: String,
    position: u64,
    about: Vec<String>,
}

async fn list(
    State(desk): State<Desk>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let only = SignalKind::ALL.into_iter().find(|kind| kind.name() == asked.text("kind"));
    let before = asked.text("before").parse().ok().filter(|_| only.is_some());
    let limit = if only.is_some() { OF_ONE } else { OF_EACH };
    let pages = signals_for(&desk, &caller, only, before, limit).await?;
    let all = Chip { said: page.say("signals-all"), href: "/signals".to_owned(), is_shown: only.is_none() };
    let chip = |kind| Chip { said: page.signal(kind), href: address(kind, None), is_shown: only == Some(kind) };
    let chips = std::iter::once(all).chain(SignalKind::ALL.map(chip)).collect();
    let signals = Signals {
        position: pages.first().map_or(0, |one| one.position),
        kinds: pages
            .iter()
            .filter(|one| only.is_some() || !one.signals.is_empty())
            .map(|one| KindShown::of(one, only.is_some(), &page, &caller.directory))
            .collect(),
        chips,
        page,
    };
    Ok(shown(StatusCode::OK, &signals)?)
}

/// Returns the address of the signals of a kind, before a position.
fn address(kind: SignalKind, before: Option<u64>) -> String {
    let before = before.map(|before| before.to_string());
    let before = before.as_deref().map(|before| ("before", before));
    let fields: Vec<(&str, &str)> = std::iter::once(("kind", kind.name())).chain(before).collect();
    format!("/signals?{}", query_of(&fields))
}

impl KindShown {
    fn of(found: &SignalPage, alone: bool, page: &Page, directory: &Directory) -> KindShown {
        let kind = found.kind;
        KindShown {
            name: kind.name(),
            said: page.signal(kind),
            signals: found.signals.iter().map(|signal| SignalShown::of(signal, page, directory)).collect(),
            more: found.next.map(|next| address(kind, alone.then_some(next))),
        }
    }
}

impl SignalShown {
    fn of(signal: &Signal, page: &Page, directory: &Directory) -> SignalShown {
        SignalShown {
            question: question(signal, page, directory).unwrap_or_default(),
            traces: signal.traces.iter().map(|trace| TraceShown::of(trace, page, directory)).collect(),
        }
    }
}

impl TraceShown {
    fn of(trace: &Trace, page: &Page, directory: &Directory) -> TraceShown {
        let digest = trace.digest.as_ref();
        let digest = digest.map(|digest| page.say_of("signal-digest", "digest", &digest.as_str()[..DIGITS]));
        let about = [directory.unit_name(trace.unit), trace.day.to_string()].into_iter().chain(digest);
        TraceShown {
            href: format!("/cases/{}#e{}", trace.case, trace.position),
            case: trace.number.as_ref().map_or_else(String::new, |number| format!("{number} ")) + &trace.title,
            event: page.say(&format!("event-{}", trace.event.replace('_', "-"))),
            position: trace.position,
            about: about.collect(),
        }
    }
}

impl Page {
    /// Returns what a kind of signal is called.
    fn signal(&self, kind: SignalKind) -> String {
        self.say(&format!("signal-{}", kind.name().replace('_', "-")))
    }
}

/// Returns a signal as a question. It has at least one event that it is seen from.
fn question(signal: &Signal, page: &Page, directory: &Directory) -> Option<String> {
    let last = signal.traces.first()?;
    let (unit, day) = (directory.unit_name(last.unit), last.day.to_string());
    let ask = |name: &str, values: &[(&'static str, String)]| {
        let values: Vec<(&'static str, FluentValue<'_>)> =
            values.iter().map(|(key, value)| (*key, value.as_str().into())).collect();
        wording::say(page.language, name, &values)
    };
    Some(match signal.kind {
        SignalKind::OnDeadline => ask("ask-on-deadline", &[("unit", unit), ("day", day)]),
        SignalKind::SamePhotograph => ask("ask-same-photograph", &[("n", signal.cases.to_string())]),
        SignalKind::OlderEvidence => {
            let discovered = last.discovered.map(|day| day.to_string()).unwrap_or_default();
            // What the name tells, or how it was put on file elsewhere before.
            let (name, told) = match (last.other_day, signal.traces.get(1)) {
                (Some(told), _) => ("ask-older-named", told),
                (None, other) => ("ask-older-filed", other.map_or(last.day, |other| other.day)),
            };
            ask(name, &[("day", told.to_string()), ("discovered", discovered)])
        }
        SignalKind::MonthEnd => {
            let month = signal.closed_in_month.unwrap_or_default().to_string();
            let last = signal.cases.to_string();
            ask("ask-month-end", &[("unit", unit), ("day", day), ("month", month), ("n", last)])
        }
        SignalKind::SameWords => ask("ask-same-words", &[("n", signal.cases.to_string())]),
        SignalKind::SoonVerified => {
            let minutes = last.seconds.unwrap_or_default() / 60 + 1;
            ask("ask-soon-verified", &[("unit", unit), ("minutes", minutes.to_string())])
        }
    })
}
