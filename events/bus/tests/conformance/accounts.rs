//! The accounts of `deploy/nats/accounts.conf`: each user can do its work, and nothing else.

use std::time::Duration;

use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, HeaderMap};
use rectify_bus::{
    Act, Bus, BusError, Mirror, MirrorError, Mirrored, NatsOptions, Receipt, Seal, Submission, SubmitError,
};
use rectify_case::{EventId, LogId, StreamId};
use rectify_tests::nats::{self, Server, USERS};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

use crate::samples::{instant, submission};
use crate::server::within;
use crate::{item, next};

const LOG: LogId = LogId(Uuid::from_u128(0x0190_a1b2_0000_7000_8000_0000_0000_0001));

/// A server with the accounts, its streams made by the administrator as `rectify migrate` does.
async fn prepared() -> Server {
    let server = nats::server_with_accounts().await;
    bus(&server, "administrator").await.make_streams().await.unwrap();
    server
}

async fn bus(server: &Server, user: &str) -> Bus {
    Bus::connect(options(server, user)).await.unwrap()
}

fn options(server: &Server, user: &str) -> NatsOptions {
    NatsOptions::new(server.url_of(user), user)
}

async fn mirror(bus: &Bus) -> Mirror {
    bus.mirror().await.unwrap().unwrap()
}

fn event(position: u64) -> Mirrored {
    Mirrored {
        log: LOG,
        position,
        stream: StreamId::Directory,
        name: "unit_added".to_owned(),
        source: None,
        division: None,
        id: EventId(Uuid::from_u128(u128::from(position))),
        recorded: instant(),
        leaf: [7; 32],
        keyed: None,
        trace: None,
        bytes: format!(r#"{{"position":{position}}}"#).into(),
    }
}

fn of_source(source: &str, number: u32) -> Submission {
    let mut submission = submission(number);
    submission.finding.source = source.parse().unwrap();
    submission
}

async fn as_administrator(server: &Server) -> Context {
    let user = "administrator";
    let connecting = ConnectOptions::with_user_and_password(user.to_owned(), nats::password_of(user));
    jetstream::new(connecting.connect(server.url()).await.unwrap())
}

/// Returns how many messages FINDINGS, `SET_ASIDE` and LOG hold.
async fn held(server: &Server) -> [u64; 3] {
    let administrator = as_administrator(server).await;
    let count = async |name| administrator.get_stream(name).await.unwrap().cached_info().state.messages;
    [count("FINDINGS").await, count("SET_ASIDE").await, count("LOG").await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_accounts_every_user_can_do_its_work() {
    let server = prepared().await;
    for (intake, source) in [("audit", "audit"), ("inspection", "self-check"), ("petition", "social-supervision")] {
        let intake = bus(&server, intake).await;
        intake.ready().await.unwrap();
        let receipt = within("a receipt", intake.submit(&of_source(source, 1))).await.unwrap();
        assert!(matches!(receipt, Receipt::Queued { repeated: false, .. }), "{receipt:?}");
        let again = within("a receipt", intake.submit(&of_source(source, 1))).await.unwrap();
        assert!(matches!(again, Receipt::Queued { repeated: true, .. }), "{again:?}");
    }
    let mut headers = HeaderMap::new();
    headers.insert("ce-subject", "1");
    let administrator = as_administrator(&server).await;
    let unreadable = administrator.publish_with_headers("findings.audit.623023", headers, "no finding".into()).await;
    unreadable.unwrap().await.unwrap();

    let registrar = bus(&server, "registrar").await;
    registrar.ready().await.unwrap();
    let mut findings = registrar.findings().await.unwrap().sealing(Seal::new(<[u8]>::to_vec));
    for _ in 0..3 {
        let delivery = next(&mut findings).await;
        assert_eq!(item(&delivery.submission), 1);
        match delivery.submission.finding.source.as_str() {
            "self-check" => delivery.set_aside("来源未登记").await.unwrap(),
            _ => delivery.ack().await.unwrap(),
        }
    }
    let relay = mirror(&registrar).await;
    assert_eq!(within("the mirror", relay.publish(&[event(1), event(2)])).await.unwrap(), 2);
    assert_eq!(within("the mirror", relay.publish(&[event(2), event(3)])).await.unwrap(), 3);
    within("what is settled leaves the queue", async {
        while held(&server).await != [0, 2, 3] {
            // The unreadable one is set aside when it is fetched.
            let _ = tokio::time::timeout(Duration::from_millis(20), findings.next_batch(1)).await;
        }
    })
    .await;

    let desk = bus(&server, "desk").await;
    desk.ready().await.unwrap();
    let set_aside = desk.set_aside().await.unwrap();
    let reasons: Vec<&str> = set_aside.iter().map(|kept| kept.reason.as_str()).collect();
    assert!(reasons.contains(&"来源未登记") && reasons.len() == 2, "{reasons:?}");
    let last = mirror(&desk).await.last().await.unwrap();
    assert_eq!((last.position, last.event.unwrap().bytes), (3, event(3).bytes));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_accounts_who_lacks_a_right_is_told_which() {
    let server = nats::server_with_accounts().await;
    let refused = within("a refusal", Bus::connect(options(&server, "desk"))).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the stream FINDINGS is not on the NATS server: have the administrator's user make it with `rectify migrate`"
    );
    bus(&server, "administrator").await.make_streams().await.unwrap();

    let audit = bus(&server, "audit").await;
    let petition = of_source("petition", 1);
    let forbidden = match within("a refusal", audit.submit(&petition)).await {
        Err(SubmitError::Forbidden(forbidden)) => forbidden,
        other => panic!("{other:?}"),
    };
    assert_eq!((forbidden.act, forbidden.subject.as_str()), (Act::Publish, "findings.petition.623023"));
    assert_eq!(
        forbidden.to_string(),
        "the NATS user audit may not publish to findings.petition.623023: the account on the server grants it no such right"
    );
    within("a receipt", audit.submit(&submission(1))).await.unwrap();
    let error = within("a refusal", audit.findings()).await.unwrap_err();
    assert!(error.to_string().starts_with("the NATS user audit may not publish to rectify."), "{error}");
    let error = within("a refusal", audit.mirror()).await.unwrap_err();
    assert!(matches!(&error, BusError::Forbidden(lacking) if lacking.subject.ends_with("STREAM.INFO.LOG")), "{error}");
    let error = within("a refusal", audit.set_aside()).await.unwrap_err();
    assert!(matches!(error, BusError::Forbidden(_)), "{error}");

    let desk = bus(&server, "desk").await;
    let error = within("a refusal", mirror(&desk).await.publish(&[event(1)])).await.unwrap_err();
    assert!(
        matches!(&error, MirrorError::Bus(BusError::Forbidden(lacking)) if lacking.subject == "log.directory.unit_added"),
        "{error}"
    );
    let error = within("a refusal", desk.findings()).await.unwrap_err();
    assert!(matches!(error, BusError::Forbidden(_)), "{error}");

    let wrong = server.url_of("desk").replace("desk:", "registrar:");
    let error = Bus::connect(NatsOptions::new(wrong, "test")).await.unwrap_err();
    assert!(matches!(error, BusError::Unreachable { .. }), "{error}");
    let nobody = Bus::connect(NatsOptions::new(server.url(), "test")).await.unwrap_err();
    assert!(matches!(nobody, BusError::Unreachable { .. }), "{nobody}");
}

/// What no service may publish to.
const NEVER: [&str; 18] = [
    "$JS.API.STREAM.CREATE.OTHER",
    "$JS.API.STREAM.UPDATE.LOG",
    "$JS.API.STREAM.DELETE.LOG",
    "$JS.API.STREAM.DELETE.FINDINGS",
    "$JS.API.STREAM.PURGE.LOG",
    "$JS.API.STREAM.PURGE.FINDINGS",
    "$JS.API.STREAM.PURGE.SET_ASIDE",
    "$JS.API.STREAM.MSG.DELETE.SET_ASIDE",
    "$JS.API.STREAM.SNAPSHOT.LOG",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.MSG.GET.FINDINGS",
    "$JS.API.DIRECT.GET.FINDINGS",
    "$JS.API.CONSUMER.CREATE.LOG.spy",
    "$JS.API.CONSUMER.CREATE.FINDINGS.spy.findings.>",
    "$JS.API.CONSUMER.DELETE.FINDINGS.registrar",
    "$JS.API.INFO",
    "$SYS.REQ.SERVER.PING",
    "_INBOX.administrator.1",
];

/// What each service may not publish to either.
const NOT_FOR: [(&str, &[&str]); 5] = [
    ("registrar", &["findings.audit.623023", "_INBOX.desk.1"]),
    ("desk", &["findings.audit.623023", "log.case.audit.623023.closed", "set_aside.findings.audit.623023"]),
    ("inspection", &["findings.audit.623023", "findings.petition.623023", "$JS.API.STREAM.INFO.SET_ASIDE"]),
    ("audit", &["findings.patrol.623023", "findings.audits", "$JS.API.STREAM.INFO.LOG"]),
    ("petition", &["findings.audit.623023", "$JS.API.STREAM.MSG.GET.LOG", "$JS.API.STREAM.MSG.GET.SET_ASIDE"]),
];

/// What no service but the registrar may publish to.
const REGISTRARS: [&str; 5] = [
    "log.directory.unit_added",
    "set_aside.findings.audit.623023",
    "$JS.API.CONSUMER.CREATE.FINDINGS.registrar",
    "$JS.API.CONSUMER.MSG.NEXT.FINDINGS.registrar",
    "$JS.ACK.FINDINGS.registrar.1.1.1.1590000000000000000.0",
];

/// What nobody but the administrator may listen to.
const UNHEARD: [&str; 9] =
    [">", "findings.>", "set_aside.>", "log.>", "$JS.>", "$SYS.>", "_INBOX.>", "_INBOX.administrator.>", "rectify.>"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_accounts_everything_else_is_refused_one_by_one() {
    let server = prepared().await;
    bus(&server, "audit").await.submit(&submission(1)).await.unwrap();
    mirror(&bus(&server, "registrar").await).await.publish(&[event(1)]).await.unwrap();
    let before = held(&server).await;
    for (user, more) in NOT_FOR {
        let mut spy = Spy::connect(&server, user).await;
        let registrars = if user == "registrar" { &[][..] } else { &REGISTRARS };
        for subject in NEVER.iter().chain(more).chain(registrars) {
            spy.may_not_publish(subject).await;
        }
        for subject in UNHEARD {
            spy.may_not_subscribe(subject).await;
        }
        for other in USERS.into_iter().filter(|other| *other != user) {
            spy.may_not_subscribe(&format!("_INBOX.{other}.>")).await;
        }
        assert_eq!(held(&server).await, before, "{user} changed something");
    }
}

/// The server sends an answer wherever the question says, without asking whether whoever asked may publish there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_accounts_nobody_has_an_answer_written_into_a_stream() {
    let server = prepared().await;
    for user in ["audit", "desk"] {
        let spy = Spy::connect(&server, user).await;
        let questions = if user == "audit" { ["findings.audit.623023", INFO] } else { [INFO, INFO] };
        for (question, answer) in
            questions.into_iter().flat_map(|q| ["log.directory.unit_added", "set_aside.x"].map(|a| (q, a)))
        {
            spy.client.publish_with_reply(question, answer, "{}".into()).await.unwrap();
        }
        spy.client.flush().await.unwrap();
        // The server works through what one connection sends in order: once this is answered, the rest is done.
        let info = spy.client.request(INFO, "".into()).await.unwrap();
        assert!(String::from_utf8_lossy(&info.payload).contains("FINDINGS"));
    }
    assert_eq!(held(&server).await, [2, 0, 0]);
}

const INFO: &str = "$JS.API.STREAM.INFO.FINDINGS";

/// A user that tries what it may not.
struct Spy {
    user: &'static str,
    client: Client,
    told: UnboundedReceiver<String>,
}

impl Spy {
    async fn connect(server: &Server, user: &'static str) -> Self {
        let (tell, told) = unbounded_channel();
        let client = ConnectOptions::new()
            .custom_inbox_prefix(format!("_INBOX.{user}"))
            .user_and_password(user.to_owned(), nats::password_of(user))
            .event_callback(move |event| {
                if let Event::ServerError(error) = event {
                    let _ = tell.send(error.to_string());
                }
                std::future::ready(())
            })
            .connect(format!("127.0.0.1:{}", server.port()))
            .await
            .unwrap();
        Self { user, client, told }
    }

    async fn may_not_publish(&mut self, subject: &str) {
        self.client.publish(subject.to_owned(), "{}".into()).await.unwrap();
        // In an account of its own, what a service asks of JetStream goes by another name.
        let shown = match (self.user, subject.strip_prefix("$JS.API.")) {
            ("registrar", _) | (_, None) => subject.to_owned(),
            (_, Some(rest)) => format!("rectify.{rest}"),
        };
        self.is_told(&format!("Permissions Violation for Publish to \"{shown}\"")).await;
    }

    async fn may_not_subscribe(&mut self, subject: &str) {
        let _heard = self.client.subscribe(subject.to_owned()).await.unwrap();
        self.is_told(&format!("Permissions Violation for Subscription to \"{subject}\"")).await;
    }

    async fn is_told(&mut self, refusal: &str) {
        let what = format!("{}: {refusal}", self.user);
        let told = within(&what, async { self.told.recv().await.unwrap() }).await;
        assert!(told.contains(refusal), "{what}, and not: {told}");
    }
}
