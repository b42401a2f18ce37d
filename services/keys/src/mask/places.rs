//! House and door numbers: what of an address leads to one household.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands for them.
const INSTEAD: &str = "〔门牌〕";

/// Returns a text with them masked.
pub(super) fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for found in CHAIN.captures_iter(text) {
        let Some(all) = found.get(0) else { continue };
        let (before, after) = (&text[..all.start()], &text[all.end()..]);
        if leads_to_a_door(&found, before, after) {
            masked.push_str(&text[copied..all.start()]);
            masked.push_str(INSTEAD);
            copied = all.end();
        }
    }
    masked.push_str(&text[copied..]);
    masked
}

/// Pieces of an address: a number and what it counts.
static CHAIN: LazyLock<Regex> = LazyLock::new(|| {
    let piece = "[0-9A-Za-z一二三四五六七八九十百零〇]{1,6}(?:号楼|号院|号房|栋|幢|座|单元|室|巷|弄|村民小组|小组|组|社|队|号|楼|层|门)[-—、, ]?";
    Regex::new(&format!("(?:{piece})+")).expect("the pattern was tried in a test")
});

/// What counts doors and nothing else.
const DOORS: [&str; 8] = ["号楼", "号院", "号房", "栋", "幢", "单元", "室", "村民小组"];

/// What stands before a number in a street.
const STREETS: [char; 14] = ['路', '街', '道', '巷', '村', '区', '院', '里', '园', '组', '社', '庄', '寨', '弄'];

fn leads_to_a_door(found: &Captures<'_>, before: &str, after: &str) -> bool {
    let chain = found[0].trim_end_matches(['-', '—', '、', ',', ' ']);
    let before = before.chars().next_back();
    let in_street = before.is_some_and(|c| STREETS.contains(&c));
    let counted = ["组", "社", "队", "号", "楼", "层", "座", "门", "巷", "弄"];
    let pieces: usize = counted.iter().map(|unit| chain.matches(unit).count()).sum();
    if DOORS.iter().any(|unit| chain.contains(unit)) {
        return true;
    }
    if before == Some('月') || after.starts_with(['文', '公', '令', '线', '函']) {
        return false;
    }
    in_street || pieces > 1
}
