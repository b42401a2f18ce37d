-- Which headers of foreign sheets mean which columns: by the unit that handed one in, and by the header it was used on.
CREATE TABLE mappings (
    unit BLOB NOT NULL,
    intake TEXT NOT NULL,
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    header TEXT NOT NULL,
    mapping TEXT NOT NULL,
    person BLOB NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (unit, intake, fingerprint)
) STRICT;

-- What each delivery held of a document, and what earlier ones had held that was not in it.
CREATE TABLE deliveries (
    id BLOB PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    issuing_body TEXT NOT NULL,
    document TEXT NOT NULL,
    person BLOB NOT NULL,
    unit BLOB NOT NULL,
    received TEXT NOT NULL,
    held TEXT NOT NULL,
    gone TEXT NOT NULL
) STRICT;

CREATE INDEX deliveries_of_document ON deliveries (source, issuing_body, document, received);
