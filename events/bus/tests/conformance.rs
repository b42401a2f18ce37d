//! What the bus promises, on both its backends; and what only NATS can show.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod samples;

#[path = "conformance/mirror.rs"]
mod mirror;
#[path = "conformance/accounts.rs"]
mod nats_accounts;
#[path = "conformance/nats.rs"]
mod nats_only;
#[path = "conformance/server.rs"]
mod server;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::{FutureExt as _, StreamExt as _};
use rectify_bus::{Bus, Delivery, Findings, LIMIT, Receipt, Seal, Submission, SubmitError};
use rectify_tests::nats::Server;
use samples::{instant, submission};
use server::{connected, server, within};
use tokio::task::JoinHandle;

/// A bus to judge, with the server behind it where there is one.
struct Backend {
    bus: Bus,
    server: Option<Server>,
}

impl Backend {
    #[expect(clippy::unused_async, reason = "both backends are made alike")]
    async fn in_process() -> Self {
        Self { bus: Bus::in_process(), server: None }
    }

    async fn nats() -> Self {
        let server = server().await;
        Self { bus: connected(&server).await, server: Some(server) }
    }

    /// Lets nothing be accepted: nobody takes findings in the process, and the server stands still on NATS.
    fn stall(&self) {
        if let Some(server) = &self.server {
            server.freeze();
        }
    }

    fn go_on(&self) {
        if let Some(server) = &self.server {
            server.thaw();
        }
    }

    async fn findings(&self) -> Findings {
        self.bus.findings().await.unwrap().sealing(Seal::new(<[u8]>::to_vec))
    }

    /// Hands in a finding without waiting for the answer.
    fn hand_in(&self, submission: Submission) -> JoinHandle<Result<Receipt, SubmitError>> {
        let bus = self.bus.clone();
        tokio::spawn(async move { bus.submit(&submission).await })
    }
}

macro_rules! conformance {
    ($($rule:ident,)*) => {
        mod in_process {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                super::$rule(super::Backend::in_process().await).await;
            })*
        }

        mod nats {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                super::$rule(super::Backend::nats().await).await;
            })*
        }
    };
}

conformance! {
    a_finding_comes_as_it_was_handed_in,
    a_finding_dropped_without_an_ack_comes_again,
    a_finding_to_be_retried_comes_again_and_not_before_its_delay,
    a_finding_waiting_for_its_retry_does_not_hold_up_the_next,
    an_acked_finding_does_not_come_again,
    what_one_registrar_left_the_next_one_gets,
    the_same_finding_is_accepted_as_often_as_it_is_sent,
    findings_come_in_the_order_they_were_handed_in,
    a_big_batch_comes_whole_and_is_answered_in_order,
    a_sender_waits_while_too_many_are_on_their_way,
    a_finding_set_aside_is_kept_with_its_reason_and_does_not_come_again,
    a_trace_comes_with_its_finding,
    a_finding_too_long_to_become_an_event_is_refused,
    the_delay_before_a_retry_grows_with_the_deliveries,
}

async fn next(findings: &mut Findings) -> Delivery {
    within("a delivery", findings.next()).await.unwrap()
}

async fn a_finding_comes_as_it_was_handed_in(backend: Backend) {
    let mut findings = backend.findings().await;
    let sent = backend.hand_in(submission(1));
    let delivery = next(&mut findings).await;
    assert_eq!(delivery.submission, submission(1));
    assert_eq!(delivery.delivered, 1);
    assert_eq!(delivery.trace, None);
    delivery.ack().await.unwrap();
    let receipt = within("a receipt", sent).await.unwrap().unwrap();
    match backend.bus {
        Bus::Nats(_) => assert_eq!(receipt, Receipt::Queued { sequence: 1, repeated: false }),
        Bus::InProcess(_) => assert_eq!(receipt, Receipt::Recorded),
    }
    backend.bus.ready().await.unwrap();
}

async fn a_finding_dropped_without_an_ack_comes_again(backend: Backend) {
    let mut findings = backend.findings().await;
    let sent = backend.hand_in(submission(1));
    for delivered in 1..=3 {
        let delivery = next(&mut findings).await;
        assert_eq!((item(&delivery.submission), delivery.delivered), (1, delivered));
        drop(delivery);
    }
    next(&mut findings).await.ack().await.unwrap();
    within("a receipt", sent).await.unwrap().unwrap();
}

async fn a_finding_to_be_retried_comes_again_and_not_before_its_delay(backend: Backend) {
    let delay = Duration::from_millis(300);
    let mut findings = backend.findings().await;
    let sent = backend.hand_in(submission(1));
    let delivery = next(&mut findings).await;
    let asked = Instant::now();
    delivery.retry(delay).await.unwrap();
    let delivery = next(&mut findings).await;
    assert!(asked.elapsed() >= delay);
    assert_eq!(delivery.delivered, 2);
    delivery.ack().await.unwrap();
    within("a receipt", sent).await.unwrap().unwrap();
}

async fn a_finding_waiting_for_its_retry_does_not_hold_up_the_next(backend: Backend) {
    let mut findings = backend.findings().await;
    let _first = backend.hand_in(submission(1));
    next(&mut findings).await.retry(Duration::from_hours(1)).await.unwrap();
    let _second = backend.hand_in(submission(2));
    assert_eq!(item(&next(&mut findings).await.submission), 2);
}

async fn an_acked_finding_does_not_come_again(backend: Backend) {
    let mut findings = backend.findings().await;
    let _first = backend.hand_in(submission(1));
    next(&mut findings).await.ack().await.unwrap();
    let _second = backend.hand_in(submission(2));
    // Dropped again and again, the second comes past the ack wait of the first.
    for _ in 0..3 {
        assert_eq!(item(&next(&mut findings).await.submission), 2);
    }
}

async fn what_one_registrar_left_the_next_one_gets(backend: Backend) {
    let mut findings = backend.findings().await;
    let _first = backend.hand_in(submission(1));
    let left = next(&mut findings).await;
    let _second = backend.hand_in(submission(2));
    drop(findings);
    drop(left);
    let mut findings = backend.findings().await;
    let mut came = vec![];
    for _ in 0..2 {
        let delivery = next(&mut findings).await;
        came.push(item(&delivery.submission));
        delivery.ack().await.unwrap();
    }
    came.sort_unstable();
    assert_eq!(came, [1, 2]);
}

async fn the_same_finding_is_accepted_as_often_as_it_is_sent(backend: Backend) {
    let mut findings = backend.findings().await;
    let first = backend.hand_in(submission(1));
    next(&mut findings).await.ack().await.unwrap();
    let first = within("a receipt", first).await.unwrap().unwrap();
    // The very same again; the same finding, later; then with other content.
    if let Bus::Nats(_) = backend.bus {
        assert_eq!(first, Receipt::Queued { sequence: 1, repeated: false });
        let again = within("a receipt", backend.hand_in(submission(1))).await.unwrap().unwrap();
        assert_eq!(again, Receipt::Queued { sequence: 1, repeated: true });
    }
    let second = backend.hand_in(Submission { received: instant(), ..submission(1) });
    next(&mut findings).await.ack().await.unwrap();
    let second = within("a receipt", second).await.unwrap().unwrap();
    if let Bus::Nats(_) = backend.bus {
        assert_eq!(second, Receipt::Queued { sequence: 2, repeated: false });
    }
    let mut amended = submission(1);
    amended.finding.text.push_str("（更正）");
    let _third = backend.hand_in(amended.clone());
    assert_eq!(next(&mut findings).await.submission, amended);
}

async fn findings_come_in_the_order_they_were_handed_in(backend: Backend) {
    let bus = backend.bus.clone();
    let sent = tokio::spawn(async move { bus.submit_all((1..=200).map(submission)).collect::<Vec<_>>().await });
    let mut findings = backend.findings().await;
    let mut came = vec![];
    while came.len() < 200 {
        let delivery = next(&mut findings).await;
        came.push(item(&delivery.submission));
        delivery.ack().await.unwrap();
    }
    assert_eq!(came, (1..=200).collect::<Vec<_>>());
    assert!(within("the receipts", sent).await.unwrap().into_iter().all(|receipt| receipt.is_ok()));
}

async fn a_big_batch_comes_whole_and_is_answered_in_order(backend: Backend) {
    let bus = backend.bus.clone();
    let mut findings = backend.findings().await;
    // One in the middle is refused: its answer comes in its place and the others are accepted.
    let sent = tokio::spawn(async move {
        let submissions = (1..=2000).map(|n| if n == 1000 { too_long() } else { submission(n) });
        bus.submit_all(submissions).collect::<Vec<_>>().await
    });
    let mut came = BTreeSet::new();
    let mut largest = 0;
    while came.len() < 1999 {
        let batch = within("a batch", findings.next_batch(100)).await.unwrap();
        assert!((1..=100).contains(&batch.len()));
        largest = largest.max(batch.len());
        for delivery in batch {
            came.insert(item(&delivery.submission));
            delivery.ack().await.unwrap();
        }
    }
    assert!(largest > 1, "nothing ever came together");
    let receipts = within("the receipts", sent).await.unwrap();
    assert_eq!(receipts.len(), 2000);
    for (n, receipt) in (1..).zip(receipts) {
        assert_eq!(receipt.is_err(), n == 1000, "{n}: {receipt:?}");
    }
}

async fn a_sender_waits_while_too_many_are_on_their_way(backend: Backend) {
    let bus = backend.bus.clone();
    let mut findings = backend.findings().await;
    backend.stall();
    let taken = Cell::new(0);
    let submissions = (1..=1000).map(|n| {
        taken.set(n);
        submission(n)
    });
    let mut answers = pin!(bus.submit_all(submissions));
    for _ in 0..10 {
        assert!(answers.next().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!(taken.get(), 256);
    backend.go_on();
    let registrar = tokio::spawn(async move {
        while let Ok(delivery) = findings.next().await {
            delivery.ack().await.unwrap();
        }
    });
    let receipts = within("the receipts", answers.collect::<Vec<_>>()).await;
    assert_eq!((receipts.len(), taken.get()), (1000, 1000));
    assert!(receipts.into_iter().all(|receipt| receipt.is_ok()));
    registrar.abort();
}

async fn a_finding_set_aside_is_kept_with_its_reason_and_does_not_come_again(backend: Backend) {
    let mut findings = backend.findings().await;
    assert_eq!(backend.bus.set_aside().await.unwrap(), []);
    let sent = backend.hand_in(submission(1));
    drop(next(&mut findings).await);
    next(&mut findings).await.set_aside("来源 audit 未登记").await.unwrap();
    let receipt = within("a receipt", sent).await.unwrap();
    if let Bus::InProcess(_) = backend.bus {
        assert!(matches!(receipt, Err(SubmitError::SetAside { reason }) if reason == "来源 audit 未登记"));
    }
    let [kept]: [_; 1] = backend.bus.set_aside().await.unwrap().try_into().unwrap();
    assert_eq!((kept.sequence, kept.delivered), (1, 2));
    assert_eq!(kept.subject, "findings.audit.623023");
    assert_eq!(kept.reason, "来源 audit 未登记");
    assert_eq!(serde_json::from_slice::<Submission>(&kept.bytes).unwrap(), submission(1));
    let _second = backend.hand_in(submission(2));
    for _ in 0..3 {
        assert_eq!(item(&next(&mut findings).await.submission), 2);
    }
}

async fn a_trace_comes_with_its_finding(backend: Backend) {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
    let mut findings = backend.findings().await;
    let (bus, sent) = (backend.bus.clone(), Some(trace));
    let expected = sent.clone();
    tokio::spawn(async move { bus.submit_traced(&submission(1), sent.as_ref()).await });
    let delivery = next(&mut findings).await;
    assert_eq!(delivery.trace, expected);
    drop(delivery);
    assert_eq!(next(&mut findings).await.trace, expected);
}

async fn a_finding_too_long_to_become_an_event_is_refused(backend: Backend) {
    let refused = backend.bus.submit(&too_long()).await;
    assert!(matches!(refused, Err(SubmitError::TooLarge { bytes, limit: LIMIT }) if bytes > LIMIT));
}

async fn the_delay_before_a_retry_grows_with_the_deliveries(backend: Backend) {
    let mut findings = backend.findings().await;
    let _sent = backend.hand_in(submission(1));
    let mut before = Duration::ZERO;
    for _ in 0..3 {
        let delivery = next(&mut findings).await;
        assert!(delivery.backoff() > before);
        before = delivery.backoff();
        drop(delivery);
    }
}

fn item(submission: &Submission) -> u32 {
    submission.finding.reference.item.parse().unwrap()
}

fn too_long() -> Submission {
    let mut submission = submission(1000);
    submission.finding.text = "长".repeat(LIMIT / 3);
    submission
}

#[tokio::test]
async fn no_more_than_the_queue_has_room_for_wait_in_the_process() {
    let bus = Bus::in_process();
    let submissions: Vec<_> = (1..=1500).map(submission).collect();
    let sender = |submission| Box::pin(tokio::task::unconstrained(bus.submit(submission)));
    let mut senders: Vec<_> = submissions.iter().map(sender).collect();
    for sender in &mut senders {
        assert!(sender.now_or_never().is_none());
    }
    let mut findings = bus.findings().await.unwrap();
    let taken = findings.next_batch(usize::MAX).await.unwrap();
    assert_eq!(taken.len(), 1024);
}
