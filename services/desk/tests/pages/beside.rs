//! What stands beside a case: others like it, as far as who looks may see them.

use serde_json::json;

use crate::office::{COUNTY, COUNTY_OFFICER, OFFICER, Office, WATER, accusation, assignment, finding};

#[tokio::test]
async fn others_of_the_same_place_or_problem_stand_beside_a_case_for_whom_they_may_reach() {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    let placed = |item: &str, title: &str, category: Option<&str>| {
        let mut finding = finding(item, title, "623023");
        finding["place"] = json!("曲告纳镇");
        finding["category"] = json!(category);
        finding
    };
    let case = officer.report(&placed("一", "饮水工程闲置", Some("资金管理"))).await;
    let same_place = officer.report(&placed("二", "危房改造进度滞后", None)).await;
    let mut hidden = accusation("三", "虚报危房改造户数", "623023", COUNTY);
    hidden["place"] = json!("曲告纳镇");
    let hidden = officer.report(&hidden).await;
    let mut elsewhere = finding("四", "扶贫资金结余", "623000");
    elsewhere["category"] = json!("资金管理");
    let elsewhere = officer.report(&elsewhere).await;
    for one in [&case, &elsewhere] {
        officer.ask(one, "register", &json!({})).await.good();
        officer.ask(one, "assign", &assignment(WATER)).await.good();
    }
    office.indexed().await;
    let page = office.signed_in(OFFICER).await.page(&format!("/cases/{case}")).await.text();
    let beside = page.split("id=\"related\"").nth(1).unwrap();
    for (other, why) in [(&same_place, "同一地点"), (&hidden, "同一地点"), (&elsewhere, "同单位同类问题")]
    {
        assert!(
            beside.contains(&format!("<span class=\"tag\">{why}</span> <a href=\"/cases/{other}\"")),
            "{why}: {beside}"
        );
    }
    let page = office.signed_in(COUNTY_OFFICER).await.page(&format!("/cases/{case}")).await.text();
    assert!(page.contains(&same_place) && !page.contains(&hidden) && !page.contains(&elsewhere), "{page}");
    // As of a moment nothing of now stands there.
    let then = office.signed_in(OFFICER).await.page(&format!("/cases/{case}?as_of=2020-04-20")).await.text();
    assert!(!then.contains("同一地点"));
}
