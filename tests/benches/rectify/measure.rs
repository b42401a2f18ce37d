//! Numbers out of many measurements.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Returns the value that so many in a hundred do not exceed.
pub fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// Returns the middle value.
pub fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50)
}

/// Returns a duration in milliseconds.
pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Returns how many there are in a second.
pub fn per_second(count: u64, elapsed: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more")]
    let count = count as f64;
    count / elapsed.as_secs_f64()
}

/// Returns how many times a second the disk of a folder makes 8 KiB durable, one after the other.
pub fn syncs_per_second(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("synced")).expect("the folder takes a file");
    let block = [1u8; 8192];
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(1) {
        file.write_all(&block).and_then(|()| file.sync_data()).expect("the disk takes 8 KiB");
        count += 1;
    }
    per_second(count, start.elapsed())
}
