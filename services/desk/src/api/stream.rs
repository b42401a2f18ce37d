//! News as they come: the events that the caller may see, all or some, each judged when it is sent.

mod asked;
mod line;

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use rectify_case::{Case, CaseId, CaseNumber, Event, Position, StreamId, evolve};
use rectify_kit::act::Who;
use rectify_log::{Recorded, Selection, Tail};
use serde_json::json;

use self::asked::Follow;
use self::line::line;
use crate::api::input::Asking;
use crate::api::routes::Routes;
use crate::caller::{Caller, bearer_token, is_kept_from, read};
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::page::Page;
use crate::shown::ShownEvent;
use crate::sight;

/// How many events are judged at once.
const PAGE: u32 = 256;

/// How many cases one connection remembers.
const REMEMBERED: usize = 512;

/// How long a connection is silent before it says that it is alive, and looks whether its token is still good.
const SILENCE: Duration = Duration::from_secs(15);

/// The media type of a line of JSON for each event.
const JSON_LINES: &str = "application/jsonl";

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/events", follow, |o| {
        o.says("events", "Sends the events that the caller may see, as they come (server-sent events)")
            .explains(
                "The id of each is its position in the log. A client that comes back with Last-Event-ID misses \
                 nothing. Where neither that nor `from` is said, it begins with what is new. The stream ends at `to`, after \
                 `limit`, when the token is revoked or the server stops. Who accepts application/jsonl or text/plain before \
                 text/event-stream is answered a line for each event, from the beginning of the log or `from` up to \
                 what is its end now.",
            )
            .query::<Follow>()
            .parameter(json!({
                "name": "Last-Event-ID", "in": "header", "description": "The position last seen; the end of the log where nothing is said.",
                "schema": { "type": "integer", "minimum": 0, "maximum": u64::MAX },
            }))
            .streams::<ShownEvent>("The stream.")
            .answers_also_as(JSON_LINES, &json!({ "type": "string" }))
            .answers_also_as("text/plain", &json!({ "type": "string" }))
            .problems(&[400, 404, 422])
    })
}

async fn follow(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    Asking(asked): Asking<Follow>,
) -> Result<Response, Error> {
    let (selection, limit) = asked.selection(&desk, &caller).await?;
    let (first, to) = selection.bounds(&desk.frame.log, desk.frame.config.zone).await?;
    let head = desk.frame.log.head().await?;
    let form = Form::of(&headers);
    let begin = match (selection.from, form) {
        // Who only follows is told what is new.
        (None, Form::Messages) => head,
        (Some(_), Form::Messages) | (_, Form::JsonLines | Form::Text) => first,
    };
    let seen = read(&headers, "last-event-id", |text| text.parse::<Position>().ok())?;
    let after = seen.map_or(begin, |seen| seen.max(first));
    let to = match form {
        Form::Messages => to.unwrap_or(Position::MAX),
        Form::JsonLines | Form::Text => to.unwrap_or(head).min(head),
    };
    let access = Access::Token(bearer_token(&headers).unwrap_or_default().to_owned());
    let page = Page::for_anybody(&desk, &headers, "/api/events");
    let news = News { selection, to, left: limit, ..News::after(desk, access, caller.who, after) };
    Ok(match form {
        Form::Messages => {
            let messages = futures::stream::unfold(news, |mut news| async {
                let told = news.next().await?;
                Some((Ok::<_, Infallible>(message(&told)), news))
            });
            Sse::new(messages).keep_alive(KeepAlive::new().interval(SILENCE)).into_response()
        }
        Form::JsonLines | Form::Text => {
            let lines = futures::stream::unfold((news, page), move |(mut news, page)| async move {
                let Some(told) = news.next().await else {
                    // What is not whole does not end as if it were.
                    let broken = (!news.is_over()).then(|| Err(io::Error::other("the events broke off")));
                    return broken.map(|broken| (broken, (news, page)));
                };
                let line = match form {
                    Form::Text => line(&told, news.number(told.case), &page),
                    Form::JsonLines | Form::Messages => serde_json::to_string(&told).unwrap_or_default() + "\n",
                };
                Some((Ok(line), (news, page)))
            });
            ([(header::CONTENT_TYPE, form.media_type())], Body::from_stream(lines)).into_response()
        }
    })
}

/// In which form events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Server-sent events, on and on.
    Messages,
    /// A line of JSON each, up to the end of the log.
    JsonLines,
    /// A line of text each, up to the end of the log.
    Text,
}

impl Form {
    /// Returns the first that a request takes of those that there are.
    fn of(headers: &HeaderMap) -> Form {
        let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let types = accepted.split(',').filter_map(|part| part.split(';').next()).map(str::trim);
        let mut forms = types.filter_map(|name| match name {
            JSON_LINES | "application/x-ndjson" => Some(Form::JsonLines),
            "text/plain" => Some(Form::Text),
            "text/event-stream" => Some(Form::Messages),
            _ => None,
        });
        forms.next().unwrap_or(Form::Messages)
    }

    fn media_type(self) -> &'static str {
        match self {
            Form::Messages => "text/event-stream",
            Form::JsonLines => JSON_LINES,
            Form::Text => "text/plain; charset=utf-8",
        }
    }
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
    selection: Selection,
    /// Up to which position.
    to: Position,
    /// How many more are told, where that is bounded.
    left: Option<u32>,
    tail: Tail,
    cases: HashMap<CaseId, Case>,
    ready: VecDeque<ShownEvent>,
}

impl News {
    /// Returns the news after a position for somebody, of everything and without an end.
    pub(crate) fn after(desk: Desk, access: Access, who: Who, after: Position) -> News {
        let (tail, selection) = (desk.frame.log.tail(after), Selection::default());
        let (cases, ready) = (HashMap::new(), VecDeque::new());
        News { desk, access, who, selection, to: Position::MAX, left: None, tail, cases, ready }
    }

    /// Returns whether all was told that is asked for.
    fn is_over(&self) -> bool {
        self.left == Some(0) || (self.ready.is_empty() && self.tail.position() >= self.to)
    }

    /// Waits for the next event; none when the stream is over.
    pub(crate) async fn next(&mut self) -> Option<ShownEvent> {
        loop {
            if self.is_over() {
                return None;
            }
            if let Some(told) = self.ready.pop_front() {
                self.left = self.left.map(|left| left.saturating_sub(1));
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
            let envelope = &recorded.envelope;
            let StreamId::Case(id) = envelope.stream else { continue };
            if recorded.position > self.to || !self.selection.names(envelope.stream, envelope.event.name()) {
                continue;
            }
            let (directory, _) = self.desk.frame.directory.get();
            if !self.selection.admits(envelope, &directory, self.desk.frame.config.zone) {
                continue;
            }
            let sees = match visible.get(&id) {
                Some(sees) => *sees,
                None => self.sees(id).await?,
            };
            visible.insert(id, sees);
            if sees && self.is_from(id) && !self.names_what_is_kept(&recorded).await? {
                self.ready.extend(ShownEvent::of(&recorded, &directory));
            }
        }
        Ok(())
    }

    /// Returns whether a case that was looked up is from where is asked for.
    fn is_from(&self, id: CaseId) -> bool {
        self.selection.is_from(self.cases.get(&id).and_then(|case| case.source.as_ref()))
    }

    /// Returns the number of a case of which something was told.
    fn number(&self, id: CaseId) -> Option<&CaseNumber> {
        self.cases.get(&id)?.number.as_ref()
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
