use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use serde_json::Value;

use crate::bed::installation::Installation;
use crate::bed::{CaseFile, SERVICES};
use crate::client::Client;

/// Where an installation is reached, and with whose token. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Site {
    services: Arc<BTreeMap<&'static str, Client>>,
    tokens: Arc<BTreeMap<&'static str, String>>,
    keys: Arc<AtomicU32>,
}

/// Who keeps the directory.
const ADMINISTRATOR: &str = "管理员";

impl Site {
    pub(super) fn new(
        installation: &Installation,
        administrator: String,
        mut tokens: BTreeMap<&'static str, String>,
    ) -> Self {
        tokens.insert(ADMINISTRATOR, administrator);
        let services = SERVICES.map(|name| (name, Client::anonymous(&installation.url(name))));
        Self {
            services: Arc::new(services.into_iter().collect()),
            tokens: Arc::new(tokens),
            keys: Arc::new(AtomicU32::new(1)),
        }
    }

    /// Returns the token of a person.
    #[track_caller]
    pub fn token(&self, name: &str) -> &str {
        self.tokens.get(name).unwrap_or_else(|| panic!("nobody is called {name}"))
    }

    /// Returns the API as a person calls it.
    #[track_caller]
    pub fn desk(&self, name: &str) -> Client {
        self.services["desk"].with_token(self.token(name))
    }

    /// Returns the API as the administrator calls it.
    pub fn administrator(&self) -> Client {
        self.desk(ADMINISTRATOR)
    }

    /// Returns an intake as the audit's own system calls it.
    pub fn intake(&self, intake: &str) -> Client {
        self.services[intake].with_token(self.token("审计系统"))
    }

    /// Returns a key that was not used yet.
    pub fn key(&self) -> String {
        format!("journey-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// Hands a file in to an intake, and returns its report.
    pub async fn hand_in(&self, intake: &str, query: &[(&str, &str)], bytes: Vec<u8>) -> Value {
        let client = self.intake(intake);
        let request = client
            .request(Method::POST, &format!("/intake/{intake}/files"))
            .query(query)
            .header("Content-Type", "application/octet-stream")
            .body(bytes);
        client.send(request).await.expect(202)
    }

    /// Returns a case by its id or number.
    pub fn case(&self, id: &str) -> CaseFile {
        CaseFile::new(self.clone(), id.to_owned())
    }

    /// Reports a finding by hand; the case begins.
    pub async fn report(&self, who: &str, finding: &Value) -> CaseFile {
        let body = serde_json::json!({ "finding": finding });
        let answer = self.desk(who).post("/api/cases", &[("Idempotency-Key", &self.key())], &body).await.expect(201);
        self.case(answer["case"].as_str().expect("the answer names the case"))
    }
}
