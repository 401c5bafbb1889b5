//! Determines the users who leave the scope of a job with a change of its configuration, from the data of the source tenant.
//!
//! It runs during planning, so it reads little: the assignments, and only the users whom the change may affect. It does not read the target
//! tenant: users who were in scope until now are assumed to exist there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::directory::{Found, assignment, assignments_path, groups_with, sources_within};
use super::job::{JobSettings, described};
use crate::paths::{jobs_path, principal_path, schema_path};
use graph;
use preview::{
    Assignment, Configuration, Cycle, Engine, Group, Known, Origin, Outcome, Principal, Scope,
    Source, Target,
};
use sdk::prelude::text;
use sdk::{Context, Problem, Result};

/// The maximum number of pages of users that a plan reads, with 999 users each.
const MOST_PAGES: usize = 60;

/// The current state of a job.
pub(crate) struct Situation {
    /// Its settings.
    pub(crate) settings: JobSettings,
    /// Its assignments.
    pub(crate) assignments: Vec<Assignment>,
}

/// The planned state of a job.
pub(crate) struct Next<'n> {
    pub(crate) scope: Scope,
    pub(crate) assignments: Vec<Assignment>,
    /// The schema; `None` if it does not change.
    pub(crate) schema: Option<&'n Json>,
}

/// The users who leave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Leavers {
    /// Users whose copies are soft-deleted, by reason.
    pub(crate) deleted: BTreeMap<String, Vec<String>>,
    /// Users whose copies stay, by the reason for that.
    pub(crate) kept: BTreeMap<&'static str, Vec<String>>,
    /// The target tenant, for messages.
    pub(crate) target: String,
    /// Whether the job is started.
    pub(crate) runs: bool,
    /// The number of deletions above which the job stops.
    pub(crate) threshold: Option<u64>,
}

impl Leavers {
    /// Returns the number of soft-deleted users.
    pub(crate) fn count(&self) -> usize {
        self.deleted.values().map(Vec::len).sum()
    }
}

impl Situation {
    /// Reads a job with its scope and assignments, in one request if there are few. With the ID of the job, its schema is included; without
    /// it, the job is the only one of the service principal. `None` if there is no such job, or if there are several without an ID.
    pub(crate) async fn read(
        context: &Context,
        principal: &str,
        job_id: Option<&str>,
    ) -> Result<Option<Self>> {
        let meant = |jobs: &[Json]| match job_id {
            Some(id) => jobs.iter().position(|job| job["id"] == *id),
            None => (jobs.len() == 1).then_some(0),
        };
        Self::of(context, principal, job_id, meant).await
    }

    /// Like `read`, for the first job; `None` if there is none.
    pub(crate) async fn first(context: &Context, principal: &str) -> Result<Option<Self>> {
        let meant = |jobs: &[Json]| (!jobs.is_empty()).then_some(0);
        Self::of(context, principal, None, meant).await
    }

    async fn of(
        context: &Context,
        principal: &str,
        job_id: Option<&str>,
        meant: impl FnOnce(&[Json]) -> Option<usize>,
    ) -> Result<Option<Self>> {
        let root = format!("{}/synchronization", principal_path(principal));
        let assigned = assignments_path(principal);
        let mut paths = vec![
            jobs_path(principal),
            format!("{root}/secrets"),
            assigned.clone(),
        ];
        paths.extend(job_id.map(|id| schema_path(principal, id)));
        let mut answers = context.graph.batch_get(&paths).await?.into_iter();
        let mut next =
            || Ok::<_, Problem>(answers.next().transpose()?.flatten().unwrap_or_default());
        let (jobs, secrets, first, schema) = (next()?, next()?, next()?, next()?);
        let jobs = list(&jobs);
        let Some(job) = meant(jobs).map(|at| &jobs[at]) else {
            return Ok(None);
        };
        let all = context.graph.rest_of(&assigned, first).await?;
        Ok(Some(Self {
            settings: described(principal, job, list(&secrets), schema),
            assignments: all.iter().filter_map(assignment).collect(),
        }))
    }

    /// Reads the schema and the groups that are assigned to the job.
    pub(crate) async fn with_groups(
        mut self,
        context: &Context,
    ) -> Result<(Self, Configuration, Vec<Group>)> {
        let groups = self.complete(context, &[]).await?;
        let settings = &self.settings;
        let mut configuration =
            self.configuration(&settings.schema, settings.scope, &self.assignments)?;
        configuration.delete_threshold = settings.delete_threshold;
        let groups = of(&groups, &configuration);
        Ok((self, configuration, groups))
    }

    /// Reads the groups that are assigned, here or in `more`, and the schema if it was not read yet.
    async fn complete(&mut self, context: &Context, more: &[Assignment]) -> Result<Vec<Found>> {
        let JobSettings {
            principal, job_id, ..
        } = &self.settings;
        let beside = match &self.settings.schema {
            Json::Null => vec![schema_path(principal, job_id)],
            _ => Vec::new(),
        };
        let ids = groups_in(&[&self.assignments, more]);
        let (mut beside, groups) = groups_with(context, &ids, &beside).await?;
        if let Some(schema) = beside.pop() {
            self.settings.schema = schema;
        }
        Ok(groups)
    }

    fn configuration(
        &self,
        schema: &Json,
        scope: Scope,
        assignments: &[Assignment],
    ) -> Result<Configuration> {
        let mut read = self.settings.configuration(schema)?;
        read.scope = scope;
        // All users who would leave are counted, even if the job stops at the threshold.
        read.delete_threshold = None;
        if scope == Scope::Assigned {
            read.assignments = assignments.to_vec();
        }
        Ok(read)
    }

    /// Returns the users who are in scope now, and would not be with `next`.
    pub(crate) async fn leaving(mut self, context: &Context, next: Next<'_>) -> Result<Leavers> {
        let all = self.complete(context, &next.assignments).await?;
        let settings = &self.settings;
        let schema = next.schema.unwrap_or(&settings.schema);
        let before = self.configuration(&settings.schema, settings.scope, &self.assignments)?;
        let after = self.configuration(schema, next.scope, &next.assignments)?;
        let was = Engine::new(&before, of(&all, &before), Cycle::Full, false);
        let mut engine = Engine::new(&after, of(&all, &after), Cycle::Full, false);
        let asked = in_question(&before, &was, &engine, next.schema.is_none());
        if asked.as_ref().is_some_and(BTreeSet::is_empty) {
            return Ok(Leavers::default());
        }
        let mut leaving = Vec::new();
        let take = |object: &Json| {
            let read = |configuration: &Configuration| Source {
                record: configuration.source_columns().record(object),
                sms_sign_in: None,
                licensed: None,
                managed: Some(true),
            };
            let user = read(&after);
            if was.is_in_scope(&read(&before)) && !engine.is_in_scope(&user) {
                leaving.push((user, copy(&after, object)));
            }
        };
        let columns = [before.source_columns(), after.source_columns()];
        sources_within(
            context,
            &columns,
            asked.as_ref(),
            (&[], Some(MOST_PAGES)),
            take,
        )
        .await?;
        if leaving.is_empty() {
            return Ok(Leavers::default());
        }
        let (users, copies): (Vec<Source>, Vec<Target>) = leaving.into_iter().unzip();
        for copy in copies {
            engine.target(copy);
        }
        for user in &users {
            engine.source(user);
        }
        let mut found = sorted(engine);
        found.runs = settings.runs;
        found.threshold = settings.delete_threshold;
        found.target = target(context, settings.target_tenant_id.as_deref()).await;
        Ok(found)
    }
}

/// Returns the assumed copy of a user in scope.
fn copy(configuration: &Configuration, user: &Json) -> Target {
    let copy = json!({ "id": user["id"], "accountEnabled": user["accountEnabled"] });
    let origin = Origin {
        source: text(user, "id").unwrap_or_default(),
        known: Known::Service,
        managed: Some(true),
        deleted_by_job: None,
    };
    Target {
        record: configuration.target_columns().record(&copy),
        deleted: false,
        origin: Some(origin),
    }
}

fn list(answer: &Json) -> &[Json] {
    answer["value"].as_array().map_or(&[][..], Vec::as_slice)
}

fn groups_in(assignments: &[&[Assignment]]) -> Vec<String> {
    let all = assignments.iter().copied().flatten();
    let groups = all.filter(|one| one.kind == Principal::Group);
    let ids: BTreeSet<String> = groups.map(|one| one.principal.clone()).collect();
    ids.into_iter().collect()
}

/// Returns the groups that are assigned in a configuration.
fn of(found: &[Found], configuration: &Configuration) -> Vec<Group> {
    let assigned = configuration.assignments.iter();
    let ids: BTreeSet<&str> = assigned.map(|one| one.principal.as_str()).collect();
    let all = found
        .iter()
        .map(|group| group.read(configuration.group_columns()));
    all.filter(|group| ids.contains(group.id.as_str()))
        .collect()
}

/// Returns the users who may leave; `None` for all users.
fn in_question(
    before: &Configuration,
    was: &Engine,
    engine: &Engine,
    same_schema: bool,
) -> Option<BTreeSet<String>> {
    if before.scope == Scope::All {
        return None;
    }
    let users = before.assignments.iter();
    let users = users.filter(|one| one.kind == Principal::User);
    let users = users.map(|one| one.principal.as_str());
    let members = was.groups().iter().flat_map(|group| &group.users);
    let entitled = users.chain(members.map(String::as_str));
    // If the filters do not change, only users who are no longer assigned leave.
    let may = |id: &&str| was.is_entitled(id) && !(same_schema && engine.is_entitled(id));
    Some(entitled.filter(may).map(str::to_owned).collect())
}

fn sorted(engine: Engine) -> Leavers {
    let mut found = Leavers::default();
    for verdict in engine.finish(&[]).users {
        let name = verdict.name.to_string();
        match verdict.outcome {
            Outcome::Leave(why) => {
                found.deleted.entry(why.reason()).or_default().push(name);
            }
            Outcome::Keep(_, kept) => found.kept.entry(kept.reason()).or_default().push(name),
            _ => {}
        }
    }
    for names in found.deleted.values_mut().chain(found.kept.values_mut()) {
        names.sort();
    }
    found
}

/// Returns the name of the target tenant if this tenant can look it up.
async fn target(context: &Context, id: Option<&str>) -> String {
    let Some(id) = id else {
        return "the target tenant".to_owned();
    };
    let path = format!(
        "/tenantRelationships/findTenantInformationByTenantId(tenantId={})",
        graph::quoted(id)
    );
    let found = context.graph.get(&path).await.ok().flatten();
    match found.and_then(|found| text(&found, "displayName")) {
        Some(name) => format!("{name} ({id})"),
        None => format!("the target tenant {id}"),
    }
}
