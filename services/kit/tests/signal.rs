//! A signal ends the process in order. Alone in its file, for a signal is for the whole process.

use std::process::Command;

use rectify_kit::Shutdown;
use rectify_kit::shutdown::PATIENCE;

#[tokio::test]
async fn a_signal_begins_the_shutdown() {
    let shutdown = Shutdown::new();
    shutdown.on_signals().unwrap();
    let begun = shutdown.begun();
    shutdown.spawn("patient", async move {
        begun.await;
        Ok(())
    });
    let sent = Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status().unwrap();
    assert!(sent.success());
    tokio::time::timeout(PATIENCE, shutdown.finished(PATIENCE)).await.unwrap().unwrap();
    assert!(shutdown.has_begun());
}
