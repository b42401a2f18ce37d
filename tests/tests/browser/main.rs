//! What people see: the pages in a real browser, driven as they drive it, in Chinese and in English.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accessibility;
mod browser;
mod place;
mod words;

mod bringing;
mod ledger;
mod life;
mod refusals;

mod looks;
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
    ledger:
        several_cases_are_assigned_from_the_ledger_by_keyboard;
    refusals:
        a_case_of_others_is_as_if_it_did_not_exist
        after_five_wrong_passwords_there_is_a_wait
        a_session_that_ends_in_the_middle_of_a_form_loses_nothing
        who_acts_second_is_told_what_happened_since_and_goes_on;
    plain:
        a_whole_act_works_without_a_script;
    looks:
        on_a_phone_and_in_the_dark_everything_can_be_read_and_reached;
}
