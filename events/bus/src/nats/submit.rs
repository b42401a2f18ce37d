use std::error::Error;
use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use tokio::time::Instant;

use super::NatsBus;
use crate::cloud_event;
use crate::error::SubmitError;
use crate::submission::{Receipt, Submission};
use crate::trace::TraceParent;

/// How long a sender waits for a server that does not answer: longer than a restart or an election takes.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(250);

impl NatsBus {
    pub(crate) async fn submit(
        &self,
        submission: &Submission,
        trace: Option<&TraceParent>,
    ) -> Result<Receipt, SubmitError> {
        if let Some(leaf) = self.options.leaf.as_ref().filter(|leaf| **leaf != submission.finding.division) {
            let division = submission.finding.division.clone();
            return Err(SubmitError::Elsewhere { division, leaf: leaf.clone() });
        }
        let id = submission.message_id();
        let message = PublishMessage::build()
            .payload(submission.bytes()?.into())
            .headers(cloud_event::of_submission(submission, &id, trace))
            .message_id(&id);
        let subject = submission.subject();

        let deadline = Instant::now() + PATIENCE;
        loop {
            let error = match self.link.or(&subject, self.publish(&subject, &message)).await? {
                Ok(ack) => return Ok(Receipt::Queued { sequence: ack.sequence, repeated: ack.duplicate }),
                Err(error) => error,
            };
            if Instant::now() + PAUSE > deadline {
                return Err(SubmitError::Unavailable(error.into()));
            }
            tracing::warn!(%error, finding.id = %submission.finding.id(), "the queue did not answer; trying again");
            tokio::time::sleep(PAUSE).await;
            if error.kind() == PublishErrorKind::StreamNotFound {
                // A server that lost its store starts without streams.
                if let Err(error) = self.ensure_queue().await {
                    tracing::warn!(error = &error as &dyn Error, "the stream of findings cannot be made again");
                }
            }
        }
    }

    async fn publish(&self, subject: &str, message: &PublishMessage) -> Result<PublishAck, PublishError> {
        self.link.context.send_publish(subject.to_owned(), message.clone()).await?.await
    }
}
