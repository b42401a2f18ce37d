-- What people sign in with. `login` is as it is compared, `password` an Argon2id hash as a PHC string.
CREATE TABLE credentials (
    person BLOB PRIMARY KEY NOT NULL,
    login TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    changed TEXT NOT NULL
) STRICT;

-- Links that let somebody set a password once. `hash` is the SHA-256 of what is in the link. One without a person is for
-- whoever sets the installation up; it has a person from when it was first used.
CREATE TABLE links (
    hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    person BLOB,
    created TEXT NOT NULL,
    expires TEXT NOT NULL,
    used TEXT
) STRICT;

-- Who is signed in, from where. `hash` is the SHA-256 of what the browser holds; `used` is told only roughly.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY NOT NULL,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    person BLOB NOT NULL,
    on_behalf_of BLOB,
    address TEXT NOT NULL,
    browser TEXT NOT NULL,
    created TEXT NOT NULL,
    used TEXT NOT NULL,
    ended TEXT
) STRICT;

CREATE INDEX sessions_of_person ON sessions (person);

-- Attempts to sign in that have not succeeded, of the last quarter of an hour or so.
CREATE TABLE attempts (
    id BLOB PRIMARY KEY NOT NULL,
    login TEXT NOT NULL,
    address TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE INDEX attempts_by_moment ON attempts (at);
