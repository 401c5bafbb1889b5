//! `/tenantRelationships/multiTenantOrganization`: the tenants of one company, from the view of each tenant.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::Call;
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, field, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::store::Tenant;

const ORGANIZATION: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("createdDateTime", Kind::Time, Access::ReadOnly),
    ruled("state", Kind::Text, Access::ReadOnly),
    ruled("displayName", Kind::Text, Access::Required),
    field("description", Kind::Text),
];

const ROLE: Kind = Kind::OneOf(&["owner", "member"]);

/// Only the role of a member can be changed.
const MEMBER_CHANGE: &[Field] = &[field("role", ROLE)];

const MEMBER: &[Field] = &[
    ruled("tenantId", Kind::Guid, Access::Key),
    ruled("state", Kind::Text, Access::ReadOnly),
    ruled("addedByTenantId", Kind::Guid, Access::ReadOnly),
    ruled("addedDateTime", Kind::Time, Access::ReadOnly),
    ruled("joinedDateTime", Kind::Time, Access::ReadOnly),
    field("displayName", Kind::Text),
    field("role", ROLE),
];

const JOIN: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("memberState", Kind::Text, Access::ReadOnly),
    ruled("role", Kind::Text, Access::ReadOnly),
    ruled("transitionDetails", Kind::Any, Access::ReadOnly),
    ruled("addedByTenantId", Kind::Guid, Access::Write),
];

const ENTITY: Entity = Entity {
    name: "multiTenantOrganizationMember",
    properties: &[
        "id",
        "deletedDateTime",
        "tenantId",
        "displayName",
        "addedDateTime",
        "joinedDateTime",
        "addedByTenantId",
        "role",
        "state",
        "transitionDetails",
    ],
    usual: &[],
    directory: false,
};

/// The tenant ID of a join request that names no tenant; it also cancels a request.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

const CONTEXT: &str = "tenantRelationships/multiTenantOrganization";

/// Whether two tenants belong to the same organization.
pub(crate) fn is_member(tenant: &Tenant, other: &str) -> bool {
    tenant
        .organization_members
        .get(other)
        .is_some_and(|member| member["state"] == "active")
}

/// The join request of a tenant that never sent one.
pub(crate) fn no_join_request() -> Map<String, Value> {
    let request = json!({
        "id": "joinRequest", "addedByTenantId": NOBODY, "memberState": null,
        "role": null,
        "transitionDetails": { "desiredMemberState": null, "status": "notStarted", "details": null },
    });
    request.as_object().cloned().unwrap_or_default()
}

fn member(call: &Call, id: &str, name: &Value, role: &str, state: &str) -> Value {
    let joined = if state == "active" {
        json!(call.now())
    } else {
        Value::Null
    };
    json!({
        "id": id, "deletedDateTime": null, "tenantId": id, "displayName": name, "addedDateTime": call.now(),
        "joinedDateTime": joined, "addedByTenantId": call.tenant_id, "role": role, "state": state,
        "transitionDetails": null,
    })
}

/// Returns 404 unless the tenant is in a visible organization.
fn joined(call: &Call) -> Result<(), Refusal> {
    if call.tenant().multi_tenant_organization.is_null() || call.hides("multiTenantOrganization/") {
        return Err(absent());
    }
    Ok(())
}

fn absent() -> Refusal {
    Refusal::new(
        404,
        "Request_ResourceNotFound",
        "The tenant belongs to no multitenant organization.",
    )
}

/// For a tenant without an organization, an inactive organization is returned, as the documentation of `state` says.
pub(crate) fn get(call: &mut Call) -> Answer {
    let mut organization = call.tenant().multi_tenant_organization.clone();
    if organization.is_null() {
        organization = json!({
            "id": call.tenant_id, "createdDateTime": null, "displayName": null, "description": null, "state": "inactive",
        });
    }
    odata::document(call, organization, &format!("{CONTEXT}/$entity"))
}

pub(crate) fn put(call: &mut Call) -> Answer {
    let body = call.body(ORGANIZATION, true)?;
    if !call.tenant().multi_tenant_organization.is_null() {
        return Err(Refusal::conflict());
    }
    let mut organization = json!({
        "id": Uuid::new_v4().to_string(), "createdDateTime": call.now(), "displayName": null, "description": null,
        "state": "active",
    });
    if let Some(members) = organization.as_object_mut() {
        members.extend(body);
    }
    let own = call.tenant_id.clone();
    let owner = member(
        call,
        &own,
        &json!(call.tenant().display_name),
        "owner",
        "active",
    );
    let tenant = call.tenant_mut();
    tenant.multi_tenant_organization = organization.clone();
    tenant.organization_members.insert(own, owner);
    Ok(Reply::created(odata::with_context(
        call,
        organization,
        &format!("{CONTEXT}/$entity"),
    )))
}

pub(crate) fn update(call: &mut Call) -> Answer {
    let body = call.body(ORGANIZATION, false)?;
    joined(call)?;
    call.tenant_mut()
        .multi_tenant_organization
        .as_object_mut()
        .ok_or_else(absent)?
        .extend(body);
    Ok(Reply::no_content())
}

pub(crate) fn list_members(call: &mut Call) -> Answer {
    joined(call)?;
    odata::list(
        call,
        call.tenant().organization_members.values(),
        &ENTITY,
        &format!("{CONTEXT}/tenants"),
    )
}

fn existing(call: &Call) -> Result<String, Refusal> {
    let id = call.arg(0).to_lowercase();
    let known = call.tenant().organization_members.contains_key(&id);
    if known && !call.hides(&format!("organizationMembers/{id}")) {
        Ok(id)
    } else {
        Err(Refusal::absent(call.arg(0)))
    }
}

pub(crate) fn get_member(call: &mut Call) -> Answer {
    let id = existing(call)?;
    odata::single(
        call,
        &call.tenant().organization_members[&id],
        &ENTITY,
        &format!("{CONTEXT}/tenants"),
    )
}

pub(crate) fn add_member(call: &mut Call) -> Answer {
    let body = call.body(MEMBER, true)?;
    joined(call)?;
    let id = body["tenantId"].as_str().unwrap_or_default().to_lowercase();
    if call.tenant().organization_members.contains_key(&id) {
        return Err(Refusal::conflict());
    }
    let known = call
        .world
        .find(&id)
        .map_or(Value::Null, |tenant| json!(tenant.display_name));
    let name = body
        .get("displayName")
        .filter(|name| !name.is_null())
        .cloned()
        .unwrap_or(known);
    let role = body.get("role").and_then(Value::as_str).unwrap_or("member");
    let added = member(call, &id, &name, role, "pending");
    call.tenant_mut()
        .organization_members
        .insert(id, added.clone());
    Ok(Reply::created(odata::with_context(
        call,
        added,
        &format!("{CONTEXT}/tenants/$entity"),
    )))
}

pub(crate) fn update_member(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let body = call.body(MEMBER_CHANGE, false)?;
    if let Some(member) = call.tenant_mut().organization_members[&id].as_object_mut() {
        member.extend(body);
    }
    Ok(Reply::no_content())
}

/// Removes the member at once; the service may take hours. Only owners remove other members, and the last owner is removed last.
pub(crate) fn remove_member(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let members = call.tenant().organization_members.clone();
    let owns = |member: &Value| member["role"] == "owner" && member["state"] == "active";
    if id != call.tenant_id && !members.get(&call.tenant_id).is_some_and(owns) {
        return Err(Refusal::forbidden());
    }
    let others = || members.iter().filter(|(other, _)| **other != id);
    let stay = others().any(|(_, member)| member["state"] == "active");
    if stay && !others().any(|(_, member)| owns(member)) {
        return Err(Refusal::bad(
            "The last owner can't be removed while other tenants are active in the multitenant organization.",
        ));
    }
    for (other, _) in others() {
        if let Some(at) = call.world.position(other) {
            remove_other_member(&mut call.world.tenants[at], &id);
        }
    }
    // A tenant that had not joined yet may belong to another organization.
    let had_joined = members[&id]["state"] == "active";
    if let Some(at) = call.world.position(&id).filter(|_| had_joined) {
        let tenant = &mut call.world.tenants[at];
        for (other, _) in others() {
            remove_other_member(tenant, other);
        }
        tenant.multi_tenant_organization = Value::Null;
        tenant.organization_members.clear();
        tenant.join_request = no_join_request();
    }
    Ok(Reply::no_content())
}

/// Removes another tenant from the organization as this tenant sees it. Its partner settings remain.
fn remove_other_member(tenant: &mut Tenant, other: &str) {
    tenant.organization_members.remove(other);
    if let Some(partner) = tenant.partners.get_mut(other) {
        partner["isInMultiTenantOrganization"] = json!(false);
    }
}

pub(crate) fn get_join_request(call: &mut Call) -> Answer {
    let request = Value::Object(call.tenant().join_request.clone());
    odata::document(call, request, &format!("{CONTEXT}/joinRequest/$entity"))
}

/// Adds a partner configuration for another member, as the templates specify. As in the service, existing settings change without
/// confirmation. A null in a template does not change a setting.
fn add_other_member(tenant: &mut Tenant, partner: &str) {
    if !is_member(tenant, partner) {
        return;
    }
    let level = if tenant.partners.contains_key(partner) {
        "existingPartners"
    } else {
        "newPartners"
    };
    let applies = |template: &Map<String, Value>| {
        template
            .get("templateApplicationLevel")
            .and_then(Value::as_str)
            .is_some_and(|levels| levels.contains(level))
    };
    let settings = applies(&tenant.partner_template).then(|| tenant.partner_template.clone());
    let sync = applies(&tenant.sync_policy_template)
        .then(|| tenant.sync_policy_template.get("userSyncInbound").cloned())
        .flatten();
    let entry = tenant
        .partners
        .entry(partner)
        .or_insert_with(|| json!({ "tenantId": partner }));
    entry["isInMultiTenantOrganization"] = json!(true);
    for (name, value) in settings.into_iter().flatten() {
        if !matches!(name.as_str(), "id" | "templateApplicationLevel") && !value.is_null() {
            entry[name.as_str()] = value;
        }
    }
    if let Some(sync) = sync.filter(|sync| !sync.is_null()) {
        let policy = tenant
            .sync_policies
            .entry(partner)
            .or_insert_with(|| json!({ "tenantId": partner, "displayName": null }));
        policy["userSyncInbound"] = sync;
    }
}

/// Joins at once; the service may take hours.
pub(crate) fn join(call: &mut Call) -> Answer {
    let body = call.body(JOIN, false)?;
    let owner = body
        .get("addedByTenantId")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_lowercase();
    if owner == NOBODY {
        call.tenant_mut().join_request = no_join_request();
        return Ok(Reply::no_content());
    }
    let own = call.tenant_id.clone();
    let Some(at) = call.world.position(&owner) else {
        return Err(Refusal::absent(&owner));
    };
    let present = &call.tenant().multi_tenant_organization;
    if !present.is_null()
        && call.tenant().join_request.get("addedByTenantId") != Some(&json!(owner))
    {
        return Err(Refusal::bad(
            "A tenant can be part of only one multitenant organization.",
        ));
    }
    let now = call.now();
    let host = &mut call.world.tenants[at];
    let Some(pending) = host.organization_members.get_mut(&own) else {
        return Err(Refusal::bad(
            "The tenant has not been added to the multitenant organization.",
        ));
    };
    pending["state"] = json!("active");
    pending["joinedDateTime"] = json!(now);
    let role = pending["role"].clone();
    let (organization, members) = (
        host.multi_tenant_organization.clone(),
        host.organization_members.clone(),
    );
    let others: Vec<String> = members.keys().cloned().collect();
    for id in &others {
        if let Some(at) = call.world.position(id) {
            let tenant = &mut call.world.tenants[at];
            if tenant.tenant_id == own || is_member(tenant, &tenant.tenant_id.clone()) {
                tenant.organization_members.clone_from(&members);
            }
        }
    }
    for id in &others {
        let Some(at) = call.world.position(id) else {
            continue;
        };
        let partners: Vec<String> = others
            .iter()
            .filter(|other| *other != id)
            .cloned()
            .collect();
        for partner in &partners {
            add_other_member(&mut call.world.tenants[at], partner);
        }
    }
    let tenant = call.tenant_mut();
    tenant.multi_tenant_organization = organization;
    tenant.join_request["addedByTenantId"] = json!(owner);
    tenant.join_request["memberState"] = json!("active");
    tenant.join_request["role"] = role;
    tenant.join_request["transitionDetails"] =
        json!({ "desiredMemberState": "active", "status": "succeeded", "details": null });
    Ok(Reply::no_content())
}
