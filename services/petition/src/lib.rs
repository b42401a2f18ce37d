//! The petition intake.
