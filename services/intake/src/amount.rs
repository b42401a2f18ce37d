//! Money and counts, exact.

use rectify_case::quantity::{Amounts, MOST, Measured};

use crate::cell::{Cell, plain};
use crate::reason::Reason;

/// Reads an amount in yuan and returns it in 分.
pub fn money(cell: &Cell) -> Result<u64, Reason> {
    let (whole, fraction) = decimal(cell).ok_or(Reason::NotMoney)?;
    let (fen, rest) = fraction.split_at(fraction.len().min(2));
    if rest.bytes().any(|digit| digit != b'0') {
        return Err(Reason::TooFine);
    }
    let in_fen = format!("{whole}{fen:0<2}").parse().map_err(|_| Reason::TooLarge)?;
    countable(in_fen)
}

/// Reads a count.
pub fn count(cell: &Cell) -> Result<u64, Reason> {
    let (whole, fraction) = decimal(cell).ok_or(Reason::NotACount)?;
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

/// Returns the digits before and after the point. Commas stand only where they part thousands.
fn decimal(cell: &Cell) -> Option<(String, String)> {
    let text = match cell {
        Cell::Number(number) => plain(*number),
        Cell::Text(text) => text.split_whitespace().collect::<String>().replace('，', ","),
        Cell::Empty | Cell::Flag(_) | Cell::Moment(_) | Cell::Broken(_) => return None,
    };
    let text = text.trim_start_matches(['¥', '￥', '$']).trim_end_matches('元');
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

    #[test]
    fn yuan_become_fen_exactly() {
        assert_eq!(money(&text("12,345.6")), Ok(1_234_560));
        assert_eq!(money(&text("¥ 50,275 元")), Ok(5_027_500));
        assert_eq!(money(&Cell::Number(0.1 + 0.2)), Ok(30));
        assert_eq!(money(&Cell::Number(1_234_567.89)), Ok(123_456_789));
        assert_eq!(money(&text("1.500")), Ok(150));
    }

    #[test]
    fn what_is_no_amount_is_said_to_be_none() {
        assert_eq!(money(&text("0.001")), Err(Reason::TooFine));
        assert_eq!(money(&text("90071992547409.92")), Err(Reason::TooLarge));
        for bad in ["约三万", "-5", "1,23", "1.2.3", "3万元", "", ",100", "1e5"] {
            assert_eq!(money(&text(bad)), Err(Reason::NotMoney), "{bad}");
        }
        assert_eq!(money(&Cell::Number(-5.0)), Err(Reason::NotMoney));
    }

    #[test]
    fn a_count_is_whole() {
        assert_eq!(count(&Cell::Number(12.0)), Ok(12));
        assert_eq!(count(&text("1,200")), Ok(1200));
        assert_eq!(count(&text("12.5")), Err(Reason::NotACount));
        assert_eq!(count(&text("若干")), Err(Reason::NotACount));
    }

    #[test]
    fn nothing_counted_is_no_amount() {
        assert_eq!(found(Some(100), Some(0), None, None), Amounts::from([(Measured::Money, 100)]));
    }
}
