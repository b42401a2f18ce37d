//! What drives a real browser: a chromedriver of its own for each test, and the rules of axe-core.

use std::process::Child;
use std::time::Duration;

use crate::{TempFolder, environment, folder, free_port, keeper, until};

/// The variable that names `axe.min.js`, which tests/install fetches and tests/run names.
const AXE: &str = "RECTIFY_AXE";

const LIMIT: Duration = Duration::from_secs(30);

/// A running chromedriver. It is killed when dropped, and the browsers it has opened end with it: they listen to it over
/// a pipe.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    port: u16,
    folder: TempFolder,
}

impl Driver {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let program = environment::program_on_path("chromedriver").unwrap_or_else(|| {
            panic!("no chromedriver (Debian packages chromium and chromium-driver); or leave out with --skip browser")
        });
        let (folder, port) = (folder(), free_port());
        let mut command = keeper::server(&program, "KILL", &folder.path().join("output"));
        // What a browser would leave in a home goes with the folder.
        command.arg(format!("--port={port}")).env("HOME", folder.path()).env("TMPDIR", folder.path());
        let driver = Self { child: keeper::spawn(command), port, folder };
        let (http, url) = (reqwest::Client::new(), format!("{}/status", driver.url()));
        until(LIMIT, "chromedriver answers", async || {
            http.get(&url).send().await.is_ok_and(|response| response.status().is_success())
        })
        .await;
        driver
    }

    /// Returns where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the folder for what its browsers keep.
    pub fn folder(&self) -> &TempFolder {
        &self.folder
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        for browser in keeper::children(&self.child) {
            keeper::signal_process(browser, "KILL");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the script of axe-core.
pub fn axe_core() -> String {
    let path = environment::variable(AXE)
        .unwrap_or_else(|| panic!("{AXE} names no axe.min.js: tests/run has it installed; or leave out browser"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
}

/// Returns whether the pictures in the documentation are to be made again.
pub fn updates_docs() -> bool {
    environment::variable("UPDATE_DOCS").is_some_and(|value| value == "1")
}
