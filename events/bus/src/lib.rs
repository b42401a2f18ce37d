//! Findings in, events out: NATS JetStream, or in process.
