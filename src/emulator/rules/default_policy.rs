//! `/policies/crossTenantAccessPolicy` and its default, which partners inherit.

use serde_json::{Value, json};

use super::settings::{
    self, APP_SERVICE, B2B, CONSENT, M365_INBOUND, M365_OUTBOUND, RESTRICTIONS, TRUST,
};
use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, complete, field, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::store::Collection;

const CLOUDS: [&str; 3] = [
    "microsoftonline.com",
    "microsoftonline.us",
    "partner.microsoftonline.cn",
];

const ROOT: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("deletedDateTime", Kind::Time, Access::ReadOnly),
    ruled("description", Kind::Text, Access::Write),
    field("displayName", Kind::Text),
    ruled("definition", Kind::List(&Kind::Text), Access::Beta),
    field("allowedCloudEndpoints", Kind::List(&Kind::OneOf(&CLOUDS))),
];

const PROVIDER: Kind = Kind::OneOf(&[
    "azureActiveDirectory",
    "externalFederation",
    "socialIdentityProviders",
    "emailOneTimePasscode",
    "microsoftAccount",
    "defaultConfiguredIdp",
]);

const DEFAULT: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("isServiceDefault", Kind::Bool, Access::ReadOnly),
    field("inboundTrust", Kind::Object(TRUST)),
    field("b2bCollaborationOutbound", Kind::Object(B2B)),
    field("b2bCollaborationInbound", Kind::Object(B2B)),
    field("b2bDirectConnectOutbound", Kind::Object(B2B)),
    field("b2bDirectConnectInbound", Kind::Object(B2B)),
    field("tenantRestrictions", Kind::Object(RESTRICTIONS)),
    // Automatic redemption can be set only per partner.
    ruled(
        "automaticUserConsentSettings",
        Kind::Object(CONSENT),
        Access::ReadOnly,
    ),
    field(
        "invitationRedemptionIdentityProviderConfiguration",
        Kind::Object(&[
            field(
                "primaryIdentityProviderPrecedenceOrder",
                Kind::List(&PROVIDER),
            ),
            field("fallbackIdentityProvider", PROVIDER),
        ]),
    ),
    field("appServiceConnectInbound", Kind::Object(APP_SERVICE)),
    field("m365CollaborationInbound", Kind::Object(M365_INBOUND)),
    field("m365CollaborationOutbound", Kind::Object(M365_OUTBOUND)),
    ruled(
        "blockServiceProviderOutboundAccess",
        Kind::Bool,
        Access::Beta,
    ),
];

const ROOT_ENTITY: Entity = Entity {
    name: "crossTenantAccessPolicy",
    properties: &[
        "id",
        "displayName",
        "description",
        "allowedCloudEndpoints",
        "definition",
        "deletedDateTime",
    ],
    usual: &[],
    directory: false,
};

const DEFAULT_ENTITY: Entity = Entity {
    name: "crossTenantAccessPolicyConfigurationDefault",
    properties: &[
        "id",
        "isServiceDefault",
        "inboundTrust",
        "b2bCollaborationOutbound",
        "b2bCollaborationInbound",
        "b2bDirectConnectOutbound",
        "b2bDirectConnectInbound",
        "tenantRestrictions",
        "automaticUserConsentSettings",
        "invitationRedemptionIdentityProviderConfiguration",
        "appServiceConnectInbound",
        "m365CollaborationInbound",
        "m365CollaborationOutbound",
        "blockServiceProviderOutboundAccess",
    ],
    usual: &[],
    directory: false,
};

fn side(access: &str, target: &str, kind: &str) -> Value {
    json!({ "accessType": access, "targets": [{ "target": target, "targetType": kind }] })
}

fn b2b(access: &str) -> Value {
    json!({
        "usersAndGroups": side(access, "AllUsers", "user"),
        "applications": side(access, "AllApplications", "application"),
    })
}

/// Microsoft's values of settings that were never changed.
pub(crate) fn service_default(tenant_id: &str) -> Collection {
    let policy = json!({
        "id": tenant_id,
        "isServiceDefault": true,
        "inboundTrust": { "isMfaAccepted": false, "isCompliantDeviceAccepted": false, "isHybridAzureADJoinedDeviceAccepted": false },
        "b2bCollaborationOutbound": b2b("allowed"),
        "b2bCollaborationInbound": b2b("allowed"),
        "b2bDirectConnectOutbound": b2b("blocked"),
        "b2bDirectConnectInbound": b2b("blocked"),
        "tenantRestrictions": {
            "devices": null,
            "usersAndGroups": { "accessType": "blocked", "targets": [{ "target": "AllUsers", "targetType": "user" }] },
            "applications": { "accessType": "blocked", "targets": [{ "target": "AllApplications", "targetType": "application" }] },
        },
        "automaticUserConsentSettings": { "inboundAllowed": false, "outboundAllowed": false },
        "invitationRedemptionIdentityProviderConfiguration": {
            "primaryIdentityProviderPrecedenceOrder": ["externalFederation", "azureActiveDirectory", "socialIdentityProviders"],
            "fallbackIdentityProvider": "defaultConfiguredIdp",
        },
        "m365CollaborationInbound": { "users": side("blocked", "AllUsers", "user") },
        "m365CollaborationOutbound": { "usersAndGroups": side("allowed", "AllUsers", "user") },
        "appServiceConnectInbound": { "applications": side("blocked", "AllApplications", "application") },
        "blockServiceProviderOutboundAccess": false,
    });
    policy.as_object().cloned().unwrap_or_default()
}

/// The root of the policy, which exists in every tenant.
pub(crate) fn root(tenant_id: &str) -> Collection {
    let policy = json!({
        "id": tenant_id, "displayName": "CrossTenantAccessPolicy", "allowedCloudEndpoints": [],
    });
    policy.as_object().cloned().unwrap_or_default()
}

pub(crate) fn get_root(call: &mut Call) -> Answer {
    let mut policy = complete(&call.tenant().access_policy, ROOT, call.beta);
    if call.beta {
        policy["definition"] = json!([]);
        policy["description"] = json!(policy["description"].as_str().unwrap_or_default());
    }
    odata::single(
        call,
        &Value::Object(policy),
        &ROOT_ENTITY,
        "policies/crossTenantAccessPolicy",
    )
}

pub(crate) fn update_root(call: &mut Call) -> Answer {
    let body = call.body(ROOT, false)?;
    if body
        .get("allowedCloudEndpoints")
        .is_some_and(Value::is_null)
    {
        return Err(Refusal::bad(
            "Invalid value specified for property 'allowedCloudEndpoints' of resource.",
        ));
    }
    let own = call.tenant().cloud.clone();
    if body
        .get("allowedCloudEndpoints")
        .and_then(Value::as_array)
        .is_some_and(|clouds| clouds.contains(&json!(own)))
    {
        return Err(Refusal::bad(
            "The own cloud can't be an allowed cloud endpoint.",
        ));
    }
    call.tenant_mut().access_policy.extend(body);
    Ok(Reply::no_content())
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let mut policy = complete(&call.tenant().default_policy, DEFAULT, call.beta);
    settings::hide_from_other_clouds(&call.tenant().cloud, &mut policy);
    let policy = Value::Object(policy);
    odata::single(
        call,
        &policy,
        &DEFAULT_ENTITY,
        "policies/crossTenantAccessPolicy/default",
    )
}

pub(crate) fn update(call: &mut Call) -> Answer {
    let body = call.body(DEFAULT, false)?;
    settings::check_cloud(&call.tenant().cloud, &body)?;
    settings::check_targets(&body)?;
    let mut changes = Value::Object(body);
    settings::sort_targets(&mut changes);
    let changes = changes.as_object().cloned().unwrap_or_default();
    let service = service_default(&call.tenant_id);
    let policy = &mut call.tenant_mut().default_policy;
    for (name, value) in changes {
        // The default does not inherit: null restores Microsoft's value.
        let value = if value.is_null() {
            service.get(&name).cloned().unwrap_or_default()
        } else {
            value
        };
        policy.insert(name, value);
    }
    policy.insert("isServiceDefault".to_owned(), json!(false));
    let id = call.tenant_id.clone();
    let target = audit_target("Policy", &id, &Value::Null);
    call.audit(
        "CrossTenantAccessSettings",
        "Update the default cross-tenant access setting",
        "Update",
        &target,
    );
    Ok(Reply::no_content())
}

pub(crate) fn reset(call: &mut Call) -> Answer {
    call.optional_body(&[])?;
    let policy = service_default(&call.tenant_id);
    call.tenant_mut().default_policy = policy;
    let id = call.tenant_id.clone();
    let target = audit_target("Policy", &id, &Value::Null);
    call.audit(
        "CrossTenantAccessSettings",
        "Reset the cross-tenant access default setting",
        "Update",
        &target,
    );
    Ok(Reply::no_content())
}
