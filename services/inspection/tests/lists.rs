//! Inspection lists as they come in.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../intake/tests/office/mod.rs"]
mod office;

use insta::{assert_json_snapshot, assert_snapshot};
use office::{file, hand_in};
use rectify_case::Finding;
use rectify_inspection::InspectionItem;
use rectify_intake::{File, FileError, Given, ImportError, Language, Report};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

async fn taken(given: Given, text: &str) -> (Report, Vec<Finding>) {
    hand_in::<InspectionItem>(given, vec![file("清单.csv", text.to_owned())]).await.unwrap()
}

async fn refused(file: File) -> FileError {
    match hand_in::<InspectionItem>(Given::default(), vec![file]).await {
        Err(ImportError::File(error)) => error,
        other => panic!("{other:?}"),
    }
}

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

const CHINESE: &str = "\
问题来源,来源文号,序号,发文单位,反馈日期,问题类别,标题,具体问题,涉及县市,涉及乡村,严重程度,涉及户数,涉及人数,涉及资金（元）,涉及条数,责任单位,轮次
回头看,甘回〔2020〕2号,7,省扶贫办,2020/4/21,饮水安全,饮水管网冬季冻管,\"管网埋深不足，冬季冻管。
涉及两个自然村。\",舟曲县,曲告纳镇,较重,36,152,\"12,345.6\",,舟曲县水务局,第二组
";

#[tokio::test]
async fn headers_are_known_in_both_languages_and_any_order() {
    let english = "\
round,responsible_unit,money,persons,households,severity,place,division,text,title,category,discovered,issuing body,item,Document,source
第二组,舟曲县水务局,12345.60,152,36,serious,曲告纳镇,623023,\"管网埋深不足，冬季冻管。
涉及两个自然村。\",饮水管网冬季冻管,饮水安全,2020-04-21,省扶贫办,7,甘回〔2020〕2号,look-back
";
    let (report, chinese) = taken(Given::default(), CHINESE).await;
    assert_eq!((report.accepted.len(), report.unknown_columns.len()), (1, 0), "{report:?}");
    let (_, english) = taken(Given::default(), english).await;
    assert_eq!(chinese, english);
    assert_json_snapshot!(chinese[0], @r#"
    {
      "source": "look-back",
      "reference": {
        "issuing_body": "省扶贫办",
        "document": "甘回〔2020〕2号",
        "item": "7"
      },
      "title": "饮水管网冬季冻管",
      "text": "管网埋深不足，冬季冻管。\n涉及两个自然村。",
      "division": "623023",
      "place": "曲告纳镇",
      "discovered": "2020-04-21",
      "category": "饮水安全",
      "severity": "serious",
      "found": {
        "money": 1234560,
        "households": 36,
        "persons": 152
      },
      "details": {
        "kind": "inspection",
        "round": "第二组",
        "responsible": "舟曲县水务局"
      }
    }
    "#);
}

#[tokio::test]
async fn a_workbook_has_titles_above_its_header_dates_as_cells_and_as_text_and_other_sheets() {
    let mut book = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let minute = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    book.add_worksheet().set_name("说明").unwrap().write(0, 0, "填表说明").unwrap();
    let sheet = book.add_worksheet().set_name("问题清单").unwrap();
    sheet.write(0, 0, "2020年巡察反馈问题清单").unwrap();
    for (column, header) in ["序号", "具体问题", "反馈日期", "涉及资金(元)", "备注"].into_iter().enumerate()
    {
        sheet.write(2, u16::try_from(column).unwrap(), header).unwrap();
    }
    let at = ExcelDateTime::parse_from_str("2020-04-21T09:32:09").unwrap();
    let on = ExcelDateTime::parse_from_str("2020-04-21").unwrap();
    for (row, item) in (3..6).zip(1..) {
        sheet.write(row, 0, item).unwrap();
        sheet.write(row, 1, format!("\t\n问题{item}\n")).unwrap();
    }
    sheet.write_with_format(3, 2, &on, &day).unwrap();
    sheet.write_with_format(4, 2, &at, &minute).unwrap();
    sheet.write(5, 2, "2020/4/21 9:32:09").unwrap();
    sheet.write_formula(4, 3, Formula::new("=0.1+0.2").set_result("0.30000000000000004")).unwrap();
    let book = file("清单.xlsx", book.save_to_buffer().unwrap());

    let (report, findings) = hand_in::<InspectionItem>(given(), vec![book]).await.unwrap();

    let shown: Vec<_> = findings
        .iter()
        .map(|finding| {
            format!("{} {} {} {:?}", finding.reference.item, finding.text, finding.discovered, finding.found)
        })
        .collect();
    assert_snapshot!(shown.join("\n"), @r"
    1 问题1 2020-04-21 {}
    2 问题2 2020-04-21T01:32:09Z {Money: 30}
    3 问题3 2020-04-21T01:32:09Z {}
    ");
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 3 · 接收 3 · 未接收 0
    无表头，未读: 清单.xlsx 说明
    未识别的列: 备注
    ");
    let rows: Vec<u64> = report.accepted.iter().map(|accepted| accepted.place.row).collect();
    assert_eq!(rows, [4, 5, 6], "as the spreadsheet counts");
}

const BAD: &str = "\
序号,具体问题,反馈日期,涉及县市,严重程度,涉及户数,涉及资金(元),问题来源,备注
1,低保未按月发放,昨天,临潭县,一般,3,100,巡查检查,
2,,2020-04-21,临潭县,一般,3,100,巡查检查,

4,住房漏雨,2020-04-21,卓尼县,一般,3,100,巡查检查,
5,住房漏雨,2020-04-21,临潭县,很严重,三户,约三万,巡查检查,
6,住房漏雨,2020-04-21,临潭县,一般,3,1.005,审计,
7,住房漏雨,2020-04-21,临潭县,一般,3,1.005,审计,机密★5年
8,住房漏雨,2020-05-02,临潭县,一般,3,1,巡查检查,
9,住房漏雨,2020-05-01,620100,一般,3,1,审计,
10,住房漏雨,2020-05-01,623021,一般,3,1,审计,
11,道路塌方,2020-05-01,623021,一般,3,1,巡查检查,
11,道路塌方,2020-05-01,623021,一般,3,1,巡查检查,
11,道路塌方两处,2020-05-01,623021,一般,3,1,巡查检查,
";

#[tokio::test]
async fn a_bad_row_is_reported_with_row_column_value_and_reason_and_good_rows_go_in() {
    let (report, findings) = taken(given(), BAD).await;
    assert_eq!(findings.len(), 1);
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 12 · 接收 1 · 未接收 10
    未识别的列: 备注
    未接收:
    ┌──────────┬────────┬────┬──────────────┬────────────┬──────────────────────────────────────────────────────────────────┐
    │ 文件     ┆ 工作表 ┆ 行 ┆ 列           ┆ 内容       ┆ 原因                                                             │
    ╞══════════╪════════╪════╪══════════════╪════════════╪══════════════════════════════════════════════════════════════════╡
    │ 清单.csv ┆        ┆ 2  ┆ 反馈日期     ┆ 昨天       ┆ 不是日期；请写作 2020-04-21 或 2020/4/21 9:32:09，或设为日期格式 │
    │ 清单.csv ┆        ┆ 3  ┆ 具体问题     ┆            ┆ 必填项为空                                                       │
    │ 清单.csv ┆        ┆ 5  ┆ 涉及县市     ┆ 卓尼县     ┆ 不是本州的县市名称或行政区划代码                                 │
    │ 清单.csv ┆        ┆ 6  ┆ 严重程度     ┆ 很严重     ┆ 应为下列之一：一般、较重、重大                                   │
    │ 清单.csv ┆        ┆ 6  ┆ 涉及户数     ┆ 三户       ┆ 不是整数                                                         │
    │ 清单.csv ┆        ┆ 6  ┆ 涉及资金(元) ┆ 约三万     ┆ 不是金额                                                         │
    │ 清单.csv ┆        ┆ 7  ┆ 涉及资金(元) ┆ 1.005      ┆ 金额最多到分                                                     │
    │ 清单.csv ┆        ┆ 8  ┆ 涉及资金(元) ┆ 1.005      ┆ 金额最多到分                                                     │
    │ 清单.csv ┆        ┆ 8  ┆ 备注         ┆ 机密       ┆ 带有密级标志，不得进入本系统                                     │
    │ 清单.csv ┆        ┆ 9  ┆ 反馈日期     ┆ 2020-05-02 ┆ 晚于收到的时间                                                   │
    │ 清单.csv ┆        ┆ 10 ┆ 问题来源     ┆ 审计       ┆ 不是本入口的问题来源，应为下列之一：“回头看”、巡查检查           │
    │ 清单.csv ┆        ┆ 11 ┆ 问题来源     ┆ 审计       ┆ 不是本入口的问题来源，应为下列之一：“回头看”、巡查检查           │
    │ 清单.csv ┆        ┆ 14 ┆ 序号         ┆ 11         ┆ 与第 12 行编号相同而内容不同                                     │
    └──────────┴────────┴────┴──────────────┴────────────┴──────────────────────────────────────────────────────────────────┘
    请留意:
    ┌──────────┬────────┬────┬──────┬──────┬──────────────────────────┐
    │ 文件     ┆ 工作表 ┆ 行 ┆ 列   ┆ 内容 ┆ 原因                     │
    ╞══════════╪════════╪════╪══════╪══════╪══════════════════════════╡
    │ 清单.csv ┆        ┆ 13 ┆ 序号 ┆ 11   ┆ 与第 12 行相同，只记一次 │
    └──────────┴────────┴────┴──────┴──────┴──────────────────────────┘
    ");
    assert_snapshot!(report.print(Language::English).lines().nth(6).unwrap(), @"│ 清单.csv ┆       ┆ 2   ┆ 反馈日期     ┆ 昨天       ┆ is no date; write 2020-04-21 or 2020/4/21 9:32:09, or format the cell as a date │");
    assert_json_snapshot!(report.refused[0], @r#"
    {
      "file": "清单.csv",
      "row": 2,
      "column": "反馈日期",
      "value": "昨天",
      "code": "not_a_date",
      "reason": "不是日期；请写作 2020-04-21 或 2020/4/21 9:32:09，或设为日期格式",
      "reason_en": "is no date; write 2020-04-21 or 2020/4/21 9:32:09, or format the cell as a date"
    }
    "#);
}

#[tokio::test]
async fn a_row_without_a_number_is_known_by_its_content_and_its_ordinal() {
    let items = |findings: &[Finding]| findings.iter().map(|f| f.reference.item.clone()).collect::<Vec<_>>();
    let (_, first) = taken(given(), "具体问题,涉及户数\n住房漏雨,3\n住房漏雨,3\n饮水不足,\n").await;
    let (_, moved) =
        taken(given(), "备注,涉及户数,具体问题\n,,饮水不足\n,,新增\n甲, 3 ,住房漏雨 \n乙,3,住房漏雨\n").await;
    let (first, moved) = (items(&first), items(&moved));
    assert_eq!(first[0].strip_suffix('1'), first[1].strip_suffix('2'));
    assert_eq!([&first[0], &first[1], &first[2]], [&moved[2], &moved[3], &moved[0]]);
}

#[tokio::test]
async fn a_text_too_long_for_an_event_is_refused() {
    let text = "长".repeat(80_000);
    let (report, findings) = taken(given(), &format!("序号,具体问题\n1,{text}\n2,短\n")).await;
    assert_eq!(findings.len(), 1);
    assert_eq!(report.refused[0].reason.code(), "too_long");
}

#[tokio::test]
async fn a_file_without_what_is_needed_is_refused_whole() {
    let missing = refused(file("清单.csv", "序号,具体问题,问题来源\n1,漏雨,巡查检查\n")).await;
    assert_snapshot!(missing.chinese(), @"清单.csv：缺少列 发文单位、来源文号、反馈日期、涉及县市；找到：序号、具体问题、问题来源；可识别：问题来源、发文单位、来源文号、序号、反馈日期、问题类别、标题、具体问题、涉及县市、涉及乡村、严重程度、责任单位、轮次、涉及资金(元)、涉及资金(分)、涉及户数、涉及人数、涉及条数");
    let none = refused(file("清单.csv", "甲,乙\n1,2\n")).await;
    assert_eq!(none.code(), "no_header");
    let twice = refused(file("清单.csv", "序号,编号,具体问题\n1,2,漏雨\n")).await;
    assert_snapshot!(twice, @r#"清单.csv has 序号 twice: ["序号", "编号"]"#);
    let old = refused(file("清单.xls", "")).await;
    assert_snapshot!(old, @"清单.xls is an older workbook; save it as .xlsx");
    let unknown = refused(file("清单", "")).await;
    assert_eq!(unknown.code(), "unknown_format");
    let broken = refused(file("清单.xlsx", "no workbook")).await;
    assert_eq!(broken.code(), "unreadable_file");
    let shape = refused(file("清单.json", "[1, 2]")).await;
    assert_eq!(shape.code(), "json_shape");
}

#[tokio::test]
async fn text_in_no_known_encoding_is_refused() {
    let neither = refused(file("清单.csv", b"abc\xff\n".to_vec())).await;
    assert_snapshot!(neither, @"清单.csv is neither UTF-8 nor GB 18030 but an unknown encoding; save it as CSV UTF-8");
}

#[tokio::test]
async fn a_byte_order_mark_and_windows_line_ends_are_no_matter() {
    let (report, findings) = taken(given(), "\u{feff}序号,具体问题\r\n1,漏雨\r\n\r\n2,\r\n").await;
    assert_eq!(findings.len(), 1);
    assert_eq!(report.refused[0].place.row, 4, "as the spreadsheet counts");
}

#[tokio::test]
async fn json_is_an_array_of_objects_or_one() {
    let text = r#"[{"序号": 1, "具体问题": "漏雨", "涉及户数": 3, "备注": "x"}, {"item": "2", "text": "缺水"}]"#;
    let many = hand_in::<InspectionItem>(given(), vec![file("清单.json", text)]).await;
    assert!(matches!(many, Err(ImportError::File(FileError::TwiceTheSame { .. }))), "{many:?}");
    let text = r#"[{"序号": 1, "具体问题": "漏雨", "涉及户数": 3, "备注": "x"}, {"序号": "2", "具体问题": null}]"#;
    let (report, findings) = hand_in::<InspectionItem>(given(), vec![file("清单.json", text)]).await.unwrap();
    assert_eq!((findings.len(), report.refused[0].place.row), (1, 2));
    assert_eq!(report.unknown_columns, ["备注"]);
    let one = r#"{"item": 9, "text": "缺水", "money_fen": 1234}"#;
    let (_, findings) = hand_in::<InspectionItem>(given(), vec![file("清单.json", one)]).await.unwrap();
    assert_eq!(findings[0].found.values().copied().collect::<Vec<_>>(), [1234]);
}

#[tokio::test]
async fn what_is_said_for_every_row_is_checked_before_the_first() {
    let wrong = Given { division: Some("兰州市".to_owned()), ..given() };
    let error = hand_in::<InspectionItem>(wrong, vec![file("清单.csv", "序号,具体问题\n1,漏雨\n")]).await.unwrap_err();
    assert_snapshot!(error, @r#"division "兰州市" is no name or GB/T 2260 code of a division here"#);
}
