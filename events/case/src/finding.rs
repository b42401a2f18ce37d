//! A finding (发现问题): what one source reports, with its own reference.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::identity::{DivisionCode, FindingId, PersonId, SourceCode, UnitId};
use crate::quantity::Amounts;
use crate::sealed::Sealed;
use crate::time::Happened;

/// What one source reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Who reports it (问题来源).
    pub source: SourceCode,
    /// What the source knows it by.
    pub reference: Reference,
    /// One line that says what is wrong.
    pub title: String,
    /// The finding in the source's own words. Longer texts are evidence.
    pub text: String,
    /// Where: the division of GB/T 2260.
    pub division: DivisionCode,
    /// Where, in words, below the division (涉及乡村).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// When it was found (反馈日期).
    pub discovered: Happened,
    /// The source's own category (问题类别).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How grave the source holds it to be; the office decides on registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What was counted.
    #[serde(default, skip_serializing_if = "Amounts::is_empty")]
    pub found: Amounts,
    /// What only this kind of source reports.
    pub details: Details,
}

/// What the source knows a finding by. Two findings of one source with the same reference are the same finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Who issued it.
    pub issuing_body: String,
    /// The document's number (来源文号).
    pub document: String,
    /// The item in the document; where the source gives none, a hash of the normalised row and its ordinal.
    pub item: String,
}

/// How grave a problem is; set on registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 一般: verified by the office of the lead's division.
    #[default]
    Ordinary,
    /// 较重: then by the prefecture office too.
    Serious,
    /// 重大: both, the second on site, and a closing leader approves.
    Grave,
}

/// What only one kind of intake reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Details {
    /// From an inspection list.
    Inspection {
        /// The round or group that found it, such as `第三轮巡视` or `第二组`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<String>,
        /// The unit the source holds to be responsible, in its own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responsible: Option<String>,
    },
    /// From an audit report.
    Audit(AuditDetails),
    /// From a petition, or from democratic or social supervision.
    Petition(PetitionDetails),
}

/// What an audit reports beside the finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditDetails {
    /// The rule that was broken, as the report cites it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_broken: Option<String>,
    /// The earlier findings this one repeats, as the report names them; empty when it is no repeat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeats: Vec<String>,
    /// What the audited unit says it will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrective_action: Option<CorrectiveAction>,
    /// Why the audited unit disagrees, when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<String>,
}

/// A corrective action plan as an audit report carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectiveAction {
    /// What will be done.
    pub text: String,
    /// By when, in the report's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Who answers for it, in the report's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// What a petition reports beside the finding. A petitioner's identity has a place only where it is sealed; the finding's
/// title and text are then a short summary without personal data (题要).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PetitionDetails {
    /// 信访类别.
    pub class: PetitionClass,
    /// Whom it complains about (被反映对象).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// What the source already answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<SourceReply>,
    /// The petitioner's identity, the original text and the source's reply; none in what was written before petitions were
    /// sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

/// 信访类别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PetitionClass {
    /// 申诉求决.
    Request,
    /// 建议意见.
    Suggestion,
    /// 检举控告: the firewall keeps it from its subject (rule 3).
    Accusation,
}

/// A unit or person that a petition complains about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A unit, and with it every unit below.
    Unit(UnitId),
    /// A person, and with them whoever is below a unit they lead.
    Person(PersonId),
}

/// What a source has already done about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceReply {
    /// What was answered; empty where it is sealed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replied: Option<Happened>,
}

impl Finding {
    /// Returns what the finding is known by: the same for the same source, issuing body, document and item.
    pub fn id(&self) -> FindingId {
        let Reference { issuing_body, document, item } = &self.reference;
        let name = [self.source.as_str(), issuing_body, document, item].map(str::trim).join("\u{1f}");
        FindingId(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }

    /// Returns the petition class; nothing for what is no petition.
    pub fn class(&self) -> Option<PetitionClass> {
        match &self.details {
            Details::Petition(petition) => Some(petition.class),
            Details::Inspection { .. } | Details::Audit(_) => None,
        }
    }

    /// Returns what of it is sealed.
    pub fn sealed(&self) -> Option<&Sealed> {
        match &self.details {
            Details::Petition(petition) => petition.sealed.as_ref(),
            Details::Inspection { .. } | Details::Audit(_) => None,
        }
    }

    /// Returns whether it is a petition of which nothing is sealed.
    pub fn lacks_seal(&self) -> bool {
        matches!(&self.details, Details::Petition(petition) if petition.sealed.is_none())
    }

    /// Returns whom it complains about.
    pub fn subjects(&self) -> &[Subject] {
        match &self.details {
            Details::Petition(petition) => &petition.subjects,
            Details::Inspection { .. } | Details::Audit(_) => &[],
        }
    }
}

/// The name space of finding ids (RFC 9562, version 5).
const NAMESPACE: Uuid = Uuid::from_u128(0x8a3c_51c6_7d7e_4c0d_9d1f_2b60_6e0f_4a11);
