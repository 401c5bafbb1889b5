//! Provisions a user or group immediately, without waiting for the next cycle, and explains the result.

mod answer;
mod subject;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use self::answer::Answer;
use self::subject::Subject;
pub(super) use self::subject::check;
use super::paths::{job_path, principal_path};
use sdk::prelude::*;

attributes! {
    /// Provisions one user, or one group with up to five of its members, on demand: immediately instead of with the next cycle of
    /// the job, and with the result in the state. Configure this resource in the source tenant.
    ///
    /// Creating this resource provisions the user or group; changing `triggers` provisions again. Destroying it only removes the
    /// result from the state and changes nothing in the target tenant.
    pub struct ProvisionOnDemand {
        /// Object ID of the service principal that the job belongs to. Changing this provisions again.
        service_principal_id: String = key().guid(),
        /// ID of the provisioning job. Changing this provisions again.
        job_id: String = key(),
        /// Object ID of the user in the source tenant. Exactly one of `user_object_id` and `group_object_id` is required. Changing
        /// this forces a new resource to be created.
        user_object_id: Option<String> = optional().replaces().guid(),
        /// Object ID of the group in the source tenant. The mapping of groups must be enabled, see `groups_enabled` of
        /// `crosstenant_synchronization_schema`. Microsoft's documentation contradicts itself on whether groups can be provisioned on
        /// demand in cross-tenant synchronization (UNVERIFIED); if the service refuses, the error says so. Changing this forces a new
        /// resource to be created.
        group_object_id: Option<String> = optional().replaces().guid(),
        /// Object IDs of up to five members of the group, in the source tenant. Their memberships are written as well if the users
        /// already exist in the target tenant; other members follow with the next cycle. Can only be set with `group_object_id`.
        /// Changing this provisions again.
        member_object_ids: Option<Set<String>> = optional().replaces(),
        /// Arbitrary values. When one of them changes, the user or group is provisioned again.
        triggers: Option<BTreeMap<String, String>> = optional().replaces().local(),
        /// Whether a skipped user or group is an error. Guests, users with SMS sign-in, and users and groups that are not assigned are
        /// skipped. With `false`, the reason is stored in `skip_reason`, where a `check` or `postcondition` can evaluate it. If the
        /// copy in the target tenant is already up to date (`RedundantExport`), this is never an error.
        fail_on_skip: Option<bool> = default(true).local(),
        /// Time during which provisioning is retried if the user or group is skipped as not assigned. The service needs some time to
        /// see a new assignment.
        wait_for_assignment: Option<String> = default("1m").check(Check::Duration).local(),
        /// `Success` or `Skipped`. A failure is an error.
        result: Option<String> = read_only(),
        /// Action in the target tenant, for example `create` or `update`.
        action: Option<String> = read_only(),
        /// Reason why the user or group was skipped.
        skip_reason: Option<String> = read_only(),
        /// Object ID of the user or group in the target tenant.
        target_object_id: Option<String> = read_only(),
        /// Steps that the service went through.
        steps: Option<Vec<Step>> = read_only(),
        /// Attributes that were written in the target tenant.
        modified_attributes: Option<Vec<ModifiedAttribute>> = read_only(),
        /// Tenant ID of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// One step of provisioning.
    pub struct Step {
        /// Name of the step, for example `EntrySynchronizationScoping`.
        name: Option<String> = read_only(),
        /// Phase of the step: `Import`, `Scoping`, `Matching`, `Processing` or `Export`.
        kind: Option<String> = read_only(),
        /// Result of the step: `Success`, `Skipped`, `Failure` or `Warning`.
        status: Option<String> = read_only(),
        /// Microsoft's description of what happened in this step.
        description: Option<String> = read_only(),
        /// Details from the service, by name.
        details: Option<BTreeMap<String, String>> = read_only(),
    }

    /// An attribute of the user or group in the target tenant.
    pub struct ModifiedAttribute {
        /// Name of the attribute.
        name: Option<String> = read_only(),
        /// Value before the change.
        old_value: Option<String> = read_only(),
        /// Value after the change.
        new_value: Option<String> = read_only(),
    }
}

impl Resource for ProvisionOnDemand {
    const NAME: &'static str = "provision_on_demand";
    const TASK: Task = Task::Synchronization;
    const EXPORT: Export = Export::No("it is a one-off operation");
    const IMPORT: &'static [&'static str] = &[
        "<service_principal_id>/<job_id>/<user_object_id>",
        "<service_principal_id>/<job_id>/groups/<group_object_id>",
    ];
    const IDENTITY: &'static [&'static str] = &[
        "service_principal_id",
        "job_id",
        "user_object_id",
        "group_object_id",
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/provisionOnDemand",
    ];
    const NOTES: &'static str = "\
The rules of the job apply: the user or group is provisioned only if it is in scope, and with the attribute mappings of the job. The
provider selects the rule of the schema. Graph accepts five of these requests in ten seconds; all instances in a run share that limit and
wait about two seconds each.

To provision several users, use `for_each`. Graph accepts at most five members of a group in one request, and no nested groups. Members that
do not exist in the target tenant are not created: provision them first, or wait for the next cycle. If the user's account in the target
tenant is soft-deleted, restore it before you provision the user; otherwise, a second account may be created.

Importing this resource records that a user or group was provisioned and does not provision again.";

    fn validate(config: &Value, found: &mut Diagnostics) {
        subject::check(config, found);
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let subject = planned.subject()?;
        let rule = planned.rule(context, &subject).await?;
        let answer = planned.provision(context, &subject, &rule).await?;
        match answer.result.as_str() {
            "Success" => {}
            "Skipped" if planned.fail_on_skip == Some(false) || answer.is_current() => {}
            "Skipped" => return Err(subject.skipped(context, &answer)),
            _ => return Err(subject.failed(context, &answer)),
        }
        *state = Some(Self {
            result: Some(answer.result),
            action: answer.action,
            skip_reason: answer.skip_reason,
            target_object_id: answer.target_object_id,
            steps: Some(answer.steps),
            modified_attributes: Some(answer.modified),
            ..planned.clone()
        });
        Ok(())
    }

    async fn read(_context: &Context, state: &Self) -> Result<Option<Self>> {
        // The operation is in the past and does not change.
        Ok(Some(state.clone()))
    }

    async fn update(_context: &Context, planned: &Self, state: &mut Self) -> Result {
        // Only local attributes can change in place.
        *state = planned.clone();
        Ok(())
    }

    async fn delete(_context: &Context, _state: &Self) -> Result {
        Ok(())
    }
}

impl ProvisionOnDemand {
    fn path(&self, rest: &str) -> String {
        let job = job_path(&self.service_principal_id, &self.job_id);
        format!("{job}/{rest}")
    }

    /// Returns the rule of the job's schema for the subject. Looked up once per job and kind of subject.
    async fn rule(&self, context: &Context, subject: &Subject) -> Result<String> {
        let look_up = async || match context.graph.get_referred(&self.path("schema")).await? {
            Some(schema) if subject.is_group() => rule_of_groups(&schema),
            Some(schema) => rule(&schema),
            None => Err(Problem::at(
                "job_id",
                "The provisioning job does not exist",
                format!(
                    "Service principal {} of tenant {} has no job {}.",
                    self.service_principal_id,
                    context.tenant_id(),
                    self.job_id
                ),
            )),
        };
        let key = format!("{}/{}", self.job_id, subject.type_name());
        context.rule(&key, look_up).await
    }

    /// Sends the request, and repeats it while a new assignment may not be visible to the service yet.
    async fn provision(&self, context: &Context, subject: &Subject, rule: &str) -> Result<Answer> {
        let body = json!({ "parameters": [{ "ruleId": rule, "subjects": [subject.body()] }] });
        let written = self.wait_for_assignment.as_deref().unwrap_or_default();
        let patience = terraform::duration(written).unwrap_or(Duration::ZERO);
        // The service applies a new assignment later than Graph returns it.
        let assigned = format!(
            "{}/appRoleAssignedTo",
            principal_path(&self.service_principal_id)
        );
        let patience = patience.max(context.graph.unheeded(&assigned));
        let path = self.path("provisionOnDemand");
        let ask = || async {
            context.turn_to_provision().await?;
            // Repeating the request is safe: it only updates the user again.
            let asked = context.graph.post(&path, &body, Resend::Safe).await;
            let json = asked.map_err(|error| subject.refused(error))?;
            Answer::read(&json).map_err(|what| subject.odd(&what, &json))
        };
        let is_final = |answer: &Answer| !answer.may_become_entitled();
        context.graph.until(patience, ask, is_final).await
    }
}

/// Returns the ID of the rule that contains the mapping of groups.
fn rule_of_groups(schema: &Json) -> Result<String> {
    let found = super::synchronization_schema::rule_of_groups(schema);
    found.and_then(|rule| text(rule, "id")).ok_or_else(|| {
        Problem::at(
            "job_id",
            "The job cannot provision groups",
            "No rule of its schema maps groups. Nothing was provisioned.",
        )
    })
}

/// Returns the ID of the rule that can be provisioned on demand. It differs from job to job, and its name may change.
fn rule(schema: &Json) -> Result<String> {
    let rules = schema["synchronizationRules"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let says_so = |rule: &&Json| {
        let metadata = rule["metadata"].as_array().into_iter().flatten();
        metadata.into_iter().any(|pair| {
            let is = |name: &str, text: &str| {
                pair[name]
                    .as_str()
                    .is_some_and(|value| value.eq_ignore_ascii_case(text))
            };
            is("key", "supportsProvisionOnDemand") && is("value", "true")
        })
    };
    let usual = |rule: &&Json| rule["name"] == "USER_INBOUND_USER";
    let found = rules
        .iter()
        .filter(says_so)
        .find(usual)
        .or_else(|| rules.iter().find(says_so))
        .or_else(|| rules.iter().find(usual));
    found.and_then(|rule| text(rule, "id")).ok_or_else(|| {
        let names: Vec<String> = rules.iter().filter_map(|rule| text(rule, "name")).collect();
        Problem::at(
            "job_id",
            "The job cannot provision on demand",
            format!(
                "No rule of its schema supports provisioning on demand. The rules are: {}.",
                names.join(", ")
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_found_by_what_it_supports() {
        let rule_of = |rules: Json| rule(&json!({ "synchronizationRules": rules })).ok();
        let supports = json!([{ "key": "supportsProvisionOnDemand", "value": "True" }]);
        let plain = json!({ "id": "1", "name": "GROUPS", "metadata": [] });
        let usual = json!({ "id": "2", "name": "USER_INBOUND_USER", "metadata": supports });
        let other = json!({ "id": "3", "name": "NEW", "metadata": supports });
        assert_eq!(rule_of(json!([plain, other, usual])), Some("2".into()));
        assert_eq!(rule_of(json!([plain, other])), Some("3".into()));
        let unsaid = json!({ "id": "4", "name": "USER_INBOUND_USER" });
        assert_eq!(rule_of(json!([plain, unsaid])), Some("4".into()));
        assert_eq!(rule_of(json!([plain])), None);
        assert_eq!(rule(&json!(null)).ok(), None);
    }
}
