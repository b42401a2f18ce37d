use rectify_case::completion::Outcome;
use rectify_case::evidence::{Evidence, Side};
use rectify_case::finding::{PetitionClass, Subject};
use rectify_case::quantity::Amounts;
use rectify_case::{CaseEvent, CaseId, Digest, Reader, Role, UnitId};
use rectify_ledger::{Signal, SignalKind, Viewer};
use rectify_log::NewEvent;

use crate::bed::{Bed, instant, late};
use crate::history::{
    Dice, assigned, case, closed, completed, finding, granted, of_county, person, petition, prefecture, registered,
    reported,
};

const NOW: &str = "2020-07-01T00:00:00Z";

/// A text handed round: only who reports differs.
fn handed_round(unit: &str) -> String {
    format!("{unit}高度重视，立即召开专题会议研究部署，逐户核查资金发放情况，足额补发到户，并建立长效机制，定期回访。")
}

/// Returns how a case comes to be rectified by a unit, with so many days for it.
fn accepted(n: u64, lead: UnitId, days: u16) -> Vec<NewEvent> {
    let verifier = Some(of_county(0, 1));
    vec![
        reported(finding(n, "问题的原文")).into(),
        registered(n).into(),
        assigned(lead, days, verifier).into(),
        CaseEvent::Accepted { unit: lead }.into(),
    ]
}

fn told(unit: UnitId, account: &str) -> CaseEvent {
    let account = account.to_owned();
    CaseEvent::CompletionReported { unit, outcome: Outcome::Rectified, account, fixed: Amounts::new() }
}

fn passed(unit: UnitId) -> CaseEvent {
    CaseEvent::LevelPassed {
        level: 0,
        unit,
        relied_on: Vec::new(),
        verified: Amounts::new(),
        verdict: None,
        opinion: "属实".to_owned(),
    }
}

fn digest(n: u64) -> Digest {
    format!("{n:064x}").parse().unwrap()
}

fn filed(unit: UnitId, digest: Digest, name: &str, side: Side) -> CaseEvent {
    let media_type = if name.rsplit('.').next() == Some("pdf") { "application/pdf" } else { "image/jpeg" };
    let evidence = Evidence { digest, name: name.to_owned(), media_type: media_type.to_owned(), size: 1 };
    CaseEvent::EvidenceFiled { evidence, side, unit }
}

async fn signals(bed: &Bed, viewer: &Viewer, kind: SignalKind) -> Vec<Signal> {
    let page = bed.ledger.signals(viewer, kind, None, 100).await.unwrap();
    assert_eq!((page.kind, page.next), (kind, None));
    page.signals
}

/// Returns the cases that a signal is seen in, the latest event first.
fn cases(signal: &Signal) -> Vec<CaseId> {
    signal.traces.iter().map(|trace| trace.case).collect()
}

pub async fn what_one_event_shows_is_asked_about(bed: &Bed) {
    let (lead, office) = (of_county(1, 2), of_county(0, 1));
    // Reported on the last day, and passed at once.
    let mut events = accepted(1, lead, 0);
    events.extend([completed(lead).into(), passed(office).into()]);
    bed.case(case(1), events).await;
    // In time, passed on some day, and with a picture that is older than the finding of 2020-04-01.
    let mut events = accepted(2, lead, 60);
    events.push(filed(lead, digest(1), "IMG_20200312_093000.jpg", Side::Responsible).into());
    events.push(filed(lead, digest(2), "IMG_20200420_093000.jpg", Side::Responsible).into());
    events.push(filed(office, digest(3), "2019-12-01 通知.pdf", Side::Office).into());
    events.extend([completed(lead).into(), late(passed(office), "2020-04-25")]);
    bed.case(case(2), events).await;
    bed.fold().await;
    let operator = Viewer::operator();

    let on_deadline = signals(bed, &operator, SignalKind::OnDeadline).await;
    let [signal] = on_deadline.as_slice() else { panic!("{on_deadline:?}") };
    let trace = &signal.traces[0];
    assert_eq!((trace.case, trace.event.as_str(), trace.version), (case(1), "completion_reported", 5));
    assert_eq!((trace.unit, Some(trace.day)), (lead, trace.other_day));

    let soon = signals(bed, &operator, SignalKind::SoonVerified).await;
    let [signal] = soon.as_slice() else { panic!("{soon:?}") };
    let trace = &signal.traces[0];
    assert_eq!((trace.case, trace.report, trace.seconds, trace.unit), (case(1), Some(5), Some(0), office));

    let older = signals(bed, &operator, SignalKind::OlderEvidence).await;
    let [signal] = older.as_slice() else { panic!("{older:?}") };
    let trace = &signal.traces[0];
    assert_eq!((trace.case, trace.digest.clone()), (case(2), Some(digest(1))));
    assert_eq!(trace.other_day, Some("2020-03-12".parse().unwrap()));
    assert_eq!(trace.discovered, Some("2020-04-01".parse().unwrap()));
    bed.check_rebuilt().await;
}

pub async fn what_several_cases_share_is_asked_about(bed: &Bed) {
    let units = [of_county(1, 2), of_county(2, 2), of_county(3, 2)];
    for n in 0..6 {
        let lead = units[usize::try_from(n % 3).unwrap()];
        let mut events = accepted(n, lead, 60);
        // One picture in two cases, a notice that the office puts on each.
        events.push(filed(lead, digest(if n < 2 { 1 } else { 10 + n }), "现场.jpg", Side::Responsible).into());
        events.push(filed(of_county(0, 1), digest(99), "通知.pdf", Side::Office).into());
        let account = match n {
            0 | 1 => handed_round(&format!("单位{n}")),
            2 => "更换破损水管三百米，修复蓄水池两座，经水质检测合格后恢复供水，落实管护人员两名。".to_owned(),
            _ => "已整改到位".to_owned(),
        };
        events.extend([told(lead, &account).into(), CaseEvent::Verified { levels: 1 }.into()]);
        // Five on the last day of a month.
        events.push(late(closed(), if n == 0 { "2020-04-15" } else { "2020-04-30" }));
        bed.case(case(n), events).await;
    }
    bed.fold().await;
    let operator = Viewer::operator();

    let pictures = signals(bed, &operator, SignalKind::SamePhotograph).await;
    let [signal] = pictures.as_slice() else { panic!("{pictures:?}") };
    assert_eq!((signal.cases, cases(signal)), (2, vec![case(1), case(0)]));
    assert!(signal.traces.iter().all(|trace| trace.digest == Some(digest(1)) && trace.event == "evidence_filed"));

    let words = signals(bed, &operator, SignalKind::SameWords).await;
    let [signal] = words.as_slice() else { panic!("{words:?}") };
    assert_eq!((signal.cases, cases(signal)), (2, vec![case(1), case(0)]));

    let months = signals(bed, &operator, SignalKind::MonthEnd).await;
    let [signal] = months.as_slice() else { panic!("{months:?}") };
    assert_eq!((signal.cases, signal.closed_in_month), (5, Some(6)));
    assert!(!cases(signal).contains(&case(0)) && signal.traces.len() == 5);

    // Nothing is older than what was found, until a problem is found after a file was there.
    assert_eq!(signals(bed, &operator, SignalKind::OlderEvidence).await, []);
    let mut later = finding(7, "又一个问题");
    later.discovered = "2020-05-20".parse().unwrap();
    let again = filed(units[2], digest(12), "现场.jpg", Side::Responsible);
    bed.case(case(7), [reported(later).into(), again.into()]).await;
    bed.fold().await;
    let older = signals(bed, &operator, SignalKind::OlderEvidence).await;
    let [signal] = older.as_slice() else { panic!("{older:?}") };
    assert_eq!((signal.cases, cases(signal)), (1, vec![case(7), case(2)]));
    bed.check_rebuilt().await;
}

pub async fn what_is_kept_from_somebody_is_no_signal_to_them(bed: &Bed) {
    bed.directory(prefecture(&mut Dice::new(1))).await;
    bed.directory([granted(100, of_county(1, 1), Role::Officer), granted(101, of_county(0, 1), Role::Auditor)]).await;
    let lead = of_county(1, 2);
    // An accusation of the county's office, and a plain finding of the county, with the same picture, words and days.
    let accusation = petition(1, PetitionClass::Accusation, vec![Subject::Unit(of_county(1, 1))]);
    for (n, first, unit) in [(1, accusation, of_county(0, 2)), (2, finding(2, "问题的原文"), lead)] {
        let mut events: Vec<NewEvent> = accepted(n, unit, 0);
        events[0] = reported(first).into();
        events.push(filed(unit, digest(1), "IMG_20200301_101112.jpg", Side::Responsible).into());
        events.extend([told(unit, &handed_round("本单位")).into(), passed(of_county(0, 1)).into()]);
        bed.case(case(n), events).await;
    }
    bed.fold().await;
    let (_, directory) = bed.told().await;
    let viewer = |who| Viewer::of(Reader::of(person(who), &directory, instant(NOW)));
    for kind in SignalKind::ALL.into_iter().filter(|kind| *kind != SignalKind::MonthEnd) {
        let all = signals(bed, &viewer(101), kind).await;
        assert!(all.iter().flat_map(cases).any(|id| id == case(1)), "{kind:?}");
        let own = signals(bed, &viewer(100), kind).await;
        assert!(own.iter().flat_map(cases).all(|id| id == case(2)), "{kind:?}");
        let shared = [SignalKind::SamePhotograph, SignalKind::SameWords].contains(&kind);
        assert_eq!(own.is_empty(), shared, "{kind:?}");
    }
}

pub async fn pages_of_signals_give_each_once(bed: &Bed) {
    let units = [of_county(1, 2), of_county(2, 2)];
    for n in 0..10 {
        let unit = units[usize::try_from(n % 2).unwrap()];
        let mut events = accepted(n, unit, 0);
        let named = "IMG_20200301_101112.jpg";
        events.push(filed(unit, digest(n / 2), named, Side::Responsible).into());
        // Of two cases each, and with no two characters in a row as in another.
        let first = 0x4e00 + u32::try_from(n / 2).unwrap() * 0x100;
        let account: String = (first..first + 60).filter_map(char::from_u32).collect();
        events.extend([told(unit, &account).into(), passed(unit).into()]);
        bed.case(case(n), events).await;
    }
    bed.fold().await;
    for kind in SignalKind::ALL {
        let all = signals(bed, &Viewer::operator(), kind).await;
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = bed.ledger.signals(&Viewer::operator(), kind, before, 2).await.unwrap();
            seen.extend(page.signals);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen, all, "{kind:?}");
        let expected = match kind {
            SignalKind::OnDeadline | SignalKind::SoonVerified | SignalKind::OlderEvidence => 10,
            SignalKind::SamePhotograph | SignalKind::SameWords => 5,
            SignalKind::MonthEnd => 0,
        };
        assert_eq!(all.len(), expected, "{kind:?}");
    }
}
