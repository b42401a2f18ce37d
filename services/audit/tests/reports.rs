//! Audit reports as they come in.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../intake/tests/office/mod.rs"]
mod office;

use insta::{assert_json_snapshot, assert_snapshot};
use office::{file, hand_in};
use rectify_audit::AuditFinding;
use rectify_case::Finding;
use rectify_case::finding::{AuditDetails, Details};
use rectify_intake::{File, FileError, Given, ImportError, Language, Report};
use serde_json::json;

fn given() -> Given {
    Given {
        issuing_body: Some("州审计局".to_owned()),
        document: Some("州审〔2020〕5号".to_owned()),
        division: Some("623000".to_owned()),
        discovered: Some("2020-04-21".parse().unwrap()),
        ..Given::default()
    }
}

async fn taken(files: Vec<File>) -> (Report, Vec<Finding>) {
    hand_in::<AuditFinding>(given(), files).await.unwrap()
}

fn details(finding: &Finding) -> &AuditDetails {
    match &finding.details {
        Details::Audit(details) => details,
        other => panic!("{other:?}"),
    }
}

const TEXTS: &str = "\
问题编号,审计发现,涉及金额(元),违反规定
1,扶贫资金滞留财政专户,\"1,250,000\",预算法第五十七条
2,项目未招标,,招标投标法第三条
3,重复报销,80.5,会计法第九条
";

const PLANS: &str = "\
整改方案,序号,完成时限,联系人
\"整改情况：正在整改 整改措施：六月底前拨付 完成时限：2020年6月30日 联系人：王科长\",1,,
无需整改,2,,
";

const REPEATS: &str = "\
reference number,award reference,repeat prior reference,prior references
1,P-01,Y,\"2018-012,2019-003\"
1,P-02,Y,2019-003
2,P-01,N,N/A
3,P-03,Y,N/A
";

#[tokio::test]
async fn the_sheets_of_a_report_are_joined_by_the_findings_number() {
    let files = vec![file("texts.csv", TEXTS), file("plans.csv", PLANS), file("repeats.csv", REPEATS)];
    let (report, findings) = taken(files).await;
    assert_eq!((report.rows, findings.len()), (9, 3));
    assert_json_snapshot!(findings[0], @r#"
    {
      "source": "audit",
      "reference": {
        "issuing_body": "州审计局",
        "document": "州审〔2020〕5号",
        "item": "1"
      },
      "title": "扶贫资金滞留财政专户",
      "text": "扶贫资金滞留财政专户\n涉及项目：P-01、P-02",
      "division": "623000",
      "discovered": "2020-04-21",
      "found": {
        "money": 125000000
      },
      "details": {
        "kind": "audit",
        "rule_broken": "预算法第五十七条",
        "repeats": [
          "2018-012",
          "2019-003"
        ],
        "corrective_action": {
          "text": "正在整改\n六月底前拨付",
          "by": "2020年6月30日",
          "contact": "王科长"
        }
      }
    }
    "#);
    assert_eq!(details(&findings[1]).corrective_action.as_ref().unwrap().text, "无需整改");
    assert_eq!(details(&findings[2]).repeats, [""; 0]);
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 9 · 接收 3 · 未接收 0
    请留意:
    ┌───────────┬────────┬────┬──────────────────┬──────┬────────────────────────────────────────┐
    │ 文件      ┆ 工作表 ┆ 行 ┆ 列               ┆ 内容 ┆ 原因                                   │
    ╞═══════════╪════════╪════╪══════════════════╪══════╪════════════════════════════════════════╡
    │ texts.csv ┆        ┆ 4  ┆ prior references ┆      ┆ 标为屡审屡犯，但没有写明以前的问题编号 │
    └───────────┴────────┴────┴──────────────────┴──────┴────────────────────────────────────────┘
    ");
}

#[tokio::test]
async fn a_finding_is_not_taken_by_halves() {
    let plans = "序号,整改方案,涉及户数\n1,六月底前拨付,若干\n3,,5\n3,,6\n,无号,\n9,无正文,\n";
    let (report, findings) = taken(vec![file("texts.csv", TEXTS), file("plans.csv", plans)]).await;
    let items: Vec<_> = findings.iter().map(|finding| finding.reference.item.as_str()).collect();
    assert_eq!(items, ["2", "3"]);
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 8 · 接收 2 · 未接收 4
    未接收:
    ┌───────────┬────────┬────┬──────────┬──────┬────────────────────────────────────┐
    │ 文件      ┆ 工作表 ┆ 行 ┆ 列       ┆ 内容 ┆ 原因                               │
    ╞═══════════╪════════╪════╪══════════╪══════╪════════════════════════════════════╡
    │ plans.csv ┆        ┆ 2  ┆ 涉及户数 ┆ 若干 ┆ 不是整数                           │
    │ plans.csv ┆        ┆ 5  ┆ 序号     ┆      ┆ 必填项为空                         │
    │ texts.csv ┆        ┆ 2  ┆          ┆      ┆ 同一问题的另一行有错误，整条未接收 │
    │ plans.csv ┆        ┆ 6  ┆ 审计发现 ┆      ┆ 必填项为空                         │
    └───────────┴────────┴────┴──────────┴──────┴────────────────────────────────────┘
    请留意:
    ┌───────────┬────────┬────┬──────────┬──────┬────────────────────────────────────────┐
    │ 文件      ┆ 工作表 ┆ 行 ┆ 列       ┆ 内容 ┆ 原因                                   │
    ╞═══════════╪════════╪════╪══════════╪══════╪════════════════════════════════════════╡
    │ plans.csv ┆        ┆ 4  ┆ 涉及户数 ┆ 6    ┆ 与同一问题的前一行不一致，以前一行为准 │
    └───────────┴────────┴────┴──────────┴──────┴────────────────────────────────────────┘
    ");
}

#[tokio::test]
async fn a_report_without_texts_is_refused() {
    let error = hand_in::<AuditFinding>(given(), vec![file("plans.csv", PLANS)]).await.unwrap_err();
    assert!(matches!(&error, ImportError::File(FileError::MissingColumns { missing, .. }) if missing == &["审计发现"]));
}

#[tokio::test]
async fn rows_as_workbook_cells_are_sheets() {
    let range = |name: &str, column: &str, values: &[&str]| json!({"name": name, "start_cell": {"column": column, "row": "2"}, "end_cell": {"column": column, "row": "3"}, "values": values});
    let book = json!([
        {"name": "Coversheet", "ranges": [range("version", "B", &["1.0.3"])]},
        {"name": "Form", "ranges": [
            range("reference_number", "A", &["2022-043", "2022-052"]),
            range("text_of_finding", "B", &[
                "(2022-043)Title: Control over eligibility needs improvementPrior Year Findings: None\
                 Type of Finding: Material weaknessMaterial noncompliance Questioned costs\
                 Known Questioned Costs: $50,275Likely Questioned Costs: UndeterminableCriteria: 2 CFR 200.303Condition: Sites \
                 were paid without a visit.",
                "(2022-052) Title: over the needs improvementPursuant to paragraph 6.63, details are omitted.",
            ]),
            range("planned_action", "C", &[
                "Title:Control over eligibilityStatus:Corrective action completeCorrective Action:A visit is made first.\
                 Completion Date:June 30, 2023Agency Contact:J. Smith",
                "Status:Managements opinion is that corrective action is not requiredCorrective Action:The Department disagrees. \
                 Completion Date:N/AAgency Contact:J. Smith",
            ]),
        ]},
    ]);
    let (report, findings) = taken(vec![file("report.json", book.to_string())]).await;
    assert_json_snapshot!(findings, @r#"
    [
      {
        "source": "audit",
        "reference": {
          "issuing_body": "州审计局",
          "document": "州审〔2020〕5号",
          "item": "2022-043"
        },
        "title": "Control over eligibility needs improvement",
        "text": "(2022-043)Title: Control over eligibility needs improvementPrior Year Findings: NoneType of Finding: Material weaknessMaterial noncompliance Questioned costsKnown Questioned Costs: $50,275Likely Questioned Costs: UndeterminableCriteria: 2 CFR 200.303Condition: Sites were paid without a visit.",
        "division": "623000",
        "discovered": "2020-04-21",
        "category": "Material weakness; Material noncompliance",
        "found": {
          "money": 5027500
        },
        "details": {
          "kind": "audit",
          "rule_broken": "2 CFR 200.303",
          "corrective_action": {
            "text": "Corrective action complete\nA visit is made first.",
            "by": "June 30, 2023",
            "contact": "J. Smith"
          }
        }
      },
      {
        "source": "audit",
        "reference": {
          "issuing_body": "州审计局",
          "document": "州审〔2020〕5号",
          "item": "2022-052"
        },
        "title": "over the needs improvement",
        "text": "(2022-052) Title: over the needs improvementPursuant to paragraph 6.63, details are omitted.",
        "division": "623000",
        "discovered": "2020-04-21",
        "details": {
          "kind": "audit",
          "corrective_action": {
            "text": "Managements opinion is that corrective action is not required",
            "by": "N/A",
            "contact": "J. Smith"
          },
          "disagreement": "The Department disagrees."
        }
      }
    ]
    "#);
    assert_snapshot!(report.print(Language::English), @r"
    rows read 2 · accepted 2 · refused 0
    no header, not read: report.json Coversheet
    to be looked at:
    ┌─────────────┬───────┬─────┬──────────────┬─────────┬───────────────────────────────────────────────────────────────────┐
    │ file        ┆ sheet ┆ row ┆ column       ┆ value   ┆ reason                                                            │
    ╞═════════════╪═══════╪═════╪══════════════╪═════════╪═══════════════════════════════════════════════════════════════════╡
    │ report.json ┆ Form  ┆ 2   ┆ 涉及资金(元) ┆ $50,275 ┆ is in another currency, taken in its hundredths and not converted │
    └─────────────┴───────┴─────┴──────────────┴─────────┴───────────────────────────────────────────────────────────────────┘
    ");
}

#[tokio::test]
async fn a_plan_that_says_not_required_of_a_part_is_no_disagreement() {
    let text = "编号,审计发现,整改方案\n1,项目未招标,\
                Status:Corrective action is not required (first item)Corrective action in progressCorrective Action:Both.\n";
    let (_, findings) = taken(vec![file("texts.csv", text)]).await;
    assert_eq!(details(&findings[0]).disagreement, None);
}

#[tokio::test]
#[ignore = "reads the real files in RECTIFY_REAL_DATA"]
async fn the_real_report_has_eighty_findings() {
    #[expect(clippy::disallowed_methods, reason = "the folder is named by whoever runs this")]
    let folder = std::env::var("RECTIFY_REAL_DATA").unwrap();
    let read = |name: &str| file(name, std::fs::read(format!("{folder}/audit/{name}-147110.json")).unwrap());
    let names = ["audit-findings", "audit-findings-text", "corrective-action-plan"];
    let files = names.map(|name| File { name: format!("{name}.json"), ..read(name) });
    let (report, findings) = taken(files.into()).await;
    let count = |holds: &dyn Fn(&Finding) -> bool| findings.iter().filter(|finding| holds(finding)).count();
    assert_eq!((report.rows, findings.len(), report.refused.len()), (465, 80, 0));
    assert_eq!(count(&|finding| details(finding).corrective_action.is_some()), 80);
    assert_eq!(count(&|finding| details(finding).disagreement.is_some()), 16);
    assert_eq!(count(&|finding| !finding.found.is_empty()), 10);
    let repeats = count(&|finding| !details(finding).repeats.is_empty());
    assert_eq!(repeats, 42);
}
