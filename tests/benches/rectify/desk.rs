//! How long the desk takes for a page, for twenty people who ask at once, in an installation of many cases.

use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use rectify_accounts::{Accounts, SignedIn};
use rectify_case::PersonId;
use rectify_desk::Imports;
use rectify_kit::{Frame, Part, Store};
use rectify_ledger::{Indexer, Ledger, Projection};
use rectify_tests::{TempFolder, folder};
use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::bed::{Bed, On, configuration, nats_configuration};
use crate::measure::{millis, percentile};
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world::{HANDLER, KINDS, OFFICER, case, mix, words};

/// How many ask at once.
const AT_ONCE: u64 = 20;

/// What a page may take, in milliseconds.
const LIMIT: f64 = 50.0;

/// What the first page that somebody opens may weigh, in bytes.
const WEIGHT: usize = 60 * 1024;

pub async fn run(run: &mut Run) {
    let cases = run.of(100_000, 20_000);
    for on in On::BOTH {
        let desk = Desk::open(run, on, cases).await;
        for (who, person) in [("office", OFFICER), ("department", HANDLER)] {
            let cookie = desk.signed_in(person).await;
            for (what, page) in PAGES {
                let asked = Asked { cookie: &cookie, page, who: person, cases };
                let mut took = desk.asked(&asked, run.of(60, 20)).await;
                let (bench, what) = ("desk", format!("{what}, {who}, {cases} cases, p99 of {AT_ONCE} at once"));
                let (figure, goal) = (percentile(&mut took, 99), Goal::at_most(LIMIT, None));
                run.tell(Row { bench, what, on: on.name(), figure, unit: "ms", ratio: None, goal });
                let figure = percentile(&mut took, 50);
                let what = "  the same, p50".to_owned();
                run.tell(Row { bench, what, on: on.name(), figure, unit: "ms", ratio: None, goal: None });
            }
        }
        desk.close().await;
    }
}

/// Returns the address that the n-th has who asks.
type Address = fn(u64, PersonId) -> String;

/// The pages, each with its address.
const PAGES: [(&str, Address); 8] = [
    ("work", |_, _| "/".to_owned()),
    ("ledger", |_, _| "/ledger".to_owned()),
    ("ledger, late by deadline", |_, _| "/ledger?due=overdue".to_owned()),
    ("ledger, searched", |n, _| format!("/ledger?text={}", encoded(words(n % 1_000).get(..6).unwrap_or_default()))),
    ("overview", |_, _| "/overview".to_owned()),
    ("case", |n, who| format!("/cases/{}", own(n, who))),
    ("form", |n, who| format!("/cases/{}/add_note", own(n, who))),
    ("account", |_, _| "/account".to_owned()),
];

/// Returns a case that somebody sees: the department leads one of each round of lives.
fn own(n: u64, who: PersonId) -> rectify_case::CaseId {
    let n = mix(n) % 100;
    case(if who == HANDLER { n * KINDS + 15 } else { n })
}

/// Returns a text as it stands in a query.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |said, byte| said + &format!("%{byte:02X}"))
}

struct Asked<'a> {
    cookie: &'a str,
    page: Address,
    who: PersonId,
    cases: u64,
}

/// A desk over many cases.
struct Desk {
    routes: Router,
    frame: Frame,
    accounts: Accounts,
    _kept: (Option<Bed>, Option<rectify_tests::nats::Server>, TempFolder),
}

impl Desk {
    async fn open(run: &Run, on: On, cases: u64) -> Desk {
        let folder = folder();
        let (frame, bed, server) = match on {
            On::Postgres => {
                let bed = run.beds.make(on).await;
                let server = rectify_tests::nats::server_with(&nats_configuration()).await;
                let settings = [("database.url", bed.url.as_str()), ("nats.url", &server.url())];
                let config = configuration(folder.path(), &settings);
                (Frame::open(config, Part::Service("desk")).await, Some(bed), Some(server))
            }
            On::Sqlite => (Frame::open(configuration(folder.path(), &[]), Part::Whole).await, None, None),
        };
        let frame = frame.expect("everything the desk stands on is there");
        let start = Instant::now();
        let head = fill(&frame.db, &frame.log, cases, OPEN).await;
        frame.directory.at_least(1).await.expect("the directory is followed");
        let ledger = Ledger::open(&frame.db).await.expect("there is a ledger beside the log");
        let mut projection =
            Projection::open(&ledger, &frame.log, frame.config.zone).await.expect("the ledger is opened");
        projection.catch_up().await.expect("the log is folded");
        let mut indexer = Indexer::new(&ledger);
        indexer.catch_up().await.expect("the words are indexed");
        if let Some(bed) = &bed {
            bed.settle().await;
        }
        let took = start.elapsed().as_secs_f64();
        run.say(&format!("  {cases} cases on {}: {head} events written, folded and indexed in {took:.0} s", on.name()));
        rectify_accounts::migrate(&frame.db).await.expect("the database takes the tables of the accounts");
        rectify_proof::migrate(&frame.db).await.expect("the database takes the tables of the tree");
        let accounts = Accounts::open(frame.db.clone()).await.expect("the accounts are opened");
        let store = Store::open(&frame.config.evidence).expect("there is a place for files");
        let desk = rectify_desk::Desk {
            frame: frame.clone(),
            ledger,
            accounts: accounts.clone(),
            store,
            keys: None,
            imports: Imports::by(frame.bus.clone(), Vec::new()),
        };
        Desk { routes: rectify_desk::router(desk), frame, accounts, _kept: (bed, server, folder) }
    }

    /// Returns what the browser of somebody who has signed in sends along.
    async fn signed_in(&self, person: PersonId) -> String {
        let (login, password, now) = (person.to_string(), "黄河首曲草原 2020".into(), self.frame.clock.now());
        let named = login.parse().expect("an id is a name");
        self.accounts.set_password(person, &named, &password, now).await.expect("the password is kept");
        let signed_in = self.accounts.sign_in(&login, &password, "127.0.0.1", "bench", now).await;
        let SignedIn::Yes(session, _) = signed_in.expect("the accounts are read") else {
            panic!("the password is theirs")
        };
        format!("rectify-session={}", session.expose_secret())
    }

    /// Returns how long each of many pages took, asked for by so many at once, so many times each.
    async fn asked(&self, asked: &Asked<'_>, times: u64) -> Vec<f64> {
        let mut tasks = JoinSet::new();
        for one in 0..AT_ONCE {
            let (routes, cookie, page, who) = (self.routes.clone(), asked.cookie.to_owned(), asked.page, asked.who);
            let cases = asked.cases;
            tasks.spawn(async move {
                let mut took = Vec::new();
                for n in 0..times + 2 {
                    let path = page(one * (times + 2) + n, who);
                    let start = Instant::now();
                    let weight = opened(&routes, &path, &cookie).await;
                    // The first two find nothing in any cache.
                    if n >= 2 {
                        took.push(millis(start.elapsed()));
                    }
                    assert!(weight <= WEIGHT, "{path} weighs {weight} bytes, among {cases} cases");
                }
                took
            });
        }
        tasks.join_all().await.into_iter().flatten().collect()
    }

    async fn close(self) {
        self.frame.shutdown.begin();
        self.frame.shutdown.finished(rectify_kit::shutdown::PATIENCE).await.expect("everything ends in good order");
    }
}

/// Opens a page, and returns how many bytes it has.
async fn opened(routes: &Router, path: &str, cookie: &str) -> usize {
    let request = Request::builder().uri(path).header(header::COOKIE, cookie).header(header::HOST, "localhost");
    let request = request.body(Body::empty()).expect("a request");
    let answer = routes.clone().oneshot(request).await.expect("the desk answers");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    to_bytes(answer.into_body(), usize::MAX).await.expect("a page is whole").len()
}
