//! `rectify replay`: the ledger, a case and the events of any moment, by either clock.

use std::collections::{BTreeMap, BTreeSet};

use rectify_tests::free_port;
use rectify_tests::program::Program;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::office::Office;

/// Plays the sample in an office's folder.
async fn played() -> Office {
    let office = Office::empty();
    let (listen, data) = (format!("127.0.0.1:{}", free_port()), office.path("data"));
    let mut up = Program::start(&["up", "--demo", "--listen", &listen, "--data", &data], &[]).await;
    up.line("试一试").await;
    assert!(up.terminate().await.success());
    office
}

/// Runs the program and reads each line it prints as JSON.
async fn lines(office: &Office, arguments: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    office.does(&arguments).await.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap()
}

/// Returns what `rectify replay ledger` says beside the cases, and the table and its total as `rectify ledger` prints them.
fn taken_apart(told: &str) -> (&str, String) {
    let (first, rest) = told.split_once('\n').unwrap();
    let (table, _) = rest.trim_end().rsplit_once('\n').unwrap();
    (first, format!("{table}\n"))
}

#[tokio::test]
async fn the_ledger_folded_from_the_log_is_the_ledger_that_is_kept() {
    let office = played().await;
    office.does(&["rebuild"]).await;
    for filter in [
        &[][..],
        &["--stage", "rectifying,closed"],
        &["--source", "audit,petition", "--severity", "ordinary"],
        &["--division", "623000"],
        &["--unit", "甘南州"],
        &["--overdue"],
        &["--listed"],
        &["--number", "审计-"],
        &["--over-days", "3"],
        &["--search", "饮水"],
        &["--text", "审计 2020 县"],
        &["--text", "没有这样的事"],
    ] {
        let all = ["--limit", "1000"];
        let arguments: Vec<&str> = ["ledger"].iter().chain(filter).chain(&all).copied().collect();
        let kept = office.does(&arguments).await;
        let arguments: Vec<&str> = ["replay", "ledger"].iter().chain(filter).chain(&all).copied().collect();
        let told = office.does(&arguments).await;
        let (moment, folded) = taken_apart(&told);
        assert!(moment.starts_with("截至目前已记录的"), "{moment}");
        assert_eq!(folded, kept, "{filter:?}");
    }
}

#[tokio::test]
async fn what_was_known_then_and_what_is_known_now_about_then_are_compared() {
    let office = played().await;
    let events = lines(&office, &["replay", "events"]).await;
    let head = events.len();
    let now = lines(&office, &["replay", "ledger"]).await;
    let found: Vec<&Value> = events.iter().filter(|event| event["event"]["type"] == "finding_reported").collect();
    let middle = found[found.len() / 2]["position"].to_string();
    let then = lines(&office, &["replay", "ledger", "--at", &middle]).await;
    assert!(!then.is_empty() && then.len() < now.len(), "{} {}", then.len(), now.len());
    assert!(then.iter().all(|row| row["position"].as_u64() <= found[found.len() / 2]["position"].as_u64()));

    // What differs is what differs of the two lists.
    let changed = lines(&office, &["replay", "compare", "--from", &middle]).await;
    let stages = |rows: &[Value]| -> BTreeMap<String, String> {
        rows.iter().map(|row| (text(row, "id").to_owned(), text(row, "stage").to_owned())).collect()
    };
    let (before, after) = (stages(&then), stages(&now));
    let with = |difference: &str| -> BTreeSet<String> {
        let of = changed.iter().filter(|one| one["differences"].as_array().unwrap().contains(&difference.into()));
        of.map(|one| text(if one["after"].is_null() { &one["before"] } else { &one["after"] }, "id").to_owned())
            .collect()
    };
    let entered = after.keys().filter(|id| !before.contains_key(*id)).cloned().collect();
    let moved = after.iter().filter(|(id, stage)| before.get(*id).is_some_and(|was| was != *stage));
    assert_eq!(with("entered"), entered);
    assert_eq!(with("left"), BTreeSet::new());
    assert_eq!(with("stage"), moved.map(|(id, _)| id.clone()).collect());
    let told = office.does(&["replay", "compare", "--from", &middle, "--limit", "2"]).await;
    assert!(told.contains(&format!("新列入 {} 件", with("entered").len())) && told.contains("--limit"), "{told}");
    assert!(told.contains(&format!("环节变动 {} 件", with("stage").len())) && told.contains(" → "), "{told}");
    let same = office.does(&["replay", "compare", "--from", &middle, "--to", &middle]).await;
    assert!(same.ends_with("没有变化\n"), "{same}");

    // By a day that what was found earlier and entered later lies between.
    let late = &found[0]["event"];
    let (found, recorded) = (&text(late, "happened")[..10], &text(late, "recorded")[..10]);
    assert!(found < recorded, "{found} {recorded}");
    let known_then = lines(&office, &["replay", "ledger", "--at", found]).await;
    let known_now = lines(&office, &["replay", "ledger", "--at", found, "--clock", "happened"]).await;
    assert!(known_then.len() < known_now.len(), "{} {}", known_then.len(), known_now.len());
    let both = ["replay", "compare", "--from", found, "--to", found, "--to-clock", "happened"];
    let told = office.does(&both).await;
    assert!(told.contains(&format!("截至{found}已记录的")) && told.contains(&format!("截至{found}已发生的")), "{told}");
    let entered = lines(&office, &both).await.into_iter().filter(|one| one["before"].is_null()).count();
    assert_eq!(entered, known_now.len() - known_then.len());

    // One of them.
    let id = text(late, "stream").trim_start_matches("case-");
    let absent = office.cannot(&["replay", "case", id, "--at", "1"]).await;
    assert!(absent.contains("当时还没有这个事项"), "{absent}");
    let shown = office.does(&["replay", "case", id, "--at", found, "--clock", "happened"]).await;
    assert!(shown.starts_with(&format!("截至{found}已发生的")) && shown.contains("发现问题"), "{shown}");
    assert!(!shown.contains("登记  "), "{shown}");
    let case = lines(&office, &["replay", "case", id]).await;
    assert_eq!((text(&case[0], "id"), text(&case[0], "stage")), (id, after[id].as_str()));

    let refused = office.cannot(&["replay", "ledger", "--at", &(head + 9).to_string()]).await;
    assert_eq!(refused, format!("rectify: the log has no position {}: it ends at {head}", head + 9));
    let refused = office.cannot(&["replay", "ledger", "--at", "2999-01-01"]).await;
    assert_eq!(refused, "rectify: 2999-01-01 is yet to come");
}

#[tokio::test]
async fn events_are_listed_as_they_were_hashed_and_some_of_them_by_who_what_and_when() {
    let office = played().await;
    let printed = office.does(&["replay", "events", "--json"]).await;
    for (place, line) in (1..).zip(printed.lines()) {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["position"], place);
        let bytes = line.split_once("\"event\":").unwrap().1.strip_suffix('}').unwrap();
        assert_eq!(text(&event, "leaf"), hex::encode(Sha256::digest(bytes)));
    }
    assert!(printed.contains("\"ciphertext\"") && !printed.contains("\"姓名\""), "petitions are sealed");

    let all: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |is: &dyn Fn(&Value) -> bool| all.iter().filter(|event| is(event)).cloned().collect::<Vec<Value>>();
    let closed = of(&|event| event["event"]["type"] == "closed");
    assert_eq!(lines(&office, &["replay", "events", "--kind", "closed"]).await, closed);
    let (who, stream) = (text(&closed[0]["event"]["actor"], "person"), text(&closed[0]["event"], "stream"));
    let theirs = of(&|event| event["event"]["actor"].to_string().contains(who));
    assert_eq!(lines(&office, &["replay", "events", "--person", who]).await, theirs);
    let case = stream.trim_start_matches("case-");
    let told = of(&|event| [stream, &format!("access-{case}")].contains(&text(&event["event"], "stream")));
    assert_eq!(lines(&office, &["replay", "events", "--case", case]).await, told);
    assert!(told.iter().any(|event| text(&event["event"], "stream").starts_with("access-")));
    let unit = text(&closed[0]["event"]["actor"], "unit");
    let theirs = of(&|event| event["event"]["actor"]["unit"] == unit);
    assert_eq!(lines(&office, &["replay", "events", "--unit", unit]).await, theirs);
    let some = lines(&office, &["replay", "events", "--from", "100", "--to", "120", "--limit", "7"]).await;
    assert_eq!(some, all[99..106]);
    // By either clock.
    let instant = text(&closed[0]["event"], "recorded");
    let then = of(&|event| event["event"]["recorded"] == instant);
    assert_eq!(lines(&office, &["replay", "events", "--from", instant, "--to", instant]).await, then);
    let found = text(&told[0]["event"], "happened");
    let arguments = ["replay", "events", "--clock", "happened", "--to", &found[..10], "--case", case];
    assert_eq!(lines(&office, &arguments).await, told[..1]);

    let text = office.does(&["replay", "events", "--case", case]).await;
    assert_eq!(text.lines().count(), told.len());
    assert!(text.contains("  发现问题  ") && text.contains("  销号  ") && text.contains("发生于"), "{text}");
    let misspelt = office.asks(&["replay", "events", "--kind", "closed,registered2"]).await;
    assert_eq!((misspelt.code, misspelt.out.as_str()), (2, ""));
    assert!(
        misspelt.err.contains("there is no kind of event \"registered2\"; near it are registered"),
        "{}",
        misspelt.err
    );
    let unknown = office.cannot(&["replay", "ledger", "--source", "audit,adit"]).await;
    assert!(unknown.starts_with("rectify: there is no source \"adit\": the sources are "), "{unknown}");
    assert!(unknown.contains("audit, ") && unknown.contains("petition"), "{unknown}");
    let unknown = office.cannot(&["replay", "events", "--unit", "州水务"]).await;
    assert!(unknown.contains("there is no unit \"州水务\""), "{unknown}");
    let none = office.asks(&["replay", "events", "--kind", "log_forked"]).await;
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", "没有这样的事件 · there is no such event\n"));
}
