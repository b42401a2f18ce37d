//! With a user of its own for each service: who may do what on Postgres, table by table, and that the rest is refused.
//! What may be done on NATS is with the bus; that everything works so is in the journeys.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::time::Duration;

use rectify_tests::bed::{Bed, Installation, Shape};
use rectify_tests::postgres::ask;

/// Which tables each role may do what to. Whoever adds a table grants it, to somebody or to nobody.
const RIGHTS: &str = "\
accounts_migrations: appender r, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
appends: appender ar, desk r, reader r, registrar r
attempts: desk adrw
backups: reader r
checkpoints: desk r, projector r, reader r, registrar ar
cosignatures: desk ar, projector r, reader r, registrar r
credentials: desk arw
credentials.changed: reader r
credentials.login: reader r
credentials.person: reader r
cursors: reader r, registrar arw
deliveries: audit ar, desk ar, inspection ar, petition ar, reader r
drafts: desk adrw
events: appender ar, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
forms: desk adrw, reader r
generations: desk adrw, projector adrw, reader r, registrar r
generations_migrations: desk r, projector r, reader r, registrar r
given: audit arw, desk arw, inspection arw, petition arw, reader r
head: appender r, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
head.position: appender w
head.recorded: appender w
heard: desk arw, reader r, registrar arw
heard.received: audit r, inspection r, petition r
ledger_habits: desk adrw
ledger_views: desk adrw
links: desk arw
log_migrations: appender r, audit r, desk r, inspection r, petition r, projector r, reader r, registrar r
mappings: audit adrw, desk adrw, inspection adrw, petition adrw, reader r
proof_migrations: desk r, projector r, reader r, registrar r
series: appender arw, reader r
sessions: desk adrw
signers: desk r, projector r, reader r, registrar ar
tiles: desk r, projector r, reader r, registrar arw
tokens: audit r, desk arw, inspection r, petition r
tokens.created: reader r
tokens.expires: reader r
tokens.id: reader r
tokens.label: reader r
tokens.person: reader r
tokens.revoked: reader r
tokens.used: audit w, inspection w, petition w, reader r
";

/// The tables, and below them the columns with rights of their own: a adds, r reads, w changes, d deletes.
const ASKED: &str = "
SELECT place, string_agg(who || ' ' || what, ', ' ORDER BY who)
FROM (
    SELECT c.relname || coalesce('.' || a.attname, '') AS place,
        replace(r.rolname, current_database() || '_', '') AS who,
        string_agg(CASE p.privilege_type
            WHEN 'INSERT' THEN 'a' WHEN 'SELECT' THEN 'r' WHEN 'UPDATE' THEN 'w' WHEN 'DELETE' THEN 'd'
            ELSE p.privilege_type
        END, '' ORDER BY CASE p.privilege_type WHEN 'INSERT' THEN 'a' WHEN 'DELETE' THEN 'd' WHEN 'SELECT' THEN 'r' ELSE 'w' END) AS what
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
    CROSS JOIN LATERAL (
        SELECT NULL::name AS attname, c.relacl AS acl
        UNION ALL
        SELECT attname, attacl FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL
    ) AS a
    CROSS JOIN LATERAL aclexplode(a.acl) AS p
    JOIN pg_roles AS r ON r.oid = p.grantee AND r.oid <> c.relowner
    WHERE c.relkind = 'r'
    GROUP BY 1, 2
) AS rights
GROUP BY place
ORDER BY place COLLATE \"C\"";

#[tokio::test]
async fn each_role_may_do_to_each_table_what_it_needs_and_nothing_else_postgres_nats() {
    let installation = Installation::new(Shape::Guarded).await;
    let owner = installation.database().unwrap().url();
    let mut rights = String::new();
    for line in ask(owner, ASKED).await.unwrap().lines() {
        let (table, who) = line.split_once('|').unwrap();
        let _ = writeln!(rights, "{table}: {who}");
    }
    assert_eq!(rights, RIGHTS);
    let granted =
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relacl IS NULL";
    assert_eq!(ask(owner, granted).await.unwrap(), "", "nobody has thought of who may do what to these tables");
    let others = "SELECT c.relname FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS p WHERE p.grantee = 0";
    let own = format!("{others} AND c.relnamespace = 'public'::regnamespace");
    assert_eq!(ask(owner, &own).await.unwrap(), "", "anybody may do something to these tables");
}

#[tokio::test]
async fn what_a_role_has_no_right_to_is_refused_postgres_nats() {
    let bed = Bed::new(Shape::Guarded).await;
    // Whoever folds it anew, the new ledger belongs to the same group.
    bed.rebuild().await;
    let refusals: &[(&[&str], &[&str])] = &[
        (
            &["registrar", "projector", "desk", "inspection", "audit", "petition", "reader"],
            &[
                "INSERT INTO events SELECT * FROM events",
                "UPDATE head SET position = 0",
                "CREATE TABLE mine (a INTEGER)",
            ],
        ),
        (
            &["appender", "registrar", "inspection", "audit", "petition", "reader"],
            &[
                "INSERT INTO {ledger}.checkpoint VALUES (2, NULL, 0, 0, NULL)",
                "DELETE FROM {ledger}.cases",
                "DROP SCHEMA {ledger} CASCADE",
                "CREATE SCHEMA mine",
                "DELETE FROM generations",
            ],
        ),
        (&["appender", "inspection", "audit", "petition"], &["SELECT * FROM {ledger}.cases", "SELECT * FROM cursors"]),
        (
            &["appender", "registrar", "projector", "inspection", "audit", "petition", "reader"],
            &["INSERT INTO tokens SELECT * FROM tokens", "UPDATE tokens SET revoked = NULL", "DELETE FROM tokens"],
        ),
        (&["appender", "registrar", "projector", "reader"], &["SELECT hash FROM tokens"]),
        (&["appender", "projector", "desk", "inspection", "reader"], &["UPDATE cursors SET position = 0"]),
        (&["projector", "inspection", "audit", "petition"], &["SELECT * FROM appends", "SELECT * FROM series"]),
    ];
    let owner = bed.installation.database().unwrap().url();
    let ledger =
        ask(owner, "SELECT 'ledger_' || generation FROM generations WHERE standing = 'serving'").await.unwrap();
    for (roles, statements) in refusals {
        for (role, statement) in roles.iter().flat_map(|role| statements.iter().map(move |statement| (role, statement)))
        {
            let url = bed.installation.url_of_role(role);
            let statement = statement.replace("{ledger}", &ledger);
            let refused = ask(&url, &statement).await.expect_err(&format!("{role}: {statement}"));
            let says_so = refused.contains("permission denied") || refused.contains("must be owner");
            assert!(says_so, "{role}: {statement}: {refused}");
        }
    }
    for reader in ["registrar", "projector", "desk", "reader"] {
        ask(&bed.installation.url_of_role(reader), &format!("SELECT * FROM {ledger}.cases")).await.unwrap();
    }
}

/// Somebody at the pages, who sends forms as a browser does.
struct Seat {
    http: reqwest::Client,
    desk: String,
    cookie: String,
}

impl Seat {
    /// Has somebody set their password, and signs them in.
    async fn of(bed: &Bed, name: &str) -> Seat {
        let link = bed.installation.tool(&["person", "link", name]).await;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let form = "login=zhouqu&password=every+repair+is+seen&again=every+repair+is+seen";
        let sent = http.post(link.trim()).header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer = sent.send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Seat { http, desk: bed.installation.url("desk"), cookie }
    }

    async fn opens(&self, path: &str) -> String {
        let sent = self.http.get(format!("{}{path}", self.desk)).header("cookie", &self.cookie);
        sent.send().await.unwrap().text().await.unwrap()
    }

    /// Sends a form of a page, and returns where it leads.
    async fn sends(&self, path: &str, fields: &[(&str, &str)], file: Option<&str>) -> String {
        let page = self.opens("/import").await;
        let mut form = reqwest::multipart::Form::new().text("csrf", value(&page, "csrf"));
        for (name, text) in fields {
            form = form.text((*name).to_owned(), (*text).to_owned());
        }
        if let Some(text) = file {
            form = form.part("files", reqwest::multipart::Part::text(text.to_owned()).file_name("list.csv"));
        }
        let sent = self.http.post(format!("{}{path}", self.desk)).header("cookie", &self.cookie).multipart(form);
        let answer = sent.send().await.unwrap();
        let status = answer.status();
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let text = answer.text().await.unwrap();
        location.unwrap_or_else(|| panic!("{path} answers {status}: {text}"))
    }

    /// Opens a page again until it says something.
    async fn waits(&self, path: &str, said: &str) -> String {
        let mut page = String::new();
        rectify_tests::until(Duration::from_secs(30), said, async || {
            page = self.opens(path).await;
            page.contains(said)
        })
        .await;
        page
    }
}

/// Returns what stands in the first field of a name.
fn value(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{page}"));
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_takes_files_where_the_desk_may_publish_nothing_postgres_nats() {
    const HEADER: &str = "序号,问题来源,发文单位,来源文号,主要表现,涉及县市,反馈日期\n";
    const FIRST: &str = "1,巡查检查,省巡查组,省巡查〔2020〕3号,安全饮水工程未通水,舟曲县,2020-04-15\n";
    const SECOND: &str = "2,巡查检查,省巡查组,省巡查〔2020〕3号,扶贫车间闲置,舟曲县,2020-04-15\n";
    let bed = Bed::new(Shape::Guarded).await;
    let seat = Seat::of(&bed, "舟曲经办").await;
    let kind = ("kind", "inspection");
    let path = seat.sends("/import", &[kind], Some(&format!("{HEADER}{FIRST}"))).await;
    seat.waits(&path, "缺少列").await;
    assert_eq!(seat.sends(&format!("{path}/columns"), &[("column.4", "text")], None).await, path);
    let page = seat.waits(&path, "确认导入").await;
    seat.sends(&format!("{path}/take"), &[("seen", &value(&page, "seen"))], None).await;
    assert!(seat.waits(&path, "导入完成").await.contains("<b>1</b>已接收"));

    // How it was read is remembered, what it held too, and what is said again is heard again.
    let path = seat.sends("/import", &[kind], Some(&format!("{HEADER}{FIRST}{SECOND}"))).await;
    let page = seat.waits(&path, "确认导入").await;
    assert!(page.contains("<b>1</b>新事项") && page.contains("<b>1</b>台账中已有"), "{page}");
    seat.sends(&format!("{path}/take"), &[("seen", &value(&page, "seen"))], None).await;
    assert!(seat.waits(&path, "导入完成").await.contains("<b>2</b>已接收"));
    let path = seat.sends("/import", &[kind], Some(&format!("{HEADER}{SECOND}"))).await;
    assert!(seat.waits(&path, "没有需要导入的新内容").await.contains("<b>1</b>上次有、这次没有"));
}
