//! The samples of `deploy` say what the program understands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rectify_kit::Config;
use rectify_kit::config::{EvidenceStore, Flags, Key};
use rectify_tests::{folder, program};
use yaml_rust2::{Yaml, YamlLoader};

const SERVICES: [&str; 6] = ["registrar", "projector", "desk", "inspection", "audit", "petition"];

#[test]
fn the_embedded_sample_is_a_configuration_without_servers() {
    let config = load(&sample("embedded/rectify.toml"));
    assert!(config.database.is_none() && config.nats.is_none());
}

#[test]
fn the_servers_sample_is_a_configuration_with_both() {
    let folder = folder();
    std::fs::write(folder.path().join("database-url"), "postgres://rectify:secret@127.0.0.1/rectify\n").unwrap();
    std::fs::write(folder.path().join("nats-url"), "nats://rectify:secret@127.0.0.1:4222\n").unwrap();
    let text = read("servers/rectify.toml").replace("/etc/rectify", folder.path().to_str().unwrap());
    let file = folder.path().join("rectify.toml");
    std::fs::write(&file, text).unwrap();
    let config = load(&file);
    assert!(config.database.is_some() && config.nats.is_some());
    assert!(matches!(config.evidence.store, EvidenceStore::Folder(_)));
}

#[test]
fn every_variable_in_a_sample_is_a_setting() {
    // What stands in `nats` is read by nats-server, which has variables of its own.
    for path in samples().into_iter().filter(|path| !path.starts_with(sample("nats"))) {
        let text = std::fs::read_to_string(&path).unwrap();
        let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        // Kubernetes would set this one itself, as the sample tells.
        for word in words.filter(|word| word.starts_with("RECTIFY_") && *word != "RECTIFY_PORT") {
            let name = word.trim_start_matches("RECTIFY_").to_lowercase();
            let known = name == "config" || Key::of_variable(&name).is_some();
            assert!(known, "{} sets {word}, which is not a setting", path.display());
        }
    }
}

#[test]
fn compose_runs_every_service_as_a_process_of_its_own() {
    let documents = YamlLoader::load_from_str(&read("compose.yaml")).unwrap();
    let services = &documents[0]["services"];
    for service in SERVICES.iter().chain(&["migrate"]) {
        assert_eq!(services[*service]["command"][0].as_str(), Some(*service));
    }
    for mount in services["nats"]["volumes"].as_vec().unwrap() {
        let (from, _) = mount.as_str().unwrap().split_once(':').unwrap();
        assert!(!from.starts_with('.') || sample(from).exists(), "{from} is mounted and does not exist");
    }
}

#[test]
fn the_manifest_asks_for_health_and_readiness() {
    let documents = YamlLoader::load_from_str(&read("kubernetes.yaml")).unwrap();
    assert!(documents.iter().all(|document| document["metadata"]["name"].as_str() == Some("rectify")));
    let container = &documents[0]["spec"]["template"]["spec"]["containers"][0];
    let probe = |name: &str| container[name]["httpGet"]["path"].clone();
    assert_eq!(probe("livenessProbe"), Yaml::String("/healthz".into()));
    assert_eq!(probe("readinessProbe"), Yaml::String("/readyz".into()));
}

#[tokio::test]
async fn every_subcommand_of_a_sample_exists() {
    let unit = read("servers/rectify@.service");
    assert!(SERVICES.iter().all(|service| unit.contains(&format!("rectify@{service}"))));
    for subcommand in SERVICES.iter().chain(&["up", "migrate"]) {
        let output = program::run(&[subcommand, "--help"], &[]).await;
        assert!(output.status.success(), "rectify {subcommand}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "rectify {subcommand} --help says nothing");
    }
}

fn load(file: &Path) -> Config {
    let flags = Flags { config: Some(file.to_owned()), ..Flags::default() };
    Config::load_with(&flags, []).expect("a sample is a configuration")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(sample(name)).expect("the sample is there")
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name)
}

/// Returns every file under `deploy`.
fn samples() -> BTreeSet<PathBuf> {
    let mut folders = vec![sample("")];
    let mut files = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder lists its files") {
            let path = entry.expect("a folder lists its files").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    files
}
