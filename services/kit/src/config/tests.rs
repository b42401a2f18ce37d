use std::path::Path;

use super::*;

/// A folder with files in it, gone when it is dropped.
struct Folder(rectify_tests::TempFolder);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = rectify_tests::folder();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Folder(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    /// Reads the configuration with this as the data folder. Its path is shown as `DATA`.
    fn load(&self, variables: &[(&str, &str)], settings: &[(&str, &str)]) -> Result<Config, String> {
        let data = [("data", self.path().to_str().unwrap())];
        let settings = data.iter().chain(settings);
        let flags = Flags { config: None, settings: settings.map(|(k, v)| ((*k).into(), (*v).into())).collect() };
        Config::load_with(&flags, variables.iter().map(|(k, v)| ((*k).into(), (*v).into())))
            .map_err(|error| error.to_string().replace(self.path().to_str().unwrap(), "DATA"))
    }
}

fn toml(text: &str) -> Folder {
    Folder::with(&[("rectify.toml", text)])
}

fn refused(text: &str) -> String {
    toml(text).load(&[], &[]).unwrap_err()
}

#[test]
fn with_nothing_said_everything_stays_in_the_data_folder() {
    let config = Folder::with(&[]).load(&[], &[]).unwrap();
    assert!(config.database.is_none() && config.nats.is_none());
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert!(matches!(config.evidence.store, EvidenceStore::Folder(folder) if folder == config.data.join("evidence")));
}

#[test]
fn every_default_is_a_value_its_setting_can_have() {
    let defaults: Vec<_> = KEYS.iter().filter_map(|key| Some((key.name, key.default?))).collect();
    Folder::with(&[]).load(&[], &defaults[1..]).unwrap();
}

#[test]
fn variables_go_over_the_file_and_flags_over_both() {
    let folder = toml("[http]\nlisten = \"10.0.0.1:1\"\ntimeout_seconds = 7\n[telemetry]\nformat = \"json\"");
    let variables = [("RECTIFY_LISTEN", "10.0.0.2:2"), ("RECTIFY_TELEMETRY__FORMAT", "text"), ("RECTIFY_ZONE", "")];
    let config = folder.load(&variables, &[("http.listen", "10.0.0.3:3")]).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.http.timeout.as_secs(), 7);
    assert_eq!(config.telemetry.format, Format::Text);
    assert_eq!(config.zone, Zone::SHANGHAI);
}

#[test]
fn a_slip_in_the_file_is_refused_with_its_line_and_what_there_is() {
    insta::assert_snapshot!(refused("zone = 8\n[http]\nport = 80"), @"DATA/rectify.toml line 3 sets `http.port`, which is not a setting; [http] has listen, public_url, proxy, requests_per_second, timeout_seconds, body_limit");
    insta::assert_snapshot!(refused("[htpp]\nlisten = \"::1\""), @"DATA/rectify.toml line 1 sets `htpp`, which is not a setting; there are data, zone and the sections database, keys, seal, nats, http, evidence, telemetry");
    insta::assert_snapshot!(refused("[http]\nlisten = \"8080\""), @r#"DATA/rectify.toml line 2 sets `http.listen` to "8080"; wanted is an address and a port, such as 127.0.0.1:8080 or [::]:8080"#);
    insta::assert_snapshot!(refused("zone = [8]"), @r#"DATA/rectify.toml line 1 sets `zone` to "[…]"; wanted is the office's offset from UTC in hours, -23 to 23"#);
    insta::assert_snapshot!(refused("[telemetry]\nlevel = \"inof\""), @r#"DATA/rectify.toml line 2 sets `telemetry.level` to "inof"; wanted is off, error, warn, info, debug or trace, or directives such as `info,rectify_log=debug`"#);
    insta::assert_snapshot!(refused("[evidence]\nmax_bytes = 0"), @r#"DATA/rectify.toml line 2 sets `evidence.max_bytes` to "0"; wanted is the bytes one file may have, at least 1"#);
    insta::assert_snapshot!(refused("zone = 8\nzone: 9"), @"the configuration file DATA/rectify.toml line 2 is not TOML: key with no value, expected `=`");
}

#[test]
fn a_slip_in_a_variable_or_flag_is_refused_by_its_name() {
    let folder = Folder::with(&[]);
    insta::assert_snapshot!(folder.load(&[("RECTIFY_DATABASE__ULR", "x")], &[]).unwrap_err(), @"the variable RECTIFY_DATABASE__ULR sets `database.ulr`, which is not a setting; [database] has url, url_file, append_url, append_url_file");
    insta::assert_snapshot!(folder.load(&[("RECTIFY_ZONE", "east")], &[]).unwrap_err(), @r#"the variable RECTIFY_ZONE sets `zone` to "east"; wanted is the office's offset from UTC in hours, -23 to 23"#);
    insta::assert_snapshot!(folder.load(&[], &[("nats.server", "x")]).unwrap_err(), @"the command line sets `nats.server`, which is not a setting; [nats] has url, url_file, credentials, tls_ca, tls_cert, tls_key, replicas, leaf, leaves");
}

#[test]
fn a_variable_that_may_be_somebody_else_s_is_told_and_not_refused() {
    let config = Folder::with(&[]).load(&[("RECTIFY_PORT", "tcp://10.0.0.1:80"), ("HOME", "/root")], &[]).unwrap();
    assert_eq!(config.unknown_variables, ["RECTIFY_PORT"]);
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let flags = Flags { config: Some("no-such.toml".into()), ..Flags::default() };
    let error = Config::load_with(&flags, []).unwrap_err();
    assert_eq!(error.to_string(), "the configuration file no-such.toml cannot be read");
    assert!(Config::load_with(&Flags::default(), [("RECTIFY_CONFIG".into(), "no-such.toml".into())]).is_err());
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let folder = Folder::with(&[("url", "postgres://rectify:s3cret@db/rectify\n")]);
    let config = folder.load(&[("RECTIFY_DATABASE_URL_FILE", &folder.file("url"))], &[]).unwrap();
    assert_eq!(config.database.unwrap().expose_secret(), "postgres://rectify:s3cret@db/rectify");
}

#[test]
fn a_secret_may_be_a_credential_of_the_service_manager() {
    let folder = Folder::with(&[
        ("rectify_database-url", "postgres://desk:s3cret@db/rectify\n"),
        ("rectify_database-append-url", "postgres://appender:s3cret@db/rectify\n"),
        ("rectify.toml", "[database]\nurl_file = \"/nowhere\"\n"),
    ]);
    let credentials = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
    let config = folder.load(&[credentials], &[]).unwrap();
    assert_eq!(config.database.unwrap().expose_secret(), "postgres://desk:s3cret@db/rectify");
    assert_eq!(config.appender.unwrap().expose_secret(), "postgres://appender:s3cret@db/rectify");
    let over = folder.load(&[credentials, ("RECTIFY_DATABASE_URL", "postgres://a:b@value/x")], &[]).unwrap();
    assert_eq!(over.database.unwrap().expose_secret(), "postgres://a:b@value/x");
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    let refused = Folder::with(&[]).load(&[], &[("nats.tls_cert", "desk.pem")]).unwrap_err();
    assert_eq!(refused, "the command line sets `nats.tls_cert` without `nats.tls_key`");
}

#[test]
fn of_a_secret_and_a_file_with_one_the_later_layer_wins_and_in_one_layer_both_are_refused() {
    let folder = Folder::with(&[("url", "postgres://a:b@file/x")]);
    let file = folder.file("url");
    let host = |config: Config| config.database.unwrap().expose_secret().split('@').nth(1).unwrap().to_owned();
    let later_value =
        folder.load(&[("RECTIFY_DATABASE_URL_FILE", &file)], &[("database.url", "postgres://a:b@value/x")]);
    assert_eq!(host(later_value.unwrap()), "value/x");
    let later_file =
        folder.load(&[("RECTIFY_DATABASE_URL", "postgres://a:b@value/x")], &[("database.url_file", &file)]);
    assert_eq!(host(later_file.unwrap()), "file/x");
    let both = folder.load(&[], &[("database.url", "postgres://a:b@value/x"), ("database.url_file", &file)]);
    insta::assert_snapshot!(both.unwrap_err(), @"`database.url` (the command line) and `database.url_file` (the command line) are both set; keep one");
}

#[test]
fn no_secret_is_shown_or_stands_in_an_error() {
    let folder = Folder::with(&[]);
    let settings = [
        ("database.url", "postgres://rectify:s3cret@db/rectify?sslmode=require&password=s3cret"),
        ("nats.url", "nats://s3cret@one,nats://user:s3cret@two:4222"),
        ("evidence.store", "s3://evidence"),
        ("evidence.s3_secret_key", "s3cret"),
        ("keys.passphrase", "s3cret"),
    ];
    let config = folder.load(&[("RECTIFY_TELEMETRY_LEVEL", "debug")], &settings).unwrap();
    let shown = config.shown().replace(folder.path().to_str().unwrap(), "DATA");
    assert!(!format!("{config:?} {shown}").contains("s3cret"));
    insta::assert_snapshot!(shown, @r##"
    data = "DATA" # the command line
    zone = 8 # the default

    [database]
    url = "postgres://rectify:***@db/rectify?sslmode=require&password=***" # the command line
    # url_file is not set
    # append_url is not set
    # append_url_file is not set

    [keys]
    # url is not set
    # url_file is not set
    # private_key is not set
    passphrase = "***" # the command line
    # passphrase_file is not set
    # public_key is not set

    [seal]
    # key is not set
    # witnesses is not set

    [nats]
    url = "nats://***@one,nats://user:***@two:4222" # the command line
    # url_file is not set
    # credentials is not set
    # tls_ca is not set
    # tls_cert is not set
    # tls_key is not set
    replicas = 1 # the default
    # leaf is not set
    # leaves is not set

    [http]
    listen = "127.0.0.1:8080" # the default
    # public_url is not set
    # proxy is not set
    requests_per_second = 200 # the default
    timeout_seconds = 120 # the default
    body_limit = 16777216 # the default

    [evidence]
    store = "s3://evidence" # the command line
    max_bytes = 104857600 # the default
    # s3_endpoint is not set
    # s3_region is not set
    # s3_access_key is not set
    s3_secret_key = "***" # the command line
    # s3_secret_key_file is not set

    [telemetry]
    format = "text" # the default
    level = "debug" # the variable RECTIFY_TELEMETRY_LEVEL
    # otlp is not set
    "##);

    let error = folder.load(&[], &[("database.url", "mysql://root:s3cret@db/x")]).unwrap_err();
    insta::assert_snapshot!(error, @r#"the command line sets `database.url` to "mysql://root:***@db/x"; wanted is a postgres:// URL; leave it out to keep everything in the data folder"#);
    let folder = Folder::with(&[("url", "s3cret")]);
    let error = folder.load(&[], &[("database.url_file", &folder.file("url"))]).unwrap_err();
    insta::assert_snapshot!(error, @r#"the command line sets `database.url_file` to "***"; wanted is a postgres:// URL; leave it out to keep everything in the data folder"#);
}

#[test]
fn the_keys_of_petitions_stay_in_a_folder_of_their_own() {
    let config = Folder::with(&[]).load(&[], &[]).unwrap();
    assert_eq!(config.keys.private_key, config.data.join("keys/office.key"));
    assert!(config.keys.database.is_none() && config.keys.public_key.is_none());
    let bad = Folder::with(&[]).load(&[], &[("keys.public_key", "12")]).unwrap_err();
    insta::assert_snapshot!(bad, @r#"the command line sets `keys.public_key` to "12"; wanted is the office's public key, 64 hexadecimal digits, for a registrar without a key store: it seals what is set aside"#);
}

#[test]
fn what_is_no_key_of_a_witness_is_refused() {
    let [one, other] =
        ["witness.example/a", "witness.example/b"].map(|name| rectify_tests::witness::Witness::named(name).key());
    let config = Folder::with(&[]).load(&[], &[("seal.witnesses", &format!("{one}, {other}"))]).unwrap();
    assert_eq!(config.witnesses, [one.parse().unwrap(), other.parse().unwrap()]);
    let bad = Folder::with(&[]).load(&[], &[("seal.witnesses", "witness.example/a")]).unwrap_err();
    insta::assert_snapshot!(bad, @r#"the command line sets `seal.witnesses` to "witness.example/a"; wanted is the public keys of the witnesses whose signatures of checkpoints are kept, NAME+ID+KEY, separated by commas"#);
}

#[test]
fn what_is_shown_can_be_read_again() {
    let first = Folder::with(&[]).load(&[], &[("evidence.store", "a \"quoted\" folder")]).unwrap();
    let again = toml(&first.shown()).load(&[], &[]).unwrap();
    assert!(
        matches!(again.evidence.store, EvidenceStore::Folder(folder) if folder == Path::new("a \"quoted\" folder"))
    );
}
