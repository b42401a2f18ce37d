//! Numbers and addresses that lead to a person: telephone, identity and bank cards, mail, accounts, licence plates.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands for a number.
pub(super) const INSTEAD: &str = "〔号码〕";

/// Returns a text with them masked.
pub(super) fn masked(text: &str) -> String {
    let text = MAIL.replace_all(text, "〔邮箱〕");
    let text = ACCOUNT.replace_all(&text, "$1〔账号〕");
    let text = PLATE.replace_all(&text, "〔车牌〕");
    let text = DIGITS.replace_all(&text, |found: &Captures<'_>| {
        let (number, after) = (&found[1], &found[2]);
        let is_kept = IS_DAY.is_match(number) || AMOUNTS.iter().any(|unit| after.starts_with(unit));
        if is_kept { found[0].to_owned() } else { format!("{INSTEAD}{after}") }
    });
    SPELT.replace_all(&text, INSTEAD).into_owned()
}

/// What follows a number that is an amount.
const AMOUNTS: [&str; 3] = ["元", "万", "亿"];

static MAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"));

static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"((?:微信|QQ|qq|Qq|WX|wx|Wx|VX|vx|V信|v信|支付宝|抖音)(?:号码|账号|帐号|号|群)?[:：是为 ]*)[A-Za-z0-9_-]{5,20}",
    )
});

static PLATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·.• -]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]",
    )
});

/// Seven digits or more, however they are parted, and what follows them.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9](?:[ -]?[0-9]){6,24}[Xx]?)([元万亿]?)"));

static IS_DAY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}$"));

static SPELT: LazyLock<Regex> = LazyLock::new(|| pattern(r"[零〇一二三四五六七八九幺]{7,}"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern was tried in a test")
}
