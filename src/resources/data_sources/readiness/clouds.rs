//! The rows about a pair of tenants in two Microsoft clouds.

use serde_json::Value as Json;

use super::super::prelude::*;
use super::ReadinessCheck;
use super::checks::{Verdict, hidden, is_denied, met, row, unmet, unseen};
use super::groups::Licensed;

/// The texts of the row about the license.
pub(super) const LICENSED: Licensed = Licensed {
    what: "synchronization across Microsoft clouds",
    more: "",
    instead: "or synchronize within one cloud",
};

/// The application ID of Microsoft Graph, the same in every tenant.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// The permissions of the service principal in the target tenant, by their names in Microsoft Graph.
const PERMISSIONS: [&str; 4] = [
    "User.ReadWrite.CrossCloud",
    "User.Invite.All",
    "Organization.Read.All",
    "Policy.Read.All",
];

/// Returns the additional rows about this tenant for a pair in two clouds.
pub(super) async fn rows(
    context: &Context,
    is_source: bool,
    other: Option<&str>,
) -> Result<Vec<ReadinessCheck>> {
    let policy = context.graph.get("/policies/crossTenantAccessPolicy").await;
    let mut rows = vec![row("cloud_allowed", policy, |found| {
        allowed(found.as_ref().unwrap_or(&Json::Null), other)
    })?];
    if let Some(other) = other {
        let own = context.graph.cloud().policy_name();
        let (from, to) = if is_source {
            (own, other)
        } else {
            (other, own)
        };
        rows.push(pair(from, to).named("cloud_pair_supported"));
    }
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

/// The pairs of clouds between which Microsoft supports synchronization, by direction.
const PAIRS: [(&str, &str); 3] = [
    ("microsoftonline.com", "microsoftonline.us"),
    ("microsoftonline.us", "microsoftonline.com"),
    ("microsoftonline.com", "partner.microsoftonline.cn"),
];

fn pair(from: &str, to: &str) -> Verdict {
    if PAIRS.contains(&(from, to)) {
        return met(format!(
            "Microsoft supports synchronization from {from} to {to}."
        ));
    }
    let supported: Vec<String> = PAIRS
        .iter()
        .map(|(from, to)| format!("{from} to {to}"))
        .collect();
    unmet(
        format!("Microsoft does not support synchronization from {from} to {to}."),
        format!(
            "Use a pair of clouds that Microsoft supports: {}. If both tenants are in the same cloud, omit `across_clouds`.",
            supported.join(", ")
        ),
    )
}

/// Whether the cloud of the other tenant is allowed; any cloud if that cloud is unknown.
fn allowed(policy: &Json, other: Option<&str>) -> Verdict {
    let clouds = policy["allowedCloudEndpoints"].as_array();
    let clouds: Vec<&str> = clouds
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    if let Some(other) = other {
        return known(&clouds, other);
    }
    if clouds.is_empty() {
        return unmet(
            "This tenant does not allow any other Microsoft cloud.",
            "Set `allowed_cloud_endpoints` of `crosstenant_access_policy` in this tenant to the cloud of the other \
            tenant. The other tenant must allow the cloud of this tenant as well.",
        );
    }
    met(format!(
        "This tenant allows the clouds {}. Whether the other tenant is in one of them cannot be looked up.",
        clouds.join(", ")
    ))
}

/// Whether the cloud of the other tenant is among the allowed ones.
fn known(clouds: &[&str], other: &str) -> Verdict {
    if clouds.contains(&other) {
        return met(format!("This tenant allows the cloud {other}."));
    }
    let wanted = clouds.iter().chain([&other]);
    let wanted: Vec<String> = wanted.map(|cloud| format!("{cloud:?}")).collect();
    unmet(
        format!("This tenant does not allow {other}, the cloud of the other tenant."),
        format!(
            "Set `allowed_cloud_endpoints = [{}]` in `crosstenant_access_policy` in this tenant. The other tenant must \
            allow the cloud of this tenant as well.",
            wanted.join(", ")
        ),
    )
}

/// Whether there is a service principal that can write users of another cloud. Its application ID is not public, so it is recognized by its
/// permissions.
async fn writer(context: &Context) -> Result<Verdict, graph::Error> {
    let path = format!(
        "/servicePrincipals?$filter=appId%20eq%20{}&$select=id,appRoles",
        graph::quoted(GRAPH)
    );
    let found = context.graph.list(&path).await?;
    let Some(graph) = found.first() else {
        return Ok(unseen(
            "The service principal of Microsoft Graph cannot be found in this tenant.",
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
                "No service principal of this tenant has {}: the check box for cross-cloud synchronization is not \
                selected (`AzureActiveDirectoryTokenExpired`).",
                PERMISSIONS[0]
            ),
            "In the portal of this tenant, *Cross-tenant access settings*, *Microsoft cloud settings*, select \
            cross-cloud synchronization for the cloud of the source tenant. Graph has no documented call for it.",
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
        "Clear the check box for cross-cloud synchronization in the portal and select it again, or grant these \
        permissions of Microsoft Graph.",
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
    fn not_every_pair_of_clouds_is_supported() {
        let judge = |from, to| pair(from, to).named("x").passed;
        let [global, government, china] = [
            "microsoftonline.com",
            "microsoftonline.us",
            "partner.microsoftonline.cn",
        ];
        assert_eq!(judge(global, government), Some(true));
        assert_eq!(judge(government, global), Some(true));
        assert_eq!(judge(global, china), Some(true));
        for (from, to) in [(china, global), (government, china), (global, global)] {
            assert_eq!(judge(from, to), Some(false), "{from} {to}");
        }
    }

    #[test]
    fn another_cloud_must_be_allowed() {
        let judge = |clouds: Json, other: Option<&str>| {
            let row = allowed(&json!({ "allowedCloudEndpoints": clouds }), other).named("x");
            (row.passed, row.fix.unwrap_or_default())
        };
        assert_eq!(judge(json!(["microsoftonline.us"]), None).0, Some(true));
        assert_eq!(judge(json!([]), None).0, Some(false));
        assert_eq!(judge(Json::Null, None).0, Some(false));
        let china = Some("partner.microsoftonline.cn");
        let (passed, fix) = judge(json!(["microsoftonline.us"]), china);
        assert_eq!(passed, Some(false));
        assert!(
            fix.contains(r#"["microsoftonline.us", "partner.microsoftonline.cn"]"#),
            "{fix}"
        );
        assert_eq!(judge(json!([china]), china).0, Some(true));
    }
}
