//! `rectify import`, and what `case show` and `ledger` make of it, without a server.

use insta::assert_snapshot;

use crate::office::{Office, redacted};

const LIST: &str = "序号,问题来源,发文单位,来源文号,反馈日期,县市,具体问题,涉及户数\n\
    1,patrol,州委巡察办,州巡〔2020〕3号,2020-04-21,甘南州,村级饮水管道冬季冻裂，无人管护。,36\n\
    2,patrol,州委巡察办,州巡〔2020〕3号,2020-04-21,甘南州,,\n\
    3,patrol,州委巡察办,州巡〔2020〕3号,四月二十一,甘南州,危房改造验收资料不全。,2\n";

const GOOD: &str = "序号,问题来源,发文单位,来源文号,反馈日期,县市,具体问题,涉及户数\n\
    1,patrol,州委巡察办,州巡〔2020〕3号,2020-04-21,甘南州,村级饮水管道冬季冻裂，无人管护。,36\n";

#[tokio::test]
async fn good_rows_go_in_and_bad_ones_are_told_by_their_place() {
    let office = Office::small().await;
    let list = office.file("list.csv", LIST);
    let said = office.asks(&["import", "inspection", &list]).await;
    assert_eq!(said.code, 1, "{}", said.err);
    assert_snapshot!(said.out, @r#"
    读取行数 3 · 接收 1 · 未接收 2
    未接收:
    ┌──────────┬────────┬────┬──────────┬────────────┬──────────────────────────────────────────────────────────────────┐
    │ 文件     ┆ 工作表 ┆ 行 ┆ 列       ┆ 内容       ┆ 原因                                                             │
    ╞══════════╪════════╪════╪══════════╪════════════╪══════════════════════════════════════════════════════════════════╡
    │ list.csv ┆        ┆ 3  ┆ 具体问题 ┆            ┆ 必填项为空                                                       │
    │ list.csv ┆        ┆ 4  ┆ 反馈日期 ┆ 四月二十一 ┆ 不是日期；请写作 2020-04-21 或 2020/4/21 9:32:09，或设为日期格式 │
    └──────────┴────────┴────┴──────────┴────────────┴──────────────────────────────────────────────────────────────────┘
    "#);
    let english = office.asks(&["import", "inspection", &list, "--english"]).await;
    assert!(english.out.contains("is needed and empty"), "{}", english.out);
}

#[tokio::test]
async fn a_case_is_shown_as_the_log_tells_it() {
    let office = Office::small().await;
    let list = office.file("list.csv", GOOD);
    office.does(&["import", "inspection", &list, "--as", "马经办"]).await;
    office.does(&["import", "inspection", &list]).await;
    let none = office.cannot(&["case", "show", "审计-2020-0007"]).await;
    let no_number = office.cannot(&["case", "show", "7"]).await;
    assert_snapshot!(no_number, @r#"rectify: "7" is not a case number such as 审计-2020-0007 or 舟曲-信访-2020-0019"#);
    office.does(&["rebuild"]).await;
    let listed = office.does(&["ledger", "--search", "饮水 管道"]).await;
    let mut words = listed.split_whitespace().skip_while(|word| *word != "未编号");
    let id = words.nth(1).unwrap();
    assert_eq!(id.len(), 8, "{listed}");
    let shown = office.does(&["case", "show", id]).await;
    assert_eq!(office.does(&["case", "show", &id.to_uppercase()]).await, shown);
    let too_short = office.cannot(&["case", "show", &id[..7]]).await;
    assert!(too_short.contains("is not a case number"), "{too_short}");
    assert_snapshot!(redacted(&shown), @r#"
    （未编号）  待登记
    村级饮水管道冬季冻裂，无人管护
    标识        ID
    问题来源    巡查检查
    严重程度    一般
    行政区划    623000
    问题数量    36 户
    尚未整改    36 户

       1  2020-04-21  发现问题        州整改办 马经办（整改办经办人）
                      州委巡察办 州巡〔2020〕3号 第 1 项（2020-04-21 发现）
                      村级饮水管道冬季冻裂，无人管护。
                      数量：36 户
    "#);
    assert_snapshot!(office.does(&["ledger", "--count"]).await, @r#"
    共 1 件，在办 1 件，超期 0 件
    ┌────────┬──────┐
    │ 环节   ┆ 件数 │
    ╞════════╪══════╡
    │ 待登记 ┆ 1    │
    └────────┴──────┘
    ┌──────────┬──────┐
    │ 来源     ┆ 件数 │
    ╞══════════╪══════╡
    │ 巡查检查 ┆ 1    │
    └──────────┴──────┘
    "#);
    assert_eq!(office.does(&["ledger", "--count", "--overdue"]).await, "0\n");
    assert_snapshot!(none, @"rectify: there is no case 审计-2020-0007: `rectify ledger` lists them all");
}

#[tokio::test]
async fn only_who_may_hand_in_hands_in() {
    let office = Office::small().await;
    let list = office.file("list.csv", LIST);
    office.does(&["person", "add", "李签收", "--role", "handler", "--unit", "州整改办"]).await;
    assert_snapshot!(office.cannot(&["import", "inspection", &list, "--as", "李签收"]).await, @"rectify: 李签收 may not hand in findings: that takes the role 来源系统、整改办经办人");
    assert_snapshot!(office.cannot(&["import", "inspection", &list, "--token", "rct_x"]).await, @"rectify: the token is not valid");
    office.does(&["person", "add", "马兰英", "--role", "officer", "--unit", "州整改办"]).await;
    assert_snapshot!(office.cannot(&["import", "inspection", &list]).await, @"rectify: say who hands them in, with --as or a token in RECTIFY_TOKEN: 马经办, 马兰英 …");
    assert_snapshot!(office.cannot(&["import", "inspection", "missing.csv"]).await, @"rectify: cannot read missing.csv: No such file or directory (os error 2)");
}

#[tokio::test]
async fn a_file_without_a_header_is_refused_in_chinese_first() {
    let office = Office::small().await;
    let bad = office.file("bad.csv", "标题,内容\n路灯不亮,请派人修理\n");
    let said = office.cannot(&["import", "petition", &bad]).await;
    let (chinese, english) = said.split_once(": bad.csv has no column ").unwrap();
    assert!(chinese.starts_with("rectify: bad.csv：缺少列 来信时间、反映内容、涉及县市；找到：标题、内容；"), "{said}");
    assert!(english.starts_with(r#"["来信时间", "反映内容", "涉及县市"]; found ["标题", "内容"]"#), "{said}");
}

const LEDGER: &str = "编号,来源,反馈日期,县市,具体问题,牵头单位,整改时限,整改状态,销号时间\n\
    甘整〔2019〕7,patrol,2019-11-05,甘南州,管道冻裂。,州水务局,2020-06-30,整改中,\n\
    甘整〔2019〕8,patrol,2019-11-05,甘南州,水费未入账。,州水务局,2019-12-31,已销号,2019-12-28\n\
    甘整〔2019〕9,patrol,2019-11-05,甘南州,台账不全。,州水利局,2020-06-30,整改中,\n";

#[tokio::test]
async fn an_older_ledger_is_carried_over_and_told_from_what_was_proved() {
    let office = Office::small().await;
    office.does(&["unit", "add", "州水务局", "--kind", "department", "--parent", "甘南州"]).await;
    let ledger = office.file("台账.csv", LEDGER);
    let says = |out: &str, words: &[&str]| {
        for word in words {
            assert!(out.contains(word), "no {word} in:\n{out}");
        }
    };
    let dry = office.asks(&["import", "ledger", &ledger, "--dry-run"]).await;
    says(&dry.out, &["将承前 2 · 未接收 1", "仅检查，未写入", "州水利局"]);
    let said = office.asks(&["import", "ledger", &ledger]).await;
    assert_eq!(said.code, 1, "{}", said.err);
    says(&said.out, &["已承前 2 · 未接收 1", "巡查检查-2019-0001", "巡查检查-2019-0002", "单位目录中没有这个单位"]);
    let again = office.asks(&["import", "ledger", &ledger, "--english"]).await;
    says(&again.out, &["carried over before 2 · refused 1", "is no unit of the directory"]);

    office.does(&["rebuild"]).await;
    let listed = office.does(&["ledger", "--number", "甘整〔2019〕8"]).await;
    says(&listed, &["巡查检查-2019-0002", "承前 甘整〔2019〕8", "已整改（承前）", "共 1 件"]);
    says(&office.does(&["ledger", "--declared"]).await, &["共 1 件"]);
    says(&office.does(&["ledger", "--carried-over"]).await, &["共 2 件"]);
    says(&office.does(&["ledger", "--count"]).await, &["已整改（承前，未经核验）"]);
    let shown = office.does(&["case", "show", "甘整〔2019〕8"]).await;
    says(&shown, &["承前", "原台账：已销号 2019-12-28", "台账.csv", "第 3 行", "SHA-256"]);
}
