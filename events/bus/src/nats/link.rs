//! The streams of the server, as one connection may use them.

use std::future::Future;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{CreateStreamError, GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, Info, LastRawMessageErrorKind, Stream};
use async_nats::jetstream::{ErrorCode, message::StreamMessage};

use super::refusals::{Forbidden, Refusals};
use super::streams;
use crate::error::BusError;

/// A way to ask the server about its streams, which learns what it refuses. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) context: Context,
    pub(crate) refusals: Refusals,
}

impl Link {
    /// Returns a stream; nothing where it is not there.
    pub(crate) async fn stream(&self, name: &str) -> Result<Option<Stream<Info>>, BusError> {
        match self.or(&format!("STREAM.INFO.{name}"), self.context.get_stream(name)).await? {
            Ok(stream) => Ok(Some(stream)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(BusError::request("show a stream")(error.into())),
        }
    }

    /// Returns the stream, made if it was not there, or says how it differs from what is wanted.
    pub(crate) async fn ensure(&self, wanted: Config) -> Result<Stream<Info>, BusError> {
        let name = streams::named(&wanted.name);
        if let Some(found) = self.stream(&wanted.name).await? {
            let config = &found.cached_info().config;
            let Some(difference) = streams::difference(&wanted, config) else { return Ok(found) };
            let Some(mended) = streams::mended(&wanted, config) else {
                return Err(BusError::StreamDiffers { stream: name, difference });
            };
            return self.update(name, mended, difference).await;
        }
        let made = self.create(wanted).await.map_err(|source| BusError::StreamMissing { stream: name, source })?;
        made.map_err(|error| BusError::request("make a stream")(error.into()))
    }

    /// Gives a stream another configuration. Who may not is told what somebody else must mend.
    async fn update(&self, name: &'static str, config: Config, difference: String) -> Result<Stream<Info>, BusError> {
        let failed = BusError::request("change a stream");
        let asked = format!("STREAM.UPDATE.{}", config.name);
        let Ok(updated) = self.or(&asked, self.context.update_stream(&config)).await else {
            let difference = format!("{difference}; `rectify migrate` mends it, as the administrator of NATS");
            return Err(BusError::StreamDiffers { stream: name, difference });
        };
        updated.map_err(|error| failed(error.into()))?;
        tracing::info!(stream = name, difference, "a stream was brought up to date");
        self.stream(&config.name).await?.ok_or(BusError::Lost { stream: name })
    }

    /// Makes a stream.
    pub(crate) async fn make(&self, wanted: Config) -> Result<Stream<Info>, BusError> {
        self.create(wanted).await?.map_err(|error| BusError::request("make a stream")(error.into()))
    }

    async fn create(&self, wanted: Config) -> Result<Result<Stream<Info>, CreateStreamError>, Forbidden> {
        self.or(&format!("STREAM.CREATE.{}", wanted.name), self.context.create_stream(wanted)).await
    }

    /// Returns the message at a sequence of a stream; nothing where there is none.
    pub(crate) async fn message(
        &self,
        stream: &Stream<Info>,
        sequence: u64,
    ) -> Result<Option<StreamMessage>, BusError> {
        let subject = format!("STREAM.MSG.GET.{}", stream.cached_info().config.name);
        match self.or(&subject, stream.get_raw_message(sequence)).await? {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(BusError::request("show a message")(error.into())),
        }
    }

    /// Waits for what is asked under a subject, or for the server to refuse it.
    pub(crate) async fn or<T>(&self, subject: &str, asked: impl Future<Output = T>) -> Result<T, Forbidden> {
        self.refusals.or(subject, asked).await
    }
}

fn is_missing(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}
