//! What clients were told: every finding that was accepted, every command that was answered, and whatever was not answered
//! yet and is to be asked again.

use std::collections::BTreeMap;

use rectify_tests::client::{Answer, Client};
use reqwest::Method;
use serde_json::Value;

/// Somebody who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What they are called.
    pub name: String,
    /// Their id.
    pub person: String,
    /// The desk, as they call it.
    pub desk: Client,
    /// Whether the campaign itself entered them.
    pub is_new: bool,
}

/// A request under an idempotency key, which may be asked any number of times.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is asked, in a word.
    pub what: String,
    /// Who asks.
    pub caller: Caller,
    /// How.
    pub method: Method,
    /// Where.
    pub path: String,
    /// The key, as the caller gives it.
    pub key: String,
    /// Header fields beside the key.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Value,
}

impl Asked {
    /// Returns the key as the log keeps it: everybody has keys of their own.
    pub fn key_in_log(&self) -> String {
        format!("{}/{}", self.caller.person, self.key)
    }

    /// Returns the request.
    pub fn request(&self) -> reqwest::RequestBuilder {
        let request = self.caller.desk.request(self.method.clone(), &self.path).header("Idempotency-Key", &self.key);
        let with_headers = self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        with_headers.json(&self.body)
    }
}

/// An event that a client was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Where it stands.
    pub position: u64,
    /// Its id, where the answer tells it.
    pub id: Option<String>,
    /// Its type, where the answer tells it.
    pub kind: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done, and this is what happened.
    Done(Vec<Event>),
    /// It was refused, with this code.
    Refused(String),
}

/// A finding that was handed in, with whatever was accepted of it, one content after another.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The intake it comes by.
    pub intake: &'static str,
    /// Its row, but for the text.
    pub row: Value,
    /// What the source calls it.
    pub item: String,
    /// Its id, which is also its case's; none until it was accepted.
    pub id: Option<String>,
    /// The texts that were accepted, in order; what came twice in a row is there once.
    pub accepted: Vec<String>,
    /// How many texts were made for it.
    pub made: usize,
    /// Whether somebody is handing it in just now. A source says one thing after another.
    pub busy: bool,
}

/// How often evidence of a case was opened by somebody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opened {
    /// How often it was asked for.
    pub asked: usize,
    /// How often it was sent.
    pub sent: usize,
}

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is known by.
    pub id: String,
    /// The desk with it.
    pub desk: Client,
    /// Whether somebody was told that it is taken back.
    pub revoked: bool,
}

/// A unit and its handler, who may lead a case.
#[derive(Clone, Debug)]
pub struct Handler {
    /// The unit's id.
    pub unit: String,
    /// Who acts for it.
    pub caller: Caller,
}

/// Everything that clients were told.
#[derive(Debug, Default)]
pub struct Told {
    /// Every finding, in the order in which they were made.
    pub findings: Vec<Handed>,
    /// Every case, in the order in which clients came to know it.
    pub cases: Vec<String>,
    /// The cases that are worked on now.
    pub in_hand: Vec<String>,
    /// How many cases were taken in hand so far.
    pub taken: usize,
    /// What came of each request, by its key as the log keeps it.
    pub outcomes: BTreeMap<String, Outcome>,
    /// Requests that were done, to be asked once more.
    pub done: Vec<Asked>,
    /// Requests that were asked and not answered.
    pub unanswered: Vec<Asked>,
    /// What the evidence says that was stored, by its digest.
    pub stored: BTreeMap<String, String>,
    /// Openings, by case, digest and person.
    pub opened: BTreeMap<(String, String, String), Opened>,
    /// Tokens beside those that everybody had at first.
    pub tokens: Vec<Token>,
    /// Units and handlers that may lead, those of the campaign's own too.
    pub handlers: Vec<Handler>,
    /// Personal texts that were handed in with petitions.
    pub personal: Vec<String>,
    /// What was told that cannot be.
    pub complaints: Vec<String>,
    /// How many findings were accepted, each content of each.
    pub accepted: usize,
}

impl Told {
    /// Notes what came of a request, and complains where it does not fit what was told before. Returns it in a word.
    pub fn note(&mut self, asked: &Asked, answer: &Answer) -> String {
        let key = asked.key_in_log();
        let before = self.outcomes.get(&key).cloned();
        let outcome = match answer.status {
            200 | 201 => Outcome::Done(events(&answer.body)),
            400..500 => Outcome::Refused(answer.body["code"].as_str().unwrap_or("without a code").to_owned()),
            status => {
                self.complaints.push(format!("{} was answered {status}: {}", asked.what, answer.body));
                return status.to_string();
            }
        };
        match (&before, &outcome) {
            (Some(Outcome::Done(first)), Outcome::Done(again)) => {
                if first != again || answer.body["repeated"] != true {
                    self.complaints.push(format!("{}: {first:?} was told first, and now {}", asked.what, answer.body));
                }
            }
            (Some(Outcome::Done(_)), Outcome::Refused(code)) => {
                self.complaints.push(format!("{} was done, and asked again it is refused with {code}", asked.what));
                return code.clone();
            }
            (None | Some(Outcome::Refused(_)), Outcome::Done(events)) => {
                if events.is_empty() {
                    self.complaints.push(format!("{} was done, and nothing happened: {}", asked.what, answer.body));
                }
                self.done.push(asked.clone());
                self.know_cases(&asked.body, &answer.body);
            }
            (None | Some(Outcome::Refused(_)), Outcome::Refused(_)) => {}
        }
        let word = match &outcome {
            Outcome::Done(_) if answer.body["repeated"] == true => "done before".to_owned(),
            Outcome::Done(_) => "done".to_owned(),
            Outcome::Refused(code) => code.clone(),
        };
        self.outcomes.insert(key, outcome);
        word
    }

    /// Notes the cases that a request began.
    fn know_cases(&mut self, asked: &Value, answered: &Value) {
        let parts = asked["parts"].as_array().into_iter().flatten().map(|part| &part["id"]);
        for case in parts.chain([&asked["id"], &answered["case"]]).filter_map(Value::as_str) {
            if answered["case"].is_string() && !self.cases.iter().any(|known| known == case) {
                self.cases.push(case.to_owned());
            }
        }
    }

    /// Returns how many requests were done, and how many refused.
    pub fn counts(&self) -> (usize, usize) {
        let done = self.outcomes.values().filter(|outcome| matches!(outcome, Outcome::Done(_))).count();
        (done, self.outcomes.len() - done)
    }
}

/// Returns the events of an answer: those of a command, or the one of a change of the directory.
fn events(body: &Value) -> Vec<Event> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match body["events"].as_array() {
        Some(events) => events
            .iter()
            .map(|event| Event {
                position: event["position"].as_u64().unwrap_or_default(),
                id: text(&event["id"]),
                kind: text(&event["type"]),
            })
            .collect(),
        None => {
            let kind = text(&body["event"]["type"]);
            body["position"].as_u64().map(|position| Event { position, id: None, kind }).into_iter().collect()
        }
    }
}
