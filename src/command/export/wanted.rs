//! Selects what is exported: by type, by partner and by configuration.

use std::collections::BTreeSet;

use super::exported_types::EXPORTED_TYPES;
use super::relations::{is, name_of, partner_of, principal_of, target};
use crate::Failure;
use crate::snapshot::{Object, Snapshot, TenantSnapshot};

/// The selection of what is exported.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Resource types without the provider's prefix; the default ones if empty.
    pub(super) types: Vec<String>,
    /// Partners by tenant ID or name; all if empty.
    pub(super) partners: Vec<String>,
    /// Configurations by name or object ID of the service principal; all if empty.
    pub(super) configurations: Vec<String>,
}

impl Wanted {
    /// Whether nothing is excluded.
    pub(super) fn is_everything(&self) -> bool {
        self.types.is_empty() && self.partners.is_empty() && self.configurations.is_empty()
    }

    /// Whether objects of a type are selected.
    pub(super) fn has(&self, name: &str) -> bool {
        if self.types.is_empty() {
            return EXPORTED_TYPES
                .iter()
                .any(|kind| kind.name == name && kind.usual);
        }
        self.types.iter().any(|wanted| wanted == name)
    }

    /// Whether objects of one of several types are selected.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// Whether a type was requested by name.
    pub(super) fn names(&self, name: &str) -> bool {
        self.types.iter().any(|wanted| wanted == name)
    }

    /// Whether a configuration is selected.
    pub(super) fn has_configuration(&self, id: &str, name: &str) -> bool {
        self.configurations.is_empty()
            || self
                .configurations
                .iter()
                .any(|wanted| wanted == name || wanted.eq_ignore_ascii_case(id))
    }

    /// Removes what is not selected. `listed` contains configurations, by ID and name, that exist although they were not read.
    ///
    /// # Errors
    ///
    /// If a selected partner or configuration exists in none of the tenants.
    pub(super) fn narrow(
        &self,
        snapshot: &mut Snapshot,
        listed: &[(String, String)],
    ) -> Result<(), Failure> {
        self.partners_exist(snapshot)?;
        self.configurations_exist(snapshot, listed)?;
        for tenant in &mut snapshot.tenants {
            self.narrow_tenant(tenant);
        }
        Ok(())
    }

    fn narrow_tenant(&self, tenant: &mut TenantSnapshot) {
        let partners = (!self.partners.is_empty()).then(|| self.partners_of(tenant));
        let leads_to_one = |object: &Object, partners: &BTreeSet<String>| {
            is(object, "provisioning_job")
                && target(object).is_some_and(|target| partners.contains(&target))
        };
        let principals = partners.as_ref().map(|partners| {
            let jobs = tenant.objects.iter();
            let jobs = jobs.filter(|object| leads_to_one(object, partners));
            jobs.filter_map(principal_of).collect::<BTreeSet<String>>()
        });
        tenant.objects.retain(|object| {
            if !self.has(name_of(object)) {
                return false;
            }
            if let Some(id) = principal_of(object) {
                let name = object.configuration.as_deref().unwrap_or_default();
                let leads_there = principals.as_ref().is_none_or(|all| all.contains(&id));
                return leads_there && self.has_configuration(&id, name);
            }
            match (&partners, partner_of(object)) {
                (Some(partners), Some(id)) => partners.contains(&id),
                _ => true,
            }
        });
    }

    /// The IDs of the selected partners that a tenant has by name or ID.
    fn partners_of(&self, tenant: &TenantSnapshot) -> BTreeSet<String> {
        let named = tenant.partners.iter().filter(|partner| {
            let names = [&partner.display_name, &partner.domain_name];
            let mut names = names.into_iter().flatten();
            names.any(|name| self.partners.iter().any(|wanted| wanted == name))
        });
        let named = named.map(|partner| partner.tenant_id.to_lowercase());
        let ids = tenant
            .objects
            .iter()
            .flat_map(|object| [partner_of(object), target(object)]);
        let ids = ids.flatten().filter(|id| {
            self.partners
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(id))
        });
        named.chain(ids).collect()
    }

    fn partners_exist(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        for wanted in &self.partners {
            let alone = Self {
                partners: vec![wanted.clone()],
                ..Self::default()
            };
            let mut tenants = snapshot.tenants.iter();
            if tenants.all(|tenant| alone.partners_of(tenant).is_empty()) {
                let known = snapshot.tenants.iter().flat_map(|tenant| &tenant.partners);
                let known = known.filter_map(|partner| partner.display_name.clone());
                return Err(unknown("partner", wanted, &known.collect()));
            }
        }
        Ok(())
    }

    fn configurations_exist(
        &self,
        snapshot: &Snapshot,
        listed: &[(String, String)],
    ) -> Result<(), Failure> {
        let objects = snapshot.tenants.iter().flat_map(|tenant| &tenant.objects);
        let read = objects.filter_map(|one| Some((principal_of(one)?, one.configuration.clone()?)));
        let known: BTreeSet<(String, String)> = read.chain(listed.iter().cloned()).collect();
        for wanted in &self.configurations {
            let is_meant =
                |(id, name): &(String, String)| name == wanted || id.eq_ignore_ascii_case(wanted);
            if !known.iter().any(is_meant) {
                let names = known.into_iter().map(|(_, name)| name);
                return Err(unknown("configuration", wanted, &names.collect()));
            }
        }
        Ok(())
    }
}

fn unknown(what: &str, wanted: &str, known: &BTreeSet<String>) -> Failure {
    let known: Vec<String> = known.iter().map(|name| format!("{name:?}")).collect();
    let known = match known.len() {
        0 => "There is none.".to_owned(),
        _ => format!("There are {}.", known.join(", ")),
    };
    Failure::new(format!(
        "There is no {what} {wanted:?} among what was read, so nothing was written.\n\n{known} Names must be written \
        exactly as in the portal. IDs are tenant IDs (--partner) or object IDs of service principals \
        (--configuration)."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Partner;
    use sdk::PREFIX;
    use serde_json::{Value as Json, json};

    fn object(name: &str, configuration: Option<&str>, state: &Json) -> Object {
        Object {
            type_name: format!("{PREFIX}_{name}"),
            import_id: "x".to_owned(),
            display_name: None,
            configuration: configuration.map(str::to_owned),
            identity: Json::Null,
            config: serde_json::Map::new(),
            state: state.as_object().cloned().unwrap_or_default(),
        }
    }

    fn snapshot() -> Snapshot {
        let northwind = Partner {
            tenant_id: "N".to_owned(),
            display_name: Some("Northwind".to_owned()),
            domain_name: None,
        };
        Snapshot::of(vec![TenantSnapshot {
            objects: vec![
                object("default_policy", None, &json!({})),
                object("partner_policy", None, &json!({ "partner_tenant_id": "n" })),
                object("partner_policy", None, &json!({ "partner_tenant_id": "f" })),
                object(
                    "provisioning_job",
                    Some("One"),
                    &json!({ "service_principal_id": "1", "target_tenant_id": "N" }),
                ),
                object(
                    "app_role_assignment",
                    Some("One"),
                    &json!({ "resource_object_id": "1" }),
                ),
                object(
                    "provisioning_job",
                    Some("Two"),
                    &json!({ "service_principal_id": "2", "target_tenant_id": "f" }),
                ),
                object("sms_sign_in", None, &json!({})),
            ],
            partners: vec![northwind],
            ..TenantSnapshot::default()
        }])
    }

    fn left(
        types: &[&str],
        partners: &[&str],
        configurations: &[&str],
    ) -> Result<Vec<usize>, String> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let wanted = Wanted {
            types: owned(types),
            partners: owned(partners),
            configurations: owned(configurations),
        };
        let (all, mut narrowed) = (snapshot(), snapshot());
        let result = wanted.narrow(&mut narrowed, &[]);
        result.map_err(|failure| failure.to_string())?;
        let all = &all.tenants[0].objects;
        let left = &narrowed.tenants[0].objects;
        Ok((0..all.len())
            .filter(|at| left.contains(&all[*at]))
            .collect())
    }

    #[test]
    fn everything_usual_unless_something_is_asked_for() {
        assert_eq!(left(&[], &[], &[]).unwrap(), [0, 1, 2, 3, 4, 5]);
        assert_eq!(left(&["sms_sign_in"], &[], &[]).unwrap(), [6]);
    }

    #[test]
    fn a_partner_brings_the_configurations_that_lead_there() {
        assert_eq!(left(&[], &["Northwind"], &[]).unwrap(), [0, 1, 3, 4]);
        assert_eq!(left(&[], &["F"], &[]).unwrap(), [0, 2, 5]);
        assert_eq!(left(&["provisioning_job"], &["n"], &[]).unwrap(), [3]);
    }

    #[test]
    fn a_configuration_leaves_partners_alone() {
        assert_eq!(left(&[], &[], &["Two"]).unwrap(), [0, 1, 2, 5]);
        assert_eq!(left(&[], &[], &["1"]).unwrap(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let said = left(&[], &["Adatum"], &[]).unwrap_err();
        assert!(
            said.contains("\"Adatum\"") && said.contains("\"Northwind\""),
            "{said}"
        );
        let said = left(&[], &[], &["Three"]).unwrap_err();
        assert!(said.contains("\"One\", \"Two\""), "{said}");
    }
}
