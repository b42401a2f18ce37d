//! How the office calls things: the Chinese of what the terminal shows.

use rectify_case::completion::{Outcome, Verdict};
use rectify_case::directory::{Intake, UnitKind};
use rectify_case::event::{Field, Ground, HandedAct, Likeness, Relation};
use rectify_case::finding::{PetitionClass, Severity};
use rectify_case::quantity::{Amounts, Measured};
use rectify_case::{AccessEvent, CaseEvent, DirectoryEvent, Role};

/// Returns what an event is called.
pub fn event(event: &CaseEvent) -> &'static str {
    match event {
        CaseEvent::FindingReported { .. } => "发现问题",
        CaseEvent::PartOpened { .. } => "分项立项",
        CaseEvent::CarriedOver { .. } => "承前",
        CaseEvent::Registered { .. } => "登记",
        CaseEvent::Assigned { .. } => "交办",
        CaseEvent::Reassigned { .. } => "改派",
        CaseEvent::Accepted { .. } => "签收",
        CaseEvent::Returned { .. } => "退回",
        CaseEvent::HandedBack { .. } => "交回",
        CaseEvent::TakenBack { .. } => "收回",
        CaseEvent::CompletionReported { .. } => "申请销号",
        CaseEvent::Verified { .. } => "核验通过",
        CaseEvent::VerificationFailed { .. } => "核验不通过",
        CaseEvent::SetAside { .. } => "退回整改",
        CaseEvent::Closed { .. } => "销号",
        CaseEvent::Reopened { .. } => "恢复整改",
        CaseEvent::Dismissed { .. } => "不予立案",
        CaseEvent::MergedInto { .. } => "并案",
        CaseEvent::Transferred { .. } => "移送",
        CaseEvent::Revived { .. } => "恢复立案",
        CaseEvent::Unmerged { .. } => "撤销并案",
        CaseEvent::Split { .. } => "拆分",
        CaseEvent::FindingCorroborated { .. } => "同源佐证",
        CaseEvent::FindingAmended { .. } => "来源更新",
        CaseEvent::FindingRepeated { .. } => "来源再报",
        CaseEvent::LikelyDuplicateFlagged { .. } => "疑似重复",
        CaseEvent::SeverityRaised { .. } => "提高等级",
        CaseEvent::SeverityLoweringProposed { .. } => "申请降级",
        CaseEvent::SeverityLowered { .. } => "同意降级",
        CaseEvent::Pressed { .. } => "催办",
        CaseEvent::PlanSubmitted { .. } => "报送方案",
        CaseEvent::PlanApproved { .. } => "同意方案",
        CaseEvent::PlanReturned { .. } => "退回方案",
        CaseEvent::ProgressReported { .. } => "报送进展",
        CaseEvent::JointLeadReported { .. } => "共同牵头报结",
        CaseEvent::ExtensionRequested { .. } => "申请延期",
        CaseEvent::ExtensionGranted { .. } => "同意延期",
        CaseEvent::ExtensionRefused { .. } => "不同意延期",
        CaseEvent::DeadlineChanged { .. } => "调整时限",
        CaseEvent::EvidenceFiled { .. } => "佐证入卷",
        CaseEvent::EvidenceWithdrawn { .. } => "撤回佐证",
        CaseEvent::LevelPassed { .. } => "逐级核验",
        CaseEvent::VerifierDesignated { .. } => "指定核验",
        CaseEvent::Recused { .. } => "回避",
        CaseEvent::SubjectsNamed { .. } => "补充被反映对象",
        CaseEvent::ClosureApproved { .. } => "审签同意",
        CaseEvent::HandedUp { .. } => "提请上级办理",
        CaseEvent::Listed { .. } => "挂牌督办",
        CaseEvent::ListingReviewed { .. } => "月度调度",
        CaseEvent::Delisted { .. } => "摘牌",
        CaseEvent::LookedBack { .. } => "回头看",
        CaseEvent::QuantitiesRestated { .. } => "重新核定数量",
        CaseEvent::RestSplitOff { .. } => "余项拆出",
        CaseEvent::MergeReceived { .. } => "并入",
        CaseEvent::MergeUndone { .. } => "并入撤销",
        CaseEvent::Linked { .. } => "关联",
        CaseEvent::Unlinked { .. } => "取消关联",
        CaseEvent::CluePassedOn { .. } => "移送线索",
        CaseEvent::NoteAdded { .. } => "备注",
        CaseEvent::Corrected { .. } => "更正",
    }
}

/// Returns what a look at personal data or evidence is called.
pub fn access(event: &AccessEvent) -> &'static str {
    match event {
        AccessEvent::EvidenceOpened { .. } => "查看佐证",
        AccessEvent::PetitionOpened { .. } => "拆阅信访件",
        AccessEvent::PetitionHeld { .. } => "信访件留存",
        AccessEvent::PetitionReleased { .. } => "解除留存",
        AccessEvent::ShreddingProposed { .. } => "提请销毁密钥",
        AccessEvent::ShreddingDeclined { .. } => "不同意销毁密钥",
        AccessEvent::ShreddingApproved { .. } => "同意销毁密钥",
        AccessEvent::PetitionShredded { .. } => "销毁密钥",
        AccessEvent::SetAsideOpened { .. } => "查看搁置信息",
        AccessEvent::SetAsideResent { .. } => "重报搁置信息",
        AccessEvent::DossierExported { .. } => "导出案卷",
        AccessEvent::Published(_) => "发布",
    }
}

/// Returns what a change of units, people or sources is called.
pub fn directory(event: &DirectoryEvent) -> &'static str {
    match event {
        DirectoryEvent::UnitAdded(_) => "增加单位",
        DirectoryEvent::UnitChanged(_) => "变更单位",
        DirectoryEvent::UnitAbolished { .. } => "撤销单位",
        DirectoryEvent::PersonAdded { .. } => "增加人员",
        DirectoryEvent::RoleGranted(_) => "授予角色",
        DirectoryEvent::RoleEnded { .. } => "终止角色",
        DirectoryEvent::DelegationGranted { .. } => "授权代办",
        DirectoryEvent::DelegationEnded { .. } => "终止代办",
        DirectoryEvent::SourceDefined(_) => "设定问题来源",
        DirectoryEvent::LogForked(_) => "日志分叉",
    }
}

/// Returns what a role is called.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Officer => "整改办经办人",
        Role::Handler => "责任单位经办人",
        Role::Verifier => "核验人",
        Role::ResponsibleLeader => "责任领导",
        Role::ClosingLeader => "审签领导",
        Role::Auditor => "审计督查",
        Role::Administrator => "系统管理员",
        Role::SourceSystem => "来源系统",
    }
}

/// Returns what a kind of unit is called.
pub fn unit_kind(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Prefecture => "州",
        UnitKind::County => "县市",
        UnitKind::Township => "乡镇",
        UnitKind::Office => "整改办",
        UnitKind::Department => "部门",
        UnitKind::Auditor => "审计督查机构",
    }
}

/// Returns what an intake is called.
pub fn intake(intake: Intake) -> &'static str {
    match intake {
        Intake::Inspection => "问题清单",
        Intake::Audit => "审计报告",
        Intake::Petition => "信访",
    }
}

/// Returns what a severity is called.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Ordinary => "一般",
        Severity::Serious => "较重",
        Severity::Grave => "重大",
    }
}

/// Returns what an outcome is called.
pub fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Rectified => "已整改".to_owned(),
        Outcome::DoneAndKeptUp { review } => format!("完成并长期坚持（{review} 复查）"),
        Outcome::Unfounded => "不属实".to_owned(),
        Outcome::DisagreementUpheld => "异议成立".to_owned(),
        Outcome::Overtaken => "已无整改条件".to_owned(),
        Outcome::Withdrawn => "来源撤回".to_owned(),
    }
}

/// Returns what an outcome is called that is declared and was not proved here.
pub fn declared_outcome(outcome: Outcome) -> String {
    format!("{}（承前，未经核验）", self::outcome(outcome))
}

/// Returns what a verdict is called.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Founded => "属实",
        Verdict::LargelyFounded => "基本属实",
        Verdict::PartlyFounded => "部分属实",
        Verdict::Unfounded => "不属实",
    }
}

/// Returns what a class of petitions is called.
pub fn class(class: PetitionClass) -> &'static str {
    match class {
        PetitionClass::Request => "申诉求决",
        PetitionClass::Suggestion => "建议意见",
        PetitionClass::Accusation => "检举控告",
    }
}

/// Returns why a verified case went back.
pub fn ground(ground: Ground) -> &'static str {
    match ground {
        Ground::ObjectionUpheld => "异议成立",
        Ground::ApprovalDeclined => "审签未通过",
        Ground::NewFact => "新情况",
    }
}

/// Returns what two cases have in common.
pub fn likeness(likeness: Likeness) -> &'static str {
    match likeness {
        Likeness::SameReference => "文号序号相同",
        Likeness::SamePlaceAndText => "地点相同、内容相近",
    }
}

/// Returns what an act is called that was handed up.
pub fn handed_act(act: HandedAct) -> &'static str {
    match act {
        HandedAct::Verification => "核验",
        HandedAct::Extension => "延期审批",
        HandedAct::Closure => "销号",
    }
}

/// Returns how two cases are linked.
pub fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::RecurrenceOf => "再发于",
        Relation::SimilarTo => "相似于",
        Relation::RelatedTo => "关联于",
    }
}

/// Returns what a field is called.
pub fn field(field: Field) -> &'static str {
    match field {
        Field::Title => "标题",
        Field::Text => "问题描述",
        Field::Place => "地点",
        Field::Category => "问题类别",
        Field::Discovered => "发现时间",
        Field::Progress => "进展",
        Field::Account => "整改情况",
    }
}

/// Returns amounts as they are written: money in yuan.
pub fn amounts(amounts: &Amounts) -> String {
    let shown = amounts.iter().map(|(measured, amount)| match measured {
        Measured::Money => format!("{} 元", yuan(*amount)),
        Measured::Households => format!("{amount} 户"),
        Measured::Persons => format!("{amount} 人"),
        Measured::Records => format!("{amount} 条"),
    });
    shown.collect::<Vec<_>>().join("、")
}

/// Returns 分 as yuan, with commas between thousands.
fn yuan(fen: u64) -> String {
    let digits = (fen / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{:02}", fen % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_yuan() {
        let found = Amounts::from([(Measured::Money, 123_456_789), (Measured::Households, 12)]);
        assert_eq!(amounts(&found), "1,234,567.89 元、12 户");
        assert_eq!(yuan(5), "0.05");
    }
}
