//! From a step of the script to the commands it stands for, and who gives them.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use chrono::Days as After;
use rectify_case::assignment::Assignment;
use rectify_case::command::{DeadlineChange, Ends, Part, Term};
use rectify_case::completion::Outcome;
use rectify_case::deadline::Suspension;
use rectify_case::event::Field;
use rectify_case::evidence::{Evidence, Side};
use rectify_case::plan::{Measure, Plan};
use rectify_case::quantity::Amounts;
use rectify_case::time::Days;
use rectify_case::{Actor, Case, CaseId, Command, Digest, PersonId, UnitId};

use super::prefecture::{Post, Prefecture};
use super::script::{self, Act, Named, Step};

/// What a step asks for, and of whom.
#[derive(Debug)]
pub(super) struct Cue {
    pub(super) actor: Actor,
    pub(super) what: What,
}

/// Something somebody does.
#[derive(Debug)]
pub(super) enum What {
    /// Asks something of the case.
    Ask(Box<Command>),
    /// Opens evidence.
    Open(Vec<Digest>),
}

/// What a step is staged with.
pub(super) struct Stage<'a> {
    pub(super) prefecture: &'a Prefecture,
    /// The cases by what the script calls them.
    pub(super) cases: &'a BTreeMap<String, CaseId>,
    /// The case as it stands.
    pub(super) case: &'a Case,
    /// The office that keeps it.
    pub(super) office: UnitId,
    /// The papers of the step, in the store already.
    pub(super) papers: Vec<Evidence>,
}

impl Stage<'_> {
    /// Returns who does what, in order.
    pub(super) fn cues(&self, act: &Act) -> anyhow::Result<Vec<Cue>> {
        let actor = self.actor(act)?;
        let cue = |command| Cue { actor, what: What::Ask(Box::new(command)) };
        let one = |command| Ok(vec![cue(command)]);
        match act.step.clone() {
            Step::Register { severity, title } => one(Command::Register { severity, title, found: None }),
            Step::Assign(named) => {
                let term = named.days.map(|days| Term { ends: Ends::After(Days::Calendar(days)), rule: None });
                let Who { leads, co_responsible, responsible_leader } = self.who(&named)?;
                one(Command::Assign { leads, co_responsible, responsible_leader, goal: named.goal, term })
            }
            Step::Reassign { to, reason } => {
                let Who { leads, co_responsible, responsible_leader } = self.who(&to)?;
                one(Command::Reassign { leads, co_responsible, responsible_leader, goal: to.goal, reason })
            }
            Step::Accept { plan: None } => one(Command::Accept { unit: self.answering()? }),
            Step::Accept { plan: Some(plan) } => {
                let mut cues = vec![cue(Command::Accept { unit: self.answering()? })];
                cues.extend(self.plan(actor, plan)?);
                Ok(cues)
            }
            Step::Plan(plan) => self.plan(actor, plan),
            Step::ReturnPlan(reason) => one(Command::ReturnPlan { unit: self.answering()?, reason }),
            Step::Return(reason) => one(Command::Return { unit: self.answering()?, reason }),
            Step::HandBack(reason) => one(Command::HandBack { unit: self.answering()?, reason }),
            Step::Progress { text, fixed } => {
                let (unit, fixed) = (self.answering()?, fixed.unwrap_or_default());
                one(Command::ReportProgress { unit, text, fixed, done: Vec::new() })
            }
            Step::Press(message) => one(Command::Press { message }),
            Step::RequestExtension { days, reason } => {
                let deadline = self.case.deadline.as_ref().context("there is no deadline")?;
                let until = deadline.last_day + After::new(days);
                one(Command::RequestExtension { unit: self.answering()?, until, reason })
            }
            Step::GrantExtension {} => one(Command::GrantExtension {}),
            Step::RefuseExtension(reason) => one(Command::RefuseExtension { reason }),
            Step::Suspend { from, to, reason } => {
                let suspension = Suspension { from, to, reason: reason.clone() };
                one(Command::ChangeDeadline { change: DeadlineChange::Suspend(suspension), reason })
            }
            Step::Report(report) => self.report(actor, report),
            Step::Verify(verify) => self.verify(actor, verify),
            Step::Fail(reason) => one(Command::FailVerification { level: self.level()?, reason }),
            Step::Designate { unit, reason } => {
                one(Command::DesignateVerifier { level: self.level()?, unit: self.prefecture.unit(&unit)?, reason })
            }
            Step::Approve(opinion) => one(Command::ApproveClosure { opinion }),
            Step::SetAside { ground, reason } => one(Command::SetAside { ground, reason }),
            Step::Close { outcome } => one(Command::Close { outcome }),
            Step::Reopen { reason, days } => {
                one(Command::Reopen { reason, term: Term { ends: Ends::After(Days::Calendar(days)), rule: None } })
            }
            Step::LookBack { held, note } => one(Command::LookBack { held, note }),
            Step::SplitOffRest { key, reason } => {
                one(Command::SplitOffRest { id: self.named(&key)?, amounts: self.case.outstanding(), reason })
            }
            Step::Dismiss(reason) => one(Command::Dismiss { reason }),
            Step::Transfer { receiver, receipt, reason } => one(Command::Transfer { receiver, receipt, reason }),
            Step::Revive(reason) => one(Command::Revive { reason }),
            Step::Merge { into, reason } => one(Command::Merge { into: self.named(&into)?, found: None, reason }),
            Step::Split { parts, reason } => {
                let part =
                    |part: script::Part| Ok(Part { id: self.named(&part.key)?, title: part.title, found: part.found });
                let parts = parts.into_iter().map(part).collect::<anyhow::Result<_>>()?;
                one(Command::Split { parts, reason })
            }
            Step::List { target } => one(Command::List { target, leader: self.prefecture.leader(self.answering()?)? }),
            Step::ReviewListing(note) => one(Command::ReviewListing { note }),
            Step::Delist(reason) => one(Command::Delist { reason }),
            Step::Raise { to, reason } => one(Command::RaiseSeverity { to, reason }),
            Step::ProposeLower { to, reason } => one(Command::ProposeLowerSeverity { to, reason }),
            Step::Lower {} => one(Command::LowerSeverity {}),
            Step::Recuse { person, reason } => {
                one(Command::Recuse { person: self.prefecture.named(&person)?.person, reason })
            }
            Step::Restate { found, reason } => one(Command::RestateQuantities { found, reason }),
            Step::Link { to, relation } => one(Command::Link { other: self.named(&to)?, relation }),
            Step::PassOnClue { receiver, receipt, note } => one(Command::PassOnClue { receiver, receipt, note }),
            Step::Note(text) => one(Command::AddNote { text }),
            Step::Correct { field, new, reason } => self.correct(actor, field, new, reason),
        }
    }

    /// Returns who does a step: whom it names, or who always does. What a unit did earlier is entered by the office.
    fn actor(&self, act: &Act) -> anyhow::Result<Actor> {
        if let Some(name) = &act.by {
            return self.prefecture.named(name);
        }
        let (unit, post) = match &act.step {
            Step::Accept { .. }
            | Step::Plan(_)
            | Step::Return(_)
            | Step::HandBack(_)
            | Step::Progress { .. }
            | Step::RequestExtension { .. }
            | Step::Report(_)
                if act.on.is_none() =>
            {
                (self.reporting(&act.step)?, Post::Handler)
            }
            Step::Verify(_) | Step::Fail(_) => (self.holder()?, Post::Checker),
            Step::Approve(_) => (Prefecture::top(), Post::ClosingLeader),
            Step::ReturnPlan(_)
            | Step::GrantExtension {}
            | Step::RefuseExtension(_)
            | Step::Close { .. }
            | Step::Reopen { .. }
            | Step::LookBack { .. }
            | Step::Lower {}
            | Step::Dismiss(_) => (self.office, Post::Chief),
            _ => (self.office, Post::Clerk),
        };
        self.prefecture.actor(unit, post)
    }

    fn reporting(&self, step: &Step) -> anyhow::Result<UnitId> {
        match step {
            Step::Report(script::Report { unit: Some(unit), .. }) => self.prefecture.unit(unit),
            _ => self.answering(),
        }
    }

    fn named(&self, key: &str) -> anyhow::Result<CaseId> {
        self.cases.get(key).copied().with_context(|| format!("the script has no case {key}"))
    }

    fn answering(&self) -> anyhow::Result<UnitId> {
        self.case.assignment.as_ref().and_then(Assignment::answering).context("nobody answers for the case")
    }

    fn level(&self) -> anyhow::Result<u32> {
        self.case.next_level().context("no level is owed")
    }

    fn holder(&self) -> anyhow::Result<UnitId> {
        let levels = self.case.assignment.as_ref().map(|a| a.levels.as_slice()).unwrap_or_default();
        let level = levels.get(usize::try_from(self.level()?)?).context("there is no such level")?;
        level.holder.context("nobody holds the level")
    }

    fn who(&self, named: &Named) -> anyhow::Result<Who> {
        let units = |names: &[String]| -> anyhow::Result<Vec<UnitId>> {
            names.iter().map(|name| self.prefecture.unit(name)).collect()
        };
        let leads = units(&named.leads)?;
        let first = leads.first().context("nobody leads")?;
        Ok(Who {
            co_responsible: units(&named.with)?,
            responsible_leader: Some(self.prefecture.leader(*first)?),
            leads,
        })
    }

    /// A plan, and the office's word on it.
    fn plan(&self, actor: Actor, plan: script::Plan) -> anyhow::Result<Vec<Cue>> {
        let unit = self.answering()?;
        let measure = |text| Measure { text, unit, by: plan.by };
        let plan = Plan { measures: plan.measures.into_iter().map(measure).collect() };
        let chief = self.prefecture.actor(self.office, Post::Chief)?;
        Ok(vec![
            Cue { actor, what: What::Ask(Box::new(Command::SubmitPlan { unit, plan })) },
            Cue { actor: chief, what: What::Ask(Box::new(Command::ApprovePlan { unit })) },
        ])
    }

    fn report(&self, actor: Actor, report: script::Report) -> anyhow::Result<Vec<Cue>> {
        let unit = report.unit.as_ref().map_or_else(|| self.answering(), |name| self.prefecture.unit(name))?;
        let speaks_last = unit == self.answering()?;
        let outcome = report.outcome.unwrap_or(Outcome::Rectified);
        let plan = self.case.plans.get(&unit).filter(|_| outcome.is_fixed());
        let open = plan.into_iter().flat_map(|plan| plan.open().filter_map(|(at, _)| u32::try_from(at).ok()));
        let command = Command::ReportCompletion {
            unit,
            outcome,
            account: report.account,
            fixed: report.fixed.unwrap_or_else(|| if speaks_last { self.case.found() } else { Amounts::new() }),
            done: open.filter(|at| !report.open.contains(at)).collect(),
            evidence: self.papers.clone(),
        };
        Ok(vec![Cue { actor, what: What::Ask(Box::new(command)) }])
    }

    /// A level passed: what was gathered on site is filed, what is relied on is opened.
    fn verify(&self, actor: Actor, verify: script::Verify) -> anyhow::Result<Vec<Cue>> {
        let (level, unit) = (self.level()?, self.holder()?);
        let reported = self.case.report.as_ref().map_or(u64::MAX, |report| report.version);
        let this_round = self.case.evidence.iter().filter(|(_, entry)| {
            entry.filed > reported && entry.side == Side::Responsible && entry.withdrawn.is_none()
        });
        let opened: Vec<Digest> = this_round.map(|(digest, _)| digest.clone()).collect();
        let gathered = self.papers.iter().map(|paper| paper.digest.clone());
        let relied_on: Vec<Digest> = opened.iter().cloned().chain(gathered).collect();
        let reported =
            || -> Amounts { self.case.quantities.iter().map(|(kind, quantity)| (*kind, quantity.reported)).collect() };
        let pass = Command::PassLevel {
            level,
            relied_on,
            verified: verify.verified.unwrap_or_else(reported),
            verdict: verify.verdict,
            opinion: verify.opinion,
        };
        let file =
            |evidence: &Evidence| What::Ask(Box::new(Command::FileEvidence { unit, evidence: evidence.clone() }));
        let steps = self.papers.iter().map(file).chain([What::Open(opened), What::Ask(Box::new(pass))]);
        Ok(steps.map(|what| Cue { actor, what }).collect())
    }

    fn correct(&self, actor: Actor, field: Field, new: String, reason: String) -> anyhow::Result<Vec<Cue>> {
        let first = self.case.findings.first().context("the case has no finding")?;
        let (version, old) = match field {
            Field::Title => (first.version, self.case.title.clone()),
            Field::Text => (first.version, first.finding.text.clone()),
            Field::Place => (first.version, first.finding.place.clone().unwrap_or_default()),
            Field::Category => (first.version, first.finding.category.clone().unwrap_or_default()),
            Field::Discovered => (first.version, first.finding.discovered.to_string()),
            Field::Progress => {
                let progress = self.case.progress.last().context("there is no progress report")?;
                (progress.version, progress.text.clone())
            }
            Field::Account => {
                let report = self.case.report.as_ref().context("there is no completion report")?;
                (report.version, report.account.clone())
            }
        };
        if old == new {
            bail!("the correction changes nothing");
        }
        let command = Command::Correct { version, field, old, new, reason };
        Ok(vec![Cue { actor, what: What::Ask(Box::new(command)) }])
    }
}

/// Who answers.
struct Who {
    leads: Vec<UnitId>,
    co_responsible: Vec<UnitId>,
    responsible_leader: Option<PersonId>,
}
