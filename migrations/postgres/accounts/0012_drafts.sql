-- What somebody has begun to fill in for an act on a case, for nobody else to read. `content` is the form as it would be sent;
-- of a petition's case it is sealed to the office's key.
CREATE TABLE drafts (
    person UUID NOT NULL,
    case_id UUID NOT NULL,
    act TEXT NOT NULL,
    content BYTEA NOT NULL,
    is_sealed BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    saved TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (person, case_id, act)
);

CREATE INDEX drafts_of_case ON drafts (case_id);
