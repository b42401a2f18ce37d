//! The acts of the load: each a step, made by one client by its own chance.

use std::fmt::Write as _;

use rectify_tests::bed::unit;
use reqwest::Method;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::commands::{First, Wanted, wanted};
use crate::hand_in;
use crate::told::{Asked, Caller, Handler, Token};
use crate::world::World;

/// An act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    HandInNew,
    HandInAgain,
    ReportByHand,
    Command,
    Bulk,
    AskAgain,
    Misuse,
    NewLead,
    Directory,
    Token,
    Read,
}

/// The acts, as often as each is made.
const ACTS: [(usize, Act); 11] = [
    (7, Act::HandInNew),
    (9, Act::HandInAgain),
    (4, Act::ReportByHand),
    (60, Act::Command),
    (3, Act::Bulk),
    (6, Act::AskAgain),
    (2, Act::Misuse),
    (1, Act::NewLead),
    (3, Act::Directory),
    (3, Act::Token),
    (3, Act::Read),
];

/// How many cases are worked on at the same time.
const IN_HAND: usize = 10;

/// Makes one act, and returns what it was and what came of it.
pub async fn act(world: &World, mut chance: Chance) -> String {
    let chance = &mut chance;
    let act = chance.weighted(&ACTS);
    let outcome = match act {
        Act::HandInNew => hand_in::new(world, chance).await,
        Act::HandInAgain => hand_in::again(world, chance).await,
        Act::ReportByHand => hand_in::by_hand(world, chance).await,
        Act::Command => command(world, chance).await,
        Act::Bulk => bulk(world, chance).await,
        Act::AskAgain => ask_again(world, chance).await,
        Act::Misuse => misuse(world, chance).await,
        Act::NewLead => new_lead(world, chance).await,
        Act::Directory => directory(world, chance).await,
        Act::Token => token(world, chance).await,
        Act::Read => read(world, chance).await,
    };
    format!("{act:?}: {outcome}")
}

/// Asks everything again that was not answered, until it is.
pub async fn ask_everything_again(world: &World, chance: &mut Chance) {
    while let Some(asked) = { world.told.borrow_mut().unanswered.pop() } {
        world.ask_now(asked, chance).await;
    }
}

/// Looks at a case, and asks of it what fits.
async fn command(world: &World, chance: &mut Chance) -> String {
    let Some(id) = some_case(world, chance) else { return hand_in::new(world, chance).await };
    let Some(case) = world.state(&id).await else { return format!("{id} is not to be seen yet") };
    put_away(world, &id, &case, chance);
    let others = world.told.borrow().cases.clone();
    let Some(Wanted { caller, command, mut data, first }) = wanted(world, &case, &others, chance) else {
        return format!("looked at {id}");
    };
    match first {
        First::Nothing => {}
        First::Open(files) => {
            for file in files {
                open(world, &caller, &id, &file).await;
            }
        }
        First::Upload { listed } => {
            let Some(file) = upload(world, &caller, &id).await else {
                return format!("{command}: nothing to upload to");
            };
            data["evidence"] = if listed { json!([file]) } else { file };
        }
    }
    let number = world.number();
    let asked = Asked {
        what: format!("{command} of {id} at version {} by {}", case["version"], caller.name),
        caller,
        method: Method::POST,
        path: format!("/api/cases/{id}/{command}"),
        key: format!("command-{number}"),
        headers: vec![("If-Match", format!("\"{}\"", case["version"]))],
        body: data,
    };
    let what = asked.what.clone();
    format!("{what}: {}", world.ask(asked, chance).await)
}

/// Notes on several cases in one request.
async fn bulk(world: &World, chance: &mut Chance) -> String {
    let cases: Vec<String> = (0..chance.between(2, 5)).filter_map(|_| some_case(world, chance)).collect();
    let caller = world.caller("州审计");
    let number = world.number();
    let commands: Vec<Value> = (0..)
        .zip(&cases)
        .map(|(place, case)| {
            let (text, key) = (format!("批量核对{number}之{place}"), format!("bulk-{number}-{place}"));
            json!({ "case": case, "command": "add_note", "data": { "text": text }, "key": key })
        })
        .collect();
    let body = json!({ "commands": commands });
    let answer = world
        .persist("bulk", || {
            let request = caller.desk.request(Method::POST, "/api/bulk");
            request.header("Idempotency-Key", format!("bulk-{number}")).json(&body)
        })
        .await;
    let mut said = String::new();
    for ((place, command), result) in (0..).zip(&commands).zip(answer.body["results"].as_array().into_iter().flatten())
    {
        let status = u16::try_from(result["status"].as_u64().unwrap_or_default()).unwrap_or_default();
        let body = if status == 200 { result["answer"].clone() } else { result["problem"].clone() };
        let case = command["case"].as_str().unwrap_or_default();
        // Each is as if it had been asked alone, under its own key.
        let asked = Asked {
            what: format!("a note on {case} among others"),
            caller: caller.clone(),
            method: Method::POST,
            path: format!("/api/cases/{case}/add_note"),
            key: format!("bulk-{number}-{place}"),
            headers: vec![("If-Match", "\"1\"".to_owned())],
            body: command["data"].clone(),
        };
        let answer = rectify_tests::client::Answer { status, body, headers: answer.headers.clone() };
        let word = if matches!(status, 503 | 507) {
            world.told.borrow_mut().unanswered.push(asked);
            "no answer".to_owned()
        } else {
            world.told.borrow_mut().note(&asked, &answer)
        };
        write!(said, "{word} ").expect("a string takes everything");
    }
    said
}

/// Asks again what was not answered, or what was done.
async fn ask_again(world: &World, chance: &mut Chance) -> String {
    let asked = {
        let mut told = world.told.borrow_mut();
        if told.unanswered.is_empty() {
            if told.done.is_empty() {
                return "nothing".to_owned();
            }
            let place = chance.below(told.done.len());
            told.done[place].clone()
        } else {
            let place = chance.below(told.unanswered.len());
            told.unanswered.swap_remove(place)
        }
    };
    let what = asked.what.clone();
    format!("{what}: {}", world.ask(asked, chance).await)
}

/// Uses a key that was used, for something else: it is refused, and what was done under it stands.
async fn misuse(world: &World, chance: &mut Chance) -> String {
    let asked = {
        let told = world.told.borrow();
        if told.done.is_empty() {
            return "nothing".to_owned();
        }
        chance.pick(&told.done).clone()
    };
    if !asked.path.starts_with("/api/cases/") {
        return "not a command on a case".to_owned();
    }
    let (case, _) = asked.path.rsplit_once('/').expect("a command is below its case");
    let answer = world
        .persist("another note under a used key", || {
            let request = asked.caller.desk.request(Method::POST, &format!("{case}/add_note"));
            let request = request.header("Idempotency-Key", &asked.key).header("If-Match", "\"1\"");
            request.json(&json!({ "text": "同一键的另一请求" }))
        })
        .await;
    let refused = answer.body["code"] == "key_reused" || answer.body["code"] == "no_such_case";
    // Whoever may not note at all, or no longer, is told that first.
    if !refused && answer.status < 400 {
        world.complain(format!("the key of {} was taken for something else: {}", asked.what, answer.body));
    }
    format!("{}", answer.body["code"])
}

/// Adds a township with a handler, who may lead cases from then on.
async fn new_lead(world: &World, chance: &mut Chance) -> String {
    let number = world.number();
    let (place, who) =
        (format!("00000000-0000-4000-b000-{number:012}"), format!("00000000-0000-4000-b001-{number:012}"));
    let body = json!({
        "id": place, "name": format!("第{number}乡"), "kind": "township", "parent": unit("舟曲县"),
        "division": "623023", "prefix": null,
    });
    let entries = [
        ("units", body),
        ("people", json!({ "person": who, "name": format!("第{number}乡经办") })),
        ("roles", json!({ "person": who, "unit": place, "role": "handler" })),
    ];
    for (kind, body) in entries {
        let asked = of_directory(world, kind, &format!("lead-{number}-{kind}"), body);
        let word = world.ask_now(asked.clone(), chance).await;
        if !word.starts_with("done") {
            world.complain(format!("{} was refused: {word}", asked.what));
        }
    }
    let Some(token) = issue(world, &world.administrator(), Some(&who)).await else { return "no token".to_owned() };
    let caller = Caller { name: format!("第{number}乡经办"), person: who, desk: token.desk, is_new: true };
    world.told.borrow_mut().handlers.push(Handler { unit: place, caller });
    format!("第{number}乡")
}

/// Changes something else in the directory.
async fn directory(world: &World, chance: &mut Chance) -> String {
    let number = world.number();
    let key = format!("directory-{number}");
    let asked = match chance.below(4) {
        0 => {
            let body = json!({
                "name": format!("峰迭镇（{number}）"), "kind": "township", "parent": unit("舟曲县"), "division": "623023",
                "prefix": null,
            });
            let path = format!("/api/directory/units/{}", unit("峰迭镇"));
            Asked { method: Method::PUT, path, ..of_directory(world, "units", &key, body) }
        }
        1 => of_directory(world, "people", &key, json!({ "name": format!("借调{number}") })),
        2 => {
            let (person, other) = (world.caller("代办核验").person, world.caller("临潭民政").person);
            let body = json!({ "person": person, "on_behalf_of": other, "until": "2099-01-01T00:00:00Z" });
            of_directory(world, "delegations", &key, body)
        }
        _ => {
            let (person, other) = (world.caller("代办核验").person, world.caller("临潭民政").person);
            of_directory(world, "delegations/end", &key, json!({ "person": person, "on_behalf_of": other }))
        }
    };
    let what = asked.what.clone();
    format!("{what}: {}", world.ask(asked, chance).await)
}

/// Issues a token, or takes one back.
async fn token(world: &World, chance: &mut Chance) -> String {
    let known = world.told.borrow().tokens.len();
    if known < 3 || chance.percent(50) {
        let caller = world.caller(*chance.pick(&["舟曲经办", "民政经办", "州审计"]));
        return match issue(world, &caller, None).await {
            Some(token) => format!("issued {}", token.id),
            None => "not issued".to_owned(),
        };
    }
    let place = chance.below(known);
    let token = world.told.borrow().tokens[place].clone();
    if token.revoked {
        return "taken back before".to_owned();
    }
    let path = format!("/api/tokens/{}", token.id);
    let desk = world.administrator().desk;
    let answer = world.persist("take a token back", || desk.request(Method::DELETE, &path)).await;
    // The second time it is asked, it is gone already.
    if matches!(answer.status, 204 | 404) {
        world.told.borrow_mut().tokens[place].revoked = true;
    } else {
        world.complain(format!("a token cannot be taken back: {}", answer.body));
    }
    format!("took back {}", token.id)
}

/// Looks at a list, at the counts and at a history.
async fn read(world: &World, chance: &mut Chance) -> String {
    let who = *chance.pick(&["舟曲经办", "民政经办", "临潭经办", "州审计", "供水经办"]);
    let desk = world.site.desk(who);
    let mut paths = vec!["/api/cases?limit=50&total=true".to_owned(), "/api/counts".to_owned()];
    paths.extend(some_case(world, chance).map(|case| format!("/api/cases/{case}/events")));
    for path in &paths {
        let answer = world.persist(path, || desk.request(Method::GET, path)).await;
        if !matches!(answer.status, 200 | 404) {
            world.complain(format!("{path} was answered {}: {}", answer.status, answer.body));
        }
    }
    format!("{who} looked round")
}

/// Issues a token, somebody's own or, by the administrator, another's.
pub async fn issue(world: &World, caller: &Caller, person: Option<&str>) -> Option<Token> {
    let label = format!("token {}", world.number());
    let body = match person {
        Some(person) => json!({ "person": person, "label": label }),
        None => json!({ "label": label }),
    };
    // Asked again it makes another: what is not answered, nobody holds.
    let answer = world.persist("issue a token", || caller.desk.request(Method::POST, "/api/tokens").json(&body)).await;
    if answer.status != 201 {
        world.complain(format!("no token is issued: {}", answer.body));
        return None;
    }
    let text = |field: &str| answer.body[field].as_str().unwrap_or_default().to_owned();
    let token = Token { id: text("id"), desk: caller.desk.with_token(&text("token")), revoked: false };
    // Those of leads are theirs, and are not taken back.
    if person.is_none() {
        world.told.borrow_mut().tokens.push(token.clone());
    }
    Some(token)
}

/// Stores a file for a case, and returns it as commands name it.
async fn upload(world: &World, caller: &Caller, case: &str) -> Option<Value> {
    let text = format!("整改材料第{}份", world.number());
    let path = format!("/api/cases/{case}/evidence");
    let answer = world
        .persist("upload evidence", || {
            let request =
                caller.desk.request(Method::POST, &path).header("Rectify-File-Name", "%E6%9D%90%E6%96%99.txt");
            request.header("Content-Type", "application/octet-stream").body(text.clone())
        })
        .await;
    if answer.status != 201 {
        return None;
    }
    let digest = answer.body["digest"].as_str()?.to_owned();
    world.told.borrow_mut().stored.insert(digest, text);
    Some(answer.body)
}

/// Opens a file of a case, and compares it with what was stored.
async fn open(world: &World, caller: &Caller, case: &str, digest: &str) {
    let path = format!("/api/cases/{case}/evidence/{digest}");
    let opening = (case.to_owned(), digest.to_owned(), caller.person.clone());
    let answer = world
        .persist("open evidence", || {
            world.told.borrow_mut().opened.entry(opening.clone()).or_default().asked += 1;
            caller.desk.request(Method::GET, &path)
        })
        .await;
    if answer.status != 200 {
        return;
    }
    let mut told = world.told.borrow_mut();
    told.opened.entry(opening).or_default().sent += 1;
    let stored = told.stored.get(digest).cloned();
    if answer.body.as_str() != stored.as_deref() {
        told.complaints.push(format!("{digest} was stored as {stored:?} and is sent as {}", answer.body));
    }
}

fn of_directory(world: &World, kind: &str, key: &str, body: Value) -> Asked {
    Asked {
        what: format!("a change of {kind}"),
        caller: world.administrator(),
        method: Method::POST,
        path: format!("/api/directory/{kind}"),
        key: key.to_owned(),
        headers: Vec::new(),
        body,
    }
}

/// Returns a case: most often one of those in hand, of which there are always a few.
fn some_case(world: &World, chance: &mut Chance) -> Option<String> {
    let mut told = world.told.borrow_mut();
    while told.in_hand.len() < IN_HAND && told.taken < told.cases.len() {
        let next = told.cases[told.taken].clone();
        told.in_hand.push(next);
        told.taken += 1;
    }
    if told.cases.is_empty() {
        return None;
    }
    Some(if chance.percent(85) { chance.pick(&told.in_hand).clone() } else { chance.pick(&told.cases).clone() })
}

/// Has a case that has come to an end, or is left to others, make room for the next, sooner or later.
fn put_away(world: &World, id: &str, case: &Value, chance: &mut Chance) {
    let is_under_way = ["registered", "assigned", "rectifying", "reported", "verified"].contains(&text(&case["stage"]));
    if chance.percent(if is_under_way { 2 } else { 35 }) {
        let mut told = world.told.borrow_mut();
        if told.in_hand.len() > 1 {
            told.in_hand.retain(|other| other != id);
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
