//! What is said once the sample prefecture stands: where to look, as whom, what to try.

use std::fmt::Write as _;

use rectify_accounts::Accounts;
use rectify_kit::{Config, Frame};
use secrecy::{ExposeSecret as _, SecretString};

use super::prefecture::Prefecture;

/// Who is let in, and what they come for.
const GUESTS: [(&str, &str); 5] = [
    ("周守一", "系统管理员 administrator"),
    ("杨文清", "州整改办经办 prefecture officer"),
    ("马兰英", "舟曲县整改办经办 county officer"),
    ("李成河", "舟曲县水务局联络员 department handler"),
    ("何慎行", "州审计局审计人员 auditor"),
];

/// What the tokens are called.
const LABEL: &str = "样例";

/// Returns the number of a case to begin with, of the sample as it plays in a year.
pub(super) fn shown(year: i32) -> String {
    format!("审计-{year}-0001")
}

/// The sample prefecture stands.
pub struct Welcome {
    guests: Vec<Guest>,
    /// The year in which the sample plays.
    year: i32,
    /// How the tools are called on this installation.
    tool: String,
}

/// Somebody with a token.
struct Guest {
    name: &'static str,
    post: &'static str,
    token: SecretString,
    /// By which they set a password, while they have none.
    link: Option<SecretString>,
}

impl Welcome {
    /// Gives each guest a new token; those of an earlier start are taken back.
    pub(super) async fn to(
        frame: &Frame,
        accounts: &Accounts,
        prefecture: &Prefecture,
        year: i32,
    ) -> anyhow::Result<Welcome> {
        let now = frame.clock.now();
        let mut guests = Vec::new();
        for (name, post) in GUESTS {
            let person = prefecture.named(name)?.person;
            let earlier = accounts.list(Some(person)).await?;
            for token in earlier.iter().filter(|token| token.label == LABEL && token.is_good(now)) {
                accounts.revoke(token.id, now).await?;
            }
            let issued = accounts.issue(person, LABEL, None, now).await?;
            let link = match accounts.login_of(person).await? {
                Some(_) => None,
                None => Some(accounts.make_link(Some(person), now).await?),
            };
            guests.push(Guest { name, post, token: issued.token, link });
        }
        Ok(Welcome { guests, year, tool: tool(&frame.config) })
    }

    /// Returns what to tell whoever started it; `url` is where the desk is reached.
    pub fn told(&self, url: &str) -> String {
        let mut text = format!(
            "样例州已就绪，内容均为虚构。The sample prefecture stands; all of it is made up.\n\n  页面 pages  {url}/\n  接口 API    {url}/api/cases\n\n每人一个访问令牌和一个一次性链接（打开后设置密码）。A token for each, and a link that works once, to set a password by.\n\n"
        );
        for Guest { name, post, token, link } in &self.guests {
            let _ = writeln!(text, "  {name}  {post}\n    {}", token.expose_secret());
            if let Some(link) = link {
                let _ = writeln!(text, "    {url}/link/{}", link.expose_secret());
            }
        }
        let token = self.guests.get(1).map_or("", |guest| guest.token.expose_secret());
        let _ = write!(
            text,
            "\n试一试 Try:\n  curl -H 'Authorization: Bearer {token}' '{url}/api/cases?overdue=true'\n  {tool} case show {shown}\n  {tool} ledger --overdue\n",
            tool = self.tool,
            shown = shown(self.year),
        );
        text
    }
}

/// Returns how this program is called for the same installation, as far as flags say which.
fn tool(config: &Config) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "rectify".to_owned());
    match config.database {
        None => format!("{program} --data {}", config.data.display()),
        Some(_) => program,
    }
}
