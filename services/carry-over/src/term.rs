//! Deadlines as older ledgers write them.

use chrono::{Months, NaiveDate};
use rectify_case::Zone;
use rectify_intake::cell::narrow;
use rectify_intake::moment::{Days, written};
use rectify_intake::reason::Reason;

/// Words that stand where a deadline is asked for, and name none.
const NONE: &[&str] = &[
    "长期坚持",
    "长期",
    "持续推进",
    "持续",
    "常态化",
    "立行立改",
    "立查立改",
    "即知即改",
    "立即整改",
    "无",
    "/",
    "-",
    "—",
];

/// Returns the last day that a text names: a day, with 前 behind it or not, or the last of a month or a year. None where the
/// text says that there is none.
pub(crate) fn last_day(text: &str, days: Days) -> Result<Option<NaiveDate>, Reason> {
    let text: String = narrow(text).chars().filter(|c| !c.is_whitespace()).collect();
    let bare = text.trim_end_matches(['。', '，', ',', '；', ';']);
    if bare.is_empty() || NONE.contains(&bare) {
        return Ok(None);
    }
    let bare = ["之前", "以前", "前", "内"].iter().find_map(|after| bare.strip_suffix(after)).unwrap_or(bare);
    if let Some(day) = end_of_period(bare, days.year) {
        return Ok(Some(day));
    }
    match written(bare, days) {
        Ok(happened) => Ok(Some(happened.day(days.zone))),
        Err(Reason::Status(_)) => Ok(None),
        Err(reason) => Err(reason),
    }
}

/// Returns the last day of `2020年6月`, `2020年6月底`, `2020.6`, `2020年底`, `6月底`.
fn end_of_period(text: &str, year: Option<i32>) -> Option<NaiveDate> {
    let text = ["底", "末"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    let (first, months) = match text.split_once(['年', '.', '-', '/']) {
        Some((year, "")) if text.ends_with('年') => (NaiveDate::from_ymd_opt(number(year)?, 1, 1)?, 12),
        Some((year, month)) => (NaiveDate::from_ymd_opt(number(year)?, month_of(month)?, 1)?, 1),
        None if text.ends_with('月') => (NaiveDate::from_ymd_opt(year?, month_of(text)?, 1)?, 1),
        None => return None,
    };
    first.checked_add_months(Months::new(months))?.pred_opt()
}

fn number(text: &str) -> Option<i32> {
    text.parse().ok().filter(|year| (1990..2100).contains(year))
}

fn month_of(text: &str) -> Option<u32> {
    text.strip_suffix(['月', '.']).unwrap_or(text).parse().ok()
}

/// Returns days without a year, in a zone.
pub(crate) fn days(zone: Zone, year: Option<i32>) -> Days {
    Days { zone, year, epoch_1904: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, Reason> {
        let days = days(Zone::SHANGHAI, Some(2020));
        last_day(text, days).map(|day| day.map(|day| day.to_string()))
    }

    #[test]
    fn a_deadline_is_the_last_day_that_is_named() {
        for (text, day) in [
            ("2020-06-30", "2020-06-30"),
            ("2020年6月30日前", "2020-06-30"),
            ("2020.6.30 之前", "2020-06-30"),
            ("44012", "2020-06-30"),
            ("6月30日前", "2020-06-30"),
            ("2020年6月底前", "2020-06-30"),
            ("2020年6月", "2020-06-30"),
            ("2020.12", "2020-12-31"),
            ("6月底", "2020-06-30"),
            ("2020年底", "2020-12-31"),
            ("２０２０年２月底", "2020-02-29"),
        ] {
            assert_eq!(read(text), Ok(Some(day.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_names_no_day_is_told_from_what_cannot_be_read() {
        for none in ["长期坚持", "立行立改。", "", "无"] {
            assert_eq!(read(none), Ok(None), "{none}");
        }
        assert_eq!(read("尽快"), Err(Reason::NotAMoment));
        assert_eq!(read("2020年13月"), Err(Reason::NotAMoment));
    }
}
