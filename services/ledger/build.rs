//! Builds again when a migration is added: the embedding macro only watches the files it already knows.

fn main() {
    for database in ["postgres", "sqlite"] {
        println!("cargo::rerun-if-changed=../../migrations/{database}/ledger");
        println!("cargo::rerun-if-changed=../../migrations/{database}/generations");
    }
}
