//! The permission that each call requires, for error messages and for the reference documentation.
//!
//! These are the least privileged application permissions that Microsoft publishes. If none is published, the row repeats its
//! neighbor and is UNVERIFIED. Roles are those of a user who is signed in with the Azure CLI.

use std::sync::LazyLock;

use super::path;

/// The requirements of a call.
#[derive(Debug, PartialEq, Eq)]
pub struct Access {
    /// The HTTP method.
    pub method: &'static str,
    /// The path; `{…}` matches any one segment.
    pub path: &'static str,
    /// The application permission, or several joined by "and".
    pub permission: &'static str,
    /// The directory role that a user needs instead.
    pub role: &'static str,
}

/// Returns the requirements of a call, if it is in the table. `path` may have a query and a `beta:` prefix.
#[must_use]
pub fn needed(method: &str, path: &str) -> Option<&'static Access> {
    let (_, path) = path::version(path);
    let path = path.split('?').next().unwrap_or_default();
    let segments = segments(path);
    TABLE
        .iter()
        .filter(|row| row.method == method && fits(row.path, &segments))
        .min_by_key(|row| (row.path.matches('{').count(), row.path != path))
}

/// Returns the whole table, grouped by requirements.
#[must_use]
pub fn table() -> &'static [Access] {
    &TABLE
}

/// Splits a path into segments; an alternate key, `users(key='…')`, is a segment of its own.
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

/// The table: one heading per permission and role, followed by their calls.
const TEXT: &str = "\
Policy.Read.All | Security Reader
    GET /policies/crossTenantAccessPolicy
    GET /policies/crossTenantAccessPolicy/default
    GET /policies/crossTenantAccessPolicy/partners
    GET /policies/crossTenantAccessPolicy/partners/{tenant}
    GET /policies/crossTenantAccessPolicy/partners/{tenant}/identitySynchronization
    GET /policies/crossTenantAccessPolicy/default/m365Capabilities
    GET /policies/crossTenantAccessPolicy/partners/{tenant}/m365Capabilities
    # No permission is published for deleted policies: UNVERIFIED.
    GET /policies/deletedItems/{kind}
    GET /policies/deletedItems/{kind}/{tenant}
    GET /policies/authorizationPolicy
    GET /policies/authorizationPolicy/authorizationPolicy
    GET /policies/externalIdentitiesPolicy
Policy.ReadWrite.CrossTenantAccess | Security Administrator
    PATCH /policies/crossTenantAccessPolicy
    PATCH /policies/crossTenantAccessPolicy/default
    POST /policies/crossTenantAccessPolicy/default/resetToSystemDefault
    POST /policies/crossTenantAccessPolicy/partners
    PATCH,DELETE /policies/crossTenantAccessPolicy/partners/{tenant}
    PUT,PATCH,DELETE /policies/crossTenantAccessPolicy/partners/{tenant}/identitySynchronization
    DELETE /policies/deletedItems/{kind}/{tenant}
    POST /policies/deletedItems/{kind}/{tenant}/restore
# For mail tips and calendars, Exchange Administrator suffices.
Policy.ReadWrite.CrossTenantCapability | Global Administrator
    POST /policies/crossTenantAccessPolicy/default/m365Capabilities
    PATCH,DELETE /policies/crossTenantAccessPolicy/default/m365Capabilities/{name}
    POST /policies/crossTenantAccessPolicy/partners/{tenant}/m365Capabilities
    PATCH,DELETE /policies/crossTenantAccessPolicy/partners/{tenant}/m365Capabilities/{name}
MultiTenantOrganization.Read.All | Security Reader
    GET /policies/crossTenantAccessPolicy/templates
    GET /policies/crossTenantAccessPolicy/templates/{template}
    GET /tenantRelationships/multiTenantOrganization
    GET /tenantRelationships/multiTenantOrganization/tenants
    GET /tenantRelationships/multiTenantOrganization/joinRequest
MultiTenantOrganization.ReadWrite.All | Security Administrator
    PATCH /policies/crossTenantAccessPolicy/templates/{template}
    POST /policies/crossTenantAccessPolicy/templates/{template}/resetToDefaultSettings
    PUT,PATCH /tenantRelationships/multiTenantOrganization
    POST /tenantRelationships/multiTenantOrganization/tenants
    PATCH,DELETE /tenantRelationships/multiTenantOrganization/tenants/{tenant}
    PATCH /tenantRelationships/multiTenantOrganization/joinRequest
MultiTenantOrganization.ReadWrite.All | Security Reader
    GET /tenantRelationships/multiTenantOrganization/tenants/{tenant}
CrossTenantInformation.ReadBasic.All | Security Reader
    GET /tenantRelationships/findTenantInformationByDomainName(domainName='{name}')
    GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenant}')
Application.Read.All | Directory Readers
    # Reading templates seems to require no permission; none is published.
    GET /applicationTemplates
    GET /applicationTemplates/{id}
    GET /applications
    GET /applications/{id}
    GET /servicePrincipals
    GET /servicePrincipals/{id}
    GET /servicePrincipals/{id}/appRoleAssignedTo
    GET /servicePrincipals/{id}/appRoleAssignedTo/{id}
    GET /directory/deletedItems/microsoft.graph.application
    GET /directory/deletedItems/microsoft.graph.servicePrincipal
    GET /directory/deletedItems/{id}
Application.ReadWrite.OwnedBy | Cloud Application Administrator
    POST /applicationTemplates/{id}/instantiate
    PATCH,DELETE /applications/{id}
    PATCH,DELETE /servicePrincipals/{id}
    DELETE /directory/deletedItems/{id}
AppRoleAssignment.ReadWrite.All and Application.Read.All | Cloud Application Administrator
    POST /servicePrincipals/{id}/appRoleAssignedTo
AppRoleAssignment.ReadWrite.All | Cloud Application Administrator
    DELETE /servicePrincipals/{id}/appRoleAssignedTo/{id}
    POST /users/{id}/appRoleAssignments
    DELETE /users/{id}/appRoleAssignments/{id}
    POST /groups/{id}/appRoleAssignments
    DELETE /groups/{id}/appRoleAssignments/{id}
AppRoleAssignment.ReadWrite.All | Directory Readers
    GET /users/{id}/appRoleAssignments
    GET /users/{id}/appRoleAssignments/{id}
    GET /groups/{id}/appRoleAssignments
    GET /groups/{id}/appRoleAssignments/{id}
Application.ReadWrite.OwnedBy | Hybrid Identity Administrator
    GET /servicePrincipals/{id}/synchronization
    GET,PUT /servicePrincipals/{id}/synchronization/secrets
    POST /servicePrincipals/{id}/synchronization/acquireAccessToken
    GET /servicePrincipals/{id}/synchronization/Ping()
    GET /servicePrincipals/{id}/synchronization/templates
    GET /servicePrincipals/{id}/synchronization/templates/{template}
    GET /servicePrincipals/{id}/synchronization/templates/{template}/schema
    GET /servicePrincipals/{id}/synchronization/templates/{template}/schema/filterOperators
    GET /servicePrincipals/{id}/synchronization/templates/{template}/schema/functions
    POST /servicePrincipals/{id}/synchronization/templates/{template}/schema/parseExpression
    GET,POST /servicePrincipals/{id}/synchronization/jobs
    POST /servicePrincipals/{id}/synchronization/jobs/validateCredentials
    GET,DELETE /servicePrincipals/{id}/synchronization/jobs/{job}
    POST /servicePrincipals/{id}/synchronization/jobs/{job}/validateCredentials
    POST /servicePrincipals/{id}/synchronization/jobs/{job}/start
    POST /servicePrincipals/{id}/synchronization/jobs/{job}/pause
    POST /servicePrincipals/{id}/synchronization/jobs/{job}/restart
    POST /servicePrincipals/{id}/synchronization/jobs/{job}/provisionOnDemand
    GET,PUT,DELETE /servicePrincipals/{id}/synchronization/jobs/{job}/schema
    GET /servicePrincipals/{id}/synchronization/jobs/{job}/schema/filterOperators
    GET /servicePrincipals/{id}/synchronization/jobs/{job}/schema/functions
    POST /servicePrincipals/{id}/synchronization/jobs/{job}/schema/parseExpression
    GET /servicePrincipals/{id}/synchronization/jobs/{job}/schema/directories
    GET /servicePrincipals/{id}/synchronization/jobs/{job}/schema/directories/{directory}
    POST /servicePrincipals/{id}/synchronization/jobs/{job}/schema/directories/{directory}/discover
Synchronization.ReadWrite.All | Hybrid Identity Administrator
    PUT /servicePrincipals/{id}/synchronization
    PATCH /servicePrincipals/{id}/synchronization/jobs/{job}
Policy.ReadWrite.Authorization | Privileged Role Administrator
    PATCH /policies/authorizationPolicy
    PATCH /policies/authorizationPolicy/authorizationPolicy
# UNVERIFIED which role suffices.
Policy.ReadWrite.ExternalIdentities | Security Administrator
    PATCH /policies/externalIdentitiesPolicy
Organization.Read.All | Directory Readers
    GET /organization
    GET /organization/{id}
# UNVERIFIED which role is enough.
Organization.ReadWrite.All | Global Administrator
    PATCH /organization/{id}
# User.ReadBasic.All would suffice, except for userType, creationType and externalUserState.
User.Read.All | Directory Readers
    GET /users
    GET /users/{id}
    GET /users/{id}/manager
    # Beta only; the origin of a synchronized user: UNVERIFIED.
    GET /users/{id}/profile/accounts
    GET /directory/deletedItems/microsoft.graph.user
OrgContact.Read.All | Directory Readers
    GET /contacts
User.ReadWrite.All | User Administrator
    PATCH /users/{id}
User.DeleteRestore.All | User Administrator
    DELETE /users/{id}
    POST /directory/deletedItems/{id}/restore
# The same path for another type, which only a path that is written like this matches.
Application.ReadWrite.All | Cloud Application Administrator
    POST /directory/deletedItems/{application}/restore
GroupMember.Read.All | Directory Readers
    GET /groups
    GET /groups/{id}
    GET /groups/{id}/members
    GET /groups/{id}/members/microsoft.graph.user
    GET /directory/deletedItems/microsoft.graph.group
UserAuthMethod-Phone.Read.All | Authentication Administrator
    GET /users/{id}/authentication/phoneMethods
    GET /users/{id}/authentication/phoneMethods/{method}
UserAuthMethod-Phone.ReadWrite.All | Authentication Administrator
    POST /users/{id}/authentication/phoneMethods/{method}/disableSmsSignIn
    POST /users/{id}/authentication/phoneMethods/{method}/enableSmsSignIn
ProvisioningLog.Read.All | Reports Reader
    GET /auditLogs/provisioning
AuditLog.Read.All | Reports Reader
    GET /auditLogs/directoryAudits
    GET /auditLogs/directoryAudits/{id}
";

static TABLE: LazyLock<Vec<Access>> = LazyLock::new(|| {
    let mut table = Vec::new();
    let (mut permission, mut role) = ("", "");
    for line in TEXT
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        let call = line.trim_start();
        if call.len() == line.len() {
            (permission, role) = line.split_once(" | ").unwrap_or_default();
            continue;
        }
        let (methods, path) = call.split_once(' ').unwrap_or_default();
        table.extend(methods.split(',').map(|method| Access {
            method,
            path,
            permission,
            role,
        }));
    }
    table
});

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    #[test]
    fn a_call_finds_its_row() {
        for (method, path, permission) in [
            (
                "POST",
                "/policies/crossTenantAccessPolicy/partners",
                "Policy.ReadWrite.CrossTenantAccess",
            ),
            (
                "GET",
                "/policies/crossTenantAccessPolicy/partners/90e2?$select=tenantId",
                "Policy.Read.All",
            ),
            (
                "PATCH",
                "beta:/policies/crossTenantAccessPolicy/partners/90e2/identitySynchronization",
                "Policy.ReadWrite.CrossTenantAccess",
            ),
            (
                "POST",
                "/servicePrincipals/1/appRoleAssignedTo",
                "AppRoleAssignment.ReadWrite.All and Application.Read.All",
            ),
            (
                "GET",
                "/servicePrincipals(appId='1')",
                "Application.Read.All",
            ),
            (
                "POST",
                "/servicePrincipals/1/synchronization/jobs/Azure2Azure.1.2/start",
                "Application.ReadWrite.OwnedBy",
            ),
            (
                "GET",
                "/tenantRelationships/findTenantInformationByTenantId(tenantId='90e2')",
                "CrossTenantInformation.ReadBasic.All",
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

    #[test]
    fn every_row_is_complete_and_unique() {
        let mut calls: Vec<_> = table().iter().map(|row| (row.method, row.path)).collect();
        assert!(calls.len() > 100);
        for row in table() {
            assert!(
                ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&row.method),
                "{row:?}"
            );
            assert!(
                row.path.starts_with('/') && row.permission.contains('.') && !row.role.is_empty(),
                "{row:?}"
            );
            assert_eq!(
                needed(row.method, row.path),
                Some(row),
                "a row finds itself"
            );
        }
        calls.sort_unstable();
        calls.dedup();
        assert_eq!(calls.len(), table().len());
    }

    /// Checks that each permission of the table is published for its call, if any is.
    #[test]
    fn the_table_agrees_with_the_published_permissions() {
        // One organization is the only member of its collection, for which Microsoft publishes more permissions.
        const ONE: &str = "/organization/{organization-id}";
        let mut compared = 0;
        for version in ["v1.0", "beta"] {
            let folder = concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../tests/openapi/description"
            );
            let file = format!("{folder}/{version}.json");
            let description: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            for (path, operations) in description["paths"].as_object().unwrap() {
                for (method, operation) in operations.as_object().unwrap() {
                    let is_one = path == ONE && method == "get";
                    let collection = &description["paths"]["/organization"]["get"];
                    let operation = if is_one { collection } else { operation };
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
