//! What accounts promise, on both databases.
#![expect(clippy::unwrap_used, reason = "what goes wrong fails the test")]

use chrono::{DateTime, TimeDelta, Utc};
use rectify_accounts::{
    Accounts, AccountsError, Bearer, Delivery, DocumentKey, Gone, Held, Issued, KeptMapping, MappingKey, migrate,
};
use rectify_case::{FindingId, PersonId, UnitId};
use rectify_log::{Db, Options};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

/// An empty database that goes with whatever keeps it.
struct Empty {
    db: Db,
    _kept: Box<dyn std::any::Any>,
}

async fn sqlite() -> Empty {
    let folder = rectify_tests::folder();
    let db = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
    Empty { db, _kept: Box::new(folder) }
}

async fn postgres() -> Empty {
    let database = rectify_tests::postgres::database().await;
    let db = Db::connect(database.url(), &Options::default()).await.unwrap();
    Empty { db, _kept: Box::new(database) }
}

macro_rules! conformance {
    ($($rule:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $rule() {
                let empty = super::sqlite().await;
                super::$rule(empty.db.clone()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $rule() {
                let empty = super::postgres().await;
                super::$rule(empty.db.clone()).await;
            })*
        }
    };
}

mod sign_in;
mod views;

conformance![
    a_token_is_good_from_its_issue_until_it_is_taken_back,
    a_token_is_good_until_the_instant_it_expires,
    nobody_comes_in_with_anything_else,
    the_token_itself_is_nowhere_in_the_database,
    the_last_use_is_told_roughly,
    tokens_are_listed_by_person_or_all,
    a_cursor_is_moved_on_and_never_back,
    a_mapping_is_kept_by_unit_and_header_until_it_is_forgotten,
    the_last_delivery_of_a_document_tells_what_it_held,
    accounts_open_only_on_tables_that_are_there_and_migrating_twice_does_no_harm,
];

const PERSON: PersonId = PersonId(Uuid::from_u128(1));
const OTHER: PersonId = PersonId(Uuid::from_u128(2));

fn noon() -> DateTime<Utc> {
    "2020-04-25T04:00:00.123456Z".parse().unwrap()
}

async fn opened(db: Db) -> Accounts {
    migrate(&db).await.unwrap();
    Accounts::open(db).await.unwrap()
}

async fn issue(accounts: &Accounts, expires: Option<DateTime<Utc>>) -> Issued {
    accounts.issue(PERSON, "审计局接口", expires, noon()).await.unwrap()
}

async fn a_token_is_good_from_its_issue_until_it_is_taken_back(db: Db) {
    let accounts = opened(db).await;
    let issued = issue(&accounts, None).await;
    let text = issued.token.expose_secret();
    let later = noon() + TimeDelta::days(365);
    let bearer = Bearer { person: PERSON, token: issued.id };
    assert_eq!(accounts.authenticate(text, later).await.unwrap(), Some(bearer));

    assert!(accounts.revoke(issued.id, later).await.unwrap());
    assert_eq!(accounts.authenticate(text, later).await.unwrap(), None);
    assert!(!accounts.revoke(issued.id, later + TimeDelta::days(1)).await.unwrap(), "it keeps when it was taken back");
    assert_eq!(accounts.list(None).await.unwrap()[0].revoked, Some(later));
}

async fn a_token_is_good_until_the_instant_it_expires(db: Db) {
    let accounts = opened(db).await;
    let expires = noon() + TimeDelta::hours(1);
    let issued = issue(&accounts, Some(expires)).await;
    let text = issued.token.expose_secret();
    assert!(accounts.authenticate(text, expires - TimeDelta::microseconds(1)).await.unwrap().is_some());
    assert!(accounts.authenticate(text, expires).await.unwrap().is_none());
    let kept = &accounts.list(None).await.unwrap()[0];
    assert!(kept.is_good(noon()) && !kept.is_good(expires));
}

async fn nobody_comes_in_with_anything_else(db: Db) {
    let accounts = opened(db).await;
    let issued = issue(&accounts, None).await;
    let text = issued.token.expose_secret();
    let mut flipped = text[..67].to_owned();
    flipped.push(if text.ends_with('0') { '1' } else { '0' });
    for wrong in [flipped.as_str(), "", "rct_", &issued.id.to_string(), &text[4..], &format!("{text}' OR '1'='1")] {
        assert_eq!(accounts.authenticate(wrong, noon()).await.unwrap(), None, "{wrong:?}");
    }
}

async fn the_token_itself_is_nowhere_in_the_database(db: Db) {
    let accounts = opened(db.clone()).await;
    let issued = issue(&accounts, None).await;
    let text = issued.token.expose_secret();
    let hash: Vec<u8> =
        rectify_log::on!(Db, &db, pool => sqlx::query_scalar("SELECT hash FROM tokens").fetch_one(pool).await.unwrap());
    assert_eq!(hash.len(), 32);
    assert_ne!(hex::encode(hash), text["rct_".len()..]);
    assert!(!format!("{issued:?}").contains(text));
}

async fn the_last_use_is_told_roughly(db: Db) {
    let accounts = opened(db).await;
    let issued = issue(&accounts, None).await;
    let mut told = Vec::new();
    for minutes in [1, 5, 11, 12] {
        accounts.authenticate(issued.token.expose_secret(), noon() + TimeDelta::minutes(minutes)).await.unwrap();
        let used = accounts.list(None).await.unwrap()[0].used.unwrap();
        told.push((used - noon()).num_minutes());
    }
    assert_eq!(told, [1, 1, 1, 12]);
}

async fn tokens_are_listed_by_person_or_all(db: Db) {
    let accounts = opened(db).await;
    let first = accounts.issue(PERSON, "一", None, noon()).await.unwrap().id;
    let second = accounts.issue(OTHER, "二", None, noon() + TimeDelta::seconds(1)).await.unwrap().id;
    let ids = async |person| accounts.list(person).await.unwrap().into_iter().map(|token| token.id).collect::<Vec<_>>();
    assert_eq!(ids(None).await, [first, second]);
    assert_eq!(ids(Some(OTHER)).await, [second]);
    assert_eq!(ids(Some(PersonId(Uuid::from_u128(3)))).await, []);
    let kept = accounts.list(Some(PERSON)).await.unwrap().remove(0);
    assert_eq!((kept.person, kept.label.as_str(), kept.created, kept.used), (PERSON, "一", noon(), None));
}

async fn a_cursor_is_moved_on_and_never_back(db: Db) {
    let accounts = opened(db).await;
    assert_eq!(accounts.cursor("duplicates").await.unwrap(), 0);
    for (moved, found) in [(3, 3), (5, 5), (4, 5)] {
        accounts.move_cursor("duplicates", moved).await.unwrap();
        assert_eq!(accounts.cursor("duplicates").await.unwrap(), found);
    }
    assert_eq!(accounts.cursor("another").await.unwrap(), 0);
}

async fn a_mapping_is_kept_by_unit_and_header_until_it_is_forgotten(db: Db) {
    let accounts = opened(db).await;
    let unit = UnitId(Uuid::from_u128(7));
    let key = MappingKey { unit, intake: "inspection".to_owned(), fingerprint: "a".repeat(64) };
    let kept = |mapping: &str, since| KeptMapping {
        key: key.clone(),
        header: "编号、主要表现".to_owned(),
        mapping: mapping.to_owned(),
        person: PERSON,
        since,
    };
    accounts.remember(&kept("一", noon())).await.unwrap();
    accounts.remember(&kept("一", noon() + TimeDelta::days(1))).await.unwrap();
    let of = async |unit, intake| accounts.mappings(unit, intake).await.unwrap();
    assert_eq!(of(Some(unit), Some("inspection")).await, [kept("一", noon())], "the same is kept since it was first");
    accounts.remember(&kept("二", noon() + TimeDelta::days(2))).await.unwrap();
    assert_eq!(of(None, None).await, [kept("二", noon() + TimeDelta::days(2))]);
    assert_eq!(of(Some(UnitId(Uuid::from_u128(8))), None).await, []);
    assert_eq!(of(Some(unit), Some("audit")).await, []);
    assert!(accounts.forget(&key).await.unwrap());
    assert!(!accounts.forget(&key).await.unwrap());
    assert_eq!(of(None, None).await, []);
}

async fn the_last_delivery_of_a_document_tells_what_it_held(db: Db) {
    let accounts = opened(db).await;
    let key = |document: &str| DocumentKey {
        source: "patrol".to_owned(),
        issuing_body: "州委巡察办".to_owned(),
        document: document.to_owned(),
    };
    let held = |n: u128| Held { finding: FindingId(Uuid::from_u128(n)), item: n.to_string() };
    let delivery = |received, held: Vec<Held>, gone| Delivery {
        person: PERSON,
        unit: UnitId(Uuid::from_u128(7)),
        received,
        held,
        gone,
    };
    assert_eq!(accounts.last_delivery(&key("3号")).await.unwrap(), None);
    let first = delivery(noon(), vec![held(1), held(2)], vec![]);
    let gone = Gone { held: held(2), last: noon() };
    let second = delivery(noon() + TimeDelta::days(1), vec![held(1)], vec![gone]);
    accounts.note_delivery(&key("3号"), &first).await.unwrap();
    accounts.note_delivery(&key("3号"), &second).await.unwrap();
    accounts.note_delivery(&key("4号"), &first).await.unwrap();
    assert_eq!(accounts.last_delivery(&key("3号")).await.unwrap(), Some(second));
    assert_eq!(accounts.last_delivery(&key("4号")).await.unwrap(), Some(first));
}

async fn accounts_open_only_on_tables_that_are_there_and_migrating_twice_does_no_harm(db: Db) {
    assert!(matches!(Accounts::open(db.clone()).await, Err(AccountsError::NotMigrated)));
    migrate(&db).await.unwrap();
    migrate(&db).await.unwrap();
    Accounts::open(db).await.unwrap();
}
