//! Findings in, events out: NATS `JetStream`, or a queue inside the process.
//!
//! A finding is *accepted* when it is durable (in `JetStream`, or in the log), and *acked* when its event is in the log.
//! What is not acked is delivered again; that a finding becomes one case is the log's idempotency key, not the bus.
//!
//! Read in this order:

mod bus;
mod submission;

mod delivery;
mod in_process;
mod leave;
mod mirror;
mod nats;

mod cloud_event;
mod error;
mod subject;
mod trace;

pub use bus::Bus;
pub use cloud_event::{FINDING_SCHEMA, FINDING_TYPE, data_schema, event_type};
pub use delivery::{Delivery, Findings, Seal, SetAside};
pub use error::{BusError, MirrorError, SubmitError};
pub use in_process::InProcessBus;
pub use mirror::{Found, Keyed, Last, LastEvent, Mirror, Mirrored};
pub use nats::{Act, Forbidden, NatsBus, NatsOptions, Tls};
pub use submission::{LIMIT, Receipt, Submission};
pub use trace::{NoTraceParent, TraceParent};
