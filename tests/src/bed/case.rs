use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Site, unit};
use crate::client::Answer;

/// A case, and what people do with it over the API.
#[derive(Clone, Debug)]
pub struct CaseFile {
    site: Site,
    /// Its id.
    pub id: String,
}

/// A unit that leads, and who acts for it.
#[derive(Clone, Copy, Debug)]
pub struct Lead {
    /// The unit.
    pub unit: &'static str,
    /// Its handler.
    pub handler: &'static str,
}

/// 舟曲县民政局.
pub const CIVIL_AFFAIRS: Lead = Lead { unit: "舟曲县民政局", handler: "民政经办" };
/// 舟曲县水务局.
pub const WATER: Lead = Lead { unit: "舟曲县水务局", handler: "水务经办" };

/// Reads every case that is kept from nobody outside its subjects.
pub(super) const READER: &str = "州审计";

impl CaseFile {
    pub(super) fn new(site: Site, id: String) -> Self {
        Self { site, id }
    }

    /// Returns how the case stands.
    pub async fn state(&self) -> Value {
        self.site.desk(READER).get(&format!("/api/cases/{}", self.id)).await.expect(200)["case"].take()
    }

    /// Returns the stage of the case.
    pub async fn stage(&self) -> String {
        self.state().await["stage"].as_str().expect("a case has a stage").to_owned()
    }

    /// Returns the types of the events of the case, in order.
    pub async fn history(&self) -> Vec<String> {
        let path = format!("/api/cases/{}/events", self.id);
        let history = self.site.desk(READER).get(&path).await.expect(200);
        let events = history["events"].as_array().expect("a history is a list");
        events.iter().map(|event| event["type"].as_str().expect("an event has a type").to_owned()).collect()
    }

    /// Asks a command, having seen the case as it stands, and returns the answer whatever it is.
    pub async fn ask(&self, who: &str, command: &str, data: &Value, headers: &[(&str, &str)]) -> Answer {
        let version = self.state().await["version"].to_string();
        let (key, seen) = (self.site.key(), format!("\"{version}\""));
        let mut all = vec![("Idempotency-Key", key.as_str()), ("If-Match", seen.as_str())];
        all.extend_from_slice(headers);
        self.site.desk(who).post(&format!("/api/cases/{}/{command}", self.id), &all, data).await
    }

    /// Does a command, and returns what happened.
    pub async fn act(&self, who: &str, command: &str, data: Value) -> Value {
        let answer = self.ask(who, command, &data, &[]).await;
        assert_eq!(answer.status, 200, "{who} cannot {command} with {data}: {}", answer.body);
        assert_eq!(answer.body["listed"], true, "the ledger does not show yet what {who} did by {command}");
        answer.body
    }

    /// Does a command in a unit and a role, where several would fit.
    pub async fn act_as(&self, who: &str, (place, role): (&str, &str), command: &str, data: Value) -> Value {
        let answer = self.ask(who, command, &data, &[("Rectify-Unit", &unit(place)), ("Rectify-Role", role)]).await;
        assert_eq!(answer.status, 200, "{who} cannot {command} with {data}: {}", answer.body);
        answer.body
    }

    /// Enters late what happened on an earlier day (补录).
    pub async fn enter_late(&self, who: &str, day: &str, command: &str, data: Value) -> Value {
        let document = percent_encoded("州整改〔2020〕7号");
        let headers = [("Rectify-Happened", day), ("Rectify-Document", document.as_str())];
        let answer = self.ask(who, command, &data, &headers).await;
        assert_eq!(answer.status, 200, "{who} cannot enter {command} with {data}: {}", answer.body);
        answer.body
    }

    /// Stores a file, and returns it as commands name it.
    pub async fn upload(&self, who: &str, name: &str, text: &str) -> Value {
        let client = self.site.desk(who);
        let request = client
            .request(Method::POST, &format!("/api/cases/{}/evidence", self.id))
            .header("Rectify-File-Name", percent_encoded(name))
            .header("Content-Type", "application/octet-stream")
            .body(text.to_owned());
        client.send(request).await.expect(201)
    }

    /// Opens a file, and returns what it says.
    pub async fn open(&self, who: &str, file: &Value) -> Value {
        let digest = file["digest"].as_str().expect("a file has a digest");
        self.site.desk(who).get(&format!("/api/cases/{}/evidence/{digest}", self.id)).await.expect(200)
    }

    /// Registers a discovered case by the county's office.
    pub async fn register(self, severity: &str) -> Self {
        self.act("舟曲经办", "register", json!({ "severity": severity })).await;
        self
    }

    /// Names the leads of a registered case by the county's office.
    pub async fn assign(self, leads: &[&str]) -> Self {
        let leads: Vec<String> = leads.iter().map(|lead| unit(lead)).collect();
        let term = json!({ "ends": { "after": { "calendar": 60 } } });
        self.act("舟曲经办", "assign", json!({ "leads": leads, "goal": "按期整改到位", "term": term })).await;
        self
    }

    /// Has a lead take on its case.
    pub async fn accept(self, lead: Lead) -> Self {
        self.act(lead.handler, "accept", json!({ "unit": unit(lead.unit) })).await;
        self
    }

    /// Has a lead report its case as fixed, with one file and so many households fixed; returns the file.
    pub async fn report_completion(&self, lead: Lead, fixed: u32) -> Value {
        let file = self.upload(lead.handler, "整改报告.txt", &format!("已整改{fixed}户 {}", self.site.key())).await;
        self.act(lead.handler, "report_completion", reporting(lead, &[&file], fixed)).await;
        file
    }

    /// Has somebody open the file and pass a level by it.
    pub async fn pass(&self, who: &str, level: u32, file: &Value, fixed: u32) -> Value {
        self.open(who, file).await;
        self.act(who, "pass_level", passing(level, &[file], fixed)).await
    }
}

/// Returns what a lead reports that fixed so many households, with its files.
pub fn reporting(lead: Lead, files: &[&Value], fixed: u32) -> Value {
    json!({
        "unit": unit(lead.unit), "outcome": { "kind": "rectified" }, "account": "问题已整改",
        "fixed": households(fixed), "evidence": files,
    })
}

/// Returns what a verifier says who relies on files and found so many households fixed.
pub fn passing(level: u32, files: &[&Value], fixed: u32) -> Value {
    let relied_on: Vec<&Value> = files.iter().map(|file| &file["digest"]).collect();
    json!({ "level": level, "relied_on": relied_on, "verified": households(fixed), "opinion": "核验属实" })
}

fn households(count: u32) -> Value {
    if count > 0 { json!({ "households": count }) } else { json!({}) }
}

/// Returns a text as header fields carry it.
pub fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").expect("a string takes everything");
        encoded
    })
}
