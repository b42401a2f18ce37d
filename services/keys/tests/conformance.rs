//! The key store, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use chrono::{DateTime, Utc};
use rectify_case::{Digest, FindingId, Sealed};
use rectify_keys::{Answer, Attached, Attachment, Clear, Content, Keys, KeysError, NotOpened, Opener, PrivateKey};
use rectify_kit::Store;
use rectify_kit::config::{Evidence, EvidenceStore};
use rectify_log::{Db, Options};
use uuid::Uuid;

macro_rules! on_both_databases {
    ($($test:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                let folder = rectify_tests::folder();
                let options = rectify_log::Options { overwrite: true, ..Default::default() };
                super::$test(&super::office(rectify_log::Db::open(&folder.path().join("keys.db"), &options).await.unwrap()).await).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                let database = rectify_tests::postgres::database().await;
                let options = rectify_log::Options::default();
                super::$test(&super::office(rectify_log::Db::connect(database.url(), &options).await.unwrap()).await).await;
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
}

fn morning() -> DateTime<Utc> {
    "2020-04-20T01:00:00Z".parse().unwrap()
}

async fn office(db: Db) -> Opener {
    rectify_keys::migrate(&db).await.unwrap();
    assert!(matches!(Keys::open(db.clone()).await.unwrap_err(), KeysError::NoOffice));
    let private = PrivateKey::generate();
    Opener::new(Keys::found(db, &private.public(), morning()).await.unwrap(), Some(private))
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
    assert!(matches!(other.content(finding(1), &first).await.unwrap_err(), NotOpened::Broken));
    assert!(matches!(office.content(finding(9), &first).await.unwrap_err(), NotOpened::NoDataKey));
}

async fn what_is_shredded_never_opens_and_is_not_taken_again(office: &Opener) {
    let (first, other) = (sealed(office, 1, "渠道不通").await, sealed(office, 2, "路灯不亮").await);
    assert!(office.keys().shred(finding(1), morning()).await.unwrap());
    assert!(!office.keys().shred(finding(1), morning()).await.unwrap(), "once");
    assert!(!office.keys().shred(finding(9), morning()).await.unwrap(), "nothing was there");
    assert_eq!(office.keys().erased(finding(9)).await.unwrap(), None);
    assert!(matches!(office.content(finding(1), &first).await.unwrap_err(), NotOpened::Erased(at) if at == morning()));
    assert_eq!(office.content(finding(2), &other).await.unwrap(), content("路灯不亮"));
    let clear = vec![Clear { finding: finding(1), content: content("渠道不通") }];
    assert_eq!(office.keys().seal(clear, morning()).await.unwrap(), [Answer::Erased(morning())]);
    assert_eq!(office.keys().count().await.unwrap(), (1, 1));
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
    let again = Keys::found(db.clone(), office.keys().public(), morning()).await.unwrap();
    assert_eq!(again.keyed_hash(b"item", b"x"), office.keys().keyed_hash(b"item", b"x"));
    let other = Keys::found(db, &PrivateKey::generate().public(), morning()).await.unwrap_err();
    assert!(matches!(other, KeysError::OtherOffice(_)), "{other}");
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
