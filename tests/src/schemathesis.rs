//! schemathesis: asks of an API what its description allows, and what it does not, and compares the answers with it.

use std::path::Path;
use std::process::Stdio;

use crate::environment;

/// The variable that names a Python that has schemathesis, which tests/install fetches and tests/run names.
const PYTHON: &str = "RECTIFY_SCHEMATHESIS";

/// Asks what a description allows, with a token and as the `schemathesis.toml` in the folder says, at most so many requests of
/// each kind for each operation. Fails with its report where it has found anything, or has not asked at all.
pub async fn run(folder: &Path, description: &str, token: &str, most: u32) -> Result<(), String> {
    let python = environment::variable(PYTHON)
        .unwrap_or_else(|| panic!("{PYTHON} names no Python that has schemathesis: tests/run has it installed"));
    let mut command = tokio::process::Command::new(&python);
    command
        .args(["-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run", description, "--no-color"])
        .args(["--max-examples", &most.to_string()])
        .current_dir(folder)
        .env("TOKEN", token)
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = command.output().await.unwrap_or_else(|error| panic!("cannot run {python}: {error}"));
    if output.status.success() {
        return Ok(());
    }
    let report = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&report).into_owned())
}
