//! Older ledgers as offices keep them, carried over into a log on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod office;

use office::Office;
use rectify_carry_over::{CarryOverReport, Fate, Given};
use rectify_case::case::Destination;
use rectify_case::{Case, Stage};
use rectify_intake::Language;

const LEDGER: &str = "\
编号,来源,来源文号,反馈日期,问题类别,具体问题,涉及县市,涉及乡村,涉及户数,涉及资金(元),责任领导,牵头单位,责任单位,整改目标,整改措施,整改类型,整改时限,进展情况,完成时间,整改状态,是否销号,佐证材料,核验意见,销号时间,备注
舟整改〔2019〕1,巡查检查,州巡〔2019〕3号,2019-11-05,饮水安全,饮水管网冬季冻管。,舟曲县,曲告纳镇,36,12000,王主任,县水务局,舟曲县民政局,全部通水,更换管网,限期整改,2020年6月30日前,已更换三公里,,整改中,否,,,,
舟整改〔2019〕2,巡查检查,州巡〔2019〕3号,2019-11-05,资金管理,水费未入账。,舟曲县,,,500,,县水务局,,全部入账,清理入账,立行立改,2019-12-31,已入账,2019-12-20,已完成,是,入账凭证,经核账实相符,2019-12-28,2019年度
舟整改〔2019〕3,巡查检查,州巡〔2019〕3号,2019-11-05,,台账不全。,舟曲县,,,,,,,,,,长期坚持,,,未启动,,,,,
舟整改〔2019〕4,巡查检查,州巡〔2019〕3号,2019-11-05,,低保未发放。,舟曲县,,,,,县民整局,,,,,2020-06-30,,,整改中,,,,,
舟整改〔2019〕5,巡查检查,州巡〔2019〕3号,2019-11-05,,路灯不亮。,舟曲县,,,,,县水务局,,,,,2020-06-30,,,快了,,,,,
舟整改〔2019〕6,巡查检查,州巡〔2019〕3号,2019-11-05,,渠道淤积。,舟曲县,,,,,县水务局,,,,,2020-06-30,,,未启动,否,,,2019-12-01,
";

async fn carried(office: &Office, text: &str) -> CarryOverReport {
    office.carry_over("台账.csv", text, Given::default(), false).await
}

async fn case_of(office: &Office, report: &CarryOverReport, row: u64) -> Case {
    let row = report.carried.iter().find(|carried| carried.row == row).unwrap();
    office.case(row.case).await
}

/// What was refused: row, column and reason.
fn refused(report: &CarryOverReport) -> Vec<(u64, String, &'static str)> {
    let refused = report.report.refused.iter();
    refused.map(|error| (error.place.row, error.column.clone(), error.reason.code())).collect()
}

async fn the_good_rows_become_cases_as_the_old_ledger_leaves_them(office: &Office) {
    let report = carried(office, LEDGER).await;
    let told: Vec<(u64, Option<&str>, Stage, Fate)> =
        report.carried.iter().map(|row| (row.row, row.number.as_deref(), row.stage, row.fate)).collect();
    assert_eq!(
        told,
        [
            (2, Some("舟曲-巡查检查-2019-0001"), Stage::Rectifying, Fate::CarriedOver),
            (3, Some("舟曲-巡查检查-2019-0002"), Stage::Closed, Fate::CarriedOver),
            (4, Some("舟曲-巡查检查-2019-0003"), Stage::Registered, Fate::CarriedOver),
        ],
        "{report:?}"
    );
    assert_eq!(
        refused(&report),
        [
            (5, "牵头单位".to_owned(), "unknown_unit"),
            (6, "整改状态".to_owned(), "not_one_of"),
            (7, "是否销号".to_owned(), "contradicts"),
        ]
    );
    let under_way = case_of(office, &report, 2).await;
    let declared = under_way.carried_over.clone().unwrap();
    assert_eq!(declared.old_number.as_deref(), Some("舟整改〔2019〕1"));
    assert_eq!(declared.leader.as_deref(), Some("王主任"), "kept as it is written, though nobody knows him");
    assert_eq!((declared.origin.file.as_str(), declared.origin.row), ("台账.csv", 2));
    assert_eq!(declared.row.len(), 20, "{:?}", declared.row);
    assert_eq!(under_way.deadline.as_ref().unwrap().last_day.to_string(), "2020-06-30");
    assert_eq!(under_way.assignment.as_ref().unwrap().leads, [office::WATER]);
    assert_eq!(under_way.assignment.as_ref().unwrap().co_responsible, [office::CIVIL_AFFAIRS]);
    let closed = case_of(office, &report, 3).await;
    assert!(closed.is_closed_as_declared());
    assert_eq!(closed.closed.unwrap().to_string(), "2019-12-28");
    let warned: Vec<&str> = report.report.warnings.iter().map(|error| error.reason.code()).collect();
    assert_eq!(warned, ["unknown_leader"]);
}

async fn the_same_file_again_adds_nothing_and_one_cut_off_is_made_whole(office: &Office) {
    let half = LEDGER.lines().take(2).collect::<Vec<_>>().join("\n");
    let first = carried(office, &half).await;
    assert_eq!(first.carried.len(), 1);
    let head = office.head().await;
    let whole = carried(office, LEDGER).await;
    let fates: Vec<Fate> = whole.carried.iter().map(|row| row.fate).collect();
    assert_eq!(
        fates,
        [Fate::Known, Fate::CarriedOver, Fate::CarriedOver],
        "the row of the other file is there already"
    );
    assert_eq!(office.head().await, head + 2);
    let again = carried(office, LEDGER).await;
    let fates: Vec<Fate> = again.carried.iter().map(|row| row.fate).collect();
    assert_eq!(fates, [Fate::Known, Fate::CarriedOverBefore, Fate::CarriedOverBefore]);
    assert_eq!(again.carried[1].number, whole.carried[1].number);
    assert_eq!(office.head().await, head + 2, "nothing was written");
}

async fn a_dry_run_says_what_would_happen_and_writes_nothing(office: &Office) {
    let head = office.head().await;
    let report = office.carry_over("台账.csv", LEDGER, Given::default(), true).await;
    assert_eq!(office.head().await, head);
    let told: Vec<(u64, Stage, Fate)> = report.carried.iter().map(|row| (row.row, row.stage, row.fate)).collect();
    let would = Fate::WouldBeCarriedOver;
    assert_eq!(told, [(2, Stage::Rectifying, would), (3, Stage::Closed, would), (4, Stage::Registered, would)]);
    assert_eq!(refused(&report).len(), 3);
    let printed = report.print(Language::Chinese);
    assert!(printed.contains("仅检查，未写入") && printed.contains("将承前 3 · 未接收 3"), "{printed}");
}

async fn what_left_the_old_ledger_says_where_to_or_is_asked(office: &Office) {
    let ledger = "编号,来源,反馈日期,具体问题,涉及县市,牵头单位,整改状态,是否销号,移送单位,移送回执,并入编号,不予立案理由,离账时间\n\
        1,巡查检查,2019-11-05,渠道淤积。,舟曲县,县水务局,已移送,否,舟曲县纪委监委,收〔2019〕4号,,,2019-12-01\n\
        2,巡查检查,2019-11-05,水费未入账。,舟曲县,,并案,,,,5,,\n\
        3,巡查检查,2019-11-05,路灯不亮。,舟曲县,,不予立案：不属整改范围,,,,,,\n\
        4,巡查检查,2019-11-05,台账不全。,舟曲县,,并入9,,,,,,\n\
        5,巡查检查,2019-11-05,票据缺失。,舟曲县,,未启动,,,,,,\n\
        6,巡查检查,2019-11-05,管网冻裂。,舟曲县,,已移送,,,,,,\n\
        7,巡查检查,2019-11-05,公厕未建。,舟曲县,,并案,,,,7,,\n\
        8,巡查检查,2019-11-05,道路破损。,舟曲县,,不予立案,,,,,,\n\
        9,巡查检查,2019-11-05,低保未发放。,舟曲县,县水务局,已移送,是,舟曲县纪委监委,,,,\n";
    let report = carried(office, ledger).await;
    let told: Vec<(u64, Stage)> = report.carried.iter().map(|row| (row.row, row.stage)).collect();
    let (transferred, merged) = (Stage::Transferred, Stage::Merged);
    let stood = [(2, transferred), (3, merged), (4, Stage::Dismissed), (5, merged), (6, Stage::Registered)];
    assert_eq!(told, stood, "{report:?}");
    let asked = [(7, "移送单位", "no_receiver"), (8, "并入编号", "no_target"), (9, "不予立案理由", "no_ground")];
    let asked = asked.into_iter().chain([(10, "整改状态", "contradicts")]);
    assert_eq!(refused(&report), asked.map(|(row, column, code)| (row, column.to_owned(), code)).collect::<Vec<_>>());
    assert_eq!(report.report.warnings.len(), 0, "the row of number 9 is in the file, though it is wrong");

    let gone = case_of(office, &report, 2).await;
    let receiver =
        Destination::Receiver { name: "舟曲县纪委监委".to_owned(), receipt: "收〔2019〕4号".to_owned() };
    assert_eq!(gone.ended.unwrap().to, Some(receiver));
    assert_eq!(gone.assignment.unwrap().leads, [office::WATER]);
    let merged = case_of(office, &report, 3).await;
    assert_eq!(merged.ended.unwrap().to, Some(Destination::Row("5".to_owned())));
    let dropped = case_of(office, &report, 4).await;
    assert_eq!(dropped.ended.unwrap().reason, "不属整改范围");

    let elsewhere = ledger.replace("并案,,,,5,", "并案,,,,甘整〔2018〕5,").replacen("水费", "电费", 1);
    let report = carried(office, &elsewhere).await;
    let warned: Vec<_> = report.report.warnings.iter().map(|error| error.reason.code()).collect();
    assert!(warned.contains(&"target_not_here"), "{warned:?}");
}

async fn many_rows_are_numbered_as_they_stand_and_what_was_cut_off_ends_whole(office: &Office) {
    let head = "编号,来源,反馈日期,具体问题,涉及县市,牵头单位,整改时限,整改状态\n".to_owned();
    let row = |n: u32| format!("{n},巡查检查,2018-11-05,第{n}处渠道淤积。,舟曲县,县水务局,2020-06-30,整改中\n");
    let ledger = (1..=400).fold(head, |text, n| text + &row(n));
    let before = office.head().await;
    office.is_cut_off("台账.csv", &ledger).await;
    let report = carried(office, &ledger).await;
    assert_eq!((report.carried.len(), report.report.refused.len()), (400, 0));
    assert_eq!(report.carried[0].fate, Fate::CarriedOverBefore);
    assert_eq!(report.carried[399].fate, Fate::CarriedOver);
    for (n, row) in (1..).zip(&report.carried) {
        let number = format!("舟曲-巡查检查-2018-{n:04}");
        assert_eq!((row.old_number.clone(), row.number.clone()), (Some(n.to_string()), Some(number)));
    }
    assert_eq!(office.head().await, before + 400);
}

async fn a_row_without_a_deadline_takes_the_one_that_is_given(office: &Office) {
    let ledger = "来源,反馈日期,具体问题,涉及县市,牵头单位,整改时限,整改状态\n巡查检查,2019-11-05,渠道淤积。,舟曲,县水务局,长期坚持,正在整改\n";
    assert_eq!(refused(&carried(office, ledger).await), [(2, "整改时限".to_owned(), "no_deadline")]);
    let given = Given { deadline: Some("2020-12-31".parse().unwrap()), ..Given::default() };
    let report = office.carry_over("台账.csv", ledger, given, false).await;
    assert_eq!(report.carried[0].deadline.unwrap().to_string(), "2020-12-31");
}

async fn an_accusation_keeps_its_wall_and_no_petitioner_is_named(office: &Office) {
    let ledger = "来源,反馈日期,信访类别,被反映对象,具体问题,涉及县市,信访人姓名,联系电话,牵头单位,整改时限,整改状态\n\
        信访,2019-11-05,检举控告,舟曲县水务局,张三丰反映水费去向不明，电话13909410001。,舟曲,张三丰,13909410001,舟曲县民政局,2020-06-30,整改中\n\
        信访,2019-11-06,检举控告,舟曲县水务局,水费去向不明。,舟曲,,,舟曲县水务局,2020-06-30,整改中\n\
        信访,2019-11-07,检举控告,,水费去向不明。,舟曲,,,舟曲县民政局,2020-06-30,整改中\n";
    let report = carried(office, ledger).await;
    assert_eq!(
        refused(&report),
        [(4, "被反映对象".to_owned(), "no_subject"), (3, String::new(), "subject_would_handle"),]
    );
    let case = case_of(office, &report, 2).await;
    assert!(case.is_accusation());
    let written = serde_json::to_string(&case).unwrap();
    for planted in ["张三丰", "13909410001"] {
        assert!(!written.contains(planted), "{written}");
    }
}

macro_rules! conformance {
    ($($case:ident)*) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                crate::$case(&crate::office::Office::on_sqlite().await).await;
            }
        )*}

        mod postgres {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                crate::$case(&crate::office::Office::on_postgres().await).await;
            }
        )*}
    };
}

conformance! {
    the_good_rows_become_cases_as_the_old_ledger_leaves_them
    the_same_file_again_adds_nothing_and_one_cut_off_is_made_whole
    a_dry_run_says_what_would_happen_and_writes_nothing
    a_row_without_a_deadline_takes_the_one_that_is_given
    what_left_the_old_ledger_says_where_to_or_is_asked
    many_rows_are_numbered_as_they_stand_and_what_was_cut_off_ends_whole
    an_accusation_keeps_its_wall_and_no_petitioner_is_named
}
