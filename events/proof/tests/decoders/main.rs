//! Whatever comes in, no decoder panics, and none takes more memory than what came in is worth. A corpus of what is right is cut,
//! spliced and changed; `RECTIFY_TEST_LONG=1` goes on for longer.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails")]

mod changed;
mod corpus;

mod dossiers;
mod texts;
