//! Builds again when a migration is added: the embedding macro only watches the files it already knows.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/postgres/accounts");
    println!("cargo::rerun-if-changed=../../migrations/sqlite/accounts");
}
