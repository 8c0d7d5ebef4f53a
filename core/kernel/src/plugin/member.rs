//! Members who let a plugin act for them. It is asked anew for each thing that a plugin wants to do, so that whoever
//! switches it off is obeyed at once.
use super::Slug;
use crate::{
    Error, Pod, Result,
    access::Owner,
    db::{self, Conn, Sql},
    id::{PersonId, UserId},
    sql,
};

/// The member lets the plugin act for them from now on, or not any more. Only plugins that are on and say that they
/// act for members can be let.
pub async fn let_act(pod: &Pod, who: Owner, slug: &str, on: bool) -> Result<()> {
    let acts = |manifest: &super::Manifest| manifest.acts_for_members;
    if on && !pod.plugins.find(slug).is_some_and(|enabled| acts(enabled.plugin.manifest())) {
        return Err(Error::NotFound);
    }
    let mut tx = pod.db.begin_durable().await?;
    super::data::hold_member(&mut tx, who.user()).await.map_err(|_| Error::NotFound)?;
    if on {
        tx.query(sql!(
            "INSERT INTO plugin_members (plugin, user_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
        ))
        .bind(slug)
        .bind(who.user())
        .bind(pod.clock.now())
        .run()
        .await?;
    } else {
        for statement in STOPS {
            tx.query(*statement).bind(slug).bind(who.user()).run().await?;
        }
    }
    Ok(tx.commit().await?)
}

/// What ends with a member's leave; `$1` is the plugin.
const STOPS: &[Sql] = &[
    sql!("DELETE FROM plugin_members WHERE plugin = $1 AND user_id = $2"),
    sql!("DELETE FROM plugin_schedules WHERE plugin = $1 AND user_id = $2"),
];

/// The plugins that this member lets act for them.
pub async fn of(pod: &Pod, who: Owner) -> Result<Vec<String>> {
    let mut conn = pod.db.read().await?;
    let plugins = sql!("SELECT plugin FROM plugin_members WHERE user_id = $1 ORDER BY plugin");
    Ok(conn.query(plugins).bind(who.user()).scalars().await?)
}

/// The member with this number, if they let the plugin act for them and nobody shut them out.
pub(super) async fn acting(conn: &mut Conn, slug: &Slug, user: UserId) -> db::Result<Option<Owner>> {
    let person: Option<PersonId> = conn
        .query(sql!(
            "SELECT u.person_id FROM plugin_members m JOIN users u ON u.id = m.user_id
             JOIN people p ON p.id = u.person_id
             WHERE m.plugin = $1 AND m.user_id = $2 AND u.locked_at IS NULL AND p.standing < 2"
        ))
        .bind(slug.as_str())
        .bind(user)
        .scalar()
        .await?;
    Ok(person.map(|person| Owner::new(user, person)))
}

/// Those who let it, behind `after`, by number.
pub(super) async fn page(conn: &mut Conn, slug: &Slug, after: UserId, limit: i64) -> db::Result<Vec<UserId>> {
    conn.query(sql!(
        "SELECT m.user_id FROM plugin_members m JOIN users u ON u.id = m.user_id
         JOIN people p ON p.id = u.person_id
         WHERE m.plugin = $1 AND m.user_id > $2 AND u.locked_at IS NULL AND p.standing < 2
         ORDER BY m.user_id LIMIT $3"
    ))
    .bind(slug.as_str())
    .bind(after)
    .bind(limit)
    .scalars()
    .await
}
