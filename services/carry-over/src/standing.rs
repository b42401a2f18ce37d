//! Where an older ledger leaves a row: what its status, its days and its columns say together.

use rectify_case::Zone;
use rectify_case::carried_over::Standing;
use rectify_intake::Fault;
use rectify_intake::reason::Reason;

use crate::row::LedgerRow;
use crate::status::{self, Came, Said, Way};

/// Returns where the old ledger leaves a case. Only what it says was struck off was, and only what it says left did.
pub(crate) fn standing(row: &LedgerRow, zone: Zone) -> Result<Standing, Fault> {
    let read = |field: &'static str, text: &Option<String>| {
        let Some(text) = text.as_deref().filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let said = status::said(text).or_else(|| status::left(text).map(|(way, _)| Said::Left(way)));
        said.map(Some).ok_or_else(|| Fault::new(field, text, Reason::NotOneOf(status::known())))
    };
    let (status, struck) = (read("status", &row.status)?, read("struck_off", &row.struck_off)?);
    let contradicts =
        |field, text: &Option<String>| Fault::new(field, text.clone().unwrap_or_default(), Reason::Contradicts);
    for (said, field, text) in [(status, "status", &row.status), (struck, "struck_off", &row.struck_off)] {
        let Some(Said::Left(way)) = said else { continue };
        let other = if field == "status" { struck } else { status };
        let agrees = matches!(other, None | Some(Said::Open | Said::Left(_)))
            && other.is_none_or(|other| other == Said::Open || other == Said::Left(way));
        if !agrees || row.closed.is_some() {
            return Err(contradicts(field, text));
        }
        return left(row, way, text.as_deref().unwrap_or_default());
    }
    let is_open = |said: Option<Said>| matches!(said, Some(Said::Open | Said::NotStarted));
    let struck_off = [struck, status].into_iter().flatten().find_map(|said| match said {
        Said::StruckOff(came) => Some(came),
        Said::NotStarted | Said::UnderWay | Said::Open | Said::Left(_) => None,
    });
    let came = match struck_off {
        Some(_) if struck == Some(Said::Open) => return Err(contradicts("status", &row.status)),
        Some(_) if status == Some(Said::NotStarted) => return Err(contradicts("struck_off", &row.struck_off)),
        Some(came) => came,
        None if row.closed.is_some() && (is_open(struck) || is_open(status)) => {
            let field = if is_open(struck) { ("struck_off", &row.struck_off) } else { ("status", &row.status) };
            return Err(contradicts(field.0, field.1));
        }
        None if row.closed.is_some() => Came::Rectified,
        None => return Ok(open(row, status)),
    };
    let kept_up = row.status.as_deref().is_some_and(|text| text.contains("长期坚持"));
    let came = if kept_up && came == Came::Rectified { Came::KeptUp } else { came };
    let review = row.review.map(|review| review.day(zone));
    let outcome = came.outcome(review).ok_or_else(|| Fault::new("review", "", Reason::NoReview))?;
    Ok(Standing::Closed { outcome, on: row.closed })
}

/// Where nothing is said, what stands in the row tells whether it was begun.
fn open(row: &LedgerRow, status: Option<Said>) -> Standing {
    let begun = row.completed.is_some() || row.progress.is_some() || row.opinion.is_some();
    let under_way = status == Some(Said::UnderWay) || (begun && status != Some(Said::NotStarted));
    if under_way { Standing::UnderWay } else { Standing::NotStarted }
}

/// Returns where a row went that left: by its own column, or by the status that says both in one.
fn left(row: &LedgerRow, way: Way, status: &str) -> Result<Standing, Fault> {
    let said = |own: &Option<String>, fault: Fault| {
        let own = own.as_deref().map(str::trim).filter(|own| !own.is_empty()).map(str::to_owned);
        own.or_else(|| status::left(status).map(|(_, said)| said)).ok_or(fault)
    };
    let on = row.left;
    Ok(match way {
        Way::Dismissed => {
            let reason = said(&row.ground, Fault::new("ground", "", Reason::NoGround))?;
            Standing::Dismissed { reason, on }
        }
        Way::Merged => {
            let into = said(&row.target, Fault::new("target", "", Reason::NoTarget))?;
            let own = row.old_number.as_deref().or(row.ordinal.as_deref());
            if own.is_some_and(|own| own.trim() == into) {
                return Err(Fault::new("target", into, Reason::NoTarget));
            }
            Standing::Merged { into, on }
        }
        Way::Transferred => {
            let receiver = said(&row.receiver, Fault::new("receiver", "", Reason::NoReceiver))?;
            Standing::Transferred { receiver, receipt: row.receipt.clone(), on }
        }
    })
}
