//! Workbooks that are filled in: a department's open cases off line, and the forms of superior offices.

use std::io::Cursor;

use rectify_tests::bed::{CIVIL_AFFAIRS, finding};
use rectify_tests::folder;
use rust_xlsxwriter::{Format, Workbook};
use thirtyfour::By;
use umya_spreadsheet::{reader, writer};

use crate::place::Place;

const OFFICE: &str = "舟曲经办";
const DEPARTMENT: &str = CIVIL_AFFAIRS.handler;

const PROGRESS: &str = "已补发五户";

pub async fn cases_are_filled_in_off_line_and_reported(language: &'static str) {
    let place = Place::new(language, &[DEPARTMENT]).await;
    let mut cases = Vec::new();
    for text in ["低保资金未发放到户", "村级光伏电站收益未分配"] {
        let case = place.bed.site.report(OFFICE, &finding(text, 12)).await.register("ordinary").await;
        cases.push(case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await);
    }
    let seat = place.browser_of(DEPARTMENT).await;
    seat.opens("/").await;
    seat.follows("fill-title").await;
    let workbook = seat.downloads(place.words.say("fill-download")).await;
    let folder = folder();
    let file = folder.path().join("填报.xlsx");
    // The first case as it should be; of the second, more is fixed than was found.
    std::fs::write(&file, filled(&workbook, &[("J5", PROGRESS), ("K5", "5"), ("J6", PROGRESS), ("K6", "99")])).unwrap();
    seat.attaches("file", &file).await;
    seat.presses("fill-look").await;
    seat.reads(&place.words.say_of("fill-count-ready", "1")).await;
    seat.reads(&place.words.say_of("fill-count-wrong", "1")).await;
    seat.reads(PROGRESS).await;
    assert_eq!(seat.count("input[name=row]:checked").await, 1);
    seat.presses("fill-confirm").await;
    seat.reads(&place.words.say_of("fill-count-done", "1")).await;
    seat.is_told("fill-act-done").await;

    let mut reported = Vec::new();
    for case in &cases {
        reported.push(case.state().await["quantities"]["households"]["reported"].as_u64().unwrap());
    }
    reported.sort_unstable();
    assert_eq!(reported, [0, 5]);
    seat.leaves_by(&seat.one(By::Css("td.told a")).await).await;
    seat.reads(PROGRESS).await;
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

pub async fn the_ledger_is_had_in_the_form_of_a_superior(language: &'static str) {
    let place = Place::new(language, &[OFFICE]).await;
    let report = async |text| place.bed.site.report(OFFICE, &finding(text, 12)).await.register("ordinary").await;
    report("低保资金未发放到户").await;
    report("村级光伏电站收益未分配").await.assign(&[CIVIL_AFFAIRS.unit]).await;
    let folder = folder();
    let file = folder.path().join("附件1.xlsx");
    std::fs::write(&file, empty_form()).unwrap();

    let seat = place.browser_of(OFFICE).await;
    seat.opens("/ledger").await;
    seat.follows("forms-manage").await;
    seat.attaches("file", &file).await;
    seat.presses("forms-add").await;
    // What the headings mean is guessed; of one nobody can know.
    assert_eq!(seat.holds("column.1").await, "problem");
    assert_eq!(seat.holds("column.2").await, "households");
    assert_eq!(seat.holds("column.3").await, "");
    seat.chooses("column.3", place.words.say("sheet-column-stage")).await;
    seat.fills("name", "巡视整改台账").await;
    seat.presses("forms-save").await;
    seat.reads("巡视整改台账").await;

    seat.opens("/ledger?sort=number").await;
    seat.unfolds("forms-export").await;
    let filled = seat.downloads("巡视整改台账").await;
    let book = reader::xlsx::read_reader(Cursor::new(&filled), true).unwrap();
    let sheet = book.sheet(0).unwrap();
    assert_eq!(sheet.value("A1"), "巡视反馈问题整改台账", "what is theirs stays");
    assert!(sheet.value("B3").contains("低保资金未发放到户") && sheet.value("B4").contains("村级光伏电站收益未分配"));
    assert_eq!(sheet.value("C4"), "12");
    assert_eq!(sheet.value("D4"), place.words.say("stage-assigned"));
}

/// Returns an empty form as superiors send it: a title, and headings under it.
pub fn empty_form() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 3, "巡视反馈问题整改台账", &Format::new()).unwrap();
    for (column, name) in (0..).zip(["序号", "存在的问题", "户数", "领导批示"]) {
        sheet.write(1, column, name).unwrap();
    }
    book.save_to_buffer().unwrap()
}
