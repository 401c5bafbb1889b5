//! `/users`: read, update and soft-delete. The seed and synchronization create users.

use serde_json::{Map, Value, json};

use crate::call::{Call, audit_target};
use crate::odata::{self, Entity};
use crate::permissions;
use crate::properties::{Access, Field, Kind, field, ruled};
use crate::reply::{Answer, Refusal, Reply};

/// Properties of users for query options.
pub(crate) const ENTITY: Entity = Entity {
    name: "user",
    properties: &[
        "id",
        "deletedDateTime",
        "aboutMe",
        "accountEnabled",
        "ageGroup",
        "assignedLicenses",
        "assignedPlans",
        "authorizationInfo",
        "birthday",
        "businessPhones",
        "city",
        "companyName",
        "consentProvidedForMinor",
        "country",
        "createdDateTime",
        "creationType",
        "customSecurityAttributes",
        "department",
        "displayName",
        "employeeHireDate",
        "employeeId",
        "employeeLeaveDateTime",
        "employeeOrgData",
        "employeeType",
        "externalUserState",
        "externalUserStateChangeDateTime",
        "faxNumber",
        "givenName",
        "hireDate",
        "identities",
        "imAddresses",
        "isResourceAccount",
        "jobTitle",
        "lastPasswordChangeDateTime",
        "legalAgeGroupClassification",
        "licenseAssignmentStates",
        "mail",
        "mailNickname",
        "mobilePhone",
        "officeLocation",
        "onPremisesDistinguishedName",
        "onPremisesDomainName",
        "onPremisesExtensionAttributes",
        "onPremisesImmutableId",
        "onPremisesLastSyncDateTime",
        "onPremisesProvisioningErrors",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "onPremisesUserPrincipalName",
        "otherMails",
        "passwordPolicies",
        "passwordProfile",
        "postalCode",
        "preferredDataLocation",
        "preferredLanguage",
        "provisionedPlans",
        "proxyAddresses",
        "securityIdentifier",
        "serviceProvisioningErrors",
        "showInAddressList",
        "signInActivity",
        "signInSessionsValidFromDateTime",
        "state",
        "streetAddress",
        "surname",
        "usageLocation",
        "userPrincipalName",
        "userType",
        "manager",
    ],
    usual: &[
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ],
    directory: true,
};

const USER: &[Field] = &[
    ruled("id", Kind::Guid, Access::ReadOnly),
    ruled("createdDateTime", Kind::Time, Access::ReadOnly),
    ruled("creationType", Kind::Text, Access::ReadOnly),
    ruled("deletedDateTime", Kind::Time, Access::ReadOnly),
    ruled("externalUserState", Kind::Text, Access::ReadOnly),
    ruled(
        "externalUserStateChangeDateTime",
        Kind::Time,
        Access::ReadOnly,
    ),
    field("accountEnabled", Kind::Bool),
    field("businessPhones", Kind::List(&Kind::Text)),
    field("city", Kind::Text),
    field("companyName", Kind::Text),
    field("country", Kind::Text),
    field("department", Kind::Text),
    field("displayName", Kind::Text),
    field("employeeId", Kind::Text),
    field("employeeType", Kind::Text),
    field("givenName", Kind::Text),
    field("jobTitle", Kind::Text),
    field("mail", Kind::Text),
    field("mailNickname", Kind::Text),
    field("mobilePhone", Kind::Text),
    field("officeLocation", Kind::Text),
    field("otherMails", Kind::List(&Kind::Text)),
    field("postalCode", Kind::Text),
    field("preferredLanguage", Kind::Text),
    field("showInAddressList", Kind::Bool),
    field("state", Kind::Text),
    field("streetAddress", Kind::Text),
    field("surname", Kind::Text),
    field("usageLocation", Kind::Text),
    field("userPrincipalName", Kind::Text),
    field("userType", Kind::OneOf(&["Member", "Guest"])),
    field("onPremisesExtensionAttributes", Kind::Any),
];

/// The ID of the user in the path, who is addressed by ID or user principal name, if visible.
pub(super) fn existing(call: &Call) -> Result<String, Refusal> {
    let name = call.arg(0);
    let found = call
        .tenant()
        .user(name)
        .and_then(|user| user["id"].as_str());
    let id = found.ok_or_else(|| Refusal::absent(name))?;
    call.seen(&format!("users/{id}"))?;
    Ok(id.to_owned())
}

pub(crate) fn list(call: &mut Call) -> Answer {
    if let Some(expand) = call
        .query
        .get("$expand")
        .filter(|expand| *expand != "manager")
    {
        return Err(Refusal::gateway(format!(
            "Parsing OData Select and Expand failed: '{expand}' can't be expanded."
        )));
    }
    sign_ins_allowed(call)?;
    odata::list(call, call.tenant().users.values(), &ENTITY, "users")
}

/// Sign-in activity belongs to the logs: it requires their permission and a license.
fn sign_ins_allowed(call: &Call) -> Result<(), Refusal> {
    let selected = call.query.get("$select").unwrap_or_default();
    if !selected
        .split(',')
        .any(|name| name.trim() == "signInActivity")
    {
        return Ok(());
    }
    let tenant = call.tenant();
    let app = tenant.apps.iter().find(|app| app.client_id == call.app);
    if app.is_none_or(|app| permissions::check(app, "AuditLog.Read.All").is_err()) {
        return Err(Refusal::new(
            403,
            "Authentication_MSGraphPermissionMissing",
            "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
        ));
    }
    if tenant.unlicensed {
        return Err(Refusal::new(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        ));
    }
    Ok(())
}

/// The accounts in a user's profile. Whether Microsoft sets the origin of synchronized users is UNVERIFIED, so it is present only if a seed
/// contains it.
pub(crate) fn accounts(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let user = &call.tenant().users[&id];
    let account = json!({
        "id": id, "allowedAudiences": "organization", "countryCode": null, "preferredLanguageTag": null,
        "userPrincipalName": user["userPrincipalName"], "originTenantInfo": user["_originTenantInfo"],
    });
    Ok(Reply::ok(json!({ "value": [account] })))
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let id = existing(call)?;
    sign_ins_allowed(call)?;
    odata::single(call, &call.tenant().users[&id], &ENTITY, "users")
}

/// The manager of a user; 404 if there is none.
pub(crate) fn manager(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let users = &call.tenant().users;
    let manager = users[&id]["_manager"].as_str().and_then(|id| users.get(id));
    let mut manager = manager.ok_or_else(|| Refusal::absent("manager"))?.clone();
    manager["@odata.type"] = json!("#microsoft.graph.user");
    odata::single(call, &manager, &ENTITY, "directoryObjects")
}

pub(crate) fn update(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let body = call.body(USER, false)?;
    if let Some(user) = call.tenant_mut().users[&id].as_object_mut() {
        user.extend(body);
    }
    audit(call, "Update user", "Update", &id);
    Ok(Reply::no_content())
}

fn audit(call: &mut Call, activity: &str, operation: &str, id: &str) {
    let name = call
        .tenant()
        .users
        .get(id)
        .map_or(Value::Null, |user| user["displayName"].clone());
    call.audit(
        "UserManagement",
        activity,
        operation,
        &audit_target("User", id, &name),
    );
}

pub(crate) fn delete(call: &mut Call) -> Answer {
    let id = existing(call)?;
    audit(call, "Delete user", "Delete", &id);
    let now = call.now();
    let tenant = call.tenant_mut();
    super::soft_deletion::soft_delete(tenant, &id, &now);
    Ok(Reply::no_content())
}

/// The complete user object that Graph would return for these properties.
pub(crate) fn complete(properties: Map<String, Value>) -> Value {
    let mut user = Map::new();
    for name in ENTITY.properties {
        if !matches!(
            *name,
            "manager" | "birthday" | "hireDate" | "signInActivity" | "customSecurityAttributes"
        ) {
            user.insert((*name).to_owned(), Value::Null);
        }
    }
    for name in [
        "businessPhones",
        "imAddresses",
        "otherMails",
        "proxyAddresses",
        "assignedLicenses",
        "assignedPlans",
        "provisionedPlans",
        "licenseAssignmentStates",
        "onPremisesProvisioningErrors",
        "serviceProvisioningErrors",
        "identities",
    ] {
        user.insert(name.to_owned(), json!([]));
    }
    user.insert("userType".to_owned(), json!("Member"));
    user.insert("accountEnabled".to_owned(), json!(true));
    user.extend(properties);
    Value::Object(user)
}
