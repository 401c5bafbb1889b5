//! `authorizationPolicy` and `externalIdentitiesPolicy`: who may invite guests, and whether guests may leave.

use serde_json::{Value, json};

use crate::call::Call;
use crate::odata;
use crate::properties::{Access, Field, Kind, complete, field, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::store::Collection;

const ROLE_PERMISSIONS: &[Field] = &[
    field("allowedToCreateApps", Kind::Bool),
    field("allowedToCreateSecurityGroups", Kind::Bool),
    field("allowedToCreateTenants", Kind::Bool),
    field("allowedToReadBitlockerKeysForOwnedDevice", Kind::Bool),
    field("allowedToReadOtherUsers", Kind::Bool),
    field("permissionGrantPoliciesAssigned", Kind::List(&Kind::Text)),
];

const POLICY: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("deletedDateTime", Kind::Time, Access::ReadOnly),
    field("displayName", Kind::Text),
    field("description", Kind::Text),
    field(
        "allowInvitesFrom",
        Kind::OneOf(&[
            "none",
            "adminsAndGuestInviters",
            "adminsGuestInvitersAndAllMembers",
            "everyone",
        ]),
    ),
    field("allowedToSignUpEmailBasedSubscriptions", Kind::Bool),
    field("allowedToUseSSPR", Kind::Bool),
    field("allowEmailVerifiedUsersToJoinOrganization", Kind::Bool),
    field("allowUserConsentForRiskyApps", Kind::Bool),
    field("blockMsolPowerShell", Kind::Bool),
    field("guestUserRoleId", Kind::Guid),
    field("defaultUserRolePermissions", Kind::Object(ROLE_PERMISSIONS)),
    ruled(
        "enabledPreviewFeatures",
        Kind::List(&Kind::Text),
        Access::Beta,
    ),
    ruled(
        "permissionGrantPolicyIdsAssignedToDefaultUserRole",
        Kind::List(&Kind::Text),
        Access::Beta,
    ),
];

const EXTERNAL: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    ruled("deletedDateTime", Kind::Time, Access::ReadOnly),
    field("displayName", Kind::Text),
    field("description", Kind::Text),
    field("allowExternalIdentitiesToLeave", Kind::Bool),
    field("allowDeletedIdentitiesDataRemoval", Kind::Bool),
];

/// The authorization policy of a new tenant.
pub(crate) fn untouched(invites: &str) -> Collection {
    let policy = json!({
        "id": "authorizationPolicy",
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "allowInvitesFrom": invites,
        "allowedToSignUpEmailBasedSubscriptions": true,
        "allowedToUseSSPR": true,
        "allowEmailVerifiedUsersToJoinOrganization": false,
        "allowUserConsentForRiskyApps": false,
        "blockMsolPowerShell": false,
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": true,
            "allowedToCreateSecurityGroups": true,
            "allowedToCreateTenants": true,
            "allowedToReadBitlockerKeysForOwnedDevice": true,
            "allowedToReadOtherUsers": true,
            "permissionGrantPoliciesAssigned": [],
        },
        "enabledPreviewFeatures": [],
        "permissionGrantPolicyIdsAssignedToDefaultUserRole": [],
    });
    policy.as_object().cloned().unwrap_or_default()
}

/// The external identities policy of a new tenant.
pub(crate) fn untouched_external() -> Collection {
    let policy = json!({
        "id": "externalIdentitiesPolicy",
        "displayName": "External Identities Policy",
        "description": "Represents the tenant-wide policy that controls whether external users can leave a tenant by themselves.",
        "allowExternalIdentitiesToLeave": true,
        "allowDeletedIdentitiesDataRemoval": false,
    });
    policy.as_object().cloned().unwrap_or_default()
}

fn policy(call: &Call) -> Value {
    Value::Object(complete(
        &call.tenant().authorization_policy,
        POLICY,
        call.beta,
    ))
}

/// v1.0 has a single policy, beta a collection that contains one policy.
pub(crate) fn get(call: &mut Call) -> Answer {
    let body = if call.beta {
        json!({ "value": [policy(call)] })
    } else {
        policy(call)
    };
    odata::document(call, body, "policies/authorizationPolicy")
}

pub(crate) fn get_in_beta(call: &mut Call) -> Answer {
    known(call)?;
    odata::document(call, policy(call), "policies/authorizationPolicy/$entity")
}

pub(crate) fn update_in_beta(call: &mut Call) -> Answer {
    known(call)?;
    update(call)
}

fn known(call: &Call) -> Result<(), Refusal> {
    if call.arg(0) == "authorizationPolicy" {
        Ok(())
    } else {
        Err(Refusal::absent(call.arg(0)))
    }
}

pub(crate) fn update(call: &mut Call) -> Answer {
    let mut body = call.body(POLICY, false)?;
    let permissions = body.remove("defaultUserRolePermissions");
    let policy = &mut call.tenant_mut().authorization_policy;
    // The documented examples send some of the permissions only, so they are merged.
    if let (Some(Value::Object(changes)), Some(stored)) = (
        permissions,
        policy
            .get_mut("defaultUserRolePermissions")
            .and_then(Value::as_object_mut),
    ) {
        stored.extend(changes);
    }
    policy.extend(body.into_iter().filter(|(_, value)| !value.is_null()));
    Ok(Reply::no_content())
}

pub(crate) fn get_external(call: &mut Call) -> Answer {
    let policy = Value::Object(complete(
        &call.tenant().external_identities_policy,
        EXTERNAL,
        call.beta,
    ));
    odata::document(call, policy, "policies/externalIdentitiesPolicy/$entity")
}

pub(crate) fn update_external(call: &mut Call) -> Answer {
    let body = call.body(EXTERNAL, false)?;
    call.tenant_mut()
        .external_identities_policy
        .extend(body.into_iter().filter(|(_, value)| !value.is_null()));
    Ok(Reply::no_content())
}
