//! Checks whether both tenants allow the synchronization, for the connection test and for every cycle.

use serde_json::Value;

use super::clouds;
use crate::job::Job;
use crate::reply::Refusal;
use crate::store::{Tenant, World};

/// The value of a key in a list of secrets.
pub(crate) fn secret<'s>(secrets: &'s [Value], key: &str) -> Option<&'s str> {
    secrets
        .iter()
        .find(|secret| secret["key"] == key)
        .and_then(|secret| secret["value"].as_str())
}

fn consents(tenant: &Tenant, partner: &str, side: &str) -> bool {
    // The default that partners inherit is always false.
    tenant
        .partners
        .get(partner)
        .is_some_and(|policy| policy["automaticUserConsentSettings"][side] == true)
}

/// Checks that these credentials of a service principal lead to a tenant that allows the synchronization, and returns its position.
///
/// The format of the service's error is UNVERIFIED: here, the code is `error.code`, and one detail names each side on which a setting is
/// missing.
pub(crate) fn check(
    world: &World,
    source: &Tenant,
    principal: &str,
    secrets: &[Value],
) -> Result<usize, Refusal> {
    if secret(secrets, "AuthenticationType") != Some("SyncPolicy") {
        return Err(Refusal::new(
            400,
            "InvalidCredentials",
            "The credential AuthenticationType must be SyncPolicy.",
        ));
    }
    let Some(company) = secret(secrets, "CompanyId").filter(|id| !id.is_empty()) else {
        return Err(Refusal::new(
            400,
            "InvalidCredentials",
            "The credential CompanyId is missing.",
        ));
    };
    let Some(position) = world.position(company) else {
        return Err(Refusal::new(
            400,
            "ExternalTenantNotFound",
            format!("The tenant '{company}' was not found."),
        ));
    };
    let target = &world.tenants[position];
    if target.tenant_id == source.tenant_id {
        return Err(Refusal::new(
            400,
            "InvalidCredentials",
            "A tenant can't be synchronized into itself.",
        ));
    }
    let across = source
        .service_principals
        .get(principal)
        .is_some_and(|object| object[clouds::ACROSS] == true);
    clouds::agree(source, target, across)?;
    let mut missing = Vec::new();
    if !consents(source, &target.tenant_id, "outboundAllowed") {
        missing.push(("SourceOutboundConsentMissing", "The source tenant has not enabled automatic user consent with the target tenant: outbound consent is missing."));
    }
    if !consents(target, &source.tenant_id, "inboundAllowed") {
        missing.push(("TargetInboundConsentMissing", "The target tenant has not enabled automatic user consent with the source tenant: inbound consent is missing."));
    }
    let synchronizes = target
        .sync_policies
        .get(&source.tenant_id)
        .is_some_and(|policy| policy["userSyncInbound"]["isSyncAllowed"] == true);
    if !synchronizes {
        missing.push((
            "TargetInboundSyncMissing",
            "The target tenant has not enabled inbound synchronization with the source tenant.",
        ));
    }
    if missing.is_empty() {
        return Ok(position);
    }
    let code = if world.settings.old_validation_code {
        "AzureDirectoryB2BManagementPolicyCheckFailure"
    } else {
        "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
    };
    let message: Vec<&str> = missing.iter().map(|(_, text)| *text).collect();
    let refusal = Refusal::new(
        400,
        code,
        format!(
            "The cross-tenant synchronization policy check failed. {}",
            message.join(" ")
        ),
    );
    Err(missing
        .into_iter()
        .fold(refusal, |refusal, (code, text)| refusal.detail(code, text)))
}

/// The same check for a job, with the credentials stored for its service principal.
pub(super) fn of_job(world: &World, source: &Tenant, job: &Job) -> Result<usize, Refusal> {
    check(
        world,
        source,
        &job.service_principal,
        source
            .secrets
            .get(&job.service_principal)
            .map_or(&[], Vec::as_slice),
    )
}
