//! The composition root: what a process is made of, whether it is the whole or one service of it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use chrono::{DateTime, TimeDelta};
use rectify_accounts::Accounts;
use rectify_audit::AuditFinding;
use rectify_bus::{Bus, Seal};
use rectify_case::{Finding, Position};
use rectify_desk::{Desk, Imports};
use rectify_inspection::InspectionItem;
use rectify_intake::{Door, Findings, Remembered, Way};
use rectify_keys::{Opener, PublicKey};
use rectify_kit::{Config, Frame, Store, http};
use rectify_ledger::Ledger;
use rectify_log::DbError;
use rectify_petition::Petition;
use tokio::net::TcpListener;

use crate::keys;

/// How long the look for likely duplicates waits for the ledger, before it is tried again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Opens cases from findings, relays the log.
    Registrar,
    /// Folds the log into the ledger.
    Projector,
    /// Serves the API.
    Desk,
    /// Takes inspection lists.
    Inspection,
    /// Takes audit reports.
    Audit,
    /// Takes petitions.
    Petition,
}

impl Service {
    /// Every service.
    pub const ALL: [Service; 6] =
        [Service::Registrar, Service::Projector, Service::Desk, Service::Inspection, Service::Audit, Service::Petition];

    /// Returns the subcommand that runs it alone.
    pub fn name(self) -> &'static str {
        match self {
            Service::Registrar => "registrar",
            Service::Projector => "projector",
            Service::Desk => "desk",
            Service::Inspection => "inspection",
            Service::Audit => "audit",
            Service::Petition => "petition",
        }
    }

    /// Returns whether something is handed in by it.
    fn hands_in(self) -> bool {
        match self {
            Service::Desk | Service::Inspection | Service::Audit | Service::Petition => true,
            Service::Registrar | Service::Projector => false,
        }
    }

    /// Returns whether it extends or shows the tree over the log.
    fn reads_tree(self) -> bool {
        matches!(self, Service::Registrar | Service::Desk)
    }

    /// Returns whether it reads or folds the ledger.
    fn reads_ledger(self) -> bool {
        match self {
            Service::Registrar | Service::Projector | Service::Desk => true,
            Service::Inspection | Service::Audit | Service::Petition => false,
        }
    }

    /// Returns whether it takes or shows files.
    fn keeps_files(self) -> bool {
        match self {
            Service::Desk | Service::Petition => true,
            Service::Registrar | Service::Projector | Service::Inspection | Service::Audit => false,
        }
    }
}

/// What the services of a process stand on. Cheap to clone.
#[derive(Clone)]
pub struct Running {
    /// The log, the bus, the directory, the clock.
    pub frame: Frame,
    /// The tokens.
    pub accounts: Accounts,
    /// The read side, where a service of this process reads it: what an intake has no need of it has no right to.
    pub ledger: Option<Ledger>,
    /// The bytes of evidence and of petitions' attachments, where they are taken or shown in this process.
    pub store: Option<Store>,
    /// The keys of petitions; none where this process neither seals nor opens any.
    pub keys: Option<Opener>,
    /// The office's public key, where it is said and the key store is elsewhere.
    pub office: Option<PublicKey>,
    /// Where the process is reached.
    pub url: String,
    /// A queue of its own for what a desk's pages take; none where a registrar of this process takes what is on the bus.
    pages: Option<Bus>,
}

/// Starts services on a frame, and the way in by HTTP. They run until the frame's shutdown begins.
pub async fn start(frame: &Frame, services: &[Service]) -> anyhow::Result<Running> {
    // First of all: an address in use is found out before anything is done.
    let listen = frame.config.http.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let url = match &frame.config.http.public_url {
        Some(url) => url.clone(),
        None => format!("http://{}", listener.local_addr()?),
    };
    let running = open(frame, services, url).await?;

    let mut routes = Router::new();
    for service in services {
        routes = running.begin(*service, routes).await?;
    }
    let routes = http::framed(routes, &frame.config.http, frame.health.clone(), frame.metrics.clone());
    let shutdown = frame.shutdown.clone();
    frame.shutdown.spawn("http", async move { http::serve(listener, routes, &shutdown).await });
    Ok(running)
}

/// Opens what services stand on, its tables up to date.
pub async fn open(frame: &Frame, services: &[Service], url: String) -> anyhow::Result<Running> {
    let reads_ledger = services.iter().any(|service| service.reads_ledger());
    if frame.migrates() {
        rectify_accounts::migrate(&frame.db).await.context("cannot migrate the accounts")?;
        rectify_ledger::migrate(&frame.db).await.context("cannot migrate the ledger")?;
        rectify_proof::migrate(&frame.db).await.context("cannot migrate the tree")?;
    } else if reads_ledger && !rectify_ledger::is_migrated(&frame.db).await? {
        bail!("the tables of the ledger are missing or older than this program: run `rectify migrate`");
    }
    if services.iter().any(|service| service.reads_tree()) && !rectify_proof::is_migrated(&frame.db).await? {
        bail!("the tables of the tree are missing or older than this program: run `rectify migrate`");
    }
    let accounts = Accounts::open(frame.db.clone()).await?;
    if services.iter().any(|service| service.hands_in()) {
        begin_after_what_was_given(frame, &accounts).await.context("cannot look up what was handed in last")?;
    }
    Ok(Running {
        frame: frame.clone(),
        accounts,
        ledger: if reads_ledger {
            Some(Ledger::open(&frame.db).await.context("cannot open the ledger")?)
        } else {
            None
        },
        store: if services.iter().any(|service| service.keeps_files()) {
            Some(Store::open(&frame.config.evidence)?)
        } else {
            None
        },
        keys: keys::open(&frame.config, frame.part, frame.clock.now()).await?,
        office: keys::public_key(&frame.config)?,
        url,
        // A desk may append, and may not publish: what its pages take it registers itself.
        pages: (!services.contains(&Service::Registrar)).then(Bus::in_process),
    })
}

/// How many moments are set apart for a process that begins while its clock is behind the log, a microsecond for each hand-in.
const SPAN: TimeDelta = TimeDelta::milliseconds(10);

/// Sees to it that nothing that is handed in from here on is taken for older than what was: not than what was heard again, which is
/// no event, nor, while the clock is behind, than what others had given out and is nowhere to be read yet.
async fn begin_after_what_was_given(frame: &Frame, accounts: &Accounts) -> Result<(), DbError> {
    let (heard, given) = (accounts.last_heard().await?, accounts.last_given().await?);
    let known = heard.into_iter().chain(given).fold(frame.log.now(), DateTime::max);
    if known > frame.clock.now() {
        frame.log.note_given(accounts.give_span(known, SPAN).await?);
    }
    Ok(())
}

/// Connects to the bus of servers.
pub async fn bus(config: &Config, name: &str) -> anyhow::Result<Bus> {
    let nats = config.nats.as_ref().context("no NATS server is configured (nats.url)")?;
    rectify_kit::bus::connect(nats, name).await
}

impl Running {
    /// Begins one service, and returns the routes with its own.
    async fn begin(&self, service: Service, routes: Router) -> anyhow::Result<Router> {
        Ok(match service {
            Service::Registrar => {
                self.register()?;
                routes
            }
            Service::Projector => {
                rectify_projector::run(&self.frame, self.ledger()?).await.context("cannot fold the ledger")?;
                routes
            }
            Service::Desk => {
                self.register_pages();
                let desk = self.desk()?;
                self.frame.shutdown.spawn("petitions", desk.clone().settle_petitions());
                routes.merge(rectify_desk::router(desk)).merge(rectify_carry_over::router(self.ledgers()))
            }
            Service::Inspection => routes.merge(rectify_inspection::router(self.door())),
            Service::Audit => routes.merge(rectify_audit::router(self.door())),
            Service::Petition if self.keys.is_none() => {
                bail!("petitions are sealed before anything is queued: say in keys.url where the key store is")
            }
            Service::Petition => routes.merge(rectify_petition::router(self.door())),
        })
    }

    /// Begins to take findings off the bus, to flag likely duplicates, and to relay the log.
    pub fn register(&self) -> anyhow::Result<()> {
        let office = self.keys.as_ref().map(|opener| opener.keys().public()).or_else(|| self.office.clone());
        let seal = office.map(|office| Seal::new(move |bytes| office.seal_set_aside(bytes)));
        if seal.is_none() && matches!(self.frame.bus, Bus::Nats(_)) {
            return Err(rectify_registrar::RegistrarError::NothingSeals.into());
        }
        let (frame, ledger) = (self.frame.clone(), self.ledger()?.clone());
        let alike = move |finding: Finding, position: Position| {
            let ledger = ledger.clone();
            async move {
                if !ledger.wait_for(position, PATIENCE).await? {
                    return Err(format!("the ledger is not folded to {position} yet").into());
                }
                Ok::<_, rectify_registrar::Cause>(ledger.duplicates(&finding).await?)
            }
        };
        self.frame.shutdown.spawn("registrar", async move { Ok(rectify_registrar::run(frame, alike, seal).await?) });
        Ok(())
    }

    /// Begins to take what the pages of a desk without a registrar hand in.
    fn register_pages(&self) {
        if let Some(queue) = self.pages.clone() {
            let frame = self.frame.clone();
            let taken = async move { Ok(rectify_registrar::take_from(frame, queue).await?) };
            self.frame.shutdown.spawn("registrar of the pages", taken);
        }
    }

    fn ledgers(&self) -> rectify_carry_over::Door {
        rectify_carry_over::Door { frame: self.frame.clone(), accounts: self.accounts.clone() }
    }

    /// Returns the ways in of the pages. Petitions are taken where something seals them.
    fn imports(&self) -> Imports {
        let queue = self.pages.as_ref().unwrap_or(&self.frame.bus);
        let door = || Door { bus: queue.clone(), ..self.door() };
        let petitions = self.keys.as_ref().map(|_| Arc::new(Findings::<Petition>::through(door())) as Arc<dyn Way>);
        let ways: [Arc<dyn Way>; 2] = [
            Arc::new(Findings::<InspectionItem>::through(door())),
            Arc::new(Findings::<AuditFinding>::through(door())),
        ];
        let ledgers: Arc<dyn Way> = Arc::new(rectify_carry_over::Ledgers::through(self.ledgers()));
        Imports::by(queue.clone(), ways.into_iter().chain(petitions).chain([ledgers]).collect())
    }

    fn ledger(&self) -> anyhow::Result<&Ledger> {
        self.ledger.as_ref().context("the ledger was not opened, since no service here was said to read it")
    }

    fn desk(&self) -> anyhow::Result<Desk> {
        Ok(Desk {
            frame: self.frame.clone(),
            ledger: self.ledger()?.clone(),
            accounts: self.accounts.clone(),
            store: self
                .store
                .clone()
                .context("the store of evidence was not opened, since no desk was said to be here")?,
            keys: self.keys.clone(),
            imports: self.imports(),
        })
    }

    fn door(&self) -> Door {
        let leaf = self.frame.config.nats.as_ref().and_then(|nats| nats.leaf.as_ref());
        Door {
            bus: self.frame.bus.clone(),
            accounts: self.accounts.clone(),
            directory: self.frame.directory.clone(),
            clock: self.frame.log.clock(),
            zone: self.frame.config.zone,
            keys: self.keys.as_ref().map(|opener| opener.keys().clone()),
            store: self.store.clone().filter(|_| leaf.is_none() || self.frame.config.evidence.is_shared()),
            remembered: leaf.map(|_| Remembered::default()),
        }
    }
}
