//! Throw-away PostgreSQL: a cluster of its own on a free port, a database a test.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::folder::{copy, random_digits};
use crate::{TempFolder, environment, folder, free_port, keeper, until};

/// The variable that names a cluster the tests share: a URL whose user may create databases.
pub const VARIABLE: &str = "RECTIFY_TEST_POSTGRES";

const LIMIT: Duration = Duration::from_mins(1);

/// Where PostgreSQL looks for what it is known by, in the folder of its data.
const CERTIFICATE: &str = "server.crt";
const KEY: &str = "server.key";

/// Makes a database on the shared cluster: the one that `RECTIFY_TEST_POSTGRES` names, or one that this process
/// starts at its first call.
pub async fn database() -> Database {
    static SHARED: OnceCell<Cluster> = OnceCell::const_new();
    match environment::variable(VARIABLE) {
        Some(url) => Database::create(&url).await,
        None => SHARED.get_or_init(Cluster::start).await.database().await,
    }
}

/// An empty database, dropped with whatever is still connected to it.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    cluster_url: String,
}

impl Database {
    /// Returns the URL to connect to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the URL by which a role of this database connects.
    pub fn url_of(&self, user: &str, password: &str) -> String {
        let (before, after) = authority_end(&self.url);
        let host = before.rfind('@').map_or("postgres://".len(), |at| at + 1);
        format!("postgres://{user}:{password}@{}{after}", &before[host..])
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the same database by way of another port of the loopback interface, as of a proxy.
    pub fn url_through(&self, port: u16) -> String {
        let (before, after) = authority_end(&self.url);
        let host = before.rfind('@').map_or("postgres://".len(), |at| at + 1);
        format!("{}127.0.0.1:{port}{after}", &before[..host])
    }

    /// Returns the port of the server.
    pub fn port(&self) -> u16 {
        let (before, _) = authority_end(&self.url);
        before.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(5432)
    }

    /// Returns every row of every table as text, what is kept as bytes read as text too.
    pub async fn dump(&self) -> Vec<u8> {
        let mut command = tokio::process::Command::new("pg_dump");
        command.args(["--data-only", "--inserts", "--dbname", &self.url]);
        let output = command.output().await.expect("pg_dump is where psql is");
        assert!(output.status.success(), "cannot dump: {}", String::from_utf8_lossy(&output.stderr));
        let mut all = output.stdout.clone();
        for bytes in String::from_utf8_lossy(&output.stdout).split("\\x").skip(1) {
            let digits: Vec<u32> = bytes.chars().map_while(|c| c.to_digit(16)).collect();
            all.extend(digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()));
            all.push(b'\n');
        }
        all
    }

    /// Asks a query, and returns its rows: the columns of each as texts, with `|` between them.
    pub async fn ask(&self, query: &str) -> Vec<String> {
        let mut psql = psql(&self.url, query);
        psql.arg("-At");
        let output = tokio::process::Command::from(psql).output().await.expect("psql was found, so it runs");
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    async fn create(cluster_url: &str) -> Self {
        let name = format!("rectify_{}", random_digits());
        let (before, _) = authority_end(cluster_url);
        let url = format!("{before}/{name}{}", cluster_url.find('?').map_or("", |at| &cluster_url[at..]));
        let create = psql(cluster_url, &format!("CREATE DATABASE {name}"));
        let output = tokio::process::Command::from(create).output().await.expect("psql was found, so it runs");
        assert!(output.status.success(), "cannot make a database: {}", String::from_utf8_lossy(&output.stderr));
        Self { name, url, cluster_url: cluster_url.to_owned() }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A cluster that was stopped takes the database with it.
        let _ = psql(&self.cluster_url, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).output();
    }
}

/// A cluster of its own, which a test may stop and start.
#[derive(Debug)]
pub struct Cluster {
    server: Option<Child>,
    port: u16,
    url: String,
    folder: TempFolder,
    settings: &'static [&'static str],
}

/// Nothing in a test has to survive the machine; everything survives the server.
const FORGETFUL: [&str; 3] = ["fsync=off", "full_page_writes=off", "shared_buffers=32MB"];

/// As an installation would have it: what was committed survives the machine.
const DURABLE: [&str; 3] = ["fsync=on", "shared_buffers=1GB", "max_wal_size=4GB"];

impl Cluster {
    /// Makes a cluster on a free port and waits until it answers.
    pub async fn start() -> Self {
        Self::start_with(&FORGETFUL).await
    }

    /// Makes a cluster that keeps what was committed even when the machine loses its power: for benches.
    pub async fn start_durable() -> Self {
        Self::start_with(&DURABLE).await
    }

    async fn start_with(settings: &'static [&'static str]) -> Self {
        let folder = folder();
        keeper::give_away(folder.path());
        let password = random_digits();
        let password_file = folder.path().join("password");
        std::fs::write(&password_file, &password).expect("a folder just made takes a file");
        keeper::give_away(&password_file);
        let mut initdb = Command::new(programs().join("initdb"));
        initdb
            .args(["-U", "postgres", "-A", "password", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-N"])
            .arg("--pwfile")
            .arg(&password_file)
            .arg(folder.path().join("data"))
            .current_dir(folder.path());
        keeper::not_as_root(&mut initdb);
        let output = tokio::process::Command::from(initdb).output().await.expect("initdb was found, so it runs");
        assert!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));

        let port = free_port();
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let mut cluster = Self { server: None, port, url, folder, settings };
        cluster.restart().await;
        cluster
    }

    /// Returns the URL of the maintenance database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the port the cluster listens on, which stays the same when it is started again.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes a database.
    pub async fn database(&self) -> Database {
        Database::create(&self.url).await
    }

    /// Makes a database whose tables are in a folder that is made for them.
    pub async fn database_in(&self, folder: &Path) -> Database {
        std::fs::create_dir(folder).expect("the folder of the tables can be made");
        keeper::give_away(folder);
        let folder = folder.display();
        let made = psql(&self.url, &format!("CREATE TABLESPACE apart LOCATION '{folder}'")).output();
        let made = made.expect("psql was found, so it runs");
        assert!(made.status.success(), "cannot make a tablespace: {}", String::from_utf8_lossy(&made.stderr));
        let database = self.database().await;
        let moved = psql(&self.url, &format!("ALTER DATABASE {} SET TABLESPACE apart", database.name)).output();
        let moved = moved.expect("psql was found, so it runs");
        assert!(moved.status.success(), "cannot move a database: {}", String::from_utf8_lossy(&moved.stderr));
        database
    }

    /// Stops the server: open transactions are rolled back and connections closed.
    pub async fn stop(&mut self) {
        self.end("INT").await;
    }

    /// Stops the server at once, so that it recovers from its write-ahead log when started again.
    pub async fn kill(&mut self) {
        self.end("QUIT").await;
    }

    /// Starts the server again with a certificate and its key, both PEM, by which it is known from then on.
    pub async fn restart_with_certificate(&mut self, certificate: &str, key: &str) {
        for (file, text) in [(CERTIFICATE, certificate), (KEY, key)] {
            let file = self.folder.path().join("data").join(file);
            std::fs::write(&file, text).expect("a folder of ours takes a file");
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("a file of ours is closed to others");
            keeper::give_away(&file);
        }
        self.restart().await;
    }

    /// Stops every process of the server where it is: connections stay open and nothing is answered.
    pub fn freeze(&self) {
        self.signal_all("STOP");
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.signal_all("CONT");
    }

    /// Copies everything the server stored, as a backup does. The server must be stopped.
    pub fn copy_data(&self) -> TempFolder {
        assert!(self.server.is_none(), "the data of a running server are not whole");
        let kept = folder();
        copy(&self.data(), &kept.path().join("data"));
        kept
    }

    /// Puts a copy in the place of what the server stored since. The server must be stopped.
    pub fn restore_data(&self, kept: &TempFolder) {
        assert!(self.server.is_none(), "the data of a running server cannot be replaced");
        std::fs::remove_dir_all(self.data()).expect("a server that ran has data");
        copy(&kept.path().join("data"), &self.data());
    }

    /// Starts the server again on the same port and data, having stopped it where it still ran.
    pub async fn restart(&mut self) {
        self.stop().await;
        let mut postgres = keeper::server(&programs().join("postgres"), "QUIT", &self.log());
        if self.data().join(CERTIFICATE).exists() {
            postgres.args(["-c", "ssl=on"]);
        }
        postgres.arg("-D").arg(self.data()).current_dir(self.folder.path());
        let port = format!("port={}", self.port);
        let always = [
            port.as_str(),
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            // Segments in the data folder cannot outlive it.
            "dynamic_shared_memory_type=mmap",
        ];
        for setting in always.iter().chain(self.settings) {
            postgres.args(["-c", setting]);
        }
        keeper::not_as_root(&mut postgres);
        let mut server = keeper::spawn(postgres);
        until(LIMIT, "PostgreSQL answers", async || {
            if let Ok(Some(status)) = server.try_wait() {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                panic!("PostgreSQL ended ({status}): {log}");
            }
            let ask = tokio::process::Command::from(psql(&self.url, "SELECT 1")).output().await;
            ask.is_ok_and(|output| output.status.success())
        })
        .await;
        self.server = Some(server);
    }

    async fn end(&mut self, signal: &str) {
        if let Some(mut server) = self.server.take() {
            keeper::signal(&server, signal);
            keeper::ended(&mut server, LIMIT, "PostgreSQL").await;
        }
    }

    /// The processes that serve connections are children of the one that takes them.
    fn signal_all(&self, signal: &str) {
        let server = self.server.as_ref().expect("the server runs");
        keeper::signal(server, signal);
        for child in keeper::children(server) {
            // One that has ended meanwhile needs no signal.
            let _ = keeper::signal_process(child, signal);
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("postgres.log")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            keeper::signal(&server, "QUIT");
            let _ = server.wait();
        }
    }
}

/// Splits a URL before the slash that begins the database's name.
fn authority_end(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
    url.split_at(end)
}

/// Asks a database something, and returns the rows, or what is wrong.
pub async fn ask(url: &str, statement: &str) -> Result<String, String> {
    let mut psql = psql(url, statement);
    psql.args(["-t", "-A"]);
    let output = tokio::process::Command::from(psql).output().await.expect("psql was found, so it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn psql(url: &str, statement: &str) -> Command {
    let mut psql = Command::new(programs().join("psql"));
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]).env("PGCONNECT_TIMEOUT", "5");
    psql
}

/// Finds PostgreSQL's programs: Debian keeps the server's away from `PATH`, under a folder a version.
fn programs() -> PathBuf {
    let complete = |folder: &Path| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| complete(folder))
        .collect();
    versions.sort();
    versions
        .pop()
        .map(|(_, folder)| folder)
        .or_else(|| environment::program_on_path("postgres")?.parent().map(Path::to_path_buf))
        .expect(
            "PostgreSQL is not installed: install the Debian package postgresql, or leave out the tests that need it by \
             name with `tests/run --skip postgres`",
        )
}
