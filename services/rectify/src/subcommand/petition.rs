//! `rectify petition`: what the log tells of petitions without opening any: that one is erased, and who looked at them. And what
//! administrators decide about their keys.
//!
//! That is asked of the desk, with a token that says who asks: whoever runs a tool is one person, and the log cannot tell which.

mod custody;

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Subcommand;
use rectify_case::access::SET_ASIDE;
use rectify_case::certificate::Ciphertext;
use rectify_case::custody::Step;
use rectify_case::{AccessEvent, Actor, CaseId, CaseNumber, Event, FindingId, PetitionPart, Position, StreamId, Zone};
use rectify_kit::{act, custody as kept};
use rectify_log::Recorded;

use self::custody::Wish;
use crate::installation::{ID_PREFIX, Installation};
use crate::settings::Settings;
use crate::terminal::{say, table};

/// How many looks are read from the log at once.
const AT_ONCE: u32 = 1000;

/// What is asked about petitions.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Print the certificate that the keys of a petition are deleted (密钥销毁证明)
    Certificate {
        /// The number of its case, or the id of the petition or of its case
        petition: String,
    },
    /// Show how the keys of a petition stand: held, asked to be deleted, deleted
    Keys(custody::Whose),
    /// Ask for the keys of a petition to be deleted, as an administrator; another one decides (提请销毁密钥)
    Propose(custody::Because),
    /// Agree that the keys of a petition are deleted, as another administrator, which deletes them for good (同意销毁密钥)
    Approve(custody::Whose),
    /// Do not agree that the keys of a petition are deleted, as another administrator (不同意销毁密钥)
    Decline(custody::Because),
    /// Hold a petition to storage only: it is not opened and not erased (限为仅存储)
    Hold(custody::Because),
    /// Hold a petition to storage only no longer (解除仅存储)
    Release(custody::Because),
    /// List every look at petitioners: who, when, in which case and why, the latest first
    Looks {
        /// From this day on
        #[arg(long)]
        from: Option<NaiveDate>,
        /// Up to this day
        #[arg(long)]
        until: Option<NaiveDate>,
        /// Of this person, by name or id
        #[arg(long)]
        person: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

/// Does what is asked. What is told it reads from the log alone; what is decided it asks of the desk.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    match asked {
        Asked::Keys(whose) => custody::standing(&config, &whose).await,
        Asked::Propose(because) => custody::because(&config, Wish::Propose, &because).await,
        Asked::Approve(whose) => custody::approve(&config, &whose).await,
        Asked::Decline(because) => custody::because(&config, Wish::Decline, &because).await,
        Asked::Hold(because) => custody::because(&config, Wish::Hold, &because).await,
        Asked::Release(because) => custody::because(&config, Wish::Release, &because).await,
        Asked::Certificate { petition } => {
            let installation = Installation::to_read(&config).await?;
            certificate(&installation, config.zone, &petition).await
        }
        Asked::Looks { from, until, person, limit } => {
            let installation = Installation::to_read(&config).await?;
            let person = person.map(|person| installation.person_named(&person)).transpose()?;
            let wanted =
                |looked: &Recorded| person.is_none_or(|person| looked.envelope.actor.persons().any(|p| p == person));
            looks(&installation, config.zone, (from, until), wanted, limit).await
        }
    }
}

async fn certificate(installation: &Installation, zone: Zone, petition: &str) -> anyhow::Result<()> {
    let finding = finding_named(installation, petition).await?;
    let custody = kept::load(&installation.log, finding).await?;
    let certificate = kept::certificate(&installation.log, &custody).await?;
    let certificate = certificate.with_context(|| format!("the keys of {petition} are not deleted"))?;
    let number = certificate.number.as_ref().map_or_else(|| "—".to_owned(), ToString::to_string);
    say("信访件密钥销毁证明 / Certificate of erasure of a petition's keys")?;
    say("")?;
    say(format_args!("事项编号 case number   {number}"))?;
    say(format_args!("信访件 petition        {}", certificate.finding))?;
    say(format_args!("事项 case              {}", certificate.case))?;
    say(format_args!("日志 log               {}", certificate.log))?;
    say("")?;
    say(certificate.chinese())?;
    say(certificate.english())?;
    say("")?;
    let told = |what: &str, step: &Step| {
        let who = installation.who(&step.actor);
        let reason = if step.reason.is_empty() { String::new() } else { format!("  {}", step.reason) };
        say(format_args!("{what}  #{}  {}  {who}{reason}", step.position, moment(zone, step.recorded)))
    };
    if let Some(step) = &certificate.proposal {
        told("提请 asked for  ", step)?;
    }
    if let Some(step) = &certificate.approval {
        told("同意 agreed to  ", step)?;
    }
    told("销毁 deleted    ", &certificate.erasure)?;
    say("")?;
    say("不能再解密的密文 / ciphertexts that cannot be opened any more")?;
    for Ciphertext { digest, is_attachment, position } in &certificate.ciphertexts {
        let what = if *is_attachment { "附件 attachment" } else { "内容 content   " };
        say(format_args!("{what}  #{position}  {digest}"))?;
    }
    Ok(())
}

async fn looks(
    installation: &Installation,
    zone: Zone,
    (from, until): (Option<NaiveDate>, Option<NaiveDate>),
    wanted: impl Fn(&Recorded) -> bool,
    limit: usize,
) -> anyhow::Result<()> {
    let log = &installation.log;
    let numbers: HashMap<CaseId, CaseNumber> = installation.numbers().await?.into_iter().collect();
    let instant = TimeDelta::microseconds(1);
    let begin = from.and_then(|day| zone.start_of(day).checked_sub_signed(instant));
    let after = match begin {
        Some(begin) => log.position_at(begin).await?,
        None => 0,
    };
    let mut before = match until.and_then(|day| zone.end_of(day).checked_sub_signed(instant)) {
        Some(end) => log.position_at(end).await? + 1,
        None => Position::MAX,
    };
    let mut shown = table(["时间", "人员", "事项", "内容", "理由"]);
    let mut count = 0;
    'log: loop {
        let page = log.read_looks(before, AT_ONCE).await?;
        let Some(oldest) = page.last() else { break };
        before = oldest.position;
        for looked in page.iter().filter(|looked| wanted(looked)) {
            if looked.position <= after || count >= limit {
                break 'log;
            }
            count += 1;
            shown.add_row(row(installation, zone, &numbers, looked));
        }
    }
    if count == 0 {
        return Ok(say("没有拆阅记录 / nobody looked")?);
    }
    Ok(say(shown)?)
}

fn row(
    installation: &Installation,
    zone: Zone,
    numbers: &HashMap<CaseId, CaseNumber>,
    looked: &Recorded,
) -> [String; 5] {
    let envelope = &looked.envelope;
    let case = match envelope.stream {
        StreamId::Access(SET_ASIDE) | StreamId::Case(_) | StreamId::Directory => String::new(),
        StreamId::Access(case) => {
            numbers.get(&case).map_or_else(|| case.to_string()[..ID_PREFIX].to_owned(), ToString::to_string)
        }
    };
    let (what, reason) = match &envelope.event {
        Event::Access(AccessEvent::PetitionOpened { what: PetitionPart::Content, reason, .. }) => {
            ("信访原件", reason.clone())
        }
        Event::Access(AccessEvent::PetitionOpened { what: PetitionPart::Attachment(_), reason, .. }) => {
            ("信访附件", reason.clone())
        }
        Event::Access(AccessEvent::SetAsideOpened { reason, .. }) => ("搁置信息", reason.clone()),
        Event::Access(_) | Event::Case(_) | Event::Directory(_) => ("", String::new()),
    };
    [moment(zone, envelope.recorded), installation.who(&envelope.actor), case, what.to_owned(), reason]
}

/// Returns the petition that a number or an id names.
async fn finding_named(installation: &Installation, name: &str) -> anyhow::Result<FindingId> {
    let case = if let Ok(id) = name.parse::<CaseId>() {
        id
    } else {
        let number: CaseNumber = name.parse()?;
        let numbers = installation.numbers().await?;
        let found = numbers.into_iter().find(|(_, known)| *known == number);
        found.with_context(|| format!("there is no case {name}: `rectify ledger` lists them all"))?.0
    };
    let (case, _) = act::load(&installation.log, case).await?;
    let sealed = case.findings.iter().filter(|finding| finding.finding.sealed().is_some());
    match sealed.map(|finding| finding.id).collect::<Vec<_>>().as_slice() {
        [only] => Ok(*only),
        // A petition whose case went on in another is named by its own id.
        [] => bail!("nothing of {name} is sealed"),
        several if several.contains(&FindingId(case.id.0)) && name.parse::<CaseId>().is_ok() => {
            Ok(FindingId(case.id.0))
        }
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            bail!("{name} holds several petitions; say which by id: {}", ids.join(", "))
        }
    }
}

/// Returns an instant in the office's zone.
fn moment(zone: Zone, at: DateTime<Utc>) -> String {
    zone.at(at).format("%Y-%m-%d %H:%M").to_string()
}

impl Installation {
    /// Returns who did something, in which unit.
    fn who(&self, actor: &Actor) -> String {
        if *actor == Actor::INSTALLATION {
            return self.unit_name(actor.unit);
        }
        let lent = actor.on_behalf_of.map(|other| format!("（代{}）", self.directory.person_name(other)));
        let person = self.directory.person_name(actor.person);
        format!("{} {person}{}", self.unit_name(actor.unit), lent.unwrap_or_default())
    }
}
