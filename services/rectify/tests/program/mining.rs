//! `rectify signals`, `replay paths` and `export ocel`, of the sample prefecture.

use std::collections::{BTreeMap, BTreeSet};

use rectify_tests::free_port;
use rectify_tests::program::Program;
use serde_json::{Value, json};

use crate::office::Office;

/// Plays the sample in an office's folder.
async fn played() -> Office {
    let office = Office::empty();
    let (listen, data) = (format!("127.0.0.1:{}", free_port()), office.path("data"));
    let mut up = Program::start(&["up", "--demo", "--listen", &listen, "--data", &data], &[]).await;
    up.line("试一试").await;
    assert!(up.terminate().await.success());
    office
}

/// What OCEL 2.0 asks of a document (specification of 2023, 8.2), in our own words: values are texts, whatever is declared.
fn rules() -> Value {
    let text = json!({ "type": "string" });
    let instant = json!({ "type": "string", "format": "date-time" });
    let list = |item: Value| json!({ "type": "array", "items": item });
    let whole = |fields: &[(&str, &Value)], required: &[&str]| {
        let fields: BTreeMap<&str, &Value> = fields.iter().copied().collect();
        json!({ "type": "object", "properties": fields, "required": required })
    };
    let declared = list(whole(&[("name", &text), ("type", &text)], &["name", "type"]));
    let types = list(whole(&[("name", &text), ("attributes", &declared)], &["name", "attributes"]));
    let related = list(whole(&[("objectId", &text), ("qualifier", &text)], &["objectId", "qualifier"]));
    let said = list(whole(&[("name", &text), ("value", &text)], &["name", "value"]));
    let changed = [("name", &text), ("value", &text), ("time", &instant)];
    let changed = list(whole(&changed, &["name", "value", "time"]));
    let event =
        [("id", &text), ("type", &text), ("time", &instant), ("attributes", &said), ("relationships", &related)];
    let object = [("id", &text), ("type", &text), ("attributes", &changed), ("relationships", &related)];
    let events = list(whole(&event, &["id", "type", "time"]));
    let objects = list(whole(&object, &["id", "type"]));
    let all = [("eventTypes", &types), ("objectTypes", &types), ("events", &events), ("objects", &objects)];
    let mut rules = whole(&all, &["eventTypes", "objectTypes", "events", "objects"]);
    rules["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    rules
}

/// Returns the texts under a name in a list.
fn all<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_sample_is_written_as_object_centric_event_data() {
    let office = played().await;
    let (file, database) = (office.path("log.json"), office.path("log.sqlite"));
    let told = office.does(&["export", "ocel", &file]).await;
    assert_eq!(office.does(&["export", "ocel", &database]).await, told);
    let there = office.cannot(&["export", "ocel", &file]).await;
    assert!(there.starts_with("rectify: cannot begin FOLDER/log.json: "), "{there}");
    let other = office.cannot(&["export", "ocel", &office.path("log.csv")]).await;
    assert_eq!(other, "rectify: the file's name must end in .json or .sqlite");

    let text = std::fs::read_to_string(&file).unwrap();
    let log: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&rules()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).take(3).collect();
    assert_eq!(wrong, Vec::<String>::new());

    // Everything is of a type that is declared, once, and whatever is named is there.
    for (instances, types) in [("events", "eventTypes"), ("objects", "objectTypes")] {
        let known: BTreeMap<&str, Vec<&str>> = log[types]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["name"].as_str().unwrap(), all(&one["attributes"], "name")))
            .collect();
        let ids = all(&log[instances], "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{instances}");
        for one in log[instances].as_array().unwrap() {
            let declared = &known[one["type"].as_str().unwrap()];
            assert!(all(&one["attributes"], "name").iter().all(|name| declared.contains(name)), "{one}");
        }
    }
    let objects: BTreeSet<&str> = all(&log["objects"], "id").into_iter().collect();
    let events = log["events"].as_array().unwrap();
    let named =
        events.iter().chain(log["objects"].as_array().unwrap()).flat_map(|one| all(&one["relationships"], "objectId"));
    assert!(named.into_iter().all(|id| objects.contains(id)));
    let kinds: BTreeSet<&str> = all(&log["objects"], "type").into_iter().collect();
    assert_eq!(kinds, BTreeSet::from(["case", "evidence", "finding", "measure", "petition", "unit", "village"]));
    assert!(events.len() > 500, "{}", events.len());

    // Nobody is in it, and no accusation.
    let listed = office.does(&["person", "list"]).await;
    let persons = listed.lines().filter_map(|line| line.strip_prefix("│ ")?.split_whitespace().next());
    let persons: Vec<&str> = persons.filter(|person| *person != "姓名" && person.chars().count() > 1).collect();
    assert!(persons.len() > 10, "{listed}");
    for person in persons {
        assert!(!text.contains(person), "{person} is in the file");
    }
    assert!(told.contains("检举控告") && !text.contains("accusation"), "{told}");
    let whole = office.path("whole.json");
    office.does(&["export", "ocel", &whole, "--with-accusations"]).await;
    assert!(std::fs::read_to_string(&whole).unwrap().contains("accusation"));
}

#[tokio::test]
async fn the_sample_shows_what_to_ask_about_and_which_paths_cases_took() {
    let office = played().await;
    let told = office.does(&["replay", "paths"]).await;
    assert!(told.contains("待登记 → 待交办 → 待签收 → 整改中 → 待核验 → 待销号 → 已销号"), "{told}");
    for part in ["件全程符合规定流程", "退回", "恢复整改", "中位天数"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let asked = office.does(&["signals"]).await;
    assert!(asked.lines().all(|line| !line.starts_with("· ") || line.ends_with("？请核实。")), "{asked}");
    assert_eq!(office.does(&["signals", "--kind", "month_end", "--before", "1"]).await, "");
}

/// Reads a file back and says how many events, objects and relations of either kind there are.
const READ_BACK: &str = r#"
import json, sys
import pm4py
read = pm4py.read_ocel2_json if sys.argv[1].endswith(".json") else pm4py.read_ocel2_sqlite
log = read(sys.argv[1])
print("READ", json.dumps([len(log.events), len(log.objects), len(log.relations), len(log.o2o)]))
"#;

#[tokio::test]
#[ignore = "needs a Python with pm4py, named in RECTIFY_PM4PY"]
async fn pm4py_reads_back_as_much_as_was_written() {
    let python = std::env::var_os("RECTIFY_PM4PY").expect("RECTIFY_PM4PY names a Python with pm4py");
    let office = played().await;
    let (file, database) = (office.path("log.json"), office.path("log.sqlite"));
    office.does(&["export", "ocel", &file]).await;
    office.does(&["export", "ocel", &database]).await;
    let log: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let many = |list: &Value| list.as_array().unwrap().len();
    let related = |list: &Value| list.as_array().unwrap().iter().map(|one| many(&one["relationships"])).sum::<usize>();
    let (events, objects) = (&log["events"], &log["objects"]);
    let pairs = |event: &Value| all(&event["relationships"], "objectId").into_iter().collect::<BTreeSet<_>>().len();
    let pairs: usize = events.as_array().unwrap().iter().map(pairs).sum();
    // Of a document it keeps one relation of an event with an object, whatever the object is to it twice.
    for (path, relations) in [(file, pairs), (database, related(events))] {
        let written = json!([many(events), many(objects), relations, related(objects)]);
        let read = tokio::process::Command::new(&python).args(["-c", READ_BACK, &path]).output().await.unwrap();
        let said = String::from_utf8_lossy(&read.stdout).into_owned();
        let counted = said.lines().find_map(|line| line.strip_prefix("READ "));
        let counted = counted.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&read.stderr)));
        assert_eq!(serde_json::from_str::<Value>(counted).unwrap(), written, "{path}");
    }
}
