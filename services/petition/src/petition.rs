//! One petition, with what the source already did about it. Who wrote it, what it says and what was replied are sealed; a
//! short summary without personal data stays in clear.

use std::collections::BTreeMap;

use rectify_case::directory::Intake;
use rectify_case::finding::{Details, PetitionClass, PetitionDetails, Severity, SourceReply, Subject};
use rectify_case::{Finding, Happened};
use rectify_intake::amount::found;
use rectify_intake::column::{AMOUNTS, SEVERITY};
use rectify_intake::{Basics, Column, Context, Document, Fault, Kind, Need, Reason};
use rectify_keys::Content;
use rectify_keys::mask::Mask;
use serde::{Deserialize, Serialize};

/// One petition (信访件), or one remark of democratic or social supervision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Petition {
    /// The source, by code or name (问题来源); the petition office where none is said.
    pub source: Option<String>,
    /// Who received it (受理单位); the source itself where none is said.
    pub issuing_body: Option<String>,
    /// The document that hands it over (来源文号).
    pub document: Option<String>,
    /// Its number (留言编号, 信访件编号).
    pub item: Option<String>,
    /// When it was handed in (留言时间, 来信时间).
    pub discovered: Option<Happened>,
    /// What it is about, in a line (留言主题).
    pub title: Option<String>,
    /// What it says (留言详情, 反映内容).
    pub text: Option<String>,
    /// What stays in clear of it (题要), in a clerk's words; the masked beginning of the text where nothing is said.
    pub summary: Option<String>,
    /// Who wrote it, under the headers of the file or the fields of the document.
    pub identity: BTreeMap<String, String>,
    /// The source's own category (内容分类).
    pub category: Option<String>,
    /// Its class (信访类别); a request where none is said.
    pub class: Option<PetitionClass>,
    /// Whom it complains about (被反映对象): names of units or persons in the directory.
    pub subjects: Vec<String>,
    /// The division, by name or GB/T 2260 code (涉及县市).
    pub division: Option<String>,
    /// Where, in words (涉及乡村).
    pub place: Option<String>,
    /// How grave the source holds it to be (严重程度).
    pub severity: Option<Severity>,
    /// Money, in 分.
    pub money_fen: Option<u64>,
    /// Households (涉及户数).
    pub households: Option<u64>,
    /// Persons (涉及人数).
    pub persons: Option<u64>,
    /// Records (涉及条数).
    pub records: Option<u64>,
    /// What the source answered (答复意见).
    pub reply: Option<String>,
    /// When (答复时间).
    pub replied: Option<Happened>,
}

const CLASS: Kind = Kind::Choice(&[
    ("request", &["申诉求决", "求决", "申诉", "投诉"]),
    ("suggestion", &["建议意见", "意见建议", "建议"]),
    ("accusation", &["检举控告", "检举", "控告", "举报"]),
]);

impl Document for Petition {
    const INTAKE: Intake = Intake::Petition;
    const SOURCE: Option<&'static str> = Some("petition");
    const SELF_ISSUED: bool = true;
    const SEALED: bool = true;
    const IDENTITY: &'static [&'static str] = &[
        "姓名",
        "用户",
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
        "联系人",
        "住址",
        "地址",
        "邮箱",
        "微信",
        "QQ",
        "QQ号",
        "name",
        "user",
        "user name",
        "petitioner",
        "author",
        "id number",
        "id card",
        "phone",
        "telephone",
        "mobile",
        "contact",
        "address",
        "email",
        "e-mail",
    ];

    fn columns() -> Vec<Column> {
        use Kind::{List, Moment, Text};
        let own = [
            Column::new("source", &["问题来源", "来源"], Text),
            Column::new("issuing_body", &["受理单位", "受理机构"], Text),
            Column::new("document", &["来源文号", "文号", "document number"], Text),
            Column::new("item", &["信访件编号", "留言编号", "编号", "序号", "no.", "number"], Text),
            Column::new("discovered", &["来信时间", "留言时间", "来信日期", "登记日期", "反映日期", "date"], Moment)
                .needed(Need::UnlessGiven),
            Column::new("title", &["标题", "留言主题", "主题", "概况", "subject line"], Text),
            Column::new("text", &["反映内容", "留言详情", "具体问题", "信访内容", "content"], Text)
                .needed(Need::Always),
            Column::new("summary", &["题要", "摘要", "内容摘要"], Text),
            Column::new("category", &["内容分类", "问题类别", "类别"], Text),
            Column::new("class", &["信访类别", "信访目的"], CLASS),
            Column::new("subjects", &["被反映对象", "被反映单位", "被举报人", "subject"], List),
            Column::new("division", &["涉及县市", "县市", "问题属地", "行政区划", "county"], Text)
                .needed(Need::UnlessGiven),
            Column::new("place", &["涉及乡村", "涉及乡镇", "问题发生地", "地点"], Text),
            SEVERITY,
            Column::new("reply", &["答复意见", "办理结果", "答复内容"], Text),
            Column::new("replied", &["答复时间", "答复日期", "办结日期"], Moment),
        ];
        own.into_iter().chain(AMOUNTS).collect()
    }

    fn item(&mut self) -> &mut Option<String> {
        &mut self.item
    }

    fn into_finding(self, context: &mut Context<'_>) -> Result<Finding, Fault> {
        let class = self.class.unwrap_or(PetitionClass::Request);
        let subjects = subjects(&self.subjects, class, context)?;
        if let Some(replied) = self.replied {
            context.not_in_the_future("replied", replied)?;
        }
        let reply = match (&self.reply, self.replied) {
            (Some(_), replied) => Some(SourceReply { text: String::new(), replied }),
            (None, Some(_)) => return Err(Fault::new("reply", "", Reason::Missing)),
            (None, None) => None,
        };
        let text = self.text.filter(|text| !text.trim().is_empty());
        let text = text.ok_or_else(|| Fault::new("text", "", Reason::Missing))?;
        let mask = Mask::of(&self.identity);
        let masked = |text: &Option<String>| text.as_deref().map(|text| mask.masked(text));
        let basics = Basics {
            source: self.source,
            issuing_body: self.issuing_body,
            document: self.document,
            item: self.item,
            title: masked(&self.title),
            text: Some(self.summary.map_or_else(|| mask.summary(&text), |summary| mask.own_masked(&summary))),
            division: self.division,
            place: masked(&self.place),
            discovered: self.discovered,
            category: masked(&self.category),
            severity: self.severity,
            found: found(self.money_fen, self.households, self.persons, self.records),
        };
        context.seal(Content {
            identity: self.identity,
            title: self.title,
            text,
            place: self.place,
            subjects: self.subjects,
            reply: self.reply,
        })?;
        let details = PetitionDetails { class, subjects, reply, sealed: None };
        context.finding::<Self>(basics, Details::Petition(details))
    }
}

/// Finds whom it complains about. An accusation is kept from its subjects, so every one of its names must be known.
fn subjects(names: &[String], class: PetitionClass, context: &mut Context<'_>) -> Result<Vec<Subject>, Fault> {
    let mut subjects = Vec::new();
    let accusation = class == PetitionClass::Accusation;
    for name in names {
        match context.subject(name) {
            Ok(subject) => subjects.push(subject),
            Err(reason) if accusation => return Err(Fault::new("subjects", name, reason)),
            Err(reason) => context.warn(Fault::new("subjects", name, reason)),
        }
    }
    if accusation && names.is_empty() {
        context.warn(Fault::new("subjects", "", Reason::NoSubject));
    }
    Ok(subjects)
}
