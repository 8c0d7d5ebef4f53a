//! One statement being run: its values bound once for whichever driver is there.
use super::{Conn, Inner, Result, Sql};
use sqlx::{
    Arguments as _, Decode, Encode, FromRow, Type,
    error::BoxDynError,
    postgres::{PgArguments, PgConnection, PgRow, Postgres},
    sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow},
};

/// A value both drivers can send.
pub trait Bind<'q>: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}
impl<'q, T> Bind<'q> for T where T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}

/// A row both drivers can read.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A single column both drivers can read.
pub trait Scalar:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin
{
}
impl<T> Scalar for T where
    T: for<'r> Decode<'r, Sqlite>
        + Type<Sqlite>
        + for<'r> Decode<'r, Postgres>
        + Type<Postgres>
        + Send
        + Unpin
{
}

enum Raw<'c> {
    Sqlite(&'c mut SqliteConnection, Result<SqliteArguments, BoxDynError>),
    Postgres(&'c mut PgConnection, Result<PgArguments, BoxDynError>),
}

impl Conn {
    /// Starts a statement.
    pub fn query(&mut self, sql: Sql) -> Query<'_> {
        let raw = match &mut self.0 {
            Inner::Sqlite(c) => Raw::Sqlite(c, Ok(SqliteArguments::default())),
            Inner::SqliteTx(c) => Raw::Sqlite(c, Ok(SqliteArguments::default())),
            Inner::Postgres(c) => Raw::Postgres(c, Ok(PgArguments::default())),
            Inner::PostgresTx(c) => Raw::Postgres(c, Ok(PgArguments::default())),
        };
        Query { sql, raw }
    }
}

/// A statement with its values; one of the last five methods runs it.
#[must_use = "a query does nothing until it is run"]
pub struct Query<'c> {
    sql: Sql,
    raw: Raw<'c>,
}

impl Query<'_> {
    /// Gives the next placeholder its value.
    pub fn bind<'q>(mut self, value: impl Bind<'q>) -> Self {
        match &mut self.raw {
            Raw::Sqlite(_, args) => push(args, |a| a.add(value)),
            Raw::Postgres(_, args) => push(args, |a| a.add(value)),
        }
        self
    }

    /// The first row, if there is one.
    pub async fn optional<T: Record>(self) -> Result<Option<T>> {
        match self.raw {
            Raw::Sqlite(c, a) => {
                sqlx::query_as_with(self.sql.sqlite, a.map_err(sqlx::Error::Encode)?).fetch_optional(c).await
            }
            Raw::Postgres(c, a) => {
                sqlx::query_as_with(self.sql.postgres, a.map_err(sqlx::Error::Encode)?)
                    .fetch_optional(c)
                    .await
            }
        }
    }

    /// The first row; it is an error if there is none.
    pub async fn one<T: Record>(self) -> Result<T> {
        self.optional().await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Every row.
    pub async fn all<T: Record>(self) -> Result<Vec<T>> {
        match self.raw {
            Raw::Sqlite(c, a) => {
                sqlx::query_as_with(self.sql.sqlite, a.map_err(sqlx::Error::Encode)?).fetch_all(c).await
            }
            Raw::Postgres(c, a) => {
                sqlx::query_as_with(self.sql.postgres, a.map_err(sqlx::Error::Encode)?).fetch_all(c).await
            }
        }
    }

    /// The first column of the first row, if there is one.
    pub async fn scalar<T: Scalar>(self) -> Result<Option<T>> {
        match self.raw {
            Raw::Sqlite(c, a) => {
                sqlx::query_scalar_with(self.sql.sqlite, a.map_err(sqlx::Error::Encode)?)
                    .fetch_optional(c)
                    .await
            }
            Raw::Postgres(c, a) => {
                sqlx::query_scalar_with(self.sql.postgres, a.map_err(sqlx::Error::Encode)?)
                    .fetch_optional(c)
                    .await
            }
        }
    }

    /// The first column of every row.
    pub async fn scalars<T: Scalar>(self) -> Result<Vec<T>> {
        match self.raw {
            Raw::Sqlite(c, a) => {
                sqlx::query_scalar_with(self.sql.sqlite, a.map_err(sqlx::Error::Encode)?).fetch_all(c).await
            }
            Raw::Postgres(c, a) => {
                sqlx::query_scalar_with(self.sql.postgres, a.map_err(sqlx::Error::Encode)?).fetch_all(c).await
            }
        }
    }

    /// Runs it and says how many rows it touched.
    pub async fn run(self) -> Result<u64> {
        match self.raw {
            Raw::Sqlite(c, a) => Ok(sqlx::query_with(self.sql.sqlite, a.map_err(sqlx::Error::Encode)?)
                .execute(c)
                .await?
                .rows_affected()),
            Raw::Postgres(c, a) => Ok(sqlx::query_with(self.sql.postgres, a.map_err(sqlx::Error::Encode)?)
                .execute(c)
                .await?
                .rows_affected()),
        }
    }
}

fn push<A>(args: &mut Result<A, BoxDynError>, add: impl FnOnce(&mut A) -> Result<(), BoxDynError>) {
    if let Ok(a) = args
        && let Err(error) = add(a)
    {
        *args = Err(error);
    }
}
