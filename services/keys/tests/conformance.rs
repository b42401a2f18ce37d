//! The key store, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use chrono::{DateTime, Utc};
use rectify_case::{Digest, FindingId, Sealed};
use rectify_keys::{Answer, Attached, Attachment, Clear, Content, Keys, KeysError, NotOpened, Opener, PrivateKey};
use rectify_kit::Store;
use rectify_kit::config::{Evidence, EvidenceStore};
use rectify_log::{Db, Options, on};
use uuid::Uuid;

macro_rules! on_both_databases {
    ($($test:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                let folder = rectify_tests::folder();
                let options = rectify_log::Options { overwrite: true, ..Default::default() };
                let db = rectify_log::Db::open(&folder.path().join("keys.db"), &options).await.unwrap();
                let office = super::office(db).await;
                super::$test(&office).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                let database = rectify_tests::postgres::database().await;
                let options = rectify_log::Options::default();
                let office = super::office(rectify_log::Db::connect(database.url(), &options).await.unwrap()).await;
                super::$test(&office).await;
            })*
        }
    };
}

on_both_databases! {
    the_same_content_is_sealed_to_the_same_bytes_and_other_content_anew
    a_content_that_came_before_is_known_again
    many_that_are_sealed_at_once_agree
    without_the_private_key_nothing_opens
    what_is_shredded_never_opens_and_is_not_taken_again
    an_attachment_belongs_to_its_petition
    an_attachment_that_the_store_lost_is_sealed_anew
    the_same_attached_by_several_at_once_is_one_attachment
    an_office_enters_its_key_once
    another_key_of_the_office_opens_everything_and_the_one_before_nothing
    a_rotation_that_cannot_be_finished_changes_nothing
    whoever_seals_while_the_key_changes_seals_to_the_new_one
    what_was_sealed_as_a_whole_opens_with_the_key_before
}

fn morning() -> DateTime<Utc> {
    "2020-04-20T01:00:00Z".parse().unwrap()
}

/// An office with its key store, and the private key that opens it.
struct Office {
    opener: Opener,
    private: PrivateKey,
}

impl std::ops::Deref for Office {
    type Target = Opener;

    fn deref(&self) -> &Opener {
        &self.opener
    }
}

async fn office(db: Db) -> Office {
    rectify_keys::migrate(&db).await.unwrap();
    assert!(matches!(Keys::open(db.clone()).await.unwrap_err(), KeysError::NoOffice));
    let private = PrivateKey::generate();
    let opener = Opener::new(Keys::found(db, &private.public(), morning()).await.unwrap(), Some(private.clone()));
    Office { opener, private }
}

fn finding(number: u128) -> FindingId {
    FindingId(Uuid::from_u128(number))
}

fn content(text: &str) -> Content {
    let identity = [("姓名".to_owned(), "杨才让".to_owned())].into();
    Content { identity, text: text.to_owned(), ..Content::default() }
}

async fn sealed(office: &Opener, number: u128, text: &str) -> Sealed {
    let clear = vec![Clear { finding: finding(number), content: content(text) }];
    match office.keys().seal(clear, morning()).await.unwrap().remove(0) {
        Answer::Sealed(sealed) => sealed,
        Answer::Erased(at) => panic!("erased at {at}"),
    }
}

async fn the_same_content_is_sealed_to_the_same_bytes_and_other_content_anew(office: &Opener) {
    let first = sealed(office, 1, "渠道不通").await;
    assert_eq!(sealed(office, 1, "渠道不通").await, first);
    let other = sealed(office, 1, "渠道还是不通").await;
    assert_eq!((first.generation, other.generation), (1, 2));
    assert_eq!(office.content(finding(1), &first).await.unwrap(), content("渠道不通"));
    assert_eq!(office.content(finding(1), &other).await.unwrap(), content("渠道还是不通"));
    let elsewhere = sealed(office, 2, "渠道不通").await;
    assert_ne!(elsewhere.digest, first.digest, "the same words of another petition are sealed for themselves");
    assert!(matches!(office.content(finding(2), &first).await.unwrap_err(), NotOpened::Broken));
}

async fn a_content_that_came_before_is_known_again(office: &Opener) {
    let first = sealed(office, 1, "甲").await;
    sealed(office, 1, "乙").await;
    assert_eq!(sealed(office, 1, "甲").await, first);
    assert_eq!(office.keys().count().await.unwrap(), (1, 0));
}

async fn many_that_are_sealed_at_once_agree(office: &Opener) {
    let clear: Vec<Clear> =
        (0..300).map(|number| Clear { finding: finding(number % 150), content: content("渠道不通") }).collect();
    let several = futures(office, &clear).await;
    assert_eq!(several[0].len(), 300);
    assert!(several.iter().all(|answers| *answers == several[0]));
    assert_eq!(several[0][0], several[0][150]);
    assert_eq!(office.keys().seal(Vec::new(), morning()).await.unwrap(), []);
}

async fn futures(office: &Opener, clear: &[Clear]) -> Vec<Vec<Answer>> {
    let seal = || office.keys().seal(clear.to_vec(), morning());
    let (one, two, three) = tokio::try_join!(seal(), seal(), seal()).unwrap();
    vec![one, two, three]
}

async fn without_the_private_key_nothing_opens(office: &Opener) {
    let first = sealed(office, 1, "渠道不通").await;
    let apart = Opener::new(office.keys().clone(), None);
    assert!(office.opens() && !apart.opens());
    assert!(matches!(apart.content(finding(1), &first).await.unwrap_err(), NotOpened::NoPrivateKey));
    let other = Opener::new(office.keys().clone(), Some(PrivateKey::generate()));
    assert!(!other.opens());
    assert!(matches!(other.content(finding(1), &first).await.unwrap_err(), NotOpened::NoPrivateKey));
    assert!(matches!(office.content(finding(9), &first).await.unwrap_err(), NotOpened::NoDataKey));
}

async fn what_is_shredded_never_opens_and_is_not_taken_again(office: &Opener) {
    let (first, other) = (sealed(office, 1, "渠道不通").await, sealed(office, 2, "路灯不亮").await);
    assert!(office.keys().shred(finding(1), morning()).await.unwrap());
    assert!(!office.keys().shred(finding(1), morning()).await.unwrap(), "once");
    assert!(!office.keys().shred(finding(9), morning()).await.unwrap(), "nothing was there");
    assert_eq!(office.keys().erased(finding(9)).await.unwrap(), Some(morning()), "and nothing will be");
    assert!(matches!(office.content(finding(1), &first).await.unwrap_err(), NotOpened::Erased(at) if at == morning()));
    assert_eq!(office.content(finding(2), &other).await.unwrap(), content("路灯不亮"));
    let clear = vec![Clear { finding: finding(1), content: content("渠道不通") }];
    assert_eq!(office.keys().seal(clear, morning()).await.unwrap(), [Answer::Erased(morning())]);
    assert_eq!(office.keys().count().await.unwrap(), (1, 2));
}

async fn an_attachment_belongs_to_its_petition(office: &Opener) {
    let (files, keys) = (files(), office.keys());
    let attachment = Attachment { name: "照片.jpg".to_owned(), bytes: vec![7; 1000] };
    let digest = attached(office, &files, &attachment).await;
    assert_eq!(attached(office, &files, &attachment).await, digest, "the same again is the same");
    let bytes = files.read(&digest);
    assert!(!bytes.windows(8).any(|window| window == [7; 8]), "what lies there is sealed");
    assert_eq!(office.attachment(finding(1), &digest, &bytes).await.unwrap(), attachment);
    assert!(matches!(office.attachment(finding(2), &digest, &bytes).await.unwrap_err(), NotOpened::NoDataKey));
    assert_eq!(sealed(office, 1, "渠道不通").await.attachments, std::slice::from_ref(&digest));
    assert_eq!(keys.attachments(finding(1)).await.unwrap(), std::slice::from_ref(&digest));
    keys.shred(finding(1), morning()).await.unwrap();
    assert!(matches!(office.attachment(finding(1), &digest, &bytes).await.unwrap_err(), NotOpened::Erased(_)));
    let again = keys.attach(&files.store, finding(1), &attachment, morning()).await.unwrap();
    assert_eq!(again, Attached::Erased(morning()));
}

async fn an_attachment_that_the_store_lost_is_sealed_anew(office: &Opener) {
    let files = files();
    let attachment = Attachment { name: "录音.mp3".to_owned(), bytes: vec![7; 1000] };
    let digest = attached(office, &files, &attachment).await;
    std::fs::remove_file(files.path(&digest)).unwrap();
    let anew = attached(office, &files, &attachment).await;
    assert_ne!(anew, digest);
    assert_eq!(office.attachment(finding(1), &anew, &files.read(&anew)).await.unwrap(), attachment);
    assert_eq!(office.keys().attachments(finding(1)).await.unwrap(), [anew]);
}

async fn the_same_attached_by_several_at_once_is_one_attachment(office: &Opener) {
    let files = files();
    let attachment = Attachment { name: "照片.jpg".to_owned(), bytes: vec![7; 1000] };
    let attach = || attached(office, &files, &attachment);
    let (one, two, three) = tokio::join!(attach(), attach(), attach());
    assert_eq!((&one, &one), (&two, &three));
    assert_eq!(office.attachment(finding(1), &one, &files.read(&one)).await.unwrap(), attachment);
}

async fn attached(office: &Opener, files: &Files, attachment: &Attachment) -> Digest {
    match office.keys().attach(&files.store, finding(1), attachment, morning()).await.unwrap() {
        Attached::Here(digest) => digest,
        other => panic!("{other:?}"),
    }
}

/// Where sealed bytes lie. It is gone when it is dropped.
struct Files {
    store: Store,
    folder: rectify_tests::TempFolder,
}

fn files() -> Files {
    let folder = rectify_tests::folder();
    let store = EvidenceStore::Folder(folder.path().to_owned());
    Files { store: Store::open(&Evidence { store, max_bytes: 1 << 20 }).unwrap(), folder }
}

impl Files {
    fn path(&self, digest: &Digest) -> std::path::PathBuf {
        self.folder.path().join("sha256").join(&digest.as_str()[..2]).join(digest.as_str())
    }

    fn read(&self, digest: &Digest) -> Vec<u8> {
        std::fs::read(self.path(digest)).unwrap()
    }
}

async fn an_office_enters_its_key_once(office: &Opener) {
    let db = office.keys().db().clone();
    let again = Keys::found(db.clone(), &office.keys().public(), morning()).await.unwrap();
    assert_eq!(again.keyed_hash(b"item", b"x"), office.keys().keyed_hash(b"item", b"x"));
    let other = Keys::found(db, &PrivateKey::generate().public(), morning()).await.unwrap_err();
    assert!(matches!(other, KeysError::OtherOffice(_)), "{other}");
}

/// Returns an opener of the same store that nobody told of another key.
fn apart(office: &Opener, private: &PrivateKey) -> Opener {
    Opener::new(office.keys().clone(), Some(private.clone()))
}

/// Gives the office another key, and returns it.
async fn rotated(office: &Opener, from: &PrivateKey) -> PrivateKey {
    let to = PrivateKey::generate();
    office.keys().rotate(from, &to.public()).await.unwrap();
    to
}

async fn another_key_of_the_office_opens_everything_and_the_one_before_nothing(office: &Office) {
    let ours = office.private.clone();
    let files = files();
    let contents = [sealed(office, 1, "渠道不通").await, sealed(office, 1, "渠道还是不通").await];
    for number in 2..300 {
        sealed(office, number, "路灯不亮").await;
    }
    let attachment = Attachment { name: "照片.jpg".to_owned(), bytes: vec![7; 1000] };
    let digest = attached(office, &files, &attachment).await;
    let next = PrivateKey::generate();
    let (before, after) = (apart(office, &ours), apart(office, &next));
    assert!(before.opens() && !after.opens());
    assert_eq!(office.keys().rotate(&ours, &next.public()).await.unwrap(), 301);
    assert!(!before.opens() && after.opens());
    assert_eq!(after.content(finding(1), &contents[0]).await.unwrap(), content("渠道不通"));
    assert_eq!(after.content(finding(1), &contents[1]).await.unwrap(), content("渠道还是不通"));
    assert_eq!(after.attachment(finding(1), &digest, &files.read(&digest)).await.unwrap(), attachment);
    assert!(matches!(before.content(finding(1), &contents[0]).await.unwrap_err(), NotOpened::NoPrivateKey));
    let kept = before.attachment(finding(1), &digest, &files.read(&digest)).await.unwrap_err();
    assert!(matches!(kept, NotOpened::NoPrivateKey), "{kept}");
    assert_eq!(sealed(office, 1, "渠道不通").await.digest, contents[0].digest, "what is sealed stays as it is");
    let again = office.keys().rotate(&ours, &PrivateKey::generate().public()).await.unwrap_err();
    assert!(matches!(again, KeysError::OtherOffice(_)), "{again}");
}

async fn a_rotation_that_cannot_be_finished_changes_nothing(office: &Office) {
    let ours = office.private.clone();
    let (first, last) = (sealed(office, 1, "渠道不通").await, sealed(office, 2, "路灯不亮").await);
    let broken = "UPDATE data_keys SET wrapped = sealed WHERE finding = $1";
    on!(Db, office.keys().db(), pool => sqlx::query(broken).bind(finding(2).0).execute(pool).await.map(drop)).unwrap();
    let next = PrivateKey::generate();
    let cut = office.keys().rotate(&ours, &next.public()).await.unwrap_err();
    assert!(matches!(cut, KeysError::NotWrapped(petition) if petition == finding(2)), "{cut}");
    assert_eq!(office.keys().current_public().await.unwrap(), ours.public());
    assert_eq!(apart(office, &ours).content(finding(1), &first).await.unwrap(), content("渠道不通"));
    assert!(apart(office, &next).content(finding(1), &first).await.is_err());
    office.keys().shred(finding(2), morning()).await.unwrap();
    assert_eq!(office.keys().rotate(&ours, &next.public()).await.unwrap(), 1);
    assert_eq!(apart(office, &next).content(finding(1), &first).await.unwrap(), content("渠道不通"));
    assert!(apart(office, &next).content(finding(2), &last).await.is_err());
}

async fn whoever_seals_while_the_key_changes_seals_to_the_new_one(office: &Office) {
    let ours = office.private.clone();
    let elsewhere = Opener::new(Keys::open(office.keys().db().clone()).await.unwrap(), None);
    let files = files();
    let next = rotated(office, &ours).await;
    assert_eq!(elsewhere.keys().public(), ours.public(), "nobody told it");
    let first = sealed(&elsewhere, 1, "渠道不通").await;
    let attachment = Attachment { name: "照片.jpg".to_owned(), bytes: vec![7; 1000] };
    let digest = attached(&elsewhere, &files, &attachment).await;
    assert_eq!(elsewhere.keys().public(), next.public());
    let opener = apart(office, &next);
    assert_eq!(opener.content(finding(1), &first).await.unwrap(), content("渠道不通"));
    assert_eq!(opener.attachment(finding(1), &digest, &files.read(&digest)).await.unwrap(), attachment);
    // Many at once, while it changes again and again.
    let sealing = async { futures(office, &clear(100..200)).await };
    let changing = async {
        let other = rotated(office, &next).await;
        rotated(office, &other).await
    };
    let (answers, last) = tokio::join!(sealing, changing);
    let opener = apart(office, &last);
    for (number, answer) in (100..).zip(&answers[0]) {
        let Answer::Sealed(sealed) = answer else { panic!("{answer:?}") };
        assert_eq!(opener.content(finding(number), sealed).await.unwrap(), content("渠道不通"));
    }
}

async fn what_was_sealed_as_a_whole_opens_with_the_key_before(office: &Office) {
    let ours = office.private.clone();
    let (aside, draft) = (ours.public().seal_set_aside(b"aside"), ours.public().seal_draft(b"act", b"draft"));
    let next = rotated(office, &ours).await;
    let without = apart(office, &next);
    assert!(matches!(without.set_aside(&aside).unwrap_err(), NotOpened::Broken));
    let with = without.with_earlier(Some(ours));
    assert_eq!(with.set_aside(&aside).unwrap().as_slice(), b"aside");
    assert_eq!(with.draft(b"act", &draft).unwrap().as_slice(), b"draft");
    assert_eq!(with.set_aside(&next.public().seal_set_aside(b"new")).unwrap().as_slice(), b"new");
}

fn clear(numbers: std::ops::Range<u128>) -> Vec<Clear> {
    numbers.map(|number| Clear { finding: finding(number), content: content("渠道不通") }).collect()
}

#[tokio::test]
async fn nothing_of_a_shredded_petition_is_left_in_the_file() {
    let folder = rectify_tests::folder();
    let file = folder.path().join("keys.db");
    let db = Db::open(&file, &Options { overwrite: true, ..Options::default() }).await.unwrap();
    let office = office(db).await;
    let kept = sealed(&office, 2, "路灯不亮").await;
    let first = sealed(&office, 1, "渠道不通").await;
    let bytes =
        |sealed: &Sealed| base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &sealed.ciphertext);
    let (first, kept) = (bytes(&first).unwrap(), bytes(&kept).unwrap());
    let holds = |needle: &[u8]| {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
    };
    assert!(holds(&first[..40]) && holds(&kept[..40]));
    office.keys().shred(finding(1), morning()).await.unwrap();
    assert!(!holds(&first[..40]), "what was sealed, beside the wrapped key and the fingerprint, in the same row");
    assert!(holds(&kept[..40]));
}
