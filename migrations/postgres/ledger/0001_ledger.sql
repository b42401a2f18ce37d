-- One generation of the ledger: everything here is folded from the log and can be dropped and folded again.
-- An entry is known by the position of its case's first event. Instants are microseconds since 1970. The indexes that
-- only readers need are made later, when the log is folded (`INDEXES` in the crate).

-- How far the log is folded: of which log, in which shape, and with days counted so many seconds east of UTC.
CREATE TABLE checkpoint (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    log UUID,
    position BIGINT NOT NULL CHECK (position >= 0),
    shape BIGINT NOT NULL,
    zone BIGINT
);

-- The events of the directory, so that it can be folded without the log.
CREATE TABLE directory (
    position BIGINT PRIMARY KEY,
    event TEXT NOT NULL
);

-- Every unit with itself and each unit above it, so that who asks for one gets those below it too.
CREATE TABLE above (
    unit UUID NOT NULL,
    above UUID NOT NULL,
    PRIMARY KEY (above, unit)
);

-- One row a case. `carried_over` is whether it comes from an older ledger (承前), `declared` whether its closure is that
-- ledger's and not proved. `walled` is whether the firewall or a recusal keeps it from anybody; `live` is whether it waits for someone.
-- The days beside what happened are those of the office's zone; `elapsed` is microseconds.
CREATE TABLE cases (
    entry BIGINT PRIMARY KEY,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    stage TEXT NOT NULL,
    live BOOLEAN NOT NULL,
    number TEXT COLLATE "C",
    number_order TEXT COLLATE "C" NOT NULL,
    old_number TEXT,
    carried_over BOOLEAN NOT NULL,
    declared BOOLEAN NOT NULL,
    title TEXT NOT NULL,
    place TEXT,
    words TEXT NOT NULL,
    source TEXT COLLATE "C",
    division TEXT COLLATE "C",
    severity BIGINT NOT NULL,
    class TEXT,
    walled BOOLEAN NOT NULL,
    office UUID,
    lead UUID,
    due BIGINT,
    due_day TEXT,
    outcome TEXT,
    listed BOOLEAN NOT NULL,
    extension BOOLEAN NOT NULL,
    level BIGINT,
    holder UUID,
    parent UUID,
    parts BIGINT NOT NULL,
    discovered TEXT,
    discovered_on TEXT COLLATE "C",
    registered TEXT,
    registered_on TEXT COLLATE "C",
    reported TEXT,
    reported_on TEXT COLLATE "C",
    closed TEXT,
    closed_on TEXT COLLATE "C",
    elapsed BIGINT,
    returns BIGINT NOT NULL,
    reopenings BIGINT NOT NULL,
    pressed BIGINT NOT NULL,
    missed BIGINT NOT NULL,
    repeated BIGINT NOT NULL,
    late_entries BIGINT NOT NULL,
    unplaced BIGINT NOT NULL
);

-- The folded case itself, so that folding goes on without reading its stream. Also of a case without a row, which only
-- had events that have no place.
CREATE TABLE case_state (
    entry BIGINT PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    state TEXT NOT NULL
);

-- The units that answer for a case or verify it, by the part they have in it. When the case is late (the greatest number where it never
-- is), whether it waits for somebody and whether it is kept from anybody stand beside it, so that what a unit has due first is found
-- without looking at the rest.
CREATE TABLE case_units (
    entry BIGINT NOT NULL,
    unit UUID NOT NULL,
    part TEXT NOT NULL,
    due BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    walled BOOLEAN NOT NULL,
    PRIMARY KEY (entry, unit, part)
);

-- The persons it reaches by name, with the same beside it.
CREATE TABLE case_persons (
    entry BIGINT NOT NULL,
    person UUID NOT NULL,
    due BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    walled BOOLEAN NOT NULL,
    PRIMARY KEY (entry, person)
);

-- The divisions whose offices it reaches.
CREATE TABLE case_divisions (
    entry BIGINT NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (entry, division)
);

-- Whom it never reaches: units with all below them, and persons.
CREATE TABLE case_walls (
    entry BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('unit', 'person')),
    walled UUID NOT NULL,
    PRIMARY KEY (entry, kind, walled)
);

-- What it waits for, and the unit whose people can do it. `due` is when it is late, or the greatest number where it never
-- is; with division and wall of the case beside it, what waits for somebody is counted without looking at the cases.
CREATE TABLE case_waits (
    entry BIGINT NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    unit UUID NOT NULL,
    due BIGINT NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    walled BOOLEAN NOT NULL,
    PRIMARY KEY (entry, act, unit)
);

-- Its findings: what they are compared by, and their words without punctuation.
CREATE TABLE findings (
    entry BIGINT NOT NULL,
    id UUID NOT NULL,
    document TEXT NOT NULL,
    item TEXT NOT NULL,
    division TEXT NOT NULL,
    place TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (entry, id)
);

-- Hashes of its findings' place and words: what is nearly alike shares one.
CREATE TABLE bands (
    entry BIGINT NOT NULL,
    band BIGINT NOT NULL,
    PRIMARY KEY (entry, band)
);

-- The cases it has to do with.
CREATE TABLE relations (
    entry BIGINT NOT NULL,
    kind TEXT NOT NULL,
    other UUID NOT NULL,
    PRIMARY KEY (entry, kind, other)
);

-- How many cases that are kept from nobody there are, by what is counted, and how many of them were ever
-- returned and reopened. Empty text and the nil id stand for none.
CREATE TABLE counts (
    stage TEXT NOT NULL,
    source TEXT NOT NULL,
    division TEXT NOT NULL,
    lead UUID NOT NULL,
    outcome TEXT NOT NULL,
    declared BOOLEAN NOT NULL,
    cases BIGINT NOT NULL,
    returned BIGINT NOT NULL,
    reopened BIGINT NOT NULL,
    PRIMARY KEY (stage, source, division, lead, outcome, declared)
);

-- How many of them were registered, and closed and proved here, in a month.
CREATE TABLE flows (
    what TEXT NOT NULL CHECK (what IN ('registered', 'closed')),
    month TEXT COLLATE "C" NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    lead UUID NOT NULL,
    cases BIGINT NOT NULL,
    PRIMARY KEY (what, month, division, lead)
);

-- How many days from discovery those took that were closed and proved here in a year.
CREATE TABLE closures (
    year BIGINT NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    days BIGINT NOT NULL,
    cases BIGINT NOT NULL,
    PRIMARY KEY (year, division, days)
);

-- What an event shows that may tell of a repair on paper only (疑点), as it was folded: an event never shows anything else
-- later. `mark` is what signs of several cases are brought together by, `other_day` the day that the event's own is compared
-- with, `report` the version of the completion report it follows, `seconds` how long after that. Empty text and 0 stand for none.
CREATE TABLE signs (
    position BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    mark TEXT COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    version BIGINT NOT NULL,
    unit UUID NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    other_day TEXT COLLATE "C" NOT NULL,
    report BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    PRIMARY KEY (position, kind, mark)
);

-- The words of completion reports without anything between them, by the position of the report.
CREATE TABLE told (
    position BIGINT PRIMARY KEY,
    entry BIGINT NOT NULL,
    words TEXT NOT NULL
);

-- Texts that wait for the indexer, as of a position.
CREATE TABLE search_queue (
    entry BIGINT PRIMARY KEY,
    position BIGINT NOT NULL,
    text TEXT NOT NULL
);

-- The words and pairs of characters of each case.
CREATE TABLE search (
    entry BIGINT PRIMARY KEY,
    tokens TSVECTOR NOT NULL
);

CREATE INDEX search_by_token ON search USING gin (tokens);
