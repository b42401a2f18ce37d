//! What an event says, line by line.

use rectify_case::assignment::Assignment;
use rectify_case::carried_over::{Declared, Standing};
use rectify_case::finding::{AuditDetails, Details, Finding, Subject};
use rectify_case::{CaseEvent, CaseId, Digest, Directory, Happened, UnitId, Version};

use super::page::Page;

/// What names are looked up in.
pub(super) struct Names<'a> {
    pub(super) page: &'a Page,
    pub(super) directory: &'a Directory,
    /// What cases are called that an event may name; the others by the beginning of their id.
    pub(super) cases: &'a dyn Fn(CaseId) -> String,
    /// What files are called that an event may rely on.
    pub(super) files: &'a dyn Fn(&Digest) -> String,
}

impl Names<'_> {
    /// Returns what an event says beside its name, a line each; empty ones are left out.
    pub(super) fn lines(&self, event: &CaseEvent) -> Vec<String> {
        let mut lines = self.said(event);
        lines.retain(|line| !line.is_empty());
        lines
    }

    fn said(&self, event: &CaseEvent) -> Vec<String> {
        let page = self.page;
        match event {
            CaseEvent::FindingReported { finding }
            | CaseEvent::FindingAmended { finding }
            | CaseEvent::FindingRepeated { finding } => self.finding(finding),
            CaseEvent::FindingCorroborated { finding, from } => {
                let mut lines = self.finding(finding);
                lines.extend(from.map(|from| self.labelled("said-from-case", &(self.cases)(from))));
                lines
            }
            CaseEvent::PartOpened { parent, title, found, .. } => vec![
                title.clone(),
                self.labelled("said-split-from", &(self.cases)(*parent)),
                self.labelled("said-amounts", &page.amounts(found)),
            ],
            CaseEvent::CarriedOver { number, office, severity, declared, assignment } => {
                let mut lines = vec![format!("{number} · {} · {}", page.severity(severity), self.unit(*office))];
                lines.extend(self.declared(declared));
                lines.extend(assignment.iter().flat_map(|assignment| self.assignment(assignment)));
                lines
            }
            CaseEvent::Registered { number, office, severity, title, found } => vec![
                format!("{number} · {} · {}", page.severity(severity), self.unit(*office)),
                title.clone(),
                self.labelled("said-amounts", &page.amounts(found)),
            ],
            CaseEvent::Assigned { assignment } => self.assignment(assignment),
            CaseEvent::Reassigned { assignment, reason } => {
                let mut lines = self.assignment(assignment);
                lines.push(self.labelled("said-reason", reason));
                lines
            }
            CaseEvent::Accepted { unit } | CaseEvent::PlanApproved { unit } => vec![self.unit(*unit)],
            CaseEvent::Returned { unit, reason }
            | CaseEvent::HandedBack { unit, reason }
            | CaseEvent::PlanReturned { unit, reason } => vec![self.of_unit(*unit, reason)],
            CaseEvent::TakenBack { units, had_read } => {
                let versions = had_read.iter().map(Version::to_string).collect::<Vec<_>>();
                vec![
                    self.labelled("said-former-units", &self.units(units)),
                    self.labelled("said-had-read", &versions.join(&page.say("list-comma"))),
                ]
            }
            CaseEvent::CompletionReported { unit, outcome, account, fixed } => vec![
                self.of_unit(*unit, &page.outcome(outcome)),
                account.clone(),
                self.labelled("said-reported-fixed", &page.amounts(fixed)),
            ],
            CaseEvent::Verified { levels } => vec![page.say_of("said-levels-passed", "n", *levels)],
            CaseEvent::VerificationFailed { level, unit, reason }
            | CaseEvent::VerifierDesignated { level, unit, reason } => {
                vec![page.say_of("said-level", "n", level + 1), self.of_unit(*unit, reason)]
            }
            CaseEvent::SetAside { ground, reason } => vec![page.ground(ground), reason.clone()],
            CaseEvent::Closed { outcome, rest } => {
                vec![page.outcome(outcome), self.labelled("said-rest-to", &self.cases_of(rest))]
            }
            CaseEvent::Reopened { reason, deadline } | CaseEvent::DeadlineChanged { deadline, reason } => {
                vec![reason.clone(), self.labelled("said-new-deadline", &page.deadline(deadline))]
            }
            CaseEvent::Dismissed { reason }
            | CaseEvent::Revived { reason }
            | CaseEvent::ExtensionRefused { reason }
            | CaseEvent::Delisted { reason } => vec![reason.clone()],
            CaseEvent::MergedInto { target, reason } | CaseEvent::Unmerged { target, reason } => {
                vec![(self.cases)(*target), reason.clone()]
            }
            CaseEvent::Transferred { receiver, receipt, reason } => {
                vec![receiver.clone(), self.labelled("said-receipt", receipt), reason.clone()]
            }
            CaseEvent::Split { parts, reason } => {
                vec![reason.clone(), self.labelled("said-parts", &self.cases_of(parts))]
            }
            CaseEvent::LikelyDuplicateFlagged { other, ground } => {
                vec![(self.cases)(*other), page.likeness(ground)]
            }
            CaseEvent::SeverityRaised { from, to, reason, .. } => {
                vec![format!("{} → {}", page.severity(from), page.severity(to)), reason.clone()]
            }
            CaseEvent::SeverityLoweringProposed { to, reason } => {
                vec![format!("→ {}", page.severity(to)), reason.clone()]
            }
            CaseEvent::SeverityLowered { from, to, proposed_by } => vec![
                format!("{} → {}", page.severity(from), page.severity(to)),
                self.labelled("said-proposed-by", &self.directory.person_name(*proposed_by)),
            ],
            CaseEvent::Pressed { message: text } | CaseEvent::NoteAdded { text } => vec![text.clone()],
            CaseEvent::PlanSubmitted { unit, plan } => {
                let measures = plan.measures.iter().enumerate().map(|(at, measure)| {
                    format!("{}. {} · {} · {}", at + 1, measure.text, self.unit(measure.unit), measure.by)
                });
                std::iter::once(self.unit(*unit)).chain(measures).collect()
            }
            CaseEvent::ProgressReported { unit, text, fixed, done } => {
                let done = done.iter().map(|at| (at + 1).to_string()).collect::<Vec<_>>();
                vec![
                    self.of_unit(*unit, text),
                    self.labelled("said-fixed", &page.amounts(fixed)),
                    self.labelled("said-measures-done", &done.join(&page.say("list-comma"))),
                ]
            }
            CaseEvent::JointLeadReported { unit, account } => vec![self.of_unit(*unit, account)],
            CaseEvent::ExtensionRequested { unit, until, reason } => {
                vec![self.of_unit(*unit, &page.say_of("said-until", "day", until.to_string())), reason.clone()]
            }
            CaseEvent::ExtensionGranted { deadline, .. } => {
                vec![self.labelled("said-new-deadline", &page.deadline(deadline))]
            }
            CaseEvent::EvidenceFiled { evidence, unit, .. } => {
                vec![self.of_unit(*unit, &evidence.name), sha(&evidence.digest)]
            }
            CaseEvent::EvidenceWithdrawn { digest, reason } => vec![sha(digest), reason.clone()],
            CaseEvent::LevelPassed { level, unit, relied_on, verified, verdict, opinion } => vec![
                page.say_of("said-level", "n", level + 1),
                self.of_unit(*unit, opinion),
                self.labelled("said-verdict", &verdict.map(|verdict| page.verdict(&verdict)).unwrap_or_default()),
                self.labelled("said-verified", &page.amounts(verified)),
                self.labelled("said-relied-on", &self.files_of(relied_on)),
            ],
            CaseEvent::Recused { person, reason } => vec![self.directory.person_name(*person), reason.clone()],
            CaseEvent::SubjectsNamed { subjects, reason } => {
                let named = subjects.iter().map(|subject| self.subject(*subject)).collect::<Vec<_>>();
                vec![named.join(&page.say("list-comma")), reason.clone()]
            }
            CaseEvent::ClosureApproved { opinion } => vec![opinion.clone()],
            CaseEvent::HandedUp { act, from, to } => {
                vec![page.handed_act(act), format!("{} → {}", self.unit(*from), self.unit(*to))]
            }
            CaseEvent::Listed { target, leader } => vec![
                self.labelled("said-target", target),
                self.labelled("said-leader", &self.directory.person_name(*leader)),
            ],
            CaseEvent::ListingReviewed { note } => vec![note.clone()],
            CaseEvent::LookedBack { held, note } => {
                vec![page.say(if *held { "said-held" } else { "said-not-held" }), note.clone()]
            }
            CaseEvent::QuantitiesRestated { found, reason } => {
                vec![reason.clone(), self.labelled("said-amounts", &page.amounts(found))]
            }
            CaseEvent::RestSplitOff { to, amounts, reason } => {
                vec![(self.cases)(*to), page.amounts(amounts), reason.clone()]
            }
            CaseEvent::MergeReceived { from, found, .. } | CaseEvent::MergeUndone { from, found, .. } => {
                vec![(self.cases)(*from), self.labelled("said-amounts", &page.amounts(found))]
            }
            CaseEvent::Linked { other, relation } | CaseEvent::Unlinked { other, relation } => {
                vec![format!("{} {}", page.relation(relation), (self.cases)(*other))]
            }
            CaseEvent::CluePassedOn { receiver, receipt, note } => {
                vec![receiver.clone(), self.labelled("said-receipt", receipt), note.clone()]
            }
            CaseEvent::Corrected { version, field, old, new, reason, .. } => vec![
                page.say_two("said-corrected", ("version", *version), ("field", page.correctable(field))),
                self.labelled("said-old", old),
                self.labelled("said-new", new),
                self.labelled("said-reason", reason),
            ],
        }
    }

    fn finding(&self, finding: &Finding) -> Vec<String> {
        let mut lines = vec![
            self.page.reference(&finding.reference),
            if finding.text.starts_with(&finding.title) { String::new() } else { finding.title.clone() },
            finding.text.clone(),
            self.labelled("said-place", finding.place.as_deref().unwrap_or_default()),
            self.labelled("said-amounts", &self.page.amounts(&finding.found)),
        ];
        lines.extend(self.details(finding));
        lines
    }

    /// Returns what only this kind of source reports, a line each; a petition's is told of its case, or sealed.
    pub(super) fn details(&self, finding: &Finding) -> Vec<String> {
        let said = |label: &str, text: &Option<String>| self.labelled(label, text.as_deref().unwrap_or_default());
        match &finding.details {
            Details::Inspection { round, responsible } => {
                vec![said("said-round", round), said("said-held-responsible", responsible)]
            }
            Details::Audit(AuditDetails { rule_broken, repeats, corrective_action, disagreement }) => {
                let action = corrective_action.as_ref();
                vec![
                    said("said-rule-broken", rule_broken),
                    self.labelled("said-repeats", &repeats.join(&self.page.say("list-comma"))),
                    self.labelled("said-corrective-action", action.map_or("", |action| &action.text)),
                    said("said-corrective-by", &action.and_then(|action| action.by.clone())),
                    said("said-corrective-contact", &action.and_then(|action| action.contact.clone())),
                    said("said-disagreement", disagreement),
                ]
            }
            Details::Petition(_) => Vec::new(),
        }
    }

    /// Returns what an older ledger says, and where it says so.
    fn declared(&self, declared: &Declared) -> Vec<String> {
        let Declared { finding, standing, origin, .. } = declared;
        let page = self.page;
        let day = |day: &Option<Happened>| day.map(|day| page.day(&day).to_string()).unwrap_or_default();
        let (standing, more) = match standing {
            Standing::NotStarted => (page.say("declared-not-started"), String::new()),
            Standing::UnderWay => (page.say("declared-under-way"), String::new()),
            Standing::Closed { outcome, on } => (page.say_of("declared-closed", "day", day(on)), page.outcome(outcome)),
            Standing::Dismissed { reason, on } => (page.say_of("declared-dismissed", "day", day(on)), reason.clone()),
            Standing::Merged { into, on } => (page.say_of("declared-merged", "day", day(on)), into.clone()),
            Standing::Transferred { receiver, on, .. } => {
                (page.say_of("declared-transferred", "day", day(on)), receiver.clone())
            }
        };
        let mut lines = self.finding(finding);
        let said = |label: &str, text: &Option<String>| self.labelled(label, text.as_deref().unwrap_or_default());
        lines.extend([
            standing,
            more,
            said("said-old-number", &declared.old_number),
            said("said-responsible-leader", &declared.leader),
            said("said-repair-kind", &declared.kind),
            said("said-measures", &declared.measures),
            said("said-progress", &declared.progress),
            self.labelled("said-completed", &day(&declared.completed)),
            said("said-declared-evidence", &declared.evidence),
            said("said-declared-opinion", &declared.opinion),
            said("said-remarks", &declared.remarks),
            self.labelled("said-origin", &format!("{} {} {}", origin.file, origin.sheet, origin.row)),
            sha(&origin.digest),
        ]);
        lines
    }

    fn assignment(&self, assignment: &Assignment) -> Vec<String> {
        let page = self.page;
        let levels = assignment.levels.iter().map(|level| {
            let holder = level.holder.map_or_else(|| page.say("level-open"), |holder| self.unit(holder));
            page.bracketed(&holder, &page.method(&level.method))
        });
        let leader = assignment.responsible_leader.map(|leader| self.directory.person_name(leader));
        vec![
            self.labelled("said-leads", &self.units(&assignment.leads)),
            self.labelled("said-helpers", &self.units(&assignment.co_responsible)),
            self.labelled("said-responsible-leader", &leader.unwrap_or_default()),
            self.labelled("said-goal", &assignment.goal),
            self.labelled("said-deadline", &page.deadline(&assignment.deadline)),
            self.labelled("said-verification", &levels.collect::<Vec<_>>().join(" → ")),
        ]
    }

    /// Returns a text after what it is; nothing where there is none.
    fn labelled(&self, label: &str, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.page.say_of(label, "text", text) }
    }

    fn of_unit(&self, unit: UnitId, text: &str) -> String {
        self.page.say_two("said-of-unit", ("unit", self.unit(unit)), ("text", text))
    }

    fn subject(&self, subject: Subject) -> String {
        match subject {
            Subject::Unit(unit) => self.unit(unit),
            Subject::Person(person) => self.directory.person_name(person),
        }
    }

    fn unit(&self, unit: UnitId) -> String {
        self.directory.unit_name(unit)
    }

    fn units(&self, units: &[UnitId]) -> String {
        units.iter().map(|unit| self.unit(*unit)).collect::<Vec<_>>().join(&self.page.say("list-comma"))
    }

    fn files_of(&self, files: &[Digest]) -> String {
        files.iter().map(|digest| (self.files)(digest)).collect::<Vec<_>>().join(&self.page.say("list-comma"))
    }

    fn cases_of(&self, cases: &[CaseId]) -> String {
        cases.iter().map(|case| (self.cases)(*case)).collect::<Vec<_>>().join(&self.page.say("list-comma"))
    }
}

fn sha(digest: &Digest) -> String {
    format!("SHA-256 {digest}")
}
