//! A statement with its values, written once for both databases.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use rectify_log::{Db, Tx, on};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

/// A value that is bound to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Id(Option<Uuid>),
    Flag(bool),
}

impl Value {
    pub(crate) fn int(&self) -> Option<i64> {
        if let Value::Int(value) = self { *value } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(value) = self { value.as_deref() } else { None }
    }

    pub(crate) fn id(&self) -> Option<Uuid> {
        if let Value::Id(value) = self { *value } else { None }
    }

    /// Adds it as a field of a binary `COPY`: its length, or -1 for none, and its bytes.
    pub(crate) fn copy(&self, into: &mut Vec<u8>) {
        let mut field = |bytes: &[u8]| {
            into.extend(i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
            into.extend(bytes);
        };
        match self {
            Value::Int(Some(value)) => field(&value.to_be_bytes()),
            Value::Text(Some(value)) => field(value.as_bytes()),
            Value::Id(Some(value)) => field(value.as_bytes()),
            Value::Flag(value) => field(&[u8::from(*value)]),
            Value::Int(None) | Value::Text(None) | Value::Id(None) => into.extend((-1i32).to_be_bytes()),
        }
    }
}

macro_rules! values {
    ($($kind:ty, $value:ident => $made:expr;)*) => {$(
        impl From<$kind> for Value {
            fn from($value: $kind) -> Self {
                $made
            }
        }
    )*};
}

values! {
    i64, value => Value::Int(Some(value));
    Option<i64>, value => Value::Int(value);
    String, value => Value::Text(Some(kept(value)));
    Option<String>, value => Value::Text(value.map(kept));
    &str, value => Value::Text(Some(kept(value.to_owned())));
    Uuid, value => Value::Id(Some(value));
    Option<Uuid>, value => Value::Id(value);
    bool, value => Value::Flag(value);
}

/// Returns a text as both databases keep it: PostgreSQL has no NUL in a text, and whoever puts one into an event must not
/// stop the ledger by it.
fn kept(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// Binds values to a query of either kind, on either database.
macro_rules! bound {
    ($query:expr, $values:expr) => {
        $values.fold($query, |query, value| match value {
            Value::Int(value) => query.bind(*value),
            Value::Text(value) => query.bind(value.as_deref()),
            Value::Id(value) => query.bind(*value),
            Value::Flag(value) => query.bind(*value),
        })
    };
}
pub(crate) use bound;

/// A statement with its values. Only texts of this program are pushed; whatever comes from outside is bound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
    once: bool,
    /// Whether its own text names values by their numbers, and not only in the order in which they were bound.
    numbered: bool,
}

impl Sql {
    /// Returns a statement whose text names the values it is given as `$1`, `$2` and so on.
    pub(crate) fn new<const N: usize>(text: &str, values: [Value; N]) -> Sql {
        Sql { text: text.to_owned(), values: values.into(), once: false, numbered: N > 0 }
    }

    /// Returns the statement and its values as texts: what tells it from every other.
    pub(crate) fn told(&self) -> (String, String) {
        (self.text.clone(), format!("{:?}", self.values))
    }

    /// Returns this statement, marked as one whose text is not seen again: it is not kept prepared.
    pub(crate) fn once(mut self) -> Sql {
        self.once = true;
        self
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Sql {
        self.text.push_str(text);
        self
    }

    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Sql {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Pushes a list for `IN`. An empty one is `(NULL)`, in which nothing is.
    pub(crate) fn list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Sql {
        let mut before = "(";
        for value in values {
            self.push(before).bind(value);
            before = ", ";
        }
        self.push(if before == "(" { "(NULL)" } else { ")" })
    }

    // Boxed, for the compiler cannot show by itself that these futures go to another thread whatever they borrow.

    /// Returns all rows.
    pub(crate) fn fetch_all<'a, T>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<Vec<T>, sqlx::Error>>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'a,
    {
        async move {
            let text = self.text(matches!(db, Db::Sqlite(_)));
            db.answered(async { on!(Db, db, pool => bound!(sqlx::query_as(text).persistent(!self.once), self.values.iter()).fetch_all(pool).await) }).await
        }
        .boxed()
    }

    /// Returns the first row, if there is one.
    pub(crate) fn fetch_optional<'a, T>(&'a self, db: &'a Db) -> BoxFuture<'a, Result<Option<T>, sqlx::Error>>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'a,
    {
        async move {
            let text = self.text(matches!(db, Db::Sqlite(_)));
            db.answered(async { on!(Db, db, pool => bound!(sqlx::query_as(text).persistent(!self.once), self.values.iter()).fetch_optional(pool).await) })
                .await
        }
        .boxed()
    }

    /// Returns all rows that a transaction sees.
    pub(crate) fn fetch_in<'a, T>(&'a self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Vec<T>, sqlx::Error>>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'a,
    {
        async move {
            let text = self.text(matches!(tx, Tx::Sqlite(_)));
            on!(Tx, tx, conn => bound!(sqlx::query_as(text).persistent(!self.once), self.values.iter()).fetch_all(&mut **conn).await)
        }
        .boxed()
    }

    /// Runs it in a transaction and returns how many rows it changed.
    pub(crate) fn execute<'a>(&'a self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<u64, sqlx::Error>> {
        async move {
            let text = self.text(matches!(tx, Tx::Sqlite(_)));
            on!(Tx, tx, conn => {
                Ok(bound!(sqlx::query(text).persistent(!self.once), self.values.iter()).execute(&mut **conn).await?.rows_affected())
            })
        }
        .boxed()
    }

    /// Returns the text as a database reads it. `$1` is a name to SQLite, which it looks up among all the others, and so is
    /// `?1` when it is bound: `?` is none.
    fn text(&self, on_sqlite: bool) -> AssertSqlSafe<String> {
        AssertSqlSafe(match (on_sqlite, self.numbered) {
            (false, _) => self.text.clone(),
            (true, true) => self.text.replace('$', "?"),
            (true, false) => {
                let mut parts = self.text.split('$');
                let first = parts.next().unwrap_or_default().to_owned();
                parts.fold(first, |text, part| text + "?" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
            }
        })
    }
}

/// How many values one statement takes, of the 32,766 that SQLite does.
pub(crate) const VALUES: usize = 4_000;

/// Returns a count or a position as both databases keep it.
pub(crate) fn int(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
