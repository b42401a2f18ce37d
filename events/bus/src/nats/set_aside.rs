//! What could not be read, in a stream of its own: what came, sealed, with the reason in the headers.

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{Link, streams};
use crate::bus::WINDOW;
use crate::cloud_event::{encoded, header};
use crate::delivery::{Seal, SetAside};
use crate::error::BusError;
use crate::subject;

const REASON: &str = "rectify-reason";
const SUBJECT: &str = "rectify-subject";
const RECEIVED: &str = "rectify-received";
const DELIVERED: &str = "rectify-delivered";
const SEALED: &str = "rectify-sealed";

/// No reason needs more letters; a header must not be larger than a message may be.
const LETTERS: usize = 1000;

/// Keeps a message for the office. Twice the same message is kept once.
pub(super) async fn write(link: &Link, message: &Message, reason: &str, seal: &Seal) -> Result<(), BusError> {
    let failed = BusError::request("set a message aside");
    let info = message.info().map_err(&failed)?;
    let received = DateTime::from_timestamp_nanos(i64::try_from(info.published.unix_timestamp_nanos()).unwrap_or(0));
    let reason: String = reason.chars().take(LETTERS).collect();
    let mut headers = HeaderMap::new();
    for (name, values) in message.headers.iter().flat_map(HeaderMap::iter) {
        let name: &str = name.as_ref();
        let name_of_header = name.to_ascii_lowercase();
        // Only what the sender said of the event: other headers may give orders to the server. Not whom or what it is of:
        // that is for who opens it.
        if name_of_header.starts_with("ce-") && name_of_header != "ce-subject" {
            for value in values {
                headers.append(name, value.clone());
            }
        }
    }
    headers.insert(REASON, encoded(&reason));
    headers.insert(SUBJECT, encoded(message.subject.as_str()));
    headers.insert(RECEIVED, received.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    headers.insert(DELIVERED, info.delivered.to_string());
    headers.insert(SEALED, "true");
    let copy = PublishMessage::build()
        .payload(seal.sealed(&message.payload).into())
        .headers(headers)
        .message_id(format!("{}.{}", info.stream_sequence, received.timestamp_micros()));
    let subject = format!("{}.{}", subject::SET_ASIDE, message.subject);
    let publish = async {
        let sent = link.context.send_publish(subject.clone(), copy).await?;
        sent.await
    };
    link.or(&subject, publish).await?.map_err(|e| failed(e.into()))?;
    Ok(())
}

/// Returns every message that was set aside. Each is asked for by its number, so that nobody needs the right to make a
/// consumer for that.
pub(super) async fn read(link: &Link) -> Result<Vec<SetAside>, BusError> {
    let failed = BusError::request("show what was set aside");
    // Whoever sets something aside makes it.
    let Some(stream) = link.stream(streams::SET_ASIDE).await? else { return Ok(Vec::new()) };
    let state = &stream.cached_info().state;
    if state.messages == 0 {
        return Ok(Vec::new());
    }
    let numbers = state.first_sequence..=state.last_sequence;
    let kept = stream::iter(numbers).map(|number| link.message(&stream, number)).buffered(WINDOW);
    let entries = kept.try_filter_map(async |message| match message {
        Some(message) => entry(&message).map(Some).map_err(&failed),
        None => Ok(None),
    });
    entries.try_collect().await
}

/// Returns the message that was set aside under a number.
pub(super) async fn read_at(link: &Link, sequence: u64) -> Result<Option<SetAside>, BusError> {
    let failed = BusError::request("show what was set aside");
    let Some(stream) = link.stream(streams::SET_ASIDE).await? else { return Ok(None) };
    let message = link.message(&stream, sequence).await?;
    message.map(|message| entry(&message)).transpose().map_err(failed)
}

fn entry(message: &StreamMessage) -> Result<SetAside, async_nats::Error> {
    let text = |name| header(&message.headers, name).ok_or_else(|| format!("a message set aside has no header {name}"));
    Ok(SetAside {
        sequence: message.sequence,
        subject: text(SUBJECT)?,
        reason: text(REASON)?,
        received: text(RECEIVED)?.parse::<DateTime<Utc>>()?,
        delivered: text(DELIVERED)?.parse()?,
        bytes: message.payload.to_vec(),
        sealed: header(&message.headers, SEALED).is_some(),
    })
}
