-- The ledgers there are. Each is folded from the whole log, in a file of its own; one of them serves.
CREATE TABLE generations (
    generation INTEGER PRIMARY KEY CHECK (generation > 0),
    standing TEXT NOT NULL CHECK (standing IN ('folding', 'serving', 'retired'))
) STRICT;

CREATE UNIQUE INDEX one_generation_serves ON generations (standing) WHERE standing = 'serving';
