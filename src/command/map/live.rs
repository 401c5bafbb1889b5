//! A map that is read from the tenants.

use futures::{StreamExt as _, stream};
use serde_json::Value as Json;

use super::super::json::{json, text};
use super::super::source::{self, Configuration, Job};
use super::super::{Failure, Tenant};
use super::topology::{State, Sync, Topology, Unseen, last_cycle};
use terraform::Value;

/// The number of configurations that are read concurrently.
const AT_A_TIME: usize = 8;

/// Reads what the tenant allows; what cannot be read is noted on the map.
///
/// # Errors
///
/// If nothing can be read.
pub(super) async fn read(tenant: &Tenant) -> Result<Topology, Failure> {
    let mut map = Topology::default();
    map.tenant(tenant.id()).is_read = true;
    let own = [("tenant_id", Value::from(tenant.id()))];
    let (own, names, partners, policies, jobs) = tokio::join!(
        tenant.read("tenant", &own),
        source::names(tenant, "partner_policy", &[]),
        tenant.read("partner_policies", &[]),
        tenant.read("sync_policies", &[]),
        jobs(tenant),
    );
    if let (Err(why), Err(_), Err(_)) = (&partners, &policies, &jobs) {
        return Err(Failure::new(why.to_string()));
    }
    // Names are optional; without them, IDs are shown.
    map.name(
        tenant.id(),
        own.ok().and_then(|own| text(&own, "display_name")),
    );
    for (object, name) in names.unwrap_or_default() {
        let id = text(&object, "partner_tenant_id").unwrap_or_default();
        // The list returns the name followed by the ID.
        let name = name.strip_suffix(&format!(" ({id})")).map(str::to_owned);
        map.name(&id, name);
    }
    let place = map.label(tenant.id()).to_owned();
    let mut seen = |what: &str, found: Result<Value, Failure>| match found {
        Ok(found) => Some(json(&found)),
        Err(why) => {
            map.unseen.push(Unseen {
                what: format!("{what} of {place}"),
                why: why.cause(),
            });
            None
        }
    };
    let partners = seen("Partners", partners);
    let policies = seen("Synchronization policies", policies);
    for partner in partners
        .iter()
        .flat_map(|found| elements(found, "partners"))
    {
        trust(&mut map, tenant.id(), partner);
    }
    for policy in policies
        .iter()
        .flat_map(|found| elements(found, "policies"))
    {
        let partner = policy["partner_tenant_id"].as_str().unwrap_or_default();
        map.trust(tenant.id(), partner).sync_allowed = policy["is_user_sync_allowed"] == true;
    }
    match jobs {
        Ok((jobs, unseen)) => {
            for job in jobs {
                map.sync(job);
            }
            map.unseen.extend(unseen);
        }
        Err(why) => map.unseen.push(Unseen {
            what: format!("Configurations of {place}"),
            why: why.cause(),
        }),
    }
    Ok(map)
}

fn elements<'j>(found: &'j Json, list: &str) -> impl Iterator<Item = &'j Json> {
    found[list].as_array().into_iter().flatten()
}

fn trust(map: &mut Topology, own: &str, partner: &Json) {
    let id = partner["partner_tenant_id"].as_str().unwrap_or_default();
    let (claims, consent) = (
        &partner["inbound_trust"],
        &partner["automatic_user_consent_settings"],
    );
    let trust = map.trust(own, id);
    trust.mfa = claims["is_mfa_accepted"] == true;
    trust.compliant_devices = claims["is_compliant_device_accepted"] == true;
    trust.hybrid_joined_devices = claims["is_hybrid_azure_ad_joined_device_accepted"] == true;
    trust.redeems_inbound = consent["inbound_allowed"] == true;
    trust.redeems_outbound = consent["outbound_allowed"] == true;
}

/// Every job of every configuration, and what could not be read of them.
async fn jobs(tenant: &Tenant) -> Result<(Vec<Sync>, Vec<Unseen>), Failure> {
    let configurations = source::configurations(tenant, &[]).await?;
    let each = stream::iter(configurations).map(async |configuration| {
        let jobs = source::jobs(tenant, &configuration).await;
        let jobs = jobs.map_err(|why| Unseen {
            what: format!("Jobs of “{}”", configuration.name),
            why: why.cause(),
        })?;
        let mut syncs = Vec::new();
        for job in &jobs {
            syncs.extend(sync(tenant, &configuration, job).await);
        }
        Ok(syncs)
    });
    let each: Vec<Result<Vec<Sync>, Unseen>> = each.buffered(AT_A_TIME).collect().await;
    let (mut syncs, mut unseen) = (Vec::new(), Vec::new());
    for one in each {
        match one {
            Ok(some) => syncs.extend(some),
            Err(why) => unseen.push(why),
        }
    }
    Ok((syncs, unseen))
}

/// A job on the map; `None` until it has a target tenant.
async fn sync(tenant: &Tenant, configuration: &Configuration, job: &Job) -> Option<Sync> {
    let target = job.target_tenant_id.clone()?;
    let arguments = [
        ("service_principal_id", configuration.id.as_str().into()),
        ("id", job.id.as_str().into()),
    ];
    let live = tenant.read("provisioning_job", &arguments).await;
    let live = live.ok().map(|found| json(&found));
    let switch = match job.enabled {
        Some(true) => State::On,
        Some(false) => State::Paused,
        None => State::Unknown,
    };
    Some(Sync {
        source: tenant.id().to_owned(),
        target,
        configuration: configuration.id.clone(),
        job: job.id.clone(),
        name: configuration.name.clone(),
        scope: job.scope.clone(),
        state: live.as_ref().map_or(switch, State::of),
        last_cycle: live.as_ref().and_then(last_cycle),
    })
}
