//! The keys of a petition: held to storage only, and deleted when two administrators want it.

use std::collections::BTreeSet;

use rectify_case::certificate::Ciphertext;
use rectify_case::custody::{Asked, Keyed};
use rectify_case::finding::Details;
use rectify_case::number::{CaseNumber, Series};
use rectify_case::{
    AccessEvent, Actor, CaseEvent, CaseId, Certificate, Custody, CustodyRefusal, Digest, Envelope, Event, EventId,
    Finding, FindingId, Happened, LogId, PersonId, Role, SealAlgorithm, Sealed, StreamId,
};
use uuid::Uuid;

use crate::acts::{digest, finding};
use crate::world::{OFFICE, morning, officer};

const LOG: LogId = LogId(Uuid::from_u128(7));
const PETITION: FindingId = FindingId(Uuid::from_u128(1));

/// An administrator, one of several.
fn administrator(n: u128) -> Actor {
    Actor { person: PersonId(Uuid::from_u128(n)), unit: OFFICE, role: Role::Administrator, on_behalf_of: None }
}

fn why() -> String {
    "信访人申请删除".to_owned()
}

fn propose() -> Asked {
    Asked::Propose { reason: why() }
}

fn decline() -> Asked {
    Asked::Decline { reason: why() }
}

fn approve() -> Asked {
    Asked::Approve { keyed: Keyed::default() }
}

fn hold() -> Asked {
    Asked::Hold { reason: why() }
}

fn release() -> Asked {
    Asked::Release { reason: why() }
}

/// What was said of a petition so far.
struct Petition(Custody);

fn petition() -> Petition {
    Petition(Custody::new(PETITION))
}

impl Petition {
    /// An administrator asks for something, and it happens.
    #[track_caller]
    fn then(self, asked: Asked, n: u128) -> Petition {
        let event = self.0.decide(asked, &administrator(n)).unwrap();
        self.happened(event, administrator(n))
    }

    fn happened(mut self, event: AccessEvent, actor: Actor) -> Petition {
        let version = self.0.version + 1;
        self.0.evolve(10 + version, &envelope(Custody::stream(PETITION), version, actor, event.into()));
        self
    }

    /// An administrator asks for something, and it is refused.
    #[track_caller]
    fn refuses(self, asked: Asked, n: u128, refusal: CustodyRefusal) -> Petition {
        assert_eq!(self.0.decide(asked, &administrator(n)), Err(refusal));
        self
    }
}

fn envelope(stream: StreamId, version: u64, actor: Actor, event: Event) -> Envelope {
    Envelope {
        id: EventId(Uuid::from_u128(version.into())),
        salt: "0".repeat(32),
        log: LOG,
        stream,
        version,
        schema: Event::SCHEMA,
        happened: Happened::At(morning()),
        received: None,
        recorded: morning(),
        actor,
        facts_at: 0,
        cause: None,
        event,
    }
}

#[test]
fn whoever_asks_for_keys_to_be_deleted_neither_agrees_nor_declines() {
    petition()
        .then(propose(), 1)
        .refuses(approve(), 1, CustodyRefusal::SecondAdministratorNeeded)
        .refuses(decline(), 1, CustodyRefusal::SecondAdministratorNeeded)
        .then(approve(), 2);
}

#[test]
fn whoever_acts_for_who_asked_is_no_second_person() {
    let custody = petition().then(propose(), 1).0;
    let lent = Actor { on_behalf_of: Some(administrator(1).person), ..administrator(2) };
    assert_eq!(custody.decide(approve(), &lent), Err(CustodyRefusal::SecondAdministratorNeeded));
}

#[test]
fn only_administrators_do_anything_with_keys() {
    for asked in [propose(), decline(), approve(), hold(), release()] {
        assert_eq!(petition().0.decide(asked, &officer(OFFICE)), Err(CustodyRefusal::NotAdministrator));
    }
}

#[test]
fn a_reason_is_given_for_everything_but_agreeing() {
    let blank = || "  ".to_owned();
    petition()
        .refuses(Asked::Propose { reason: blank() }, 1, CustodyRefusal::ReasonMissing)
        .refuses(Asked::Hold { reason: blank() }, 1, CustodyRefusal::ReasonMissing)
        .then(hold(), 1)
        .refuses(Asked::Release { reason: blank() }, 1, CustodyRefusal::ReasonMissing)
        .then(release(), 1)
        .then(propose(), 1)
        .refuses(Asked::Decline { reason: blank() }, 2, CustodyRefusal::ReasonMissing);
}

#[test]
fn what_was_declined_may_be_asked_for_again() {
    petition()
        .refuses(approve(), 2, CustodyRefusal::NothingProposed)
        .refuses(decline(), 2, CustodyRefusal::NothingProposed)
        .then(propose(), 1)
        .refuses(propose(), 2, CustodyRefusal::AlreadyProposed)
        .then(decline(), 2)
        .refuses(approve(), 2, CustodyRefusal::NothingProposed)
        .then(propose(), 2)
        .then(approve(), 1);
}

#[test]
fn what_is_held_to_storage_is_neither_opened_nor_erased() {
    let held = petition().then(propose(), 1).then(hold(), 2);
    assert_eq!(held.0.not_held(), Err(CustodyRefusal::StorageOnly));
    let held = held
        .refuses(approve(), 2, CustodyRefusal::StorageOnly)
        .refuses(hold(), 1, CustodyRefusal::AlreadyHeld)
        .then(decline(), 2)
        .refuses(propose(), 1, CustodyRefusal::StorageOnly);
    let free = held.then(release(), 1);
    assert_eq!(free.0.not_held(), Ok(()));
    free.refuses(release(), 1, CustodyRefusal::NotHeld).then(propose(), 1).then(approve(), 2);
}

#[test]
fn what_two_have_decided_is_not_held_back_and_is_carried_out_once() {
    let approved = petition().then(propose(), 1).then(approve(), 2);
    assert!(approved.0.is_unfinished());
    let approved = approved
        .refuses(hold(), 1, CustodyRefusal::AlreadyApproved)
        .refuses(decline(), 1, CustodyRefusal::AlreadyApproved)
        .refuses(propose(), 1, CustodyRefusal::AlreadyApproved)
        .refuses(approve(), 2, CustodyRefusal::AlreadyApproved);
    let event = approved.0.shredded().unwrap();
    let AccessEvent::PetitionShredded { finding, reason, proposed_by, approved_by } = &event else {
        panic!("{event:?}")
    };
    assert_eq!((*finding, reason.as_str()), (PETITION, "信访人申请删除"));
    assert_eq!((*proposed_by, *approved_by), (Some(administrator(1).person), Some(administrator(2).person)));
    let erased = approved.happened(event, Actor::INSTALLATION);
    assert!(!erased.0.is_unfinished());
    [propose(), decline(), approve(), hold(), release()]
        .into_iter()
        .fold(erased, |erased, asked| erased.refuses(asked, 3, CustodyRefusal::KeysDeleted));
}

#[test]
fn what_is_said_of_another_petition_changes_nothing() {
    let other = FindingId(Uuid::from_u128(2));
    let held = AccessEvent::PetitionHeld { finding: other, reason: why() };
    let shredded =
        AccessEvent::PetitionShredded { finding: other, reason: why(), proposed_by: None, approved_by: None };
    let custody = petition().happened(held, administrator(1)).happened(shredded, administrator(1)).0;
    assert_eq!(custody, Custody { version: 2, ..Custody::new(PETITION) });
}

#[test]
fn no_two_refusals_have_the_same_code_or_sentence() {
    let all = CustodyRefusal::ALL;
    assert_eq!(all.iter().map(|r| r.code()).collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(all.iter().map(|r| r.chinese()).collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(all.iter().map(|r| r.english()).collect::<BTreeSet<_>>().len(), all.len());
}

/// A petition of which so much is sealed.
fn sealed(content: &Digest, attachments: &[Digest]) -> Finding {
    let sealed = Sealed {
        algorithm: SealAlgorithm::XChaCha20Poly1305,
        generation: 1,
        ciphertext: "AAAA".to_owned(),
        digest: content.clone(),
        attachments: attachments.to_vec(),
    };
    let details = rectify_case::finding::PetitionDetails {
        class: rectify_case::finding::PetitionClass::Request,
        subjects: Vec::new(),
        reply: None,
        sealed: Some(sealed),
    };
    Finding { details: Details::Petition(details), ..finding("1") }
}

#[test]
fn a_certificate_names_what_was_sealed_where_it_stands_and_who_wanted_it_gone() {
    let (first, amended) = (sealed(&digest(1), &[]), sealed(&digest(2), &[digest(3)]));
    let finding = first.id();
    let own = CaseId(finding.0);
    let number = CaseNumber { series: Series { office: None, source: "信访".to_owned(), year: 2020 }, serial: 7 };
    let told = [
        (3, own, CaseEvent::FindingReported { finding: first.into() }),
        (5, own, registered(number.clone())),
        (6, own, CaseEvent::FindingAmended { finding: amended.clone().into() }),
        (8, CaseId(Uuid::from_u128(9)), CaseEvent::FindingCorroborated { finding: amended.into(), from: Some(own) }),
        (9, CaseId(Uuid::from_u128(9)), CaseEvent::FindingCorroborated { finding: sealed_other().into(), from: None }),
    ];
    let history: Vec<(u64, Envelope)> = told
        .into_iter()
        .map(|(position, case, event)| {
            (position, envelope(StreamId::Case(case), position, officer(OFFICE), event.into()))
        })
        .collect();
    let history = || history.iter().map(|(position, envelope)| (*position, envelope));
    let mut custody = Custody::new(finding);
    assert_eq!(Certificate::of(&custody, LOG, history()), None);
    let events = [
        (AccessEvent::ShreddingProposed { finding, reason: why() }, 1),
        (approved(finding, vec![digest(2)], vec![digest(3), digest(5)]), 2),
    ];
    for (position, (event, who)) in (11..).zip(events) {
        custody.evolve(position, &envelope(Custody::stream(finding), position, administrator(who), event.into()));
    }
    let event = custody.shredded().unwrap();
    custody.evolve(13, &envelope(Custody::stream(finding), 13, administrator(2), event.into()));

    let certificate = Certificate::of(&custody, LOG, history()).unwrap();
    assert_eq!((certificate.case, certificate.number.as_ref(), certificate.log), (own, Some(&number), LOG));
    let named = |n, is_attachment, position| Ciphertext { digest: digest(n), is_attachment, position };
    let told = [named(1, false, 3), named(2, false, 6), named(3, true, 6), named(5, true, 12)];
    assert_eq!(certificate.ciphertexts, told);
    assert_eq!(certificate.proposal.as_ref().unwrap().position, 11);
    assert_eq!(certificate.approval.as_ref().unwrap().actor, administrator(2));
    assert_eq!((certificate.erasure.position, certificate.erasure.reason.as_str()), (13, "信访人申请删除"));
    assert_eq!((certificate.chinese(), certificate.english()), (Certificate::CHINESE, Certificate::ENGLISH));
}

fn approved(finding: FindingId, contents: Vec<Digest>, attachments: Vec<Digest>) -> AccessEvent {
    AccessEvent::ShreddingApproved { finding, proposed_by: administrator(1).person, contents, attachments }
}

fn registered(number: CaseNumber) -> CaseEvent {
    CaseEvent::Registered {
        number,
        office: OFFICE,
        severity: rectify_case::finding::Severity::Ordinary,
        title: "低保未复核".to_owned(),
        found: rectify_case::quantity::Amounts::new(),
    }
}

/// Another petition in the same case.
fn sealed_other() -> Finding {
    let other = sealed(&digest(4), &[]);
    let reference = rectify_case::finding::Reference { item: "2".to_owned(), ..other.reference.clone() };
    Finding { reference, ..other }
}
