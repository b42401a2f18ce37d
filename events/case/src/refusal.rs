//! Why a command is refused: one variant a rule, with a stable code and a sentence a person can act on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! refusals {
    ($($name:ident = $code:literal, $kind:ident, $zh:literal, $en:literal;)*) => {
        /// Why a command is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Refusal {$(
            #[doc = $en]
            $name,
        )*}

        impl Refusal {
            /// Every refusal.
            pub const ALL: &[Refusal] = &[$(Refusal::$name),*];

            /// Returns the stable code, which never changes.
            pub fn code(self) -> &'static str {
                match self { $(Refusal::$name => $code,)* }
            }

            /// Returns what kind of refusal it is.
            pub fn kind(self) -> Kind {
                match self { $(Refusal::$name => Kind::$kind,)* }
            }

            /// Returns the sentence in Chinese.
            pub fn chinese(self) -> &'static str {
                match self { $(Refusal::$name => $zh,)* }
            }

            /// Returns the sentence in English.
            pub fn english(self) -> &'static str {
                match self { $(Refusal::$name => $en,)* }
            }
        }
    };
}

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The actor may not do it.
    Forbidden,
    /// The case is not where it can be done.
    Stage,
    /// A rule forbids it.
    Rule,
    /// What was given cannot be used.
    Input,
}

refusals! {
    // Who may act.
    RoleNotHeld = "role_not_held", Forbidden,
        "您在该单位没有此角色，或任期已过。请由管理员核对角色与任期。",
        "You do not hold this role in this unit now. Ask an administrator to check the role and its dates.";
    RoleMayNot = "role_may_not", Forbidden,
        "此操作不属于您的角色。",
        "This act is not one of your role's.";
    NotYourCase = "not_your_case", Forbidden,
        "该事项不在您的管辖或办理范围内。",
        "This case is not in your office's division, nor your unit's to handle.";
    NotDelegated = "not_delegated", Forbidden,
        "没有有效的代办授权。请先由被代办人授权。",
        "There is no delegation in force to act on this person's behalf.";
    Walled = "walled", Forbidden,
        "依照规定，您不能办理该事项。",
        "Under the firewall you cannot act on this case.";
    IsRecused = "recused", Forbidden,
        "您已回避该事项。",
        "You are recused from this case.";

    // Where the case stands.
    NoSuchCase = "no_such_case", Stage,
        "没有这个事项。",
        "There is no such case.";
    WrongStage = "wrong_stage", Stage,
        "该事项目前所处环节不能进行此操作。",
        "The case is not in a stage where this can be done.";

    // What was given.
    ReasonMissing = "reason_missing", Input,
        "请写明理由。",
        "Give the reason.";
    TextMissing = "text_missing", Input,
        "内容不能为空。",
        "The text is empty.";
    UnknownUnit = "unknown_unit", Input,
        "单位不存在或已撤销。",
        "A unit named here is unknown or abolished.";
    UnknownPerson = "unknown_person", Input,
        "人员不存在。",
        "A person named here is unknown.";
    UnknownSource = "unknown_source", Input,
        "问题来源未定义。",
        "The source is not defined.";
    NotAResponsibleLeader = "not_a_responsible_leader", Input,
        "所指定的人员不是责任领导。",
        "The person named is not a responsible leader.";
    NoLead = "no_lead", Input,
        "请指定牵头单位。",
        "Name at least one lead.";
    UnitNamedTwice = "unit_named_twice", Input,
        "同一单位被重复指定。",
        "A unit is named twice.";
    NoTerm = "no_term", Input,
        "请给出整改时限。",
        "Give the deadline.";
    TermNotAfterStart = "term_not_after_start", Input,
        "整改时限须晚于起算日。",
        "The deadline must be after the day it is counted from.";
    ClassifiedText = "classified_text", Input,
        "内容标有密级（秘密、机密、绝密），不得录入。",
        "The text is marked as classified (秘密, 机密, 绝密) and may not be entered.";
    AmountTooLarge = "amount_too_large", Input,
        "数量超出可计范围。",
        "An amount is larger than can be counted.";
    NotALead = "not_a_lead", Input,
        "该单位不是该事项的牵头单位。",
        "This unit is not a lead of the case.";
    NotResponsible = "not_responsible", Input,
        "该单位不是该事项的责任单位。",
        "This unit is not responsible for the case.";
    NoPlan = "no_plan", Input,
        "该单位尚未报送整改方案，或方案已审定。",
        "There is no plan of this unit that waits for an answer.";
    EmptyPlan = "empty_plan", Input,
        "整改方案至少要有一条措施。",
        "A plan has at least one measure.";
    NoSuchMeasure = "no_such_measure", Input,
        "整改方案中没有这条措施。",
        "The plan has no such measure.";
    NoSuchFinding = "no_such_finding", Input,
        "没有这条发现问题。",
        "There is no such finding in that case.";
    NoSuchEvidence = "no_such_evidence", Input,
        "没有这份佐证材料。",
        "There is no such evidence on file.";
    NoSuchLevel = "no_such_level", Input,
        "没有这一级核验。",
        "There is no such level.";
    NoSuchLink = "no_such_link", Input,
        "没有这条关联。",
        "There is no such link.";
    NothingToCorrect = "nothing_to_correct", Input,
        "该记录中没有这个可更正的内容，或原值与所填不符。",
        "The event has no such field, or what stands there is not what you give as old.";
    SameAsBefore = "same_as_before", Input,
        "与原来相同，无需更改。",
        "Nothing would change.";
    WrongGround = "wrong_ground", Input,
        "审签未通过须由审签领导作出。",
        "Only a closing leader declines an approval.";
    SelfReference = "self_reference", Input,
        "不能指向事项本身。",
        "A case cannot refer to itself.";
    OtherCaseUnfit = "other_case_unfit", Input,
        "另一事项所处环节不能进行此操作。",
        "The other case is not in a stage where this can be done.";
    NotListed = "not_listed", Input,
        "该事项未挂牌督办。",
        "The case is not listed.";
    AlreadyListed = "already_listed", Input,
        "该事项已挂牌督办。",
        "The case is already listed.";
    TooFewParts = "too_few_parts", Input,
        "拆分至少要有两个部分。",
        "A split has at least two parts.";

    // Rule 1.
    LevelOutOfOrder = "level_out_of_order", Rule,
        "须按级次逐级核验。",
        "The levels are verified in order.";
    EvidenceNotNamed = "evidence_not_named", Rule,
        "核验须列明所依据的佐证材料。",
        "A verification names the evidence it relies on.";
    EvidenceNotOfThisRound = "evidence_not_of_this_round", Rule,
        "所依据的佐证材料须为本次报送后由责任单位提交，或由核验人现场取得。",
        "The evidence must have been filed by the responsible side with or after the last completion report, or gathered by the verifier on site.";
    EvidenceNotOpened = "evidence_not_opened", Rule,
        "请先打开查阅所依据的佐证材料。",
        "Open the evidence before relying on it.";
    EvidenceIsWithdrawn = "evidence_withdrawn", Rule,
        "所依据的佐证材料已撤回。",
        "The evidence was withdrawn.";
    EvidenceReliedOn = "evidence_relied_on", Rule,
        "该材料已作为核验依据，不能撤回。",
        "A passed level relies on this evidence; it cannot be withdrawn now.";
    NothingGatheredOnSite = "nothing_gathered_on_site", Rule,
        "现场核验须有核验人现场取得的材料。",
        "A level on site relies on something the verifier gathered there.";
    ApprovalMissing = "approval_missing", Rule,
        "重大事项须经审签领导同意后方可销号。",
        "A grave case is closed only after a closing leader approved.";
    ApprovalNotOwed = "approval_not_owed", Rule,
        "该事项无需审签。",
        "This case owes no approval.";
    ApproverIsResponsibleLeader = "approver_is_responsible_leader", Rule,
        "审签领导不得是该事项的责任领导。",
        "The closing leader cannot be the responsible leader of the case.";
    ApproverVerified = "approver_verified", Rule,
        "审签领导不得参与该事项的核验。",
        "The closing leader cannot have verified the case.";
    JointLeadsNotReported = "joint_leads_not_reported", Rule,
        "其他牵头单位尚未报送完成情况。",
        "The other joint leads have not reported their part yet.";
    PlanNotApproved = "plan_not_approved", Rule,
        "整改方案尚未审定。",
        "The plan has not been approved yet.";

    // Rule 2.
    VerifiedByResponsibleUnit = "verified_by_responsible_unit", Rule,
        "责任单位及其下属单位的人员不得核验。",
        "Who verifies cannot belong to a responsible unit or one below it.";
    VerifierPlannedOrReported = "verifier_planned_or_reported", Rule,
        "参与过方案或报送的人员不得核验。",
        "Who planned or reported for the case cannot verify it.";
    NotTheVerifyingUnit = "not_the_verifying_unit", Rule,
        "该级核验由其他单位承担。",
        "Another unit holds this level.";
    LevelHasNoHolder = "level_has_no_holder", Rule,
        "该级核验尚未指定核验单位。",
        "No eligible unit has been designated for this level yet.";
    HolderNotEligible = "holder_not_eligible", Rule,
        "该单位与事项有责任关系或为被反映对象，不能承担核验。",
        "This unit is responsible for the case, is its subject, or has nobody who can verify it.";
    CloserVerified = "closer_verified", Rule,
        "核验人不得销号，请由另一人办理，或报上级整改办。",
        "Who verified cannot close; another person does, or the act is handed up.";
    GranterAsked = "granter_asked", Rule,
        "申请延期的人不得审批延期。",
        "Who asked for an extension cannot grant it.";
    SecondPersonNeeded = "second_person_needed", Rule,
        "降低严重程度须由另一人同意。",
        "Another person must agree that the case is less grave.";
    NoLowering = "no_lowering", Input,
        "没有待同意的降级申请。",
        "Nobody has asked for the case to be held less grave.";
    NotHigher = "not_higher", Input,
        "新的严重程度须高于现在。",
        "The new severity must be graver than the present one.";
    NotLower = "not_lower", Input,
        "新的严重程度须低于现在。",
        "The new severity must be less grave than the present one.";
    NoSuperiorOffice = "no_superior_office", Rule,
        "没有上级整改办可报。",
        "There is no office above to hand it to.";

    // Rule 3.
    SubjectWouldHandle = "subject_would_handle", Rule,
        "被检举控告的单位或人员不得承办、配合或负责。",
        "Who is accused, or is below who is accused, cannot handle the case.";
    SubjectWouldVerify = "subject_would_verify", Rule,
        "被反映单位不得核验。",
        "A unit complained about never verifies.";

    WouldRevealAccusation = "would_reveal_accusation", Rule,
        "不能从可公开办理的事项指向检举控告事项。",
        "A case that the accused can read may not point to the accusation.";

    // Rule 4.
    ReceiptMissing = "receipt_missing", Rule,
        "移送须有接收单位回执。",
        "A transfer names the receiver and the receipt.";
    WhereaboutsMissing = "whereabouts_missing", Rule,
        "原台账中不予立案、并案或移送的事项，须写明理由、并入的编号或接收单位。",
        "What an older ledger dismissed, merged or transferred says why, into which number, or to whom.";
    MergedElsewhere = "merged_elsewhere", Rule,
        "该事项已并入本台账的另一事项，请用“撤销并案”取回。",
        "The case was merged into another one here. Unmerge it to have it back.";
    FindingAlreadyHere = "finding_already_here", Rule,
        "该发现问题已在此事项中。",
        "This finding is already in the case.";
    NumberWouldBeLost = "number_would_be_lost", Rule,
        "该事项已并入其他事项或有并入的事项，不能再并案。",
        "A case that others were merged into cannot itself be merged.";

    // Rule 5.
    ExtensionAlreadyAsked = "extension_already_asked", Rule,
        "已有一份延期申请待审批。",
        "An extension is already waiting for a decision.";
    ExtensionTooLate = "extension_too_late", Rule,
        "延期须在时限届满前申请。",
        "An extension is asked before the deadline has passed.";
    ExtensionNotLater = "extension_not_later", Rule,
        "延期后的时限须晚于现时限。",
        "The new deadline must be after the present one.";
    NoExtensionAsked = "no_extension_asked", Input,
        "没有待审批的延期申请。",
        "No extension was asked for.";
    NoDeadline = "no_deadline", Input,
        "该事项尚无整改时限。",
        "The case has no deadline yet.";

    // Rule 6.
    InTheFuture = "in_the_future", Rule,
        "发生时间不能晚于现在。",
        "It cannot have happened in the future.";
    BeforeDiscovery = "before_discovery", Rule,
        "发生时间不能早于问题发现时间。",
        "It cannot have happened before the problem was found.";
    BeforeThePrevious = "before_the_previous", Rule,
        "发生时间不能早于上一环节。",
        "It cannot have happened before the step it follows.";
    LateEntryNotOffice = "late_entry_not_office", Rule,
        "只有整改办可以补录以前发生的事。",
        "Only the office enters what happened earlier.";
    LateEntryWithoutDocument = "late_entry_without_document", Rule,
        "补录须注明依据文件。",
        "An earlier act is entered with the document that shows it.";

    // Rule 7.
    FixedExceedsFound = "fixed_exceeds_found", Rule,
        "已整改数不能超过发现数。",
        "What is fixed cannot exceed what was found.";
    StillOutstanding = "still_outstanding", Rule,
        "尚有未整改数量，须先整改到位或另立事项。",
        "Something is still outstanding: fix it, or split the rest off to a case of its own.";
    PartsDoNotAddUp = "parts_do_not_add_up", Rule,
        "各部分数量之和须等于未整改数。",
        "The parts must add up to what is outstanding.";
    RestExceedsOutstanding = "rest_exceeds_outstanding", Rule,
        "另立的数量不能超过未整改数，也不能为零。",
        "What is split off is more than nothing and no more than what is outstanding.";
    FoundBelowFixed = "found_below_fixed", Rule,
        "发现数不能小于已整改和已分出的数量。",
        "What was found cannot be less than what is fixed or split off.";
    ListingOpen = "listing_open", Rule,
        "该事项仍在挂牌督办，须先摘牌。",
        "The case is still listed for supervision; delist it first.";
    ReviewNotInFuture = "review_not_in_future", Input,
        "长期坚持的复查日期须在今后。",
        "The review date must lie in the future.";
}

/// A refusal with what it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.english())]
pub struct Refused {
    /// The first ground; the others, where `close` found several obstacles.
    pub grounds: Vec<Refusal>,
    /// What it is about, such as the unit or the digest concerned.
    pub about: Option<String>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused { grounds: vec![refusal], about: None }
    }
}

impl Refused {
    /// Returns the first ground.
    pub fn refusal(&self) -> Refusal {
        self.grounds.first().copied().unwrap_or(Refusal::WrongStage)
    }

    /// Returns all grounds in English.
    pub fn english(&self) -> String {
        self.say(Refusal::english, " ")
    }

    /// Returns all grounds in Chinese.
    pub fn chinese(&self) -> String {
        self.say(Refusal::chinese, "")
    }

    fn say(&self, sentence: fn(Refusal) -> &'static str, between: &str) -> String {
        let said: Vec<&str> = self.grounds.iter().map(|g| sentence(*g)).collect();
        match &self.about {
            Some(about) => format!("{} ({about})", said.join(between)),
            None => said.join(between),
        }
    }
}
