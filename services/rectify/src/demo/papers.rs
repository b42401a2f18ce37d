//! The papers of the sample: small texts that stand for the files of an office, and photographs.

use anyhow::Context as _;
use axum::body::Body;
use chrono::NaiveDate;
use rectify_case::evidence::Evidence;
use rectify_kit::Store;

use super::photograph;

/// A paper before it is on file.
pub(super) struct Paper<'a> {
    /// What it is, without an ending; with one where it is a photograph.
    pub(super) name: &'a str,
    /// The title of the case.
    pub(super) case: &'a str,
    /// Who made it.
    pub(super) unit: &'a str,
    /// When.
    pub(super) day: NaiveDate,
    /// What it says.
    pub(super) text: &'a str,
}

/// Puts a paper's bytes into the store.
pub(super) async fn keep(store: &Store, paper: &Paper<'_>) -> anyhow::Result<Evidence> {
    let Paper { name, case, unit, day, text } = paper;
    if name.ends_with(photograph::ENDING) {
        let kept = store.take((*name).to_owned(), Body::from(photograph::taken(name)?).into_data_stream()).await;
        return kept.with_context(|| format!("cannot keep the photograph {name}"));
    }
    let content = format!(
        "{name}\n\n整改事项：{case}\n形成单位：{unit}\n形成日期：{day}\n\n{text}\n\n（样例材料，内容均为虚构。）\n"
    );
    let kept = store.take(format!("{name}.txt"), Body::from(content).into_data_stream()).await;
    kept.with_context(|| format!("cannot keep the paper {name}"))
}
