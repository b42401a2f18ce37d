use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

/// Returns a finding of a patrol in 舟曲县, another at each call, with so many households counted.
pub fn finding(text: &str, households: u32) -> Value {
    made("patrol", text, households, &json!({ "kind": "inspection", "round": "第一轮" }))
}

/// Returns an accusation against subjects, another at each call.
pub fn accusation_against(subjects: &Value) -> Value {
    petition("accusation", subjects)
}

/// Returns a request that complains about subjects, another at each call.
pub fn request_against(subjects: &Value) -> Value {
    petition("request", subjects)
}

fn petition(class: &str, subjects: &Value) -> Value {
    made("petition", "反映低保审核不公", 0, &json!({ "kind": "petition", "class": class, "subjects": subjects }))
}

fn made(source: &str, text: &str, households: u32, details: &Value) -> Value {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let item = NEXT.fetch_add(1, Ordering::Relaxed);
    let found = if households > 0 { json!({ "households": households }) } else { json!({}) };
    json!({
        "source": source,
        "reference": { "issuing_body": "州委巡查办", "document": "州巡〔2020〕3号", "item": item.to_string() },
        "title": format!("{text}（{item}）"),
        "text": format!("{item}号问题：{text}"),
        "division": "623023",
        "place": format!("第{item}村"),
        "discovered": "2020-04-21",
        "found": found,
        "details": details,
    })
}
