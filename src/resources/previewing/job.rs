//! A job with its settings and schema.

use serde_json::Value as Json;

use crate::paths::{jobs_path, principal_path, schema_path};
use preview::{Configuration, Scope};
use sdk::prelude::text;
use sdk::{Context, Problem, Result};

/// The settings of a job.
#[derive(Clone, Debug)]
pub struct JobSettings {
    /// Object ID of the service principal.
    pub principal: String,
    /// ID of the job.
    pub job_id: String,
    /// Graph's `synchronizationSchema`.
    pub schema: Json,
    /// The users in scope.
    pub scope: Scope,
    /// The target tenant.
    pub target_tenant_id: Option<String>,
    /// The number of deletions in one cycle above which the job stops.
    pub delete_threshold: Option<u64>,
    /// Whether it is started.
    pub runs: bool,
    /// Whether its initial cycle is pending or in progress.
    pub is_new: bool,
}

impl JobSettings {
    /// Returns the attribute of target users to which the object ID of the source user is mapped.
    #[must_use]
    pub fn source_object_id_attribute(&self) -> Option<String> {
        let rules = self.schema["synchronizationRules"].as_array()?.iter();
        let mut lines = rules
            .filter_map(|rule| rule["objectMappings"].as_array())
            .flatten()
            .filter(|mapping| mapping["sourceObjectName"] == "User")
            .filter_map(|mapping| mapping["attributeMappings"].as_array())
            .flatten();
        let found = lines.find(|line| {
            let expression = line["source"]["expression"].as_str();
            expression.is_some_and(|text| text.trim() == "[objectId]")
        })?;
        text(found, "targetAttributeName")
    }

    /// Returns the engine's configuration with this schema, without assignments.
    ///
    /// # Errors
    ///
    /// If the schema does not map users.
    pub fn configuration(&self, schema: &Json) -> Result<Configuration> {
        let mut configuration = Configuration::read(schema).map_err(|why| {
            Problem::error("The schema of the job cannot be previewed", why.to_string())
        })?;
        configuration.scope = self.scope;
        configuration.delete_threshold = self.delete_threshold;
        Ok(configuration)
    }
}

/// Returns the IDs of the jobs of a service principal.
///
/// # Errors
///
/// If Graph refuses to list them.
pub async fn jobs(context: &Context, principal: &str) -> Result<Vec<Json>> {
    Ok(context.graph.list(&jobs_path(principal)).await?)
}

/// Reads the settings of a job; `job` is its entry in the collection.
///
/// # Errors
///
/// If its schema or the secrets cannot be read.
pub async fn settings(context: &Context, principal: &str, job: &Json) -> Result<JobSettings> {
    let root = format!("{}/synchronization", principal_path(principal));
    let job_id = text(job, "id").unwrap_or_default();
    let schema = context.graph.get(&schema_path(principal, &job_id)).await?;
    let schema = schema.unwrap_or_default();
    let secrets = context.graph.get(&format!("{root}/secrets")).await?;
    let secrets = secrets.unwrap_or_default();
    let secrets = secrets["value"].as_array().map_or(&[][..], Vec::as_slice);
    Ok(described(principal, job, secrets, schema))
}

/// Returns the settings of a job from data that was already read.
pub(super) fn described(
    principal: &str,
    job: &Json,
    secrets: &[Json],
    schema: Json,
) -> JobSettings {
    let secret = |key: &str| {
        let found = secrets.iter().find(|secret| secret["key"] == *key);
        found.and_then(|secret| text(secret, "value"))
    };
    let everybody = secret("SyncAll").is_some_and(|all| all.eq_ignore_ascii_case("true"));
    let notifications = secret("SyncNotificationSettings");
    let steady = job["status"]["steadyStateFirstAchievedTime"].as_str();
    JobSettings {
        principal: principal.to_owned(),
        job_id: text(job, "id").unwrap_or_default(),
        schema,
        scope: if everybody {
            Scope::All
        } else {
            Scope::Assigned
        },
        target_tenant_id: secret("CompanyId"),
        delete_threshold: notifications.and_then(|text| threshold(&text)),
        runs: job["schedule"]["state"] == "Active",
        is_new: steady.is_none_or(|moment| moment.starts_with("0001"))
            && job["status"]["lastSuccessfulExecution"].is_null(),
    }
}

/// Returns the threshold in the notification settings if it is enabled. Other tools write its members as strings.
fn threshold(settings: &str) -> Option<u64> {
    let settings: Json = serde_json::from_str(settings).ok()?;
    let enabled = &settings["DeleteThresholdEnabled"];
    let is_on = enabled == true
        || enabled
            .as_str()
            .is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let value = &settings["DeleteThresholdValue"];
    let value = value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    is_on.then(|| value.unwrap_or(500))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_threshold_counts_where_it_is_enabled() {
        for (text, expected) in [
            (
                r#"{"DeleteThresholdEnabled":true,"DeleteThresholdValue":7}"#,
                Some(7),
            ),
            (
                r#"{"DeleteThresholdEnabled":"True","DeleteThresholdValue":"7"}"#,
                Some(7),
            ),
            (r#"{"DeleteThresholdEnabled":true}"#, Some(500)),
            (
                r#"{"DeleteThresholdEnabled":false,"DeleteThresholdValue":7}"#,
                None,
            ),
            ("", None),
        ] {
            assert_eq!(super::threshold(text), expected, "{text}");
        }
    }
}
