//! A form with a file that is looked at here and now, and not kept.

use axum::extract::{FromRequest, Request};
use rectify_intake::File;

use super::form::Fields;
use super::multipart::{InParts, has_parts};
use super::visitor::{Away, Visitor};
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

/// Reads the fields, and the file.
async fn read(desk: &Desk, visitor: Option<&Visitor>, request: Request) -> Result<(Fields, Option<File>), Error> {
    let mut parts = InParts::of(request, desk).await?;
    let (mut fields, mut taken) = (Fields::default(), None);
    while let Some(part) = parts.next().await? {
        if let Some(file) = part.into_file(visitor, &mut fields).await? {
            let media_type = file.content.content_type().map(str::to_owned);
            taken = Some(File { name: file_name(&file.name)?, media_type, bytes: file.bytes().await? });
        }
    }
    Ok((fields, taken))
}
