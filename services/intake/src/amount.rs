//! Money and counts, exact.

use rectify_case::quantity::{Amounts, MOST, Measured};
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, is_blank, narrow, plain};
use crate::reason::Reason;

/// The unit an amount of money is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// 元.
    #[serde(rename = "元")]
    Yuan,
    /// 千元.
    #[serde(rename = "千元")]
    Thousand,
    /// 万元.
    #[serde(rename = "万元")]
    TenThousand,
    /// 百万元.
    #[serde(rename = "百万元")]
    Million,
    /// 亿元.
    #[serde(rename = "亿元")]
    HundredMillion,
}

impl Unit {
    /// Every unit, the longer word before the one it ends with.
    const ALL: [Unit; 5] = [Unit::HundredMillion, Unit::Million, Unit::Thousand, Unit::TenThousand, Unit::Yuan];

    /// Returns the word.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Yuan => "元",
            Unit::Thousand => "千元",
            Unit::TenThousand => "万元",
            Unit::Million => "百万元",
            Unit::HundredMillion => "亿元",
        }
    }

    /// Returns the unit that is named by its word: `万元`.
    pub fn named(word: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.word() == word)
    }

    /// Parts a header from the unit at its end: `涉及金额(万元)`, `涉及金额/万元`, `涉及金额万元`. Spaces are out of it already.
    pub(crate) fn at_end_of(header: &str) -> Option<(&str, Unit)> {
        // The longest first: 百万元 ends in 万元, and 万元 in 元.
        let mut units = Unit::ALL;
        units.sort_by_key(|unit| std::cmp::Reverse(unit.word().len()));
        units.into_iter().find_map(|unit| {
            let word = unit.word();
            let forms = [
                format!("(单位{word})"),
                format!("({word})"),
                format!("[{word}]"),
                format!("/{word}"),
                word.to_owned(),
            ];
            let base = forms.iter().find_map(|form| header.strip_suffix(form.as_str()))?;
            Some((base, unit))
        })
    }

    /// Returns the unit that a line above a table says it is in: `单位：万元`. `填报单位：元谋县` says none.
    pub(crate) fn said_in(line: &str) -> Option<Unit> {
        let line: String = narrow(line).chars().filter(|c| !is_blank(*c)).collect();
        let mut after = line.split("单位:").skip(1);
        after.find_map(|rest| {
            let (unit, rest) = Unit::ALL.into_iter().find_map(|unit| Some((unit, rest.strip_prefix(unit.word())?)))?;
            rest.chars().next().is_none_or(|next| !next.is_alphanumeric()).then_some(unit)
        })
    }

    /// How many places the point moves to the right when the amount is written in yuan.
    fn places(self) -> usize {
        match self {
            Unit::Yuan => 0,
            Unit::Thousand => 3,
            Unit::TenThousand => 4,
            Unit::Million => 6,
            Unit::HundredMillion => 8,
        }
    }
}

/// Reads an amount and returns it in 分. What the cell says of its unit goes before what is said of the column.
pub fn money(cell: &Cell, unit: Option<Unit>) -> Result<u64, Reason> {
    let text = written(cell).ok_or(Reason::NotMoney)?;
    let text = text.trim_start_matches(['¥', '￥', '$']);
    let text = text.strip_prefix("人民币").unwrap_or(text);
    let (digits, own) = match Unit::at_end_of(text) {
        Some((digits, unit)) => (digits, Some(unit)),
        None => match (text.strip_suffix('万'), text.strip_suffix('亿')) {
            (Some(digits), _) => (digits, Some(Unit::TenThousand)),
            (_, Some(digits)) => (digits, Some(Unit::HundredMillion)),
            (None, None) => (text, None),
        },
    };
    let (whole, fraction) = decimal(digits).ok_or(Reason::NotMoney)?;
    let is_nothing = whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0');
    let Some(unit) = own.or(unit) else {
        return if is_nothing { Ok(0) } else { Err(Reason::NoUnit) };
    };
    let (fen, rest) = fraction.split_at(fraction.len().min(unit.places() + 2));
    if rest.bytes().any(|digit| digit != b'0') {
        return Err(Reason::TooFine);
    }
    let in_fen = format!("{whole}{fen:0<places$}", places = unit.places() + 2);
    countable(in_fen.parse().map_err(|_| Reason::TooLarge)?)
}

/// Reads a count: the digits, and behind them at most what was counted.
pub fn count(cell: &Cell) -> Result<u64, Reason> {
    let text = written(cell).ok_or(Reason::NotACount)?;
    let digits = text.trim_end_matches(['户', '人', '条', '个', '件', '名', '笔', '项']);
    let digits = if text.chars().count() - digits.chars().count() > 1 { text.as_str() } else { digits };
    let (whole, fraction) = decimal(digits).ok_or(Reason::NotACount)?;
    if fraction.bytes().any(|digit| digit != b'0') {
        return Err(Reason::NotACount);
    }
    countable(whole.parse().map_err(|_| Reason::TooLarge)?)
}

/// Returns what was counted, without what was not and without zeros.
pub fn found(money_fen: Option<u64>, households: Option<u64>, persons: Option<u64>, records: Option<u64>) -> Amounts {
    let counted = [
        (Measured::Money, money_fen),
        (Measured::Households, households),
        (Measured::Persons, persons),
        (Measured::Records, records),
    ];
    counted.into_iter().filter_map(|(what, n)| Some((what, n.filter(|n| *n > 0)?))).collect()
}

fn countable(n: u64) -> Result<u64, Reason> {
    if n <= MOST { Ok(n) } else { Err(Reason::TooLarge) }
}

/// Returns what a cell holds, narrow and without blanks.
fn written(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Number(number) => Some(plain(*number)),
        Cell::Text(text) => Some(narrow(text).chars().filter(|c| !is_blank(*c)).collect()),
        Cell::Empty | Cell::Flag(_) | Cell::Moment(_) | Cell::Broken(_) => None,
    }
}

/// Returns the digits before and after the point. Commas stand only where they part thousands.
fn decimal(text: &str) -> Option<(String, String)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next().filter(|first| !first.is_empty())?;
    let thousands: Vec<&str> = groups.collect();
    let parted = thousands.is_empty() || (first.len() <= 3 && thousands.iter().all(|group| group.len() == 3));
    let whole: String = std::iter::once(first).chain(thousands).collect();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (parted && digits(&whole) && digits(fraction)).then(|| (whole, fraction.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn in_yuan(cell: &Cell) -> Result<u64, Reason> {
        money(cell, Some(Unit::Yuan))
    }

    #[test]
    fn yuan_become_fen_exactly() {
        assert_eq!(in_yuan(&text("12,345.6")), Ok(1_234_560));
        assert_eq!(in_yuan(&text("¥ 50,275 元")), Ok(5_027_500));
        assert_eq!(in_yuan(&Cell::Number(0.1 + 0.2)), Ok(30));
        assert_eq!(in_yuan(&Cell::Number(1_234_567.89)), Ok(123_456_789));
        assert_eq!(in_yuan(&text("1.500")), Ok(150));
        assert_eq!(in_yuan(&text("\u{a0}１２，３４５．６\u{3000}")), Ok(1_234_560));
    }

    #[test]
    fn ten_thousands_of_yuan_become_fen_exactly() {
        let wan = |cell: &Cell| money(cell, Some(Unit::TenThousand));
        assert_eq!(wan(&text("12.345678")), Ok(12_345_678));
        assert_eq!(wan(&Cell::Number(0.07)), Ok(70_000));
        assert_eq!(wan(&Cell::Number(125.0)), Ok(125_000_000));
        assert_eq!(wan(&text("0.0000001")), Err(Reason::TooFine));
        assert_eq!(money(&text("1.2"), Some(Unit::HundredMillion)), Ok(12_000_000_000));
        assert_eq!(money(&text("3"), Some(Unit::Thousand)), Ok(300_000));
    }

    #[test]
    fn what_the_cell_says_of_its_unit_goes_first() {
        assert_eq!(money(&text("5000元"), Some(Unit::TenThousand)), Ok(500_000));
        assert_eq!(money(&text("12.5 万元"), Some(Unit::Yuan)), Ok(12_500_000));
        assert_eq!(money(&text("3万"), None), Ok(3_000_000));
        assert_eq!(money(&text("2百万元"), None), Ok(200_000_000));
    }

    #[test]
    fn an_amount_without_a_unit_is_asked_about() {
        assert_eq!(money(&text("125"), None), Err(Reason::NoUnit));
        assert_eq!(money(&Cell::Number(0.0), None), Ok(0), "nothing is nothing in any unit");
    }

    #[test]
    fn what_is_no_amount_is_said_to_be_none() {
        assert_eq!(in_yuan(&text("0.001")), Err(Reason::TooFine));
        assert_eq!(in_yuan(&text("90071992547409.92")), Err(Reason::TooLarge));
        for bad in ["约三万", "-5", "1,23", "1.2.3", "约3万元", "", ",100", "1e5", "3万5千"] {
            assert_eq!(in_yuan(&text(bad)), Err(Reason::NotMoney), "{bad}");
        }
        assert_eq!(in_yuan(&Cell::Number(-5.0)), Err(Reason::NotMoney));
    }

    #[test]
    fn a_header_and_a_line_above_say_the_unit() {
        assert_eq!(Unit::at_end_of("涉及金额(万元)"), Some(("涉及金额", Unit::TenThousand)));
        assert_eq!(Unit::at_end_of("涉及金额/元"), Some(("涉及金额", Unit::Yuan)));
        assert_eq!(Unit::at_end_of("涉及金额百万元"), Some(("涉及金额", Unit::Million)));
        assert_eq!(Unit::at_end_of("涉及金额"), None);
        assert_eq!(Unit::said_in("填报单位：州财政局　　金额单位： 万元"), Some(Unit::TenThousand));
        assert_eq!(Unit::said_in("（单位：元、户）"), Some(Unit::Yuan));
        assert_eq!(Unit::said_in("填报单位：元谋县"), None);
    }

    #[test]
    fn a_count_is_whole() {
        assert_eq!(count(&Cell::Number(12.0)), Ok(12));
        assert_eq!(count(&text("1,200")), Ok(1200));
        assert_eq!(count(&text("３６户")), Ok(36));
        for bad in ["12.5", "若干", "三户", "3户人", "户"] {
            assert_eq!(count(&text(bad)), Err(Reason::NotACount), "{bad}");
        }
    }

    #[test]
    fn nothing_counted_is_no_amount() {
        assert_eq!(found(Some(100), Some(0), None, None), Amounts::from([(Measured::Money, 100)]));
    }
}
