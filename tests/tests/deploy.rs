//! The samples of `deploy` say what the program understands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rectify_kit::Config;
use rectify_kit::config::{EvidenceStore, Flags, Key};
use rectify_tests::{folder, program};
use secrecy::{ExposeSecret as _, SecretString};
use yaml_rust2::{Yaml, YamlLoader};

const SERVICES: [&str; 6] = ["registrar", "projector", "desk", "inspection", "audit", "petition"];

#[test]
fn the_embedded_sample_is_a_configuration_without_servers() {
    let config = load(&sample("embedded/rectify.toml"));
    assert!(config.database.is_none() && config.nats.is_none());
}

#[test]
fn the_servers_sample_is_a_configuration_with_both_once_systemd_hands_in_the_secrets() {
    // What `LoadCredential=rectify:<folder>` makes of the files of a folder.
    let credentials = folder();
    for (name, url) in [
        ("database-url", "postgres://rectify_desk:secret@127.0.0.1/rectify\n"),
        ("database-append-url", "postgres://rectify_appender:secret@127.0.0.1/rectify\n"),
        ("keys-url", "postgres://rectify_keys:secret@127.0.0.1/rectify_keys\n"),
        ("nats-url", "nats://desk:secret@127.0.0.1:4222\n"),
    ] {
        std::fs::write(credentials.path().join(format!("rectify_{name}")), url).unwrap();
    }
    let flags = Flags { config: Some(sample("servers/rectify.toml")), ..Flags::default() };
    let given = [("CREDENTIALS_DIRECTORY".into(), credentials.path().into())];
    let config = Config::load_with(&flags, given).unwrap();
    assert!(config.database.is_some() && config.appender.is_some() && config.nats.is_some());
    let url = |url: &Option<SecretString>| url.as_ref().map(|url| url.expose_secret().to_owned());
    assert_ne!(url(&config.keys.database), url(&config.database), "the keys are apart from the log");
    assert!(matches!(config.evidence.store, EvidenceStore::Folder(_)));
    assert!(!config.shown().contains("secret@"), "{}", config.shown());
}

#[test]
fn a_unit_keeps_its_process_from_everything_it_has_no_need_of() {
    for unit in ["embedded/rectify.service", "servers/rectify@.service"] {
        let text = read(unit);
        let set: BTreeSet<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
        for line in [
            "User=rectify",
            "StateDirectoryMode=0700",
            "UMask=0077",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "PrivateTmp=yes",
            "PrivateDevices=yes",
            "PrivateUsers=yes",
            "NoNewPrivileges=yes",
            "CapabilityBoundingSet=",
            "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
            "RestrictNamespaces=yes",
            "MemoryDenyWriteExecute=yes",
            "SystemCallArchitectures=native",
            "SystemCallFilter=@system-service",
            "SystemCallFilter=~@privileged @resources",
        ] {
            assert!(set.contains(line), "{unit} has no line {line}");
        }
    }
    let unit = read("servers/rectify@.service");
    assert!(unit.contains("\nLoadCredential=rectify:/etc/rectify/secrets/%i\n"));
}

/// 0 is fully closed and 10 fully open; below 2 `systemd-analyze` calls it OK.
#[tokio::test]
async fn systemd_finds_little_to_say_against_a_unit() {
    let folder = folder();
    for (unit, copy) in
        [("embedded/rectify.service", "rectify.service"), ("servers/rectify@.service", "rectify@desk.service")]
    {
        let path = folder.path().join(copy);
        // A program that is there, and no user to look up: what else is wrong is the unit's.
        let text = read(unit).replace("/usr/local/bin/rectify", "/bin/true");
        std::fs::write(&path, text).unwrap();
        let analyzed = |arguments: &'static [&'static str]| {
            let mut command = tokio::process::Command::new("systemd-analyze");
            command.args(arguments).arg(&path).output()
        };
        let verified = analyzed(&["verify", "--man=no"]).await.expect("Debian package systemd");
        let complaints = String::from_utf8_lossy(&verified.stderr);
        let about_it: Vec<&str> = complaints.lines().filter(|line| line.contains(copy)).collect();
        assert!(about_it.is_empty(), "{about_it:#?}");
        let examined =
            analyzed(&["security", "--offline=true", "--threshold=20"]).await.expect("Debian package systemd");
        assert!(examined.status.success(), "{unit}\n{}", String::from_utf8_lossy(&examined.stdout));
    }
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
    let secret = |name: &str, secret: &str| {
        let own = documents[0][name]["secrets"].as_vec().unwrap();
        own.iter().any(|known| known.as_str() == Some(secret))
    };
    assert!(secret("x-keys", "keys-url") && !secret("x-rectify", "keys-url"), "the keys are apart from the log");
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

#[test]
fn a_container_runs_as_nobody_in_particular_and_writes_to_its_volumes_only() {
    let documents = YamlLoader::load_from_str(&read("kubernetes.yaml")).unwrap();
    let pod = &documents[0]["spec"]["template"]["spec"];
    assert_eq!(pod["securityContext"]["runAsNonRoot"], Yaml::Boolean(true));
    for container in [&pod["initContainers"][0], &pod["containers"][0]] {
        let closed = &container["securityContext"];
        assert_eq!(closed["readOnlyRootFilesystem"], Yaml::Boolean(true));
        assert_eq!(closed["allowPrivilegeEscalation"], Yaml::Boolean(false));
        assert_eq!(closed["capabilities"]["drop"][0], Yaml::String("ALL".into()));
        let urls = container["env"].as_vec().unwrap().iter().filter_map(|variable| variable["name"].as_str());
        assert!(urls.filter(|name| name.contains("_URL")).all(|name| name.ends_with("_FILE")));
    }
    assert!(read("Dockerfile").contains("\nUSER 999\n"));

    let documents = YamlLoader::load_from_str(&read("compose.yaml")).unwrap();
    let closed = &documents[0]["x-closed"];
    assert_eq!(closed["read_only"], Yaml::Boolean(true));
    assert_eq!(closed["cap_drop"][0], Yaml::String("ALL".into()));
    assert_eq!(closed["security_opt"][0], Yaml::String("no-new-privileges:true".into()));
    let text = read("compose.yaml");
    assert!(text.contains("x-rectify: &rectify\n  <<: *closed\n"));
    assert!(!text.contains("PASSWORD:"), "a password is a file");
}

#[tokio::test]
async fn every_subcommand_of_a_sample_exists() {
    let unit = read("servers/rectify@.service");
    assert!(SERVICES.iter().all(|service| unit.contains(&format!("rectify@{service}"))));
    for subcommand in SERVICES.iter().chain(&["up", "migrate", "keys"]) {
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
