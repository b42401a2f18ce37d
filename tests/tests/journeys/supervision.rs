//! What stands beside the way of a case: corrections and listings.

use std::time::Duration;

use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, finding, person};
use rectify_tests::until;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(30);

pub async fn a_finding_in_nearly_the_same_words_at_the_same_place_is_flagged(bed: &Bed) {
    let reported = async |text: &str| {
        let mut reported = finding("安全饮水管护不到位", 10);
        reported["place"] = "峰迭镇瓜咱村".into();
        reported["text"] = text.into();
        bed.site.report("舟曲经办", &reported).await
    };
    let first = reported("峰迭镇瓜咱村蓄水池渗漏，冬季管道冻裂，十户群众吃水困难").await;
    let second = reported("峰迭镇瓜咱村蓄水池渗漏，冬季管道冻裂，十二户群众吃水困难").await;
    until(LIMIT, "the second case is flagged", async || {
        second.history().await == ["finding_reported", "likely_duplicate_flagged"]
    })
    .await;
    assert_eq!(second.state().await["likely_duplicates"][&first.id], "same_place_and_text");
    assert_eq!(first.history().await, ["finding_reported"], "only the later one points");
    let path = format!("/api/cases/{}/duplicates", second.id);
    assert_eq!(bed.site.desk("舟曲经办").get(&path).await.expect(200)[0]["case"]["id"], first.id.as_str());
}

pub async fn a_correction_is_shown_from_then_on_and_not_before(bed: &Bed) {
    let mut reported = finding("低保档案缺失", 10);
    reported["text"] = "抽查20户，缺失10户".into();
    let case = bed.site.report("舟曲经办", &reported).await.register("ordinary").await;
    let correction = json!({
        "version": 1, "field": "text", "old": "抽查20户，缺失10户", "new": "抽查30户，缺失10户", "reason": "笔误",
    });
    let before = case.state().await["version"].clone();
    let corrected = case.act("舟曲经办", "correct", correction.clone()).await;
    let text = |view: &serde_json::Value| view["findings"][0]["finding"]["text"].clone();
    assert_eq!(text(&case.state().await), "抽查30户，缺失10户");
    assert_eq!(case.state().await["corrections"][0]["old"], "抽查20户，缺失10户", "what was believed is still shown");

    let position = corrected["events"][0]["position"].as_u64().unwrap();
    let path = format!("/api/cases/{}?at_position={}", case.id, position - 1);
    let then = bed.site.desk("州审计").get(&path).await.expect(200);
    assert_eq!(then["case"]["version"], before);
    assert_eq!(text(&then["case"]), "抽查20户，缺失10户", "as of then it is what was believed then");

    let again = case.ask("舟曲经办", "correct", &correction, &[]).await;
    assert_eq!((again.status, &again.body["code"]), (422, &json!("nothing_to_correct")));
}

pub async fn a_listed_case_is_reviewed_and_closed_only_when_delisted(bed: &Bed) {
    let case = bed.site.report("舟曲经办", &finding("易地搬迁后续帮扶不到位", 10)).await.register("ordinary").await;
    let case = case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    let listing = json!({ "target": "年底前清零", "leader": person("民政领导") });
    case.act("舟曲经办", "list", listing.clone()).await;
    let listed = bed.site.desk("民政领导").get("/api/cases?listed=true&total=true").await.expect(200);
    assert_eq!(listed["total"], 1, "who answers for a listing sees it");
    let again = case.ask("舟曲经办", "list", &listing, &[]).await;
    assert_eq!((again.status, &again.body["code"]), (422, &json!("already_listed")));
    case.act("舟曲经办", "review_listing", json!({ "note": "本月完成六户" })).await;

    let file = case.report_completion(CIVIL_AFFAIRS, 10).await;
    case.pass("舟曲核验", 0, &file, 10).await;
    let refused = case.ask("舟曲经办", "close", &json!({}), &[]).await;
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("listing_open")));
    case.act("舟曲经办", "delist", json!({ "reason": "目标已达到" })).await;
    case.act("舟曲经办", "close", json!({})).await;
    assert_eq!(case.stage().await, "closed");
    let listed = bed.site.desk("州审计").get("/api/cases?listed=true&total=true").await.expect(200);
    assert_eq!(listed["total"], 0);
}
