//! Days and times as people write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rectify_case::{Happened, Zone};

use crate::cell::Cell;
use crate::reason::Reason;

/// Reads when something happened. A day stays a day; a time without an offset is in the office's zone.
pub fn moment(cell: &Cell, zone: Zone) -> Result<Happened, Reason> {
    match cell {
        Cell::Moment(at) if at.time() == NaiveTime::MIN => Ok(Happened::On(at.date())),
        Cell::Moment(at) => Ok(Happened::At(instant(*at, zone))),
        Cell::Text(text) => written(text.trim(), zone).ok_or(Reason::NotAMoment),
        Cell::Empty | Cell::Number(_) | Cell::Flag(_) | Cell::Broken(_) => Err(Reason::NotAMoment),
    }
}

/// Reads `2019/4/25 9:32:09`, `2019-04-25`, `2019年4月25日`, and what RFC 3339 allows.
pub fn written(text: &str, zone: Zone) -> Option<Happened> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(Happened::At(at.with_timezone(&Utc)));
    }
    let text = text.replace(['年', '月', '/', '.'], "-").replace('日', " ");
    let (day, time) = text.trim().split_once([' ', 'T']).unwrap_or((text.trim(), ""));
    if day.find('-') != Some(4) {
        return None;
    }
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    let time = time.trim();
    if time.is_empty() {
        return Some(Happened::On(day));
    }
    let time = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok())?;
    Some(Happened::At(instant(day.and_time(time), zone)))
}

fn instant(local: NaiveDateTime, zone: Zone) -> DateTime<Utc> {
    zone.start_of(local.date()) + (local.time() - NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stays_a_day_and_a_time_is_in_the_offices_zone() {
        let read = |text: &str| written(text, Zone::SHANGHAI).map(|happened| happened.to_string());
        assert_eq!(read("2019/4/25 9:32:09").as_deref(), Some("2019-04-25T01:32:09Z"));
        assert_eq!(read("2019-04-25 09:32").as_deref(), Some("2019-04-25T01:32:00Z"));
        assert_eq!(read("2019-04-25T09:32:09").as_deref(), Some("2019-04-25T01:32:09Z"));
        assert_eq!(read("2019-04-25T09:32:09+00:00").as_deref(), Some("2019-04-25T09:32:09Z"));
        for day in ["2019-04-25", "2019/4/25", "2019年4月25日", "2019.04.25"] {
            assert_eq!(read(day).as_deref(), Some("2019-04-25"), "{day}");
        }
        for none in ["", "2019年4月", "19/4/25", "2019-13-01", "2019-04-25 25:00", "昨天", "43580"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn a_cell_at_midnight_is_a_day() {
        let at = |text: &str| Cell::Moment(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap());
        assert_eq!(moment(&at("2019-04-25 00:00:00"), Zone::SHANGHAI).unwrap().to_string(), "2019-04-25");
        assert_eq!(moment(&at("2019-04-08 08:37:20"), Zone::SHANGHAI).unwrap().to_string(), "2019-04-08T00:37:20Z");
        assert!(moment(&Cell::Number(43580.0), Zone::SHANGHAI).is_err());
    }
}
