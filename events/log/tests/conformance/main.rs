//! What the log promises, on both databases.
#![expect(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod bed;
mod child;

mod append;
mod connections;
mod examine;
mod follow;
mod group;
mod keys;
mod killed;
mod numbers;
mod processes;
mod protection;
mod put_back;
mod read;
mod roles;

macro_rules! conformance {
    ($($file:ident { $($case:ident)* })*) => {
        mod sqlite {$($(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                crate::$file::$case(&crate::bed::Bed::sqlite()).await;
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
    append {
        an_event_is_written_whole
        positions_are_dense_and_versions_count_each_stream
        a_stream_that_has_moved_refuses_who_expected_it_where_it_was
        many_streams_are_written_together_or_not_at_all
        a_write_without_events_only_checks_its_stream
        an_append_that_cannot_be_written_is_refused
        a_text_with_a_nul_is_refused_wherever_it_stands
        the_largest_event_can_be_written
        recorded_time_never_goes_backwards
        what_is_received_is_recorded_later_but_pushes_no_time
        a_database_that_is_gone_fails_everybody_who_waits
        a_log_is_made_once_and_is_the_same_ever_after
        a_halted_log_says_why_it_takes_nothing_and_is_read_as_before
    }
    keys {
        the_same_key_and_content_is_answered_again_even_if_the_stream_moved_on
        the_same_key_with_other_content_is_refused
        a_key_whose_append_lost_is_free
        what_a_key_wrote_can_be_asked_for
        the_same_request_is_answered_again_even_if_it_would_lead_elsewhere
    }
    numbers {
        numbers_are_gap_free_in_each_series_and_losers_take_none
    }
    group {
        each_member_of_a_group_gets_its_own_answer
        a_failing_member_in_every_group_fails_no_neighbour
    }
    read {
        pages_never_skip
        a_replay_reads_ahead_and_still_in_order
        raw_events_are_the_bytes_that_were_hashed
        looks_at_petitioners_and_what_is_done_with_their_keys_are_found_among_all
        a_missing_event_is_noticed
    }
    examine {
        a_column_that_is_not_what_its_bytes_say_is_found
    }
    follow {
        a_tail_wakes_when_something_is_written
        a_tail_wakes_when_another_process_writes
        the_tasks_of_a_log_end_with_its_last_clone
    }
    protection {
        the_database_refuses_to_change_or_delete_what_was_written
    }
    put_back {
        a_copy_put_back_is_the_same_row_by_row_on_either_database
        a_copy_goes_only_into_an_empty_log_or_after_its_last_event
        what_cannot_stand_where_the_copy_has_it_is_refused_with_the_place
        what_was_put_back_is_written_on_as_if_nothing_had_been
    }
    processes {
        two_processes_append_at_once_and_nothing_is_filled_in_behind_a_reader
    }
    killed {
        a_process_killed_between_any_two_statements_leaves_a_whole_log
        a_process_killed_while_it_appends_loses_nothing_it_was_told_and_doubles_nothing
    }
}
