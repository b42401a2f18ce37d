//! No way through breaks a rule, and every stage, command and refusal lies on one.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use super::moves::About::{self, Carrying, Evidence, Leaving, Levels, Life, Listing, Other, Wall};
use super::moves::{merged, struck_off};
use super::start::Start;
use super::walk::{Seen, Walk};
use super::words::told;
use super::world::*;
use crate::carried_over::Standing;
use crate::command::Command;
use crate::finding::PetitionClass::{Accusation, Request};
use crate::finding::Severity::{Grave, Ordinary, Serious};
use crate::finding::Subject;
use crate::refusal::Refusal;
use crate::stage::Stage;

/// A walk: what it is called, where it begins, what it is about, and how deep it goes.
type Planned = (&'static str, Start, &'static [About], usize);

/// The walks, the longest first.
fn planned() -> Vec<Planned> {
    let registered = || Start::discovered().registered(Ordinary);
    let petitioned = |class| Start::petitioned(class, Subject::Unit(WATER));
    vec![
        ("the whole life", Start::nothing(), &[Life], 8),
        ("everything, rectifying", Start::rectifying(Ordinary), &About::ALL, 3),
        ("two cases, one an accusation", registered().with_other(Some(WATER)), &[Life, Wall, Other], 3),
        ("two cases", registered().with_other(None), &[Wall, Other], 3),
        ("an accusation", petitioned(Accusation), &[Life, Leaving, Wall, Listing], 3),
        ("a request", petitioned(Request), &[Life, Wall, Levels], 3),
        ("graver and less grave", registered(), &[Life, About::Severity], 4),
        ("evidence and levels", Start::reported(Serious), &[Life, Evidence, Levels], 3),
        ("closed, and on", Start::closed(), &[Life, Wall], 3),
        ("carried over", Start::nothing(), &[Carrying, Life, Wall], 3),
        ("carried over as under way, and on", Start::carried_over(Standing::UnderWay), &[Life], 5),
        ("carried over as struck off, and on", Start::carried_over(struck_off()), &[Life, Wall], 3),
        ("carried over as merged, and on", Start::carried_over(merged()), &[Life, Leaving, Wall], 3),
        ("everything, carried over as under way", Start::carried_over(Standing::UnderWay), &About::ALL, 2),
        ("everything, carried over as struck off", Start::carried_over(struck_off()), &About::ALL, 2),
        ("everything, discovered", Start::discovered(), &About::ALL, 2),
        ("everything, reported", Start::reported(Ordinary), &About::ALL, 2),
        ("everything, grave and passed once", Start::passed(Grave, 100), &About::ALL, 2),
        ("everything, grave and verified", Start::grave_verified(), &About::ALL, 2),
        ("everything, partly fixed", Start::passed(Ordinary, 60), &About::ALL, 2),
        ("everything, closed", Start::closed(), &About::ALL, 2),
        ("everything, two leads", Start::led_by_two(), &About::ALL, 2),
        ("everything, led by the highest office", Start::led_by_the_highest_office(), &About::ALL, 2),
        ("everything, listed and verified", Start::listed_and_verified(), &About::ALL, 2),
        ("everything, merged", Start::merged(), &About::ALL, 2),
        ("everything, reported by another lead", Start::reported_by_another_lead(), &About::ALL, 2),
    ]
}

#[test]
fn no_way_through_breaks_a_rule_and_each_stage_command_and_refusal_is_on_one() {
    let begun = Instant::now();
    let total = Mutex::new(Seen::default());
    let waiting = Mutex::new(planned().into_iter());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some((name, Start(start), about, depth)) = next else { break };
                    let seen = Walk { start, about: about.to_vec(), depth, until_broken: false }.walk();
                    println!("{name}: {} (after {:?})", counted(&seen), begun.elapsed());
                    if let Some(broken) = &seen.broken {
                        panic!("{name} breaks a rule:\n{}", told(broken));
                    }
                    total.lock().unwrap().join(seen);
                }
            });
        }
    });
    let total = total.into_inner().unwrap();
    println!("all walks: {}", counted(&total));
    assert_eq!(total.stages, BTreeSet::from(Stage::ALL));
    assert_eq!(total.accepted, Command::NAMES.iter().copied().collect());
    let never: Vec<&Refusal> = Refusal::ALL.iter().filter(|refusal| !total.refused.contains(refusal)).collect();
    assert!(never.is_empty(), "never refused: {never:?}");
}

fn counted(seen: &Seen) -> String {
    let Seen { states, moves, depth, stages, accepted, refused, .. } = seen;
    let end = if seen.exhausted { ", to the end" } else { "" };
    format!(
        "{states} states, {moves} moves, {depth} acts deep{end}; {} stages, {} commands, {} refusals",
        stages.len(),
        accepted.len(),
        refused.len(),
    )
}
