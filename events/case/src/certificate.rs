//! A certificate of erasure (密钥销毁证明): which petition, which ciphertexts, who wanted it and why, and where the log says so.
//!
//! Nothing in it is about the petitioner. Whoever holds the log, or a part of it, checks every line of it.

use std::collections::BTreeMap;

use crate::custody::{Custody, Step};
use crate::envelope::{Envelope, Event, Position, StreamId};
use crate::event::CaseEvent;
use crate::finding::Finding;
use crate::identity::{CaseId, Digest, FindingId, LogId};
use crate::number::CaseNumber;

/// A certificate of erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Which petition.
    pub finding: FindingId,
    /// The log that all positions are of.
    pub log: LogId,
    /// The case that the petition began, or that it went on in.
    pub case: CaseId,
    /// Its number, where it was registered.
    pub number: Option<CaseNumber>,
    /// What no key opens any more, as the log names it, in its order.
    pub ciphertexts: Vec<Ciphertext>,
    /// Who asked for it; none where one was enough.
    pub proposal: Option<Step>,
    /// Who agreed; none where one was enough.
    pub approval: Option<Step>,
    /// Who wrote that the keys are deleted, and why they were.
    pub erasure: Step,
}

/// Sealed bytes, as the log names them first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    /// Their SHA-256.
    pub digest: Digest,
    /// Whether they are an attachment, and not what the petition says.
    pub is_attachment: bool,
    /// The position of the event that names them first.
    pub position: Position,
}

impl Certificate {
    /// What is certified, in Chinese.
    pub const CHINESE: &str = "经一名系统管理员提请、另一名系统管理员同意，上述信访件的数据密钥已从密钥库中全部删除。下列密文不能再解密，\
        信访人身份、原文和附件不可恢复。事件日志未作任何改动，密文的摘要值和以下各条记录仍可按所列位置逐条核对。";

    /// What is certified, in English.
    pub const ENGLISH: &str = "One administrator asked for it and another agreed: every data key of this petition was deleted \
        from the key store. The ciphertexts below cannot be opened any more, and who wrote, what was written and what was \
        attached cannot be had back. Nothing in the event log was changed: the digests and the records below can be looked up \
        where they stand.";

    /// What is certified where one administrator was enough, in Chinese.
    pub const CHINESE_BY_ONE: &str = "上述信访件的数据密钥已从密钥库中全部删除（办理时尚未要求两人决定）。下列密文不能再解密，信访人身份、\
        原文和附件不可恢复。事件日志未作任何改动，密文的摘要值和以下各条记录仍可按所列位置逐条核对。";

    /// What is certified where one administrator was enough, in English.
    pub const ENGLISH_BY_ONE: &str = "Every data key of this petition was deleted from the key store, when one administrator was \
        still enough for that. The ciphertexts below cannot be opened any more, and who wrote, what was written and what was \
        attached cannot be had back. Nothing in the event log was changed: the digests and the records below can be looked up \
        where they stand.";

    /// Returns the certificate of a petition whose keys are deleted, from the events of the cases that it was ever in. None
    /// where it is not written yet that they are.
    pub fn of<'a>(
        custody: &Custody,
        log: LogId,
        history: impl IntoIterator<Item = (Position, &'a Envelope)>,
    ) -> Option<Certificate> {
        let Custody { finding, proposal, approval, keyed, erasure, .. } = custody;
        let own = CaseId(finding.0);
        let mut numbers: BTreeMap<CaseId, CaseNumber> = BTreeMap::new();
        let mut named: BTreeMap<Digest, (Position, bool)> = BTreeMap::new();
        for (position, envelope) in history {
            let (StreamId::Case(case), Event::Case(event)) = (envelope.stream, &envelope.event) else { continue };
            if let CaseEvent::Registered { number, .. } | CaseEvent::CarriedOver { number, .. } = event.as_ref() {
                numbers.insert(case, number.clone());
            }
            for sealed in brought(event).into_iter().filter(|held| held.id() == *finding).filter_map(Finding::sealed) {
                let content = std::iter::once((&sealed.digest, false));
                for (digest, is_attachment) in content.chain(sealed.attachments.iter().map(|digest| (digest, true))) {
                    let first = named.entry(digest.clone()).or_insert((position, is_attachment));
                    first.0 = first.0.min(position);
                }
            }
        }
        // What nothing told of before was told of by whoever agreed.
        for (digest, is_attachment) in [(&keyed.contents, false), (&keyed.attachments, true)]
            .into_iter()
            .flat_map(|(digests, is_attachment)| digests.iter().map(move |digest| (digest, is_attachment)))
        {
            let position = approval.as_ref().map_or(0, |step| step.position);
            named.entry(digest.clone()).or_insert((position, is_attachment));
        }
        let mut ciphertexts: Vec<Ciphertext> = named
            .into_iter()
            .map(|(digest, (position, is_attachment))| Ciphertext { digest, is_attachment, position })
            .collect();
        ciphertexts.sort_by_key(|ciphertext| (ciphertext.position, ciphertext.is_attachment));
        let numbered = numbers.remove_entry(&own).or_else(|| numbers.pop_first());
        Some(Certificate {
            finding: *finding,
            log,
            case: numbered.as_ref().map_or(own, |(case, _)| *case),
            number: numbered.map(|(_, number)| number),
            ciphertexts,
            proposal: proposal.clone(),
            approval: approval.clone(),
            erasure: erasure.clone()?,
        })
    }

    /// Returns what is certified, in Chinese.
    pub fn chinese(&self) -> &'static str {
        if self.approval.is_some() { Certificate::CHINESE } else { Certificate::CHINESE_BY_ONE }
    }

    /// Returns what is certified, in English.
    pub fn english(&self) -> &'static str {
        if self.approval.is_some() { Certificate::ENGLISH } else { Certificate::ENGLISH_BY_ONE }
    }
}

/// Returns the findings that an event brings to a case.
pub fn brought(event: &CaseEvent) -> Vec<&Finding> {
    match event {
        CaseEvent::FindingReported { finding }
        | CaseEvent::FindingAmended { finding }
        | CaseEvent::FindingRepeated { finding }
        | CaseEvent::FindingCorroborated { finding, .. } => vec![finding],
        CaseEvent::CarriedOver { declared, .. } => vec![&declared.finding],
        CaseEvent::PartOpened { findings, .. } | CaseEvent::MergeReceived { findings, .. } => findings.iter().collect(),
        _ => Vec::new(),
    }
}

/// Returns the cases in which a finding of this one may go on from an event.
pub fn leads_on(event: &CaseEvent) -> Vec<CaseId> {
    match event {
        CaseEvent::MergedInto { target, .. } => vec![*target],
        CaseEvent::Split { parts, .. } => parts.clone(),
        CaseEvent::Closed { rest, .. } => rest.clone(),
        CaseEvent::RestSplitOff { to, .. } => vec![*to],
        _ => Vec::new(),
    }
}
