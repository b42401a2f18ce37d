//! What the ledger promises, on both databases.
#![expect(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod bed;
mod history;

mod fold;
mod list;
mod overview;
mod past;
mod permission;
mod rebuild;
mod relation;
mod search;
mod signals;
mod waiting;

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
    fold {
        a_log_folds_to_the_same_ledger_one_by_one_and_at_once
        an_event_without_a_place_is_kept_and_counted
        two_projections_at_once_count_nothing_twice
        a_fold_that_is_cut_off_leaves_a_whole_ledger
        a_ledger_that_does_not_fit_is_folded_again
        who_waits_in_another_process_is_told
    }
    rebuild {
        a_rebuilt_ledger_is_the_same_and_reads_go_on
        a_rebuild_that_another_overtook_is_given_up
        a_projection_follows_to_the_new_ledger_and_drops_the_old
        a_projection_turns_to_a_ledger_that_is_behind_though_nothing_happens
        who_waits_turns_away_from_a_ledger_that_was_dropped
    }
    list {
        pages_give_every_case_once_while_the_ledger_changes
        every_order_goes_both_ways
        filters_find_what_they_say
        what_was_carried_over_is_found_by_its_old_number_and_told_from_what_was_proved
        elapsed_time_is_exact
        a_cursor_of_another_list_is_refused
    }
    overview {
        the_overview_counts_exactly_what_may_reach_whoever_asks
        every_figure_of_the_overview_is_that_of_a_list
    }
    past {
        a_ledger_of_the_past_is_what_the_log_told_by_then
        the_past_shows_what_may_be_seen_now_and_nothing_else
        by_what_had_happened_what_happened_later_is_left_out
        what_is_folded_in_memory_is_what_the_tables_have
        a_replay_from_a_snapshot_is_that_from_the_first_event
        two_lists_differ_by_what_entered_left_moved_and_became_late
    }
    permission {
        a_case_is_listed_and_counted_exactly_for_whom_it_may_reach
        a_change_of_the_directory_changes_whom_a_case_reaches
    }
    relation {
        a_relation_is_seen_from_both_ends
        likely_duplicates_are_found_and_no_accusation_is_named
    }
    search {
        two_characters_are_enough_and_the_phrase_comes_first
        what_is_amended_is_found_anew
        a_text_that_very_many_have_is_found_page_by_page
    }
    signals {
        what_one_event_shows_is_asked_about
        what_several_cases_share_is_asked_about
        what_is_kept_from_somebody_is_no_signal_to_them
        pages_of_signals_give_each_once
    }
    waiting {
        a_case_waits_for_one_after_the_other
        a_case_whose_level_nobody_holds_waits_for_the_office
        a_finding_waits_for_the_office_that_governs_its_division_now
        what_waits_is_counted_for_whoever_can_do_it
        what_is_kept_from_somebody_does_not_wait_for_them
        the_list_has_exactly_what_is_counted_and_the_most_urgent_first
    }
}
