//! Every command, asked by every role in every stage: what `decide` says, against what stands beside the command.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rectify_case::refusal::Kind;
use rectify_case::{CaseEvent, Command, Role, Stage};

use crate::asked;
use crate::samples;
use crate::scenario::CASE;

/// An arrow of the lifecycle: from where, by which event, to where.
pub type Arrow = (Option<Stage>, &'static str, Stage);

/// What `decide` said to every command.
#[derive(Default)]
pub struct Matrix {
    /// Who was heard, by command and stage.
    pub done: BTreeMap<(&'static str, Option<Stage>), BTreeSet<Role>>,
    /// Which commands took an arrow.
    pub taken: BTreeMap<Arrow, BTreeSet<&'static str>>,
    /// What was refused to whom, and not for want of authority or for the stage.
    surprises: Vec<String>,
}

/// Returns what `decide` says, asked once.
pub fn matrix() -> &'static Matrix {
    static MATRIX: LazyLock<Matrix> = LazyLock::new(|| {
        let mut matrix = Matrix::default();
        for name in Command::NAMES {
            for stage in stages() {
                for role in Role::ALL {
                    matrix.ask(name, stage, role);
                }
            }
        }
        matrix
    });
    &MATRIX
}

/// Returns every stage, and before all of them none.
pub fn stages() -> impl Iterator<Item = Option<Stage>> {
    std::iter::once(None).chain(Stage::ALL.map(Some))
}

/// Returns every arrow there is.
pub fn arrows() -> Vec<Arrow> {
    // Where an event leads may depend on what it says.
    let samples: Vec<Vec<CaseEvent>> = (0..4).map(samples::case_events).collect();
    let events = || (0..CaseEvent::NAMES.len()).flat_map(|kind| samples.iter().map(move |of| &of[kind]));
    let from = |stage| events().filter_map(move |event| Some((stage, event.name(), Stage::after(stage, event)?)));
    let mut arrows: Vec<Arrow> = stages().flat_map(from).collect();
    arrows.dedup();
    arrows
}

/// Returns whether a role may ask a command in a stage by what stands beside it.
fn is_declared(name: &str, stage: Option<Stage>, role: Role) -> bool {
    let stages = Command::stages_of(name);
    Command::roles_of(name).contains(&role) && stage.map_or(stages.is_empty(), |stage| stages.contains(&stage))
}

impl Matrix {
    fn ask(&mut self, name: &'static str, stage: Option<Stage>, role: Role) {
        for (given, asked) in asked::situations(name, stage, role) {
            assert_eq!(given.case().stage, stage);
            match given.when(asked).answer().1 {
                Ok(decided) => {
                    self.done.entry((name, stage)).or_default().insert(role);
                    if !is_declared(name, stage, role) {
                        self.surprises.push(format!("{name} is done by {role:?} in {stage:?}"));
                    }
                    let mut at = BTreeMap::from([(CASE, stage)]);
                    for decided in &decided {
                        self.take(name, at.entry(decided.case).or_default(), &decided.event);
                    }
                }
                Err(refused) => {
                    let kind = refused.refusal().kind();
                    if !is_declared(name, stage, role) && !matches!(kind, Kind::Forbidden | Kind::Stage) {
                        self.surprises.push(format!("{name} is refused to {role:?} in {stage:?}: {refused}"));
                    }
                }
            }
        }
    }

    fn take(&mut self, name: &'static str, stage: &mut Option<Stage>, event: &CaseEvent) {
        if let Some(to) = Stage::after(*stage, event) {
            self.taken.entry((*stage, event.name(), to)).or_default().insert(name);
            *stage = Some(to);
        }
    }
}

#[test]
fn every_command_is_done_by_each_of_its_roles_and_in_each_of_its_stages() {
    for name in Command::NAMES {
        let done = matrix().done.iter().filter(|((command, _), _)| command == name);
        let (stages, roles): (BTreeSet<Option<Stage>>, Vec<&BTreeSet<Role>>) =
            done.map(|((_, stage), roles)| (*stage, roles)).unzip();
        let declared: BTreeSet<Option<Stage>> = match Command::stages_of(name) {
            [] => BTreeSet::from([None]),
            stages => stages.iter().copied().map(Some).collect(),
        };
        assert_eq!(stages, declared, "{name}");
        let roles: BTreeSet<Role> = roles.into_iter().flatten().copied().collect();
        assert_eq!(roles, Command::roles_of(name).iter().copied().collect(), "{name}");
    }
}

#[test]
fn what_does_not_stand_beside_a_command_is_refused_to_the_role_or_in_the_stage() {
    assert_eq!(matrix().surprises, Vec::<String>::new());
}

#[test]
fn every_arrow_is_taken_by_some_command() {
    let missing: Vec<Arrow> = arrows().into_iter().filter(|arrow| !matrix().taken.contains_key(arrow)).collect();
    assert_eq!(missing, Vec::<Arrow>::new());
}

#[test]
fn no_command_is_the_administrators() {
    assert!(Command::NAMES.iter().all(|name| !Command::roles_of(name).contains(&Role::Administrator)));
}
