//! Every path of the emulator, with its application permissions and its handler.
//!
//! The permissions are Microsoft's published data: spaces separate alternatives, `+` joins groups that are all required. A path without
//! published data has the permissions of its neighbors.

use super::call::Call;
use super::reply::Answer;
use super::rules::synchronization as sync;
use super::rules::{
    applications, assignments, authorization, capabilities, contacts, default_policy,
    deleted_items, gallery, groups, multi_tenant, partners, phone_methods, reports, sync_policies,
    templates, tenant, users,
};

/// The versions of Graph in which a path exists.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Version {
    Both,
    V1,
    Beta,
}

/// One route.
pub(super) struct Route {
    pub(super) verb: &'static str,
    pub(super) path: &'static str,
    pub(super) version: Version,
    pub(super) permissions: &'static str,
    pub(super) answer: fn(&mut Call) -> Answer,
}

/// Last segments of paths that return a list of objects. Secrets are one document.
const LISTINGS: [&str; 19] = [
    "partners",
    "m365Capabilities",
    "crossTenantPartners",
    "crossTenantSyncPolicyPartners",
    "tenants",
    "applications",
    "servicePrincipals",
    "appRoleAssignedTo",
    "appRoleAssignments",
    "jobs",
    "users",
    "groups",
    "members",
    "phoneMethods",
    "organization",
    "microsoft.graph.user",
    "microsoft.graph.group",
    "microsoft.graph.application",
    "microsoft.graph.servicePrincipal",
];

impl Route {
    /// Whether the path returns a list of objects, which lags more than a single object.
    pub(super) fn is_listing(&self) -> bool {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        self.verb == "GET" && LISTINGS.contains(&last)
    }
}

const fn on(
    verb: &'static str,
    path: &'static str,
    permissions: &'static str,
    answer: fn(&mut Call) -> Answer,
) -> Route {
    Route {
        verb,
        path,
        version: Version::Both,
        permissions,
        answer,
    }
}

const fn beta(
    verb: &'static str,
    path: &'static str,
    permissions: &'static str,
    answer: fn(&mut Call) -> Answer,
) -> Route {
    Route {
        verb,
        path,
        version: Version::Beta,
        permissions,
        answer,
    }
}

const fn v1(
    verb: &'static str,
    path: &'static str,
    permissions: &'static str,
    answer: fn(&mut Call) -> Answer,
) -> Route {
    Route {
        verb,
        path,
        version: Version::V1,
        permissions,
        answer,
    }
}

const ANYONE: &str = "";
const READ_POLICY: &str = "Policy.Read.All Policy.ReadWrite.CrossTenantAccess";
const WRITE_POLICY: &str = "Policy.ReadWrite.CrossTenantAccess";
const WRITE_CAPABILITY: &str = "Policy.ReadWrite.CrossTenantCapability";
const READ_MTO: &str = "MultiTenantOrganization.Read.All MultiTenantOrganization.ReadWrite.All";
const WRITE_MTO: &str = "MultiTenantOrganization.ReadWrite.All";
const READ_AUTHORIZATION: &str = "Policy.Read.All Policy.ReadWrite.Authorization";
const WRITE_AUTHORIZATION: &str = "Policy.ReadWrite.Authorization";
const READ_EXTERNAL: &str = "Policy.Read.All Policy.ReadWrite.ExternalIdentities";
const WRITE_EXTERNAL: &str = "Policy.ReadWrite.ExternalIdentities";
const FIND_TENANT: &str = "CrossTenantInformation.ReadBasic.All";
const LIST_APPS: &str = "Application.Read.All Application.ReadWrite.OwnedBy Application.ReadWrite.All Directory.Read.All";
const READ_APPS: &str = "Application.Read.All Application.ReadWrite.OwnedBy Application.ReadWrite.All Directory.Read.All Directory.ReadWrite.All";
const WRITE_APPS: &str = "Application.ReadWrite.OwnedBy Application.ReadWrite.All";
const WRITE_PRINCIPALS: &str =
    "Application.ReadWrite.OwnedBy Application.ReadWrite.All Directory.ReadWrite.All";
const ASSIGN: &str = "AppRoleAssignment.ReadWrite.All";
const ASSIGN_TO: &str = "AppRoleAssignment.ReadWrite.All + Application.Read.All Application.ReadWrite.All Application.ReadWrite.OwnedBy Directory.Read.All";
const UNASSIGN: &str = "AppRoleAssignment.ReadWrite.All Application.ReadWrite.All";
const READ_USER_ASSIGNMENTS: &str = "AppRoleAssignment.ReadWrite.All Directory.Read.All";
const READ_GROUP_ASSIGNMENTS: &str =
    "AppRoleAssignment.ReadWrite.All Directory.Read.All Directory.ReadWrite.All";
const READ_SYNC: &str =
    "Application.ReadWrite.OwnedBy Synchronization.Read.All Synchronization.ReadWrite.All";
const WRITE_SYNC: &str = "Application.ReadWrite.OwnedBy Synchronization.ReadWrite.All";
const PATCH_JOB: &str = "Synchronization.ReadWrite.All";
const DISCOVER: &str = "Application.ReadWrite.OwnedBy Directory.ReadWrite.All";
const READ_PROFILE: &str = "User.Read.All User.ReadWrite.All";
const READ_CONTACTS: &str = "OrgContact.Read.All Directory.Read.All Directory.ReadWrite.All";
const READ_USERS: &str = "User.ReadBasic.All User.Read.All User.ReadWrite.All User.ReadWrite.CrossCloud Directory.Read.All Directory.ReadWrite.All";
const WRITE_USERS: &str = "User.ReadWrite.All User.ReadWrite.CrossCloud User.EnableDisableAccount.All User.ManageIdentities.All User-Mail.ReadWrite.All User-PasswordProfile.ReadWrite.All User-Phone.ReadWrite.All Directory.ReadWrite.All";
const DELETE_USERS: &str = "User.DeleteRestore.All User.ReadWrite.All User.ReadWrite.CrossCloud";
const RESTORE: &str = "User.DeleteRestore.All User.ReadWrite.All User.ReadWrite.CrossCloud Group.ReadWrite.All Application.ReadWrite.All Application.ReadWrite.OwnedBy";
const READ_DELETED: &str = "User.Read.All User.ReadWrite.All User.DeleteRestore.All Group.Read.All Group.ReadWrite.All Application.Read.All Application.ReadWrite.All Application.ReadWrite.OwnedBy Directory.Read.All Directory.ReadWrite.All";
const READ_DELETED_USERS: &str = "User.Read.All User.ReadWrite.All User.DeleteRestore.All Directory.Read.All Directory.ReadWrite.All";
const READ_GROUPS: &str = "Group.ReadBasic.All Group.Read.All Group.ReadWrite.All GroupMember.Read.All Group-NestingSupport.ReadWrite.All Group-PreferredDataLocation.ReadWrite.All Group.ManageProtection.All Directory.Read.All Directory.ReadWrite.All";
const READ_GROUP: &str = "Group.ReadBasic.All Group.Read.All Group.ReadWrite.All GroupMember.Read.All Group-NestingSupport.ReadWrite.All Group-PreferredDataLocation.ReadWrite.All Group-XTenantIdentitySync.Read.All Group.ManageProtection.All Directory.Read.All Directory.ReadWrite.All";
const READ_MEMBERS: &str = "GroupMember.ReadBasic.All GroupMember.Read.All GroupMember.ReadWrite.All Group.ReadBasic.All Group.Read.All Group.ReadWrite.All Directory.Read.All";
const READ_PHONES: &str = "UserAuthMethod-Phone.Read.All UserAuthMethod-Phone.ReadWrite.All UserAuthenticationMethod.Read.All UserAuthenticationMethod.ReadWrite.All";
const WRITE_PHONES: &str =
    "UserAuthMethod-Phone.ReadWrite.All UserAuthenticationMethod.ReadWrite.All";
const READ_ORGANIZATION: &str = "Organization.Read.All Organization.ReadWrite.All User.Read.All Directory.Read.All Directory.ReadWrite.All DeviceManagementServiceConfig.Read.All";
const WRITE_ORGANIZATION: &str = "Organization.ReadWrite.All";
const READ_ONE_ORGANIZATION: &str = "Organization.Read.All Organization.ReadWrite.All User.Read.All Directory.Read.All Directory.ReadWrite.All DeviceManagementServiceConfig.Read.All DeviceManagementServiceConfig.ReadWrite.All";
const READ_AUDITS: &str = "AuditLog.Read.All Directory.Read.All";
const READ_PROVISIONING: &str = "ProvisioningLog.Read.All AuditLog.Read.All Directory.Read.All";

/// Every path, with `{}` for its placeholders.
#[rustfmt::skip]
pub(super) const ROUTES: &[Route] = &[
    on("GET", "/policies/crossTenantAccessPolicy", READ_POLICY, default_policy::get_root),
    on("PATCH", "/policies/crossTenantAccessPolicy", WRITE_POLICY, default_policy::update_root),
    on("GET", "/policies/crossTenantAccessPolicy/default", READ_POLICY, default_policy::get),
    on("PATCH", "/policies/crossTenantAccessPolicy/default", WRITE_POLICY, default_policy::update),
    on("POST", "/policies/crossTenantAccessPolicy/default/resetToSystemDefault", WRITE_POLICY, default_policy::reset),
    on("GET", "/policies/crossTenantAccessPolicy/partners", READ_POLICY, partners::list),
    on("POST", "/policies/crossTenantAccessPolicy/partners", WRITE_POLICY, partners::create),
    on("GET", "/policies/crossTenantAccessPolicy/partners/{}", READ_POLICY, partners::get),
    on("PATCH", "/policies/crossTenantAccessPolicy/partners/{}", WRITE_POLICY, partners::update),
    on("DELETE", "/policies/crossTenantAccessPolicy/partners/{}", WRITE_POLICY, partners::delete),
    on("GET", "/policies/crossTenantAccessPolicy/partners/{}/identitySynchronization", READ_POLICY, sync_policies::get),
    on("PUT", "/policies/crossTenantAccessPolicy/partners/{}/identitySynchronization", WRITE_POLICY, sync_policies::put),
    on("PATCH", "/policies/crossTenantAccessPolicy/partners/{}/identitySynchronization", WRITE_POLICY, sync_policies::update),
    on("DELETE", "/policies/crossTenantAccessPolicy/partners/{}/identitySynchronization", WRITE_POLICY, sync_policies::delete),
    beta("GET", "/policies/crossTenantAccessPolicy/default/m365Capabilities", READ_POLICY, capabilities::list),
    beta("POST", "/policies/crossTenantAccessPolicy/default/m365Capabilities", WRITE_CAPABILITY, capabilities::create),
    beta("PATCH", "/policies/crossTenantAccessPolicy/default/m365Capabilities/{}", WRITE_CAPABILITY, capabilities::update),
    beta("DELETE", "/policies/crossTenantAccessPolicy/default/m365Capabilities/{}", WRITE_CAPABILITY, capabilities::delete),
    beta("GET", "/policies/crossTenantAccessPolicy/partners/{}/m365Capabilities", READ_POLICY, capabilities::list),
    beta("POST", "/policies/crossTenantAccessPolicy/partners/{}/m365Capabilities", WRITE_CAPABILITY, capabilities::create),
    beta("PATCH", "/policies/crossTenantAccessPolicy/partners/{}/m365Capabilities/{}", WRITE_CAPABILITY, capabilities::update),
    beta("DELETE", "/policies/crossTenantAccessPolicy/partners/{}/m365Capabilities/{}", WRITE_CAPABILITY, capabilities::delete),
    beta("POST", "/policies/crossTenantAccessPolicy/partners/{}/restore", WRITE_POLICY, partners::restore),
    beta("POST", "/policies/crossTenantAccessPolicy/partners/{}/identitySynchronization/restore", WRITE_POLICY, sync_policies::restore),
    beta("GET", "/policies/deletedItems/crossTenantPartners", READ_POLICY, partners::list_deleted),
    beta("GET", "/policies/deletedItems/crossTenantPartners/{}", READ_POLICY, partners::get_deleted),
    beta("DELETE", "/policies/deletedItems/crossTenantPartners/{}", WRITE_POLICY, partners::purge),
    beta("POST", "/policies/deletedItems/crossTenantPartners/{}/restore", WRITE_POLICY, partners::restore),
    beta("GET", "/policies/deletedItems/crossTenantSyncPolicyPartners", READ_POLICY, sync_policies::list_deleted),
    beta("GET", "/policies/deletedItems/crossTenantSyncPolicyPartners/{}", READ_POLICY, sync_policies::get_deleted),
    beta("DELETE", "/policies/deletedItems/crossTenantSyncPolicyPartners/{}", WRITE_POLICY, sync_policies::purge),
    beta("POST", "/policies/deletedItems/crossTenantSyncPolicyPartners/{}/restore", WRITE_POLICY, sync_policies::restore),
    on("GET", "/policies/crossTenantAccessPolicy/templates", READ_MTO, templates::get),
    on("GET", "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization", READ_MTO, templates::get_sync),
    on("PATCH", "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization", WRITE_MTO, templates::update_sync),
    on("POST", "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization/resetToDefaultSettings", WRITE_MTO, templates::reset_sync),
    on("GET", "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration", READ_MTO, templates::get_partner),
    on("PATCH", "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration", WRITE_MTO, templates::update_partner),
    on("POST", "/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration/resetToDefaultSettings", WRITE_MTO, templates::reset_partner),
    on("GET", "/policies/authorizationPolicy", READ_AUTHORIZATION, authorization::get),
    v1("PATCH", "/policies/authorizationPolicy", WRITE_AUTHORIZATION, authorization::update),
    beta("GET", "/policies/authorizationPolicy/{}", READ_AUTHORIZATION, authorization::get_in_beta),
    beta("PATCH", "/policies/authorizationPolicy/{}", WRITE_AUTHORIZATION, authorization::update_in_beta),
    beta("GET", "/policies/externalIdentitiesPolicy", READ_EXTERNAL, authorization::get_external),
    beta("PATCH", "/policies/externalIdentitiesPolicy", WRITE_EXTERNAL, authorization::update_external),

    on("GET", "/tenantRelationships/findTenantInformationByDomainName(domainName='{}')", FIND_TENANT, tenant::by_domain),
    on("GET", "/tenantRelationships/findTenantInformationByTenantId(tenantId='{}')", FIND_TENANT, tenant::by_id),
    on("GET", "/tenantRelationships/multiTenantOrganization", READ_MTO, multi_tenant::get),
    on("PUT", "/tenantRelationships/multiTenantOrganization", WRITE_MTO, multi_tenant::put),
    on("PATCH", "/tenantRelationships/multiTenantOrganization", WRITE_MTO, multi_tenant::update),
    on("GET", "/tenantRelationships/multiTenantOrganization/joinRequest", READ_MTO, multi_tenant::get_join_request),
    on("PATCH", "/tenantRelationships/multiTenantOrganization/joinRequest", WRITE_MTO, multi_tenant::join),
    on("GET", "/tenantRelationships/multiTenantOrganization/tenants", READ_MTO, multi_tenant::list_members),
    on("POST", "/tenantRelationships/multiTenantOrganization/tenants", WRITE_MTO, multi_tenant::add_member),
    on("GET", "/tenantRelationships/multiTenantOrganization/tenants/{}", WRITE_MTO, multi_tenant::get_member),
    on("PATCH", "/tenantRelationships/multiTenantOrganization/tenants/{}", WRITE_MTO, multi_tenant::update_member),
    on("DELETE", "/tenantRelationships/multiTenantOrganization/tenants/{}", WRITE_MTO, multi_tenant::remove_member),
    on("GET", "/organization", READ_ORGANIZATION, tenant::list),
    on("GET", "/organization/{}", READ_ONE_ORGANIZATION, tenant::get),
    on("PATCH", "/organization/{}", WRITE_ORGANIZATION, tenant::update),

    on("GET", "/applicationTemplates", ANYONE, gallery::list_templates),
    on("GET", "/applicationTemplates/{}", ANYONE, gallery::get_template),
    on("POST", "/applicationTemplates/{}/instantiate", WRITE_PRINCIPALS, gallery::instantiate),
    on("GET", "/applications", LIST_APPS, applications::list),
    on("GET", "/applications/{}", READ_APPS, applications::get),
    on("PATCH", "/applications/{}", WRITE_APPS, applications::update),
    on("DELETE", "/applications/{}", WRITE_APPS, applications::delete),
    on("GET", "/applications/{}/synchronization/templates", READ_SYNC, sync::application_templates),
    on("GET", "/applications/{}/synchronization/templates/{}", READ_SYNC, sync::application_template),
    on("GET", "/applications/{}/synchronization/templates/{}/schema", READ_SYNC, sync::application_template_schema),
    on("GET", "/servicePrincipals", LIST_APPS, applications::list_principals),
    on("GET", "/servicePrincipals/{}", READ_APPS, applications::get_principal),
    on("PATCH", "/servicePrincipals/{}", WRITE_PRINCIPALS, applications::update_principal),
    on("DELETE", "/servicePrincipals/{}", WRITE_PRINCIPALS, applications::delete_principal),
    on("GET", "/servicePrincipals/{}/appRoleAssignedTo", READ_APPS, assignments::list),
    on("POST", "/servicePrincipals/{}/appRoleAssignedTo", ASSIGN_TO, assignments::create),
    on("GET", "/servicePrincipals/{}/appRoleAssignedTo/{}", READ_APPS, assignments::get),
    on("DELETE", "/servicePrincipals/{}/appRoleAssignedTo/{}", UNASSIGN, assignments::delete),
    on("GET", "/servicePrincipals/{}/appRoleAssignments", READ_APPS, assignments::list_of_principal),

    on("GET", "/servicePrincipals/{}/synchronization", READ_SYNC, sync::container),
    beta("GET", "/servicePrincipals/{}/synchronization/Ping()", READ_SYNC, sync::ping),
    on("GET", "/servicePrincipals/{}/synchronization/secrets", READ_SYNC, sync::get_secrets),
    on("PUT", "/servicePrincipals/{}/synchronization/secrets", WRITE_SYNC, sync::put_secrets),
    on("GET", "/servicePrincipals/{}/synchronization/templates", READ_SYNC, sync::templates),
    on("GET", "/servicePrincipals/{}/synchronization/templates/{}", READ_SYNC, sync::template),
    on("GET", "/servicePrincipals/{}/synchronization/templates/{}/schema", READ_SYNC, sync::template_schema),
    on("GET", "/servicePrincipals/{}/synchronization/templates/{}/schema/filterOperators", WRITE_SYNC, sync::filter_operators),
    on("GET", "/servicePrincipals/{}/synchronization/templates/{}/schema/functions", WRITE_SYNC, sync::functions),
    on("POST", "/servicePrincipals/{}/synchronization/templates/{}/schema/parseExpression", WRITE_SYNC, sync::parse_expression),
    on("GET", "/servicePrincipals/{}/synchronization/jobs", READ_SYNC, sync::list_jobs),
    on("POST", "/servicePrincipals/{}/synchronization/jobs", WRITE_SYNC, sync::create_job),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/validateCredentials", WRITE_SYNC, sync::validate_new),
    on("GET", "/servicePrincipals/{}/synchronization/jobs/{}", READ_SYNC, sync::get_job),
    on("PATCH", "/servicePrincipals/{}/synchronization/jobs/{}", PATCH_JOB, sync::update_job),
    on("DELETE", "/servicePrincipals/{}/synchronization/jobs/{}", WRITE_SYNC, sync::delete_job),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/{}/start", WRITE_SYNC, sync::start),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/{}/pause", WRITE_SYNC, sync::pause),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/{}/restart", WRITE_SYNC, sync::restart),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/{}/validateCredentials", WRITE_SYNC, sync::validate_existing),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/{}/provisionOnDemand", WRITE_SYNC, sync::provision_on_demand),
    on("GET", "/servicePrincipals/{}/synchronization/jobs/{}/schema", READ_SYNC, sync::get_schema),
    on("PUT", "/servicePrincipals/{}/synchronization/jobs/{}/schema", WRITE_SYNC, sync::put_schema),
    on("PATCH", "/servicePrincipals/{}/synchronization/jobs/{}/schema", WRITE_SYNC, sync::put_schema),
    on("DELETE", "/servicePrincipals/{}/synchronization/jobs/{}/schema", WRITE_SYNC, sync::reset_schema),
    on("GET", "/servicePrincipals/{}/synchronization/jobs/{}/schema/directories", READ_SYNC, sync::directories),
    on("GET", "/servicePrincipals/{}/synchronization/jobs/{}/schema/directories/{}", READ_SYNC, sync::directory),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/{}/schema/directories/{}/discover", DISCOVER, sync::discover),
    on("GET", "/servicePrincipals/{}/synchronization/jobs/{}/schema/filterOperators", WRITE_SYNC, sync::filter_operators),
    on("GET", "/servicePrincipals/{}/synchronization/jobs/{}/schema/functions", WRITE_SYNC, sync::functions),
    on("POST", "/servicePrincipals/{}/synchronization/jobs/{}/schema/parseExpression", WRITE_SYNC, sync::parse_expression),

    on("GET", "/users", READ_USERS, users::list),
    on("GET", "/users/{}", READ_USERS, users::get),
    on("PATCH", "/users/{}", WRITE_USERS, users::update),
    on("DELETE", "/users/{}", DELETE_USERS, users::delete),
    on("GET", "/users/{}/manager", READ_USERS, users::manager),
    beta("GET", "/users/{}/profile/accounts", READ_PROFILE, users::accounts),
    on("GET", "/users/{}/appRoleAssignments", READ_USER_ASSIGNMENTS, assignments::list_of_user),
    on("POST", "/users/{}/appRoleAssignments", ASSIGN, assignments::create_of_user),
    on("GET", "/users/{}/appRoleAssignments/{}", READ_USER_ASSIGNMENTS, assignments::get_of_user),
    on("DELETE", "/users/{}/appRoleAssignments/{}", ASSIGN, assignments::delete_of_user),
    on("GET", "/users/{}/authentication/phoneMethods", READ_PHONES, phone_methods::list),
    on("GET", "/users/{}/authentication/phoneMethods/{}", READ_PHONES, phone_methods::get),
    on("POST", "/users/{}/authentication/phoneMethods/{}/disableSmsSignIn", WRITE_PHONES, phone_methods::disable),
    on("POST", "/users/{}/authentication/phoneMethods/{}/enableSmsSignIn", WRITE_PHONES, phone_methods::enable),
    on("GET", "/contacts", READ_CONTACTS, contacts::list),
    on("GET", "/groups", READ_GROUPS, groups::list),
    on("GET", "/groups/{}", READ_GROUP, groups::get),
    on("GET", "/groups/{}/members", READ_MEMBERS, groups::members),
    on("GET", "/groups/{}/members/microsoft.graph.user", READ_MEMBERS, groups::user_members),
    on("GET", "/groups/{}/appRoleAssignments", READ_GROUP_ASSIGNMENTS, assignments::list_of_group),
    on("POST", "/groups/{}/appRoleAssignments", ASSIGN, assignments::create_of_group),
    on("GET", "/groups/{}/appRoleAssignments/{}", READ_GROUP_ASSIGNMENTS, assignments::get_of_group),
    on("DELETE", "/groups/{}/appRoleAssignments/{}", ASSIGN, assignments::delete_of_group),

    on("GET", "/directory/deletedItems", READ_DELETED, deleted_items::list_all),
    on("GET", "/directory/deletedItems/microsoft.graph.user", READ_DELETED_USERS, deleted_items::list_users),
    on("GET", "/directory/deletedItems/microsoft.graph.group", READ_GROUPS, deleted_items::list_groups),
    on("GET", "/directory/deletedItems/microsoft.graph.application", READ_APPS, deleted_items::list_applications),
    on("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal", READ_APPS, deleted_items::list_principals),
    on("GET", "/directory/deletedItems/{}", READ_DELETED, deleted_items::get),
    on("DELETE", "/directory/deletedItems/{}", RESTORE, deleted_items::purge),
    on("POST", "/directory/deletedItems/{}/restore", RESTORE, deleted_items::restore),
    on("GET", "/auditLogs/provisioning", READ_PROVISIONING, reports::provisioning),
    on("GET", "/auditLogs/provisioning/{}", READ_PROVISIONING, reports::provisioning_entry),
    on("GET", "/auditLogs/directoryAudits", READ_AUDITS, reports::directory),
    on("GET", "/auditLogs/directoryAudits/{}", READ_AUDITS, reports::directory_entry),
];

#[cfg(test)]
mod tests {

    use serde_json::Value;

    use crate::permissions;
    use crate::route;
    use crate::store::{App, Permissions};

    /// Handled elsewhere, because its parts are separate requests.
    const BATCH: &str = "POST /$batch";

    /// Paths that accept more than the published data: a list of organizations has exactly one, and the permissions for restoring depend on
    /// the type.
    const BEYOND: [&str; 2] = [
        "GET /organization/{}",
        "POST /directory/deletedItems/{}/restore",
    ];

    /// Microsoft's description of a version, from the copy in the tests.
    fn description(version: &str) -> Value {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/openapi/description"
        );
        let bytes = std::fs::read(format!("{folder}/{version}.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn template(path: &str) -> String {
        let mut text = String::new();
        for (at, part) in path.split('{').enumerate() {
            text.push_str(if at == 0 { part } else { "{}" });
            text.push_str(if at == 0 {
                ""
            } else {
                part.split_once('}').unwrap().1
            });
        }
        text.replace("(appId='{}')", "/{}")
    }

    fn holder(permission: &str) -> App {
        App {
            permissions: Permissions::Some(vec![permission.to_owned()]),
            ..App::default()
        }
    }

    #[test]
    fn every_published_path_is_answered_and_its_permissions_are_accepted() {
        for version in ["v1.0", "beta"] {
            let document = description(version);
            for (path, item) in document["paths"].as_object().unwrap() {
                let path = template(path);
                for (verb, operation) in item.as_object().unwrap().iter().filter(|(verb, _)| {
                    ["get", "post", "put", "patch", "delete"].contains(&verb.as_str())
                }) {
                    let verb = verb.to_uppercase();
                    let name = format!("{verb} {path}");
                    let Ok(found) = route::find(&verb, &path.replace("{}", "7"), version == "beta")
                    else {
                        assert_eq!(name, BATCH, "{version}: is not answered");
                        continue;
                    };
                    assert_eq!(found.route.path, path, "{name}");
                    // This call requires two permissions at once, which is not in the data.
                    if name == "POST /servicePrincipals/{}/appRoleAssignedTo" {
                        continue;
                    }
                    let published = &operation["x-permissions"]["application"];
                    let known = published.to_string();
                    for permission in found
                        .route
                        .permissions
                        .split([' ', '+'])
                        .filter(|word| !word.is_empty())
                    {
                        let extra =
                            !published.is_null() && !known.contains(&format!("\"{permission}\""));
                        assert!(
                            !extra || BEYOND.contains(&name.as_str()),
                            "{version} {name}: {permission} is not published"
                        );
                    }
                    for permission in ["leastPrivileged", "alsoAccepted"]
                        .iter()
                        .flat_map(|list| published[list].as_array().into_iter().flatten())
                    {
                        let app = holder(permission.as_str().unwrap());
                        assert!(
                            permissions::check(&app, found.route.permissions).is_ok(),
                            "{version} {name}: {permission}"
                        );
                    }
                }
            }
        }
    }
}
