//! The API answers as it is described: schemathesis asks what `/api/openapi.json` allows, and what it does not, of the sample
//! prefecture. A server's error, and an answer that is not described, fails the test with its report.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use futures::future::join_all;
use rectify_tests::client::Client;
use rectify_tests::program::Program;
use rectify_tests::{folder, free_port, schemathesis};
use serde_json::json;

/// Who asks, and how many requests of each kind at most: an officer of the prefecture, its administrator, an auditor.
const GUESTS: [(&str, u32); 3] = [("杨文清", 4), ("周守一", 2), ("何慎行", 2)];

/// How many cases of each stage are asked about.
const OF_EACH_STAGE: usize = 2;

#[tokio::test]
async fn whatever_is_asked_is_answered_as_it_is_described() {
    let folder = folder();
    let (listen, data) = (format!("127.0.0.1:{}", free_port()), folder.path().join("data"));
    let settings = ["--set", "http.requests_per_second=100000", "--set", "telemetry.level=error"];
    let arguments = [&["up", "--demo", "--listen", &listen, "--data", data.to_str().unwrap()][..], &settings].concat();
    let mut up = Program::start(&arguments, &[]).await;
    up.line("试一试").await;

    let base = format!("http://{listen}");
    let welcome = up.output();
    let guests = GUESTS.map(|(name, most)| (name, token(&welcome, name), most));
    let officer = Client::anonymous(&base).with_token(guests[0].1);
    let before = head(&officer).await;

    let description = format!("{base}/api/openapi.json");
    let runs = guests.map(async |(name, token, most)| {
        let place = folder.path().join(name);
        std::fs::create_dir(&place).unwrap();
        let guest = Client::anonymous(&base).with_token(token);
        let asking = format!("{}{}", include_str!("asking.toml"), dictionaries(&officer, &guest).await);
        std::fs::write(place.join("schemathesis.toml"), asking).unwrap();
        schemathesis::run(&place, &description, token, most).await.map_err(|report| format!("{name}:\n{report}"))
    });
    let reports: Vec<String> = join_all(runs).await.into_iter().filter_map(Result::err).collect();
    assert!(reports.is_empty(), "{}\n{}", reports.join("\n"), up.output());

    // Whoever was not let in, or changed nothing, has not asked much.
    for (_, token, _) in guests {
        Client::anonymous(&base).with_token(token).get("/api/me").await.expect(200);
    }
    assert!(head(&officer).await > before, "nothing that was asked was done");
    assert!(up.terminate().await.success());
}

/// Returns the token that somebody was given.
fn token<'a>(welcome: &'a str, name: &str) -> &'a str {
    let (_, rest) = welcome.split_once(&format!("  {name}  ")).unwrap_or_else(|| panic!("{welcome}"));
    rest.lines().nth(1).unwrap().trim()
}

/// Returns how far the log goes.
async fn head(officer: &Client) -> u64 {
    officer.get("/api/counts").await.expect(200)["position"].as_u64().unwrap()
}

/// Returns what there is to ask about: cases at every stage, their versions and files, and the posts of whoever asks.
async fn dictionaries(officer: &Client, guest: &Client) -> String {
    let mut values: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: &'static str, value: &str| values.entry(name).or_default().insert(value.to_owned());
    let me = guest.get("/api/me").await.expect(200);
    for holding in me["holdings"].as_array().unwrap() {
        add("units", holding["unit"].as_str().unwrap());
        add("roles", holding["role"].as_str().unwrap());
    }
    let page = officer.get("/api/cases?limit=500").await.expect(200);
    let mut stages: BTreeMap<&str, usize> = BTreeMap::new();
    for row in page["rows"].as_array().unwrap() {
        let of_its_stage = stages.entry(row["stage"].as_str().unwrap()).or_default();
        *of_its_stage += 1;
        if *of_its_stage > OF_EACH_STAGE {
            continue;
        }
        let id = row["id"].as_str().unwrap();
        add("cases", id);
        add("versions", &format!("\"{}\"", row["version"]));
        if let Some(number) = row["number"].as_str() {
            add("cases", number);
        }
        if let Some(lead) = row["lead"].as_str() {
            add("leads", lead);
        }
        let shown = officer.get(&format!("/api/cases/{id}")).await.expect(200);
        for (digest, _) in shown["case"]["evidence"].as_object().into_iter().flatten() {
            add("files", digest);
        }
    }
    let mut text = String::from("\n[dictionaries]\n");
    for (name, values) in values {
        // A list of texts is written in TOML as it is in JSON.
        writeln!(text, "{name}.values = {}", json!(values)).unwrap();
    }
    text
}
