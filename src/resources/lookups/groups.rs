//! Many groups of the tenant.

use super::many::{Collection, exactly_one_of, guids, ids};
use super::prelude::*;

attributes! {
    /// Finds many groups of this tenant: by object ids, by the beginning of their names, or by a filter of your own. All pages
    /// are read.
    pub struct Groups {
        /// Object ids of the groups.
        ids: Option<Vec<String>> = computed().check(Check::That(guids)),
        /// Beginning of the groups' names; case makes no difference.
        display_name_prefix: Option<String> = optional().check(Check::NotEmpty),
        /// A filter in OData's language, for example `securityEnabled eq true`. One that Graph supports only as an advanced
        /// query is sent as one; its answer may lag behind.
        filter: Option<String> = optional().check(Check::NotEmpty),
        /// Whether groups that cannot be found by id are left out instead of being an error.
        ignore_missing: Option<bool> = optional(),
        /// The groups that were found; in the order in which they were named, if they were.
        groups: Option<Vec<FoundGroup>> = read_only(),
        /// Ids for which there is no group, with `ignore_missing`.
        missing: Option<Vec<String>> = read_only(),
        /// Tenant id of the tenant that the groups belong to.
        tenant_id: Option<String> = read_only(),
    }

    /// One group.
    pub struct FoundGroup {
        /// Object id of the group.
        id: Option<String> = read_only(),
        /// Name of the group.
        display_name: Option<String> = read_only(),
        /// What the group is for.
        description: Option<String> = read_only(),
        /// Mail address of the group.
        mail: Option<String> = read_only(),
        /// Whether access can be granted to the group.
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
    const CALLS: &'static [(&'static str, &'static str)] =
        &[("GET", "/groups"), ("GET", "/groups/{id}")];

    fn validate(config: &Value, found: &mut Diagnostics) {
        exactly_one_of(config, &["ids", "display_name_prefix", "filter"], found);
    }

    async fn read(context: &Context, config: &Self) -> Result<Self, Problem> {
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
