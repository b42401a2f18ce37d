//! The frame of an intake: sheets, columns, rows, reports and the way in by HTTP.
