//! Cases that go back before they go on.

use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, CaseFile, WATER, finding, unit};
use serde_json::json;

pub async fn a_case_is_returned_assigned_anew_and_handed_back(bed: &Bed) {
    let case = discovered(bed).await.register("ordinary").await.assign(&[WATER.unit]).await;
    let due = case.state().await["deadline"]["due"].clone();
    case.act("水务经办", "return", json!({ "unit": unit(WATER.unit), "reason": "不属本单位职责" })).await;
    assert_eq!(case.stage().await, "registered");

    let case = case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    let former = bed.site.desk("水务经办").get(&format!("/api/cases/{}", case.id)).await;
    assert_eq!(former.status, 404, "who leads no longer reads no longer");
    case.act("民政经办", "hand_back", json!({ "unit": unit(CIVIL_AFFAIRS.unit), "reason": "需州级部门牵头" })).await;
    let state = case.state().await;
    assert_eq!((&state["stage"], &state["returns"]), (&json!("registered"), &json!(2)));
    assert_eq!(state["deadline"]["due"], due, "neither moves the deadline");
    assert_eq!(
        case.history().await,
        ["finding_reported", "registered", "assigned", "returned", "assigned", "accepted", "handed_back"]
    );
}

pub async fn a_failed_verification_is_repaired_and_verified(bed: &Bed) {
    let case = rectifying(bed).await;
    let first = case.report_completion(CIVIL_AFFAIRS, 10).await;
    case.open("舟曲核验", &first).await;
    case.act("舟曲核验", "fail_verification", json!({ "level": 0, "reason": "仍有两户未发放" })).await;
    assert_eq!(case.stage().await, "rectifying");

    let second = case.report_completion(CIVIL_AFFAIRS, 10).await;
    case.pass("舟曲核验", 0, &second, 10).await;
    case.act("舟曲经办", "close", json!({})).await;
    let state = case.state().await;
    assert_eq!(state["stage"], "closed");
    assert_eq!(state["quantities"]["households"]["verified"], 10);
    assert_eq!(state["evidence"].as_object().unwrap().len(), 2, "the first round's file stays");
}

pub async fn a_closed_case_is_reopened_and_closed_again(bed: &Bed) {
    let case = rectifying(bed).await;
    let file = case.report_completion(CIVIL_AFFAIRS, 10).await;
    case.pass("舟曲核验", 0, &file, 10).await;
    case.act("舟曲经办", "close", json!({})).await;
    case.act("州审计", "look_back", json!({ "held": false, "note": "抽查发现问题反弹" })).await;
    let term = json!({ "ends": { "after": { "working": 20 } } });
    case.act("舟曲经办", "reopen", json!({ "reason": "回头看发现反弹", "term": term })).await;
    let state = case.state().await;
    assert_eq!((&state["stage"], &state["reopenings"]), (&json!("rectifying"), &json!(1)));
    assert_eq!(state["deadline"]["starts"], "reopened");
    assert_eq!(state["outcome"], json!(null), "what is open has no outcome");

    let again = case.report_completion(CIVIL_AFFAIRS, 10).await;
    case.pass("舟曲核验", 0, &again, 10).await;
    case.act("舟曲经办", "close", json!({})).await;
    assert_eq!(case.stage().await, "closed");
}

async fn discovered(bed: &Bed) -> CaseFile {
    bed.site.report("舟曲经办", &finding("低保金发放不及时", 10)).await
}

async fn rectifying(bed: &Bed) -> CaseFile {
    discovered(bed).await.register("ordinary").await.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await
}
