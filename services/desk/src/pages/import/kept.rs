//! What was brought and is not handed in yet: in the memory of this process only, for whoever brought it, for a short time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rectify_accounts::SessionId;
use rectify_intake::report::Report;
use rectify_intake::{HandIn, Look, Progress, Way, WayError};
use rectify_kit::ids;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use uuid::Uuid;

use super::judged::Judged;

/// How long it is kept after it was looked at last.
pub(super) const FOR: Duration = Duration::from_mins(30);

/// How much there is room for, in mebibytes, of what everybody brought together.
const ROOM: usize = 256;

/// Everything that was brought: one thing for each session. Cheap to clone.
#[derive(Clone)]
pub(super) struct Uploads {
    kept: Arc<Mutex<HashMap<SessionId, Arc<Upload>>>>,
    room: Arc<Semaphore>,
}

/// What somebody brought in a session.
pub(super) struct Upload {
    pub(super) id: Uuid,
    pub(super) way: Arc<dyn Way>,
    /// What its files are called.
    pub(super) files: String,
    /// What the first of them is called.
    pub(super) first: String,
    /// Where it stands.
    pub(super) stage: watch::Sender<Stage>,
    asked: Mutex<Asked>,
    used: Mutex<DateTime<Utc>>,
    _room: OwnedSemaphorePermit,
}

/// What is handed in, as it is understood by now.
#[derive(Clone)]
pub(super) struct Asked {
    /// The files are gone from it when they were taken.
    pub(super) hand_in: HandIn,
    pub(super) look: Arc<Look>,
}

/// Where something stands that was brought.
#[derive(Clone)]
pub(super) enum Stage {
    /// Its columns are not understood: somebody is to say what they mean.
    Columns,
    /// It is read, compared or taken, and has come so far.
    Working(Work, Progress),
    /// It was checked: nothing was written.
    Checked(Arc<Checked>),
    /// It was taken.
    Taken(Arc<Done>),
    /// It was not, or not wholly.
    Failed(Work, Arc<WayError>),
}

/// What is done with what was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// It is read.
    Read,
    /// It is compared with what is there.
    Compare,
    /// It is taken.
    Take,
}

/// What would come of it.
pub(super) struct Checked {
    /// What whoever confirms it says they have seen.
    pub(super) seen: Uuid,
    pub(super) report: Report,
    pub(super) rows: Vec<Judged>,
}

/// What came of it.
pub(super) struct Done {
    pub(super) report: Report,
    /// How many rows were taken, and how many of these were there already.
    pub(super) taken: usize,
    pub(super) known: usize,
    /// The files with what is wrong beside the cells, where something is.
    pub(super) workbook: Option<Vec<u8>>,
}

impl Default for Uploads {
    fn default() -> Self {
        Uploads { kept: Arc::default(), room: Arc::new(Semaphore::new(ROOM)) }
    }
}

impl Uploads {
    /// Returns room for so many bytes; none where too much was brought by others.
    pub(super) fn room_for(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let mebibytes = u32::try_from(bytes.div_ceil(1 << 20)).ok()?;
        Arc::clone(&self.room).try_acquire_many_owned(mebibytes).ok()
    }

    /// Keeps what somebody brought in a session, in place of what they had brought before; nothing is kept while that is
    /// being taken.
    pub(super) fn keep(
        &self,
        session: SessionId,
        way: Arc<dyn Way>,
        hand_in: HandIn,
        look: Look,
        room: OwnedSemaphorePermit,
        now: DateTime<Utc>,
    ) -> Option<Arc<Upload>> {
        let mut kept = self.kept();
        kept.retain(|_, upload| !upload.is_old(now));
        if kept.get(&session).is_some_and(|upload| upload.is_taken_now()) {
            return None;
        }
        let files: Vec<&str> = hand_in.files.iter().map(|file| file.name.as_str()).collect();
        let upload = Arc::new(Upload {
            id: ids::new(),
            files: files.join("、"),
            first: files.first().copied().unwrap_or_default().to_owned(),
            way,
            stage: watch::Sender::new(Stage::Columns),
            asked: Mutex::new(Asked { hand_in, look: Arc::new(look) }),
            used: Mutex::new(now),
            _room: room,
        });
        kept.insert(session, Arc::clone(&upload));
        Some(upload)
    }

    /// Returns what was brought in a session, if it is known by this.
    pub(super) fn get(&self, session: SessionId, id: Uuid, now: DateTime<Utc>) -> Option<Arc<Upload>> {
        let mut kept = self.kept();
        kept.retain(|_, upload| !upload.is_old(now));
        let upload = kept.get(&session).filter(|upload| upload.id == id)?;
        *upload.used.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Some(Arc::clone(upload))
    }

    /// Returns what was brought last in a session.
    pub(super) fn of(&self, session: SessionId, now: DateTime<Utc>) -> Option<Arc<Upload>> {
        self.kept().get(&session).filter(|upload| !upload.is_old(now)).cloned()
    }

    /// Forgets what was brought in a session.
    pub(super) fn forget(&self, session: SessionId) {
        self.kept().remove(&session);
    }

    /// Forgets what nobody has looked at for too long.
    pub(super) fn forget_old(&self, now: DateTime<Utc>) {
        self.kept().retain(|_, upload| !upload.is_old(now));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Upload>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    /// Returns where its page is.
    pub(super) fn address(&self) -> String {
        format!("/import/{}", self.id)
    }

    /// Returns what is handed in, as it is understood by now.
    pub(super) fn asked(&self) -> Asked {
        self.lock().clone()
    }

    /// Has it understood otherwise.
    pub(super) fn ask(&self, asked: Asked) {
        *self.lock() = asked;
    }

    /// Lets go of the files.
    pub(super) fn let_go(&self) {
        self.lock().hand_in.files = Vec::new();
    }

    /// Begins to work on it, unless that was begun already. `from` says at which stages it may be.
    pub(super) fn begins(&self, work: Work, from: impl FnOnce(&Stage) -> bool) -> bool {
        self.stage.send_if_modified(|stage| {
            let begins = from(stage);
            if begins {
                *stage = Stage::Working(work, Progress::default());
            }
            begins
        })
    }

    /// Returns whether it is being taken right now.
    pub(super) fn is_taken_now(&self) -> bool {
        matches!(*self.stage.borrow(), Stage::Working(Work::Take, _))
    }

    fn is_old(&self, now: DateTime<Utc>) -> bool {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = TimeDelta::from_std(FOR).unwrap_or(TimeDelta::MAX);
        now - used > kept && !matches!(*self.stage.borrow(), Stage::Working(..))
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;
    use rectify_case::{Actor, PersonId, UnitId};
    use rectify_intake::header::Wanted;
    use rectify_intake::report::Language;
    use rectify_intake::way::Tell;
    use rectify_intake::{Given, Outcome, Split};

    use super::*;

    /// A way that leads nowhere.
    struct Nowhere;

    impl Way for Nowhere {
        fn name(&self) -> &'static str {
            "nowhere"
        }

        fn wanted(&self) -> Wanted {
            Wanted { columns: Vec::new(), identity: &[], joined: false }
        }

        fn splits(&self) -> bool {
            false
        }

        fn unit(&self, _: PersonId, _: Option<UnitId>) -> Option<UnitId> {
            None
        }

        fn look(&self, _: HandIn) -> BoxFuture<'_, Result<Look, WayError>> {
            Box::pin(async { Err(WayError::MayNot) })
        }

        fn check<'a>(&'a self, _: HandIn, _: Tell<'a>) -> BoxFuture<'a, Result<Outcome, WayError>> {
            Box::pin(async { Err(WayError::MayNot) })
        }

        fn take<'a>(&'a self, _: HandIn, _: Tell<'a>) -> BoxFuture<'a, Result<Outcome, WayError>> {
            Box::pin(async { Err(WayError::MayNot) })
        }

        fn workbook<'a>(&'a self, _: HandIn, _: &'a Report, _: Language) -> BoxFuture<'a, Result<Vec<u8>, WayError>> {
            Box::pin(async { Err(WayError::MayNot) })
        }
    }

    fn session(number: u128) -> SessionId {
        SessionId(Uuid::from_u128(number))
    }

    fn at(minute: i64) -> DateTime<Utc> {
        let morning: DateTime<Utc> = "2020-04-20T01:00:00Z".parse().unwrap();
        morning + TimeDelta::minutes(minute)
    }

    fn keep(uploads: &Uploads, number: u128, mebibytes: usize, minute: i64) -> Option<Arc<Upload>> {
        let hand_in = HandIn {
            person: Actor::INSTALLATION.person,
            files: Vec::new(),
            given: Given::default(),
            deadline: None,
            office: None,
            mapping: None,
            split: Split::None,
            whole: true,
        };
        let look = Look { sheets: Vec::new(), wrong: None };
        let room = uploads.room_for(mebibytes << 20)?;
        uploads.keep(session(number), Arc::new(Nowhere), hand_in, look, room, at(minute))
    }

    #[test]
    fn what_nobody_looks_at_is_forgotten_and_what_is_worked_on_is_not() {
        let uploads = Uploads::default();
        let idle = keep(&uploads, 1, 1, 0).unwrap();
        assert!(uploads.get(session(1), idle.id, at(29)).is_some());
        assert!(uploads.get(session(1), idle.id, at(58)).is_some());
        assert!(uploads.get(session(1), idle.id, at(89)).is_none());
        let busy = keep(&uploads, 1, 1, 100).unwrap();
        assert!(busy.begins(Work::Take, |stage| matches!(stage, Stage::Columns)));
        assert!(!busy.begins(Work::Take, |stage| matches!(stage, Stage::Columns)));
        uploads.forget_old(at(200));
        assert!(uploads.of(session(1), at(200)).is_some());
        // Nothing takes its place meanwhile.
        assert!(keep(&uploads, 1, 1, 200).is_none());
    }

    #[test]
    fn a_session_has_one_and_all_have_room_for_so_much() {
        let uploads = Uploads::default();
        let first = keep(&uploads, 1, 100, 0).unwrap();
        let second = keep(&uploads, 1, 100, 0).unwrap();
        assert!(uploads.get(session(1), first.id, at(0)).is_none());
        drop(first);
        assert!(uploads.get(session(2), second.id, at(0)).is_none());
        assert!(keep(&uploads, 2, 156, 0).is_some());
        assert!(keep(&uploads, 3, 1, 0).is_none());
        drop(second);
        uploads.forget(session(1));
        assert!(keep(&uploads, 3, 100, 0).is_some());
    }
}
