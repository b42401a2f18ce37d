//! What accounts promise of how people have the ledger.

use chrono::TimeDelta;
use rectify_accounts::{AccountsError, Habits, ViewId};
use rectify_log::Db;
use uuid::Uuid;

use super::{OTHER, PERSON, noon, opened, postgres, sqlite};

conformance![a_view_is_one_persons_and_has_a_name_of_its_own, a_ledger_is_as_its_reader_left_it,];

async fn a_view_is_one_persons_and_has_a_name_of_its_own(db: Db) {
    let accounts = opened(db).await;
    let late = accounts.name_view(PERSON, "逾期重大", "overdue=true&severity=grave", noon()).await.unwrap();
    let listed = accounts.name_view(PERSON, "挂牌", "listed=true", noon() + TimeDelta::minutes(1)).await.unwrap();
    let names = async |person| -> Vec<String> {
        accounts.views(person).await.unwrap().into_iter().map(|view| view.name).collect()
    };
    assert_eq!(names(PERSON).await, ["逾期重大", "挂牌"]);
    assert_eq!(names(OTHER).await, [] as [&str; 0]);
    accounts.name_view(OTHER, "逾期重大", "", noon()).await.unwrap();

    let taken = accounts.name_view(PERSON, "挂牌", "", noon()).await;
    assert!(matches!(taken, Err(AccountsError::ViewNameTaken)), "{taken:?}");
    let taken = accounts.rename_view(PERSON, late, "挂牌").await;
    assert!(matches!(taken, Err(AccountsError::ViewNameTaken)), "{taken:?}");
    assert!(accounts.rename_view(PERSON, late, "逾期").await.unwrap());
    assert!(accounts.change_view(PERSON, late, "overdue=true").await.unwrap());
    assert_eq!(accounts.views(PERSON).await.unwrap()[0].query, "overdue=true");

    // Nobody touches another's, and nothing is there under another id.
    for (person, view) in [(OTHER, late), (PERSON, ViewId(Uuid::from_u128(9)))] {
        assert!(!accounts.rename_view(person, view, "别人的").await.unwrap());
        assert!(!accounts.change_view(person, view, "").await.unwrap());
        assert!(!accounts.forget_view(person, view).await.unwrap());
    }
    assert!(accounts.forget_view(PERSON, listed).await.unwrap());
    assert_eq!(names(PERSON).await, ["逾期"]);
}

async fn a_ledger_is_as_its_reader_left_it(db: Db) {
    let accounts = opened(db).await;
    assert_eq!(accounts.habits(PERSON).await.unwrap(), Habits::default());
    let view = ViewId(Uuid::from_u128(3));
    accounts.open_with(PERSON, Some(view)).await.unwrap();
    accounts.keep_columns(PERSON, Some("stage,lead,due")).await.unwrap();
    let kept = Habits { columns: Some("stage,lead,due".to_owned()), opens: Some(view) };
    assert_eq!(accounts.habits(PERSON).await.unwrap(), kept);
    assert_eq!(accounts.habits(OTHER).await.unwrap(), Habits::default());
    accounts.open_with(PERSON, None).await.unwrap();
    accounts.keep_columns(PERSON, None).await.unwrap();
    assert_eq!(accounts.habits(PERSON).await.unwrap(), Habits::default());
}
