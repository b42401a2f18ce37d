//! The append-only event log on SQL.
