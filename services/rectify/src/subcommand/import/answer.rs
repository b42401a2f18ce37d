//! What a server answers to a file: the report as JSON, or a problem.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};
use rectify_intake::report::Language;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::terminal::table;

/// What came of a file, as far as it is printed.
#[derive(Debug, Deserialize)]
pub struct Answer {
    rows: u64,
    accepted: Vec<IgnoredAny>,
    /// What was refused.
    pub refused: Vec<Remark>,
    warnings: Vec<Remark>,
    unknown_columns: Vec<String>,
    not_taken: Vec<NotTaken>,
}

/// What is wrong with a row, or to be looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Remark {
    file: String,
    sheet: String,
    row: u64,
    column: String,
    value: String,
    reason: String,
    reason_en: String,
}

/// A column that was not taken on purpose.
#[derive(Debug, Deserialize)]
struct NotTaken {
    column: String,
    reason: String,
    reason_en: String,
}

/// A problem document (RFC 9457). Where nothing at all could be taken it carries the report.
#[derive(Debug, Deserialize)]
struct Problem {
    code: String,
    detail: Option<String>,
    detail_en: Option<String>,
    title: Option<String>,
    report: Option<Answer>,
}

/// Reads what a server answered; a problem without a report is an error.
pub fn read(status: u16, body: &str) -> anyhow::Result<Answer> {
    if (200..300).contains(&status) {
        return serde_json::from_str(body).context("the server's answer is no report: is it a rectify server?");
    }
    let problem: Problem = serde_json::from_str(body)
        .with_context(|| format!("the server answered {status}, and no problem: is it a rectify server?"))?;
    match problem {
        Problem { report: Some(report), .. } => Ok(report),
        Problem { code, detail, detail_en, title, .. } => {
            let said: Vec<String> = detail.into_iter().chain(detail_en.or(title)).collect();
            bail!("the server refused ({status} {code}): {}", said.join(": "))
        }
    }
}

impl Answer {
    /// Prints it as a report in this process is printed.
    pub fn print(&self, language: Language) -> String {
        let (read, accepted, refused) = (self.rows, self.accepted.len(), self.refused_rows());
        let chinese = language == Language::Chinese;
        let mut text = if chinese {
            format!("读取行数 {read} · 接收 {accepted} · 未接收 {refused}\n")
        } else {
            format!("rows read {read} · accepted {accepted} · refused {refused}\n")
        };
        if !self.unknown_columns.is_empty() {
            let label = if chinese { "未识别的列" } else { "unknown columns" };
            let _ = writeln!(text, "{label}: {}", self.unknown_columns.join("、"));
        }
        for NotTaken { column, reason, reason_en } in &self.not_taken {
            let _ = writeln!(text, "{column}: {}", if chinese { reason } else { reason_en });
        }
        let titles = if chinese { ["未接收", "请留意"] } else { ["refused", "to be looked at"] };
        for (title, remarks) in titles.into_iter().zip([&self.refused, &self.warnings]) {
            if remarks.is_empty() {
                continue;
            }
            let mut table = table(if chinese {
                ["文件", "工作表", "行", "列", "内容", "原因"]
            } else {
                ["file", "sheet", "row", "column", "value", "reason"]
            });
            for Remark { file, sheet, row, column, value, reason, reason_en } in remarks {
                let reason = if chinese { reason } else { reason_en };
                table.add_row([file, sheet, &row.to_string(), column, value, reason]);
            }
            let _ = writeln!(text, "{title}:\n{table}");
        }
        text
    }

    fn refused_rows(&self) -> usize {
        let rows = self.refused.iter().map(|remark| (&remark.file, &remark.sheet, remark.row));
        rows.collect::<std::collections::BTreeSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_with_a_report_is_a_report_and_another_is_an_error() {
        let report = r#"{"rows":1,"unknown_columns":[],"not_taken":[],"accepted":[],"warnings":[],
            "refused":[{"row":2,"column":"编号","code":"missing","reason":"必填项为空","reason_en":"is needed and empty"}]}"#;
        let problem = format!(r#"{{"code":"nothing_taken","report":{report}}}"#);
        let answer = read(422, &problem).unwrap();
        assert_eq!(answer.refused_rows(), 1);
        assert!(answer.print(Language::Chinese).contains("必填项为空"));
        assert!(answer.print(Language::English).contains("is needed and empty"));

        let forbidden = r#"{"code":"may_not_hand_in","detail":"只有来源系统和经办人可以报送","detail_en":"only source systems and officers may"}"#;
        let error = read(403, forbidden).unwrap_err().to_string();
        let both = "只有来源系统和经办人可以报送: only source systems and officers may";
        assert_eq!(error, format!("the server refused (403 may_not_hand_in): {both}"));
        assert!(read(200, "<html>").unwrap_err().to_string().contains("is it a rectify server?"));
    }
}
