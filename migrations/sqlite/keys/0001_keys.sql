-- The keys of petitions. Nothing here opens anything without the office's private key, which is never in a database.

-- The office: the public half of its key, and the secret under which contents are known again.
CREATE TABLE office (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    public BLOB NOT NULL CHECK (length(public) = 32),
    secret BLOB NOT NULL CHECK (length(secret) = 32),
    created TEXT NOT NULL
) STRICT;

-- A data key for each content a petition was handed in with, wrapped to the office; what it sealed, so that the same content
-- is the same sealed finding again; and what the content is known by, which tells nothing without the office's secret.
CREATE TABLE data_keys (
    finding BLOB NOT NULL,
    generation INTEGER NOT NULL CHECK (generation > 0),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    wrapped BLOB NOT NULL,
    sealed BLOB NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (finding, generation),
    UNIQUE (finding, fingerprint)
) STRICT;

-- A data key for each attachment, known by the SHA-256 of its sealed bytes.
CREATE TABLE attachments (
    finding BLOB NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    wrapped BLOB NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (finding, digest),
    UNIQUE (finding, fingerprint)
) STRICT;

-- The petitions whose keys were deleted. No content is known here any more.
CREATE TABLE shredded (
    finding BLOB PRIMARY KEY NOT NULL,
    shredded TEXT NOT NULL
) STRICT;
