//! What the transparent log promises, on both databases.
#![expect(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod bed;

mod put_back;
mod sealing;
mod tampering;

macro_rules! conformance {
    ($($file:ident { $($case:ident)* })*) => {
        mod sqlite {$($(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                crate::$file::$case(&crate::bed::Bed::sqlite().await).await;
            }
        )*)*}

        mod postgres {$($(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                crate::$file::$case(&crate::bed::Bed::postgres().await).await;
            }
        )*)*}
    };
}

conformance! {
    sealing {
        the_tree_follows_the_log_and_is_signed
        every_event_is_proved_to_be_in_every_later_tree
        two_sealers_do_no_harm
        a_new_key_signs_beside_the_old_one
        what_was_signed_is_neither_changed_nor_taken_back
        what_a_witness_signed_is_kept_once
    }
    tampering {
        nothing_is_wrong_with_a_log_as_it_was_written
        what_is_not_sealed_yet_is_named
        whatever_is_changed_is_found_where_it_is
        a_history_written_anew_is_found_by_whoever_has_a_paper
        a_single_byte_is_found_wherever_it_is
    }
}
