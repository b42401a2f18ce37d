//! The one place that makes ids.

use uuid::Uuid;

/// Returns a new id; later ones sort after earlier ones.
pub fn new() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    Uuid::now_v7()
}
