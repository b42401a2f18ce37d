//! Runs a command with a throw-away PostgreSQL beside it: `throwaway postgres -- COMMAND…`. The tests that the command
//! runs share it through `RECTIFY_TEST_POSTGRES`, and it is gone when the command has ended.

use std::process::ExitCode;

use rectify_tests::postgres;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, dashes, command, rest @ ..] = arguments.as_slice() else { return usage() };
    if what != "postgres" || dashes != "--" {
        return usage();
    }
    let cluster = postgres::Cluster::start().await;
    let status = tokio::process::Command::new(command).args(rest).env(postgres::VARIABLE, cluster.url()).status().await;
    match status {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => panic!("cannot run {command}: {error}"),
    }
}

fn usage() -> ExitCode {
    panic!("usage: throwaway postgres -- COMMAND…")
}
