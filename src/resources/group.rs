//! A group of the tenant.

use sdk::prelude::*;

attributes! {
    /// Finds one group of this tenant by display name or object ID.
    pub struct Group {
        /// Object ID of the group. Exactly one of this and `display_name` must be set.
        id: Option<String> = computed().guid(),
        /// Display name of the group. No other group may have the same name.
        display_name: Option<String> = computed().check(Check::NotEmpty),
        /// Description of the group.
        description: Option<String> = read_only(),
        /// Email address of the group.
        mail: Option<String> = read_only(),
        /// Whether the group is security-enabled.
        security_enabled: Option<bool> = read_only(),
        /// Tenant ID of the tenant that the group belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

const SELECT: &str = "id,displayName,description,mail,securityEnabled";

impl DataSource for Group {
    const NAME: &'static str = "group";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &["GET /groups/{id}", "GET /groups"];

    fn validate(config: &Value, found: &mut Diagnostics) {
        exactly_one(config, ["display_name", "id"], found);
    }

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let (attribute, wanted, mut found) = match (&config.display_name, &config.id) {
            (Some(name), _) => {
                let path = format!(
                    "/groups?$filter=displayName%20eq%20{}&$select={SELECT}",
                    graph::quoted(name)
                );
                ("display_name", name, named(context, &path).await?)
            }
            (None, Some(id)) => {
                let path = format!("/groups/{}?$select={SELECT}", graph::segment(id));
                (
                    "id",
                    id,
                    Vec::from_iter(context.graph.get_together(&path).await?),
                )
            }
            (None, None) => {
                return Err(Problem::error(
                    "Missing search argument",
                    "Set `display_name` or `id`.",
                ));
            }
        };
        if found.len() > 1 {
            let ids: Vec<String> = found.iter().filter_map(|group| text(group, "id")).collect();
            let detail = format!(
                "{} groups are named {wanted:?}: {}. Set `id` instead.",
                ids.len(),
                ids.join(", ")
            );
            return Err(Problem::at(
                attribute,
                format!("Several groups are named {wanted:?}"),
                detail,
            ));
        }
        let Some(answer) = found.pop() else {
            let detail = format!("Tenant {} has no group {wanted:?}.", context.tenant_id());
            return Err(Problem::at(
                attribute,
                format!("Group {wanted:?} not found"),
                detail,
            ));
        };
        Ok(Self {
            tenant_id: Some(context.tenant_id().to_owned()),
            ..model(&answer)?
        })
    }
}

/// Runs a query. Concurrent queries for several groups share a batch request; a query with a second page is repeated on its own.
async fn named(context: &Context, path: &str) -> Result<Vec<serde_json::Value>> {
    let answer = context.graph.get_together(path).await?.unwrap_or_default();
    match &answer["value"] {
        serde_json::Value::Array(found) if !graph::has_next_page(&answer) => Ok(found.clone()),
        _ => Ok(context.graph.list(path).await?),
    }
}
