//! The groups of the tenant that match a search.

use super::directory_search::{Collection, exactly_one_of, guids, ids};
use super::prelude::*;

attributes! {
    /// Finds groups of this tenant by object IDs, by the beginning of their names, or by an OData filter. All pages are read.
    pub struct Groups {
        /// Object IDs of the groups.
        ids: Option<Vec<String>> = computed().check(Check::That(guids)),
        /// Beginning of the display names of the groups. Not case-sensitive.
        display_name_prefix: Option<String> = optional().check(Check::NotEmpty),
        /// OData filter, for example `securityEnabled eq true`. A filter that Graph supports only in advanced queries
        /// is sent as an advanced query, whose results may lag behind.
        filter: Option<String> = optional().check(Check::NotEmpty),
        /// Whether groups that cannot be found by ID are skipped instead of failing the data source.
        ignore_missing: Option<bool> = optional(),
        /// Groups that were found. With `ids`, they are in the same order.
        groups: Option<Vec<FoundGroup>> = read_only(),
        /// IDs for which no group was found. Only set with `ignore_missing`.
        missing: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the groups belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One group.
    pub struct FoundGroup {
        /// Object ID of the group.
        id: Option<String> = read_only(),
        /// Name of the group.
        display_name: Option<String> = read_only(),
        /// Description of the group.
        description: Option<String> = read_only(),
        /// Email address of the group.
        mail: Option<String> = read_only(),
        /// Whether the group is security-enabled.
        security_enabled: Option<bool> = read_only(),
    }
}

const GROUPS: Collection = Collection {
    path: "/groups",
    noun: "group",
    select: "id,displayName,description,mail,securityEnabled",
};

impl DataSource for Groups {
    const NAME: &'static str = "groups";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &["GET /groups", "GET /groups/{id}"];

    fn validate(config: &Value, found: &mut Diagnostics) {
        exactly_one_of(config, &["ids", "display_name_prefix", "filter"], found);
    }

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let mut missing = Vec::new();
        let found = if let Some(keys) = &config.ids {
            let found = GROUPS.each(context, keys).await?;
            GROUPS.complain(context, "ids", &found.1, config.ignore_missing)?;
            missing = found.1;
            found.0
        } else if let Some(prefix) = &config.display_name_prefix {
            GROUPS.named(context, prefix).await?
        } else {
            let filter = config.filter.as_deref().unwrap_or_default();
            GROUPS.filtered(context, filter).await?
        };
        Ok(Self {
            ids: Some(ids(&found)),
            groups: Some(found.iter().map(model).collect::<Result<_, _>>()?),
            missing: Some(missing),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}
