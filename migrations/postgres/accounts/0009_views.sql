-- Views of the ledger that people named: `query` is what each asks for, in which order and with which columns.
CREATE TABLE ledger_views (
    id UUID PRIMARY KEY NOT NULL,
    person UUID NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL,
    UNIQUE (person, name)
);

-- How each person has the ledger where nothing else is said: which columns, and which of their views comes first.
CREATE TABLE ledger_habits (
    person UUID PRIMARY KEY NOT NULL,
    columns TEXT,
    opens UUID
);
