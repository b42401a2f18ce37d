//! Petitions as they come in.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../intake/tests/office/mod.rs"]
mod office;

use insta::{assert_json_snapshot, assert_snapshot};
use office::{file, hand_in_with};
use rectify_case::finding::{Details, PetitionClass, PetitionDetails, SourceReply, Subject};
use rectify_case::{Finding, Happened, UnitId};
use rectify_intake::report::RowError;
use rectify_intake::{Document, File, Given, ImportError, Language, Report};
use rectify_keys::{Content, Keys, Opener, PrivateKey};
use rectify_log::{Db, Options};
use rectify_petition::Petition;
use rectify_tests::TempFolder;
use uuid::Uuid;

fn given() -> Given {
    Given { division: Some("623023".to_owned()), ..Given::default() }
}

/// The office's key store, with its private key. It is gone when it is dropped.
struct Office {
    opener: Opener,
    _folder: TempFolder,
}

impl Office {
    async fn open() -> Office {
        let folder = rectify_tests::folder();
        let db = Db::open(&folder.path().join("keys.db"), &Options::default()).await.unwrap();
        rectify_keys::migrate(&db).await.unwrap();
        let private = PrivateKey::generate();
        let keys = Keys::found(db, &private.public(), "2020-05-01T00:00:00Z".parse().unwrap()).await.unwrap();
        Office { opener: Opener::new(keys, Some(private)), _folder: folder }
    }

    async fn hand_in<D: Document>(
        &self,
        given: Given,
        files: Vec<File>,
    ) -> Result<(Report, Vec<Finding>), ImportError> {
        let keys = self.opener.keys().clone();
        hand_in_with::<D>(given, files, |handover| handover.keys = Some(keys)).await
    }

    async fn taken(&self, text: &str) -> (Report, Vec<Finding>) {
        self.hand_in::<Petition>(given(), vec![file("信访件.csv", text.to_owned())]).await.unwrap()
    }

    async fn opened(&self, finding: &Finding) -> Content {
        self.opener.content(finding.id(), finding.sealed().unwrap()).await.unwrap()
    }
}

async fn hand_in<D: Document>(given: Given, files: Vec<File>) -> Result<(Report, Vec<Finding>), ImportError> {
    Office::open().await.hand_in::<D>(given, files).await
}

async fn taken(text: &str) -> (Report, Vec<Finding>) {
    Office::open().await.taken(text).await
}

fn details(finding: &Finding) -> &PetitionDetails {
    match &finding.details {
        Details::Petition(details) => details,
        other => panic!("{other:?}"),
    }
}

const LETTERS: &str = "\
留言编号,留言用户,留言主题,留言时间,留言详情,答复意见,答复时间,联系电话,家庭住址
2549,张三,咨询低保办理,2019/4/25 9:32:09,\"
\t\t
\t\t请问低保如何申请。
\t\t\",\"  已答复。 \",2019/5/9 10:02:08,13900000001,曲告纳镇1号
2550,李四,反映路灯不亮,2019/4/26 10:00:00,路灯不亮,已转办。,2018/4/24,13900000002,
";

#[tokio::test]
async fn a_petition_comes_with_what_the_source_already_did() {
    let office = Office::open().await;
    let (_, findings) = office.taken(LETTERS).await;
    assert_json_snapshot!(findings[0], { ".details.sealed.ciphertext" => "…", ".details.sealed.digest" => "…" }, @r#"
    {
      "source": "petition",
      "reference": {
        "issuing_body": "信访",
        "document": "信访",
        "item": "2549"
      },
      "title": "咨询低保办理",
      "text": "请问低保如何申请。",
      "division": "623023",
      "discovered": "2019-04-25T01:32:09Z",
      "details": {
        "kind": "petition",
        "class": "request",
        "reply": {
          "replied": "2019-05-09T02:02:08Z"
        },
        "sealed": {
          "algorithm": "xchacha20-poly1305",
          "generation": 1,
          "ciphertext": "…",
          "digest": "…"
        }
      }
    }
    "#);
    assert_eq!(details(&findings[1]).reply.as_ref().unwrap().replied.unwrap().to_string(), "2018-04-24");
    let content = office.opened(&findings[0]).await;
    assert_eq!(
        serde_json::to_value(content).unwrap(),
        serde_json::json!({
            "identity": { "留言用户": "张三", "联系电话": "13900000001", "家庭住址": "曲告纳镇1号" },
            "title": "咨询低保办理",
            "text": "请问低保如何申请。",
            "reply": "已答复。",
        })
    );
}

#[tokio::test]
async fn no_petitioner_is_in_clear_and_the_report_says_what_was_sealed() {
    let (report, findings) = taken(LETTERS).await;
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 2 · 接收 2 · 未接收 0
    已密封的列: 留言用户、联系电话、家庭住址
    ");
    let all = format!("{}{}", serde_json::to_string(&report).unwrap(), serde_json::to_string(&findings).unwrap());
    for secret in ["张三", "李四", "13900000001", "曲告纳镇1号"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_accusation_is_refused_while_a_subject_is_unknown_and_a_request_is_not() {
    let (report, findings) = taken(
        "编号,来信日期,反映内容,信访类别,被反映对象\n\
         1,2020-04-01,克扣救助款,检举控告,舟曲县民政局、马经办\n\
         2,2020-04-01,克扣救助款,检举控告,舟曲县民政局、不知名单位\n\
         3,2020-04-01,请求解决饮水,申诉求决,舟曲县民政局；不知名单位\n\
         4,2020-04-01,有人克扣救助款,举报,\n\
         5,2020-04-01,建议修路,,\n",
    )
    .await;
    let unit = Subject::Unit(UnitId(Uuid::from_u128(6)));
    assert_eq!(details(&findings[0]).class, PetitionClass::Accusation);
    assert_eq!(details(&findings[0]).subjects.len(), 2);
    assert_eq!(details(&findings[1]).subjects, [unit]);
    assert_eq!(details(&findings[3]).class, PetitionClass::Request);
    assert_snapshot!(report.print(Language::Chinese), @r"
    读取行数 5 · 接收 4 · 未接收 1
    未接收:
    ┌────────────┬────────┬────┬────────────┬────────────┬──────────────────────────────────┐
    │ 文件       ┆ 工作表 ┆ 行 ┆ 列         ┆ 内容       ┆ 原因                             │
    ╞════════════╪════════╪════╪════════════╪════════════╪══════════════════════════════════╡
    │ 信访件.csv ┆        ┆ 3  ┆ 被反映对象 ┆ 不知名单位 ┆ 单位人员目录中没有这个被反映对象 │
    └────────────┴────────┴────┴────────────┴────────────┴──────────────────────────────────┘
    请留意:
    ┌────────────┬────────┬────┬────────────┬────────────┬────────────────────────────────────────┐
    │ 文件       ┆ 工作表 ┆ 行 ┆ 列         ┆ 内容       ┆ 原因                                   │
    ╞════════════╪════════╪════╪════════════╪════════════╪════════════════════════════════════════╡
    │ 信访件.csv ┆        ┆ 4  ┆ 被反映对象 ┆ 不知名单位 ┆ 单位人员目录中没有这个被反映对象       │
    │ 信访件.csv ┆        ┆ 5  ┆ 被反映对象 ┆            ┆ 检举控告未写明被反映对象，登记时请补充 │
    └────────────┴────────┴────┴────────────┴────────────┴────────────────────────────────────────┘
    ");
}

#[tokio::test]
async fn the_same_petition_again_is_the_very_same_sealed_finding_and_another_text_is_not() {
    let office = Office::open().await;
    let (_, first) = office.taken(LETTERS).await;
    let (_, again) = office.taken(LETTERS).await;
    assert_eq!(first, again);
    let (_, other) = office.taken(&LETTERS.replace("路灯不亮,已转办", "路灯还是不亮,已转办")).await;
    assert_eq!(other[0], first[0]);
    assert_eq!((other[1].id(), other[1].sealed().unwrap().generation), (first[1].id(), 2));
    // What was sealed before opens as before.
    assert_eq!(office.opened(&first[1]).await.text, "路灯不亮");
    assert_eq!(office.opened(&other[1]).await.text, "路灯还是不亮");
}

#[tokio::test]
async fn what_stays_in_clear_is_masked_unless_a_clerk_wrote_it() {
    let office = Office::open().await;
    let (_, findings) = office
        .taken(
            "编号,来信日期,姓名,标题,反映内容,题要,涉及乡村\n\
             1,2020-04-01,杨才让,杨才让反映渠道不通,我叫杨才让，电话13909415566，住岭坝村3组12号，渠道不通。,,岭坝村3组\n\
             2,2020-04-01,杨才让,,渠道又不通了，我的电话13909415566,岭坝村渠道不通（杨才让再次反映）,\n",
        )
        .await;
    let shown = |finding: &Finding| (finding.title.clone(), finding.text.clone(), finding.place.clone());
    let masked = "我叫某某，电话〔号码〕，住岭坝村〔门牌〕，渠道不通。";
    let place = Some("岭坝村〔门牌〕".to_owned());
    assert_eq!(shown(&findings[0]), ("某某反映渠道不通".to_owned(), masked.to_owned(), place));
    assert_eq!(findings[1].text, "岭坝村渠道不通（某某再次反映）");
    assert_eq!(office.opened(&findings[1]).await.text, "渠道又不通了，我的电话13909415566");
}

#[tokio::test]
async fn a_petition_without_a_number_is_known_by_what_nobody_can_try_out() {
    let (_, findings) = taken("来信日期,反映内容\n2020-04-01,漏雨\n").await;
    let (_, elsewhere) = taken("来信日期,反映内容\n2020-04-01,漏雨\n").await;
    assert!(findings[0].reference.item.starts_with("hmac-sha256:"), "{}", findings[0].reference.item);
    assert_ne!(findings[0].reference.item, elsewhere[0].reference.item);
}

#[tokio::test]
async fn a_petition_too_long_to_be_sealed_is_refused_and_one_just_short_enough_fits_an_event() {
    let text = |length: usize| format!("编号,来信日期,反映内容\n1,2020-04-01,{}\n", "水".repeat(length));
    let (report, findings) = taken(&text(47_700)).await;
    assert_eq!((report.refused.len(), findings.len()), (0, 1));
    let (report, findings) = taken(&text(47_800)).await;
    assert_eq!((report.refused[0].reason.code(), findings.len()), ("too_long_to_seal", 0));
}

#[tokio::test]
async fn an_erased_petition_is_not_taken_again() {
    let office = Office::open().await;
    let (_, findings) = office.taken(LETTERS).await;
    let now = "2020-05-02T00:00:00Z".parse().unwrap();
    assert!(office.opener.keys().shred(findings[0].id(), now).await.unwrap());
    let (report, again) = office.taken(LETTERS).await;
    assert_eq!(again, findings[1..]);
    assert_eq!((report.refused[0].place.row, report.refused[0].reason.code()), (2, "erased"));
}

#[tokio::test]
async fn nothing_is_handed_in_where_nothing_seals() {
    let files = vec![file("信访件.csv", LETTERS)];
    let error = office::hand_in::<Petition>(given(), files).await.unwrap_err();
    assert!(matches!(error, ImportError::Keys { accepted: 0, .. }), "{error}");
}

#[tokio::test]
async fn social_supervision_comes_the_same_way() {
    let (_, findings) = taken("来源,编号,来信日期,反映内容\n社会监督,1,2020-04-01,公示栏长期未更新。其他\n").await;
    let finding = &findings[0];
    let shown = [finding.source.as_str(), &finding.reference.issuing_body, &finding.reference.document, &finding.title];
    assert_eq!(shown, ["social", "社会监督", "社会监督", "公示栏长期未更新"]);
}

#[tokio::test]
async fn a_reply_has_a_text_and_is_not_in_the_future() {
    let (report, findings) = taken(
        "编号,来信日期,反映内容,答复意见,答复时间\n1,2020-04-01,漏雨,,2020-04-02\n2,2020-04-01,漏雨,已修,2020-06-01\n\
         3,2020-04-01,漏雨,已修,\n",
    )
    .await;
    let codes: Vec<_> = report.refused.iter().map(|error| (error.column.as_str(), error.reason.code())).collect();
    assert_eq!(codes, [("答复意见", "missing"), ("答复时间", "in_the_future")]);
    assert_eq!(details(&findings[0]).reply, Some(SourceReply { text: String::new(), replied: None }));
}

#[tokio::test]
async fn a_remark_names_the_column_as_the_file_does_and_by_our_name_where_the_file_has_none() {
    let (report, _) = taken(
        "留言编号,留言时间,留言详情,答复时间\n1,2020/13/45,漏雨,\n2,2020-06-01,漏雨,\n3,2020-04-01,,\n\
         4,2020-04-01,漏雨,2020-04-02\n5,2020-04-01,漏雨,\n5,2020-04-01,漏雨,\n",
    )
    .await;
    let named = |errors: &[RowError]| -> Vec<(u64, String, &str)> {
        errors.iter().map(|error| (error.place.row, error.column.clone(), error.reason.code())).collect()
    };
    let refused = [
        (2, "留言时间", "not_a_date"),
        (3, "留言时间", "in_the_future"),
        (4, "留言详情", "missing"),
        (5, "答复意见", "missing"),
    ];
    assert_eq!(named(&report.refused), refused.map(|(row, column, code)| (row, column.to_owned(), code)));
    assert_eq!(named(&report.warnings), [(7, "留言编号".to_owned(), "same_row")]);

    let documents = r#"[{"date": "2020/13/45", "text": "漏雨"}]"#;
    let (report, _) = hand_in::<Petition>(given(), vec![file("信访件.json", documents)]).await.unwrap();
    assert_eq!(report.refused[0].column, "date");
}

#[tokio::test]
async fn a_header_that_names_one_column_says_which_ones_are_missing() {
    let error =
        hand_in::<Petition>(Given::default(), vec![file("bad.csv", "标题,内容\n路灯不亮,请修\n")]).await.unwrap_err();
    assert_snapshot!(error.chinese().unwrap(), @"bad.csv：缺少列 来信时间、反映内容、涉及县市；找到：标题、内容；可识别：问题来源、受理单位、来源文号、信访件编号、来信时间、标题、反映内容、题要、内容分类、信访类别、被反映对象、涉及县市、涉及乡村、严重程度、答复意见、答复时间、涉及资金(元)、涉及资金(分)、涉及户数、涉及人数、涉及条数");
    assert_snapshot!(error, @r#"bad.csv has no column ["来信时间", "反映内容", "涉及县市"]; found ["标题", "内容"], accepted are ["问题来源", "受理单位", "来源文号", "信访件编号", "来信时间", "标题", "反映内容", "题要", "内容分类", "信访类别", "被反映对象", "涉及县市", "涉及乡村", "严重程度", "答复意见", "答复时间", "涉及资金(元)", "涉及资金(分)", "涉及户数", "涉及人数", "涉及条数"]"#);
    let strange = hand_in::<Petition>(given(), vec![file("bad.csv", "甲,乙\n1,2\n")]).await.unwrap_err();
    assert_snapshot!(strange.chinese().unwrap(), @"bad.csv：没有可识别的表头；找到：甲、乙；可识别：问题来源、受理单位、来源文号、信访件编号、来信时间、标题、反映内容、题要、内容分类、信访类别、被反映对象、涉及县市、涉及乡村、严重程度、答复意见、答复时间、涉及资金(元)、涉及资金(分)、涉及户数、涉及人数、涉及条数");
}

#[tokio::test]
#[ignore = "reads the real files in RECTIFY_REAL_DATA"]
async fn the_real_petitions_all_go_in() {
    #[expect(clippy::disallowed_methods, reason = "the folder is named by whoever runs this")]
    let folder = std::env::var("RECTIFY_REAL_DATA").unwrap();
    let bytes = std::fs::read(format!("{folder}/petitions/petitions-with-replies.xlsx")).unwrap();
    let (report, findings) = hand_in::<Petition>(given(), vec![file("petitions.xlsx", bytes)]).await.unwrap();
    assert_eq!((findings.len(), report.refused.len(), report.warnings.len()), (2816, 0, 0));
    let replied = findings.iter().filter_map(|finding| details(finding).reply.as_ref()?.replied);
    let (at, on): (Vec<_>, Vec<_>) = replied.partition(|replied| matches!(replied, Happened::At(_)));
    assert_eq!((at.len(), on.len()), (2815, 1));
    let over = |days: i64| {
        let elapsed = findings.iter().filter_map(|finding| {
            match (finding.discovered, details(finding).reply.as_ref()?.replied?) {
                (Happened::At(from), Happened::At(to)) => Some(to - from),
                _ => None,
            }
        });
        elapsed.filter(|elapsed| *elapsed > chrono::TimeDelta::days(days)).count()
    };
    assert_eq!((over(60), over(90)), (159, 83));
}
