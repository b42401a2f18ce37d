//! Who opens: the store, with the office's private key where that is here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rectify_case::{Digest, FindingId, SealAlgorithm, Sealed};
use zeroize::Zeroizing;

use crate::attachment::Attachment;
use crate::content::{self, Content};
use crate::error::NotOpened;
use crate::keys::{Keys, WRAPPING, unwrapped};
use crate::office::PrivateKey;

/// Opens what is sealed of petitions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Opener {
    keys: Keys,
    private: Option<PrivateKey>,
    /// The key that the office had before.
    earlier: Option<PrivateKey>,
}

impl Opener {
    /// Returns an opener; without a private key it opens nothing, and says so.
    pub fn new(keys: Keys, private: Option<PrivateKey>) -> Opener {
        Opener { keys, private, earlier: None }
    }

    /// Adds the key that the office had before. It opens no petition any more, only what was sealed to it as a whole: what was
    /// set aside, and drafts.
    pub fn with_earlier(self, earlier: Option<PrivateKey>) -> Opener {
        Opener { earlier, ..self }
    }

    /// Returns the store.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Returns whether the private half of the office's key is here.
    pub fn opens(&self) -> bool {
        self.private.as_ref().is_some_and(|private| private.public() == self.keys.public())
    }

    /// Opens the content of a petition.
    pub async fn content(&self, finding: FindingId, sealed: &Sealed) -> Result<Content, NotOpened> {
        let Sealed { algorithm: SealAlgorithm::XChaCha20Poly1305, generation, ciphertext, .. } = sealed;
        let wrapped = self.keys.wrapped(finding, *generation).await?;
        let about = content::about_content(finding, *generation);
        let bytes = STANDARD.decode(ciphertext).map_err(|_| NotOpened::Broken)?;
        let clear = self.open(finding, wrapped, &about, &bytes).await?;
        Content::of_clear(&clear).ok_or(NotOpened::Broken)
    }

    /// Opens an attachment of a petition, given its sealed bytes.
    pub async fn attachment(
        &self,
        finding: FindingId,
        digest: &Digest,
        sealed: &[u8],
    ) -> Result<Attachment, NotOpened> {
        let wrapped = self.keys.wrapped_attachment(finding, digest).await?;
        let clear = self.open(finding, wrapped, &content::about_attachment(finding), sealed).await?;
        Attachment::of_clear(&clear).ok_or(NotOpened::Broken)
    }

    /// Opens what was set aside.
    pub fn set_aside(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        self.whole(|private| private.open_set_aside(sealed))
    }

    /// Opens a draft that was sealed about what it is kept by.
    pub fn draft(&self, about: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        self.whole(|private| private.open_draft(about, sealed))
    }

    /// Opens what was sealed to the office's key itself, or to the one before it.
    fn whole(&self, open: impl Fn(&PrivateKey) -> Option<Zeroizing<Vec<u8>>>) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let private = self.private.as_ref().ok_or(NotOpened::NoPrivateKey)?;
        open(private).or_else(|| self.earlier.as_ref().and_then(open)).ok_or(NotOpened::Broken)
    }

    async fn open(
        &self,
        finding: FindingId,
        wrapped: Option<Vec<u8>>,
        about: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let Some(wrapped) = wrapped else {
            let erased = self.keys.erased(finding).await?;
            return Err(erased.map_or(NotOpened::NoDataKey, NotOpened::Erased));
        };
        let private = self.private.as_ref().ok_or(NotOpened::NoPrivateKey)?;
        let Some(key) = private.open(WRAPPING, about, &wrapped) else {
            // The office may have another key by now, of which this process was not told.
            let is_ours = self.keys.current_public().await? == private.public();
            return Err(if is_ours { NotOpened::Broken } else { NotOpened::NoPrivateKey });
        };
        let key = unwrapped(&key).ok_or(NotOpened::Broken)?;
        content::open(&key, about, sealed).ok_or(NotOpened::Broken)
    }
}
