//! What a request of files says, hands in and wants back. The way in for older ledgers reads its requests by it too.

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chrono::NaiveDate;
use rectify_case::{Happened, UnitId};
use serde::Deserialize;

use super::called::disposition;
use crate::amount::Unit;
use crate::document::Given;
use crate::import::ImportError;
use crate::mapping::Mapping;
use crate::problem::Problem;
use crate::report::Language;
use crate::several::Split;
use crate::table::File;

/// The media type of a workbook.
pub const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The header of an answer that says how many remarks rows were refused with.
pub const REFUSED: &str = "rectify-refused";

/// What the query of a delivery may say for all its rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The name of a file that is the body.
    pub name: Option<String>,
    source: Option<String>,
    issuing_body: Option<String>,
    document: Option<String>,
    division: Option<String>,
    discovered: Option<Happened>,
    year: Option<i32>,
    unit: Option<Unit>,
    split: Option<String>,
    /// Whether it only says what would come of it.
    #[serde(default)]
    pub check: bool,
    /// How the report is answered.
    pub report: Option<Form>,
    /// The deadline of rows of an older ledger that name none.
    pub deadline: Option<NaiveDate>,
    /// The office that declares an older ledger, where whoever asks is an officer of several.
    pub office: Option<UnitId>,
}

impl Said {
    /// Returns what is said for all rows.
    pub fn given(&self) -> Given {
        let Said { source, issuing_body, document, division, discovered, year, unit, .. } = self;
        let text = Clone::clone;
        Given {
            source: text(source),
            issuing_body: text(issuing_body),
            document: text(document),
            division: text(division),
            discovered: *discovered,
            year: *year,
            unit: *unit,
        }
    }

    /// Returns which problems that share a number are taken apart.
    pub fn split(&self) -> Split {
        let Ok(split) = self.split.as_deref().map_or(Ok(Split::None), str::parse);
        split
    }

    /// Refuses what is for an older ledger only.
    pub(super) fn of_findings(self) -> Result<Said, Problem> {
        if self.deadline.is_none() && self.office.is_none() {
            return Ok(self);
        }
        let english = "`deadline` and `office` are for an older ledger only";
        Err(Problem::new(StatusCode::BAD_REQUEST, "bad_query", "deadline 和 office 只用于导入原有台账", english))
    }
}

/// How a report of files is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// JSON, in both languages.
    Json,
    /// Tables for a terminal.
    Table,
    /// The files as a workbook, with what is wrong beside the cells.
    Workbook,
}

impl Form {
    /// Returns what a request asks for: in its query, or else by what it accepts.
    pub fn asked(said: Option<Form>, headers: &HeaderMap) -> Form {
        let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let forms = accepted.split(',').filter_map(|kind| match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" | "*/*" => Some(Form::Json),
            "text/plain" => Some(Form::Table),
            WORKBOOK => Some(Form::Workbook),
            _ => None,
        });
        said.or_else(|| forms.into_iter().next()).unwrap_or(Form::Json)
    }
}

/// Answers with a workbook of what is wrong, called after the file that came in.
pub fn workbook(
    status: StatusCode,
    refused: usize,
    workbook: Vec<u8>,
    came_as: &str,
    language: Language,
) -> Response<Body> {
    let headers =
        [(header::CONTENT_TYPE, WORKBOOK.to_owned()), (header::CONTENT_DISPOSITION, disposition(came_as, language))];
    (status, headers, [(REFUSED, refused.to_string())], workbook).into_response()
}

/// Returns the language that a request asks for: Chinese, unless it names English before it.
pub fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let mut languages = accepted.split(',').map(|language| language.trim().to_lowercase());
    let first = languages.find(|language| language.starts_with("zh") || language.starts_with("en"));
    if first.is_some_and(|language| language.starts_with("en")) { Language::English } else { Language::Chinese }
}

/// What a request hands in.
pub struct Handed {
    /// The files, in order: those of one document belong together.
    pub files: Vec<File>,
    /// How their headers are read.
    pub mapping: Option<Mapping>,
}

impl Handed {
    /// Returns what the first file is called; nothing where it has no name.
    pub fn came_as(&self) -> String {
        self.files.first().map(|file| file.name.clone()).unwrap_or_default()
    }

    /// Reads a request: a form of files, or one file as its body, by the name it is said to have.
    pub async fn by(request: Request, name: Option<String>) -> Result<Handed, Problem> {
        let media_type = media_type(request.headers());
        if media_type.as_deref() == Some("multipart/form-data") {
            return Handed::by_form(request).await;
        }
        let bytes = Bytes::from_request(request, &()).await?;
        let file = File { name: name.unwrap_or_default(), media_type, bytes };
        Ok(Handed { files: vec![file], mapping: None })
    }

    /// Reads a form. The part named `mapping` is no file of it.
    async fn by_form(request: Request) -> Result<Handed, Problem> {
        let unreadable = |error: &dyn std::error::Error| Problem::bad_request("unreadable_form", "表单无法读取", error);
        let mut form = Multipart::from_request(request, &()).await.map_err(|error| unreadable(&error))?;
        let mut handed = Handed { files: Vec::new(), mapping: None };
        while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
            if field.name() == Some("mapping") {
                let text = field.text().await.map_err(|error| unreadable(&error))?;
                handed.mapping = Some(Mapping::parse(&text).map_err(ImportError::from)?);
                continue;
            }
            let name = field.file_name().unwrap_or_default().to_owned();
            let media_type = field.content_type().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|error| unreadable(&error))?;
            handed.files.push(File { name, media_type, bytes });
        }
        Ok(handed)
    }
}

pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or_default().trim().to_lowercase())
}
