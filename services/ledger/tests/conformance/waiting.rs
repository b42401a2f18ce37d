use std::collections::{BTreeMap, BTreeSet};

use rectify_case::assignment::{Assignment, Level, Method};
use rectify_case::event::HandedAct;
use rectify_case::finding::{PetitionClass, Severity, Subject};
use rectify_case::plan::{Measure, Plan};
use rectify_case::quantity::Amounts;
use rectify_case::{
    Audience, CaseEvent, CaseId, Directory, DirectoryEvent, PersonId, Reader, Role, Stage, StreamId, UnitId,
};
use rectify_ledger::{Act, Filter, Row, Viewer, Wait, Waiting, Waits, Wanted};

use crate::bed::{Bed, instant};
use crate::fold::write_history;
use crate::history::{
    PERSONS, assigned, assignment, case, completed, deadline, finding, granted, of_county, person, petition,
    registered, reported, the_unit,
};

const NOW: &str = "2020-07-01T00:00:00Z";

/// Units by the names under which they are asserted.
const NAMED: [(&str, u64, u64); 7] = [
    ("州", 0, 0),
    ("州整改办", 0, 1),
    ("县", 1, 0),
    ("县整改办", 1, 1),
    ("县水务局", 1, 2),
    ("县教育局", 1, 3),
    ("曲告纳镇", 1, 4),
];

fn unit(name: &str) -> UnitId {
    let (_, county, place) = NAMED.into_iter().find(|(named, ..)| *named == name).unwrap();
    of_county(county, place)
}

fn name(id: UnitId) -> &'static str {
    NAMED.into_iter().find(|(_, county, place)| of_county(*county, *place) == id).unwrap().0
}

async fn units(bed: &Bed) {
    let divisions = ["623000", "623023", "623024", "623025"];
    let added = (0..crate::history::UNITS).map(|id| the_unit(id, divisions[usize::try_from(id / 5).unwrap()]));
    bed.directory(added.map(DirectoryEvent::UnitAdded)).await;
}

/// Returns what waits for those who hold some roles; nothing where the roles are none.
async fn listed(bed: &Bed, viewer: &Viewer, capacities: Option<Vec<(UnitId, Role)>>) -> Vec<Row> {
    let filter = Filter { waits: Act::ALL.to_vec(), ..Filter::default() };
    let sort = "due".parse().unwrap();
    let mut wanted = Wanted { filter, sort, waits_for: capacities, limit: 40, ..Wanted::default() };
    let mut rows = Vec::new();
    loop {
        let page = bed.ledger.list(viewer, &wanted, instant(NOW)).await.unwrap();
        rows.extend(page.rows);
        wanted.cursor = page.next;
        if wanted.cursor.is_none() {
            return rows;
        }
    }
}

/// Returns what the first case waits for, as sentences.
async fn told(bed: &Bed) -> Vec<String> {
    let rows = listed(bed, &Viewer::operator(), None).await;
    let waits = rows.iter().filter(|row| row.id == case(1)).flat_map(|row| &row.waits);
    waits.map(|wait| format!("{} by {}", wait.act.name(), name(wait.unit))).collect()
}

async fn then(bed: &Bed, events: impl IntoIterator<Item = CaseEvent>, waits: &[&str]) {
    let events: Vec<CaseEvent> = events.into_iter().collect();
    let after = format!("after {events:?}");
    bed.case(case(1), events.into_iter().map(Into::into)).await;
    bed.fold().await;
    assert_eq!(told(bed).await, waits, "{after}");
}

fn by_county_office(severity: Severity) -> CaseEvent {
    let CaseEvent::Registered { number, title, found, .. } = registered(1) else { unreachable!() };
    CaseEvent::Registered { number, office: unit("县整改办"), severity, title, found }
}

/// Led by two, with two levels.
fn jointly() -> Assignment {
    let level = |holder| Level { method: Method::OnFile, holder: Some(unit(holder)), designated: false };
    Assignment {
        leads: vec![unit("县水务局"), unit("县教育局")],
        levels: vec![level("县整改办"), level("州整改办")],
        ..assignment(unit("县水务局"), 60, None)
    }
}

fn planned(by: &str) -> CaseEvent {
    let measure = Measure { text: "更换管网".to_owned(), unit: unit(by), by: "2020-06-01".parse().unwrap() };
    CaseEvent::PlanSubmitted { unit: unit(by), plan: Plan { measures: vec![measure] } }
}

fn passed(level: u32) -> CaseEvent {
    CaseEvent::LevelPassed {
        level,
        unit: unit("县整改办"),
        relied_on: Vec::new(),
        verified: Amounts::new(),
        verdict: None,
        opinion: "属实".to_owned(),
    }
}

fn reason() -> String {
    "按程序办理".to_owned()
}

pub async fn a_case_waits_for_one_after_the_other(bed: &Bed) {
    units(bed).await;
    let (water, education, office) = (unit("县水务局"), unit("县教育局"), unit("县整改办"));
    let handed_up = |act| CaseEvent::HandedUp { act, from: office, to: unit("州整改办") };
    let asked = CaseEvent::ExtensionRequested { unit: water, until: "2020-08-01".parse().unwrap(), reason: reason() };
    let more = CaseEvent::ExtensionGranted { deadline: deadline(90), asked_by: Vec::new() };

    then(bed, [reported(finding(1, "一"))], &["register by 县整改办"]).await;
    then(bed, [by_county_office(Severity::Grave)], &["assign by 县整改办"]).await;
    then(bed, [CaseEvent::Assigned { assignment: jointly() }], &["accept by 县水务局"]).await;
    let both = ["submit_plan by 县水务局", "submit_plan by 县教育局", "report by 县教育局"];
    then(bed, [CaseEvent::Accepted { unit: water }], &both).await;
    let judged = ["submit_plan by 县教育局", "approve_plan by 县整改办", "report by 县教育局"];
    then(bed, [planned("县水务局")], &judged).await;
    then(bed, [CaseEvent::PlanReturned { unit: water, reason: reason() }], &both).await;
    let agreed = CaseEvent::PlanApproved { unit: water };
    let one = ["submit_plan by 县教育局", "report by 县教育局"];
    then(bed, [planned("县水务局"), agreed], &one).await;

    let of_office = ["submit_plan by 县教育局", "decide_extension by 县整改办", "report by 县教育局"];
    then(bed, [asked], &of_office).await;
    let of_prefecture = ["submit_plan by 县教育局", "decide_extension by 州整改办", "report by 县教育局"];
    then(bed, [handed_up(HandedAct::Extension)], &of_prefecture).await;
    then(bed, [more], &one).await;

    // The lead that answers speaks last; who has reported without a plan owes none.
    let part = CaseEvent::JointLeadReported { unit: education, account: "已完成".to_owned() };
    then(bed, [part], &["report by 县水务局"]).await;
    then(bed, [completed(water)], &["verify by 县整改办"]).await;
    then(bed, [passed(0)], &["verify by 州整改办"]).await;
    let failed = CaseEvent::VerificationFailed { level: 1, unit: unit("州整改办"), reason: reason() };
    then(bed, [failed], &["report by 县水务局"]).await;
    let designated = CaseEvent::VerifierDesignated { level: 1, unit: unit("州"), reason: reason() };
    then(bed, [completed(water), passed(0), designated], &["verify by 州"]).await;

    let verified = CaseEvent::Verified { levels: 2 };
    then(bed, [passed(1), verified], &["approve_closure by 县整改办"]).await;
    let lower = CaseEvent::SeverityLoweringProposed { to: Severity::Serious, reason: reason() };
    let grave = ["approve_closure by 县整改办", "lower_severity by 县整改办"];
    then(bed, [lower], &grave).await;
    let lowered = CaseEvent::SeverityLowered { from: Severity::Grave, to: Severity::Serious, proposed_by: person(1) };
    // What was owed at the highest stays owed.
    then(bed, [lowered], &["approve_closure by 县整改办"]).await;
    then(bed, [CaseEvent::ClosureApproved { opinion: "同意".to_owned() }], &["close by 县整改办"]).await;
    then(bed, [handed_up(HandedAct::Closure)], &["close by 州整改办"]).await;
    then(bed, [crate::history::closed()], &[]).await;

    let again = || CaseEvent::FindingRepeated { finding: finding(1, "又来").into() };
    then(bed, [again()], &["look_at_repeated by 县整改办"]).await;
    then(bed, [CaseEvent::NoteAdded { text: "已看".to_owned() }], &[]).await;
    then(bed, [again()], &["look_at_repeated by 县整改办"]).await;
    then(bed, [CaseEvent::Reopened { reason: reason(), deadline: deadline(30) }], &one).await;
    then(bed, [CaseEvent::Split { parts: vec![case(2), case(3)], reason: reason() }], &[]).await;
    bed.check_rebuilt().await;
}

pub async fn a_case_whose_level_nobody_holds_waits_for_the_office(bed: &Bed) {
    units(bed).await;
    let water = unit("县水务局");
    let begun = [reported(finding(1, "一")), registered(1), assigned(water, 60, None)];
    let done = [CaseEvent::Accepted { unit: water }, completed(water)];
    then(bed, begun.into_iter().chain(done), &["designate_verifier by 州整改办"]).await;
    let designated = CaseEvent::VerifierDesignated { level: 0, unit: unit("县整改办"), reason: reason() };
    then(bed, [designated], &["verify by 县整改办"]).await;
    let back = CaseEvent::TakenBack { units: vec![water], had_read: Vec::new() };
    then(bed, [back], &["assign by 州整改办"]).await;
}

pub async fn a_finding_waits_for_the_office_that_governs_its_division_now(bed: &Bed) {
    units(bed).await;
    then(bed, [reported(finding(1, "一"))], &["register by 县整改办"]).await;
    let abolished = DirectoryEvent::UnitAbolished { unit: unit("县整改办"), successor: None };
    bed.directory([abolished]).await;
    bed.fold().await;
    assert_eq!(told(bed).await, ["register by 州整改办"]);
    // A department becomes the county's office.
    let mut office = the_unit(7, "623023");
    office.kind = rectify_case::directory::UnitKind::Office;
    bed.directory([DirectoryEvent::UnitChanged(office)]).await;
    bed.fold().await;
    assert_eq!(told(bed).await, ["register by 县水务局"]);
    bed.check_rebuilt().await;
}

async fn counted(bed: &Bed, who: u64, capacities: &[(UnitId, Role)]) -> BTreeMap<&'static str, u64> {
    let (_, directory) = bed.told().await;
    let viewer = Viewer::of(Reader::of(person(who), &directory, instant(NOW)));
    let waiting = bed.ledger.waiting(&viewer, capacities, instant(NOW)).await.unwrap();
    waiting.by_act.into_iter().map(|(act, waits)| (act.name(), waits.cases)).collect()
}

pub async fn what_waits_is_counted_for_whoever_can_do_it(bed: &Bed) {
    units(bed).await;
    let roles = [
        (1, "曲告纳镇", Role::Handler),
        (2, "县教育局", Role::Handler),
        (3, "县水务局", Role::Verifier),
        (4, "县整改办", Role::Officer),
        (5, "州整改办", Role::Officer),
        (6, "县", Role::ClosingLeader),
        (7, "州", Role::ClosingLeader),
        (8, "县整改办", Role::Verifier),
    ];
    bed.directory(roles.map(|(who, at, role)| granted(who, unit(at), role))).await;
    bed.directory([granted(9, of_county(2, 0), Role::ClosingLeader)]).await;
    let all = async || {
        let mut all = Vec::new();
        for (who, at, role) in roles {
            all.push((who, counted(bed, who, &[(unit(at), role)]).await));
        }
        all.retain(|(_, counted)| !counted.is_empty());
        all
    };
    let water = unit("县水务局");
    let begun = [reported(finding(1, "一")), by_county_office(Severity::Grave)];
    let given = CaseEvent::Assigned { assignment: jointly() };
    bed.case(case(1), begun.into_iter().chain([given]).map(Into::into)).await;
    bed.case(case(2), [reported(finding(2, "一")).into()]).await;
    bed.fold().await;
    // Who belongs to the lead takes it on, and nobody else who leads, verifies or governs.
    let one = |act| BTreeMap::from([(act, 1)]);
    assert_eq!(all().await, [(1, one("accept")), (4, one("register"))]);

    let done = [CaseEvent::Accepted { unit: water }, completed(water)];
    bed.case(case(1), done.map(Into::into)).await;
    bed.fold().await;
    let office = BTreeMap::from([("register", 1), ("verify", 1)]);
    assert_eq!(all().await, [(4, office), (8, one("verify"))]);

    bed.case(case(1), [passed(0), passed(1), CaseEvent::Verified { levels: 2 }].map(Into::into)).await;
    bed.fold().await;
    let leaders = [(4, one("register")), (6, one("approve_closure")), (7, one("approve_closure"))];
    assert_eq!(all().await, leaders);
    assert_eq!(counted(bed, 9, &[(of_county(2, 0), Role::ClosingLeader)]).await, BTreeMap::new());
    // With several roles each case is counted once for each act, and once in all.
    let (_, directory) = bed.told().await;
    let viewer = Viewer::of(Reader::of(person(4), &directory, instant(NOW)));
    let capacities = [(unit("县整改办"), Role::Officer), (unit("县"), Role::ClosingLeader)];
    let later = instant("2021-01-01T00:00:00Z");
    let Waiting { all, by_act, .. } = bed.ledger.waiting(&viewer, &capacities, later).await.unwrap();
    assert_eq!(all, Waits { cases: 2, overdue: 1 });
    assert_eq!(by_act[&Act::ApproveClosure], Waits { cases: 1, overdue: 1 });
    assert_eq!(by_act[&Act::Register], Waits { cases: 1, overdue: 0 });
}

pub async fn what_is_kept_from_somebody_does_not_wait_for_them(bed: &Bed) {
    units(bed).await;
    let office = unit("县整改办");
    bed.directory([granted(1, office, Role::Officer), granted(2, office, Role::Officer)]).await;
    bed.case(case(1), [reported(finding(1, "一")).into()]).await;
    let against_office = petition(2, PetitionClass::Accusation, vec![Subject::Unit(office)]);
    bed.case(case(2), [reported(against_office).into()]).await;
    bed.case(case(1), [CaseEvent::Recused { person: person(1), reason: reason() }.into()]).await;
    bed.fold().await;
    let capacities = [(office, Role::Officer)];
    assert_eq!(counted(bed, 1, &capacities).await, BTreeMap::new());
    assert_eq!(counted(bed, 2, &capacities).await, BTreeMap::from([("register", 1)]));
    let (_, directory) = bed.told().await;
    let rows = async |who| {
        let viewer = Viewer::of(Reader::of(person(who), &directory, instant(NOW)));
        let rows = listed(bed, &viewer, Some(capacities.to_vec())).await;
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!((rows(1).await, rows(2).await), (vec![], vec![case(1)]));
}

/// Returns whether somebody with a role in a unit does what waits for a unit, as `decide` says.
fn does((own, role): (UnitId, Role), wait: Wait, audience: &Audience, directory: &Directory) -> bool {
    let belongs = || directory.belongs(own, wait.unit);
    let governs = || {
        let home = &directory.unit(own).unwrap().division;
        audience.divisions.iter().any(|division| division.lies_in(home))
    };
    match (wait.act, role) {
        (Act::Accept | Act::SubmitPlan | Act::Report, Role::Handler)
        | (Act::Verify, Role::Officer | Role::Verifier) => belongs(),
        (Act::ApproveClosure, Role::ClosingLeader) => governs(),
        (Act::Accept | Act::SubmitPlan | Act::Report | Act::Verify | Act::ApproveClosure, _) => false,
        (_, role) => role == Role::Officer && own == wait.unit,
    }
}

pub async fn the_list_has_exactly_what_is_counted_and_the_most_urgent_first(bed: &Bed) {
    write_history(bed, 41, 120, 700).await;
    let more = (0..120).map(case).map(StreamId::Case);
    for (n, stream) in (0u64..).zip(more) {
        let lead = of_county(n % 4, 2);
        let verified = CaseEvent::Verified { levels: 1 };
        let raised = CaseEvent::SeverityRaised {
            from: Severity::Ordinary,
            to: Severity::Grave,
            reason: reason(),
            levels: Vec::new(),
        };
        // Whatever stage each is at, some of this has a place in it.
        let events = match n % 4 {
            0 => vec![raised, completed(lead), verified],
            1 => vec![CaseEvent::PlanSubmitted { unit: lead, plan: Plan { measures: Vec::new() } }, raised],
            2 => vec![CaseEvent::SeverityLoweringProposed { to: Severity::Ordinary, reason: reason() }],
            _ => vec![CaseEvent::FindingRepeated { finding: finding(n, "又来").into() }],
        };
        bed.write(stream, events.into_iter().map(Into::into)).await;
    }
    bed.fold().await;
    let (cases, directory) = bed.told().await;
    let everything = listed(bed, &Viewer::operator(), None).await;
    let acts: BTreeSet<Act> = everything.iter().flat_map(|row| &row.waits).map(|wait| wait.act).collect();
    assert!(acts.len() > 7, "the sample says little: {acts:?}");
    let live = |row: &&Row| !matches!(row.stage, Stage::Closed | Stage::Dismissed | Stage::Merged);
    assert!(everything.iter().filter(live).all(|row| row.live));

    let now = instant(NOW);
    let mut seen = 0;
    for who in (0..PERSONS).map(person) {
        let reader = Reader::of(who, &directory, now);
        let capacities: Vec<(UnitId, Role)> =
            directory.holdings(who, now).map(|holding| (holding.unit, holding.role)).collect();
        let viewer = Viewer::of(reader.clone());
        let mut wanted: BTreeMap<CaseId, Vec<Wait>> = BTreeMap::new();
        for row in &everything {
            let audience = Audience::of(cases.iter().find(|case| case.id == row.id).unwrap(), &directory);
            let waits = row.waits.iter().copied().filter(|wait| {
                audience.admits(&reader) && capacities.iter().any(|one| does(*one, *wait, &audience, &directory))
            });
            wanted.entry(row.id).or_default().extend(waits);
        }
        wanted.retain(|_, waits| !waits.is_empty());
        check(bed, who, &viewer, &capacities, &wanted).await;
        seen += wanted.len();
    }
    assert!(seen > 60, "the sample says little: {seen}");
    bed.check_rebuilt().await;
}

async fn check(
    bed: &Bed,
    who: PersonId,
    viewer: &Viewer,
    capacities: &[(UnitId, Role)],
    wanted: &BTreeMap<CaseId, Vec<Wait>>,
) {
    let rows = listed(bed, viewer, Some(capacities.to_vec())).await;
    let due = |row: &Row| row.due.filter(|_| row.live);
    let urgency: Vec<_> = rows.iter().map(|row| (due(row).is_none(), due(row))).collect();
    assert!(urgency.is_sorted(), "{who}: {urgency:?}");
    let listed: BTreeMap<CaseId, Vec<Wait>> = rows.iter().map(|row| (row.id, row.waits.clone())).collect();
    assert_eq!((&listed, rows.len()), (wanted, wanted.len()), "{who}");

    // The other way round, and with all of it asked for that is there anyway.
    let filter = Filter { division: Some("620000".parse().unwrap()), ..Filter::default() };
    let waits_for = Some(capacities.to_vec());
    let backward = Wanted { filter, waits_for, sort: "-due".parse().unwrap(), limit: 7, ..Wanted::default() };
    let mut ids = bed.ids(viewer, backward.clone(), instant(NOW)).await;
    ids.reverse();
    assert_eq!(ids, rows.iter().map(|row| row.id).collect::<Vec<_>>(), "{who}");
    for filter in [Filter::default(), backward.filter.clone()] {
        let counted = Wanted { filter, limit: 0, total: true, ..backward.clone() };
        let page = bed.ledger.list(viewer, &counted, instant(NOW)).await.unwrap();
        assert_eq!(page.total, Some(rows.len() as u64), "{who}");
    }

    let waiting = bed.ledger.waiting(viewer, capacities, instant(NOW)).await.unwrap();
    let waits = |rows: &[&Row]| Waits {
        cases: rows.len() as u64,
        overdue: rows.iter().filter(|row| row.overdue).count() as u64,
    };
    assert_eq!(waiting.all, waits(&rows.iter().collect::<Vec<_>>()), "{who}");
    let mut by_act = BTreeMap::new();
    for act in Act::ALL {
        let of = rows.iter().filter(|row| row.waits.iter().any(|wait| wait.act == act)).collect::<Vec<_>>();
        if !of.is_empty() {
            by_act.insert(act, waits(&of));
        }
    }
    assert_eq!(waiting.by_act, by_act, "{who}");
}
