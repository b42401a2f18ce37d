//! Files handed in to the office of a small prefecture, for the tests of every intake.

mod prefecture;

use std::sync::Arc;

use bytes::Bytes;
use rectify_bus::Bus;
use rectify_case::{Actor, Directory, Finding, Zone};
use rectify_intake::{Document, File, Given, Handover, ImportError, Report, import};

/// Hands files in on 1 May 2020 and returns the report and what reached the registrar.
pub async fn hand_in<D: Document>(given: Given, files: Vec<File>) -> Result<(Report, Vec<Finding>), ImportError> {
    hand_in_with::<D>(given, files, |_| ()).await
}

/// Hands files in as [`hand_in`] does, with something else about how.
pub async fn hand_in_with<D: Document>(
    given: Given,
    files: Vec<File>,
    change: impl FnOnce(&mut Handover),
) -> Result<(Report, Vec<Finding>), ImportError> {
    let bus = Bus::in_process();
    let mut queue = bus.findings().await.unwrap();
    let received = "2020-05-01T00:00:00Z".parse().unwrap();
    let to = Handover::new(bus, Actor::INSTALLATION, received, Arc::new(directory()), Zone::SHANGHAI);
    let mut handover = Handover { given, ..to };
    change(&mut handover);
    let mut findings = Vec::new();
    let handing_in = import::<D>(&handover, files, |_| ());
    tokio::pin!(handing_in);
    let report = loop {
        tokio::select! {
            report = &mut handing_in => break report?,
            delivery = queue.next() => {
                let delivery = delivery.unwrap();
                findings.push(delivery.submission.finding.clone());
                delivery.ack().await.unwrap();
            }
        }
    };
    Ok((report, findings))
}

/// Returns the directory of the prefecture.
pub fn directory() -> Directory {
    let mut directory = Directory::default();
    for event in prefecture::prefecture() {
        directory.evolve(&event);
    }
    directory
}

/// Returns a file of text.
pub fn file(name: &str, text: impl Into<Bytes>) -> File {
    File { name: name.to_owned(), media_type: None, bytes: text.into() }
}
