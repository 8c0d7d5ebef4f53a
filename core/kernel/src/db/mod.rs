//! Storage: one SQL text, two native drivers. `Db` hands out `Conn` (reads) and `Tx` (writes); `sql!`
//! makes the statements and registers each for the test that prepares them all on both databases.
mod migrate;
mod query;
mod sql;

pub use migrate::{MIGRATIONS, migrate};
pub use query::{Bind, Query, Record, Scalar};
pub use sql::{STATEMENTS, Sql};

use sqlx::{
    Connection as _, Executor as _, PgConnection,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres},
    sqlite::{
        Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
    },
};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::sync::Mutex;

/// What a store function answers.
pub type Result<T, E = sqlx::Error> = std::result::Result<T, E>;

/// How long a reader waits for a connection before it is an error.
const PATIENCE: Duration = Duration::from_secs(10);
/// More than there are statements, so that a connection prepares each once.
const STATEMENTS_KEPT: usize = 512;
/// A connection to a server that was used a moment ago is used again without asking first.
const TRUSTED_FOR: Duration = Duration::from_secs(5);

/// The pod's database.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file; many readers, one writer.
    Sqlite {
        /// Read-only connections.
        read: SqlitePool,
        /// The one connection that writes.
        write: Writer,
    },
    /// A server.
    Postgres(PgPool),
}

/// SQLite's writer, and whether it now waits for the disk at each commit.
#[derive(Debug, Clone)]
pub struct Writer {
    pool: SqlitePool,
    durable: Arc<Mutex<bool>>,
}

impl Db {
    /// Opens or makes the SQLite file at `path`.
    pub async fn open_sqlite(path: &Path, readers: u32) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-8192")
            .pragma("journal_size_limit", "16777216")
            .statement_cache_capacity(STATEMENTS_KEPT);
        // a file does not go away between two statements: asking each time costs as much as a statement
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "true"))
            .await?;
        Ok(Self::Sqlite { read, write: Writer { pool, durable: Arc::default() } })
    }

    /// Connects to PostgreSQL.
    pub async fn open_postgres(options: PgConnectOptions, connections: u32) -> Result<Self> {
        let options = options.statement_cache_capacity(STATEMENTS_KEPT);
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|conn, known| {
                Box::pin(async move {
                    // a server may have closed what nobody used for a while
                    Ok(known.idle_for < TRUSTED_FOR || conn.ping().await.is_ok())
                })
            })
            .connect_with(options.clone())
            .await;
        let pool = match pool {
            // the pool tells only that it waited: one connection by itself tells why
            Err(sqlx::Error::PoolTimedOut) => {
                PgConnection::connect_with(&options).await?.close().await?;
                return Err(sqlx::Error::PoolTimedOut);
            }
            pool => pool?,
        };
        Ok(Self::Postgres(pool))
    }

    /// Opens the database that `url` names: `sqlite:PATH` or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Self::open_sqlite(Path::new(path), 4).await;
        }
        Self::open_postgres(url.parse()?, 8).await
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Conn> {
        Ok(Conn(match self {
            Self::Sqlite { read, .. } => Inner::Sqlite(read.acquire().await?),
            Self::Postgres(pool) => Inner::Postgres(pool.acquire().await?),
        }))
    }

    /// A transaction for work that a job can do again: a power cut may lose the last ones, whole.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_with(false).await
    }

    /// A transaction for what will be acknowledged to a member or a peer: on disk when `commit` returns.
    pub async fn begin_durable(&self) -> Result<Tx> {
        self.begin_with(true).await
    }

    async fn begin_with(&self, durable: bool) -> Result<Tx> {
        Ok(Tx(Conn(match self {
            Self::Sqlite { write, .. } => {
                // held until BEGIN, so that nobody changes the pragma in between
                let mut now = write.durable.lock().await;
                if *now != durable {
                    let mode =
                        if durable { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
                    write.pool.acquire().await?.execute(mode).await?;
                    *now = durable;
                }
                Inner::SqliteTx(write.pool.begin_with("BEGIN IMMEDIATE").await?)
            }
            Self::Postgres(pool) => Inner::PostgresTx(pool.begin().await?),
        })))
    }

    /// The same database in words, for logs and pages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Whether several processes may use it at once.
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Has the database parse and plan `sql` without running it.
    pub async fn prepare(&self, sql: Sql) -> Result<()> {
        use sqlx::SqlSafeStr as _;
        match self {
            Self::Sqlite { write, .. } => {
                write.pool.acquire().await?.prepare(sql.sqlite.into_sql_str()).await.map(drop)
            }
            Self::Postgres(pool) => {
                pool.acquire().await?.prepare(sql.postgres.into_sql_str()).await.map(drop)
            }
        }
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.pool.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTx(sqlx::Transaction<'static, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(sqlx::Transaction<'static, Postgres>),
}

/// A connection: statements see the database as it is.
#[derive(Debug)]
pub struct Conn(pub(crate) Inner);

/// A transaction: dropping it undoes everything, `commit` makes it so.
#[derive(Debug)]
pub struct Tx(Conn);

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

impl Tx {
    /// Makes it so.
    pub async fn commit(self) -> Result<()> {
        match self.0.0 {
            Inner::SqliteTx(tx) => tx.commit().await,
            Inner::PostgresTx(tx) => tx.commit().await,
            Inner::Sqlite(_) | Inner::Postgres(_) => Ok(()),
        }
    }
}
