//! Sources hand in: new findings, the same again, the same with other content, and the content before that.

use rectify_tests::bed::unit;
use reqwest::Method;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::told::{Asked, Handed};
use crate::world::World;

/// The ways in, as often as each is used.
const INTAKES: [(usize, &str); 3] = [(60, "inspection"), (20, "audit"), (20, "petition")];

const PROBLEMS: [&str; 8] = [
    "自来水管网漏损，群众吃水困难",
    "低保金发放不及时",
    "易地搬迁后续帮扶不到位",
    "村级光伏电站收益未分配",
    "危房改造验收资料缺失",
    "产业奖补资金滞留",
    "公益性岗位人员空挂",
    "小额信贷贴息未到位",
];

const SURNAMES: [&str; 6] = ["欧阳", "赫连", "慕容", "长孙", "尉迟", "皇甫"];

/// Hands in some findings that nobody knows yet.
pub async fn new(world: &World, chance: &mut Chance) -> String {
    let intake = chance.weighted(&INTAKES);
    let count = chance.between(1, 4);
    let places: Vec<usize> = (0..count).map(|_| make(world, intake, chance)).collect();
    hand_in(world, intake, &places).await
}

/// Hands in again what was handed in: the same, with other content, or as it was before it was amended.
pub async fn again(world: &World, chance: &mut Chance) -> String {
    let idle: Vec<usize> = {
        let told = world.told.borrow();
        let idle = told.findings.iter().enumerate().filter(|(_, finding)| !finding.busy && finding.id.is_some());
        idle.map(|(place, _)| place).collect()
    };
    if idle.is_empty() {
        return new(world, chance).await;
    }
    // What came lately, more often than what came long ago.
    let recent = &idle[idle.len().saturating_sub(12)..];
    let place = if chance.percent(70) { *chance.pick(recent) } else { *chance.pick(&idle) };
    let intake = {
        let mut told = world.told.borrow_mut();
        let finding = &mut told.findings[place];
        finding.busy = true;
        let text = match chance.below(10) {
            0..3 => finding.accepted.last().cloned(),
            3..6 => chance.pick(&finding.accepted).clone().into(),
            _ => None,
        };
        finding.row["text"] = text.unwrap_or_else(|| other_text(finding)).into();
        finding.intake
    };
    hand_in(world, intake, &[place]).await
}

/// Hands in by hand, as an officer does, a finding or a petition that names whom it complains about.
pub async fn by_hand(world: &World, chance: &mut Chance) -> String {
    let number = world.number();
    let (division, officer) = *chance.pick(&[("623023", "舟曲经办"), ("623021", "临潭经办"), ("623000", "州办经办")]);
    let subject = *chance.pick(&["舟曲县民政局", "舟曲县水务局", "临潭县民政局"]);
    let (source, officer, details) = match chance.below(4) {
        0 => {
            let subjects = json!([{ "unit": unit(subject) }]);
            ("petition", "州办经办", json!({ "kind": "petition", "class": "accusation", "subjects": subjects }))
        }
        1 => {
            let subjects = json!([{ "unit": unit(subject) }]);
            ("petition", officer, json!({ "kind": "petition", "class": "request", "subjects": subjects }))
        }
        _ => ("patrol", officer, json!({ "kind": "inspection" })),
    };
    let problem = *chance.pick(&PROBLEMS);
    let finding = json!({
        "source": source,
        "reference": { "issuing_body": "州委巡查办", "document": "州巡〔2020〕9号", "item": number.to_string() },
        "title": format!("{problem}（手工{number}）"), "text": format!("手工报送{number}号：{problem}"),
        "division": division, "place": format!("第{}村", chance.below(400)), "discovered": "2020-04-21",
        "found": households(chance.below(20)), "details": details,
    });
    let asked = Asked {
        what: format!("report {number} by hand"),
        caller: world.caller(officer),
        method: Method::POST,
        path: "/api/cases".to_owned(),
        key: format!("by-hand-{number}"),
        headers: Vec::new(),
        body: json!({ "finding": finding }),
    };
    world.ask(asked, chance).await
}

/// Makes a finding, and returns its place among those that were made.
fn make(world: &World, intake: &'static str, chance: &mut Chance) -> usize {
    let number = world.number();
    let problem = *chance.pick(&PROBLEMS);
    let division = if chance.percent(75) { "舟曲县" } else { "临潭县" };
    let item = format!("{intake}-{number}");
    let mut row = json!({
        "item": item, "title": format!("{problem}（{number}）"), "division": division,
        "place": format!("第{}村", chance.below(400)), "households": chance.below(20),
    });
    let mut told = world.told.borrow_mut();
    if intake == "petition" {
        let class = chance.weighted(&[(60, "request"), (20, "suggestion"), (20, "accusation")]);
        let subject = *chance.pick(&["舟曲县民政局", "舟曲县水务局", "临潭县民政局"]);
        row["class"] = class.into();
        if class == "accusation" || chance.percent(40) {
            row["subjects"] = json!([subject]);
        }
    }
    let mut finding = Handed { intake, row, item, id: None, accepted: Vec::new(), made: 0, busy: true };
    let mut text = format!("{problem}，{}", other_text(&mut finding));
    if intake == "petition" {
        let personal = personal(number, chance);
        text = format!("本人{}，身份证{}，电话{}。{text}", personal[0], personal[1], personal[2]);
        let [name, number, telephone] = &personal;
        finding.row["identity"] = json!({ "姓名": name, "身份证": number, "电话": telephone });
        told.personal.extend(personal);
    }
    finding.row["text"] = text.into();
    told.findings.push(finding);
    told.findings.len() - 1
}

/// Returns a text for a finding that it never had.
fn other_text(finding: &mut Handed) -> String {
    finding.made += 1;
    marker(&finding.item, finding.made)
}

/// Returns what tells one content of a finding from every other, also where all around it is masked.
fn marker(item: &str, version: usize) -> String {
    format!("#{item}.{version}#")
}

/// Returns the marker in a text; the text itself where it has none.
pub fn marker_in(text: &str) -> &str {
    text.split('#').nth(1).unwrap_or(text)
}

/// Returns a name, an ID number and a telephone number that nobody else has.
fn personal(number: usize, chance: &mut Chance) -> [String; 3] {
    let name = format!("{}氏{number}", chance.pick(&SURNAMES));
    [name, format!("62302319{:010}", number * 7 + 1_000_000), format!("139{:08}", number * 13 + 10_000_000)]
}

/// Hands in findings by an intake until it answers, and notes what it accepted.
async fn hand_in(world: &World, intake: &'static str, places: &[usize]) -> String {
    let client = world.site.intake(intake);
    let rows: Vec<Value> = places.iter().map(|place| world.told.borrow().findings[*place].row.clone()).collect();
    let given = [("issuing_body", "州委巡查办"), ("document", "州巡〔2020〕7号"), ("discovered", "2020-04-21")];
    let request = || {
        if intake == "audit" {
            let request = client.request(Method::POST, "/intake/audit/files").query(&given);
            let request = request.query(&[("name", "审计报告.csv")]);
            return request.header("Content-Type", "application/octet-stream").body(csv(&rows));
        }
        let request = client.request(Method::POST, &format!("/intake/{intake}/findings")).query(&given);
        let source = if intake == "inspection" { "patrol" } else { "petition" };
        request.query(&[("source", source)]).json(&rows)
    };
    let answer = world.persist(&format!("hand in by {intake}"), request).await;
    let mut told = world.told.borrow_mut();
    let mut accepted = 0;
    for one in answer.body["accepted"].as_array().into_iter().flatten() {
        let (id, item) = (one["finding"].as_str().unwrap_or_default(), one["item"].as_str().unwrap_or_default());
        let Some(place) = places.iter().find(|place| told.findings[**place].item == item) else {
            told.complaints.push(format!("{item} was accepted and never handed in"));
            continue;
        };
        match told.findings[*place].id.clone() {
            None => told.cases.push(id.to_owned()),
            Some(known) if known == id => {}
            Some(known) => told.complaints.push(format!("{item} was {known} first, and is now {id}")),
        }
        let finding = &mut told.findings[*place];
        finding.id = Some(id.to_owned());
        let text = finding.row["text"].as_str().expect("a row has a text").to_owned();
        if finding.accepted.last() != Some(&text) {
            finding.accepted.push(text);
        }
        accepted += 1;
    }
    if accepted != places.len() {
        told.complaints.push(format!("{accepted} of {} were accepted: {}", places.len(), answer.body));
    }
    told.accepted += accepted;
    for place in places {
        told.findings[*place].busy = false;
    }
    format!("{accepted} accepted by {intake}")
}

/// Returns rows as an audit's list has them.
fn csv(rows: &[Value]) -> String {
    let mut csv = "问题编号,审计发现,标题,涉及户数,涉及县市,涉及乡村\n".to_owned();
    for row in rows {
        let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let fields = [text("item"), text("text"), text("title"), row["households"].to_string(), text("division")];
        csv.push_str(&format!("{},{}\n", fields.join(","), text("place")));
    }
    csv
}

/// Returns so many households, or nothing.
pub fn households(count: usize) -> Value {
    if count > 0 { json!({ "households": count }) } else { json!({}) }
}
