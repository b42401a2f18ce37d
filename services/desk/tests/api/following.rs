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

/// Asks for events as lines of JSON.
async fn lines(caller: &Caller, query: &str) -> Vec<Value> {
    let answer = caller.with("accept", "application/jsonl").get(&format!("/api/events?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}");
    assert_eq!(answer.headers["content-type"], "application/jsonl");
    let text = String::from_utf8(answer.bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Some events are asked for by every filter, in every form, and what there is not is refused.
pub async fn some_are_asked_for(office: &Office) {
    let hands = Hands::of(office).await;
    let case = hands.accepted("一", "水源地围栏破损").await;
    // Registered two days before it was entered.
    let other = hands.officer.report(&finding("二", "泵站停用", "623000")).await;
    let late = hands.officer.with("rectify-happened", "2020-04-18").with("rectify-document", "register");
    late.ask(&other, "register", &json!({})).await.good();

    let officer = &hands.officer;
    let all = lines(officer, "").await;
    let of = |is: &dyn Fn(&Value) -> bool| all.iter().filter(|event| is(event)).cloned().collect::<Vec<Value>>();
    assert_eq!(all.len(), 6);
    assert_eq!(
        lines(officer, "kind=registered, accepted").await,
        of(&|e| ["registered", "accepted"].contains(&kind(e)))
    );
    assert_eq!(lines(officer, &format!("case={case}")).await, of(&|e| e["case"] == case.as_str()));
    assert_eq!(lines(officer, "unit=州水务局").await, of(&|e| kind(e) == "accepted"));
    let who = all[1]["who"]["person"].as_str().unwrap();
    let theirs = of(&|e| e["who"]["person"] == who);
    assert_eq!(lines(officer, &format!("person={who}")).await, theirs);
    let name = all[1]["who"]["person_name"].as_str().unwrap();
    assert_eq!(lines(officer, &format!("person={name}")).await, theirs);
    assert_eq!(lines(officer, "source=audit").await, all);
    assert_eq!(lines(officer, "source=petition").await, of(&|_| false));
    let (second, fourth) = (all[1]["position"].as_u64().unwrap(), all[3]["position"].as_u64().unwrap());
    assert_eq!(lines(officer, &format!("from={second}&to={fourth}")).await, all[1..4]);
    assert_eq!(lines(officer, &format!("from={second}&limit=2")).await, all[1..3]);
    assert_eq!(lines(officer, "limit=0").await, all[..0]);
    let instant = all[2]["recorded"].as_str().unwrap();
    assert_eq!(lines(officer, &format!("from={instant}&to={instant}")).await, of(&|e| e["recorded"] == instant));
    assert_eq!(lines(officer, "clock=happened&from=2020-04-16&to=2020-04-19").await, of(&|e| e["late"] == true));
    assert_eq!(lines(officer, "to=2020-04-19").await, all[..0]);

    // As text, in either language.
    let text = async |language: &str| {
        let caller = officer.with("accept", "text/plain").with("accept-language", language);
        let answer = caller.get("/api/events?kind=registered").await;
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
        String::from_utf8(answer.bytes).unwrap()
    };
    let chinese = text("zh-CN").await;
    assert_eq!(chinese.lines().count(), 2);
    let last = chinese.lines().last().unwrap();
    assert!(last.contains("  审计-2020-0002  登记  ") && last.ends_with("  发生于 2020-04-18（补录）"), "{last}");
    let english = text("en").await;
    assert!(english.contains("  Registered  ") && english.contains("happened on 2020-04-18"), "{english}");

    // Followed, with the same filters: to its end, or on and on.
    let mut some = Following::open_at(officer, &format!("/api/events?kind=accepted&from=1&to={fourth}"), None).await;
    assert_eq!(kind(&some.next().await), "accepted");
    let (_, mut body) = some.into_parts();
    assert!(tokio::time::timeout(PATIENCE, body.next()).await.expect("the stream ends").is_none());
    let mut noted = Following::open_at(officer, "/api/events?kind=note_added", None).await;
    officer.ask(&case, "press", &json!({ "message": "请抓紧" })).await.good();
    officer.ask(&case, "add_note", &json!({ "text": "现场已看" })).await.good();
    assert_eq!(kind(&noted.next().await), "note_added");

    // Whoever may not see a case is told nothing of it, whatever is asked for.
    let civil = office.caller(CIVIL_HANDLER).await;
    for query in ["", "kind=registered", "unit=州水务局", "source=audit", "from=1"] {
        assert_eq!(lines(&civil, query).await, all[..0], "{query}");
    }

    for (query, told) in [
        ("kind=registered2", "kind: there is no kind of event \"registered2\"; near it are registered"),
        ("kind=unit_added", "kind: unit_added is no event of a case"),
        ("source=adit", "source: there is no source \"adit\": the sources are "),
        ("unit=州水务", "unit: there is no unit \"州水务\""),
        ("person=nobody", "person: there is no person \"nobody\""),
        ("from=soon", "from: a moment is a day"),
        ("to=0", "to: a moment is a day"),
    ] {
        let problem = officer.get(&format!("/api/events?{query}")).await.problem(422, "bad_body");
        assert!(problem["detail"].as_str().unwrap().starts_with(told), "{problem:#}");
    }
    officer.get("/api/events?clock=mine").await.problem(400, "bad_request");
    officer.get("/api/events?kinds=closed").await.problem(400, "bad_request");
}

fn kind(event: &Value) -> &str {
    event["type"].as_str().unwrap()
}

#[tokio::test]
async fn some_events_are_asked_for_by_what_by_whom_and_when_by_either_clock() {
    some_are_asked_for(&Office::open().await).await;
}
