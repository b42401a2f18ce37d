//! The mirror on NATS against the log, message by message.

use rectify_bus::{Bus, MirrorError};
use rectify_case::Position;
use rectify_log::Log;
use rectify_proof::Wrong;

use super::beside::Beside;

/// How many events are compared at once.
const PAGE: u32 = 1_000;

/// Compares every message of the mirror with the log at its position. The end that is not mirrored yet is none of it.
pub async fn mirror(bus: &Bus, log: &Log, mut told: impl FnMut(Position)) -> anyhow::Result<Beside> {
    let Some(mirror) = bus.mirror().await? else { return Ok(Beside::not_compared("there is no mirror")) };
    let (last, head) = (mirror.last().await?.position, log.head().await?);
    let mut found = Beside::default();
    if last > head {
        let what = format!("the mirror goes to {last}, and the log to {head}");
        found.wrong.push(Wrong { position: Some(head + 1), code: "mirror", what });
    }
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
                        let what = "it is mirrored as something else".to_owned();
                        found.wrong.push(Wrong { position: Some(event.position), code: "mirror", what });
                    }
                }
            }
            Err(error @ MirrorError::Absent { .. }) => {
                found.wrong.push(Wrong { position: Some(after + 1), code: "mirror", what: error.to_string() });
            }
            Err(error) => return Err(error.into()),
        }
        after = to;
        told(after);
    }
    Ok(found)
}
