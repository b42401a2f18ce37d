//! A case as the terminal tells it: what it is, and everything that happened to it, in order.

use std::collections::HashMap;

use rectify_case::assignment::{Assignment, Method};
use rectify_case::carried_over::{Declared, Standing};
use rectify_case::case::Correction;
use rectify_case::deadline::Deadline;
use rectify_case::finding::{Finding, Subject};
use rectify_case::{
    Actor, Case, CaseEvent, CaseId, CaseNumber, Cause, Directory, Event, Happened, UnitId, Version, Zone,
};
use rectify_log::Recorded;

use crate::terminal::{Paint, Style, padded, wrapped};
use crate::wording;

/// The width of the place of an event and its day, each with a gap.
const MARGIN: usize = 18;

/// What names are looked up in.
pub struct Names<'a> {
    /// The directory.
    pub directory: &'a Directory,
    /// The cases that have a number.
    pub numbers: &'a HashMap<CaseId, CaseNumber>,
    /// The office's zone.
    pub zone: Zone,
}

/// Returns a case and its events in lines of at most so many columns.
pub fn told(case: &Case, events: &[Recorded], names: &Names<'_>, paint: Paint, width: usize) -> Vec<String> {
    let mut lines = names.heading(case, paint);
    lines.push(String::new());
    for recorded in events {
        let Event::Case(event) = &recorded.envelope.event else { continue };
        lines.extend(names.happening(case, recorded, event, paint, width));
    }
    lines
}

impl Names<'_> {
    fn heading(&self, case: &Case, paint: Paint) -> Vec<String> {
        let stage = case.stage.map_or("", rectify_case::Stage::chinese);
        let number = case.number.as_ref().map_or_else(|| "（未编号）".to_owned(), ToString::to_string);
        let mut lines =
            vec![format!("{}  {}", paint.put(Style::Bold, &number), paint.put(Style::Bold, stage)), case.title.clone()];
        let mut add = |label: &str, text: String| {
            if !text.is_empty() {
                lines.push(format!("{}{text}", padded(label, 12)));
            }
        };
        add("标识", case.id.to_string());
        add("原编号", case.carried_over.as_ref().and_then(|row| row.old_number.clone()).unwrap_or_default());
        let source = case
            .source
            .as_ref()
            .map(|code| self.directory.source(code).map_or_else(|| code.to_string(), |source| source.name.clone()));
        add("问题来源", source.unwrap_or_default());
        add("信访类别", case.class.map(wording::class).unwrap_or_default().to_owned());
        add("严重程度", wording::severity(case.severity).to_owned());
        add("行政区划", case.division.as_ref().map(ToString::to_string).unwrap_or_default());
        add("登记单位", case.office.map(|office| self.unit(office)).unwrap_or_default());
        if let Some(assignment) = &case.assignment {
            add("牵头单位", self.units(&assignment.leads));
            add("配合单位", self.units(&assignment.co_responsible));
        }
        add("整改时限", case.deadline.as_ref().map(deadline).unwrap_or_default());
        add("问题数量", wording::amounts(&case.found()));
        let left = if case.is_closed_as_declared() { "未经核验" } else { "尚未整改" };
        add(left, wording::amounts(&case.outstanding()));
        let outcome = if case.is_closed_as_declared() { wording::declared_outcome } else { wording::outcome };
        add("整改结果", case.outcome.map(outcome).unwrap_or_default());
        if let Some(parent) = case.parent {
            add("上级事项", self.case(parent));
        }
        add("分项", case.parts.iter().map(|part| self.case(*part)).collect::<Vec<_>>().join("、"));
        if !case.unplaced.is_empty() {
            add("无法归位", format!("{} 条记录", case.unplaced.len()));
        }
        lines
    }

    fn happening(
        &self,
        case: &Case,
        recorded: &Recorded,
        event: &CaseEvent,
        paint: Paint,
        width: usize,
    ) -> Vec<String> {
        let envelope = &recorded.envelope;
        let name = paint.put(Style::Bold, &padded(wording::event(event), 14));
        let who = self.actor(&envelope.actor);
        let mut lines =
            vec![format!("{:>4}  {}  {name}  {who}", envelope.version, padded(&self.moment(envelope.happened), 10))];
        let room = width.saturating_sub(MARGIN).max(20);
        let mut add = |text: &str, style: Option<Style>| {
            for line in wrapped(text, room) {
                let line = style.map_or_else(|| line.clone(), |style| paint.put(style, &line));
                lines.push(format!("{}{line}", " ".repeat(MARGIN)));
            }
        };
        let corrections: Vec<&Correction> =
            case.corrections.iter().filter(|correction| correction.version == envelope.version).collect();
        for text in self.details(event).iter().filter(|text| !text.is_empty()) {
            let struck = corrections.iter().any(|correction| text.contains(&correction.old));
            add(text, struck.then_some(Style::Struck));
        }
        for Correction { field, new, .. } in corrections {
            add(&format!("〔已更正：{}应为“{new}”〕", wording::field(*field)), None);
        }
        if let Some(Cause::Document(document)) = &envelope.cause {
            let day = self.zone.day_of(envelope.recorded);
            add(&format!("〔补录：{day} 录入，依据 {document}〕"), Some(Style::Dim));
        }
        if case.unplaced.contains(&envelope.version) {
            add("〔与此前经过不合，未计入〕", Some(Style::Warning));
        }
        lines
    }

    fn details(&self, event: &CaseEvent) -> Vec<String> {
        match event {
            CaseEvent::FindingReported { finding }
            | CaseEvent::FindingAmended { finding }
            | CaseEvent::FindingRepeated { finding } => self.finding(finding),
            CaseEvent::FindingCorroborated { finding, from } => {
                let mut lines = self.finding(finding);
                lines.extend(from.map(|from| format!("原属：{}", self.case(from))));
                lines
            }
            CaseEvent::PartOpened { parent, title, found, .. } => {
                vec![title.clone(), format!("拆自：{}", self.case(*parent)), said("数量", &wording::amounts(found))]
            }
            CaseEvent::CarriedOver { number, office, severity, declared, assignment } => {
                let mut lines = vec![format!("{number}  {}  {}", wording::severity(*severity), self.unit(*office))];
                lines.extend(self.declared(declared));
                lines.extend(assignment.iter().flat_map(|assignment| self.assignment(assignment)));
                lines
            }
            CaseEvent::Registered { number, office, severity, title, found } => vec![
                format!("{number}  {}  {}", wording::severity(*severity), self.unit(*office)),
                title.clone(),
                said("数量", &wording::amounts(found)),
            ],
            CaseEvent::Assigned { assignment } => self.assignment(assignment),
            CaseEvent::Reassigned { assignment, reason } => {
                let mut lines = self.assignment(assignment);
                lines.push(said("原因", reason));
                lines
            }
            CaseEvent::Accepted { unit } | CaseEvent::PlanApproved { unit } => vec![self.unit(*unit)],
            CaseEvent::Returned { unit, reason }
            | CaseEvent::HandedBack { unit, reason }
            | CaseEvent::PlanReturned { unit, reason } => vec![format!("{}：{reason}", self.unit(*unit))],
            CaseEvent::TakenBack { units, had_read } => {
                let versions = had_read.iter().map(Version::to_string).collect::<Vec<_>>().join("、");
                vec![said("原责任单位", &self.units(units)), said("已可见记录", &versions)]
            }
            CaseEvent::CompletionReported { unit, outcome, account, fixed } => vec![
                format!("{}：{}", self.unit(*unit), wording::outcome(*outcome)),
                account.clone(),
                said("报称已整改", &wording::amounts(fixed)),
            ],
            CaseEvent::Verified { levels } => vec![format!("应核验 {levels} 级，均已通过")],
            CaseEvent::VerificationFailed { level, unit, reason } => {
                vec![format!("第 {} 级 {}：{reason}", level + 1, self.unit(*unit))]
            }
            CaseEvent::SetAside { ground, reason } => vec![format!("{}：{reason}", wording::ground(*ground))],
            CaseEvent::Closed { outcome, rest } => {
                vec![wording::outcome(*outcome), said("余项转入", &self.cases(rest))]
            }
            CaseEvent::Reopened { reason, deadline: new } => vec![reason.clone(), said("新时限", &deadline(new))],
            CaseEvent::Dismissed { reason }
            | CaseEvent::Revived { reason }
            | CaseEvent::ExtensionRefused { reason }
            | CaseEvent::Delisted { reason } => vec![reason.clone()],
            CaseEvent::MergedInto { target, reason } | CaseEvent::Unmerged { target, reason } => {
                vec![format!("{}：{reason}", self.case(*target))]
            }
            CaseEvent::Transferred { receiver, receipt, reason } => {
                vec![format!("{receiver}（回执 {receipt}）：{reason}")]
            }
            CaseEvent::Split { parts, reason } => vec![reason.clone(), said("分项", &self.cases(parts))],
            CaseEvent::LikelyDuplicateFlagged { other, ground } => {
                vec![format!("{}：{}", self.case(*other), wording::likeness(*ground))]
            }
            CaseEvent::SeverityRaised { from, to, reason, .. } => {
                vec![format!("{} → {}：{reason}", wording::severity(*from), wording::severity(*to))]
            }
            CaseEvent::SeverityLoweringProposed { to, reason } => {
                vec![format!("→ {}：{reason}", wording::severity(*to))]
            }
            CaseEvent::SeverityLowered { from, to, proposed_by } => vec![format!(
                "{} → {}（{} 申请）",
                wording::severity(*from),
                wording::severity(*to),
                self.directory.person_name(*proposed_by)
            )],
            CaseEvent::Pressed { message: text } | CaseEvent::NoteAdded { text } => vec![text.clone()],
            CaseEvent::PlanSubmitted { unit, plan } => {
                let measures = plan.measures.iter().enumerate().map(|(at, measure)| {
                    format!("{}. {}（{}，{}）", at + 1, measure.text, self.unit(measure.unit), measure.by)
                });
                std::iter::once(self.unit(*unit)).chain(measures).collect()
            }
            CaseEvent::ProgressReported { unit, text, fixed, done } => {
                let done = done.iter().map(|at| (at + 1).to_string()).collect::<Vec<_>>().join("、");
                vec![
                    format!("{}：{text}", self.unit(*unit)),
                    said("已整改", &wording::amounts(fixed)),
                    said("完成措施", &done),
                ]
            }
            CaseEvent::JointLeadReported { unit, account } => vec![format!("{}：{account}", self.unit(*unit))],
            CaseEvent::ExtensionRequested { unit, until, reason } => {
                vec![format!("{} 申请延至 {until}：{reason}", self.unit(*unit))]
            }
            CaseEvent::ExtensionGranted { deadline: new, .. } => vec![said("新时限", &deadline(new))],
            CaseEvent::DeadlineChanged { deadline: new, reason } => {
                vec![reason.clone(), said("新时限", &deadline(new))]
            }
            CaseEvent::EvidenceFiled { evidence, unit, .. } => {
                vec![
                    format!("{}：{}（{} 字节）", self.unit(*unit), evidence.name, evidence.size),
                    sha(&evidence.digest),
                ]
            }
            CaseEvent::EvidenceWithdrawn { digest, reason } => vec![sha(digest), reason.clone()],
            CaseEvent::LevelPassed { level, unit, relied_on, verified, verdict, opinion } => {
                let verdict = verdict.map(|verdict| format!("（{}）", wording::verdict(verdict))).unwrap_or_default();
                vec![
                    format!("第 {} 级 {}{verdict}：{opinion}", level + 1, self.unit(*unit)),
                    said("核实已整改", &wording::amounts(verified)),
                    format!("依据佐证 {} 份", relied_on.len()),
                ]
            }
            CaseEvent::VerifierDesignated { level, unit, reason } => {
                vec![format!("第 {} 级由 {} 核验：{reason}", level + 1, self.unit(*unit))]
            }
            CaseEvent::Recused { person, reason } => {
                vec![format!("{}：{reason}", self.directory.person_name(*person))]
            }
            CaseEvent::SubjectsNamed { subjects, reason } => {
                let named = subjects.iter().map(|subject| self.subject(*subject)).collect::<Vec<_>>().join("、");
                vec![format!("{named}：{reason}")]
            }
            CaseEvent::ClosureApproved { opinion } => vec![opinion.clone()],
            CaseEvent::HandedUp { act, from, to } => {
                vec![format!("{}：{} → {}", wording::handed_act(*act), self.unit(*from), self.unit(*to))]
            }
            CaseEvent::Listed { target, leader } => {
                vec![said("目标", target), said("督办领导", &self.directory.person_name(*leader))]
            }
            CaseEvent::ListingReviewed { note } => vec![note.clone()],
            CaseEvent::LookedBack { held, note } => {
                vec![format!("{}：{note}", if *held { "未反弹" } else { "已反弹" })]
            }
            CaseEvent::QuantitiesRestated { found, reason } => {
                vec![reason.clone(), said("数量", &wording::amounts(found))]
            }
            CaseEvent::RestSplitOff { to, amounts, reason } => {
                vec![format!("{}：{}（{reason}）", self.case(*to), wording::amounts(amounts))]
            }
            CaseEvent::MergeReceived { from, found, .. } | CaseEvent::MergeUndone { from, found, .. } => {
                vec![self.case(*from), said("数量", &wording::amounts(found))]
            }
            CaseEvent::Linked { other, relation } | CaseEvent::Unlinked { other, relation } => {
                vec![format!("{} {}", wording::relation(*relation), self.case(*other))]
            }
            CaseEvent::CluePassedOn { receiver, receipt, note } => {
                vec![format!("{receiver}（回执 {receipt}）：{note}")]
            }
            CaseEvent::Corrected { version, field, old, new, reason, .. } => {
                vec![format!("第 {version} 条 {}：“{old}” → “{new}”", wording::field(*field)), said("原因", reason)]
            }
        }
    }

    fn finding(&self, finding: &Finding) -> Vec<String> {
        let reference = &finding.reference;
        let day = self.moment(finding.discovered);
        let place = finding.place.as_deref().unwrap_or_default();
        vec![
            format!("{} {} 第 {} 项（{day} 发现）", reference.issuing_body, reference.document, reference.item),
            if finding.text.starts_with(&finding.title) { String::new() } else { finding.title.clone() },
            finding.text.clone(),
            said("地点", place),
            said("数量", &wording::amounts(&finding.found)),
        ]
    }

    /// What an older ledger says, and where it says so.
    fn declared(&self, declared: &Declared) -> Vec<String> {
        let Declared { finding, standing, origin, row, .. } = declared;
        let day = |day: Option<Happened>| day.map(|day| self.moment(day)).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let standing = match standing {
            Standing::NotStarted => "原台账：未启动".to_owned(),
            Standing::UnderWay => "原台账：整改中".to_owned(),
            Standing::Closed { outcome, on } => {
                format!("原台账：已销号 {}，{}", day(*on), wording::declared_outcome(*outcome))
            }
            Standing::Dismissed { reason, on } => format!("原台账：不予立案 {}，{reason}", day(*on)),
            Standing::Merged { into, on } => format!("原台账：已并案 {}，并入 {into}", day(*on)),
            Standing::Transferred { receiver, receipt, on } => {
                let receipt = receipt.as_ref().map(|receipt| format!("（回执 {receipt}）")).unwrap_or_default();
                format!("原台账：已移送 {}，{receiver}{receipt}", day(*on))
            }
        };
        let mut lines = self.finding(finding);
        lines.extend([
            standing,
            said("原编号", &text(&declared.old_number)),
            said("登记", &day(declared.registered)),
            said("责任领导（原台账）", &text(&declared.leader)),
            said("整改类型", &text(&declared.kind)),
            said("整改措施", &text(&declared.measures)),
            said("进展情况", &text(&declared.progress)),
            said("报称完成", &day(declared.completed)),
            said("佐证材料（原台账）", &text(&declared.evidence)),
            said("核验意见（原台账）", &text(&declared.opinion)),
            said("备注", &text(&declared.remarks)),
            format!("依据：{} {} 第 {} 行", origin.file, origin.sheet, origin.row),
            sha(&origin.digest),
        ]);
        let cells = row.iter().map(|cell| format!("{}：{}", cell.header, cell.text)).collect::<Vec<_>>();
        lines.push(said("原文", &cells.join("；")));
        lines
    }

    fn assignment(&self, assignment: &Assignment) -> Vec<String> {
        let levels = assignment.levels.iter().map(|level| {
            let holder = level.holder.map_or_else(|| "待指定".to_owned(), |holder| self.unit(holder));
            match level.method {
                Method::OnFile => holder,
                Method::OnSite => format!("{holder}（现场）"),
            }
        });
        let leader = assignment.responsible_leader.map(|leader| self.directory.person_name(leader));
        vec![
            said("牵头", &self.units(&assignment.leads)),
            said("配合", &self.units(&assignment.co_responsible)),
            said("责任领导", &leader.unwrap_or_default()),
            said("目标", &assignment.goal),
            said("时限", &deadline(&assignment.deadline)),
            said("核验", &levels.collect::<Vec<_>>().join(" → ")),
        ]
    }

    fn actor(&self, actor: &Actor) -> String {
        if actor.person == Actor::INSTALLATION.person {
            return "本系统".to_owned();
        }
        let name = self.directory.person_name(actor.person);
        let for_whom = actor.on_behalf_of.map(|other| format!(" 代 {}", self.directory.person_name(other)));
        let role = wording::role(actor.role);
        format!("{} {name}{}（{role}）", self.unit(actor.unit), for_whom.unwrap_or_default())
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
        units.iter().map(|unit| self.unit(*unit)).collect::<Vec<_>>().join("、")
    }

    fn case(&self, case: CaseId) -> String {
        self.numbers.get(&case).map_or_else(|| case.to_string(), ToString::to_string)
    }

    fn cases(&self, cases: &[CaseId]) -> String {
        cases.iter().map(|case| self.case(*case)).collect::<Vec<_>>().join("、")
    }

    fn moment(&self, happened: Happened) -> String {
        happened.day(self.zone).to_string()
    }
}

fn deadline(deadline: &Deadline) -> String {
    format!("{}（{}）", deadline.last_day, deadline.rule.cite)
}

/// Returns a text after what it is; nothing where there is none.
fn said(label: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{label}：{text}") }
}

fn sha(digest: &rectify_case::Digest) -> String {
    format!("SHA-256 {digest}")
}

#[cfg(test)]
mod tests;
