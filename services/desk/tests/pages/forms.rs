//! Forms of superior offices (上级表格): brought once, and then filled from the ledger.

use axum::http::StatusCode;
use rectify_intake::cell::Cell;
use rectify_intake::{File, plain};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;

use crate::browser::Browser;
use crate::office::{COUNTY_OFFICER, HANDLER, OFFICER, Office, WATER, assignment, finding};

/// Returns an empty form as superiors send it: a title, headings in two rows, two empty rows, a line for signatures.
fn empty() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("附件1").unwrap();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 6, "巡视反馈问题整改台账", &plain).unwrap();
    for (column, name) in [(0, "序号"), (1, "存在的问题"), (4, "牵头单位"), (5, "整改时限"), (6, "领导批示")]
    {
        sheet.merge_range(1, column, 2, column, name, &plain).unwrap();
    }
    sheet.merge_range(1, 2, 1, 3, "涉及底数", &plain).unwrap();
    sheet.write(2, 2, "户数").unwrap().write(2, 3, "涉及资金（万元）").unwrap();
    sheet.merge_range(5, 0, 5, 6, "填表人：", &plain).unwrap();
    book.save_to_buffer().unwrap()
}

async fn brought(browser: &mut Browser) -> String {
    let form = browser.page("/forms").await.form("/forms");
    browser.hand_in(&form, "附件1.xlsx", &empty()).await.leads_to().to_owned()
}

#[tokio::test]
async fn the_ledger_is_written_under_the_headings_of_a_form() {
    let office = Office::open().await;
    let caller = office.caller(OFFICER).await;
    for (item, title) in [("一", "饮水工程闲置"), ("二", "=1+1"), ("三", "管网漏损")] {
        let mut finding = finding(item, title, "623000");
        finding["found"] = json!({ "households": 12, "money": 12_345_600 });
        let case = caller.report(&finding).await;
        caller.ask(&case, "register", &json!({})).await.good();
        caller.ask(&case, "assign", &assignment(WATER)).await.good();
    }
    let mut officer = office.signed_in(OFFICER).await;
    let path = brought(&mut officer).await;
    let form = officer.page(&path).await.form(&path);
    assert_eq!((form.value("name"), form.value("first")), (Some("附件1"), Some("4")));
    let chosen: Vec<_> = (0..7).map(|at| form.value(&format!("column.{at}")).unwrap()).collect();
    assert_eq!(chosen, ["ordinal", "problem", "households", "money:万元", "leads", "due", ""]);
    let saved = officer.submit(&form.with("name", "巡视整改台账").with("column.6", "stage")).await;
    assert_eq!(saved.leads_to(), "/forms");

    let ledger = officer.page("/ledger?sort=number").await.text();
    let link = format!("{path}/filled?sort=number");
    assert!(ledger.contains(&format!("href=\"{path}/filled?")) && ledger.contains("巡视整改台账"), "{ledger}");
    let answer = officer.page(&link).await;
    let file = File { name: "a.xlsx".to_owned(), media_type: None, bytes: answer.bytes.into() };
    let rows = plain::sheets(&file, 100).unwrap().remove(0).rows;
    assert_eq!(rows[0].1[0].text(), "巡视反馈问题整改台账");
    let (row, second) = &rows[4];
    assert_eq!(*row, 5);
    assert_eq!((&second[0], &second[2], &second[3]), (&Cell::Number(2.0), &Cell::Number(12.0), &Cell::Number(12.3456)));
    assert!(matches!(&second[1], Cell::Text(text) if text.starts_with("=1+1，")), "{second:?}");
    assert_eq!((second[4].text(), second[6].text()), ("州水务局".to_owned(), "待签收".to_owned()));
    assert!(matches!(second[5], Cell::Moment(_)), "{second:?}");
    assert_eq!((rows[6].0, rows[6].1[0].text()), (7, "填表人：".to_owned()));

    let one = officer.page(&format!("{path}/filled?number=审计-2020-0003")).await;
    let file = File { name: "a.xlsx".to_owned(), media_type: None, bytes: one.bytes.into() };
    let rows = plain::sheets(&file, 100).unwrap().remove(0).rows;
    assert_eq!((rows[3].1[0].text(), rows[4].0), ("1".to_owned(), 6));
}

#[tokio::test]
async fn a_form_is_of_its_office_alone() {
    let office = Office::open().await;
    let mut officer = office.signed_in(OFFICER).await;
    let path = brought(&mut officer).await;
    for (person, status) in [(COUNTY_OFFICER, StatusCode::NOT_FOUND), (HANDLER, StatusCode::FORBIDDEN)] {
        let mut other = office.signed_in(person).await;
        assert_eq!(other.get(&path).await.status, status, "{person}");
        assert_eq!(other.get(&format!("{path}/filled")).await.status, status, "{person}");
        let csrf = other.page("/account").await.form("/sign-out").value("csrf").unwrap().to_owned();
        for act in [path.clone(), format!("{path}/delete")] {
            assert_eq!(other.post(&act, format!("csrf={csrf}&name=x&sheet=y&first=4")).await.status, status, "{act}");
        }
        assert!(!other.page("/ledger").await.text().contains(&path));
    }
    let mut handler = office.signed_in(HANDLER).await;
    assert_eq!(handler.get("/forms").await.status, StatusCode::FORBIDDEN);
    let delete = officer.page(&path).await.form(&format!("{path}/delete"));
    assert_eq!(officer.submit(&delete).await.leads_to(), "/forms");
    assert_eq!(officer.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_bad_form_is_refused_with_where_and_why() {
    let office = Office::open().await;
    let mut officer = office.signed_in(OFFICER).await;
    let form = officer.page("/forms").await.form("/forms");
    let mut blank = Workbook::new();
    blank.add_worksheet();
    let blank = blank.save_to_buffer().unwrap();
    for (name, bytes, why) in [
        ("附件1.xlsx", b"PK\x03\x04 and no more".as_slice(), "附件1.xlsx：文件损坏"),
        ("附件1.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more".as_slice(), "附件1.xls：旧版工作簿"),
        ("附件1.xlsx", blank.as_slice(), "附件1.xlsx：没有找到表头"),
    ] {
        let refused = officer.hand_in(&form, name, bytes).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
        assert!(refused.text().contains(why), "{}", refused.text());
    }
    let path = brought(&mut officer).await;
    let form = officer.page(&path).await.form(&path);
    for (field, value, why) in [("first", "2", "填起的行须在表头之下。"), ("name", " ", "请填写表格名称")]
    {
        let refused = officer.submit(&form.clone().with(field, value)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(why), "{}", refused.text());
    }
}
