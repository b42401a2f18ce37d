//! A petitioner's name, telephone, address and words are nowhere in clear: not in a table, a file, a stream, a log line or a backup.
//! With the office's key they are read, and after the key of the petition is deleted they never are. With another key of the office
//! they are read as before, and with the one before it no more.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attachments;
mod keys;
mod set_aside;

use std::path::Path;
use std::time::Duration;

use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, Shape};
use rectify_tests::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::attachments::{NOTE, NOTE_NAME, REGISTER, REGISTER_NAME};

const LIMIT: Duration = Duration::from_mins(1);

/// What must be nowhere.
const PLANTED: [&str; 15] = [
    "杨卓玛才让",
    "贡保南杰",
    "13909415566",
    "13893977788",
    "62302319850412051X",
    "曲告纳乡岭坝村3组12号",
    "zhaxi_2020",
    "老母亲卧病在床无钱医治",
    "承诺的救助金分文未见",
    "已电话告知来信人本人",
    "旧河坝滩边的两间土房",
    "旦正草",
    "与户主关系",
    "左手三指缺失",
    "%E6%97%A6%E6%AD%A3%E8%8D%89",
];

#[tokio::test]
async fn embedded_nothing_of_a_petitioner_is_in_clear_and_after_shredding_nothing_is_left() {
    nothing_is_in_clear(Shape::Embedded).await;
}

#[tokio::test]
async fn on_servers_nothing_of_a_petitioner_is_in_clear_and_after_shredding_nothing_is_left() {
    nothing_is_in_clear(Shape::Servers).await;
}

async fn nothing_is_in_clear(shape: Shape) {
    let mut bed = Bed::logging(shape, "debug").await;
    let first = import_a_file(&bed).await;
    let second = hand_in_a_document(&bed).await;
    let third = report_by_hand(&bed).await;
    work(&bed, &first).await;
    is_nowhere(&bed).await;

    let note = attachments::attach(&bed, &first).await;
    let register = attachments::listed(&bed, &second).await.remove(0)["digest"].as_str().unwrap().to_owned();
    is_nowhere(&bed).await;
    is_in_no_backup(&bed, &[&note, &register]).await;

    open(&bed, &first).await;
    attachments::is_not_for_all(&bed, &first, &note).await;
    attachments::open(&bed, &first, &note, (NOTE_NAME, NOTE)).await;
    attachments::open(&bed, &second, &register, (REGISTER_NAME, REGISTER)).await;
    is_nowhere(&bed).await;
    shred(&bed, &first).await;
    attachments::is_gone(&bed, &first, &note).await;
    attachments::open(&bed, &second, &register, (REGISTER_NAME, REGISTER)).await;
    is_nowhere(&bed).await;
    is_in_no_backup(&bed, &[&note, &register]).await;
    for case in [&second, &third] {
        let opened = bed.site.desk("舟曲经办").post(&path(case, "petition/open"), &[], &why()).await.expect(200);
        assert!(opened["text"].as_str().unwrap().contains("旧河坝滩边的两间土房"), "others open as before");
    }
    keys::rotate(&mut bed, shape, &second).await;
    attachments::open(&bed, &second, &register, (REGISTER_NAME, REGISTER)).await;
    attachments::is_gone(&bed, &first, &note).await;
    report_by_hand_again(&bed).await;
    is_nowhere(&bed).await;
    bed.keeps_its_promises().await;
}

/// Hands in a file by the command line, with a row that is refused.
async fn import_a_file(bed: &Bed) -> String {
    let file = bed.installation.path("信访件.csv");
    let text = format!(
        "{}我叫杨卓玛才让，电话13909415566，身份证62302319850412051X，家住曲告纳乡岭坝村3组12号，微信zhaxi_2020。\
         老母亲卧病在床无钱医治，承诺的救助金分文未见。",
        "家庭收入变化后低保一直没有复核，多次到乡政府询问均无答复，请求尽快核实并按政策办理。".repeat(4)
    );
    let rows = format!(
        "留言编号,留言用户,联系电话,身份证号,家庭住址,留言时间,留言主题,留言详情,答复意见,答复时间,涉及县市\n\
         7-117,杨卓玛才让,13909415566,62302319850412051X,曲告纳乡岭坝村3组12号,2020-04-20,杨卓玛才让反映低保复核,{text},\
         已电话告知来信人本人,2020-04-21,舟曲县\n\
         7-118,贡保南杰,13893977788,,,2020/13/45,贡保南杰来信,旧河坝滩边的两间土房,,,舟曲县\n"
    );
    std::fs::write(&file, rows).unwrap();
    let url = bed.installation.url("petition");
    let errors = bed.installation.path("errors.xlsx");
    let arguments = ["import", "petition", file.to_str().unwrap(), "--url", &url, "--errors", errors.to_str().unwrap()];
    let output = bed.installation.try_tool(&arguments, &[("RECTIFY_TOKEN", bed.site.token("审计系统"))]).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("接收 1") && said.contains("已密封的列: 留言用户、联系电话、身份证号、家庭住址"), "{said}");
    // The files are the sender's, and not the installation's.
    std::fs::remove_file(&file).unwrap();
    std::fs::remove_file(&errors).unwrap();
    listed(bed, "某某反映低保复核").await
}

/// Hands in a document with an attachment as a source system does.
async fn hand_in_a_document(bed: &Bed) -> String {
    let document = json!({
        "item": "7-119", "discovered": "2020-04-20", "division": "舟曲县", "title": "危房改造",
        "text": "请求危房改造，旧河坝滩边的两间土房漏雨，电话13893977788。", "summary": "请求危房改造",
        "name": "贡保南杰", "phone": "13893977788",
    });
    let intake = bed.site.intake("petition");
    let hand_in = async |document: &Value, files: &[(&str, &str)]| {
        let request = intake.request(Method::POST, "/intake/petition/findings");
        intake.send(request.multipart(attachments::form(document, files))).await
    };
    for (files, status, code) in [
        ([("户口簿.txt", "秘密\n户口簿")], 422, "classified"),
        ([("户口簿.pdf", REGISTER)], 415, "unsupported_type"),
        ([("", REGISTER)], 422, "file_name_missing"),
    ] {
        assert_eq!(hand_in(&document, &files).await.expect(status)["code"], code, "one refuses the whole");
    }
    assert_eq!(hand_in(&json!([document]), &[]).await.expect(422)["code"], "not_one_finding");
    let report = hand_in(&document, &[(REGISTER_NAME, REGISTER)]).await.expect(202);
    assert_eq!(report["sealed_columns"], json!(["name", "phone"]));
    let attachments = report["accepted"][0]["attachments"].clone();
    assert_eq!(attachments.as_array().unwrap().len(), 1);
    let again = hand_in(&document, &[(REGISTER_NAME, REGISTER)]).await.expect(202);
    assert_eq!(again["accepted"][0]["attachments"], attachments, "the same again is the same");
    listed(bed, "危房改造").await
}

/// Reports a petition by hand, as a clerk does who has a letter before them.
async fn report_by_hand(bed: &Bed) -> String {
    let finding = json!({
        "source": "petition",
        "reference": { "issuing_body": "州信访局", "document": "来信登记", "item": "7-120" },
        "title": "来信反映危房",
        "text": format!("{}旧河坝滩边的两间土房漏雨，电话13893977788。", "请求危房改造，乡里说没有名额，希望上级核查。".repeat(8)),
        "division": "623023", "discovered": "2020-04-20",
        "details": { "kind": "petition", "class": "request" },
    });
    bed.site.report("舟曲经办", &finding).await.id
}

/// Waits until a case of this title is listed, and returns its id.
async fn listed(bed: &Bed, title: &str) -> String {
    let mut id = None;
    until(LIMIT, "the petition is listed", async || {
        let page = bed.site.desk("舟曲经办").get("/api/cases?source=petition").await.expect(200);
        let rows = page["rows"].as_array().cloned().unwrap_or_default();
        id = rows.iter().find(|row| row["title"] == title).and_then(|row| row["id"].as_str().map(str::to_owned));
        id.is_some()
    })
    .await;
    id.unwrap()
}

async fn work(bed: &Bed, id: &str) {
    let case = bed.site.case(id).register("ordinary").await;
    case.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    bed.site.desk("舟曲经办").get("/api/cases?text=低保").await.expect(200);
}

fn why() -> Value {
    json!({ "reason": "回访前核对贡保南杰诉求，电话13893977788" })
}

fn path(case: &str, what: &str) -> String {
    format!("/api/cases/{case}/{what}")
}

/// Opens a petition, in the roles that may, with a reason that stays on record.
async fn open(bed: &Bed, id: &str) {
    let open = path(id, "petition/open");
    let ask = async |who: &str, body: Value| bed.site.desk(who).post(&open, &[], &body).await;
    let none = ask("舟曲经办", json!({ "reason": "  " })).await.expect(422);
    assert_eq!(none["code"], "reason_missing");
    for (who, status) in [("州审计", 403), ("舟曲核验", 403), ("临潭经办", 404), ("水务经办", 404)] {
        ask(who, why()).await.expect(status);
    }
    let looks = bed.site.desk("州审计").get(&path(id, "looks")).await.expect(200);
    assert_eq!(looks["looks"], json!([]), "who saw nothing did not look");

    let opened = ask("舟曲经办", why()).await.expect(200);
    assert_eq!(opened["identity"]["留言用户"], "杨卓玛才让");
    assert_eq!(opened["identity"]["联系电话"], "13909415566");
    assert_eq!(opened["title"], "杨卓玛才让反映低保复核");
    assert!(opened["text"].as_str().unwrap().ends_with("承诺的救助金分文未见。"));
    assert_eq!(opened["reply"], "已电话告知来信人本人");
    ask("民政经办", why()).await.expect(200);

    let looks = bed.site.desk("州审计").get(&path(id, "looks")).await.expect(200);
    let looks = looks["looks"].as_array().unwrap();
    let who: Vec<&str> = looks.iter().map(|look| look["who"]["person_name"].as_str().unwrap()).collect();
    assert_eq!(who, ["舟曲经办", "民政经办"]);
    assert_eq!(looks[0]["type"], "petition_opened");
    assert_eq!(looks[0]["data"]["reason"], "回访前核对某某诉求，电话〔号码〕");
    bed.site.desk("舟曲经办").get(&path(id, "looks")).await.expect(403);
}

/// Has two administrators delete the keys of a petition, and shows that nothing else changed.
async fn shred(bed: &Bed, id: &str) {
    let (before, log) = (bed.site.case(id).state().await, keys::leaves(bed).await);
    let reason = json!({ "reason": "信访人贡保南杰申请删除" });
    let ask = async |who: &str, step: &str, key: &str| {
        let path = format!("/api/petitions/{id}/shredding/{step}");
        bed.site.desk(who).post(&path, &[("Idempotency-Key", key)], &reason).await
    };
    ask("舟曲经办", "propose", &bed.site.key()).await.expect(403);
    ask("管理员", "propose", &bed.site.key()).await.expect(200);
    ask("管理员", "approve", &bed.site.key()).await.expect(422);
    let key = bed.site.key();
    let erased = ask("另一管理员", "approve", &key).await.expect(200);
    let again = ask("另一管理员", "approve", &key).await.expect(200);
    assert_eq!(again, erased, "asked again, it answers the same");
    assert_eq!(erased["proposal"]["reason"], "信访人某某申请删除");
    let gone = bed.site.desk("舟曲经办").post(&path(id, "petition/open"), &[], &why()).await.expect(410);
    assert_eq!(gone["code"], "petition_erased");
    assert_eq!(bed.site.case(id).state().await, before, "the case is as it was");
    let after = keys::leaves(bed).await;
    assert_eq!(after[..log.len()], log, "every event is as it was");
    let looks = bed.site.desk("州审计").get(&path(id, "looks")).await.expect(200);
    let kinds: Vec<&str> = looks["looks"].as_array().unwrap().iter().map(|l| l["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[kinds.len() - 3..], ["shredding_proposed", "shredding_approved", "petition_shredded"]);
    let said = bed.installation.tool(&["petition", "certificate", id]).await;
    for told in ["密钥销毁证明", "Certificate of erasure", "另一管理员", id] {
        assert!(said.contains(told), "{said}");
    }
    search("a certificate", said.as_bytes());
    let said = bed.installation.tool(&["petition", "looks", "--person", "舟曲经办"]).await;
    assert!(said.contains("信访原件") && said.contains("信访附件") && !said.contains("民政经办"), "{said}");
    search("the looks", said.as_bytes());
}

/// Reports one more petition by hand, and opens it.
async fn report_by_hand_again(bed: &Bed) {
    let finding = json!({
        "source": "petition",
        "reference": { "issuing_body": "州信访局", "document": "来信登记", "item": "7-121" },
        "title": "来信反映道路",
        "text": "通村道路损毁，希望尽快修复。".repeat(8),
        "division": "623023", "discovered": "2020-04-20",
        "details": { "kind": "petition", "class": "request" },
    });
    let id = bed.site.report("舟曲经办", &finding).await.id;
    let opened = bed.site.desk("舟曲经办").post(&path(&id, "petition/open"), &[], &why()).await.expect(200);
    assert!(opened["text"].as_str().unwrap().contains("通村道路损毁"));
}

/// Searches everything that the installation keeps and says.
async fn is_nowhere(bed: &Bed) {
    let installation = &bed.installation;
    let mut searched = 0;
    search_folder(&installation.path("data"), &mut searched);
    if let Some(nats) = installation.nats() {
        search_folder(nats.folder(), &mut searched);
    }
    for database in installation.databases().into_iter().flatten() {
        let dump = database.dump().await;
        assert!(dump.len() > 1000, "a dump of nothing shows nothing");
        search("a table", &dump);
        searched += 1;
    }
    for process in installation.processes() {
        let output = installation.process(process).output();
        search(&format!("what rectify {process} says"), output.as_bytes());
        searched += 1;
    }
    assert!(searched > 3, "{searched} places are not all");
}

/// Backs everything up, alone and with the keys apart, and searches what is written. Attachments are in it, sealed.
async fn is_in_no_backup(bed: &Bed, attachments: &[&str]) {
    let target = rectify_tests::folder();
    let path = |name: &str| target.path().join(name).display().to_string();
    bed.installation.tool(&["backup", &path("alone")]).await;
    bed.installation.tool(&["backup", &path("log"), "--keys", &path("keys")]).await;
    let mut searched = 0;
    for name in ["alone", "log", "keys"] {
        search_folder(&target.path().join(name), &mut searched);
    }
    assert!(searched > 10, "{searched} files are no backups");
    for digest in attachments {
        let sealed = target.path().join("alone/evidence").join(&digest[..2]).join(digest);
        assert!(std::fs::metadata(sealed).unwrap().len() > 0);
    }
    let keys = std::fs::read_to_string(target.path().join("keys/keys.jsonl")).unwrap();
    assert!(keys.contains("data_keys") && keys.contains("attachments"), "the keys are there, and nothing in clear");
}

fn search_folder(folder: &Path, searched: &mut usize) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search_folder(&path, searched);
        } else if let Ok(bytes) = std::fs::read(&path) {
            // What goes away while it is looked at is looked at the next time.
            search(&path.display().to_string(), &bytes);
            assert!(!bytes.starts_with(b"PK"), "{} is a workbook: what is in it is not searched", path.display());
            *searched += 1;
        }
    }
}

#[track_caller]
fn search(place: &str, bytes: &[u8]) {
    for planted in PLANTED {
        let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
        assert!(!found, "{planted} is in {place}");
    }
}
