/// Returns an environment variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the tests find their servers through the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the first folder of `PATH` that holds the program, joined with its name.
pub(crate) fn program_on_path(name: &str) -> Option<std::path::PathBuf> {
    std::env::split_paths(&variable("PATH")?).map(|folder| folder.join(name)).find(|program| program.is_file())
}
