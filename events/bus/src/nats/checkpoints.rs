//! What the sealer signed, in a stream of its own: the note as it is, under the log's id.

use async_nats::jetstream::message::PublishMessage;
use rectify_case::{LogId, Position};

use super::Link;
use crate::error::BusError;
use crate::subject;

/// Publishes a checkpoint. Twice the same is kept once.
pub(super) async fn publish(link: &Link, log: LogId, size: Position, note: &str) -> Result<(), BusError> {
    let subject = format!("{}.{log}", subject::CHECKPOINTS);
    let message = PublishMessage::build().payload(note.to_owned().into()).message_id(format!("{log}.{size}"));
    let publish = async {
        let sent = link.context.send_publish(subject.clone(), message).await?;
        sent.await
    };
    let published = link.or(&subject, publish).await?;
    published.map(drop).map_err(|error| BusError::request("publish a checkpoint")(error.into()))
}
