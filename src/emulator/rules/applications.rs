//! Applications and service principals: lookup, update and deletion.

use serde_json::{Map, Value};

use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, field, is_guid, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::store::Collection;

/// Properties of applications for query options.
pub(crate) const APPLICATION: Entity = Entity {
    name: "application",
    properties: &[
        "id",
        "deletedDateTime",
        "addIns",
        "api",
        "appId",
        "applicationTemplateId",
        "appRoles",
        "certification",
        "createdDateTime",
        "defaultRedirectUri",
        "description",
        "disabledByMicrosoftStatus",
        "displayName",
        "groupMembershipClaims",
        "identifierUris",
        "info",
        "isDeviceOnlyAuthSupported",
        "isFallbackPublicClient",
        "keyCredentials",
        "notes",
        "optionalClaims",
        "parentalControlSettings",
        "passwordCredentials",
        "publicClient",
        "publisherDomain",
        "requestSignatureVerification",
        "requiredResourceAccess",
        "samlMetadataUrl",
        "serviceManagementReference",
        "signInAudience",
        "spa",
        "tags",
        "tokenEncryptionKeyId",
        "uniqueName",
        "verifiedPublisher",
        "web",
    ],
    usual: &[],
    directory: true,
};

/// Properties of service principals for query options.
pub(crate) const SERVICE_PRINCIPAL: Entity = Entity {
    name: "servicePrincipal",
    properties: &[
        "id",
        "deletedDateTime",
        "accountEnabled",
        "addIns",
        "alternativeNames",
        "appDescription",
        "appDisplayName",
        "appId",
        "applicationTemplateId",
        "appOwnerOrganizationId",
        "appRoleAssignmentRequired",
        "appRoles",
        "createdDateTime",
        "customSecurityAttributes",
        "description",
        "disabledByMicrosoftStatus",
        "displayName",
        "homepage",
        "info",
        "keyCredentials",
        "loginUrl",
        "logoutUrl",
        "notes",
        "notificationEmailAddresses",
        "oauth2PermissionScopes",
        "passwordCredentials",
        "preferredSingleSignOnMode",
        "preferredTokenSigningKeyThumbprint",
        "replyUrls",
        "resourceSpecificApplicationPermissions",
        "samlSingleSignOnSettings",
        "servicePrincipalNames",
        "servicePrincipalType",
        "signInAudience",
        "tags",
        "tokenEncryptionKeyId",
        "verifiedPublisher",
    ],
    usual: &[],
    directory: true,
};

const APPLICATION_CHANGE: &[Field] = &[
    ruled("id", Kind::Guid, Access::ReadOnly),
    ruled("appId", Kind::Guid, Access::ReadOnly),
    ruled("applicationTemplateId", Kind::Guid, Access::ReadOnly),
    ruled("createdDateTime", Kind::Time, Access::ReadOnly),
    ruled("publisherDomain", Kind::Text, Access::ReadOnly),
    field("displayName", Kind::Text),
    field("description", Kind::Text),
    field("notes", Kind::Text),
    field("serviceManagementReference", Kind::Text),
    field("tags", Kind::List(&Kind::Text)),
    field("identifierUris", Kind::List(&Kind::Text)),
    field("signInAudience", Kind::Text),
    field("web", Kind::Any),
    field("info", Kind::Any),
    field("api", Kind::Any),
    field("appRoles", Kind::List(&Kind::Any)),
    field("requiredResourceAccess", Kind::List(&Kind::Any)),
];

const SERVICE_PRINCIPAL_CHANGE: &[Field] = &[
    ruled("id", Kind::Guid, Access::ReadOnly),
    ruled("appId", Kind::Guid, Access::ReadOnly),
    ruled("appDisplayName", Kind::Text, Access::ReadOnly),
    ruled("applicationTemplateId", Kind::Guid, Access::ReadOnly),
    ruled("appOwnerOrganizationId", Kind::Guid, Access::ReadOnly),
    field("displayName", Kind::Text),
    field("accountEnabled", Kind::Bool),
    field("appRoleAssignmentRequired", Kind::Bool),
    field("description", Kind::Text),
    field("homepage", Kind::Text),
    field("loginUrl", Kind::Text),
    field("notes", Kind::Text),
    field("notificationEmailAddresses", Kind::List(&Kind::Text)),
    field("preferredSingleSignOnMode", Kind::Text),
    field("replyUrls", Kind::List(&Kind::Text)),
    field("servicePrincipalNames", Kind::List(&Kind::Text)),
    field("tags", Kind::List(&Kind::Text)),
];

/// Finds an object of a collection by ID or `appId=…`, if it is visible.
fn locate(call: &Call, kind: &str, objects: &Collection, name: &str) -> Result<String, Refusal> {
    let id = match name.strip_prefix("appId=") {
        Some(app_id) => objects
            .values()
            .find(|object| {
                object["appId"]
                    .as_str()
                    .is_some_and(|known| known.eq_ignore_ascii_case(app_id))
            })
            .and_then(|object| object["id"].as_str())
            .unwrap_or_default()
            .to_owned(),
        None if is_guid(name) => name.to_lowercase(),
        None => return Err(Refusal::bad(format!("Invalid object identifier '{name}'."))),
    };
    if !objects.contains_key(&id) || call.hides(&format!("{kind}/{id}")) {
        return Err(Refusal::absent(name));
    }
    Ok(id)
}

/// The service principal in the path.
pub(super) fn service_principal(call: &Call) -> Result<String, Refusal> {
    locate(
        call,
        "servicePrincipals",
        &call.tenant().service_principals,
        call.arg(0),
    )
}

/// The application in the path.
pub(super) fn application(call: &Call) -> Result<String, Refusal> {
    locate(
        call,
        "applications",
        &call.tenant().applications,
        call.arg(0),
    )
}

/// Returns 403 if the caller may change only its own applications and does not own this one.
pub(super) fn check_owner(call: &Call, object: &Value) -> Result<(), Refusal> {
    let owned = object["_owners"]
        .as_array()
        .is_some_and(|owners| owners.iter().any(|owner| owner == &call.app));
    if call.only_owned && !owned {
        Err(Refusal::forbidden())
    } else {
        Ok(())
    }
}

pub(crate) fn list(call: &mut Call) -> Answer {
    let visible = call
        .tenant()
        .applications
        .iter()
        .filter(|(id, _)| !call.hides(&format!("applications/{id}")));
    odata::list(
        call,
        visible.map(|(_, object)| object),
        &APPLICATION,
        "applications",
    )
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let id = application(call)?;
    odata::single(
        call,
        &call.tenant().applications[&id],
        &APPLICATION,
        "applications",
    )
}

/// While the application has not replicated, its service principal cannot be changed or used: a temporary 403.
pub(super) fn check_backing(call: &Call, principal: &str) -> Result<(), Refusal> {
    let app_id = &call.tenant().service_principals[principal]["appId"];
    let applications = call.tenant().applications.values();
    let mut backing = applications.filter(|application| application["appId"] == *app_id);
    if backing.any(|application| call.hides(&format!("applications/{}", text(application, "id")))) {
        return Err(Refusal::new(
            403,
            "Authorization_RequestDenied",
            "When using this permission, the backing application of the service principal being modified must be in the local tenant.",
        ));
    }
    Ok(())
}

/// A change to an application that has not replicated is refused with 404 or 400, at random.
fn changeable(call: &mut Call) -> Result<String, Refusal> {
    match application(call) {
        Err(refusal) if call.replica.is_some() && refusal.status == 404 => {
            let id = call.arg(0).to_lowercase();
            let fresh = call.is_unknown(&format!("applications/{id}"));
            Err(if fresh && call.world.replicas.pick() == 0 {
                Refusal::bad(format!(
                    "The appId of '{id}' does not reference a valid application object."
                ))
            } else {
                refusal
            })
        }
        found => found,
    }
}

pub(crate) fn update(call: &mut Call) -> Answer {
    let id = changeable(call)?;
    check_owner(call, &call.tenant().applications[&id])?;
    let body = call.body(APPLICATION_CHANGE, false)?;
    refuse_empty_name(&body)?;
    let tenant = call.tenant_mut();
    let app_id = tenant.applications[&id]["appId"].clone();
    // A new name also changes the service principal in the home tenant (propagation UNVERIFIED).
    if let Some(name) = body.get("displayName") {
        for principal in tenant
            .service_principals
            .values_mut()
            .filter(|principal| principal["appId"] == app_id)
        {
            principal["displayName"] = name.clone();
            principal["appDisplayName"] = name.clone();
        }
    }
    if let Some(application) = tenant.applications[&id].as_object_mut() {
        application.extend(body);
    }
    audit(call, "Update application", "Update", "Application", &id);
    Ok(Reply::no_content())
}

/// The value of a text property, or the empty text.
pub(super) fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}

fn refuse_empty_name(body: &Map<String, Value>) -> Result<(), Refusal> {
    match body.get("displayName") {
        Some(name) if name.as_str().is_none_or(|name| name.trim().is_empty()) => Err(Refusal::bad(
            "Invalid value specified for property 'displayName' of resource.",
        )),
        _ => Ok(()),
    }
}

fn audit(call: &mut Call, activity: &str, operation: &str, kind: &str, id: &str) {
    call.audit(
        "ApplicationManagement",
        activity,
        operation,
        &audit_target(kind, id, &Value::Null),
    );
}

/// Soft-deletes the application and its service principal in the home tenant.
pub(crate) fn delete(call: &mut Call) -> Answer {
    let id = application(call)?;
    check_owner(call, &call.tenant().applications[&id])?;
    let now = call.now();
    let tenant = call.tenant_mut();
    let app_id = tenant.applications[&id]["appId"].clone();
    let principal = tenant
        .service_principals
        .values()
        .find(|principal| principal["appId"] == app_id);
    let principal = principal.map(|principal| text(principal, "id"));
    for id in std::iter::once(id.clone()).chain(principal) {
        super::soft_deletion::soft_delete(tenant, &id, &now);
    }
    audit(call, "Delete application", "Delete", "Application", &id);
    Ok(Reply::no_content())
}

pub(crate) fn list_principals(call: &mut Call) -> Answer {
    let visible = call
        .tenant()
        .service_principals
        .iter()
        .filter(|(id, _)| !call.hides(&format!("servicePrincipals/{id}")));
    odata::list(
        call,
        visible.map(|(_, object)| object),
        &SERVICE_PRINCIPAL,
        "servicePrincipals",
    )
}

pub(crate) fn get_principal(call: &mut Call) -> Answer {
    let id = service_principal(call)?;
    odata::single(
        call,
        &call.tenant().service_principals[&id],
        &SERVICE_PRINCIPAL,
        "servicePrincipals",
    )
}

pub(crate) fn update_principal(call: &mut Call) -> Answer {
    let id = service_principal(call)?;
    check_backing(call, &id)?;
    check_owner(call, &call.tenant().service_principals[&id])?;
    let body = call.body(SERVICE_PRINCIPAL_CHANGE, false)?;
    refuse_empty_name(&body)?;
    if let Some(principal) = call.tenant_mut().service_principals[&id].as_object_mut() {
        principal.extend(body);
    }
    audit(
        call,
        "Update service principal",
        "Update",
        "ServicePrincipal",
        &id,
    );
    Ok(Reply::no_content())
}

pub(crate) fn delete_principal(call: &mut Call) -> Answer {
    let id = service_principal(call)?;
    check_owner(call, &call.tenant().service_principals[&id])?;
    let now = call.now();
    super::soft_deletion::soft_delete(call.tenant_mut(), &id, &now);
    audit(
        call,
        "Remove service principal",
        "Delete",
        "ServicePrincipal",
        &id,
    );
    Ok(Reply::no_content())
}
