//! `rectify import` of files as offices make them: mappings, corrections, splits, rows gone.

use insta::assert_snapshot;

use crate::office::Office;

/// A sheet whose headers nobody knows.
const FOREIGN: &str = "编码,主要表现,属地,数额\n1,村级饮水管道冬季冻裂,甘南州,1.5\n2,危房改造验收资料不全,甘南州,\n";

const MAPPING: &str = "\
[columns]
\"编码\" = \"序号\"
\"主要表现\" = \"text\"
\"属地\" = \"division\"
\"数额\" = \"money_fen\"

[defaults]
source = \"patrol\"
issuing_body = \"州委巡察办\"
document = \"州巡〔2020〕3号\"
discovered = \"2020-04-21\"
unit = \"万元\"
";

#[tokio::test]
async fn a_mapping_is_given_once_and_remembered_until_it_is_forgotten() {
    let office = Office::small().await;
    let (sheet, mapping) = (office.file("foreign.csv", FOREIGN), office.file("mapping.toml", MAPPING));
    let unknown = office.cannot(&["import", "inspection", &sheet]).await;
    assert!(unknown.contains("没有可识别的表头"), "{unknown}");
    let checked = office.does(&["import", "inspection", &sheet, "--mapping", &mapping, "--check"]).await;
    assert_snapshot!(checked, @r"
    读取行数 2 · 接收 2 · 未接收 0
    按给出的对照读取: foreign.csv
    ");
    assert!(office.does(&["mapping", "list"]).await.lines().count() < 5, "a check leaves nothing behind");
    office.does(&["import", "inspection", &sheet, "--mapping", &mapping]).await;

    let again = office.does(&["import", "inspection", &sheet]).await;
    assert!(again.contains("记下的对照读取: foreign.csv"), "{again}");
    let listed = office.does(&["mapping", "list"]).await;
    let id = listed.lines().nth(3).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    assert!(listed.contains("编码、主要表现、属地、数额"), "{listed}");
    let shown = office.does(&["mapping", "show", &id]).await;
    assert!(shown.contains("\"主要表现\" = \"text\"") && shown.contains("unit = \"万元\""), "{shown}");
    office.does(&["mapping", "forget", &id]).await;
    office.cannot(&["import", "inspection", &sheet]).await;
    assert_snapshot!(office.cannot(&["mapping", "forget", &id]).await.replace(&id, "ID"), @r#"rectify: there is no mapping "ID": `rectify mapping list` shows them all"#);

    let wrong = office.file("wrong.toml", "[columns]\n\"主要表现\" = \"txt\"\n");
    let said = office.cannot(&["import", "inspection", &sheet, "--mapping", &wrong]).await;
    assert!(said.starts_with("rectify: 对照文件把“主要表现”对应到“txt”，没有这一列"), "{said}");
}

const LIST: &str = "序号,问题来源,发文单位,来源文号,反馈日期,县市,具体问题\n\
    1,patrol,州委巡察办,州巡〔2020〕3号,2020-04-21,甘南州,村级饮水管道冬季冻裂\n\
    2,patrol,州委巡察办,州巡〔2020〕3号,2020-04-21,甘南州,危房改造验收资料不全\n\
    3,patrol,州委巡察办,州巡〔2020〕3号,2020-04-21,甘南州,①账目不清；②票据缺失\n";

#[tokio::test]
async fn what_is_gone_from_a_newer_file_is_told_and_stays() {
    let office = Office::small().await;
    let list = office.file("list.csv", LIST);
    let first = office.does(&["import", "inspection", &list]).await;
    assert!(!first.contains("本次文件中没有"), "{first}");
    let rows: Vec<&str> = LIST.lines().collect();
    let shorter = office.file("shorter.csv", &[rows[0], rows[3], rows[1]].join("\n"));
    let told = office.does(&["import", "inspection", &shorter]).await;
    let gone = told.split("以前报过").nth(1).unwrap().split("一格多个").next().unwrap();
    let day = gone.lines().nth(4).unwrap().split_whitespace().nth(7).unwrap();
    assert_snapshot!(gone.replace(day, "DAY-OF-DAY"), @r"
    、本次文件中没有的问题（原事项不变）:
    ┌────────────┬─────────────────┬──────┬────────────┐
    │ 发文单位   ┆ 文号            ┆ 编号 ┆ 上次报送   │
    ╞════════════╪═════════════════╪══════╪════════════╡
    │ 州委巡察办 ┆ 州巡〔2020〕3号 ┆ 2    ┆ DAY-OF-DAY │
    └────────────┴─────────────────┴──────┴────────────┘
    ");
    let refused = office.file("refused.csv", &LIST.replace("2020-04-21,甘南州,危房", "昨天,甘南州,危房"));
    let told = office.asks(&["import", "inspection", &refused]).await;
    assert!(told.code == 1 && !told.out.contains("本次文件中没有"), "a row that is wrong is in the file: {}", told.out);

    let split = office.does(&["import", "inspection", &list, "--split=3"]).await;
    assert!(split.contains("已拆分") && split.contains("3-2"), "{split}");
    office.does(&["rebuild"]).await;
    assert!(office.does(&["ledger", "--count"]).await.starts_with("共 5 件"));
}

#[tokio::test]
async fn a_report_is_json_too_and_what_is_wrong_is_written_beside_the_cells() {
    let office = Office::small().await;
    let list = office.file("list.csv", &LIST.replacen("2020-04-21", "长期坚持", 1));
    let errors = office.path("errors.xlsx");
    let said = office.asks(&["import", "inspection", &list, "--report", "json", "--errors", &errors]).await;
    assert_eq!(said.code, 1, "{}", said.err);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["refused"][0]["code"], "status_word");
    assert_eq!(report["several"][0]["parts"][1], "票据缺失");
    let again = office.asks(&["import", "inspection", &errors, "--english"]).await;
    assert!(again.out.contains("says how far it has come"), "{}{}", again.out, again.err);
    assert!(!again.out.contains("unknown columns"), "{}", again.out);
}

/// An older ledger whose headers nobody knows: a lead that is not in the directory in its second row.
const OLD: &str = "台账号,查摆出的毛病,属地,谁来改,啥时候改完,改到哪了\n\
    甘整〔2019〕7,管道冻裂。,甘南州,州水务局,2020-06-30,整改中\n\
    甘整〔2019〕8,水费未入账。,甘南州,州水利局,2020-06-30,整改中\n";

const OLD_MAPPING: &str = "\
[columns]
\"台账号\" = \"编号\"
\"查摆出的毛病\" = \"text\"
\"属地\" = \"division\"
\"谁来改\" = \"牵头单位\"
\"啥时候改完\" = \"deadline\"
\"改到哪了\" = \"整改状态\"

[defaults]
source = \"patrol\"
discovered = \"2019-11-05\"
";

#[tokio::test]
async fn an_older_ledger_is_read_by_a_mapping_and_its_errors_stand_beside_the_cells() {
    let office = Office::small().await;
    office.does(&["unit", "add", "州水务局", "--kind", "department", "--parent", "甘南州"]).await;
    let (old, mapping) = (office.file("old.csv", OLD), office.file("mapping.toml", OLD_MAPPING));
    assert!(office.cannot(&["import", "ledger", &old]).await.contains("没有可识别的表头"));
    let checked = office.asks(&["import", "ledger", &old, "--mapping", &mapping, "--check"]).await;
    assert!(checked.out.contains("将承前 1 · 未接收 1") && checked.out.contains("按给出的对照读取"), "{}", checked.out);
    assert!(office.does(&["mapping", "list"]).await.lines().count() < 5, "a check leaves nothing behind");

    let errors = office.path("errors.xlsx");
    let said = office.asks(&["import", "ledger", &old, "--mapping", &mapping, "--errors", &errors]).await;
    assert!(said.code == 1 && said.out.contains("已承前 1 · 未接收 1"), "{}{}", said.out, said.err);
    // The workbook has the sender's own header: it is read by what was remembered, and the remarks are passed over.
    let report = office.asks(&["import", "ledger", &errors, "--report", "json"]).await;
    let report: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(report["carried"][0]["fate"], "known", "the same problem, though it stands in another file: {report}");
    assert_eq!(report["refused"][0]["column"], "谁来改");
    assert_eq!(report["unknown_columns"], serde_json::json!([]));
    assert!(report["sheets"][0]["mapping"]["since"].is_string(), "{report}");

    let listed = office.does(&["mapping", "list"]).await;
    assert!(listed.contains("ledger") && listed.contains("州整改办"), "{listed}");
    let id = listed.lines().nth(3).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    office.does(&["mapping", "forget", &id]).await;
    office.cannot(&["import", "ledger", &old]).await;
    assert_snapshot!(office.cannot(&["import", "ledger", &old, "--split"]).await, @"rectify: an older ledger is read row by row: --split is not for it");
}
