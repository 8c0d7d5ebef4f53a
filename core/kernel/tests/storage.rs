//! What both databases must have in common, and how durable a transaction is.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use pappus_kernel::{
    db::{Db, STATEMENTS},
    sql,
    testing::{POSTGRES, Place},
};
use std::collections::BTreeSet;

/// A typo in SQL fails here, not in production.
#[tokio::test]
async fn every_statement_prepares() {
    assert!(STATEMENTS.len() > 150, "only {} statements are registered", STATEMENTS.len());
    let mut places = vec![Place::sqlite().await];
    places.extend(Place::postgres().await);
    let mut wrong = Vec::new();
    for place in &places {
        for sql in STATEMENTS {
            if let Err(error) = place.db.prepare(*sql).await {
                wrong.push(format!("{} on {}: {error}", sql.at, place.db.kind()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn both_schemas_have_the_same_columns() {
    let Some(postgres) = Place::postgres().await else { return said_so() };
    let sqlite = Place::sqlite().await;
    let ours = columns(&sqlite.db).await;
    assert!(ours.len() > 150, "only {} columns", ours.len());
    assert_same(&ours, &columns(&postgres.db).await);
}

#[tokio::test]
async fn both_schemas_have_the_same_unique_indexes() {
    let Some(postgres) = Place::postgres().await else { return said_so() };
    let sqlite = Place::sqlite().await;
    let ours = unique_indexes(&sqlite.db).await;
    assert!(ours.len() > 25, "only {} unique indexes", ours.len());
    assert_same(&ours, &unique_indexes(&postgres.db).await);
}

#[tokio::test]
async fn both_schemas_have_the_same_indexes_by_name() {
    let Some(postgres) = Place::postgres().await else { return said_so() };
    let sqlite = Place::sqlite().await;
    let ours = named_indexes(&sqlite.db).await;
    assert!(ours.len() > 30, "only {} indexes", ours.len());
    assert_same(&ours, &named_indexes(&postgres.db).await);
}

#[tokio::test]
async fn only_a_durable_transaction_waits_for_the_disk() {
    let place = Place::sqlite().await;
    let (normal, full) = (1, 2);
    let mut seen = Vec::new();
    for durable in [false, true, true, false, true] {
        let mut tx = if durable { place.db.begin_durable().await } else { place.db.begin().await }.unwrap();
        let mode = tx.query(sql!(sqlite: "PRAGMA synchronous", postgres: "SELECT CAST(2 AS BIGINT)"));
        seen.push(mode.scalar::<i64>().await.unwrap().unwrap());
        tx.commit().await.unwrap();
    }
    assert_eq!(seen, [normal, full, full, normal, full]);
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    for place in [Some(Place::sqlite().await), Place::postgres().await].into_iter().flatten() {
        let mut tx = place.db.begin_durable().await.unwrap();
        let tag = tx.query(sql!("INSERT INTO tags (name) VALUES ('gone')"));
        assert_eq!(tag.run().await.unwrap(), 1);
        drop(tx);
        let mut conn = place.db.read().await.unwrap();
        let count = conn.query(sql!("SELECT COUNT(*) FROM tags")).scalar::<i64>().await.unwrap();
        assert_eq!(count, Some(0), "{}", place.db.kind());
    }
}

#[tokio::test]
async fn a_reader_of_sqlite_cannot_write() {
    let place = Place::sqlite().await;
    let mut conn = place.db.read().await.unwrap();
    assert!(conn.query(sql!("INSERT INTO tags (name) VALUES ('no')")).run().await.is_err());
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    for place in [Some(Place::sqlite().await), Place::postgres().await].into_iter().flatten() {
        let before = columns(&place.db).await;
        pappus_kernel::db::migrate(&place.db).await.unwrap();
        assert_same(&before, &columns(&place.db).await);
    }
}

fn said_so() {
    eprintln!("{POSTGRES} is not set: there is nothing to compare with");
}

fn assert_same(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) {
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!((only(sqlite, postgres), only(postgres, sqlite)), (vec![], vec![]), "only in one of them");
}

async fn columns(db: &Db) -> BTreeSet<String> {
    let rows: Vec<(String, String, String, bool)> = db
        .read()
        .await
        .unwrap()
        .query(sql!(
            sqlite: "SELECT m.name, c.name, lower(c.type), c.\"notnull\" = 1 OR c.pk > 0
                     FROM sqlite_master m JOIN pragma_table_info(m.name) c
                     WHERE m.type = 'table' AND substr(m.name, 1, 1) <> '_' AND m.name NOT LIKE 'sqlite%'",
            postgres: "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'NO'
                       FROM information_schema.columns c
                       WHERE c.table_schema = current_schema() AND substr(c.table_name, 1, 1) <> '_'",
        ))
        .all()
        .await
        .unwrap();
    let kind = |kind: &str| match kind {
        "integer" | "bigint" => "integer".to_owned(),
        "blob" | "bytea" => "bytes".to_owned(),
        other => other.to_owned(),
    };
    let line = |(table, column, data_type, needed): (String, String, String, bool)| {
        format!("{table}.{column} {}{}", kind(&data_type), if needed { "" } else { "?" })
    };
    rows.into_iter().map(line).collect()
}

/// But those on a single integer primary key, which SQLite needs no index for.
async fn unique_indexes(db: &Db) -> BTreeSet<String> {
    let rows: Vec<(String, String, bool)> = db
        .read()
        .await
        .unwrap()
        .query(sql!(
            sqlite: "SELECT m.name, (SELECT group_concat(COALESCE(c.name, '?'), ',') FROM pragma_index_info(i.name) c),
                            i.partial = 1
                     FROM sqlite_master m JOIN pragma_index_list(m.name) i
                     WHERE m.type = 'table' AND i.\"unique\" = 1 AND substr(m.name, 1, 1) <> '_'",
            postgres: "SELECT t.relname::text,
                              (SELECT string_agg(COALESCE(a.attname::text, '?'), ',' ORDER BY k.n)
                               FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
                               LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum AND k.attnum > 0),
                              i.indpred IS NOT NULL
                       FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
                       JOIN pg_namespace s ON s.oid = t.relnamespace
                       WHERE s.nspname = current_schema() AND i.indisunique AND substr(t.relname, 1, 1) <> '_'
                         AND NOT (i.indisprimary AND i.indnkeyatts = 1 AND EXISTS (
                             SELECT 1 FROM pg_attribute a
                             WHERE a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.atttypid = 'int8'::regtype))",
        ))
        .all()
        .await
        .unwrap();
    let line = |(table, columns, partial): (String, String, bool)| {
        format!("{table} ({columns}){}", if partial { " where" } else { "" })
    };
    rows.into_iter().map(line).collect()
}

async fn named_indexes(db: &Db) -> BTreeSet<String> {
    let names: Vec<String> = db
        .read()
        .await
        .unwrap()
        .query(sql!(
            sqlite: "SELECT tbl_name || '.' || name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
            postgres: "SELECT i.tablename || '.' || i.indexname FROM pg_indexes i
                       WHERE i.schemaname = current_schema() AND i.indexname NOT LIKE '%\\_pkey'
                         AND i.indexname NOT LIKE '%\\_key' AND substr(i.tablename, 1, 1) <> '_'",
        ))
        .scalars()
        .await
        .unwrap();
    names.into_iter().collect()
}
