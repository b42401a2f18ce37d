//! The types of events and objects, and their attributes: what OCEL has declared before anything is told.

use rectify_case::CaseEvent;

/// An attribute of a type: its name, and what OCEL calls the kind of its values.
pub(crate) type Declared = (&'static str, &'static str);

/// Values that are texts.
pub(crate) const STRING: &str = "string";
/// Values that are whole numbers.
pub(crate) const INTEGER: &str = "integer";
/// Values that are instants.
pub(crate) const TIME: &str = "time";
/// Values that are `true` or `false`.
pub(crate) const BOOLEAN: &str = "boolean";

/// What every event has: its position in the log, when it was written, in which role it was done, whether it was entered
/// late (补录), and where the case stood after it.
pub(crate) const OF_EVENTS: [Declared; 5] =
    [("position", INTEGER), ("recorded", TIME), ("role", STRING), ("late", BOOLEAN), ("stage", STRING)];

/// A look at evidence, which is no event of a case but of what verifying it rests on.
pub(crate) const EVIDENCE_OPENED: &str = "evidence_opened";

/// Returns the names of all types of events.
pub(crate) fn event_types() -> impl Iterator<Item = &'static str> {
    CaseEvent::NAMES.iter().copied().chain([EVIDENCE_OPENED])
}

/// The types of objects, with their attributes.
pub(crate) const OBJECT_TYPES: [(&str, &[Declared]); 7] = [
    (
        CASE,
        &[
            ("number", STRING),
            ("source", STRING),
            ("division", STRING),
            ("severity", STRING),
            ("stage", STRING),
            ("outcome", STRING),
        ],
    ),
    (FINDING, &[("source", STRING), ("division", STRING), ("discovered", STRING)]),
    (UNIT, &[("name", STRING), ("kind", STRING), ("division", STRING)]),
    (MEASURE, &[("by", STRING)]),
    (EVIDENCE, &[("media_type", STRING), ("size", INTEGER)]),
    (PETITION, &[("class", STRING)]),
    (VILLAGE, &[("name", STRING), ("division", STRING)]),
];

/// 整改事项.
pub(crate) const CASE: &str = "case";
/// 发现问题.
pub(crate) const FINDING: &str = "finding";
/// 单位.
pub(crate) const UNIT: &str = "unit";
/// 措施, of one version of a plan.
pub(crate) const MEASURE: &str = "measure";
/// 佐证材料.
pub(crate) const EVIDENCE: &str = "evidence";
/// 信访件: nothing of it but its class.
pub(crate) const PETITION: &str = "petition";
/// 村, or the township where no village is told.
pub(crate) const VILLAGE: &str = "village";
