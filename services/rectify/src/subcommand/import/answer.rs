//! What a server answers to files: the report, or a problem.

use anyhow::{Context as _, bail};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

/// What came of files, as it is printed.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The report.
    pub text: String,
    /// Whether something was refused.
    pub refused: bool,
}

/// A problem document (RFC 9457). Where nothing at all could be taken it carries the report.
#[derive(Debug, Deserialize)]
struct Problem {
    code: String,
    detail: Option<String>,
    detail_en: Option<String>,
    title: Option<String>,
    report: Option<Value>,
}

/// Reads a report; a problem without one is an error.
pub async fn read(response: Response) -> anyhow::Result<Answer> {
    let refused = response.headers().get(rectify_intake::door::REFUSED).is_some_and(|refused| refused != "0");
    let (status, kind) = (response.status().as_u16(), kind(&response));
    let body = response.text().await.context("the server's answer broke off")?;
    match kind.as_str() {
        "text/plain" => Ok(Answer { text: body, refused }),
        kind => of_json(status, kind, &body),
    }
}

/// Reads the workbook with the errors.
pub async fn workbook(response: Response) -> anyhow::Result<Vec<u8>> {
    let (status, kind) = (response.status().as_u16(), kind(&response));
    if kind == rectify_intake::door::WORKBOOK {
        return Ok(response.bytes().await.context("the server's answer broke off")?.to_vec());
    }
    let body = response.text().await.context("the server's answer broke off")?;
    match of_json(status, &kind, &body) {
        Err(error) => Err(error),
        Ok(_) => bail!("the server's answer is no workbook: is it a rectify server of this version?"),
    }
}

fn kind(response: &Response) -> String {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_owned()
}

fn of_json(status: u16, kind: &str, body: &str) -> anyhow::Result<Answer> {
    let told = |report: &Value| -> anyhow::Result<Answer> {
        let refused = report["refused"].as_array().is_some_and(|refused| !refused.is_empty());
        Ok(Answer { text: serde_json::to_string_pretty(report)?, refused })
    };
    if (200..300).contains(&status) && kind == "application/json" {
        return told(&serde_json::from_str(body).context("the server's answer is no report: is it a rectify server?")?);
    }
    let problem: Problem = serde_json::from_str(body)
        .with_context(|| format!("the server answered {status}, and no problem: is it a rectify server?"))?;
    match problem {
        Problem { report: Some(report), .. } => told(&report),
        Problem { code, detail, detail_en, title, .. } => {
            let said: Vec<String> = detail.into_iter().chain(detail_en.or(title)).collect();
            bail!("the server refused ({status} {code}): {}", said.join(": "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBLEM: &str = "application/problem+json";

    #[test]
    fn a_problem_with_a_report_is_a_report_and_another_is_an_error() {
        let problem = r#"{"code":"nothing_taken","report":{"rows":1,"refused":[{"row":2,"reason":"必填项为空"}]}}"#;
        let answer = of_json(422, PROBLEM, problem).unwrap();
        assert!(answer.refused && answer.text.contains("必填项为空"));
        let none = of_json(202, "application/json", r#"{"rows":1,"refused":[]}"#).unwrap();
        assert!(!none.refused);

        let forbidden = r#"{"code":"may_not_hand_in","detail":"只有来源系统和经办人可以报送","detail_en":"only source systems and officers may"}"#;
        let error = of_json(403, PROBLEM, forbidden).unwrap_err().to_string();
        let both = "只有来源系统和经办人可以报送: only source systems and officers may";
        assert_eq!(error, format!("the server refused (403 may_not_hand_in): {both}"));
        assert!(of_json(200, "text/html", "<html>").unwrap_err().to_string().contains("is it a rectify server?"));
    }
}
