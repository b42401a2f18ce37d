//! What a page shows where something cannot be done.

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::page::{Page, shown};
use super::visitor::Visitor;
use crate::desk::Desk;
use crate::problem::Problem;

/// Something cannot be done.
#[derive(Template)]
#[template(path = "failed.html")]
struct Failed {
    page: Page,
    status: u16,
    title: String,
    detail: Option<String>,
    reference: Option<String>,
}

/// Shows the problem of a response as a page: for whoever is signed in with the navigation, so that they go on from there.
pub(super) async fn told(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let (headers, path) = (request.headers().clone(), request.uri().to_string());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let visitor = Visitor::of(&desk, &headers, &path).await;
    let page = match visitor {
        Ok(Some(visitor)) => visitor.page,
        // Where something is out of order, who looks may be just what cannot be read.
        Ok(None) | Err(_) => Page::for_anybody(&desk, &headers, &path),
    };
    let (status, language) = (problem.status(), page.language);
    let told = problem.document(language);
    let failed = Failed {
        page,
        status: status.as_u16(),
        title: told.title,
        detail: told.detail,
        reference: told.more.reference.map(|reference| reference.to_string()),
    };
    shown(status, &failed).unwrap_or(response)
}
