-- The tiles of the tree over the log: up to 256 hashes of one level each, 32 bytes a hash. They follow from the log's leaves, and
-- those that are not full grow.
CREATE TABLE tiles (
    level INTEGER NOT NULL CHECK (level >= 0),
    n INTEGER NOT NULL CHECK (n >= 0),
    hashes BLOB NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, n)
) STRICT;

-- What the sealer signed: that the log had so many events, with this root over them.
CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL,
    signed TEXT NOT NULL
) STRICT;

-- The public keys that it signed with, each from which size on.
CREATE TABLE signers (
    key TEXT PRIMARY KEY,
    since INTEGER NOT NULL CHECK (since > 0)
) STRICT;

-- What witnesses signed: that a checkpoint goes on from every earlier one they saw.
CREATE TABLE cosignatures (
    size INTEGER NOT NULL REFERENCES checkpoints (size),
    witness TEXT NOT NULL,
    line TEXT NOT NULL,
    received TEXT NOT NULL,
    PRIMARY KEY (size, witness)
) STRICT;

CREATE TRIGGER checkpoints_are_not_updated BEFORE UPDATE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints is append-only');
END;

CREATE TRIGGER checkpoints_are_not_deleted BEFORE DELETE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints is append-only');
END;

CREATE TRIGGER signers_are_not_updated BEFORE UPDATE ON signers
BEGIN
    SELECT RAISE(ABORT, 'signers is append-only');
END;

CREATE TRIGGER signers_are_not_deleted BEFORE DELETE ON signers
BEGIN
    SELECT RAISE(ABORT, 'signers is append-only');
END;
