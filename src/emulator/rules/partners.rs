//! `/policies/crossTenantAccessPolicy/partners`: one configuration per partner tenant.

use serde_json::{Map, Value, json};

use super::settings::{
    self, APP_SERVICE, B2B, CONSENT, M365_INBOUND, M365_OUTBOUND, RESTRICTIONS, TRUST,
};
use super::{soft_deletion, sync_policies};
use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, complete, field, is_guid, ruled};
use crate::reply::{Answer, Refusal, Reply};

pub(super) const PARTNER: &[Field] = &[
    ruled("tenantId", Kind::Guid, Access::Key),
    ruled("deletedDateTime", Kind::Time, Access::BetaReadOnly),
    field("isServiceProvider", Kind::Bool),
    ruled("isInMultiTenantOrganization", Kind::Bool, Access::ReadOnly),
    field("inboundTrust", Kind::Object(TRUST)),
    field("b2bCollaborationOutbound", Kind::Object(B2B)),
    field("b2bCollaborationInbound", Kind::Object(B2B)),
    field("b2bDirectConnectOutbound", Kind::Object(B2B)),
    field("b2bDirectConnectInbound", Kind::Object(B2B)),
    field("tenantRestrictions", Kind::Object(RESTRICTIONS)),
    field("automaticUserConsentSettings", Kind::Object(CONSENT)),
    field("appServiceConnectInbound", Kind::Object(APP_SERVICE)),
    field("m365CollaborationInbound", Kind::Object(M365_INBOUND)),
    field("m365CollaborationOutbound", Kind::Object(M365_OUTBOUND)),
    ruled(
        "blockServiceProviderOutboundAccess",
        Kind::Bool,
        Access::Beta,
    ),
];

/// Properties of partners for query options.
const ENTITY: Entity = Entity {
    name: "crossTenantAccessPolicyConfigurationPartner",
    properties: &[
        "tenantId",
        "isServiceProvider",
        "isInMultiTenantOrganization",
        "inboundTrust",
        "b2bCollaborationOutbound",
        "b2bCollaborationInbound",
        "b2bDirectConnectOutbound",
        "b2bDirectConnectInbound",
        "tenantRestrictions",
        "automaticUserConsentSettings",
        "appServiceConnectInbound",
        "m365CollaborationInbound",
        "m365CollaborationOutbound",
        "blockServiceProviderOutboundAccess",
        "deletedDateTime",
        "identitySynchronization",
    ],
    usual: &[],
    directory: false,
};

const CONTEXT: &str = "policies/crossTenantAccessPolicy/partners";
const AUDIT: &str = "CrossTenantAccessSettings";

/// The key under which the visibility of an object is stored.
fn key(id: &str) -> String {
    format!("partners/{id}")
}

/// The ID in the path, in lower case, of a partner that exists and is visible.
pub(super) fn existing(call: &Call) -> Result<String, Refusal> {
    let id = call.arg(0).to_lowercase();
    if !is_guid(&id) {
        return Err(Refusal::bad(format!("Invalid object identifier '{id}'.")));
    }
    if call.tenant().partners.contains_key(&id) && call.is_unknown(&key(&id)) {
        return Err(Refusal::new(
            404,
            "Directory_ObjectNotFound",
            format!("Unable to read the company information from the directory for '{id}'."),
        ));
    }
    if !call.tenant().partners.contains_key(&id) || call.hides(&key(&id)) {
        return Err(Refusal::absent(&id));
    }
    Ok(id)
}

fn rendered(call: &Call, partner: &Value, expand: bool) -> Value {
    let mut full = complete(
        partner.as_object().unwrap_or(&Map::new()),
        PARTNER,
        call.beta,
    );
    settings::hide_from_other_clouds(&call.tenant().cloud, &mut full);
    // Unlike the other settings, this is an object even if nothing is set.
    if full
        .get("automaticUserConsentSettings")
        .is_none_or(Value::is_null)
    {
        let consent = json!({ "inboundAllowed": null, "outboundAllowed": null });
        full.insert("automaticUserConsentSettings".to_owned(), consent);
    }
    if expand {
        let id = partner["tenantId"].as_str().unwrap_or_default();
        let policy = call
            .tenant()
            .sync_policies
            .get(id)
            .filter(|_| !call.hides(&sync_policies::key(id)));
        full.insert(
            "identitySynchronization".to_owned(),
            policy.map_or(Value::Null, |policy| sync_policies::rendered(call, policy)),
        );
    }
    Value::Object(full)
}

/// Whether the synchronization policies are included in the response. That Graph supports this is UNVERIFIED.
fn expands(call: &Call) -> Result<bool, Refusal> {
    match call.query.get("$expand") {
        None => Ok(false),
        Some("identitySynchronization") if call.world.settings.expand_partners => Ok(true),
        Some(other) => Err(Refusal::gateway(format!(
            "Parsing OData Select and Expand failed: '{other}' can't be expanded."
        ))),
    }
}

pub(crate) fn list(call: &mut Call) -> Answer {
    let expand = expands(call)?;
    let visible = call
        .tenant()
        .partners
        .iter()
        .filter(|(id, _)| !call.hides(&key(id)));
    let partners: Vec<Value> = visible
        .map(|(_, partner)| rendered(call, partner, expand))
        .collect();
    odata::list(call, partners.iter(), &ENTITY, CONTEXT)
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let partner = rendered(call, &call.tenant().partners[&id], expands(call)?);
    odata::single(call, &partner, &ENTITY, CONTEXT)
}

pub(crate) fn create(call: &mut Call) -> Answer {
    let mut body = call.body(PARTNER, true)?;
    settings::check_cloud(&call.tenant().cloud, &body)?;
    settings::check_targets(&body)?;
    let id = body["tenantId"].as_str().unwrap_or_default().to_lowercase();
    if id == call.tenant_id {
        return Err(Refusal::bad(
            "A partner configuration can't be created for the own tenant.",
        ));
    }
    if call.tenant().partners.contains_key(&id) {
        return Err(Refusal::conflict());
    }
    licensed(call, &body)?;
    body.insert("tenantId".to_owned(), json!(id));
    body.insert(
        "isInMultiTenantOrganization".to_owned(),
        json!(super::multi_tenant::is_member(call.tenant(), &id)),
    );
    let mut partner = Value::Object(body);
    settings::sort_targets(&mut partner);
    call.tenant_mut()
        .partners
        .insert(id.clone(), partner.clone());
    call.created(&key(&id));
    call.audit(
        AUDIT,
        "Add a partner to cross-tenant access setting",
        "Add",
        &audit_target("Policy", &id, &Value::Null),
    );
    let partner = rendered(call, &partner, false);
    Ok(Reply::created(odata::with_context(
        call,
        partner,
        &format!("{CONTEXT}/$entity"),
    )))
}

/// Trust settings require Microsoft Entra ID P1 or P2; without it, the portal disables their check boxes. That Graph refuses them, and how,
/// is UNVERIFIED: the code is that of other premium features.
fn licensed(call: &Call, body: &Map<String, Value>) -> Result<(), Refusal> {
    let sets = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    if call.tenant().unlicensed && (sets("inboundTrust") || sets("automaticUserConsentSettings")) {
        return Err(Refusal::new(
            400,
            "AadPremiumLicenseRequired",
            "The tenant needs a Microsoft Entra ID P1 or P2 license to configure trust settings.",
        ));
    }
    Ok(())
}

/// Each complex value is replaced completely; null restores inheritance. How deep the service merges is UNVERIFIED; clients must send
/// complete complex values.
pub(crate) fn update(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let body = call.body(PARTNER, false)?;
    settings::check_cloud(&call.tenant().cloud, &body)?;
    settings::check_targets(&body)?;
    licensed(call, &body)?;
    let mut changes = Value::Object(body);
    settings::sort_targets(&mut changes);
    if let (Some(partner), Value::Object(changes)) =
        (call.tenant_mut().partners[&id].as_object_mut(), changes)
    {
        partner.extend(changes);
    }
    call.audit(
        AUDIT,
        "Update a partner cross-tenant access setting",
        "Update",
        &audit_target("Policy", &id, &Value::Null),
    );
    Ok(Reply::no_content())
}

pub(crate) fn delete(call: &mut Call) -> Answer {
    let id = existing(call)?;
    if call.tenant().sync_policies.contains_key(&id) {
        return Err(Refusal::bad(
            "The partner configuration can't be deleted while its identitySynchronization exists. Delete identitySynchronization first.",
        ));
    }
    let now = call.now();
    let tenant = call.tenant_mut();
    if let Some(mut partner) = tenant.partners.remove(&id) {
        partner["deletedDateTime"] = json!(now);
        tenant.deleted_partners.insert(id.clone(), partner);
    }
    call.audit(
        AUDIT,
        "Delete partner specific cross-tenant access setting",
        "Delete",
        &audit_target("Policy", &id, &Value::Null),
    );
    Ok(Reply::no_content())
}

/// Purges what was deleted more than thirty days ago.
fn expire(call: &mut Call) {
    let now = call.world.clock.now();
    soft_deletion::purge_old(&mut call.tenant_mut().deleted_partners, now);
}

/// Soft-deleted partners; beta only.
pub(crate) fn list_deleted(call: &mut Call) -> Answer {
    expire(call);
    let partners: Vec<Value> = call
        .tenant()
        .deleted_partners
        .values()
        .map(|partner| rendered(call, partner, false))
        .collect();
    odata::list(
        call,
        partners.iter(),
        &ENTITY,
        "policies/deletedItems/crossTenantPartners",
    )
}

pub(crate) fn get_deleted(call: &mut Call) -> Answer {
    expire(call);
    let partner = call
        .tenant()
        .deleted_partners
        .get(&call.arg(0).to_lowercase())
        .ok_or_else(|| Refusal::absent(call.arg(0)))?;
    let partner = rendered(call, partner, false);
    odata::single(
        call,
        &partner,
        &ENTITY,
        "policies/deletedItems/crossTenantPartners",
    )
}

pub(crate) fn purge(call: &mut Call) -> Answer {
    expire(call);
    let id = call.arg(0).to_lowercase();
    call.seen(&format!("deletedPartners/{id}"))?;
    let purged = call.tenant_mut().deleted_partners.remove(&id);
    purged
        .map(|_| Reply::no_content())
        .ok_or_else(|| Refusal::absent(&id))
}

pub(crate) fn restore(call: &mut Call) -> Answer {
    expire(call);
    call.optional_body(&[])?;
    let id = call.arg(0).to_lowercase();
    if call.tenant().partners.contains_key(&id) {
        return Err(Refusal::conflict());
    }
    call.seen(&format!("deletedPartners/{id}"))?;
    let tenant = call.tenant_mut();
    let mut partner = tenant
        .deleted_partners
        .remove(&id)
        .ok_or_else(|| Refusal::absent(&id))?;
    partner["deletedDateTime"] = Value::Null;
    tenant.partners.insert(id, partner.clone());
    Ok(Reply::ok(rendered(call, &partner, false)))
}
