use std::fs::{self, DirBuilder, File};
use std::io::Read as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

const PREFIX: &str = "rectify-tests-";
const LOCK: &str = "lock";

/// An empty folder of one test, removed with everything in it when dropped.
#[derive(Debug)]
pub struct TempFolder(PathBuf);

/// Makes a new empty folder, which only its owner may enter.
pub fn folder() -> TempFolder {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let path = PROCESS.path.join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
    let made = DirBuilder::new().mode(0o700).create(&path);
    made.unwrap_or_else(|error| panic!("cannot make the folder {}: {error}", path.display()));
    TempFolder(path)
}

impl TempFolder {
    /// Returns where the folder is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // What cannot be removed now goes with the folder of the process.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copies a folder with everything in it, owners too where this process may give files away.
pub(crate) fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()), "cannot copy {} to {}", from.display(), to.display());
}

/// Returns 32 random hexadecimal digits.
pub(crate) fn random_digits() -> String {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .expect("the system gives random bytes");
    format!("{:032x}", u128::from_ne_bytes(bytes))
}

/// The folder in which all folders of this process are. A process that is killed cannot remove its own, nor does one
/// that ends drop its statics: so each holds a lock on its folder, and the next process to come removes the folders
/// whose lock nobody holds.
static PROCESS: LazyLock<ProcessFolder> = LazyLock::new(ProcessFolder::make);

struct ProcessFolder {
    path: PathBuf,
    _lock: File,
}

impl ProcessFolder {
    fn make() -> Self {
        sweep();
        loop {
            let path = std::env::temp_dir().join(format!("{PREFIX}{}", random_digits()));
            fs::create_dir(&path).unwrap_or_else(|error| panic!("cannot make the folder {}: {error}", path.display()));
            let lock = File::create(path.join(LOCK)).expect("a folder just made takes a file");
            // Another process may sweep the folder away between the two lines above.
            if lock.try_lock().is_ok() && path.join(LOCK).exists() {
                return Self { path, _lock: lock };
            }
        }
    }
}

fn sweep() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let abandoned = File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if abandoned {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
