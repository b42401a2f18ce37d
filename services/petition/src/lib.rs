//! The petition intake: petitions, and what democratic and social supervision bring in.
//!
//! Who wrote a petition and what it says is sealed before it is handed in; a short masked summary stays in clear.

mod petition;

pub use petition::Petition;

/// Returns the way in by HTTP.
pub fn router(door: rectify_intake::Door) -> axum::Router {
    rectify_intake::router::<Petition>(door)
}
