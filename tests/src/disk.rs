//! A disk that can be full: a small file system of its own in memory, which only root may mount. Tests that need one have
//! `as_root` in their name, and `tests/run` leaves them out, counted, where it cannot be had.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{TempFolder, folder, keeper};

const FILLER: &str = "filler";

/// A mounted disk, gone with everything on it when dropped.
#[derive(Debug)]
pub struct Disk(TempFolder);

impl Disk {
    /// Mounts a disk with so many mebibytes, which everybody may write to.
    pub fn of(mebibytes: u32) -> Self {
        Self::mounted(mebibytes).unwrap_or_else(|error| {
            panic!(
                "cannot mount a disk ({error}): run as root, or leave such tests out by name with \
                 `tests/run --skip as_root`"
            )
        })
    }

    /// Mounts the same; returns what is wrong where this process may not.
    pub fn mounted(mebibytes: u32) -> Result<Self, String> {
        let folder = folder();
        keeper::let_in(folder.path());
        let place = folder.path().join("disk");
        fs::create_dir(&place).expect("a folder just made takes a folder");
        let options = format!("size={mebibytes}m,mode=0777");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "rectify-tests"]).arg(&place);
        match mount.output() {
            Ok(output) if output.status.success() => Ok(Self(folder)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Returns where the disk is.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("disk")
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut filler =
            File::options().create(true).append(true).open(self.path().join(FILLER)).expect("a disk to fill");
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0; size];
            loop {
                match filler.write_all(&block) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("cannot fill the disk: {error}"),
                }
            }
        }
    }

    /// Gives back the room that was taken.
    pub fn free(&self) {
        fs::remove_file(self.path().join(FILLER)).expect("the disk was filled");
    }

    /// Returns every file on the disk but the one that fills it, by its path on it.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.path(), &mut files);
        files.retain(|file| !file.ends_with(FILLER));
        files
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: what still has a file open on it keeps it until it closes it.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed").flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
