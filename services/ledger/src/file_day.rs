//! The day that a file's name tells: cameras and messengers name pictures by when they were taken or saved.

use chrono::{DateTime, NaiveDate};
use rectify_case::Zone;

/// What the messenger most offices have puts before the milliseconds since 1970 at which a picture was saved.
const SAVED: &str = "mmexport";

/// The first year of which a name may tell: whatever is named so looks like a day by chance.
const FIRST_YEAR: i32 = 2000;

/// Returns the first day that a file's name tells, such as that of `IMG_20200301_101112.jpg`, `2020-03-01.png`,
/// `2020年3月1日.jpg` or `mmexport1583028672000.jpg`; none where it tells none.
///
/// The name is what whoever handed the file in called it. What a camera wrote within the file is not in the log.
pub(crate) fn told_by(name: &str, zone: Zone) -> Option<NaiveDate> {
    let runs: Vec<Run<'_>> = runs(name).collect();
    (0..runs.len()).find_map(|at| told_at(&runs[at..], zone)).filter(|day| *day >= first_day())
}

/// Digits that stand together, and what stands right before them.
struct Run<'a> {
    digits: &'a str,
    before: &'a str,
}

fn runs(name: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let (before, digits) = rest.split_at(rest.find(|c: char| c.is_ascii_digit())?);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (digits, after) = digits.split_at(end);
        rest = after;
        Some(Run { digits, before })
    })
}

fn told_at(runs: &[Run<'_>], zone: Zone) -> Option<NaiveDate> {
    let first = runs.first()?;
    match first.digits.len() {
        13 if first.before.ends_with(SAVED) => {
            let saved = DateTime::from_timestamp_millis(first.digits.parse().ok()?)?;
            Some(zone.day_of(saved))
        }
        // A day, or a day with hours, minutes and seconds behind it, and perhaps milliseconds.
        8 | 14 | 17 => NaiveDate::parse_from_str(first.digits.get(..8)?, "%Y%m%d").ok(),
        4 => {
            let (month, day) = (runs.get(1)?, runs.get(2)?);
            let parted = ["-", ".", "_", "年"].contains(&month.before) && ["-", ".", "_", "月"].contains(&day.before);
            let short = month.digits.len() <= 2 && day.digits.len() <= 2;
            let number = |digits: &str| digits.parse().ok();
            if !parted || !short {
                return None;
            }
            NaiveDate::from_ymd_opt(first.digits.parse().ok()?, number(month.digits)?, number(day.digits)?)
        }
        _ => None,
    }
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_a_day_as_cameras_messengers_and_people_write_it() {
        let told = |name: &str| told_by(name, Zone::SHANGHAI).map(|day| day.to_string());
        for name in [
            "IMG_20200301_101112.jpg",
            "微信图片_20200301101112.jpg",
            "20200301101112123.jpg",
            "2020-03-01 现场.png",
            "2020.3.1.jpg",
            "整改后2020年3月1日.jpg",
            "第2次 2020_03_01.jpg",
            // 2020-02-29T17:00:00Z: in the office's zone it is the day after.
            "mmexport1582995600000.jpg",
        ] {
            assert_eq!(told(name).as_deref(), Some("2020-03-01"), "{name}");
        }
        for name in
            ["现场.jpg", "20209999.jpg", "1583028672000.jpg", "13909412345.jpg", "19491001.jpg", "2020-3.jpg", ""]
        {
            assert_eq!(told(name), None, "{name}");
        }
    }
}
