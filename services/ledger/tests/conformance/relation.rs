use rectify_case::event::{Likeness, Relation};
use rectify_case::finding::{PetitionClass, Subject};
use rectify_case::{CaseEvent, CaseId};
use rectify_ledger::{Tie, Viewer};

use crate::bed::{Bed, instant};
use crate::history::{case, finding, of_county, petition, registered, reported};

const NOW: &str = "2020-07-01T00:00:00Z";

async fn related(bed: &Bed, id: CaseId) -> Vec<(Tie, CaseId)> {
    let related = bed.ledger.related(&Viewer::operator(), id, instant(NOW)).await.unwrap();
    related.into_iter().map(|related| (related.tie, related.case.id)).collect()
}

pub async fn a_relation_is_seen_from_both_ends(bed: &Bed) {
    for n in 1..5 {
        bed.case(case(n), [reported(finding(n, "一")).into(), registered(n).into()]).await;
    }
    let reason = "同一事项".to_owned();
    bed.case(case(1), [CaseEvent::Linked { other: case(2), relation: Relation::RecurrenceOf }.into()]).await;
    bed.case(case(1), [CaseEvent::LikelyDuplicateFlagged { other: case(3), ground: Likeness::SameReference }.into()])
        .await;
    bed.case(case(3), [CaseEvent::LikelyDuplicateFlagged { other: case(1), ground: Likeness::SameReference }.into()])
        .await;
    bed.case(case(4), [CaseEvent::MergedInto { target: case(1), reason }.into()]).await;
    bed.case(case(1), [CaseEvent::Linked { other: case(99), relation: Relation::SimilarTo }.into()]).await;
    bed.fold().await;
    let ties = [(Tie::LikelyDuplicate, case(3)), (Tie::EarlierOccurrence, case(2)), (Tie::Absorbed, case(4))];
    assert_eq!(related(bed, case(1)).await, ties);
    assert_eq!(related(bed, case(2)).await, [(Tie::Recurrence, case(1))]);
    assert_eq!(related(bed, case(3)).await, [(Tie::LikelyDuplicate, case(1))]);
    assert_eq!(related(bed, case(4)).await, [(Tie::MergedInto, case(1))]);
    bed.case(case(1), [CaseEvent::Unlinked { other: case(2), relation: Relation::RecurrenceOf }.into()]).await;
    bed.fold().await;
    assert_eq!(related(bed, case(2)).await, []);
}

pub async fn likely_duplicates_are_found_and_no_accusation_is_named(bed: &Bed) {
    let text = "曲告纳镇大年村人饮安全工程管网老化破损，三百余户群众饮水困难，水费未入账且长期无人管护。";
    let accusation = petition(3, PetitionClass::Accusation, vec![Subject::Unit(of_county(1, 2))]);
    bed.case(case(1), [reported(finding(1, text)).into()]).await;
    bed.case(case(2), [reported(finding(2, "完全不同的另一件事情，涉及教育扶贫资金的发放不及时。")).into()]).await;
    bed.case(case(3), [reported(rectify_case::Finding { text: text.to_owned(), ..accusation }).into()]).await;
    bed.fold().await;
    let mut alike = finding(9, &text.replace("三百余户", "三百多户"));
    "另文".clone_into(&mut alike.reference.document);
    let mut same = finding(2, "又一件。");
    same.source = "inspection".parse().unwrap();
    "省审计厅".clone_into(&mut same.reference.issuing_body);
    assert_eq!(bed.ledger.duplicates(&alike).await.unwrap(), [(case(1), Likeness::SamePlaceAndText)]);
    assert_eq!(bed.ledger.duplicates(&same).await.unwrap(), [(case(2), Likeness::SameReference)]);
    assert_eq!(bed.ledger.duplicates(&finding(50, "毫不相干。")).await.unwrap(), []);
}
