//! Which form each act has: its fields, in the order in which they are filled in.

/// What a field of a form takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// A day.
    Day,
    /// Amounts of what was found here.
    Amounts,
    /// Amounts of whatever can be counted.
    AnyAmounts,
    Severity,
    Outcome,
    Verdict,
    Ground,
    HandedAct,
    /// One of the leads that who acts speaks for.
    OwnUnit,
    /// One of the responsible units that who acts speaks for, or their own.
    FilingUnit,
    /// One of the leads.
    Lead,
    /// Any unit.
    Unit,
    /// Units in order: the first answers.
    Leads,
    /// Several units.
    Units,
    /// Somebody.
    Person,
    /// How long there is: so many days, or until a day.
    Term,
    /// Measures, each with who does it and until when.
    Plan,
    /// The measures of the plan that are done.
    Done,
    /// The measures that were not reported as done, and are.
    DoneToo,
    /// One file on file.
    OnFile,
    /// Files on file that were opened.
    Opened,
    /// One new file.
    File,
    /// New files, and those on file.
    Files,
    /// The level that is next.
    Level,
    /// Whether something held.
    Held,
    /// Another case, by its number.
    Case,
    /// How another case has to do with this one.
    Relation,
    /// A link that is there.
    Link,
    /// A finding of another case.
    FindingOf,
    /// The parts of a split.
    Parts,
    /// The case that is made, whose id nobody sees.
    NewCase,
    /// Units and people a petition complains about.
    Subjects,
    /// A change of a deadline.
    Change,
    /// A field of an event that can be corrected.
    Correctable,
}

impl Kind {
    /// Returns whether what is filled in is several fields of the command.
    pub(super) fn is_several(self) -> bool {
        matches!(self, Kind::Link | Kind::FindingOf | Kind::Correctable)
    }

    /// Returns whether one is chosen of all units or people, so that what holds for one of them says nothing of another.
    pub(super) fn is_chosen_from_all(self) -> bool {
        matches!(self, Kind::Unit | Kind::Units | Kind::Leads | Kind::Person | Kind::Subjects)
    }
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// The name of the command's field.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

const fn wanted(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

const REASON: Field = wanted("reason", Kind::Text);
const UNIT: Field = wanted("unit", Kind::OwnUnit);
const LEADS: Field = wanted("leads", Kind::Leads);
const HELPERS: Field = optional("co_responsible", Kind::Units);
const LEADER: Field = optional("responsible_leader", Kind::Person);
const GOAL: Field = wanted("goal", Kind::Text);
const LEVEL: Field = wanted("level", Kind::Level);

/// The form of each command, in the order of a case's life. What has none here is no act of somebody who looks at a case: a
/// finding is reported and amended as a whole, an older ledger is carried over by file, and likely duplicates are flagged by the
/// registrar; a person links them.
const FORMS: &[(&[&str], &[Field])] = &[
    (
        &["register"],
        &[optional("title", Kind::Line), optional("severity", Kind::Severity), optional("found", Kind::AnyAmounts)],
    ),
    (&["assign"], &[LEADS, HELPERS, LEADER, GOAL, optional("term", Kind::Term)]),
    (&["reassign"], &[LEADS, HELPERS, LEADER, GOAL, REASON]),
    (&["split"], &[wanted("parts", Kind::Parts), REASON]),
    (&["merge"], &[wanted("into", Kind::Case), optional("found", Kind::AnyAmounts), REASON]),
    (&["transfer"], &[wanted("receiver", Kind::Line), wanted("receipt", Kind::Line), REASON]),
    (&["dismiss", "unmerge", "revive", "refuse_extension", "decline_closure", "delist"], &[REASON]),
    (&["accept"], &[UNIT]),
    (&["return", "hand_back"], &[UNIT, REASON]),
    (&["submit_plan"], &[UNIT, wanted("plan", Kind::Plan)]),
    (&["approve_plan"], &[wanted("unit", Kind::Lead)]),
    (&["return_plan"], &[wanted("unit", Kind::Lead), REASON]),
    (
        &["report_progress"],
        &[
            wanted("unit", Kind::FilingUnit),
            wanted("text", Kind::Text),
            optional("fixed", Kind::Amounts),
            optional("done", Kind::Done),
        ],
    ),
    (&["change_deadline"], &[wanted("change", Kind::Change), REASON]),
    (&["press"], &[wanted("message", Kind::Text)]),
    (&["request_extension"], &[UNIT, wanted("until", Kind::Day), REASON]),
    (&["grant_extension", "lower_severity"], &[]),
    (&["file_evidence"], &[wanted("unit", Kind::FilingUnit), wanted("evidence", Kind::File)]),
    (&["withdraw_evidence"], &[wanted("digest", Kind::OnFile), REASON]),
    (
        &["report_completion"],
        &[
            UNIT,
            wanted("outcome", Kind::Outcome),
            wanted("account", Kind::Text),
            optional("fixed", Kind::Amounts),
            optional("done", Kind::DoneToo),
            optional("evidence", Kind::Files),
        ],
    ),
    (
        &["pass_level"],
        &[
            LEVEL,
            wanted("relied_on", Kind::Opened),
            optional("verified", Kind::Amounts),
            optional("verdict", Kind::Verdict),
            wanted("opinion", Kind::Text),
        ],
    ),
    (&["fail_verification"], &[LEVEL, REASON]),
    (&["designate_verifier"], &[LEVEL, wanted("unit", Kind::Unit), REASON]),
    (&["approve_closure"], &[wanted("opinion", Kind::Text)]),
    (&["set_aside"], &[wanted("ground", Kind::Ground), REASON]),
    (&["close"], &[optional("outcome", Kind::Outcome)]),
    (&["reopen"], &[REASON, wanted("term", Kind::Term)]),
    (&["look_back"], &[wanted("held", Kind::Held), wanted("note", Kind::Text)]),
    (&["hand_up"], &[wanted("act", Kind::HandedAct)]),
    (&["raise_severity", "propose_lower_severity"], &[wanted("to", Kind::Severity), REASON]),
    (&["name_subjects"], &[wanted("subjects", Kind::Subjects), REASON]),
    (&["recuse"], &[wanted("person", Kind::Person), REASON]),
    (&["list"], &[wanted("target", Kind::Text), wanted("leader", Kind::Person)]),
    (&["review_listing"], &[wanted("note", Kind::Text)]),
    (&["restate_quantities"], &[wanted("found", Kind::AnyAmounts), REASON]),
    (&["split_off_rest"], &[wanted("id", Kind::NewCase), wanted("amounts", Kind::Amounts), REASON]),
    (&["corroborate"], &[wanted("from", Kind::FindingOf)]),
    (&["link"], &[wanted("other", Kind::Case), wanted("relation", Kind::Relation)]),
    (&["unlink"], &[wanted("link", Kind::Link)]),
    (&["correct"], &[wanted("field", Kind::Correctable), wanted("new", Kind::Text), REASON]),
    (&["pass_on_clue"], &[wanted("receiver", Kind::Line), wanted("receipt", Kind::Line), wanted("note", Kind::Text)]),
    (&["add_note"], &[wanted("text", Kind::Text)]),
];

/// Returns the fields of a command's form; nothing where it has none here.
pub(super) fn of(command: &str) -> Option<&'static [Field]> {
    FORMS.iter().find(|(commands, _)| commands.contains(&command)).map(|(_, fields)| *fields)
}
