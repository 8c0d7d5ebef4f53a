//! A loaded plugin as the kernel sees it: its hooks, and the contract's types to and from the kernel's.
use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use pappus_kernel::plugin::{
    Caller, Files, Hook, Manifest, Plugin, PluginError, RenderSource, RenderedText,
    exchange::{
        About, Acted, ActionRequest, Composed, FieldProblem, Fragment, Hung, JobOutcome, JobRequest,
        PageRequest, Pairs, Place, PostFacts, Served, file_kind,
    },
    manifest::API,
};
use pappus_kernel::{id::UserId, text::scan};
use serde_json::Value;

use crate::{
    bindings::{
        actions::exports::pappus::plugin::actions, composer::exports::pappus::plugin::composer,
        job_runner::exports::pappus::plugin::job_runner, pages::exports::pappus::plugin::pages, types,
        ui_slots::exports::pappus::plugin::ui_slots,
    },
    component::Loaded,
    renderer,
};

/// A loaded plugin.
pub(crate) struct Ready(pub(crate) Arc<Loaded>);

#[async_trait]
impl Plugin for Ready {
    fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    fn hooks(&self) -> &[Hook] {
        &self.0.hooks
    }

    fn sha256(&self) -> &str {
        &self.0.sha256
    }

    fn files(&self) -> &Files {
        &self.0.files
    }

    async fn render(&self, sources: &[RenderSource]) -> Result<Vec<RenderedText>, PluginError> {
        renderer::render(&self.0, sources).await
    }

    async fn fill(&self, caller: Caller, places: Vec<Place>) -> Result<Vec<Option<Fragment>>, PluginError> {
        let hook = self.0.slots.clone().ok_or(PluginError::NoHook(Hook::UiSlots))?;
        let context = self.context(&caller, Hook::UiSlots);
        let places: Vec<_> = places.into_iter().map(place).collect();
        let call = self.0.call(Hook::UiSlots, Some(caller), move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_ui_slots().call_fill(store, &context, &places).await
            })
        });
        let filled = call.await?.map_err(|failure| failed(&failure))?;
        filled.into_iter().map(|fragment| fragment.map(fragment_of).transpose()).collect()
    }

    async fn compose(
        &self,
        caller: Caller,
        contribution: &str,
        form: Pairs,
    ) -> Result<Composed, PluginError> {
        let hook = self.0.composer.clone().ok_or(PluginError::NoHook(Hook::Composer))?;
        let context = self.context(&caller, Hook::Composer);
        let (contribution, form) = (contribution.to_owned(), pairs(form));
        let call = self.0.call(Hook::Composer, Some(caller), move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_composer().call_compose(store, &context, &contribution, &form).await
            })
        });
        match call.await?.map_err(|failure| failed(&failure))? {
            composer::Composed::Nothing => Ok(Composed::Nothing),
            composer::Composed::Attach(made) => Ok(Composed::Attach(hung_of(made)?)),
            composer::Composed::Invalid(problems) => Ok(Composed::Invalid(problems_of(problems)?)),
        }
    }

    async fn act(&self, caller: Caller, request: ActionRequest) -> Result<Acted, PluginError> {
        let hook = self.0.actions.clone().ok_or(PluginError::NoHook(Hook::Actions))?;
        let context = self.context(&caller, Hook::Actions);
        let ActionRequest { action, subject, form } = request;
        let subject = subject.as_ref().map(hung);
        let request = actions::ActionRequest { action, subject, form: pairs(form) };
        let call = self.0.call(Hook::Actions, Some(caller), move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_actions().call_act(store, &context, &request).await
            })
        });
        match call.await?.map_err(|failure| failed(&failure))? {
            actions::ActionResponse::Done => Ok(Acted::Done),
            actions::ActionResponse::Redirect(path) => Ok(Acted::Redirect(path)),
            actions::ActionResponse::Invalid(problems) => Ok(Acted::Invalid(problems_of(problems)?)),
            actions::ActionResponse::Forbidden => Ok(Acted::Forbidden),
        }
    }

    async fn run(&self, caller: Caller, job: JobRequest) -> Result<JobOutcome, PluginError> {
        let hook = self.0.job_runner.clone().ok_or(PluginError::NoHook(Hook::JobRunner))?;
        let context = self.context(&caller, Hook::JobRunner);
        let JobRequest { id, kind, payload, attempt, scheduled } = job;
        let job = job_runner::Job { id, kind, payload: payload.to_string(), attempt, scheduled };
        let call = self.0.call(Hook::JobRunner, Some(caller), move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_job_runner().call_run(store, &context, &job).await
            })
        });
        match call.await?.map_err(|failure| failed(&failure))? {
            job_runner::Outcome::Done => Ok(JobOutcome::Done),
            job_runner::Outcome::AgainInMs(pause) => {
                Ok(JobOutcome::Again(Duration::from_millis(pause.into())))
            }
        }
    }

    async fn export_user(&self, caller: Caller, user: UserId) -> Result<Value, PluginError> {
        let hook = self.0.account_data.clone().ok_or(PluginError::NoHook(Hook::AccountData))?;
        let context = self.context(&caller, Hook::AccountData);
        let user = u64::try_from(user.0).unwrap_or(0);
        let call = self.0.call(Hook::AccountData, Some(caller), move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_account_data().call_export_user(store, &context, user).await
            })
        });
        json(&call.await?.map_err(|failure| failed(&failure))?)
    }

    async fn erase_user(&self, caller: Caller, user: UserId) -> Result<(), PluginError> {
        let hook = self.0.account_data.clone().ok_or(PluginError::NoHook(Hook::AccountData))?;
        let context = self.context(&caller, Hook::AccountData);
        let user = u64::try_from(user.0).unwrap_or(0);
        let call = self.0.call(Hook::AccountData, Some(caller), move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_account_data().call_erase_user(store, &context, user).await
            })
        });
        call.await?.map_err(|failure| failed(&failure))
    }

    async fn serve(&self, caller: Caller, request: PageRequest) -> Result<Served, PluginError> {
        let hook = self.0.pages.clone().ok_or(PluginError::NoHook(Hook::Pages))?;
        let context = self.context(&caller, Hook::Pages);
        let PageRequest { posted, route, query, form } = request;
        let verb = if posted { pages::Verb::Post } else { pages::Verb::Get };
        let (query, form) = (pairs(query), pairs(form));
        // a route is one text here: nothing in a manifest takes it apart
        let request = pages::PageRequest { verb, route, params: Vec::new(), query, form };
        let call = self.0.call(Hook::Pages, Some(caller), move |store| {
            Box::pin(async move {
                let instance = hook.instantiate_async(&mut *store).await?;
                instance.pappus_plugin_pages().call_serve(store, &context, &request).await
            })
        });
        served_of(call.await?.map_err(|failure| failed(&failure))?)
    }
}

impl Ready {
    fn context(&self, caller: &Caller, hook: Hook) -> types::CallContext {
        let looking = &caller.looking;
        let budget: Duration = self.0.manifest.limits(hook).budget;
        types::CallContext {
            request_id: looking.request_id.clone(),
            viewer: looking.viewer.as_ref().map(|member| types::Viewer {
                id: u64::try_from(member.owner.user().0).unwrap_or(0),
                handle: member.diaspora_id.clone(),
                is_admin: member.is_admin,
                // admins are the moderators of a pod, as on its pages
                is_moderator: member.is_admin,
            }),
            locale: looking.locale.clone(),
            timezone: looking.timezone.clone(),
            base_url: looking.pod.site().url(""),
            budget_ms: u32::try_from(budget.as_millis()).unwrap_or(u32::MAX),
            host_api: format!("{}.{}.0", API.0, API.1),
            ext: Vec::new(),
        }
    }
}

fn served_of(response: pages::PageResponse) -> Result<Served, PluginError> {
    match response {
        pages::PageResponse::Page(page) => {
            Ok(Served::Page { title: page.title_key, text: page.title_text, body: fragment_of(page.body)? })
        }
        // what is said after a redirect are the pod's own words
        pages::PageResponse::Redirect((path, _)) => Ok(Served::Redirect(path)),
        pages::PageResponse::Data(data) => match file_kind(&data.content_type) {
            Some(kind) => Ok(Served::File { kind, body: data.body, max_age: data.max_age_s }),
            None => Err(PluginError::Answer("a file of a type that pages may not hand out".to_owned())),
        },
        pages::PageResponse::NotFound => Ok(Served::NotFound),
        pages::PageResponse::Forbidden => Ok(Served::Forbidden),
    }
}

fn failed(failure: &types::Failure) -> PluginError {
    let message: String = failure.message.chars().take(300).collect();
    let said = format!("{:?}: {message}", failure.code);
    match failure.code {
        types::ErrorCode::Denied
        | types::ErrorCode::NotFound
        | types::ErrorCode::Invalid
        | types::ErrorCode::Conflict => PluginError::Declined(said),
        _ => PluginError::Failed(said),
    }
}

fn pairs(form: Pairs) -> Vec<types::Pair> {
    form.into_iter().map(|(name, value)| types::Pair { name, value }).collect()
}

fn hung(hung: &Hung) -> types::Attachment {
    types::Attachment { guid: hung.guid.clone(), kind: hung.kind.clone(), data: hung.data.to_string() }
}

fn hung_of(made: types::Attachment) -> Result<Hung, PluginError> {
    Ok(Hung { data: json(&made.data)?, guid: made.guid, kind: made.kind })
}

fn json(text: &str) -> Result<Value, PluginError> {
    serde_json::from_str(text).map_err(|error| PluginError::Answer(format!("no JSON: {error}")))
}

fn problems_of(problems: Vec<types::FieldError>) -> Result<Vec<FieldProblem>, PluginError> {
    let one = |problem: types::FieldError| {
        let arg = |arg: types::Attr| Ok((arg.key, json(&arg.value)?));
        let args = problem.args.into_iter().map(arg).collect::<Result<_, PluginError>>()?;
        Ok(FieldProblem { field: problem.field, key: problem.message_key, args })
    };
    problems.into_iter().map(one).collect()
}

fn fragment_of(fragment: types::Fragment) -> Result<Fragment, PluginError> {
    match fragment {
        types::Fragment::Template(template) => {
            Ok(Fragment::Template { data: json(&template.data)?, name: template.name })
        }
        types::Fragment::Html(html) => Ok(Fragment::Html(html)),
    }
}

fn place(place: Place) -> ui_slots::Place {
    let subject = match place.about {
        About::Nothing => ui_slots::Subject::None,
        About::Post(post) => ui_slots::Subject::Post(facts(&post)),
    };
    ui_slots::Place { slot: place.slot, subject }
}

fn facts(post: &PostFacts) -> types::Post {
    types::Post {
        guid: post.guid.clone(),
        author: post.author.clone(),
        text: post.text.clone(),
        visibility: if post.public { types::Visibility::Public } else { types::Visibility::Limited },
        origin: if post.local { types::Origin::Local } else { types::Origin::Remote },
        created_at: post.created_at,
        // posts are not edited, and say nothing of their language
        edited_at: None,
        tags: scan::tags(&post.text),
        mentions: scan::mentions(&post.text),
        root: post.root.clone(),
        language: None,
        attachments: post.attachments.iter().map(hung).collect(),
        ext: Vec::new(),
    }
}
