//! `rectify config show`.

use rectify_tests::program;

use crate::office::Office;

#[tokio::test]
async fn each_value_is_shown_with_where_it_came_from_and_no_secret_is() {
    let office = Office::empty();
    let file = office.file(
        "rectify.toml",
        "zone = 8\n[database]\nurl = \"postgres://rectify:geheim@127.0.0.1/rectify\"\n[telemetry]\nformat = \"json\"\n",
    );
    let variables = [("RECTIFY_CONFIG", file.as_str()), ("RECTIFY_NATS_URL", "nats://services:geheim@127.0.0.1")];
    let output =
        program::run(&["config", "show", "--listen", "127.0.0.1:9000", "--set", "nats.replicas=3"], &variables);
    let shown = String::from_utf8(output.await.stdout).unwrap().replace(&file, "FILE");
    insta::assert_snapshot!("config", shown);
    assert!(!shown.contains("geheim"));
}

#[tokio::test]
async fn a_mistake_is_told_in_one_line_with_where_it_stands() {
    let office = Office::empty();
    let file = office.file("rectify.toml", "zone = 8\n[http]\nlisten = \"here\"\n");
    let error = office.cannot(&["config", "show", "--config", &file]).await;
    insta::assert_snapshot!(error, @r#"rectify: FOLDER/rectify.toml line 3 sets `http.listen` to "here"; wanted is an address and a port, such as 127.0.0.1:8080 or [::]:8080"#);
    let error = office.cannot(&["config", "show", "--set", "colour=red"]).await;
    insta::assert_snapshot!(error, @"rectify: the command line sets `colour`, which is not a setting; there are data, zone and the sections database, keys, seal, nats, http, evidence, telemetry");
}
