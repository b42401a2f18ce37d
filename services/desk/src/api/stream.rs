//! News as they come: the events that the caller may see, each judged when it is sent.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use futures::Stream;
use rectify_case::{Case, CaseId, Event, Position, StreamId, evolve};
use rectify_kit::act::Who;
use rectify_log::{Recorded, Tail};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::api::input::Asking;
use crate::api::routes::Routes;
use crate::caller::{Caller, bearer_token, is_kept_from, read};
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::ShownEvent;
use crate::sight;

/// How many events are judged at once.
const PAGE: u32 = 256;

/// How many cases one connection remembers.
const REMEMBERED: usize = 512;

/// How long a connection is silent before it says that it is alive, and looks whether its token is still good.
const SILENCE: Duration = Duration::from_secs(15);

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/events", follow, |o| {
        o.says("events", "Sends the events that the caller may see, as they come (server-sent events)")
            .explains(
                "The id of each is its position in the log. A client that comes back with Last-Event-ID misses \
                 nothing. The stream ends when the token is revoked or the server stops.",
            )
            .query::<Follow>()
            .parameter(json!({
                "name": "Last-Event-ID", "in": "header", "description": "The position last seen; the end of the log where nothing is said.",
                "schema": { "type": "integer", "minimum": 0, "maximum": u64::MAX },
            }))
            .streams::<ShownEvent>("The stream.")
            .problems(&[400, 404])
    })
}

/// What is followed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Follow {
    /// One case only, by its id or number.
    case: Option<String>,
}

async fn follow(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Asking(Follow { case }): Asking<Follow>,
) -> Result<Sse<impl Stream<Item = Result<Message, Infallible>>>, Error> {
    let only = match case {
        Some(name) => Some(crate::api::case::load(&desk, &caller, &name).await?.0.id),
        None => None,
    };
    let after = match read(&headers, "last-event-id", |text| text.parse::<Position>().ok())? {
        Some(position) => position,
        None => desk.frame.log.head().await?,
    };
    let access = Access::Token(bearer_token(&headers).unwrap_or_default().to_owned());
    let news = News::after(desk, access, caller.who, only, after);
    let messages = futures::stream::unfold(news, |mut news| async {
        let told = news.next().await?;
        Some((Ok(message(&told)), news))
    });
    Ok(Sse::new(messages).keep_alive(KeepAlive::new().interval(SILENCE)))
}

/// What lets somebody go on listening, while it is good.
pub(crate) enum Access {
    /// A bearer token.
    Token(String),
    /// What a browser holds of a session.
    Session(String),
}

/// One connection.
pub(crate) struct News {
    desk: Desk,
    access: Access,
    who: Who,
    only: Option<CaseId>,
    tail: Tail,
    cases: HashMap<CaseId, Case>,
    ready: VecDeque<ShownEvent>,
}

impl News {
    /// Returns the news after a position for somebody, of all cases or of one.
    pub(crate) fn after(desk: Desk, access: Access, who: Who, only: Option<CaseId>, after: Position) -> News {
        let tail = desk.frame.log.tail(after);
        News { desk, access, who, only, tail, cases: HashMap::new(), ready: VecDeque::new() }
    }

    /// Waits for the next event; none when the stream is over.
    pub(crate) async fn next(&mut self) -> Option<ShownEvent> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                return Some(told);
            }
            let begun = self.desk.frame.shutdown.begun();
            let page = tokio::select! {
                () = begun => return None,
                page = tokio::time::timeout(SILENCE, self.tail.next(PAGE)) => page,
            };
            if !self.may_go_on().await {
                return None;
            }
            let Ok(page) = page else { continue };
            let judged = match page {
                Ok(page) => self.judge(page).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = judged {
                // The client comes back with the position it has, and misses nothing.
                tracing::warn!(%error, "a stream of events ends early");
                return None;
            }
        }
    }

    async fn may_go_on(&self) -> bool {
        let now = self.desk.frame.clock.now();
        match &self.access {
            Access::Token(token) => matches!(self.desk.accounts.authenticate(token, now).await, Ok(Some(_))),
            Access::Session(held) => matches!(self.desk.accounts.is_open(held, now).await, Ok(true)),
        }
    }

    /// Keeps the events of a page that the caller may see as things stand now.
    async fn judge(&mut self, page: Vec<Recorded>) -> Result<(), Error> {
        if self.cases.len() > REMEMBERED {
            self.cases.clear();
        }
        let mut visible: HashMap<CaseId, bool> = HashMap::new();
        for recorded in page {
            let StreamId::Case(id) = recorded.envelope.stream else { continue };
            if self.only.is_some_and(|only| only != id) {
                continue;
            }
            let sees = match visible.get(&id) {
                Some(sees) => *sees,
                None => self.sees(id).await?,
            };
            visible.insert(id, sees);
            if sees && !self.names_what_is_kept(&recorded).await? {
                let (directory, _) = self.desk.frame.directory.get();
                self.ready.extend(ShownEvent::of(&recorded, &directory));
            }
        }
        Ok(())
    }

    async fn sees(&mut self, id: CaseId) -> Result<bool, Error> {
        let who = self.who;
        let (directory, _) = self.desk.frame.directory.get();
        let now = self.desk.frame.clock.now();
        Ok(who.sees(self.case(id).await?, &directory, now))
    }

    /// Returns whether an event names another case that is kept from the caller.
    async fn names_what_is_kept(&mut self, recorded: &Recorded) -> Result<bool, Error> {
        let Event::Case(event) = &recorded.envelope.event else { return Ok(false) };
        let who = self.who;
        let (directory, _) = self.desk.frame.directory.get();
        let now = self.desk.frame.clock.now();
        for other in sight::named(event) {
            if is_kept_from(&who, self.case(other).await?, &directory, now) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns a case as the log has it now.
    async fn case(&mut self, id: CaseId) -> Result<&Case, Error> {
        let case = self.cases.entry(id).or_insert_with(|| Case::new(id));
        for recorded in self.desk.frame.log.read_stream(StreamId::Case(id), case.version).await? {
            if let Some(happening) = recorded.envelope.happening() {
                evolve(case, &happening);
            }
        }
        Ok(case)
    }
}

fn message(told: &ShownEvent) -> Message {
    let message = Message::default().id(told.position.to_string()).event(told.event.name());
    message.json_data(told).unwrap_or_default()
}
