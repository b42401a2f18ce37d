//! Every page there is, as whoever it is for comes to it: axe-core looks at each, on the screen of an office and on a phone in
//! the dark, and at what each form says that is sent as it comes.

use std::path::Path;

use rectify_case::{Command, Role};
use rectify_tests::bed::{CIVIL_AFFAIRS, CaseFile, Installation, Shape, finding, person, unit};
use rectify_tests::folder;
use serde_json::json;
use thirtyfour::By;

use crate::accessibility;
use crate::browser::{Browser, PHONE, SCREEN};
use crate::filling_in::empty_form;
use crate::petition;
use crate::place::{PASSWORD, Place};

const ADMINISTRATOR: &str = "管理员";
const PREFECTURE: &str = "州办经办";
const OFFICE: &str = "舟曲经办";
const COLLEAGUE: &str = "舟曲副手";
const DEPARTMENT: &str = CIVIL_AFFAIRS.handler;
const VERIFIER: &str = "舟曲核验";
const LEADER: &str = "审签领导";
const AUDITOR: &str = "州审计";
const PEOPLE: [&str; 7] = [ADMINISTRATOR, PREFECTURE, OFFICE, DEPARTMENT, VERIFIER, LEADER, AUDITOR];

/// What is asked for and is no page: files, streams, and what leads on to a page.
const NO_PAGES: [&str; 19] = [
    "/admin/units/import/workbook",
    "/assets/{name}",
    "/cases/{case}/dossier",
    "/cases/{case}/evidence/{digest}",
    "/fill-in/workbook",
    "/forms/{form}/filled",
    "/import/{id}/errors",
    "/import/{id}/progress",
    "/language",
    "/ledger/columns",
    "/ledger/export",
    "/ledger/export/selected",
    "/ledger/views",
    "/ledger/views/{view}",
    "/ledger/views/{view}/first",
    "/ledger/views/{view}/forget",
    "/ledger/views/{view}/keep",
    "/live",
    "/publications/{number}/file",
];

/// Commands that have no form: sources report, the registrar flags.
const NO_FORMS: [&str; 4] = ["report", "carry_over", "amend", "flag_likely_duplicate"];

/// A case of which nobody knows.
const NO_CASE: &str = "/cases/00000000-0000-4000-8000-000000000999";

pub async fn every_page_shuts_nobody_out(language: &'static str) {
    let place = Place::new(language, &PEOPLE).await;
    let case = told_case(&place).await;
    let history = case.history().await;
    let sealed = petition::handed_in(&place).await;
    let erased = erased(&place).await;
    lend(&place).await;
    set_aside(&place).await;

    let seat = place.browser().await;
    let mut seen = vec!["/sign-in".to_owned(), "/link/used".to_owned()];
    for who in PEOPLE {
        seat.signs_in(who).await;
        for path in pages(who, &case, &sealed, &erased) {
            seat.opens(&path).await;
            assert_eq!(status(&seat).await, 200, "{path}");
            on_a_phone_in_the_dark(&seat).await;
            seen.push(path);
        }
        if who == ADMINISTRATOR {
            imports_units(&seat).await;
        }
        if who == PREFECTURE {
            opens_what_was_set_aside(&seat).await;
        }
        if who == OFFICE {
            seen.extend(brings_files(&seat).await);
            seen.extend(publishes(&seat).await);
            sees_the_past_folded(&seat).await;
        }
        for command in Command::NAMES.iter().filter(|command| whoever_does(command) == Some(who)) {
            seen.push(sends_as_it_comes(&seat, &case, command).await);
        }
        seat.opens("/").await;
        seat.signs_out().await;
    }
    assert_eq!(case.history().await, history, "nothing was done by a form that says nothing");
    for path in [NO_CASE, "/nothing", "/link/none"] {
        seat.opens(path).await;
        on_a_phone_in_the_dark(&seat).await;
    }
    for route in routes() {
        assert!(seen.iter().any(|path| leads(&route, path)), "nobody looks at {route}");
    }
}

/// It is where one-time links are, and asks for more: so it is no route of its own.
pub async fn the_page_on_which_an_installation_begins_shuts_nobody_out(language: &'static str) {
    let place = Place::new(language, &[]).await;
    let mut new = Installation::new(Shape::Embedded).await;
    new.start_all().await;
    let (_, up) = new.running().next().unwrap();
    let said = up.line("/link/rcl_").await;
    let link = said.trim();

    let seat = place.browser().await;
    seat.comes_to(link).await;
    seat.is_told("setup-lead").await;
    on_a_phone_in_the_dark(&seat).await;
    seat.tab.execute("document.querySelector('form').noValidate = true", Vec::new()).await.unwrap();
    seat.presses("link-set").await;
    assert_eq!(status(&seat).await, 422);
    seat.is_told("division-malformed").await;
    on_a_phone_in_the_dark(&seat).await;

    // Whoever turns to the other language is still there.
    seat.follows("other-language").await;
    assert_eq!(seat.count("input[name='prefecture']").await, 1);
    seat.comes_to(&format!("{}/language?to={language}&next=/sign-in", new.url("desk"))).await;
    seat.comes_to(link).await;
    let begun = [("prefecture", "甘南州"), ("division", "623000"), ("office", "州整改办"), ("name", ADMINISTRATOR)];
    let account = [("login", "admin"), ("password", PASSWORD), ("again", PASSWORD)];
    for (field, text) in begun.into_iter().chain(account) {
        seat.fills(field, text).await;
    }
    seat.presses("link-set").await;
    seat.reads("州整改办").await;
}

/// Sets a case up of which there is much to tell, and returns it.
async fn told_case(place: &Place) -> CaseFile {
    let report = async |text| place.bed.site.report(OFFICE, &finding(text, 12)).await;
    let case = report("低保资金未发放到户").await.register("serious").await.assign(&[CIVIL_AFFAIRS.unit]).await;
    let case = case.accept(CIVIL_AFFAIRS).await;
    let by = case.state().await["deadline"]["last_day"].clone();
    let unit = unit(CIVIL_AFFAIRS.unit);
    let plan = json!({ "measures": [{ "text": "逐户核对并补发", "unit": unit, "by": by }] });
    case.act(DEPARTMENT, "submit_plan", json!({ "unit": unit, "plan": plan })).await;
    case.act(OFFICE, "approve_plan", json!({ "unit": unit })).await;
    let halfway = json!({ "unit": unit, "text": "已补发七户", "fixed": { "households": 7 }, "done": [0] });
    case.act(DEPARTMENT, "report_progress", halfway).await;
    let file = case.report_completion(CIVIL_AFFAIRS, 10).await;
    case.open(VERIFIER, &file).await;
    // Two, so that one is to be chosen.
    for text in ["村级光伏电站收益未分配", "扶贫车间闲置"] {
        let other = report(text).await.register("ordinary").await;
        case.act(OFFICE, "link", json!({ "other": other.id, "relation": "related_to" })).await;
    }
    case
}

/// Reports a petition that two administrators erase, and returns it.
async fn erased(place: &Place) -> String {
    let letter = json!({
        "source": "petition",
        "reference": { "issuing_body": "州信访局", "document": "来信登记", "item": "7-130" },
        "title": "来信反映危房",
        "text": "请求危房改造，乡里说没有名额，希望上级核查。".repeat(8),
        "division": "623023", "discovered": "2020-04-20",
        "details": { "kind": "petition", "class": "request" },
    });
    let site = &place.bed.site;
    let id = site.report(OFFICE, &letter).await.id;
    for (who, step) in [(ADMINISTRATOR, "propose"), ("另一管理员", "approve")] {
        let path = format!("/api/petitions/{id}/shredding/{step}");
        let why = json!({ "reason": "保存期限已届满" });
        site.desk(who).post(&path, &[("Idempotency-Key", &site.key())], &why).await.expect(200);
    }
    id
}

/// Lets a colleague act for the officer.
async fn lend(place: &Place) {
    let lent = json!({ "person": person(COLLEAGUE), "on_behalf_of": person(OFFICE), "until": "2099-01-01T00:00:00Z" });
    let site = &place.bed.site;
    let key = site.key();
    site.administrator().post("/api/directory/delegations", &[("Idempotency-Key", &key)], &lent).await.expect(201);
}

/// Hands in an accusation of those who hand it in, and once more with other words: then it is nothing that they may change.
async fn set_aside(place: &Place) {
    for text in ["反映审计组接受宴请", "反映审计组多次接受宴请"] {
        let rows = format!(
            "编号,来信时间,反映内容,信访类别,被反映对象,涉及县市\n\
             7-201,2020-04-20,{text},检举控告,州审计局,舟曲县\n\
             7-202,2020-04-20,低保一直没有复核,申诉求决,,舟曲县\n"
        );
        place.bed.site.hand_in("petition", &[("name", "信访件.csv")], rows.into_bytes()).await;
    }
    let listed = place.bed.site.desk(PREFECTURE).get("/api/set-aside").await.expect(200);
    assert_eq!(listed["set_aside"][0]["sequence"], 1, "{listed}");
}

/// Returns the pages that somebody comes for.
fn pages(who: &str, case: &CaseFile, petition: &str, erased: &str) -> Vec<String> {
    let together = |act: &str| format!("/ledger/together/{act}?case={},{petition}", case.id);
    let case = format!("/cases/{}", case.id);
    let (unit, person) = (unit(CIVIL_AFFAIRS.unit), person(OFFICE));
    match who {
        ADMINISTRATOR => vec![
            "/admin/units".to_owned(),
            "/admin/units?text=nothing".to_owned(),
            "/admin/units/import".to_owned(),
            format!("/admin/units/{unit}"),
            format!("/admin/units/{unit}/abolish"),
            "/admin/people".to_owned(),
            format!("/admin/people/{person}"),
            format!("/admin/people/{person}/roles"),
            format!("/admin/people/{person}/roles/end"),
            format!("/admin/people/{person}/delegations"),
            format!("/admin/people/{person}/delegations/end"),
            format!("/admin/people/{person}/link"),
            format!("/admin/people/{person}/sign-out"),
            "/admin/tokens".to_owned(),
            "/admin/tokens/revoke".to_owned(),
            "/admin/petitions".to_owned(),
            format!("/admin/petitions/{petition}"),
            format!("/admin/petitions/{petition}/propose"),
            format!("/admin/petitions/{petition}/approve"),
            format!("/admin/petitions/{petition}/decline"),
            format!("/admin/petitions/{petition}/hold"),
            format!("/admin/petitions/{petition}/release"),
            format!("/petitions/{erased}/certificate"),
            "/admin/health".to_owned(),
        ],
        PREFECTURE => {
            let aside = ["", "/1", "/1/resend", "/1/mend/petition"];
            aside.map(|path| format!("/admin/aside{path}")).to_vec()
        }
        OFFICE => vec![
            "/".to_owned(),
            "/ledger".to_owned(),
            "/ledger?text=nothing&stage=assigned&due=soon".to_owned(),
            "/ledger?choosing=true&columns=division,registered,pressed,stage&sort=due".to_owned(),
            "/overview".to_owned(),
            "/ledger/compare?stage=assigned".to_owned(),
            case.clone(),
            format!("{case}/compare"),
            format!("{case}/compare?clock=happened&from_on=2020-04-21"),
            format!("/cases/{petition}"),
            format!("/cases/{petition}/petition"),
            together("register"),
            together("assign"),
            together("press"),
            together("list"),
            "/account".to_owned(),
            "/account/password".to_owned(),
            "/account/delegations".to_owned(),
            "/account/delegations/end".to_owned(),
            "/import".to_owned(),
            "/forms".to_owned(),
        ],
        DEPARTMENT => vec!["/".to_owned(), "/fill-in".to_owned(), case],
        AUDITOR => vec![
            case.clone(),
            format!("{case}/looks"),
            "/looks".to_owned(),
            "/looks?from=2000-01-01&until=2000-01-02".to_owned(),
            format!("/petitions/{erased}/certificate"),
            "/signals".to_owned(),
            "/signals?kind=same_photograph&before=1".to_owned(),
            "/paths".to_owned(),
            "/paths?back=returned".to_owned(),
        ],
        _ => vec![case],
    }
}

/// Brings a table of units, one of them below none that is known, and adds the other.
async fn imports_units(seat: &Browser<'_>) {
    let folder = folder();
    let table = folder.path().join("单位.csv");
    std::fs::write(&table, "单位名称,类别,上级单位\n舟曲县供销社,部门,舟曲县\n供销社门市部,部门,火星\n").unwrap();
    seat.opens("/admin/units/import").await;
    seat.attaches("file", &table).await;
    seat.presses("unit-import-look").await;
    on_a_phone_in_the_dark(seat).await;
    seat.presses("unit-import-confirm").await;
    seat.follows_text("舟曲县供销社").await;
    seat.is_told("unit-holders-none").await;
}

/// Opens what was set aside: what came is shown, and how it is handed in again.
async fn opens_what_was_set_aside(seat: &Browser<'_>) {
    seat.opens("/admin/aside/1").await;
    seat.fills("reason", "核对来件").await;
    seat.presses("aside-open").await;
    seat.is_told("aside-on-record").await;
    seat.is_told("aside-resend-lead").await;
    on_a_phone_in_the_dark(seat).await;
}

/// Brings a list whose columns nobody knows and the form of a superior, and returns the pages that came of them.
async fn brings_files(seat: &Browser<'_>) -> Vec<String> {
    let folder = folder();
    let (list, form) = (folder.path().join("清单.csv"), folder.path().join("附件1.xlsx"));
    std::fs::write(&list, "条目,主要表现,县,发现时\n1,安全饮水工程未通水,舟曲县,2020-04-15\n").unwrap();
    std::fs::write(&form, empty_form()).unwrap();
    seat.opens("/import").await;
    seat.picks("kind", "inspection").await;
    seat.attaches("files", &list).await;
    seat.presses_until("import-look", "import-columns-lead").await;
    let brought = seat.address().await;
    let brought = brought.split(['?', '#']).next().unwrap().to_owned();
    let mut seen = vec![brought.clone()];
    for step in ["columns", "split", "check", "take"] {
        let path = format!("{brought}/{step}");
        seat.opens(&path).await;
        on_a_phone_in_the_dark(seat).await;
        seen.push(path);
    }
    seat.opens("/forms").await;
    seat.attaches("file", &form).await;
    seat.presses("forms-add").await;
    on_a_phone_in_the_dark(seat).await;
    seen.push(seat.address().await);
    seen
}

/// Publishes the list of tasks, and returns the pages on which that is done and told.
async fn publishes(seat: &Browser<'_>) -> Vec<String> {
    seat.opens("/publish?stage=registered").await;
    seat.waits_for("publish-lead").await;
    on_a_phone_in_the_dark(seat).await;
    seat.picks("kind", "tasks").await;
    seat.presses("publish").await;
    seat.is_told("publication-again").await;
    on_a_phone_in_the_dark(seat).await;
    let published = seat.address().await;
    seat.opens("/publications").await;
    seat.is_told("publications-lead").await;
    on_a_phone_in_the_dark(seat).await;
    vec!["/publish".to_owned(), published, "/publications".to_owned()]
}

/// Looks at what is said while a ledger of the past is folded. It is fetched, for as a page it goes on by itself.
async fn sees_the_past_folded(seat: &Browser<'_>) {
    const FETCH: &str = r#"
        const done = arguments[0];
        fetch("/overview?at_position=1").then((answer) => answer.text()).then((text) => {
          const fetched = new DOMParser().parseFromString(text, "text/html").documentElement;
          fetched.querySelector("link[rel=stylesheet]").addEventListener("load", () => done(document.title));
          document.documentElement.replaceWith(fetched);
        });
    "#;
    seat.opens("/account").await;
    seat.tab.execute_async(FETCH, Vec::new()).await.unwrap();
    seat.is_told("past-folding").await;
    accessibility::check(seat).await;
    on_a_phone_in_the_dark(seat).await;
}

/// Returns who of the people does a command on cases: whoever is nearest to its work.
fn whoever_does(command: &str) -> Option<&'static str> {
    let nearest = [
        (Role::Handler, DEPARTMENT),
        (Role::Verifier, VERIFIER),
        (Role::ClosingLeader, LEADER),
        (Role::Officer, OFFICE),
    ];
    let does = nearest.iter().find(|(role, _)| Command::roles_of(command).contains(role));
    does.filter(|_| !NO_FORMS.contains(&command)).map(|(_, who)| *who)
}

/// Opens the form of an act and sends it as it comes, and returns its address.
async fn sends_as_it_comes(seat: &Browser<'_>, case: &CaseFile, command: &str) -> String {
    let path = format!("/cases/{}/{command}", case.id);
    seat.opens(&path).await;
    assert_eq!(status(seat).await, 200, "{path}");
    on_a_phone_in_the_dark(seat).await;
    // Without what the browser itself would ask for first.
    seat.tab.execute("document.querySelector('form[data-form]').noValidate = true", Vec::new()).await.unwrap();
    seat.leaves_by(&seat.one(By::Css("form[data-form] .btn.primary")).await).await;
    assert!((400..500).contains(&status(seat).await), "{path} was done");
    path
}

/// Looks at a page once more as it is on a phone in the dark.
async fn on_a_phone_in_the_dark(seat: &Browser<'_>) {
    seat.prefers("dark").await;
    seat.resizes(PHONE).await;
    seat.fits().await;
    accessibility::check(seat).await;
    seat.resizes(SCREEN).await;
    seat.prefers("light").await;
}

/// Returns the status with which the page came.
async fn status(seat: &Browser<'_>) -> u64 {
    let asked = "return performance.getEntriesByType('navigation')[0].responseStatus";
    seat.tab.execute(asked, Vec::new()).await.unwrap().json().as_u64().unwrap()
}

/// Returns the routes of pages, as the code has them.
fn routes() -> Vec<String> {
    let mut routes = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/desk/src/pages")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            for route in text.split(".route(\"").skip(1) {
                let (route, methods) = route.split_once('"').unwrap();
                if methods.lines().next().unwrap_or_default().contains("get(") && !NO_PAGES.contains(&route) {
                    routes.push(route.to_owned());
                }
            }
        }
    }
    assert!(routes.len() > 35, "{routes:?}");
    routes
}

/// Returns whether an address is one of a route.
fn leads(route: &str, address: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default();
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(path).all(|(one, other)| *one == other || one.starts_with('{'))
}
