//! `rectify up`: starts, is ready, lets nobody else write, ends when it is told to.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rectify_tests::free_port;
use rectify_tests::program::Program;

use crate::office::Office;

#[tokio::test]
async fn it_starts_says_where_to_look_and_ends_when_it_is_told_to() {
    let office = Office::empty();
    let listen = format!("127.0.0.1:{}", free_port());
    let data = office.path("data");
    let mut up = Program::start(&["up", "--listen", &listen, "--data", &data], &[]).await;
    up.line("/link/rcl_").await;
    up.ready(&format!("http://{listen}")).await;
    assert!(up.output().contains(&format!("at work at http://{listen}")), "{}", up.output());

    let refused = office.cannot(&["unit", "add", "甘南州", "--kind", "prefecture", "--division", "623000"]).await;
    let holder = format!("FOLDER/data is in use by process {}", up.id());
    assert!(refused.contains("a server is running") && refused.contains(&holder), "{refused}");
    let second = office.cannot(&["up", "--listen", "127.0.0.1:0", "--set", "telemetry.level=off"]).await;
    assert!(second.contains(&holder), "{second}");
    office.does(&["unit", "list"]).await;

    let open = open_to_others(Path::new(&data));
    assert_eq!(open, Vec::<String>::new(), "what it put down may be read by others");

    assert!(up.terminate().await.success());
    office.does(&["unit", "add", "甘南州", "--kind", "prefecture", "--division", "623000"]).await;
}

#[tokio::test]
async fn an_address_in_use_is_told_before_anything_is_done() {
    let office = Office::empty();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let error = office.cannot(&["up", "--listen", &listen, "--set", "telemetry.level=off"]).await;
    assert!(error.starts_with(&format!("rectify: cannot listen on {listen}: ")), "{error}");
}

#[tokio::test]
async fn a_service_apart_needs_servers() {
    let error = Office::empty().cannot(&["projector"]).await;
    insta::assert_snapshot!(error, @"rectify: `rectify projector` works with services in other processes, which needs Postgres and NATS (database.url, nats.url); to run all in one process, use `rectify up`");
}

#[tokio::test]
async fn files_go_through_the_server_that_runs() {
    let office = Office::small().await;
    let token = office.does(&["token", "issue", "马经办"]).await;
    let listen = format!("127.0.0.1:{}", free_port());
    let data = office.path("data");
    let mut up = Program::start(&["up", "--listen", &listen, "--data", &data], &[]).await;
    up.ready(&format!("http://{listen}")).await;

    let list = office.file("list.csv", "序号,问题来源,发文单位,来源文号,反馈日期,县市,具体问题\n1,patrol,州委巡察办,3号,2020-04-21,甘南州,漏雨\n2,patrol,州委巡察办,3号,2020-04-21,甘南州,\n");
    let without = office.cannot(&["import", "inspection", &list, "--listen", &listen]).await;
    assert!(without.contains("hand in through it, with --url"), "{without}");
    let url = format!("http://{listen}");
    let said = office.asks(&["import", "inspection", &list, "--url", &url, "--token", token.trim()]).await;
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.starts_with("读取行数 2 · 接收 1 · 未接收 1\n"), "{}", said.out);
    assert!(up.terminate().await.success());
}

/// Returns the folder and whatever is in it that has rights for other users.
fn open_to_others(path: &Path) -> Vec<String> {
    let metadata = std::fs::metadata(path).unwrap();
    let mode = metadata.permissions().mode() & 0o777;
    let mut open = Vec::new();
    if mode & 0o077 != 0 {
        open.push(format!("{} {mode:o}", path.display()));
    }
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            open.extend(open_to_others(&entry.unwrap().path()));
        }
    }
    open
}
