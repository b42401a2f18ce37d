//! The program under test as a process of its own.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{TempFolder, clock, environment, folder, keeper, until};

/// The variable that names the program, where it was built already.
pub const VARIABLE: &str = "RECTIFY_BIN";

const LIMIT: Duration = Duration::from_mins(1);

/// Runs the program to its end.
pub async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    ended(Command::new(path().await), arguments, variables).await
}

/// Runs the program to its end on one core.
pub async fn run_on_one_core(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut taskset = Command::new("taskset");
    taskset.args(["--cpu-list", "0"]).arg(path().await);
    ended(taskset, arguments, variables).await
}

async fn ended(command: Command, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = tokio::process::Command::from(clean(command));
    command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    command.output().await.expect("the program runs")
}

/// A running process of the program, killed when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    name: String,
    folder: TempFolder,
}

impl Program {
    /// Starts the program; its output goes to files.
    pub async fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let folder = folder();
        let mut command = clean(keeper::server(path().await, "KILL", &folder.path().join("output")));
        command.args(arguments).envs(variables.iter().copied()).current_dir(folder.path());
        let name = format!("rectify {}", arguments.join(" "));
        Self { child: keeper::spawn(command), name, folder }
    }

    /// Returns what the process has written so far, standard output and error together.
    pub fn output(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("output")).expect("the output goes to a file");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits for a line of output that contains the text, and returns it.
    pub async fn line(&mut self, text: &str) -> String {
        let mut found = None;
        self.until(&format!("a line says {text:?}"), async |program| {
            let output = program.output();
            found = output.lines().find(|line| line.contains(text)).map(str::to_owned);
            found.is_some()
        })
        .await;
        found.expect("the wait above ends with a line")
    }

    /// Waits until `/readyz` at the base URL says yes.
    pub async fn ready(&mut self, base: &str) {
        let (http, url) = (reqwest::Client::new(), format!("{base}/readyz"));
        self.until(&format!("{url} says yes"), async |_| {
            http.get(&url).send().await.is_ok_and(|response| response.status().is_success())
        })
        .await;
    }

    /// Returns the memory the process holds (its resident set), in bytes.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Returns the part of its resident set that is no file's, in bytes: without the program's own code.
    pub fn anonymous_memory(&self) -> u64 {
        self.status("RssAnon:")
    }

    /// Returns the number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops the process where it is: its connections stay open and it answers nothing.
    pub fn freeze(&self) {
        keeper::signal(&self.child, "STOP");
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) {
        keeper::signal(&self.child, "CONT");
    }

    /// Returns whether the process has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours can be waited for").is_some()
    }

    /// Kills the process at once, as `kill -9` does.
    pub fn kill(mut self) {
        self.end();
    }

    /// Has the kernel kill the process when it writes beyond so many bytes of any file.
    pub fn limit_files(&self, bytes: u64) {
        let mut prlimit = Command::new("prlimit");
        prlimit.args(["--core=0", &format!("--fsize={bytes}"), "--pid", &self.child.id().to_string()]);
        assert!(prlimit.status().is_ok_and(|status| status.success()), "prlimit runs (Debian package util-linux)");
    }

    /// Waits until the process has ended.
    pub async fn ended(mut self) -> ExitStatus {
        keeper::ended(&mut self.child, LIMIT, &self.name).await
    }

    /// Asks the process to end and waits until it has.
    pub async fn terminate(mut self) -> ExitStatus {
        keeper::signal(&self.child, "TERM");
        keeper::ended(&mut self.child, LIMIT, &self.name).await
    }

    /// Returns a size that the kernel tells of the process, in bytes.
    fn status(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the process runs");
        let kibibytes = status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB"));
        kibibytes.and_then(|number| number.parse::<u64>().ok()).expect("a running process has a resident set") * 1024
    }

    /// Waits for a condition, which a process that ended cannot reach.
    async fn until(&mut self, what: &str, mut condition: impl AsyncFnMut(&Self) -> bool) {
        until(LIMIT, &format!("{}: {what}", self.name), async || {
            let status = self.child.try_wait().expect("a child of ours can be waited for");
            condition(self).await || {
                assert!(status.is_none(), "{} ended too early:\n{}", self.name, self.output());
                false
            }
        })
        .await;
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        clock::forget(self.child.id());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

/// Takes away the variables that would configure the program by accident.
fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RECTIFY_") {
            command.env_remove(name);
        }
    }
    command
}

/// Returns where the program is, having built it where no variable names it.
async fn path() -> &'static PathBuf {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_init(async || match environment::variable(VARIABLE) {
        Some(path) => PathBuf::from(path).canonicalize().expect("RECTIFY_BIN names a program"),
        None => build().await,
    })
    .await
}

async fn build() -> PathBuf {
    let mut cargo = tokio::process::Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--quiet",
        "-p",
        "rectify",
        "--bin",
        "rectify",
        "--message-format",
        "json-render-diagnostics",
    ]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().await.expect("cargo runs");
    assert!(output.status.success(), "cannot build rectify: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the program it built")
}
