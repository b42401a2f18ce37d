//! The frame of a process: configuration, telemetry, health, clock, shutdown.
//!
//! Read in this order:

pub mod config;

pub mod frame;
pub mod part;

pub mod bus;
pub mod database;
pub mod directory;
pub mod mirror;
pub mod sources;

pub mod media_type;
pub mod store;

pub mod act;
pub mod custody;

pub mod health;
pub mod http;
pub mod metrics;
pub mod telemetry;

pub mod clock;
pub mod ids;
pub mod shutdown;

pub use config::Config;
pub use directory::DirectoryView;
pub use frame::Frame;
pub use health::Health;
pub use metrics::Metrics;
pub use part::Part;
pub use shutdown::Shutdown;
pub use store::{Store, StoreError};
