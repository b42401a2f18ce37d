-- The tiles of the tree over the log: up to 256 hashes of one level each, 32 bytes a hash. They follow from the log's leaves, and
-- those that are not full grow.
CREATE TABLE tiles (
    level SMALLINT NOT NULL CHECK (level >= 0),
    n BIGINT NOT NULL CHECK (n >= 0),
    hashes BYTEA NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, n)
);

-- What the sealer signed: that the log had so many events, with this root over them.
CREATE TABLE checkpoints (
    size BIGINT PRIMARY KEY CHECK (size > 0),
    root BYTEA NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL,
    signed TIMESTAMPTZ NOT NULL
);

-- The public keys that it signed with, each from which size on.
CREATE TABLE signers (
    key TEXT PRIMARY KEY,
    since BIGINT NOT NULL CHECK (since > 0)
);

-- What witnesses signed: that a checkpoint goes on from every earlier one they saw.
CREATE TABLE cosignatures (
    size BIGINT NOT NULL REFERENCES checkpoints (size),
    witness TEXT NOT NULL,
    line TEXT NOT NULL,
    received TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (size, witness)
);

CREATE FUNCTION refuse_change_of_what_was_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$;

CREATE TRIGGER checkpoints_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_what_was_signed();

CREATE TRIGGER signers_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_what_was_signed();
