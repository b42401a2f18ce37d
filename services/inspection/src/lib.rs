//! The inspection intake: lists of problems found by central inspections, performance assessments, "look-back" reviews,
//! patrol inspections, government supervision and units' own searches.

mod item;

pub use item::InspectionItem;

/// Returns the way in by HTTP.
pub fn router(door: rectify_intake::Door) -> axum::Router {
    rectify_intake::router::<InspectionItem>(door)
}
