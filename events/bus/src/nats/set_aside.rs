//! What could not be read, in a stream of its own: what came, byte by byte, with the reason in the headers.

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{Context, Message};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::{StreamExt as _, TryStreamExt as _};

use super::streams;
use crate::cloud_event::{encoded, header};
use crate::delivery::SetAside;
use crate::error::BusError;
use crate::subject;

const REASON: &str = "rectify-reason";
const SUBJECT: &str = "rectify-subject";
const RECEIVED: &str = "rectify-received";
const DELIVERED: &str = "rectify-delivered";

/// No reason needs more letters; a header must not be larger than a message may be.
const LETTERS: usize = 1000;

/// Keeps a message for the office. Twice the same message is kept once.
pub(super) async fn write(context: &Context, message: &Message, reason: &str) -> Result<(), BusError> {
    let failed = BusError::request("set a message aside");
    let info = message.info().map_err(&failed)?;
    let received = DateTime::from_timestamp_nanos(i64::try_from(info.published.unix_timestamp_nanos()).unwrap_or(0));
    let reason: String = reason.chars().take(LETTERS).collect();
    let mut headers = HeaderMap::new();
    for (name, values) in message.headers.iter().flat_map(HeaderMap::iter) {
        let name: &str = name.as_ref();
        // Only what the sender said of the event: other headers may give orders to the server.
        if name.to_ascii_lowercase().starts_with("ce-") {
            for value in values {
                headers.append(name, value.clone());
            }
        }
    }
    headers.insert(REASON, encoded(&reason));
    headers.insert(SUBJECT, encoded(message.subject.as_str()));
    headers.insert(RECEIVED, received.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    headers.insert(DELIVERED, info.delivered.to_string());
    let copy = PublishMessage::build().payload(message.payload.clone()).headers(headers).message_id(format!(
        "{}.{}",
        info.stream_sequence,
        received.timestamp_micros()
    ));
    let subject = format!("{}.{}", subject::SET_ASIDE, message.subject);
    let sent = context.send_publish(subject, copy).await.map_err(|e| failed(e.into()))?;
    sent.await.map_err(|e| failed(e.into()))?;
    Ok(())
}

/// Returns every message that was set aside.
pub(super) async fn read(context: &Context) -> Result<Vec<SetAside>, BusError> {
    let failed = BusError::request("show what was set aside");
    let stream = context.get_stream(streams::SET_ASIDE).await.map_err(|e| failed(e.into()))?;
    let count = usize::try_from(stream.cached_info().state.messages).unwrap_or(usize::MAX);
    if count == 0 {
        return Ok(Vec::new());
    }
    let consumer = stream.create_consumer(OrderedConfig::default()).await.map_err(|e| failed(e.into()))?;
    let messages = consumer.messages().await.map_err(|e| failed(e.into()))?;
    let entries = messages.take(count).map(|message| {
        let message = message.map_err(|e| failed(e.into()))?;
        entry(&message).map_err(&failed)
    });
    entries.try_collect().await
}

fn entry(message: &Message) -> Result<SetAside, async_nats::Error> {
    let headers = message.headers.clone().unwrap_or_default();
    let text = |name| header(&headers, name).ok_or_else(|| format!("a message set aside has no header {name}"));
    Ok(SetAside {
        sequence: message.info()?.stream_sequence,
        subject: text(SUBJECT)?,
        reason: text(REASON)?,
        received: text(RECEIVED)?.parse::<DateTime<Utc>>()?,
        delivered: text(DELIVERED)?.parse()?,
        bytes: message.payload.to_vec(),
    })
}
