//! A petition: sealed until somebody says why they open it, and auditors see who did.

use std::time::Duration;

use rectify_tests::until;

use crate::place::Place;

const OFFICER: &str = "舟曲经办";
const AUDITOR: &str = "州审计";

const PETITIONER: &str = "杨卓玛才让";
const PHONE: &str = "13909415566";
const WORDS: &str = "老母亲卧病在床无钱医治，承诺的救助金分文未见。";
const WHY: &str = "回访前核对诉求";

pub async fn a_petition_is_opened_with_a_reason_that_auditors_see(language: &'static str) {
    let place = Place::new(language, &[OFFICER, AUDITOR]).await;
    let page = format!("/cases/{}", handed_in(&place).await);
    let seat = place.browser_of(OFFICER).await;
    seat.opens(&page).await;
    seat.is_told("finding-sealed").await;
    seat.follows("case-petition").await;
    for sealed in [PETITIONER, PHONE, WORDS] {
        assert!(!seat.text().await.contains(sealed), "{sealed} is shown before anybody says why");
    }
    // What is no reason opens nothing.
    seat.fills("reason", "  ").await;
    seat.presses("petition-open").await;
    assert_eq!(seat.count(".alert[role=alert]").await, 1);
    assert!(!seat.text().await.contains(PETITIONER));
    seat.fills("reason", WHY).await;
    seat.presses("petition-open").await;
    seat.is_told("petition-recorded").await;
    for sealed in [PETITIONER, PHONE, WORDS] {
        seat.reads(sealed).await;
    }
    seat.signs_out().await;

    seat.signs_in(AUDITOR).await;
    seat.opens(&page).await;
    assert_eq!(seat.count("a[href$='/petition']").await, 0, "an auditor opens no petition");
    seat.follows("case-looks").await;
    seat.reads(OFFICER).await;
    seat.is_told("look-petition").await;
    seat.reads(WHY).await;
    assert_eq!(seat.count("main tbody tr").await, 1, "who saw nothing did not look");
    seat.opens(&format!("{page}/petition")).await;
    assert!(!seat.text().await.contains(PETITIONER));
}

/// Hands in a petition as the petition office does, and returns its case.
pub async fn handed_in(place: &Place) -> String {
    let rows = format!(
        "留言编号,留言用户,联系电话,留言时间,留言主题,留言详情,涉及县市\n\
         7-117,{PETITIONER},{PHONE},2020-04-20,低保复核,{}{WORDS},舟曲县\n",
        "家庭收入变化后低保一直没有复核，多次到乡政府询问均无答复，请求尽快核实并按政策办理。".repeat(4)
    );
    place.bed.site.hand_in("petition", &[("name", "信访件.csv")], rows.into_bytes()).await;
    let mut case = None;
    until(Duration::from_secs(30), "the petition is listed", async || {
        let listed = place.bed.site.desk(OFFICER).get("/api/cases?source=petition").await.expect(200);
        case = listed["rows"][0]["id"].as_str().map(str::to_owned);
        case.is_some()
    })
    .await;
    case.unwrap()
}
