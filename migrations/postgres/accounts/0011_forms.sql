-- Empty forms of superior offices, by the office that keeps them: the workbook, and which of our columns stands under which of
-- its headings.
CREATE TABLE forms (
    id UUID PRIMARY KEY NOT NULL,
    unit UUID NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    bytes BYTEA NOT NULL,
    sheet TEXT NOT NULL,
    first BIGINT NOT NULL CHECK (first > 0),
    columns TEXT NOT NULL,
    person UUID NOT NULL,
    since TIMESTAMPTZ NOT NULL
);

CREATE INDEX forms_of_unit ON forms (unit);
