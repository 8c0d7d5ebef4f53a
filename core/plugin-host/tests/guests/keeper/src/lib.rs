//! Does with the capabilities `kv`, `settings`, `jobs`, `people` and `notifications` what a form says, and answers in the path of a redirect.
use pappus_plugin_sdk::{
    AccountData, Acted, Actions, CallContext, Failure, JobRunner, Request,
    jobs::{self, Job, Outcome, Spec},
    kv::{self, Put, Scope},
    notifications::{self, Notice},
    people::{self, Filter, Profile},
    settings,
};

/// All hooks of the guest.
pub struct Keeper;

impl Actions for Keeper {
    fn act(_: &CallContext, request: &Request) -> Result<Acted, Failure> {
        let field = |name: &str| {
            let found = request.form.iter().find(|pair| pair.name == name);
            found.map_or("", |pair| pair.value.as_str())
        };
        let user: u64 = field("user").parse().unwrap_or(0);
        let scope = if user == 0 { Scope::Site } else { Scope::User(user) };
        let (key, value) = (field("key"), field("value"));
        let said = match request.action.as_str() {
            "get" => said(kv::get(scope, &[key, "none"]).map(|found| {
                found.into_iter().map(|one| one.map(|entry| text(&entry.value))).collect::<Vec<_>>()
            })),
            "set" => said(kv::set(scope, &[kv::put(key, value)])),
            "delete" => said(kv::delete(scope, &[key])),
            "swap" => {
                let version = value.parse().unwrap_or(0);
                said(kv::compare_and_set(
                    scope,
                    &Put { expires_at: Some(i64::MAX), ..kv::put(key, "s") },
                    version,
                ))
            }
            "add" => said(kv::add(scope, key, value.parse().unwrap_or(0))),
            "scan" => said(kv::scan(scope, key, None, 1).map(|(entries, next)| {
                (entries.into_iter().map(|entry| entry.key).collect::<Vec<_>>(), next)
            })),
            "site" => format!("{:?}", settings::site(key)),
            "user" => format!("{:?}", settings::user(user, key)),
            "set-user" => said(settings::set_user(user, key, value)),
            "has-secret" => format!("{:?}", settings::has_secret(Some(user), key)),
            "store-secret" => said(settings::store_secret(Some(user), key, "https://a.example", value)),
            "enabled-users" => format!("{:?}", settings::enabled_users(None, 10)),
            "enqueue" => {
                let payload = value.to_owned();
                let spec = Spec { dedupe_key: Some(key.to_owned()), ..jobs::spec("later", payload) };
                said(jobs::enqueue(&[spec]).map(|ids| ids.len()))
            }
            "cancel" => said(jobs::cancel(key)),
            "who" => {
                said(people::get(Some(user), &[key.to_owned()]).map(|found| known(found.iter().flatten())))
            }
            "me" => said(people::user(user).map(|found| known(found.iter()))),
            "friends" => said(
                people::contacts(user, &Filter::NamePrefix(key.to_owned()), None, 10)
                    .map(|(found, _)| known(found.iter())),
            ),
            "tell" => {
                let args = vec![notifications::number("count", 3)];
                let notice = Notice { args, ..notifications::notice(user, "said", value, key) };
                said(notifications::send(&[notice]))
            }
            _ => return Ok(Acted::Forbidden),
        };
        Ok(Acted::Redirect(said))
    }
}

/// Keeps what it was given to do, and for whom the context says that it is.
impl JobRunner for Keeper {
    fn run(context: &CallContext, job: &Job) -> Result<Outcome, Failure> {
        let said = format!("{} {} {} {}", job.kind, job.payload, job.attempt, context.timezone);
        kv::set(Scope::Site, &[kv::put("did", said.as_str())])?;
        let again = job.payload == "\"again\"" && kv::add(Scope::Site, "times", 1)? == 1;
        Ok(if again { Outcome::AgainInMs(60_000) } else { Outcome::Done })
    }
}

/// Keeps, for the whole pod, what names a member: the pod cannot see whose it is.
impl AccountData for Keeper {
    fn export_user(_: &CallContext, user: u64) -> Result<String, Failure> {
        let found = kv::get(Scope::Site, &[&format!("about/{user}")])?;
        Ok(match found.into_iter().flatten().next() {
            Some(entry) => format!("{{\"about\":\"{}\"}}", text(&entry.value)),
            None => "null".to_owned(),
        })
    }

    fn erase_user(_: &CallContext, user: u64) -> Result<(), Failure> {
        kv::delete(Scope::Site, &[&format!("about/{user}")]).map(drop)
    }
}

fn known<'a>(found: impl Iterator<Item = &'a Profile>) -> Vec<String> {
    found.map(|one| format!("{} {:?}", one.handle, one.birthday.map(|day| day.month))).collect()
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn said<T: std::fmt::Debug>(answer: Result<T, Failure>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(failure) => format!("{:?}", failure.code),
    }
}

pappus_plugin_sdk::actions!(Keeper);
pappus_plugin_sdk::account_data!(Keeper);
pappus_plugin_sdk::job_runner!(Keeper);
