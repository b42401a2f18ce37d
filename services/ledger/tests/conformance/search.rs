use rectify_case::{Actor, CaseEvent, CaseId, Reader, Role, StreamId};
use rectify_ledger::{Filter, Indexer, Viewer, Wanted};
use rectify_log::{Append, Expected, NewEvent, Write};

use crate::bed::{Bed, instant};
use crate::history::{Dice, assigned, case, finding, granted, of_county, person, prefecture, registered, reported};

async fn found(bed: &Bed, text: &str) -> Vec<CaseId> {
    let filter = Filter { text: Some(text.to_owned()), ..Filter::default() };
    // Page by page, so that the order by phrase goes through the cursor too.
    let wanted = Wanted { filter, limit: 1, sort: "-updated".parse().unwrap(), ..Wanted::default() };
    bed.ids(&Viewer::operator(), wanted, instant("2020-07-01T00:00:00Z")).await
}

pub async fn two_characters_are_enough_and_the_phrase_comes_first(bed: &Bed) {
    bed.case(case(1), [reported(finding(1, "舟曲县人饮安全工程水费未入账。")).into()]).await;
    bed.case(case(2), [reported(finding(2, "饮水困难，安全隐患，工程停工。")).into()]).await;
    bed.case(case(3), [reported(finding(3, "教育扶贫资金滞留，金额ＡＢＣ１２３万元。")).into()]).await;
    bed.case(case(4), [reported(finding(4, "安全饮水，人饮管网，全工，饮安之事。")).into()]).await;
    bed.fold().await;
    assert_eq!(bed.ledger.unindexed().await.unwrap(), 4);
    assert_eq!(found(bed, "饮水").await, []);
    assert_eq!(Indexer::new(&bed.ledger).catch_up().await.unwrap(), 4);
    assert_eq!(bed.ledger.unindexed().await.unwrap(), 0);
    assert_eq!(found(bed, "饮水").await, [case(4), case(2)]);
    assert_eq!(found(bed, "人饮").await, [case(4), case(1)]);
    // Words that stand together, without what is between them, are a phrase.
    assert_eq!(found(bed, "安全 工程").await, [case(1), case(2)]);
    assert_eq!(found(bed, "工程 安全").await, [case(2), case(1)]);
    // Case 4 has every pair of it, later, but not the phrase.
    assert_eq!(found(bed, "人饮安全").await, [case(1), case(4)]);
    assert_eq!(found(bed, "abc123").await, [case(3)]);
    assert_eq!(found(bed, "金").await, [case(3)]);
    assert_eq!(found(bed, "州审报").await.len(), 4);
    assert_eq!(found(bed, "没有的词").await, []);
    assert_eq!(found(bed, "，。!'\"").await, []);
}

pub async fn what_is_amended_is_found_anew(bed: &Bed) {
    bed.case(case(1), [reported(finding(1, "水费未入账。")).into()]).await;
    bed.fold().await;
    let mut indexer = Indexer::new(&bed.ledger);
    indexer.catch_up().await.unwrap();
    bed.case(case(1), [CaseEvent::FindingAmended { finding: finding(1, "电费未入账。").into() }.into()]).await;
    bed.fold().await;
    indexer.catch_up().await.unwrap();
    assert_eq!(found(bed, "水费").await, []);
    assert_eq!(found(bed, "电费").await, [case(1)]);
    // A note changes nothing that it is found by.
    bed.case(case(1), [CaseEvent::NoteAdded { text: "催".to_owned() }.into()]).await;
    bed.fold().await;
    assert_eq!(indexer.catch_up().await.unwrap(), 0);
}

pub async fn a_text_that_very_many_have_is_found_page_by_page(bed: &Bed) {
    const MANY: u64 = 2_010;
    let now = instant("2020-07-01T00:00:00Z");
    let lead = of_county(1, 2);
    bed.directory(prefecture(&mut Dice::new(1))).await;
    bed.directory([granted(100, lead, Role::Handler)]).await;
    let write = |n: u64| {
        let text =
            if n.is_multiple_of(3) { "管道冻裂，饮水困难。" } else { "水费未入账，饮水安全。" };
        let found = [reported(finding(n, text)), registered(n)].map(NewEvent::from);
        let assigned = (n % 400 == 1).then(|| assigned(lead, 60, None).into());
        let events = found.into_iter().chain(assigned).collect();
        Write { stream: StreamId::Case(case(n)), expected: Expected::Any, events }
    };
    let writes = (0..MANY).map(write).collect();
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes };
    bed.log.append(append).await.unwrap();
    bed.fold().await;
    Indexer::new(&bed.ledger).catch_up().await.unwrap();

    let (_, directory) = bed.told().await;
    let department = Viewer::of(Reader::of(person(100), &directory, now));
    let own: Vec<CaseId> = (0..MANY).filter(|n| n % 400 == 1).map(case).collect();
    let all: Vec<CaseId> = (0..MANY).map(case).collect();
    let frozen: Vec<CaseId> = (0..MANY).filter(|n| n.is_multiple_of(3)).map(case).collect();
    let frozen_own: Vec<CaseId> = own.iter().copied().filter(|id| frozen.contains(id)).collect();
    for (viewer, text, ids) in [
        (&Viewer::operator(), "饮水", &all),
        (&department, "饮水", &own),
        (&Viewer::operator(), "冻裂", &frozen),
        (&department, "冻裂", &frozen_own),
        (&department, "没有", &Vec::new()),
    ] {
        let filter = Filter { text: Some(text.to_owned()), ..Filter::default() };
        let sort = "number".parse().unwrap();
        let wanted = Wanted { filter, sort, limit: 300, total: true, ..Wanted::default() };
        let page = bed.ledger.list(viewer, &wanted, now).await.unwrap();
        assert_eq!(page.total, Some(ids.len() as u64), "{text}");
        assert_eq!(bed.ids(viewer, wanted.clone(), now).await, *ids, "{text}");
        let counted = bed.ledger.list(viewer, &Wanted { limit: 0, ..wanted }, now).await.unwrap();
        assert_eq!(counted.total, Some(ids.len() as u64), "{text}");
    }
}
