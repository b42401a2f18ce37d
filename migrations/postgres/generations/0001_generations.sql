-- The ledgers there are. Each is folded from the whole log, in a schema of its own; one of them serves.
CREATE TABLE generations (
    generation BIGINT PRIMARY KEY CHECK (generation > 0),
    standing TEXT NOT NULL CHECK (standing IN ('folding', 'serving', 'retired'))
);

CREATE UNIQUE INDEX one_generation_serves ON generations (standing) WHERE standing = 'serving';
