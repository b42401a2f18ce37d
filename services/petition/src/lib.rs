//! The petition intake: petitions, and what democratic and social supervision bring in.
//!
//! Until petitions are sealed it takes no columns that name a petitioner, and its report says so.

mod petition;

pub use petition::Petition;

/// Returns the way in by HTTP.
pub fn router(door: rectify_intake::Door) -> axum::Router {
    rectify_intake::router::<Petition>(door)
}
