//! Rows under a header that are no findings: notes, totals, headings, the header once more.

use crate::cell::{Cell, is_blank};
use crate::column::{Need, key};
use crate::header::Header;
use crate::reason::Reason;

/// What a note or a signature under a table begins with.
const NOTES: &[&str] = &[
    "备注",
    "注",
    "附注",
    "说明",
    "填表说明",
    "注释",
    "填表人",
    "填报人",
    "制表人",
    "制表",
    "审核人",
    "审核",
    "复核人",
    "经办人",
    "负责人",
    "单位负责人",
    "主要负责人",
    "分管领导",
    "联系人",
    "联系电话",
    "填表日期",
    "填报日期",
    "填表时间",
    "填报时间",
    "填报单位",
    "填表单位",
    "报送单位",
    "制表单位",
    "制表日期",
    "note",
    "notes",
    "remark",
    "remarks",
    "prepared by",
    "checked by",
];

/// What stands before the sum of other rows.
const TOTALS: &[&str] = &["合计", "总计", "共计", "小计", "累计", "总数", "total", "subtotal", "sum"];

/// Returns what a row is that is no finding. What says in its own words what is wrong is one, whatever else stands there.
///
/// `across` says that the row's first cell is merged over several columns.
pub(crate) fn aside(cells: &[Cell], own: usize, across: bool, header: &Header) -> Option<Reason> {
    let stands = |at: &usize| cells.get(*at).is_some_and(|cell| !cell.is_empty());
    let first = (0..cells.len()).find(stands)?;
    let text = cells[first].text();
    if repeats(cells, header) || numbers_columns(cells, own, header) {
        return Some(Reason::HeaderAgain);
    }
    if is_total(&text) {
        return Some(Reason::Total);
    }
    let said = header.columns.iter().enumerate().filter(|(at, _)| stands(at));
    let words = said.filter(|(_, bound)| bound.is_some_and(|bound| bound.column.need == Need::Always));
    let words: Vec<usize> = words.map(|(at, _)| at).collect();
    // The words of a finding may stand in the column where notes begin as well.
    let has_words = words.iter().any(|at| *at != first) || (words.contains(&first) && own > 1);
    if has_words {
        return None;
    }
    if is_note(&text) {
        return Some(Reason::Note);
    }
    if own > 1 || words.contains(&first) && !across {
        return None;
    }
    if is_heading(&text) {
        return Some(Reason::Heading);
    }
    (across && !text.chars().all(|c| c.is_ascii_digit())).then_some(Reason::Note)
}

/// Whether every cell repeats its header, as where a page begins.
fn repeats(cells: &[Cell], header: &Header) -> bool {
    let mut same = 0;
    for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let text = key(&cell.text());
        let name = header.names.get(at).map_or("", String::as_str);
        if key(name) != text && !name.split('/').any(|part| key(part) == text) {
            return false;
        }
        same += 1;
    }
    same > 1
}

/// Whether the cells number the columns, 1, 2, 3 and so on, each of them.
fn numbers_columns(cells: &[Cell], own: usize, header: &Header) -> bool {
    let columns = header.names.iter().filter(|name| !name.is_empty()).count();
    let standing = cells.iter().map(Cell::text).filter(|text| !text.is_empty());
    own > 2 && own == columns && (1..).zip(standing).all(|(number, text)| text == number.to_string())
}

fn is_total(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !is_blank(*c)).collect::<String>().to_lowercase();
    let bare = bare.trim_end_matches(['：', ':']);
    TOTALS.contains(&bare)
}

fn is_note(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !is_blank(*c)).collect::<String>().to_lowercase();
    let Some(at) = bare.find(['：', ':']) else { return false };
    let word = bare[..at].trim_end_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
    let word = word.trim_matches(['（', '(', '）', ')', '*', '※']);
    NOTES.iter().any(|note| note.replace(' ', "") == word)
}

/// Whether a text numbers a section: `一、`, `（一）`, `第一部分`.
fn is_heading(text: &str) -> bool {
    let numeral = |c: char| "一二三四五六七八九十".contains(c);
    let text = text.trim_start_matches(['（', '(', '第']);
    let rest = text.trim_start_matches(numeral);
    rest.len() < text.len()
        && ["、", "）", ")", ".", "．", "部分", "类", "章"].iter().any(|mark| rest.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_begins_with_its_word_and_a_colon() {
        for note in
            ["备注：以上数据截至6月底", "填表人：马某　　审核人：李某", "注1:未含县本级", "（注）：无", "Note: none"]
        {
            assert!(is_note(note), "{note}");
        }
        for none in ["备注", "注意事项：三项", "饮水问题：管网冻裂", "3"] {
            assert!(!is_note(none), "{none}");
        }
    }

    #[test]
    fn a_total_and_a_heading_are_told_by_their_words() {
        assert!(is_total("合　计") && is_total("Total:") && !is_total("合计金额有误"));
        assert!(is_heading("一、饮水安全方面") && is_heading("（二）住房") && is_heading("第三部分 其他"));
        assert!(!is_heading("一户未通水") && !is_heading("3"));
    }
}
