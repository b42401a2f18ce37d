//! Delegations (代办): one lets another act for them, and takes that back. On one's own account, and on an administrator's pages.

use rectify_case::{Directory, PersonId};

use super::entry::{Again, Entry, Reading, Undone};
use super::form::Fields;
use super::page::Page;
use super::visitor::Visitor;
use crate::api::administration::Changed;
use crate::api::administration::people::{EndedDelegation, NewDelegation, delegate, end_delegation};
use crate::api::asked::own_key;
use crate::caller::Caller;
use crate::desk::Desk;

/// Somebody who may act for another, as a line shows it.
pub(super) struct Lent {
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) from: String,
    pub(super) until: String,
}

/// Returns who may act for somebody, now or later.
pub(super) fn lent_by(person: PersonId, page: &Page, directory: &Directory) -> Vec<Lent> {
    let all = directory.people().flat_map(|(other, name)| {
        let lent = directory.delegations(other).iter();
        lent.filter(|lent| lent.on_behalf_of == person && page.now < lent.until).map(move |lent| (other, name, lent))
    });
    let shown = all.map(|(other, name, lent)| Lent {
        person: other,
        name: name.to_owned(),
        from: page.day_of(lent.from),
        until: page.last_of(lent.until),
    });
    shown.collect()
}

/// Returns for whom somebody may act, now or later.
pub(super) fn lent_to(person: PersonId, page: &Page, directory: &Directory) -> Vec<Lent> {
    let lent = directory.delegations(person).iter().filter(|lent| page.now < lent.until);
    let shown = lent.map(|lent| Lent {
        person: lent.on_behalf_of,
        name: directory.person_name(lent.on_behalf_of),
        from: page.day_of(lent.from),
        until: page.last_of(lent.until),
    });
    shown.collect()
}

/// Returns the form that lets another act for somebody.
pub(super) fn granting(page: &Page, caller: &Caller, whom: PersonId, action: String, again: &Again) -> Entry {
    let others = people(page, caller).into_iter().filter(|(other, _)| *other != whom.to_string());
    Entry::new(page, "lend", action, page.say("delegation-grant"), again)
        .lead(page.say("delegation-lead"))
        .choice("person", page.say("delegation-who"), true, Some(page.say("field-choose")), others)
        .day("from", page.say("from-day"), false)
        .hint(page.say("from-day-hint"))
        .day("until", page.say("until-day"), true)
}

/// Returns the form that takes back what was lent.
pub(super) fn ending(page: &Page, lent: &[Lent], action: String, again: &Again) -> Entry {
    let lent = lent.iter().map(|lent| (lent.person.to_string(), lent.name.clone()));
    Entry::new(page, "take-back", action, page.say("delegation-end"), again)
        .choice("person", page.say("delegation-who"), true, None, lent)
        .day("at", page.say("at-day"), false)
        .hint(page.say("at-day-hint"))
}

/// Lets another act for somebody, as the form asks.
pub(super) async fn lent(
    desk: &Desk,
    visitor: &Visitor,
    fields: &Fields,
    on_behalf_of: PersonId,
) -> Result<Changed, Undone> {
    let mut reading = Reading::of(&visitor.page, fields);
    let (person, from) = (reading.required("person"), reading.beginning("from"));
    if fields.text("until").is_empty() {
        reading.wrong.push(("until", visitor.page.say("field-missing")));
    }
    let until = reading.end("until");
    let (person, until) = reading.asked(person.zip(until))?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    Ok(delegate(desk, &visitor.caller, &key, &NewDelegation { person, on_behalf_of, from, until }).await?)
}

/// Takes back what was lent, as the form asks.
pub(super) async fn taken_back(
    desk: &Desk,
    visitor: &Visitor,
    fields: &Fields,
    on_behalf_of: PersonId,
) -> Result<Changed, Undone> {
    let mut reading = Reading::of(&visitor.page, fields);
    let (person, at) = (reading.required("person"), reading.beginning("at"));
    let person = reading.asked(person)?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    Ok(end_delegation(desk, &visitor.caller, &key, &EndedDelegation { person, on_behalf_of, at }).await?)
}

/// Returns everybody with where they are now, by name, to choose one.
pub(super) fn people(page: &Page, caller: &Caller) -> Vec<(String, String)> {
    let directory = &caller.directory;
    let mut people: Vec<(&str, PersonId)> = directory.people().map(|(person, name)| (name, person)).collect();
    people.sort_unstable();
    let said = people.into_iter().map(|(name, person)| {
        let mut units: Vec<String> =
            directory.holdings(person, page.now).map(|held| directory.unit_name(held.unit)).collect();
        units.dedup();
        let said = if units.is_empty() { name.to_owned() } else { format!("{name} · {}", units.join(" ")) };
        (person.to_string(), said)
    });
    said.collect()
}
