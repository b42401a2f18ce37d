//! Lists as offices make them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../intake/tests/office/mod.rs"]
mod office;

use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;

use insta::assert_snapshot;
use office::{file, hand_in};
use rectify_bus::Bus;
use rectify_case::{Actor, Directory, Finding, Zone};
use rectify_inspection::InspectionItem;
use rectify_intake::{
    File, FileError, Given, Handover, ImportError, Language, Report, Split, Unit, workbook_of_errors,
};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

/// What is said once for a list whose columns do not say it.
fn given() -> Given {
    Given {
        source: Some("patrol".to_owned()),
        issuing_body: Some("州委巡察办".to_owned()),
        document: Some("州巡〔2020〕3号".to_owned()),
        division: Some("舟曲".to_owned()),
        discovered: Some("2020-04-21".parse().unwrap()),
        ..Given::default()
    }
}

async fn taken(given: Given, files: Vec<File>) -> (Report, Vec<Finding>) {
    hand_in::<InspectionItem>(given, files).await.unwrap()
}

async fn refused(file: File) -> FileError {
    match hand_in::<InspectionItem>(given(), vec![file]).await {
        Err(ImportError::File(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn book(mut book: Workbook) -> File {
    file("清单.xlsx", book.save_to_buffer().unwrap())
}

/// Writes rows of text from a row on; numbers are written as numbers, and empty texts not at all.
fn fill(sheet: &mut Worksheet, from: u32, rows: &[&[&str]]) {
    for (row, cells) in (from..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            match text.parse::<f64>() {
                _ if text.is_empty() => {}
                Ok(number) => drop(sheet.write(row, column, number).unwrap()),
                Err(_) => drop(sheet.write(row, column, *text).unwrap()),
            }
        }
    }
}

fn merge(sheet: &mut Worksheet, range: (u32, u16, u32, u16), text: &str) {
    let (first_row, first_column, last_row, last_column) = range;
    sheet.merge_range(first_row, first_column, last_row, last_column, text, &Format::new()).unwrap();
}

fn shown(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let found: Vec<String> = finding.found.iter().map(|(what, amount)| format!("{what:?} {amount}")).collect();
        let reference = &finding.reference.item;
        format!("{reference} {} {} {} [{}]", finding.text, finding.division, finding.discovered, found.join(", "))
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A list with a title, a header in two rows, sections, merged cells, hidden rows, a total and notes.
fn office_list() -> Workbook {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("问题清单").unwrap();
    merge(sheet, (0, 0, 0, 6), "2020年巡察反馈问题整改清单");
    sheet.write(1, 0, "填报单位：州整改办").unwrap();
    for (column, name) in [(0, "序号"), (1, "县市"), (2, "具体问题"), (5, "反馈日期"), (6, "备 注")] {
        merge(sheet, (2, column, 3, column), name);
    }
    merge(sheet, (2, 3, 2, 4), "涉及金额");
    sheet.write(3, 3, "万元").unwrap();
    sheet.write(3, 4, "户数").unwrap();
    merge(sheet, (4, 0, 4, 6), "一、饮水安全方面");
    merge(sheet, (5, 1, 7, 1), "舟曲县");
    fill(
        sheet,
        5,
        &[
            &["1", "", "管网冻裂", "12.5", "", "2020.4.21"],
            &["2", "", "\u{3000}水费\u{a0}偏高 ", "", "", "4月20日"],
            &["３", "", "水质未检测", "", "", "43941"],
        ],
    );
    sheet.set_row_hidden(6).unwrap();
    sheet.set_row_hidden(7).unwrap();
    merge(sheet, (8, 0, 8, 6), "二、住房安全方面");
    fill(
        sheet,
        9,
        &[
            &["4", "临潭县", "住房漏雨", "3000元", "", "20200420"],
            &["合　计", "", "", "13.1"],
            &["备注：以上数据截至2020年4月"],
            &["填表人：马某", "", "", "审核人：李某"],
        ],
    );
    book
}

#[tokio::test]
async fn a_list_as_an_office_makes_it_is_read_and_what_is_no_finding_is_said() {
    let (report, findings) = taken(given(), vec![book(office_list())]).await;
    assert_snapshot!(shown(&findings), @r"
    1 管网冻裂 623023 2020-04-21 [Money 12500000]
    2 水费 偏高 623023 2020-04-20 []
    3 水质未检测 623023 2020-04-20 []
    4 住房漏雨 623021 2020-04-20 [Money 300000]
    ");
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 4 · 接收 4 · 未接收 0
    隐藏的 2 行，照样读取: 清单.xlsx 问题清单 7-8
    没有写年份的日期按表题或文号算作 2020: 清单.xlsx 问题清单
    未识别的列: 备 注
    不是问题的行，未读:
    ┌───────────┬──────────┬────┬────┬─────────────────────────────┬──────────────┐
    │ 文件      ┆ 工作表   ┆ 行 ┆ 列 ┆ 内容                        ┆ 原因         │
    ╞═══════════╪══════════╪════╪════╪═════════════════════════════╪══════════════╡
    │ 清单.xlsx ┆ 问题清单 ┆ 5  ┆    ┆ 一、饮水安全方面            ┆ 行间的小标题 │
    │ 清单.xlsx ┆ 问题清单 ┆ 9  ┆    ┆ 二、住房安全方面            ┆ 行间的小标题 │
    │ 清单.xlsx ┆ 问题清单 ┆ 11 ┆    ┆ 合　计 13.1                 ┆ 合计行       │
    │ 清单.xlsx ┆ 问题清单 ┆ 12 ┆    ┆ 备注：以上数据截至2020年4月 ┆ 表下的说明   │
    │ 清单.xlsx ┆ 问题清单 ┆ 13 ┆    ┆ 填表人：马某 审核人：李某   ┆ 表下的说明   │
    └───────────┴──────────┴────┴────┴─────────────────────────────┴──────────────┘
    ");
    assert_snapshot!(report.print(Language::English), @r"
    rows read 4 · accepted 4 · refused 0
    2 hidden rows, read all the same: 清单.xlsx 问题清单 7-8
    days without a year, by title or document number, are of 2020: 清单.xlsx 问题清单
    unknown columns: 备 注
    rows that are no findings, not read:
    ┌───────────┬──────────┬─────┬────────┬─────────────────────────────┬────────────────────────┐
    │ file      ┆ sheet    ┆ row ┆ column ┆ value                       ┆ reason                 │
    ╞═══════════╪══════════╪═════╪════════╪═════════════════════════════╪════════════════════════╡
    │ 清单.xlsx ┆ 问题清单 ┆ 5   ┆        ┆ 一、饮水安全方面            ┆ a heading between rows │
    │ 清单.xlsx ┆ 问题清单 ┆ 9   ┆        ┆ 二、住房安全方面            ┆ a heading between rows │
    │ 清单.xlsx ┆ 问题清单 ┆ 11  ┆        ┆ 合　计 13.1                 ┆ a total                │
    │ 清单.xlsx ┆ 问题清单 ┆ 12  ┆        ┆ 备注：以上数据截至2020年4月 ┆ a note under the table │
    │ 清单.xlsx ┆ 问题清单 ┆ 13  ┆        ┆ 填表人：马某 审核人：李某   ┆ a note under the table │
    └───────────┴──────────┴─────┴────────┴─────────────────────────────┴────────────────────────┘
    ");
}

#[tokio::test]
async fn a_header_in_two_rows_is_known_without_merged_cells_too() {
    let text = "巡察反馈问题清单,,,,\n序号,具体问题,涉及金额,,县市\n,,万元,户数,\n1,漏雨,1.5,3,舟曲县\n";
    let (report, findings) = taken(given(), vec![file("清单.csv", text)]).await;
    assert_eq!(report.sheets[0].header_row, 3);
    assert_snapshot!(shown(&findings), @"1 漏雨 623023 2020-04-21 [Money 1500000, Households 3]");
}

#[tokio::test]
async fn a_year_is_taken_from_what_stands_around_or_asked_for() {
    let text = |title: &str| format!("{title}\n序号,具体问题,反馈日期\n1,漏雨,4月20日\n");
    let with = |document: &str, year| Given { document: Some(document.to_owned()), year, ..given() };
    let day = async |given: Given, title: &str| {
        let (report, findings) = taken(given, vec![file("清单.csv", text(title))]).await;
        match findings.first() {
            Some(finding) => finding.discovered.to_string(),
            None => report.refused[0].reason.code().to_owned(),
        }
    };
    assert_eq!(day(with("州巡〔2020〕3号", None), "问题清单").await, "2020-04-20");
    assert_eq!(day(with("无", None), "2019年问题清单").await, "2019-04-20");
    assert_eq!(day(with("无", None), "问题清单").await, "no_year");
    assert_eq!(day(with("州巡〔2020〕3号", None), "2019年问题清单").await, "no_year", "they contradict each other");
    assert_eq!(day(with("州巡〔2020〕3号", Some(2019)), "2019年问题清单").await, "2019-04-20");
    let own = "序号,具体问题,反馈日期,文号\n1,漏雨,4月20日,甘审〔2018〕1号\n";
    let (_, findings) = taken(given(), vec![file("清单.csv", own)]).await;
    assert_eq!(findings[0].discovered.to_string(), "2018-04-20");
}

#[tokio::test]
async fn an_amount_says_its_unit_somewhere_or_is_asked_about() {
    let amount = async |given: Given, above: &str, header: &str, cell: &str| {
        let text = format!("{above}\n序号,具体问题,{header}\n1,漏雨,{cell}\n");
        let (report, findings) = taken(given, vec![file("清单.csv", text)]).await;
        match findings.first() {
            Some(finding) => finding.found.values().next().copied().unwrap_or_default().to_string(),
            None => report.refused[0].reason.code().to_owned(),
        }
    };
    assert_eq!(amount(given(), "", "涉及金额（万元）", "１２.５").await, "12500000");
    assert_eq!(amount(given(), "单位：万元", "涉及金额", "12.5").await, "12500000");
    assert_eq!(amount(given(), "单位：万元", "涉及金额（元）", "12.5").await, "1250");
    assert_eq!(amount(given(), "", "涉及金额", "12.5万元").await, "12500000");
    assert_eq!(amount(given(), "", "涉及金额", "12.5").await, "no_unit");
    let said = Given { unit: Some(Unit::TenThousand), ..given() };
    assert_eq!(amount(said, "", "涉及金额", "12.5").await, "12500000");
}

#[tokio::test]
async fn what_stands_in_a_cell_for_a_day_is_named_for_what_it_is() {
    let text = "序号,具体问题,反馈日期\n1,漏雨,长期坚持\n2,漏雨,2020年4月\n3,漏雨,立行立改\n4,漏雨,月底\n";
    let (report, _) = taken(given(), vec![file("清单.csv", text)]).await;
    let said: Vec<String> = report.refused.iter().map(|error| error.reason.chinese()).collect();
    assert_snapshot!(said.join("\n"), @r"
    这里应填日期，“长期坚持”说的是整改状态
    只写了年月，没有日；请写明哪一天
    这里应填日期，“立行立改”说的是整改状态
    不是日期；请写作 2020-04-21 或 2020/4/21 9:32:09，或设为日期格式
    ");
}

#[tokio::test]
async fn text_comes_in_any_encoding_and_parted_by_any_sign() {
    let text = "序号;具体问题;涉及金额（元）\n1;漏雨;1,500.5\n";
    let (gbk, _, _) = encoding_rs::GB18030.encode(text);
    let tabs: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.replace(';', "\t").encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let commas = format!("\u{feff}{}", text.replace(',', "").replace(';', ","));
    for bytes in [text.as_bytes().to_vec(), gbk.into_owned(), tabs, commas.into_bytes()] {
        let (report, findings) = taken(given(), vec![file("清单.csv", bytes)]).await;
        assert_eq!(shown(&findings), "1 漏雨 623023 2020-04-21 [Money 150050]", "{report:?}");
    }
    let under_another_name = text.replace(';', "\t");
    let (_, findings) = taken(given(), vec![file("清单.xls", under_another_name)]).await;
    assert_eq!(findings.len(), 1);
}

#[tokio::test]
async fn a_pivot_beside_the_list_is_passed_over_and_an_error_of_a_formula_is_told() {
    let mut pivot = Workbook::new();
    let sheet = pivot.add_worksheet().set_name("统计").unwrap();
    fill(sheet, 0, &[&["行标签", "计数项:序号"], &["舟曲县", "2"]]);
    let sheet = pivot.add_worksheet().set_name("清单").unwrap();
    fill(sheet, 0, &[&["序号", "具体问题", "涉及户数"], &["1", "漏雨"], &["2", "缺水"]]);
    sheet.write_formula(1, 2, Formula::new("=1+2").set_result("3")).unwrap();
    sheet.write_formula(2, 2, Formula::new("=B9").set_result("#REF!")).unwrap();
    let (report, findings) = taken(given(), vec![book(pivot)]).await;
    assert_snapshot!(shown(&findings), @"1 漏雨 623023 2020-04-21 [Households 3]");
    assert_eq!((report.refused[0].place.row, report.refused[0].reason.code()), (3, "broken_cell"));
    assert_eq!(report.skipped[0].sheet, "统计");
}

#[tokio::test]
async fn a_hidden_sheet_is_read_and_said() {
    let mut hidden = Workbook::new();
    let sheet = hidden.add_worksheet().set_name("一").unwrap();
    fill(sheet, 0, &[&["序号", "具体问题"], &["1", "漏雨"]]);
    let sheet = hidden.add_worksheet().set_name("二").unwrap();
    fill(sheet, 0, &[&["序号", "具体问题"], &["2", "缺水"]]);
    sheet.set_hidden(true);
    let (report, findings) = taken(given(), vec![book(hidden)]).await;
    assert_eq!(findings.len(), 2);
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 2 · 接收 2 · 未接收 0
    隐藏的工作表，照样读取: 清单.xlsx 二
    ");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_so_in_both_languages() {
    let good = office_list().save_to_buffer().unwrap();
    let mut cut = good.clone();
    cut.truncate(good.len() / 2);
    let mut locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    let old = locked.clone();
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let files = [
        file("加密.xlsx", locked),
        file("旧版.xls", old),
        file("截断.xlsx", cut),
        file("网页.xls", "<html><table><tr><td>序号</td></tr></table></html>"),
        file("引号.csv", "序号,具体问题\n1,\"漏雨\n2,缺水\n"),
        file("编码.csv", b"abc\xff\n".to_vec()),
        file("空.xlsx", book(Workbook::new()).bytes),
    ];
    let mut said = Vec::new();
    for file in files {
        let error = refused(file).await;
        said.push(format!("{}\n{error}", error.chinese()));
    }
    assert_snapshot!(said.join("\n"), @r#"
    加密.xlsx：工作簿有密码保护，请取消密码后再报
    加密.xlsx is protected by a password; take the password off and hand it in again
    旧版.xls：旧版工作簿，请另存为 .xlsx
    旧版.xls is an older workbook; save it as .xlsx
    截断.xlsx：文件损坏、不完整或不是所称的格式，无法读取（the archive is damaged or cut off）
    截断.xlsx is damaged, cut off or not what it is called, and cannot be read
    网页.xls：实为网页，只是用了工作簿的名字，请打开后另存为 .xlsx
    网页.xls is a web page under the name of a workbook; open it and save it as .xlsx
    引号.csv：第 2 行的引号没有配对
    引号.csv row 2: a quotation mark opens a cell and is never closed
    编码.csv：编码既不是 UTF-8 也不是 GB 18030，而是 an unknown encoding；请另存为“CSV UTF-8”
    编码.csv is neither UTF-8 nor GB 18030 but an unknown encoding; save it as CSV UTF-8
    空.xlsx：没有可识别的表头；找到：；可识别：问题来源、发文单位、来源文号、序号、反馈日期、问题类别、标题、具体问题、涉及县市、涉及乡村、严重程度、责任单位、轮次、涉及资金(元)、涉及资金(分)、涉及户数、涉及人数、涉及条数
    no sheet of 空.xlsx has a header row; found [], accepted are ["问题来源", "发文单位", "来源文号", "序号", "反馈日期", "问题类别", "标题", "具体问题", "涉及县市", "涉及乡村", "严重程度", "责任单位", "轮次", "涉及资金(元)", "涉及资金(分)", "涉及户数", "涉及人数", "涉及条数"]
    "#);
}

#[tokio::test]
async fn any_number_of_empty_rows_is_walked_through() {
    let mut empty = Workbook::new();
    let sheet = empty.add_worksheet();
    fill(sheet, 0, &[&["序号", "具体问题"], &["1", "漏雨"]]);
    for row in 2..50_000 {
        sheet.set_row_format(row, &Format::new().set_bold()).unwrap();
    }
    sheet.write(1_048_575, 0, 2).unwrap();
    sheet.write(1_048_575, 1, "缺水").unwrap();
    let (report, findings) = taken(given(), vec![book(empty)]).await;
    assert_eq!((report.rows, findings.len()), (2, 2));
    assert_eq!(report.accepted[1].place.row, 1_048_576);
}

/// Returns the files with what is wrong beside the cells.
async fn errors(files: Vec<File>, report: &Report, language: Language) -> File {
    let handover = handover(Directory::default());
    let workbook = workbook_of_errors::<InspectionItem>(&handover, files, report, language).await.unwrap();
    file("清单.xlsx", workbook)
}

/// Returns a delivery that nobody takes.
fn handover(directory: Directory) -> Handover {
    let received = "2020-05-01T00:00:00Z".parse().unwrap();
    Handover::new(Bus::in_process(), Actor::INSTALLATION, received, Arc::new(directory), Zone::SHANGHAI)
}

/// Types other texts into a workbook.
fn corrected(file_of: &File, with: &[(&str, &str)]) -> File {
    let mut whole = zip::ZipArchive::new(Cursor::new(file_of.bytes.clone())).unwrap();
    let mut copy = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..whole.len() {
        let mut entry = whole.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        for (wrong, right) in with.iter().filter(|_| name == "xl/sharedStrings.xml") {
            assert!(content.contains(wrong), "{content}");
            content = content.replace(wrong, right);
        }
        copy.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        copy.write_all(content.as_bytes()).unwrap();
    }
    file("清单.xlsx", copy.finish().unwrap().into_inner())
}

/// The list of an office with two cells that are wrong.
fn wrong_list() -> File {
    let mut list = office_list();
    let sheet = list.worksheet_from_index(0).unwrap();
    sheet.write(6, 5, "昨天").unwrap();
    sheet.write(9, 3, "约三千元").unwrap();
    book(list)
}

#[tokio::test]
async fn what_is_wrong_is_corrected_beside_the_cells_and_the_same_file_is_handed_in_again() {
    let (report, first) = taken(given(), vec![wrong_list()]).await;
    assert_eq!((first.len(), report.refused.len()), (2, 2));
    for language in [Language::Chinese, Language::English] {
        let errors = errors(vec![wrong_list()], &report, language).await;
        let (again, unchanged) = taken(given(), vec![errors.clone()]).await;
        let places = |report: &Report| -> Vec<_> {
            let place = |error: &rectify_intake::report::RowError| {
                (error.place.row, error.column.clone(), error.reason.clone())
            };
            report.refused.iter().map(place).collect()
        };
        assert_eq!(places(&again), places(&report), "it is the sender's own, row by row");
        assert_eq!((&unchanged, &again.unknown_columns), (&first, &report.unknown_columns));

        let right = corrected(&errors, &[(">昨天<", ">2020年4月18日<"), (">约三千元<", ">3000元<")]);
        let (report, findings) = taken(given(), vec![right]).await;
        assert!(report.refused.is_empty() && report.unknown_columns == again.unknown_columns, "{report:?}");
        assert_eq!(findings.iter().filter(|finding| first.contains(finding)).count(), 2);
        insta::allow_duplicates! {
            assert_snapshot!(shown(&findings), @r"
            1 管网冻裂 623023 2020-04-21 [Money 12500000]
            2 水费 偏高 623023 2020-04-18 []
            3 水质未检测 623023 2020-04-20 []
            4 住房漏雨 623021 2020-04-20 [Money 300000]
            ");
        }
    }
}

#[tokio::test]
async fn a_text_file_comes_back_as_a_workbook_and_what_was_said_before_is_not_said_twice() {
    let csv = || vec![file("清单.csv", "序号,具体问题,反馈日期\n1,漏雨,昨天\n,缺水,2020-04-20\n")];
    let (report, before) = taken(given(), csv()).await;
    let once = errors(csv(), &report, Language::Chinese).await;
    let (report, _) = taken(given(), vec![once.clone()]).await;
    let twice = errors(vec![once.clone()], &report, Language::Chinese).await;
    let (report, findings) = taken(given(), vec![corrected(&twice, &[(">昨天<", ">2020.4.18<")])]).await;
    assert_eq!((findings.len(), report.refused.len(), report.unknown_columns.len()), (2, 0, 0), "{report:?}");
    assert!(findings.contains(&before[0]), "what has no number is known by its content still");
    let thrice = errors(vec![twice], &report, Language::Chinese).await;
    let names = zip_text(&thrice, "xl/sharedStrings.xml");
    assert_eq!(names.matches("问题（系统标注）").count(), 1, "{names}");
}

fn zip_text(file: &File, part: &str) -> String {
    let mut text = String::new();
    let mut whole = zip::ZipArchive::new(Cursor::new(file.bytes.clone())).unwrap();
    whole.by_name(part).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn several_problems_in_one_cell_are_proposed_as_a_split_and_split_when_that_is_asked() {
    let text = "序号,具体问题,涉及户数\n3,①管网冻裂；②水费偏高,\n4,1.漏雨严重。2.墙体开裂,2\n5,缺水,\n";
    let (report, findings) = taken(given(), vec![file("清单.csv", text)]).await;
    assert_eq!(findings.len(), 3, "nothing is split unasked");
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 3 · 接收 3 · 未接收 0
    一格多个问题，建议拆分；看过后加 --split 再报:
    ┌──────────┬────────┬────┬──────────┬──────┬─────────────────┐
    │ 文件     ┆ 工作表 ┆ 行 ┆ 列       ┆ 编号 ┆ 各项            │
    ╞══════════╪════════╪════╪══════════╪══════╪═════════════════╡
    │ 清单.csv ┆        ┆ 2  ┆ 具体问题 ┆ 3    ┆ 3-1　管网冻裂   │
    │          ┆        ┆    ┆          ┆      ┆ 3-2　水费偏高   │
    │ 清单.csv ┆        ┆ 3  ┆ 具体问题 ┆ 4    ┆ 4-1　漏雨严重。 │
    │          ┆        ┆    ┆          ┆      ┆ 4-2　墙体开裂   │
    └──────────┴────────┴────┴──────────┴──────┴─────────────────┘
    ");

    let handover = Handover { given: given(), split: Split::All, check: true, ..handover(office::directory()) };
    let report =
        rectify_intake::import::<InspectionItem>(&handover, vec![file("清单.csv", text)], |_| ()).await.unwrap();
    let items: Vec<&str> = report.accepted.iter().map(|accepted| accepted.item.as_str()).collect();
    assert_eq!(items, ["3-1", "3-2", "4", "5"]);
    assert_eq!(report.warnings[0].reason.code(), "undivided", "nobody says whose households they are");
}
