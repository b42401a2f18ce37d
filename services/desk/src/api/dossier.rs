//! The dossier of a case: made on the spot, recorded, and sent.

use std::collections::{BTreeSet, HashMap};
use std::io::{Seek as _, SeekFrom};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::stream::try_unfold;
use rectify_case::{AccessEvent, Actor, Position, Role, Version};
use rectify_proof::{Mark, SignedCheckpoint, Tree};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::api::case;
use crate::api::evidence::file_headers;
use crate::api::input::{Asking, In};
use crate::api::petition::record;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::dossier::{Source, Wanted, make};
use crate::error::Error;
use crate::shown::ShownEvent;
use crate::sight::Sight;

/// How much of a dossier is sent at once.
const CHUNK: usize = 1 << 18;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/cases/{case}/dossier", export, |o| {
        o.says("export_dossier", "Sends the dossier of a case (案卷): what the log has of it, with proofs and evidence, as one ZIP")
            .explains(
                "For officers and auditors who see the case; that it was taken away is on record before the first byte. Who looked is in \
                 the dossier of an auditor alone. `docs/dossier.md` describes it to the byte, and `rectify verify` checks it \
                 with the office's public key and nothing else.",
            )
            .query::<Known>()
            .in_capacity()
            .answers_as(
                StatusCode::OK,
                "The dossier.",
                "application/zip",
                &json!({ "type": "string", "format": "binary" }),
            )
            .problems(&[403, 404, 409, 422, 507])
    })
}

/// What the reader knows of the log already.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// A checkpoint that the reader has: its size, what is printed of it (SIZE:ROOT), or the whole signed note. The dossier then
    /// proves that the log goes on from it.
    pub(crate) from: Option<String>,
}

async fn export(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    Asking(known): Asking<Known>,
) -> Result<Response, Error> {
    send(&desk, &caller, &name, known).await
}

/// Returns the caller in a capacity that takes dossiers away.
pub(crate) fn exporting(caller: &Caller) -> Result<Actor, Error> {
    let capacities = caller.capacities(|role| matches!(role, Role::Officer | Role::Auditor));
    capacities.into_iter().next().ok_or_else(|| Code::MayNotExport.into())
}

/// Makes the dossier of a case that the caller sees, records that they take it away, and sends it.
pub(crate) async fn send(desk: &Desk, caller: &Caller, name: &str, Known { from }: Known) -> Result<Response, Error> {
    let (mut case, events) = case::load(desk, caller, name).await?;
    let actor = exporting(caller)?;
    let tree = Tree::new(desk.frame.db.clone());
    let earlier = match from.as_deref().map(str::trim).filter(|from| !from.is_empty()) {
        Some(from) => Some(known_by(&tree, from).await?),
        None => None,
    };
    let mut sight = Sight::of(desk, caller);
    let shown = events.iter().filter_map(|event| ShownEvent::of(event, &caller.directory)).collect();
    let seen: BTreeSet<Version> = sight.events(shown).await?.iter().map(|event| event.version).collect();
    sight.case(&mut case).await?;
    let related = desk.ledger.related(&caller.viewer(), case.id, caller.now).await?;
    let names = related.into_iter().map(|one| (one.case.id, one.case.number.unwrap_or(one.case.title)));
    let source = Source {
        log: &desk.frame.log,
        tree: &tree,
        store: &desk.store,
        directory: &caller.directory,
        zone: desk.frame.config.zone,
        now: caller.now,
    };
    let versions = events.iter().map(|event| event.envelope.version);
    let wanted = Wanted {
        withheld: versions.filter(|version| !seen.contains(version)).collect(),
        looks: !caller.capacities(|role| role == Role::Auditor).is_empty(),
        called: names.collect::<HashMap<_, _>>(),
        case,
        events,
        earlier,
    };
    // Where there is no room in the data folder, or none at all, there may be where the system keeps such files.
    let place = tempfile::tempfile_in(&desk.frame.config.data).or_else(|_| tempfile::tempfile());
    let made = make(&source, &wanted, place.map_err(|error| Error::Unavailable(error.into()))?).await?;
    let event = AccessEvent::DossierExported {
        digest: made.sums.clone(),
        version: made.version,
        checkpoint: made.checkpoint.size,
    };
    record(desk, wanted.case.id, actor, event, None).await?;
    let headers = file_headers(&made.name, "application/zip", made.size);
    let mut file = made.file;
    file.seek(SeekFrom::Start(0)).map_err(|error| Error::Unavailable(error.into()))?;
    let chunks = try_unfold(tokio::fs::File::from_std(file), async |mut file| {
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(chunk), file)))
    });
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// Returns the signed checkpoint that somebody names: by its size, by what was printed of it, or by the note itself.
async fn known_by(tree: &Tree, named: &str) -> Result<SignedCheckpoint, Error> {
    if let Ok(size) = named.parse::<Position>() {
        return signed_of(tree, size).await;
    }
    if let Ok(mark) = named.parse::<Mark>() {
        let signed = signed_of(tree, mark.size).await?;
        return if signed.checkpoint.mark() == mark { Ok(signed) } else { Err(Code::OtherHistory.into()) };
    }
    // As a form sends it: its lines end otherwise, and its last may not end.
    let note = format!("{}\n", named.replace("\r\n", "\n"));
    SignedCheckpoint::open(&note, &tree.keys().await?).map_err(|_| Code::BadCheckpoint.into())
}

/// Returns what was signed of a log of this size.
async fn signed_of(tree: &Tree, size: Position) -> Result<SignedCheckpoint, Error> {
    let covering = tree.checkpoint_covering(size).await?;
    covering.filter(|signed| signed.checkpoint.size == size).ok_or_else(|| Code::NoSuchCheckpoint.into())
}
