//! A form with a file that is looked at here and now, and not kept.

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use rectify_intake::File;

use super::form::Fields;
use super::visitor::{Away, Visitor, has_parts};
use crate::api::evidence::file_name;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// A form that somebody with a session sent from one of our pages, with the file that came with it.
pub(crate) struct Handed {
    pub(crate) visitor: Visitor,
    pub(crate) fields: Fields,
    pub(crate) file: Option<File>,
}

impl FromRequest<Desk> for Handed {
    type Rejection = Away;

    async fn from_request(request: Request, desk: &Desk) -> Result<Handed, Away> {
        let (headers, path) = (request.headers().clone(), request.uri().to_string());
        let visitor = Visitor::of(desk, &headers, &path).await?;
        let (fields, file) = if has_parts(&headers) {
            read(desk, visitor.as_ref(), request).await?
        } else {
            // What comes after somebody had to sign in again has no file any more.
            let body = axum::body::Bytes::from_request(request, desk).await.map_err(|_| Code::TooLarge)?;
            (Fields::read(&body), None)
        };
        let visitor = Visitor::who_sent(desk, visitor, (&headers, &path), &fields)?;
        Ok(Handed { visitor, fields, file })
    }
}

/// Reads the fields, and the file; one that comes without a session, or before the form has shown that it is ours, is left out.
async fn read(desk: &Desk, visitor: Option<&Visitor>, request: Request) -> Result<(Fields, Option<File>), Error> {
    let unreadable = |error: MultipartError| match error.status() {
        status if status == Code::TooLarge.status() => Error::Code(Code::TooLarge),
        _ => Error::Detailed(Code::BadRequest, error.body_text()),
    };
    let parts = Multipart::from_request(request, desk).await;
    let mut parts = parts.map_err(|error| Error::Detailed(Code::BadRequest, error.body_text()))?;
    let (mut fields, mut taken) = (Fields::default(), None);
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file) = part.file_name().map(str::to_owned) else {
            fields.0.push((name, part.text().await.map_err(unreadable)?));
            continue;
        };
        let is_ours = visitor.is_some_and(|visitor| visitor.made(&fields));
        // A field for files that is left empty sends one without a name.
        if is_ours && !file.is_empty() {
            let media_type = part.content_type().map(str::to_owned);
            taken = Some(File { name: file_name(&file)?, media_type, bytes: part.bytes().await.map_err(unreadable)? });
        }
    }
    Ok((fields, taken))
}
