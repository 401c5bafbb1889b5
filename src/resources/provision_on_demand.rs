//! One user provisioned now instead of with the next cycle, and in words what came of it.

mod answer;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use self::answer::Answer;
use super::prelude::*;
use super::synchronization_configuration::principal_path;

attributes! {
    /// Provisions one user on demand: now, instead of with the next cycle of the job, and with an answer. It belongs into the
    /// source tenant.
    ///
    /// Creating it provisions the user; changing `triggers` does it again. Destroying it forgets the answer and leaves the user
    /// in the target tenant alone.
    pub struct ProvisionOnDemand {
        /// Object id of the service principal that the job belongs to. Changing it provisions again.
        service_principal_id: String = key().guid(),
        /// Id of the provisioning job. Changing it provisions again.
        job_id: String = key(),
        /// Object id of the user in the source tenant. Changing it provisions the other user.
        user_object_id: String = key().guid(),
        /// Any values; when one of them changes, the user is provisioned again.
        triggers: Option<BTreeMap<String, String>> = optional().replaces().local(),
        /// Whether it is an error that the user is skipped, as guests, users with SMS sign-in and users who are not assigned
        /// are. With `false` the reason is in `skip_reason`, for a `check` or `postcondition` to judge. That the user in the
        /// target tenant is up to date already (`RedundantExport`) is never an error.
        fail_on_skip: Option<bool> = default(true).local(),
        /// How long a user who is skipped as not assigned is tried again, because a new assignment takes a while to be seen.
        wait_for_assignment: Option<String> = default("1m").check(Check::Duration).local(),
        /// `Success` or `Skipped`; a failure is an error.
        result: Option<String> = read_only(),
        /// What was done in the target tenant, for example `create` or `update`.
        action: Option<String> = read_only(),
        /// Why the user was skipped.
        skip_reason: Option<String> = read_only(),
        /// Object id of the user in the target tenant.
        target_object_id: Option<String> = read_only(),
        /// Steps that the service went through.
        steps: Option<Vec<Step>> = read_only(),
        /// Attributes that were written in the target tenant.
        modified_attributes: Option<Vec<ModifiedAttribute>> = read_only(),
        /// Tenant id of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// One step of provisioning.
    pub struct Step {
        /// Its name, for example `EntrySynchronizationScoping`.
        name: Option<String> = read_only(),
        /// What it belongs to: `Import`, `Scoping`, `Matching`, `Processing` or `Export`.
        kind: Option<String> = read_only(),
        /// `Success`, `Skipped`, `Failure` or `Warning`.
        status: Option<String> = read_only(),
        /// What happened in this step, in Microsoft's words.
        description: Option<String> = read_only(),
        /// The service's details by name.
        details: Option<BTreeMap<String, String>> = read_only(),
    }

    /// An attribute of the user in the target tenant.
    pub struct ModifiedAttribute {
        /// Name of the attribute.
        name: Option<String> = read_only(),
        /// What it was.
        old_value: Option<String> = read_only(),
        /// What it is now.
        new_value: Option<String> = read_only(),
    }
}

impl Resource for ProvisionOnDemand {
    const NAME: &'static str = "provision_on_demand";
    const IMPORT: &'static [&'static str] = &["<service_principal_id>/<job_id>/<user_object_id>"];
    const CALLS: &'static [(&'static str, &'static str)] = &[
        (
            "GET",
            "/servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        ),
        (
            "POST",
            "/servicePrincipals/{id}/synchronization/jobs/{id}/provisionOnDemand",
        ),
    ];
    const NOTES: &'static str = "\
A user is provisioned by the same rules as by the job: only if in scope, and with the attribute mappings in force. The rule of
the schema is found by itself. Graph takes five of these requests in ten seconds; all instances of a run share that limit and wait
for their turn, about two seconds each.

For several users use `for_each`. Users only: groups cannot be provisioned on demand in cross-tenant synchronization. Do not provision a
user whose copy in the target tenant is deleted and restorable: restore it first, or there may be two.

Importing notes that a user was provisioned without doing it again.";

    async fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> Result<(), Problem> {
        let rule = planned.rule(context).await?;
        let answer = planned.provision(context, &rule).await?;
        match answer.result.as_str() {
            "Success" => {}
            "Skipped" if planned.fail_on_skip == Some(false) || answer.is_current() => {}
            "Skipped" => return Err(planned.skipped(context, &answer)),
            _ => return Err(planned.failed(context, &answer)),
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

    async fn read(_context: &Context, state: &Self) -> Result<Option<Self>, Problem> {
        // It happened; nothing that happens later changes that.
        Ok(Some(state.clone()))
    }

    async fn update(_context: &Context, planned: &Self, state: &mut Self) -> Result<(), Problem> {
        // Only what Terraform alone knows can change in place.
        *state = planned.clone();
        Ok(())
    }

    async fn delete(_context: &Context, _state: &Self) -> Result<(), Problem> {
        Ok(())
    }
}

impl ProvisionOnDemand {
    fn path(&self, rest: &str) -> String {
        format!(
            "{}/synchronization/jobs/{}/{rest}",
            principal_path(&self.service_principal_id),
            graph::segment(&self.job_id)
        )
    }

    /// The rule of the job's schema for it; asked once per job.
    async fn rule(&self, context: &Context) -> Result<String, Problem> {
        let look_up = async || match context.graph.get_referred(&self.path("schema")).await? {
            Some(schema) => rule(&schema),
            None => Err(Problem::at(
                "job_id",
                "There is no such provisioning job",
                format!(
                    "Service principal {} of tenant {} has no job {}.",
                    self.service_principal_id,
                    context.tenant_id(),
                    self.job_id
                ),
            )),
        };
        context.rule(&self.job_id, look_up).await
    }

    /// Asks for it, and again while the assignment may only not have arrived.
    async fn provision(&self, context: &Context, rule: &str) -> Result<Answer, Problem> {
        let subject = json!({ "objectId": self.user_object_id, "objectTypeName": "User" });
        let body = json!({ "parameters": [{ "ruleId": rule, "subjects": [subject] }] });
        let written = self.wait_for_assignment.as_deref().unwrap_or_default();
        let patience = crate::terraform::duration(written).unwrap_or(Duration::ZERO);
        // The service heeds an assignment that was made a moment ago later than Graph shows it.
        let assigned = format!(
            "{}/appRoleAssignedTo",
            principal_path(&self.service_principal_id)
        );
        let patience = patience.max(context.graph.unheeded(&assigned));
        let path = self.path("provisionOnDemand");
        let ask = || async {
            context.turn_to_provision().await?;
            // Provisioning a user again does nothing but bring the user up to date again.
            let json = context.graph.post(&path, &body, Resend::Safe).await?;
            Answer::read(&json).map_err(|what| self.odd(&what, &json))
        };
        let is_final = |answer: &Answer| !answer.may_become_entitled();
        context.graph.until(patience, ask, is_final).await
    }

    fn odd(&self, what: &str, json: &Json) -> Problem {
        let start: String = json.to_string().chars().take(500).collect();
        Problem::said(
            "Graph's answer to provision on demand cannot be read",
            format!(
                "{what}. User {} may have been provisioned. The answer begins with: {start}",
                self.user_object_id
            ),
        )
    }

    fn skipped(&self, context: &Context, answer: &Answer) -> Problem {
        let reason = answer.skip_reason.as_deref().unwrap_or("no reason given");
        let mut meaning = answer.meaning();
        if !answer.is_entitled() {
            meaning.push_str(
                " A new assignment can take minutes to be seen: see `wait_for_assignment`.",
            );
        }
        Problem::at(
            "user_object_id",
            "The user was skipped",
            format!(
                "User {} of tenant {} was not provisioned: {reason}.{meaning}\n\n{}\n\nWith `fail_on_skip = false` this is no error.",
                self.user_object_id,
                context.tenant_id(),
                answer.told()
            ),
        )
    }

    fn failed(&self, context: &Context, answer: &Answer) -> Problem {
        let code = answer.error_code.as_deref().unwrap_or("no error code");
        let message = answer.error_message.as_deref().unwrap_or("no message");
        let meaning = answer.meaning();
        Problem::at(
            "user_object_id",
            "The user could not be provisioned",
            format!(
                "User {} of tenant {}: {code}: {message}.{meaning}\n\n{}",
                self.user_object_id,
                context.tenant_id(),
                answer.told()
            ),
        )
    }
}

/// The rule that can be provisioned on demand. Its id differs from job to job and its name may change.
fn rule(schema: &Json) -> Result<String, Problem> {
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
                "None of the rules of its schema supports it. The rules are: {}.",
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
