-- The head: which log this is, how far it goes, and when it was last written. One row; locking it is the log's lock.
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    recorded TEXT NOT NULL
) STRICT;

-- The events. `bytes` is the whole event as it is hashed, `leaf` its SHA-256; the other columns are copies to search by.
CREATE TABLE events (
    position INTEGER PRIMARY KEY CHECK (position > 0),
    id BLOB NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    type TEXT NOT NULL,
    happened TEXT NOT NULL,
    recorded TEXT NOT NULL,
    actor BLOB NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    bytes BLOB NOT NULL CHECK (length(bytes) <= 262144),
    UNIQUE (stream, version)
) STRICT;

-- What each idempotency key first wrote: so many events from a position on, with content of this SHA-256.
CREATE TABLE appends (
    key TEXT PRIMARY KEY,
    content BLOB NOT NULL CHECK (length(content) = 32),
    position INTEGER NOT NULL REFERENCES events (position),
    events INTEGER NOT NULL CHECK (events > 0)
) STRICT;

-- The last case number given in each series.
CREATE TABLE series (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last > 0)
) STRICT;

CREATE TRIGGER events_are_not_updated BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events is append-only');
END;

CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events is append-only');
END;

-- REPLACE deletes without firing a DELETE trigger.
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position)
    OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)
BEGIN
    SELECT RAISE(ABORT, 'events is append-only');
END;

CREATE TRIGGER appends_are_not_updated BEFORE UPDATE ON appends
BEGIN
    SELECT RAISE(ABORT, 'appends is append-only');
END;

CREATE TRIGGER appends_are_not_deleted BEFORE DELETE ON appends
BEGIN
    SELECT RAISE(ABORT, 'appends is append-only');
END;

CREATE TRIGGER appends_are_not_replaced BEFORE INSERT ON appends
WHEN EXISTS (SELECT 1 FROM appends WHERE key = NEW.key)
BEGIN
    SELECT RAISE(ABORT, 'appends is append-only');
END;
