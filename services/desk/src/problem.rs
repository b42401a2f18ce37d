//! Problems as RFC 9457 documents, told in the language that was asked for.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rectify_case::refusal::Kind;
use rectify_case::{CustodyRefusal, Refused, Version};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::code::Code;
use crate::language::Language;
use crate::shown::{Capacity, ShownEvent};

/// What went wrong, in both languages.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    title: Said,
    detail: Option<Said>,
    refusals: Vec<(&'static str, Said)>,
    more: More,
}

/// What only some problems tell.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct More {
    /// The version the case is at now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<Version>,
    /// What happened since the version that was seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(crate) since: Vec<ShownEvent>,
    /// The capacities in which it could be done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(crate) capacities: Vec<Capacity>,
    /// What an administrator finds the failure by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<Uuid>,
}

/// A text in both languages.
#[derive(Clone, Debug)]
struct Said {
    chinese: String,
    english: String,
}

impl Said {
    fn of(code: Code) -> Said {
        Said { chinese: code.chinese().to_owned(), english: code.english().to_owned() }
    }

    fn in_language(self, language: Language) -> String {
        match language {
            Language::Chinese => self.chinese,
            Language::English => self.english,
        }
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemDocument {
    /// The kind of problem: `urn:rectify:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The code, which never changes.
    code: &'static str,
    /// The status.
    status: u16,
    /// What is wrong, in the language that was asked for.
    pub(crate) title: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// Every rule that forbids it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    refusals: Vec<RefusalDocument>,
    #[serde(flatten)]
    pub(crate) more: More,
}

/// A rule that forbids something.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
struct RefusalDocument {
    /// The code, which never changes.
    code: &'static str,
    /// What it says, in the language that was asked for.
    title: String,
}

impl Problem {
    pub(crate) fn of(code: Code) -> Problem {
        Problem {
            status: code.status(),
            code: code.code(),
            title: Said::of(code),
            detail: None,
            refusals: Vec::new(),
            more: More::default(),
        }
    }

    /// Returns the problem with more about it, as it is in both languages: a name, a value, a reader's message.
    pub(crate) fn detailed(code: Code, detail: String) -> Problem {
        Problem { detail: Some(Said { chinese: detail.clone(), english: detail }), ..Problem::of(code) }
    }

    pub(crate) fn with(code: Code, more: More) -> Problem {
        Problem { more, ..Problem::of(code) }
    }

    pub(crate) fn refused(refused: &Refused) -> Problem {
        let first = refused.refusal();
        let status = match first.kind() {
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Stage => StatusCode::CONFLICT,
            Kind::Rule | Kind::Input => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let said = |r: rectify_case::Refusal| Said { chinese: r.chinese().to_owned(), english: r.english().to_owned() };
        let says_more = refused.about.is_some() || refused.grounds.len() > 1;
        Problem {
            status,
            code: first.code(),
            title: said(first),
            detail: says_more.then(|| Said { chinese: refused.chinese(), english: refused.english() }),
            refusals: refused.grounds.iter().map(|ground| (ground.code(), said(*ground))).collect(),
            more: More::default(),
        }
    }

    /// Returns what forbids something to be done with the keys of a petition, with the reason that was given for that.
    pub(crate) fn of_custody(refusal: CustodyRefusal, about: Option<String>) -> Problem {
        let status = match refusal {
            CustodyRefusal::NotAdministrator => StatusCode::FORBIDDEN,
            CustodyRefusal::ReasonMissing
            | CustodyRefusal::StorageOnly
            | CustodyRefusal::SecondAdministratorNeeded
            | CustodyRefusal::AlreadyProposed
            | CustodyRefusal::NothingProposed
            | CustodyRefusal::AlreadyApproved
            | CustodyRefusal::AlreadyHeld
            | CustodyRefusal::NotHeld
            | CustodyRefusal::KeysDeleted => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Problem {
            status,
            code: refusal.code(),
            title: Said { chinese: refusal.chinese().to_owned(), english: refusal.english().to_owned() },
            detail: about.map(|about| Said { chinese: about.clone(), english: about }),
            refusals: Vec::new(),
            more: More::default(),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn document(self, language: Language) -> ProblemDocument {
        let refusals = self.refusals.into_iter();
        ProblemDocument {
            kind: format!("urn:rectify:problem:{}", self.code),
            code: self.code,
            status: self.status.as_u16(),
            title: self.title.in_language(language),
            detail: self.detail.map(|detail| detail.in_language(language)),
            refusals: refusals
                .map(|(code, said)| RefusalDocument { code, title: said.in_language(language) })
                .collect(),
            more: self.more,
        }
    }
}

/// The response carries the problem until [`told`] writes it down, for only there the language is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Some(version) = self.more.version {
            headers.insert(header::ETAG, HeaderValue::from_str(&format!("\"{version}\"")).expect("digits and quotes"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem of a response in the language of its request.
pub(crate) async fn told(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => Problem::of(Code::MethodNotAllowed),
        None => return response,
    };
    let body = serde_json::to_vec(&problem.document(language)).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body.into())
}
