//! Reads both tenants and evaluates the next cycle.

use std::collections::BTreeSet;

use super::super::collisions::Collisions;
use super::super::source::Configuration as Named;
use super::super::{Failure, Pair, Tenant};
use super::judging::{Judging, Licenses};
use super::plan::{About, Plan, is_planned};
use super::report::{Report, Story};
use super::{known, looked_up};
use preview::{Assignment, Configuration, Cycle, Engine, Group, Principal, Scope, new_schema};
use resources::previewing;
use resources::previewing::Contact;
use sdk::{Context, Problem};
use terraform::Diagnostic;

/// A job to preview.
pub(super) struct Job {
    pub(super) name: String,
    /// Object ID of the service principal; empty for a configuration that the plan creates.
    pub(super) principal: String,
    pub(super) settings: Option<previewing::JobSettings>,
}

impl Job {
    fn about(&self) -> About<'_> {
        match self.settings {
            Some(_) => About::Existing(&self.principal),
            None => About::New,
        }
    }
}

fn context(tenant: &Tenant) -> Result<Context, Failure> {
    let context = tenant.provider().context();
    context.map_err(|why| said(tenant, &why))
}

fn said(tenant: &Tenant, why: &Diagnostic) -> Failure {
    Failure::said("Previewing", tenant.id(), std::slice::from_ref(why))
}

/// Converts an error of reading to a failure.
pub(super) fn or_failure<T>(
    tenant: &Tenant,
    context: &Context,
    doing: &str,
    outcome: Result<T, Problem>,
) -> Result<T, Failure> {
    outcome.map_err(|problem| {
        said(
            tenant,
            &previewing::into_diagnostic(problem, doing, context),
        )
    })
}

/// The jobs that synchronize from one tenant to the other, and the one that a plan creates.
pub(super) async fn jobs(
    pair: &Pair,
    wanted: &[String],
    plan: Option<&Plan>,
) -> Result<Vec<Job>, Failure> {
    let source = context(&pair.source)?;
    let creates = plan.is_some_and(Plan::creates_configuration);
    let mut found = Vec::new();
    for Named { id, name } in super::leading(pair, wanted).await? {
        let doing = format!("read the jobs of {name:?}");
        let jobs = previewing::jobs(&source, &id).await;
        for job in or_failure(&pair.source, &source, &doing, jobs)? {
            let settings = previewing::settings(&source, &id, &job).await;
            let settings = or_failure(&pair.source, &source, &doing, settings)?;
            let target = settings.target_tenant_id.as_deref().unwrap_or_default();
            if !wanted.is_empty() || target.eq_ignore_ascii_case(pair.target.id()) {
                found.push(Job {
                    name: name.clone(),
                    principal: id.clone(),
                    settings: Some(settings),
                });
            }
        }
    }
    if creates && wanted.is_empty() {
        found.push(Job {
            name: plan.map(Plan::new_name).unwrap_or_default(),
            principal: String::new(),
            settings: None,
        });
    }
    Ok(found)
}

/// The configuration of one job, as it is and as it will be.
struct Wanted {
    before: Configuration,
    after: Configuration,
    before_groups: Vec<Group>,
    after_groups: Vec<Group>,
    full: bool,
}

/// The preview of one job; `contacts` are those of the target tenant, if they can be read.
pub(super) async fn report(
    pair: &Pair,
    job: Job,
    plan: Option<&Plan>,
    user: Option<&str>,
    contacts: &[Contact],
) -> Result<Report, Failure> {
    let (source, target) = (context(&pair.source)?, context(&pair.target)?);
    let doing = format!("preview {:?}", job.name);
    let wanted = wanted(pair, &source, &job, plan).await?;
    let mut after = wanted.after;
    let mut notes = plan.map(|plan| plan.notes(job.about())).unwrap_or_default();
    notes.extend(remarks(&job, plan.is_some()));
    let facts = previewing::target_facts(&target, pair.source.id(), after.copies_groups()).await;
    let facts = or_failure(&pair.target, &target, &doing, facts)?;
    // A plan that changes the policy of the target may allow what is not allowed yet.
    let is_settled = plan.is_none_or(|plan| !plan.changes_policy());
    if is_settled && facts.user_sync == Some(false) {
        notes.push(
            "The target tenant does not allow users of the source tenant to be synchronized: until it does, nothing is written."
                .to_owned(),
        );
    }
    after.target_domain = facts.domain;
    after.invitations = facts.invitations;
    after.group_sync = facts.group_sync.filter(|_| is_settled);
    let known = known::users(&source, &job, &mut notes).await;
    let before = &wanted.before;
    let was = Engine::new(before, wanted.before_groups, Cycle::Full, false);
    let cycle = if wanted.full {
        Cycle::Full
    } else {
        Cycle::Incremental(None)
    };
    let groups = wanted.after_groups;
    let mut engine = Engine::new(&after, groups.clone(), cycle, true);
    let read = previewing::targets(&target, &after, &known, |user| engine.target(user)).await;
    or_failure(&pair.target, &target, "read the users of the target", read)?;
    let mut ids = in_question(before, &after, was.groups(), &groups);
    if let Some(ids) = &mut ids {
        ids.extend(engine.linked().map(str::to_owned));
    }
    let copies = known::copies(pair, &target, &after, &known.links, &groups, &mut notes).await?;
    let managers = looked_up::managers(pair, &source, &after, ids.as_ref()).await?;
    let has_managers = managers.is_some();
    notes.extend(looked_up::without_managers(&after, has_managers));
    let mut judging = Judging {
        before,
        after: &after,
        was,
        engine,
        sms: looked_up::sms(pair, &source, ids.as_ref()).await?,
        managers: managers.unwrap_or_default(),
        has_plan: plan.is_some(),
        story: user.map(Story::of),
        licenses: Licenses::default(),
    };
    let read = judging.read(&source, ids.as_ref(), &known).await;
    or_failure(&pair.source, &source, "read the users of the source", read)?;
    let Judging {
        mut engine,
        mut story,
        licenses,
        ..
    } = judging;
    notes.extend(licenses.note());
    notes.extend(log(&source, &job, story.as_mut()).await);
    if let Some(name) = story.as_ref().and_then(Story::missing) {
        return Err(Failure::new(format!(
            "The source tenant {} has no user {name:?}.",
            pair.source.id()
        )));
    }
    if has_managers {
        looked_up::managers_of_copies(pair, &target, &mut engine).await?;
    }
    let preview = engine.finish(&copies);
    let met = Collisions::of(&after, &preview, contacts, false);
    notes.extend(met.contacts.into_iter().map(|line| {
        format!(
            "{line}; the user may arrive without the address (UNVERIFIED: contact-with-address)."
        )
    }));
    let ends = plan.is_some_and(|plan| plan.ends(job.about()));
    Ok(
        Report::new(pair, job.name, job.principal, after, preview, story, notes)
            .of_plan(plan.is_some())
            .full(wanted.full)
            .ended(ends),
    )
}

/// The contacts of the target tenant; `None` if they cannot be read.
pub(super) async fn contacts(target: &Tenant) -> Result<Option<Vec<Contact>>, Failure> {
    let context = context(target)?;
    let read = previewing::contacts(&context).await;
    or_failure(target, &context, "read the contacts of the target", read)
}

/// Adds the latest entries of the provisioning log for the user to a story; returns a note if the log cannot be read.
async fn log(source: &Context, job: &Job, story: Option<&mut Story>) -> Option<String> {
    let story = story.filter(|_| job.settings.is_some())?;
    let user = story.source.clone()?;
    match previewing::log_of(source, &job.principal, &user).await {
        Ok(log) => {
            story.log = log;
            None
        }
        Err(Problem::Graph(why)) if why.status() == Some(403) => Some(
            "What the service did with the user lately was not read: that needs the permission ProvisioningLog.Read.All.".to_owned(),
        ),
        Err(_) => Some("The provisioning log could not be read.".to_owned()),
    }
}

/// Notes about the job itself.
fn remarks(job: &Job, has_plan: bool) -> Vec<String> {
    let mut notes = Vec::new();
    match &job.settings {
        None => notes.push(
            "The configuration does not exist yet: its mappings are those of Microsoft's template as far as they are documented, \
             with what the plan sets."
                .to_owned(),
        ),
        Some(settings) if !settings.runs && !has_plan => {
            notes.push("The job is paused: the next cycle comes once it is started.".to_owned());
        }
        Some(_) => {}
    }
    notes
}

/// Both configurations with their assignments and groups.
async fn wanted(
    pair: &Pair,
    source: &Context,
    job: &Job,
    plan: Option<&Plan>,
) -> Result<Wanted, Failure> {
    let doing = format!("read the configuration {:?}", job.name);
    let fresh = job.settings.is_none();
    let settings = job
        .settings
        .clone()
        .unwrap_or_else(|| previewing::JobSettings {
            principal: String::new(),
            job_id: String::new(),
            schema: new_schema(),
            scope: Scope::Assigned,
            target_tenant_id: None,
            delete_threshold: None,
            runs: false,
            is_new: true,
        });
    let live = if fresh {
        Vec::new()
    } else {
        let assigned = previewing::assigned(source, &job.principal).await;
        or_failure(&pair.source, source, &doing, assigned)?
    };
    let mut planned = live.clone();
    let mut schema = settings.schema.clone();
    let mut scope = settings.scope;
    if let Some(plan) = plan {
        planned = plan.assignments(&live, job.about());
        name_groups(pair, source, &mut planned).await?;
        scope = plan.scope(scope, job.about());
        if let Some((before, after)) = plan.schema(job.about()) {
            let merged = previewing::planned(&schema, after, before);
            schema = merged.map_err(|why| {
                Failure::new(format!("The planned schema cannot be previewed\n\n{why}"))
            })?;
        }
    }
    let full = settings.is_new || schema != settings.schema || scope != settings.scope;
    let configuration = |schema: &serde_json::Value, scope, assignments: Vec<Assignment>| {
        let mut read = or_failure(&pair.source, source, &doing, settings.configuration(schema))?;
        read.scope = scope;
        read.assignments = if scope == Scope::All {
            Vec::new()
        } else {
            assignments
        };
        Ok::<_, Failure>(read)
    };
    let before = configuration(&settings.schema, settings.scope, live)?;
    let after = configuration(&schema, scope, planned)?;
    let ids = |configuration: &Configuration| -> BTreeSet<String> {
        let groups = configuration.assignments.iter();
        let groups = groups.filter(|one| one.kind == Principal::Group);
        groups.map(|one| one.principal.clone()).collect()
    };
    let all: Vec<String> = ids(&before).union(&ids(&after)).cloned().collect();
    let groups = previewing::groups(source, &all, after.group_columns()).await;
    let groups = or_failure(&pair.source, source, &doing, groups)?;
    let of = |ids: &BTreeSet<String>| -> Vec<Group> {
        groups
            .iter()
            .filter(|group| ids.contains(&group.id))
            .cloned()
            .collect()
    };
    Ok(Wanted {
        before_groups: of(&ids(&before)),
        after_groups: of(&ids(&after)),
        before,
        after,
        full,
    })
}

/// Determines which of the principals that a plan assigns are groups.
async fn name_groups(
    pair: &Pair,
    source: &Context,
    assignments: &mut [Assignment],
) -> Result<(), Failure> {
    let unknown: Vec<String> = assignments
        .iter()
        .filter(|one| is_planned(one))
        .map(|one| one.principal.clone())
        .collect();
    // Looking up thousands would take longer than everything else; groups are few, and are assigned individually.
    let few: Vec<String> = unknown.into_iter().take(super::LOOKED_UP).collect();
    let groups = previewing::groups_of(source, &few).await;
    let groups = or_failure(&pair.source, source, "look up who is assigned", groups)?;
    for one in assignments
        .iter_mut()
        .filter(|one| groups.contains(&one.principal))
    {
        one.kind = Principal::Group;
    }
    Ok(())
}

/// The source users that either configuration may evaluate; `None` means all.
fn in_question(
    before: &Configuration,
    after: &Configuration,
    before_groups: &[Group],
    after_groups: &[Group],
) -> Option<BTreeSet<String>> {
    if before.scope == Scope::All || after.scope == Scope::All {
        return None;
    }
    let assignments = before.assignments.iter().chain(&after.assignments);
    let users = assignments.filter(|one| one.kind == Principal::User);
    let mut ids: BTreeSet<String> = users.map(|one| one.principal.clone()).collect();
    for group in before_groups.iter().chain(after_groups) {
        ids.extend(group.users.iter().cloned());
    }
    Some(ids)
}
