//! What a ZIP can be that no dossier is: each is refused, and the refusal says where and why.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter};

use crate::bed::{Asked, Bed};
use crate::checkers::judged;
use crate::unpacked::{Unpacked, plain, zipped};

/// Returns why both checkers refuse a ZIP.
#[track_caller]
fn refusal(zip: &[u8]) -> String {
    let said = judged(zip, &[]).unwrap_err().to_string();
    assert!(said.starts_with("不是案卷 · it is no dossier: "), "{said}");
    said
}

#[track_caller]
fn refused(zip: &[u8], wanted: &[&str]) {
    let said = refusal(zip);
    for wanted in wanted {
        assert!(said.contains(wanted), "{wanted:?}: {said}");
    }
}

fn with(name: &str) -> Vec<u8> {
    zipped(&BTreeMap::from([("dossier.json".to_owned(), b"{}".to_vec()), (name.to_owned(), b"x".to_vec())]), plain())
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    refused(&with("/etc/cron.d/x"), &["entry 1", "\"/etc/cron.d/x\"", "绝对路径", "absolute"]);
    refused(&with("C:/x"), &["absolute"]);
    refused(&with("../../x"), &["entry 1", "路径越界", "leads out"]);
    refused(&with("events/../../x"), &["leads out"]);
    refused(&with("events\\1.json"), &["文件名含有不允许的字符"]);
    refused(&with("x.exe"), &["entry 2", "no file of this name"]);
}

#[test]
fn links_and_folders_are_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("checkpoint", "/etc/passwd", plain()).unwrap();
    refused(&zip.finish().unwrap().into_inner(), &["entry 1", "\"checkpoint\"", "符号链接", "link"]);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_directory("events/", plain()).unwrap();
    refused(&zip.finish().unwrap().into_inner(), &["entry 1", "folder"]);
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    let zip = zipped(
        &BTreeMap::from([("checkpoint".to_owned(), b"a".to_vec()), ("checkpoinz".to_owned(), b"b".to_vec())]),
        plain(),
    );
    let twice = replaced(zip, b"checkpoinz", b"checkpoint");
    refused(&twice, &["entry 2", "\"checkpoint\"", "文件名重复", "entry 1 has the same name"]);
}

#[test]
fn a_bomb_is_refused_before_anything_is_unpacked() {
    let deflated = plain().compression_method(CompressionMethod::Deflated);
    let zeros = BTreeMap::from([("dossier.json".to_owned(), vec![0; 4 << 20])]);
    let bomb = zipped(&zeros, deflated);
    assert!(bomb.len() < 100_000);
    refused(&bomb, &["entry 1", "\"dossier.json\"", "条目经过压缩", "method 8"]);
    // Files that share their bytes.
    let files = BTreeMap::from([("checkpoint".to_owned(), b"a".to_vec()), ("consistency".to_owned(), b"a".to_vec())]);
    let mut zip = zipped(&files, plain());
    let second = position(&zip, b"PK\x01\x02", 2);
    zip[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    refused(&zip, &["entry 2", "two files share bytes"]);
    // More than a file of its kind may have.
    refused(
        &zipped(&BTreeMap::from([("consistency".to_owned(), vec![b'A'; 20_000])]), plain()),
        &["条目过大", "16384"],
    );
}

#[tokio::test]
async fn what_says_two_things_of_itself_is_refused() {
    let (bed, _) = Bed::new().await;
    let zip = bed.dossier(&Asked::default()).await.packed();
    let local = position(&zip, b"PK\x03\x04", 1);
    let changed = |at: usize, byte: u8| {
        let mut zip = zip.clone();
        zip[at] ^= byte;
        zip
    };
    // The SHA256SUMS is the first of them by name.
    refused(&changed(local + 30, b'S' ^ b'T'), &["entry 1", "different things", "its name"]);
    refused(&changed(local + 8, 8), &["different things"]);
    refused(&changed(local + 22, 1), &["its size"]);
    refused(&changed(local + 14, 1), &["different things"]);
    refused(&changed(local + 6, 1), &["different things"]);
    // Bytes that nobody names: before, between, behind.
    refused(&[b"#!/bin/sh\n".to_vec(), zip.clone()].concat(), &["at byte"]);
    refused(&[zip.clone(), b"x".to_vec()].concat(), &["残缺"]);
    refused(&zip[..zip.len() - 1], &["残缺"]);
    refused(&zip[..200], &["残缺"]);
    refused(b"", &["at byte 0", "残缺"]);
    // A comment, and bytes that are not those that were put in.
    let mut commented = zip.clone();
    let at = commented.len() - 2;
    commented[at] = 1;
    commented.push(b'x');
    refused(&commented, &["残缺"]);
    let event = Unpacked::clone(&bed.dossier(&Asked::default()).await).text("events/000000000001.json");
    let at = zip.windows(event.len()).position(|window| window == event.as_bytes()).unwrap();
    refused(&changed(at, 1), &["events/000000000001.json", "内容损坏", "CRC-32"]);
}

#[tokio::test]
async fn numbers_of_more_than_32_bits_are_read() {
    let (bed, _) = Bed::new().await;
    let mut dossier = bed.dossier(&Asked::default()).await;
    let sums = dossier.clone().packed();
    dossier = Unpacked::of({
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&sums).unwrap();
        file
    });
    let wide = zipped(&dossier.0, plain().large_file(true));
    assert!(judged(&wide, &bed.keys().await).unwrap().is_good());
}

#[test]
fn what_is_no_dossier_is_refused() {
    refused(
        &zipped(&BTreeMap::from([("checkpoint".to_owned(), b"a".to_vec())]), plain()),
        &["there is no dossier.json"],
    );
    refused(&with("checkpoint"), &["格式无法识别", "dossier.json"]);
    refused("整改".repeat(100).as_bytes(), &["残缺"]);
}

/// Returns where the n-th of some bytes begin, from 1.
fn position(bytes: &[u8], wanted: &[u8], n: usize) -> usize {
    let mut found = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(wanted));
    found.nth(n - 1).unwrap()
}

fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    while let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}
