//! Which part of the whole a process is, and what it needs for that.

use crate::config::Config;

/// Which part of the whole a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All services in one process.
    Whole,
    /// One service beside others in their own processes.
    Service(&'static str),
    /// A tool that writes while no server runs on the same data folder.
    Writer,
    /// A tool that only reads.
    Reader,
}

/// A configuration that a part cannot run with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`rectify {service}` works with services in other processes, which needs {missing}; to run all in one process, use `rectify up`"
)]
pub struct CannotRunApart {
    service: &'static str,
    missing: &'static str,
}

impl Part {
    /// Refuses a configuration that makes no sense for this part.
    pub fn check(self, config: &Config) -> Result<(), CannotRunApart> {
        let Part::Service(service) = self else { return Ok(()) };
        let missing = match (&config.database, &config.nats) {
            (Some(_), None) if !self.is_on_the_bus() => return Ok(()),
            (None, None) => "Postgres and NATS (database.url, nats.url)",
            (None, Some(_)) => "Postgres (database.url)",
            (Some(_), None) => "NATS (nats.url)",
            (Some(_), Some(_)) => return Ok(()),
        };
        Err(CannotRunApart { service, missing })
    }

    /// Returns whether this part has anything to say or to hear on the bus. The projector reads the log itself.
    pub fn is_on_the_bus(self) -> bool {
        match self {
            Part::Whole | Part::Writer => true,
            Part::Service(name) => name != "projector",
            Part::Reader => false,
        }
    }

    /// Returns whether this part writes to the log. An intake only hands in, and may not see the mirror.
    pub fn appends(self) -> bool {
        match self {
            Part::Whole | Part::Writer => true,
            Part::Service(name) => matches!(name, "registrar" | "desk"),
            Part::Reader => false,
        }
    }

    /// Returns whether this part brings tables up to date itself. Beside other processes, `rectify migrate` does.
    pub fn migrates(self, config: &Config) -> bool {
        match self {
            Part::Whole => true,
            Part::Writer => config.database.is_none(),
            Part::Service(_) | Part::Reader => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[test]
    fn a_service_apart_from_the_others_needs_postgres_and_nats() {
        let check = |settings: &[(&str, &str)]| {
            let settings = settings.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
            let config = Config::load_with(&Flags { config: None, settings }, []).unwrap();
            assert_eq!(Part::Whole.check(&config), Ok(()));
            Part::Service("registrar").check(&config).map_err(|error| error.missing)
        };
        let (postgres, nats) = (("database.url", "postgres://db/rectify"), ("nats.url", "nats://bus"));
        assert_eq!(check(&[]), Err("Postgres and NATS (database.url, nats.url)"));
        assert_eq!(check(&[postgres]), Err("NATS (nats.url)"));
        assert_eq!(check(&[nats]), Err("Postgres (database.url)"));
        assert_eq!(check(&[postgres, nats]), Ok(()));
        let settings = vec![(postgres.0.to_owned(), postgres.1.to_owned())];
        let config = Config::load_with(&Flags { config: None, settings }, []).unwrap();
        assert_eq!(Part::Service("projector").check(&config), Ok(()));
    }
}
