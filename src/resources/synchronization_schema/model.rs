//! The model of a schema: its managed parts.

use std::collections::BTreeMap;

use crate::paths::job_path;
use sdk::prelude::*;

attributes! {
    /// Manages the attribute mappings, scoping filters and target object actions of a provisioning job, for users and for
    /// groups. Configure this resource in the source tenant.
    ///
    /// Every job has a schema, which starts as a copy of its template. This resource changes the parts of the schema that
    /// are configured and keeps the rest. Parts that are removed from the configuration are reset to the template.
    pub struct SynchronizationSchema {
        /// Object ID of the service principal that the job belongs to. Changing this forces a new resource to be created.
        service_principal_id: String = key().guid(),
        /// ID of the job. Changing this forces a new resource to be created.
        job_id: String = key(),
        /// Attribute mappings of users, by the name of the attribute in the target tenant. Names are case-sensitive. The matching
        /// attribute `alternativeSecurityIds` cannot be changed, and `otherMails` and `proxyAddresses` cannot be written. If
        /// omitted, the mappings are not changed.
        attribute_mappings: Option<BTreeMap<String, AttributeMapping>> =
            optional().neutral(Value::Map(terraform::Object::new())).left_alone(),
        /// Scoping filters of users. A user in scope is synchronized if it meets all clauses of at least one filter. With an empty
        /// list, no user is filtered out. Synchronized users who no longer meet any filter are soft-deleted in the target tenant and
        /// can be restored there for 30 days. If omitted, the filters are not changed.
        scoping_filters: Option<Vec<ScopingFilter>> = optional().neutral(Value::List(Vec::new())).left_alone(),
        /// Target object actions of users: which changes the job may make to users in the target tenant. If omitted, they are not changed.
        object_actions: Option<ObjectActions> = optional().neutral(all_actions()).left_alone(),
        /// Whether users are synchronized. If omitted, this is not changed.
        users_enabled: Option<bool> = optional().neutral(true).left_alone(),
        /// Whether assigned groups are synchronized: the setting *Enabled* of *Provision Microsoft Entra ID Groups* in the portal. It is
        /// disabled in a new job. The target tenant must allow groups as well, with `group_sync_inbound` of `crosstenant_sync_policy`, and
        /// the scope of the job must be `assigned`. Optional; if omitted, this is not changed.
        groups_enabled: Option<bool> = optional().neutral(false).left_alone(),
        /// Attribute mappings of groups, by the name of the attribute in the target tenant, for example `displayName`, `description` or
        /// `members`. The matching attribute identifies the source group and cannot be changed. Microsoft does not publish a list of the
        /// attributes, so names are looked up in the schema of the job (UNVERIFIED). Optional; if omitted, the mappings of groups are not
        /// changed.
        group_attribute_mappings: Option<BTreeMap<String, AttributeMapping>> =
            optional().neutral(Value::Map(terraform::Object::new())).left_alone(),
        /// Scoping filters of groups. An assigned group is synchronized if it meets all clauses of at least one filter. With an empty
        /// list, no group is filtered out. `members`, attributes with several values and `IsMemberOf` cannot be used. These filters do not
        /// apply to users; see `scoping_filters`. Optional; if omitted, the filters of groups are not changed.
        group_scoping_filters: Option<Vec<ScopingFilter>> = optional().neutral(Value::List(Vec::new())).left_alone(),
        /// Target object actions of groups: which changes the job may make to groups in the target tenant. If `delete` is `true` and the
        /// source group leaves the scope, the effect on the copied group is not documented (UNVERIFIED); with `delete = false`, the copied
        /// group is kept. Optional; if omitted, they are not changed.
        group_object_actions: Option<ObjectActions> = optional().neutral(all_actions()).left_alone(),
        /// Whether every mapping and scoping filter that is not configured here is removed. For groups, this applies only if
        /// `group_attribute_mappings` is set. Destroying this resource then resets the whole schema. The matching attribute and
        /// `IsSoftDeleted`, which transfers deletions to the target tenant, are always kept.
        exclusive: Option<bool> = default(false).local(),
        /// Maximum number of users who may leave the scope because of one change. A plan in which more users leave fails and lists
        /// them. The count is based on what the provider can read in the source tenant; if it cannot read enough, a warning says
        /// that nothing was counted. Destroying this resource is always allowed. Optional; if omitted, a plan only warns about users
        /// who leave.
        maximum_leaving: Option<i64> = optional().check(Check::Between(0, 2_147_483_647)).local(),
        /// Attributes by which users are recognized in the target tenant, each with the expression of its value. They cannot be
        /// changed.
        matching_attributes: Option<BTreeMap<String, String>> = read_only(),
        /// Attributes by which groups are recognized in the target tenant, each with the expression of its value. They cannot be
        /// changed.
        group_matching_attributes: Option<BTreeMap<String, String>> = read_only(),
        /// Tenant ID of the tenant that the job belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// Source of one value of a user or group: exactly one of `attribute`, `constant` and `expression`, or only `default_value`.
    pub struct AttributeMapping {
        /// Name of the attribute in the source tenant. `userType` and `SamAccountName` of users cannot be read.
        attribute: Option<String> = optional().check(Check::NotEmpty),
        /// Text that is written for all objects, such as `Member` for `userType` or `True` for `showInAddressList`.
        constant: Option<String> = optional().check(Check::NotEmpty),
        /// Expression in Microsoft's mapping language, for example `Join(", ", [surname], [givenName])`. It is checked during the plan.
        /// White space is not significant.
        expression: Option<String> = optional().check(Check::NotEmpty).same_if(expression::equivalent),
        /// Whether `expression` is checked during the plan. Set this to `false` for an expression that Microsoft Graph accepts and this
        /// provider does not support, for example because of a new function. Microsoft Graph then checks the expression when the schema is
        /// saved. An import sets this to `false` if needed. Optional; defaults to `true`.
        validate_expression: Option<bool> = optional(),
        /// Text that is written for users or groups that are created without a value. Without `attribute`, `constant` and `expression`,
        /// the text is written if the attribute in the target tenant is empty. Existing values are kept. Optional; if omitted, no default
        /// is written.
        default_value: Option<String> = optional().check(Check::NotEmpty),
        /// When the value is written: `always`, or `only_during_creation`, after which it can be changed in the target tenant. Microsoft
        /// Graph also supports `multi_value_add_only`, `value_add_only` and `attribute_add_only`.
        apply: Option<String> = default("always").one_of(&[
            "always", "only_during_creation", "multi_value_add_only", "value_add_only", "attribute_add_only",
        ]),
        /// Objects for which the value is written in a cycle: `FlowWhenChanged` for those that have changed, or `FlowAlways` for all.
        flow_behavior: Option<String> = default("FlowWhenChanged").one_of(&["FlowWhenChanged", "FlowAlways"]),
    }

    /// Clauses that all have to be fulfilled.
    pub struct ScopingFilter {
        /// Title of the filter. The provisioning log shows it next to the clause that excludes a user. It may be empty.
        name: String,
        /// Clauses of the filter, all of which must be met.
        clauses: Vec<Clause> = required().check(Check::NotEmpty),
    }

    /// One condition on an attribute of the user or group.
    pub struct Clause {
        /// Name of the attribute in the source tenant. `userType`, `manager`, dates and attributes with several values
        /// cannot be filtered by.
        attribute: String = required().check(Check::NotEmpty),
        /// Operator of the comparison: `EQUALS`, `NOT EQUALS`, `REGEX MATCH`, `NOT REGEX MATCH`, `ENDS_WITH`, `Includes`, `Greater_Than`,
        /// `Greater_Than_OR_EQUALS`, `&` or `!&`, which require `values`, or `IS NULL`, `IS NOT NULL`, `IS TRUE` or `IS FALSE`, which take
        /// no values. The comparison of text is case-sensitive.
        operator: String,
        /// Values to compare with.
        values: Option<Vec<String>>,
    }

    /// Operations on objects in the target tenant that are enabled.
    pub struct ObjectActions {
        /// Whether objects that do not exist in the target tenant are created.
        create: Option<bool> = default(true),
        /// Whether existing objects are updated.
        update: Option<bool> = default(true),
        /// Whether objects are deleted if their source object is deleted, no longer assigned, or excluded by a filter.
        delete: Option<bool> = default(true),
    }
}

/// Returns the operations that a template allows.
fn all_actions() -> Value {
    let actions = ["create", "update", "delete"];
    Value::Object(
        actions
            .map(|action| (action.to_owned(), Value::Bool(true)))
            .into(),
    )
}

impl SynchronizationSchema {
    pub(super) fn job_path(&self) -> String {
        job_path(&self.service_principal_id, &self.job_id)
    }

    /// Returns the schema without managed parts.
    pub(super) fn with_nothing(&self) -> Self {
        Self {
            attribute_mappings: None,
            scoping_filters: None,
            object_actions: None,
            users_enabled: None,
            groups_enabled: None,
            group_attribute_mappings: None,
            group_scoping_filters: None,
            group_object_actions: None,
            exclusive: Some(false),
            ..self.clone()
        }
    }
}
