//! What surrounds an installation and changes under it: the time of day, and the room on its disks.

use std::cell::Cell;
use std::path::PathBuf;

use rectify_tests::bed::{Installation, Shape};
use rectify_tests::clock::SteppedClock;
use rectify_tests::disk::Disk;

/// The time that is right here, in minutes after the true one: later than when people got their roles, also where it is set
/// back. The clients go by the true time, and must not care.
const RIGHT: i64 = 12 * 60;

/// How much room each disk has, in mebibytes: enough for every campaign.
const ROOM: u32 = 256;

/// The clock of every process of an installation, and the disks it writes to, where such can be mounted.
#[derive(Debug)]
pub struct Surroundings {
    clock: SteppedClock,
    /// How far ahead of the right time the clock was set at most, in minutes.
    furthest: Cell<i64>,
    disks: Result<Disks, String>,
}

/// The disks of an installation.
#[derive(Debug)]
struct Disks {
    /// Under the data folder: the evidence, and the databases where they are files.
    data: Disk,
    /// Under what the broker stores, where there is one.
    broker: Option<Disk>,
}

impl Surroundings {
    /// Prepares what an installation of a shape is to stand in.
    pub fn of(shape: Shape) -> Surroundings {
        let disks = Disk::mounted(ROOM).and_then(|data| {
            let broker = match shape {
                Shape::Embedded => None,
                Shape::Servers | Shape::Guarded => Some(Disk::mounted(ROOM)?),
            };
            Ok(Disks { data, broker })
        });
        Surroundings { clock: SteppedClock::true_time(), furthest: Cell::new(0), disks }
    }

    /// Returns why there are no disks that can be full, where there are none.
    pub fn without_disks(&self) -> Option<&str> {
        self.disks.as_ref().err().map(String::as_str)
    }

    /// Returns the folder that the broker is to store in.
    pub fn broker_store(&self) -> Option<PathBuf> {
        Some(self.brokers_disk()?.path().join("store"))
    }

    /// Puts an installation into these surroundings, from its next start on.
    pub fn take_in(&self, installation: &mut Installation) {
        installation.keep_time_by(&self.clock);
        if let Some(disk) = self.data_disk() {
            installation.set("RECTIFY_DATA", disk.path().join("data").display().to_string());
        }
    }

    /// Sets the clock so many minutes after the right time, or before it.
    pub fn set_clock(&self, minutes: i64) {
        self.furthest.set(self.furthest.get().max(minutes));
        self.clock.step_to((RIGHT + minutes) * 60);
    }

    /// Sets the clock ahead of whatever was recorded by it.
    pub fn set_clock_ahead(&self) {
        self.set_clock(self.furthest.get());
    }

    /// Returns the disk under the data folder, where there is one.
    pub fn data_disk(&self) -> Option<&Disk> {
        Some(&self.disks.as_ref().ok()?.data)
    }

    /// Returns the disk under what the broker stores, where there is one.
    pub fn brokers_disk(&self) -> Option<&Disk> {
        self.disks.as_ref().ok()?.broker.as_ref()
    }
}
