-- Empty forms of superior offices, by the office that keeps them: the workbook, and which of our columns stands under which of
-- its headings.
CREATE TABLE forms (
    id BLOB PRIMARY KEY NOT NULL,
    unit BLOB NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    bytes BLOB NOT NULL,
    sheet TEXT NOT NULL,
    first INTEGER NOT NULL CHECK (first > 0),
    columns TEXT NOT NULL,
    person BLOB NOT NULL,
    since TEXT NOT NULL
) STRICT;

CREATE INDEX forms_of_unit ON forms (unit);
