//! Foreign headers: by which mappings the sheets of a delivery are read, and which of them are remembered for whom.

use chrono::{DateTime, Utc};
use rectify_accounts::{Accounts, AccountsError, KeptMapping, MappingKey};
use rectify_case::{PersonId, UnitId};

use crate::column::Column;
use crate::import::ImportError;
use crate::mapping::{Fingerprint, Mapping, Mappings};

/// Who hands in what, with which mapping.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// What is handed in, as it stands in paths and commands.
    pub intake: &'static str,
    /// The unit that mappings are remembered for.
    pub unit: UnitId,
    /// Who hands in.
    pub person: PersonId,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// The mapping that comes with the files.
    pub mapping: Option<Mapping>,
    /// Where mappings are remembered; without it none is.
    pub accounts: Option<Accounts>,
}

impl Foreign {
    /// Returns the mappings that files may be read by.
    pub async fn mappings(&self, columns: &[Column]) -> Result<Mappings, ImportError> {
        if let Some(mapping) = &self.mapping {
            mapping.check(columns)?;
        }
        let kept = match &self.accounts {
            Some(accounts) => accounts.mappings(Some(self.unit), Some(self.intake)).await?,
            None => Vec::new(),
        };
        Ok(Mappings::new(self.mapping.clone(), kept))
    }

    /// Remembers the mapping that came with the files for each header it was used on.
    pub async fn remember(&self, mapped: Vec<(Fingerprint, String)>) -> Result<(), AccountsError> {
        let written = self.mapping.as_ref().and_then(|mapping| mapping.written().ok());
        let (Some(accounts), Some(mapping)) = (&self.accounts, written) else { return Ok(()) };
        for (fingerprint, header) in mapped {
            let (unit, intake) = (self.unit, self.intake.to_owned());
            let key = MappingKey { unit, intake, fingerprint: fingerprint.to_string() };
            let mapping = mapping.clone();
            accounts.remember(&KeptMapping { key, header, mapping, person: self.person, since: self.received }).await?;
        }
        Ok(())
    }
}
