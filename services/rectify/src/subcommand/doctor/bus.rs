//! The bus of servers: whether it can be used, what it holds, and whether the mirror is as the log.

use rectify_bus::Bus;
use rectify_kit::{Config, mirror};

use super::finding::{Finding, bad, good, note};
use crate::composition;
use crate::installation::Installation;

const MEND: &str = "start nats-server 2.12 or later with JetStream, or correct nats.url and nats.credentials";

/// Examines the bus where there is no log to compare it with.
pub async fn unread(config: &Config) -> Finding {
    match composition::bus(config, "doctor").await {
        Ok(_) => good("bus", "connected"),
        Err(error) => bad("bus", format!("{error:#}"), MEND),
    }
}

/// Examines the bus and its mirror of the log.
pub async fn examined(config: &Config, installation: &Installation) -> Vec<Finding> {
    let bus = match composition::bus(config, "doctor").await {
        Ok(bus) => bus,
        Err(error) => return vec![bad("bus", format!("{error:#}"), MEND)],
    };
    vec![streams(&bus).await, set_aside(&bus).await, compared(&bus, installation).await]
}

async fn streams(bus: &Bus) -> Finding {
    match bus.ready().await {
        Ok(()) => good("bus", "connected, with its streams"),
        Err(error) => bad("bus", error.to_string(), MEND),
    }
}

async fn set_aside(bus: &Bus) -> Finding {
    const WHAT: &str = "set aside";
    match bus.set_aside().await {
        Err(error) => bad(WHAT, format!("what was set aside cannot be read: {error}"), MEND),
        Ok(messages) => match messages.last() {
            None => good(WHAT, "nothing"),
            Some(last) => note(
                WHAT,
                format!("{} findings could not become cases; the last one: {}", messages.len(), last.reason),
                "tell their senders, and have them handed in again as they should be",
            ),
        },
    }
}

async fn compared(bus: &Bus, installation: &Installation) -> Finding {
    const WHAT: &str = "mirror";
    let log = &installation.log;
    let mirror = match bus.mirror().await {
        Ok(Some(mirror)) => mirror,
        Ok(None) => return good(WHAT, "none is kept inside a process"),
        Err(error) => return bad(WHAT, error.to_string(), MEND),
    };
    match mirror::compare(log, &mirror).await {
        Ok(last) => match installation.position.saturating_sub(last.position) {
            0 => good(WHAT, format!("as the log, to position {}", last.position)),
            behind => note(
                WHAT,
                format!("as the log, and {behind} events behind"),
                "the registrar relays them: start it with `rectify registrar`",
            ),
        },
        Err(error) if error.is_divergence() => bad(WHAT, format!("it is not as the log: {error}"), error.mend()),
        Err(error) => bad(WHAT, error.to_string(), MEND),
    }
}
