//! Filling in off line (离线填报): taken away as a workbook, handed back, looked over, reported.

use std::io::Cursor;

use axum::http::StatusCode;
use rectify_intake::cell::Cell;
use rectify_intake::{File, plain};
use serde_json::{Value, json};
use umya_spreadsheet::{reader, writer};

use crate::browser::{Browser, Form};
use crate::client::{Answer, Caller};
use crate::office::{CIVIL_HANDLER, HANDLER, OFFICER, Office, WATER, assignment, finding, id};

/// An office with two cases that the water department rectifies, the first row of the workbook for the one that is due first.
struct Scene {
    office: Office,
    officer: Caller,
    handler: Caller,
    cases: [String; 2],
    browser: Browser,
    workbook: Vec<u8>,
}

impl Scene {
    async fn open() -> Scene {
        let office = Office::open().await;
        let (officer, handler) = (office.caller(OFFICER).await, office.caller(HANDLER).await);
        let mut cases = Vec::new();
        for (item, title, days) in [("一", "饮水安全工程未通水", 30), ("二", "=1+1 管网漏损", 60)] {
            let case = officer.report(&finding(item, title, "623000")).await;
            officer.ask(&case, "register", &json!({})).await.good();
            let mut assigned = assignment(WATER);
            assigned["term"] = json!({ "ends": { "after": { "calendar": days } } });
            officer.ask(&case, "assign", &assigned).await.good();
            handler.ask(&case, "accept", &json!({ "unit": id(WATER) })).await.good();
            cases.push(case);
        }
        // One that nobody has accepted has nothing to be reported.
        let waiting = officer.report(&finding("三", "未签收", "623000")).await;
        officer.ask(&waiting, "register", &json!({})).await.good();
        officer.ask(&waiting, "assign", &assignment(WATER)).await.good();
        let mut browser = office.signed_in(HANDLER).await;
        let workbook = browser.page("/fill-in/workbook").await.bytes;
        let cases = cases.try_into().unwrap();
        Scene { office, officer, handler, cases, browser, workbook }
    }

    /// Hands a workbook back.
    async fn hand_in(&mut self, bytes: &[u8]) -> Answer {
        let form = self.browser.page("/fill-in").await.form("/fill-in");
        self.browser.hand_in(&form, "离线填报.xlsx", bytes).await
    }

    async fn case(&self, at: usize) -> Value {
        self.handler.get(&format!("/api/cases/{}", self.cases[at])).await.good()["case"].take()
    }
}

/// Fills cells of a workbook in, as a spreadsheet does.
fn filled(workbook: &[u8], cells: &[(&str, &str)]) -> Vec<u8> {
    let mut book = reader::xlsx::read_reader(Cursor::new(workbook), true).unwrap();
    let sheet = book.sheet_mut(0).unwrap();
    for (place, value) in cells {
        match value.parse::<f64>() {
            Ok(number) => sheet.cell_mut(*place).set_value_number(number),
            Err(_) => sheet.cell_mut(*place).set_value_string(*value),
        };
    }
    let mut bytes = Vec::new();
    writer::xlsx::write_writer(&book, &mut bytes).unwrap();
    bytes
}

fn confirming(answer: &Answer) -> Form {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.form("/fill-in/confirm")
}

#[tokio::test]
async fn what_was_filled_in_is_looked_over_and_reported_once() {
    let mut scene = Scene::open().await;
    assert!(scene.browser.page("/").await.text().contains("href=\"/fill-in\""));
    assert!(scene.browser.page("/fill-in").await.text().contains("整改中的事项共 2 项"));
    let file = File { name: "a.xlsx".to_owned(), media_type: None, bytes: scene.workbook.clone().into() };
    let sheets = plain::sheets(&file, 100).unwrap();
    let texts: Vec<String> =
        sheets[0].rows.iter().map(|(_, cells)| cells[4..].iter().map(Cell::text).collect()).collect();
    assert_eq!(sheets[0].rows.len(), 6);
    assert!(texts[4].contains("审计-2020-0001") && texts[5].contains("=1+1 管网漏损"), "{texts:?}");
    assert_eq!(sheets[1].name, "填报说明");

    let sent = filled(&scene.workbook, &[("J5", "已更换主管网两公里。"), ("K5", "5")]);
    let seen = scene.hand_in(&sent).await;
    let form = confirming(&seen);
    let text = seen.text();
    assert!(text.contains("可报送 1 行") && text.contains("未填写、略过 1 行"), "{text}");
    assert!(text.contains("州水务局：已更换主管网两公里。") && text.contains("已整改：5 户"), "{text}");
    let done = scene.browser.submit(&form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert!(done.text().contains("已报送 1 件") && done.text().contains(&format!("/cases/{}", scene.cases[0])));
    let case = scene.case(0).await;
    assert_eq!(case["progress"].as_array().unwrap().len(), 1);
    assert_eq!(case["quantities"]["households"]["reported"], 5);

    // Sent twice, by the file or by the form, it is reported once.
    let again = scene.hand_in(&sent).await;
    assert!(again.text().contains("此前已报送 1 行") && again.text().contains("可报送 0 行"), "{}", again.text());
    assert!(!again.text().contains("报送勾选的行"));
    assert!(scene.browser.submit(&form).await.text().contains("已报送 1 件"));
    assert_eq!(scene.case(0).await["progress"].as_array().unwrap().len(), 1);

    let nothing = scene.hand_in(&scene.workbook.clone()).await;
    assert!(nothing.text().contains("表中没有填写任何内容。"), "{}", nothing.text());
}

#[tokio::test]
async fn a_completed_row_reports_both_and_what_is_wrong_is_said_at_its_cell() {
    let mut scene = Scene::open().await;
    let sent = filled(
        &scene.workbook,
        &[
            ("J5", "全部完工。"),
            ("K5", "12"),
            ("M5", "已整改"),
            ("O5", "十二户管网已改造。"),
            ("J6", "已完成"),
            ("K6", "99"),
            ("M6", "Done and kept up"),
        ],
    );
    let seen = scene.hand_in(&sent).await;
    let form = confirming(&seen);
    let text = seen.text();
    assert!(text.contains("可报送 1 行") && text.contains("有误 1 行"), "{text}");
    assert!(text.contains("<b>O6 整改情况</b> 请填写此项。"), "{text}");
    assert!(text.contains("<b>N6 复查日期</b> 请填写复查日期。"), "{text}");
    assert!(text.contains("<b>K6 已整改（户）</b> 报送进展："), "{text}");
    assert_eq!(form.fields.iter().filter(|(name, _)| name == "row").count(), 1);
    let done = scene.browser.submit(&form).await;
    assert!(done.text().contains("已报送 2 件"), "{}", done.text());
    let case = scene.case(0).await;
    assert_eq!((&case["stage"], &case["report"]["account"]), (&json!("reported"), &json!("十二户管网已改造。")));
    assert_eq!(scene.case(1).await["progress"].as_array().unwrap().len(), 0);
    let again = scene.hand_in(&sent).await;
    assert!(again.text().contains("此前已报送 1 行"), "{}", again.text());
}

#[tokio::test]
async fn a_case_that_has_moved_waits_to_be_looked_at() {
    let mut scene = Scene::open().await;
    scene.officer.ask(&scene.cases[0], "press", &json!({ "message": "请月底前完成。" })).await.good();
    let seen = scene.hand_in(&filled(&scene.workbook, &[("J5", "已更换主管网两公里。")])).await;
    let form = confirming(&seen);
    let text = seen.text();
    assert!(text.contains("事项有变化、待您核对 1 行") && text.contains("请月底前完成。"), "{text}");
    assert!(!text.contains(" checked"), "{text}");
    let unticked =
        Form { fields: form.fields.iter().filter(|(name, _)| name != "row").cloned().collect(), ..form.clone() };
    assert!(scene.browser.submit(&unticked).await.text().contains("没有勾选任何一行"));
    // And what moves between looking and reporting is told instead of being passed over.
    scene.officer.ask(&scene.cases[0], "press", &json!({ "message": "再催一次。" })).await.good();
    let late = scene.browser.submit(&form).await;
    assert!(late.text().contains("未报送 1 件") && late.text().contains("再催一次。"), "{}", late.text());
    let seen = scene.hand_in(&filled(&scene.workbook, &[("J5", "已更换主管网两公里。")])).await;
    assert!(scene.browser.submit(&confirming(&seen)).await.text().contains("已报送 1 件"));
}

#[tokio::test]
async fn a_row_that_says_fixed_and_leaves_something_waits_to_be_looked_at() {
    let mut scene = Scene::open().await;
    let sent = filled(&scene.workbook, &[("K5", "8"), ("M5", "已整改"), ("O5", "八户管网已改造。")]);
    let seen = scene.hand_in(&sent).await;
    let form = confirming(&seen);
    let text = seen.text();
    assert!(text.contains("可报送 0 行 · 申请销号但尚有差额、待您核对 1 行"), "{text}");
    assert!(text.contains("应整改 12 户，报已整改 8 户，尚差 4 户") && !text.contains(" checked"), "{text}");
    assert!(scene.browser.submit(&form).await.text().contains("已报送 1 件"));
    assert_eq!(scene.case(0).await["stage"], "reported");
    // What does not say that it is fixed leaves nothing.
    let sent = filled(&scene.workbook, &[("M6", "不属实"), ("O6", "经查没有漏损。")]);
    assert!(scene.hand_in(&sent).await.text().contains("可报送 1 行"));
}

#[tokio::test]
async fn measures_are_told_as_done_with_the_report_of_a_row() {
    let mut scene = Scene::open().await;
    let measures =
        ["更换主管网", "建立管护制度"].map(|text| json!({ "text": text, "unit": id(WATER), "by": "2020-05-31" }));
    let plan = json!({ "unit": id(WATER), "plan": { "measures": measures } });
    scene.handler.ask(&scene.cases[0], "submit_plan", &plan).await.good();
    scene.officer.ask(&scene.cases[0], "approve_plan", &json!({ "unit": id(WATER) })).await.good();
    let workbook = scene.browser.page("/fill-in/workbook").await.bytes;
    let cells = [("K5", "12"), ("L5", "1"), ("M5", "已整改"), ("O5", "十二户管网已改造。")];
    let seen = scene.hand_in(&filled(&workbook, &cells)).await;
    assert!(seen.text().contains("措施“建立管护制度”未报告完成（州水务局，完成时限 2020-05-31）"), "{}", seen.text());
    assert!(!seen.text().contains("措施“更换主管网”"), "{}", seen.text());
    let all = filled(&workbook, &[cells[0], ("L5", "1、2"), cells[2], cells[3]]);
    let seen = scene.hand_in(&all).await;
    assert!(seen.text().contains("可报送 1 行"), "{}", seen.text());
    assert!(scene.browser.submit(&confirming(&seen)).await.text().contains("已报送 1 件"));
    let case = scene.case(0).await;
    assert_eq!((&case["stage"], &case["plans"][id(WATER)]["done"]), (&json!("reported"), &json!([0, 1])));
    assert!(scene.hand_in(&all).await.text().contains("此前已报送 1 行"));
}

#[tokio::test]
async fn what_is_not_ours_or_not_theirs_is_refused() {
    let mut scene = Scene::open().await;
    let mut foreign = rust_xlsxwriter::Workbook::new();
    foreign.add_worksheet().write(0, 0, "整改台账").unwrap();
    let refused = scene.hand_in(&foreign.save_to_buffer().unwrap()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("这不是从本系统下载的填报表"));
    let damaged = scene.hand_in(b"PK\x03\x04 and no more").await;
    assert_eq!(damaged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(damaged.text().contains("文件损坏"), "{}", damaged.text());
    let elsewhere = filled(&scene.workbook, &[("B2", &id(7)), ("J5", "进展")]);
    assert!(scene.hand_in(&elsewhere).await.text().contains("从另一套系统下载"));
    let other_case = scene.cases[1].clone();
    for (place, value) in [("B5", "2"), ("A5", other_case.as_str()), ("E5", "审计-2020-0002")] {
        let edited = filled(&scene.workbook, &[(place, value), ("J5", "进展")]);
        let seen = scene.hand_in(&edited).await;
        assert!(seen.text().contains("该行的编号或隐藏的标识被改动"), "{place}: {}", seen.text());
        assert!(!seen.text().contains("name=\"row\""));
    }

    // The case of another unit is the same as one that is not there.
    let sent = filled(&scene.workbook, &[("J5", "进展")]);
    let mut other = scene.office.signed_in(CIVIL_HANDLER).await;
    let form = other.page("/fill-in").await.form("/fill-in");
    let seen = other.hand_in(&form, "填报.xlsx", &sent).await;
    assert!(seen.text().contains("没有这个事项。") && !seen.text().contains("饮水安全工程"), "{}", seen.text());

    let mut officer = scene.office.signed_in(OFFICER).await;
    for path in ["/fill-in", "/fill-in/workbook"] {
        assert_eq!(officer.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let csrf = officer.page("/account").await.form("/sign-out").value("csrf").unwrap().to_owned();
    let form = Form { action: "/fill-in".to_owned(), fields: vec![("csrf".to_owned(), csrf)] };
    assert_eq!(officer.hand_in(&form, "填报.xlsx", &sent).await.status, StatusCode::FORBIDDEN);
    let unsigned = Form { action: "/fill-in".to_owned(), fields: Vec::new() };
    assert_eq!(scene.browser.hand_in(&unsigned, "填报.xlsx", &sent).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_workbook_speaks_either_language_and_is_read_in_both() {
    let mut scene = Scene::open().await;
    let english = scene.browser.in_english().page("/fill-in/workbook").await.bytes;
    let file = File { name: "a.xlsx".to_owned(), media_type: None, bytes: english.clone().into() };
    let sheets = plain::sheets(&file, 100).unwrap();
    assert_eq!(sheets[0].rows[3].1[9].text(), "Progress");
    let sent = filled(&english, &[("K5", "12"), ("M5", "Rectified"), ("O5", "十二户管网已改造。")]);
    assert!(scene.hand_in(&sent).await.text().contains("可报送 1 行"));
}
