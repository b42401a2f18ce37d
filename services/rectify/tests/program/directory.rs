//! `rectify unit`, `person`, `source` and `token`, without a server.

use insta::assert_snapshot;

use crate::office::{Office, redacted};

#[tokio::test]
async fn units_stand_in_a_tree() {
    let office = Office::empty();
    let orphan = office.cannot(&["unit", "add", "州水务局", "--kind", "department", "--division", "623000"]).await;
    assert_snapshot!(orphan, @"rectify: say which unit stands above it: --parent");
    office.does(&["unit", "add", "甘南州", "--kind", "prefecture", "--division", "623000"]).await;
    let second = office.cannot(&["unit", "add", "临夏州", "--kind", "prefecture", "--division", "622900"]).await;
    assert_snapshot!(second, @"rectify: there is a prefecture already, and one installation is for one");
    office.does(&["unit", "add", "州水务局", "--kind", "department", "--parent", "甘南州"]).await;
    office.does(&["unit", "add", "州整改办", "--kind", "office", "--parent", "甘南州"]).await;
    let county = ["unit", "add", "舟曲县", "--kind", "county", "--parent", "甘南州", "--division", "623023"];
    office.does(&county).await;
    let below = ["unit", "add", "舟曲县整改办", "--kind", "office", "--parent", "舟曲县", "--prefix", "舟曲"];
    office.does(&below).await;
    let again = office.cannot(&below).await;
    assert_snapshot!(again, @r#"rectify: there is a unit "舟曲县整改办" there already"#);
    office.does(&["unit", "abolish", "州水务局"]).await;
    assert_snapshot!(redacted(&office.does(&["unit", "list"]).await), @r#"
    ┌──────────────────────┬────────┬────────┬──────────┬──────────────────────────────────────┐
    │ 单位                 ┆ 类别   ┆ 区划   ┆ 编号前缀 ┆ 标识                                 │
    ╞══════════════════════╪════════╪════════╪══════════╪══════════════════════════════════════╡
    │ 甘南州               ┆ 州     ┆ 623000 ┆          ┆ ID │
    │ 　州整改办           ┆ 整改办 ┆ 623000 ┆          ┆ ID │
    │ 　州水务局（已撤销） ┆ 部门   ┆ 623000 ┆          ┆ ID │
    │ 　舟曲县             ┆ 县市   ┆ 623023 ┆          ┆ ID │
    │ 　　舟曲县整改办     ┆ 整改办 ┆ 623023 ┆ 舟曲     ┆ ID │
    └──────────────────────┴────────┴────────┴──────────┴──────────────────────────────────────┘
    "#);
}

#[tokio::test]
async fn people_hold_roles_in_units() {
    let office = Office::small().await;
    office.does(&["person", "add", "李接替"]).await;
    let nowhere = office.cannot(&["person", "grant", "李接替", "handler"]).await;
    assert_snapshot!(nowhere, @"rectify: say in which unit: --unit");
    let nobody = office.cannot(&["person", "grant", "张三", "handler", "--unit", "州整改办"]).await;
    assert_snapshot!(nobody, @r#"rectify: there is no person "张三": `rectify person list` shows them all"#);
    office.does(&["person", "grant", "李接替", "verifier", "--unit", "州整改办"]).await;
    let both = office.cannot(&["person", "grant", "李接替", "administrator"]).await;
    assert_snapshot!(both, @"rectify: an administrator can hold no other role: whoever gives roles must not act in cases");
    office.does(&["person", "delegate", "李接替", "--for", "马经办", "--until", "2099-12-31"]).await;
    office.does(&["person", "undelegate", "李接替", "--for", "马经办"]).await;
    office.does(&["person", "end", "马经办", "officer"]).await;
    let ended = office.cannot(&["person", "end", "马经办", "officer"]).await;
    assert_snapshot!(ended, @"rectify: the role is not held now");
    assert_snapshot!(redacted(&office.does(&["person", "list"]).await), @r#"
    ┌────────┬─────────────────┬──────────────────────────────────────┐
    │ 姓名   ┆ 角色            ┆ 标识                                 │
    ╞════════╪═════════════════╪══════════════════════════════════════╡
    │ 马经办 ┆                 ┆ ID │
    │ 李接替 ┆ 州整改办 核验人 ┆ ID │
    └────────┴─────────────────┴──────────────────────────────────────┘
    "#);
}

#[tokio::test]
async fn the_first_administrator_needs_no_unit_and_has_a_token_at_once() {
    let office = Office::empty();
    let made = office.does(&["person", "add", "周守一", "--role", "administrator", "--token"]).await;
    assert_snapshot!(redacted(&made), @r#"
    added 周守一 ID
    TOKEN
    "#);
    let listed = office.does(&["token", "list"]).await;
    assert!(listed.contains("周守一") && listed.contains("有效"), "{listed}");
    let id = listed.split_whitespace().find(|word| word.len() == 36).unwrap();
    assert_eq!(office.does(&["token", "revoke", id]).await, format!("revoked {id}\n"));
    let again = office.cannot(&["token", "revoke", id]).await;
    assert_eq!(
        again,
        format!("rectify: there is no token {id} that is still good: `rectify token list` shows them all")
    );
    assert!(office.does(&["token", "list", "--person", "周守一"]).await.contains("已收回"));
    assert!(office.does(&["token", "issue", "周守一", "--days", "30"]).await.starts_with("rct_"));
}

#[tokio::test]
async fn the_sources_that_ship_are_there_and_others_are_defined() {
    let office = Office::small().await;
    let bad = office.cannot(&["source", "define", "city-patrol", "市级-巡察", "--intake", "inspection"]).await;
    assert_snapshot!(bad, @r#"rectify: "市级-巡察" cannot stand in case numbers: a prefix has no `-` and no spaces"#);
    office
        .does(&["source", "define", "city-patrol", "市级巡察", "--intake", "inspection", "--severity", "serious"])
        .await;
    assert_snapshot!(office.does(&["source", "list"]).await, @r#"
    ┌────────────────────────┬──────────┬──────────┬──────────┬──────────────┐
    │ 代码                   ┆ 名称     ┆ 编号前缀 ┆ 入口     ┆ 默认严重程度 │
    ╞════════════════════════╪══════════╪══════════╪══════════╪══════════════╡
    │ assessment             ┆ 成效考核 ┆ 成效考核 ┆ 问题清单 ┆ 较重         │
    │ audit                  ┆ 审计     ┆ 审计     ┆ 审计报告 ┆ 一般         │
    │ central-inspection     ┆ 中央巡视 ┆ 中央巡视 ┆ 问题清单 ┆ 重大         │
    │ city-patrol            ┆ 市级巡察 ┆ 市级巡察 ┆ 问题清单 ┆ 较重         │
    │ democratic-supervision ┆ 民主监督 ┆ 民主监督 ┆ 信访     ┆ 一般         │
    │ government-supervision ┆ 政府督查 ┆ 政府督查 ┆ 问题清单 ┆ 一般         │
    │ look-back              ┆ “回头看” ┆ 回头看   ┆ 问题清单 ┆ 较重         │
    │ patrol                 ┆ 巡查检查 ┆ 巡查检查 ┆ 问题清单 ┆ 一般         │
    │ petition               ┆ 信访     ┆ 信访     ┆ 信访     ┆ 一般         │
    │ self-check             ┆ 自查排查 ┆ 自查排查 ┆ 问题清单 ┆ 一般         │
    │ social-supervision     ┆ 社会监督 ┆ 社会监督 ┆ 信访     ┆ 一般         │
    └────────────────────────┴──────────┴──────────┴──────────┴──────────────┘
    "#);
}
