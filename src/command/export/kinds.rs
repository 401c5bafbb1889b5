//! Which resource types are exported, and what is particular about each.

use serde_json::{Map, Value as Json, json};

/// One resource type.
pub(super) struct Kind {
    /// Without the provider's prefix.
    pub(super) name: &'static str,
    /// The file that contains it.
    pub(super) file: &'static str,
    /// Whether it is exported unless something else is asked for.
    pub(super) usual: bool,
}

/// All of them, in the order in which those of one partner or configuration are written.
pub(super) const KINDS: &[Kind] = &[
    kind("access_policy", SETTINGS),
    kind("default_policy", SETTINGS),
    kind("guest_invite_settings", SETTINGS),
    kind("external_user_leave_settings", SETTINGS),
    kind("partner_policy", PARTNERS),
    kind("trust_settings", PARTNERS),
    kind("sync_policy", PARTNERS),
    kind("synchronization_configuration", SYNCHRONIZATION),
    kind("provisioning_job", SYNCHRONIZATION),
    kind("synchronization_schema", SYNCHRONIZATION),
    kind("app_role_assignment", ASSIGNMENTS),
    kind("app_role_assignments", ASSIGNMENTS),
    kind("multi_tenant_organization", ORGANIZATION),
    kind("multi_tenant_organization_tenant", ORGANIZATION),
    kind("multi_tenant_organization_join_request", ORGANIZATION),
    kind(
        "multi_tenant_organization_partner_configuration_template",
        ORGANIZATION,
    ),
    kind(
        "multi_tenant_organization_identity_synchronization_template",
        ORGANIZATION,
    ),
    Kind {
        name: "sms_sign_in",
        file: ASSIGNMENTS,
        usual: false,
    },
];

/// What every tenant has once. They are exported where they are not Microsoft's default.
pub(super) const SETTINGS_OF_TENANTS: [&str; 6] = [
    "access_policy",
    "default_policy",
    "guest_invite_settings",
    "external_user_leave_settings",
    "multi_tenant_organization_partner_configuration_template",
    "multi_tenant_organization_identity_synchronization_template",
];

pub(super) const PROVIDERS: &str = "providers";
pub(super) const TENANTS: &str = "tenants";
pub(super) const SETTINGS: &str = "settings";
pub(super) const PARTNERS: &str = "partners";
pub(super) const SYNCHRONIZATION: &str = "synchronization";
pub(super) const PRINCIPALS: &str = "principals";
pub(super) const ASSIGNMENTS: &str = "assignments";
pub(super) const ORGANIZATION: &str = "organization";
pub(super) const IMPORTS: &str = "imports";

/// The files in their order, and what each is about.
pub(super) const FILES: [(&str, &str); 9] = [
    (
        PROVIDERS,
        "The tenants of this configuration. Secrets come from the environment.",
    ),
    (TENANTS, "Other tenants, looked up by their domain names."),
    (
        SETTINGS,
        "Tenant-wide settings that differ from Microsoft's default.",
    ),
    (
        PARTNERS,
        "Partners: their policies, trust settings and synchronization policies.",
    ),
    (
        SYNCHRONIZATION,
        "Configurations for cross-tenant synchronization, their jobs and customized schemas.",
    ),
    (PRINCIPALS, "Users and groups, looked up by their names."),
    (ASSIGNMENTS, "Who is synchronized."),
    (ORGANIZATION, "The multitenant organization."),
    (
        IMPORTS,
        "Import blocks for existing objects. They are needed for the first apply only; remove this file afterwards.",
    ),
];

const fn kind(name: &'static str, file: &'static str) -> Kind {
    Kind {
        name,
        file,
        usual: true,
    }
}

/// The place of a type, given without the provider's prefix, among all.
pub(super) fn place(name: &str) -> usize {
    let found = KINDS.iter().position(|kind| kind.name == name);
    found.unwrap_or(KINDS.len())
}

/// Whether the object says nothing but what holds anyway, so that it is not worth an import.
pub(super) fn is_default(name: &str, config: &Map<String, Json>) -> bool {
    let is = |name: &str, value: &Json| config.get(name) == Some(value);
    match name {
        "synchronization_schema" => config
            .keys()
            .all(|name| name == "service_principal_id" || name == "job_id"),
        "guest_invite_settings" => is("allow_invites_from", &json!("everyone")),
        "external_user_leave_settings" => is("allow_external_identities_to_leave", &json!(true)),
        "access_policy" => is("allowed_cloud_endpoints", &json!([])),
        name if SETTINGS_OF_TENANTS.contains(&name) => config.is_empty(),
        _ => false,
    }
}

/// Whether objects of a resource type, with the provider's prefix, can be in an export.
pub(crate) fn exports(type_name: &str) -> bool {
    KINDS
        .iter()
        .any(|kind| type_name.strip_prefix("crosstenant_") == Some(kind.name))
}
