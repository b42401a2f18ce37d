use std::collections::{BTreeMap, BTreeSet};

use rectify_case::carried_over::Standing;
use rectify_case::finding::Severity;
use rectify_case::{CaseEvent, CaseId, Stage};
use rectify_ledger::{Filter, Indexer, LedgerError, OutcomeKind, Row, Sort, SortBy, Viewer, Wanted};
use rectify_log::NewEvent;

use crate::bed::{Bed, instant, late};
use crate::fold::write_history;
use crate::history::{
    Dice, assigned, carried_over, case, closed, completed, finding, of_county, prefecture, registered, reported,
    struck_off,
};

const NOW: &str = "2020-07-01T00:00:00Z";

async fn found(bed: &Bed, filter: &str) -> Vec<CaseId> {
    let filter: Filter = serde_json::from_str(filter).unwrap();
    let wanted = Wanted { filter, limit: 100, sort: "number".parse().unwrap(), ..Wanted::default() };
    let page = bed.ledger.list(&Viewer::operator(), &Wanted { total: true, ..wanted }, instant(NOW)).await.unwrap();
    assert_eq!(page.total, Some(page.rows.len() as u64));
    let mut ids: Vec<CaseId> = page.rows.iter().map(|row| row.id).collect();
    ids.sort();
    ids
}

pub async fn pages_give_every_case_once_while_the_ledger_changes(bed: &Bed) {
    for n in 0..40 {
        bed.case(case(n), [reported(finding(n, "一")).into(), registered(n).into()]).await;
    }
    bed.fold().await;
    let now = instant(NOW);
    let mut wanted = Wanted { limit: 7, sort: "number".parse().unwrap(), ..Wanted::default() };
    let mut seen: Vec<CaseId> = Vec::new();
    for step in 0.. {
        let page = bed.ledger.list(&Viewer::operator(), &wanted, now).await.unwrap();
        assert!(page.rows.len() <= 7);
        seen.extend(page.rows.iter().map(|row| row.id));
        let lead = of_county(1, 2);
        bed.case(case(step), [assigned(lead, 60, None).into()]).await;
        bed.case(case(39 - step), [CaseEvent::NoteAdded { text: "催".to_owned() }.into()]).await;
        bed.case(case(100 + step), [reported(finding(100 + step, "新")).into()]).await;
        bed.fold().await;
        wanted.cursor = page.next;
        if wanted.cursor.is_none() {
            break;
        }
    }
    let old: Vec<CaseId> = seen.iter().copied().filter(|id| *id < case(100)).collect();
    assert_eq!(old.len(), 40);
    assert_eq!(old.into_iter().collect::<BTreeSet<_>>().len(), 40);
}

pub async fn every_order_goes_both_ways(bed: &Bed) {
    write_history(bed, 21, 25, 150).await;
    bed.fold().await;
    let now = instant(NOW);
    let viewer = Viewer::operator();
    for by in SortBy::ALL {
        let sort = |descending| Sort { by, descending };
        let wanted = |descending| Wanted { sort: sort(descending), limit: 4, ..Wanted::default() };
        let forward = bed.ids(&viewer, wanted(false), now).await;
        let mut backward = bed.ids(&viewer, wanted(true), now).await;
        backward.reverse();
        assert_eq!(forward, backward, "{by:?}");
        assert_eq!(forward.len(), 25);
    }
    let page = Wanted { sort: "due".parse().unwrap(), limit: 100, ..Wanted::default() };
    let rows = bed.ledger.list(&viewer, &page, now).await.unwrap().rows;
    let dues: Vec<_> = rows.iter().map(|row| (row.due.is_none(), row.due)).collect();
    assert!(dues.is_sorted() && dues.first() < dues.last(), "{dues:?}");
}

pub async fn filters_find_what_they_say(bed: &Bed) {
    bed.directory(prefecture(&mut Dice::new(1))).await;
    let (water, township, office) = (of_county(1, 2), of_county(1, 4), of_county(1, 1));
    bed.case(case(0), [reported(finding(0, "一")).into()]).await;
    bed.case(case(1), [reported(finding(1, "一")).into(), registered(1).into(), assigned(township, 30, None).into()])
        .await;
    let plain = |events: Vec<CaseEvent>| events.into_iter().map(NewEvent::from).collect::<Vec<_>>();
    let accepted = CaseEvent::Accepted { unit: water };
    let begun =
        |n| vec![reported(finding(n, "一")), registered(n), assigned(water, 90, Some(office)), accepted.clone()];
    let asked =
        CaseEvent::ExtensionRequested {
            unit: water, until: "2020-08-01".parse().unwrap(), reason: "汛期".to_owned()
        };
    let raised = CaseEvent::SeverityRaised {
        from: Severity::Ordinary,
        to: Severity::Grave,
        reason: "涉及面广".to_owned(),
        levels: Vec::new(),
    };
    let listed = CaseEvent::Listed { target: "限期".to_owned(), leader: crate::history::person(1) };
    bed.case(case(2), plain([begun(2), vec![asked, raised, listed]].concat())).await;
    bed.case(case(3), plain([begun(3), vec![completed(water)]].concat())).await;
    let verified = CaseEvent::Verified { levels: 1 };
    bed.case(case(4), plain([begun(4), vec![completed(water), verified, closed()]].concat())).await;
    let part = CaseEvent::PartOpened {
        parent: case(2),
        findings: vec![finding(2, "一")],
        found: [].into(),
        title: "部分".to_owned(),
    };
    bed.case(case(5), [part.into()]).await;
    bed.fold().await;

    let all: Vec<CaseId> = (0..6).map(case).collect();
    let cases = |of: &[u64]| of.iter().map(|n| case(*n)).collect::<Vec<_>>();
    assert_eq!(found(bed, "{}").await, all);
    assert_eq!(found(bed, r#"{"stage": "assigned, reported"}"#).await, cases(&[1, 3]));
    assert_eq!(found(bed, r#"{"stage": ["closed"], "outcome": "rectified"}"#).await, cases(&[4]));
    assert_eq!(found(bed, r#"{"source": "audit", "division": "623000"}"#).await, all);
    assert_eq!(found(bed, r#"{"division": "623024"}"#).await, []);
    assert_eq!(found(bed, &format!(r#"{{"unit": "{township}"}}"#)).await, cases(&[1]));
    assert_eq!(found(bed, &format!(r#"{{"unit": "{water}"}}"#)).await, cases(&[1, 2, 3, 4]));
    assert_eq!(found(bed, &format!(r#"{{"unit": "{office}"}}"#)).await, []);
    assert_eq!(found(bed, &format!(r#"{{"holder": "{office}"}}"#)).await, cases(&[3]));
    assert_eq!(found(bed, r#"{"waits": "accept, verify"}"#).await, cases(&[1, 3]));
    assert_eq!(found(bed, r#"{"waits": "decide_extension", "severity": "grave"}"#).await, cases(&[2]));
    assert_eq!(found(bed, r#"{"severity": "grave,serious"}"#).await, cases(&[2]));
    assert_eq!(found(bed, r#"{"listed": "true", "extension": true}"#).await, cases(&[2]));
    assert_eq!(found(bed, r#"{"listed": "false"}"#).await, cases(&[0, 1, 3, 4, 5]));
    assert_eq!(found(bed, r#"{"number": "审计-2020-0002"}"#).await, cases(&[2]));
    assert_eq!(found(bed, r#"{"number": "审计-2020"}"#).await, cases(&[1, 2, 3, 4]));
    assert_eq!(found(bed, &format!(r#"{{"parent": "{}"}}"#, case(2))).await, cases(&[5]));
    assert_eq!(found(bed, r#"{"overdue": true}"#).await, cases(&[1]));
    assert_eq!(found(bed, r#"{"overdue": false}"#).await, cases(&[0, 2, 3, 4, 5]));
    assert_eq!(found(bed, r#"{"due_before": "2020-12-31T00:00:00Z"}"#).await, cases(&[1, 2, 3]));
    assert_eq!(found(bed, r#"{"live": false}"#).await, cases(&[4]));
    assert_eq!(found(bed, r#"{"discovered_from": "2020-04-01", "discovered_to": "2020-04-01"}"#).await, all);
    assert_eq!(found(bed, r#"{"discovered_from": "2020-04-02"}"#).await, []);
    assert_eq!(found(bed, r#"{"registered_to": "2020-04-25"}"#).await, cases(&[1, 2, 3, 4]));
    assert_eq!(found(bed, r#"{"reported_from": "2020-04-25"}"#).await, cases(&[3, 4]));

    let row = bed.ledger.case(&Viewer::operator(), case(3), instant(NOW)).await.unwrap().unwrap();
    assert_eq!((row.stage, row.level, row.holder), (Stage::Reported, Some(0), Some(office)));
    assert_eq!((row.number.as_deref(), row.lead), (Some("审计-2020-0003"), Some(water)));
    let number = row.number.unwrap().parse().unwrap();
    assert_eq!(bed.ledger.resolve(&number).await.unwrap(), Some(case(3)));
}

pub async fn what_was_carried_over_is_found_by_its_old_number_and_told_from_what_was_proved(bed: &Bed) {
    let water = of_county(1, 2);
    let under_way = carried_over(finding(1, "一"), "舟整改〔2019〕17", Standing::UnderWay, water);
    bed.case(case(1), [under_way.into()]).await;
    bed.case(case(2), [carried_over(finding(2, "一"), "舟整改〔2019〕18", struck_off(), water).into()]).await;
    let proved = [reported(finding(3, "一")), registered(3), assigned(water, 60, None)].into_iter().chain([
        CaseEvent::Accepted { unit: water },
        completed(water),
        CaseEvent::Verified { levels: 1 },
        closed(),
    ]);
    bed.case(case(3), proved.map(NewEvent::from)).await;
    bed.fold().await;
    Indexer::new(&bed.ledger).catch_up().await.unwrap();
    assert_eq!(found(bed, r#"{"number": "舟整改〔2019〕17"}"#).await, [case(1)]);
    assert_eq!(found(bed, r#"{"number": "舟整改"}"#).await, [case(1), case(2)]);
    assert_eq!(found(bed, r#"{"number": "审计-2019-0002"}"#).await, [case(2)]);
    assert_eq!(found(bed, r#"{"text": "舟整改〔2019〕18"}"#).await, [case(2)]);
    assert_eq!(found(bed, r#"{"carried_over": true}"#).await, [case(1), case(2)]);
    assert_eq!(found(bed, r#"{"declared": true}"#).await, [case(2)]);
    assert_eq!(found(bed, r#"{"stage": "closed", "declared": false}"#).await, [case(3)]);
    let row = bed.ledger.case(&Viewer::operator(), case(2), instant(NOW)).await.unwrap().unwrap();
    assert_eq!((row.carried_over, row.declared, row.old_number.as_deref()), (true, true, Some("舟整改〔2019〕18")));
    assert_eq!(row.registered.map(|day| day.to_string()).as_deref(), Some("2019-11-20"));
    let counts = bed.ledger.counts(&Viewer::operator(), instant(NOW)).await.unwrap();
    let rectified = |n| BTreeMap::from([(OutcomeKind::Rectified, n)]);
    assert_eq!((counts.by_outcome, counts.by_declared_outcome), (rectified(1), rectified(1)));
    assert_eq!(counts.by_stage[&Stage::Closed], 2);

    // What lives again is proved from there on.
    let deadline = crate::history::deadline(30);
    bed.case(case(2), [CaseEvent::Reopened { reason: "反弹".to_owned(), deadline }.into()]).await;
    bed.fold().await;
    let counts = bed.ledger.counts(&Viewer::operator(), instant(NOW)).await.unwrap();
    assert_eq!((counts.by_outcome, counts.by_declared_outcome), (rectified(1), BTreeMap::new()));
    assert_eq!(found(bed, r#"{"carried_over": true}"#).await, [case(1), case(2)]);
    bed.check_rebuilt().await;
}

pub async fn elapsed_time_is_exact(bed: &Bed) {
    let water = of_county(1, 2);
    for (n, reported_at) in
        [(1, "2020-06-30T01:00:00Z"), (2, "2020-06-30T01:00:00.000001Z"), (3, "2020-07-30T02:00:00Z")]
    {
        let mut one = finding(n, "一");
        one.discovered = "2020-05-01T01:00:00Z".parse().unwrap();
        let events = [registered(n), assigned(water, 60, None), CaseEvent::Accepted { unit: water }];
        let begun = [late(reported(one), "2020-05-01T01:00:00Z")].into_iter();
        let done = late(completed(water), reported_at);
        bed.case(case(n), begun.chain(events.map(NewEvent::from)).chain([done])).await;
    }
    bed.fold().await;
    assert_eq!(found(bed, r#"{"elapsed_over": "60"}"#).await, [case(2), case(3)]);
    assert_eq!(found(bed, r#"{"elapsed_over": 90}"#).await, [case(3)]);
    let row: Row = bed.ledger.case(&Viewer::operator(), case(1), instant(NOW)).await.unwrap().unwrap();
    assert_eq!(row.elapsed, Some(60 * 86_400));
}

pub async fn a_cursor_of_another_list_is_refused(bed: &Bed) {
    for n in 0..3 {
        bed.case(case(n), [reported(finding(n, "一")).into()]).await;
    }
    bed.fold().await;
    let now = instant(NOW);
    let wanted = Wanted { limit: 1, sort: "number".parse().unwrap(), ..Wanted::default() };
    let next = bed.ledger.list(&Viewer::operator(), &wanted, now).await.unwrap().next;
    for (cursor, sort) in [(next, "due"), (Some("7b7d".to_owned()), "number"), (Some("乱".to_owned()), "number")] {
        let wanted = Wanted { cursor, sort: sort.parse().unwrap(), ..wanted.clone() };
        let refused = bed.ledger.list(&Viewer::operator(), &wanted, now).await;
        assert!(matches!(refused, Err(LedgerError::BadCursor)));
    }
}
