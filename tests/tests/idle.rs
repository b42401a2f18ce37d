//! What a ledger of 10,000 cases costs while nobody asks. Measured, not judged on every machine, so it is run by name:
//!
//! ```sh
//! cargo build --release && RECTIFY_BIN=$PWD/target/release/rectify \
//!     cargo test -p rectify-tests --test idle -- --ignored --nocapture
//! ```

use std::time::{Duration, Instant};

use rectify_tests::bed::{Bed, Shape, unit};
use rectify_tests::until;
use serde_json::{Value, json};

const CASES: usize = 10_000;

/// How many commands one request carries.
const BULK: usize = 1000;

const LIMIT: Duration = Duration::from_mins(10);

/// What the program promises: how long a start takes, and how many megabytes are resident.
const START: Duration = Duration::from_secs(1);
const MEMORY: f64 = 60.0;

/// How long nobody asks before the memory is looked at. At first the registrar still flags what it was behind with: the
/// list is full of likely duplicates.
const QUIET: Duration = Duration::from_mins(1);

#[tokio::test]
#[ignore = "takes minutes and measures: see the top of the file"]
async fn ten_thousand_cases_start_within_a_second_and_idle_under_60_mb() {
    let mut bed = Bed::new(Shape::Embedded).await;
    let handed_in = Instant::now();
    let report = bed.site.hand_in("inspection", &[("name", "问题清单.csv")], list()).await;
    assert_eq!(report["accepted"].as_array().map(Vec::len), Some(CASES), "{}", report["refused"]);
    println!("{CASES} findings handed in within {:.1?}", handed_in.elapsed());

    let acted = Instant::now();
    register_and_assign(&bed, &report).await;
    println!("registered and assigned within {:.1?}", acted.elapsed());

    bed.installation.terminate("up").await;
    let start = Instant::now();
    bed.installation.spawn("up").await;
    bed.installation.ready("up").await;
    let start = start.elapsed();
    tokio::time::sleep(QUIET).await;
    let process = bed.installation.process("up");
    let (memory, anonymous) = (megabytes(process.memory()), megabytes(process.anonymous_memory()));
    println!(
        "ready after {start:.0?}; after {QUIET:?} without a request {memory:.1} MB resident, {anonymous:.1} MB of it no file's"
    );
    assert!(start < START, "the start took {start:?}");
    assert!(memory < MEMORY, "{memory:.1} MB are resident");
    let counted = bed.site.desk("州审计").get("/api/cases?stage=assigned&total=true&limit=1").await.expect(200);
    assert_eq!(counted["total"], CASES);
}

async fn register_and_assign(bed: &Bed, report: &Value) {
    let office = bed.site.desk("舟曲经办");
    let assignment =
        json!({ "leads": [unit("舟曲县民政局")], "goal": "整改到位", "term": { "ends": { "on": "2099-12-31" } } });
    let accepted = report["accepted"].as_array().expect("a report lists what was accepted");
    for cases in accepted.chunks(BULK / 2) {
        let commands = cases.iter().flat_map(|case| {
            let ask = |command, data| json!({ "case": case["finding"], "command": command, "data": data });
            [ask("register", json!({})), ask("assign", assignment.clone())]
        });
        let body = json!({ "commands": commands.collect::<Vec<_>>() });
        let answer = office.post("/api/bulk", &[("Idempotency-Key", &bed.site.key())], &body).await.expect(200);
        let results = answer["results"].as_array().expect("a bulk has results");
        assert!(
            results.iter().all(|result| result["status"] == 200),
            "{:?}",
            results.iter().find(|r| r["status"] != 200)
        );
    }
    let path = "/api/cases?stage=assigned&total=true&limit=1";
    until(LIMIT, "every case is assigned", async || office.get(path).await.expect(200)["total"] == CASES).await;
}

/// Returns an inspection list as an office writes them.
fn list() -> Vec<u8> {
    let head = "问题来源,发文单位,来源文号,序号,反馈日期,具体问题,涉及县市,涉及乡村,涉及户数".to_owned();
    let rows = (1..=CASES).map(|number| {
        let (village, households) = (number % 210, 1 + number % 9);
        format!(
            "巡查检查,州委巡查办,州巡〔2020〕3号,{number},2020-04-21,第{number}户安全饮水管护责任未落实，水费收缴台账不全,\
             舟曲县,第{village}村,{households}"
        )
    });
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n").into_bytes()
}

#[expect(clippy::cast_precision_loss, reason = "a size to be read")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
