//! The read side: tables, folds and queries of the ledger.
