//! The gallery template, and the application and service principal that it creates.

use serde_json::{Value, json};
use uuid::Uuid;

use super::applications::text;
use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::properties::{Access, Field, Kind, field, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::store::Tenant;
use crate::sync::template::TEMPLATE_APPLICATION;

const INSTANTIATE: &[Field] = &[
    ruled("displayName", Kind::Text, Access::Required),
    field("serviceManagementReference", Kind::Text),
];

const TEMPLATE: Entity = Entity {
    name: "applicationTemplate",
    properties: &[
        "id",
        "categories",
        "description",
        "displayName",
        "homePageUrl",
        "logoUrl",
        "publisher",
        "supportedProvisioningTypes",
        "supportedSingleSignOnModes",
    ],
    usual: &[],
    directory: false,
};

fn gallery() -> Value {
    json!({
        "id": TEMPLATE_APPLICATION,
        "displayName": "Microsoft Entra Cross-Tenant Synchronization",
        "homePageUrl": "https://entra.microsoft.com/",
        "supportedSingleSignOnModes": [],
        "supportedProvisioningTypes": ["sync"],
        "logoUrl": null,
        "categories": ["collaboration"],
        "publisher": "Microsoft Corporation",
        "description": null,
    })
}

pub(crate) fn list_templates(call: &mut Call) -> Answer {
    odata::list(
        call,
        std::iter::once(&gallery()),
        &TEMPLATE,
        "applicationTemplates",
    )
}

pub(crate) fn get_template(call: &mut Call) -> Answer {
    if call.arg(0) != TEMPLATE_APPLICATION {
        return Err(Refusal::absent(call.arg(0)));
    }
    odata::single(call, &gallery(), &TEMPLATE, "applicationTemplates")
}

/// Not idempotent: every call creates another pair, even with the same name.
pub(crate) fn instantiate(call: &mut Call) -> Answer {
    let body = call.body(INSTANTIATE, true)?;
    if call.arg(0) != TEMPLATE_APPLICATION {
        return Err(Refusal::absent(call.arg(0)));
    }
    let name = body["displayName"]
        .as_str()
        .unwrap_or_default()
        .trim()
        .to_owned();
    if name.is_empty() {
        return Err(Refusal::bad(
            "Invalid value specified for property 'displayName' of resource 'Application'.",
        ));
    }
    let (application, principal) = pair(call, &name, body.get("serviceManagementReference"));
    let (id, principal_id) = (text(&application, "id"), text(&principal, "id"));
    let tenant = call.tenant_mut();
    tenant.applications.insert(id.clone(), application.clone());
    tenant
        .service_principals
        .insert(principal_id.clone(), principal.clone());
    call.created(&format!("applications/{id}"));
    call.created(&format!("servicePrincipals/{principal_id}"));
    call.audit(
        "ApplicationManagement",
        "Add application",
        "Add",
        &audit_target("Application", &id, &json!(name)),
    );
    call.audit(
        "ApplicationManagement",
        "Add service principal",
        "Add",
        &audit_target("ServicePrincipal", &principal_id, &json!(name)),
    );
    let body =
        json!({ "application": public(&application), "servicePrincipal": public(&principal) });
    Ok(Reply::created(odata::with_context(
        call,
        body,
        "microsoft.graph.applicationServicePrincipal",
    )))
}

fn public(object: &Value) -> Value {
    let members = object
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !name.starts_with('_'));
    Value::Object(
        members
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// The roles that every instance of this gallery application declares.
fn roles() -> Value {
    // The public sample shows one role, displayed as msiam_access, with a null value. The app also has the built-in "User" role of other
    // gallery applications (UNVERIFIED for this one).
    json!([
        {
            "allowedMemberTypes": ["User"], "description": "User", "displayName": "User",
            "id": "18d14569-c3bd-439b-9a66-3a2aee01d14f", "isEnabled": true, "origin": "Application", "value": null,
        },
        {
            "allowedMemberTypes": ["User"], "description": "msiam_access", "displayName": "msiam_access",
            "id": "b9632174-c057-4f7e-951b-be3adc52bfe6", "isEnabled": true, "origin": "Application", "value": null,
        },
    ])
}

fn pair(call: &Call, name: &str, reference: Option<&Value>) -> (Value, Value) {
    let tenant = call.tenant();
    let (mut application, mut principal) =
        made(tenant, name, &call.now(), || Uuid::new_v4().to_string());
    application["serviceManagementReference"] = reference.cloned().unwrap_or_default();
    application["_owners"] = json!([call.app]);
    principal["_owners"] = json!([call.app]);
    (application, principal)
}

/// The application and service principal that the template creates; every call of `id` returns a new ID.
pub(crate) fn made(
    tenant: &Tenant,
    name: &str,
    now: &str,
    mut id: impl FnMut() -> String,
) -> (Value, Value) {
    let app_id = id();
    let homepage = "https://account.activedirectory.windowsazure.com:444/applications/default.aspx?metadata=aad2aadsync|ISV9.1|primary|z";
    let mut application = blank_application(&app_id, name, tenant.default_domain(), now);
    application["id"] = json!(id());
    application["applicationTemplateId"] = json!(TEMPLATE_APPLICATION);
    application["appRoles"] = roles();
    application["web"]["homePageUrl"] = json!(homepage);
    let mut principal = blank_service_principal(&app_id, name, &tenant.tenant_id, now);
    principal["id"] = json!(id());
    principal["applicationTemplateId"] = json!(TEMPLATE_APPLICATION);
    principal["appRoleAssignmentRequired"] = json!(true);
    principal["appRoles"] = roles();
    principal["homepage"] = json!(homepage);
    principal["tags"] = json!(["WindowsAzureActiveDirectoryIntegratedApp"]);
    (application, principal)
}

/// An application with every property that Graph returns, but no ID yet.
pub(crate) fn blank_application(app_id: &str, name: &str, domain: &str, now: &str) -> Value {
    json!({
        "id": null, "deletedDateTime": null, "appId": app_id, "applicationTemplateId": null,
        "createdDateTime": now, "displayName": name, "description": null, "disabledByMicrosoftStatus": null,
        "groupMembershipClaims": null, "identifierUris": [], "isDeviceOnlyAuthSupported": null,
        "isFallbackPublicClient": false, "notes": null, "publisherDomain": domain, "samlMetadataUrl": null,
        "serviceManagementReference": null, "signInAudience": "AzureADMyOrg", "tags": [], "tokenEncryptionKeyId": null,
        "uniqueName": null, "defaultRedirectUri": null, "certification": null, "optionalClaims": null, "addIns": [],
        "api": {
            "acceptMappedClaims": null, "knownClientApplications": [], "requestedAccessTokenVersion": null,
            "oauth2PermissionScopes": [], "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "info": { "logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null, "termsOfServiceUrl": null },
        "keyCredentials": [], "passwordCredentials": [], "requiredResourceAccess": [],
        "parentalControlSettings": { "countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow" },
        "publicClient": { "redirectUris": [] }, "spa": { "redirectUris": [] },
        "verifiedPublisher": { "displayName": null, "verifiedPublisherId": null, "addedDateTime": null },
        "web": {
            "homePageUrl": null, "logoutUrl": null, "redirectUris": [],
            "implicitGrantSettings": { "enableAccessTokenIssuance": false, "enableIdTokenIssuance": true },
        },
    })
}

/// A service principal with every property that Graph returns, but no ID yet.
pub(crate) fn blank_service_principal(
    app_id: &str,
    name: &str,
    tenant_id: &str,
    now: &str,
) -> Value {
    json!({
        "id": null, "deletedDateTime": null, "accountEnabled": true, "alternativeNames": [], "appDisplayName": name,
        "appDescription": null, "appId": app_id, "applicationTemplateId": null, "appOwnerOrganizationId": tenant_id,
        "appRoleAssignmentRequired": false, "createdDateTime": now, "description": null,
        "disabledByMicrosoftStatus": null, "displayName": name, "homepage": null, "loginUrl": null, "logoutUrl": null,
        "notes": null, "notificationEmailAddresses": [], "preferredSingleSignOnMode": null,
        "preferredTokenSigningKeyThumbprint": null, "replyUrls": [], "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application", "signInAudience": "AzureADMyOrg", "tags": [],
        "tokenEncryptionKeyId": null, "samlSingleSignOnSettings": null, "addIns": [], "appRoles": [],
        "info": { "logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null, "termsOfServiceUrl": null },
        "keyCredentials": [], "oauth2PermissionScopes": [], "passwordCredentials": [],
        "resourceSpecificApplicationPermissions": [],
        "verifiedPublisher": { "displayName": null, "verifiedPublisherId": null, "addedDateTime": null },
    })
}
