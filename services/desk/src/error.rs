//! The one error of the desk, and the one way it is answered.

use axum::response::{IntoResponse, Response};
use rectify_accounts::AccountsError;
use rectify_bus::{BusError, SubmitError};
use rectify_case::{CustodyRefusal, Directory, Refused};
use rectify_kit::act::NotActed;
use rectify_kit::{StoreError, ids};
use rectify_ledger::LedgerError;
use rectify_log::db::is_out_of_room;
use rectify_log::{AppendError, LogError};
use rectify_proof::ProofError;
use rectify_proof::dossier::Unwritable;

use crate::code::Code;
use crate::dossier::NotMade;
use crate::language::Language;
use crate::problem::{More, Problem};
use crate::shown::{Capacity, ShownEvent};

/// Why a request is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Something about the request.
    #[error("{}", .0.english())]
    Code(Code),
    /// Something about the request, with what it is about.
    #[error("{code}: {about}", code = .0.english(), about = .1)]
    Detailed(Code, String),
    /// Something about the request, with what helps to do better.
    #[error("{}", .0.english())]
    With(Code, Box<More>),
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What was decided about the keys of a petition forbids it, with the reason that was given for that.
    #[error("{}", .0.english())]
    Custody(CustodyRefusal, Option<String>),
    /// Something that it needs is out of reach.
    #[error("out of reach")]
    Unavailable(#[source] anyhow::Error),
    /// Something failed that must not.
    #[error("failed")]
    Internal(#[source] anyhow::Error),
}

impl Error {
    /// Returns the error of an act, with the names that help to read it.
    pub(crate) fn of_act(error: NotActed, directory: &Directory) -> Error {
        match error {
            NotActed::Hidden => Error::Code(Code::NoSuchCase),
            NotActed::Stale { version, since } => {
                let since = since.iter().filter_map(|event| ShownEvent::of(event, directory)).collect();
                Error::With(Code::Stale, Box::new(More { version: Some(version), since, ..More::default() }))
            }
            NotActed::Refused(refused) => Error::Refused(refused),
            NotActed::Ambiguous(actors) => {
                let capacities = actors.into_iter().map(|actor| Capacity::of(actor, directory)).collect();
                Error::With(Code::WhichCapacity, Box::new(More { capacities, ..More::default() }))
            }
            NotActed::Contended => Error::Unavailable(NotActed::Contended.into()),
            NotActed::Append(error) => error.into(),
            NotActed::Log(error) => error.into(),
        }
    }

    /// Returns why something is not done, in a language, for who can do something about it.
    pub(crate) fn in_language(&self, language: Language) -> String {
        match (self, language) {
            (Error::Refused(refused), Language::Chinese) => refused.chinese(),
            (Error::Refused(refused), Language::English) => refused.english(),
            (Error::Code(code) | Error::Detailed(code, _) | Error::With(code, _), Language::Chinese) => {
                code.chinese().to_owned()
            }
            (Error::Code(code) | Error::Detailed(code, _) | Error::With(code, _), Language::English) => {
                code.english().to_owned()
            }
            (Error::Custody(refusal, about), Language::Chinese) => match about {
                Some(about) => format!("{}（{about}）", refusal.chinese()),
                None => refusal.chinese().to_owned(),
            },
            (Error::Custody(refusal, about), Language::English) => match about {
                Some(about) => format!("{} ({about})", refusal.english()),
                None => refusal.english().to_owned(),
            },
            (Error::Unavailable(_) | Error::Internal(_), _) => self.to_string(),
        }
    }

    /// Returns what is told of it. What failed here is logged here, once, under the reference that is told.
    pub(crate) fn problem(self) -> Problem {
        let (code, error) = match self {
            Error::Code(code) => return Problem::of(code),
            Error::Detailed(code, detail) => return Problem::detailed(code, detail),
            Error::With(code, more) => return Problem::with(code, *more),
            Error::Refused(refused) => return Problem::refused(&refused),
            Error::Custody(refusal, about) => return Problem::of_custody(refusal, about),
            Error::Unavailable(error) if is_out_of_room(error.as_ref()) => (Code::NoRoom, error),
            Error::Unavailable(error) => (Code::Unavailable, error),
            Error::Internal(error) => (Code::Internal, error),
        };
        let reference = ids::new();
        tracing::error!(%reference, error = format!("{error:#}"), "a request could not be answered");
        Problem::with(code, More { reference: Some(reference), ..More::default() })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.problem().into_response()
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Error::Code(code)
    }
}

impl From<rectify_case::Refusal> for Error {
    fn from(refusal: rectify_case::Refusal) -> Self {
        Error::Refused(refusal.into())
    }
}

impl From<CustodyRefusal> for Error {
    fn from(refusal: CustodyRefusal) -> Self {
        Error::Custody(refusal, None)
    }
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::KeyReused { .. } => Error::Code(Code::KeyReused),
            AppendError::BadKey { .. } => Error::Code(Code::BadKey),
            AppendError::TooLarge { event, size, .. } => {
                Error::Detailed(Code::TooLarge, format!("{event}: {size} > {}", rectify_log::LARGEST_EVENT))
            }
            AppendError::Unwritable { event, reason, .. } => {
                Error::Detailed(Code::BadBody, format!("{event}: {reason}"))
            }
            AppendError::Conflict { .. } | AppendError::Log(_) => Error::Unavailable(error.into()),
            AppendError::Empty => Error::Internal(error.into()),
        }
    }
}

impl From<LogError> for Error {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Db(_) | LogError::Closed | LogError::Apart | LogError::Halted { .. } => {
                Error::Unavailable(error.into())
            }
            LogError::Undecodable { .. } | LogError::Unencodable(_) | LogError::Missing { .. } => {
                Error::Internal(error.into())
            }
        }
    }
}

impl From<ProofError> for Error {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Db(_) | ProofError::Log(_) => Error::Unavailable(error.into()),
            ProofError::NoTile(_)
            | ProofError::TooSmall { .. }
            | ProofError::Unreadable(_)
            | ProofError::Inconsistent(_) => Error::Internal(error.into()),
        }
    }
}

impl From<NotMade> for Error {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::NotSealed(_) => Error::Code(Code::NotSealed),
            NotMade::Ahead(_) | NotMade::OtherHistory(_) => Error::Code(Code::OtherHistory),
            NotMade::Unwritable(Unwritable::Many) => Error::Code(Code::DossierTooLarge),
            NotMade::Log(error) => error.into(),
            NotMade::Proof(error) => error.into(),
            NotMade::Store(error) => error.into(),
            NotMade::Unwritable(Unwritable::File(_) | Unwritable::Zip(_)) => Error::Unavailable(error.into()),
            NotMade::Unwritable(_) | NotMade::Untold(_) => Error::Internal(error.into()),
        }
    }
}

impl From<BusError> for Error {
    fn from(error: BusError) -> Self {
        Error::Unavailable(error.into())
    }
}

impl From<SubmitError> for Error {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::TooLarge { bytes, limit } => Error::Detailed(Code::TooLarge, format!("{bytes} > {limit}")),
            SubmitError::SetAside { reason } => Error::Detailed(Code::SetAsideAgain, reason),
            SubmitError::Forbidden(_) | SubmitError::Elsewhere { .. } | SubmitError::Unavailable(_) => {
                Error::Unavailable(error.into())
            }
        }
    }
}

impl From<AccountsError> for Error {
    fn from(error: AccountsError) -> Self {
        Error::Unavailable(error.into())
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::BadCursor => Error::Detailed(Code::BadRequest, "cursor".to_owned()),
            error => Error::Unavailable(error.into()),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooLarge { most } => Error::Detailed(Code::TooLarge, format!("> {most}")),
            StoreError::Empty => Error::Code(Code::EmptyFile),
            StoreError::UnsupportedType { name } => Error::Detailed(Code::UnsupportedType, name),
            StoreError::Cut(error) => Error::Detailed(Code::BadRequest, error),
            StoreError::Failed(_) => Error::Unavailable(error.into()),
            StoreError::NoFolder { .. } | StoreError::NoS3 | StoreError::OtherBytes { .. } => {
                Error::Internal(error.into())
            }
        }
    }
}
