-- Bearer tokens. The token itself is shown once and never kept: `hash` is its SHA-256. `used` is told only roughly.
CREATE TABLE tokens (
    id UUID PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
    person UUID NOT NULL,
    label TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL,
    used TIMESTAMPTZ,
    expires TIMESTAMPTZ,
    revoked TIMESTAMPTZ
);

CREATE INDEX tokens_of_person ON tokens (person);
