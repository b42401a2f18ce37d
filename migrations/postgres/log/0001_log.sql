-- The head: which log this is, how far it goes, and when it was last written. One row; locking it is the log's lock.
CREATE TABLE head (
    one SMALLINT PRIMARY KEY CHECK (one = 1),
    log UUID NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    recorded TIMESTAMPTZ NOT NULL
);

-- The events. `bytes` is the whole event as it is hashed, `leaf` its SHA-256; the other columns are copies to search by.
CREATE TABLE events (
    position BIGINT PRIMARY KEY CHECK (position > 0),
    id UUID NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    type TEXT NOT NULL,
    happened TEXT NOT NULL,
    recorded TIMESTAMPTZ NOT NULL,
    actor UUID NOT NULL,
    leaf BYTEA NOT NULL CHECK (length(leaf) = 32),
    bytes BYTEA NOT NULL CHECK (length(bytes) <= 262144),
    UNIQUE (stream, version)
);

-- What each idempotency key first wrote: so many events from a position on, with content of this SHA-256.
CREATE TABLE appends (
    key TEXT PRIMARY KEY,
    content BYTEA NOT NULL CHECK (length(content) = 32),
    position BIGINT NOT NULL REFERENCES events (position),
    events BIGINT NOT NULL CHECK (events > 0)
);

-- The last case number given in each series.
CREATE TABLE series (
    name TEXT PRIMARY KEY,
    last BIGINT NOT NULL CHECK (last > 0)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$;

CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER appends_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON appends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
