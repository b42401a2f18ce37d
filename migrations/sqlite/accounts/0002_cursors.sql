-- How far a follower of the log has come with what it does for each event.
CREATE TABLE cursors (
    name TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0)
) STRICT;
