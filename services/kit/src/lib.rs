//! The frame of a process: configuration, telemetry, health, clock, shutdown.
//!
//! Read in this order:

pub mod config;

pub mod health;
pub mod http;
pub mod metrics;
pub mod telemetry;

pub mod ids;
pub mod shutdown;

pub use config::Config;
pub use health::Health;
pub use metrics::Metrics;
pub use shutdown::Shutdown;
