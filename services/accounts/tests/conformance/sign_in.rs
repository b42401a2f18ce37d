//! What accounts promise of passwords, links and sessions.

use chrono::TimeDelta;
use rectify_accounts::{Accounts, AccountsError, SignedIn};
use rectify_log::{Db, on};
use secrecy::ExposeSecret as _;

use super::{OTHER, PERSON, noon, opened, postgres, sqlite};

conformance![
    who_has_a_password_signs_in_by_name_and_stays_until_they_leave,
    a_session_ends_by_itself_idle_or_not,
    a_new_password_ends_every_session,
    nobody_learns_whether_there_is_such_a_name,
    five_wrong_passwords_from_one_address_are_enough_for_a_quarter_of_an_hour,
    an_address_that_tries_many_names_has_to_wait,
    a_login_name_is_one_persons,
    a_link_is_good_once_and_for_three_days,
    a_link_without_a_person_is_whoever_claims_it_first,
    neither_password_nor_link_nor_session_is_in_the_database,
    who_acts_for_another_does_so_in_one_session_only,
];

const PASSWORD: &str = "尕秀村的水管埋了一米五";
const HERE: &str = "10.0.0.7";

async fn known(db: Db) -> Accounts {
    let accounts = opened(db).await;
    accounts.set_password(PERSON, &"yangwq".parse().unwrap(), &PASSWORD.into(), noon()).await.unwrap();
    accounts
}

/// Returns what the browser holds after somebody came in.
async fn came_in(accounts: &Accounts, minutes: i64) -> String {
    let at = noon() + TimeDelta::minutes(minutes);
    match accounts.sign_in("YangWQ", &PASSWORD.into(), HERE, "Chromium 86", at).await.unwrap() {
        SignedIn::Yes(session, person) => {
            assert_eq!(person, PERSON);
            session.expose_secret().to_owned()
        }
        other => panic!("{other:?}"),
    }
}

async fn attempt(accounts: &Accounts, login: &str, password: &str, address: &str, minutes: i64) -> SignedIn {
    let at = noon() + TimeDelta::minutes(minutes);
    accounts.sign_in(login, &password.into(), address, "curl", at).await.unwrap()
}

async fn who_has_a_password_signs_in_by_name_and_stays_until_they_leave(db: Db) {
    let accounts = known(db).await;
    let (one, two) = (came_in(&accounts, 0).await, came_in(&accounts, 1).await);
    let session = accounts.session(&one, noon()).await.unwrap().unwrap();
    assert_eq!((session.person, session.address.as_str(), session.browser.as_str()), (PERSON, HERE, "Chromium 86"));
    let open = accounts.sessions_of(PERSON, noon() + TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(open.len(), 2);
    assert_eq!(open[1].id, session.id, "newest first");

    accounts.sign_out(session.id, noon() + TimeDelta::minutes(3)).await.unwrap();
    let later = noon() + TimeDelta::minutes(4);
    assert_eq!(accounts.session(&one, later).await.unwrap(), None);
    assert!(accounts.session(&two, later).await.unwrap().is_some());
    accounts.sign_out_everywhere(PERSON, later).await.unwrap();
    assert_eq!(accounts.session(&two, later).await.unwrap(), None);
}

async fn a_session_ends_by_itself_idle_or_not(db: Db) {
    let accounts = known(db).await;
    let idle = came_in(&accounts, 0).await;
    assert!(accounts.session(&idle, noon() + TimeDelta::minutes(119)).await.unwrap().is_some());
    assert!(accounts.session(&idle, noon() + TimeDelta::minutes(119 + 119)).await.unwrap().is_some());
    assert!(accounts.session(&idle, noon() + TimeDelta::minutes(119 + 119 + 120)).await.unwrap().is_none());

    let busy = came_in(&accounts, 0).await;
    for hour in 1..12 {
        assert!(accounts.session(&busy, noon() + TimeDelta::hours(hour)).await.unwrap().is_some(), "{hour}");
    }
    assert!(accounts.session(&busy, noon() + TimeDelta::hours(12)).await.unwrap().is_none());

    let listening = came_in(&accounts, 0).await;
    assert!(accounts.is_open(&listening, noon() + TimeDelta::minutes(119)).await.unwrap());
    assert!(
        !accounts.is_open(&listening, noon() + TimeDelta::minutes(120)).await.unwrap(),
        "to listen is to do nothing"
    );
}

async fn a_new_password_ends_every_session(db: Db) {
    let accounts = known(db).await;
    let held = came_in(&accounts, 0).await;
    let later = noon() + TimeDelta::minutes(1);
    accounts.set_password(PERSON, &"yangwq".parse().unwrap(), &"另一个足够长的口令".into(), later).await.unwrap();
    assert_eq!(accounts.session(&held, later).await.unwrap(), None);
    assert!(matches!(attempt(&accounts, "yangwq", PASSWORD, HERE, 2).await, SignedIn::No));
    assert!(accounts.is_password_of(PERSON, &"另一个足够长的口令".into()).await.unwrap());
    assert!(!accounts.is_password_of(OTHER, &"另一个足够长的口令".into()).await.unwrap());
}

async fn nobody_learns_whether_there_is_such_a_name(db: Db) {
    let accounts = known(db).await;
    for login in ["yangwq", "nobody", "", "no such name!", "yangwq' OR '1'='1"] {
        assert!(matches!(attempt(&accounts, login, "another password", HERE, 0).await, SignedIn::No), "{login}");
    }
}

async fn five_wrong_passwords_from_one_address_are_enough_for_a_quarter_of_an_hour(db: Db) {
    let accounts = known(db).await;
    for minute in 0..5 {
        assert!(matches!(attempt(&accounts, "yangwq", "wrong password", HERE, minute).await, SignedIn::No));
    }
    let SignedIn::Later(until) = attempt(&accounts, "yangwq", PASSWORD, HERE, 5).await else { panic!("it was let in") };
    assert_eq!(until, noon() + TimeDelta::minutes(15));
    // Nobody keeps somebody else out from elsewhere, and the right password forgives what came before.
    assert!(matches!(attempt(&accounts, "yangwq", PASSWORD, "10.0.0.8", 5).await, SignedIn::Yes(..)));
    assert!(matches!(attempt(&accounts, "yangwq", PASSWORD, HERE, 21).await, SignedIn::Yes(..)));
    for minute in 22..27 {
        assert!(matches!(attempt(&accounts, "yangwq", "wrong password", HERE, minute).await, SignedIn::No));
    }
}

async fn an_address_that_tries_many_names_has_to_wait(db: Db) {
    let accounts = known(db).await;
    for n in 0..30 {
        assert!(matches!(attempt(&accounts, &format!("name{n}"), "wrong password", HERE, 0).await, SignedIn::No));
    }
    assert!(matches!(attempt(&accounts, "yangwq", PASSWORD, HERE, 1).await, SignedIn::Later(_)));
}

async fn a_login_name_is_one_persons(db: Db) {
    let accounts = known(db).await;
    let taken = accounts.set_password(OTHER, &"YANGWQ".parse().unwrap(), &PASSWORD.into(), noon()).await;
    assert!(matches!(taken, Err(AccountsError::LoginTaken)), "{taken:?}");
    accounts.set_password(OTHER, &"zhaxi".parse().unwrap(), &PASSWORD.into(), noon()).await.unwrap();
    assert_eq!(accounts.login_of(OTHER).await.unwrap().unwrap().as_str(), "zhaxi");
    let logins: Vec<_> = accounts.logins().await.unwrap().into_iter().map(|(person, _)| person).collect();
    assert_eq!(logins, [PERSON, OTHER]);
}

async fn a_link_is_good_once_and_for_three_days(db: Db) {
    let accounts = opened(db).await;
    let first = accounts.make_link(Some(PERSON), noon()).await.unwrap();
    let link = accounts.link(first.expose_secret(), noon()).await.unwrap().unwrap();
    assert_eq!((link.person, link.expires), (Some(PERSON), noon() + TimeDelta::days(3)));
    assert_eq!(accounts.link(first.expose_secret(), link.expires).await.unwrap(), None);

    let second = accounts.make_link(Some(PERSON), noon()).await.unwrap();
    assert_eq!(accounts.link(first.expose_secret(), noon()).await.unwrap(), None, "the newer one takes its place");
    assert!(accounts.spend_link(second.expose_secret(), noon()).await.unwrap());
    assert!(!accounts.spend_link(second.expose_secret(), noon()).await.unwrap());
    assert_eq!(accounts.link(second.expose_secret(), noon()).await.unwrap(), None);
    for wrong in ["", "rcl_", "rct_0000000000000000000000000000000000000000000000000000000000000000"] {
        assert_eq!(accounts.link(wrong, noon()).await.unwrap(), None, "{wrong:?}");
    }
}

async fn a_link_without_a_person_is_whoever_claims_it_first(db: Db) {
    let accounts = opened(db).await;
    let link = accounts.make_link(None, noon()).await.unwrap();
    let link = link.expose_secret();
    assert_eq!(accounts.link(link, noon()).await.unwrap().unwrap().person, None);
    assert_eq!(accounts.claim_link(link, PERSON).await.unwrap(), Some(PERSON));
    assert_eq!(accounts.claim_link(link, OTHER).await.unwrap(), Some(PERSON));
    assert!(accounts.spend_link(link, noon()).await.unwrap());
    assert_eq!(accounts.claim_link(link, OTHER).await.unwrap(), None);
}

async fn neither_password_nor_link_nor_session_is_in_the_database(db: Db) {
    let accounts = known(db.clone()).await;
    let link = accounts.make_link(Some(OTHER), noon()).await.unwrap();
    let session = came_in(&accounts, 0).await;
    let (password, kept): (String, [Vec<u8>; 2]) = on!(Db, &db, pool => (
        sqlx::query_scalar("SELECT password FROM credentials").fetch_one(pool).await.unwrap(),
        [
            sqlx::query_scalar("SELECT hash FROM links").fetch_one(pool).await.unwrap(),
            sqlx::query_scalar("SELECT hash FROM sessions").fetch_one(pool).await.unwrap(),
        ],
    ));
    assert!(!password.contains(PASSWORD));
    let [of_link, of_session] = kept.map(hex::encode);
    assert_ne!(of_link, link.expose_secret()[4..]);
    assert_ne!(of_session, session[4..]);
}

async fn who_acts_for_another_does_so_in_one_session_only(db: Db) {
    let accounts = known(db).await;
    let (one, two) = (came_in(&accounts, 0).await, came_in(&accounts, 0).await);
    let session = accounts.session(&one, noon()).await.unwrap().unwrap();
    accounts.act_for(session.id, Some(OTHER)).await.unwrap();
    assert_eq!(accounts.session(&one, noon()).await.unwrap().unwrap().on_behalf_of, Some(OTHER));
    assert_eq!(accounts.session(&two, noon()).await.unwrap().unwrap().on_behalf_of, None);
    accounts.act_for(session.id, None).await.unwrap();
    assert_eq!(accounts.session(&one, noon()).await.unwrap().unwrap().on_behalf_of, None);
}
