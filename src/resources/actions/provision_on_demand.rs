//! Provisions a user or group immediately, without waiting for the next cycle.

use super::{Action, model_of};
use crate::provision_on_demand::{ProvisionOnDemand as Resourceful, check};
use sdk::prelude::*;
use terraform::Progress;

attributes! {
    /// Provisions one user, or one group with up to five of its members, on demand: immediately instead of with the next cycle of the
    /// job. Invoke this action with the provider of the source tenant.
    ///
    /// The rules of the job apply to the user or group. Graph accepts five of these requests in ten seconds; all instances in a run
    /// share that limit and wait. To store the result, use the resource `crosstenant_provision_on_demand`.
    pub struct ProvisionOnDemand {
        /// Object ID of the service principal that the job belongs to.
        service_principal_id: String = required().guid(),
        /// ID of the provisioning job.
        job_id: String = required().check(Check::NotEmpty),
        /// Object ID of the user in the source tenant. Exactly one of `user_object_id` and `group_object_id` is required.
        user_object_id: Option<String> = optional().guid(),
        /// Object ID of the group in the source tenant. Microsoft's documentation contradicts itself on whether groups can be
        /// provisioned on demand in cross-tenant synchronization (UNVERIFIED).
        group_object_id: Option<String> = optional().guid(),
        /// Object IDs of up to five members of the group whose memberships are written as well.
        member_object_ids: Option<Set<String>>,
        /// Whether a skipped user or group is an error. Defaults to `true`.
        fail_on_skip: Option<bool>,
        /// Time during which provisioning is retried if the user or group is skipped as not assigned. The service needs some
        /// time to see a new assignment. Defaults to `1m`.
        wait_for_assignment: Option<String> = optional().check(Check::Duration),
    }
}

impl Action for ProvisionOnDemand {
    const NAME: &'static str = "provision_on_demand";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls = Resourceful::CALLS;

    fn validate(config: &Value, found: &mut Diagnostics) {
        check(config, found);
    }

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result {
        let id = |id: &Option<String>| id.as_deref().map_or(Value::Null, Value::from);
        let members = config.member_object_ids.as_ref();
        let members = members.map_or(Value::Null, AttributeType::to_value);
        let patience = config.wait_for_assignment.as_deref().unwrap_or("1m");
        let wanted: Resourceful = model_of([
            (
                "service_principal_id",
                config.service_principal_id.as_str().into(),
            ),
            ("job_id", config.job_id.as_str().into()),
            ("user_object_id", id(&config.user_object_id)),
            ("group_object_id", id(&config.group_object_id)),
            ("member_object_ids", members),
            ("fail_on_skip", config.fail_on_skip.unwrap_or(true).into()),
            ("wait_for_assignment", patience.into()),
        ])?;
        let one = match (&config.user_object_id, &config.group_object_id) {
            (Some(user), _) => format!("user {user}"),
            (None, group) => format!("group {}", group.as_deref().unwrap_or_default()),
        };
        progress.tell(format!("Provisioning {one}"));
        let mut reached = None;
        Resourceful::create(context, &wanted, &mut reached).await?;
        for line in reached.iter().flat_map(told) {
            progress.tell(line);
        }
        Ok(())
    }
}

/// Formats the result as progress messages, one per step.
fn told(answer: &Resourceful) -> Vec<String> {
    let mut lines = Vec::new();
    for step in answer.steps.iter().flatten() {
        let parts = [&step.name, &step.status, &step.description];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        lines.push(parts.join(": "));
    }
    let result = answer.result.as_deref().unwrap_or("no result");
    let more = answer.skip_reason.as_deref().or(answer.action.as_deref());
    lines.push(more.map_or_else(|| result.to_owned(), |more| format!("{result}: {more}")));
    lines
}
