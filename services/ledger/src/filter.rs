//! Which cases are asked for.

use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::finding::Severity;
use rectify_case::{CaseId, DivisionCode, SourceCode, Stage, UnitId};
use rectify_log::Db;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dialect::Around;
use crate::facets::{HELPER, LEAD};
use crate::permission::within;
use crate::query;
use crate::row::OutcomeKind;
use crate::sql::Sql;
use crate::stored::{micros, weight};
use crate::tokens::{Query, squeezed};
use crate::waiting::Act;

/// Which cases are asked for: those for which everything holds that is said here.
///
/// Flat, and read from a query string: a list has commas between (`stage=assigned,rectifying`), a day is `2020-04-21`,
/// an instant RFC 3339, a flag `true` or `false`. What is left out or empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Filter {
    /// At one of these stages, with commas between.
    #[serde(deserialize_with = "query::list", serialize_with = "query::joined", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "String")]
    pub stage: Vec<Stage>,
    /// From one of these sources, with commas between.
    #[serde(deserialize_with = "query::list", serialize_with = "query::joined", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "String")]
    pub source: Vec<SourceCode>,
    /// This severity or one of these, with commas between.
    #[serde(deserialize_with = "query::list", serialize_with = "query::joined", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "String")]
    pub severity: Vec<Severity>,
    /// Closed with one of these outcomes, with commas between.
    #[serde(deserialize_with = "query::list", serialize_with = "query::joined", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "String")]
    pub outcome: Vec<OutcomeKind>,
    /// This unit, or one below it, leads it or helps.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// This unit answers for it: it leads it, alone or as the first of several.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub lead: Option<UnitId>,
    /// This unit, or one below it, holds the level of verification that is next: it waits for that unit to verify.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub holder: Option<UnitId>,
    /// It waits for one of these acts, with commas between; of whom is said beside the filter, or of anybody.
    #[serde(deserialize_with = "query::list", serialize_with = "query::joined", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "String")]
    pub waits: Vec<Act>,
    /// In this division, or one that lies in it.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// In this division itself, and not in one that lies in it.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub division_itself: Option<DivisionCode>,
    /// Its number, here or in the older ledger it comes from, is this, or begins with this.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// It is a part of this case.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub parent: Option<CaseId>,
    /// Whether it was carried over from an older ledger (承前).
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub carried_over: Option<bool>,
    /// Whether its closure is that of an older ledger: declared, not proved.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub declared: Option<bool>,
    /// Whether it was ever returned or handed back.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub returned: Option<bool>,
    /// Whether it was ever reopened.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub reopened: Option<bool>,
    /// Whether it was ever closed and proved here, or closed anywhere and reopened.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub ever_closed: Option<bool>,
    /// Whether it is listed for supervision (挂牌督办).
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
    /// Whether it waits for somebody: it is neither ended nor split.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// Whether it waits for somebody and its deadline has passed.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
    /// It waits for somebody and is late at this instant, unless something happens.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub due_before: Option<DateTime<Utc>>,
    /// Whether an extension waits for a decision.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub extension: Option<bool>,
    /// Found on this day or later.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub discovered_from: Option<NaiveDate>,
    /// Found on this day or earlier.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub discovered_to: Option<NaiveDate>,
    /// Registered on this day or later.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub registered_from: Option<NaiveDate>,
    /// Registered on this day or earlier.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub registered_to: Option<NaiveDate>,
    /// Last reported as fixed on this day or later.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub reported_from: Option<NaiveDate>,
    /// Last reported as fixed on this day or earlier.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub reported_to: Option<NaiveDate>,
    /// Closed on this day or later, and not reopened since.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub closed_from: Option<NaiveDate>,
    /// Closed on this day or earlier, and not reopened since.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub closed_to: Option<NaiveDate>,
    /// More than so many days, of 24 hours each, went by between discovery and the last completion report.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub elapsed_over: Option<u32>,
    /// Its title, findings or place have all these words.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How many microseconds a day of 24 hours has.
const DAY: i64 = 86_400_000_000;

impl Filter {
    /// Pushes what a case `c` must be, each condition with `AND` before it; what it waits for apart, for that depends on who
    /// asks, and its text, for that is found in several ways.
    pub(crate) fn push(&self, sql: &mut Sql, now: DateTime<Utc>) {
        self.push_what(sql);
        self.push_who(sql);
        self.push_when(sql, now);
    }

    /// Pushes that a case `c` has the text, with `AND` before it; how its tokens are looked for stands around them.
    pub(crate) fn push_text(&self, sql: &mut Sql, db: &Db, around: &Around) {
        let [begin, end] = around.on(db);
        match self.text.as_deref().map(Query::of) {
            Some(Some(asked)) => drop(sql.push(" AND ").push(begin).bind(asked.on(db)).push(end)),
            // There is not a letter in it: nothing has that.
            Some(None) => drop(sql.push(" AND FALSE")),
            None => {}
        }
    }

    /// Pushes that a case `c` waits for one of the acts, of whomever, with `AND` before it.
    pub(crate) fn push_waits(&self, sql: &mut Sql) {
        if !self.waits.is_empty() {
            sql.push(" AND c.entry IN (SELECT w.entry FROM case_waits AS w WHERE w.act IN ");
            sql.list(self.waits.iter().map(|act| act.name())).push(")");
        }
    }

    /// Returns whether nothing is said but what it waits for.
    pub(crate) fn is_only_of_waits(&self) -> bool {
        Filter { waits: Vec::new(), ..self.clone() } == Filter::default()
    }

    /// Returns whether nothing is said but what most lists ask for, of whatever size what is found is: what waits, what is late, a
    /// text.
    pub(crate) fn is_usual(&self) -> bool {
        let usual =
            Filter { waits: Vec::new(), overdue: None, due_before: None, live: None, text: None, ..self.clone() };
        usual == Filter::default()
    }

    /// Returns the phrase that is looked for, as it stands in a case's words, where cases may have all of its tokens and not itself:
    /// those that have it come first.
    pub(crate) fn ranked_by(&self) -> Option<String> {
        let text = self.text.as_deref()?;
        if Query::of(text)?.is_one_pair() { None } else { Some(squeezed(text)).filter(|phrase| !phrase.is_empty()) }
    }

    fn push_what(&self, sql: &mut Sql) {
        if !self.stage.is_empty() {
            sql.push(" AND c.stage IN ").list(self.stage.iter().map(|stage| stage.name()));
        }
        if !self.source.is_empty() {
            sql.push(" AND c.source IN ").list(self.source.iter().map(SourceCode::as_str));
        }
        if !self.severity.is_empty() {
            sql.push(" AND c.severity IN ").list(self.severity.iter().map(|severity| weight(*severity)));
        }
        if !self.outcome.is_empty() {
            sql.push(" AND c.outcome IN ").list(self.outcome.iter().map(|outcome| outcome.name()));
        }
        if let Some(number) = &self.number {
            let length = number.chars().count().to_string();
            sql.push(" AND (substr(c.number, 1, ").push(&length).push(") = ").bind(number.as_str());
            sql.push(" OR substr(c.old_number, 1, ").push(&length).push(") = ").bind(number.as_str()).push(")");
        }
        if let Some(parent) = self.parent {
            sql.push(" AND c.parent = ").bind(parent.0);
        }
        for (column, wanted) in [
            ("carried_over", self.carried_over),
            ("declared", self.declared),
            ("listed", self.listed),
            ("live", self.live),
            ("extension", self.extension),
            ("returns > 0", self.returned),
            ("reopenings > 0", self.reopened),
        ] {
            match wanted {
                Some(true) => drop(sql.push(" AND c.").push(column)),
                Some(false) => drop(sql.push(" AND NOT c.").push(column)),
                None => {}
            }
        }
        if let Some(wanted) = self.ever_closed {
            sql.push(if wanted { " AND " } else { " AND NOT " });
            sql.push("(c.stage = 'closed' AND NOT c.declared OR c.reopenings > 0)");
        }
    }

    fn push_who(&self, sql: &mut Sql) {
        if let Some(unit) = self.unit {
            sql.push(" AND c.entry IN (SELECT u.entry FROM case_units AS u JOIN above AS a ON a.unit = u.unit ");
            sql.push("WHERE a.above = ").bind(unit.0).push(" AND u.part IN ").list([LEAD, HELPER]).push(")");
        }
        if let Some(lead) = self.lead {
            sql.push(" AND c.lead = ").bind(lead.0);
        }
        if let Some(holder) = self.holder {
            sql.push(" AND c.holder IN (SELECT a.unit FROM above AS a WHERE a.above = ").bind(holder.0).push(")");
        }
        if let Some(division) = &self.division {
            sql.push(" AND ");
            within(sql, "c.division", division);
        }
        if let Some(division) = &self.division_itself {
            sql.push(" AND c.division = ").bind(division.as_str());
        }
    }

    fn push_when(&self, sql: &mut Sql, now: DateTime<Utc>) {
        match self.overdue {
            Some(true) => drop(sql.push(" AND c.live AND c.due <= ").bind(micros(now))),
            Some(false) => drop(sql.push(" AND (NOT c.live OR c.due IS NULL OR c.due > ").bind(micros(now)).push(")")),
            None => {}
        }
        if let Some(due) = self.due_before {
            sql.push(" AND c.live AND c.due <= ").bind(micros(due));
        }
        for (bound, day) in [
            ("c.discovered_on >= ", self.discovered_from),
            ("c.discovered_on <= ", self.discovered_to),
            ("c.registered_on >= ", self.registered_from),
            ("c.registered_on <= ", self.registered_to),
            ("c.reported_on >= ", self.reported_from),
            ("c.reported_on <= ", self.reported_to),
            ("c.closed_on >= ", self.closed_from),
            ("c.closed_on <= ", self.closed_to),
        ] {
            if let Some(day) = day {
                sql.push(" AND ").push(bound).bind(day.to_string());
            }
        }
        if let Some(days) = self.elapsed_over {
            sql.push(" AND c.elapsed > ").bind(i64::from(days) * DAY);
        }
    }
}
