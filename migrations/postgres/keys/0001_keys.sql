-- The keys of petitions. Nothing here opens anything without the office's private key, which is never in a database.

-- The office: the public half of its key, and the secret under which contents are known again.
CREATE TABLE office (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    public BYTEA NOT NULL CHECK (length(public) = 32),
    secret BYTEA NOT NULL CHECK (length(secret) = 32),
    created TIMESTAMPTZ NOT NULL
);

-- A data key for each content a petition was handed in with, wrapped to the office; what it sealed, so that the same content
-- is the same sealed finding again; and what the content is known by, which tells nothing without the office's secret.
CREATE TABLE data_keys (
    finding UUID NOT NULL,
    generation BIGINT NOT NULL CHECK (generation > 0),
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 32),
    wrapped BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    created TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (finding, generation),
    UNIQUE (finding, fingerprint)
);

-- A data key for each attachment, known by the SHA-256 of its sealed bytes.
CREATE TABLE attachments (
    finding UUID NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    fingerprint BYTEA NOT NULL CHECK (length(fingerprint) = 32),
    wrapped BYTEA NOT NULL,
    created TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (finding, digest),
    UNIQUE (finding, fingerprint)
);

-- The petitions whose keys were deleted. No content is known here any more.
CREATE TABLE shredded (
    finding UUID PRIMARY KEY NOT NULL,
    shredded TIMESTAMPTZ NOT NULL
);
