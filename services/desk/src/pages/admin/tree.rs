//! The units as a tree, and as forms let choose one.

use std::collections::{BTreeMap, BTreeSet};

use rectify_case::directory::Unit;
use rectify_case::{Directory, UnitId};

/// Returns every unit with how deep it lies, each below the one it is part of, by division, kind and name.
pub(super) fn in_order(directory: &Directory) -> Vec<(usize, &Unit)> {
    let mut below: BTreeMap<Option<UnitId>, Vec<&Unit>> = BTreeMap::new();
    for unit in directory.units() {
        let parent = unit.parent.filter(|parent| directory.unit(*parent).is_some());
        below.entry(parent).or_default().push(unit);
    }
    for units in below.values_mut() {
        units.sort_by(|a, b| (&a.division, a.kind, &a.name).cmp(&(&b.division, b.kind, &b.name)));
    }
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<(usize, &Unit)> =
        below.get(&None).into_iter().flatten().rev().map(|unit| (0, *unit)).collect();
    while let Some((depth, unit)) = waiting.pop() {
        if seen.insert(unit.id) {
            ordered.push((depth, unit));
            waiting.extend(below.get(&Some(unit.id)).into_iter().flatten().rev().map(|unit| (depth + 1, *unit)));
        }
    }
    // What lies in a loop has no place in the tree, and is shown all the same.
    ordered.extend(directory.units().filter(|unit| !seen.contains(&unit.id)).map(|unit| (0, unit)));
    ordered
}

/// Returns the units above a unit, from the top, such as `甘南藏族自治州 / 舟曲县`.
pub(super) fn above(unit: &Unit, directory: &Directory) -> String {
    let mut names: Vec<String> = directory.upward(unit.id).skip(1).map(|unit| directory.unit_name(unit)).collect();
    names.reverse();
    names.join(" / ")
}

/// Returns the units that are not abolished, to choose one.
pub(super) fn choices(directory: &Directory) -> Vec<(String, String)> {
    let named =
        |(depth, unit): (usize, &Unit)| (unit.id.to_string(), format!("{}{}", "\u{3000}".repeat(depth), unit.name));
    in_order(directory).into_iter().filter(|(_, unit)| directory.is_active(unit.id)).map(named).collect()
}
