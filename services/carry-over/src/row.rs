//! What a row of an older ledger says.

use rectify_case::Happened;
use rectify_case::finding::{PetitionClass, Severity};
use serde::{Deserialize, Serialize};

/// What a row of an older ledger says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LedgerRow {
    /// Its number there (编号).
    pub(crate) old_number: Option<String>,
    /// Which row it is there (序号).
    pub(crate) ordinal: Option<String>,
    /// The source, by code or name (来源).
    pub(crate) source: Option<String>,
    /// Who issued the source's document (反馈单位).
    pub(crate) issuing_body: Option<String>,
    /// The document's number (来源文号).
    pub(crate) document: Option<String>,
    /// The item in that document (来源条目).
    pub(crate) item: Option<String>,
    /// When it was fed back (反馈日期).
    pub(crate) discovered: Option<Happened>,
    /// When it was entered there (登记日期).
    pub(crate) registered: Option<Happened>,
    /// 问题类别.
    pub(crate) category: Option<String>,
    /// One line that says what is wrong (问题标题).
    pub(crate) title: Option<String>,
    /// 具体问题.
    pub(crate) text: Option<String>,
    /// The division, by name or code (涉及县市).
    pub(crate) division: Option<String>,
    /// Where, in words (涉及乡村).
    pub(crate) place: Option<String>,
    /// 严重程度.
    pub(crate) severity: Option<Severity>,
    /// Money, in 分.
    pub(crate) money_fen: Option<u64>,
    /// 涉及户数.
    pub(crate) households: Option<u64>,
    /// 涉及人数.
    pub(crate) persons: Option<u64>,
    /// 涉及条数.
    pub(crate) records: Option<u64>,
    /// 信访类别.
    pub(crate) class: Option<PetitionClass>,
    /// Whom it complains about, by name (被反映对象).
    pub(crate) subjects: Vec<String>,
    /// 责任领导.
    pub(crate) leader: Option<String>,
    /// 牵头单位.
    pub(crate) leads: Vec<String>,
    /// 责任单位.
    pub(crate) responsible: Vec<String>,
    /// 整改目标.
    pub(crate) goal: Option<String>,
    /// 整改措施.
    pub(crate) measures: Option<String>,
    /// 整改类型.
    pub(crate) kind: Option<String>,
    /// 整改时限.
    pub(crate) deadline: Option<String>,
    /// 进展情况.
    pub(crate) progress: Option<String>,
    /// 完成时间.
    pub(crate) completed: Option<Happened>,
    /// 整改状态.
    pub(crate) status: Option<String>,
    /// 是否销号.
    pub(crate) struck_off: Option<String>,
    /// 佐证材料.
    pub(crate) evidence: Option<String>,
    /// 核验意见.
    pub(crate) opinion: Option<String>,
    /// 销号时间.
    pub(crate) closed: Option<Happened>,
    /// When what is kept up is looked at again (复查时间).
    pub(crate) review: Option<Happened>,
    /// Why it was dropped (不予立案理由).
    pub(crate) ground: Option<String>,
    /// The number it was merged into (并入编号).
    pub(crate) target: Option<String>,
    /// Whom it was handed to (移送单位).
    pub(crate) receiver: Option<String>,
    /// The receipt of whom it was handed to (移送回执).
    pub(crate) receipt: Option<String>,
    /// When it was dropped, merged or handed on (离账时间).
    pub(crate) left: Option<Happened>,
    /// 备注.
    pub(crate) remarks: Option<String>,
}

/// Headers that name a petitioner. What stands under them never enters; it is masked wherever else the row says it.
pub(crate) const IDENTITY: &[&str] = &[
    "姓名",
    "信访人",
    "来信人",
    "来访人",
    "留言人",
    "反映人",
    "举报人",
    "身份证",
    "证件号",
    "电话",
    "手机",
    "联系方式",
    "住址",
    "地址",
    "邮箱",
    "微信",
    "QQ",
    "petitioner",
];
