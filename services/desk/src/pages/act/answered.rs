//! What an act answers: what was asked or reported before, told above its form as the timeline tells it; and what the case lacks.

use rectify_case::case::PlanStanding;
use rectify_case::quantity::Amounts;
use rectify_case::{Case, CaseEvent};
use serde_json::json;

use super::Scene;
use crate::pages::happenings::Names;
use crate::pages::lacking::Lacking;
use crate::pages::page::Page;

/// What an act answers.
pub(super) struct Answered {
    /// What it is called.
    pub(super) said: String,
    pub(super) lines: Vec<String>,
}

/// Returns what an act on a case answers; nothing where it begins something of its own. What the case lacks stands last.
pub(super) fn answered(scene: &Scene<'_>, command: &str, page: &Page) -> Vec<Answered> {
    let directory = &scene.caller.directory;
    let names = Names { page, directory, cases: &|case| case.to_string(), files: &ToString::to_string };
    let told = |event: &CaseEvent| Answered { said: page.event(event), lines: names.lines(event) };
    let lacking = lacking(scene, command, page);
    asked(scene.case, command).iter().map(told).chain(lacking).collect()
}

/// Returns what a case lacks, for whoever says that it is fixed, verifies that, or strikes it off.
fn lacking(scene: &Scene<'_>, command: &str, page: &Page) -> Option<Answered> {
    let (title, lacking) = match command {
        "report_completion" => {
            let report = json!({ "unit": scene.own_units().first()?, "outcome": { "kind": "rectified" } });
            ("lacking-by-now", Lacking::after(scene.case, &report, None))
        }
        _ if answers_a_report(command) => ("lacking-reported-as-fixed", Lacking::reported(scene.case)),
        _ => return None,
    };
    (!lacking.is_nothing())
        .then(|| Answered { said: page.say(title), lines: lacking.lines(page, &scene.caller.directory) })
}

/// Returns whether an act answers a completion report.
fn answers_a_report(command: &str) -> bool {
    ["pass_level", "fail_verification", "approve_closure", "decline_closure", "close", "set_aside"].contains(&command)
}

/// Returns what was asked or reported, as it was written.
fn asked(case: &Case, command: &str) -> Vec<CaseEvent> {
    match command {
        "grant_extension" | "refuse_extension" => {
            let asked = case.extension.iter().map(|asked| CaseEvent::ExtensionRequested {
                unit: asked.unit,
                until: asked.until,
                reason: asked.reason.clone(),
            });
            asked.collect()
        }
        "approve_plan" | "return_plan" => {
            let waiting = case.plans.iter().filter(|(_, plan)| plan.standing == PlanStanding::Submitted);
            waiting.map(|(unit, plan)| CaseEvent::PlanSubmitted { unit: *unit, plan: plan.plan.clone() }).collect()
        }
        "lower_severity" => {
            let asked = case
                .lowering
                .iter()
                .map(|asked| CaseEvent::SeverityLoweringProposed { to: asked.to, reason: asked.reason.clone() });
            asked.collect()
        }
        _ if answers_a_report(command) => {
            let fixed: Amounts = case.quantities.iter().map(|(measured, known)| (*measured, known.reported)).collect();
            let reported = case.report.iter().map(|report| CaseEvent::CompletionReported {
                unit: report.unit,
                outcome: report.outcome,
                account: report.account.clone(),
                fixed: fixed.clone(),
            });
            reported.collect()
        }
        _ => Vec::new(),
    }
}
