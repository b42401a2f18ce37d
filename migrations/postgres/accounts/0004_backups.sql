-- The backups that were made: when, where, and how far the log went. It is for the doctor to tell, and never restored.
CREATE TABLE backups (
    made TIMESTAMPTZ NOT NULL,
    place TEXT NOT NULL,
    log UUID NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    PRIMARY KEY (made, place)
);
