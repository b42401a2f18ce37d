//! News as they come.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, StatusCode};
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::client::Caller;
use crate::life::Hands;
use crate::office::{CIVIL_HANDLER, HANDLER, Office, finding};

/// How long news may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to the news.
pub struct Following {
    body: BodyDataStream,
    text: String,
    /// The id of the last event.
    pub last: u64,
}

impl Following {
    pub async fn open(caller: &Caller, after: Option<u64>) -> Following {
        Following::open_at(caller, "/api/events", after).await
    }

    pub async fn open_at(caller: &Caller, path: &str, after: Option<u64>) -> Following {
        let after = after.map(|position| position.to_string());
        let headers: Vec<(&str, &str)> = after.iter().map(|position| ("last-event-id", position.as_str())).collect();
        let response = caller.open(Method::GET, path, &headers, Body::empty()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Following { body: response.into_body().into_data_stream(), text: String::new(), last: 0 }
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> Value {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let event = field("data:").map(|data| serde_json::from_str::<Value>(data).unwrap());
                if let Some(event) = &event {
                    self.last = field("id:").unwrap().parse().unwrap();
                    assert_eq!(field("event:"), event["type"].as_str());
                    assert_eq!(event["position"], self.last);
                }
                let read = self.text.len() - rest.len();
                self.text.drain(..read);
                match event {
                    Some(event) => return event,
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("news come in time");
            self.text.push_str(std::str::from_utf8(&chunk.expect("the stream goes on").unwrap()).unwrap());
        }
    }

    /// Returns the events up to the first that is looked for.
    pub async fn until(&mut self, found: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut seen = Vec::new();
        loop {
            let event = self.next().await;
            let last = found(&event);
            seen.push(event);
            if last {
                return seen;
            }
        }
    }

    pub fn into_parts(self) -> (u64, BodyDataStream) {
        (self.last, self.body)
    }
}

#[tokio::test]
async fn whoever_comes_back_misses_nothing_and_sees_nothing_twice() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let mut first = Following::open(&hands.officer, None).await;
    let case = hands.accepted("一", "村级光伏电站停运").await;
    let seen = first.until(|event| event["type"] == "registered").await;
    assert_eq!(seen.len(), 2);
    let last = first.last;
    drop(first);

    let mut again = Following::open(&hands.officer, Some(last)).await;
    let rest = again.until(|event| event["type"] == "accepted").await;
    let kinds: Vec<&Value> = rest.iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["assigned", "accepted"]);
    hands.officer.ask(&case, "press", &json!({ "message": "请抓紧" })).await.good();
    assert_eq!(again.next().await["type"], "pressed");
}

#[tokio::test]
async fn each_event_is_judged_as_things_stand_when_it_is_sent() {
    let office = Office::open().await;
    let hands = Hands::of(&office).await;
    let (handler, civil) = (office.caller(HANDLER).await, office.caller(CIVIL_HANDLER).await);
    let mut news = Following::open(&handler, Some(0)).await;
    let case = hands.accepted("一", "安置点排水不畅").await;
    // What happened before the case was the department's was sent to nobody there: at that time it was not theirs.
    let first = news.next().await;
    assert_eq!(first["case"], json!(case));
    news.until(|event| event["type"] == "accepted").await;

    // One case only, for whom it is.
    let path = format!("/api/events?case={case}");
    let mut only = Following::open_at(&handler, &path, Some(0)).await;
    hands.officer.report(&finding("二", "其他问题", "623000")).await;
    hands.officer.ask(&case, "add_note", &json!({ "text": "现场已看" })).await.good();
    let seen = only.until(|event| event["type"] == "note_added").await;
    assert!(seen.iter().all(|event| event["case"] == json!(case)));
    civil.send(Method::GET, &path, &[], Body::empty()).await.problem(404, "no_such_case");

    // A token that is taken back ends the stream at the next event.
    let tokens = handler.get("/api/tokens").await.good();
    let present = tokens.as_array().unwrap().iter().find(|token| token["present"] == true).unwrap();
    let token = present["id"].as_str().unwrap();
    let gone = handler.send(Method::DELETE, &format!("/api/tokens/{token}"), &[], Body::empty()).await;
    assert_eq!(gone.status, 204);
    hands.officer.ask(&case, "add_note", &json!({ "text": "再看" })).await.good();
    let (_, mut body) = only.into_parts();
    let end = tokio::time::timeout(PATIENCE, body.next()).await.expect("the stream ends");
    assert!(end.is_none(), "{end:?}");
}
