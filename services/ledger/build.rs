//! Builds again when a migration is added: the embedding macro only watches the files it already knows.

#![expect(clippy::print_stdout, reason = "how a build script speaks to cargo")]

fn main() {
    for database in ["postgres", "sqlite"] {
        println!("cargo::rerun-if-changed=../../migrations/{database}/ledger");
        println!("cargo::rerun-if-changed=../../migrations/{database}/generations");
    }
}
