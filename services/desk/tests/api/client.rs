//! A caller of the API.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// What a path and query may not hold as it stands.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'+').add(b'"');

/// A caller, with a token.
#[derive(Clone)]
pub struct Caller {
    pub routes: Router,
    pub token: String,
    pub headers: HeaderMap,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// Returns the body of a success.
    #[track_caller]
    pub fn good(&self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// Checks the status and the code of a problem, and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{body:#}");
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("urn:rectify:problem:{code}"));
        assert!(!body["title"].as_str().unwrap().is_empty());
        body
    }
}

/// Returns a key that no request had before.
pub fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Caller {
    /// Returns the same caller, who sends one more header with everything.
    pub fn with(&self, name: &'static str, value: &str) -> Caller {
        let mut caller = self.clone();
        caller.headers.insert(name, value.parse().unwrap());
        caller
    }

    /// Sends a request as it is given, and does not wait for the end of the answer.
    pub async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> axum::response::Response {
        let mut request = Request::builder().method(method).uri(utf8_percent_encode(path, ENCODED).to_string());
        if !self.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.headers_mut().extend(self.headers.clone());
        self.routes.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request and returns the whole answer.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let (parts, body) = self.open(method, path, headers, body).await.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Posts JSON under a fresh key.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[("idempotency-key", &fresh_key())], body).await
    }

    /// Posts JSON with headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers: Vec<(&str, &str)> =
            [("content-type", "application/json")].iter().chain(headers).copied().collect();
        self.send(Method::POST, path, &headers, body.to_string().into()).await
    }

    /// Puts JSON under a fresh key.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", &fresh_key())];
        self.send(Method::PUT, path, &headers, body.to_string().into()).await
    }

    /// Asks something of a case, at the version it has.
    pub async fn ask(&self, case: &str, command: &str, data: &Value) -> Answer {
        let tag = self.get(&format!("/api/cases/{case}")).await.headers.get(header::ETAG).cloned();
        let tag = tag.map_or_else(|| "\"0\"".to_owned(), |tag| tag.to_str().unwrap().to_owned());
        let headers = [("idempotency-key", fresh_key().as_str()), ("if-match", &tag)].map(|(n, v)| (n, v.to_owned()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post_with(&format!("/api/cases/{case}/{command}"), &headers, data).await
    }

    /// Uploads a file for a case.
    pub async fn upload(&self, case: &str, name: &str, bytes: impl Into<Body>) -> Answer {
        let name = utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string();
        let headers = [("rectify-file-name", name.as_str()), ("content-type", "application/octet-stream")];
        self.send(Method::POST, &format!("/api/cases/{case}/evidence"), &headers, bytes.into()).await
    }

    /// Hands in a finding, and returns the case's id.
    pub async fn report(&self, finding: &Value) -> String {
        let answer = self.post("/api/cases", &json!({ "finding": finding })).await.good();
        answer["case"].as_str().unwrap().to_owned()
    }
}
