//! Folding the ledger anew, at an administrator's word, while the old one serves on.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use rectify_case::Position;
use rectify_ledger::rebuild;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/admin/rebuild", begin, |o| {
            o.says(
                "rebuild_ledger",
                "Begins to fold the ledger anew; the old one serves until the new one has caught up",
            )
            .answers::<Rebuild>(StatusCode::ACCEPTED, "It has begun.")
            .problems(&[400, 403, 409])
        })
        .get("/api/admin/rebuild", show, |o| {
            o.says("show_rebuild", "Tells how far the rebuild is that this process began last")
                .answers::<Rebuild>(StatusCode::OK, "How far it is.")
                .problems(&[400, 403])
        })
}

/// The rebuild that this process began last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rebuilding(Arc<Mutex<Rebuild>>);

/// A rebuild of the ledger.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
struct Rebuild {
    /// How it stands.
    standing: Standing,
    /// Up to where the log is folded.
    folded: Position,
    /// How far the log goes.
    head: Position,
    /// When it began.
    began: Option<DateTime<Utc>>,
    /// When it ended.
    ended: Option<DateTime<Utc>>,
}

/// How a rebuild stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// None was begun here.
    #[default]
    None,
    /// It is under way.
    UnderWay,
    /// The new ledger serves.
    Done,
    /// The old ledger serves on; the server's log says why.
    Failed,
}

impl Rebuilding {
    fn change<T>(&self, change: impl FnOnce(&mut Rebuild) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn begin(
    State(desk): State<Desk>,
    caller: Caller,
    Extension(rebuilding): Extension<Rebuilding>,
) -> Result<(StatusCode, Json<Rebuild>), Error> {
    caller.administrator()?;
    let head = desk.frame.log.head().await?;
    let begun = rebuilding.change(|rebuild| {
        if rebuild.standing == Standing::UnderWay {
            return None;
        }
        *rebuild = Rebuild { standing: Standing::UnderWay, folded: 0, head, began: Some(caller.now), ended: None };
        Some(rebuild.clone())
    });
    let begun = begun.ok_or(Code::RebuildUnderWay)?;
    let shutdown = desk.frame.shutdown.clone();
    let ends = shutdown.begun();
    shutdown.spawn("rebuild", async move {
        tokio::select! {
            () = ends => {}
            () = run(&desk, &rebuilding) => {}
        }
        Ok(())
    });
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

async fn run(desk: &Desk, rebuilding: &Rebuilding) {
    let frame = &desk.frame;
    let told = |progress: rectify_ledger::Progress| {
        rebuilding.change(|rebuild| (rebuild.folded, rebuild.head) = (progress.folded, progress.head));
    };
    let standing = match rebuild(&desk.ledger, &frame.log, frame.config.zone, told).await {
        Ok(_) => Standing::Done,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the ledger could not be folded anew");
            Standing::Failed
        }
    };
    let now = frame.clock.now();
    rebuilding.change(|rebuild| (rebuild.standing, rebuild.ended) = (standing, Some(now)));
}

async fn show(caller: Caller, Extension(rebuilding): Extension<Rebuilding>) -> Result<Json<Rebuild>, Error> {
    caller.administrator()?;
    Ok(Json(rebuilding.change(|rebuild| rebuild.clone())))
}
