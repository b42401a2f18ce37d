//! The audit intake.
