//! Builds again when a migration is added: the embedding macro only watches the files it already knows.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/postgres/keys");
    println!("cargo::rerun-if-changed=../../migrations/sqlite/keys");
}
