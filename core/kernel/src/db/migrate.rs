//! The schema: numbered files, the same in both folders, built in and run at start.
use super::{Db, Result};
use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

/// A step of the schema in both dialects.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The file's number.
    pub version: i64,
    /// The file's name.
    pub name: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

macro_rules! step {
    ($version:literal, $file:literal) => {
        Step {
            version: $version,
            name: $file,
            sqlite: include_str!(concat!("../../../../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../../../../migrations/postgres/", $file, ".sql")),
        }
    };
}

/// Every step, in order.
pub const MIGRATIONS: &[Step] = &[
    step!(1, "0001_first_light"),
    step!(2, "0002_entities"),
    step!(3, "0003_conversations"),
    step!(4, "0004_delivery"),
    step!(5, "0005_fetching"),
    step!(6, "0006_moving"),
    step!(7, "0007_moderation"),
    step!(9, "0009_processes"),
    step!(10, "0010_early_retractions"),
    step!(11, "0011_home_guid"),
    step!(12, "0012_media"),
    step!(13, "0013_tombstone_authors"),
    step!(14, "0014_bounds"),
    step!(15, "0015_choices"),
    step!(16, "0016_shunned"),
    step!(17, "0017_plugin_data"),
    step!(18, "0018_packages"),
    step!(19, "0019_moving_later"),
    step!(20, "0020_background"),
];

/// Brings the schema up to date. Several processes may call it at once.
pub async fn migrate(db: &Db) -> Result<()> {
    let migrator = |pick: fn(&Step) -> &'static str| {
        let steps = MIGRATIONS.iter().map(|step| {
            Migration::new(
                step.version,
                step.name.into(),
                MigrationType::Simple,
                pick(step).into_sql_str(),
                false,
            )
        });
        Migrator::with_migrations(steps.collect())
    };
    let done = match db {
        Db::Sqlite { write, .. } => migrator(|step| step.sqlite).run(&write.pool).await,
        Db::Postgres(pool) => migrator(|step| step.postgres).run(pool).await,
    };
    done.map_err(|error| sqlx::Error::Migrate(Box::new(error)))
}
