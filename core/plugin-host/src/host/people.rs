//! The capability `people`: who somebody is, as the member for whom the plugin acts may see them.
use pappus_kernel::{
    person::facts::{Birthday, Filter},
    plugin::people::{self as kernel, Seen},
};
use serde_json::Value;

use crate::{
    bindings::{people, types},
    call::Guest,
    host::{failure, kv::user_id},
};

type Answer<T> = wasmtime::Result<Result<T, types::Failure>>;

impl people::Host for Guest {
    async fn get(
        &mut self,
        viewer: Option<u64>,
        handles: Vec<String>,
    ) -> Answer<Vec<Option<types::Profile>>> {
        let get = self.asking(move |caller| async move {
            let found = kernel::get(&caller, viewer.map(user_id).transpose()?, &handles).await?;
            let base = caller.looking.pod.site().url("");
            Ok(found.into_iter().map(|one| one.map(|seen| profile(&base, seen))).collect())
        });
        Ok(get.await.map_err(|refusal| failure(&refusal)))
    }

    async fn user(&mut self, id: u64) -> Answer<Option<types::Profile>> {
        let user = self.asking(move |caller| async move {
            let found = kernel::user(&caller, user_id(id)?).await?;
            let base = caller.looking.pod.site().url("");
            Ok(found.map(|seen| profile(&base, seen)))
        });
        Ok(user.await.map_err(|refusal| failure(&refusal)))
    }

    async fn contacts(
        &mut self,
        of: u64,
        filter: people::Filter,
        page: types::PageInfo,
    ) -> Answer<(Vec<types::Profile>, Option<String>)> {
        let filter = match filter {
            people::Filter::All => Filter::All,
            people::Filter::BirthdayOn((month, day)) => Filter::BirthdayOn(month, day),
            people::Filter::NamePrefix(prefix) => Filter::NamePrefix(prefix),
        };
        let contacts = self.asking(move |caller| async move {
            let (of, cursor) = (user_id(of)?, page.cursor.as_deref());
            let (found, next) = kernel::contacts(&caller, of, &filter, cursor, page.limit).await?;
            let base = caller.looking.pod.site().url("");
            Ok((found.into_iter().map(|seen| profile(&base, seen)).collect(), next))
        });
        Ok(contacts.await.map_err(|refusal| failure(&refusal)))
    }
}

/// Pictures of other pods stay out: their addresses are for this pod's own pages.
fn profile(base: &str, seen: Seen) -> types::Profile {
    let base = base.trim_end_matches('/');
    let person = seen.facts.person;
    let own = |url: String| match url.strip_prefix('/') {
        Some(path) if !path.starts_with('/') => Some(format!("{base}/{path}")),
        _ => url.starts_with(&format!("{base}/")).then_some(url),
    };
    let date = |day: Birthday| types::Date { year: day.year, month: day.month, day: day.day };
    types::Profile {
        profile_url: format!("{base}/people/{}", person.guid),
        ext: vec![types::Attr { key: "guid".to_owned(), value: Value::from(person.guid).to_string() }],
        handle: person.diaspora_id,
        local_user: seen.user.and_then(|user| u64::try_from(user.0).ok()),
        display_name: person.name,
        avatar_url: person.avatar.and_then(own),
        birthday: seen.facts.birthday.map(date),
        locale: None,
    }
}
