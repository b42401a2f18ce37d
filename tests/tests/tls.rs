//! TLS to Postgres and NATS: a server is known by its certificate, or nothing is said to it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rectify_tests::postgres::Cluster;
use rectify_tests::{TempFolder, folder, free_port, nats, program};

/// An authority that vouches for whoever a test likes.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, both PEM.
struct Identity {
    certificate: String,
    key: String,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    fn vouches_for(&self, name: &str) -> Identity {
        self.signs(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// Returns what was good until the spring of 2020.
    fn vouched_for(&self, name: &str) -> Identity {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2019, 4, 1), date_time_ymd(2020, 4, 1));
        self.signs(&params)
    }

    fn signs(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity { certificate, key: key.serialize_pem() }
    }
}

/// Where the files are that settings name.
struct Files(TempFolder);

impl Files {
    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// Brings the tables up to date with these settings, and returns what is complained of; nothing when all went well.
async fn migrated(files: &Files, settings: &[(&str, &str)]) -> Option<String> {
    let data = files.0.path().join("data").display().to_string();
    let set: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut arguments = vec!["migrate", "--data", &data];
    for setting in &set {
        arguments.extend(["--set", setting]);
    }
    let output = program::run(&arguments, &[]).await;
    let complaint = String::from_utf8(output.stderr).unwrap().trim().to_owned();
    if output.status.success() {
        assert_eq!(complaint, "");
        return None;
    }
    Some(complaint)
}

fn assert_says(complaint: Option<String>, parts: &[&str]) {
    let complaint = complaint.expect("it is refused");
    for part in parts {
        assert!(complaint.contains(part), "{part:?} is not in: {complaint}");
    }
    assert!(!complaint.contains("secret"), "{complaint}");
}

#[tokio::test]
async fn a_database_is_known_by_its_certificate_or_refused_postgres() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others'"));
    let files = Files(folder());
    let root = files.put("ca.pem", &ours.pem);
    let mut cluster = Cluster::start().await;
    let database = cluster.database().await;
    let url = format!("{}?sslmode=verify-full&sslrootcert={}", database.url(), root.display());
    let connects = async || migrated(&files, &[("database.url", &url)]).await;

    let asked = "cannot connect to the database of database.url";
    assert_says(connects().await, &[asked, "server does not support TLS"]);
    let known = ours.vouches_for("127.0.0.1");
    cluster.restart_with_certificate(&known.certificate, &known.key).await;
    assert_eq!(connects().await, None);
    for (identity, complaint) in [
        (others.vouches_for("127.0.0.1"), "invalid peer certificate: UnknownIssuer"),
        (ours.vouched_for("127.0.0.1"), "invalid peer certificate: certificate expired"),
        (ours.vouches_for("db.example"), "certificate not valid for name \"127.0.0.1\""),
    ] {
        cluster.restart_with_certificate(&identity.certificate, &identity.key).await;
        assert_says(connects().await, &[asked, complaint]);
    }
    let lost = url.replace("ca.pem", "lost.pem");
    assert_says(migrated(&files, &[("database.url", &lost)]).await, &[asked, "lost.pem"]);
}

/// Puts down a configuration of nats-server that has this certificate, and asks for one of the authority if there is one.
fn configured(files: &Files, identity: Option<&Identity>, authority: Option<&Path>) -> PathBuf {
    let mut text = "server_name: rectify\n".to_owned();
    if let Some(identity) = identity {
        let certificate = files.put("server.pem", &identity.certificate).display().to_string();
        let key = files.put("server-key.pem", &identity.key).display().to_string();
        let ask =
            authority.map_or_else(String::new, |ca| format!("ca_file: {:?}, verify: true", ca.display().to_string()));
        writeln!(text, "tls {{ cert_file: {certificate:?}, key_file: {key:?}, {ask} }}").unwrap();
    }
    files.put("nats.conf", &text)
}

#[tokio::test]
async fn a_broker_is_known_by_its_certificate_or_refused_nats() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others'"));
    let files = Files(folder());
    let root = files.put("ca.pem", &ours.pem).display().to_string();
    let mut server = nats::server_with(&configured(&files, None, None)).await;
    let url = server.url().replace("nats://", "nats://services:secret@");
    let connects = async || migrated(&files, &[("nats.url", &url), ("nats.tls_ca", &root)]).await;

    let asked = format!("cannot connect to the NATS server at 127.0.0.1:{}", server.port());
    let in_clear = format!("the NATS server at 127.0.0.1:{} speaks no TLS", server.port());
    assert_says(connects().await, &[&in_clear]);
    configured(&files, Some(&ours.vouches_for("127.0.0.1")), None);
    server.restart().await;
    assert_eq!(connects().await, None);
    for (identity, complaint) in [
        (others.vouches_for("127.0.0.1"), "invalid peer certificate: UnknownIssuer"),
        (ours.vouched_for("127.0.0.1"), "invalid peer certificate: certificate expired"),
        (ours.vouches_for("bus.example"), "certificate not valid for name \"127.0.0.1\""),
    ] {
        configured(&files, Some(&identity), None);
        server.restart().await;
        assert_says(connects().await, &[&asked, complaint]);
    }
}

#[tokio::test]
async fn a_broker_that_asks_for_a_certificate_is_shown_one_nats() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others'"));
    let files = Files(folder());
    let root = files.put("ca.pem", &ours.pem);
    let configuration = configured(&files, Some(&ours.vouches_for("127.0.0.1")), Some(&root));
    let server = nats::server_with(&configuration).await;
    let (url, root) = (server.url(), root.display().to_string());
    let shows = async |identity: &Identity| {
        let certificate = files.put("desk.pem", &identity.certificate).display().to_string();
        let key = files.put("desk-key.pem", &identity.key).display().to_string();
        let own = [("nats.tls_cert", certificate.as_str()), ("nats.tls_key", key.as_str())];
        migrated(&files, &[("nats.url", &url), ("nats.tls_ca", &root), own[0], own[1]]).await
    };
    assert_eq!(shows(&ours.vouches_for("desk")).await, None);
    let asked = format!("cannot connect to the NATS server at 127.0.0.1:{}", server.port());
    assert_says(shows(&others.vouches_for("desk")).await, &[&asked]);
    assert_says(migrated(&files, &[("nats.url", &url), ("nats.tls_ca", &root)]).await, &[&asked]);
}

#[tokio::test]
async fn a_file_that_is_not_there_or_alone_is_named() {
    let files = Files(folder());
    let url = format!("nats://127.0.0.1:{}", free_port());
    let lost = migrated(&files, &[("nats.url", &url), ("nats.tls_ca", "/nowhere/ca.pem")]).await;
    assert_says(lost, &["cannot read /nowhere/ca.pem: No such file or directory"]);
    let alone = migrated(&files, &[("nats.url", &url), ("nats.tls_key", "/nowhere/key.pem")]).await;
    assert_says(alone, &["the command line sets `nats.tls_key` without `nats.tls_cert`"]);
}
