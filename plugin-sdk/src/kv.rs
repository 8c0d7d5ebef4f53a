//! What a plugin keeps: bytes by key, for the pod or for one member. Outside a pod, in a plugin's own tests, each test
//! has a store of its own in memory, without limits and without an end of entries.
pub use crate::bindings::capabilities::pappus::plugin::kv::{Entry, Put, Scope};
use crate::{Failure, bindings::capabilities::pappus::plugin::types::PageInfo};

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::pappus::plugin::kv as pod;
#[cfg(not(target_arch = "wasm32"))]
use memory as pod;

/// An entry to write that stays until it is deleted.
#[must_use]
pub fn put(key: &str, value: impl Into<Vec<u8>>) -> Put {
    Put { key: key.to_owned(), value: value.into(), expires_at: None }
}

/// The n-th answer is for the n-th key; at most a hundred.
pub fn get(scope: Scope, keys: &[&str]) -> Result<Vec<Option<Entry>>, Failure> {
    pod::get(scope, &owned(keys))
}

/// Writes all or none; at most a hundred.
pub fn set(scope: Scope, items: &[Put]) -> Result<(), Failure> {
    pod::set(scope, items)
}

/// How many were there.
pub fn delete(scope: Scope, keys: &[&str]) -> Result<u32, Failure> {
    pod::delete(scope, &owned(keys))
}

/// Writes it only if the entry still has this version (0: is not there), and says whether it did.
pub fn compare_and_set(scope: Scope, item: &Put, expected_version: u64) -> Result<bool, Failure> {
    pod::compare_and_set(scope, item, expected_version)
}

/// Adds to a counter that begins at 0; what it is then. Calls at the same time all count.
pub fn add(scope: Scope, key: &str, delta: i64) -> Result<i64, Failure> {
    pod::add(scope, key, delta)
}

/// Entries whose keys begin with `prefix`, by key; with what to pass as `cursor` for more.
pub fn scan(
    scope: Scope,
    prefix: &str,
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<Entry>, Option<String>), Failure> {
    pod::scan(scope, prefix, &PageInfo { cursor, limit })
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

#[cfg(not(target_arch = "wasm32"))]
mod memory {
    use super::{Entry, PageInfo, Put, Scope};
    use crate::{ErrorCode, Failure};
    use std::{cell::RefCell, collections::BTreeMap};

    type Kept = BTreeMap<(u64, String), (Vec<u8>, u64)>;

    thread_local! {
        static KEPT: RefCell<(Kept, u64)> = RefCell::default();
    }

    fn number(scope: Scope) -> u64 {
        match scope {
            Scope::Site => 0,
            Scope::User(user) => user,
        }
    }

    fn one(scope: Scope, key: &str) -> Option<Entry> {
        let at = (number(scope), key.to_owned());
        let entry = |(value, version): &(Vec<u8>, u64)| Entry {
            key: key.to_owned(),
            value: value.clone(),
            version: *version,
        };
        KEPT.with_borrow(|(kept, _)| kept.get(&at).map(entry))
    }

    #[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
    pub(super) fn get(scope: Scope, keys: &[String]) -> Result<Vec<Option<Entry>>, Failure> {
        Ok(keys.iter().map(|key| one(scope, key)).collect())
    }

    #[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
    pub(super) fn set(scope: Scope, items: &[Put]) -> Result<(), Failure> {
        KEPT.with_borrow_mut(|(kept, writes)| {
            *writes += 1;
            for item in items {
                kept.insert((number(scope), item.key.clone()), (item.value.clone(), *writes));
            }
        });
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
    pub(super) fn delete(scope: Scope, keys: &[String]) -> Result<u32, Failure> {
        let gone = |kept: &mut Kept| {
            keys.iter().filter(|key| kept.remove(&(number(scope), (*key).clone())).is_some()).count()
        };
        Ok(KEPT.with_borrow_mut(|(kept, _)| u32::try_from(gone(kept)).unwrap_or(u32::MAX)))
    }

    pub(super) fn compare_and_set(scope: Scope, item: &Put, expected: u64) -> Result<bool, Failure> {
        if one(scope, &item.key).map_or(0, |entry| entry.version) != expected {
            return Ok(false);
        }
        set(scope, std::slice::from_ref(item)).map(|()| true)
    }

    pub(super) fn add(scope: Scope, key: &str, delta: i64) -> Result<i64, Failure> {
        let invalid = || Failure {
            code: ErrorCode::Invalid,
            message: "the value is not a counter".to_owned(),
            retry_after_ms: None,
        };
        let before = match one(scope, key) {
            Some(entry) => std::str::from_utf8(&entry.value)
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(invalid)?,
            None => 0_i64,
        };
        let after = before.checked_add(delta).ok_or_else(invalid)?;
        set(scope, &[super::put(key, after.to_string())])?;
        Ok(after)
    }

    #[allow(clippy::unnecessary_wraps, reason = "as in a pod")]
    pub(super) fn scan(
        scope: Scope,
        prefix: &str,
        page: &PageInfo,
    ) -> Result<(Vec<Entry>, Option<String>), Failure> {
        let (user, after) = (number(scope), page.cursor.clone().unwrap_or_default());
        let found: Vec<String> = KEPT.with_borrow(|(kept, _)| {
            let keys =
                kept.keys().filter(|(whose, key)| *whose == user && key.starts_with(prefix) && *key > after);
            keys.map(|(_, key)| key.clone()).collect()
        });
        let limit = (page.limit.max(1) as usize).min(100);
        let next = (found.len() > limit).then(|| found.get(limit - 1).cloned()).flatten();
        Ok((found.iter().take(limit).filter_map(|key| one(scope, key)).collect(), next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_test_of_a_plugin_the_store_behaves_as_in_a_pod() -> Result<(), Failure> {
        let site = Scope::Site;
        add(site, "n", 2)?;
        assert_eq!(add(site, "n", 3)?, 5);
        set(Scope::User(1), &[put("n", "x")])?;
        assert!(add(Scope::User(1), "n", 1).is_err());
        let found = get(site, &["n", "none"])?;
        let version = found.iter().flatten().map(|entry| entry.version).sum();
        assert_eq!((found.len(), found.iter().flatten().count()), (2, 1));
        assert!(compare_and_set(site, &put("n", "7"), version)?);
        assert!(!compare_and_set(site, &put("n", "8"), version)?);
        set(site, &[put("a1", ""), put("a2", ""), put("a3", "")])?;
        let (entries, next) = scan(site, "a", None, 2)?;
        assert_eq!((entries.len(), next.as_deref()), (2, Some("a2")));
        let (entries, next) = scan(site, "a", next, 2)?;
        assert_eq!((entries.len(), next), (1, None));
        assert_eq!(delete(site, &["a1", "zz"])?, 1);
        Ok(())
    }
}
