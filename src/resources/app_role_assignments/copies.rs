//! Warns that assigned groups are copied, in addition to their members, if the mapping of groups is enabled.

use std::collections::HashSet;
use std::sync::Arc;

use super::live::{Id, guid};
use crate::group_kinds::NO_ROLE;
use crate::previewing;
use crate::synchronization_schema::{groups_enabled, schema_of_first_job};
use preview::Principal;
use sdk::enumeration::listed;
use sdk::{Context, Result};
use terraform::{Diagnostic, Path, Value};

/// Warns that `added` groups, each with its name, will be copied, and reports how many groups are assigned then. `None` if the mapping of
/// groups is disabled, or if that cannot be determined.
pub(super) async fn warning(
    context: &Context,
    planned: &Value,
    added: &[(Id, &str)],
) -> Option<Diagnostic> {
    let resource = planned.member("resource_object_id").as_str()?;
    // If this run created the configuration, its job does not exist or has the mapping disabled.
    let is_new = context.graph.has_created(resource);
    if is_new || added.is_empty() || planned.member("app_role_id").as_str() == Some(NO_ROLE) {
        return None;
    }
    // A plan may contain many single assignments to one configuration.
    let look_up = async || assigned_groups(context, resource).await;
    let assigned = context.copied_groups(resource, look_up).await.ok()??;
    let mut all = HashSet::clone(&assigned);
    all.extend(added.iter().map(|(id, _)| *id));
    let names: Vec<&str> = added.iter().map(|(_, name)| *name).collect();
    Some(said(&names, all.len()))
}

/// Returns the assigned groups; `None` if groups are not copied.
async fn assigned_groups(context: &Context, resource: &str) -> Result<Option<Arc<HashSet<Id>>>> {
    let schema = schema_of_first_job(context, resource).await?;
    if groups_enabled(&schema) != Some(true) {
        return Ok(None);
    }
    let assigned = previewing::assigned(context, resource).await?;
    let groups = assigned
        .iter()
        .filter(|it| it.kind == Principal::Group && it.role != NO_ROLE);
    Ok(Some(Arc::new(
        groups.map(|it| guid(&it.principal)).collect(),
    )))
}

fn said(names: &[&str], all: usize) -> Diagnostic {
    let what = match names.len() {
        1 => "1 more group".to_owned(),
        many => format!("{many} more groups"),
    };
    let then = match all {
        1 => "After this change, 1 group is assigned to the configuration.".to_owned(),
        _ => format!("After this change, {all} groups are assigned to the configuration."),
    };
    let detail = format!(
        "The mapping of groups is enabled. An assigned group brings its direct members into scope and is itself copied \
        as a static security group, even if it was assigned only for its members: {}. {then} To exclude groups, use \
        `group_scoping_filters` of `crosstenant_synchronization_schema`.",
        listed(names)
    );
    let summary = format!("{what} will be copied to the target tenant");
    Diagnostic::warning(summary, detail).at(Path::root("principals"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use graph::testing::{Script, reply};

    const RESOURCE: &str = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70";
    const TEAM: &str = "b1000000-0000-4000-8000-000000000001";
    const BOARD: &str = "b1000000-0000-4000-8000-000000000002";

    /// Returns the warning of a plan that assigns `TEAM` with this role while `BOARD` is assigned.
    async fn told(enabled: bool, role: &str) -> Option<String> {
        let mapping = json!({ "name": "Provision Microsoft Entra ID Groups", "sourceObjectName": "Group", "enabled": enabled });
        let answers = [
            json!({ "value": [{ "id": "job" }] }),
            json!({ "synchronizationRules": [{ "objectMappings": [mapping] }] }),
            json!({ "value": [
                { "principalId": BOARD, "principalType": "Group", "appRoleId": role },
                { "principalId": RESOURCE, "principalType": "User", "appRoleId": "r" },
            ] }),
        ];
        let context = Context::new(Script::of(answers.map(|it: Json| reply(200, &it))).client());
        let planned = [("resource_object_id".to_owned(), Value::from(RESOURCE))];
        let added = [(guid(TEAM), "Team")];
        let planned = Value::Object(planned.into());
        let first = warning(&context, &planned, &added).await;
        // The script has no more responses: the next assignment to the same configuration sends no request.
        let second = warning(&context, &planned, &added).await;
        assert_eq!(first, second);
        first.map(|it| format!("{}: {}", it.summary, it.detail))
    }

    #[tokio::test]
    async fn groups_are_counted_where_they_will_be_copied() {
        assert_eq!(told(false, "r").await, None);
        let two = told(true, "r").await.unwrap();
        assert!(
            two.starts_with("1 more group will be copied") && two.contains("2 groups are assigned"),
            "{two}"
        );
        let one = told(true, NO_ROLE).await.unwrap();
        assert!(one.contains("1 group is assigned"), "{one}");
    }
}
