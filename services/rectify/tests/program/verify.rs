//! `rectify verify`: whether the history is as it was written, said in a line and by an exit code.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rectify_log::{Db, Options};
use rectify_tests::program::Program;
use rectify_tests::{free_port, until};
use serde_json::Value;

use crate::office::{Office, Said};

const LIMIT: Duration = Duration::from_mins(1);

/// A sample prefecture that was filled, sealed and signed, and whose server has ended. Returns how large its log is.
async fn played(office: &Office) -> u64 {
    let url = format!("http://127.0.0.1:{}", free_port());
    let (listen, data) = (url.replace("http://", ""), office.path("data"));
    let mut up = Program::start(&["up", "--demo", "--listen", &listen, "--data", &data], &[]).await;
    up.line("/link/rcl_").await;
    let only_the_log = ["verify", "--without", "rules", "--without", "ledger", "--without", "evidence"];
    let signed = async || {
        let said = office.asks(&only_the_log).await;
        said.code == 0 && !said.out.contains("no checkpoint covers")
    };
    until(LIMIT, "everything is signed", signed).await;
    assert!(up.terminate().await.success());
    let shown = office.asks(&["checkpoint", "show"]).await;
    shown.out.lines().nth(1).unwrap().parse().unwrap()
}

fn verdict(said: &Said) -> &str {
    said.out.lines().last().unwrap_or_default()
}

#[tokio::test]
async fn a_history_is_verified_against_what_was_kept_elsewhere() {
    let office = Office::empty();
    let events = played(&office).await;
    let alone = office.asks(&["verify"]).await;
    assert_eq!(alone.code, 0, "{}{}", alone.out, alone.err);
    assert_eq!(verdict(&alone), format!("一致，尚无外部见证 · consistent, not witnessed: {events} events"));
    for line in ["rules        checked over ", "ledger       ", "evidence     "] {
        assert!(alone.out.contains(line), "{}", alone.out);
    }

    let (note, key) = (office.asks(&["checkpoint", "show"]).await.out, office.does(&["checkpoint", "keys"]).await);
    let (note, key) = (office.file("checkpoint.txt", &note), office.file("office.vkey", &key));
    let report = office.path("report.json");
    let kept = office.asks(&["verify", "--checkpoint", &note, "--key", &key, "--json", &report]).await;
    assert_eq!(kept.code, 0, "{}{}", kept.out, kept.err);
    assert_eq!(
        verdict(&kept),
        format!("一致，有外部见证 · consistent, and witnessed up to {events} of {events} events")
    );
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(report["log"]["witnessed"], events);

    let wrong = office.asks(&["verify", "--against", "7:0123456789abcdef", "--without", "ledger"]).await;
    assert_eq!(wrong.code, 1, "{}", wrong.out);
    assert!(verdict(&wrong).starts_with("不一致 · NOT consistent: first at position 7: "), "{}", wrong.out);
    assert!(verdict(&wrong).ends_with("not looked at: ledger"), "{}", wrong.out);

    let unread = office.asks(&["verify", "--checkpoint", &office.path("nowhere")]).await;
    assert_eq!((unread.code, unread.out.as_str()), (2, ""), "{}", unread.err);
    assert!(unread.err.starts_with("rectify: not verified: cannot read "), "{}", unread.err);
}

#[tokio::test]
async fn what_was_changed_beside_the_log_is_named() {
    let office = Office::empty();
    played(&office).await;
    let data = office.path("data");
    let file = walk(&Path::new(&data).join("evidence")).into_iter().min().unwrap();
    std::fs::write(&file, "换过的照片").unwrap();
    let changed = office.asks(&["verify", "--without", "ledger"]).await;
    let name = file.file_name().unwrap().to_str().unwrap();
    assert_eq!(changed.code, 1);
    assert!(changed.out.contains(&format!("the file {name} is not what was filed (evidence)")), "{}", changed.out);
    std::fs::remove_file(&file).unwrap();
    let gone = office.asks(&["verify", "--without", "ledger"]).await;
    assert!(gone.out.contains(&format!("the file {name} is on file and not in the store (evidence)")), "{}", gone.out);

    // The night before the audit, in the file itself.
    let file = Path::new(&data).join("rectify.db");
    // What was written last may lie beside it.
    Db::open(&file, &Options::default()).await.unwrap().close().await;
    let mut bytes = std::fs::read(&file).unwrap();
    let (was, is) = (br#""kind":"rectified""#, br#""kind":"unfounded""#);
    let at = bytes.windows(was.len()).position(|window| window == was).unwrap();
    bytes[at..at + is.len()].copy_from_slice(is);
    std::fs::write(&file, bytes).unwrap();
    let edited = office.asks(&["verify", "--without", "evidence"]).await;
    assert_eq!(edited.code, 1);
    assert!(edited.out.contains("the hash that is stored is not that of its bytes (leaf)"), "{}", edited.out);
    assert!(edited.out.contains("ledger       not compared: the log cannot be folded to its end"), "{}", edited.out);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
