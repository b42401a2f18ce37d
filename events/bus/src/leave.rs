//! Leaving the mirror of another history: what it has is kept under another name, and the mirror begins anew.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, Info, Source, Stream};
use rectify_case::{LogId, Position};
use tokio::time::Instant;

use crate::error::{BusError, MirrorError};
use crate::mirror::Mirror;
use crate::nats::{LOG, Link, kept, log_stream};

/// How long the server may copy nothing before that counts as standing still.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is asked how far it has come.
const POLL: Duration = Duration::from_millis(50);

impl Mirror {
    /// Returns the name of the stream that keeps what the mirror had of a log that was left.
    pub fn left_name(log: LogId) -> String {
        format!("{LOG}-{log}")
    }

    /// Copies everything that the mirror has into a stream of its own, which nobody can change, and makes the mirror anew
    /// with nothing in it. Returns how far it went. Cut off anywhere, it is begun again and goes on.
    pub async fn leave(&self, log: LogId) -> Result<Position, MirrorError> {
        let mirror = self.stream().await?;
        let state = &mirror.cached_info().state;
        let (first, last) = (state.first_sequence.max(1), state.last_sequence);
        let name = Mirror::left_name(log);
        let wanted = Config {
            description: Some("every event of a log that another goes on from, at its position".to_owned()),
            first_sequence: Some(first),
            sources: Some(vec![Source { name: LOG.to_owned(), ..Source::default() }]),
            subjects: Vec::new(),
            ..kept(&name, &name, self.replicas)
        };
        let copy = match self.link.stream(&name).await? {
            Some(found) => found,
            None => self.link.make(wanted).await?,
        };
        copied(copy, last).await?;

        let copy = self.link.stream(&name).await?.ok_or(MirrorError::Lost)?;
        let ends = (self.link.message(&mirror, last).await?, self.link.message(&copy, last).await?);
        if ends.0.is_none() || ends.0.map(|message| message.payload) != ends.1.map(|message| message.payload) {
            return Err(MirrorError::Differs { position: last });
        }
        // Before the mirror is made anew, or the copy would go on with that.
        let config = &copy.cached_info().config;
        if !config.sealed {
            let closed = Config { sources: None, sealed: true, ..config.clone() };
            let subject = format!("STREAM.UPDATE.{name}");
            let closed = self.link.or(&subject, self.link.context.update_stream(closed)).await;
            closed.map_err(BusError::from)?.map_err(|e| BusError::request("close the copy of the mirror")(e.into()))?;
        }
        begin_anew(&self.link, self.replicas).await?;
        Ok(last)
    }
}

async fn copied(mut copy: Stream<Info>, last: Position) -> Result<(), MirrorError> {
    let (mut moved, mut reached) = (Instant::now(), 0);
    loop {
        let info = copy.info().await.map_err(|e| BusError::request("show the copy of the mirror")(e.into()))?;
        let found = info.state.last_sequence;
        if found >= last {
            return Ok(());
        }
        if found > reached {
            (moved, reached) = (Instant::now(), found);
        }
        if moved.elapsed() > PATIENCE {
            return Err(MirrorError::NotCopied { reached, last });
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn begin_anew(link: &Link, replicas: usize) -> Result<(), BusError> {
    let deleted = link.or(&format!("STREAM.DELETE.{LOG}"), link.context.delete_stream(LOG)).await?;
    deleted.map_err(|e| BusError::request("take the old mirror away")(e.into()))?;
    link.ensure(log_stream(replicas, 1)).await?;
    Ok(())
}
