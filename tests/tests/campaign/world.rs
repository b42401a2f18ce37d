//! The world of the clients: whom they ask, and what they do when they get no answer.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use rectify_tests::bed::{Site, person, unit};
use rectify_tests::client::Answer;
use reqwest::RequestBuilder;
use serde_json::Value;
use tokio::time::Instant;

use crate::chance::Chance;
use crate::told::{Asked, Caller, Handler, Told};

/// Units of the prefecture that may lead a case, with who acts for each.
const LEADS: [(&str, &str); 6] = [
    ("舟曲县民政局", "民政经办"),
    ("舟曲县水务局", "水务经办"),
    ("舟曲县供水站", "供水经办"),
    ("临潭县民政局", "临潭民政"),
    ("州水务局", "州水务经办"),
    ("甘南州", "州直经办"),
];

/// How long a client waits for one answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a client that got no answer waits before asking again.
const PAUSE: Duration = Duration::from_millis(60);

/// How long a client goes on asking before the campaign has failed.
const LIMIT: Duration = Duration::from_mins(3);

/// The world of the clients.
#[derive(Debug)]
pub struct World {
    /// The services and everybody's tokens.
    pub site: Site,
    /// What clients were told.
    pub told: RefCell<Told>,
    administrator: String,
    /// How many attempts ended, with an answer or without: what moments are counted in.
    attempts: Cell<usize>,
    /// How many of them ended without an answer.
    unanswered: Cell<usize>,
    /// How many of these were told that there is no room.
    without_room: Cell<usize>,
    made: Cell<usize>,
}

impl World {
    /// Enters the world of a site.
    pub async fn of(site: Site) -> World {
        let me = site.administrator().get("/api/me").await.expect(200);
        let administrator = me["person"].as_str().expect("everybody has an id").to_owned();
        let world = World {
            site,
            told: RefCell::default(),
            administrator,
            attempts: Cell::new(0),
            unanswered: Cell::new(0),
            without_room: Cell::new(0),
            made: Cell::new(0),
        };
        let handlers = LEADS.map(|(place, who)| Handler { unit: unit(place), caller: world.caller(who) });
        world.told.borrow_mut().handlers = handlers.into();
        world
    }

    /// Returns somebody of the prefecture.
    pub fn caller(&self, name: &str) -> Caller {
        Caller { name: name.to_owned(), person: person(name), desk: self.site.desk(name), is_new: false }
    }

    /// Returns the administrator.
    pub fn administrator(&self) -> Caller {
        let (name, desk) = ("管理员".to_owned(), self.site.administrator());
        Caller { name, person: self.administrator.clone(), desk, is_new: false }
    }

    /// Returns a number that was not returned before.
    pub fn number(&self) -> usize {
        self.made.set(self.made.get() + 1);
        self.made.get()
    }

    /// Returns how many attempts ended so far.
    pub fn attempts(&self) -> usize {
        self.attempts.get()
    }

    /// Returns how many attempts ended without an answer so far.
    pub fn unanswered(&self) -> usize {
        self.unanswered.get()
    }

    /// Returns how many attempts were told so far that there is no room.
    pub fn without_room(&self) -> usize {
        self.without_room.get()
    }

    /// Notes something that cannot be.
    pub fn complain(&self, what: String) {
        self.told.borrow_mut().complaints.push(what);
    }

    /// Asks what has a key. Where no answer comes, the same is asked again, now or much later.
    pub async fn ask(&self, asked: Asked, chance: &mut Chance) -> String {
        self.ask_or_leave(asked, chance, 20).await
    }

    /// Asks what has a key until it is answered.
    pub async fn ask_now(&self, asked: Asked, chance: &mut Chance) -> String {
        self.ask_or_leave(asked, chance, 0).await
    }

    async fn ask_or_leave(&self, asked: Asked, chance: &mut Chance, left: usize) -> String {
        loop {
            if let Some(answer) = self.attempt(asked.request()).await {
                return self.told.borrow_mut().note(&asked, &answer);
            }
            if chance.percent(left) {
                self.told.borrow_mut().unanswered.push(asked);
                return "no answer".to_owned();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks until there is an answer, whatever it says.
    pub async fn persist(&self, what: &str, request: impl Fn() -> RequestBuilder) -> Answer {
        let since = Instant::now();
        loop {
            if let Some(answer) = self.attempt(request()).await {
                if answer.status >= 500 {
                    self.complain(format!("{what} was answered {}: {}", answer.status, answer.body));
                }
                return answer;
            }
            assert!(since.elapsed() < LIMIT, "nobody answers within {LIMIT:?}: {what}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Returns how a case stands, where there is one to be seen.
    pub async fn state(&self, case: &str) -> Option<Value> {
        let reader = self.site.desk("州审计");
        let path = format!("/api/cases/{case}");
        let mut answer = self.persist(&path, || reader.request(reqwest::Method::GET, &path)).await;
        (answer.status == 200).then(|| answer.body["case"].take())
    }

    /// Asks once. No connection, one that broke, no answer in time, and "not just now" are all no answer.
    async fn attempt(&self, request: RequestBuilder) -> Option<Answer> {
        let client = &self.site.administrator();
        let answer = client.attempt(request.timeout(PATIENCE)).await.ok();
        let told_no_room = answer.as_ref().is_some_and(|answer| answer.status == 507);
        self.without_room.set(self.without_room.get() + usize::from(told_no_room));
        let answer = answer.filter(|answer| !matches!(answer.status, 503 | 507));
        self.attempts.set(self.attempts.get() + 1);
        if answer.is_none() {
            self.unanswered.set(self.unanswered.get() + 1);
        }
        answer
    }
}
