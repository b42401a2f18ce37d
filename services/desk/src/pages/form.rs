//! The fields of a form.

/// The fields of a form, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// Reads what a form sends, or a query says.
    pub(crate) fn read(body: &[u8]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in form_urlencoded::parse(body).into_owned() {
            fields.add(name, &value);
        }
        fields
    }

    /// Adds a field. Nobody types a NUL, and PostgreSQL keeps none: it is replaced.
    pub(crate) fn add(&mut self, name: String, value: &str) {
        self.0.push((name, value.replace('\0', "\u{fffd}")));
    }

    /// Returns the first field of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns what a field holds, without the blanks around it; nothing where there is no such field.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// Returns every field but those of some names.
    pub(crate) fn without<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a (String, String)> {
        self.0.iter().filter(move |(name, _)| !names.contains(&name.as_str()))
    }
}

/// Returns fields as a query has them.
pub(crate) fn query_of(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Returns an address of ours, or the first page for whatever is none: nobody is sent elsewhere from here.
pub(crate) fn own_address(text: &str) -> &str {
    let is_own = text.starts_with('/')
        && !text[1..].starts_with(['/', '\\'])
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_has_a_nul() {
        assert_eq!(Fields::read(b"text=a%00b&c=").text("text"), "a\u{fffd}b");
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for own in ["/", "/ledger?stage=assigned&text=%E6%B0%B4", "/cases/1/accept"] {
            assert_eq!(own_address(own), own);
        }
        for foreign in
            ["", "//example.org", "/\\example.org", "https://example.org", "ledger", "/\t/example.org", "/a\r\nb"]
        {
            assert_eq!(own_address(foreign), "/", "{foreign:?}");
        }
    }
}
