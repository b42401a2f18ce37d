//! `rectify person`: people, their roles, and who acts for whom.

use anyhow::bail;
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Subcommand, ValueEnum};
use rectify_case::directory::Holding;
use rectify_case::{DirectoryEvent, PersonId, Role, UnitId, Zone};
use rectify_kit::ids;
use secrecy::ExposeSecret as _;

use crate::installation::{Installation, NO_UNIT};
use crate::settings::Settings;
use crate::subcommand::token;
use crate::terminal::{say, table};
use crate::wording;

/// What is asked about people.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Add a person, maybe with a role and a token
    Add {
        /// The name as it is shown
        name: String,
        /// A role to grant from now on
        #[arg(long)]
        role: Option<RoleName>,
        /// The unit of that role, by name or id; an administrator needs none
        #[arg(long, requires = "role")]
        unit: Option<String>,
        /// Issue a token, and print it in the last line
        #[arg(long)]
        token: bool,
    },
    /// Print a link that works once, by which a person sets a password
    Link {
        /// Whose, by name or id; the first administrator's where nobody is named
        person: Option<String>,
    },
    /// List the people with their roles
    List,
    /// Grant a role
    Grant {
        /// To whom, by name or id
        person: String,
        /// What
        role: RoleName,
        /// Where, by name or id; an administrator needs no unit
        #[arg(long)]
        unit: Option<String>,
        /// The first day; from now on where nothing is said
        #[arg(long)]
        from: Option<NaiveDate>,
        /// The last day; without an end where nothing is said
        #[arg(long)]
        until: Option<NaiveDate>,
    },
    /// End a role from now on
    End {
        /// Whose, by name or id
        person: String,
        /// What
        role: RoleName,
        /// Where, by name or id; needed where the role is held in several units
        #[arg(long)]
        unit: Option<String>,
    },
    /// Let a person act on behalf of another (代办)
    Delegate {
        /// Who acts, by name or id
        person: String,
        /// For whom, by name or id
        #[arg(long = "for", value_name = "PERSON")]
        other: String,
        /// The first day; from now on where nothing is said
        #[arg(long)]
        from: Option<NaiveDate>,
        /// The last day
        #[arg(long)]
        until: NaiveDate,
    },
    /// Take a delegation back from now on
    Undelegate {
        /// Who acted, by name or id
        person: String,
        /// For whom, by name or id
        #[arg(long = "for", value_name = "PERSON")]
        other: String,
    },
}

/// A role by its name.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleName {
    /// 整改办经办人
    Officer,
    /// 责任单位经办人
    Handler,
    /// 核验人
    Verifier,
    /// 责任领导
    ResponsibleLeader,
    /// 审签领导
    ClosingLeader,
    /// 审计、督查
    Auditor,
    /// 系统管理员
    Administrator,
    /// 来源系统
    SourceSystem,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Role {
        match name {
            RoleName::Officer => Role::Officer,
            RoleName::Handler => Role::Handler,
            RoleName::Verifier => Role::Verifier,
            RoleName::ResponsibleLeader => Role::ResponsibleLeader,
            RoleName::ClosingLeader => Role::ClosingLeader,
            RoleName::Auditor => Role::Auditor,
            RoleName::Administrator => Role::Administrator,
            RoleName::SourceSystem => Role::SourceSystem,
        }
    }
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    if let Asked::List = asked {
        return list(&Installation::to_read(&config).await?);
    }
    let mut installation = Installation::to_write(&config).await?;
    match asked {
        Asked::List => {}
        Asked::Link { person } => {
            let person = match person {
                Some(person) => Some(installation.person_named(&person)?),
                None if installation.has_administrator() => bail!("there is an administrator: say whose link it is"),
                None => None,
            };
            let link = installation.accounts().await?.make_link(person, installation.now()).await?;
            let url = config.http.public_url.clone().unwrap_or_else(|| format!("http://{}", config.http.listen));
            say(format_args!("{url}/link/{}", link.expose_secret()))?;
        }
        Asked::Add { name, role, unit, token } => {
            add(&mut installation, name.trim(), role.map(Role::from), unit, token).await?;
        }
        Asked::Grant { person, role, unit, from, until } => {
            let person = installation.person_named(&person)?;
            let unit = unit_of_role(&installation, role.into(), unit.as_deref())?;
            let from = from.map_or(installation.now(), |day| config.zone.start_of(day));
            let until = until.map(|day| config.zone.end_of(day));
            let holding = Holding { person, unit, role: role.into(), from, until };
            check(&installation, &holding)?;
            installation.write(vec![DirectoryEvent::RoleGranted(holding)]).await?;
            say(format_args!("granted {}", wording::role(role.into())))?;
        }
        Asked::End { person, role, unit } => end(&mut installation, &person, role.into(), unit.as_deref()).await?,
        Asked::Delegate { person, other, from, until } => {
            let (person, on_behalf_of) = (installation.person_named(&person)?, installation.person_named(&other)?);
            let event = delegation(&installation, config.zone, person, on_behalf_of, from, until)?;
            installation.write(vec![event]).await?;
            say(format_args!("delegated until {until}"))?;
        }
        Asked::Undelegate { person, other } => {
            let (person, on_behalf_of) = (installation.person_named(&person)?, installation.person_named(&other)?);
            let at = installation.now();
            if !installation.directory.acts_for(person, on_behalf_of, at) {
                bail!("there is no such delegation now");
            }
            installation.write(vec![DirectoryEvent::DelegationEnded { person, on_behalf_of, at }]).await?;
            say("taken back")?;
        }
    }
    Ok(())
}

async fn add(
    installation: &mut Installation,
    name: &str,
    role: Option<Role>,
    unit: Option<String>,
    token: bool,
) -> anyhow::Result<()> {
    if name.is_empty() {
        bail!("a person has a name");
    }
    let person = PersonId(ids::new());
    let mut events = vec![DirectoryEvent::PersonAdded { person, name: name.to_owned() }];
    if let Some(role) = role {
        let unit = unit_of_role(installation, role, unit.as_deref())?;
        let holding = Holding { person, unit, role, from: installation.now(), until: None };
        check(installation, &holding)?;
        events.push(DirectoryEvent::RoleGranted(holding));
    }
    installation.write(events).await?;
    say(format_args!("added {name} {person}"))?;
    if token {
        token::issue(installation, person, "first token", None).await?;
    }
    Ok(())
}

/// Returns the unit of a role: the one that is named, or for an administrator the highest there is.
fn unit_of_role(installation: &Installation, role: Role, named: Option<&str>) -> anyhow::Result<UnitId> {
    if let Some(named) = named {
        return installation.unit_named(named);
    }
    if role != Role::Administrator {
        bail!("say in which unit: --unit");
    }
    Ok(installation.directory.units().find(|unit| unit.parent.is_none()).map_or(NO_UNIT, |unit| unit.id))
}

/// Whoever keeps the roles holds none in a case.
fn check(installation: &Installation, wanted: &Holding) -> anyhow::Result<()> {
    let held: Vec<Role> =
        installation.directory.holdings(wanted.person, wanted.from).map(|holding| holding.role).collect();
    let administers = |role: &Role| *role == Role::Administrator;
    if wanted.until.is_some_and(|until| until <= wanted.from) {
        bail!("the role would end before it begins");
    }
    if (administers(&wanted.role) && !held.iter().all(administers))
        || (!administers(&wanted.role) && held.iter().any(administers))
    {
        bail!("an administrator can hold no other role: whoever gives roles must not act in cases");
    }
    if installation.directory.holds(wanted.person, wanted.role, wanted.unit, wanted.from) {
        bail!("the role is held there already");
    }
    Ok(())
}

async fn end(installation: &mut Installation, person: &str, role: Role, unit: Option<&str>) -> anyhow::Result<()> {
    let person = installation.person_named(person)?;
    let unit = unit.map(|unit| installation.unit_named(unit)).transpose()?;
    let at = installation.now();
    let held: Vec<UnitId> = installation
        .directory
        .holdings(person, at)
        .filter(|holding| holding.role == role && unit.is_none_or(|unit| unit == holding.unit))
        .map(|holding| holding.unit)
        .collect();
    match held.as_slice() {
        [unit] => installation.write(vec![DirectoryEvent::RoleEnded { person, unit: *unit, role, at }]).await?,
        [] => bail!("the role is not held now"),
        _ => bail!("the role is held in several units: say in which, --unit"),
    }
    say(format_args!("ended {}", wording::role(role)))?;
    Ok(())
}

fn delegation(
    installation: &Installation,
    zone: Zone,
    person: PersonId,
    on_behalf_of: PersonId,
    from: Option<NaiveDate>,
    until: NaiveDate,
) -> anyhow::Result<DirectoryEvent> {
    let from: DateTime<Utc> = from.map_or(installation.now(), |day| zone.start_of(day));
    let until = zone.end_of(until);
    if until <= from {
        bail!("the delegation would end before it begins");
    }
    if person == on_behalf_of {
        bail!("nobody acts on their own behalf");
    }
    Ok(DirectoryEvent::DelegationGranted { person, on_behalf_of, from, until })
}

fn list(installation: &Installation) -> anyhow::Result<()> {
    let mut table = table(["姓名", "角色", "标识"]);
    let mut people: Vec<(PersonId, &str)> = installation.directory.people().collect();
    people.sort();
    for (person, name) in people {
        let roles: Vec<String> = installation
            .directory
            .holdings(person, installation.now())
            .map(|holding| format!("{} {}", installation.unit_name(holding.unit), wording::role(holding.role)))
            .collect();
        table.add_row([name, &roles.join("\n"), &person.to_string()]);
    }
    say(table)?;
    Ok(())
}
