//! The frame of a process: configuration, telemetry, health, clock, shutdown.
