//! The two checkers: ours, and the one in Python that was written from the description.

use std::fs;
use std::io::Cursor;
use std::process::Command;

use rectify_proof::dossier::{Refused, Verdict, check};
use rectify_proof::{Key, Trusted};

use crate::unpacked::lines;

/// Lets both judge a dossier, who must agree whether it is genuine, and returns what ours says.
#[track_caller]
pub fn judged(dossier: &[u8], keys: &[Key]) -> Result<Verdict, Refused> {
    let ours = check(Cursor::new(dossier), &Trusted { keys: keys.to_vec(), ..Trusted::default() });
    let (good, said) = theirs(dossier, keys);
    assert_eq!(ours.as_ref().is_ok_and(Verdict::is_good), good, "ours: {ours:#?}\ntheirs: {said}");
    if let Ok(ours) = &ours {
        let shown = said.lines().filter(|line| line.starts_with("shown: ")).count();
        assert_eq!(ours.opened_while_held.len(), shown, "ours: {ours:#?}\ntheirs: {said}");
    }
    assert!(good || said.starts_with("wrong: ") || said.starts_with("refused: "), "{said}");
    ours
}

/// Lets both judge a dossier that is not genuine, and returns the codes of what ours found.
#[track_caller]
pub fn wrong_with(dossier: &[u8], keys: &[Key]) -> Vec<(String, &'static str)> {
    let verdict = judged(dossier, keys).unwrap();
    assert!(!verdict.is_good());
    verdict.wrong.into_iter().map(|wrong| (wrong.file, wrong.code)).collect()
}

/// Returns whether the checker in Python finds nothing wrong, and what it says.
fn theirs(dossier: &[u8], keys: &[Key]) -> (bool, String) {
    let folder = rectify_tests::folder();
    let (zip, vkey) = (folder.path().join("dossier.zip"), folder.path().join("office.vkey"));
    fs::write(&zip, dossier).unwrap();
    fs::write(&vkey, lines(keys.iter().map(ToString::to_string))).unwrap();
    let checker = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dossier/check_dossier.py");
    let mut command = Command::new("python3");
    command.args(["-I", "-B", checker]).arg(zip).arg(vkey);
    let output = command.output().expect("Python 3 is there, with its standard library");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said)
}
