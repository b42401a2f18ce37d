//! Rectify (整改台账): the one program. Every service is a subcommand, `up` is all of them in one process, and the rest
//! are the tools of whoever runs it.
//!
//! Read in this order:

mod cli;
mod subcommand;

mod composition;
mod demo;

mod keys;
mod rotation;

mod installation;
mod roles;

mod backup;
mod recovery;
mod verify;

mod timeline;
mod wording;

mod settings;
mod terminal;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;

fn main() -> ExitCode {
    #[cfg(feature = "server")]
    install_tls();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(cli.run());
    // Whatever still goes on is cut off with the runtime, where libraries panic: that is no news, all that matters is done.
    std::panic::set_hook(Box::new(|_| ()));
    drop(runtime);
    match done {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

/// Installs the one provider of TLS, which the clients of S3 and OTLP look for.
#[cfg(feature = "server")]
fn install_tls() {
    let installed = rustls::crypto::ring::default_provider().install_default();
    installed.expect("nothing is installed before the program begins");
}

/// Says what went wrong in one line. Whoever reads only the head of an output did nothing wrong.
fn failed(error: &anyhow::Error) -> ExitCode {
    let cut_off = |cause: &std::io::Error| cause.kind() == ErrorKind::BrokenPipe;
    if error.downcast_ref().is_some_and(cut_off) {
        return ExitCode::SUCCESS;
    }
    terminal::remark(format_args!("rectify: {error:#}"));
    ExitCode::FAILURE
}
