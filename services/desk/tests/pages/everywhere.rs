//! What holds of every page: who may see it, what keeps others out, both languages.

use std::path::Path;

use axum::http::{Method, StatusCode};

use crate::browser::Browser;
use crate::client::Answer;
use crate::office::{ADMINISTRATOR, COUNTY_OFFICER, HANDLER, OFFICER, Office, SOURCE, WATER, finding, id};

/// Returns the addresses that only administrators reach, as the code has them, with the methods that each takes.
fn administered() -> Vec<(Method, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages/admin");
    let mut routes = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(file).unwrap();
        for route in text.split(".route(\"").skip(1) {
            let (path, rest) = route.split_once('"').unwrap();
            let methods = &rest[..rest.find('\n').unwrap_or(rest.len())];
            let path =
                path.replace("{unit}", &id(WATER)).replace("{person}", &id(HANDLER)).replace("{petition}", &id(999));
            if methods.contains("get(") {
                routes.push((Method::GET, path.clone()));
            }
            if methods.contains("post(") {
                routes.push((Method::POST, path));
            }
        }
    }
    assert!(routes.len() > 15 && routes.iter().all(|(_, path)| !path.contains('{')), "{routes:?}");
    routes
}

#[tokio::test]
async fn whoever_is_no_administrator_gets_nowhere_there() {
    let office = Office::open().await;
    for person in [OFFICER, COUNTY_OFFICER, HANDLER] {
        let mut browser = office.signed_in(person).await;
        let page = browser.page("/account").await;
        assert!(!page.text().contains("href=\"/admin/people\""));
        let csrf = page.form("/sign-out").value("csrf").unwrap().to_owned();
        for (method, path) in administered() {
            let answer = if method == Method::GET {
                browser.get(&path).await
            } else {
                browser.post(&path, format!("csrf={csrf}&key=k")).await
            };
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
            assert!(answer.text().contains("只有管理员可以办理。"), "{method} {path}");
        }
    }
    let mut nobody = office.browser();
    for (method, path) in administered() {
        if method == Method::GET {
            assert!(nobody.get(&path).await.leads_to().starts_with("/sign-in?next="));
        } else {
            assert_eq!(nobody.post(&path, String::new()).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_not_ours_is_not_taken() {
    let office = Office::open().await;
    let mut admin = office.signed_in(ADMINISTRATOR).await;
    let others = office.signed_in(OFFICER).await.page("/account").await.form("/sign-out");
    let foreign = others.value("csrf").unwrap();
    let mut posted: Vec<String> =
        administered().into_iter().filter(|(method, _)| method == Method::POST).map(|(_, path)| path).collect();
    let own = ["password", "sign-out-everywhere", "act-for", "delegations", "delegations/end"];
    posted.extend(own.map(|rest| format!("/account/{rest}")));
    posted.push("/sign-out".to_owned());
    for path in posted {
        for body in ["name=x&key=k".to_owned(), format!("csrf={foreign}&key=k"), "csrf=&key=k".to_owned()] {
            let answer = admin.post(&path, body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            assert!(answer.text().contains("请求不是从本系统的页面发出的"), "{path}");
        }
    }
    admin.page("/admin/people").await;
}

/// Returns the addresses of the pages that somebody sees.
fn pages_of(person: u128, case: &str) -> Vec<String> {
    let mut pages: Vec<String> = [
        "/ledger",
        "/ledger?text=x&stage=assigned",
        "/overview",
        "/signals",
        "/paths",
        "/paths?path=discovered&all=true",
        "/account",
        "/nothing",
        "/fill-in",
        "/forms",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.extend(["/ledger?at_position=1", "/overview?at_position=1"].map(str::to_owned));
    let acts = ["register", "assign", "dismiss", "add_note", "split", "correct", "change_deadline", "name_subjects"];
    pages.extend(
        acts.iter()
            .chain(&["link", "unlink", "corroborate", "split_off_rest", "compare"])
            .map(|act| format!("/cases/{case}/{act}")),
    );
    pages.push(format!("/cases/{case}"));
    pages.extend(["assign", "press", "list"].map(|act| format!("/ledger/together/{act}?case={case},{}", id(999))));
    pages.push("/ledger?choosing=true&columns=division,registered,pressed,stage".to_owned());
    pages.push("/admin/aside".to_owned());
    if person == ADMINISTRATOR {
        let got = administered().into_iter().filter(|(method, _)| method == Method::GET).map(|(_, path)| path);
        pages.extend(got.filter(|path| !path.ends_with("/workbook")));
    } else {
        pages.push("/".to_owned());
    }
    pages
}

#[tokio::test]
async fn every_page_is_whole_in_both_languages_and_keeps_others_out() {
    let office = Office::open().await;
    let case = office.caller(OFFICER).await.report(&finding("一", "饮水工程闲置", "623000")).await;
    let mut nobody = office.browser();
    for path in ["/sign-in", "/link/rcl_none"] {
        both_languages(&mut nobody, path).await;
    }
    for person in [OFFICER, HANDLER, ADMINISTRATOR] {
        let mut browser = office.signed_in(person).await;
        for path in pages_of(person, &case) {
            both_languages(&mut browser, &path).await;
        }
    }
}

#[tokio::test]
async fn whoever_no_case_waits_for_begins_elsewhere() {
    let office = Office::open().await;
    for (person, first) in [(ADMINISTRATOR, "/admin/units"), (SOURCE, "/overview")] {
        let mut browser = office.signed_in(person).await;
        assert_eq!(browser.get("/").await.leads_to(), first);
        assert!(!browser.page(first).await.text().contains("我的待办"));
    }
    assert!(office.signed_in(HANDLER).await.page("/").await.text().contains("我的待办"));
}

/// Checks that a page is whole in both languages and keeps others out.
pub async fn both_languages(browser: &mut Browser, path: &str) {
    let chinese = browser.get(path).await;
    let english = browser.in_english().get(path).await;
    for (answer, tag) in [(&chinese, "zh-CN"), (&english, "en")] {
        let text = answer.text();
        assert!(text.contains(&format!("<html lang=\"{tag}\">")), "{path}: {} {text}", answer.status);
        keeps_others_out(answer, path);
        for word in words(&text) {
            assert!(!looks_like_a_name(word), "{path} in {tag} says {word}");
        }
        assert!(!text.contains("style=\"") && !text.contains("onclick"), "{path}");
    }
    assert_eq!(chinese.status, english.status, "{path}");
}

#[track_caller]
fn keeps_others_out(answer: &Answer, path: &str) {
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
    assert!(!policy.contains("unsafe"), "{path}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.headers[name], value, "{path}");
    }
}

/// Returns the words of a page that people read: what stands between tags, and what some attributes say.
fn words(text: &str) -> Vec<&str> {
    let mut said = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, after) = part.split_once('>').unwrap_or((part, ""));
        said.push(after);
        for name in ["aria-label", "placeholder", "title"] {
            said.extend(tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next()));
        }
    }
    let parts =
        said.into_iter().flat_map(|text| text.split(|c: char| c.is_whitespace() || "（）：，。、/·".contains(c)));
    parts.filter(|word| !word.is_empty()).collect()
}

/// Returns whether a word looks like a name of something that is said, such as `nav-units`.
fn looks_like_a_name(word: &str) -> bool {
    /// English words of this form.
    const WORDS: [&str; 3] = ["look-back", "co-responsible", "follow-up"];
    word.contains('-')
        && word.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !WORDS.contains(&word)
}
