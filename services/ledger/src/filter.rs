//! Which cases are asked for.

use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::finding::Severity;
use rectify_case::{CaseId, DivisionCode, SourceCode, Stage, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::query;
use crate::row::OutcomeKind;

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
    /// This unit, or one below it, holds the level of verification that is next: it waits for that unit to verify.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub holder: Option<UnitId>,
    /// In this division, or one that lies in it.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionCode>,
    /// Its number is this, or begins with this.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// It is a part of this case.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub parent: Option<CaseId>,
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
    /// More than so many days, of 24 hours each, went by between discovery and the last completion report.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub elapsed_over: Option<u32>,
    /// Its title, findings or place have all these words.
    #[serde(deserialize_with = "query::optional", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
