-- Until when, in microseconds since 1970, moments may have been given out to hand-ins by whoever began while the clock was
-- behind the log.
CREATE TABLE given (
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    until INTEGER NOT NULL
) STRICT;
