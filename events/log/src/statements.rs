//! The statements that both databases read alike.

/// Makes the log, unless it was made.
pub(crate) const MAKE_HEAD: &str = "
INSERT INTO head (one, log, position, recorded)
VALUES (1, $1, 0, $2)
ON CONFLICT DO NOTHING";

/// Which log is this?
pub(crate) const LOG_ID: &str = "
SELECT log
FROM head";

/// How far does the log go?
pub(crate) const HEAD: &str = "
SELECT position
FROM head";

/// Takes the log's lock and says what the head is under it.
pub(crate) const LOCK_HEAD: &str = "
UPDATE head
SET position = position
RETURNING log, position, recorded";

/// Which events come after a position?
pub(crate) const EVENTS_AFTER: &str = "
SELECT position, leaf, bytes
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2";

/// Which events of a stream come after a version?
pub(crate) const EVENTS_OF_STREAM: &str = "
SELECT position, leaf, bytes
FROM events
WHERE stream = $1 AND version > $2
ORDER BY version";

/// Which events come after a position, with what is said of them beside their bytes?
pub(crate) const RAW_AFTER: &str = "
SELECT position, stream, type, leaf, bytes
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2";

/// What did a key first write?
pub(crate) const WRITTEN_UNDER_KEY: &str = "
SELECT position, events, content
FROM appends
WHERE key = $1";

#[cfg(test)]
pub(crate) const ALL: &[&str] =
    &[MAKE_HEAD, LOG_ID, HEAD, LOCK_HEAD, EVENTS_AFTER, EVENTS_OF_STREAM, RAW_AFTER, WRITTEN_UNDER_KEY];
