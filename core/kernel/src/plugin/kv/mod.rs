//! The capability `kv`: what a plugin keeps, by key, for the whole pod or for one member. Each write holds the
//! plugin's row of `plugin_usage`, so that what it read is still so when it writes.
pub(super) mod store;

use std::collections::BTreeMap;

use self::store::{Row, Space};
use super::{Caller, Capability, Refusal, data};
use crate::{
    db::Tx,
    id::{Timestamp, UserId},
};

/// Bytes of one value.
pub const LARGEST_VALUE: usize = 64 * 1024;
/// Bytes of one key.
pub const LONGEST_KEY: usize = 200;
/// Keys of one call.
pub const MOST_ITEMS: usize = 100;
/// Bytes that all entries of a plugin take.
pub const PLUGIN_BYTES: i64 = 10 * 1024 * 1024;
/// Bytes that its entries of one member take.
pub const MEMBER_BYTES: i64 = 1024 * 1024;
/// What an entry takes besides its key and value: empty ones are not free.
const ENTRY_BYTES: usize = 64;
/// No key holds this letter: it sorts behind all others.
const LAST_LETTER: char = '\u{10ffff}';

/// Whose entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The pod's.
    Site,
    /// One member's; they go with the account.
    User(UserId),
}

/// An entry that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub value: Vec<u8>,
    /// Another one after each write.
    pub version: u64,
}

/// An entry to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    pub key: String,
    pub value: Vec<u8>,
    /// Milliseconds; it is not there any more from then on.
    pub expires_at: Option<i64>,
}

/// The n-th answer is for the n-th key.
pub async fn get(caller: &Caller, scope: Scope, keys: &[String]) -> Result<Vec<Option<Entry>>, Refusal> {
    let space = space(caller, scope).await?;
    check_keys(keys)?;
    let pod = &caller.looking.pod;
    let rows = store::find(&mut pod.db.read().await?, &space, keys, pod.clock.now()).await?;
    let found: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.key.as_str(), row)).collect();
    Ok(keys.iter().map(|key| found.get(key.as_str()).map(|row| Entry::from((*row).clone()))).collect())
}

/// Writes all of them or, over a limit, none. Of two with the same key the last one counts.
pub async fn set(caller: &Caller, scope: Scope, items: Vec<Put>) -> Result<(), Refusal> {
    let space = space(caller, scope).await?;
    let items = items.into_iter().map(|item| Ok((item.key.clone(), checked(item)?)));
    let items: BTreeMap<String, Put> = items.collect::<Result<_, Refusal>>()?;
    few(items.len())?;
    let mut writing = Writing::begin(caller, space).await?;
    writing.put(items.into_values().collect()).await?;
    writing.commit().await
}

/// How many were there.
pub async fn delete(caller: &Caller, scope: Scope, keys: &[String]) -> Result<u32, Refusal> {
    let space = space(caller, scope).await?;
    check_keys(keys)?;
    let mut writing = Writing::begin(caller, space).await?;
    let weight = store::weigh(&mut writing.tx, &writing.space, keys, writing.now).await?;
    store::delete(&mut writing.tx, &writing.space, keys).await?;
    store::charge(&mut writing.tx, &writing.space, -weight.bytes).await?;
    writing.commit().await?;
    Ok(u32::try_from(weight.live).unwrap_or(u32::MAX))
}

/// Writes it if the entry still has this version, or is not there and `expected` is 0. Says whether it did.
pub async fn compare_and_set(
    caller: &Caller,
    scope: Scope,
    item: Put,
    expected: u64,
) -> Result<bool, Refusal> {
    let space = space(caller, scope).await?;
    let item = checked(item)?;
    let mut writing = Writing::begin(caller, space).await?;
    let now = writing.entry(&item.key).await?.map_or(0, |entry| Entry::from(entry).version);
    if now != expected {
        return Ok(false);
    }
    writing.put(vec![item]).await?;
    writing.commit().await?;
    Ok(true)
}

/// Adds to a counter, which begins at 0 and is kept as a decimal number; what it is then.
pub async fn add(caller: &Caller, scope: Scope, key: String, delta: i64) -> Result<i64, Refusal> {
    let space = space(caller, scope).await?;
    check_keys(std::slice::from_ref(&key))?;
    let mut writing = Writing::begin(caller, space).await?;
    let (before, ends) = match writing.entry(&key).await? {
        Some(row) => (counted(&row.value)?, row.expires_at.map(|end| end.0 / 1000)),
        None => (0, None),
    };
    let after = before.checked_add(delta);
    let after = after.ok_or_else(|| Refusal::Invalid("the sum is too large".into()))?;
    let value = after.to_string().into_bytes();
    writing.put(vec![Put { key, value, expires_at: ends }]).await?;
    writing.commit().await?;
    Ok(after)
}

/// Entries whose keys begin with `prefix`, by key, and where to go on: behind the last one.
pub async fn scan(
    caller: &Caller,
    scope: Scope,
    prefix: &str,
    (cursor, limit): (Option<&str>, u32),
) -> Result<(Vec<Entry>, Option<String>), Refusal> {
    let space = space(caller, scope).await?;
    if prefix.len() > LONGEST_KEY || prefix.chars().any(is_bad) {
        return Err(Refusal::Invalid("no key begins with this".into()));
    }
    let cursor = cursor.unwrap_or_default();
    if cursor.len() > LONGEST_KEY || cursor.chars().any(is_bad) {
        return Err(Refusal::Invalid("not a cursor of this pod".into()));
    }
    let limit = (limit.max(1) as usize).min(MOST_ITEMS);
    let pod = &caller.looking.pod;
    let bounds = (cursor, prefix, &*format!("{prefix}{LAST_LETTER}"));
    let many = i64::try_from(limit + 1).unwrap_or(1);
    let mut rows = store::scan(&mut pod.db.read().await?, &space, bounds, many, pod.clock.now()).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.key.clone());
    Ok((rows.into_iter().map(Entry::from).collect(), next))
}

/// The entries that this caller may use.
async fn space(caller: &Caller, scope: Scope) -> Result<Space, Refusal> {
    caller.may(Capability::Kv)?;
    let user = match scope {
        Scope::Site => UserId(0),
        Scope::User(user) => caller.acting_for(user).await?.user(),
    };
    Ok(Space { plugin: caller.slug.as_str().to_owned(), user })
}

/// A transaction in which nobody else writes entries of the plugin.
struct Writing {
    tx: Tx,
    space: Space,
    now: Timestamp,
    version: i64,
}

impl Writing {
    async fn begin(caller: &Caller, space: Space) -> Result<Self, Refusal> {
        caller.may_change()?;
        let pod = &caller.looking.pod;
        // what a member did is acknowledged to them; what runs in the background runs again
        let mut tx = if caller.background { pod.db.begin().await? } else { pod.db.begin_durable().await? };
        data::hold_member(&mut tx, space.user).await?;
        let version = store::hold(&mut tx, &space.plugin).await?;
        Ok(Self { tx, space, now: pod.clock.now(), version })
    }

    async fn commit(self) -> Result<(), Refusal> {
        Ok(self.tx.commit().await?)
    }

    async fn entry(&mut self, key: &str) -> Result<Option<Row>, Refusal> {
        let rows = store::find(&mut self.tx, &self.space, &[key.to_owned()], self.now).await?;
        Ok(rows.into_iter().next())
    }

    /// The items have different keys.
    async fn put(&mut self, items: Vec<Put>) -> Result<(), Refusal> {
        let keys: Vec<String> = items.iter().map(|item| item.key.clone()).collect();
        let size = |item: &Put| i64::try_from(item.key.len() + item.value.len() + ENTRY_BYTES).unwrap_or(0);
        let more: i64 = items.iter().map(size).sum();
        let mut change = more - store::weigh(&mut self.tx, &self.space, &keys, self.now).await?.bytes;
        if change > 0 && !self.has_room(change).await? {
            // what nobody sees any more makes room
            store::sweep(&mut self.tx, &self.space.plugin, self.now).await?;
            change = more - store::weigh(&mut self.tx, &self.space, &keys, self.now).await?.bytes;
            if !self.has_room(change).await? {
                return Err(Refusal::Quota("what it keeps is as much as it may".into()));
            }
        }
        let rows = items.iter().map(|item| store::New {
            key: &item.key,
            size: size(item),
            value: hex::encode(&item.value),
            expires_at: item.expires_at.map(|end| end.saturating_mul(1000)),
        });
        store::upsert(&mut self.tx, &self.space, self.version, &rows.collect::<Vec<_>>()).await?;
        store::charge(&mut self.tx, &self.space, change).await?;
        Ok(())
    }

    async fn has_room(&mut self, change: i64) -> Result<bool, Refusal> {
        let (whole, members) = store::used(&mut self.tx, &self.space).await?;
        let fits_member = self.space.user == UserId(0) || members + change <= MEMBER_BYTES;
        Ok(whole + change <= PLUGIN_BYTES && fits_member)
    }
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self { key: row.key, value: row.value, version: u64::try_from(row.version).unwrap_or(0) }
    }
}

fn counted(value: &[u8]) -> Result<i64, Refusal> {
    let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| Refusal::Invalid("the value is not a counter".into()))
}

fn checked(item: Put) -> Result<Put, Refusal> {
    check_keys(std::slice::from_ref(&item.key))?;
    if item.value.len() > LARGEST_VALUE {
        return Err(Refusal::Quota(format!("a value of more than {LARGEST_VALUE} bytes")));
    }
    Ok(item)
}

fn check_keys(keys: &[String]) -> Result<(), Refusal> {
    few(keys.len())?;
    let good = |key: &String| !key.is_empty() && key.len() <= LONGEST_KEY && !key.chars().any(is_bad);
    if keys.iter().all(good) {
        return Ok(());
    }
    Err(Refusal::Invalid(format!("a key has 1 to {LONGEST_KEY} bytes and no control characters")))
}

fn is_bad(letter: char) -> bool {
    letter.is_control() || letter == LAST_LETTER
}

fn few(many: usize) -> Result<(), Refusal> {
    if many <= MOST_ITEMS { Ok(()) } else { Err(Refusal::Quota(format!("more than {MOST_ITEMS} at once"))) }
}
