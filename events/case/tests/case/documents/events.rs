//! The events: what each says, and a sample.

use std::fmt::Write;

use rectify_case::{AccessEvent, CaseEvent};
use serde_json::Value;

use crate::golden;
use crate::samples;

const HEAD: &str = "\
# Events 事件

Every event there is, with a sample from `events/case/tests/golden`. Made by a test; `cargo test -p rectify-case
--test case -- --ignored` makes it anew. The schemas of the messages are in `docs/schemas`.

An event is written once, in an envelope, and never changed:
";

/// Returns the whole document.
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    let files = golden::files();
    writeln!(text, "\n```json\n{}```", files["accepted"]).unwrap();
    writeln!(text, "\nThe samples below are what stands in `data`.").unwrap();
    let spine: Vec<&str> = samples::case_events(0).iter().filter(|e| e.is_spine()).map(CaseEvent::name).collect();
    let access: Vec<&str> = samples::access_events().iter().map(AccessEvent::name).collect();
    let group = |name: &str| match name {
        name if spine.contains(&name) => 0,
        name if CaseEvent::NAMES.contains(&name) => 1,
        name if access.contains(&name) => 3,
        _ => 2,
    };
    let titles = [
        "The spine: each of these moves a case 环节流转",
        "Beside the spine: none of these moves a case 办理记录",
        "The directory: units, people, roles, sources 单位、人员、角色、来源",
        "Access: looks at what not everybody may see, and the keys of petitions 查阅与密钥记录",
    ];
    let events = golden::events();
    for (at, title) in titles.into_iter().enumerate() {
        writeln!(text, "\n## {title}").unwrap();
        for (name, schema) in events.iter().filter(|(name, _)| group(name) == at) {
            let sample: Value = serde_json::from_str(&files[name]).unwrap();
            let says = schema["description"].as_str().unwrap().replace('\n', " ");
            writeln!(text, "\n### `{name}`\n\n{says}\n\n```json\n{}```", golden::pretty(&sample["data"])).unwrap();
        }
    }
    text
}
