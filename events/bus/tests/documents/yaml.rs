//! JSON values as YAML, in an order that does not hang on how `serde_json` was built.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Returns the value with the keys of every object in order.
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let ordered: BTreeMap<_, _> = object.iter().collect();
            ordered.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Returns the lines of one entry of a mapping. Texts and lists are written as JSON has them, which is YAML too.
pub fn lines(key: &str, value: &Value) -> Vec<String> {
    let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'));
    let key = if is_plain { key.to_owned() } else { Value::from(key).to_string() };
    match value {
        Value::Object(object) if !object.is_empty() => {
            let ordered: BTreeMap<_, _> = object.iter().collect();
            let below = ordered.into_iter().flat_map(|(key, value)| lines(key, value));
            [format!("{key}:")].into_iter().chain(below.map(|line| format!("  {line}"))).collect()
        }
        other => vec![format!("{key}: {}", sorted(other))],
    }
}
