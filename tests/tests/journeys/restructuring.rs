//! One case becomes several, several become one.

use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, WATER, finding, unit};
use serde_json::json;

/// The ids of the parts, which whoever splits gives them.
const PARTS: [&str; 2] = ["00000000-0000-4000-9000-000000000001", "00000000-0000-4000-9000-000000000002"];

pub async fn a_case_is_split_for_two_leads_and_done_when_both_parts_are(bed: &Bed) {
    let whole = bed.site.report("舟曲经办", &finding("安全饮水和低保均未落实", 10)).await.register("ordinary").await;
    let shares = [("低保部分", 6), ("饮水部分", 4)];
    let parts: Vec<_> = PARTS
        .iter()
        .zip(shares)
        .map(|(id, (title, share))| json!({ "id": id, "title": title, "found": { "households": share } }))
        .collect();
    whole.act("舟曲经办", "split", json!({ "parts": parts, "reason": "分别牵头" })).await;
    assert_eq!(whole.stage().await, "grouped");

    for ((id, (_, share)), lead) in PARTS.iter().zip(shares).zip([CIVIL_AFFAIRS, WATER]) {
        let part = bed.site.case(id);
        assert_eq!(part.stage().await, "registered", "a part is numbered when it begins");
        let part = part.assign(&[lead.unit]).await.accept(lead).await;
        let file = part.report_completion(lead, share).await;
        part.pass("舟曲核验", 0, &file, share).await;
        part.act("舟曲经办", "close", json!({})).await;
    }
    let closed = format!("/api/cases?parent={}&stage=closed&total=true", whole.id);
    assert_eq!(bed.site.desk("州审计").get(&closed).await.expect(200)["total"], 2);
    let numbers: Vec<_> = [PARTS[0], PARTS[1], &whole.id].map(|id| bed.site.case(id)).into();
    let mut seen = std::collections::BTreeSet::new();
    for case in &numbers {
        assert!(seen.insert(case.state().await["number"].to_string()), "each has a number of its own");
    }
}

pub async fn two_assigned_cases_are_merged_and_one_is_given_back(bed: &Bed) {
    let case = async |text, households, lead: rectify_tests::bed::Lead| {
        let case = bed.site.report("舟曲经办", &finding(text, households)).await;
        case.register("ordinary").await.assign(&[lead.unit]).await
    };
    let kept = case("自来水入户率不实", 10, CIVIL_AFFAIRS).await;
    let merged = case("自来水未通", 8, WATER).await;
    merged.act("舟曲经办", "merge", json!({ "into": kept.id, "reason": "同一问题" })).await;

    assert_eq!(merged.stage().await, "merged");
    let state = kept.state().await;
    assert_eq!(state["stage"], "assigned");
    assert_eq!(state["findings"].as_array().unwrap().len(), 2);
    assert_eq!(state["assignment"]["leads"], json!([unit(CIVIL_AFFAIRS.unit)]));
    assert_eq!(state["assignment"]["co_responsible"], json!([unit(WATER.unit)]), "the other lead helps from now on");
    assert_eq!(state["quantities"]["households"]["found"], 10, "quantities are restated, not summed");
    assert_eq!(kept.history().await.last().unwrap(), "merge_received");

    merged.act("舟曲经办", "unmerge", json!({ "reason": "经核实为两个问题" })).await;
    assert_eq!(merged.stage().await, "registered");
    assert_eq!(kept.state().await["findings"].as_array().unwrap().len(), 1);
    assert_eq!(merged.state().await["findings"].as_array().unwrap().len(), 1);
    let merged = merged.assign(&[WATER.unit]).await.accept(WATER).await;
    assert_eq!(merged.stage().await, "rectifying");
}
