//! Handing in from a page: looked at first, taken when it is confirmed, and nobody else's business.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use rectify_case::directory::Intake;
use rectify_case::finding::{AuditDetails, Details};
use rectify_case::{Command, Finding, Happened};
use rectify_desk::{Imports, router};
use rectify_intake::{Basics, Column, Context, Document, Door, Fault, Findings, Kind, Need, Way};
use rectify_kit::act::{Ask, act, case_of};
use serde::{Deserialize, Serialize};

use crate::browser::{Browser, Form, PASSWORD};
use crate::client::Answer;
use crate::everywhere::both_languages;
use crate::office::{ADMINISTRATOR, COUNTY_OFFICER, HANDLER, OFFICER, Office, SECOND_OFFICER, SOURCE};

/// A problem of a list, as an intake would read it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Problem {
    item: Option<String>,
    text: Option<String>,
    division: Option<String>,
    discovered: Option<Happened>,
    place: Option<String>,
    issuing_body: Option<String>,
    document: Option<String>,
}

impl Document for Problem {
    const INTAKE: Intake = Intake::Audit;
    const SOURCE: Option<&'static str> = Some("audit");
    const SEVERAL: Option<&'static str> = Some("text");

    fn columns() -> Vec<Column> {
        vec![
            Column::new("item", &["序号"], Kind::Text),
            Column::new("text", &["具体问题"], Kind::Text).needed(Need::Always),
            Column::new("division", &["涉及县市"], Kind::Text).needed(Need::UnlessGiven),
            Column::new("discovered", &["反馈日期"], Kind::Moment).needed(Need::UnlessGiven),
            Column::new("place", &["地点"], Kind::Text),
            Column::new("issuing_body", &["审计机关"], Kind::Text).needed(Need::UnlessGiven),
            Column::new("document", &["文号"], Kind::Text).needed(Need::UnlessGiven),
        ]
    }

    fn item(&mut self) -> &mut Option<String> {
        &mut self.item
    }

    fn into_finding(self, context: &mut Context<'_>) -> Result<Finding, Fault> {
        let Problem { item, text, division, discovered, place, issuing_body, document } = self;
        let basics = Basics { item, text, division, discovered, place, issuing_body, document, ..Basics::default() };
        let details =
            AuditDetails { rule_broken: None, repeats: Vec::new(), corrective_action: None, disagreement: None };
        context.finding::<Problem>(basics, Details::Audit(details))
    }
}

const LIST: &str = "序号,具体问题,涉及县市,反馈日期\n\
    1,管网冻裂，群众用水困难,舟曲县,2020-04-15\n\
    2,水质未检测,火星,2020-04-15\n\
    3,水费偏高,舟曲县,2020-04-15\n";

/// Opens an office whose pages take lists, with somebody who registers what comes.
async fn office() -> Office {
    taking_lists(Office::open().await).await
}

/// Has the pages of an office take lists, and somebody register what comes.
pub async fn taking_lists(mut office: Office) -> Office {
    let frame = office.desk.frame.clone();
    let door = Door {
        bus: frame.bus.clone(),
        accounts: office.desk.accounts.clone(),
        directory: frame.directory.clone(),
        clock: frame.log.clock(),
        zone: frame.config.zone,
        keys: None,
        store: None,
        remembered: None,
    };
    let lists: Arc<dyn Way> = Arc::new(Findings::<Problem>::through(door));
    office.desk.imports = Imports::by(frame.bus.clone(), vec![lists]);
    office.routes = router(office.desk.clone());
    let mut queue = frame.bus.findings().await.unwrap();
    tokio::spawn(async move {
        while let Ok(delivery) = queue.next().await {
            let submission = delivery.submission.clone();
            let (case, key) = (case_of(&submission.finding), format!("finding:{}", submission.finding.id()));
            let (finding, who) = (Box::new(submission.finding), submission.sender.into());
            let ask = |command, key| Ask { case, command, who, key, seen: None, late: None, received: None };
            if act(&frame, &ask(Command::Report { finding: finding.clone() }, Some(key))).await.is_err() {
                let _ = act(&frame, &ask(Command::Amend { finding }, None)).await;
            }
            delivery.ack().await.unwrap();
        }
    });
    office
}

/// Returns the form of the page, filled in.
async fn form(browser: &mut Browser) -> Form {
    let form = browser.page("/import").await.form("/import");
    form.with("kind", "audit").with("issuing_body", "甘肃省审计厅").with("document", "甘审报〔2020〕12号")
}

/// Brings a file, and returns where its page is.
async fn bring(browser: &mut Browser, text: &str) -> String {
    let form = form(browser).await;
    let answer = browser.submit_with(&form, "files", &[("清单.csv", text.as_bytes())]).await;
    answer.leads_to().to_owned()
}

/// Waits until a page is done with its work.
async fn done(browser: &mut Browser, path: &str) -> Answer {
    for _ in 0..600 {
        let page = browser.page(path).await;
        if !page.text().contains("data-progress") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the work at {path} does not end");
}

async fn take(browser: &mut Browser, path: &str) -> Answer {
    let form = done(browser, path).await.form(&format!("{path}/take"));
    assert_eq!(browser.submit(&form).await.leads_to(), path);
    done(browser, path).await
}

/// Returns how many rows a page counts under a name.
fn count(page: &Answer, said: &str) -> Option<usize> {
    let text = page.text();
    let before = &text[..text.find(&format!("</b>{said}</div>"))?];
    before[before.rfind('>')? + 1..].parse().ok()
}

#[tokio::test]
async fn a_list_with_one_bad_row_is_looked_at_confirmed_and_taken() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    assert!(officer.page("/account").await.text().contains("href=\"/import\""));
    let path = bring(&mut officer, LIST).await;
    let page = done(&mut officer, &path).await;
    let text = page.text();
    assert_eq!((count(&page, "新事项"), count(&page, "有误，不能接收")), (Some(2), Some(1)));
    for said in ["清单.csv 第 3 行", "涉及县市", "火星", "管网冻裂，群众用水困难"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Nothing is written yet.
    assert!(officer.page("/ledger").await.text().contains("还没有事项"));

    let page = take(&mut officer, &path).await;
    assert_eq!((count(&page, "已接收"), count(&page, "有误，不能接收")), (Some(2), Some(1)));
    let workbook = officer.get(&format!("{path}/errors")).await;
    assert_eq!(workbook.status, StatusCode::OK);
    assert!(workbook.bytes.starts_with(b"PK"));
    assert_eq!(workbook.headers[header::CACHE_CONTROL], "no-store");
    let named = workbook.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(named.ends_with("UTF-8''%E6%B8%85%E5%8D%95%EF%BC%88%E6%9C%89%E8%AF%AF%EF%BC%89.xlsx"), "{named}");

    // The same once more is nothing new; what has changed, and what is gone, is told.
    let path = bring(&mut officer, LIST).await;
    let page = done(&mut officer, &path).await;
    assert_eq!((count(&page, "新事项"), count(&page, "台账中已有，不重复登记")), (None, Some(2)));
    assert!(page.text().contains("没有需要导入的新内容。") && !page.text().contains(&format!("{path}/take")));
    let other = "序号,具体问题,涉及县市,反馈日期\n1,管网冻裂，群众用水困难，已停水,舟曲县,2020-04-15\n";
    let path = bring(&mut officer, other).await;
    let page = done(&mut officer, &path).await;
    assert_eq!((count(&page, "内容有变更"), count(&page, "上次有、这次没有")), (Some(1), Some(1)));
    both_languages(&mut officer, &path).await;
    take(&mut officer, &path).await;
    both_languages(&mut officer, &path).await;
}

#[tokio::test]
async fn columns_that_nobody_knows_are_mapped_once_and_remembered_until_they_are_forgotten() {
    let foreign = "条目,主要表现,县,发现时\n1,管网冻裂，群众用水困难,舟曲县,2020-04-15\n";
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    let path = bring(&mut officer, foreign).await;
    let page = officer.page(&path).await;
    assert!(page.text().contains("没有可识别的表头") && page.text().contains("管网冻裂"));
    both_languages(&mut officer, &path).await;
    let columns = format!("{path}/columns");
    let mapped = ["item", "text", "division", "discovered"];
    let fill = |form: Form| (0..4).fold(form, |form, at| form.with(&format!("column.{at}"), mapped[at]));
    // Twice the same is said, and what was chosen stays.
    let twice = fill(page.form(&columns)).with("column.0", "text");
    assert_eq!(officer.submit(&twice).await.leads_to(), path);
    let page = officer.page(&path).await;
    assert!(page.text().contains("“具体问题”出现两次"), "{}", page.text());
    assert_eq!(page.form(&columns).value("column.2"), Some("division"));
    assert_eq!(officer.submit(&fill(page.form(&columns))).await.leads_to(), path);
    assert_eq!(count(&done(&mut officer, &path).await, "新事项"), Some(1));
    assert_eq!(count(&take(&mut officer, &path).await, "已接收"), Some(1));

    let mut colleague = office.signed_in(SECOND_OFFICER).await;
    let path = bring(&mut colleague, foreign).await;
    assert_eq!(count(&done(&mut colleague, &path).await, "台账中已有，不重复登记"), Some(1));
    let page = colleague.page("/import").await;
    assert!(page.text().contains("条目、主要表现、县、发现时") && page.text().contains(&path));
    both_languages(&mut colleague, "/import").await;
    assert_eq!(colleague.submit(&page.form("/import/mappings/forget")).await.leads_to(), "/import");
    assert!(!colleague.page("/import").await.text().contains("主要表现"));
    let path = bring(&mut colleague, foreign).await;
    assert!(colleague.page(&path).await.text().contains("没有可识别的表头"));
}

#[tokio::test]
async fn several_problems_in_one_cell_are_split_when_somebody_says_so() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    let list = "序号,具体问题,涉及县市,反馈日期\n1,①管网冻裂一处；②水费偏高一倍,舟曲县,2020-04-15\n";
    let path = bring(&mut officer, list).await;
    let page = done(&mut officer, &path).await;
    assert!(page.text().contains("一格多个问题") && page.text().contains("<li>水费偏高一倍</li>"));
    assert_eq!(count(&page, "新事项"), Some(1));
    let form = page.form(&format!("{path}/split")).with("split", "items").with("item", "1");
    assert_eq!(officer.submit(&form).await.leads_to(), path);
    assert_eq!(count(&done(&mut officer, &path).await, "新事项"), Some(2));
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_said_at_its_field() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    let form = form(&mut officer).await;
    let sent = async |officer: &mut Browser, form: &Form, name: &str, bytes: &[u8]| {
        let answer = officer.submit_with(form, "files", &[(name, bytes)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        answer
    };
    let old = sent(&mut officer, &form, "旧.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").await;
    assert!(old.text().contains("id=\"files-wrong\"") && old.text().contains("请重新选择文件。"), "{}", old.text());
    assert_eq!(old.form("/import").value("document"), Some("甘审报〔2020〕12号"));
    let picture = sent(&mut officer, &form, "清单.xlsx", b"\x89PNG\r\n\x1a\nnothing of a workbook").await;
    assert!(picture.text().contains("id=\"files-wrong\""));
    let none = officer.submit_with(&form, "files", &[("", b"")]).await;
    assert!(none.text().contains("请选择文件。"));
    let wrong = form.clone().with("division", "火星").with("kind", "audit");
    assert!(sent(&mut officer, &wrong, "清单.csv", LIST.as_bytes()).await.text().contains("id=\"division-wrong\""));
    let wrong = form.clone().with("year", "二〇");
    assert!(sent(&mut officer, &wrong, "清单.csv", LIST.as_bytes()).await.text().contains("id=\"year-wrong\""));
    let wrong = form.clone().with("kind", "ledger");
    assert!(sent(&mut officer, &wrong, "清单.csv", LIST.as_bytes()).await.text().contains("id=\"kind-wrong\""));
    let large = vec![b'x'; (64 << 20) + (1 << 20) + 1];
    let large = officer.submit_with(&form, "files", &[("清单.csv", &large)]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.text().contains("内容超出允许的大小。"));
}

#[tokio::test]
async fn only_who_may_hand_in_imports_and_only_by_a_form_of_ours() {
    let office = office().await;
    let mut source = office.signed_in(SOURCE).await;
    assert_eq!(source.page("/import").await.form("/import").action, "/import");
    for person in [HANDLER, ADMINISTRATOR] {
        let mut other = office.signed_in(person).await;
        assert!(!other.page("/account").await.text().contains("href=\"/import\""));
        let page = other.get("/import").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text().contains("只有来源系统和整改办经办人可以导入。"));
        let csrf = other.page("/account").await.form("/sign-out").value("csrf").unwrap().to_owned();
        let form = Form { action: "/import".to_owned(), fields: vec![("csrf".to_owned(), csrf)] };
        let answer = other.submit_with(&form.with("kind", "audit"), "files", &[("清单.csv", LIST.as_bytes())]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let mut officer = office.signed_in(OFFICER).await;
    let form = form(&mut officer).await;
    let foreign = source.page("/import").await.form("/import").value("csrf").unwrap().to_owned();
    let foreign = form.clone().with("csrf", &foreign);
    let answer = officer.submit_with(&foreign, "files", &[("清单.csv", LIST.as_bytes())]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    // Whoever's session has ended is asked to sign in, and keeps what was typed but for the files.
    officer.forget();
    let asked = officer.submit_with(&form, "files", &[("清单.csv", LIST.as_bytes())]).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    let form = asked.form("/sign-in").with("login", &format!("person{OFFICER}"));
    let back = officer.submit(&form.with("password", PASSWORD)).await;
    let shown = officer.submit(&back.form("/import")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert_eq!(shown.form("/import").value("document"), Some("甘审报〔2020〕12号"));
    assert!(shown.text().contains("请重新选择文件。") && !shown.text().contains("-wrong\""));
}

#[tokio::test]
async fn what_somebody_brought_is_nobody_elses() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    let path = bring(&mut officer, LIST).await;
    let page = done(&mut officer, &path).await;
    let mut other = office.signed_in(SECOND_OFFICER).await;
    let csrf = other.page("/account").await.form("/sign-out").value("csrf").unwrap().to_owned();
    for rest in ["", "/errors", "/progress"] {
        let answer = other.get(&format!("{path}{rest}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{rest}");
        assert!(!answer.text().contains("清单.csv"));
    }
    let seen = page.form(&format!("{path}/take")).value("seen").unwrap().to_owned();
    for act in ["take", "drop", "split", "columns", "check"] {
        let answer = other.post(&format!("{path}/{act}"), format!("csrf={csrf}&seen={seen}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{act}");
    }
    // Nor is it of the same person in another session.
    let mut again = office.browser();
    again.sign_in(&format!("person{OFFICER}"), PASSWORD).await.leads_to();
    assert_eq!(again.get(&path).await.status, StatusCode::NOT_FOUND);
    // What was not seen is not confirmed.
    let stale = page.form(&format!("{path}/take")).with("seen", "nonsense");
    assert_eq!(officer.submit(&stale).await.leads_to(), path);
    assert!(officer.page(&path).await.text().contains("核对结果"));
    assert_eq!(officer.submit(&page.form(&format!("{path}/drop"))).await.leads_to(), "/import");
    assert_eq!(officer.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_kept_from_somebody_is_not_told_by_a_file_of_theirs() {
    let office = office().await;
    let list = "序号,具体问题,涉及县市,反馈日期\n7,水费偏高一倍，群众反映强烈,623000,2020-04-15\n";
    let mut officer = office.signed_in(OFFICER).await;
    let path = bring(&mut officer, list).await;
    take(&mut officer, &path).await;
    let path = bring(&mut officer, list).await;
    assert_eq!(count(&done(&mut officer, &path).await, "台账中已有，不重复登记"), Some(1));
    let mut county = office.signed_in(COUNTY_OFFICER).await;
    let path = bring(&mut county, list).await;
    let page = done(&mut county, &path).await;
    assert_eq!((count(&page, "新事项"), count(&page, "台账中已有，不重复登记")), (Some(1), None));
    assert!(!page.text().contains("/cases/"));
    let gone = "序号,具体问题,涉及县市,反馈日期\n8,水质未检测,623000,2020-04-15\n";
    let path = bring(&mut county, gone).await;
    assert_eq!(count(&done(&mut county, &path).await, "上次有、这次没有"), None);
    let path = bring(&mut officer, gone).await;
    assert_eq!(count(&done(&mut officer, &path).await, "上次有、这次没有"), Some(1));
}

#[tokio::test]
async fn nothing_of_what_was_brought_is_on_disk_before_it_is_taken() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    let path = bring(&mut officer, LIST).await;
    done(&mut officer, &path).await;
    let mut folders = vec![office.folder.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let needle = "群众用水困难".as_bytes();
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", path.display());
        }
    }
    assert!(files > 0);
}

#[tokio::test]
async fn an_open_page_is_told_how_far_the_work_is_and_when_it_is_done() {
    let office = office().await;
    let mut officer = office.signed_in(OFFICER).await;
    let path = bring(&mut officer, LIST).await;
    done(&mut officer, &path).await;
    let told = officer.get(&format!("{path}/progress")).await;
    assert!(told.text().contains("event: done"), "{}", told.text());
}
