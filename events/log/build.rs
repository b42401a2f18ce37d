//! Builds again when a migration is added: the embedding macro only watches the files it already knows.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/postgres/log");
    println!("cargo::rerun-if-changed=../../migrations/sqlite/log");
}
