//! The data for the evaluation of secure defaults: a few objects of the tenant, read in as few batch requests as possible.

use serde_json::Value as Json;

use super::super::SynchronizationConfigurations;
use super::super::prelude::*;
use crate::partner_policy::synchronizations;
use crate::paths::principal_path;

/// The response of Graph, or its error. A missing permission is not fatal: the rows that need it are not evaluated.
pub(super) type Answer<T> = Result<T, graph::Error>;

/// The data for the evaluation.
pub(super) struct Facts {
    pub(super) authorization: Answer<Json>,
    /// The clouds with which this tenant collaborates, by name.
    pub(super) clouds: Answer<Vec<String>>,
    pub(super) default: Answer<Json>,
    pub(super) partners: Answer<Vec<Partner>>,
    /// Whether tenants can be looked up by their IDs.
    pub(super) existence: Answer<()>,
    pub(super) jobs: Answer<Vec<Job>>,
    /// Partners that are expected to be service providers, in lower case.
    pub(super) expected_providers: Vec<String>,
}

/// A partner with its synchronization policy.
pub(super) struct Partner {
    pub(super) id: String,
    /// Its settings as Graph returns them.
    pub(super) settings: Json,
    /// Its synchronization policy; null if there is none.
    pub(super) synchronization: Json,
    /// Whether a tenant with that ID exists in this cloud; `None` if it cannot be looked up.
    pub(super) exists: Option<bool>,
}

impl Partner {
    /// Whether it may synchronize a kind of object into this tenant.
    pub(super) fn may_send(&self, kind: &str) -> bool {
        self.synchronization[kind]["isSyncAllowed"] == true
    }

    /// Whether it may synchronize anything into this tenant.
    pub(super) fn is_source(&self) -> bool {
        self.may_send("userSyncInbound") || self.may_send("groupSyncInbound")
    }
}

/// A job and its settings.
pub(super) struct Job {
    pub(super) configuration: String,
    pub(super) service_principal_id: String,
    pub(super) target: Option<String>,
    pub(super) sends_all: bool,
    pub(super) prevents_deletions: bool,
    pub(super) notifies: bool,
}

impl Facts {
    pub(super) async fn read(context: &Context, expected_providers: Vec<String>) -> Result<Self> {
        const SETTINGS: [&str; 3] = [
            "/policies/authorizationPolicy",
            "/policies/crossTenantAccessPolicy",
            "/policies/crossTenantAccessPolicy/default",
        ];
        let paths = SETTINGS.map(str::to_owned);
        let mut settings = context.graph.batch_get(&paths).await?.into_iter();
        let mut next = || {
            let answer = settings.next().unwrap_or(Ok(None));
            judged(answer.map(Option::unwrap_or_default))
        };
        let (authorization, policy, default) = (next()?, next()?, next()?);
        let clouds = policy.map(|policy| {
            let clouds = policy["allowedCloudEndpoints"].as_array();
            let names = clouds.into_iter().flatten().filter_map(Json::as_str);
            names.map(str::to_owned).collect()
        });
        let mut existence = Ok(());
        let partners = judged(partners(context, &mut existence).await)?;
        Ok(Self {
            authorization,
            clouds,
            default,
            partners,
            existence: judged(existence)?,
            jobs: judged(jobs(context).await?)?,
            expected_providers: expected_providers
                .iter()
                .map(|id| id.to_lowercase())
                .collect(),
        })
    }

    /// Whether a job of this tenant synchronizes to `tenant_id`; `None` if jobs cannot be read.
    pub(super) fn sends_to(&self, tenant_id: &str) -> Option<bool> {
        let jobs = self.jobs.as_ref().ok()?;
        let is_it = |job: &Job| {
            let target = job.target.as_deref();
            target.is_some_and(|target| target.eq_ignore_ascii_case(tenant_id))
        };
        Some(jobs.iter().any(is_it))
    }
}

/// Keeps an error that is due to a missing permission; other errors are returned as errors of the whole read.
fn judged<T>(answer: Answer<T>) -> Result<Answer<T>> {
    match answer {
        Err(error) if !matches!(error.status(), Some(401 | 403)) => Err(error.into()),
        answer => Ok(answer),
    }
}

/// Reads all partners. The error of the tenant lookup is stored in `existence`.
async fn partners(context: &Context, existence: &mut Answer<()>) -> Answer<Vec<Partner>> {
    let found = context
        .graph
        .list(super::super::partner_policies::PARTNERS)
        .await?;
    let ids: Vec<String> = found
        .iter()
        .filter_map(|partner| text(partner, "tenantId"))
        .collect();
    let policies = synchronizations(context, &ids).await?;
    let exist = exist(context, &ids, existence).await;
    let each = found.into_iter().zip(ids).zip(policies).zip(exist);
    Ok(each
        .map(|(((settings, id), policy), exists)| Partner {
            id,
            settings,
            synchronization: policy.unwrap_or_default(),
            exists,
        })
        .collect())
}

/// Whether tenants with these IDs exist, as far as they can be looked up.
async fn exist(context: &Context, ids: &[String], existence: &mut Answer<()>) -> Vec<Option<bool>> {
    let look_up = |id: &String| {
        let id = graph::quoted(id);
        format!("/tenantRelationships/findTenantInformationByTenantId(tenantId={id})")
    };
    let paths: Vec<String> = ids.iter().map(look_up).collect();
    let mut found = match context.graph.batch_get(&paths).await {
        Ok(answers) => answers
            .into_iter()
            .map(|answer| match answer {
                Ok(found) => Some(found.is_some()),
                Err(error) => {
                    // Other errors about a single tenant do not prevent the evaluation of the others.
                    if matches!(error.status(), Some(401 | 403)) {
                        *existence = Err(error);
                    }
                    None
                }
            })
            .collect(),
        Err(error) => {
            *existence = Err(error);
            Vec::new()
        }
    };
    found.resize(ids.len(), None);
    found
}

/// Reads the jobs of all configurations. The outer error is one that is not due to a missing permission.
async fn jobs(context: &Context) -> Result<Answer<Vec<Job>>> {
    let all = SynchronizationConfigurations::from_object(&terraform::Object::new())
        .map_err(|problem| Problem::error("Configurations cannot be listed", problem))?;
    let found = match SynchronizationConfigurations::read(context, &all).await {
        Ok(found) => found.configurations.unwrap_or_default(),
        Err(Problem::Graph(error)) => return Ok(Err(error)),
        Err(said) => return Err(said),
    };
    let mut jobs = Vec::new();
    for configuration in found {
        let Some(id) = configuration.service_principal_id else {
            continue;
        };
        let name = configuration.display_name.unwrap_or_else(|| id.clone());
        match jobs_of(context, &id, &name).await {
            Ok(found) => jobs.extend(found),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(jobs))
}

async fn jobs_of(context: &Context, id: &str, name: &str) -> Answer<Vec<Job>> {
    let paths =
        ["jobs", "secrets"].map(|last| format!("{}/synchronization/{last}", principal_path(id)));
    let mut answers = context.graph.batch_get(&paths).await?.into_iter();
    let mut next = || {
        answers
            .next()
            .unwrap_or(Ok(None))
            .map(Option::unwrap_or_default)
    };
    let (jobs, secrets) = (next()?, next()?);
    let count = jobs["value"].as_array().map_or(0, Vec::len);
    Ok((0..count).map(|_| job((id, name), &secrets)).collect())
}

/// The settings belong to the service principal, so all of its jobs have the same settings.
fn job((id, name): (&str, &str), secrets: &Json) -> Job {
    let secret = |key: &str| {
        let pairs = secrets["value"].as_array().into_iter().flatten();
        let found = pairs.into_iter().find(|pair| pair["key"] == key);
        found.and_then(|pair| text(pair, "value"))
    };
    let is = |text: &str| text.eq_ignore_ascii_case("true");
    let notifications = secret("SyncNotificationSettings").unwrap_or_default();
    let notifications: Json = serde_json::from_str(&notifications).unwrap_or_default();
    let truth = |member: &str| match &notifications[member] {
        Json::Bool(truth) => *truth,
        Json::String(text) => is(text),
        _ => false,
    };
    Job {
        configuration: name.to_owned(),
        service_principal_id: id.to_owned(),
        target: secret("CompanyId"),
        sends_all: secret("SyncAll").is_some_and(|text| is(&text)),
        prevents_deletions: truth("DeleteThresholdEnabled"),
        notifies: truth("Enabled") && text(&notifications, "Recipients").is_some(),
    }
}
