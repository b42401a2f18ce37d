//! Days and times as people write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use rectify_case::{Happened, Zone};

use crate::cell::{Cell, is_blank, narrow, plain};
use crate::reason::Reason;

/// What is said of days outside the cells they stand in.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// The office's zone: times without an offset are in it.
    pub zone: Zone,
    /// The year of days that say none, where one is known.
    pub year: Option<i32>,
    /// Whether a day that is a mere number counts from 1904.
    pub epoch_1904: bool,
}

impl Days {
    /// Returns days in a zone, without a year.
    pub fn in_zone(zone: Zone) -> Days {
        Days { zone, year: None, epoch_1904: false }
    }
}

/// Reads when something happened. A day stays a day.
pub fn moment(cell: &Cell, days: Days) -> Result<Happened, Reason> {
    match cell {
        Cell::Moment(at) if at.time() == NaiveTime::MIN => Ok(Happened::On(at.date())),
        Cell::Moment(at) => Ok(Happened::At(instant(*at, days.zone))),
        Cell::Number(number) => numbered(*number, days),
        Cell::Text(text) => written(text, days),
        Cell::Empty | Cell::Flag(_) | Cell::Broken(_) => Err(Reason::NotAMoment),
    }
}

/// Reads `2019/4/25 9:32:09`, `2019-04-25`, `2019.4.25`, `2019年4月25日`, `20190425`, `4月25日`, and what RFC 3339 allows.
pub fn written(text: &str, days: Days) -> Result<Happened, Reason> {
    let text = narrow(text);
    let text = text.trim_matches(is_blank);
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Happened::At(at.with_timezone(&Utc)));
    }
    if let Some(word) = status(text) {
        return Err(Reason::Status(word));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return digits(text, days);
    }
    let mut apart = text.replace(['年', '月', '/', '.', '－', '—'], "-").replace(['日', '号'], " ");
    while apart.contains(" -") || apart.contains("- ") {
        apart = apart.replace(" -", "-").replace("- ", "-");
    }
    let (day, time) = apart.trim().split_once([' ', 'T']).unwrap_or((apart.trim(), ""));
    let numbers: Option<Vec<u32>> = day.trim_end_matches('-').split('-').map(|part| number(part.trim())).collect();
    let day = match numbers.as_deref() {
        Some([year, month, day]) if year.ilog10() == 3 => on(*year, *month, *day)?,
        Some([year, month]) if (1900..2200).contains(year) && (1..=12).contains(month) => {
            return Err(Reason::OnlyAMonth);
        }
        Some([month, day]) if text.contains('月') => match days.year {
            Some(year) => on(year.unsigned_abs(), *month, *day)?,
            None => return Err(Reason::NoYear),
        },
        _ => return Err(Reason::NotAMoment),
    };
    let time = time.trim();
    if time.is_empty() {
        return Ok(Happened::On(day));
    }
    let time = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok());
    let time = time.ok_or(Reason::NotAMoment)?;
    Ok(Happened::At(instant(day.and_time(time), days.zone)))
}

/// Returns the year that a text names: that of a document's number, `〔2025〕`, or `2025年`. Nothing where it names several.
pub(crate) fn years_in(text: &str) -> Vec<i32> {
    let text: Vec<char> = narrow(text).chars().filter(|c| !is_blank(*c)).collect();
    let mut years = Vec::new();
    for (at, four) in text.windows(4).enumerate() {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        let after = text.get(at + 4);
        let numbered = matches!((before, after), (Some('〔' | '[' | '(' | '【'), Some('〕' | ']' | ')' | '】')));
        let named = after == Some(&'年') && before.is_none_or(|before| !before.is_ascii_digit());
        let year: Option<i32> = four.iter().collect::<String>().parse().ok();
        if let Some(year) = year.filter(|year| (numbered || named) && (1990..2100).contains(year))
            && !years.contains(&year)
        {
            years.push(year);
        }
    }
    years
}

/// Words that say how far something has come, where a day is asked for.
const STATUS: &[&str] = &[
    "长期坚持",
    "长期",
    "持续",
    "已完成",
    "完成",
    "未完成",
    "已整改",
    "整改完成",
    "未整改",
    "正在整改",
    "整改中",
    "立行立改",
    "立查立改",
    "立知立改",
    "即知即改",
    "边查边改",
    "已销号",
    "销号",
    "常态化",
    "进行中",
    "推进中",
    "办理中",
    "已办结",
    "待定",
    "按时序推进",
    "达到序时进度",
];

/// Returns the text where it says how far something has come instead of when.
fn status(text: &str) -> Option<String> {
    let words: String = text.chars().filter(|c| !is_blank(*c)).collect();
    let bare = words.trim_matches(|c| "。，；、,;.()（）".contains(c));
    let dated = bare.contains(|c: char| c.is_ascii_digit());
    STATUS
        .iter()
        .any(|word| bare == *word || (bare.starts_with(word) && !dated))
        .then(|| bare.chars().take(20).collect())
}

fn number(text: &str) -> Option<u32> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
}

/// Reads digits alone: `20250630`, or the number of a day.
fn digits(text: &str, days: Days) -> Result<Happened, Reason> {
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
    if let (8, Some(year), Some(month), Some(day)) = (text.len(), part(0, 4), part(4, 6), part(6, 8)) {
        return on(year, month, day).map(Happened::On);
    }
    numbered(text.parse().map_err(|_| Reason::NotAMoment)?, days)
}

/// Reads a number as a spreadsheet counts days. From 1954 to 2119 is taken for one; others are more likely something else.
fn numbered(number: f64, days: Days) -> Result<Happened, Reason> {
    if (19_000_101.0..22_000_000.0).contains(&number) && number.fract() == 0.0 {
        return digits(&plain(number), days);
    }
    if (1_900.0..2_200.0).contains(&number) {
        return Err(Reason::OnlyAMonth);
    }
    if !(20_000.0..80_000.0).contains(&number) {
        return Err(Reason::NotAMoment);
    }
    let epoch =
        if days.epoch_1904 { NaiveDate::from_ymd_opt(1904, 1, 1) } else { NaiveDate::from_ymd_opt(1899, 12, 30) };
    #[expect(clippy::cast_possible_truncation, reason = "a day has 86,400 seconds, and there are at most 80,000 days")]
    let (day, second) = (number.trunc() as i64, (number.fract() * 86_400.0).round() as i64);
    let at = epoch.and_then(|epoch| epoch.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::days(day)));
    let at = at.ok_or(Reason::NotAMoment)?;
    if second == 0 {
        return Ok(Happened::On(at.date()));
    }
    Ok(Happened::At(instant(at + TimeDelta::seconds(second), days.zone)))
}

fn on(year: u32, month: u32, day: u32) -> Result<NaiveDate, Reason> {
    let year = i32::try_from(year).ok().filter(|year| (1900..2200).contains(year));
    year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).ok_or(Reason::NotAMoment)
}

fn instant(local: NaiveDateTime, zone: Zone) -> DateTime<Utc> {
    zone.start_of(local.date()) + (local.time() - NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, Reason> {
        written(text, Days::in_zone(Zone::SHANGHAI)).map(|happened| happened.to_string())
    }

    #[test]
    fn a_day_stays_a_day_and_a_time_is_in_the_offices_zone() {
        let is = |text: &str, happened: &str| assert_eq!(read(text).as_deref(), Ok(happened), "{text}");
        is("2019/4/25 9:32:09", "2019-04-25T01:32:09Z");
        is("2019-04-25 09:32", "2019-04-25T01:32:00Z");
        is("2019-04-25T09:32:09", "2019-04-25T01:32:09Z");
        is("2019-04-25T09:32:09+00:00", "2019-04-25T09:32:09Z");
        for day in [
            "2019-04-25",
            "2019/4/25",
            "2019年4月25日",
            "2019.04.25",
            "2019.4.25",
            "20190425",
            "43580",
            "2019年4月25号",
            "２０１９．４．２５",
            "\u{3000}2019 年 4 月 25 日\u{a0}",
            "2019.4.25.",
        ] {
            is(day, "2019-04-25");
        }
        for none in [
            "",
            "19/4/25",
            "2019-13-01",
            "2019-04-25 25:00",
            "昨天",
            "4.25",
            "4-25",
            "123",
            "99999999",
            "2019年2月30日",
        ] {
            assert_eq!(read(none), Err(Reason::NotAMoment), "{none}");
        }
        for month in ["2019年4月", "2019.4", "2019"] {
            assert_eq!(read(month), Err(Reason::OnlyAMonth), "{month}");
        }
    }

    #[test]
    fn a_day_without_a_year_is_of_the_year_that_is_known() {
        assert_eq!(read("6月30日"), Err(Reason::NoYear));
        let days = Days { year: Some(2025), ..Days::in_zone(Zone::SHANGHAI) };
        assert_eq!(written("６月30日", days).unwrap().to_string(), "2025-06-30");
        assert_eq!(written("2月29日", days), Err(Reason::NotAMoment));
        assert_eq!(years_in("州巡〔2025〕3号"), [2025]);
        assert_eq!(years_in("２０２４年度反馈、2025年整改"), [2024, 2025]);
        assert_eq!(years_in("电话 12025年 2025"), [0; 0]);
    }

    #[test]
    fn a_status_is_told_from_a_day() {
        for word in ["长期坚持", "已完成", " 立行立改。", "长期坚持并不断完善"] {
            assert!(matches!(read(word), Err(Reason::Status(_))), "{word}");
        }
    }

    #[test]
    fn a_cell_at_midnight_is_a_day_and_so_is_a_number_of_days() {
        let days = Days::in_zone(Zone::SHANGHAI);
        let at = |text: &str| Cell::Moment(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap());
        let read = |cell: &Cell| moment(cell, days).map(|happened| happened.to_string());
        assert_eq!(read(&at("2019-04-25 00:00:00")).as_deref(), Ok("2019-04-25"));
        assert_eq!(read(&at("2019-04-08 08:37:20")).as_deref(), Ok("2019-04-08T00:37:20Z"));
        assert_eq!(read(&Cell::Number(43580.0)).as_deref(), Ok("2019-04-25"));
        assert_eq!(read(&Cell::Number(43580.5)).as_deref(), Ok("2019-04-25T04:00:00Z"));
        assert_eq!(read(&Cell::Number(20_190_425.0)).as_deref(), Ok("2019-04-25"));
        assert_eq!(read(&Cell::Number(2019.4)), Err(Reason::OnlyAMonth));
        let days = Days { epoch_1904: true, ..days };
        assert_eq!(moment(&Cell::Number(42118.0), days).unwrap().to_string(), "2019-04-25");
    }
}
