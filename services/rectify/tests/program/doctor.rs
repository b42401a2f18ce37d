//! `rectify doctor`.

use insta::assert_snapshot;
use rectify_tests::free_port;

use crate::office::Office;

/// Returns what the doctor says, without what differs from run to run.
async fn said(office: &Office, arguments: &[&str]) -> (i32, String) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let asked: Vec<&str> = ["doctor", "--listen", &listen].into_iter().chain(arguments.iter().copied()).collect();
    let said = office.asks(&asked).await;
    let lines = said.out.replace(&listen, "ADDRESS").replace(&office.path(""), "FOLDER/");
    let lines = lines.lines().map(|line| {
        let cut = |at: &str| line.find(at).map(|found| &line[..found + at.len()]);
        cut("  clock").or_else(|| cut("events, log")).unwrap_or(line)
    });
    (said.code, lines.collect::<Vec<_>>().join("\n"))
}

#[tokio::test]
async fn an_empty_folder_has_no_installation() {
    let (code, said) = said(&Office::empty(), &[]).await;
    assert_eq!(code, 1);
    assert_snapshot!(said, @r#"
    ok     configuration  read; `rectify config show` shows where each value came from
    ok     evidence       in FOLDER/data/evidence, which the desk makes when it starts
    note   server         none answers at ADDRESS
                          → start it: `rectify up`
    WRONG  log            there is no installation in FOLDER/data: start one with `rectify up`
                          → do what it says
    1 wrong; 1 to be looked at
    "#);
}

#[tokio::test]
async fn nobody_being_administrator_is_wrong_and_somebody_is_not() {
    let office = Office::small().await;
    let (code, found) = said(&office, &[]).await;
    assert_eq!(code, 1);
    assert_snapshot!(found, @r#"
    ok     configuration  read; `rectify config show` shows where each value came from
    ok     folder         FOLDER/data is closed to other users
    ok     evidence       in FOLDER/data/evidence, which the desk makes when it starts
    note   server         none answers at ADDRESS
                          → start it: `rectify up`
    ok     log            14 events, log
    ok     clock
    note   ledger         there is none yet
                          → start `rectify up`
    ok     tokens         their table is up to date
    note   backup         none was ever made
                          → make one every day: `rectify backup FOLDER`
    WRONG  administrator  nobody keeps units, people and tokens
                          → make one: `rectify person add NAME --role administrator --token`
    1 wrong; 3 to be looked at
    "#);
    office.does(&["person", "add", "周守一", "--role", "administrator"]).await;
    let (code, found) = said(&office, &[]).await;
    assert_eq!(code, 0, "{found}");
}

#[tokio::test]
async fn a_broken_configuration_is_told_with_how_to_mend_it() {
    let office = Office::empty();
    let file = office.file("rectify.toml", "[telemetry]\nformat = \"xml\"\n");
    let (code, found) = said(&office, &["--config", &file]).await;
    assert_eq!(code, 1);
    assert_snapshot!(found, @r#"
    WRONG  configuration  FOLDER/rectify.toml line 2 sets `telemetry.format` to "xml"; wanted is `text` or `json`
                          → correct what it names, and ask again
    1 wrong
    "#);
}

#[tokio::test]
async fn servers_that_do_not_answer_are_told_one_by_one() {
    let office = Office::empty();
    let servers = ["--database-url", "postgres://127.0.0.1:1/rectify", "--nats-url", "nats://127.0.0.1:1"];
    let (code, found) = said(&office, &servers).await;
    assert_eq!(code, 1);
    let wrong: Vec<&str> = found.lines().filter_map(|line| line.strip_prefix("WRONG  ")?.split(' ').next()).collect();
    assert_eq!(wrong, ["log", "bus"], "{found}");
}
