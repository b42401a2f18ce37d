//! From a file to the end.

use std::time::Duration;

use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, CaseFile, unit};
use rectify_tests::until;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);

pub async fn an_audit_finding_goes_from_a_workbook_to_verified_closure(bed: &Bed) {
    let given = [
        ("name", "审计报告.xlsx"),
        ("issuing_body", "州审计局"),
        ("document", "州审〔2020〕5号"),
        ("discovered", "2020-04-21"),
    ];
    let report = bed.site.hand_in("audit", &given, workbook()).await;
    assert_eq!(report["accepted"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["refused"][0]["row"], 3, "the second row has no text: {report}");
    assert_eq!(report["refused"][0]["column"], "审计发现");
    let case = arrived(bed, &report["accepted"][0]["finding"]).await;

    let registered = case.act("舟曲经办", "register", json!({ "severity": "serious" })).await;
    let number = registered["number"].as_str().unwrap();
    assert!(number.starts_with("舟曲-审计-") && number.ends_with("-0001"), "{number}");
    let state = bed.site.case(number).state().await;
    assert_eq!(state["id"], case.id.as_str(), "a case is found by its number");
    assert_eq!(state["quantities"]["money"]["found"], 125_000_000);
    assert_eq!(state["findings"][0]["finding"]["details"]["repeats"], json!(["2018-012"]));

    let case = case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    let by = case.state().await["deadline"]["last_day"].clone();
    let plan = json!({ "measures": [{ "text": "拨付到户", "unit": unit(CIVIL_AFFAIRS.unit), "by": by }] });
    let of_unit = |mut data: Value| {
        data["unit"] = unit(CIVIL_AFFAIRS.unit).into();
        data
    };
    case.act("民政经办", "submit_plan", of_unit(json!({ "plan": plan }))).await;
    case.act("舟曲经办", "return_plan", of_unit(json!({ "reason": "措施不具体" }))).await;
    case.act("民政经办", "submit_plan", of_unit(json!({ "plan": plan }))).await;
    case.act("舟曲经办", "approve_plan", of_unit(json!({}))).await;
    let halfway = json!({ "text": "已拨付一半", "fixed": { "money": 62_500_000 }, "done": [0] });
    case.act("民政经办", "report_progress", of_unit(halfway)).await;

    let file = case.upload("民政经办", "拨付凭证.txt", "2020年6月已全部拨付").await;
    let report = json!({
        "outcome": { "kind": "rectified" }, "account": "资金已全部拨付", "fixed": { "money": 125_000_000 },
        "evidence": [file],
    });
    case.act("民政经办", "report_completion", of_unit(report)).await;
    assert_eq!(case.stage().await, "reported");
    for (level, verifier) in ["舟曲核验", "州办核验"].into_iter().enumerate() {
        assert_eq!(case.open(verifier, &file).await, "2020年6月已全部拨付");
        let passing = json!({
            "level": level, "relied_on": [file["digest"]], "verified": { "money": 125_000_000 },
            "verdict": "founded", "opinion": "凭证齐全",
        });
        case.act(verifier, "pass_level", passing).await;
    }
    assert_eq!(case.stage().await, "verified");
    case.act("舟曲经办", "close", json!({})).await;
    closed_as_rectified(bed, &case).await;

    let again = bed.site.hand_in("audit", &given, workbook()).await;
    assert_eq!(again["accepted"].as_array().unwrap().len(), 1, "{again}");
    let all = bed.site.desk("州审计").get("/api/cases?total=true").await.expect(200);
    assert_eq!(all["total"], 1, "the same file again adds no case");
}

pub async fn a_petition_goes_from_an_imported_file_to_verified_closure(bed: &Bed) {
    let file = bed.installation.path("信访件.csv");
    let rows = "\
留言编号,留言时间,留言主题,留言详情,信访类别,涉及县市,姓名
2020-117,2020/4/25 9:32:09,低保复核不及时,家庭收入变化后低保一直没有复核,申诉求决,舟曲县,王某
2020-118,2020/13/45,日期有误,这一行的日期读不出来,申诉求决,舟曲县,李某
";
    std::fs::write(&file, rows).unwrap();
    let url = bed.installation.url("petition");
    let arguments = ["import", "petition", file.to_str().unwrap(), "--url", &url];
    let output = bed.installation.try_tool(&arguments, &[("RECTIFY_TOKEN", bed.site.token("审计系统"))]).await;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "a refused row shows in the exit code: {said}");
    assert!(said.contains("2020/13/45") && said.contains("不是日期"), "the bad row is named: {said}");
    assert!(said.contains("留言时间"), "its column is named as in the file: {said}");
    assert!(said.contains("姓名"), "the column of names is said not to be taken: {said}");
    assert!(!said.contains("王某"), "the name itself is nowhere: {said}");

    let mut row = Value::Null;
    until(LIMIT, "the petition is listed", async || {
        let mut page = bed.site.desk("舟曲经办").get("/api/cases?source=petition").await.expect(200);
        row = page["rows"].get_mut(0).map(Value::take).unwrap_or_default();
        row.is_object()
    })
    .await;
    assert_eq!(row["title"], "低保复核不及时");
    let case = bed.site.case(row["id"].as_str().unwrap()).register("ordinary").await;
    let case = case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    let history = bed.site.desk("州审计").get(&format!("/api/cases/{}/events", case.id)).await.expect(200);
    assert!(!history.to_string().contains("王某"), "no petitioner's name is in the log");

    let reply = case.report_completion(CIVIL_AFFAIRS, 0).await;
    case.pass("舟曲核验", 0, &reply, 0).await;
    case.act("舟曲经办", "close", json!({})).await;
    closed_as_rectified(bed, &case).await;
}

/// Waits until the case of a finding that was handed in is there for the office.
async fn arrived(bed: &Bed, finding: &Value) -> CaseFile {
    let id = finding.as_str().unwrap();
    let office = bed.site.desk("舟曲经办");
    until(LIMIT, "the finding has opened its case", async || {
        office.get(&format!("/api/cases/{id}")).await.status == 200
    })
    .await;
    bed.site.case(id)
}

async fn closed_as_rectified(bed: &Bed, case: &CaseFile) {
    let state = case.state().await;
    assert_eq!((&state["stage"], &state["outcome"]["kind"]), (&json!("closed"), &json!("rectified")));
    let page = bed.site.desk("州审计").get("/api/cases?stage=closed&outcome=rectified&total=true").await.expect(200);
    assert_eq!(page["total"], 1);
    assert_eq!(page["rows"][0]["id"], case.id.as_str());
}

fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows = [
        ["问题编号", "审计发现", "涉及金额(元)", "违反规定", "涉及县市", "以前年度问题编号"],
        ["1", "扶贫资金滞留财政专户", "1,250,000", "预算法第五十七条", "舟曲县", "2018-012"],
        ["2", "", "300", "会计法第九条", "舟曲县", ""],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}
