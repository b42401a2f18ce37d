-- When a content of a finding was handed in last that the log had already: no event tells it, and yet it is the last word.
CREATE TABLE heard (
    finding BLOB NOT NULL,
    content TEXT NOT NULL CHECK (length(content) = 64),
    received TEXT NOT NULL,
    PRIMARY KEY (finding, content)
) STRICT;
