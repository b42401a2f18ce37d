//! Log lines are for the whole process, so this test is alone in its file.

use rectify_kit::Config;
use rectify_kit::config::Flags;
use rectify_kit::telemetry::install;

#[test]
fn log_lines_are_written_to_one_place_and_traces_only_by_a_build_that_has_them() {
    let config = |settings: &[(&str, &str)]| {
        let settings = settings.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Config::load_with(&Flags { config: None, settings }, []).unwrap().telemetry
    };
    if cfg!(not(feature = "server")) {
        let error = install(&config(&[("telemetry.otlp", "http://collector:4318")])).err().unwrap();
        assert!(error.to_string().contains("--features server"), "{error:#}");
    }
    let _telling = install(&config(&[("telemetry.format", "json")])).unwrap();
    tracing::info!(case.id = 17, "a line");
    let error = install(&config(&[])).err().unwrap();
    assert_eq!(error.to_string(), "log lines are already written somewhere");
}
