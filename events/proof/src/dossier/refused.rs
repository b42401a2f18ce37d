//! Why a file is not looked into: it is no ZIP of the one kind that a dossier is.

use std::io;

use super::part::BadName;

/// Why a file is not looked into, and where in it the reason is.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("cannot be read")]
    Unreadable(#[from] io::Error),
    /// It does not end as a ZIP does, or as one of more than a dossier has.
    #[error("不是案卷 · it is no dossier: at byte {at}: {why}")]
    Whole {
        /// Where.
        at: u64,
        /// Why.
        why: Why,
    },
    /// One of its files is not as those of a dossier are.
    #[error("不是案卷 · it is no dossier: entry {number}, {name:?}, at byte {at}: {why}")]
    Entry {
        /// The how-manieth, from 1.
        number: usize,
        /// Its name, as far as it is worth telling.
        name: String,
        /// Where it begins.
        at: u64,
        /// Why.
        why: Why,
    },
}

/// What is wrong with a ZIP that is to be a dossier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The records that say what is in it are not there, or are cut off.
    #[error("文件残缺 · the directory of the ZIP is not there, or cut off")]
    Cut,
    /// Something comes after it, or before, or between.
    #[error("文件中夹有其他内容 · byte {wanted} was to come: something lies between, or two files share bytes")]
    Apart {
        /// What was to come.
        wanted: u64,
    },
    /// It says one thing of itself here and another there.
    #[error("前后不一致 · the entry and the directory of the ZIP say different things: {0}")]
    Differs(&'static str),
    /// It is of more than one disk.
    #[error("分卷压缩 · the ZIP is split over disks")]
    Split,
    /// It has more files than a dossier may.
    #[error("条目过多 · it has {found} files, and a dossier has at most {most}")]
    Many {
        /// How many it has.
        found: u64,
        /// How many it may have.
        most: u64,
    },
    /// Its directory is larger than that of a dossier may be.
    #[error("目录过大 · its directory has {found} bytes, and that of a dossier at most {most}")]
    Long {
        /// How many it has.
        found: u64,
        /// How many it may have.
        most: u64,
    },
    /// Its name.
    #[error(transparent)]
    Name(#[from] BadName),
    /// The name is no text.
    #[error("文件名无法读取 · the name is no text")]
    NoText,
    /// It has a name that another has.
    #[error("文件名重复 · entry {0} has the same name")]
    Twice(usize),
    /// It leads elsewhere.
    #[error("符号链接 · it is a link")]
    Link,
    /// It is no plain file.
    #[error("不是普通文件 · it is no plain file")]
    Special,
    /// It is compressed.
    #[error(
        "条目经过压缩 · it is compressed (method {0}): what a dossier holds is stored as it is, so that no file is larger than the ZIP"
    )]
    Compressed(u16),
    /// It is encrypted.
    #[error("条目经过加密 · it is encrypted")]
    Encrypted,
    /// It is written in a way that a dossier is not.
    #[error("不允许的 ZIP 特性 · it uses what a dossier does not: {0}")]
    Feature(&'static str),
    /// It is larger than its kind may be.
    #[error("条目过大 · it has {found} bytes, and may have {most}")]
    Large {
        /// How many it has.
        found: u64,
        /// How many it may have.
        most: u64,
    },
    /// A file without which nothing can be said is not there.
    #[error("文件缺失 · there is no {0}")]
    Missing(String),
    /// It is described in a way that is not known.
    #[error("格式无法识别 · dossier.json is not that of a dossier of format 1: {0}")]
    Format(String),
    /// Its bytes are not those that were put in.
    #[error("内容损坏 · its bytes do not have the CRC-32 that the ZIP says they have")]
    Damaged,
}
