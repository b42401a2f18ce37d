//! What people see: the HTTP API.
