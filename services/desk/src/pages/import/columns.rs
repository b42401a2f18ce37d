//! How the columns of a sheet are understood, and how somebody says it otherwise.

use std::collections::BTreeSet;

use rectify_intake::look::ColumnSeen;
use rectify_intake::{Column, Given, Look, Mapping, Way};

use super::super::form::Fields;
use super::super::page::Page;
use crate::language::Language;

/// A header, and what it may mean.
pub(super) struct ColumnShown {
    pub(super) name: String,
    /// What stands below it.
    pub(super) sample: String,
    /// Whether it names a petitioner: it is sealed, and nobody is asked what it means.
    pub(super) is_sealed: bool,
    pub(super) is_unknown: bool,
    /// What it may mean: what each is sent as, what it is called, and whether it is that.
    pub(super) choices: Vec<(&'static str, String, bool)>,
}

/// Returns the columns, each header once, in the order of the sheets.
pub(super) fn shown(look: &Look, way: &dyn Way, page: &Page) -> Vec<ColumnShown> {
    let known = fields_of(way, page);
    let shown = distinct(look).into_iter().map(|column| ColumnShown {
        name: column.name.clone(),
        sample: column.sample.clone(),
        is_sealed: column.identity,
        is_unknown: column.field.is_none() && !column.identity,
        choices: known
            .iter()
            .map(|(field, said)| (field.field, said.clone(), column.field == Some(field.field)))
            .collect(),
    });
    shown.collect()
}

/// Returns the mapping that a form says; nothing where it says what is understood already.
pub(super) fn said(look: &Look, way: &dyn Way, fields: &Fields) -> Option<Mapping> {
    let known: BTreeSet<&'static str> = way.wanted().columns.iter().map(|column| column.field).collect();
    let mut mapping = Mapping { defaults: defaults(look), ..Mapping::default() };
    let mut is_other = false;
    for (at, column) in distinct(look).into_iter().enumerate() {
        let chosen = match fields.get(&format!("column.{at}")) {
            Some(field) => known.get(field).copied(),
            None => column.field,
        };
        is_other |= chosen != column.field;
        match (chosen, column.plain) {
            (chosen, plain) if chosen == plain => {}
            (Some(field), _) => drop(mapping.columns.insert(column.name.clone(), field.to_owned())),
            (None, _) => drop(mapping.ignore.insert(column.name.clone())),
        }
    }
    is_other.then_some(mapping)
}

/// Returns what the mapping by which the sheets are read says for all rows.
fn defaults(look: &Look) -> Given {
    look.sheets.iter().fold(Given::default(), |given, sheet| given.or(&sheet.defaults))
}

fn distinct(look: &Look) -> Vec<&ColumnSeen> {
    let mut columns: Vec<&ColumnSeen> = Vec::new();
    for column in look.sheets.iter().flat_map(|sheet| &sheet.columns) {
        if columns.iter().all(|known| known.name != column.name) {
            columns.push(column);
        }
    }
    columns
}

/// Returns the fields that a column may fill, each once, with what it is called.
pub(in super::super) fn fields_of(way: &dyn Way, page: &Page) -> Vec<(Column, String)> {
    let mut fields: Vec<(Column, String)> = Vec::new();
    for column in way.wanted().columns {
        if fields.iter().any(|(known, _)| known.field == column.field) {
            continue;
        }
        let said = match page.language {
            Language::Chinese => column.shown().to_owned(),
            Language::English => format!("{} ({})", column.field.replace('_', " "), column.shown()),
        };
        fields.push((column, said));
    }
    fields
}
