use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::proxy::Proxy;
use crate::steps::Steps;
use crate::{nats, postgres};

/// The servers that an installation stands on, and the lines to them.
#[derive(Debug)]
pub struct Servers {
    /// The database.
    pub database: postgres::Database,
    /// The database of the key store, always on the cluster that the tests share.
    pub keys: postgres::Database,
    /// The cluster of the database, where it is this installation's own and may be stopped.
    pub cluster: Option<postgres::Cluster>,
    /// The broker: one server, three that are one cluster, or none.
    pub nats: Vec<nats::Server>,
    /// Whether each service has a user of its own on both, who may do what it needs and nothing else.
    pub(super) guarded: bool,
    /// The leaf node of 舟曲县, where there is one: the intake of inspection lists is there then.
    pub leaf: Option<nats::Leaf>,
    lines: BTreeMap<&'static str, Lines>,
    watched: BTreeMap<&'static str, (u16, Option<u16>)>,
}

/// The lines of one process.
#[derive(Debug)]
pub struct Lines {
    /// To the database.
    pub database: Proxy,
    /// To the broker: one for each of its servers.
    pub broker: Vec<Proxy>,
}

impl Servers {
    /// Takes a database on the cluster that the tests share, and starts a broker.
    pub async fn shared() -> Self {
        let configuration = configuration();
        let (database, nats) = tokio::join!(postgres::database(), nats::server_with(&configuration));
        Self::with_keys(database, None, vec![nats]).await
    }

    /// Takes the same, but with a user for each service.
    pub async fn guarded() -> Self {
        let (database, nats) = tokio::join!(postgres::database(), nats::server_with_accounts());
        Self { guarded: true, ..Self::with_keys(database, None, vec![nats]).await }
    }

    /// Takes a database on the cluster that the tests share, and no broker.
    pub async fn without_broker() -> Self {
        Self::with_keys(postgres::database().await, None, Vec::new()).await
    }

    /// Starts a database cluster and a broker that nobody else uses.
    pub async fn own() -> Self {
        Self::own_beside(nats::server_with(&configuration())).await
    }

    /// Starts the same, with a broker that stores in a folder.
    pub async fn own_with_broker_storing_in(folder: &Path) -> Self {
        Self::own_beside(nats::server_storing_in(&configuration(), folder)).await
    }

    async fn own_beside(broker: impl Future<Output = nats::Server>) -> Self {
        let own = async {
            let cluster = postgres::Cluster::start().await;
            (cluster.database().await, cluster)
        };
        let ((database, cluster), nats) = tokio::join!(own, broker);
        Self::with_keys(database, Some(cluster), vec![nats]).await
    }

    /// Takes a database on the cluster that the tests share, and starts a broker of three servers.
    pub async fn on_three_brokers() -> Self {
        let configuration = configuration();
        let (database, nats) = tokio::join!(postgres::database(), nats::cluster(&configuration, 3));
        Self::with_keys(database, None, nats).await
    }

    /// Takes a database on the cluster that the tests share, and starts a broker with a county's leaf node.
    pub async fn with_leaf() -> Self {
        let (prefecture, leaf) = (sample("prefecture.conf"), sample("leaf.conf"));
        let (database, (nats, leaf)) =
            tokio::join!(postgres::database(), nats::prefecture_and_leaf(&prefecture, &leaf));
        Self { leaf: Some(leaf), ..Self::with_keys(database, None, vec![nats]).await }
    }

    /// Takes a database on the cluster that the tests share, and starts a broker that stores in a folder.
    pub async fn with_broker_storing_in(folder: PathBuf) -> Self {
        let nats = nats::server_storing_in(&configuration(), &folder).await;
        Self::with_keys(postgres::database().await, None, vec![nats]).await
    }

    /// Starts a database cluster whose database is in a folder, and a broker.
    pub async fn with_database_in(folder: &Path) -> Self {
        let cluster = postgres::Cluster::start().await;
        let database = cluster.database_in(folder).await;
        let nats = nats::server_with(&configuration()).await;
        Self::with_keys(database, Some(cluster), vec![nats]).await
    }

    async fn with_keys(
        database: postgres::Database,
        cluster: Option<postgres::Cluster>,
        nats: Vec<nats::Server>,
    ) -> Self {
        let keys = postgres::database().await;
        Self {
            database,
            keys,
            cluster,
            nats,
            guarded: false,
            leaf: None,
            lines: BTreeMap::new(),
            watched: BTreeMap::new(),
        }
    }

    /// Returns the broker, where it is one server.
    #[track_caller]
    pub fn broker(&mut self) -> &mut nats::Server {
        let [broker] = self.nats.as_mut_slice() else { panic!("the broker is not one server") };
        broker
    }

    /// Returns the cluster of the database.
    #[track_caller]
    pub fn cluster(&mut self) -> &mut postgres::Cluster {
        self.cluster.as_mut().expect("the database is on a cluster that others use too")
    }

    /// Leads a process over lines of its own from its next start on.
    pub async fn put_lines_before(&mut self, process: &'static str) {
        let database = Proxy::before(self.database.port()).await;
        let mut broker = Vec::new();
        for server in &self.nats {
            broker.push(Proxy::before(server.port()).await);
        }
        self.lines.insert(process, Lines { database, broker });
    }

    /// Returns the lines of a process.
    #[track_caller]
    pub fn lines(&self, process: &str) -> &Lines {
        self.lines.get(process).unwrap_or_else(|| panic!("no lines were put before {process}"))
    }

    /// Leads a process over lines that tell its steps, from its next start on.
    pub async fn watch(&mut self, process: &'static str) -> Steps {
        let mut steps = Steps::new();
        let database = steps.before_postgres(self.database.port()).await;
        let broker = match self.nats.first() {
            Some(server) => Some(steps.before_nats(server.port()).await),
            None => None,
        };
        self.watched.insert(process, (database, broker));
        steps
    }

    /// Opens a connection of the test's own to one of the servers of the broker.
    pub async fn connection(&self, server: &nats::Server) -> nats::Connection {
        nats::Connection::open(server.port(), self.guarded.then_some("administrator")).await
    }

    /// Returns the variables that name the servers themselves.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let url = |server: &nats::Server| if self.guarded { server.url_of("administrator") } else { server.url() };
        let urls: Vec<String> = self.nats.iter().map(url).collect();
        let mut variables = vec![("RECTIFY_DATABASE_URL", self.database.url().to_owned())];
        if !urls.is_empty() {
            variables.push(("RECTIFY_NATS_URL", urls.join(",")));
            variables.push(("RECTIFY_NATS_REPLICAS", urls.len().to_string()));
        }
        variables
    }

    /// Returns the variables that name the lines of a process instead, where it has any.
    pub(super) fn lines_of(&self, process: &str) -> Vec<(&'static str, String)> {
        let (database, broker) = match (self.lines.get(process), self.watched.get(process)) {
            (_, Some((database, broker))) => (*database, Vec::from_iter(*broker)),
            (Some(lines), None) => (lines.database.port(), lines.broker.iter().map(Proxy::port).collect()),
            (None, None) => (self.database.port(), Vec::new()),
        };
        let mut variables = vec![("RECTIFY_DATABASE_URL", self.database.url_through(database))];
        if !broker.is_empty() {
            let urls: Vec<String> = broker.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
            variables.push(("RECTIFY_NATS_URL", urls.join(",")));
        }
        match (process, &self.leaf) {
            ("inspection", Some(leaf)) => {
                variables.push(("RECTIFY_NATS_URL", leaf.server.url()));
                variables.push(("RECTIFY_NATS_LEAF", COUNTY.to_owned()));
            }
            ("registrar", Some(_)) => variables.push(("RECTIFY_NATS_LEAVES", COUNTY.to_owned())),
            _ => {}
        }
        variables
    }
}

/// The division of 舟曲县, which the sample of a leaf node is for.
const COUNTY: &str = "623023";

fn configuration() -> PathBuf {
    sample("nats.conf")
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats").join(name)
}
