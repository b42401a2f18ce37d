//! Errors as RFC 9457 problem documents, in both languages.

use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// A problem document (RFC 9457).
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    body: Box<Value>,
}

impl Problem {
    /// Returns a problem with its code, which never changes, and what it says.
    pub fn new(status: StatusCode, code: &str, chinese: &str, english: &str) -> Problem {
        let title = status.canonical_reason().unwrap_or_default();
        let body = json!({
            "type": "about:blank",
            "title": title,
            "status": status.as_u16(),
            "code": code,
            "detail": chinese,
            "detail_en": english,
        });
        Problem { status, body: Box::new(body) }
    }

    pub(crate) fn bad_request(code: &str, chinese: &str, error: &dyn std::error::Error) -> Problem {
        let detail = error.to_string();
        Problem::new(StatusCode::BAD_REQUEST, code, &format!("{chinese}：{detail}"), &detail)
    }

    pub(crate) fn unauthorized() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "no_token",
            "需要有效的令牌（Authorization: Bearer …）",
            "a valid token is needed (Authorization: Bearer …)",
        )
    }

    /// Logs the error and says only that it is worth another try.
    pub fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
        tracing::error!(error, "findings cannot be taken");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "暂时不能接收；请稍后把同样的内容再报一次，不会重复",
            "cannot be taken now; hand the same in again later, it is counted once",
        )
    }

    /// Every row was refused: the report says why.
    pub fn nothing_taken(report: &impl Serialize) -> Problem {
        let mut problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "nothing_taken",
            "没有一行可以接收，原因见 report",
            "no row could be taken; the report says why",
        );
        problem.body["report"] = json!(report);
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Problem {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "内容过大；请分成几份报送",
                "the body is too large; hand it in in parts",
            ),
            _ => Problem::bad_request("bad_body", "正文没有读全", &rejection),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Problem {
        Problem::bad_request("bad_query", "查询参数有误", &rejection)
    }
}
