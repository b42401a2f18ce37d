//! What a foreign sender hands in on NATS and cannot become a case: set aside sealed, opened by the prefecture's office alone.

use rectify_tests::bed::{Bed, Shape, person, unit};
use rectify_tests::until;
use serde_json::{Value, json};

use crate::{LIMIT, search, why};

/// Says that a message is a finding.
const HEADERS: [(&str, &str); 4] = [
    ("ce-specversion", "1.0"),
    ("ce-type", "rectify.finding.submitted"),
    ("ce-datacontenttype", "application/json"),
    ("ce-subject", "%E6%97%A6%E6%AD%A3%E8%8D%89"),
];

/// Returns a petition as somebody hands it in who does not seal it.
fn unsealed(item: &str, class: &str, subjects: &Value) -> Value {
    json!({
        "finding": {
            "source": "petition",
            "reference": { "issuing_body": "州信访局", "document": "转办", "item": item },
            "title": "杨卓玛才让反映低保", "text": "电话13909415566，老母亲卧病在床无钱医治。",
            "division": "623023", "discovered": "2020-04-20",
            "details": { "kind": "petition", "class": class, "subjects": subjects },
        },
        "sender": { "person": person("审计系统"), "unit": unit("州审计局"), "role": "source_system" },
        "received": "2020-04-21T01:00:00Z",
    })
}

#[tokio::test]
async fn what_was_set_aside_is_sealed_and_opened_with_a_reason_by_the_office_alone() {
    let bed = Bed::logging(Shape::Guarded, "debug").await;
    let servers = bed.installation.servers().unwrap();
    let mut nats = servers.connection(bed.installation.nats().unwrap()).await;
    let letters = [
        unsealed("9-1", "request", &json!([])),
        json!({ "finding": { "source": "贡保南杰 13893977788" } }),
        unsealed("9-2", "accusation", &json!([{ "unit": unit("州整改办") }])),
    ];
    for letter in &letters {
        nats.publish("findings.petition.623023", &HEADERS, letter.to_string().as_bytes()).await;
    }
    let office = bed.site.desk("州办经办");
    let mut listed = Value::Null;
    until(LIMIT, "all are set aside", async || {
        listed = office.get("/api/set-aside").await.expect(200)["set_aside"].clone();
        listed.as_array().unwrap().len() == letters.len()
    })
    .await;
    let reasons: Vec<&str> = listed.as_array().unwrap().iter().map(|aside| aside["reason"].as_str().unwrap()).collect();
    // What cannot be read is set aside at once, what is refused when its turn comes.
    assert_eq!(reasons.iter().filter(|reason| reason.starts_with("信访件未密封，不能登记")).count(), 2, "{reasons:?}");
    assert_eq!(reasons.iter().filter(|reason| reason.starts_with("its content is no finding")).count(), 1);
    let cases = bed.site.desk("舟曲经办").get("/api/cases?source=petition").await.expect(200);
    assert_eq!(cases["rows"], json!([]), "nothing of them is registered");

    for who in ["舟曲经办", "州审计", "民政经办", "州办核验"] {
        assert_eq!(bed.site.desk(who).get("/api/set-aside").await.expect(403)["code"], "not_prefecture_office");
        bed.site.desk(who).post("/api/set-aside/1/open", &[], &why()).await.expect(403);
    }
    let none = office.post("/api/set-aside/1/open", &[], &json!({ "reason": "" })).await.expect(422);
    assert_eq!(none["code"], "reason_missing");
    assert_eq!(office.post("/api/set-aside/99/open", &[], &why()).await.expect(404)["code"], "not_set_aside");

    let mut opened = Vec::new();
    for sequence in 1..=letters.len() {
        let answer = office.post(&format!("/api/set-aside/{sequence}/open"), &[], &why()).await;
        if answer.status == 404 {
            // The accusation is not for whom it accuses.
            continue;
        }
        assert_eq!(answer.headers["cache-control"], "private, no-store");
        let answer = answer.expect(200);
        assert!(reasons.contains(&answer["reason"].as_str().unwrap()), "why it was set aside stands beside it");
        opened.push(serde_json::from_str::<Value>(answer["text"].as_str().unwrap()).unwrap());
    }
    assert_eq!(opened.len(), 2);
    assert!(opened.contains(&letters[0]) && opened.contains(&letters[1]));

    let looks = bed.site.desk("州审计").get("/api/set-aside/looks").await.expect(200);
    let looks = looks["looks"].as_array().unwrap();
    assert_eq!(looks.len(), 2, "who saw nothing did not look");
    assert_eq!((&looks[0]["type"], &looks[0]["who"]["person_name"]), (&json!("set_aside_opened"), &json!("州办经办")));
    assert_eq!(looks[0]["data"]["reason"], "回访前核对某某诉求，电话〔号码〕");
    assert_eq!(office.get("/api/set-aside/looks").await.expect(403)["code"], "not_auditor");

    is_sealed(&bed, letters.len()).await;
    // After thirty days the server forgets it, as it does here at once.
    nats.ask("STREAM.PURGE.SET_ASIDE", &json!({})).await;
    assert_eq!(office.get("/api/set-aside").await.expect(200)["set_aside"], json!([]));
    assert_eq!(office.post("/api/set-aside/1/open", &[], &why()).await.expect(404)["code"], "not_set_aside");
}

/// Searches what is kept of them. What a foreign sender wrote to the queue in clear is in the queue's files: it is theirs.
async fn is_sealed(bed: &Bed, count: usize) {
    let mut nats = bed.installation.servers().unwrap().connection(bed.installation.nats().unwrap()).await;
    for sequence in 1..=count {
        let stored = nats.stored("SET_ASIDE", u64::try_from(sequence).unwrap()).await.unwrap();
        search("a message that was set aside", &[stored.headers.as_bytes(), &stored.bytes].concat());
    }
    for database in bed.installation.databases().into_iter().flatten() {
        search("a table", &database.dump().await);
    }
    for process in bed.installation.processes() {
        search(&format!("what rectify {process} says"), bed.installation.process(process).output().as_bytes());
    }
}
