//! Services in processes of their own, and the tools beside them.

use std::time::Duration;

use rectify_tests::client::Client;
use rectify_tests::program::Program;
use rectify_tests::{free_port, nats, postgres, until};

use crate::office::Office;

const SERVICES: [&str; 6] = ["registrar", "projector", "desk", "inspection", "audit", "petition"];

const LIST: &str =
    "序号,问题来源,发文单位,来源文号,反馈日期,县市,具体问题\n1,patrol,州委巡察办,3号,2020-04-21,甘南州,饮水管道漏雨\n";

const LETTER: &str = "留言编号,留言时间,县市,姓名,留言详情\n1,2020-04-21,甘南州,杨才让,路灯一直不亮\n";

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn each_service_runs_alone_and_a_file_goes_through_them_and_another_log_is_noticed() {
    let (database, store, broker) = (postgres::database().await, postgres::database().await, nats::server().await);
    let keys = format!("keys.url={}", store.url());
    let office = Office::with(&["--database-url", database.url(), "--nats-url", &broker.url(), "--set", &keys]);

    let early = office.cannot(&["registrar", "--set", "telemetry.level=off"]).await;
    assert!(early.ends_with("run `rectify migrate`"), "{early}");
    office.does(&["migrate"]).await;
    let unsealed = office.cannot(&["petition", "--set", "telemetry.level=off"]).await;
    assert!(unsealed.ends_with("the key store has no key of the office yet: run `rectify keys new`"), "{unsealed}");
    office.does(&["keys", "new"]).await;
    let clear = office.cannot(&["registrar", "--set", "telemetry.level=off"]).await;
    assert!(clear.ends_with("say in keys.public_key what `rectify keys show` shows"), "{clear}");
    let shown = office.does(&["keys", "show"]).await;
    let public = shown.split_whitespace().find(|word| word.len() == 64).unwrap();
    let public = format!("keys.public_key={public}");
    office.does(&["unit", "add", "甘南州", "--kind", "prefecture", "--division", "623000"]).await;
    office.does(&["unit", "add", "州整改办", "--kind", "office", "--parent", "甘南州"]).await;
    office.does(&["person", "add", "马经办", "--role", "officer", "--unit", "州整改办"]).await;
    office.does(&["person", "add", "周守一", "--role", "administrator"]).await;

    let mut processes = Vec::new();
    let mut desk = String::new();
    for service in SERVICES {
        let listen = format!("127.0.0.1:{}", free_port());
        let arguments = office.arguments(&[service, "--listen", &listen, "--set", &public]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut process = Program::start(&arguments, &[]).await;
        let base = format!("http://{listen}");
        process.ready(&base).await;
        let client = Client::anonymous(&base);
        client.get("/healthz").await.expect(200);
        client.get("/metrics").await.expect(200);
        if service == "desk" {
            desk = listen;
        }
        processes.push(process);
    }

    let list = office.file("list.csv", LIST);
    let report = office.does(&["import", "inspection", &list]).await;
    assert!(report.starts_with("读取行数 1 · 接收 1 · 未接收 0"), "{report}");
    until(LIMIT, "the ledger has the case", async || {
        office.does(&["ledger", "--count", "--stage", "discovered"]).await == "1\n"
    })
    .await;
    let healthy = async || office.asks(&["doctor", "--listen", &desk]).await;
    until(LIMIT, "the mirror has all of it", async || healthy().await.out.contains("as the log, to position")).await;
    let healthy = healthy().await;
    assert_eq!(healthy.code, 0, "{}", healthy.out);
    let letter = office.file("letter.csv", LETTER);
    let report = office.does(&["import", "petition", &letter]).await;
    assert!(report.starts_with("读取行数 1 · 接收 1 · 未接收 0\n已密封的列: 姓名"), "{report}");
    let shown = office.does(&["keys", "show"]).await;
    assert!(shown.contains("已密封 sealed      1\n") && shown.contains("office.key"), "{shown}");
    let rebuilt = office.does(&["rebuild"]).await;
    assert!(rebuilt.ends_with(", and serves\n"), "{rebuilt}");
    assert_eq!(office.does(&["ledger", "--count", "--search", "饮水"]).await, "1\n");
    // What is folded from the log alone is the same, and what is sealed stays so.
    let (kept, folded) = (office.does(&["ledger"]).await, office.does(&["replay", "ledger"]).await);
    let folded = folded.split_once('\n').unwrap().1;
    assert_eq!(folded.trim_end().rsplit_once('\n').unwrap().0, kept.trim_end());
    let events = office.does(&["replay", "events", "--json"]).await;
    assert!(events.contains("\"ciphertext\"") && !events.contains("杨才让"), "{events}");

    for process in processes {
        assert!(process.terminate().await.success());
    }
    let verified = office.does(&["verify", "--without", "ledger"]).await;
    let compared = verified.lines().find(|line| line.starts_with("mirror ")).unwrap_or_else(|| panic!("{verified}"));
    assert!(compared.ends_with(" MB") && !compared.contains(" 0 messages"), "{verified}");

    // Another log, as after a restore from elsewhere: its mirror has what it never had.
    let other = postgres::database().await;
    let restored = Office::with(&["--database-url", other.url(), "--nats-url", &broker.url()]);
    let refused = restored.cannot(&["migrate"]).await;
    assert!(refused.contains("the log is empty and its mirror is not"), "{refused}");
    Office::with(&["--database-url", other.url()]).does(&["migrate"]).await;
    let refused = restored.cannot(&["person", "add", "周守一", "--role", "administrator"]).await;
    assert!(refused.starts_with("rectify: nothing was written; see `rectify doctor`: the mirror has"), "{refused}");
    let listen = format!("127.0.0.1:{}", free_port());
    let examined = restored.asks(&["doctor", "--listen", &listen]).await;
    assert_eq!(examined.code, 1);
    assert!(examined.out.contains("WRONG  mirror         it is not as the log"), "{}", examined.out);

    // Whoever compares them message by message is told where they part.
    Office::with(&["--database-url", other.url()]).does(&["person", "add", "周守一", "--role", "administrator"]).await;
    let verified = restored.asks(&["verify", "--without", "ledger"]).await;
    assert_eq!(verified.code, 1, "{}", verified.out);
    for wrong in ["position 1: it is mirrored as something else (mirror)", "the mirror goes to "] {
        assert!(verified.out.contains(wrong), "{}", verified.out);
    }
}
