//! Where the bytes of evidence are, and the sealed bytes of petitions' attachments: a folder, or a bucket that speaks S3. Files
//! are known by their SHA-256.

use std::fmt::Display;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _};
use rectify_case::Digest;
use rectify_case::evidence::Evidence;
use sha2::Digest as _;

use crate::config::{EvidenceStore, S3};
use crate::ids;
use crate::media_type::{self, LOOKED_AT};

/// The files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    most: u64,
}

/// Why a file is not taken, or not found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is too large.
    #[error("a file has at most {most} bytes")]
    TooLarge {
        /// What is taken.
        most: u64,
    },
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is of no type that is taken.
    #[error("{name:?} is of no type that is taken as evidence, or its ending does not fit its content")]
    UnsupportedType {
        /// Its name.
        name: String,
    },
    /// Its bytes stopped coming.
    #[error("the file was cut off: {0}")]
    Cut(String),
    /// Its bytes are not those that it is known by.
    #[error("its SHA-256 is {found}, not {wanted}")]
    OtherBytes {
        /// What it is known by.
        wanted: Digest,
        /// What it has.
        found: Digest,
    },
    /// The folder cannot be made.
    #[error("cannot make the folder {}", folder.display())]
    NoFolder {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// This build has no S3.
    #[error("evidence.store names a bucket, and this build has no S3: build with the `server` feature")]
    NoS3,
    /// The store failed.
    #[error("the store of evidence failed")]
    Failed(#[from] object_store::Error),
}

/// How much is held of a file before it is written on: S3 takes no smaller parts than 5 MiB.
const PART: usize = 8 * 1024 * 1024;

impl Store {
    /// Opens the store that a configuration names.
    pub fn open(config: &crate::config::Evidence) -> Result<Store, StoreError> {
        let objects = match &config.store {
            EvidenceStore::Folder(folder) => open_folder(folder.clone())?,
            EvidenceStore::S3(bucket) => open_bucket(bucket)?,
        };
        Ok(Store { objects, most: config.max_bytes })
    }

    /// Takes a file in. It is hashed as it comes, and has its name only when it is whole.
    pub async fn take<E: Display>(
        &self,
        name: String,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Evidence, StoreError> {
        let mut hash = sha2::Sha256::new();
        let mut size = 0_u64;
        let mut held = Vec::new();
        let mut incoming: Option<Incoming> = None;
        let mut media_type = None;
        while let Some(chunk) = body.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(error) => return Err(self.given_up(incoming, StoreError::Cut(error.to_string())).await),
            };
            hash.update(&chunk);
            size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if size > self.most {
                return Err(self.given_up(incoming, StoreError::TooLarge { most: self.most }).await);
            }
            held.extend_from_slice(&chunk);
            if held.len() >= PART {
                if media_type.is_none() {
                    media_type = Some(judged(&held, &name)?);
                }
                let part = std::mem::take(&mut held);
                let put = match &mut incoming {
                    Some(incoming) => incoming.upload.put_part(part.into()).await.map_err(StoreError::from),
                    None => self.begin(part).await.map(|begun| incoming = Some(begun)),
                };
                if let Err(error) = put {
                    let error = self.given_up(incoming, error).await;
                    drain(&mut body, self.most).await;
                    return Err(error);
                }
            }
        }
        if size == 0 {
            return Err(StoreError::Empty);
        }
        let media_type = match media_type {
            Some(known) => known,
            None => judged(&held, &name)?,
        };
        let digest = digest_of(hash);
        self.finish(&digest, incoming, held).await?;
        Ok(Evidence { digest, name, media_type: media_type.to_owned(), size })
    }

    /// Returns whether a file is there as it is described; none where its bytes are not there.
    pub async fn knows(&self, evidence: &Evidence) -> Result<Option<bool>, StoreError> {
        let path = path_of(&evidence.digest);
        let Some(meta) = found(self.objects.head(&path).await)? else { return Ok(None) };
        let looked_at = u64::try_from(LOOKED_AT).unwrap_or(u64::MAX).min(meta.size);
        let head = self.objects.get_range(&path, 0..looked_at).await?;
        let media_type = media_type::of(&head, &evidence.name);
        Ok(Some(meta.size == evidence.size && media_type == Some(evidence.media_type.as_str())))
    }

    /// Returns the bytes one file may have.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// Returns how many bytes of a file are there; none where it is not.
    pub async fn size(&self, digest: &Digest) -> Result<Option<u64>, StoreError> {
        Ok(found(self.objects.head(&path_of(digest)).await)?.map(|meta| meta.size))
    }

    /// Keeps bytes whose type nobody can tell, for they are sealed, under their digest.
    pub async fn keep_sealed(&self, digest: &Digest, sealed: Bytes) -> Result<(), StoreError> {
        self.put_back(digest, futures::stream::iter([Ok::<_, StoreError>(sealed)])).await
    }

    /// Returns the bytes of a file; none where they are not there.
    pub async fn bytes(
        &self,
        digest: &Digest,
    ) -> Result<Option<BoxStream<'static, object_store::Result<Bytes>>>, StoreError> {
        let file = found(self.objects.get(&path_of(digest)).await)?;
        Ok(file.map(object_store::GetResult::into_stream))
    }

    /// Puts a file back that was here before, under the digest that it must have. Nothing is left of any other.
    pub async fn put_back<E: Display>(
        &self,
        digest: &Digest,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), StoreError> {
        let mut hash = sha2::Sha256::new();
        let mut held = Vec::new();
        let mut incoming: Option<Incoming> = None;
        while let Some(chunk) = body.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(error) => return Err(self.given_up(incoming, StoreError::Cut(error.to_string())).await),
            };
            hash.update(&chunk);
            held.extend_from_slice(&chunk);
            if held.len() >= PART {
                let part = std::mem::take(&mut held);
                let put = match &mut incoming {
                    Some(incoming) => incoming.upload.put_part(part.into()).await.map_err(StoreError::from),
                    None => self.begin(part).await.map(|begun| incoming = Some(begun)),
                };
                if let Err(error) = put {
                    return Err(self.given_up(incoming, error).await);
                }
            }
        }
        let found = digest_of(hash);
        if found != *digest {
            let error = StoreError::OtherBytes { wanted: digest.clone(), found };
            return Err(self.given_up(incoming, error).await);
        }
        self.finish(digest, incoming, held).await
    }

    async fn begin(&self, first: Vec<u8>) -> Result<Incoming, StoreError> {
        let path = Path::from(format!("incoming/{}", ids::new()));
        let upload = self.objects.put_multipart(&path).await?;
        let mut incoming = Incoming { path, upload };
        match incoming.upload.put_part(first.into()).await {
            Ok(()) => Ok(incoming),
            Err(error) => Err(self.given_up(Some(incoming), error.into()).await),
        }
    }

    async fn finish(&self, digest: &Digest, incoming: Option<Incoming>, rest: Vec<u8>) -> Result<(), StoreError> {
        let path = path_of(digest);
        let Some(mut incoming) = incoming else {
            self.objects.put(&path, rest.into()).await?;
            return Ok(());
        };
        match incoming.end(rest).await {
            Ok(()) => Ok(self.objects.rename(&incoming.path, &path).await?),
            Err(error) => Err(self.given_up(Some(incoming), error.into()).await),
        }
    }

    /// Leaves nothing behind of a file that is not taken.
    async fn given_up(&self, incoming: Option<Incoming>, error: StoreError) -> StoreError {
        if let Some(mut incoming) = incoming
            && let Err(error) = incoming.upload.abort().await
        {
            tracing::warn!(%error, "an upload that was given up left something behind");
        }
        error
    }
}

/// A file that is on its way in.
struct Incoming {
    path: Path,
    upload: Box<dyn MultipartUpload>,
}

impl Incoming {
    /// Writes what is left, and makes the file whole.
    async fn end(&mut self, rest: Vec<u8>) -> object_store::Result<()> {
        if !rest.is_empty() {
            self.upload.put_part(rest.into()).await?;
        }
        self.upload.complete().await.map(drop)
    }
}

/// Reads on, at most so many bytes: whoever is still sending would not hear why the file is not taken.
async fn drain<E>(body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin), most: u64) {
    let mut left = most;
    while let Some(Ok(chunk)) = body.next().await {
        let Some(rest) = left.checked_sub(u64::try_from(chunk.len()).unwrap_or(u64::MAX)) else { return };
        left = rest;
    }
}

fn digest_of(hash: sha2::Sha256) -> Digest {
    Digest::of(hash.finalize().into())
}

fn judged(head: &[u8], name: &str) -> Result<&'static str, StoreError> {
    let head = head.get(..LOOKED_AT).unwrap_or(head);
    media_type::of(head, name).ok_or_else(|| StoreError::UnsupportedType { name: name.to_owned() })
}

/// Spreads the files over folders by the first two digits.
fn path_of(digest: &Digest) -> Path {
    let text = digest.as_str();
    Path::from(format!("sha256/{}/{text}", &text[..2]))
}

fn found<T>(result: object_store::Result<T>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn open_folder(folder: PathBuf) -> Result<Arc<dyn ObjectStore>, StoreError> {
    // Nobody else on the machine may look into it.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|source| StoreError::NoFolder { folder: folder.clone(), source })?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
}

#[cfg(feature = "server")]
fn open_bucket(bucket: &S3) -> Result<Arc<dyn ObjectStore>, StoreError> {
    use object_store::aws::AmazonS3Builder;
    use object_store::prefix::PrefixStore;
    use secrecy::ExposeSecret as _;

    let named = bucket.url.strip_prefix("s3://").unwrap_or(&bucket.url);
    let (name, prefix) = named.split_once('/').unwrap_or((named, ""));
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(name);
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(region) = &bucket.region {
        builder = builder.with_region(region);
    }
    if let (Some(access), Some(secret)) = (&bucket.access_key, &bucket.secret_key) {
        builder = builder.with_access_key_id(access).with_secret_access_key(secret.expose_secret());
    }
    Ok(Arc::new(PrefixStore::new(builder.build()?, prefix)))
}

#[cfg(not(feature = "server"))]
fn open_bucket(_: &S3) -> Result<Arc<dyn ObjectStore>, StoreError> {
    Err(StoreError::NoS3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &std::path::Path, most: u64) -> Store {
        let config = crate::config::Evidence { store: EvidenceStore::Folder(folder.to_owned()), max_bytes: most };
        Store::open(&config).unwrap()
    }

    async fn take(store: &Store, name: &str, chunks: Vec<Bytes>) -> Result<Evidence, StoreError> {
        let body = futures::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
        store.take(name.to_owned(), body).await
    }

    async fn read(store: &Store, digest: &Digest) -> Vec<u8> {
        let mut bytes = store.bytes(digest).await.unwrap().unwrap();
        let mut all = Vec::new();
        while let Some(chunk) = bytes.next().await {
            all.extend_from_slice(&chunk.unwrap());
        }
        all
    }

    #[tokio::test]
    async fn a_file_is_known_by_its_hash_whether_it_came_in_one_part_or_in_many() {
        let folder = rectify_tests::folder();
        let store = store(folder.path(), 1 << 30);
        let small = take(&store, "说明.txt", vec!["已整改".into()]).await.unwrap();
        assert_eq!(small.size, 9);
        assert_eq!(small.media_type, "text/plain");
        assert_eq!(read(&store, &small.digest).await, "已整改".as_bytes());

        let chunk = Bytes::from(vec![b'a'; 3 << 20]);
        let large = take(&store, "记录.txt", vec![chunk.clone(); 7]).await.unwrap();
        assert_eq!(large.size, 21 << 20);
        assert_eq!(large.digest.as_str(), hex::encode(sha2::Sha256::digest(vec![b'a'; 21 << 20])));
        assert_eq!(read(&store, &large.digest).await.len(), 21 << 20);
        assert_eq!(take(&store, "记录.txt", vec![chunk; 7]).await.unwrap(), large);
        assert_eq!(std::fs::read_dir(folder.path().join("incoming")).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_is_too_large_empty_or_of_a_strange_type_leaves_nothing_behind() {
        let folder = rectify_tests::folder();
        let store = store(folder.path(), 20 << 20);
        let chunk = Bytes::from(vec![b'a'; 9 << 20]);
        let large = take(&store, "记录.txt", vec![chunk; 3]).await.unwrap_err();
        assert!(matches!(large, StoreError::TooLarge { .. }), "{large}");
        assert!(matches!(take(&store, "空.txt", vec![]).await.unwrap_err(), StoreError::Empty));
        let strange = take(&store, "程序.exe", vec!["MZ".into()]).await.unwrap_err();
        assert!(matches!(strange, StoreError::UnsupportedType { .. }), "{strange}");
        let incoming = folder.path().join("incoming");
        assert!(!incoming.exists() || std::fs::read_dir(incoming).unwrap().count() == 0);
        assert!(!folder.path().join("sha256").exists());
    }

    #[tokio::test]
    async fn what_is_named_must_be_there_as_it_is_named() {
        let folder = rectify_tests::folder();
        let store = store(folder.path(), 1 << 20);
        let filed = take(&store, "验收单.pdf", vec!["%PDF-1.7".into()]).await.unwrap();
        assert_eq!(store.knows(&filed).await.unwrap(), Some(true));
        assert_eq!(store.knows(&Evidence { size: 1, ..filed.clone() }).await.unwrap(), Some(false));
        let lie = Evidence { media_type: "text/html".into(), ..filed.clone() };
        assert_eq!(store.knows(&lie).await.unwrap(), Some(false));
        let absent = Evidence { digest: "0".repeat(64).parse().unwrap(), ..filed };
        assert_eq!(store.knows(&absent).await.unwrap(), None);
    }
}
