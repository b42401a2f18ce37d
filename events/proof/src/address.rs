//! Where a tile is found: its path, as C2SP tlog-tiles lays tiles out.

use std::fmt;
use std::str::FromStr;

use crate::tree::FULL;

/// The highest level: a log has fewer than 2⁶⁴ events, and each level stands for 8 of these bits.
const HIGHEST: u8 = 7;

/// Where a tile stands, and how many of its hashes are meant: `0/x001/234`, or `0/x001/234.p/17` for 17 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The level, 0 for the hashes of leaves.
    pub level: u8,
    /// The how-manieth of its level, from 0.
    pub n: u64,
    /// How many hashes: 256, or fewer of one that was not full.
    pub width: usize,
}

/// A path that is no tile's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tile is found at LEVEL/N, where N is written in groups of three digits, or at LEVEL/N.p/WIDTH")]
pub struct BadAddress;

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(path: &str) -> Result<Address, BadAddress> {
        let (level, place) = path.split_once('/').ok_or(BadAddress)?;
        let (digits, width) = match place.split_once(".p/") {
            Some((digits, width)) => (digits, width.parse().ok().filter(|width| (1..FULL).contains(width))),
            None => (place, Some(FULL)),
        };
        let digits: String = digits.chars().filter(|c| !matches!(c, 'x' | '/')).collect();
        let address = Address {
            level: level.parse().ok().filter(|level| *level <= HIGHEST).ok_or(BadAddress)?,
            n: digits.parse().map_err(|_| BadAddress)?,
            width: width.ok_or(BadAddress)?,
        };
        // There is one way to write it.
        if address.to_string() == path { Ok(address) } else { Err(BadAddress) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.n.to_string();
        let padded = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
        write!(f, "{}/", self.level)?;
        let groups = padded.len() / 3;
        for group in 0..groups {
            let (x, end) = if group + 1 < groups { ("x", "/") } else { ("", "") };
            write!(f, "{x}{}{end}", &padded[group * 3..group * 3 + 3])?;
        }
        if self.width < FULL { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        for (level, n, width, path) in [
            (0, 0, 256, "0/000"),
            (0, 273, 13, "0/273.p/13"),
            (1, 1, 256, "1/001"),
            (2, 1_234_067, 256, "2/x001/x234/067"),
            (0, 1_000, 1, "0/x001/000.p/1"),
        ] {
            let address = Address { level, n, width };
            assert_eq!(address.to_string(), path);
            assert_eq!(path.parse(), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "0",
            "0/",
            "0/0",
            "0/1000",
            "0/x001",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/300",
            "64/000",
            "8/000",
            "data/000",
            "entries/000",
            "0/-01",
            "0/000/",
            "../0/000",
            "0/x000/001",
            "0/０００",
        ] {
            assert_eq!(bad.parse::<Address>(), Err(BadAddress), "{bad:?}");
        }
    }
}
