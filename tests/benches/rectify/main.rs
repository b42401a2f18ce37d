//! What the issue promises of speed, measured: `tests/bench`, or `cargo bench -p rectify-tests --bench rectify`.
//!
//! Every figure is taken on databases and servers that the run starts itself, with everything made durable. What is
//! compared is measured in one run, turn about. Read in this order:
#![expect(
    clippy::needless_for_each,
    clippy::similar_names,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "every bench has the same shape"
)]

mod arguments;
mod run;

mod world;

mod bed;
mod prepared;

mod appends;
mod naive;

mod load;
mod projection;
mod replay;

mod findings;
mod import;
mod pages;
mod relay;
mod seal;
mod verify;

mod desk;

mod measure;
mod table;

use std::io::Write as _;

use clap::Parser as _;
use serde_json::json;

use crate::arguments::Arguments;
use crate::bed::Beds;
use crate::run::Run;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let arguments = Arguments::parse();
    match arguments.child.as_deref() {
        Some([url, turn, millis]) => {
            let number = |text: &String| text.parse().expect("a number");
            runtime.block_on(appends::child(url, number(turn), number(millis)));
        }
        _ => runtime.block_on(whole(arguments)),
    }
}

async fn whole(arguments: Arguments) {
    let beds = Beds::new();
    let syncs = measure::syncs_per_second(beds.folder());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut run = Run { arguments, beds, rows: Vec::new() };
    let machine = format!("{cores} cores, {syncs:.0} syncs of 8 KiB a second, load {}", load_average());
    run.say(&machine);

    macro_rules! benches {
        ($($name:ident)*) => {$(
            if run.arguments.asks(stringify!($name)) {
                $name::run(&mut run).await;
            }
        )*};
    }
    benches! { appends load replay projection findings relay seal verify import pages desk }

    let mut out = std::io::stdout().lock();
    writeln!(out, "{machine}\n{}", table::table(&run.rows)).expect("somebody reads the table");
    if let Some(file) = &run.arguments.json {
        let figures = json!({ "cores": cores, "syncs_per_second": syncs.round(), "rows": run.rows });
        let text = serde_json::to_string_pretty(&figures).expect("figures are JSON");
        std::fs::write(file, text + "\n").expect("the file can be written");
    }
}

/// Returns how busy the machine was in the last minute: figures of a busy one are worth less.
fn load_average() -> String {
    let read = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    read.split(' ').next().unwrap_or_default().to_owned()
}
