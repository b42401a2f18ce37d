//! What single events show that may tell of a repair on paper only (纸面整改): what is asked about is put together of it.
//!
//! A sign is a fact of the log and never changes; whether it is worth a question is said where signs are read.

use chrono::{Datelike as _, Months, NaiveDate};
use rectify_case::evidence::Side;
use rectify_case::{Case, CaseEvent, Happened, Happening, UnitId, Version, Zone};

use crate::entry::Entry;
use crate::file_day;
use crate::likeness::{mix, pairs};
use crate::sql::{Value, int};
use crate::tokens::squeezed;

/// A completion is dated on the last day of its term.
pub(crate) const ON_DEADLINE: &str = "on_deadline";
/// A level was passed soon after the report.
pub(crate) const SOON: &str = "soon";
/// A picture was put on file; its mark is the digest.
pub(crate) const PICTURE: &str = "picture";
/// Another file was put on file; its mark is the digest.
pub(crate) const FILE: &str = "file";
/// A file was put on file whose name tells a day; its mark is the digest.
pub(crate) const NAMED: &str = "named";
/// A case was struck off; where that was on the last day of a month, its mark is the office and that day.
pub(crate) const CLOSED: &str = "closed";
/// A completion was told in words; its marks are what texts that are nearly alike share.
pub(crate) const TOLD: &str = "told";

/// A level that is passed within so many minutes of the completion report is passed soon: nobody has been on site, and
/// hardly anybody has read what is on file.
pub(crate) const SOON_MINUTES: i64 = 15;

/// A completion told in fewer pairs of characters (已整改到位, 已完成整改并长期坚持) says what everybody says.
const FEWEST_PAIRS: usize = 20;

/// How many marks a text has. Of texts that are nine tenths alike, one pair in seventy shares none, of texts that are just
/// alike one in eight: what is looked for is a text handed round, and that has more than two copies.
pub(crate) const BANDS: u32 = 4;

/// How many hashes make a mark.
const DEPTH: u32 = 4;

/// Rows of what events show.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    /// Of the signs.
    pub(crate) rows: Vec<Vec<Value>>,
    /// Of the words of completion reports.
    pub(crate) told: Vec<Vec<Value>>,
}

/// What an event shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    kind: &'static str,
    mark: String,
    unit: UnitId,
    other_day: Option<NaiveDate>,
    /// The report it follows, and how many seconds after that.
    after: Option<(Version, i64)>,
}

impl Signs {
    /// Notes what an event of a case shows, which the case as it is told here has folded last.
    pub(crate) fn note(&mut self, entry: &Entry, at: &Happening<'_>, zone: Zone) {
        let (position, key) = (int(entry.position), int(entry.first));
        let day = at.happened.day(zone);
        for sign in shown(&entry.case, at, zone) {
            let (report, seconds) = sign.after.unwrap_or_default();
            self.rows.push(vec![
                position.into(),
                sign.kind.into(),
                sign.mark.into(),
                key.into(),
                int(at.version).into(),
                sign.unit.0.into(),
                day.to_string().into(),
                sign.other_day.map(|day| day.to_string()).unwrap_or_default().into(),
                int(report).into(),
                seconds.into(),
            ]);
        }
        if let CaseEvent::CompletionReported { account, .. } = at.event {
            let words = squeezed(account);
            if is_telling(&words) {
                self.told.push(vec![position.into(), key.into(), words.into()]);
            }
        }
    }
}

/// Returns what an event shows, of a case that has folded it last.
fn shown(case: &Case, at: &Happening<'_>, zone: Zone) -> Vec<Sign> {
    let day = at.happened.day(zone);
    let sign = |kind, mark: String, unit| Sign { kind, mark, unit, other_day: None, after: None };
    match at.event {
        CaseEvent::CompletionReported { unit, account, .. } => {
            let mut signs: Vec<Sign> =
                marks(&squeezed(account)).into_iter().map(|mark| sign(TOLD, mark, *unit)).collect();
            let last_day = case.deadline.as_ref().map(|deadline| deadline.last_day);
            if last_day == Some(day) {
                signs.push(Sign { other_day: last_day, ..sign(ON_DEADLINE, String::new(), *unit) });
            }
            signs
        }
        CaseEvent::LevelPassed { unit, .. } => {
            // Where only a day is known of either, nobody knows how long it took.
            let seconds = case.report.as_ref().and_then(|report| match (report.happened, at.happened) {
                (Happened::At(reported), Happened::At(passed)) => {
                    Some((report.version, (passed - reported).num_seconds()))
                }
                (Happened::On(_), _) | (_, Happened::On(_)) => None,
            });
            let soon = seconds.filter(|(_, seconds)| (0..SOON_MINUTES * 60).contains(seconds));
            soon.map(|after| Sign { after: Some(after), ..sign(SOON, String::new(), *unit) }).into_iter().collect()
        }
        // What the office puts on file is a notice or the source's own picture, on many cases and older than they are.
        CaseEvent::EvidenceFiled { evidence, side: Side::Responsible | Side::Verifier, unit } => {
            let mark = evidence.digest.to_string();
            let kind = if evidence.media_type.starts_with("image/") { PICTURE } else { FILE };
            let named = file_day::told_by(&evidence.name, zone).filter(|told| *told <= day);
            let named = named.map(|told| Sign { other_day: Some(told), ..sign(NAMED, mark.clone(), *unit) });
            std::iter::once(sign(kind, mark, *unit)).chain(named).collect()
        }
        CaseEvent::Closed { .. } => {
            let (unit, end) = (at.actor.unit, end_of_month(day));
            let mark = if day == end { format!("{unit} {end}") } else { String::new() };
            vec![Sign { other_day: Some(end), ..sign(CLOSED, mark, unit) }]
        }
        _ => Vec::new(),
    }
}

/// Returns the last day of a day's month.
fn end_of_month(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day);
    (first + Months::new(1)).pred_opt().unwrap_or(day)
}

/// Returns whether a text without anything between its words is long enough to be compared.
fn is_telling(words: &str) -> bool {
    words.chars().count() > FEWEST_PAIRS
}

/// Returns what a text shares with texts that are nearly alike (minhash).
fn marks(words: &str) -> Vec<String> {
    if !is_telling(words) {
        return Vec::new();
    }
    let pairs = pairs(words);
    let least = |seed: u32| pairs.iter().map(|pair| mix(pair ^ mix(seed.into()))).min().unwrap_or_default();
    let mark = |n: u32| (n * DEPTH..(n + 1) * DEPTH).fold(n.into(), |hash, seed| mix(hash ^ least(seed)));
    (0..BANDS).map(|n| format!("{:016x}", mark(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_on_its_last_day() {
        for (day, end) in [("2020-02-03", "2020-02-29"), ("2020-12-31", "2020-12-31"), ("2020-04-30", "2020-04-30")] {
            assert_eq!(end_of_month(day.parse().unwrap()), end.parse().unwrap());
        }
    }

    #[test]
    fn what_everybody_says_has_no_marks_and_a_text_handed_round_shares_some() {
        assert_eq!(marks(&squeezed("已整改到位。")), Vec::<String>::new());
        let told = |place: &str| {
            let text = format!(
                "{place}高度重视，立即召开专题会议，逐户核查低保资金发放情况，足额补发到户，并建立长效机制，定期回访。"
            );
            marks(&squeezed(&text))
        };
        let (one, other) = (told("县民政局"), told("县水务局"));
        assert!(one.iter().any(|mark| other.contains(mark)), "{one:?} {other:?}");
        let apart =
            marks(&squeezed("更换破损水管三百米，修复蓄水池两座，经水质检测合格后恢复供水，落实管护人员两名。"));
        assert!(one.iter().all(|mark| !apart.contains(mark)));
    }
}
