//! What administrators decide about the keys of a petition, asked of the desk: it alone holds the keys, and a token says who asks.

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use rectify_case::{CaseId, FindingId, Position, Zone};
use rectify_kit::{Config, ids};
use serde::Deserialize;
use serde_json::{Value, json};

use super::moment;
use crate::subcommand::import::TOKEN;
use crate::terminal::say;

/// Of which petition, of which desk, and who asks.
#[derive(Args, Debug)]
pub struct Whose {
    /// The number of its case, or the id of the petition or of its case
    petition: String,
    /// Where the desk is; else where the settings say
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Ask as the holder of this token
    #[arg(long, env = TOKEN, hide_env_values = true)]
    token: Option<String>,
}

/// The same, and why.
#[derive(Args, Debug)]
pub struct Because {
    #[command(flatten)]
    whose: Whose,
    /// Why: it stays in the log, with names and numbers masked
    #[arg(long)]
    reason: String,
}

/// What is asked, as the API's address has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Propose,
    Decline,
    Hold,
    Release,
}

impl Wish {
    fn path(self) -> &'static str {
        match self {
            Wish::Propose => "shredding/propose",
            Wish::Decline => "shredding/decline",
            Wish::Hold => "hold",
            Wish::Release => "release",
        }
    }
}

/// Shows how the keys stand.
pub async fn standing(config: &Config, whose: &Whose) -> anyhow::Result<()> {
    let desk = Desk::of(config, whose)?;
    let request = reqwest::Client::new().get(desk.address(whose, ""));
    told(&desk.ask(request).await?, config.zone)
}

/// Asks for what needs a reason, and shows how the keys stand then.
pub async fn because(config: &Config, wish: Wish, because: &Because) -> anyhow::Result<()> {
    let Because { whose, reason } = because;
    let desk = Desk::of(config, whose)?;
    let request = reqwest::Client::new().post(desk.address(whose, wish.path())).json(&json!({ "reason": reason }));
    told(&desk.ask(keyed(request)).await?, config.zone)
}

/// Agrees that the keys are deleted, which deletes them, and shows how they stand then.
pub async fn approve(config: &Config, whose: &Whose) -> anyhow::Result<()> {
    let desk = Desk::of(config, whose)?;
    let request = reqwest::Client::new().post(desk.address(whose, "shredding/approve"));
    told(&desk.ask(keyed(request)).await?, config.zone)
}

fn keyed(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request.header("Idempotency-Key", ids::new().to_string())
}

/// The desk, and the token that says who asks.
struct Desk<'a> {
    url: String,
    token: &'a str,
}

/// How the keys of a petition stand.
#[derive(Debug, Deserialize)]
struct Standing {
    finding: FindingId,
    case: CaseId,
    number: Option<String>,
    hold: Option<Step>,
    proposal: Option<Step>,
    approval: Option<Step>,
    erasure: Option<Step>,
}

/// Who took a step, when and why.
#[derive(Debug, Deserialize)]
struct Step {
    position: Position,
    recorded: DateTime<Utc>,
    who: Somebody,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Somebody {
    person_name: String,
    unit_name: String,
}

impl Desk<'_> {
    fn of<'a>(config: &Config, whose: &'a Whose) -> anyhow::Result<Desk<'a>> {
        let token = whose.token.as_deref();
        let token =
            token.with_context(|| format!("the desk wants a token of an administrator: --token, or better {TOKEN}"))?;
        let configured = || config.http.public_url.clone().unwrap_or_else(|| format!("http://{}", config.http.listen));
        Ok(Desk { url: whose.url.clone().unwrap_or_else(configured), token })
    }

    fn address(&self, whose: &Whose, rest: &str) -> String {
        let petition = percent_encoding::utf8_percent_encode(&whose.petition, percent_encoding::NON_ALPHANUMERIC);
        let address = format!("{}/api/petitions/{petition}/{rest}", self.url.trim_end_matches('/'));
        address.trim_end_matches('/').to_owned()
    }

    /// Asks, and returns how the keys stand, or why it was refused.
    async fn ask(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Standing> {
        let request = request.bearer_auth(self.token).header("Accept-Language", "zh-CN");
        let answer = request.send().await.with_context(|| format!("no answer from the desk at {}", self.url))?;
        let status = answer.status();
        let body = answer.text().await.context("the desk's answer broke off")?;
        if status.is_success() {
            return serde_json::from_str(&body).context("the answer is no state of keys: is it a rectify desk?");
        }
        let problem: Value = serde_json::from_str(&body)
            .with_context(|| format!("the desk answered {}, and no problem: is it a rectify desk?", status.as_u16()))?;
        let said: Vec<&str> = ["title", "detail"].into_iter().filter_map(|name| problem[name].as_str()).collect();
        bail!("the desk refused ({} {}): {}", status.as_u16(), problem["code"].as_str().unwrap_or("?"), said.join(" "))
    }
}

fn told(standing: &Standing, zone: Zone) -> anyhow::Result<()> {
    let Standing { finding, case, number, hold, proposal, approval, erasure } = standing;
    say(format_args!("事项编号 case number   {}", number.as_deref().unwrap_or("—")))?;
    say(format_args!("信访件 petition        {finding}"))?;
    say(format_args!("事项 case              {case}"))?;
    let steps = [
        ("限为仅存储 held      ", hold),
        ("提请 asked for        ", proposal),
        ("同意 agreed to        ", approval),
        ("销毁 deleted          ", erasure),
    ];
    if steps.iter().all(|(_, step)| step.is_none()) {
        say("密钥在用 the keys are in use, and nobody asked for anything")?;
    }
    for (what, step) in steps.into_iter().filter_map(|(what, step)| Some((what, step.as_ref()?))) {
        let Step { position, recorded, who, reason } = step;
        let Somebody { person_name, unit_name } = who;
        let reason = reason.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
        say(format_args!("{what}  #{position}  {}  {unit_name} {person_name}{reason}", moment(zone, *recorded)))?;
    }
    Ok(())
}
