//! Events and objects as they are written. Values are texts, whatever kind is declared of them: OCEL's schema says so.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// An event.
#[derive(Debug, Serialize)]
pub struct Event {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    #[serde(serialize_with = "written")]
    pub(crate) time: DateTime<Utc>,
    pub(crate) attributes: Vec<Attribute>,
    /// The objects it is about, and what they are to it.
    pub(crate) relationships: BTreeSet<Relationship>,
}

/// A value of an event.
#[derive(Debug, Serialize)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// An object.
#[derive(Debug, Serialize)]
pub struct Object {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) attributes: Vec<Changed>,
    /// The objects it has to do with.
    pub(crate) relationships: BTreeSet<Relationship>,
}

/// A value of an object, from an instant on.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    #[serde(serialize_with = "written")]
    pub(crate) time: DateTime<Utc>,
}

/// An object, and what it is to an event or to another object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Relationship {
    #[serde(rename = "objectId")]
    pub(crate) object: String,
    pub(crate) qualifier: &'static str,
}

/// The instant of what an object has always had, as OCEL's own examples have it.
pub(crate) const ALWAYS: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Returns an instant as it is written.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn written<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant(*at))
}
