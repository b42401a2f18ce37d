//! What pages say, in two languages (Fluent).

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::language::Language;

type Bundle = FluentBundle<FluentResource>;

/// Every file of a language.
macro_rules! texts {
    ($language:literal) => {
        texts!($language:
            "shell"
            "sign-in"
            "account"
            "admin"
            "unit-import"
            "words"
            "ledger"
            "views"
            "happenings"
            "case"
            "compare"
            "dossier"
            "past"
            "paths"
            "act"
            "draft"
            "work"
            "fill-in"
            "forms"
            "overview"
            "publication"
            "signals"
            "petition"
            "custody"
            "import"
        )
    };
    ($language:literal: $($file:literal)*) => {
        &[$(include_str!(concat!("../../locales/", $language, "/", $file, ".ftl"))),*]
    };
}

const CHINESE: &[&str] = texts!("zh-CN");
const ENGLISH: &[&str] = texts!("en");

static IN_CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Chinese, CHINESE));
static IN_ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English, ENGLISH));

fn bundle(language: Language, texts: &[&str]) -> Bundle {
    let tag = language.tag().parse().expect("it is a language tag");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // All that is put in is of one direction.
    bundle.set_use_isolating(false);
    for text in texts {
        let resource = FluentResource::try_new((*text).to_owned()).expect("a test reads it");
        bundle.add_resource(resource).expect("a test finds every name once");
    }
    bundle
}

/// Returns what is said under a name, with values put in.
pub(crate) fn say(language: Language, name: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
    let bundle = match language {
        Language::Chinese => &*IN_CHINESE,
        Language::English => &*IN_ENGLISH,
    };
    let Some(pattern) = bundle.get_message(name).and_then(|message| message.value()) else {
        return name.to_owned();
    };
    let values: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
    bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// Returns the names of one language, a line each, with the values that each puts in.
    fn names(texts: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let mut names = BTreeMap::new();
        for line in texts.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with('#')) {
            let (name, said) = line.split_once(" = ").unwrap_or_else(|| panic!("{line:?} says nothing"));
            let values = said.split("{ $").skip(1).map(|rest| rest.split_once(' ').unwrap().0.to_owned());
            assert!(names.insert(name.to_owned(), values.collect()).is_none(), "{name} is said twice");
        }
        names
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let (chinese, english) = (names(CHINESE), names(ENGLISH));
        assert!(chinese.len() > 40);
        assert_eq!(chinese, english);
        for name in chinese.keys() {
            for language in [Language::Chinese, Language::English] {
                assert_ne!(say(language, name, &[]), *name, "{name} cannot be read");
            }
        }
    }

    #[test]
    fn whatever_is_said_is_written_down_and_whatever_is_written_down_is_said() {
        let written = names(CHINESE);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = String::new();
        for folder in [folder.join("templates"), folder.join("src")] {
            read_all(&folder, &mut sources);
        }
        for begin in ["say(\"", "say_of(\"", "say_two(\""] {
            for rest in sources.split(begin).skip(1) {
                let name = &rest[..rest.find('"').unwrap()];
                assert!(written.contains_key(name), "{name} is said and not written down");
            }
        }
        // What is put together: `say(&format!("role-{}", …))`.
        let beginnings: Vec<&str> = sources
            .split("format!(\"")
            .skip(1)
            .map(|rest| &rest[..rest.find(['"', '{']).unwrap()])
            .filter(|beginning| beginning.ends_with('-') && beginning.len() > 3)
            .chain(["stage-", "outcome-", "severity-"])
            .collect();
        for name in written.keys() {
            let known =
                sources.contains(&format!("\"{name}\"")) || beginnings.iter().any(|begin| name.starts_with(begin));
            assert!(known, "{name} is written down and never said");
        }
    }

    fn read_all(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, into);
            } else if !path.ends_with("wording.rs") {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
}
