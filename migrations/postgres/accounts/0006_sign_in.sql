-- What people sign in with. `login` is as it is compared, `password` an Argon2id hash as a PHC string.
CREATE TABLE credentials (
    person UUID PRIMARY KEY NOT NULL,
    login TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    changed TIMESTAMPTZ NOT NULL
);

-- Links that let somebody set a password once. `hash` is the SHA-256 of what is in the link. One without a person is for
-- whoever sets the installation up; it has a person from when it was first used.
CREATE TABLE links (
    hash BYTEA PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    person UUID,
    created TIMESTAMPTZ NOT NULL,
    expires TIMESTAMPTZ NOT NULL,
    used TIMESTAMPTZ
);

-- Who is signed in, from where. `hash` is the SHA-256 of what the browser holds; `used` is told only roughly.
CREATE TABLE sessions (
    id UUID PRIMARY KEY NOT NULL,
    hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
    person UUID NOT NULL,
    on_behalf_of UUID,
    address TEXT NOT NULL,
    browser TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL,
    used TIMESTAMPTZ NOT NULL,
    ended TIMESTAMPTZ
);

CREATE INDEX sessions_of_person ON sessions (person);

-- Attempts to sign in that have not succeeded, of the last quarter of an hour or so.
CREATE TABLE attempts (
    id UUID PRIMARY KEY NOT NULL,
    login TEXT NOT NULL,
    address TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);

CREATE INDEX attempts_by_moment ON attempts (at);
