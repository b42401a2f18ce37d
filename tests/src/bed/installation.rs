use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Output;

use crate::bed::Servers;
use crate::client::Client;
use crate::clock::SteppedClock;
use crate::program::{self, Program};
use crate::{TempFolder, folder, free_port, nats, postgres};

/// The services that run as processes of their own.
pub const SERVICES: [&str; 6] = ["registrar", "projector", "desk", "inspection", "audit", "petition"];

/// The folder that holds the secrets of each service.
const SECRETS: &str = "secrets";

/// How many digits the office's public key has.
const KEY_DIGITS: usize = 64;

/// How the program is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One process, SQLite, findings handed over in the process.
    Embedded,
    /// A process for each service, on Postgres and NATS.
    Servers,
    /// The same, each service with a user of its own on both that may do what it needs and nothing else.
    Guarded,
}

/// The program as it is installed: its processes, and the servers and the folder they use.
#[derive(Debug)]
pub struct Installation {
    // The processes go first when all is dropped.
    running: BTreeMap<&'static str, Program>,
    ports: BTreeMap<&'static str, u16>,
    servers: Option<Servers>,
    level: &'static str,
    settings: Vec<(&'static str, String)>,
    public_key: Option<String>,
    folder: TempFolder,
}

impl Installation {
    /// Prepares everything up to the first start.
    pub async fn new(shape: Shape) -> Self {
        Self::logging(shape, "warn").await
    }

    /// Prepares everything for processes whose log lines are of this level or above.
    pub async fn logging(shape: Shape, level: &'static str) -> Self {
        let servers = match shape {
            Shape::Embedded => None,
            Shape::Servers => Some(Servers::shared().await),
            Shape::Guarded => Some(Servers::guarded().await),
        };
        Self::prepared(servers, level).await
    }

    /// Prepares everything up to the first start, on servers of the caller's choice. On servers without a broker, and
    /// without servers, all services are one process.
    pub async fn on(servers: Option<Servers>) -> Self {
        Self::prepared(servers, "warn").await
    }

    async fn prepared(servers: Option<Servers>, level: &'static str) -> Self {
        let is_apart = servers.as_ref().is_some_and(|servers| !servers.nats.is_empty());
        let processes: &[&'static str] = if is_apart { &SERVICES } else { &["up"] };
        let ports = processes.iter().map(|name| (*name, free_port())).collect();
        let settings = Vec::new();
        let mut installation =
            Self { public_key: None, running: BTreeMap::new(), ports, servers, level, settings, folder: folder() };
        match &installation.servers {
            None => {}
            Some(servers) if servers.guarded => {
                let secrets = installation.path(SECRETS).display().to_string();
                installation.tool(&["migrate", "--roles", "--secrets", &secrets]).await;
            }
            Some(_) => _ = installation.tool(&["migrate"]).await,
        }
        if installation.servers.is_some() {
            let said = installation.tool(&["keys", "new"]).await;
            let public = said.split_whitespace().find(|word| word.len() == KEY_DIGITS);
            installation.public_key = Some(public.expect("the public key is shown").to_owned());
        }
        installation
    }

    /// Sets a variable for every process that is started from now on, such as `RECTIFY_EVIDENCE_STORE`.
    pub fn set(&mut self, variable: &'static str, value: impl Into<String>) {
        self.settings.push((variable, value.into()));
    }

    /// Adds the first administrator as whoever installs the program does, and returns the token.
    pub async fn first_administrator(&self) -> String {
        let output = self.tool(&["person", "add", "管理员", "--role", "administrator", "--token"]).await;
        output.lines().last().expect("the token is the last line").trim().to_owned()
    }

    /// Returns the processes, by the subcommand each runs.
    pub fn processes(&self) -> Vec<&'static str> {
        self.ports.keys().copied().collect()
    }

    /// Returns the base URL of a service.
    pub fn url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.port(service))
    }

    fn port(&self, service: &str) -> u16 {
        let port = self.ports.get(service).or_else(|| self.ports.get("up"));
        *port.expect("one process serves whatever has none of its own")
    }

    /// Returns the database, where there is a server.
    pub fn database(&self) -> Option<&postgres::Database> {
        self.servers.as_ref().map(|servers| &servers.database)
    }

    /// Returns the URL by which a role of the database connects, where each service has one.
    pub fn url_of_role(&self, role: &str) -> String {
        let url = std::fs::read_to_string(self.path(SECRETS).join(role).join("database-url"))
            .expect("`rectify migrate` made the role");
        url.trim().to_owned()
    }

    /// Returns a NATS server that runs, where there is one.
    pub fn nats(&self) -> Option<&nats::Server> {
        self.servers.as_ref()?.nats.iter().find(|server| server.runs())
    }

    /// Returns the servers, where there are any.
    pub fn servers(&self) -> Option<&Servers> {
        self.servers.as_ref()
    }

    /// Returns the servers, to stop and start them.
    #[track_caller]
    pub fn servers_mut(&mut self) -> &mut Servers {
        self.servers.as_mut().expect("an installation in one process on SQLite has no servers")
    }

    /// Returns the NATS server, to be stopped or started again.
    pub fn nats_mut(&mut self) -> Option<&mut nats::Server> {
        self.servers.as_mut()?.nats.first_mut()
    }

    /// Returns the URL of the database, where there is a server of it.
    pub fn database_url(&self) -> Option<&str> {
        self.servers.as_ref().map(|servers| servers.database.url())
    }

    /// Returns the URL of the log's database.
    pub fn log_url(&self) -> String {
        let file = self.data().join("rectify.db");
        self.database_url().map_or_else(|| format!("sqlite:{}", file.display()), str::to_owned)
    }

    /// Returns the folder that every process is told for its data.
    pub fn data(&self) -> PathBuf {
        let data = self.variables(None, self.port("desk")).into_iter().rfind(|(name, _)| *name == "RECTIFY_DATA");
        data.expect("every process is told its folder").1.into()
    }

    /// Sets the clock of every process that is started from now on by another one.
    pub fn keep_time_by(&mut self, clock: &SteppedClock) {
        self.settings.extend(clock.variables());
    }

    /// Returns the databases of the log and of the key store, where they are on a server.
    pub fn databases(&self) -> Option<[&postgres::Database; 2]> {
        self.servers.as_ref().map(|servers| [&servers.database, &servers.keys])
    }

    /// Returns a path in the folder of this installation.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts every process and waits until each is ready.
    pub async fn start_all(&mut self) {
        let processes = self.processes();
        for name in &processes {
            self.spawn(name).await;
        }
        for name in processes {
            self.ready(name).await;
        }
    }

    /// Starts a process without waiting for it.
    pub async fn spawn(&mut self, name: &'static str) {
        let program = self.started(name, self.ports[name]).await;
        self.running.insert(name, program);
    }

    /// Starts a second process of a service beside the first, as when one takes over from the other.
    pub async fn another(&self, name: &'static str) -> Program {
        self.started(name, free_port()).await
    }

    async fn started(&self, name: &'static str, port: u16) -> Program {
        let mut variables = self.variables(Some(name), port);
        if let Some(servers) = self.servers.as_ref().filter(|servers| !servers.guarded) {
            variables.extend(servers.lines_of(name));
        }
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Program::start(&[name], &variables).await
    }

    /// Waits until a process is ready.
    pub async fn ready(&mut self, name: &'static str) {
        let url = self.url(name);
        self.running.get_mut(name).expect("the process was started").ready(&url).await;
    }

    /// Returns what a running process says at `/readyz`: whether it is ready, and the reasons of the checks that failed.
    pub async fn readiness(&self, name: &str) -> (bool, Vec<String>) {
        self.try_readiness(name).await.expect("a process that runs answers at /readyz")
    }

    /// Returns the same of a process that may not listen yet.
    pub async fn try_readiness(&self, name: &str) -> Option<(bool, Vec<String>)> {
        let client = Client::anonymous(&self.url(name));
        let told = client.attempt(client.request(reqwest::Method::GET, "/readyz")).await.ok()?;
        let checks = told.body["checks"].as_array().cloned().unwrap_or_default();
        let failed = checks.iter().filter(|check| check["ready"] == false);
        let reasons = failed.map(|check| format!("{}: {}", check["name"], check["reason"])).collect();
        Some((told.status == 200, reasons))
    }

    /// Kills a process at once, as `kill -9` does.
    pub fn kill(&mut self, name: &str) {
        self.running.remove(name).expect("the process runs").kill();
    }

    /// Waits until a process has ended that is killed by somebody else.
    pub async fn is_killed(&mut self, name: &str) {
        let status = self.running.remove(name).expect("the process runs").ended().await;
        assert!(status.code().is_none(), "rectify {name} ended by itself, with {status}");
    }

    /// Ends a process in good order.
    pub async fn terminate(&mut self, name: &str) {
        let program = self.running.remove(name).expect("the process runs");
        let status = program.terminate().await;
        assert!(status.success(), "rectify {name} ended with {status}");
    }

    /// Returns whether a process was started and neither killed nor ended since.
    pub fn runs(&self, name: &str) -> bool {
        self.running.contains_key(name)
    }

    /// Returns a running process.
    pub fn process(&self, name: &str) -> &Program {
        &self.running[name]
    }

    /// Returns the processes that were started and not stopped since.
    pub fn running(&mut self) -> impl Iterator<Item = (&'static str, &mut Program)> {
        self.running.iter_mut().map(|(name, program)| (*name, program))
    }

    /// Runs a tool of the program and returns what it says.
    pub async fn tool(&self, arguments: &[&str]) -> String {
        let output = self.try_tool(arguments, &[]).await;
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "rectify {} ended with {}\n{said}\n{complained}", arguments[0], output.status);
        said.into_owned()
    }

    /// Runs a tool of the program, however it ends.
    pub async fn try_tool(&self, arguments: &[&str], more: &[(&str, &str)]) -> Output {
        let variables = self.variables(None, self.port("desk"));
        let own = variables.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        program::run(arguments, &all).await
    }

    /// Returns what a service, or a tool where none is named, is told by the environment.
    fn variables(&self, service: Option<&str>, port: u16) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("RECTIFY_DATA", self.path("data").display().to_string()),
            ("RECTIFY_LISTEN", format!("127.0.0.1:{port}")),
            ("RECTIFY_TELEMETRY_LEVEL", self.level.to_owned()),
        ];
        if let Some(servers) = &self.servers {
            if service.is_none_or(|service| ["petition", "desk", "up"].contains(&service)) {
                variables.push(("RECTIFY_KEYS_URL", servers.keys.url().to_owned()));
            }
            if let (Some("registrar"), Some(public)) = (service, &self.public_key) {
                variables.push(("RECTIFY_KEYS_PUBLIC_KEY", public.clone()));
            }
            match service.filter(|_| servers.guarded) {
                None => variables.extend(servers.variables()),
                Some(service) => {
                    let secret = |name: &str| self.path(SECRETS).join(service).join(name).display().to_string();
                    variables.push(("RECTIFY_DATABASE_URL_FILE", secret("database-url")));
                    if ["registrar", "desk"].contains(&service) {
                        variables.push(("RECTIFY_DATABASE_APPEND_URL_FILE", secret("database-append-url")));
                    }
                    if nats::USERS.contains(&service) {
                        variables.push(("RECTIFY_NATS_URL", servers.nats[0].url_of(service)));
                    }
                }
            }
        }
        variables.extend(self.settings.iter().cloned());
        variables
    }
}

impl Drop for Installation {
    /// A test that fails shows what the processes said last.
    #[expect(clippy::print_stderr, reason = "a test is read on the terminal")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (name, program) in &self.running {
                let output = program.output();
                let lines: Vec<&str> = output.lines().collect();
                eprintln!("rectify {name} said last:\n{}", lines[lines.len().saturating_sub(SHOWN)..].join("\n"));
            }
        }
    }
}

/// How many lines of a process's output are shown when a test fails.
const SHOWN: usize = 40;
