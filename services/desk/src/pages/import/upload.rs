//! A form with the files to be handed in. They go into memory and nowhere else: they may be petitions.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures::StreamExt as _;
use rectify_intake::File;
use rectify_intake::door::LARGEST_FILE;
use tokio::sync::OwnedSemaphorePermit;

use super::super::entry::is_shown_first;
use super::super::form::Fields;
use super::super::multipart::{InParts, has_parts};
use super::super::visitor::{Away, Visitor};
use super::AROUND_FILES;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// How much is read of what is not taken.
const DRAINED: usize = 4 * LARGEST_FILE;

/// The most files that are brought at once.
const MOST_FILES: usize = 20;

/// What somebody with a session brought by a form of ours.
pub(super) struct Uploaded {
    pub(super) visitor: Visitor,
    pub(super) fields: Fields,
    pub(super) files: Vec<File>,
    /// Room for the files, for as long as they are kept.
    pub(super) room: OwnedSemaphorePermit,
    /// Whether the form is to be looked over first, for its session had ended meanwhile.
    pub(super) is_shown_first: bool,
}

impl FromRequest<Desk> for Uploaded {
    type Rejection = Away;

    async fn from_request(request: Request, desk: &Desk) -> Result<Uploaded, Away> {
        let (headers, path) = (request.headers().clone(), request.uri().to_string());
        let visitor = Visitor::of(desk, &headers, &path).await?;
        if let Some(visitor) = &visitor
            && !desk.imports.admits(visitor.caller.who.person)
        {
            return Err(Code::MayNotHandIn.into());
        }
        let length = length(&headers);
        if length > LARGEST_FILE + AROUND_FILES {
            drain(request).await;
            return Err(Error::Detailed(Code::TooLarge, format!("> {} MiB", LARGEST_FILE >> 20)).into());
        }
        let Some(room) = desk.imports.uploads.room_for(length) else {
            drain(request).await;
            return Err(Code::TooManyImports.into());
        };
        let (fields, files) = if has_parts(&headers) {
            read(visitor.as_ref(), request, desk).await?
        } else {
            (Fields::read(&Bytes::from_request(request, desk).await.map_err(|_| Code::TooLarge)?), Vec::new())
        };
        let visitor = Visitor::who_sent(desk, visitor, (&headers, &path), &fields)?;
        let is_shown_first = is_shown_first(&fields);
        Ok(Uploaded { visitor, fields, files, room, is_shown_first })
    }
}

/// Reads on for a while what is not taken: a browser that is cut off in the middle shows no answer.
async fn drain(request: Request) {
    let mut body = request.into_body().into_data_stream();
    let mut left = DRAINED;
    while let Some(Ok(chunk)) = body.next().await
        && left > chunk.len()
    {
        left -= chunk.len();
    }
}

/// Returns how long a request says it is; as long as may be where it does not say.
fn length(headers: &HeaderMap) -> usize {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match said {
        Some(said) => said.parse().unwrap_or(usize::MAX),
        None => LARGEST_FILE + AROUND_FILES,
    }
}

/// Reads the form.
async fn read(visitor: Option<&Visitor>, request: Request, desk: &Desk) -> Result<(Fields, Vec<File>), Error> {
    let mut parts = InParts::of(request, desk).await?;
    let (mut fields, mut files) = (Fields::default(), Vec::new());
    while let Some(part) = parts.next().await? {
        let Some(file) = part.into_file(visitor, &mut fields).await? else { continue };
        if files.len() == MOST_FILES {
            return Err(Error::Detailed(Code::TooLarge, format!("> {MOST_FILES}")));
        }
        // What it is is told by its content and its name; what a browser thinks of it is a guess by the name.
        files.push(File { name: file.name.clone(), media_type: None, bytes: file.bytes().await? });
    }
    Ok((fields, files))
}
