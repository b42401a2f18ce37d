-- What somebody has begun to fill in for an act on a case, for nobody else to read. `content` is the form as it would be sent;
-- of a petition's case it is sealed to the office's key.
CREATE TABLE drafts (
    person BLOB NOT NULL,
    case_id BLOB NOT NULL,
    act TEXT NOT NULL,
    content BLOB NOT NULL,
    is_sealed INTEGER NOT NULL,
    version INTEGER NOT NULL,
    saved TEXT NOT NULL,
    PRIMARY KEY (person, case_id, act)
) STRICT;

CREATE INDEX drafts_of_case ON drafts (case_id);
