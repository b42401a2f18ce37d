//! One finding of an audit report.

use rectify_case::directory::Intake;
use rectify_case::finding::{AuditDetails, CorrectiveAction, Details, Severity};
use rectify_case::{Finding, Happened};
use rectify_intake::amount::{Unit, found, money};
use rectify_intake::cell::Cell;
use rectify_intake::column::{AMOUNTS, SEVERITY};
use rectify_intake::{Basics, Column, Context, Document, Fault, Kind, Need, Reason};
use serde::{Deserialize, Serialize};

use crate::labels::{Labelled, Part, first_amount, lines};

/// One finding of an audit report (审计问题). Its text and its plan may carry labelled parts, which fill what is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditFinding {
    /// The source, by code or name (问题来源); the audit where none is said.
    pub source: Option<String>,
    /// Who issued the report (审计机关).
    pub issuing_body: Option<String>,
    /// The report's number (审计报告文号).
    pub document: Option<String>,
    /// The finding's number in the report (问题编号).
    pub item: Option<String>,
    /// The day of the report (报告日期).
    pub discovered: Option<Happened>,
    /// One line that says what is wrong (标题).
    pub title: Option<String>,
    /// The finding in the report's words (审计发现).
    pub text: Option<String>,
    /// The report's own category (问题类别).
    pub category: Option<String>,
    /// The division, by name or GB/T 2260 code (涉及县市).
    pub division: Option<String>,
    /// Where, in words (涉及乡村).
    pub place: Option<String>,
    /// How grave the report holds it to be (严重程度).
    pub severity: Option<Severity>,
    /// Money, in 分.
    pub money_fen: Option<u64>,
    /// Households (涉及户数).
    pub households: Option<u64>,
    /// Persons (涉及人数).
    pub persons: Option<u64>,
    /// Records (涉及条数).
    pub records: Option<u64>,
    /// The rule that was broken, as the report cites it (违反规定).
    pub rule_broken: Option<String>,
    /// The kind of requirement that was not met, where the report cites no rule (合规要求).
    pub requirement: Option<String>,
    /// The projects or awards it touches (涉及项目).
    pub projects: Vec<String>,
    /// Whether it repeats earlier findings (屡审屡犯).
    pub repeat: Option<bool>,
    /// The earlier findings it repeats (以前年度问题编号).
    pub repeats: Vec<String>,
    /// What the audited unit says it will do (整改方案).
    pub plan: Option<String>,
    /// By when (完成时限).
    pub plan_by: Option<String>,
    /// Who answers for it (联系人).
    pub plan_contact: Option<String>,
    /// Why the audited unit disagrees (异议).
    pub disagreement: Option<String>,
}

impl Document for AuditFinding {
    const INTAKE: Intake = Intake::Audit;
    const SOURCE: Option<&'static str> = Some("audit");
    const JOINED: bool = true;
    const SEVERAL: Option<&'static str> = Some("text");

    fn columns() -> Vec<Column> {
        use Kind::{Flag, List, Moment, Text};
        let own = [
            Column::new("source", &["问题来源", "来源"], Text),
            Column::new("issuing_body", &["审计机关", "发文单位", "auditor"], Text).needed(Need::UnlessGiven),
            Column::new("document", &["审计报告文号", "来源文号", "文号", "report number"], Text)
                .needed(Need::UnlessGiven),
            Column::new("item", &["问题编号", "序号", "编号", "reference number", "finding number", "no."], Text)
                .needed(Need::Always),
            Column::new("discovered", &["报告日期", "审计日期", "反馈日期", "report date", "date"], Moment)
                .needed(Need::UnlessGiven),
            Column::new("title", &["标题", "问题标题", "问题概述"], Text),
            Column::new("text", &["审计发现", "具体问题", "问题描述", "text of finding", "finding"], Text)
                .needed(Need::Always),
            Column::new("category", &["问题类别", "问题类型", "类别", "type of finding"], Text),
            Column::new("division", &["涉及县市", "县市", "行政区划", "county"], Text).needed(Need::UnlessGiven),
            Column::new("place", &["涉及乡村", "涉及乡镇", "被审计单位", "地点"], Text),
            SEVERITY,
            Column::new("rule_broken", &["违反规定", "违反条款", "审计依据", "criteria", "rule"], Text),
            Column::new("requirement", &["合规要求", "compliance requirement"], Text),
            Column::new("projects", &["涉及项目", "项目编号", "award reference", "awards"], List),
            Column::new("repeat", &["屡审屡犯", "是否屡审屡犯", "repeat prior reference", "repeat finding"], Flag),
            Column::new("repeats", &["以前年度问题编号", "以往问题编号", "prior references", "prior reference"], List),
            Column::new("plan", &["整改方案", "整改措施", "planned action", "corrective action plan"], Text),
            Column::new("plan_by", &["完成时限", "整改时限", "completion date"], Text),
            Column::new("plan_contact", &["联系人", "整改联系人", "agency contact"], Text),
            Column::new("disagreement", &["异议", "被审计单位异议"], Text),
        ];
        own.into_iter().chain(AMOUNTS).collect()
    }

    fn item(&mut self) -> &mut Option<String> {
        &mut self.item
    }

    fn into_finding(self, context: &mut Context<'_>) -> Result<Finding, Fault> {
        let text = self.text.unwrap_or_default();
        let in_text = Labelled::read(&text);
        let plan = self.plan.unwrap_or_default();
        let in_plan = Labelled::read(&plan);
        let costs = in_text.get(Part::Costs).or(in_plan.get(Part::Costs));
        let money_fen = match self.money_fen {
            Some(money_fen) => Some(money_fen),
            None => costs.map(|costs| questioned(costs, context)).transpose()?.flatten(),
        };

        let repeats: Vec<String> = self.repeats.into_iter().filter(|repeat| !is_nothing(repeat)).collect();
        if self.repeat == Some(true) && repeats.is_empty() {
            context.warn(Fault::new("repeats", "", Reason::RepeatOfNothing));
        }
        let action = in_plan.get(Part::Action).unwrap_or(&plan);
        let status = in_plan.get(Part::Status);
        let disagrees = status.is_some_and(disagrees);
        let corrective_action = (!plan.is_empty()).then(|| CorrectiveAction {
            text: match status {
                Some(status) if disagrees => status.to_owned(),
                Some(status) => format!("{status}\n{action}"),
                None => action.to_owned(),
            },
            by: self.plan_by.or_else(|| in_plan.get(Part::By).map(str::to_owned)),
            contact: self.plan_contact.or_else(|| in_plan.get(Part::Contact).map(str::to_owned)),
        });
        let details = AuditDetails {
            rule_broken: self.rule_broken.or_else(|| in_text.get(Part::Rule).map(str::to_owned)).or(self.requirement),
            repeats,
            corrective_action,
            disagreement: self.disagreement.or_else(|| disagrees.then(|| action.to_owned())),
        };
        let basics = Basics {
            source: self.source,
            issuing_body: self.issuing_body,
            document: self.document,
            item: self.item,
            title: self.title.or_else(|| in_text.get(Part::Title).or(in_plan.get(Part::Title)).map(str::to_owned)),
            division: self.division,
            place: self.place,
            discovered: self.discovered,
            category: self.category.or_else(|| in_text.get(Part::Kind).and_then(category)),
            severity: self.severity,
            found: found(money_fen, self.households, self.persons, self.records),
            text: Some(with_projects(&text, &self.projects)),
        };
        context.finding::<Self>(basics, Details::Audit(details))
    }
}

/// Returns the amount a report questions, if it names one. Another currency than yuan is counted in its own hundredths.
fn questioned(costs: &str, context: &mut Context<'_>) -> Result<Option<u64>, Fault> {
    let Some(amount) = first_amount(costs) else { return Ok(None) };
    let money_fen = money(&Cell::Text(amount.to_owned()), Some(Unit::Yuan))
        .map_err(|reason| Fault::new("money_fen", amount, reason))?;
    if costs.contains('$') {
        context.warn(Fault::new("money_fen", format!("${amount}"), Reason::OtherCurrency));
    }
    Ok(Some(money_fen))
}

/// Returns whether a plan says that nothing is to be done, for the unit disagrees; not when it says so of a part only.
fn disagrees(status: &str) -> bool {
    let status = status.to_lowercase();
    let acts = ["in progress", "complete", "正在整改", "已整改"].iter().any(|word| status.contains(word));
    !acts && ["not required", "无需整改", "不予整改"].iter().any(|word| status.contains(word))
}

fn category(kind: &str) -> Option<String> {
    let kinds = lines(kind).into_iter().map(|line| line.trim_end_matches("Questioned costs").trim_end());
    let kinds: Vec<&str> = kinds.filter(|line| !line.is_empty()).collect();
    (!kinds.is_empty()).then(|| kinds.join("; "))
}

fn is_nothing(reference: &str) -> bool {
    ["n/a", "none", "无", "-"].contains(&reference.to_lowercase().as_str())
}

fn with_projects(text: &str, projects: &[String]) -> String {
    match (text.is_empty(), projects) {
        (true, _) | (_, []) => text.to_owned(),
        (false, projects) => format!("{text}\n涉及项目：{}", projects.join("、")),
    }
}
