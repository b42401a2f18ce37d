//! The guards that keep rules 1 to 4 and 7, each with a name, so that a test can take it out and see the rule break.

use crate::refusal::{Refusal, Refused};

macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A guard of `decide`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Guard {$(
            $(#[$doc])*
            $name,
        )*}

        #[cfg(test)]
        impl Guard {
            /// Every guard.
            pub(crate) const ALL: &[Guard] = &[$(Guard::$name),*];
        }
    };
}

guards! {
    /// The actor holds the role in the unit.
    RoleIsHeld,
    /// Acting on behalf rests on a delegation.
    DelegationInForce,
    /// Who is accused, or below who is accused, does not act.
    AccusedDoesNotAct,
    /// Who is recused does not act.
    RecusedDoesNotAct,
    /// Nobody accused leads or helps.
    AccusedIsNotResponsible,
    /// Nobody accused is the responsible leader.
    AccusedDoesNotLead,
    /// Nobody accused answers for a listing.
    AccusedDoesNotAnswerForListing,
    /// Naming a responsible unit as subject takes the case back.
    NamingTakesBack,
    /// A merge does not hand an accusation to its subject.
    MergeKeepsFirewall,
    /// What the accused can read names no accusation.
    AccusationIsNotNamed,
    /// A unit complained about does not hold a level.
    SubjectHoldsNoLevel,
    /// Who belongs to a unit complained about does not verify.
    SubjectDoesNotVerify,
    /// Levels are verified in order.
    LevelsInOrder,
    /// Every level owed is passed before the case is verified.
    EveryLevelPassed,
    /// A raised severity owes its levels.
    RaisedLevelsOwed,
    /// The unit that holds the level verifies.
    HolderVerifies,
    /// A level is not given to a responsible unit.
    ResponsibleHoldsNoLevel,
    /// Who belongs to a responsible unit does not verify.
    ResponsibleDoesNotVerify,
    /// Who planned or reported does not verify.
    ReporterDoesNotVerify,
    /// A verification names its evidence.
    EvidenceNamed,
    /// The evidence was filed for this completion report, or gathered on site.
    EvidenceOfThisRound,
    /// The evidence was opened by who verifies.
    EvidenceOpened,
    /// Withdrawn evidence is not relied on.
    WithdrawnNotReliedOn,
    /// Evidence that was relied on is not withdrawn.
    ReliedOnStays,
    /// A level on site relies on something gathered there.
    GatheredOnSite,
    /// A grave closure is approved.
    GraveIsApproved,
    /// The approving leader is not the responsible leader.
    ApproverIsNotResponsible,
    /// The approving leader did not verify.
    ApproverDidNotVerify,
    /// Who closes did not verify.
    CloserDidNotVerify,
    /// Who grants an extension did not ask for it.
    GranterDidNotAsk,
    /// A second person agrees to a lower severity.
    SecondPersonAgrees,
    /// A dismissal says why.
    DismissalSaysWhy,
    /// A transfer names receiver and receipt.
    TransferHasReceipt,
    /// What an older ledger says left says where to, or why.
    DeclaredSaysWhereTo,
    /// What was merged here is given back, not revived.
    MergedIsGivenBack,
    /// A finding is in a case once.
    FindingOnce,
    /// What is reported as fixed was found.
    FixedWasFound,
    /// What is verified as fixed was found.
    VerifiedWasFound,
    /// What was found is not restated below what is fixed.
    FoundCoversFixed,
    /// Nothing is outstanding when a case is closed as rectified.
    NothingOutstanding,
    /// The parts of a split add up.
    PartsAddUp,
    /// What is split off was outstanding.
    RestWasOutstanding,
}

impl Guard {
    /// Returns an error unless the guard's condition holds.
    pub(crate) fn require(self, holds: bool, refusal: Refusal) -> Result<(), Refused> {
        if holds || self.is_out() { Ok(()) } else { Err(refusal.into()) }
    }

    /// Returns whether a test has taken this guard out.
    #[cfg(test)]
    pub(crate) fn is_out(self) -> bool {
        OUT.get() == Some(self)
    }

    /// Returns whether a test has taken this guard out: never, in what is run.
    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "the test build asks which guard")]
    pub(crate) fn is_out(self) -> bool {
        false
    }
}

#[cfg(test)]
thread_local! {
    static OUT: std::cell::Cell<Option<Guard>> = const { std::cell::Cell::new(None) };
}

/// Runs something with one guard taken out.
#[cfg(test)]
pub(crate) fn without<T>(guard: Option<Guard>, run: impl FnOnce() -> T) -> T {
    OUT.set(guard);
    let result = run();
    OUT.set(None);
    result
}
