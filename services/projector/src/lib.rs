//! Folds the log into the ledger.
