//! `rectify reproduce`: a publication made again from the log, on either database, and what is said where the log was changed.

use std::time::Duration;

use rectify_log::{Db, Options};
use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, Installation, Shape, finding};
use rectify_tests::until;
use serde_json::{Value, json};

use crate::office::Said;

const OFFICER: &str = "舟曲经办";
const LIMIT: Duration = Duration::from_mins(1);

/// Publishes something, and returns what is told of it.
async fn published(bed: &Bed, mut asked: Value) -> Value {
    let (desk, key) = (bed.site.desk(OFFICER), bed.site.key());
    let mut told = None;
    until(LIMIT, "it is published", async || {
        let answer = desk.post("/api/publications", &[("Idempotency-Key", &key)], &asked).await;
        if answer.status == 201 {
            told = Some(answer.body);
            return true;
        }
        let waits = answer.expect(202);
        asked["upto"] = waits["upto"].clone();
        false
    })
    .await;
    told.unwrap()
}

async fn reproduced(installation: &Installation, arguments: &[&str]) -> Said {
    let arguments: Vec<&str> = ["reproduce"].into_iter().chain(arguments.iter().copied()).collect();
    Said::from(installation.try_tool(&arguments, &[]).await)
}

fn verdict(said: &Said) -> &str {
    said.out.lines().last().unwrap_or_default()
}

#[tokio::test]
async fn what_was_published_is_made_again_from_sqlite() {
    made_again(Shape::Embedded).await;
}

#[tokio::test]
async fn what_was_published_is_made_again_from_postgres() {
    made_again(Shape::Servers).await;
}

async fn made_again(shape: Shape) {
    let mut bed = Bed::new(shape).await;
    let first = bed.site.report(OFFICER, &finding("屋面漏雨", 12)).await.register("ordinary").await;
    bed.site.report(OFFICER, &finding("水费未入账", 0)).await.register("serious").await;
    let told =
        published(&bed, json!({ "kind": "ledger", "filter": { "stage": "registered" }, "sort": "number" })).await;
    assert_eq!((&told["number"], &told["cases"], &told["language"]), (&json!(1), &json!(2), &json!("zh-CN")), "{told}");
    let notice = published(&bed, json!({ "kind": "notice" })).await;
    assert_eq!(notice["number"], 2);

    // Whatever happened since, and whoever looks.
    first.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    let installation = &bed.installation;
    for number in ["1", "2"] {
        let same = reproduced(installation, &[number]).await;
        assert_eq!(same.code, 0, "{}{}", same.out, same.err);
        assert_eq!(verdict(&same), "数据相同，文件逐字节相同 · same data, same file", "{}", same.out);
    }
    let found: Value = serde_json::from_str(&reproduced(installation, &["2", "--json"]).await.out).unwrap();
    assert_eq!((&found["same_data"], &found["same_file"]), (&json!(true), &json!(true)));
    assert_eq!((&found["wrong"], &found["differing"], &found["erased"]), (&json!([]), &json!([]), &json!([])));
    let none = reproduced(installation, &["3"]).await;
    assert_eq!((none.code, none.out.as_str()), (2, ""));
    assert!(none.err.starts_with("rectify: not reproduced: there is no publication 3"), "{}", none.err);

    // The kept file is among what `verify` looks at, and among what a backup takes along.
    let kept = installation.data().join("evidence");
    let digest = told["file"].as_str().unwrap();
    let file = kept.join("sha256").join(&digest[..2]).join(digest);
    let bytes = std::fs::read(&file).unwrap();
    let other = notice["file"].as_str().unwrap();
    std::fs::copy(kept.join("sha256").join(&other[..2]).join(other), &file).unwrap();
    let verified =
        Said::from(installation.try_tool(&["verify", "--without", "ledger", "--without", "mirror"], &[]).await);
    assert!(verified.out.contains(&format!("the file {digest} is not what was filed (evidence)")), "{}", verified.out);
    let changed = reproduced(installation, &["1"]).await;
    assert_eq!(changed.code, 1, "{}", changed.out);
    assert!(changed.out.contains(&format!("the file {digest} in the store is not what was published (kept)")));
    std::fs::remove_file(&file).unwrap();
    let gone = reproduced(installation, &["1"]).await;
    assert!(gone.code == 1 && gone.out.contains("is not in the store (kept)"), "{}", gone.out);
    std::fs::write(&file, bytes).unwrap();

    rewrite(&mut bed).await;
    let edited = reproduced(&bed.installation, &["1"]).await;
    assert_eq!(edited.code, 1, "{}{}", edited.out, edited.err);
    assert!(edited.out.contains("its data are not the same (data)"), "{}", edited.out);
    assert!(edited.out.contains("号问题：屋面漏雨\" → \""), "{}", edited.out);
    let cell = edited.out.lines().find(|line| line.starts_with("differs      整改台账!F")).unwrap();
    assert!(cell.ends_with("号问题：屋面漏水\""), "{cell}");
    assert_eq!(verdict(&edited), "不一致 · NOT the same: 4 cells differ", "{}", edited.out);
}

/// Writes another text into the log, the night before the audit.
async fn rewrite(bed: &mut Bed) {
    let (was, is) = ("屋面漏雨", "屋面漏水");
    if let Some(database) = bed.installation.database() {
        database.ask("ALTER TABLE events DISABLE TRIGGER USER").await;
        let text = format!("convert_to(replace(convert_from(bytes, 'UTF8'), '{was}', '{is}'), 'UTF8')");
        database.ask(&format!("UPDATE events SET bytes = {text} WHERE type = 'finding_reported'")).await;
        return;
    }
    bed.installation.terminate("up").await;
    let file = bed.installation.data().join("rectify.db");
    // What was written last may lie beside it.
    Db::open(&file, &Options::default()).await.unwrap().close().await;
    let mut bytes = std::fs::read(&file).unwrap();
    let (was, is) = (was.as_bytes(), is.as_bytes());
    let places: Vec<usize> = (0..bytes.len() - was.len()).filter(|at| bytes[*at..].starts_with(was)).collect();
    for at in places {
        bytes[at..at + is.len()].copy_from_slice(is);
    }
    std::fs::write(&file, bytes).unwrap();
}
