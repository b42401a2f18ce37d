//! Why a row was not taken, or was taken with a remark: a stable code, and a sentence in both languages.

use rectify_case::Refusal;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// Why a row was not taken, or what to look at in one that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// What is needed is not there.
    Missing,
    /// The cell holds no value, such as `#REF!`.
    Broken,
    /// No day and no time.
    NotAMoment,
    /// A month without a day.
    OnlyAMonth,
    /// A day without a year, and nothing around it says which.
    NoYear,
    /// How far something has come, where a day is asked for.
    Status(String),
    /// A number that the spreadsheet took for a day: 3-1 became the first of March.
    ItemBecameADay,
    /// No amount of money.
    NotMoney,
    /// An amount that says no unit, and nothing around it says which.
    NoUnit,
    /// Less than a hundredth of a yuan.
    TooFine,
    /// No whole number.
    NotACount,
    /// More than can be counted.
    TooLarge,
    /// None of these.
    NotOneOf(String),
    /// No division of this prefecture.
    UnknownDivision,
    /// A name of several.
    Ambiguous,
    /// No source of this intake; these are.
    UnknownSource(String),
    /// No unit and no person of the directory.
    UnknownSubject,
    /// An accusation that names nobody.
    NoSubject,
    /// Marked 秘密, 机密 or 绝密.
    Marked,
    /// Longer than an event can hold.
    TooLong,
    /// Longer than an event can hold once it is sealed.
    TooLongToSeal,
    /// More attachments than a petition may have.
    TooManyAttachments(usize),
    /// A petition that was erased, and is not taken again.
    Erased(String),
    /// After it came in.
    Future,
    /// A document that cannot be read, and why.
    Unreadable(String),
    /// The same reference with other content in another row of this delivery.
    OtherContent(u64),
    /// The same finding again, in another row of this delivery.
    Again(u64),
    /// Another row of the same finding says something else; the first is taken.
    Differs,
    /// Another row of the same finding was refused.
    PartRefused,
    /// Said to be a repeat, without saying of what.
    RepeatOfNothing,
    /// An amount in another currency, taken in its own hundredths.
    OtherCurrency,
    /// Of another division than the county whose leaf node this is.
    OtherDivision(String),
    /// Set aside by the registrar, and why.
    SetAside(String),
    /// No unit of the directory; these are like it.
    UnknownUnit(String),
    /// No responsible leader of the directory; the name is kept as it is written.
    UnknownLeader,
    /// No deadline where one is needed.
    NoDeadline,
    /// Another column of the row says the opposite.
    Contradicts,
    /// Kept up, without a day on which it is looked at again.
    NoReview,
    /// Handed to somebody outside, without saying to whom.
    NoReceiver,
    /// Merged, without the number it was merged into, or into itself.
    NoTarget,
    /// Dropped, without saying why.
    NoGround,
    /// No row of the files has the number it was merged into.
    TargetNotHere,
    /// The case is in the ledger already, and stays as it is.
    ThereAlready,
    /// A rule forbids it.
    Refused(Refusal),
    /// Amounts that would have to be divided among several problems.
    Undivided,
    /// A note under the table.
    Note,
    /// A sum of other rows.
    Total,
    /// A heading between rows.
    Heading,
    /// The header again, as on a new page.
    HeaderAgain,
    /// A sheet without a recognisable header.
    NoHeader,
    /// A sheet that is computed from others: a pivot table.
    Derived,
}

impl Reason {
    /// Returns the code, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::Missing => "missing",
            Reason::Broken => "broken_cell",
            Reason::NotAMoment => "not_a_date",
            Reason::OnlyAMonth => "only_a_month",
            Reason::NoYear => "no_year",
            Reason::Status(_) => "status_word",
            Reason::ItemBecameADay => "item_became_a_day",
            Reason::NotMoney => "not_money",
            Reason::NoUnit => "no_unit",
            Reason::TooFine => "too_fine",
            Reason::NotACount => "not_a_count",
            Reason::TooLarge => "too_large",
            Reason::NotOneOf(_) => "not_one_of",
            Reason::UnknownDivision => "unknown_division",
            Reason::Ambiguous => "ambiguous_name",
            Reason::UnknownSource(_) => "unknown_source",
            Reason::UnknownSubject => "unknown_subject",
            Reason::NoSubject => "no_subject",
            Reason::Marked => "classified",
            Reason::TooLong => "too_long",
            Reason::TooLongToSeal => "too_long_to_seal",
            Reason::TooManyAttachments(_) => "too_many_attachments",
            Reason::Erased(_) => "erased",
            Reason::Future => "in_the_future",
            Reason::Unreadable(_) => "unreadable",
            Reason::OtherContent(_) => "same_reference",
            Reason::Again(_) => "same_row",
            Reason::Differs => "differs",
            Reason::PartRefused => "part_refused",
            Reason::RepeatOfNothing => "repeat_of_nothing",
            Reason::OtherCurrency => "other_currency",
            Reason::OtherDivision(_) => "other_division",
            Reason::SetAside(_) => "set_aside",
            Reason::UnknownUnit(_) => "unknown_unit",
            Reason::UnknownLeader => "unknown_leader",
            Reason::NoDeadline => "no_deadline",
            Reason::Contradicts => "contradicts",
            Reason::NoReview => "no_review",
            Reason::NoReceiver => "no_receiver",
            Reason::NoTarget => "no_target",
            Reason::NoGround => "no_ground",
            Reason::TargetNotHere => "target_not_here",
            Reason::ThereAlready => "there_already",
            Reason::Refused(refusal) => refusal.code(),
            Reason::Undivided => "undivided",
            Reason::Note => "note",
            Reason::Total => "total",
            Reason::Heading => "heading",
            Reason::HeaderAgain => "header_again",
            Reason::NoHeader => "no_header",
            Reason::Derived => "derived_sheet",
        }
    }

    /// Returns the sentence in Chinese.
    pub fn chinese(&self) -> String {
        match self {
            Reason::Missing => "必填项为空".to_owned(),
            Reason::Broken => "单元格是错误值或不是单一的值".to_owned(),
            Reason::NotAMoment => "不是日期；请写作 2020-04-21 或 2020/4/21 9:32:09，或设为日期格式".to_owned(),
            Reason::OnlyAMonth => "只写了年月，没有日；请写明哪一天".to_owned(),
            Reason::NoYear => "没有写年份，表题和文号也看不出是哪一年；请写明，或报送时给出年份（--year）".to_owned(),
            Reason::Status(word) => format!("这里应填日期，“{word}”说的是整改状态"),
            Reason::ItemBecameADay => "编号被表格软件改成了日期；请把这一列设为文本格式后重填".to_owned(),
            Reason::NotMoney => "不是金额".to_owned(),
            Reason::NoUnit => {
                "看不出是元还是万元；请在表头、表上方（单位：万元）或本格写明，或报送时给出单位（--unit）".to_owned()
            }
            Reason::TooFine => "金额最多到分".to_owned(),
            Reason::NotACount => "不是整数".to_owned(),
            Reason::TooLarge => "数值过大".to_owned(),
            Reason::NotOneOf(accepted) => format!("应为下列之一：{accepted}"),
            Reason::UnknownDivision => "不是本州的县市名称或行政区划代码".to_owned(),
            Reason::Ambiguous => "同名不止一个".to_owned(),
            Reason::UnknownSource(accepted) => format!("不是本入口的问题来源，应为下列之一：{accepted}"),
            Reason::UnknownSubject => "单位人员目录中没有这个被反映对象".to_owned(),
            Reason::NoSubject => "检举控告未写明被反映对象，登记时请补充".to_owned(),
            Reason::Marked => "带有密级标志，不得进入本系统".to_owned(),
            Reason::TooLong => "内容过长（超过 200 KiB），请改作附件".to_owned(),
            Reason::TooLongToSeal => "超过 140 KiB，密封后放不下；其余请作为附件上传".to_owned(),
            Reason::TooManyAttachments(most) => format!("一件信访件最多 {most} 个附件，已达上限"),
            Reason::Erased(day) => format!("该件已于 {day} 销毁，不再接收"),
            Reason::Future => "晚于收到的时间".to_owned(),
            Reason::Unreadable(why) => format!("无法识别：{why}"),
            Reason::OtherContent(row) => format!("与第 {row} 行编号相同而内容不同"),
            Reason::Again(row) => format!("与第 {row} 行相同，只记一次"),
            Reason::Differs => "与同一问题的前一行不一致，以前一行为准".to_owned(),
            Reason::PartRefused => "同一问题的另一行有错误，整条未接收".to_owned(),
            Reason::RepeatOfNothing => "标为屡审屡犯，但没有写明以前的问题编号".to_owned(),
            Reason::OtherCurrency => "金额不是人民币，按原币种的百分之一记数，未折算".to_owned(),
            Reason::OtherDivision(leaf) => format!("本节点只接收 {leaf} 的问题，请直接报州整改办"),
            Reason::SetAside(why) => format!("已搁置，待办公室处理：{why}"),
            Reason::UnknownUnit(alike) if alike.is_empty() => {
                "单位目录中没有这个单位；请先登记，或改用目录中的名称".to_owned()
            }
            Reason::UnknownUnit(alike) => format!("单位目录中没有这个单位；名称相近的有：{alike}"),
            Reason::UnknownLeader => "人员目录中没有这位责任领导，姓名照录，未作为责任人".to_owned(),
            Reason::NoDeadline => "未写明整改时限的日期；请填写，或导入时统一给出（--deadline）".to_owned(),
            Reason::Contradicts => "与同一行的整改状态、是否销号或销号时间不一致".to_owned(),
            Reason::NoReview => "销号并长期坚持的，须在“复查时间”一列写明复查日期".to_owned(),
            Reason::NoReceiver => "已移送的，须在“移送单位”一列写明移送给了哪个单位".to_owned(),
            Reason::NoTarget => "已并案的，须在“并入编号”一列写明并入本台账哪一项（另一项）的编号".to_owned(),
            Reason::NoGround => "不予立案的，须在“不予立案理由”一列写明理由".to_owned(),
            Reason::TargetNotHere => "本次文件中没有这个编号的行，照录；请核对，并把该行一并导入".to_owned(),
            Reason::ThereAlready => "该事项已在台账中，保持原样，未再承前".to_owned(),
            Reason::Refused(refusal) => refusal.chinese().to_owned(),
            Reason::Undivided => "这一行填有数量，无法分到各项，未拆分；请在表中分行填写".to_owned(),
            Reason::Note => "表下的说明".to_owned(),
            Reason::Total => "合计行".to_owned(),
            Reason::Heading => "行间的小标题".to_owned(),
            Reason::HeaderAgain => "重复的表头".to_owned(),
            Reason::NoHeader => "无表头，未读".to_owned(),
            Reason::Derived => "数据透视表，未读".to_owned(),
        }
    }

    /// Returns the sentence in English.
    pub fn english(&self) -> String {
        match self {
            Reason::Missing => "is needed and empty".to_owned(),
            Reason::Broken => "the cell holds an error or no single value".to_owned(),
            Reason::NotAMoment => {
                "is no date; write 2020-04-21 or 2020/4/21 9:32:09, or format the cell as a date".to_owned()
            }
            Reason::OnlyAMonth => "is a month without a day; say which day".to_owned(),
            Reason::NoYear => {
                "has no year, and neither title nor document number says which; write it, or say it with --year"
                    .to_owned()
            }
            Reason::Status(word) => format!("a day is asked for here, and {word:?} says how far it has come"),
            Reason::ItemBecameADay => {
                "was made a date by the spreadsheet; format the column as text and enter it again".to_owned()
            }
            Reason::NotMoney => "is no amount of money".to_owned(),
            Reason::NoUnit => {
                "may be in 元 or in 万元; say it in the header, above the table or in the cell, or with --unit"
                    .to_owned()
            }
            Reason::TooFine => "is finer than a hundredth of a yuan".to_owned(),
            Reason::NotACount => "is no whole number".to_owned(),
            Reason::TooLarge => "is too large".to_owned(),
            Reason::NotOneOf(accepted) => format!("is none of: {accepted}"),
            Reason::UnknownDivision => "is no name or GB/T 2260 code of a division here".to_owned(),
            Reason::Ambiguous => "is the name of more than one".to_owned(),
            Reason::UnknownSource(accepted) => format!("is no source of this intake, which takes: {accepted}"),
            Reason::UnknownSubject => "the directory has no such unit or person".to_owned(),
            Reason::NoSubject => "the accusation names no subject; add it on registration".to_owned(),
            Reason::Marked => "is marked as classified and must not enter".to_owned(),
            Reason::TooLong => "is longer than 200 KiB; hand it in as evidence".to_owned(),
            Reason::TooLongToSeal => {
                "is longer than 140 KiB, the most that is sealed; hand in the rest as an attachment".to_owned()
            }
            Reason::TooManyAttachments(most) => format!("has the {most} attachments that a petition may have"),
            Reason::Erased(day) => format!("was erased on {day} and is not taken again"),
            Reason::Future => "is later than it was received".to_owned(),
            Reason::Unreadable(why) => format!("cannot be read: {why}"),
            Reason::OtherContent(row) => format!("has the reference of row {row} with other content"),
            Reason::Again(row) => format!("is the same as row {row} and counts once"),
            Reason::Differs => "differs from an earlier row of the same finding, which is taken".to_owned(),
            Reason::PartRefused => "another row of the same finding is wrong, so the whole was not taken".to_owned(),
            Reason::RepeatOfNothing => "is marked as a repeat without naming the earlier finding".to_owned(),
            Reason::OtherCurrency => "is in another currency, taken in its hundredths and not converted".to_owned(),
            Reason::OtherDivision(leaf) => {
                format!("is of another division; this leaf node takes those of {leaf}, hand it in at the prefecture")
            }
            Reason::SetAside(why) => format!("was set aside for the office: {why}"),
            Reason::UnknownUnit(alike) if alike.is_empty() => {
                "is no unit of the directory; enter it there first, or write it as the directory does".to_owned()
            }
            Reason::UnknownUnit(alike) => format!("is no unit of the directory, which has: {alike}"),
            Reason::UnknownLeader => {
                "is no responsible leader of the directory; the name is kept as it is written".to_owned()
            }
            Reason::NoDeadline => {
                "names no day as deadline; write one, or say one for all rows with --deadline".to_owned()
            }
            Reason::Contradicts => {
                "contradicts what the row says elsewhere of its status or the day it was struck off".to_owned()
            }
            Reason::NoReview => {
                "was struck off and is kept up: say in the column 复查时间 when it is looked at again".to_owned()
            }
            Reason::NoReceiver => "was handed on: say in the column 移送单位 to which unit".to_owned(),
            Reason::NoTarget => {
                "was merged: say in the column 并入编号 into which other number of this ledger".to_owned()
            }
            Reason::NoGround => "was dismissed: say in the column 不予立案理由 why".to_owned(),
            Reason::TargetNotHere => {
                "is the number of no row in these files, and kept as it is written; check it, and hand that row in too"
                    .to_owned()
            }
            Reason::ThereAlready => "is in the ledger already and stays as it is".to_owned(),
            Reason::Refused(refusal) => refusal.english().to_owned(),
            Reason::Undivided => {
                "was not split, for nobody says how its amounts are divided; give each problem a row".to_owned()
            }
            Reason::Note => "a note under the table".to_owned(),
            Reason::Total => "a total".to_owned(),
            Reason::Heading => "a heading between rows".to_owned(),
            Reason::HeaderAgain => "the header again".to_owned(),
            Reason::NoHeader => "no header, not read".to_owned(),
            Reason::Derived => "a pivot table, not read".to_owned(),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reason = serializer.serialize_struct("Reason", 3)?;
        reason.serialize_field("code", self.code())?;
        reason.serialize_field("reason", &self.chinese())?;
        reason.serialize_field("reason_en", &self.english())?;
        reason.end()
    }
}
