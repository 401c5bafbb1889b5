//! A map from a Terraform state, either the output of `terraform show -json` or the state file itself, and from the objects of a snapshot,
//! which have the same form.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::topology::{State, Sync, Topology};

/// The map of the tenants in the state.
///
/// # Errors
///
/// The reason why this is not a state.
pub(super) fn read(text: &str) -> Result<Topology, String> {
    let document: Json = serde_json::from_str(text).map_err(|why| {
        format!(
            "this is not JSON ({why}). Write the state with `terraform show -json > state.json`"
        )
    })?;
    Ok(of(&resources(&document)?))
}

/// The map of these objects, given by their types without the provider's prefix and their attributes.
pub(super) fn of(objects: &[(&str, &Json)]) -> Topology {
    let mut map = Topology::default();
    // A tenant's own name takes precedence over the names that others use, because the first name is kept.
    for is_own in [true, false] {
        for (type_name, values) in objects {
            name(&mut map, type_name, values, is_own);
        }
    }
    for (type_name, values) in objects {
        add(&mut map, type_name, values);
    }
    add_jobs(&mut map, objects);
    map
}

/// The type of each resource and data source, without the provider's prefix, and its values.
fn resources(document: &Json) -> Result<Vec<(&str, &Json)>, String> {
    let mut found = Vec::new();
    let is_shown = document["format_version"].is_string();
    if is_shown && document.get("planned_values").is_some() {
        module(&document["planned_values"]["root_module"], &mut found);
    } else if is_shown {
        // Without `values`, the state is empty.
        module(&document["values"]["root_module"], &mut found);
    } else if document["lineage"].is_string() {
        stored(document, &mut found);
    } else {
        return Err("this is JSON, but not a Terraform state. Write the state with `terraform show -json > \
            state.json`".to_owned());
    }
    Ok(found)
}

/// Modules can be nested.
fn module<'j>(module: &'j Json, found: &mut Vec<(&'j str, &'j Json)>) {
    for resource in elements(&module["resources"]) {
        take(resource, &resource["values"], found);
    }
    for child in elements(&module["child_modules"]) {
        self::module(child, found);
    }
}

/// The format of the state file: flat, with all instances of a resource together.
fn stored<'j>(document: &'j Json, found: &mut Vec<(&'j str, &'j Json)>) {
    for resource in elements(&document["resources"]) {
        for instance in elements(&resource["instances"]) {
            take(resource, &instance["attributes"], found);
        }
    }
}

fn take<'j>(resource: &'j Json, values: &'j Json, found: &mut Vec<(&'j str, &'j Json)>) {
    let type_name = resource["type"].as_str().unwrap_or_default();
    if let Some(name) = type_name.strip_prefix("crosstenant_") {
        found.push((name, values));
    }
}

fn elements(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten()
}

fn add(map: &mut Topology, type_name: &str, values: &Json) {
    let text = |name: &str| values[name].as_str().filter(|text| !text.is_empty());
    let (own, partner) = (text("tenant_id"), text("partner_tenant_id"));
    match (type_name, own, partner) {
        ("partner_policy", Some(own), Some(partner)) => {
            map.trust(own, partner);
            map.tenant(own).is_read = true;
        }
        ("trust_settings", Some(own), Some(partner)) => {
            let (claims, consent) = (
                &values["inbound_trust"],
                &values["automatic_user_consent_settings"],
            );
            let trust = map.trust(own, partner);
            trust.mfa = claims["is_mfa_accepted"] == true;
            trust.compliant_devices = claims["is_compliant_device_accepted"] == true;
            trust.hybrid_joined_devices =
                claims["is_hybrid_azure_ad_joined_device_accepted"] == true;
            trust.redeems_inbound = consent["inbound_allowed"] == true;
            trust.redeems_outbound = consent["outbound_allowed"] == true;
            map.tenant(own).is_read = true;
        }
        ("sync_policy", Some(own), Some(partner)) => {
            map.trust(own, partner).sync_allowed =
                values["user_sync_inbound"]["is_sync_allowed"] == true;
            map.tenant(own).is_read = true;
        }
        _ => {}
    }
}

/// Adds the name of a tenant: its own name, or the name in a policy or member of another tenant.
fn name(map: &mut Topology, type_name: &str, values: &Json, is_own: bool) {
    let id = match (type_name, is_own) {
        ("tenant", true) => "tenant_id",
        ("sync_policy", false) => "partner_tenant_id",
        ("multi_tenant_organization_tenant", false) => "member_tenant_id",
        _ => return,
    };
    let text = |member: &str| values[member].as_str().filter(|text| !text.is_empty());
    if let Some(id) = text(id) {
        map.name(id, text("display_name").map(str::to_owned));
    }
}

/// The name of a job's configuration is in a resource, its state in a data source.
fn add_jobs(map: &mut Topology, resources: &[(&str, &Json)]) {
    let of = |type_name: &'static str| {
        let all = resources.iter();
        all.filter(move |(name, _)| *name == type_name)
            .map(|(_, values)| *values)
    };
    let names: BTreeMap<&str, &str> = of("synchronization_configuration")
        .filter_map(|one| {
            Some((
                one["service_principal_id"].as_str()?,
                one["display_name"].as_str()?,
            ))
        })
        .collect();
    // The resource and the data source have the same type name; only the data source has a summary.
    let (states, jobs): (Vec<&Json>, Vec<&Json>) =
        of("provisioning_job").partition(|one| one.get("summary").is_some());
    for job in jobs {
        let text = |name: &str| job[name].as_str();
        let (Some(source), Some(target), Some(configuration)) = (
            text("tenant_id"),
            text("target_tenant_id"),
            text("service_principal_id"),
        ) else {
            continue;
        };
        let live = states.iter().find(|state| {
            state["service_principal_id"] == configuration && state["id"] == job["id"]
        });
        let (state, last_cycle) = live.map_or_else(
            || (switched(job, of("provisioning_job_state")), None),
            |live| (State::of(live), super::topology::last_cycle(live)),
        );
        map.sync(Sync {
            source: source.to_owned(),
            target: target.to_owned(),
            configuration: configuration.to_owned(),
            job: text("id").unwrap_or_default().to_owned(),
            name: names
                .get(configuration)
                .copied()
                .unwrap_or(configuration)
                .to_owned(),
            scope: text("scope").map(str::to_owned),
            state,
            last_cycle,
        });
        map.tenant(source).is_read = true;
    }
}

/// Whether a job is on. A separate resource takes precedence over the job, which may have been saved before it was started.
fn switched<'j>(job: &Json, mut states: impl Iterator<Item = &'j Json>) -> State {
    let own = states.find(|state| {
        state["service_principal_id"] == job["service_principal_id"] && state["job_id"] == job["id"]
    });
    match own.unwrap_or(job)["enabled"].as_bool() {
        Some(true) => State::On,
        Some(false) => State::Paused,
        None => State::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(type_name: &str, values: &Json) -> Json {
        json!({ "mode": "managed", "type": format!("crosstenant_{type_name}"), "values": values })
    }

    fn shown() -> Json {
        let consent = json!({ "inbound_allowed": true, "outbound_allowed": false });
        let job = json!({ "tenant_id": "A", "service_principal_id": "s", "id": "j", "target_tenant_id": "b",
            "scope": "all", "enabled": true });
        let configuration =
            json!({ "tenant_id": "a", "service_principal_id": "s", "display_name": "A to B" });
        json!({ "format_version": "1.0", "values": { "root_module": {
            "resources": [
                resource("tenant", &json!({ "tenant_id": "b", "display_name": "Beta" })),
                resource("trust_settings", &json!({ "tenant_id": "b", "partner_tenant_id": "a",
                    "inbound_trust": { "is_mfa_accepted": true }, "automatic_user_consent_settings": consent })),
                json!({ "type": "azuread_application", "values": { "tenant_id": "zzz" } }),
            ],
            "child_modules": [{ "child_modules": [{ "resources": [
                resource("synchronization_configuration", &configuration),
                resource("provisioning_job", &job),
                resource("sync_policy", &json!({ "tenant_id": "b", "partner_tenant_id": "a", "display_name": "Alpha",
                    "user_sync_inbound": { "is_sync_allowed": true } })),
            ] }] }],
        } } })
    }

    #[test]
    fn modules_aliases_and_data_sources_make_one_map() {
        let map = read(&shown().to_string()).unwrap();
        assert_eq!(map.tenants.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((map.label("a"), map.label("b")), ("Alpha", "Beta"));
        let trust = map.says("b", "a").unwrap();
        assert!(
            trust.mfa && trust.redeems_inbound && !trust.redeems_outbound && trust.sync_allowed
        );
        let sync = map.syncs()[0];
        assert_eq!(
            (sync.name.as_str(), sync.scope.as_deref()),
            ("A to B", Some("all"))
        );
        assert_eq!(sync.state, State::On);
    }

    #[test]
    fn the_data_source_tells_how_a_job_is_doing() {
        let mut state = shown();
        let live = json!({ "service_principal_id": "s", "id": "j", "tenant_id": "a", "summary": "In quarantine.",
            "is_running": true, "state": "quarantined", "quarantine": { "reason": "too_many_deletes" },
            "last_execution": { "ended": "2026-08-07T10:00:00Z", "state": "failed", "failed": 2 } });
        state["values"]["root_module"]["resources"]
            .as_array_mut()
            .unwrap()
            .push(resource("provisioning_job", &live));
        let map = read(&state.to_string()).unwrap();
        let reason = Some("too_many_deletes".to_owned());
        assert_eq!(map.syncs().len(), 1);
        assert_eq!(map.syncs()[0].state, State::Quarantined { reason });
        let last = map.syncs()[0].last_cycle.as_deref().unwrap();
        assert!(last.starts_with("2026-08-07 10:00"), "{last}");
    }

    #[test]
    fn a_job_may_be_switched_on_by_a_resource_of_its_own() {
        let mut state = shown();
        let resources = &mut state["values"]["root_module"]["resources"];
        let own = json!({ "service_principal_id": "s", "job_id": "j", "enabled": false });
        resources
            .as_array_mut()
            .unwrap()
            .push(resource("provisioning_job_state", &own));
        assert_eq!(
            read(&state.to_string()).unwrap().syncs()[0].state,
            State::Paused
        );
    }

    #[test]
    fn a_tenant_goes_by_its_own_name() {
        let state = json!({ "format_version": "1.0", "values": { "root_module": { "resources": [
            resource("multi_tenant_organization_tenant", &json!({ "tenant_id": "a", "member_tenant_id": "c",
                "display_name": "Member C" })),
            resource("sync_policy", &json!({ "tenant_id": "b", "partner_tenant_id": "a",
                "display_name": "Users of a", "user_sync_inbound": {} })),
            resource("tenant", &json!({ "tenant_id": "a", "display_name": "Alpha" })),
        ] } } });
        let map = read(&state.to_string()).unwrap();
        assert_eq!((map.label("a"), map.label("c")), ("Alpha", "Member C"));
    }

    #[test]
    fn the_state_file_itself_will_do() {
        let values = json!({ "tenant_id": "a", "partner_tenant_id": "b" });
        let file = json!({ "version": 4, "lineage": "x", "resources": [
            { "type": "crosstenant_partner_policy", "instances": [{ "attributes": values }] }] });
        let map = read(&file.to_string()).unwrap();
        assert!(map.says("a", "b").is_some());
    }

    #[test]
    fn a_file_that_is_not_a_state_is_refused_and_an_empty_state_is_empty() {
        assert!(read("terraform").unwrap_err().contains("not JSON"));
        assert!(read("{}").unwrap_err().contains("not a Terraform state"));
        assert!(read("[]").unwrap_err().contains("not a Terraform state"));
        let empty = read(r#"{"format_version":"1.0"}"#).unwrap();
        assert_eq!(empty, Topology::default());
        let odd = r#"{"format_version":"1.0","values":{"root_module":{"resources":[{"type":"crosstenant_sync_policy","values":7},3]}}}"#;
        assert_eq!(read(odd).unwrap(), Topology::default());
    }
}
