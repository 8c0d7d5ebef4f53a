//! A person's pod shows another key or guid than the one that was seen first: it was set up anew, or it is
//! in other hands. Nothing that the new key signs is accepted until an admin says that it is the same person.
use super::{
    Person,
    discover::names,
    person_columns, refresh,
    store::{self, Guids},
};
use crate::{
    Error, Pod, Result,
    access::Admin,
    db::{self, Conn, Tx},
    id::{PersonId, Timestamp, UserId},
    outbox::{self, Outgoing},
    plugin, sql,
};
use aws_lc_rs::digest::{SHA256, digest};

/// A change that waits for an admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// Whose.
    pub person: Person,
    /// The fingerprint of the key that is kept here.
    pub kept: String,
    /// The fingerprint of the key that their pod shows.
    pub shown: String,
    /// The guid changed, too: the account there is a new one.
    pub new_account: bool,
    /// When it was noticed.
    pub noticed_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    person: Person,
    kept_guid: String,
    kept_key: String,
    key_guid: String,
    shown_key: String,
    noticed_at: Timestamp,
}

impl From<Row> for KeyChange {
    fn from(row: Row) -> Self {
        Self {
            kept: fingerprint(&row.kept_key),
            shown: fingerprint(&row.shown_key),
            new_account: row.key_guid != row.kept_guid,
            noticed_at: row.noticed_at,
            person: row.person,
        }
    }
}

/// The first half of the SHA-256 of a key, in groups of four digits, for comparing by eye.
pub fn fingerprint(pem: &str) -> String {
    let words: String = pem.split_whitespace().collect();
    let hash = hex::encode(digest(&SHA256, words.as_bytes()).as_ref());
    let half: Vec<char> = hash.chars().take(32).collect();
    half.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Every change that waits, the newest first.
pub async fn list(pod: &Pod, _who: Admin) -> Result<Vec<KeyChange>> {
    let rows = rows(&mut pod.db.read().await?, PersonId(0)).await?;
    Ok(rows.into_iter().map(KeyChange::from).collect())
}

/// Takes the key (and the guid) that the person's pod shows. `shown` is the fingerprint that the admin saw:
/// if their pod shows yet another key by now, nothing happens. Whoever of this pod shares with the person
/// says so again, since a pod that was set up anew has forgotten it.
pub async fn accept(pod: &Pod, who: Admin, person: PersonId, shown: Option<&str>) -> Result<KeyChange> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let row = rows(&mut tx, person).await?.pop().ok_or(Error::NotFound)?;
    let (guid, key) = (row.key_guid.clone(), row.shown_key.clone());
    let change = KeyChange::from(row);
    if shown.is_some_and(|shown| shown != change.shown) {
        return Err(Error::Conflict("key-changed-again"));
    }
    let id = change.person.diaspora_id.parse().map_err(Error::internal)?;
    let guids = names(pod, &mut tx, &id, &guid).await.map_err(|error| match error {
        Error::Unusable(_) => Error::Conflict("guid-taken"),
        error => error,
    })?;
    replace(&mut tx, person, &guids, &key).await?;
    forget(&mut tx, person).await?;
    let detail = format!("{} {}", change.person.diaspora_id, change.shown);
    plugin::store::audit(&mut tx, who, "person.reset-key", &detail, now).await?;
    for user in sharers(&mut tx, person).await? {
        outbox::enqueue(&mut tx, &Outgoing::Contact { user, person }, now).await?;
        outbox::enqueue(&mut tx, &Outgoing::Profile { user, to: Some(person) }, now).await?;
    }
    tx.commit().await?;
    pod.jobs_due.notify_one();
    tracing::info!(person.id = %person, "the key of {} was reset", change.person.diaspora_id);
    Ok(change)
}

/// The same by diaspora* ID: asks the person's pod first, so that a change which nobody noticed is found.
pub async fn reset(pod: &Pod, who: Admin, diaspora_id: &str) -> Result<KeyChange> {
    let diaspora_id = diaspora_id.trim().to_lowercase();
    let known = store::find_by_diaspora_id(&mut pod.db.read().await?, &diaspora_id).await?;
    let known = known.filter(|person| !person.local).ok_or(Error::NotFound)?;
    refresh::compare(pod, known.id).await?;
    match accept(pod, who, known.id, None).await {
        Err(Error::NotFound) => Err(Error::Conflict("same-key")),
        done => done,
    }
}

/// All that wait; with a person, theirs.
async fn rows(conn: &mut Conn, person: PersonId) -> db::Result<Vec<Row>> {
    conn.query(sql!(concat!(
        "SELECT ",
        person_columns!("p", "f"),
        ", COALESCE(p.home_guid, p.guid) AS kept_guid, p.public_key AS kept_key, k.guid AS key_guid, k.public_key AS shown_key, k.noticed_at
         FROM key_changes k JOIN people p ON p.id = k.person_id LEFT JOIN profiles f ON f.person_id = p.id
         WHERE $1 = 0 OR p.id = $1 ORDER BY k.noticed_at DESC, p.id LIMIT 200"
    )))
    .bind(person)
    .all()
    .await
}

/// The latest key that was seen counts.
pub(super) async fn note(
    tx: &mut Tx,
    person: PersonId,
    guid: &str,
    key: &str,
    now: Timestamp,
) -> db::Result<u64> {
    tx.query(sql!(
        "INSERT INTO key_changes (person_id, guid, public_key, noticed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person_id) DO UPDATE SET guid = excluded.guid, public_key = excluded.public_key,
                                               noticed_at = excluded.noticed_at"
    ))
    .bind(person)
    .bind(guid)
    .bind(key)
    .bind(now)
    .run()
    .await
}

pub(super) async fn forget(tx: &mut Tx, person: PersonId) -> db::Result<u64> {
    tx.query(sql!("DELETE FROM key_changes WHERE person_id = $1")).bind(person).run().await
}

async fn replace(tx: &mut Tx, person: PersonId, guids: &Guids, key: &str) -> db::Result<u64> {
    tx.query(sql!(
        "UPDATE people SET guid = $2, home_guid = $3, public_key = $4
         WHERE id = $1 AND remote_pod_id IS NOT NULL"
    ))
    .bind(person)
    .bind(&guids.guid)
    .bind(&guids.home)
    .bind(key)
    .run()
    .await
}

/// Members who share with the person.
async fn sharers(conn: &mut Conn, person: PersonId) -> db::Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> = conn
        .query(sql!("SELECT user_id FROM contacts WHERE person_id = $1 AND receiving"))
        .bind(person)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(user,)| user).collect())
}
