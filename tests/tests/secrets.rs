//! No secret is ever told: not in a log line at any level, not in an error, not in what the program shows of itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Output;

use rectify_tests::bed::{Bed, PEOPLE, SERVICES, Shape, finding};
use rectify_tests::client::{Answer, Client};
use rectify_tests::nats::{USERS, password_of};
use rectify_tests::postgres::ask;
use rectify_tests::{free_port, program};
use serde_json::json;

/// What stands for every secret that a bad setting may have.
const SECRET: &str = "geheim-7f3a";

/// What was told of an installation, and by what.
struct Told(Vec<(String, String)>);

impl Told {
    fn by(&mut self, what: impl Into<String>, text: impl Into<String>) {
        self.0.push((what.into(), text.into()));
    }

    fn by_tool(&mut self, what: &str, output: &Output) {
        self.by(what, String::from_utf8_lossy(&output.stdout));
        self.by(what, String::from_utf8_lossy(&output.stderr));
    }

    fn assert_without(&self, secrets: &[(String, String)]) {
        let logged = self.0.iter().any(|(_, text)| text.contains("TRACE") || text.contains("DEBUG"));
        assert!(logged, "nothing was logged at these levels");
        for (what, text) in &self.0 {
            for (name, secret) in secrets {
                assert!(secret.len() >= 10, "{name} is too short to be looked for");
                if let Some(line) = text.lines().find(|line| line.contains(secret.as_str())) {
                    panic!("{what} tells {name}: {line}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_whole_life_at_the_level_of_traces_tells_no_secret_postgres_nats() {
    let mut bed = Bed::logging(Shape::Guarded, "trace").await;
    let mut secrets =
        vec![("the owner's password".to_owned(), password_in(bed.installation.database().unwrap().url()))];
    for role in SERVICES.iter().chain(&["appender", "reader"]) {
        secrets.push((format!("the password of {role}"), password_in(&bed.installation.url_of_role(role))));
    }
    secrets.extend(USERS.map(|user| (format!("the NATS password of {user}"), password_of(user))));
    secrets.extend(
        PEOPLE.iter().map(|person| (format!("the token of {}", person.name), bed.site.token(person.name).to_owned())),
    );
    let wrong = format!("rct_{}", "0123456789abcdef".repeat(4));
    secrets.push(("a token that is none".to_owned(), wrong.clone()));
    let link = bed.installation.tool(&["person", "link", "舟曲经办"]).await;
    let link = link.trim().rsplit('/').next().unwrap().to_owned();
    secrets.push(("a one-time link".to_owned(), link.clone()));
    secrets.push(("what a password is checked with".to_owned(), "SCRAM-SHA-256$".to_owned()));
    secrets.push(("the key of the bucket".to_owned(), SECRET.to_owned()));

    let mut told = Told(Vec::new());
    bed.site.report("舟曲经办", &finding("饮水管道漏水", 3)).await;
    for service in SERVICES {
        let url = bed.installation.url(service);
        let strangers = Client::anonymous(&url).with_token(&wrong);
        for path in ["/metrics", "/readyz", "/healthz"] {
            told.by(format!("{service}{path}"), said(&strangers.get(path).await));
        }
        let refused = strangers.post(&format!("/intake/{service}/findings"), &[], &json!([])).await;
        told.by(format!("a problem of {service}"), said(&refused));
    }
    let strangers = Client::anonymous(&bed.installation.url("desk")).with_token(&wrong);
    told.by("a problem of the desk", said(&strangers.get("/api/cases").await));

    // Whoever opens it has not used it yet.
    assert_eq!(strangers.get(&format!("/link/{link}")).await.status, 200);

    let secrets_folder = bed.installation.path("secrets").display().to_string();
    for arguments in [
        &["config", "show"][..],
        &["doctor"],
        &["token", "list"],
        &["migrate", "--roles", "--secrets", &secrets_folder],
        &["config", "show", "--set", "evidence.store=s3://evidence", "--set", "evidence.s3_secret_key=geheim-7f3a"],
    ] {
        told.by_tool(&arguments.join(" "), &bed.installation.try_tool(arguments, &TRACE).await);
    }

    // The servers go, and come back with other passwords.
    let owner = bed.installation.database().unwrap().url().to_owned();
    for role in SERVICES.iter().chain(&["appender"]) {
        let url = bed.installation.url_of_role(role);
        let login = url.split_once("://").unwrap().1.split_once(':').unwrap().0;
        ask(&owner, &format!("ALTER ROLE {login} PASSWORD 'another'")).await.unwrap();
    }
    let others = "pid <> pg_backend_pid() AND datname = current_database()";
    ask(&owner, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")).await.unwrap();
    bed.installation.nats_mut().unwrap().stop().await;
    for service in SERVICES {
        let url = bed.installation.url(service);
        let client = Client::anonymous(&url).with_token(bed.site.token("审计系统"));
        let unready = client.get("/readyz").await;
        assert_eq!(unready.status, 503, "{service}: {}", unready.body);
        told.by(format!("{service} without servers"), said(&unready));
    }
    told.by_tool("doctor without servers", &bed.installation.try_tool(&["doctor"], &TRACE).await);
    for service in SERVICES {
        told.by(format!("the log lines of {service}"), bed.installation.process(service).output());
    }
    told.assert_without(&secrets);
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_refused_without_its_secret() {
    let port = free_port();
    let (nowhere, folder) = (format!("127.0.0.1:{port}"), rectify_tests::folder());
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let alone = file("alone", SECRET);
    let given =
        |name: &'static str, url: &str| vec![(name, url.replace("SECRET", SECRET).replace("NOWHERE", &nowhere))];
    let database = |url: &str| given("RECTIFY_DATABASE_URL", url);
    let nats = |url: &str| given("RECTIFY_NATS_URL", url);
    let mut told = Told(Vec::new());
    for given in [
        database("postgres://rectify:SECRET@NOWHERE/rectify"),
        database("postgres://rectify:SECRET@127.0.0.1:port/rectify"),
        database("postgres://rectify:SECRET@NOWHERE/rectify?sslmode=geheim"),
        database("postgres://NOWHERE/rectify?user=rectify&password=SECRET"),
        database("postgres://rectify:SECRET@[::1/rectify"),
        database("mysql://rectify:SECRET@NOWHERE/rectify"),
        database("postgres:rectify:SECRET@NOWHERE/rectify"),
        database("rectify:SECRET"),
        database("SECRET"),
        nats("nats://registrar:SECRET@NOWHERE"),
        nats("nats://SECRET@NOWHERE"),
        nats("nats://registrar:SECRET@NOWHERE,nats://registrar:SECRET@[::1"),
        nats("nats://registrar:SECRET@127.0.0.1:port"),
        nats("http://registrar:SECRET@NOWHERE"),
        nats("registrar:SECRET@NOWHERE"),
        nats("SECRET"),
        vec![("RECTIFY_DATABASE_URL_FILE", alone.clone())],
        vec![("RECTIFY_NATS_URL_FILE", alone.clone())],
        vec![("RECTIFY_DATABASE_URL", SECRET.to_owned()), ("RECTIFY_DATABASE_URL_FILE", alone.clone())],
        vec![("RECTIFY_EVIDENCE_STORE", "s3://x".to_owned()), ("RECTIFY_EVIDENCE_S3_SECRET_KEY", SECRET.to_owned())],
    ] {
        let data = folder.path().join("data").display().to_string();
        let mut variables: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.extend([TRACE[0], ("RECTIFY_DATA", &data)]);
        // A database that does not answer is asked for ten seconds, so they ask at once.
        let run = async |arguments: &'static [&'static str]| (arguments, program::run(arguments, &variables).await);
        let (alone, examined, listed, shown) =
            tokio::join!(run(&["projector"]), run(&["doctor"]), run(&["person", "list"]), run(&["config", "show"]));
        for (arguments, output) in [alone, examined, listed, shown] {
            let with = given[0].1.replace(SECRET, "…");
            told.by_tool(&format!("{} with {with}", arguments.join(" ")), &output);
        }
    }
    told.assert_without(&[("the secret".to_owned(), SECRET.to_owned())]);
}

const TRACE: [(&str, &str); 1] = [("RECTIFY_TELEMETRY_LEVEL", "trace")];

fn said(answer: &Answer) -> String {
    format!("{:?} {}", answer.headers, answer.body)
}

fn password_in(url: &str) -> String {
    let authority = url.split_once("://").unwrap().1.split('/').next().unwrap();
    authority.rsplit_once('@').unwrap().0.split_once(':').unwrap().1.to_owned()
}
