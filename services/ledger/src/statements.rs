//! The statements that both databases read alike. What depends on a filter is put together in `filter.rs`.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $text;)*

        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// What finds cases for who reads, and nothing that is folded needs.
/// The last tells that all are made.
pub(crate) const INDEXES: &[&str] = &[
    "CREATE INDEX IF NOT EXISTS cases_by_number ON cases (number)",
    "CREATE INDEX IF NOT EXISTS cases_by_old_number ON cases (old_number) WHERE old_number IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS cases_due ON cases (due, division, lead, walled) WHERE live",
    "CREATE INDEX IF NOT EXISTS cases_by_closing ON cases (closed_on) WHERE closed_on IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS cases_walled ON cases (entry) WHERE walled",
    "CREATE INDEX IF NOT EXISTS cases_by_stage ON cases (stage, position)",
    "CREATE INDEX IF NOT EXISTS cases_by_update ON cases (position)",
    "CREATE INDEX IF NOT EXISTS cases_by_number_order ON cases (number_order, entry)",
    "CREATE INDEX IF NOT EXISTS cases_by_deadline ON cases (coalesce(due, 9223372036854775807), entry)",
    "CREATE INDEX IF NOT EXISTS cases_live_by_deadline ON cases (coalesce(due, 9223372036854775807), entry) WHERE live",
    "CREATE INDEX IF NOT EXISTS cases_by_registration ON cases (coalesce(registered_on, ''), entry)",
    "CREATE INDEX IF NOT EXISTS cases_by_place ON cases (division, place, coalesce(registered_on, ''), entry)",
    "CREATE INDEX IF NOT EXISTS cases_by_lead ON cases (lead, coalesce(registered_on, ''), entry)",
    "CREATE INDEX IF NOT EXISTS cases_by_severity ON cases (severity, entry)",
    "CREATE INDEX IF NOT EXISTS cases_by_parent ON cases (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS cases_by_division ON cases (division, entry) WHERE NOT walled",
    "CREATE INDEX IF NOT EXISTS case_divisions_by_division ON case_divisions (division, entry)",
    "CREATE INDEX IF NOT EXISTS case_units_by_unit ON case_units (unit, walled, live, due, entry)",
    "CREATE INDEX IF NOT EXISTS case_persons_by_person ON case_persons (person, walled, live, due, entry)",
    "CREATE INDEX IF NOT EXISTS case_waits_by_act ON case_waits (act, unit, due, entry, walled, division)",
    "CREATE INDEX IF NOT EXISTS above_by_unit ON above (unit)",
    "CREATE INDEX IF NOT EXISTS case_walls_by_walled ON case_walls (walled)",
    "CREATE INDEX IF NOT EXISTS findings_by_id ON findings (id)",
    "CREATE INDEX IF NOT EXISTS findings_by_reference ON findings (document, item)",
    "CREATE INDEX IF NOT EXISTS bands_by_band ON bands (band, entry)",
    "CREATE INDEX IF NOT EXISTS relations_by_other ON relations (other)",
    "CREATE INDEX IF NOT EXISTS signs_by_mark ON signs (kind, mark, position, entry)",
    "CREATE UNIQUE INDEX IF NOT EXISTS cases_by_id ON cases (id)",
];

statements! {
    /// Which generation serves?
    SERVING_GENERATION = "
SELECT generation
FROM generations
WHERE standing = 'serving'";

    /// Which generations are not needed any more?
    GENERATIONS_TO_DROP = "
SELECT generation
FROM generations
WHERE standing = 'retired'
ORDER BY generation";

    /// Enters a generation under the number after the last, and says which.
    BEGIN_GENERATION = "
INSERT INTO generations (generation, standing)
SELECT coalesce(max(generation), 0) + 1, 'folding'
FROM generations";

    /// Gives up every generation that is folded beside the serving one: whoever folds it comes too late.
    GIVE_UP_FOLDING = "
UPDATE generations
SET standing = 'retired'
WHERE standing = 'folding'";

    /// Which generation is folded beside the serving one?
    FOLDING_GENERATION = "
SELECT generation
FROM generations
WHERE standing = 'folding'
ORDER BY generation DESC";

    /// Ends the service of the serving generation.
    RETIRE_SERVING = "
UPDATE generations
SET standing = 'retired'
WHERE standing = 'serving'";

    /// Lets a generation serve that is still being folded.
    SERVE = "
UPDATE generations
SET standing = 'serving'
WHERE generation = $1 AND standing = 'folding'";

    /// Forgets a generation that was dropped.
    FORGET_GENERATION = "
DELETE FROM generations
WHERE generation = $1";

    /// Begins a ledger.
    BEGIN_CHECKPOINT = "
INSERT INTO checkpoint (one, log, position, shape, zone)
VALUES (1, NULL, 0, $1, NULL)
ON CONFLICT DO NOTHING";

    /// How far is the ledger folded, of which log, in which shape and zone?
    CHECKPOINT = "
SELECT log, position, shape, zone
FROM checkpoint";

    /// Moves the checkpoint, unless somebody else has.
    MOVE_CHECKPOINT = "
UPDATE checkpoint
SET log = $1, position = $2, shape = $3, zone = $4
WHERE position = $5";

    /// What happened to the directory?
    DIRECTORY_EVENTS = "
SELECT position, event
FROM directory
ORDER BY position";

    INSERT_DIRECTORY = "
INSERT INTO directory (position, event)
VALUES";

    DELETE_ABOVE = "
DELETE FROM above";

    INSERT_ABOVE = "
INSERT INTO above (unit, above)
VALUES";

    /// How do these cases stand? The list of ids follows.
    STATES_OF = "
SELECT s.entry, s.state
FROM case_state AS s
WHERE s.id IN ";

    /// How do the cases stand that these units answer for or verify? The list of units follows.
    STATES_WITH_UNITS = "
SELECT s.entry, s.state
FROM case_state AS s
WHERE s.entry IN (SELECT entry FROM case_units WHERE unit IN ";

    /// How do the cases stand that are kept from these persons? The list of persons follows.
    STATES_WALLED_FROM = "
SELECT s.entry, s.state
FROM case_state AS s
WHERE s.entry IN (SELECT entry FROM case_walls WHERE walled IN ";

    INSERT_STATES = "
INSERT INTO case_state (entry, id, state)
VALUES";

    INSERT_UNITS = "
INSERT INTO case_units (entry, unit, part, due, live, walled)
VALUES";

    INSERT_PERSONS = "
INSERT INTO case_persons (entry, person, due, live, walled)
VALUES";

    INSERT_DIVISIONS = "
INSERT INTO case_divisions (entry, division)
VALUES";

    INSERT_WALLS = "
INSERT INTO case_walls (entry, kind, walled)
VALUES";

    INSERT_WAITS = "
INSERT INTO case_waits (entry, act, unit, due, division, walled)
VALUES";

    /// Which cases wait to be registered, when are they late, in which division, and are they kept from anybody?
    CASES_TO_REGISTER = "
SELECT entry, due, division, walled
FROM cases
WHERE stage = 'discovered'";

    /// Which units stand above these, and they themselves? The list of units follows.
    UNITS_ABOVE = "
SELECT unit, above
FROM above
WHERE unit IN ";

    INSERT_FINDINGS = "
INSERT INTO findings (entry, id, document, item, division, place, words)
VALUES";

    INSERT_BANDS = "
INSERT INTO bands (entry, band)
VALUES";

    INSERT_RELATIONS = "
INSERT INTO relations (entry, kind, other)
VALUES";

    INSERT_SIGNS = "
INSERT INTO signs (position, kind, mark, entry, version, unit, day, other_day, report, seconds)
VALUES";

    INSERT_TOLD = "
INSERT INTO told (position, entry, words)
VALUES";

    INSERT_COUNTS = "
INSERT INTO counts (stage, source, division, lead, outcome, declared, cases, returned, reopened)
VALUES";

    ADD_COUNTS = "
ON CONFLICT (stage, source, division, lead, outcome, declared) DO UPDATE
SET cases = counts.cases + excluded.cases, returned = counts.returned + excluded.returned,
    reopened = counts.reopened + excluded.reopened";

    INSERT_FLOWS = "
INSERT INTO flows (what, month, division, lead, cases)
VALUES";

    ADD_FLOWS = "
ON CONFLICT (what, month, division, lead) DO UPDATE
SET cases = flows.cases + excluded.cases";

    INSERT_CLOSURES = "
INSERT INTO closures (year, division, days, cases)
VALUES";

    ADD_CLOSURES = "
ON CONFLICT (year, division, days) DO UPDATE
SET cases = closures.cases + excluded.cases";

    /// Counts of nothing are no rows ...
    DELETE_EMPTY_COUNTS = "
DELETE FROM counts
WHERE cases = 0";

    /// ... in none of the three tables.
    DELETE_EMPTY_FLOWS = "
DELETE FROM flows
WHERE cases = 0";

    DELETE_EMPTY_CLOSURES = "
DELETE FROM closures
WHERE cases = 0";

    QUEUE_TEXTS = "
INSERT INTO search_queue (entry, position, text)
VALUES";

    /// Which texts wait for the indexer?
    WAITING_TEXTS = "
SELECT entry, position, text
FROM search_queue
ORDER BY position, entry
LIMIT $1";

    /// Does a text wait for the indexer? One row if so.
    IS_TEXT_WAITING = "
SELECT CAST(1 AS BIGINT)
FROM search_queue
LIMIT 1";

    /// Takes a text from the queue, unless a newer one waits there by now.
    INDEXED = "
DELETE FROM search_queue
WHERE entry = $1 AND position = $2";

    /// Which case has this number?
    CASE_NUMBERED = "
SELECT id
FROM cases
WHERE number = $1
ORDER BY entry";

    /// Which cases that are no accusations have another finding of this document and item?
    CASES_WITH_REFERENCE = "
SELECT DISTINCT c.entry, c.id
FROM findings AS f
JOIN cases AS c ON c.entry = f.entry
WHERE f.document = $1 AND f.item = $2 AND f.id <> $3
    AND c.class IS DISTINCT FROM 'accusation' AND c.stage NOT IN ('merged', 'grouped')
ORDER BY c.entry";

    /// Which cases that are no accusations have a finding in one of these bands, and in which words? The list of bands
    /// follows.
    CASES_IN_BANDS = "
SELECT c.id, f.words
FROM findings AS f
JOIN cases AS c ON c.entry = f.entry
WHERE c.class IS DISTINCT FROM 'accusation' AND c.stage NOT IN ('merged', 'grouped')
    AND f.entry IN (SELECT entry FROM bands WHERE band IN ";

    /// How many of each kind of case that is kept from nobody are there, and how many of them were ever returned and
    /// reopened?
    KEPT_COUNTS = "
SELECT stage, source, division, lead, outcome, declared, cases, returned, reopened
FROM counts";

    /// How many cases were registered or closed ($1) in each month since one ($2), by lead? In which divisions follows ...
    FLOWS_SINCE = "
SELECT month, lead, CAST(sum(cases) AS BIGINT)
FROM flows
WHERE what = $1 AND month >= $2 AND ";

    /// ... and ends with this.
    BY_MONTH_AND_LEAD = "
GROUP BY 1, 2";

    /// How many days did how many cases take that were closed in a year ($1)? In which divisions follows ...
    CLOSURES_IN = "
SELECT days, CAST(sum(cases) AS BIGINT)
FROM closures
WHERE year = $1 AND ";

    /// ... and ends with this.
    BY_DAYS = "
GROUP BY 1";

    /// How many cases that are kept from nobody are late at an instant ($1), and the oldest since when, by lead? In which
    /// divisions follows ...
    LATE_AT = "
SELECT c.lead, count(*), min(c.due)
FROM cases AS c
WHERE c.live AND c.due <= $1 AND NOT c.walled AND ";

    /// ... and ends with this.
    BY_LEAD = "
GROUP BY 1";

    /// What of a case goes into the overview? Which cases follows.
    FIGURES_OF_CASES = "
SELECT c.stage, coalesce(c.source, '') AS source, coalesce(c.division, '') AS division, c.lead,
    coalesce(c.outcome, '') AS outcome, c.declared, CAST(1 AS BIGINT) AS cases,
    CAST(CASE WHEN c.returns > 0 THEN 1 ELSE 0 END AS BIGINT) AS returned,
    CAST(CASE WHEN c.reopenings > 0 THEN 1 ELSE 0 END AS BIGINT) AS reopened,
    c.registered_on, c.closed_on, c.discovered_on, CASE WHEN c.live THEN c.due END AS due
FROM cases AS c
WHERE ";

    /// How many cases are counted already?
    COUNTED = "
SELECT CAST(coalesce(sum(cases), 0) AS BIGINT)
FROM counts";

    /// How many of each kind of case are there? What is counted follows ...
    COUNT_KINDS = "
SELECT c.stage, coalesce(c.source, '') AS source, coalesce(c.division, '') AS division, c.lead,
    coalesce(c.outcome, '') AS outcome, c.declared, count(*) AS cases,
    count(CASE WHEN c.returns > 0 THEN 1 END) AS returned, count(CASE WHEN c.reopenings > 0 THEN 1 END) AS reopened
FROM cases AS c
WHERE ";

    /// ... and ends with this.
    BY_KIND = "
GROUP BY 1, 2, 3, 4, 5, 6";

    /// Which cases does this one ($1) name, and which name it?
    RELATIONS = "
SELECT r.kind, r.other AS id, TRUE AS named
FROM relations AS r
JOIN cases AS c ON c.entry = r.entry
WHERE c.id = $1
UNION
SELECT r.kind, c.id, FALSE AS named
FROM relations AS r
JOIN cases AS c ON c.entry = r.entry
WHERE r.other = $1";

    /// How many texts wait for the indexer?
    UNINDEXED = "
SELECT count(*)
FROM search_queue";
}

#[cfg(test)]
mod tests {
    use rectify_log::{Db, Options, on};
    use rectify_tests::TempFolder;
    use rectify_tests::postgres::Database;
    use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

    use super::*;
    use crate::dialect;
    use crate::dump::{Kind, TABLES};
    use crate::generation::{Generation, migrate};
    use crate::stored::COLUMNS;

    /// A log's database of each kind, with the ledger that serves beside it.
    struct Both {
        beds: Vec<(Db, Generation)>,
        _folder: TempFolder,
        _database: Database,
    }

    async fn both() -> Both {
        let folder = rectify_tests::folder();
        let database = rectify_tests::postgres::database().await;
        let mut beds = Vec::new();
        for db in [
            Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap(),
            Db::connect(database.url(), &Options::default()).await.unwrap(),
        ] {
            migrate(&db).await.unwrap();
            let number = Generation::serving(&db).await.unwrap().unwrap();
            let generation = Generation::open(&db, number).await.unwrap();
            beds.push((db, generation));
        }
        Both { beds, _folder: folder, _database: database }
    }

    async fn prepare(db: &Db, statement: String) {
        let text = AssertSqlSafe(statement.clone()).into_sql_str();
        let prepared = on!(Db, db, pool => pool.acquire().await.unwrap().prepare(text).await.map(drop));
        prepared.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Returns a statement with what the program puts behind it; none for what is put behind another.
    fn whole(name: &str, text: &str) -> Option<String> {
        let behind = match name {
            "ADD_COUNTS" | "ADD_FLOWS" | "ADD_CLOSURES" | "BY_KIND" | "BY_MONTH_AND_LEAD" | "BY_DAYS" | "BY_LEAD" => {
                return None;
            }
            "INSERT_COUNTS" => ADD_COUNTS,
            "INSERT_FLOWS" => ADD_FLOWS,
            "INSERT_CLOSURES" => ADD_CLOSURES,
            "COUNT_KINDS" => BY_KIND,
            "FLOWS_SINCE" => BY_MONTH_AND_LEAD,
            "CLOSURES_IN" => BY_DAYS,
            "LATE_AT" => BY_LEAD,
            _ => "",
        };
        let mut text = text.to_owned();
        if text.ends_with("WHERE ") || text.ends_with("AND ") {
            text.push_str("TRUE");
        }
        if text.ends_with("VALUES") {
            let width = text.split_once(')').map_or(0, |(columns, _)| columns.matches(',').count()) + 1;
            let row: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
            text = format!("{text} ({})", row.join(", "));
        }
        if text.ends_with("IN ") {
            text.push_str("(NULL)");
            text.push_str(&")".repeat(text.matches('(').count() - text.matches(')').count()));
        }
        Some(text + behind)
    }

    #[tokio::test]
    async fn every_statement_can_be_prepared_on_sqlite_and_postgres() {
        for (main, generation) in &both().await.beds {
            for (name, text) in ALL {
                let db = if text.contains("generations") { main } else { &generation.db };
                if let Some(text) = whole(name, text) {
                    prepare(db, text).await;
                }
            }
            prepare(&generation.db, format!("{}1{}", dialect::TOKENED.on(&generation.db), dialect::TOKENED_END)).await;
            for text in [&dialect::DELETE_TOKENS, &dialect::INSERT_TOKENS] {
                prepare(&generation.db, text.on(&generation.db).to_owned()).await;
            }
            for index in INDEXES {
                prepare(&generation.db, (*index).to_owned()).await;
            }
            for table in TABLES {
                prepare(&generation.db, table.select(&generation.db)).await;
            }
        }
    }

    /// Table, column, type, whether it may be null: as SQLite would say it.
    type Column = (String, String, String, bool);

    const POSTGRES_COLUMNS: &str = "
SELECT table_name::text, column_name::text,
    CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER' WHEN 'uuid' THEN 'BLOB'
        ELSE upper(data_type) END,
    is_nullable = 'YES'
FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name NOT IN ('ledger_migrations', 'search')
ORDER BY table_name COLLATE \"C\", ordinal_position";

    const SQLITE_COLUMNS: &str = "
SELECT t.name, c.name, c.type, NOT (c.\"notnull\" OR c.pk > 0)
FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
WHERE t.type = 'table' AND t.name <> 'ledger_migrations' AND t.name NOT LIKE 'search%'
    OR t.name = 'search_queue' AND t.type = 'table'
ORDER BY t.name, c.cid";

    #[tokio::test]
    async fn the_migrations_of_sqlite_and_postgres_agree_table_by_table_with_what_is_dumped() {
        let mut columns: Vec<Vec<Column>> = Vec::new();
        for (_, generation) in &both().await.beds {
            let statement = match &generation.db {
                Db::Postgres(_) => POSTGRES_COLUMNS,
                Db::Sqlite(_) => SQLITE_COLUMNS,
            };
            columns.push(on!(Db, &generation.db, pool => sqlx::query_as(statement).fetch_all(pool).await.unwrap()));
        }
        assert_eq!(columns[0], columns[1]);

        let kinds = |kind| match kind {
            Kind::Int | Kind::Flag => "INTEGER",
            Kind::Text => "TEXT",
            Kind::Id => "BLOB",
        };
        let dumped = TABLES.iter().flat_map(|table| {
            table
                .columns
                .iter()
                .map(|(name, kind)| (table.name.to_owned(), (*name).to_owned(), kinds(*kind).to_owned()))
        });
        let mut dumped: Vec<_> = dumped.collect();
        let mut migrated: Vec<_> =
            columns.remove(0).into_iter().map(|(table, name, kind, _)| (table, name, kind)).collect();
        migrated.retain(|(table, ..)| table != "search_queue");
        dumped.sort();
        migrated.sort();
        assert_eq!(dumped, migrated);

        let cases = TABLES.iter().find(|table| table.name == "cases").unwrap();
        let names: Vec<&str> = cases.columns.iter().map(|(name, _)| *name).collect();
        assert_eq!(COLUMNS.split(", ").map(str::trim).collect::<Vec<_>>(), names);
    }
}
