//! What the registrar promises, in one process on SQLite and over NATS on PostgreSQL; and what only NATS can show.
#![expect(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod bed;

mod duplicates;
mod intake;
mod killed;
mod mirror;

macro_rules! conformance {
    ($($file:ident { $($case:ident)* })*) => {
        mod embedded {$($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::$file::$case(crate::bed::Bed::embedded().await).await;
            }
        )*)*}

        mod nats_and_postgres {$($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::$file::$case(crate::bed::Bed::servers().await).await;
            }
        )*)*}
    };
}

conformance! {
    intake {
        each_finding_opens_one_case_however_often_it_is_handed_in
        other_content_amends_and_the_same_again_is_nothing
        what_was_handed_in_last_has_the_last_word_in_whatever_order_it_is_delivered
        what_was_taken_back_before_it_was_delivered_does_not_stand
        what_the_office_entered_by_hand_is_the_same_finding
        what_a_source_takes_back_stands_as_before
        two_registrars_at_once_open_each_case_once
        what_comes_again_otherwise_after_its_case_ended_is_put_before_the_office_once
        what_is_refused_is_set_aside_with_the_reason
        a_sender_that_was_entered_a_moment_ago_is_not_refused
    }
    killed {
        a_registrar_dropped_in_the_middle_loses_nothing_and_doubles_nothing
        a_log_that_cannot_be_written_holds_findings_up_and_readiness_says_so
    }
    duplicates {
        the_later_case_points_at_the_earlier_one_once
        nothing_points_at_an_accusation
        a_lookup_that_fails_is_asked_again_and_after_a_restart_nothing_is_asked_twice
    }
}
