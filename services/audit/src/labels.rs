//! Texts of a report that carry several parts in one cell, each behind its label: `Title: … Criteria: …`, `整改措施：…`.

/// A part of a text by what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Title,
    Kind,
    Costs,
    Rule,
    Status,
    Action,
    By,
    Contact,
    /// What ends the part before it and is not needed by itself.
    Other,
}

/// The labels, and two phrases that single audits begin a part with instead: why details are left out, and what a rule asks.
const LABELS: &[(&str, Part)] = &[
    ("Title:", Part::Title),
    ("标题：", Part::Title),
    ("Type of Finding:", Part::Kind),
    ("问题类型：", Part::Kind),
    ("Known Questioned Costs:", Part::Costs),
    ("Questioned Costs:", Part::Costs),
    ("Criteria:", Part::Rule),
    ("审计依据：", Part::Rule),
    ("Status:", Part::Status),
    ("整改情况：", Part::Status),
    ("Corrective Action:", Part::Action),
    ("整改措施：", Part::Action),
    ("Completion Date:", Part::By),
    ("完成时限：", Part::By),
    ("Agency Contact:", Part::Contact),
    ("联系人：", Part::Contact),
    ("Prior Year Findings:", Part::Other),
    ("State Department:", Part::Other),
    ("State Bureau:", Part::Other),
    ("Federal Agency:", Part::Other),
    ("Assistance Listing Title:", Part::Other),
    ("Assistance Listing Number:", Part::Other),
    ("Federal Award Identification Number:", Part::Other),
    ("Compliance Area:", Part::Other),
    ("Likely Questioned Costs:", Part::Other),
    ("Condition:", Part::Other),
    ("Context:", Part::Other),
    ("Cause:", Part::Other),
    ("Effect:", Part::Other),
    ("Recommendation:", Part::Other),
    ("Corrective Action Plan:", Part::Other),
    ("Pursuant to paragraph", Part::Other),
    ("The Department must", Part::Other),
    ("The Departments must", Part::Other),
    ("审计建议：", Part::Other),
];

/// The parts of one text.
pub(crate) struct Labelled<'a>(Vec<(Part, &'a str)>);

impl<'a> Labelled<'a> {
    /// Reads the labels of a text; a label that comes again is part of the text.
    pub(crate) fn read(text: &'a str) -> Labelled<'a> {
        let mut parts: Vec<(Part, &'a str)> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Option<(Part, usize)> = None;
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            let label = LABELS.iter().find(|(label, _)| text[at..].starts_with(label) && !seen.contains(label));
            let Some((label, part)) = label else {
                at += next.len_utf8();
                continue;
            };
            parts.extend(open.map(|(part, start)| (part, text[start..at].trim())));
            seen.push(label);
            at += label.len();
            open = Some((*part, at));
        }
        parts.extend(open.map(|(part, start)| (part, text[start..].trim())));
        Labelled(parts)
    }

    /// Returns the first part of a kind that is not empty.
    pub(crate) fn get(&self, wanted: Part) -> Option<&'a str> {
        self.0.iter().find(|(part, text)| *part == wanted && !text.is_empty()).map(|(_, text)| *text)
    }
}

/// Parts lines that were run together, `Material weaknessMaterial noncompliance`: a capital stands right behind a small letter.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut small = false;
    for (at, c) in text.char_indices() {
        if small && c.is_uppercase() {
            lines.push(text[start..at].trim());
            start = at;
        }
        small = c.is_lowercase();
    }
    lines.push(text[start..].trim());
    lines
}

/// Returns the first amount that stands in a text, such as `$50,275` in `Known: $50,275 Likely: Undeterminable`.
pub(crate) fn first_amount(text: &str) -> Option<&str> {
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let amount = &text[from..];
    let to = amount.find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.')).unwrap_or(amount.len());
    Some(amount[..to].trim_end_matches([',', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_stands_behind_its_label() {
        let text = "(2022-043)Title: Control over eligibility needs improvementPrior Year Findings: None\
                    Type of Finding: Material weaknessMaterial noncompliance Questioned costs\
                    Known Questioned Costs: $50,275Likely Questioned Costs: NoneCriteria: 2 CFR 200.303The Department must payCondition: Title: no";
        let parts = Labelled::read(text);
        assert_eq!(parts.get(Part::Title), Some("Control over eligibility needs improvement"));
        assert_eq!(parts.get(Part::Costs), Some("$50,275"));
        assert_eq!(parts.get(Part::Rule), Some("2 CFR 200.303"));
        assert_eq!(parts.get(Part::Status), None);
        let kind = parts.get(Part::Kind).unwrap();
        assert_eq!(lines(kind), ["Material weakness", "Material noncompliance Questioned costs"]);
    }

    #[test]
    fn the_first_amount_is_the_known_one() {
        assert_eq!(first_amount("Known: $50,275 Likely: $6,364,627"), Some("50,275"));
        assert_eq!(first_amount("$80,555.10, of which"), Some("80,555.10"));
        assert_eq!(first_amount("Undeterminable"), None);
    }
}
