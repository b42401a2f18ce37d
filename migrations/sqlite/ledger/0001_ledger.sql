-- One generation of the ledger: everything here is folded from the log and can be dropped and folded again.
-- An entry is known by the position of its case's first event. Instants are microseconds since 1970. The indexes that
-- only readers need are made later, when the log is folded (`INDEXES` in the crate).

-- How far the log is folded: of which log, in which shape, and with days counted so many seconds east of UTC.
CREATE TABLE checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log BLOB,
    position INTEGER NOT NULL CHECK (position >= 0),
    shape INTEGER NOT NULL,
    zone INTEGER
) STRICT;

-- The events of the directory, so that it can be folded without the log.
CREATE TABLE directory (
    position INTEGER PRIMARY KEY,
    event TEXT NOT NULL
) STRICT;

-- Every unit with itself and each unit above it, so that who asks for one gets those below it too.
CREATE TABLE above (
    unit BLOB NOT NULL,
    above BLOB NOT NULL,
    PRIMARY KEY (above, unit)
) STRICT, WITHOUT ROWID;

-- One row a case. `carried_over` is whether it comes from an older ledger (承前), `declared` whether its closure is that
-- ledger's and not proved. `walled` is whether the firewall or a recusal keeps it from anybody; `live` is whether it waits for someone.
-- The days beside what happened are those of the office's zone; `elapsed` is microseconds.
CREATE TABLE cases (
    entry INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    stage TEXT NOT NULL,
    live INTEGER NOT NULL,
    number TEXT,
    number_order TEXT NOT NULL,
    old_number TEXT,
    carried_over INTEGER NOT NULL,
    declared INTEGER NOT NULL,
    title TEXT NOT NULL,
    place TEXT,
    words TEXT NOT NULL,
    source TEXT,
    division TEXT,
    severity INTEGER NOT NULL,
    class TEXT,
    walled INTEGER NOT NULL,
    office BLOB,
    lead BLOB,
    due INTEGER,
    due_day TEXT,
    outcome TEXT,
    listed INTEGER NOT NULL,
    extension INTEGER NOT NULL,
    level INTEGER,
    holder BLOB,
    parent BLOB,
    parts INTEGER NOT NULL,
    discovered TEXT,
    discovered_on TEXT,
    registered TEXT,
    registered_on TEXT,
    reported TEXT,
    reported_on TEXT,
    closed TEXT,
    closed_on TEXT,
    elapsed INTEGER,
    returns INTEGER NOT NULL,
    reopenings INTEGER NOT NULL,
    pressed INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    repeated INTEGER NOT NULL,
    late_entries INTEGER NOT NULL,
    unplaced INTEGER NOT NULL
) STRICT;

-- The folded case itself, so that folding goes on without reading its stream. Also of a case without a row, which only
-- had events that have no place.
CREATE TABLE case_state (
    entry INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL
) STRICT;

-- The units that answer for a case or verify it, by the part they have in it. When the case is late (the greatest number where it never
-- is), whether it waits for somebody and whether it is kept from anybody stand beside it, so that what a unit has due first is found
-- without looking at the rest.
CREATE TABLE case_units (
    entry INTEGER NOT NULL,
    unit BLOB NOT NULL,
    part TEXT NOT NULL,
    due INTEGER NOT NULL,
    live INTEGER NOT NULL,
    walled INTEGER NOT NULL,
    PRIMARY KEY (entry, unit, part)
) STRICT, WITHOUT ROWID;

-- The persons it reaches by name, with the same beside it.
CREATE TABLE case_persons (
    entry INTEGER NOT NULL,
    person BLOB NOT NULL,
    due INTEGER NOT NULL,
    live INTEGER NOT NULL,
    walled INTEGER NOT NULL,
    PRIMARY KEY (entry, person)
) STRICT, WITHOUT ROWID;

-- The divisions whose offices it reaches.
CREATE TABLE case_divisions (
    entry INTEGER NOT NULL,
    division TEXT NOT NULL,
    PRIMARY KEY (entry, division)
) STRICT, WITHOUT ROWID;

-- Whom it never reaches: units with all below them, and persons.
CREATE TABLE case_walls (
    entry INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('unit', 'person')),
    walled BLOB NOT NULL,
    PRIMARY KEY (entry, kind, walled)
) STRICT, WITHOUT ROWID;

-- What it waits for, and the unit whose people can do it. `due` is when it is late, or the greatest number where it never
-- is; with division and wall of the case beside it, what waits for somebody is counted without looking at the cases.
CREATE TABLE case_waits (
    entry INTEGER NOT NULL,
    act TEXT NOT NULL,
    unit BLOB NOT NULL,
    due INTEGER NOT NULL,
    division TEXT NOT NULL,
    walled INTEGER NOT NULL,
    PRIMARY KEY (entry, act, unit)
) STRICT, WITHOUT ROWID;

-- Its findings: what they are compared by, and their words without punctuation.
CREATE TABLE findings (
    entry INTEGER NOT NULL,
    id BLOB NOT NULL,
    document TEXT NOT NULL,
    item TEXT NOT NULL,
    division TEXT NOT NULL,
    place TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (entry, id)
) STRICT, WITHOUT ROWID;

-- Hashes of its findings' place and words: what is nearly alike shares one.
CREATE TABLE bands (
    entry INTEGER NOT NULL,
    band INTEGER NOT NULL,
    PRIMARY KEY (entry, band)
) STRICT, WITHOUT ROWID;

-- The cases it has to do with.
CREATE TABLE relations (
    entry INTEGER NOT NULL,
    kind TEXT NOT NULL,
    other BLOB NOT NULL,
    PRIMARY KEY (entry, kind, other)
) STRICT, WITHOUT ROWID;

-- How many cases that are kept from nobody there are, by what is counted, and how many of them were ever
-- returned and reopened. Empty text and the nil id stand for none.
CREATE TABLE counts (
    stage TEXT NOT NULL,
    source TEXT NOT NULL,
    division TEXT NOT NULL,
    lead BLOB NOT NULL,
    outcome TEXT NOT NULL,
    declared INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    reopened INTEGER NOT NULL,
    PRIMARY KEY (stage, source, division, lead, outcome, declared)
) STRICT, WITHOUT ROWID;

-- How many of them were registered, and closed and proved here, in a month.
CREATE TABLE flows (
    what TEXT NOT NULL CHECK (what IN ('registered', 'closed')),
    month TEXT NOT NULL,
    division TEXT NOT NULL,
    lead BLOB NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (what, month, division, lead)
) STRICT, WITHOUT ROWID;

-- How many days from discovery those took that were closed and proved here in a year.
CREATE TABLE closures (
    year INTEGER NOT NULL,
    division TEXT NOT NULL,
    days INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (year, division, days)
) STRICT, WITHOUT ROWID;

-- What an event shows that may tell of a repair on paper only (疑点), as it was folded: an event never shows anything else
-- later. `mark` is what signs of several cases are brought together by, `other_day` the day that the event's own is compared
-- with, `report` the version of the completion report it follows, `seconds` how long after that. Empty text and 0 stand for none.
CREATE TABLE signs (
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    mark TEXT NOT NULL,
    entry INTEGER NOT NULL,
    version INTEGER NOT NULL,
    unit BLOB NOT NULL,
    day TEXT NOT NULL,
    other_day TEXT NOT NULL,
    report INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    PRIMARY KEY (position, kind, mark)
) STRICT, WITHOUT ROWID;

-- The words of completion reports without anything between them, by the position of the report.
CREATE TABLE told (
    position INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL,
    words TEXT NOT NULL
) STRICT;

-- Texts that wait for the indexer, as of a position.
CREATE TABLE search_queue (
    entry INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- The words and pairs of characters of each case, by entry.
CREATE VIRTUAL TABLE search USING fts5(tokens, content='', contentless_delete=1, tokenize='unicode61');
