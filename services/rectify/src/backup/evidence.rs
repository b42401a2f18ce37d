//! Which evidence a log refers to.

use std::collections::BTreeMap;

use rectify_case::Digest;

/// The evidence that events refer to. Whatever an event names by a SHA-256 is looked for; what is on file must be there.
#[derive(Debug, Default)]
pub struct Named(BTreeMap<Digest, Standing>);

#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    filed: bool,
    withdrawn: bool,
}

/// How many digits a SHA-256 has.
const DIGITS: usize = 64;

impl Named {
    /// Takes in what an event names.
    pub fn take(&mut self, event: &[u8]) {
        let is = |name: &str| {
            let wanted = format!(r#""type":"{name}""#);
            event.windows(wanted.len()).any(|window| window == wanted.as_bytes())
        };
        for digest in attachments(event).chain(published(event)) {
            self.0.entry(digest).or_default().filed = true;
        }
        for digest in digests(event) {
            let standing = self.0.entry(digest).or_default();
            standing.filed |= is("evidence_filed");
            standing.withdrawn |= is("evidence_withdrawn");
        }
    }

    /// Returns every digest, and whether its bytes must be there: of what was withdrawn they may be gone.
    pub fn all(&self) -> impl Iterator<Item = (&Digest, bool)> {
        self.0.iter().map(|(digest, standing)| (digest, standing.filed && !standing.withdrawn))
    }
}

/// Returns the attachments of petitions that an event names: they are on file, sealed, as evidence is.
fn attachments(event: &[u8]) -> impl Iterator<Item = Digest> {
    const LIST: &[u8] = br#""attachments":["#;
    let begins = event.windows(LIST.len()).position(|window| window == LIST);
    let list = begins.map(|at| &event[at + LIST.len()..]).unwrap_or_default();
    digests(list.split(|byte| *byte == b']').next().unwrap_or_default())
}

/// Returns the file of a publication, which is kept where evidence is.
fn published(event: &[u8]) -> impl Iterator<Item = Digest> {
    const FILE: &[u8] = br#""file":"#;
    const TYPE: &[u8] = br#""type":"published""#;
    let is_published = event.windows(TYPE.len()).any(|window| window == TYPE);
    let begins = event.windows(FILE.len()).position(|window| window == FILE).filter(|_| is_published);
    let rest = begins.map(|at| &event[at + FILE.len()..]).unwrap_or_default();
    digests(rest.split(|byte| *byte == b',').next().unwrap_or_default())
}

/// Returns every text of an event that is a SHA-256 in lower-case hexadecimal.
fn digests(event: &[u8]) -> impl Iterator<Item = Digest> {
    let texts = event.split(|byte| *byte == b'"').filter(|text| text.len() == DIGITS);
    texts.filter_map(|text| std::str::from_utf8(text).ok()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_file_must_be_there_and_what_was_withdrawn_need_not() {
        let (filed, withdrawn) = ("a".repeat(DIGITS), "b".repeat(DIGITS));
        let mut named = Named::default();
        named.take(format!(r#"{{"data":{{"digest":"{filed}"}},"type":"evidence_filed"}}"#).as_bytes());
        named.take(format!(r#"{{"data":{{"digest":"{withdrawn}"}},"type":"evidence_filed"}}"#).as_bytes());
        named.take(format!(r#"{{"data":{{"digest":"{withdrawn}"}},"type":"evidence_withdrawn"}}"#).as_bytes());
        let (attached, sealed) = ("c".repeat(DIGITS), "d".repeat(DIGITS));
        named.take(
            format!(r#"{{"data":{{"sealed":{{"attachments":["{attached}"],"digest":"{sealed}"}}}}}}"#).as_bytes(),
        );
        let (file, data) = ("e".repeat(DIGITS), "f".repeat(DIGITS));
        named.take(
            format!(r#"{{"data":{{"data":"{data}","file":"{file}","kind":"tasks"}},"type":"published"}}"#).as_bytes(),
        );
        let all: Vec<(&str, bool)> = named.all().map(|(digest, needed)| (digest.as_str(), needed)).collect();
        let wanted =
            [(&filed, true), (&withdrawn, false), (&attached, true), (&sealed, false), (&file, true), (&data, false)];
        assert_eq!(all, wanted.map(|(digest, needed)| (digest.as_str(), needed)));
    }
}
