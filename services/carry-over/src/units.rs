//! Units and people by the names that older ledgers give them.

use chrono::{DateTime, Utc};
use rectify_case::directory::{Directory, Role, UnitKind};
use rectify_case::{DivisionCode, PersonId, UnitId};
use rectify_intake::reason::Reason;

/// At most so many units are offered in place of one that is not known.
const OFFERED: usize = 3;

/// Returns the unit that a name means: in full, or as the county calls its own (县水务局 for 舟曲县水务局).
pub(crate) fn unit(name: &str, division: &DivisionCode, directory: &Directory) -> Result<UnitId, Reason> {
    let units = || directory.units().filter(|unit| directory.is_active(unit.id));
    let called = |wanted: &str| units().filter(|unit| unit.name == wanted).map(|unit| unit.id).collect::<Vec<_>>();
    let mut found = called(name);
    if found.is_empty() {
        let home = |kind| units().find(|unit| unit.kind == kind && division.lies_in(&unit.division));
        let own = name
            .strip_prefix(['县', '市', '区'])
            .and_then(|rest| Some(format!("{}{rest}", home(UnitKind::County)?.name)));
        let prefectures =
            name.strip_prefix('州').and_then(|rest| Some(format!("{}{rest}", home(UnitKind::Prefecture)?.name)));
        found = own.into_iter().chain(prefectures).flat_map(|wanted| called(&wanted)).collect();
    }
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(Reason::UnknownUnit(alike(name, division, directory).join("、"))),
        _ => Err(Reason::Ambiguous),
    }
}

/// Returns units of the division that have the name within theirs, or share its end.
fn alike(name: &str, division: &DivisionCode, directory: &Directory) -> Vec<String> {
    let bare = name.trim_start_matches(['县', '市', '区', '州']);
    let units = directory.units().filter(|unit| directory.is_active(unit.id) && unit.division.lies_in(division));
    let alike =
        units.filter(|unit| !bare.is_empty() && (unit.name.contains(bare) || bare.contains(unit.name.as_str())));
    alike.take(OFFERED).map(|unit| unit.name.clone()).collect()
}

/// Returns the responsible leader that a name means; nothing where it is nobody's, or more than one's.
pub(crate) fn leader(name: &str, directory: &Directory, now: DateTime<Utc>) -> Option<PersonId> {
    let leads = |person: PersonId| directory.holdings(person, now).any(|held| held.role == Role::ResponsibleLeader);
    let mut found = directory.people().filter(|(person, known)| *known == name && leads(*person));
    let only = found.next()?.0;
    found.next().is_none().then_some(only)
}
