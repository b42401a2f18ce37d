//! A thin HTTP client: what a test asks and what it gets, as JSON.

use reqwest::Method;
use serde_json::Value;

/// Somebody who calls an API.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    token: Option<String>,
    http: reqwest::Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: reqwest::header::HeaderMap,
    /// The body as JSON, or as a string where it is none.
    pub body: Value,
}

impl Client {
    /// Returns a client that calls nobody's name at a base URL such as `http://127.0.0.1:8080`.
    pub fn anonymous(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), token: None, http: reqwest::Client::new() }
    }

    /// Returns the same client with a bearer token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts JSON to a path, with header fields such as `Idempotency-Key`.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let request = headers
            .iter()
            .fold(self.request(Method::POST, path).json(body), |request, (name, value)| request.header(*name, *value));
        self.send(request).await
    }

    /// Prepares any other request to a path, for `send`.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads its answer to the end.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.attempt(request).await.unwrap_or_else(|error| panic!("no whole answer from {}: {error:?}", self.base))
    }

    /// Sends a request to a server that may be killed before it has answered.
    pub async fn attempt(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, headers, body })
    }
}

impl Answer {
    /// Returns the body, having checked the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "the answer was {}", self.body);
        self.body
    }
}
