//! `rectify import petition`: a year's petitions of a prefecture, into an installation without servers.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use rectify_tests::{folder, program};

use crate::measure::median;
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world::{mix, words};

/// How many petitions the prefecture had in the year whose file the project was tried on.
const PETITIONS: u64 = 2_816;

pub async fn run(run: &mut Run) {
    let folder = folder();
    let (petitions, what) = if let Some(file) = &run.arguments.petitions {
        (file.clone(), format!("import of the petitions in {}", file.display()))
    } else {
        let file: PathBuf = folder.path().join("petitions.csv");
        std::fs::write(&file, invented()).expect("the folder takes a file");
        (file, format!("import of {PETITIONS} invented petitions"))
    };
    let mut took = Vec::new();
    for turn in 0..run.of(3, 2) {
        let data = folder.path().join(format!("data-{turn}"));
        let data = data.to_str().expect("a path is text");
        rectify(data, &["unit", "add", "甘南州", "--kind", "prefecture", "--division", "623000"]).await;
        rectify(data, &["unit", "add", "州信访局", "--kind", "office", "--parent", "甘南州"]).await;
        rectify(data, &["person", "add", "马经办", "--role", "officer", "--unit", "州信访局"]).await;
        let start = Instant::now();
        let said = rectify(data, &["import", "petition", petitions.to_str().expect("a path is text")]).await;
        took.push(start.elapsed().as_secs_f64());
        if run.arguments.petitions.is_none() {
            assert!(said.contains(&format!("接收 {PETITIONS}")), "every petition goes in: {said}");
        }
    }
    run.tell(Row {
        bench: "import",
        what,
        on: "SQLite, one process",
        figure: median(&mut took),
        unit: "s",
        ratio: None,
        goal: Goal::at_most(10.0, Some(3.0)),
    });
}

/// Runs the program, which must go well, and returns what it printed.
async fn rectify(data: &str, arguments: &[&str]) -> String {
    let output = program::run(arguments, &[("RECTIFY_DATA", data)]).await;
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "rectify {}: {said}{complained}", arguments.join(" "));
    said.into_owned()
}

/// Returns a file of invented petitions: as long as real ones are, and answered as they are.
fn invented() -> String {
    let mut text = "编号,来信时间,标题,反映内容,涉及乡村,涉及县市,内容分类,答复意见,答复时间\n".to_owned();
    for n in 0..PETITIONS {
        let (month, day) = (n % 12 + 1, n % 28 + 1);
        let mut content = String::new();
        for sentence in 0..3 + mix(n) % 8 {
            let some = words(n * 16 + sentence);
            let _ = write!(content, "我村{some}一带的自来水管道多年失修，冬天停水，{some}几户只能到河边背水；");
        }
        let place = words(n % 40);
        let _ = writeln!(
            text,
            "{n},2019-{month:02}-{day:02},关于{}吃水难的问题,{content}请派人解决。,{place}村,甘南州,城乡建设,\
             您好！您反映的问题已收悉，经水务部门现场核查，已列入维修计划，预计两个月内完工。,2019-12-{day:02}",
            words(n * 16)
        );
    }
    text
}
