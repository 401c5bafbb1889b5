//! `identitySynchronization`: the permission of a partner tenant to synchronize into this tenant.

use serde_json::{Map, Value, json};

use super::settings::SYNC_ALLOWED;
use super::{partners, soft_deletion};
use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, complete, field, ruled};
use crate::reply::{Answer, Refusal, Reply};

const SYNC_POLICY: &[Field] = &[
    ruled("tenantId", Kind::Guid, Access::ReadOnly),
    ruled("deletedDateTime", Kind::Time, Access::BetaReadOnly),
    field("displayName", Kind::Text),
    field("userSyncInbound", Kind::Object(SYNC_ALLOWED)),
    ruled("groupSyncInbound", Kind::Object(SYNC_ALLOWED), Access::Beta),
    // Not in Microsoft's descriptions: UNVERIFIED.
    ruled(
        "roleEnabledGroupSyncInbound",
        Kind::Object(SYNC_ALLOWED),
        Access::Beta,
    ),
    ruled(
        "externalCloudAuthorizedApplicationId",
        Kind::Text,
        Access::Beta,
    ),
];

const ENTITY: Entity = Entity {
    name: "crossTenantIdentitySyncPolicyPartner",
    properties: &[
        "tenantId",
        "displayName",
        "userSyncInbound",
        "groupSyncInbound",
        "roleEnabledGroupSyncInbound",
        "externalCloudAuthorizedApplicationId",
        "deletedDateTime",
    ],
    usual: &[],
    directory: false,
};

const AUDIT: &str = "CrossTenantIdentitySyncSettings";

/// The key under which the visibility of an object is stored.
pub(super) fn key(id: &str) -> String {
    format!("syncPolicies/{id}")
}

pub(super) fn rendered(call: &Call, policy: &Value) -> Value {
    Value::Object(complete(
        policy.as_object().unwrap_or(&Map::new()),
        SYNC_POLICY,
        call.beta,
    ))
}

fn context(id: &str) -> String {
    format!("policies/crossTenantAccessPolicy/partners('{id}')/identitySynchronization")
}

/// Refuses role-assignable groups while groups are not allowed. That Graph does so is known from the source of one tool: UNVERIFIED.
fn check_groups(now: &Value, body: &Map<String, Value>) -> Result<(), Refusal> {
    let allowed = |name: &str| body.get(name).unwrap_or(&now[name])["isSyncAllowed"] == true;
    if allowed("roleEnabledGroupSyncInbound") && !allowed("groupSyncInbound") {
        return Err(Refusal::bad(
            "Role-enabled groups can't be synchronized while group synchronization is not allowed.",
        ));
    }
    Ok(())
}

/// The tenant ID in the path if its policy exists and is visible.
fn existing(call: &Call) -> Result<String, Refusal> {
    let id = partners::existing(call)?;
    if !call.tenant().sync_policies.contains_key(&id) || call.hides(&key(&id)) {
        return Err(Refusal::new(
            404,
            "Directory_ObjectNotFound",
            format!(
                "Unable to read the company information from the directory: no identity synchronization policy exists for '{id}'."
            ),
        ));
    }
    Ok(id)
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let policy = rendered(call, &call.tenant().sync_policies[&id]);
    odata::single(call, &policy, &ENTITY, &context(&id))
}

pub(crate) fn put(call: &mut Call) -> Answer {
    let id = partners::existing(call)?;
    let mut body = call.body(SYNC_POLICY, true)?;
    check_groups(&Value::Null, &body)?;
    if call.tenant().sync_policies.contains_key(&id) {
        return Err(Refusal::conflict());
    }
    body.insert("tenantId".to_owned(), json!(id));
    call.tenant_mut()
        .sync_policies
        .insert(id.clone(), Value::Object(body));
    call.created(&key(&id));
    call.audit(
        AUDIT,
        "Create a partner cross-tenant identity sync setting",
        "Add",
        &audit_target("Policy", &id, &Value::Null),
    );
    Ok(Reply::no_content())
}

pub(crate) fn update(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let body = call.body(SYNC_POLICY, false)?;
    check_groups(&call.tenant().sync_policies[&id], &body)?;
    if let Some(policy) = call.tenant_mut().sync_policies[&id].as_object_mut() {
        policy.extend(body);
    }
    call.audit(
        AUDIT,
        "Update a partner cross-tenant identity sync setting",
        "Update",
        &audit_target("Policy", &id, &Value::Null),
    );
    Ok(Reply::no_content())
}

pub(crate) fn delete(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let now = call.now();
    let tenant = call.tenant_mut();
    if let Some(mut policy) = tenant.sync_policies.remove(&id) {
        policy["deletedDateTime"] = json!(now);
        tenant.deleted_sync_policies.insert(id.clone(), policy);
    }
    call.audit(
        AUDIT,
        "Delete a partner cross-tenant identity sync setting",
        "Delete",
        &audit_target("Policy", &id, &Value::Null),
    );
    Ok(Reply::no_content())
}

/// Purges what was deleted more than thirty days ago.
fn expire(call: &mut Call) {
    let now = call.world.clock.now();
    soft_deletion::purge_old(&mut call.tenant_mut().deleted_sync_policies, now);
}

/// Soft-deleted policies; beta only.
pub(crate) fn list_deleted(call: &mut Call) -> Answer {
    expire(call);
    let policies: Vec<Value> = call
        .tenant()
        .deleted_sync_policies
        .values()
        .map(|policy| rendered(call, policy))
        .collect();
    odata::list(
        call,
        policies.iter(),
        &ENTITY,
        "policies/deletedItems/crossTenantSyncPolicyPartners",
    )
}

pub(crate) fn get_deleted(call: &mut Call) -> Answer {
    expire(call);
    let policy = call
        .tenant()
        .deleted_sync_policies
        .get(&call.arg(0).to_lowercase())
        .ok_or_else(|| Refusal::absent(call.arg(0)))?;
    let policy = rendered(call, policy);
    odata::single(
        call,
        &policy,
        &ENTITY,
        "policies/deletedItems/crossTenantSyncPolicyPartners",
    )
}

pub(crate) fn purge(call: &mut Call) -> Answer {
    expire(call);
    let id = call.arg(0).to_lowercase();
    call.seen(&format!("deletedSyncPolicies/{id}"))?;
    let purged = call.tenant_mut().deleted_sync_policies.remove(&id);
    purged
        .map(|_| Reply::no_content())
        .ok_or_else(|| Refusal::absent(&id))
}

pub(crate) fn restore(call: &mut Call) -> Answer {
    expire(call);
    call.optional_body(&[])?;
    let id = call.arg(0).to_lowercase();
    if call.tenant().sync_policies.contains_key(&id) {
        return Err(Refusal::conflict());
    }
    // The policy is a part of its partner. Graph's response if the partner is deleted as well is UNVERIFIED.
    if !call.tenant().partners.contains_key(&id) {
        return Err(Refusal::absent(&id));
    }
    call.seen(&format!("deletedSyncPolicies/{id}"))?;
    let tenant = call.tenant_mut();
    let mut policy = tenant
        .deleted_sync_policies
        .remove(&id)
        .ok_or_else(|| Refusal::absent(&id))?;
    policy["deletedDateTime"] = Value::Null;
    tenant.sync_policies.insert(id, policy.clone());
    Ok(Reply::ok(rendered(call, &policy)))
}
