//! What the pages say, as their own catalogues have it: people find a link or a button by its words.

use std::collections::BTreeMap;

macro_rules! catalogues {
    ($language:literal: $($name:literal)*) => {
        [$(include_str!(concat!("../../../services/desk/locales/", $language, "/", $name, ".ftl"))),*]
    };
}

const CHINESE: [&str; 24] = catalogues!(
    "zh-CN": "account" "act" "admin" "case" "compare" "custody" "dossier" "draft" "fill-in" "forms"
    "happenings" "import" "ledger" "past" "paths" "petition" "publication" "shell" "signals" "sign-in" "unit-import" "views" "words" "work"
);
const ENGLISH: [&str; 24] = catalogues!(
    "en": "account" "act" "admin" "case" "compare" "custody" "dossier" "draft" "fill-in" "forms"
    "happenings" "import" "ledger" "past" "paths" "petition" "publication" "shell" "signals" "sign-in" "unit-import" "views" "words" "work"
);

/// The words of one language.
#[derive(Debug)]
pub struct Words {
    /// Its tag.
    pub language: &'static str,
    said: BTreeMap<&'static str, &'static str>,
}

impl Words {
    /// Reads the words of a language, by its tag.
    pub fn of(language: &'static str) -> Self {
        let catalogues = if language == "en" { ENGLISH } else { CHINESE };
        let lines = catalogues.into_iter().flat_map(str::lines);
        Self { language, said: lines.filter_map(|line| line.split_once(" = ")).collect() }
    }

    /// Returns what is said under a name.
    #[track_caller]
    pub fn say(&self, name: &str) -> &'static str {
        self.said.get(name).unwrap_or_else(|| panic!("nothing is said under {name}"))
    }

    /// Returns what is said under a name before the first value in it.
    #[track_caller]
    pub fn begins(&self, name: &str) -> &'static str {
        let said = self.say(name).split('{').next().unwrap_or_default().trim();
        assert!(!said.is_empty(), "what is said under {name} begins with a value");
        said
    }

    /// Returns what is said under a name with its one value.
    #[track_caller]
    pub fn say_of(&self, name: &str, value: &str) -> String {
        let parts = self.say(name).split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1)));
        let (before, after) = parts.unwrap_or_else(|| panic!("what is said under {name} has no value"));
        format!("{before}{value}{after}")
    }
}
