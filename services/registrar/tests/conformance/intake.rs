use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures::future::join_all;
use futures::{StreamExt as _, TryStreamExt as _};
use rectify_accounts::Accounts;
use rectify_bus::{Receipt, SubmitError};
use rectify_case::finding::{Details, PetitionClass, PetitionDetails};
use rectify_case::{Command, PersonId, Position, Role, Stage};
use rectify_tests::until;
use uuid::Uuid;

use crate::bed::{AUDITOR, Bed, LIMIT, by, enter_unseen, finding, held, saying};

pub async fn each_finding_opens_one_case_however_often_it_is_handed_in(bed: Bed) {
    let _running = bed.start();
    let all = (0..500).chain((0..500).rev()).chain(100..200).map(|item| bed.submission(finding(item)));
    let receipts: Vec<Receipt> = bed.frame.bus.submit_all(all.collect::<Vec<_>>()).try_collect().await.unwrap();
    assert_eq!(receipts.len(), 1100);
    bed.until(500, "finding_reported").await;

    let events = bed.events().await;
    assert_eq!(events.len(), 500, "the same again is nothing");
    let streams: BTreeSet<_> = events.iter().map(|event| event.envelope.stream).collect();
    assert_eq!(streams.len(), 500);
    // Whoever was told "recorded" finds it in the log at once.
    if bed.server.is_none() {
        assert!(receipts.iter().all(|receipt| *receipt == Receipt::Recorded));
    }
    let first = &events[0].envelope;
    assert_eq!(first.actor, by(crate::bed::SOURCE, Role::SourceSystem, AUDITOR));
    assert!(first.received.is_some_and(|received| received <= first.recorded));
}

pub async fn other_content_amends_and_the_same_again_is_nothing(bed: Bed) {
    let _running = bed.start();
    let (one, other, third) = (finding(1), saying(&finding(1), "资金滞留23.1万元"), saying(&finding(1), "已部分拨付"));
    for (handed_in, amended) in [(&one, 0), (&one, 0), (&other, 1), (&other, 1), (&third, 2)] {
        bed.submit(handed_in.clone()).await.unwrap();
        bed.until(1, "finding_reported").await;
        bed.until(amended, "finding_amended").await;
    }
    assert_eq!(bed.case(&one).await.findings[0].finding, third);
    assert_eq!(bed.events().await.len(), 3);

    // Many at once of one finding stay in order.
    let said: Vec<_> = (0..60).map(|n| bed.submission(saying(&finding(2), &format!("第{n}稿")))).collect();
    let handed_in: Vec<_> = bed.frame.bus.submit_all(said).collect().await;
    assert!(handed_in.iter().all(Result::is_ok));
    bed.until(2 + 59, "finding_amended").await;
    assert_eq!(bed.case(&finding(2)).await.findings[0].finding.title, "第59稿");
}

pub async fn what_was_handed_in_last_has_the_last_word_in_whatever_order_it_is_delivered(bed: Bed) {
    let _running = bed.start();
    let mut handed_in = [finding(1), saying(&finding(1), "资金滞留23.1万元"), saying(&finding(1), "已部分拨付")]
        .map(|finding| bed.submission(finding));
    for (seconds, submission) in (0..).zip(&mut handed_in) {
        submission.received += TimeDelta::seconds(seconds) - TimeDelta::minutes(1);
    }
    let [first, second, third] = &handed_in;
    // The third opens the case; the first and the second are told after it, and it is said again after each.
    for (submission, amended) in [(third, 0), (first, 2), (second, 4), (first, 4), (third, 4)] {
        bed.frame.bus.submit(submission).await.unwrap();
        bed.until(1, "finding_reported").await;
        bed.until(amended, "finding_amended").await;
    }
    assert_eq!(bed.case(&first.finding).await.findings[0].finding, third.finding);
    assert_eq!(bed.events().await.len(), 5);
}

pub async fn what_was_taken_back_before_it_was_delivered_does_not_stand(bed: Bed) {
    let _running = bed.start();
    let mut handed_in =
        [finding(1), saying(&finding(1), "已部分拨付"), finding(1)].map(|finding| bed.submission(finding));
    for (seconds, submission) in (0..).zip(&mut handed_in) {
        submission.received += TimeDelta::seconds(seconds) - TimeDelta::minutes(1);
    }
    let [first, second, third] = &handed_in;
    let accounts = Accounts::open(bed.frame.db.clone()).await.unwrap();
    bed.frame.bus.submit(first).await.unwrap();
    bed.until(1, "finding_reported").await;
    // It says what the first did, and is no news while the second is still on its way.
    bed.frame.bus.submit(third).await.unwrap();
    until(LIMIT, "the third is heard", async || {
        accounts.heard(first.finding.id()).await.unwrap().values().any(|heard| *heard == third.received)
    })
    .await;
    bed.frame.bus.submit(second).await.unwrap();
    bed.until(2, "finding_amended").await;
    assert_eq!(bed.case(&first.finding).await.findings[0].finding, third.finding);
    assert_eq!(bed.events().await.len(), 3);
}

pub async fn what_the_office_entered_by_hand_is_the_same_finding(bed: Bed) {
    let one = finding(1);
    bed.act(&one, Command::Report { finding: Box::new(one.clone()) }).await;
    let _running = bed.start();
    bed.submit(one.clone()).await.unwrap();
    bed.submit(saying(&one, "资金滞留23.1万元")).await.unwrap();
    bed.until(1, "finding_amended").await;
    assert_eq!(bed.events().await.len(), 2);
}

pub async fn what_a_source_takes_back_stands_as_before(bed: Bed) {
    let _running = bed.start();
    let (one, other) = (finding(1), saying(&finding(1), "在册"));
    bed.submit(one.clone()).await.unwrap();
    bed.submit(other).await.unwrap();
    bed.submit(one.clone()).await.unwrap();
    bed.until(2, "finding_amended").await;
    assert_eq!(bed.case(&one).await.findings[0].finding, one);
}

pub async fn two_registrars_at_once_open_each_case_once(bed: Bed) {
    let _running = [bed.start(), bed.start()];
    // Said twice, the second time is no news; so it is of another content.
    let one = (0..300).map(|item| bed.submission(finding(item)));
    let told: Vec<_> = bed.frame.bus.submit_all(one.collect::<Vec<_>>()).try_collect().await.unwrap();
    assert_eq!(told.len(), 300);
    bed.until(300, "finding_reported").await;
    let other = (0..300).map(|item| bed.submission(saying(&finding(item), "补充后")));
    let told: Vec<_> = bed.frame.bus.submit_all(other.collect::<Vec<_>>()).try_collect().await.unwrap();
    assert_eq!(told.len(), 300);
    bed.until(300, "finding_amended").await;
    assert_eq!(bed.events().await.len(), 600);
}

pub async fn what_comes_again_otherwise_after_its_case_ended_is_put_before_the_office_once(bed: Bed) {
    let _running = bed.start();
    let (one, other) = (finding(1), saying(&finding(1), "资金仍未拨付"));
    bed.submit(one.clone()).await.unwrap();
    bed.until(1, "finding_reported").await;
    let before = bed.submission(saying(&one, "在册"));
    bed.frame.bus.submit(&before).await.unwrap();
    bed.until(1, "finding_amended").await;
    bed.act(&one, Command::Dismiss { reason: "已在他案处理".to_owned() }).await;

    // The same file once more says nothing that was not said.
    bed.submit(saying(&one, "在册")).await.unwrap();
    bed.submit(other.clone()).await.unwrap();
    bed.until(1, "finding_repeated").await;
    bed.submit(other.clone()).await.unwrap();
    // What was handed in before the end, delivered again, is no news; a finding after it shows that it was looked at.
    bed.frame.bus.submit(&before).await.unwrap();
    bed.submit(finding(2)).await.unwrap();
    bed.until(2, "finding_reported").await;
    bed.until(1, "finding_repeated").await;
    let case = bed.case(&one).await;
    assert_eq!((case.stage, case.repeated), (Some(Stage::Dismissed), 1));
    assert_eq!(case.findings[0].finding.title, "在册");
}

pub async fn what_is_refused_is_set_aside_with_the_reason(bed: Bed) {
    let _running = bed.start();
    let mut of_no_source = bed.submission(finding(1));
    of_no_source.finding.source = "hearsay".parse().unwrap();
    let mut of_nobody = bed.submission(finding(2));
    of_nobody.sender.person = PersonId(Uuid::from_u128(999));
    let mut classified = bed.submission(finding(3));
    classified.finding.text.push_str("机密★3年");
    let mut unsealed = bed.submission(finding(5));
    let details = PetitionDetails { class: PetitionClass::Request, subjects: vec![], reply: None, sealed: None };
    unsealed.finding.details = Details::Petition(details);
    let poison = [of_no_source, of_nobody, classified, unsealed];
    let submissions = poison.iter().map(|submission| bed.frame.bus.submit(submission));
    let told = join_all(submissions).await;
    // In the process the sender hears it, over NATS the office.
    for told in told {
        match (&bed.server, told) {
            (None, Err(SubmitError::SetAside { .. })) | (Some(_), Ok(Receipt::Queued { .. })) => {}
            (_, told) => panic!("{told:?}"),
        }
    }
    bed.submit(finding(4)).await.unwrap();
    bed.until(1, "finding_reported").await;

    let mut reasons: Vec<String> = Vec::new();
    rectify_tests::until(LIMIT, "four are set aside", async || {
        reasons = bed.frame.bus.set_aside().await.unwrap().into_iter().map(|aside| aside.reason).collect();
        reasons.len() >= 4
    })
    .await;
    reasons.sort();
    assert_eq!(
        reasons,
        [
            "信访件未密封，不能登记；请经信访入口重新报送。 The petition is not sealed and cannot be registered; hand it in again by the \
             petition intake.",
            "内容标有密级（秘密、机密、绝密），不得录入。 The text is marked as classified (秘密, 机密, 绝密) and may not be entered.",
            "您在该单位没有此角色，或任期已过。请由管理员核对角色与任期。 You do not hold this role in this unit now. Ask an \
             administrator to check the role and its dates.",
            "问题来源未定义。 (hearsay) The source is not defined. (hearsay)",
        ]
    );
}

pub async fn a_sender_that_was_entered_a_moment_ago_is_not_refused(bed: Bed) {
    let _running = bed.start();
    for n in 0..20 {
        let newcomer = PersonId(Uuid::from_u128(500 + n));
        let mut submission = bed.submission(finding(usize::try_from(n).unwrap()));
        submission.sender.person = newcomer;
        let entered: Position = enter_unseen(&bed.frame, vec![held(newcomer, Role::SourceSystem, AUDITOR)]).await;
        bed.frame.bus.submit(&submission).await.unwrap();
        bed.until(usize::try_from(n).unwrap() + 1, "finding_reported").await;
        let event = bed.events().await.pop().unwrap();
        assert!(event.envelope.facts_at >= entered);
    }
}
