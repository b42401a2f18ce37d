//! Forms that come in parts, as those with files do.

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, header};

use super::form::Fields;
use super::visitor::Visitor;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// Returns whether a form comes in parts.
pub(super) fn has_parts(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    said.is_some_and(|said| said.starts_with("multipart/form-data"))
}

/// A form in parts, read one after the other.
pub(super) struct InParts(Multipart);

/// One part: a field, or a file.
pub(super) struct Part<'a>(Field<'a>);

/// A file, before it is read.
pub(super) struct Incoming<'a> {
    /// The field that it is in.
    pub(super) field: String,
    /// Its name, as it is sent.
    pub(super) name: String,
    pub(super) content: Field<'a>,
}

impl InParts {
    pub(super) async fn of(request: Request, desk: &Desk) -> Result<InParts, Error> {
        let parts = Multipart::from_request(request, desk).await;
        parts.map(InParts).map_err(|error| Error::Detailed(Code::BadRequest, error.body_text()))
    }

    pub(super) async fn next(&mut self) -> Result<Option<Part<'_>>, Error> {
        Ok(self.0.next_field().await.map_err(|error| unreadable(&error))?.map(Part))
    }
}

impl<'a> Part<'a> {
    /// Returns the file that it is. A field is kept with the others; a file that comes without a session, or before the form
    /// has shown that it is ours, is left out.
    pub(super) async fn into_file(
        self,
        visitor: Option<&Visitor>,
        fields: &mut Fields,
    ) -> Result<Option<Incoming<'a>>, Error> {
        let Part(content) = self;
        let field = content.name().unwrap_or_default().to_owned();
        let Some(name) = content.file_name().map(str::to_owned) else {
            fields.add(field, &content.text().await.map_err(|error| unreadable(&error))?);
            return Ok(None);
        };
        let is_ours = visitor.is_some_and(|visitor| visitor.made(fields));
        // A field for files that is left empty sends one without a name.
        Ok((is_ours && !name.is_empty()).then_some(Incoming { field, name, content }))
    }
}

impl Incoming<'_> {
    /// Reads it whole.
    pub(super) async fn bytes(self) -> Result<Bytes, Error> {
        self.content.bytes().await.map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &MultipartError) -> Error {
    let code = if error.status() == Code::TooLarge.status() { Code::TooLarge } else { Code::BadRequest };
    Error::Detailed(code, error.body_text())
}
