//! A clock that can be set: what processes take for the time of day, through libfaketime.

use std::path::PathBuf;

use crate::{TempFolder, folder};

/// The clock of some processes, so far from the true one as was said last. How fast time passes stays as it is.
#[derive(Debug)]
pub struct SteppedClock {
    folder: TempFolder,
}

impl SteppedClock {
    /// Returns a clock that tells the true time.
    pub fn true_time() -> Self {
        let clock = Self { folder: folder() };
        clock.step_to(0);
        clock
    }

    /// Sets the clock so many seconds after the true time, or before it. Processes see it at once.
    pub fn step_to(&self, seconds: i64) {
        // Whoever reads it must not find half of it.
        let next = self.folder.path().join("next");
        std::fs::write(&next, format!("{seconds:+}\n")).expect("a temporary folder takes a file");
        std::fs::rename(next, self.file()).expect("a file is renamed in its folder");
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    pub(crate) fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("LD_PRELOAD", library().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // How long something takes is measured by another clock, which nobody sets.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

/// Removes what the library leaves in shared memory of a process that was killed: another that is given the same number later
/// would stumble over it.
pub(crate) fn forget(process: u32) {
    for left in [format!("faketime_shm_{process}"), format!("sem.faketime_sem_{process}")] {
        // Most processes go by the true time, and leave nothing.
        let _ = std::fs::remove_file(PathBuf::from("/dev/shm").join(left));
    }
}

/// Returns where Debian puts the library for programs with several threads.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("the system has libraries").filter_map(Result::ok);
    let mut files = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    files.find(|file| file.is_file()).expect("libfaketime is installed (Debian package libfaketime)")
}
