//! What every page has: its language, who looks at it, when and from where.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use fluent_bundle::FluentValue;
use rectify_case::{Actor, Happened, Role, Zone};
use rectify_ledger::{Counts, Waiting};
use rectify_proof::{Mark, Tree};

use super::work::works;
use super::{assets, wording};
use crate::api::set_aside::looking;
use crate::api::signals::asking;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;
use crate::language::Language;
use crate::shown::Capacity;

/// What every page has.
pub(crate) struct Page {
    pub(crate) language: Language,
    /// Its own address, with its query.
    pub(crate) path: String,
    pub(crate) now: DateTime<Utc>,
    pub(crate) zone: Zone,
    /// Who looks; none before they signed in.
    pub(crate) who: Option<Shown>,
}

/// Who looks at a page, as it shows them.
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the navigation by itself")]
pub(crate) struct Shown {
    pub(crate) name: String,
    /// In which capacities, such as `州整改办 经办人`.
    pub(crate) posts: Vec<String>,
    /// For whom they act (代办).
    pub(crate) on_behalf_of: Option<String>,
    /// What their forms send along.
    pub(crate) csrf: String,
    /// Whether they are an administrator.
    pub(crate) administers: bool,
    /// Whether they may hand in.
    pub(crate) hands_in: bool,
    /// Whether they look at what was set aside.
    pub(crate) looks_aside: bool,
    /// Whether they list who looked at petitioners.
    pub(crate) audits: bool,
    /// Whether they are shown what should be asked about.
    pub(crate) asks: bool,
    /// How many cases wait for them, and how many of these are late; none where no case ever does.
    pub(crate) waiting: Option<Waiting>,
    /// How many cases may reach them, by what they are and how far the ledger is folded.
    pub(crate) counts: Counts,
    /// What stands on paper of the log, so that every print is a witness; none before anything was signed.
    pub(crate) mark: Option<Mark>,
}

impl Page {
    /// Returns the page of somebody who is not known yet.
    pub(crate) fn for_anybody(desk: &Desk, headers: &HeaderMap, path: &str) -> Page {
        Page {
            language: Language::of(headers),
            path: path.to_owned(),
            now: desk.frame.clock.now(),
            zone: desk.frame.config.zone,
            who: None,
        }
    }

    /// Returns the page of somebody who is signed in.
    pub(crate) async fn of(desk: &Desk, caller: &Caller, path: &str, csrf: String) -> Result<Page, Error> {
        let viewer = caller.viewer();
        let (counts, waiting) = if works(caller) {
            let (counts, waiting) = desk.ledger.counts_and_waiting(&viewer, &caller.posts(), caller.now).await?;
            (counts, Some(waiting))
        } else {
            (desk.ledger.counts(&viewer, caller.now).await?, None)
        };
        let mark = Tree::new(desk.frame.db.clone()).mark().await?;
        let directory = &caller.directory;
        let principal = caller.who.on_behalf_of.unwrap_or(caller.who.person);
        let holdings = directory.holdings(principal, caller.now);
        let posts = holdings.map(|held| match directory.unit(held.unit) {
            Some(unit) => format!("{} {}", unit.name, role_name(caller.language, held.role)),
            None => role_name(caller.language, held.role),
        });
        Ok(Page {
            language: caller.language,
            path: path.to_owned(),
            now: caller.now,
            zone: desk.frame.config.zone,
            who: Some(Shown {
                name: directory.person_name(caller.who.person),
                posts: posts.collect(),
                on_behalf_of: caller.who.on_behalf_of.map(|person| directory.person_name(person)),
                csrf,
                administers: caller.administrator().is_ok(),
                hands_in: desk.imports.admits(caller.who.person),
                looks_aside: looking(caller).is_ok(),
                audits: !caller.capacities(|role| role == Role::Auditor).is_empty(),
                asks: asking(caller).is_ok(),
                waiting,
                counts,
                mark,
            }),
        })
    }

    /// Returns what is said under a name.
    pub(crate) fn say(&self, name: &str) -> String {
        wording::say(self.language, name, &[])
    }

    /// Returns what is said under a name of one value.
    pub(crate) fn say_of<'a>(&self, name: &str, key: &'static str, value: impl Into<FluentValue<'a>>) -> String {
        wording::say(self.language, name, &[(key, value.into())])
    }

    /// Returns what is said under a name of two values.
    pub(crate) fn say_two<'a>(
        &self,
        name: &str,
        (one, first): (&'static str, impl Into<FluentValue<'a>>),
        (two, second): (&'static str, impl Into<FluentValue<'a>>),
    ) -> String {
        wording::say(self.language, name, &[(one, first.into()), (two, second.into())])
    }

    /// Returns what stands on paper of the log, with its name; nothing before anything was signed.
    pub(crate) fn mark(&self) -> Option<String> {
        let mark = self.who.as_ref()?.mark?;
        Some(format!("{} {mark}", self.say("mark")))
    }

    /// Returns what the forms of the page send along.
    pub(crate) fn csrf(&self) -> &str {
        self.who.as_ref().map_or("", |who| &who.csrf)
    }

    /// Returns whether who looks acts for somebody else.
    pub(crate) fn acts_for_another(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.on_behalf_of.is_some())
    }

    /// Returns the tag of its language.
    pub(crate) fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// Returns the tag of the other language.
    pub(crate) fn other_tag(&self) -> &'static str {
        match self.language {
            Language::Chinese => Language::English.tag(),
            Language::English => Language::Chinese.tag(),
        }
    }

    /// Returns whether the page lies at or below an address.
    pub(crate) fn is_at(&self, address: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        path == address || path.strip_prefix(address).is_some_and(|rest| address != "/" && rest.starts_with('/'))
    }

    /// Returns the address of the style sheet, which changes when it does.
    #[expect(clippy::unused_self, reason = "a template asks the page")]
    pub(crate) fn style(&self) -> &'static str {
        assets::style()
    }

    /// Returns the address of the script.
    #[expect(clippy::unused_self, reason = "a template asks the page")]
    pub(crate) fn script(&self) -> &'static str {
        assets::script()
    }

    /// Returns the address of the icon.
    #[expect(clippy::unused_self, reason = "a template asks the page")]
    pub(crate) fn icon(&self) -> &'static str {
        assets::icon()
    }

    /// Returns an instant in the office's zone, such as `2020-04-21 16:02`.
    pub(crate) fn moment(&self, at: &DateTime<Utc>) -> String {
        self.zone.at(*at).format("%Y-%m-%d %H:%M").to_string()
    }

    /// Returns when something happened: the day, and the time where it is known.
    pub(crate) fn happened(&self, happened: &Happened) -> String {
        match happened {
            Happened::On(day) => day.to_string(),
            Happened::At(at) => self.moment(at),
        }
    }

    /// Returns the day something happened on.
    pub(crate) fn day(&self, happened: &Happened) -> NaiveDate {
        happened.day(self.zone)
    }

    /// Returns who did something, and in what capacity.
    pub(crate) fn somebody(&self, who: &Capacity) -> String {
        if who.person == Actor::INSTALLATION.person {
            return self.say("who-installation");
        }
        let lent = who.on_behalf_of_name.as_ref().map(|name| self.say_of("said-for", "name", name.as_str()));
        let name = format!("{} {}{}", who.unit_name, who.person_name, lent.unwrap_or_default());
        self.bracketed(&name, &role_name(self.language, who.role))
    }

    /// Returns today, in the office's zone.
    pub(crate) fn today(&self) -> NaiveDate {
        self.zone.at(self.now).date_naive()
    }
}

/// Returns a role as pages name it.
pub(crate) fn role_name(language: Language, role: Role) -> String {
    let name = match role {
        Role::Officer => "officer",
        Role::Handler => "handler",
        Role::Verifier => "verifier",
        Role::ResponsibleLeader => "responsible-leader",
        Role::ClosingLeader => "closing-leader",
        Role::Auditor => "auditor",
        Role::Administrator => "administrator",
        Role::SourceSystem => "source-system",
    };
    wording::say(language, &format!("role-{name}"), &[])
}

/// Returns a page as it is sent.
pub(crate) fn shown(status: StatusCode, template: &impl Template) -> Result<Response, Error> {
    let text = template.render().map_err(|error| Error::Internal(error.into()))?;
    let mut response = (status, Html(text)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
