//! The statements, read alike by both databases.

/// How far does the tree go?
pub(crate) const LAST_TILE: &str = "
SELECT n, hashes
FROM tiles
WHERE level = 0
ORDER BY n DESC
LIMIT 1";

/// What has a tile?
pub(crate) const TILE: &str = "
SELECT hashes
FROM tiles
WHERE level = $1 AND n = $2";

/// Keeps a tile, unless it is there with as many hashes or more: what stands in it never changes.
pub(crate) const KEEP_TILE: &str = "
INSERT INTO tiles (level, n, hashes)
VALUES ($1, $2, $3)
ON CONFLICT (level, n) DO UPDATE
SET hashes = excluded.hashes
WHERE length(tiles.hashes) < length(excluded.hashes)";

/// Keeps what was signed, unless there is something of that size.
pub(crate) const KEEP_CHECKPOINT: &str = "
INSERT INTO checkpoints (size, root, note, signed)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING";

/// Keeps a public key, from which size on it signs.
pub(crate) const KEEP_SIGNER: &str = "
INSERT INTO signers (key, since)
VALUES ($1, $2)
ON CONFLICT DO NOTHING";

/// What was signed last?
pub(crate) const LAST_CHECKPOINT: &str = "
SELECT note
FROM checkpoints
ORDER BY size DESC
LIMIT 1";

/// How large was the log that was signed last, and what was its root?
pub(crate) const LAST_MARK: &str = "
SELECT size, root
FROM checkpoints
ORDER BY size DESC
LIMIT 1";

/// What was signed first of what covers so many events?
pub(crate) const COVERING: &str = "
SELECT note
FROM checkpoints
WHERE size >= $1
ORDER BY size
LIMIT 1";

/// What was signed after a size?
pub(crate) const CHECKPOINTS_AFTER: &str = "
SELECT size, root, note
FROM checkpoints
WHERE size > $1
ORDER BY size
LIMIT $2";

/// Which keys signed, the newest first?
pub(crate) const SIGNERS: &str = "
SELECT key
FROM signers
ORDER BY since DESC, key";

/// Keeps what a witness signed.
pub(crate) const KEEP_COSIGNATURE: &str = "
INSERT INTO cosignatures (size, witness, line, received)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING";

/// What did witnesses sign of a size?
pub(crate) const COSIGNATURES: &str = "
SELECT line
FROM cosignatures
WHERE size = $1
ORDER BY received, witness";

/// Grants what is done to the tables: the registrar extends the tree and keeps what it signs, the desk keeps what witnesses send.
pub(crate) const GRANTS: &str = "
REVOKE ALL ON tiles, checkpoints, signers, cosignatures, proof_migrations FROM PUBLIC, {all};
GRANT SELECT ON tiles, checkpoints, signers, cosignatures, proof_migrations TO {registrar}, {desk}, {projector}, {reader};
GRANT INSERT, UPDATE ON tiles TO {registrar};
GRANT INSERT ON checkpoints, signers TO {registrar};
GRANT INSERT ON cosignatures TO {desk}";
