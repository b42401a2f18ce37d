//! The directory of the sample prefecture: its units and its people.

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use rectify_case::directory::{Holding, Unit, UnitKind};
use rectify_case::{Actor, DirectoryEvent, PersonId, Role, UnitId};
use uuid::Uuid;

/// The prefecture itself.
const PREFECTURE: &str = "甘南州";

/// Its rectification office.
pub(super) const OFFICE: &str = "州整改办";

/// Its division in GB/T 2260.
const DIVISION: &str = "623000";

/// The county-level divisions, with their codes in GB/T 2260 and the prefixes of their offices.
pub(super) const COUNTIES: [(&str, &str, &str); 8] = [
    ("623001", "合作市", "合作"),
    ("623021", "临潭县", "临潭"),
    ("623022", "卓尼县", "卓尼"),
    ("623023", "舟曲县", "舟曲"),
    ("623024", "迭部县", "迭部"),
    ("623025", "玛曲县", "玛曲"),
    ("623026", "碌曲县", "碌曲"),
    ("623027", "夏河县", "夏河"),
];

/// The departments that the prefecture's work plan of 2020 gives tasks to.
const DEPARTMENTS: [&str; 22] = [
    "扶贫办",
    "发改委",
    "财政局",
    "农业农村局",
    "水务局",
    "教育局",
    "住建局",
    "医保局",
    "卫健委",
    "民政局",
    "人社局",
    "交通运输局",
    "自然资源局",
    "林草局",
    "文广旅局",
    "工信局",
    "商务局",
    "残联",
    "妇联",
    "信访局",
    "审计局",
    "纪委监委",
];

/// The departments that every county has.
const COUNTY_DEPARTMENTS: [&str; 12] = [
    "扶贫办",
    "财政局",
    "农业农村局",
    "水务局",
    "教育局",
    "住建局",
    "医保局",
    "卫健局",
    "民政局",
    "人社局",
    "交通运输局",
    "自然资源局",
];

/// What somebody does in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Post {
    /// 经办: registers, assigns, and enters what happened earlier.
    Clerk,
    /// 核验: looks, and never enters what a unit planned or reported.
    Checker,
    /// 主任: approves plans, grants time, strikes off.
    Chief,
    /// 现场核验员.
    FieldVerifier,
    /// 联络员 of a responsible unit.
    Handler,
    /// 责任领导.
    Leader,
    /// 审签领导.
    ClosingLeader,
    /// 审计人员.
    Auditor,
    /// 系统管理员.
    Administrator,
    /// 来源系统.
    System,
}

impl Post {
    fn role(self) -> Role {
        match self {
            Post::Clerk | Post::Checker | Post::Chief => Role::Officer,
            Post::FieldVerifier => Role::Verifier,
            Post::Handler => Role::Handler,
            Post::Leader => Role::ResponsibleLeader,
            Post::ClosingLeader => Role::ClosingLeader,
            Post::Auditor => Role::Auditor,
            Post::Administrator => Role::Administrator,
            Post::System => Role::SourceSystem,
        }
    }
}

/// Who is called by name; everybody else is given one.
const NAMED: [(&str, &str, Post); 12] = [
    ("周守一", OFFICE, Post::Administrator),
    ("杨文清", OFFICE, Post::Clerk),
    ("石志远", OFFICE, Post::Checker),
    ("赵国栋", OFFICE, Post::Chief),
    ("康明远", OFFICE, Post::FieldVerifier),
    ("苏长河", PREFECTURE, Post::ClosingLeader),
    ("何慎行", "州审计局", Post::Auditor),
    ("审计管理系统", "州审计局", Post::System),
    ("信访信息系统", "州信访局", Post::System),
    ("马兰英", "舟曲县整改办", Post::Clerk),
    ("李成河", "舟曲县水务局", Post::Handler),
    ("梁有田", "碌曲县", Post::Leader),
];

const SURNAMES: [&str; 16] =
    ["马", "杨", "王", "李", "张", "刘", "陈", "赵", "何", "丁", "安", "包", "牛", "石", "苏", "敏"];

/// As many as have no divisor in common with the surnames, so that no name comes twice.
const GIVEN_NAMES: [&str; 23] = [
    "建平", "秀兰", "志强", "玉梅", "永福", "晓霞", "国庆", "春燕", "立新", "海燕", "文军", "彩云", "学忠", "丽娟",
    "世明", "爱萍", "少华", "雪琴", "宏伟", "桂芳", "正元", "小英", "吉祥",
];

/// Somebody in a post.
#[derive(Clone, Debug)]
struct Posted {
    name: String,
    unit: String,
    post: Post,
}

/// The sample prefecture.
pub(super) struct Prefecture {
    units: Vec<Unit>,
    people: Vec<Posted>,
}

impl Prefecture {
    pub(super) fn new() -> Prefecture {
        let mut made = Prefecture { units: Vec::new(), people: Vec::new() };
        made.add_unit(PREFECTURE, UnitKind::Prefecture, None, DIVISION, None);
        made.add_office(OFFICE, PREFECTURE, DIVISION, None);
        for (name, unit, post) in NAMED {
            if !matches!(post, Post::Clerk | Post::Checker | Post::Chief | Post::Handler | Post::Leader) {
                made.people.push(Posted { name: name.to_owned(), unit: unit.to_owned(), post });
            }
        }
        for department in DEPARTMENTS {
            let kind = if matches!(department, "审计局" | "纪委监委") {
                UnitKind::Auditor
            } else {
                UnitKind::Department
            };
            let name = format!("州{department}");
            made.add_unit(&name, kind, Some(PREFECTURE), DIVISION, None);
            made.staff(&name, &[Post::Handler, Post::Leader]);
        }
        for (division, county, prefix) in COUNTIES {
            made.add_unit(county, UnitKind::County, Some(PREFECTURE), division, None);
            made.staff(county, &[Post::Leader]);
            made.add_office(&format!("{county}整改办"), county, division, Some(prefix));
            for department in COUNTY_DEPARTMENTS {
                let name = format!("{county}{department}");
                made.add_unit(&name, UnitKind::Department, Some(county), division, None);
                made.staff(&name, &[Post::Handler]);
            }
        }
        made
    }

    fn add_unit(&mut self, name: &str, kind: UnitKind, parent: Option<&str>, division: &str, prefix: Option<&str>) {
        self.units.push(Unit {
            id: unit_id(name),
            name: name.to_owned(),
            kind,
            parent: parent.map(unit_id),
            division: division.parse().expect("the codes above are codes"),
            prefix: prefix.map(str::to_owned),
        });
    }

    fn add_office(&mut self, name: &str, parent: &str, division: &str, prefix: Option<&str>) {
        self.add_unit(name, UnitKind::Office, Some(parent), division, prefix);
        self.staff(name, &[Post::Clerk, Post::Checker, Post::Chief]);
    }

    fn staff(&mut self, unit: &str, posts: &[Post]) {
        for post in posts {
            let named = NAMED.iter().find(|(_, at, held)| at == &unit && held == post).map(|(name, _, _)| *name);
            let n = self.people.len();
            let given = || format!("{}{}", SURNAMES[n % SURNAMES.len()], GIVEN_NAMES[n % GIVEN_NAMES.len()]);
            let name = named.map_or_else(given, str::to_owned);
            self.people.push(Posted { name, unit: unit.to_owned(), post: *post });
        }
    }

    /// Returns what makes the directory: everybody in their post since an instant.
    pub(super) fn events(&self, since: DateTime<Utc>) -> Vec<DirectoryEvent> {
        let units = self.units.iter().cloned().map(DirectoryEvent::UnitAdded);
        let people = self.people.iter().flat_map(|posted| {
            let (person, unit, role) = (person_id(&posted.name), unit_id(&posted.unit), posted.post.role());
            [
                DirectoryEvent::PersonAdded { person, name: posted.name.clone() },
                DirectoryEvent::RoleGranted(Holding { person, unit, role, from: since, until: None }),
            ]
        });
        units.chain(people).collect()
    }

    /// Returns the unit of a name.
    pub(super) fn unit(&self, name: &str) -> anyhow::Result<UnitId> {
        let unit = self.units.iter().find(|unit| unit.name == name);
        unit.map(|unit| unit.id).with_context(|| format!("the sample prefecture has no unit {name}"))
    }

    /// Returns whoever is in a post of a unit, as an actor.
    pub(super) fn actor(&self, unit: UnitId, post: Post) -> anyhow::Result<Actor> {
        let posted = self.people.iter().find(|posted| unit_id(&posted.unit) == unit && posted.post == post);
        posted.map(Posted::actor).with_context(|| format!("nobody in unit {unit} is {post:?}"))
    }

    /// Returns the person of a name, as an actor.
    pub(super) fn named(&self, name: &str) -> anyhow::Result<Actor> {
        let posted = self.people.iter().find(|posted| posted.name == name);
        posted.map(Posted::actor).with_context(|| format!("the sample prefecture has nobody called {name}"))
    }

    /// Returns who leads the repair for a unit: its own leader, or the county's.
    pub(super) fn leader(&self, unit: UnitId) -> anyhow::Result<PersonId> {
        let unit = self.units.iter().find(|u| u.id == unit).context("the sample prefecture has no such unit")?;
        let above = || unit.parent.context("nobody is above the prefecture");
        let own = self.actor(unit.id, Post::Leader);
        own.or_else(|_| self.actor(above()?, Post::Leader)).map(|actor| actor.person)
    }

    /// Returns the prefecture itself.
    pub(super) fn top() -> UnitId {
        unit_id(PREFECTURE)
    }

    /// Returns the office of a county, or of the prefecture.
    pub(super) fn office(&self, division: &str) -> anyhow::Result<UnitId> {
        if division == PREFECTURE { self.unit(OFFICE) } else { self.unit(&format!("{division}整改办")) }
    }

    /// Returns the name of a unit.
    pub(super) fn name_of(&self, unit: UnitId) -> &str {
        self.units.iter().find(|u| u.id == unit).map_or("", |unit| &unit.name)
    }
}

impl Posted {
    fn actor(&self) -> Actor {
        let (person, unit) = (person_id(&self.name), unit_id(&self.unit));
        Actor { person, unit, role: self.post.role(), on_behalf_of: None }
    }
}

/// The name space of what the sample makes (RFC 9562, version 5): the same ids in every sample prefecture.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f0e_62d1_93c8_4b7a_8e55_6230_0020_2011);

fn unit_id(name: &str) -> UnitId {
    UnitId(id("unit", name))
}

fn person_id(name: &str) -> PersonId {
    PersonId(id("person", name))
}

/// Returns what a thing of the sample is known by.
pub(super) fn id(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}\u{1f}{name}").as_bytes())
}
