//! What people see: the pages in a real browser, driven as they drive it, in Chinese and in English.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accessibility;
mod browser;
mod place;
mod words;

mod administration;
mod bringing;
mod drafts;
mod filling_in;
mod ledger;
mod life;
mod moments;
mod petition;
mod refusals;

mod looks;
mod pages;
mod pictures;
mod plain;

/// Makes a test of each story in each language.
macro_rules! stories {
    ($($module:ident: $($name:ident)*;)*) => {
        mod in_a_browser {
            mod in_chinese {
                $($(
                    #[tokio::test]
                    async fn $name() {
                        crate::$module::$name("zh-CN").await;
                    }
                )*)*
            }

            mod in_english {
                $($(
                    #[tokio::test]
                    async fn $name() {
                        crate::$module::$name("en").await;
                    }
                )*)*
            }
        }
    };
}

stories! {
    life:
        a_serious_case_goes_from_its_finding_to_its_closure;
    bringing:
        a_list_with_one_bad_row_is_imported;
    filling_in:
        cases_are_filled_in_off_line_and_reported
        the_ledger_is_had_in_the_form_of_a_superior;
    ledger:
        several_cases_are_assigned_from_the_ledger_by_keyboard;
    refusals:
        a_case_of_others_is_as_if_it_did_not_exist
        after_five_wrong_passwords_there_is_a_wait
        a_session_that_ends_in_the_middle_of_a_form_loses_nothing
        who_acts_second_is_told_what_happened_since_and_goes_on;
    drafts:
        a_long_text_is_kept_until_its_act_is_done;
    moments:
        what_changed_between_two_moments_is_told_and_the_ledger_is_shown_as_it_stood;
    petition:
        a_petition_is_opened_with_a_reason_that_auditors_see;
    administration:
        a_person_is_added_in_a_new_unit_and_signs_in_by_a_link;
    plain:
        a_whole_act_works_without_a_script;
    looks:
        on_a_phone_and_in_the_dark_everything_can_be_read_and_reached;
    pages:
        every_page_shuts_nobody_out
        the_page_on_which_an_installation_begins_shuts_nobody_out;
}
