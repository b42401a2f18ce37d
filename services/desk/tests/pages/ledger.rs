//! The ledger as whoever looks has it: columns, views, paper, workbook.

use std::io::Cursor;

use axum::http::{StatusCode, header};
use calamine::{Data, Reader as _, Xlsx};
use serde_json::json;

use crate::browser::Browser;
use crate::client::Answer;
use crate::office::{COUNTY_OFFICER, HANDLER, OFFICER, Office, SECOND_OFFICER, WATER, assignment, finding};

/// The most bytes of a page of fifty cases.
const LARGEST_PAGE: usize = 60_000;

/// Reports and registers as many cases.
async fn with_cases(count: usize) -> Office {
    let office = Office::open().await;
    let officer = office.caller(OFFICER).await;
    for at in 1..=count {
        let case = officer.report(&finding(&at.to_string(), &format!("第{at}处饮水工程闲置"), "623000")).await;
        officer.ask(&case, "register", &json!({})).await.good();
    }
    office
}

/// Returns what stands above the columns, in order.
fn heads(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let head = &text[text.find("<thead>").unwrap()..text.find("</thead>").unwrap()];
    let cells = head.split("<th ").skip(2);
    let plain = |cell: &str| {
        let said: String = cell.split('>').skip(1).map(|part| part.split('<').next().unwrap()).collect();
        said.trim().trim_end_matches([' ', '↑', '↓']).to_owned()
    };
    cells.map(plain).collect()
}

/// Sends a form of the ledger about what a page shows.
async fn send(browser: &mut Browser, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
    let form = page.form("/ledger/views");
    let (csrf, query) = (form.value("csrf").unwrap(), form.value("query").unwrap());
    let own = [("csrf", csrf), ("query", query)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(own.iter().chain(fields)).finish();
    browser.post(action, body).await
}

#[tokio::test]
async fn everybody_has_the_columns_they_chose() {
    let office = with_cases(1).await;
    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page("/ledger").await;
    assert_eq!(heads(&page), ["编号", "问题", "来源", "牵头单位", "环节", "等级", "整改时限"]);

    let columns = [("column", "stage"), ("column", "registered"), ("column", "pressed")];
    let chosen = send(&mut browser, &page, "/ledger/columns", &columns).await;
    assert_eq!(chosen.leads_to(), "/ledger?");
    let page = browser.page("/ledger").await;
    let expected = ["编号", "问题", "环节", "登记", "催办次数", "整改时限"];
    assert_eq!(heads(&page), expected, "the deadline is always there");
    assert!(page.text().contains("<i>登记</i>2020-04-20"), "on a phone it says what it is");
    assert_eq!(heads(&office.signed_in(SECOND_OFFICER).await.page("/ledger").await).len(), 7, "others have theirs");

    // By one place, and the choice stays open.
    let moved = send(&mut browser, &page, "/ledger/columns", &[columns[0], columns[1], ("up", "registered")]).await;
    assert_eq!(moved.leads_to(), "/ledger?choosing=true");
    let page = browser.page("/ledger?choosing=true").await;
    assert_eq!(heads(&page), ["编号", "问题", "登记", "环节", "整改时限"]);
    assert!(page.text().contains("<details class=\"menu\" open>"));
    assert_eq!(page.text().matches("choosing").count(), 1, "and only the page in another language keeps it so");

    // An address says them for itself.
    let page = browser.page("/ledger?columns=lead,due,stage").await;
    assert_eq!(heads(&page), ["编号", "问题", "牵头单位", "整改时限", "环节"]);
    assert!(page.text().contains("/ledger?columns=lead%2Cdue%2Cstage&#38;sort=number"), "and the order keeps them");
    let wrong = browser.get("/ledger?columns=lead,colour").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text().contains("columns: colour"));

    send(&mut browser, &page, "/ledger/columns", &[("usual", "true")]).await.leads_to();
    assert_eq!(heads(&browser.page("/ledger").await).len(), 7);
}

#[tokio::test]
async fn a_view_is_named_changed_renamed_and_forgotten() {
    let office = with_cases(2).await;
    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page("/ledger?stage=registered&sort=-number&columns=stage,due").await;
    for (name, said) in [("", "请填写此项。"), (&*"长".repeat(31), "名称不超过 30 个字。")] {
        let refused = send(&mut browser, &page, "/ledger/views", &[("name", name)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(said));
        assert_eq!(refused.form("/ledger/views").value("name"), Some(name), "what was typed stays");
    }
    let view = send(&mut browser, &page, "/ledger/views", &[("name", "待交办")]).await.leads_to().to_owned();
    assert!(view.starts_with("/ledger?stage=registered&sort=-number&columns=stage%2Cdue&view="), "{view}");
    let id = view.rsplit('=').next().unwrap().to_owned();
    let page = browser.page(&view).await;
    assert!(page.text().contains("aria-current=\"page\">待交办</a>"));
    assert!(!page.text().contains("保存改动"), "nothing is changed yet");
    let taken = send(&mut browser, &page, "/ledger/views", &[("name", "待交办")]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.text().contains("您已有同名的视图。"));

    // Whoever comes without a question gets it once it is the default; with one, what they ask for.
    let first = format!("/ledger/views/{id}/first");
    send(&mut browser, &page, &first, &[]).await.leads_to();
    assert_eq!(browser.get("/ledger").await.leads_to(), view);
    assert_eq!(heads(&browser.page("/ledger?").await).len(), 7, "the whole ledger can still be asked for");
    browser.page("/ledger?stage=assigned").await;

    // Changed in the address, and kept.
    let changed = browser.page(&view.replace("stage=registered&", "")).await;
    assert!(changed.text().contains("保存改动"));
    let kept = send(&mut browser, &changed, &format!("/ledger/views/{id}/keep"), &[]).await;
    assert!(!browser.page(kept.leads_to()).await.text().contains("保存改动"));
    assert!(!browser.get("/ledger").await.leads_to().contains("stage=registered"));

    // Columns that are chosen in a view change the view, and not what is usual otherwise.
    let columns = send(&mut browser, &page, "/ledger/columns", &[("column", "lead")]).await;
    assert!(columns.leads_to().ends_with("&columns=lead%2Cdue"), "{}", columns.leads_to());
    assert_eq!(heads(&browser.page("/ledger?").await).len(), 7);

    let renamed = send(&mut browser, &page, &format!("/ledger/views/{id}"), &[("name", "未交办")]).await;
    assert!(browser.page(renamed.leads_to()).await.text().contains("未交办"));
    let bare = send(&mut browser, &page, &format!("/ledger/views/{id}"), &[("name", " ")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Nobody else sees it, or touches it.
    let mut other = office.signed_in(SECOND_OFFICER).await;
    let theirs = other.page(&view).await;
    assert!(!theirs.text().contains("未交办"));
    for rest in ["", "/keep", "/first", "/forget"] {
        let touched = send(&mut other, &theirs, &format!("/ledger/views/{id}{rest}"), &[("name", "别人的")]).await;
        assert_eq!(touched.status, StatusCode::NOT_FOUND, "{rest}");
    }
    let gone = send(&mut browser, &page, &format!("/ledger/views/{id}/forget"), &[]).await;
    assert_eq!(gone.leads_to(), "/ledger?stage=registered&sort=-number&columns=stage%2Cdue");
    assert!(!browser.page("/ledger").await.text().contains("未交办"), "and the ledger opens whole again");
}

#[tokio::test]
async fn forms_about_the_ledger_are_ours_and_lead_back_to_it() {
    let office = with_cases(1).await;
    let mut browser = office.signed_in(OFFICER).await;
    let id = "00000000-0000-0000-0000-000000000001";
    let views = ["", "/keep", "/first", "/forget"].map(|rest| format!("/ledger/views/{id}{rest}"));
    for action in ["/ledger/columns".to_owned(), "/ledger/views".to_owned()].into_iter().chain(views) {
        assert_eq!(browser.post(&action, "name=x&query=".to_owned()).await.status, StatusCode::FORBIDDEN, "{action}");
        assert_eq!(browser.get(&action).await.leads_to(), "/ledger", "{action}");
    }
    let page = browser.page("/ledger").await;
    let form = page.form("/ledger/views").with("query", "stage=dancing").with("name", "坏的");
    assert_eq!(browser.submit(&form).await.status, StatusCode::BAD_REQUEST, "a view can be asked for");
    let form = form.with("query", &format!("text={}", "x".repeat(5_000)));
    assert_eq!(browser.submit(&form).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    // A session that ended in the middle: what was typed is looked over once more, and nothing is done before.
    let form = page.form("/ledger/views").with("name", "半路").with("show", "1");
    let shown = browser.submit(&form).await;
    assert_eq!((shown.status, shown.form("/ledger/views").value("name")), (StatusCode::OK, Some("半路")));
    assert!(!browser.page("/ledger").await.text().contains("半路"));
}

#[tokio::test]
async fn fifty_cases_with_their_boxes_are_a_small_page_that_says_on_paper_what_it_is() {
    let office = with_cases(51).await;
    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page("/ledger?stage=registered").await;
    let text = page.text();
    assert!(text.len() < LARGEST_PAGE, "{} bytes", text.len());
    assert_eq!(text.matches("<td class=\"pick\"><input type=\"checkbox\" name=\"case\"").count(), 50);
    let position = office.desk.frame.log.head().await.unwrap();
    assert!(text.contains("范围：环节 待交办；打印时间：2020-04-20 09:0"));
    assert!(text.contains(&format!("本页 50 项，共 51 项； 截至第 {position} 号事件</p>")));
    for key in ["<kbd>/</kbd>", "<kbd>j</kbd>", "<kbd>k</kbd>", "<kbd>x</kbd>", "<kbd>Enter</kbd>", "<kbd>?</kbd>"] {
        assert!(text.contains(key), "{key}");
    }
}

/// Returns what a workbook says below its title, the heads of its columns, and how many cases it has.
fn read(answer: &Answer) -> (String, Vec<String>, usize) {
    assert_eq!(answer.status, StatusCode::OK);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| cell.to_string();
    let rows: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(text).collect()).collect();
    (rows[1][0].clone(), rows[2].clone(), rows.len() - 3)
}

#[tokio::test]
async fn a_workbook_says_which_view_it_is_and_has_the_columns_of_the_office() {
    let office = with_cases(2).await;
    let mut browser = office.signed_in(OFFICER).await;
    let page = browser.page("/ledger?stage=registered&columns=stage,due").await;
    let view = send(&mut browser, &page, "/ledger/views", &[("name", "待交办")]).await.leads_to().to_owned();
    let whole = browser.get("/ledger/export").await;
    let exported = browser.get(&view.replace("/ledger", "/ledger/export")).await;
    let (about, heads, count) = read(&exported);
    assert!(about.starts_with("范围：视图“待交办”、环节 待交办；"), "{about}");
    assert_eq!((heads, count), (read(&whole).1, 2));
    assert!(read(&whole).0.starts_with("范围：全部事项；"));
    let name = exported.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(name.contains("%E5%BE%85%E4%BA%A4%E5%8A%9E"), "{name}");
    // What is no longer what the view asks for is not called by its name.
    let changed = browser.get(&view.replace("/ledger", "/ledger/export").replace("stage=registered&", "")).await;
    assert!(read(&changed).0.starts_with("范围：全部事项；"));
}

#[tokio::test]
async fn what_is_selected_goes_into_a_workbook_without_what_may_not_be_shown() {
    let office = with_cases(1).await;
    let officer = office.caller(OFFICER).await;
    let case = officer.report(&finding("九", "水源地保护不力", "623000")).await;
    officer.ask(&case, "register", &json!({})).await.good();
    officer.ask(&case, "assign", &assignment(WATER)).await.good();
    let others = officer.report(&finding("十", "草原奖补面积不实", "623000")).await;
    let mut handler = office.signed_in(HANDLER).await;
    let both = format!("/ledger/export/selected?from=/ledger&case={others},{case}");
    let (about, _, count) = read(&handler.get(&both).await);
    assert!(about.starts_with("范围：勾选的 1 项；"), "{about}");
    assert_eq!(count, 1);
    let (hidden, absent) = (
        handler.get(&format!("/ledger/export/selected?case={others}")).await,
        handler.get(&format!("/ledger/export/selected?case={}", crate::office::id(999))).await,
    );
    assert_eq!((hidden.status, absent.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(read(&office.signed_in(OFFICER).await.get(&both).await).2, 2);
    let none = handler.get("/ledger/export/selected?from=/ledger").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("没有勾选事项"));
    assert_eq!(office.signed_in(COUNTY_OFFICER).await.get(&both).await.status, StatusCode::NOT_FOUND);
}
