//! Attachments of petitions: what is taken as one, and how it is sealed. Its sealed bytes lie where evidence lies, and are in
//! clear nowhere but in memory.

use std::fmt;

use chrono::{DateTime, Utc};
use encoding_rs::GB18030;
use rectify_case::{Digest, FindingId, classified};
use rectify_kit::{Store, media_type};
use zeroize::Zeroizing;

use crate::error::KeysError;
use crate::keys::{ATTEMPTS, Keys, SealedAttachment};

/// The most characters of a file's name.
const LONGEST_NAME: usize = 255;

/// The most attachments of one petition: the finding names each, and has to fit an event.
pub const MOST_ATTACHMENTS: usize = 200;

/// An attachment of a petition.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why a file is not taken as an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It has no name, or one that is none.
    #[error("an attachment needs a file's name, of at most 255 characters and without a path")]
    Unnamed,
    /// There is nothing in it.
    #[error("the attachment is empty")]
    Empty,
    /// It is too large.
    #[error("an attachment has at most {0} bytes")]
    TooLarge(u64),
    /// It is of no type that is taken.
    #[error("the attachment is of no type that is taken, or its ending does not fit its content")]
    UnsupportedType,
    /// It is marked 秘密, 机密 or 绝密.
    #[error("the attachment is marked as classified and must not enter")]
    Marked,
}

impl NotTaken {
    /// Returns the stable code, which never changes.
    pub fn code(self) -> &'static str {
        match self {
            NotTaken::Unnamed => "file_name_missing",
            NotTaken::Empty => "empty_file",
            NotTaken::TooLarge(_) => "too_large",
            NotTaken::UnsupportedType => "unsupported_type",
            NotTaken::Marked => "classified",
        }
    }

    /// Returns the sentence in Chinese.
    pub fn chinese(self) -> String {
        match self {
            NotTaken::Unnamed => "附件须有文件名，不超过 255 个字符，不含路径".to_owned(),
            NotTaken::Empty => "附件是空的".to_owned(),
            NotTaken::TooLarge(most) => format!("附件超过 {most} 字节"),
            NotTaken::UnsupportedType => "不接收此类附件，或扩展名与内容不符".to_owned(),
            NotTaken::Marked => "附件带有密级标志，不得进入本系统".to_owned(),
        }
    }
}

impl fmt::Debug for Attachment {
    /// Shows nothing of it, not even its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({} bytes)", self.bytes.len())
    }
}

impl Attachment {
    /// Looks a file over, and takes it as an attachment of at most so many bytes.
    pub fn checked(name: &str, bytes: Vec<u8>, most: u64) -> Result<Attachment, NotTaken> {
        let name = name.trim();
        let is_no_name = |name: &str| name.contains(['/', '\\']) || name.contains(char::is_control);
        if name.is_empty() || name.chars().count() > LONGEST_NAME || is_no_name(name) {
            return Err(NotTaken::Unnamed);
        }
        if bytes.is_empty() {
            return Err(NotTaken::Empty);
        }
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
            return Err(NotTaken::TooLarge(most));
        }
        let attachment = Attachment { name: name.to_owned(), bytes };
        let media_type = attachment.media_type().ok_or(NotTaken::UnsupportedType)?;
        if classified::mark(name).is_some() || media_type.starts_with("text/") && is_marked(&attachment.bytes) {
            return Err(NotTaken::Marked);
        }
        Ok(attachment)
    }

    /// Returns its media type, as its content shows.
    pub fn media_type(&self) -> Option<&'static str> {
        let head = self.bytes.get(..media_type::LOOKED_AT).unwrap_or(&self.bytes);
        media_type::of(head, &self.name)
    }

    /// Returns what is sealed: how long the name is, the name, the bytes.
    pub(crate) fn to_clear(&self) -> Zeroizing<Vec<u8>> {
        let length = u32::try_from(self.name.len()).unwrap_or(u32::MAX);
        let mut clear = Zeroizing::new(Vec::with_capacity(4 + self.name.len() + self.bytes.len()));
        clear.extend(length.to_be_bytes());
        clear.extend(self.name.as_bytes());
        clear.extend(&self.bytes);
        clear
    }

    pub(crate) fn of_clear(clear: &[u8]) -> Option<Attachment> {
        let (length, rest) = clear.split_first_chunk::<4>()?;
        let (name, bytes) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        Some(Attachment { name: String::from_utf8(name.to_vec()).ok()?, bytes: bytes.to_vec() })
    }
}

/// Whether a text bears a marking, in UTF-8 or as most old programs write Chinese.
fn is_marked(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).map_or_else(|_| GB18030.decode(bytes).0, Into::into);
    classified::mark(&text).is_some()
}

/// What came of attaching a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attached {
    /// Its sealed bytes are in the store, known by this.
    Here(Digest),
    /// The petition was erased then, and takes nothing more.
    Erased(DateTime<Utc>),
    /// The petition has as many as it may have.
    Full,
}

impl Keys {
    /// Seals a file that was handed in with a petition, and keeps its sealed bytes in the store and then its key. The same
    /// file again is the same attachment.
    pub async fn attach(
        &self,
        store: &Store,
        finding: FindingId,
        attachment: &Attachment,
        now: DateTime<Utc>,
    ) -> Result<Attached, KeysError> {
        for _ in 0..ATTEMPTS {
            let mut sealed = self.seal_attachment(finding, attachment).await?;
            if let SealedAttachment::Known(digest) = &sealed {
                if store.size(digest).await?.is_some() {
                    return Ok(Attached::Here(digest.clone()));
                }
                // The store lost it, and its sender has it still: it is sealed anew.
                self.forget_attachment(finding, digest).await?;
                sealed = self.seal_attachment(finding, attachment).await?;
            }
            match sealed {
                SealedAttachment::Known(digest) => return Ok(Attached::Here(digest)),
                SealedAttachment::Erased(at) => return Ok(Attached::Erased(at)),
                SealedAttachment::New(_) if self.attachments(finding).await?.len() >= MOST_ATTACHMENTS => {
                    return Ok(Attached::Full);
                }
                SealedAttachment::New(new) => {
                    store.keep_sealed(&new.digest, new.sealed.clone()).await?;
                    // None where the office's key was changed meanwhile.
                    if let Some(digest) = self.keep_attachment(&new, now).await? {
                        return Ok(Attached::Here(digest));
                    }
                }
            }
        }
        Err(KeysError::Contended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, bytes: &[u8]) -> Result<Attachment, NotTaken> {
        Attachment::checked(name, bytes.to_vec(), 100)
    }

    #[test]
    fn an_attachment_keeps_its_name_and_bytes() {
        let attachment = Attachment { name: "照片.jpg".to_owned(), bytes: vec![0, 1, 2, 255] };
        assert_eq!(Attachment::of_clear(&attachment.to_clear()), Some(attachment));
        assert_eq!(Attachment::of_clear(&[0, 0, 0, 9, 1]), None);
    }

    #[test]
    fn what_is_no_attachment_is_refused_with_the_reason() {
        assert_eq!(checked(" 照片.jpg ", b"\xff\xd8\xff").unwrap().name, "照片.jpg");
        for (name, bytes, why) in [
            ("", &b"x"[..], NotTaken::Unnamed),
            ("../a.txt", b"x", NotTaken::Unnamed),
            ("a.txt", b"", NotTaken::Empty),
            ("a.txt", &[b'x'; 101], NotTaken::TooLarge(100)),
            ("a.pdf", b"\xff\xd8\xff", NotTaken::UnsupportedType),
            ("a.exe", b"MZ\x90\0", NotTaken::UnsupportedType),
            ("【机密】.txt", b"x", NotTaken::Marked),
            ("a.txt", "秘密★1年\n关于".as_bytes(), NotTaken::Marked),
            ("a.txt", &GB18030.encode("密级：机密\n关于").0, NotTaken::Marked),
        ] {
            assert_eq!(checked(name, bytes).unwrap_err(), why, "{name}");
            assert!(!why.chinese().is_empty() && !why.to_string().is_empty() && !why.code().is_empty());
        }
    }

    #[test]
    fn nothing_of_an_attachment_is_shown_by_mistake() {
        assert_eq!(format!("{:?}", checked("杨才让.txt", b"x").unwrap()), "Attachment(1 bytes)");
    }
}
