//! One item of an inspection list.

use rectify_case::directory::Intake;
use rectify_case::finding::{Details, Severity};
use rectify_case::{Finding, Happened};
use rectify_intake::amount::found;
use rectify_intake::column::{AMOUNTS, SEVERITY};
use rectify_intake::{Basics, Column, Context, Document, Fault, Kind, Need};
use serde::{Deserialize, Serialize};

/// One item of an inspection list (问题清单).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InspectionItem {
    /// The source, by code or name (问题来源).
    pub source: Option<String>,
    /// Who issued the list (发文单位).
    pub issuing_body: Option<String>,
    /// The list's number (来源文号).
    pub document: Option<String>,
    /// The item in the list (序号).
    pub item: Option<String>,
    /// When it was fed back (反馈日期).
    pub discovered: Option<Happened>,
    /// The list's own category (问题类别).
    pub category: Option<String>,
    /// One line that says what is wrong (标题).
    pub title: Option<String>,
    /// The problem in the list's words (具体问题).
    pub text: Option<String>,
    /// The division, by name or GB/T 2260 code (涉及县市).
    pub division: Option<String>,
    /// Where, in words (涉及乡村).
    pub place: Option<String>,
    /// How grave the list holds it to be (严重程度).
    pub severity: Option<Severity>,
    /// Money, in 分.
    pub money_fen: Option<u64>,
    /// Households (涉及户数).
    pub households: Option<u64>,
    /// Persons (涉及人数).
    pub persons: Option<u64>,
    /// Records (涉及条数).
    pub records: Option<u64>,
    /// The unit the list holds responsible, in its words (责任单位).
    pub responsible: Option<String>,
    /// The round or group that found it (轮次).
    pub round: Option<String>,
}

impl Document for InspectionItem {
    const INTAKE: Intake = Intake::Inspection;
    const SOURCE: Option<&'static str> = None;
    const SEVERAL: Option<&'static str> = Some("text");

    fn columns() -> Vec<Column> {
        use Kind::{Moment, Text};
        let own = [
            Column::new("source", &["问题来源", "来源"], Text).needed(Need::UnlessGiven),
            Column::new("issuing_body", &["发文单位", "反馈单位"], Text).needed(Need::UnlessGiven),
            Column::new("document", &["来源文号", "文号", "document number"], Text).needed(Need::UnlessGiven),
            Column::new("item", &["序号", "问题编号", "编号", "no.", "number"], Text),
            Column::new("discovered", &["反馈日期", "发现日期", "反馈时间", "date"], Moment).needed(Need::UnlessGiven),
            Column::new("category", &["问题类别", "问题类型", "类别"], Text),
            Column::new("title", &["标题", "问题标题", "问题概述"], Text),
            Column::new("text", &["具体问题", "问题描述", "存在问题", "问题", "finding"], Text).needed(Need::Always),
            Column::new("division", &["涉及县市", "县市", "所属县市", "行政区划", "county"], Text)
                .needed(Need::UnlessGiven),
            Column::new("place", &["涉及乡村", "涉及乡镇", "地点"], Text),
            SEVERITY,
            Column::new("responsible", &["责任单位", "responsible unit"], Text),
            Column::new("round", &["轮次", "批次", "组别"], Text),
        ];
        own.into_iter().chain(AMOUNTS).collect()
    }

    fn item(&mut self) -> &mut Option<String> {
        &mut self.item
    }

    fn into_finding(self, context: &mut Context<'_>) -> Result<Finding, Fault> {
        let basics = Basics {
            source: self.source,
            issuing_body: self.issuing_body,
            document: self.document,
            item: self.item,
            title: self.title,
            text: self.text,
            division: self.division,
            place: self.place,
            discovered: self.discovered,
            category: self.category,
            severity: self.severity,
            found: found(self.money_fen, self.households, self.persons, self.records),
        };
        let details = Details::Inspection { round: self.round, responsible: self.responsible };
        context.finding::<Self>(basics, details)
    }
}
