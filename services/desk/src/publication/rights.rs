//! With whose rights something is published: what the log says of them, and nothing else.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rectify_case::publication::{Post, Scope};
use rectify_case::{Actor, Directory, Event, Position, Reader, StreamId};
use rectify_ledger::{Ledger, Viewer};
use rectify_log::{Log, LogError};

use crate::error::Error;

/// How often the ledger is asked again where the directory was changed meanwhile.
const ATTEMPTS: u32 = 5;

/// Who looks at a ledger of the past, and by which rights.
pub(crate) struct Seen {
    pub(crate) viewer: Viewer,
    pub(crate) scope: Scope,
}

/// Returns the directory as it was at a position.
pub(crate) async fn directory_at(log: &Log, position: Position) -> Result<Directory, LogError> {
    let mut directory = Directory::default();
    for recorded in log.read_stream(StreamId::Directory, 0).await? {
        if let Event::Directory(event) = &recorded.envelope.event
            && recorded.position <= position
        {
            directory.evolve(event);
        }
    }
    Ok(directory)
}

/// Returns somebody, with the eyes of whoever they act for, as viewers of the ledger up to a position, by the rights that the log gives
/// them as far as the ledger is folded.
pub(crate) async fn seen(
    ledger: &Ledger,
    log: &Log,
    actor: &Actor,
    at: DateTime<Utc>,
    to: Position,
) -> Result<Seen, Error> {
    for _ in 0..ATTEMPTS {
        let before = directory_at(log, ledger.checkpoint().await?).await?;
        let (viewer, position) = ledger.viewer_of_past(&viewer_of(actor, &before, at), to).await?;
        if directory_at(log, position).await? == before {
            return Ok(Seen { viewer, scope: Scope { posts: posts_of(actor, &before, at), position, at } });
        }
    }
    Err(Error::Unavailable(anyhow::anyhow!("the directory was changed each time that it was asked")))
}

/// Returns a viewer of the ledger, by what a directory gives them at an instant.
pub(super) fn viewer_of(actor: &Actor, directory: &Directory, at: DateTime<Utc>) -> Viewer {
    let other = actor.on_behalf_of.map(|other| Reader::of(other, directory, at));
    Viewer::of(Reader::of(actor.person, directory, at)).and(other)
}

/// Returns the posts that somebody, and whoever they act for, hold at an instant.
pub(super) fn posts_of(actor: &Actor, directory: &Directory, at: DateTime<Utc>) -> Vec<Post> {
    let held = actor.persons().flat_map(|person| {
        let holdings = directory.holdings(person, at);
        holdings.map(move |held| Post { person, unit: held.unit, role: held.role })
    });
    held.collect::<BTreeSet<Post>>().into_iter().collect()
}
