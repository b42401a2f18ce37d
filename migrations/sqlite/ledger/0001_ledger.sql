-- One generation of the ledger: everything here is folded from the log and can be dropped and folded again.
-- An entry is known by the position of its case's first event. Instants are microseconds since 1970.

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
    id BLOB NOT NULL UNIQUE,
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
    elapsed INTEGER,
    returns INTEGER NOT NULL,
    reopenings INTEGER NOT NULL,
    pressed INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    repeated INTEGER NOT NULL,
    late_entries INTEGER NOT NULL,
    unplaced INTEGER NOT NULL
) STRICT;

CREATE INDEX cases_by_number ON cases (number);
CREATE INDEX cases_by_old_number ON cases (old_number) WHERE old_number IS NOT NULL;
CREATE INDEX cases_due ON cases (due) WHERE live;
CREATE INDEX cases_walled ON cases (entry) WHERE walled;
CREATE INDEX cases_by_stage ON cases (stage);
CREATE INDEX cases_by_update ON cases (position);
CREATE INDEX cases_by_number_order ON cases (number_order, entry);
CREATE INDEX cases_by_deadline ON cases (coalesce(due, 9223372036854775807), entry);
CREATE INDEX cases_live_by_deadline ON cases (coalesce(due, 9223372036854775807), entry) WHERE live;
CREATE INDEX cases_by_registration ON cases (coalesce(registered_on, ''), entry);
CREATE INDEX cases_by_parent ON cases (parent) WHERE parent IS NOT NULL;

-- The folded case itself, so that folding goes on without reading its stream. Also of a case without a row, which only
-- had events that have no place.
CREATE TABLE case_state (
    entry INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL
) STRICT;

-- The units that answer for a case or verify it, by the part they have in it.
CREATE TABLE case_units (
    entry INTEGER NOT NULL,
    unit BLOB NOT NULL,
    part TEXT NOT NULL,
    PRIMARY KEY (entry, unit, part)
) STRICT, WITHOUT ROWID;

CREATE INDEX case_units_by_unit ON case_units (unit, entry);

-- The persons it reaches by name.
CREATE TABLE case_persons (
    entry INTEGER NOT NULL,
    person BLOB NOT NULL,
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

CREATE INDEX case_walls_by_walled ON case_walls (walled);

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

CREATE INDEX findings_by_id ON findings (id);
CREATE INDEX findings_by_reference ON findings (document, item);

-- Hashes of its findings' place and words: what is nearly alike shares one.
CREATE TABLE bands (
    band INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (band, entry)
) STRICT, WITHOUT ROWID;

CREATE INDEX bands_by_entry ON bands (entry);

-- The cases it has to do with.
CREATE TABLE relations (
    entry INTEGER NOT NULL,
    kind TEXT NOT NULL,
    other BLOB NOT NULL,
    PRIMARY KEY (entry, kind, other)
) STRICT, WITHOUT ROWID;

CREATE INDEX relations_by_other ON relations (other);

-- How many cases that are kept from nobody there are, by what is counted. Empty text and the nil id stand for none.
CREATE TABLE counts (
    stage TEXT NOT NULL,
    source TEXT NOT NULL,
    division TEXT NOT NULL,
    lead BLOB NOT NULL,
    outcome TEXT NOT NULL,
    declared INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (stage, source, division, lead, outcome, declared)
) STRICT, WITHOUT ROWID;

-- Texts that wait for the indexer, as of a position.
CREATE TABLE search_queue (
    entry INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- The words and pairs of characters of each case, by entry.
CREATE VIRTUAL TABLE search USING fts5(tokens, content='', contentless_delete=1, tokenize='unicode61');
