//! The way in by HTTP.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../intake/tests/office/prefecture.rs"]
mod prefecture;

use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use insta::assert_snapshot;
use rectify_accounts::Accounts;
use rectify_bus::Bus;
use rectify_case::{Actor, PersonId, StreamId};
use rectify_inspection::router;
use rectify_intake::Door;
use rectify_kit::directory::DirectoryView;
use rectify_kit::{Health, Shutdown};
use rectify_log::{Append, Clock, Db, Expected, Log, Options, Write};
use rectify_tests::TempFolder;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

const OFFICER: PersonId = PersonId(Uuid::from_u128(1));
const HANDLER: PersonId = PersonId(Uuid::from_u128(2));

struct Office {
    door: Door,
    shutdown: Shutdown,
    _folder: TempFolder,
}

/// Opens the office, with a registrar that writes nothing down and says it has.
async fn office() -> Office {
    let folder = rectify_tests::folder();
    let db = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
    rectify_log::migrate(&db).await.unwrap();
    rectify_accounts::migrate(&db).await.unwrap();
    let clock = Clock::new(|| "2020-05-01T00:00:00Z".parse().unwrap());
    let log = Log::open(db.clone(), clock.clone()).await.unwrap();
    let events = prefecture::prefecture().into_iter().map(Into::into).collect();
    let write = Write { stream: StreamId::Directory, expected: Expected::Any, events };
    log.append(Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] }).await.unwrap();
    let shutdown = Shutdown::new();
    let bus = Bus::in_process();
    let mut queue = bus.findings().await.unwrap();
    tokio::spawn(async move {
        while let Ok(delivery) = queue.next().await {
            delivery.ack().await.unwrap();
        }
    });
    let door = Door {
        bus,
        accounts: Accounts::open(db).await.unwrap(),
        directory: DirectoryView::open(&log, &Health::default(), &shutdown).await.unwrap(),
        clock,
        zone: rectify_case::Zone::SHANGHAI,
        keys: None,
        store: None,
        remembered: None,
    };
    Office { door, shutdown, _folder: folder }
}

impl Office {
    async fn token(&self, person: PersonId) -> String {
        let issued = self.door.accounts.issue(person, "test", None, self.door.clock.now()).await.unwrap();
        issued.token.expose_secret().to_owned()
    }

    async fn post(&self, path: &str, token: &str, media_type: &str, body: impl Into<Body>) -> (StatusCode, Value) {
        let request = Request::post(path).header(header::CONTENT_TYPE, media_type);
        let response = self.ask(request, token, body.into()).await;
        let status = response.status();
        let problem = response.headers()[header::CONTENT_TYPE] == "application/problem+json";
        assert_eq!(problem, !status.is_success());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn ask(&self, request: Builder, token: &str, body: Body) -> Response {
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(body).unwrap();
        router(self.door.clone()).oneshot(request).await.unwrap()
    }
}

async fn bytes(response: Response) -> Vec<u8> {
    to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()
}

impl Drop for Office {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

const GIVEN: &str = "source=patrol&issuing_body=%E5%B7%9E%E5%A7%94&document=3&division=623023&discovered=2020-04-21";

#[tokio::test]
async fn findings_come_one_or_many_and_bad_ones_are_reported_by_their_place() {
    let office = office().await;
    let token = office.token(OFFICER).await;
    let path = format!("/intake/inspection/findings?{GIVEN}");
    let one = json!({"item": "1", "text": "漏雨", "money_fen": 1200});
    let (status, report) = office.post(&path, &token, "application/json", one.to_string()).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(report["accepted"][0]["receipt"], "recorded");

    let many = json!([one, {"item": "2", "text": "缺水", "phone": "x"}, {"item": "3", "text": "密级：秘密"}, 7, {"item": "4"}]);
    let (status, report) = office.post(&path, &token, "application/json", many.to_string()).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(report["accepted"].as_array().unwrap().len(), 1);
    let refused: Vec<_> =
        report["refused"].as_array().unwrap().iter().map(|e| format!("{} {}", e["row"], e["code"])).collect();
    assert_snapshot!(refused.join("\n"), @r#"
    2 "unreadable"
    3 "classified"
    4 "unreadable"
    5 "missing"
    "#);
}

#[tokio::test]
async fn a_file_is_known_by_its_name_or_its_media_type() {
    let office = office().await;
    let token = office.token(OFFICER).await;
    let csv = "序号,具体问题\n1,漏雨\n2,\n";
    let named = format!("/intake/inspection/files?{GIVEN}&name=list.csv");
    let (status, report) = office.post(&named, &token, "application/octet-stream", csv).await;
    assert_eq!((status, &report["rows"]), (StatusCode::ACCEPTED, &json!(2)));
    assert_eq!(report["refused"][0]["code"], "missing");
    let typed = format!("/intake/inspection/files?{GIVEN}");
    let (status, _) = office.post(&typed, &token, "text/csv; charset=utf-8", csv).await;
    assert_eq!(status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn files_that_belong_together_come_as_one_form() {
    let office = office().await;
    let token = office.token(OFFICER).await;
    let part = |name: &str, csv: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{csv}\r\n")
    };
    let form = part("一.csv", "序号,具体问题\n1,漏雨\n") + &part("二.csv", "序号,具体问题\n2,\n") + "--b--\r\n";
    let path = format!("/intake/inspection/files?{GIVEN}");
    let (status, report) = office.post(&path, &token, "multipart/form-data; boundary=b", form).await;
    assert_eq!((status, &report["rows"]), (StatusCode::ACCEPTED, &json!(2)));
    assert_eq!(report["accepted"].as_array().unwrap().len(), 1);
    assert_eq!(report["refused"][0]["file"], "二.csv");

    let (status, problem) = office.post(&path, &token, "multipart/form-data; boundary=b", "--b\r\n").await;
    assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("unreadable_form")));
}

#[tokio::test]
async fn what_cannot_be_taken_is_answered_with_a_problem_and_its_code() {
    let office = office().await;
    let officer = office.token(OFFICER).await;
    let handler = office.token(HANDLER).await;
    let findings = format!("/intake/inspection/findings?{GIVEN}");
    let files = format!("/intake/inspection/files?{GIVEN}");
    let nowhere = GIVEN.replace("623023", "620100");
    let json_type = "application/json";
    let asked = [
        (findings.as_str(), "rct_unknown", json_type, Body::from("[]")),
        (&findings, &handler, json_type, "[]".into()),
        (&findings, &officer, "text/csv", "[]".into()),
        (&findings, &officer, json_type, "[".into()),
        (&findings, &officer, json_type, r#"{"item": "1"}"#.into()),
        ("/intake/inspection/findings?divison=623023", &officer, json_type, "[]".into()),
        (&format!("/intake/inspection/files?{nowhere}"), &officer, "text/csv", "序号,具体问题\n1,漏雨\n".into()),
        (&files, &officer, "application/pdf", "x".into()),
        (&files, &officer, "text/csv", "甲,乙\n".into()),
        (&files, &officer, "text/csv", vec![b' '; rectify_intake::door::LARGEST_FILE + 1].into()),
    ];
    let mut answers = Vec::new();
    for (path, token, media_type, body) in asked {
        let (status, problem) = office.post(path, token, media_type, body).await;
        assert_eq!(problem["status"], status.as_u16());
        answers.push(format!("{} {}", status.as_u16(), problem["code"]));
    }
    assert_snapshot!(answers.join("\n"), @r#"
    401 "no_token"
    403 "may_not_hand_in"
    415 "not_json"
    400 "not_json"
    422 "nothing_taken"
    400 "bad_query"
    422 "unknown_division"
    415 "unknown_format"
    422 "no_header"
    413 "too_large"
    "#);
}

#[tokio::test]
async fn a_report_comes_as_what_is_accepted_in_the_language_that_is_asked_for() {
    let office = office().await;
    let token = office.token(OFFICER).await;
    let path = format!("/intake/inspection/files?{GIVEN}&name=list.csv");
    let csv = "序号,具体问题,反馈日期\n1,漏雨,昨天\n2,缺水,2020-04-20\n";
    let ask = async |query: &str, accept: &str, language: &str| {
        let request = Request::post(format!("{path}{query}")).header(header::ACCEPT, accept);
        office.ask(request.header(header::ACCEPT_LANGUAGE, language), &token, csv.into()).await
    };
    let table = ask("", "text/plain", "en-GB,zh;q=0.5").await;
    assert_eq!((table.status(), &table.headers()["rectify-refused"]), (StatusCode::ACCEPTED, &"1".parse().unwrap()));
    let table = String::from_utf8(bytes(table).await).unwrap();
    assert!(table.starts_with("rows read 2 · accepted 1 · refused 1"), "{table}");
    let table = bytes(ask("&report=table", "*/*", "zh-CN").await).await;
    assert!(String::from_utf8(table).unwrap().starts_with("读取行数 2"));

    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let workbook = ask("", kind, "zh").await;
    assert_eq!(workbook.headers()[header::CONTENT_TYPE], kind);
    let named = |answer: &Response| answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    let plainly = "attachment; filename=\"errors.xlsx\"; filename*=UTF-8''";
    assert_eq!(named(&workbook), format!("{plainly}list%EF%BC%88%E6%9C%89%E8%AF%AF%EF%BC%89.xlsx"));
    assert_eq!(named(&ask("", kind, "en").await), format!("{plainly}list%20%28errors%29.xlsx"));
    let again = format!("/intake/inspection/files?{GIVEN}");
    let (_, report) = office.post(&again, &token, kind, bytes(workbook).await).await;
    assert_eq!((&report["rows"], &report["refused"][0]["column"]), (&json!(2), &json!("反馈日期")));
    assert_eq!(report["unknown_columns"], json!([]));

    let (status, report) = office.post(&format!("{path}&check=true"), &token, "text/csv", csv).await;
    assert_eq!((status, &report["accepted"][0]["receipt"]), (StatusCode::ACCEPTED, &json!("checked")));
}

#[tokio::test]
async fn a_mapping_comes_with_the_files_and_is_remembered_for_the_unit() {
    let office = office().await;
    let token = office.token(OFFICER).await;
    let part = |name: &str, text: &str| format!("--b\r\nContent-Disposition: form-data; {name}\r\n\r\n{text}\r\n");
    let sheet = part("name=\"file\"; filename=\"a.csv\"", "编码,主要表现\n1,漏雨\n");
    let mapping = part("name=\"mapping\"", "[columns]\n\"编码\" = \"item\"\n\"主要表现\" = \"text\"\n");
    let path = format!("/intake/inspection/files?{GIVEN}");
    let form = "multipart/form-data; boundary=b";
    let (status, problem) = office.post(&path, &token, form, format!("{sheet}--b--\r\n")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("no_header")));
    let (status, report) = office.post(&path, &token, form, format!("{mapping}{sheet}--b--\r\n")).await;
    assert_eq!((status, &report["sheets"][0]["mapping"]["since"]), (StatusCode::ACCEPTED, &Value::Null));
    let (_, report) = office.post(&path, &token, form, format!("{sheet}--b--\r\n")).await;
    assert_eq!(report["sheets"][0]["mapping"]["since"], "2020-05-01");

    let list = async || {
        let listed = office.ask(Request::get("/intake/inspection/mappings"), &token, Body::empty()).await;
        serde_json::from_slice::<Value>(&bytes(listed).await).unwrap()
    };
    let listed = list().await;
    assert_eq!(listed[0]["header"], "编码、主要表现");
    let one = format!("/intake/inspection/mappings/{}", listed[0]["fingerprint"].as_str().unwrap());
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        assert_eq!(office.ask(Request::delete(&one), &token, Body::empty()).await.status(), status);
    }
    assert_eq!(list().await, json!([]));
    let (_, problem) = office.post(&path, &token, form, part("name=\"mapping\"", "[x]") + "--b--\r\n").await;
    assert_eq!(problem["code"], "bad_mapping");
}
