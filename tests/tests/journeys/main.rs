//! What people do with the whole system, from outside: over HTTP and by the command line, in both shapes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod closure;
mod refusals;
mod restructuring;
mod supervision;
mod turns;

use rectify_tests::bed::{Bed, Shape};

/// Makes a test of each journey in each shape. Each ends with what holds whatever happened.
macro_rules! journeys {
    ($($module:ident: $($name:ident)*;)*) => {
        mod embedded {
            use super::*;
            $($(
                #[tokio::test]
                async fn $name() {
                    let bed = Bed::new(Shape::Embedded).await;
                    $module::$name(&bed).await;
                    bed.keeps_its_promises().await;
                }
            )*)*
        }

        mod servers_postgres_nats {
            use super::*;
            $($(
                #[tokio::test]
                async fn $name() {
                    let bed = Bed::new(Shape::Servers).await;
                    $module::$name(&bed).await;
                    bed.keeps_its_promises().await;
                }
            )*)*
        }
    };
}

/// With a user of its own for each service, everything works as without.
mod guarded_postgres_nats {
    use super::*;

    #[tokio::test]
    async fn an_audit_finding_goes_from_a_workbook_to_verified_closure() {
        let bed = Bed::new(Shape::Guarded).await;
        closure::an_audit_finding_goes_from_a_workbook_to_verified_closure(&bed).await;
        bed.keeps_its_promises().await;
    }

    #[tokio::test]
    async fn a_petition_goes_from_an_imported_file_to_verified_closure() {
        let bed = Bed::new(Shape::Guarded).await;
        closure::a_petition_goes_from_an_imported_file_to_verified_closure(&bed).await;
        bed.keeps_its_promises().await;
    }
}

journeys! {
    closure:
        an_audit_finding_goes_from_a_workbook_to_verified_closure
        a_petition_goes_from_an_imported_file_to_verified_closure;
    turns:
        a_case_is_returned_assigned_anew_and_handed_back
        a_failed_verification_is_repaired_and_verified
        a_closed_case_is_reopened_and_closed_again;
    restructuring:
        a_case_is_split_for_two_leads_and_done_when_both_parts_are
        two_assigned_cases_are_merged_and_one_is_given_back;
    supervision:
        a_finding_in_nearly_the_same_words_at_the_same_place_is_flagged
        a_correction_is_shown_from_then_on_and_not_before
        a_listed_case_is_reviewed_and_closed_only_when_delisted;
    refusals:
        every_refusal_of_rules_1_to_4_and_7_is_told_by_its_code;
}
