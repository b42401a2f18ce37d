//! What comes in by path, query and body, with a problem where it cannot be read.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::code::Code;
use crate::error::Error;

/// A body as JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let axum::Json(value) = axum::Json::from_request(request, state).await.map_err(|rejection| {
            let code = match &rejection {
                JsonRejection::JsonDataError(_) => Code::BadBody,
                JsonRejection::MissingJsonContentType(_) => Code::UnsupportedType,
                JsonRejection::BytesRejection(bytes) if bytes.status() == Code::TooLarge.status() => Code::TooLarge,
                _ => Code::BadRequest,
            };
            Error::Detailed(code, rejection.body_text())
        })?;
        Ok(Json(value))
    }
}

/// A part of the path.
pub(crate) struct In<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for In<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path = Path::from_request_parts(parts, state).await;
        let Path(value) = path.map_err(|error: PathRejection| Error::Detailed(Code::BadRequest, error.body_text()))?;
        Ok(In(value))
    }
}

/// A query, all of whose parameters are known.
pub(crate) struct Asking<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asking<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let query = Query::from_request_parts(parts, state).await;
        let Query(value) =
            query.map_err(|error: QueryRejection| Error::Detailed(Code::BadRequest, error.body_text()))?;
        Ok(Asking(value))
    }
}
