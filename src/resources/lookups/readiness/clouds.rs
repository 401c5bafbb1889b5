//! The rows about a pair of tenants in two Microsoft clouds.

use serde_json::Value as Json;

use super::super::prelude::*;
use super::ReadinessCheck;
use super::checks::{Verdict, hidden, is_denied, met, row, unmet, unseen};

/// The application id of Microsoft Graph, the same in every tenant.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// What the service principal of the target tenant holds, by the names of Microsoft Graph's permissions.
const PERMISSIONS: [&str; 4] = [
    "User.ReadWrite.CrossCloud",
    "User.Invite.All",
    "Organization.Read.All",
    "Policy.Read.All",
];

/// What two clouds need of this tenant, beside what every pair needs.
pub(super) async fn rows(
    context: &Context,
    is_source: bool,
) -> Result<Vec<ReadinessCheck>, Problem> {
    let policy = context.graph.get("/policies/crossTenantAccessPolicy").await;
    let mut rows = vec![row("cloud_allowed", policy, |found| {
        allowed(found.as_ref().unwrap_or(&Json::Null))
    })?];
    if !is_source {
        let verdict = match writer(context).await {
            Ok(verdict) => verdict,
            Err(error) if is_denied(&error) => hidden(&error),
            Err(error) => return Err(error.into()),
        };
        rows.push(verdict.named("cross_cloud_principal"));
    }
    Ok(rows)
}

fn allowed(policy: &Json) -> Verdict {
    let clouds = policy["allowedCloudEndpoints"].as_array();
    let clouds: Vec<&str> = clouds
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    if clouds.is_empty() {
        return unmet(
            "This tenant does not allow any other Microsoft cloud.",
            "Set `allowed_cloud_endpoints` of `crosstenant_access_policy` here to the cloud of the other tenant. The other tenant has to \
             allow this tenant's cloud as well.",
        );
    }
    met(format!(
        "This tenant allows the clouds {}. Whether the other tenant is in one of them cannot be looked up.",
        clouds.join(", ")
    ))
}

/// Whether there is a service principal that may write users of another cloud. Its application id is not public, so it is
/// recognized by what it holds.
async fn writer(context: &Context) -> Result<Verdict, graph::Error> {
    let path = format!(
        "/servicePrincipals?$filter=appId%20eq%20{}&$select=id,appRoles",
        graph::quoted(GRAPH)
    );
    let found = context.graph.list(&path).await?;
    let Some(graph) = found.first() else {
        return Ok(unseen(
            "This tenant shows no service principal of Microsoft Graph.",
        ));
    };
    let id = text(graph, "id").unwrap_or_default();
    let path = format!(
        "/servicePrincipals/{}/appRoleAssignedTo?$top=999",
        graph::segment(&id)
    );
    let assigned = context.graph.list(&path).await?;
    Ok(judged(&graph["appRoles"], &assigned))
}

fn judged(roles: &Json, assigned: &[Json]) -> Verdict {
    let role = |name: &str| {
        let mut roles = roles.as_array().into_iter().flatten();
        text(roles.find(|role| role["value"] == name)?, "id")
    };
    let holds = |principal: &Json, name: &str| {
        let role = role(name);
        let is_it = |it: &&Json| {
            it["principalId"] == *principal && role.is_some() && text(it, "appRoleId") == role
        };
        assigned.iter().any(|it| is_it(&it))
    };
    let mut writers = assigned
        .iter()
        .filter(|it| holds(&it["principalId"], PERMISSIONS[0]));
    let Some(writer) = writers.next() else {
        return unmet(
            format!(
                "No service principal of this tenant holds {}: the check box for cross-cloud synchronization is not ticked \
                 (`AzureActiveDirectoryTokenExpired`).",
                PERMISSIONS[0]
            ),
            "In the portal of this tenant, *Cross-tenant access settings*, *Microsoft cloud settings*, tick cross-cloud synchronization \
             for the cloud of the source tenant. Graph has no documented call for it.",
        );
    };
    let name = text(writer, "principalDisplayName").unwrap_or_default();
    let lacking: Vec<&str> = PERMISSIONS
        .into_iter()
        .filter(|permission| !holds(&writer["principalId"], permission))
        .collect();
    if lacking.is_empty() {
        return met(format!(
            "The service principal {name:?} may write users of another cloud."
        ));
    }
    unmet(
        format!(
            "The service principal {name:?} lacks {}.",
            lacking.join(", ")
        ),
        "Untick cross-cloud synchronization in the portal and tick it again, or grant these permissions of Microsoft Graph.",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_writer_is_recognized_by_its_four_permissions() {
        let roles: Vec<Json> = PERMISSIONS
            .iter()
            .map(|name| json!({ "id": format!("id of {name}"), "value": name }))
            .collect();
        let held = |names: &[&str]| -> Vec<Json> {
            let one = |name: &&str| json!({ "principalId": "w", "principalDisplayName": "Writer", "appRoleId": format!("id of {name}") });
            names.iter().map(one).collect()
        };
        let judge = |names: &[&str]| {
            let row = judged(&json!(roles), &held(names)).named("x");
            (row.passed, format!("{:?} {:?}", row.detail, row.fix))
        };
        assert_eq!(judge(&PERMISSIONS).0, Some(true));
        let (passed, words) = judge(&PERMISSIONS[..3]);
        assert_eq!(passed, Some(false));
        assert!(
            words.contains("Writer") && words.contains("lacks Policy.Read.All"),
            "{words}"
        );
        let (passed, words) = judge(&PERMISSIONS[1..]);
        assert_eq!(passed, Some(false));
        assert!(words.contains("Microsoft cloud settings"), "{words}");
    }

    #[test]
    fn another_cloud_must_be_allowed() {
        let judge = |clouds: Json| {
            allowed(&json!({ "allowedCloudEndpoints": clouds }))
                .named("x")
                .passed
        };
        assert_eq!(judge(json!(["microsoftonline.us"])), Some(true));
        assert_eq!(judge(json!([])), Some(false));
        assert_eq!(judge(Json::Null), Some(false));
    }
}
