-- Bearer tokens. The token itself is shown once and never kept: `hash` is its SHA-256. `used` is told only roughly.
CREATE TABLE tokens (
    id BLOB PRIMARY KEY NOT NULL,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    person BLOB NOT NULL,
    label TEXT NOT NULL,
    created TEXT NOT NULL,
    used TEXT,
    expires TEXT,
    revoked TEXT
) STRICT;

CREATE INDEX tokens_of_person ON tokens (person);
