//! The directory: units in a tree, people and their roles held with dates, sources, delegations. A fold of its own stream.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::Position;
use crate::finding::Severity;
use crate::identity::{Digest, DivisionCode, LogId, PersonId, SourceCode, UnitId};

/// What can happen to the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum DirectoryEvent {
    /// A unit was added.
    UnitAdded(Unit),
    /// A unit was renamed or moved in the tree; everything but its id may differ.
    UnitChanged(Unit),
    /// A unit was abolished; its history stays.
    UnitAbolished {
        /// Which.
        unit: UnitId,
        /// The unit that takes over, if any.
        successor: Option<UnitId>,
    },
    /// A person was added.
    PersonAdded {
        /// Who.
        person: PersonId,
        /// The name as pages show it.
        name: String,
    },
    /// A person was given a role in a unit.
    RoleGranted(Holding),
    /// A person's role ended.
    RoleEnded {
        /// Who.
        person: PersonId,
        /// Where.
        unit: UnitId,
        /// What.
        role: Role,
        /// From when on the role is no longer held.
        at: DateTime<Utc>,
    },
    /// A person may act on behalf of another (代办).
    DelegationGranted {
        /// Who acts.
        person: PersonId,
        /// For whom.
        on_behalf_of: PersonId,
        /// From when.
        from: DateTime<Utc>,
        /// Until when, not included.
        until: DateTime<Utc>,
    },
    /// A delegation was taken back.
    DelegationEnded {
        /// Who acted.
        person: PersonId,
        /// For whom.
        on_behalf_of: PersonId,
        /// From when on it no longer holds.
        at: DateTime<Utc>,
    },
    /// A source was defined, or defined anew under its code.
    SourceDefined(Source),
    /// The log goes on under an id of its own from here: what had followed elsewhere is another history now.
    LogForked(Fork),
}

/// Where a log goes on from another: everything up to there is of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fork {
    /// The log that this one goes on from.
    pub from: LogId,
    /// The last position that is of both.
    pub position: Position,
    /// The SHA-256 of the event at that position.
    pub leaf: Digest,
    /// Why.
    pub reason: String,
}

/// A unit (单位).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// What it is known by.
    pub id: UnitId,
    /// Its full name.
    pub name: String,
    /// What it is.
    pub kind: UnitKind,
    /// The unit above it; none for the prefecture itself.
    pub parent: Option<UnitId>,
    /// Its division of GB/T 2260.
    pub division: DivisionCode,
    /// An office's prefix in case numbers, such as 舟曲; none for the prefecture office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// The prefecture itself (州).
    Prefecture,
    /// A county-level division (县、市).
    County,
    /// A township (乡、镇).
    Township,
    /// A rectification office (整改办): assigns and strikes off in its division.
    Office,
    /// A department (部门).
    Department,
    /// A body that audits or inspects.
    Auditor,
}

/// What a person may do, held in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 整改办经办人: registers, assigns, presses, decides, closes.
    Officer,
    /// 责任单位经办人: accepts, plans, reports.
    Handler,
    /// 核验人: verifies for a unit that holds a level.
    Verifier,
    /// 责任领导: answers for the repair; leads the unit.
    ResponsibleLeader,
    /// 审签领导: approves a grave closure.
    ClosingLeader,
    /// 审计、督查: reads everything the firewall does not keep from them.
    Auditor,
    /// Keeps units, people, roles and tokens; can hold no case role.
    Administrator,
    /// 来源系统: hands over findings.
    SourceSystem,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 8] = [
        Role::Officer,
        Role::Handler,
        Role::Verifier,
        Role::ResponsibleLeader,
        Role::ClosingLeader,
        Role::Auditor,
        Role::Administrator,
        Role::SourceSystem,
    ];
}

/// A role held in a unit, from one instant until another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Holding {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub unit: UnitId,
    /// What.
    pub role: Role,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, not included; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// A source of findings: data, not an enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// What it is known by, such as `audit`.
    pub code: SourceCode,
    /// Its name, such as 审计.
    pub name: String,
    /// Its prefix in case numbers, such as 审计.
    pub prefix: String,
    /// The intake that reads its documents.
    pub intake: Intake,
    /// The severity its findings are given unless the office says otherwise.
    pub severity: Severity,
}

/// The three intakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Intake {
    /// Inspection lists.
    Inspection,
    /// Audit reports.
    Audit,
    /// Petitions.
    Petition,
}

/// The directory as of some event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    units: BTreeMap<UnitId, Unit>,
    abolished: BTreeSet<UnitId>,
    people: BTreeMap<PersonId, Person>,
    sources: BTreeMap<SourceCode, Source>,
    forks: Vec<Fork>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Person {
    name: String,
    holdings: Vec<Holding>,
    delegations: Vec<Delegation>,
}

/// A delegation (代办授权), from one instant until another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delegation {
    /// For whom.
    pub on_behalf_of: PersonId,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, not included.
    pub until: DateTime<Utc>,
}

impl Directory {
    /// Folds one event. Never fails: an event about what is not there changes nothing.
    pub fn evolve(&mut self, event: &DirectoryEvent) {
        match event {
            DirectoryEvent::UnitAdded(unit) | DirectoryEvent::UnitChanged(unit) => {
                self.units.insert(unit.id, unit.clone());
            }
            DirectoryEvent::UnitAbolished { unit, .. } => {
                self.abolished.insert(*unit);
            }
            DirectoryEvent::PersonAdded { person, name } => {
                self.people.entry(*person).or_default().name.clone_from(name);
            }
            DirectoryEvent::RoleGranted(holding) => {
                self.people.entry(holding.person).or_default().holdings.push(holding.clone());
            }
            DirectoryEvent::RoleEnded { person, unit, role, at } => {
                let holdings = self.people.get_mut(person).map(|p| &mut p.holdings).into_iter().flatten();
                for holding in holdings.filter(|h| h.unit == *unit && h.role == *role) {
                    holding.until = Some(holding.until.map_or(*at, |until| until.min(*at)));
                }
            }
            DirectoryEvent::DelegationGranted { person, on_behalf_of, from, until } => {
                let delegation = Delegation { on_behalf_of: *on_behalf_of, from: *from, until: *until };
                self.people.entry(*person).or_default().delegations.push(delegation);
            }
            DirectoryEvent::DelegationEnded { person, on_behalf_of, at } => {
                let delegations = self.people.get_mut(person).map(|p| &mut p.delegations).into_iter().flatten();
                for delegation in delegations.filter(|d| d.on_behalf_of == *on_behalf_of) {
                    delegation.until = delegation.until.min(*at);
                }
            }
            DirectoryEvent::SourceDefined(source) => {
                self.sources.insert(source.code.clone(), source.clone());
            }
            DirectoryEvent::LogForked(fork) => self.forks.push(fork.clone()),
        }
    }

    /// Returns a unit.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// Returns every unit, abolished ones too.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// Returns whether a unit is known and not abolished.
    pub fn is_active(&self, unit: UnitId) -> bool {
        self.units.contains_key(&unit) && !self.abolished.contains(&unit)
    }

    /// Returns the name of a unit, or its id where none is known.
    pub fn unit_name(&self, unit: UnitId) -> String {
        self.units.get(&unit).map_or_else(|| unit.to_string(), |u| u.name.clone())
    }

    /// Returns the name of a person, or the id where none is known.
    pub fn person_name(&self, person: PersonId) -> String {
        self.people.get(&person).map_or_else(|| person.to_string(), |p| p.name.clone())
    }

    /// Returns every person with their name.
    pub fn people(&self) -> impl Iterator<Item = (PersonId, &str)> {
        self.people.iter().map(|(id, person)| (*id, person.name.as_str()))
    }

    /// Returns whether a person is known.
    pub fn knows(&self, person: PersonId) -> bool {
        self.people.contains_key(&person)
    }

    /// Returns a source.
    pub fn source(&self, code: &SourceCode) -> Option<&Source> {
        self.sources.get(code)
    }

    /// Returns every source.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// Returns where the log went on from others, in order.
    pub fn forks(&self) -> &[Fork] {
        &self.forks
    }

    /// Returns a unit and the units above it, nearest first. A loop in the tree ends the walk.
    pub fn upward(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        let mut seen = BTreeSet::new();
        std::iter::successors(Some(unit), |id| self.units.get(id).and_then(|u| u.parent))
            .take_while(move |id| seen.insert(*id))
    }

    /// Returns whether `unit` belongs to `other`: is the same unit or one below it.
    pub fn belongs(&self, unit: UnitId, other: UnitId) -> bool {
        self.upward(unit).any(|id| id == other)
    }

    /// Returns the roles a person holds at an instant.
    pub fn holdings(&self, person: PersonId, at: DateTime<Utc>) -> impl Iterator<Item = &Holding> {
        let holdings = self.people.get(&person).map(|p| p.holdings.as_slice()).unwrap_or_default();
        holdings.iter().filter(move |h| h.from <= at && h.until.is_none_or(|until| at < until))
    }

    /// Returns every role a person has ever held, ended ones too.
    pub fn all_holdings(&self, person: PersonId) -> &[Holding] {
        self.people.get(&person).map(|p| p.holdings.as_slice()).unwrap_or_default()
    }

    /// Returns whether a person holds a role in a unit at an instant.
    pub fn holds(&self, person: PersonId, role: Role, unit: UnitId, at: DateTime<Utc>) -> bool {
        self.holdings(person, at).any(|h| h.role == role && h.unit == unit)
    }

    /// Returns every delegation a person has ever had, ended ones too.
    pub fn delegations(&self, person: PersonId) -> &[Delegation] {
        self.people.get(&person).map(|p| p.delegations.as_slice()).unwrap_or_default()
    }

    /// Returns whether a person may act on behalf of another at an instant.
    pub fn acts_for(&self, person: PersonId, other: PersonId, at: DateTime<Utc>) -> bool {
        self.delegations(person).iter().any(|d| d.on_behalf_of == other && d.from <= at && at < d.until)
    }

    /// Returns the rectification office that answers for a unit: the nearest office beside or above it in the tree.
    pub fn office_of(&self, unit: UnitId) -> Option<UnitId> {
        self.upward(unit).find_map(|above| {
            let mut beside = self.units.values().filter(|u| u.kind == UnitKind::Office && self.is_active(u.id));
            beside.find(|u| u.id == above || u.parent == Some(above)).map(|u| u.id)
        })
    }

    /// Returns the office of the prefecture: the one whose parent has none above it.
    pub fn prefecture_office(&self) -> Option<UnitId> {
        let mut offices = self.units.values().filter(|u| u.kind == UnitKind::Office && self.is_active(u.id));
        offices.find(|u| u.parent.is_none_or(|p| self.units.get(&p).is_none_or(|p| p.parent.is_none()))).map(|u| u.id)
    }

    /// Returns the office next above an office; none above the prefecture's.
    pub fn superior_office(&self, office: UnitId) -> Option<UnitId> {
        let home = self.units.get(&office)?.parent?;
        let above = self.units.get(&home)?.parent?;
        self.office_of(above)
    }
}

impl DirectoryEvent {
    /// The names of all of them.
    pub const NAMES: &[&str] = &[
        "unit_added",
        "unit_changed",
        "unit_abolished",
        "person_added",
        "role_granted",
        "role_ended",
        "delegation_granted",
        "delegation_ended",
        "source_defined",
        "log_forked",
    ];

    /// Returns the event's name as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            DirectoryEvent::UnitAdded(_) => "unit_added",
            DirectoryEvent::UnitChanged(_) => "unit_changed",
            DirectoryEvent::UnitAbolished { .. } => "unit_abolished",
            DirectoryEvent::PersonAdded { .. } => "person_added",
            DirectoryEvent::RoleGranted(_) => "role_granted",
            DirectoryEvent::RoleEnded { .. } => "role_ended",
            DirectoryEvent::DelegationGranted { .. } => "delegation_granted",
            DirectoryEvent::DelegationEnded { .. } => "delegation_ended",
            DirectoryEvent::SourceDefined(_) => "source_defined",
            DirectoryEvent::LogForked(_) => "log_forked",
        }
    }
}
