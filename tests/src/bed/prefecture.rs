use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::Client;

/// A unit of the prefecture.
#[derive(Debug)]
pub struct Unit {
    name: &'static str,
    kind: &'static str,
    parent: Option<&'static str>,
    division: &'static str,
    prefix: Option<&'static str>,
    id: u32,
}

const fn made(
    id: u32,
    name: &'static str,
    kind: &'static str,
    parent: Option<&'static str>,
    division: &'static str,
    prefix: Option<&'static str>,
) -> Unit {
    Unit { name, kind, parent, division, prefix, id }
}

const TOP: Option<&str> = Some("甘南州");
const ZHOUQU: Option<&str> = Some("舟曲县");
const LINTAN: Option<&str> = Some("临潭县");

const UNITS: [Unit; 14] = [
    made(1, "甘南州", "prefecture", None, "623000", None),
    made(2, "州整改办", "office", TOP, "623000", None),
    made(3, "州水务局", "department", TOP, "623000", None),
    made(4, "州审计局", "auditor", TOP, "623000", None),
    made(5, "州财政局", "department", TOP, "623000", None),
    made(10, "舟曲县", "county", TOP, "623023", None),
    made(11, "舟曲县整改办", "office", ZHOUQU, "623023", Some("舟曲")),
    made(12, "舟曲县民政局", "department", ZHOUQU, "623023", None),
    made(13, "舟曲县水务局", "department", ZHOUQU, "623023", None),
    made(14, "舟曲县供水站", "department", Some("舟曲县水务局"), "623023", None),
    made(15, "峰迭镇", "township", ZHOUQU, "623023", None),
    made(20, "临潭县", "county", TOP, "623021", None),
    made(21, "临潭县整改办", "office", LINTAN, "623021", Some("临潭")),
    made(22, "临潭县民政局", "department", LINTAN, "623021", None),
];

/// A person of the prefecture.
#[derive(Debug)]
pub struct Person {
    /// The name, which says what the person is there for.
    pub name: &'static str,
    roles: &'static [(&'static str, &'static str)],
    id: u32,
}

const fn holding(id: u32, name: &'static str, roles: &'static [(&'static str, &'static str)]) -> Person {
    Person { name, roles, id }
}

/// The people. Some hold two roles that a careful office keeps apart: what they try is to be refused.
pub const PEOPLE: [Person; 23] = [
    holding(1, "州办经办", &[("州整改办", "officer")]),
    holding(2, "州办核验", &[("州整改办", "verifier")]),
    holding(3, "舟曲经办", &[("舟曲县整改办", "officer")]),
    holding(4, "舟曲核验", &[("舟曲县整改办", "verifier")]),
    holding(5, "舟曲副手", &[("舟曲县整改办", "officer")]),
    holding(6, "民政经办", &[("舟曲县民政局", "handler")]),
    holding(7, "水务经办", &[("舟曲县水务局", "handler")]),
    holding(8, "供水经办", &[("舟曲县供水站", "handler")]),
    holding(9, "民政领导", &[("舟曲县民政局", "responsible_leader")]),
    holding(10, "审签领导", &[("甘南州", "closing_leader")]),
    holding(11, "州审计", &[("州审计局", "auditor")]),
    holding(12, "审计系统", &[("州审计局", "source_system")]),
    holding(13, "临潭经办", &[("临潭县整改办", "officer")]),
    holding(14, "临潭民政", &[("临潭县民政局", "handler")]),
    holding(15, "州直经办", &[("甘南州", "handler")]),
    holding(16, "州水务经办", &[("州水务局", "handler")]),
    holding(17, "既办又验", &[("舟曲县民政局", "handler"), ("舟曲县整改办", "verifier")]),
    holding(18, "水务兼核验", &[("舟曲县水务局", "handler"), ("舟曲县整改办", "verifier")]),
    holding(19, "责任兼审签", &[("舟曲县民政局", "responsible_leader"), ("甘南州", "closing_leader")]),
    holding(20, "核验兼审签", &[("州整改办", "verifier"), ("甘南州", "closing_leader")]),
    holding(21, "代办核验", &[("舟曲县整改办", "verifier")]),
    holding(22, "临潭核验", &[("临潭县整改办", "verifier")]),
    holding(23, "另一管理员", &[("甘南州", "administrator")]),
];

/// Returns the id of a unit.
#[track_caller]
pub fn unit(name: &str) -> String {
    uuid(UNITS.iter().find(|unit| unit.name == name).unwrap_or_else(|| panic!("no unit {name}")).id)
}

/// Returns the id of a person.
#[track_caller]
pub fn person(name: &str) -> String {
    let known = PEOPLE.iter().find(|person| person.name == name).unwrap_or_else(|| panic!("nobody is called {name}"));
    uuid(100 + known.id)
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Enters the prefecture in the directory and returns everybody's token, by name.
pub(super) async fn set_up(administrator: &Client) -> BTreeMap<&'static str, String> {
    for Unit { name, kind, parent, division, prefix, id } in &UNITS {
        let parent = parent.map(unit);
        let body = json!({
            "id": uuid(*id), "name": name, "kind": kind, "parent": parent, "division": division, "prefix": prefix,
        });
        write(administrator, "/api/directory/units", &format!("unit-{id}"), &body).await;
    }
    let mut tokens = BTreeMap::new();
    for Person { name, roles, id } in &PEOPLE {
        let body = json!({ "person": person(name), "name": name });
        write(administrator, "/api/directory/people", &format!("person-{id}"), &body).await;
        for (place, (where_held, role)) in roles.iter().enumerate() {
            let body = json!({ "person": person(name), "unit": unit(where_held), "role": role });
            write(administrator, "/api/directory/roles", &format!("role-{id}-{place}"), &body).await;
        }
        let body = json!({ "person": person(name), "label": "journey" });
        let issued = write(administrator, "/api/tokens", &format!("token-{id}"), &body).await;
        tokens.insert(*name, issued["token"].as_str().expect("an issued token is told once").to_owned());
    }
    tokens
}

async fn write(administrator: &Client, path: &str, key: &str, body: &Value) -> Value {
    administrator.post(path, &[("Idempotency-Key", key)], body).await.expect(201)
}
