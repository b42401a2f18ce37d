//! Every route that names a case, asked by everybody of every case: whoever may not see a case is answered as if it were not there.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use rectify_case::{CaseId, PersonId};
use rectify_kit::act::{Who, load};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Answer, Caller, fresh_key};
use crate::office::{
    COUNTY, OFFICER, Office, PEOPLE, PREFECTURE_OFFICE, SOURCE, WATER, accusation, assignment, finding, id,
};

/// A request that names a case, in `{case}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    method: String,
    path: String,
}

impl Asked {
    fn of(&self, case: &str) -> String {
        self.path.replace("{case}", case)
    }
}

/// What the API says it has.
struct Described(Value);

impl Described {
    async fn of(office: &Office) -> Described {
        Described(office.stranger().get("/api/openapi.json").await.good())
    }

    /// Returns every request that names a case, and a file of it where it names one.
    fn naming_cases(&self, digest: &str) -> Vec<Asked> {
        let asked = |(path, item): (&String, &Value)| {
            let path = path.replace("{digest}", digest);
            let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
            methods.into_iter().map(move |method| Asked { method, path: path.clone() }).collect::<Vec<_>>()
        };
        let paths = self.0["paths"].as_object().unwrap().iter();
        paths.filter(|(path, _)| path.contains("{case}")).flat_map(asked).collect()
    }

    /// Returns the acts that a case has.
    fn acts(&self) -> BTreeSet<String> {
        let posted = self.naming_cases("").into_iter().filter(|asked| asked.method == "post");
        posted.filter_map(|asked| asked.path.strip_prefix("/api/cases/{case}/").map(str::to_owned)).collect()
    }

    /// Checks that an answer is one of those that are told of.
    #[track_caller]
    fn tells_of(&self, asked: &Asked, digest: &str, answer: &Answer) {
        let path = asked.path.replace(digest, "{digest}");
        let told = &self.0["paths"][&path][&asked.method]["responses"];
        assert!(told.get(answer.status.as_str()).is_some(), "{asked:?} answers {}, and tells of {told}", answer.status);
    }
}

/// Returns the addresses of pages that name a case, as the code has them.
fn pages_naming_cases(digest: &str, acts: &BTreeSet<String>) -> BTreeSet<Asked> {
    let mut pages = BTreeSet::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages");
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(file).unwrap();
        for route in text.split(".route(\"").skip(1) {
            let (path, rest) = route.split_once('"').unwrap();
            let methods = &rest[..rest.find('\n').unwrap_or(rest.len())];
            let path = path.replace("{digest}", digest);
            for method in ["get", "post"].iter().filter(|method| methods.contains(&format!("{method}("))) {
                let asked = |path: String| Asked { method: (*method).to_owned(), path };
                if path.contains("{command}") {
                    pages.extend(acts.iter().map(|act| asked(path.replace("{command}", act))));
                } else if path.contains("{case}") {
                    pages.insert(asked(path.clone()));
                }
            }
        }
    }
    assert!(pages.len() > 70 && pages.iter().all(|asked| asked.path.matches('{').count() == 1), "{pages:?}");
    pages
}

/// The cases that are there: of the prefecture's department, of a county, and an accusation against that county, each with a file.
async fn cases(office: &Office) -> (Vec<String>, String) {
    let officer = office.caller(OFFICER).await;
    let mut cases = Vec::new();
    for finding in [
        finding("一", "饮水工程改造闲置", "623000"),
        finding("二", "危房改造进度迟缓", "623023"),
        accusation("三", "虚报危房改造户数", "623023", COUNTY),
    ] {
        cases.push(officer.report(&finding).await);
    }
    let mut digest = String::new();
    for case in &cases {
        officer.ask(case, "register", &json!({})).await.good();
        let evidence = officer.upload(case, "现场.txt", "已到现场").await.good();
        evidence["digest"].as_str().unwrap().clone_into(&mut digest);
        let file = json!({ "unit": id(PREFECTURE_OFFICE), "evidence": evidence });
        officer.ask(case, "file_evidence", &file).await.good();
    }
    officer.ask(&cases[0], "assign", &assignment(WATER)).await.good();
    (cases, digest)
}

/// Returns whether the permission says that a person sees a case.
async fn sees(office: &Office, person: u128, case: &str) -> bool {
    let frame = &office.desk.frame;
    let (directory, _) = frame.directory.get();
    let who = Who { person: PersonId(Uuid::from_u128(person)), on_behalf_of: None, unit: None, role: None };
    let (case, _) = load(&frame.log, CaseId(case.parse().unwrap())).await.unwrap();
    who.sees(&case, &directory, frame.clock.now())
}

async fn ask(caller: &Caller, method: &str, path: &str) -> Answer {
    let method: Method = method.to_uppercase().parse().unwrap();
    if method == Method::GET {
        return caller.send(method, path, &[], Body::empty()).await;
    }
    let key = fresh_key();
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
    caller.send(method, path, &headers, "{}".into()).await
}

#[tokio::test]
async fn every_route_of_the_api_answers_everybody_of_every_case_as_the_permission_says() {
    let office = Office::open().await;
    let (cases, digest) = cases(&office).await;
    let described = Described::of(&office).await;
    let (mut shown, mut hidden) = (0, 0);
    for (person, name, ..) in PEOPLE {
        let caller = office.caller(*person).await;
        for asked in described.naming_cases(&digest) {
            let absent = ask(&caller, &asked.method, &asked.of(&id(999))).await;
            for case in &cases {
                // A source hands in more about what it may not see.
                if asked.method == "post" && *person == SOURCE {
                    continue;
                }
                let answer = ask(&caller, &asked.method, &asked.of(case)).await;
                described.tells_of(&asked, &digest, &answer);
                assert!(!answer.status.is_server_error(), "{asked:?}");
                if sees(&office, *person, case).await {
                    shown += 1;
                    let gone = answer.status == 404 && answer.json()["code"] == "no_such_case";
                    assert!(!gone, "{name} sees {case}: {asked:?}");
                } else {
                    hidden += 1;
                    let (told, same) = ((answer.status, &answer.bytes), (absent.status, &absent.bytes));
                    assert_eq!(told, same, "{name} does not see {case}: {asked:?}");
                }
            }
        }
    }
    assert!(shown > 500 && hidden > 500, "{shown} shown, {hidden} hidden");
}

#[tokio::test]
async fn every_page_answers_everybody_of_every_case_as_the_permission_says() {
    let office = Office::open().await;
    let (cases, digest) = cases(&office).await;
    let acts = Described::of(&office).await.acts();
    let (mut shown, mut hidden) = (0, 0);
    for (person, name, ..) in PEOPLE {
        let mut browser = office.signed_in(*person).await;
        let csrf = browser.page("/account").await.form("/sign-out").value("csrf").unwrap().to_owned();
        for asked in pages_naming_cases(&digest, &acts) {
            let mut answer = async |case: &str| {
                if asked.method == "get" {
                    browser.get(&asked.of(case)).await
                } else {
                    browser.post(&asked.of(case), format!("csrf={csrf}&key={}&version=1", fresh_key())).await
                }
            };
            for case in &cases {
                let told = answer(case).await;
                assert!(!told.status.is_server_error(), "{name}: {asked:?}");
                if sees(&office, *person, case).await {
                    shown += 1;
                    let gone = told.status == StatusCode::NOT_FOUND;
                    assert!(!gone || may_have_no_page(&asked), "{name} sees {case}: {asked:?}");
                } else {
                    hidden += 1;
                    let absent = answer(&id(999)).await;
                    let same = (absent.status, without_position(&absent.text().replace(&id(999), case)));
                    let told = (told.status, without_position(&told.text()));
                    assert_eq!(told, same, "{name} does not see {case}: {asked:?}");
                }
            }
        }
    }
    assert!(shown > 500 && hidden > 500, "{shown} shown, {hidden} hidden");
}

/// Returns a page without how far the log goes, which it tells everybody: what somebody saw before may be on record only now.
fn without_position(page: &str) -> String {
    let (before, after) = page.split_once(" data-live=\"").unwrap_or((page, ""));
    before.to_owned() + after.trim_start_matches(|c: char| c.is_ascii_digit())
}

/// Returns whether there may be no page of a case that is there: of an act that only programs ask for, or of what no petition has.
fn may_have_no_page(asked: &Asked) -> bool {
    asked.path != "/cases/{case}" && !asked.path.contains("/evidence/")
}

#[tokio::test]
async fn every_list_has_just_the_cases_that_the_permission_shows() {
    let office = Office::open().await;
    let (cases, _) = cases(&office).await;
    office.indexed().await;
    for (person, name, ..) in PEOPLE {
        let mut expected = BTreeSet::new();
        for case in &cases {
            if sees(&office, *person, case).await {
                expected.insert(case.clone());
            }
        }
        let caller = office.caller(*person).await;
        // Each of these finds all of them.
        for query in ["", "&text=改造", "&division=623000", "&stage=registered,assigned"] {
            let page = caller.get(&format!("/api/cases?total=true{query}")).await.good();
            let rows = page["rows"].as_array().unwrap();
            let listed: BTreeSet<String> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(listed, expected, "{name}: {query}");
            assert_eq!(page["total"], expected.len(), "{name}: {query}");
        }
        assert_eq!(caller.get("/api/counts").await.good()["total"], expected.len(), "{name}");
        assert_eq!(caller.get("/api/overview").await.good()["counts"]["total"], expected.len(), "{name}");
        let waiting = caller.get("/api/waiting").await.good();
        let rows = waiting["cases"]["rows"].as_array().unwrap();
        assert_eq!(waiting["counts"]["all"]["cases"], rows.len(), "{name}");
        assert!(rows.iter().all(|row| expected.contains(row["id"].as_str().unwrap())), "{name}");
        let mut browser = office.signed_in(*person).await;
        for path in ["/ledger", "/overview", "/"] {
            let text = browser.get(path).await.text();
            for case in cases.iter().filter(|case| !expected.contains(*case)) {
                assert!(!text.contains(case.as_str()), "{name}: {path}");
            }
        }
    }
}
