//! The mirror on NATS against the log, message by message.

use rectify_bus::{Bus, MirrorError};
use rectify_case::Position;
use rectify_log::Log;

use super::beside::Beside;

/// How many events are compared at once.
const PAGE: u32 = 1_000;

/// Compares every message of the mirror with the log at its position. The end that is not mirrored yet is none of it.
pub async fn mirror(bus: &Bus, log: &Log, mut told: impl FnMut(Position)) -> anyhow::Result<Beside> {
    let Some(mirror) = bus.mirror().await? else { return Ok(Beside::not_compared("there is no mirror")) };
    let (last, head) = (mirror.last().await?.position, log.head().await?);
    let mut found = Beside::default();
    let mut after = 0;
    while after < last.min(head) {
        let page = log.read_raw(after, PAGE).await?;
        let to = page.last().map_or(after, |event| event.position).min(last);
        if to <= after {
            break;
        }
        match mirror.events(after, to).await {
            Ok(mirrored) => {
                for (event, mirrored) in page.iter().zip(&mirrored) {
                    found.compared += 1;
                    found.bytes += event.bytes.len() as u64;
                    if event.position != mirrored.position || event.bytes != mirrored.bytes {
                        found.note(Some(event.position), "mirror", "it is mirrored as something else");
                    }
                }
            }
            Err(error @ MirrorError::Absent { .. }) => {
                found.note(Some(after + 1), "mirror", error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        after = to;
        told(after);
    }
    if last > head {
        found.note(Some(head + 1), "mirror", format!("the mirror goes to {last}, and the log to {head}"));
    }
    Ok(found)
}
