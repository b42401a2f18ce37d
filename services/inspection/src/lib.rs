//! The inspection intake.
