//! Which permission each call needs, so that a refusal can name it and the reference can list it.
//!
//! Permissions are the least privileged application ones Microsoft publishes; where the published data name none,
//! the row repeats its neighbour and is UNVERIFIED. Roles are what a person signed in with the Azure CLI needs.

use super::path;

/// What one call needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Access {
    /// The verb.
    pub method: &'static str,
    /// The path, `{…}` standing for any one segment.
    pub path: &'static str,
    /// The application permission, or several joined by "and".
    pub permission: &'static str,
    /// The directory role a person needs instead.
    pub role: &'static str,
}

/// What this call needs, if it is one of those we know. `path` may have a query and a `beta:` mark.
#[must_use]
pub fn needed(method: &str, path: &str) -> Option<&'static Access> {
    let (_, path) = path::version(path);
    let path = path.split('?').next().unwrap_or_default();
    let segments = segments(path);
    TABLE
        .iter()
        .find(|row| row.method == method && fits(row.path, &segments))
}

/// Every call we know, in the order of the reference.
#[must_use]
pub fn table() -> &'static [Access] {
    TABLE
}

/// The segments of a path; an alternate key, `users(key='…')`, counts as a segment of its own.
fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in path.trim_matches('/').split('/') {
        match segment.split_once('(') {
            Some((name, key)) if name == "servicePrincipals" || name == "applications" => {
                segments.extend([name, key]);
            }
            Some((name, _)) => segments.push(name),
            None => segments.push(segment),
        }
    }
    segments
}

fn fits(template: &str, segments: &[&str]) -> bool {
    let mut wanted = template.trim_matches('/').split('/');
    let mut given = segments.iter();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(give)) => {
                let name = want.split('(').next().unwrap_or_default();
                if !want.starts_with('{') && !name.eq_ignore_ascii_case(give) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

const fn row(
    method: &'static str,
    path: &'static str,
    permission: &'static str,
    role: &'static str,
) -> Access {
    Access {
        method,
        path,
        permission,
        role,
    }
}

const POLICY_READ: &str = "Policy.Read.All";
const POLICY_WRITE: &str = "Policy.ReadWrite.CrossTenantAccess";
const MTO_READ: &str = "MultiTenantOrganization.Read.All";
const MTO_WRITE: &str = "MultiTenantOrganization.ReadWrite.All";
const TENANT_READ: &str = "CrossTenantInformation.ReadBasic.All";
const APP_READ: &str = "Application.Read.All";
const APP_WRITE: &str = "Application.ReadWrite.OwnedBy";
const ASSIGN: &str = "AppRoleAssignment.ReadWrite.All";
const ASSIGN_NEW: &str = "AppRoleAssignment.ReadWrite.All and Application.Read.All";
const SYNC: &str = "Application.ReadWrite.OwnedBy";
const PHONE_READ: &str = "UserAuthMethod-Phone.Read.All";
const PHONE_WRITE: &str = "UserAuthMethod-Phone.ReadWrite.All";

const SECURITY: &str = "Security Administrator";
const SECURITY_READER: &str = "Security Reader";
const HYBRID: &str = "Hybrid Identity Administrator";
const CLOUD_APP: &str = "Cloud Application Administrator";
const READERS: &str = "Directory Readers";
const USER_ADMIN: &str = "User Administrator";
const PRIVILEGED: &str = "Privileged Role Administrator";
const AUTHENTICATION: &str = "Authentication Administrator";
const REPORTS: &str = "Reports Reader";

static TABLE: &[Access] = &[
    // Cross-tenant access.
    row(
        "GET",
        "/policies/crossTenantAccessPolicy",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/policies/crossTenantAccessPolicy",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/policies/crossTenantAccessPolicy/default",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/policies/crossTenantAccessPolicy/default",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "POST",
        "/policies/crossTenantAccessPolicy/default/resetToSystemDefault",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/policies/crossTenantAccessPolicy/partners",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "POST",
        "/policies/crossTenantAccessPolicy/partners",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/policies/crossTenantAccessPolicy/partners/{tenant}",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/policies/crossTenantAccessPolicy/partners/{tenant}",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "DELETE",
        "/policies/crossTenantAccessPolicy/partners/{tenant}",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/policies/crossTenantAccessPolicy/partners/{tenant}/identitySynchronization",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "PUT",
        "/policies/crossTenantAccessPolicy/partners/{tenant}/identitySynchronization",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "PATCH",
        "/policies/crossTenantAccessPolicy/partners/{tenant}/identitySynchronization",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "DELETE",
        "/policies/crossTenantAccessPolicy/partners/{tenant}/identitySynchronization",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/policies/crossTenantAccessPolicy/templates",
        MTO_READ,
        SECURITY_READER,
    ),
    row(
        "GET",
        "/policies/crossTenantAccessPolicy/templates/{template}",
        MTO_READ,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/policies/crossTenantAccessPolicy/templates/{template}",
        MTO_WRITE,
        SECURITY,
    ),
    row(
        "POST",
        "/policies/crossTenantAccessPolicy/templates/{template}/resetToDefaultSettings",
        MTO_WRITE,
        SECURITY,
    ),
    // UNVERIFIED: no permission is published for what was deleted; restoring is said to be for people only.
    row(
        "GET",
        "/policies/deletedItems/{kind}",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "GET",
        "/policies/deletedItems/{kind}/{tenant}",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "DELETE",
        "/policies/deletedItems/{kind}/{tenant}",
        POLICY_WRITE,
        SECURITY,
    ),
    row(
        "POST",
        "/policies/deletedItems/{kind}/{tenant}/restore",
        POLICY_WRITE,
        SECURITY,
    ),
    // Multi-tenant organization and other tenants.
    row(
        "GET",
        "/tenantRelationships/multiTenantOrganization",
        MTO_READ,
        SECURITY_READER,
    ),
    row(
        "PUT",
        "/tenantRelationships/multiTenantOrganization",
        MTO_WRITE,
        SECURITY,
    ),
    row(
        "PATCH",
        "/tenantRelationships/multiTenantOrganization",
        MTO_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/tenantRelationships/multiTenantOrganization/tenants",
        MTO_READ,
        SECURITY_READER,
    ),
    row(
        "POST",
        "/tenantRelationships/multiTenantOrganization/tenants",
        MTO_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/tenantRelationships/multiTenantOrganization/tenants/{tenant}",
        MTO_WRITE,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/tenantRelationships/multiTenantOrganization/tenants/{tenant}",
        MTO_WRITE,
        SECURITY,
    ),
    row(
        "DELETE",
        "/tenantRelationships/multiTenantOrganization/tenants/{tenant}",
        MTO_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/tenantRelationships/multiTenantOrganization/joinRequest",
        MTO_READ,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/tenantRelationships/multiTenantOrganization/joinRequest",
        MTO_WRITE,
        SECURITY,
    ),
    row(
        "GET",
        "/tenantRelationships/findTenantInformationByDomainName(domainName='{name}')",
        TENANT_READ,
        SECURITY_READER,
    ),
    row(
        "GET",
        "/tenantRelationships/findTenantInformationByTenantId(tenantId='{tenant}')",
        TENANT_READ,
        SECURITY_READER,
    ),
    // Applications, service principals, assignments. No permission is published for reading templates.
    row("GET", "/applicationTemplates", APP_READ, READERS),
    row("GET", "/applicationTemplates/{id}", APP_READ, READERS),
    row(
        "POST",
        "/applicationTemplates/{id}/instantiate",
        APP_WRITE,
        CLOUD_APP,
    ),
    row("GET", "/applications", APP_READ, READERS),
    row("GET", "/applications/{id}", APP_READ, READERS),
    row("PATCH", "/applications/{id}", APP_WRITE, CLOUD_APP),
    row("DELETE", "/applications/{id}", APP_WRITE, CLOUD_APP),
    row("GET", "/servicePrincipals", APP_READ, READERS),
    row("GET", "/servicePrincipals/{id}", APP_READ, READERS),
    row("PATCH", "/servicePrincipals/{id}", APP_WRITE, CLOUD_APP),
    row("DELETE", "/servicePrincipals/{id}", APP_WRITE, CLOUD_APP),
    row(
        "GET",
        "/servicePrincipals/{id}/appRoleAssignedTo",
        APP_READ,
        READERS,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/appRoleAssignedTo",
        ASSIGN_NEW,
        CLOUD_APP,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/appRoleAssignedTo/{id}",
        APP_READ,
        READERS,
    ),
    row(
        "DELETE",
        "/servicePrincipals/{id}/appRoleAssignedTo/{id}",
        ASSIGN,
        CLOUD_APP,
    ),
    row("GET", "/users/{id}/appRoleAssignments", ASSIGN, READERS),
    row("POST", "/users/{id}/appRoleAssignments", ASSIGN, CLOUD_APP),
    row(
        "GET",
        "/users/{id}/appRoleAssignments/{id}",
        ASSIGN,
        READERS,
    ),
    row(
        "DELETE",
        "/users/{id}/appRoleAssignments/{id}",
        ASSIGN,
        CLOUD_APP,
    ),
    row("GET", "/groups/{id}/appRoleAssignments", ASSIGN, READERS),
    row("POST", "/groups/{id}/appRoleAssignments", ASSIGN, CLOUD_APP),
    row(
        "GET",
        "/groups/{id}/appRoleAssignments/{id}",
        ASSIGN,
        READERS,
    ),
    row(
        "DELETE",
        "/groups/{id}/appRoleAssignments/{id}",
        ASSIGN,
        CLOUD_APP,
    ),
    // Synchronization.
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization",
        SYNC,
        HYBRID,
    ),
    row(
        "PUT",
        "/servicePrincipals/{id}/synchronization",
        "Synchronization.ReadWrite.All",
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/secrets",
        SYNC,
        HYBRID,
    ),
    row(
        "PUT",
        "/servicePrincipals/{id}/synchronization/secrets",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/acquireAccessToken",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/Ping()",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/templates",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/templates/{template}",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/templates/{template}/schema",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/templates/{template}/schema/filterOperators",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/templates/{template}/schema/functions",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/templates/{template}/schema/parseExpression",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/jobs",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/validateCredentials",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/jobs/{job}",
        SYNC,
        HYBRID,
    ),
    row(
        "PATCH",
        "/servicePrincipals/{id}/synchronization/jobs/{job}",
        "Synchronization.ReadWrite.All",
        HYBRID,
    ),
    row(
        "DELETE",
        "/servicePrincipals/{id}/synchronization/jobs/{job}",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/validateCredentials",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/start",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/pause",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/restart",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/provisionOnDemand",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema",
        SYNC,
        HYBRID,
    ),
    row(
        "PUT",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema",
        SYNC,
        HYBRID,
    ),
    row(
        "DELETE",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema/filterOperators",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema/functions",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema/parseExpression",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema/directories",
        SYNC,
        HYBRID,
    ),
    row(
        "GET",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema/directories/{directory}",
        SYNC,
        HYBRID,
    ),
    row(
        "POST",
        "/servicePrincipals/{id}/synchronization/jobs/{job}/schema/directories/{directory}/discover",
        SYNC,
        HYBRID,
    ),
    // Supporting policies and objects.
    row(
        "GET",
        "/policies/authorizationPolicy",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/policies/authorizationPolicy",
        "Policy.ReadWrite.Authorization",
        PRIVILEGED,
    ),
    row(
        "GET",
        "/policies/authorizationPolicy/authorizationPolicy",
        POLICY_READ,
        SECURITY_READER,
    ),
    row(
        "PATCH",
        "/policies/authorizationPolicy/authorizationPolicy",
        "Policy.ReadWrite.Authorization",
        PRIVILEGED,
    ),
    row(
        "GET",
        "/policies/externalIdentitiesPolicy",
        POLICY_READ,
        SECURITY_READER,
    ),
    // UNVERIFIED which role is enough.
    row(
        "PATCH",
        "/policies/externalIdentitiesPolicy",
        "Policy.ReadWrite.ExternalIdentities",
        SECURITY,
    ),
    row("GET", "/organization", "Organization.Read.All", READERS),
    row(
        "GET",
        "/organization/{id}",
        "Organization.Read.All",
        READERS,
    ),
    // User.ReadBasic.All would do, but not for userType, creationType and externalUserState.
    row("GET", "/users", "User.Read.All", READERS),
    row("GET", "/users/{id}", "User.Read.All", READERS),
    row("PATCH", "/users/{id}", "User.ReadWrite.All", USER_ADMIN),
    row(
        "DELETE",
        "/users/{id}",
        "User.DeleteRestore.All",
        USER_ADMIN,
    ),
    row("GET", "/users/{id}/manager", "User.Read.All", READERS),
    row("GET", "/groups", "GroupMember.Read.All", READERS),
    row("GET", "/groups/{id}", "GroupMember.Read.All", READERS),
    row(
        "GET",
        "/groups/{id}/members",
        "GroupMember.Read.All",
        READERS,
    ),
    row(
        "GET",
        "/groups/{id}/members/microsoft.graph.user",
        "GroupMember.Read.All",
        READERS,
    ),
    row(
        "GET",
        "/users/{id}/authentication/phoneMethods",
        PHONE_READ,
        AUTHENTICATION,
    ),
    row(
        "GET",
        "/users/{id}/authentication/phoneMethods/{method}",
        PHONE_READ,
        AUTHENTICATION,
    ),
    row(
        "POST",
        "/users/{id}/authentication/phoneMethods/{method}/disableSmsSignIn",
        PHONE_WRITE,
        AUTHENTICATION,
    ),
    row(
        "POST",
        "/users/{id}/authentication/phoneMethods/{method}/enableSmsSignIn",
        PHONE_WRITE,
        AUTHENTICATION,
    ),
    row(
        "GET",
        "/directory/deletedItems/microsoft.graph.user",
        "User.Read.All",
        READERS,
    ),
    row(
        "GET",
        "/directory/deletedItems/microsoft.graph.group",
        "GroupMember.Read.All",
        READERS,
    ),
    row(
        "GET",
        "/directory/deletedItems/microsoft.graph.application",
        APP_READ,
        READERS,
    ),
    row(
        "GET",
        "/directory/deletedItems/microsoft.graph.servicePrincipal",
        APP_READ,
        READERS,
    ),
    row("GET", "/directory/deletedItems/{id}", APP_READ, READERS),
    row(
        "POST",
        "/directory/deletedItems/{id}/restore",
        "User.DeleteRestore.All",
        USER_ADMIN,
    ),
    row(
        "DELETE",
        "/directory/deletedItems/{id}",
        APP_WRITE,
        CLOUD_APP,
    ),
    // Monitoring.
    row(
        "GET",
        "/auditLogs/provisioning",
        "ProvisioningLog.Read.All",
        REPORTS,
    ),
    row(
        "GET",
        "/auditLogs/directoryAudits",
        "AuditLog.Read.All",
        REPORTS,
    ),
    row(
        "GET",
        "/auditLogs/directoryAudits/{id}",
        "AuditLog.Read.All",
        REPORTS,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;
    use std::path::PathBuf;

    #[test]
    fn a_call_finds_its_row() {
        for (method, path, permission) in [
            (
                "POST",
                "/policies/crossTenantAccessPolicy/partners",
                POLICY_WRITE,
            ),
            (
                "GET",
                "/policies/crossTenantAccessPolicy/partners/90e2?$select=tenantId",
                POLICY_READ,
            ),
            (
                "PATCH",
                "beta:/policies/crossTenantAccessPolicy/partners/90e2/identitySynchronization",
                POLICY_WRITE,
            ),
            ("POST", "/servicePrincipals/1/appRoleAssignedTo", ASSIGN_NEW),
            ("GET", "/servicePrincipals(appId='1')", APP_READ),
            (
                "POST",
                "/servicePrincipals/1/synchronization/jobs/Azure2Azure.1.2/start",
                SYNC,
            ),
            (
                "GET",
                "/tenantRelationships/findTenantInformationByTenantId(tenantId='90e2')",
                TENANT_READ,
            ),
            (
                "GET",
                "/directory/deletedItems/microsoft.graph.user",
                "User.Read.All",
            ),
        ] {
            assert_eq!(
                needed(method, path).map(|row| row.permission),
                Some(permission),
                "{method} {path}"
            );
        }
        assert_eq!(needed("DELETE", "/servicePrincipals"), None);
        assert_eq!(needed("GET", "/nowhere"), None);
    }

    /// Each permission of the table is one Microsoft publishes for that call, where it publishes any.
    #[test]
    fn the_table_agrees_with_the_published_permissions() {
        let shared = std::env::var_os("CROSSTENANT_SHARED").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
            PathBuf::from,
        );
        if !shared.is_dir() {
            assert!(
                std::env::var_os("CI").is_none(),
                "{} is missing",
                shared.display()
            );
            eprintln!("SKIPPED: {} is missing", shared.display());
            return;
        }
        let mut compared = 0;
        for version in ["v1.0", "beta"] {
            let file = shared.join(format!("graph/openapi-{version}.json"));
            let description: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            for (path, operations) in description["paths"].as_object().unwrap() {
                for (method, operation) in operations.as_object().unwrap() {
                    let published = &operation["x-permissions"]["application"];
                    let names = ["leastPrivileged", "alsoAccepted"]
                        .into_iter()
                        .flat_map(|list| published[list].as_array().into_iter().flatten());
                    let names: Vec<_> = names.filter_map(Json::as_str).collect();
                    let Some(row) = needed(&method.to_uppercase(), path) else {
                        continue;
                    };
                    if names.is_empty() {
                        continue;
                    }
                    for permission in row.permission.split(" and ") {
                        assert!(
                            names.contains(&permission),
                            "{method} {path}: {permission} is not among {names:?}"
                        );
                    }
                    compared += 1;
                }
            }
        }
        assert!(compared > 100, "only {compared} calls were compared");
    }
}
