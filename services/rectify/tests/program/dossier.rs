//! `rectify export case` and `rectify verify DOSSIER.zip`: taken away from a running installation, checked where there is none.

use std::fs;
use std::path::Path;

use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, Installation, Shape, finding};
use rectify_tests::{folder, program};

use crate::office::Said;

/// Verifies a dossier on a machine that has nothing but the program and a key.
async fn verified(dossier: &Path, more: &[&str]) -> Said {
    let elsewhere = folder();
    let data = elsewhere.path().join("data").display().to_string();
    let arguments: Vec<&str> = ["verify", dossier.to_str().unwrap()].into_iter().chain(more.iter().copied()).collect();
    let said = Said::from(program::run(&arguments, &[("RECTIFY_DATA", &data), ("COLUMNS", "110")]).await);
    assert!(!Path::new(&data).exists(), "nothing is opened or made");
    said
}

#[tokio::test]
async fn a_dossier_is_taken_away_and_checked_elsewhere_from_sqlite() {
    taken_away_and_checked(Shape::Embedded).await;
}

#[tokio::test]
async fn a_dossier_is_taken_away_and_checked_elsewhere_from_postgres_nats() {
    taken_away_and_checked(Shape::Servers).await;
}

async fn taken_away_and_checked(shape: Shape) {
    let mut installation = Installation::new(shape).await;
    if shape == Shape::Servers {
        let key = installation.path("seal.key").display().to_string();
        installation.set("RECTIFY_SEAL_KEY", key);
    }
    let bed = Bed::in_place(installation).await;
    let installation = &bed.installation;
    let case = bed.site.report("舟曲经办", &finding("漏雨", 0)).await;
    let case = case.register("ordinary").await.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    let path = |name: &str| installation.path(name).display().to_string();
    let (first, second, key, kept) = (path("first.zip"), path("second.zip"), path("office.vkey"), path("kept"));

    // Beside the running services; what is not signed yet is waited for.
    let said = installation.tool(&["export", "case", &case.id, "--to", &first]).await;
    assert_eq!(said.trim(), first);
    fs::write(&kept, installation.tool(&["checkpoint", "show"]).await).unwrap();
    fs::write(&key, installation.tool(&["checkpoint", "keys"]).await).unwrap();
    case.report_completion(CIVIL_AFFAIRS, 0).await;
    installation.tool(&["export", "case", &case.id[..8], "--to", &second, "--from-checkpoint", &kept]).await;

    let good = verified(first.as_ref(), &["--key", &key]).await;
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    assert!(good.out.contains("核验通过 · genuine: versions 1 to 4"), "{}", good.out);
    assert!(good.out.contains("no dossier can show"), "{}", good.out);
    let json = path("found.json");
    let good = verified(second.as_ref(), &["--key", &key, "--checkpoint", &kept, "--json", &json]).await;
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    assert!(
        good.out.contains("evidence     1 files") && good.out.contains("goes on      from the checkpoint of"),
        "{}",
        good.out
    );
    assert!(good.out.contains("witnessed"), "{}", good.out);
    let found: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(found["case"], case.id);

    // What exists is not written over; what is not there is said.
    let again = installation.try_tool(&["export", "case", &case.id, "--to", &first], &[]).await;
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("cannot write"));
    let none = installation.try_tool(&["export", "case", "审计-2020-9999"], &[]).await;
    assert!(String::from_utf8_lossy(&none.stderr).contains("there is no case 审计-2020-9999"));

    let mut bytes = fs::read(&second).unwrap();
    let at = bytes.windows(9).position(|window| window == "已交办".as_bytes());
    let at = at.unwrap_or(bytes.len() / 2);
    bytes[at] ^= 1;
    let changed = path("changed.zip");
    fs::write(&changed, bytes).unwrap();
    let bad = verified(changed.as_ref(), &["--key", &key]).await;
    assert_eq!(bad.code, 1, "{}{}", bad.out, bad.err);
    let no_key = verified(first.as_ref(), &[]).await;
    assert_eq!((no_key.code, no_key.out.as_str()), (2, ""));
    assert!(no_key.err.contains("--key office.vkey"), "{}", no_key.err);
    let no_file = verified("nothing.zip".as_ref(), &["--key", &key]).await;
    assert_eq!(no_file.code, 2);
    let no_dossier = verified(key.as_ref(), &["--key", &key]).await;
    assert_eq!(no_dossier.code, 1);
    assert!(no_dossier.out.contains("不是案卷 · it is no dossier"), "{}", no_dossier.out);
}
