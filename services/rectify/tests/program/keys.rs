//! `rectify keys rotate`: another key of the office, also where it was cut off.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use rectify_tests::program::Program;
use rectify_tests::{free_port, until};

use crate::office::Office;

const LETTERS: &str = "编号,来信时间,姓名,反映内容,信访类别,涉及县市\n\
                       7-201,2020-04-20,杨才让,低保一直没有复核,申诉求决,甘南州\n";

/// An office with a petition.
async fn office() -> Office {
    let office = Office::small().await;
    office.does(&["keys", "new"]).await;
    let letters = office.file("信访件.csv", LETTERS);
    let said = office.does(&["import", "petition", &letters, "--as", "马经办"]).await;
    assert!(said.contains("接收 1"), "{said}");
    office
}

/// Returns the public key, as it is shown.
async fn public(office: &Office) -> String {
    let shown = office.does(&["keys", "show"]).await;
    shown.split_whitespace().find(|word| word.len() == 64).unwrap().to_owned()
}

fn key(office: &Office, ending: &str) -> String {
    office.path(&format!("data/keys/office.key{ending}"))
}

#[tokio::test]
async fn the_office_gets_another_key_and_keeps_the_one_before_aside() {
    let office = office().await;
    let (first, before) = (public(&office).await, fs::read(key(&office, "")).unwrap());
    let said = office.does(&["keys", "rotate"]).await;
    assert!(said.contains("1 data keys were wrapped to another key") && said.contains("office.key.earlier"), "{said}");
    assert_ne!(public(&office).await, first);
    assert_eq!(fs::read(key(&office, ".earlier")).unwrap(), before);
    assert!(!fs::exists(key(&office, ".next")).unwrap() && !fs::exists(key(&office, ".written")).unwrap());
    let shown = office.does(&["keys", "show"]).await;
    assert!(!shown.contains("another office") && shown.contains("sealed      1"), "{shown}");

    let doctor = async || office.asks(&["doctor"]).await.out;
    assert!(!doctor().await.contains("delete"));
    let long_ago = SystemTime::now() - Duration::from_hours(31 * 24);
    File::options().write(true).open(key(&office, "")).unwrap().set_modified(long_ago).unwrap();
    assert!(doctor().await.contains("office.key.earlier, and every backup"), "{}", doctor().await);

    let kept = office.cannot(&["keys", "rotate"]).await;
    assert!(kept.contains("office.key.earlier: delete it"), "{kept}");
    fs::remove_file(key(&office, ".earlier")).unwrap();
    office.does(&["keys", "rotate"]).await;

    fs::rename(key(&office, ""), key(&office, ".elsewhere")).unwrap();
    let doctor = doctor().await;
    assert!(
        doctor.contains("the office's private key is not here") && doctor.contains("office.key, where"),
        "{doctor}"
    );
}

#[tokio::test]
async fn cut_off_before_the_key_store_has_the_new_key_it_is_used_when_asked_again() {
    let office = office().await;
    let first = public(&office).await;
    // As it is left by a process that was killed while it wrote, and by one that was killed after that.
    fs::write(key(&office, ".written"), "half a fi").unwrap();
    office.does(&["keys", "rotate"]).await;
    let second = public(&office).await;
    fs::rename(key(&office, ""), key(&office, ".next")).unwrap();
    fs::rename(key(&office, ".earlier"), key(&office, "")).unwrap();
    let next = fs::read(key(&office, ".next")).unwrap();
    assert_ne!(first, second);
    // The key store has the second by now: only the files are left to change.
    let said = office.does(&["keys", "rotate"]).await;
    assert!(said.contains("what was cut off before is finished"), "{said}");
    assert_eq!(fs::read(key(&office, "")).unwrap(), next);
    assert!(fs::exists(key(&office, ".earlier")).unwrap());
    assert_eq!(public(&office).await, second);
}

#[tokio::test]
async fn a_server_says_what_to_do_where_a_rotation_was_cut_off() {
    let office = office().await;
    office.does(&["keys", "rotate"]).await;
    fs::rename(key(&office, ""), key(&office, ".next")).unwrap();
    fs::rename(key(&office, ".earlier"), key(&office, "")).unwrap();
    let doctor = office.asks(&["doctor"]).await;
    assert!(doctor.out.contains("go on: `rectify keys rotate`"), "{}", doctor.out);
    let said = office.asks(&["up", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(said.code, 1);
    assert!(said.err.contains("run `rectify keys rotate` again"), "{}", said.err);
}

#[tokio::test]
async fn two_administrators_decide_about_a_petition_from_the_command_line_each_with_their_own_token() {
    let office = office().await;
    let mut tokens = Vec::new();
    for name in ["管理甲", "管理乙"] {
        office.does(&["person", "add", name, "--role", "administrator", "--unit", "甘南州"]).await;
        tokens.push(office.does(&["token", "issue", name]).await.trim().to_owned());
    }
    let handler = office.does(&["token", "issue", "马经办"]).await.trim().to_owned();
    let (listen, data) = (format!("127.0.0.1:{}", free_port()), office.path("data"));
    let up = Program::start(&["up", "--listen", &listen, "--data", &data], &[]).await;
    let url = format!("http://{listen}");
    until(Duration::from_mins(1), "the desk answers", async || {
        reqwest::get(format!("{url}/readyz")).await.is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    let events = office.does(&["replay", "events", "--kind", "finding_reported", "--json"]).await;
    let event: serde_json::Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    let petition = event["event"]["stream"].as_str().unwrap().trim_start_matches("case-").to_owned();
    let arguments = |act: &'static str, token: &str, reason: Option<&'static str>| {
        let mut all: Vec<String> =
            ["petition", act, &petition, "--url", &url, "--token", token].map(str::to_owned).into();
        all.extend(reason.iter().flat_map(|reason| ["--reason".to_owned(), (*reason).to_owned()]));
        all
    };
    let does = async |act: &'static str, token: &str, reason: Option<&'static str>| {
        let arguments = arguments(act, token, reason);
        office.does(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let cannot = async |act: &'static str, token: &str, reason: Option<&'static str>| {
        let arguments = arguments(act, token, reason);
        office.cannot(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let (one, other) = (tokens[0].as_str(), tokens[1].as_str());

    assert!(does("keys", one, None).await.contains("密钥在用"));
    let refused = cannot("propose", &handler, Some("试一试")).await;
    assert!(refused.contains("403 not_administrator"), "{refused}");
    let held = does("hold", one, Some("依法仅存储")).await;
    assert!(held.contains("限为仅存储") && held.contains("管理甲  依法仅存储"), "{held}");
    let refused = cannot("propose", one, Some("本人申请删除")).await;
    assert!(refused.contains("storage_only"), "{refused}");
    does("release", other, Some("争议已了结")).await;
    does("propose", one, Some("本人申请删除")).await;
    let refused = cannot("approve", one, None).await;
    assert!(refused.contains("second_administrator_needed"), "{refused}");
    does("decline", other, Some("材料不全")).await;
    does("propose", one, Some("本人再次申请删除")).await;
    let approved = does("approve", other, None).await;
    assert!(
        approved.contains("同意 agreed to") && approved.contains("销毁 deleted") && approved.contains("管理乙"),
        "{approved}"
    );
    let refused = cannot("hold", one, Some("太晚")).await;
    assert!(refused.contains("keys_deleted"), "{refused}");

    // Each is an event, by whose token asked.
    let kinds =
        "petition_held,petition_released,shredding_proposed,shredding_declined,shredding_approved,petition_shredded";
    let told = office.does(&["replay", "events", "--kind", kinds]).await;
    let who: Vec<bool> = told.lines().map(|line| line.contains("管理甲")).collect();
    assert_eq!(who, [true, false, true, false, true, false, false], "{told}");
    assert!(up.terminate().await.success());
}
