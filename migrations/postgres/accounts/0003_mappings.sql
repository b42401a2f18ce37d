-- Which headers of foreign sheets mean which columns: by the unit that handed one in, and by the header it was used on.
CREATE TABLE mappings (
    unit UUID NOT NULL,
    intake TEXT NOT NULL,
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    header TEXT NOT NULL,
    mapping TEXT NOT NULL,
    person UUID NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (unit, intake, fingerprint)
);

-- What each delivery held of a document, and what earlier ones had held that was not in it.
CREATE TABLE deliveries (
    id UUID PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    issuing_body TEXT NOT NULL,
    document TEXT NOT NULL,
    person UUID NOT NULL,
    unit UUID NOT NULL,
    received TIMESTAMPTZ NOT NULL,
    held TEXT NOT NULL,
    gone TEXT NOT NULL
);

CREATE INDEX deliveries_of_document ON deliveries (source, issuing_body, document, received);
