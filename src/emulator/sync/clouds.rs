//! Synchronization across Microsoft clouds: the supported pairs, and the additional requirements on both tenants.

use serde_json::{Value, json};

use crate::reply::Refusal;
use crate::rules::gallery;
use crate::store::Tenant;

/// Marks a configuration that was created for synchronization across clouds. It cannot be switched later.
pub(crate) const ACROSS: &str = "_acrossClouds";

/// Marks the service principal that the check box of the target tenant creates, with the cloud that may write.
const FROM: &str = "_crossCloudFrom";

/// ID of the template of such a configuration. Microsoft's ID is not public, so this one is made up.
pub(crate) const TEMPLATE_ACROSS: &str = "c10d0000-0000-4000-8000-0000000000c5";

/// The application id of Microsoft Graph, the same in every tenant.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Permissions of the service principal, by the name of the role in Microsoft Graph. The IDs of the second and third are the same in every
/// tenant; the others are made up here.
const ROLES: [(&str, &str); 4] = [
    (
        "User.ReadWrite.CrossCloud",
        "c10d0001-0000-4000-8000-0000000000c5",
    ),
    ("User.Invite.All", "09850681-111b-4a89-9bed-3f2cae46d706"),
    (
        "Organization.Read.All",
        "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    ),
    ("Policy.Read.All", "246dd0d5-5bd0-4def-940b-0421030a5b68"),
];

/// Pairs of clouds from source to target.
const PAIRS: [(&str, &str); 3] = [
    ("microsoftonline.com", "microsoftonline.us"),
    ("microsoftonline.us", "microsoftonline.com"),
    ("microsoftonline.com", "partner.microsoftonline.cn"),
];

/// Checks whether the clouds of two tenants allow synchronization. The codes are documented for the check boxes of source and target; that
/// the cloud settings of each side give the same code is UNVERIFIED.
pub(super) fn agree(source: &Tenant, target: &Tenant, across: bool) -> Result<(), Refusal> {
    if source.cloud == target.cloud {
        return Ok(());
    }
    let admits = |tenant: &Tenant, cloud: &str| {
        let clouds = tenant.access_policy.get("allowedCloudEndpoints");
        let mut clouds = clouds.and_then(Value::as_array).into_iter().flatten();
        clouds.any(|known| known == cloud)
    };
    let is_pair = PAIRS.contains(&(source.cloud.as_str(), target.cloud.as_str()));
    if !across || !is_pair || !admits(source, &target.cloud) {
        let why = format!(
            "This tenant was not found by the authentication authority of the current cloud: {}.",
            target.tenant_id
        );
        return Err(Refusal::new(400, "ExternalTenantNotFound", why));
    }
    if !admits(target, &source.cloud) || !is_prepared(target, &source.cloud) {
        let why = "The identity of the calling application could not be established.";
        return Err(Refusal::new(400, "AzureActiveDirectoryTokenExpired", why));
    }
    Ok(())
}

/// Whether the service principal for this cloud exists with all of its permissions.
fn is_prepared(target: &Tenant, cloud: &str) -> bool {
    let mut principals = target.service_principals.values();
    let Some(principal) = principals.find(|it| it[FROM] == *cloud && it["accountEnabled"] == true)
    else {
        return false;
    };
    ROLES.iter().all(|(_, role)| {
        let mut assignments = target.assignments.values();
        assignments.any(|it| it["principalId"] == principal["id"] && it["appRoleId"] == *role)
    })
}

/// Creates what the check box for a cloud creates in a target tenant: the service principal with its four permissions, and the one of
/// Microsoft Graph if it does not exist yet. `id` derives IDs from names. The name of the service principal is made up.
pub(crate) fn prepare(tenant: &mut Tenant, cloud: &str, now: &str, id: &dyn Fn(&str) -> String) {
    let graph = microsoft_graph(tenant, now, id);
    let name = format!("Cross-cloud synchronization from {cloud}");
    let mut principal = gallery::blank_service_principal(&id(&name), &name, GRAPH, now);
    principal["id"] = json!(id(cloud));
    principal[FROM] = json!(cloud);
    for (name, role) in ROLES {
        let assignment = json!({
            "id": id(name), "deletedDateTime": null, "appRoleId": role, "createdDateTime": now,
            "principalDisplayName": principal["displayName"], "principalId": principal["id"],
            "principalType": "ServicePrincipal", "resourceDisplayName": "Microsoft Graph", "resourceId": graph,
        });
        tenant.assignments.insert(id(name), assignment);
    }
    let key = principal["id"].as_str().unwrap_or_default().to_owned();
    tenant.service_principals.insert(key, principal);
}

/// The ID of the service principal of Microsoft Graph, which every tenant has.
fn microsoft_graph(tenant: &mut Tenant, now: &str, id: &dyn Fn(&str) -> String) -> String {
    let mut principals = tenant.service_principals.iter();
    if let Some((known, _)) = principals.find(|(_, it)| it["appId"] == GRAPH) {
        return known.clone();
    }
    let mut graph = gallery::blank_service_principal(GRAPH, "Microsoft Graph", GRAPH, now);
    let key = id("Microsoft Graph");
    graph["id"] = json!(key);
    let role = |(name, role): &(&str, &str)| {
        json!({
            "allowedMemberTypes": ["Application"], "description": name, "displayName": name,
            "id": role, "isEnabled": true, "origin": "Application", "value": name,
        })
    };
    graph["appRoles"] = ROLES.iter().map(role).collect();
    tenant.service_principals.insert(key.clone(), graph);
    key
}
