//! The village in the words of a place: what comes after it may name a house, and with it who lives there.

/// How the names of villages, of what is like one, and of townships end: the first of them that is found is the nearest.
const ENDINGS: [&[&str]; 2] = [&["村", "社区", "牧场"], &["街道", "镇", "乡"]];

/// The most characters of a name.
const LONGEST: usize = 30;

/// Returns the village that a place lies in, with what stands before it, or the township; none where the words tell neither.
pub(crate) fn of(place: &str) -> Option<&str> {
    let end = |endings: &&[&str]| {
        let ends = endings.iter().filter_map(|ending| Some(place.find(ending)? + ending.len()));
        ends.min()
    };
    let name = ENDINGS.iter().find_map(end).and_then(|end| place.get(..end))?.trim();
    let is_name = name.chars().count() <= LONGEST && name.chars().all(char::is_alphanumeric);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_stands_behind_the_village_is_left_out() {
        for (place, village) in [
            ("曲告纳镇上河坝村三组张家院", Some("曲告纳镇上河坝村")),
            ("城关镇西街社区", Some("城关镇西街社区")),
            ("曲告纳镇", Some("曲告纳镇")),
            ("全县", None),
            ("张三（城关镇人）", None),
            ("", None),
        ] {
            assert_eq!(of(place), village, "{place}");
        }
    }
}
