-- The backups that were made: when, where, and how far the log went. It is for the doctor to tell, and never restored.
CREATE TABLE backups (
    made TEXT NOT NULL,
    place TEXT NOT NULL,
    log BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    PRIMARY KEY (made, place)
) STRICT;
