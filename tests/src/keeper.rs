//! Servers live no longer than the process that started them, however it ends: the kernel signals them when the thread
//! that spawned them dies (`PR_SET_PDEATHSIG`, set by `setpriv`). A test's own thread dies with the test, so one thread
//! that lives as long as the process spawns them all.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use crate::until;

/// The user `nobody`, on every Linux.
const NOBODY: u32 = 65534;

/// Prepares a server program whose parent's death sends it the signal, and whose output goes to the file.
pub(crate) fn server(program: &Path, death_signal: &str, output: &Path) -> Command {
    let output = File::create(output).unwrap_or_else(|error| panic!("cannot write {}: {error}", output.display()));
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig".as_ref(), death_signal.as_ref(), "--".as_ref(), program.as_os_str()])
        .stdin(Stdio::null())
        .stderr(output.try_clone().expect("an open file has a second handle"))
        .stdout(output);
    command
}

/// Runs the command as nobody when this process is root: some servers refuse root.
pub(crate) fn not_as_root(command: &mut Command) {
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
}

/// Gives the file or folder to the user that `not_as_root` runs as.
pub(crate) fn give_away(path: &Path) {
    if is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give a file away");
    }
}

/// Lets every user pass through the folder.
pub(crate) fn let_in(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a folder of ours can be opened");
}

/// Spawns the command from the thread that lives as long as the process.
pub(crate) fn spawn(command: Command) -> Child {
    type Request = (Command, Sender<io::Result<Child>>);
    static KEEPER: LazyLock<Sender<Request>> = LazyLock::new(|| {
        let (sender, receiver) = channel::<Request>();
        std::thread::spawn(move || {
            for (mut command, answer) in receiver {
                let _ = answer.send(command.spawn());
            }
        });
        sender
    });
    let name = command.get_program().to_os_string();
    let (answer, child) = channel();
    KEEPER.send((command, answer)).expect("the thread ends with the process");
    child
        .recv()
        .expect("the thread answers every request")
        .unwrap_or_else(|error| panic!("cannot start {} (Debian package util-linux): {error}", name.display()))
}

/// Sends a signal, by its name without SIG, to a child that was not waited for yet.
pub(crate) fn signal(child: &Child, name: &str) {
    assert!(signal_process(child.id(), name), "cannot send {name} to process {}", child.id());
}

/// Sends a signal to a process, and returns whether it was there.
pub(crate) fn signal_process(id: u32, name: &str) -> bool {
    let mut kill = Command::new("sh");
    kill.args(["-c", r#"kill -s "$0" "$1""#, name]).arg(id.to_string()).stderr(Stdio::null());
    kill.status().is_ok_and(|status| status.success())
}

/// Returns the processes that a child has started and that still run.
pub(crate) fn children(child: &Child) -> Vec<u32> {
    let path = format!("/proc/{0}/task/{0}/children", child.id());
    let told = std::fs::read_to_string(path).expect("the kernel tells the children of a process");
    told.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// Waits until the child has ended.
pub(crate) async fn ended(child: &mut Child, limit: Duration, name: impl AsRef<OsStr>) -> ExitStatus {
    let mut status = None;
    until(limit, &format!("{} has ended", name.as_ref().display()), async || {
        status = child.try_wait().expect("a child of ours can be waited for");
        status.is_some()
    })
    .await;
    status.expect("the wait above ends with a status")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
