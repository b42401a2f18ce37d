//! What to do about an act that was not done: whether time will mend it.

use rectify_kit::act::NotActed;
use rectify_log::{AppendError, LogError};

/// What to do about it.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It will never be done as it is. The reason is for the office.
    Never(String),
    /// It stands in everybody's way, and passes.
    Wait(NotActed),
    /// It stands in the way of this one only.
    Later(NotActed),
}

impl Verdict {
    pub(crate) fn on(error: NotActed) -> Verdict {
        match &error {
            NotActed::Refused(refused) => Verdict::Never(format!("{} {}", refused.chinese(), refused.english())),
            NotActed::Hidden => Verdict::Never(format!("来源不能处理该事项。 {error}")),
            NotActed::Stale { .. } | NotActed::Ambiguous(_) => Verdict::Never(error.to_string()),
            NotActed::Append(append) => match append {
                AppendError::KeyReused { .. }
                | AppendError::BadKey { .. }
                | AppendError::Empty
                | AppendError::TooLarge { .. }
                | AppendError::Unwritable { .. } => Verdict::Never(append.to_string()),
                AppendError::Conflict { .. } => Verdict::Wait(error),
                AppendError::Log(log) if passes(log) => Verdict::Wait(error),
                AppendError::Log(_) => Verdict::Later(error),
            },
            NotActed::Contended => Verdict::Wait(error),
            NotActed::Log(log) if passes(log) => Verdict::Wait(error),
            NotActed::Log(_) => Verdict::Later(error),
        }
    }
}

/// Whether it is the whole log that cannot be used now, and not one event in it.
fn passes(error: &LogError) -> bool {
    match error {
        LogError::Db(_) | LogError::Closed | LogError::Apart | LogError::Halted { .. } => true,
        LogError::Undecodable { .. } | LogError::Unencodable(_) | LogError::Missing { .. } => false,
    }
}
