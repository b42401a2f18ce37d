//! Who does something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::directory::Role;
use crate::identity::{PersonId, UnitId};

/// Who did it: a person in a unit, in a role, maybe on behalf of another (代办).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// The person. Nil for the installation itself, which writes only the first entries of the directory, and that keys are
    /// deleted which two have decided to delete.
    pub person: PersonId,
    /// The unit the role is held in.
    pub unit: UnitId,
    /// The role acted in.
    pub role: Role,
    /// The person acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
}

impl Actor {
    /// The installation: enters the first units, people and sources, on the word of whoever runs the program.
    pub const INSTALLATION: Actor = Actor {
        person: PersonId(Uuid::nil()),
        unit: UnitId(Uuid::nil()),
        role: Role::Administrator,
        on_behalf_of: None,
    };

    /// Returns the persons this act counts for: who acts, and for whom.
    pub fn persons(&self) -> impl Iterator<Item = PersonId> {
        std::iter::once(self.person).chain(self.on_behalf_of)
    }
}
