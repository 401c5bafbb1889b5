//! Policies: cross-tenant access with partners, synchronization and templates; authorization;
//! leaving; multitenant organizations.

use serde_json::{Value, json};

use super::{CONTOSO, Caller, FABRIKAM, NORTHWIND};

const ROOT: &str = "/policies/crossTenantAccessPolicy";

fn target(keyword: &str, kind: &str) -> Value {
    json!({ "accessType": "allowed", "targets": [{ "target": keyword, "targetType": kind }] })
}

fn both() -> Value {
    json!({ "usersAndGroups": target("AllUsers", "user"),
        "applications": target("AllApplications", "application") })
}

pub(super) async fn drive(me: &Caller) {
    root_and_default(me).await;
    partners(me).await;
    templates(me).await;
    authorization(me).await;
    if me.beta {
        deleted(me).await;
    }
    let find = "/tenantRelationships/findTenantInformationBy";
    me.get(&format!("{find}DomainName(domainName='fabrikam.example')"))
        .await;
    me.get(&format!("{find}TenantId(tenantId='{FABRIKAM}')"))
        .await;
    me.no(
        404,
        "GET",
        &format!("{find}DomainName(domainName='nowhere.example')"),
        Value::Null,
    )
    .await;
}

async fn root_and_default(me: &Caller) {
    me.get(ROOT).await;
    me.patch(
        ROOT,
        json!({ "allowedCloudEndpoints": ["microsoftonline.us"] }),
    )
    .await;
    me.no(
        400,
        "PATCH",
        ROOT,
        json!({ "allowedCloudEndpoints": ["example.com"] }),
    )
    .await;
    let default = format!("{ROOT}/default");
    me.get(&default).await;
    me.get(&format!("{default}?$select=inboundTrust,isServiceDefault"))
        .await;
    me.patch(&default, json!({ "b2bCollaborationOutbound": both() }))
        .await;
    me.patch(
        &default,
        json!({ "inboundTrust": { "isMfaAccepted": true,
        "isCompliantDeviceAccepted": false, "isHybridAzureADJoinedDeviceAccepted": false } }),
    )
    .await;
    me.patch(&default, newer()).await;
    me.get(&default).await;
    me.no(400, "PATCH", &default, json!({ "isServiceDefault": true }))
        .await;
    me.post(&format!("{default}/resetToSystemDefault"), Value::Null)
        .await;
}

/// Settings that are newer than B2B: Microsoft 365 across tenants, calls of applications.
fn newer() -> Value {
    json!({
        "m365CollaborationInbound": { "users": target("AllUsers", "user") },
        "m365CollaborationOutbound": { "usersAndGroups": target("AllUsers", "user") },
        "appServiceConnectInbound": { "applications": target("AllApplications", "application") },
    })
}

async fn partners(me: &Caller) {
    let all = format!("{ROOT}/partners");
    let one = format!("{all}/{FABRIKAM}");
    let sync = format!("{one}/identitySynchronization");
    me.get(&all).await;
    me.post(&all, json!({ "tenantId": NORTHWIND })).await;
    me.post(
        &all,
        json!({ "tenantId": FABRIKAM, "inboundTrust": null, "isServiceProvider": false,
        "b2bCollaborationInbound": both(), "b2bCollaborationOutbound": both(),
        "b2bDirectConnectInbound": both(), "b2bDirectConnectOutbound": both(),
        "automaticUserConsentSettings": { "inboundAllowed": true, "outboundAllowed": null } }),
    )
    .await;
    me.no(409, "POST", &all, json!({ "tenantId": FABRIKAM }))
        .await;
    me.no(400, "POST", &all, json!({ "tenantId": CONTOSO }))
        .await;
    me.no(400, "POST", &all, json!({})).await;
    me.get(&all).await;
    let page = me.get(&format!("{all}?$top=1")).await;
    let next = page["@odata.nextLink"].as_str().expect("a second page");
    me.get(next.strip_prefix(&me.root).unwrap()).await;
    me.get(&format!("{all}?$expand=identitySynchronization"))
        .await;
    me.get(&format!("{one}?$select=tenantId,inboundTrust"))
        .await;
    me.patch(&one, json!({ "inboundTrust": { "isMfaAccepted": true } }))
        .await;
    me.patch(
        &one,
        json!({ "tenantRestrictions": { "devices": null,
        "usersAndGroups": target("AllUsers", "user"),
        "applications": target("AllApplications", "application") } }),
    )
    .await;
    me.patch(&one, newer()).await;
    me.patch(&one, json!({ "m365CollaborationInbound": null }))
        .await;
    me.patch(&one, json!({ "b2bCollaborationInbound": null }))
        .await;
    me.get(&one).await;

    me.no(404, "GET", &sync, Value::Null).await;
    me.no(404, "PATCH", &sync, json!({ "displayName": "Early" }))
        .await;
    me.yes(
        "PUT",
        &sync,
        json!({ "displayName": "F", "userSyncInbound": { "isSyncAllowed": true } }),
    )
    .await;
    me.no(409, "PUT", &sync, json!({ "displayName": "F" }))
        .await;
    me.get(&sync).await;
    me.get(&format!("{one}?$expand=identitySynchronization"))
        .await;
    me.patch(
        &sync,
        json!({ "userSyncInbound": { "isSyncAllowed": false } }),
    )
    .await;
    if me.beta {
        me.patch(
            &sync,
            json!({ "groupSyncInbound": { "isSyncAllowed": true },
                "externalCloudAuthorizedApplicationId": NORTHWIND }),
        )
        .await;
        me.patch(&one, json!({ "blockServiceProviderOutboundAccess": true }))
            .await;
        me.get(&sync).await;
        capabilities(me, &one).await;
        capabilities(me, &format!("{ROOT}/default")).await;
    }
    // The synchronization policy must be deleted first.
    me.refused("DELETE", &one, Value::Null).await;
    me.delete(&sync).await;
    me.no(404, "DELETE", &sync, Value::Null).await;
    me.delete(&one).await;
    me.no(404, "GET", &one, Value::Null).await;
    me.no(404, "PATCH", &one, json!({ "inboundTrust": null }))
        .await;
    me.no(404, "DELETE", &one, Value::Null).await;
}

/// Single Microsoft 365 features of a partner or of the default policy.
async fn capabilities(me: &Caller, policy: &str) {
    let all = format!("{policy}/m365Capabilities");
    let one = format!("{all}/crossTenantOpenProfileCard");
    let scopes =
        json!({ "included": [{ "resourceId": "All", "resourceType": "user" }], "excluded": [] });
    let access = |allowed: bool| json!({ "isAllowed": allowed, "resourceScopes": scopes });
    let card = json!({ "@odata.type": "#microsoft.graph.crossTenantOpenProfileCard", "inboundAccess": access(true) });
    me.get(&all).await;
    me.no(400, "POST", &all, json!({ "inboundAccess": access(true) }))
        .await;
    me.no(
        400,
        "POST",
        &all,
        json!({ "@odata.type": card["@odata.type"] }),
    )
    .await;
    me.post(&all, card.clone()).await;
    me.no(409, "POST", &all, card).await;
    me.get(&format!("{all}?$select=name,inboundAccess")).await;
    me.patch(
        &one,
        json!({ "@odata.type": "#microsoft.graph.crossTenantOpenProfileCard", "inboundAccess": access(false) }),
    )
    .await;
    me.no(400, "PATCH", &one, json!({ "name": "other" })).await;
    me.get(&all).await;
    me.delete(&one).await;
    me.no(404, "DELETE", &one, Value::Null).await;
    me.no(404, "PATCH", &one, json!({ "inboundAccess": access(true) }))
        .await;
}

/// Soft-deleted partners and synchronization policies, which only beta shows.
async fn deleted(me: &Caller) {
    let one = format!("{ROOT}/partners/{FABRIKAM}");
    let sync = format!("{one}/identitySynchronization");
    let partners = "/policies/deletedItems/crossTenantPartners";
    let policies = "/policies/deletedItems/crossTenantSyncPolicyPartners";
    me.get(partners).await;
    me.get(&format!("{partners}/{FABRIKAM}")).await;
    me.post(&format!("{partners}/{FABRIKAM}/restore"), Value::Null)
        .await;
    me.get(policies).await;
    me.get(&format!("{policies}/{FABRIKAM}")).await;
    me.post(&format!("{policies}/{FABRIKAM}/restore"), Value::Null)
        .await;
    me.delete(&sync).await;
    me.post(&format!("{sync}/restore"), Value::Null).await;
    me.delete(&sync).await;
    me.delete(&format!("{policies}/{FABRIKAM}")).await;
    me.no(404, "GET", &format!("{policies}/{FABRIKAM}"), Value::Null)
        .await;
    me.delete(&one).await;
    me.post(&format!("{one}/restore"), Value::Null).await;
    me.delete(&one).await;
    me.delete(&format!("{partners}/{FABRIKAM}")).await;
    me.no(
        404,
        "POST",
        &format!("{partners}/{FABRIKAM}/restore"),
        Value::Null,
    )
    .await;
}

async fn templates(me: &Caller) {
    let templates = format!("{ROOT}/templates");
    me.get(&templates).await;
    let sync = format!("{templates}/multiTenantOrganizationIdentitySynchronization");
    me.get(&sync).await;
    me.patch(
        &sync,
        json!({ "userSyncInbound": { "isSyncAllowed": true },
        "templateApplicationLevel": "newPartners,existingPartners" }),
    )
    .await;
    me.get(&sync).await;
    me.post(&format!("{sync}/resetToDefaultSettings"), Value::Null)
        .await;
    let partner = format!("{templates}/multiTenantOrganizationPartnerConfiguration");
    me.get(&partner).await;
    me.patch(
        &partner,
        json!({ "inboundTrust": { "isMfaAccepted": true },
        "templateApplicationLevel": "newPartners" }),
    )
    .await;
    me.get(&partner).await;
    me.post(&format!("{partner}/resetToDefaultSettings"), Value::Null)
        .await;
}

async fn authorization(me: &Caller) {
    let policy = "/policies/authorizationPolicy";
    me.get(policy).await;
    let one = if me.beta {
        format!("{policy}/authorizationPolicy")
    } else {
        policy.to_owned()
    };
    me.patch(
        &one,
        json!({ "allowInvitesFrom": "adminsAndGuestInviters" }),
    )
    .await;
    me.patch(
        &one,
        json!({ "defaultUserRolePermissions": { "allowedToCreateApps": false } }),
    )
    .await;
    me.get(&one).await;
    me.no(400, "PATCH", &one, json!({ "allowInvitesFrom": "friends" }))
        .await;
    if me.beta {
        let leave = "/policies/externalIdentitiesPolicy";
        me.get(leave).await;
        me.patch(leave, json!({ "allowExternalIdentitiesToLeave": false }))
            .await;
        me.get(leave).await;
    }
}

pub(super) async fn multi_tenant(me: &Caller, other: &Caller) {
    let own = "/tenantRelationships/multiTenantOrganization";
    let members = format!("{own}/tenants");
    let join = format!("{own}/joinRequest");
    // The organization is inactive before it exists.
    me.get(own).await;
    me.yes(
        "PUT",
        own,
        json!({ "displayName": "Union", "description": "of two" }),
    )
    .await;
    me.get(own).await;
    me.patch(own, json!({ "displayName": "Union of two" }))
        .await;
    me.get(&join).await;
    me.post(
        &members,
        json!({ "tenantId": FABRIKAM, "displayName": "Fabrikam", "role": "member" }),
    )
    .await;
    me.get(&members).await;
    me.get(&format!("{members}?$select=tenantId,state")).await;
    let member = format!("{members}/{FABRIKAM}");
    me.get(&member).await;
    other.get(&join).await;
    other
        .patch(&join, json!({ "addedByTenantId": CONTOSO }))
        .await;
    other.get(&join).await;
    other.get(own).await;
    other.get(&members).await;
    me.get(&member).await;
    me.patch(&member, json!({ "role": "owner" })).await;
    me.delete(&member).await;
    me.get(&members).await;
    me.no(404, "GET", &format!("{members}/{NORTHWIND}"), Value::Null)
        .await;
}
