//! Every refusal there is is shown by a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rectify_case::Refusal;

#[test]
fn every_refusal_is_shown_by_a_test() {
    let shown = shown();
    let missing: Vec<&Refusal> = Refusal::ALL.iter().filter(|r| !shown.contains(&format!("{r:?}"))).collect();
    assert_eq!(missing, Vec::<&Refusal>::new());
}

#[test]
fn no_two_refusals_have_the_same_code_or_sentence() {
    let all = Refusal::ALL;
    assert_eq!(all.iter().map(|r| r.code()).collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(all.iter().map(|r| r.chinese()).collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(all.iter().map(|r| r.english()).collect::<BTreeSet<_>>().len(), all.len());
}

/// The refusals that a test expects: what stands in `.refused(…)` in the files beside this one.
fn shown() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/case");
    let texts = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let texts: Vec<String> = texts.map(|path| fs::read_to_string(path).unwrap()).collect();
    let expected = texts.iter().flat_map(|text| text.split(".refused(Refusal::").skip(1));
    expected.map(|rest| rest.split(')').next().unwrap_or_default().to_owned()).collect()
}
