//! Which resource types are exported, in which file, and what is Microsoft's default of each. The resources declare it.

use std::sync::LazyLock;

use resources::SERVED;
pub(super) use sdk::export::{ASSIGNMENTS, ORGANIZATION, PARTNERS, SETTINGS, SYNCHRONIZATION};
use sdk::facts::Facts;
use sdk::served::Served;
use sdk::{Destroy, Export};
use serde_json::{Map, Value as Json};

/// One resource type.
pub(super) struct ExportedType {
    /// Without the provider's prefix.
    pub(super) name: &'static str,
    /// The file that contains it.
    pub(super) file: &'static str,
    /// Whether it is exported unless something else is asked for.
    pub(super) usual: bool,
    facts: &'static Facts,
}

/// All of them, in the order in which those of one partner or configuration are written.
pub(super) static EXPORTED_TYPES: LazyLock<Vec<ExportedType>> = LazyLock::new(|| {
    let facts = SERVED.iter().filter_map(Served::facts);
    let exported = facts.filter_map(|facts| {
        Some(ExportedType {
            name: facts.name,
            file: facts.export.file()?,
            usual: !matches!(facts.export, Export::OnRequest(_)),
            facts,
        })
    });
    exported.collect()
});

/// The settings that every tenant has exactly once. They are exported if they are not Microsoft's default, or on request.
pub(super) fn settings_of_tenants() -> impl Iterator<Item = &'static str> {
    let settings = EXPORTED_TYPES.iter().filter(|exported| {
        let facts = exported.facts;
        !matches!(facts.export, Export::Always(_)) && facts.import.first() == Some(&"<tenant_id>")
    });
    settings.map(|exported| exported.name)
}

pub(super) const PROVIDERS: &str = "providers";
pub(super) const TENANTS: &str = "tenants";
pub(super) const PRINCIPALS: &str = "principals";
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

/// The place of a type, given without the provider's prefix, among all.
pub(super) fn place(name: &str) -> usize {
    let found = EXPORTED_TYPES
        .iter()
        .position(|exported| exported.name == name);
    found.unwrap_or(EXPORTED_TYPES.len())
}

/// Whether the object has nothing but Microsoft's defaults beside its key, so that it is not worth an import.
pub(super) fn is_default(name: &str, config: &Map<String, Json>) -> bool {
    let mut exported = EXPORTED_TYPES.iter();
    let Some(facts) = exported.find(|it| it.name == name).map(|it| it.facts) else {
        return false;
    };
    if !matches!(facts.export, Export::IfChanged(_)) {
        return false;
    }
    let default = match facts.destroy {
        Destroy::Reset(default) => default(),
        _ => Json::Null,
    };
    let key = facts.import.first().copied().unwrap_or_default();
    let attributes = (facts.attributes)();
    config.iter().all(|(name, value)| {
        let attribute = attributes.iter().find(|attribute| attribute.name == name);
        key.contains(&format!("<{name}>"))
            || attribute.is_some_and(|it| default.get(it.json_name()) == Some(value))
    })
}

/// Whether objects of a resource type, with the provider's prefix, can be in an export.
pub(crate) fn exports(type_name: &str) -> bool {
    EXPORTED_TYPES
        .iter()
        .any(|exported| type_name.strip_prefix("crosstenant_") == Some(exported.name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_exported_if_any_of_them_is_not_the_default() {
        let is_default = |name: &str, config: Json| is_default(name, config.as_object().unwrap());
        let guests = "guest_invite_settings";
        assert!(is_default(
            guests,
            json!({ "allow_invites_from": "everyone" })
        ));
        assert!(!is_default(guests, json!({ "allow_invites_from": "none" })));
        let role = "a0b1b346-4d3e-4e8b-98f8-753987be4970";
        let with_role = json!({ "allow_invites_from": "everyone", "guest_user_role_id": role });
        assert!(!is_default(guests, with_role));
        assert!(is_default("default_policy", json!({})));
        assert!(is_default(
            "synchronization_schema",
            json!({ "service_principal_id": "a", "job_id": "b" })
        ));
        assert!(!is_default("partner_policy", json!({})));
    }

    #[test]
    fn seven_settings_belong_to_the_whole_tenant() {
        let settings: Vec<&str> = settings_of_tenants().collect();
        assert_eq!(settings.len(), 7, "{settings:?}");
    }
}
