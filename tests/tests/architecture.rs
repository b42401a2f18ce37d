//! The arrows between the crates, and what the crates bring with them, as `cargo metadata` tells them.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// From the ground up: a crate may depend on those of lower layers only. Services never depend on each other, so they
/// share one.
const LAYERS: [&[&str]; 8] = [
    &["rectify-case"],
    &["rectify-log", "rectify-bus"],
    &["rectify-proof"],
    &["rectify-kit"],
    &["rectify-accounts", "rectify-keys", "rectify-ledger", "rectify-mining"],
    &["rectify-intake"],
    &[
        "rectify-inspection",
        "rectify-audit",
        "rectify-petition",
        "rectify-carry-over",
        "rectify-registrar",
        "rectify-projector",
        "rectify-desk",
    ],
    &["rectify"],
];

/// The tests look at the system from outside: every crate's own tests may use their support, which uses none of ours.
const TESTS: &str = "rectify-tests";

/// Everything a licence may say for the program to be passed on as it is.
const LICENCES: [&str; 11] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_crate_has_its_layer() {
    let layered: BTreeSet<String> = LAYERS.concat().into_iter().chain([TESTS]).map(str::to_owned).collect();
    let members: BTreeSet<String> = members().into_iter().map(|member| member.name).collect();
    assert_eq!(members, layered);
}

#[test]
fn dependencies_point_downward() {
    for member in members() {
        for dependency in &member.dependencies {
            let Some(below) = layer(&dependency.name) else { continue };
            if member.name == TESTS {
                assert!(dependency.for_tests, "{TESTS} is used by {}, so it must not use it", dependency.name);
            } else {
                let above = layer(&member.name).expect("another test checks that every crate has a layer");
                assert!(below < above, "{} depends on {}, which is not below it", member.name, dependency.name);
            }
        }
    }
}

#[test]
fn only_tests_use_the_support_of_the_tests() {
    for member in members() {
        for dependency in member.dependencies.iter().filter(|dependency| dependency.name == TESTS) {
            assert!(dependency.for_tests, "{} depends on {TESTS} outside its tests", member.name);
        }
    }
}

#[test]
fn only_the_storing_crates_name_sqlx() {
    // The benches compare with what is written straight on sqlx; what is mined is also written as a database of its own.
    only(
        &[
            "rectify-log",
            "rectify-proof",
            "rectify-ledger",
            "rectify-accounts",
            "rectify-keys",
            "rectify-mining",
            TESTS,
        ],
        "sqlx",
    );
}

#[test]
fn only_the_bus_names_its_broker() {
    only(&["rectify-bus"], "async-nats");
}

#[test]
fn only_what_speaks_http_names_axum() {
    let speakers = [
        "rectify-kit",
        "rectify-intake",
        "rectify-inspection",
        "rectify-audit",
        "rectify-petition",
        "rectify-carry-over",
        "rectify-desk",
        "rectify",
        // Whose bench asks the desk's routes.
        TESTS,
    ];
    only(&speakers, "axum");
}

#[test]
fn the_domain_depends_on_next_to_nothing() {
    let case = members().into_iter().find(|member| member.name == "rectify-case").expect("a member");
    let names: BTreeSet<String> = case
        .dependencies
        .into_iter()
        .filter(|dependency| !dependency.for_tests)
        .map(|dependency| dependency.name)
        .collect();
    assert_eq!(Vec::from_iter(names), ["chrono", "schemars", "serde", "thiserror", "uuid"]);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for member in members() {
        let manifest = std::fs::read_to_string(&member.manifest).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} does not", member.name);
    }
}

#[test]
fn every_dependency_may_be_passed_on_and_comes_from_the_registry() {
    for package in packages_of_the_whole_program() {
        let name = &package["name"];
        let Some(source) = package["source"].as_str() else { continue };
        assert!(source.contains("crates.io-index"), "{name} comes from {source}");
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        // Of several to choose from, one that is known is enough.
        let choice = licence.split(" OR ").find(|choice| LICENCES.contains(choice));
        for word in choice.unwrap_or(licence).split(['(', ')', '/', ' ']).filter(|word| !word.is_empty()) {
            let known = ["OR", "AND", "WITH", "LLVM-exception"].contains(&word) || LICENCES.contains(&word);
            assert!(known, "{name} is under {licence}: nobody has looked at {word} yet");
        }
    }
}

/// Two that are linked together panic at run time unless one was chosen before the first connection.
#[test]
fn there_is_one_implementation_of_tls() {
    let packages = packages_of_the_whole_program();
    let found: Vec<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .filter(|name| ["ring", "aws-lc-rs", "openssl", "native-tls"].contains(name))
        .collect();
    assert_eq!(found, ["ring"]);
}

struct Member {
    name: String,
    manifest: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    for_tests: bool,
}

#[track_caller]
fn only(permitted: &[&str], dependency: &str) {
    for member in members() {
        let names = member.dependencies.iter().any(|other| other.name == dependency);
        assert!(!names || permitted.contains(&member.name.as_str()), "{} names {dependency}", member.name);
    }
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

fn members() -> Vec<Member> {
    let metadata = metadata(&["--no-deps", "--offline"]);
    let packages = metadata["packages"].as_array().expect("metadata list packages");
    packages
        .iter()
        .map(|package| Member {
            name: text(&package["name"]),
            manifest: text(&package["manifest_path"]),
            dependencies: package["dependencies"]
                .as_array()
                .expect("a package lists its dependencies")
                .iter()
                .map(|dependency| Dependency {
                    name: text(&dependency["name"]),
                    for_tests: dependency["kind"] == "dev",
                })
                .collect(),
        })
        .collect()
}

/// Returns every package of the workspace's dependency graph on this platform, heavy features and all.
fn packages_of_the_whole_program() -> Vec<Value> {
    let rustc = Command::new("rustc").args(["--print", "host-tuple"]).output().expect("rustc runs");
    let host = String::from_utf8(rustc.stdout).expect("a tuple is text");
    let metadata = metadata(&["--all-features", "--filter-platform", host.trim()]);
    metadata["packages"].as_array().expect("metadata list packages").clone()
}

fn metadata(arguments: &[&str]) -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("metadata are JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
