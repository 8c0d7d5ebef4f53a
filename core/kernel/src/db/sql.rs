//! Statements: a text for each dialect, and the list of all of them.
#![allow(unsafe_code, reason = "linkme's registry of statements is a linker section")]
use linkme::distributed_slice;

/// A statement in both dialects; `sql!` makes one and registers it.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
    /// Where it stands in the source.
    pub at: &'static str,
}

/// Every statement of the program.
#[distributed_slice]
pub static STATEMENTS: [Sql];

/// Makes an [`Sql`] from one text, or from one per dialect, and registers it.
#[macro_export]
macro_rules! sql {
    (sqlite: $lite:expr, postgres: $pg:expr $(,)?) => {{
        const SQL: $crate::db::Sql =
            $crate::db::Sql { sqlite: $lite, postgres: $pg, at: concat!(file!(), ":", line!()) };
        #[allow(unsafe_code, reason = "linkme's registry of statements is a linker section")]
        const _: () = {
            #[linkme::distributed_slice($crate::db::STATEMENTS)]
            static REGISTERED: $crate::db::Sql = SQL;
        };
        SQL
    }};
    ($text:expr) => { $crate::sql!(sqlite: $text, postgres: $text) };
}
