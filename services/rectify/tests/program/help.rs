//! What `--help` says.

use std::fmt::Write as _;

use rectify_tests::program;

const SUBCOMMANDS: [&[&str]; 65] = [
    &[],
    &["up"],
    &["registrar"],
    &["projector"],
    &["desk"],
    &["inspection"],
    &["audit"],
    &["petition"],
    &["petition", "certificate"],
    &["petition", "keys"],
    &["petition", "propose"],
    &["petition", "approve"],
    &["petition", "decline"],
    &["petition", "hold"],
    &["petition", "release"],
    &["petition", "looks"],
    &["import"],
    &["case"],
    &["case", "show"],
    &["ledger"],
    &["signals"],
    &["replay"],
    &["replay", "ledger"],
    &["replay", "case"],
    &["replay", "compare"],
    &["replay", "events"],
    &["replay", "paths"],
    &["export"],
    &["export", "case"],
    &["export", "ocel"],
    &["rebuild"],
    &["backup"],
    &["restore"],
    &["log"],
    &["log", "recover"],
    &["log", "fork"],
    &["verify"],
    &["reproduce"],
    &["checkpoint"],
    &["checkpoint", "show"],
    &["checkpoint", "keys"],
    &["checkpoint", "rotate-key"],
    &["doctor"],
    &["migrate"],
    &["config"],
    &["config", "show"],
    &["keys"],
    &["keys", "new"],
    &["keys", "rotate"],
    &["keys", "show"],
    &["person"],
    &["person", "add"],
    &["person", "list"],
    &["person", "grant"],
    &["person", "end"],
    &["person", "delegate"],
    &["person", "undelegate"],
    &["unit"],
    &["unit", "add"],
    &["unit", "list"],
    &["unit", "abolish"],
    &["source"],
    &["source", "define"],
    &["token"],
    &["token", "issue"],
];

/// What every subcommand takes is told once.
const SETTINGS: &str = "\nSettings:";

#[tokio::test]
async fn every_subcommand_says_what_it_does() {
    let mut told = String::new();
    for subcommand in SUBCOMMANDS {
        let arguments: Vec<&str> = subcommand.iter().copied().chain(["--help"]).collect();
        let output = program::run(&arguments, &[]).await;
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        let first = help.lines().next().unwrap_or_default();
        assert!(!first.is_empty() && !first.ends_with('.'), "{subcommand:?} begins with {first:?}");
        let own = if subcommand.is_empty() { &help } else { help.split(SETTINGS).next().unwrap_or_default() };
        let _ = write!(told, "$ rectify {}\n{}\n\n", arguments.join(" "), own.trim_end());
    }
    insta::assert_snapshot!("help", told);
}

#[tokio::test]
async fn what_is_no_subcommand_is_a_mistake_of_usage() {
    let output = program::run(&["repair"], &[]).await;
    assert_eq!(output.status.code(), Some(2));
    let output = program::run(&["unit", "add", "州水务局", "--kind", "ministry"], &[]).await;
    assert_eq!(output.status.code(), Some(2));
}
