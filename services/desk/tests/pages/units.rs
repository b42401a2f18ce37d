//! The units, as an administrator keeps them on pages.

use axum::http::StatusCode;
use rectify_intake::cell::Cell;
use rectify_intake::{File, plain};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;

use crate::browser::{Browser, Form};
use crate::client::Answer;
use crate::office::{ADMINISTRATOR, CIVIL_AFFAIRS, COUNTY, COUNTY_OFFICE, HANDLER, Office, PREFECTURE, WATER, id};

/// Returns a unit of the directory by its name.
async fn unit(office: &Office, name: &str) -> Option<Value> {
    let directory = office.caller(HANDLER).await.get("/api/directory").await.good();
    directory["units"].as_array().unwrap().iter().find(|unit| unit["name"] == name).cloned()
}

#[tokio::test]
async fn a_unit_is_added_changed_and_abolished_by_forms() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let form = admin.page("/admin/units").await.form("/admin/units");
    let filled = form
        .with("name", "州住建局")
        .with("kind", "department")
        .with("parent", &id(PREFECTURE))
        .with("division", "623000");
    assert_eq!(admin.submit(&filled).await.leads_to(), "/admin/units");
    let added = unit(&office, "州住建局").await.unwrap();
    assert_eq!((&added["kind"], &added["parent"]), (&"department".into(), &id(PREFECTURE).into()));
    // Sent twice, it is one unit.
    assert_eq!(admin.submit(&filled).await.leads_to(), "/admin/units");
    assert_eq!(admin.page("/admin/units").await.text().matches(">州住建局</a>").count(), 1);

    let path = format!("/admin/units/{}", added["id"].as_str().unwrap());
    let form = admin.page(&path).await.form(&path);
    assert_eq!((form.value("name"), form.value("kind")), (Some("州住建局"), Some("department")));
    let same = admin.submit(&form).await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(same.text().contains("与原来相同"));
    let form = same.form(&path).with("name", "州住房和城乡建设局");
    assert_eq!(admin.submit(&form).await.leads_to(), "/admin/units");
    assert!(unit(&office, "州住建局").await.is_none());

    let abolish = format!("{path}/abolish");
    let form = admin.page(&path).await.form(&abolish).with("successor", &id(WATER));
    assert_eq!(admin.submit(&form).await.leads_to(), "/admin/units");
    assert_eq!(unit(&office, "州住房和城乡建设局").await.unwrap()["abolished"], true);
    assert!(!admin.page(&path).await.text().contains(&abolish));
}

#[tokio::test]
async fn what_is_wrong_with_a_unit_is_said_at_its_field_and_what_was_typed_stays() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let form = admin.page("/admin/units").await.form("/admin/units");
    let filled = form.with("name", "临潭县住建局").with("division", "62").with("kind", "department");
    let answer = admin.submit(&filled).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = answer.form("/admin/units");
    assert_eq!((again.value("name"), again.value("division")), (Some("临潭县住建局"), Some("62")));
    assert_eq!(again.value("kind"), Some("department"));
    assert!(answer.text().contains("id=\"add-division-wrong\""));
    let filled = again.with("division", "623021").with("prefix", "临-潭");
    let answer = admin.submit(&filled).await;
    assert!(answer.text().contains("id=\"add-prefix-wrong\""), "{}", answer.text());
    assert!(unit(&office, "临潭县住建局").await.is_none());
    let empty = admin.submit(&answer.form("/admin/units").with("name", " ")).await;
    assert!(empty.text().contains("请填写此项。"));

    let path = format!("/admin/units/{}", id(COUNTY));
    let form = admin.page(&path).await.form(&path).with("parent", &id(COUNTY_OFFICE));
    let answer = admin.submit(&form).await;
    assert!(answer.text().contains("单位不能隶属于自身或其下级。"));
    assert!(answer.text().contains("id=\"change-parent-wrong\""));
    assert_eq!(answer.form(&path).value("parent"), Some(id(COUNTY_OFFICE).as_str()));
}

#[tokio::test]
async fn units_stand_in_their_tree_and_are_found_by_name_and_division() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let text = admin.page("/admin/units").await.text();
    let at = |name: &str| text.find(&format!(">{name}</a>")).unwrap();
    assert!(at("甘南藏族自治州") < at("州整改办") && at("州水务局") < at("舟曲县"));
    assert!(at("舟曲县") < at("舟曲县整改办") && at("舟曲县整改办") < at("舟曲县民政局"));
    let found = admin.page("/admin/units?text=民政").await.text();
    assert!(found.contains(">舟曲县民政局</a>") && !found.contains(">州水务局</a>"));
    assert!(found.contains("甘南藏族自治州 / 舟曲县"));
    let none = admin.page("/admin/units?text=没有").await.text();
    assert!(none.contains("没有符合条件的单位。"));
    let one = admin.page(&format!("/admin/units/{}", id(CIVIL_AFFAIRS))).await.text();
    assert!(one.contains("赵民政"));
    assert_eq!(admin.get(&format!("/admin/units/{}", id(999))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/admin/units/nonsense").await.status, StatusCode::NOT_FOUND);
}

const IMPORT: &str = "/admin/units/import";

/// What heads a table of units.
const HEADINGS: &[&str] = &["序号", "单位名称", "类别", "上级单位", "区划代码", "编号前缀"];

/// Returns a workbook of units as an office makes one: a title, headings, rows.
fn workbook(headings: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 5, "全州单位名册", &Format::new()).unwrap();
    for (row, cells) in (1..).zip([headings].iter().chain(rows)) {
        for (column, text) in (0..).zip(*cells).filter(|(_, text)| !text.is_empty()) {
            match text.parse::<f64>() {
                Ok(number) => sheet.write(row, column, number).unwrap(),
                Err(_) => sheet.write(row, column, *text).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

/// Brings a table of units.
async fn bring(admin: &mut Browser, name: &str, bytes: &[u8]) -> Answer {
    let form = admin.page(IMPORT).await.form(IMPORT);
    admin.hand_in(&form, name, bytes).await
}

/// Brings rows under the usual headings.
async fn bring_rows(admin: &mut Browser, rows: &[&[&str]]) -> Answer {
    bring(admin, "单位.xlsx", &workbook(HEADINGS, rows)).await
}

#[track_caller]
fn confirming(answer: &Answer) -> Form {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.form("/admin/units/import/confirm")
}

#[tokio::test]
async fn units_of_a_workbook_are_looked_over_and_added_and_changed_once() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    assert!(admin.page("/admin/units").await.text().contains("href=\"/admin/units/import\""));
    let rows: &[&[&str]] = &[
        &["1", "城关镇民政所", "部门", "城关镇"],
        &["2", "城关镇", "镇", "舟曲县", "623023100"],
        &["3", "舟曲县", "县市", "甘南藏族自治州", "舟曲"],
        &["4", "舟曲县整改办", "Rectification office", "舟曲县", "", "曲"],
        &["合计", "4"],
    ];
    let seen = bring_rows(&mut admin, rows).await;
    let form = confirming(&seen);
    let text = seen.text();
    assert!(text.contains("新增 2 个 · 变更 1 个 · 已有、不变 1 个</p>"), "{text}");
    assert!(text.contains("舟曲 → 曲") && text.contains("甘南藏族自治州 / 舟曲县 / 城关镇</p>"), "{text}");
    assert!(text.contains("第 7 行：合计行"), "{text}");
    assert!(unit(&office, "城关镇").await.is_none(), "nothing is written before it is confirmed");

    let done = admin.submit(&form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert!(done.text().contains("已新增 2 个 · 已变更 1 个</p>"), "{}", done.text());
    let (town, below) = (unit(&office, "城关镇").await.unwrap(), unit(&office, "城关镇民政所").await.unwrap());
    assert_eq!((&town["kind"], &town["parent"]), (&"township".into(), &id(COUNTY).into()));
    assert_eq!((&below["parent"], &below["division"]), (&town["id"], &"623023100".into()));
    let changed = unit(&office, "舟曲县整改办").await.unwrap();
    assert_eq!((&changed["prefix"], &changed["division"]), (&"曲".into(), &"623023".into()));

    // Sent twice, by the form or by the table, nothing is doubled.
    let again = admin.submit(&form).await;
    assert!(again.text().contains("已新增 2 个 · 已变更 1 个</p>"), "{}", again.text());
    let seen = bring_rows(&mut admin, rows).await;
    assert!(seen.text().contains("新增 0 个 · 已有、不变 4 个</p>"), "{}", seen.text());
    assert!(!seen.text().contains("确认写入"));
    assert_eq!(admin.page("/admin/units").await.text().matches(">城关镇</a>").count(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_row_is_said_at_its_cell_and_the_others_go_in() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let rows: &[&[&str]] = &[
        &["1", "州住建局", "部门", "甘南藏族自治州"],
        &["2", "州财政局", "厅局", "甘南藏族自治州", "6230"],
        &["3", "州教育局", "部门", "没有的单位"],
        &["4", "州交通局", "部门"],
        &["5", "甲中心", "部门", "乙中心"],
        &["6", "乙中心", "部门", "丙中心"],
        &["7", "丙中心", "部门", "甲中心", "", "丙-中"],
        &["8", "甲中心分部", "部门", "州教育局"],
        &["9", "州住建局", "部门", "甘南藏族自治州"],
        &["10", "州水务局", "整改办", "甘南藏族自治州"],
        &["11", "临潭县", "县", "甘南藏族自治州", "623021", "临-潭"],
        &["12", "", "部门", "甘南藏族自治州"],
        &["13", "州审计局【机密】", "审计", "甘南藏族自治州"],
        &["14", "州林草局", "厅局", "没有的单位", "6230", "林-草"],
        &["15", "州水务局", "整改办", "甘南藏族自治州", "没有的县", "水 务"],
    ];
    let seen = bring_rows(&mut admin, rows).await;
    let form = confirming(&seen);
    let text = seen.text();
    assert!(text.contains("新增 1 个 · <b class=\"late-text\">有误 14 行</b>"), "{text}");
    for wrong in [
        "<b>C4 类别</b> 应为下列之一：州、县市、乡镇、整改办、部门、审计督查机构",
        "<b>D5 上级单位</b> 系统和本表中都没有这个单位",
        "<b>D6 上级单位</b> 必填项为空",
        "<b>D7 上级单位</b> 上级单位成环：第 8 行",
        "<b>D8 上级单位</b> 上级单位成环：第 9 行",
        "<b>D9 上级单位</b> 上级单位成环：第 7 行",
        "<b>D10 上级单位</b> 上级单位见第 5 行，该行有误",
        "<b>B11 单位名称</b> 与第 3 行是同一个单位",
        "<b>C12 类别</b> 系统中已有这个单位，类别为“部门”",
        "<b>F13 编号前缀</b> 编号前缀须为 1 至 20 个字符",
        "<b>B14 单位名称</b> 必填项为空",
        "<b>B15 单位名称</b> 带有密级标志",
        // All that is wrong with a row, cell by cell.
        "<b>E4 区划代码</b> 不是本州的县市名称或行政区划代码",
        "<b>F9 编号前缀</b> 编号前缀须为 1 至 20 个字符",
        "<b>C16 类别</b> 应为下列之一",
        "<b>D16 上级单位</b> 系统和本表中都没有这个单位",
        "<b>E16 区划代码</b> 不是本州的县市名称或行政区划代码",
        "<b>F16 编号前缀</b> 编号前缀须为 1 至 20 个字符",
        "<b>C17 类别</b> 系统中已有这个单位，类别为“部门”",
        "<b>E17 区划代码</b> 不是本州的县市名称或行政区划代码",
        "<b>F17 编号前缀</b> 编号前缀须为 1 至 20 个字符",
    ] {
        assert!(text.contains(wrong), "{wrong}: {text}");
    }
    assert!(admin.submit(&form).await.text().contains("已新增 1 个</p>"));
    assert!(unit(&office, "州住建局").await.is_some() && unit(&office, "甲中心").await.is_none());

    let wrong = bring_rows(&mut admin, &[&["1", "州林草局", "部门", "甘南藏族自治州", "6230"]]).await;
    assert!(wrong.text().contains("<b>E3 区划代码</b> 不是本州的县市名称或行政区划代码"), "{}", wrong.text());
}

#[tokio::test]
async fn a_unit_above_of_which_there_are_several_is_named_by_its_path() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let rows: &[&[&str]] = &[
        &["1", "临潭县", "县", "甘南藏族自治州", "623021"],
        &["2", "城关镇", "乡镇", "临潭县"],
        &["3", "城关镇", "乡镇", "舟曲县"],
        &["4", "城关镇民政所", "部门", "城关镇"],
        &["5", "城关镇财政所", "部门", "临潭县／城关镇", "临潭"],
        &["6", "城关镇司法所", "部门", "临潭县/州水务局"],
    ];
    let seen = bring_rows(&mut admin, rows).await;
    let form = confirming(&seen);
    let text = seen.text();
    let told = text.split("同名单位不止一个").nth(1).unwrap_or_else(|| panic!("{text}"));
    assert!(told.contains("舟曲县 / 城关镇") && told.contains("临潭县 / 城关镇"), "{text}");
    assert!(text.contains("<b>D8 上级单位</b> 系统和本表中都没有这个单位"), "{text}");
    assert!(admin.submit(&form).await.text().contains("已新增 4 个</p>"));
    let below = unit(&office, "城关镇财政所").await.unwrap();
    assert_eq!(below["division"], "623021");
    let seen = bring_rows(&mut admin, &[&["1", "城关镇", "部门", "甘南藏族自治州"]]).await;
    assert!(seen.text().contains("另有同名单位："), "{}", seen.text());
}

#[tokio::test]
async fn what_others_did_after_the_table_was_looked_over_is_not_undone_or_doubled() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let rows: &[&[&str]] = &[
        &["1", "城关镇", "乡镇", "舟曲县"],
        &["2", "城关镇民政所", "部门", "城关镇"],
        &["3", "舟曲县整改办", "整改办", "舟曲县", "", "曲"],
    ];
    let (one, other) = (bring_rows(&mut admin, rows).await, bring_rows(&mut admin, &rows[..2]).await);
    assert!(admin.submit(&confirming(&other)).await.text().contains("已新增 2 个</p>"));
    let path = format!("/admin/units/{}", id(COUNTY_OFFICE));
    let form = admin.page(&path).await.form(&path).with("prefix", "舟");
    assert_eq!(admin.submit(&form).await.leads_to(), "/admin/units");
    let done = admin.submit(&confirming(&one)).await;
    let text = done.text();
    assert!(text.contains("已新增 0 个 · 已有、不变 2 个 · <b class=\"late-text\">未写入 1 个</b>"), "{text}");
    assert!(text.contains("核对之后该单位又有变更"), "{text}");
    assert_eq!(unit(&office, "舟曲县整改办").await.unwrap()["prefix"], "舟");
    assert_eq!(admin.page("/admin/units").await.text().matches(">城关镇</a>").count(), 1);
}

#[tokio::test]
async fn what_takes_long_is_gone_on_with_and_written_once() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    // Every row looks at the clock, which moves a second each time.
    let names: Vec<String> = (0..60).map(|at| format!("第{at}科")).collect();
    let rows: Vec<[&str; 4]> = names.iter().map(|name| ["1", name.as_str(), "部门", "州水务局"]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(<[&str; 4]>::as_slice).collect();
    let seen = bring_rows(&mut admin, &rows).await;
    let begun = admin.submit(&confirming(&seen)).await;
    assert!(begun.text().contains("没有写入。请继续"), "{}", begun.text());
    assert!(unit(&office, "第0科").await.is_some() && unit(&office, "第59科").await.is_none());
    let mut answer = begun;
    while answer.text().contains("继续写入") {
        answer = admin.submit(&confirming(&answer)).await;
    }
    let text = admin.page("/admin/units").await.text();
    assert!(names.iter().all(|name| text.matches(&format!(">{name}</a>")).count() == 1), "{text}");
}

#[tokio::test]
async fn the_empty_workbook_is_read_again_under_its_headings_in_both_languages() {
    let office = Office::open().await;
    let admin = office.signed_in(ADMINISTRATOR).await;
    for (mut admin, name) in [(admin.clone(), "州林草局"), (admin.in_english(), "州农牧局")] {
        let bytes = admin.page("/admin/units/import/workbook").await.bytes;
        let empty = bring(&mut admin, "单位.xlsx", &bytes).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.text());
        let file = File { name: "单位.xlsx".to_owned(), media_type: None, bytes: bytes.into() };
        let sheets = plain::sheets(&file, 100).unwrap();
        assert_eq!((sheets.len(), sheets[1].rows.len()), (2, 8));
        let headings: Vec<String> = sheets[0].rows[0].1.iter().map(Cell::text).collect();
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        let filled = workbook(&headings, &[&[name, "department", "甘南藏族自治州", "623000", ""]]);
        let seen = bring(&mut admin, "单位.xlsx", &filled).await;
        admin.submit(&confirming(&seen)).await;
        assert!(unit(&office, name).await.is_some(), "{}", seen.text());
    }
}

#[tokio::test]
async fn a_table_in_the_encoding_of_offices_is_read_and_what_is_no_table_is_refused() {
    /// `单位名称,类别,上级单位` and a row, in GBK.
    const GBK: &[u8] = b"\xb5\xa5\xce\xbb\xc3\xfb\xb3\xc6,\xc0\xe0\xb1\xf0,\xc9\xcf\xbc\xb6\xb5\xa5\xce\xbb\r\n\
        \xd6\xdd\xd7\xa1\xbd\xa8\xbe\xd6,\xb2\xbf\xc3\xc5,\xb8\xca\xc4\xcf\xb2\xd8\xd7\xe5\xd7\xd4\xd6\xce\xd6\xdd\r\n";
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let seen = bring(&mut admin, "单位.csv", GBK).await;
    assert!(seen.text().contains("新增 1 个"), "{}", seen.text());

    let damaged = bring(&mut admin, "单位.xlsx", b"PK\x03\x04 and no more").await;
    assert_eq!(damaged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(damaged.text().contains("文件损坏"), "{}", damaged.text());
    let no_kind = bring(&mut admin, "单位.xlsx", &workbook(&["单位名称", "上级单位"], &[&["甲", "乙"]])).await;
    assert!(no_kind.text().contains("缺少列 类别"), "{}", no_kind.text());
    let row: &[&str] = &["甲", "部门", "州水务局"];
    let long = bring(&mut admin, "单位.xlsx", &workbook(&HEADINGS[1..4], &vec![row; 2_001])).await;
    assert!(long.text().contains("超过 2000 行"), "{}", long.text());
    let form = admin.page(IMPORT).await.form(IMPORT);
    let none = admin.submit(&form).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("请选择文件。"), "{}", none.text());
}
