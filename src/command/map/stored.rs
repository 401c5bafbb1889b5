//! A map from a snapshot that `export` has saved.

use serde_json::Value as Json;

use super::super::snapshot::{Snapshot, TenantSnapshot};
use super::state;
use super::topology::{Topology, Unseen};
use sdk::PREFIX;

/// The map of the tenants in the snapshot, with what is missing in it.
pub(super) fn read(snapshot: &Snapshot) -> Topology {
    let mut map = Topology::default();
    for tenant in &snapshot.tenants {
        map.merge(of(tenant));
    }
    map
}

fn of(tenant: &TenantSnapshot) -> Topology {
    let own = |type_name: &str| {
        let name = type_name.strip_prefix(PREFIX)?;
        name.strip_prefix('_').map(str::to_owned)
    };
    let objects = tenant.objects.iter();
    let objects =
        objects.filter_map(|one| Some((own(&one.type_name)?, Json::Object(one.state.clone()))));
    let jobs = tenant.jobs.iter();
    let jobs = jobs.map(|job| ("provisioning_job".to_owned(), job.clone()));
    let objects: Vec<(String, Json)> = objects.chain(jobs).collect();
    let objects: Vec<(&str, &Json)> = objects
        .iter()
        .map(|(name, json)| (name.as_str(), json))
        .collect();
    let mut map = Topology::default();
    // Before the objects, because the name of a synchronization policy is usually, but not always, that of its tenant.
    map.name(&tenant.tenant_id, tenant.display_name.clone());
    for partner in &tenant.partners {
        map.name(&partner.tenant_id, partner.display_name.clone());
    }
    // A tenant that was only looked up may have no relation to any other.
    map.tenants
        .retain(|id, _| id.eq_ignore_ascii_case(&tenant.tenant_id) || is_named(&objects, id));
    map.tenant(&tenant.tenant_id).is_read = true;
    map.merge(state::of(&objects));
    map.unseen
        .extend(tenant.missing.iter().map(|missing| Unseen {
            what: missing.what.clone(),
            why: missing.why.clone(),
        }));
    map
}

/// Whether one of the objects belongs to that tenant.
fn is_named(objects: &[(&str, &Json)], id: &str) -> bool {
    let is = |value: &Json| {
        value
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case(id))
    };
    objects
        .iter()
        .any(|(_, object)| is(&object["partner_tenant_id"]) || is(&object["target_tenant_id"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::snapshot::{Missing, Object, Partner};
    use super::super::topology::State;
    use super::*;

    fn object(type_name: &str, state: &Json) -> Object {
        Object {
            type_name: format!("crosstenant_{type_name}"),
            import_id: "x".to_owned(),
            display_name: None,
            configuration: None,
            identity: Json::Null,
            config: serde_json::Map::new(),
            state: state.as_object().cloned().unwrap(),
        }
    }

    #[test]
    fn objects_jobs_and_names_make_a_map() {
        let consent = json!({ "outbound_allowed": true });
        let tenant = TenantSnapshot {
            tenant_id: "a".to_owned(),
            display_name: Some("Alpha".to_owned()),
            objects: vec![
                object(
                    "trust_settings",
                    &json!({ "tenant_id": "a", "partner_tenant_id": "b",
                    "automatic_user_consent_settings": consent }),
                ),
                object(
                    "synchronization_configuration",
                    &json!({ "tenant_id": "a", "service_principal_id": "s",
                    "display_name": "A to B" }),
                ),
                object(
                    "provisioning_job",
                    &json!({ "tenant_id": "a", "service_principal_id": "s", "id": "j",
                    "target_tenant_id": "b", "scope": "assigned", "enabled": true }),
                ),
            ],
            partners: ["b", "c"]
                .map(|id| Partner {
                    tenant_id: id.to_owned(),
                    display_name: Some(format!("Tenant {id}")),
                    domain_name: None,
                })
                .into(),
            jobs: vec![
                json!({ "service_principal_id": "s", "id": "j", "summary": "Paused.", "is_running": false }),
            ],
            missing: vec![Missing {
                what: "groups".to_owned(),
                why: "403".to_owned(),
                optional: false,
            }],
            ..TenantSnapshot::default()
        };
        let map = read(&Snapshot::of(vec![tenant]));
        assert_eq!(map.tenants.len(), 2, "nobody has anything to do with c");
        assert_eq!((map.label("a"), map.label("b")), ("Alpha", "Tenant b"));
        assert!(map.says("a", "b").unwrap().redeems_outbound);
        assert_eq!(
            (map.syncs()[0].name.as_str(), &map.syncs()[0].state),
            ("A to B", &State::Paused)
        );
        assert_eq!(map.unseen[0].to_string(), "groups: 403");
    }
}
