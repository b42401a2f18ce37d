//! What a case tells of other cases: nothing of those that are kept from the reader.

use std::collections::HashMap;

use rectify_case::case::Destination;
use rectify_case::{Case, CaseEvent, CaseId};
use rectify_kit::act;

use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;
use crate::shown::ShownEvent;

/// A reader, and which cases are kept from them as far as was looked up.
pub(crate) struct Sight<'a> {
    desk: &'a Desk,
    caller: &'a Caller,
    kept: HashMap<CaseId, bool>,
}

impl<'a> Sight<'a> {
    pub(crate) fn of(desk: &'a Desk, caller: &'a Caller) -> Sight<'a> {
        Sight { desk, caller, kept: HashMap::new() }
    }

    /// Leaves out the events that name a case kept from the reader.
    pub(crate) async fn events(&mut self, events: Vec<ShownEvent>) -> Result<Vec<ShownEvent>, Error> {
        let mut shown = Vec::with_capacity(events.len());
        for event in events {
            if !self.keeps_any(&named(&event.event)).await? {
                shown.push(event);
            }
        }
        Ok(shown)
    }

    /// Takes the names of cases kept from the reader out of a case.
    pub(crate) async fn case(&mut self, case: &mut Case) -> Result<(), Error> {
        let ended = case.merged_into();
        let from = case.findings.iter().filter_map(|finding| finding.from);
        let from = from.chain(case.evidence.values().filter_map(|file| file.from));
        let named: Vec<CaseId> = (case.likely_duplicates.keys().copied())
            .chain(case.links.iter().map(|(other, _)| *other))
            .chain(case.absorbed.keys().copied())
            .chain(case.rest.keys().copied())
            .chain(case.parts.iter().copied())
            .chain(case.parent)
            .chain(ended)
            .chain(from)
            .collect();
        if !self.keeps_any(&named).await? {
            return Ok(());
        }
        let told = |id: &CaseId| self.kept.get(id) != Some(&true);
        case.likely_duplicates.retain(|id, _| told(id));
        case.links.retain(|(id, _)| told(id));
        case.absorbed.retain(|id, _| told(id));
        case.rest.retain(|id, _| told(id));
        case.parts.retain(told);
        case.parent = case.parent.filter(told);
        if let Some(ended) = &mut case.ended
            && let Some(Destination::Case(id)) = &ended.to
            && !told(id)
        {
            ended.to = None;
        }
        for finding in &mut case.findings {
            finding.from = finding.from.filter(told);
        }
        for file in case.evidence.values_mut() {
            file.from = file.from.filter(told);
        }
        Ok(())
    }

    /// Looks up every case, and returns whether any is kept from the reader.
    async fn keeps_any(&mut self, ids: &[CaseId]) -> Result<bool, Error> {
        let mut any = false;
        for id in ids {
            any |= self.keeps(*id).await?;
        }
        Ok(any)
    }

    async fn keeps(&mut self, id: CaseId) -> Result<bool, Error> {
        if let Some(kept) = self.kept.get(&id) {
            return Ok(*kept);
        }
        let (case, _) = act::load(&self.desk.frame.log, id).await?;
        let kept = self.caller.is_kept_from(&case);
        self.kept.insert(id, kept);
        Ok(kept)
    }
}

/// Returns the other cases that an event names.
pub(crate) fn named(event: &CaseEvent) -> Vec<CaseId> {
    match event {
        CaseEvent::PartOpened { parent: other, .. }
        | CaseEvent::MergedInto { target: other, .. }
        | CaseEvent::Unmerged { target: other, .. }
        | CaseEvent::LikelyDuplicateFlagged { other, .. }
        | CaseEvent::RestSplitOff { to: other, .. }
        | CaseEvent::MergeReceived { from: other, .. }
        | CaseEvent::MergeUndone { from: other, .. }
        | CaseEvent::Linked { other, .. }
        | CaseEvent::Unlinked { other, .. } => vec![*other],
        CaseEvent::FindingCorroborated { from, .. } => from.iter().copied().collect(),
        CaseEvent::Split { parts: others, .. } | CaseEvent::Closed { rest: others, .. } => others.clone(),
        _ => Vec::new(),
    }
}
