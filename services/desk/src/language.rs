//! The two languages.

use axum::http::{HeaderMap, header};

use crate::pages::cookie;

/// What a browser keeps the chosen language under.
pub(crate) const COOKIE: &str = "rectify-language";

/// A language that problems are told in. Chinese where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// Returns the language that was chosen in a browser, or else that a request prefers.
    pub(crate) fn of(headers: &HeaderMap) -> Language {
        match cookie(headers, COOKIE).as_deref() {
            Some("zh-CN") => return Language::Chinese,
            Some("en") => return Language::English,
            _ => {}
        }
        let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (0.0, Language::Chinese);
        for part in said.split(',') {
            let mut parts = part.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
            let language = match tag.split('-').next() {
                Some("zh") => Language::Chinese,
                Some("en") => Language::English,
                _ => continue,
            };
            if let Some(weight) = weight.filter(|weight| *weight > best.0) {
                best = (weight, language);
            }
        }
        best.1
    }

    /// Returns its tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_weighs_most_and_chinese_when_none_is_known() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, text.parse().unwrap());
            Language::of(&headers)
        };
        assert_eq!(of("en-GB,en;q=0.9"), Language::English);
        assert_eq!(of("en;q=0.5, zh-CN"), Language::Chinese);
        assert_eq!(of("fr, en;q=0.1"), Language::English);
        assert_eq!(of("fr"), Language::Chinese);
        assert_eq!(of("en;q=x"), Language::Chinese);
        assert_eq!(Language::of(&HeaderMap::new()), Language::Chinese);
    }
}
