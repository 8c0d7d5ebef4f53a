//! What goes into a member's archive: everything that is theirs and that another pod can take in.
use super::{
    collect_others, collect_said,
    format::{ContactEntry, Group, VERSION},
};
use crate::{
    Error, Pod, Result,
    access::Owner,
    account,
    db::{self, Conn},
    id::{PersonId, PostId, UserId},
    outbox, plugin, sql, tag,
};
use flate2::{Compression, write::GzEncoder};
use pappus_federation::{archive, entity::Entity};
use serde_json::{Value, json};
use std::{io::Write as _, sync::Arc};
use zeroize::Zeroizing;

/// So many rows are read at a time.
pub(super) const PAGE: i64 = 200;

/// The archive of a member, as a gzip file.
pub(super) async fn archive(pod: &Arc<Pod>, user: UserId) -> Result<Zeroizing<Vec<u8>>> {
    let me = me(&mut pod.db.read().await?, user).await?.ok_or(Error::NotFound)?;
    let key = account::key::of(pod, user).await?;
    let mut content = owned(pod, &me).await?;
    let who = Owner::new(me.user_id, me.person_id);
    let plugins = plugin::account_data::export(pod, who, &me.diaspora_id, &me.language).await?;
    let posts = posts(pod, &me).await?;
    let relayables = collect_said::relayables(pod, &me, &key).await?;
    let replies = collect_others::replies(pod, &me).await?;
    let pem = key.to_pem().map_err(Error::internal)?;
    let packing = move || {
        if let Some(user) = content.as_object_mut() {
            user.insert("posts".into(), posts.into());
            // of no use to another pod, but the member's
            user.insert("plugins".into(), plugins);
            user.insert("relayables".into(), relayables.into());
            user.insert("private_key".into(), pem.as_str().into());
        }
        let whole = json!({ "version": VERSION, "user": content, "others_data": { "relayables": replies } });
        let json = Zeroizing::new(serde_json::to_vec(&whole)?);
        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(&json)?;
        Ok::<_, std::io::Error>(Zeroizing::new(out.finish()?))
    };
    pod.compute(packing).await?.map_err(Error::internal)
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Me {
    user_id: UserId,
    pub person_id: PersonId,
    pub diaspora_id: String,
    username: String,
    email: String,
    language: String,
}

async fn me(conn: &mut Conn, user: UserId) -> db::Result<Option<Me>> {
    conn.query(sql!(
        "SELECT u.id AS user_id, u.person_id, p.diaspora_id, u.username, u.email, u.language
         FROM users u JOIN people p ON p.id = u.person_id WHERE u.id = $1"
    ))
    .bind(user)
    .optional()
    .await
}

/// Everything but what the member wrote, and the key.
async fn owned(pod: &Pod, me: &Me) -> Result<Value> {
    let mut conn = pod.db.read().await?;
    let profile = outbox::store::profile(&mut conn, me.user_id).await?.ok_or(Error::NotFound)?;
    let profile = archive::to_json(&Entity::Profile(Box::new(outbox::profile_entity(profile)?)));
    let groups: Vec<Group> =
        aspects(&mut conn, me.user_id).await?.into_iter().map(|name| Group { name }).collect();
    let contacts: Vec<ContactEntry> =
        contacts(&mut conn, me.user_id).await?.into_iter().map(ContactEntry::from).collect();
    let tags = tag::store::followed(&mut conn, me.user_id).await?;
    let tags: Vec<String> = tags.into_iter().map(|tag| tag.name).collect();
    Ok(json!({
        "username": me.username,
        "email": me.email,
        "language": me.language,
        "disable_mail": false,
        "show_community_spotlight_in_stream": false,
        "auto_follow_back": false,
        "auto_follow_back_aspect": null,
        "strip_exif": true,
        "profile": profile,
        "contact_groups": groups,
        "contacts": contacts,
        "blocks": blocks(&mut conn, me.user_id).await?,
        "followed_tags": tags,
        "post_subscriptions": subscriptions(&mut conn, me.person_id).await?,
    }))
}

async fn aspects(conn: &mut Conn, user: UserId) -> db::Result<Vec<String>> {
    conn.query(sql!("SELECT name FROM aspects WHERE user_id = $1 ORDER BY position, id"))
        .bind(user)
        .scalars()
        .await
}

#[derive(sqlx::FromRow)]
struct ContactRow {
    sharing: bool,
    receiving: bool,
    account_id: String,
    guid: String,
    name: String,
    public_key: String,
    aspects: sqlx::types::Json<Vec<String>>,
}

impl From<ContactRow> for ContactEntry {
    fn from(row: ContactRow) -> Self {
        Self {
            sharing: row.sharing,
            receiving: row.receiving,
            following: row.receiving,
            followed: row.sharing,
            account_id: row.account_id,
            person_guid: Some(row.guid),
            person_name: Some(row.name),
            public_key: Some(row.public_key),
            contact_groups_membership: row.aspects.0,
        }
    }
}

async fn contacts(conn: &mut Conn, user: UserId) -> db::Result<Vec<ContactRow>> {
    conn.query(sql!(
        sqlite: "SELECT c.sharing, c.receiving, p.diaspora_id AS account_id, COALESCE(p.home_guid, p.guid) AS guid, p.public_key,
                        TRIM(COALESCE(f.first_name, '') || ' ' || COALESCE(f.last_name, '')) AS name,
                        (SELECT json_group_array(a.name) FROM aspect_memberships m
                         JOIN aspects a ON a.id = m.aspect_id WHERE m.contact_id = c.id) AS aspects
                 FROM contacts c JOIN people p ON p.id = c.person_id LEFT JOIN profiles f ON f.person_id = p.id
                 WHERE c.user_id = $1 ORDER BY c.id",
        postgres: "SELECT c.sharing, c.receiving, p.diaspora_id AS account_id, COALESCE(p.home_guid, p.guid) AS guid, p.public_key,
                          TRIM(COALESCE(f.first_name, '') || ' ' || COALESCE(f.last_name, '')) AS name,
                          (SELECT COALESCE(jsonb_agg(a.name ORDER BY a.id), '[]'::jsonb) FROM aspect_memberships m
                           JOIN aspects a ON a.id = m.aspect_id WHERE m.contact_id = c.id) AS aspects
                   FROM contacts c JOIN people p ON p.id = c.person_id LEFT JOIN profiles f ON f.person_id = p.id
                   WHERE c.user_id = $1 ORDER BY c.id",
    ))
    .bind(user)
    .all()
    .await
}

async fn blocks(conn: &mut Conn, user: UserId) -> db::Result<Vec<String>> {
    conn.query(sql!(
        "SELECT p.diaspora_id FROM blocks b JOIN people p ON p.id = b.person_id WHERE b.user_id = $1
         ORDER BY p.diaspora_id"
    ))
    .bind(user)
    .scalars()
    .await
}

async fn subscriptions(conn: &mut Conn, person: PersonId) -> db::Result<Vec<String>> {
    conn.query(sql!(
        "SELECT o.guid FROM participations t JOIN posts o ON o.id = t.post_id WHERE t.author_id = $1 ORDER BY t.id"
    ))
    .bind(person)
    .scalars()
    .await
}

/// The member's posts, each with those who were sent it.
async fn posts(pod: &Pod, me: &Me) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), PostId(0));
    loop {
        let mut conn = pod.db.read().await?;
        let page = own_posts(&mut conn, me.person_id, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = *last;
        for id in page {
            let Some(row) = outbox::store::post(&mut conn, id).await? else { continue };
            let mut json = archive::to_json(&outbox::post_entity(&mut conn, &row).await?);
            let (name, sent) = if row.public {
                ("subscribed_pods_uris", subscribed_pods(&mut conn, id).await?)
            } else {
                ("subscribed_users_ids", audience(&mut conn, id).await?)
            };
            if let Some(post) = json.as_object_mut() {
                post.insert(name.into(), sent.into());
            }
            all.push(json);
        }
    }
}

async fn own_posts(conn: &mut Conn, author: PersonId, after: PostId, count: i64) -> db::Result<Vec<PostId>> {
    conn.query(sql!("SELECT id FROM posts WHERE author_id = $1 AND id > $2 ORDER BY id LIMIT $3"))
        .bind(author)
        .bind(after)
        .bind(count)
        .scalars()
        .await
}

async fn subscribed_pods(conn: &mut Conn, post: PostId) -> Result<Vec<String>> {
    let people = outbox::subscribers(conn, post).await?;
    let pods = conn.query(sql!(
        sqlite: "SELECT DISTINCT r.base_url FROM people p JOIN remote_pods r ON r.id = p.remote_pod_id
                 WHERE p.id IN (SELECT value FROM json_each($1)) ORDER BY r.base_url",
        postgres: "SELECT DISTINCT r.base_url FROM people p JOIN remote_pods r ON r.id = p.remote_pod_id
                   WHERE p.id IN (SELECT value::bigint FROM jsonb_array_elements_text($1)) ORDER BY r.base_url",
    ));
    Ok(pods.bind(sqlx::types::Json(people)).scalars().await?)
}

async fn audience(conn: &mut Conn, post: PostId) -> db::Result<Vec<String>> {
    conn.query(sql!(
        "SELECT p.diaspora_id FROM post_audience a JOIN people p ON p.id = a.person_id WHERE a.post_id = $1
         ORDER BY p.diaspora_id"
    ))
    .bind(post)
    .scalars()
    .await
}
