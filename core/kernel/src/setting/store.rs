//! Rows of `settings`.
use crate::{
    db::{Conn, Result, Tx},
    id::Timestamp,
    sql,
};

pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    conn.query(sql!("SELECT key, value FROM settings")).all().await
}

pub(crate) async fn get(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    conn.query(sql!("SELECT value FROM settings WHERE key = $1")).bind(key).scalar().await
}

pub(crate) async fn put(tx: &mut Tx, key: &str, value: &str, now: Timestamp) -> Result<()> {
    tx.query(sql!(
        "INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at"
    ))
    .bind(key)
    .bind(value)
    .bind(now)
    .run()
    .await
    .map(drop)
}

pub(crate) async fn any_person(conn: &mut Conn) -> Result<bool> {
    Ok(conn.query(sql!("SELECT id FROM people LIMIT 1")).scalar::<i64>().await?.is_some())
}
