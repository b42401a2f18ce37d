//! The configuration in force, as a file that says the same.

use std::fmt::Write as _;

use super::key::{KEYS, Kind};
use super::layers::Layers;
use super::redact::redacted;

/// Returns the configuration as TOML, each value with where it came from.
pub(super) fn shown(layers: &Layers) -> String {
    let mut out = String::new();
    let mut current = None;
    for key in KEYS {
        let (section, name) = key.parts();
        if section != current {
            let _ = writeln!(out, "\n[{}]", section.unwrap_or_default());
            current = section;
        }
        let _ = match layers.given(key) {
            None => writeln!(out, "# {name} is not set"),
            Some((text, origin)) => {
                let text = redacted(key.kind, text);
                let text = if key.kind == Kind::Number { text } else { quoted(&text) };
                writeln!(out, "{name} = {text} # {origin}")
            }
        };
    }
    out
}

/// Returns a basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
