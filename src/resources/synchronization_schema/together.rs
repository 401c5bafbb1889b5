//! Warns about settings that group synchronization requires together, from the data of the source tenant, before any write.

use serde_json::Value as Json;

use super::super::group_kinds::{self, LeftOut};
use super::super::paths::principal_path;
use super::part::Objects;
use sdk::enumeration::listed;
use sdk::prelude::*;

/// The maximum number of assigned groups that are read.
const LOOKED_AT: usize = 100;

/// Returns warnings if a plan enables the mapping of groups, or maps the manager of users, which is not synchronized across clouds either.
pub(super) async fn warnings(
    context: &Context,
    prior: &Value,
    planned: &Value,
) -> Result<Diagnostics> {
    let (groups, managers) = (
        newly(prior, planned, copies_groups),
        newly(prior, planned, maps_managers),
    );
    let principal = planned.member("service_principal_id").as_str();
    let Some(principal) = principal.filter(|_| groups || managers) else {
        return Ok(Diagnostics::new());
    };
    let path = principal_path(principal);
    let mut paths = vec![format!("{path}/synchronization/secrets")];
    if groups {
        paths.push(format!("{path}/appRoleAssignedTo?$top=999"));
    }
    let mut answers = context.graph.batch_get(&paths).await?.into_iter();
    let mut next = || answers.next().and_then(Result::ok).flatten();
    let (secrets, assigned) = (next(), next());
    let mut found = Diagnostics::new();
    if let Some(secrets) = secrets {
        found.extend(of_scope(&secrets).filter(|_| groups));
        found.extend(of_cloud(context, &secrets, groups, managers).await);
    }
    if let Some(assigned) = assigned {
        found.extend(of_assignments(context, &assigned).await?);
    }
    Ok(found)
}

fn newly(prior: &Value, planned: &Value, does: impl Fn(&Value) -> bool) -> bool {
    does(planned) && !does(prior)
}

fn copies_groups(schema: &Value) -> bool {
    schema.member(Objects::Groups.switch()).as_bool() == Some(true)
}

fn maps_managers(schema: &Value) -> bool {
    let mappings = schema.member(Objects::Users.mappings()).as_object();
    mappings.is_some_and(|mappings| mappings.contains_key("manager"))
}

fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
    let at = Path::root(Objects::Groups.switch());
    Diagnostic::warning(summary, detail).at(at)
}

fn secret<'s>(secrets: &'s Json, key: &str) -> Option<&'s str> {
    let mut pairs = secrets["value"].as_array().into_iter().flatten();
    pairs.find(|pair| pair["key"] == key)?["value"].as_str()
}

fn of_scope(secrets: &Json) -> Option<Diagnostic> {
    let scope = secret(secrets, "SyncAll")?;
    scope.eq_ignore_ascii_case("true").then(|| {
        warning(
            "Groups are not synchronized with the scope `all`",
            "The job synchronizes all users of this tenant. Groups require the scope of assigned users and groups: set \
            `scope = \"assigned\"` in `crosstenant_provisioning_job`. Otherwise, no groups are created in the target \
            tenant.",
        )
    })
}

/// Warns if the target is in another cloud: such tenants cannot be looked up. If no lookup is possible, there is no warning.
async fn of_cloud(context: &Context, secrets: &Json, groups: bool, managers: bool) -> Diagnostics {
    let target = secret(secrets, "CompanyId").filter(|id| !id.is_empty());
    let Some(target) = target else {
        return Diagnostics::new();
    };
    let path = format!(
        "/tenantRelationships/findTenantInformationByTenantId(tenantId={})",
        graph::quoted(target)
    );
    if !matches!(context.graph.get(&path).await, Ok(None)) {
        return Diagnostics::new();
    }
    let there = format!(
        "The target tenant {target} is not in the cloud of this tenant. Across clouds, only users are synchronized, \
        without their managers."
    );
    let copied = groups.then(|| {
        warning(
            "Groups are not synchronized across clouds",
            format!("{there} Remove `groups_enabled`."),
        )
    });
    let managed = managers.then(|| {
        let summary = "Managers are not synchronized across clouds";
        let at = Path::root(Objects::Users.mappings()).key("manager");
        Diagnostic::warning(summary, format!("{there} Remove the mapping of `manager`.")).at(at)
    });
    copied.into_iter().chain(managed).collect()
}

async fn of_assignments(context: &Context, assigned: &Json) -> Result<Diagnostics> {
    let all = assigned["value"].as_array().into_iter().flatten();
    let groups: Vec<&Json> = all.filter(|it| it["principalType"] == "Group").collect();
    let mut found = Diagnostics::new();
    if groups.is_empty() {
        if !graph::has_next_page(assigned) {
            found.push(warning(
                "No group is assigned",
                "The mapping of groups copies assigned groups, but no group is assigned to this configuration. Assign \
                groups with `crosstenant_app_role_assignment` or `crosstenant_app_role_assignments`. If the same apply \
                assigns them, ignore this warning.",
            ));
        }
        return Ok(found);
    }
    let name = |it: &&Json| text(it, "principalDisplayName").unwrap_or_default();
    let without_role = |it: &&&Json| it["appRoleId"] == group_kinds::NO_ROLE;
    let unentitled: Vec<String> = groups.iter().filter(without_role).map(name).collect();
    if !unentitled.is_empty() {
        found.push(no_role(&unentitled));
    }
    let ids = groups.iter().filter_map(|it| text(it, "principalId"));
    let paths: Vec<String> = ids
        .take(LOOKED_AT)
        .map(|id| {
            format!(
                "/groups/{}?$select={}",
                graph::segment(&id),
                group_kinds::SELECT
            )
        })
        .collect();
    let read = context.graph.batch_get(&paths).await?;
    let read: Vec<Json> = read
        .into_iter()
        .filter_map(|it| it.ok().flatten())
        .collect();
    found.extend(of_kinds(&read));
    let copied = read.iter().filter(|group| LeftOut::of(group).is_none());
    let copied: Vec<String> = copied
        .filter_map(|group| text(group, "displayName"))
        .collect();
    if !copied.is_empty() {
        found.push(copies(&copied));
    }
    Ok(found)
}

fn no_role(names: &[String]) -> Diagnostic {
    warning(
        "Groups are assigned without a role",
        format!(
            "These groups are assigned with the all-zero role (default access): {}. The service synchronizes neither the groups nor their \
             members and logs `NotEffectivelyEntitled`. Remove these assignments and assign the groups again with the role `msiam_access`, \
             which is the default of `crosstenant_app_role_assignment`.",
            listed(names)
        ),
    )
}

fn copies(names: &[String]) -> Diagnostic {
    let count = match names.len() {
        1 => "1 assigned group".to_owned(),
        many => format!("{many} assigned groups"),
    };
    warning(
        format!("{count} will be copied to the target tenant"),
        format!(
            "An assigned group brings its direct members into scope and, if the mapping of groups is enabled, is \
            itself copied as a static security group, even if it was assigned only for its members: {}. To exclude \
            groups, use `group_scoping_filters`.",
            listed(names)
        ),
    )
}

/// Returns a warning about groups that are not copied, each with its kind.
pub(super) fn of_kinds(groups: &[Json]) -> Option<Diagnostic> {
    let out = |group: &Json| {
        let kind = LeftOut::of(group)?;
        let name = text(group, "displayName").unwrap_or_default();
        let members = if kind.brings_members() {
            "its direct members are synchronized"
        } else {
            "its members are not synchronized either"
        };
        Some(format!("{name} is {} ({members})", kind.words()))
    };
    let lines: Vec<String> = groups.iter().filter_map(out).collect();
    (!lines.is_empty()).then(|| {
        warning(
            "Some assigned groups are not copied",
            format!(
                "Only security groups and Microsoft 365 groups are copied, static or dynamic. Role-assignable groups \
                and nested groups are not copied: {}.",
                listed(&lines)
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, reply};

    const PRINCIPAL: &str = "5d6c2f0e-7a41-4b5e-9f3a-1c8e4d2b6a70";

    fn planned(on: bool) -> Value {
        let members = [
            ("service_principal_id".to_owned(), Value::from(PRINCIPAL)),
            ("groups_enabled".to_owned(), Value::from(on)),
        ];
        Value::Object(members.into())
    }

    /// A plan with a mapping of managers and without groups.
    fn managed() -> Value {
        let mut planned = planned(false);
        let manager = Value::Object([("attribute".to_owned(), "manager".into())].into());
        planned.set_member(
            "attribute_mappings",
            Value::Map([("manager".to_owned(), manager)].into()),
        );
        planned
    }

    /// Returns the warnings of a plan that enables groups, with these responses of the tenant.
    async fn said(all: &str, groups: Json, known: bool) -> Vec<String> {
        told(&planned(true), all, groups, known).await
    }

    async fn told(planned_now: &Value, all: &str, groups: Json, known: bool) -> Vec<String> {
        let all = all.to_owned();
        let script = Script::new(move |sent| {
            if !sent.path.ends_with("$batch") {
                let tenant = json!({ "tenantId": "t", "displayName": "Fabrikam" });
                let absent =
                    json!({ "error": { "code": "Request_ResourceNotFound", "message": "x" } });
                return if known {
                    reply(200, &tenant)
                } else {
                    reply(404, &absent)
                };
            }
            let secrets = json!({ "value": [{ "key": "SyncAll", "value": all },
                { "key": "CompanyId", "value": "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264" }] });
            let listed = groups.as_array().into_iter().flatten().map(|group| {
                json!({ "principalType": "Group", "principalId": group["id"], "principalDisplayName": group["displayName"],
                    "appRoleId": group["role"] })
            });
            let assigned = json!({ "value": listed.collect::<Vec<Json>>() });
            let requests = sent.body["requests"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let answers = requests.iter().map(|request| {
                let url = request["url"].as_str().unwrap_or_default();
                let body = if url.contains("/synchronization/secrets") {
                    secrets.clone()
                } else if url.contains("/appRoleAssignedTo") {
                    assigned.clone()
                } else {
                    let mut all = groups.as_array().into_iter().flatten();
                    let is_it = |group: &&Json| url.contains(group["id"].as_str().unwrap_or("?"));
                    all.find(is_it).cloned().unwrap_or_default()
                };
                json!({ "id": request["id"], "status": 200, "body": body })
            });
            reply(200, &json!({ "responses": answers.collect::<Vec<Json>>() }))
        });
        let context = Context::new(script.client());
        let found = warnings(&context, &planned(false), planned_now)
            .await
            .unwrap();
        found
            .into_iter()
            .map(|it| format!("{}: {}", it.summary, it.detail))
            .collect()
    }

    fn group(id: &str, name: &str, more: &Json) -> Json {
        let mut group = json!({ "id": id, "displayName": name, "role": "r", "groupTypes": [], "mailEnabled": false,
            "securityEnabled": true });
        for (member, value) in more.as_object().into_iter().flatten() {
            group[member.as_str()] = value.clone();
        }
        group
    }

    #[tokio::test]
    async fn each_wrong_combination_has_its_own_words() {
        let plain = || json!([group("g1", "Team", &json!({}))]);
        let one = said("false", plain(), true).await;
        assert_eq!(one.len(), 1, "{one:?}");
        assert!(
            one[0].starts_with("1 assigned group will be copied"),
            "{one:?}"
        );
        let everyone = said("true", plain(), true).await;
        assert!(
            everyone[0].starts_with("Groups are not synchronized with the scope `all`"),
            "{everyone:?}"
        );
        let other_cloud = said("false", plain(), false).await;
        assert!(
            other_cloud[0].starts_with("Groups are not synchronized across clouds"),
            "{other_cloud:?}"
        );
        let managers = told(&managed(), "true", json!([]), false).await;
        assert_eq!(managers.len(), 1, "{managers:?}");
        assert!(
            managers[0].starts_with("Managers are not synchronized across clouds"),
            "{managers:?}"
        );
        assert!(told(&managed(), "true", json!([]), true).await.is_empty());
        let nobody = said("false", json!([]), true).await;
        assert!(nobody[0].starts_with("No group is assigned"), "{nobody:?}");
        let no_role = said(
            "false",
            json!([group(
                "g1",
                "Team",
                &json!({ "role": group_kinds::NO_ROLE })
            )]),
            true,
        )
        .await;
        assert!(
            no_role[0].contains("msiam_access") && no_role[0].contains("Team"),
            "{no_role:?}"
        );
        let kinds = json!([
            group("g1", "Admins", &json!({ "isAssignableToRole": true })),
            group(
                "g2",
                "List",
                &json!({ "mailEnabled": true, "securityEnabled": false })
            ),
        ]);
        let kinds = said("false", kinds, true).await;
        assert_eq!(kinds.len(), 1, "none is copied: {kinds:?}");
        assert!(
            kinds[0].contains(
                "Admins is a role-assignable group (its direct members are synchronized)"
            ),
            "{kinds:?}"
        );
        assert!(
            kinds[0]
                .contains("List is a distribution group (its members are not synchronized either)"),
            "{kinds:?}"
        );
    }

    #[tokio::test]
    async fn nothing_is_asked_where_groups_are_not_enabled_now() {
        let context = Context::new(Script::of([]).client());
        for (prior, next) in [(true, true), (false, false), (true, false)] {
            let found = warnings(&context, &planned(prior), &planned(next))
                .await
                .unwrap();
            assert!(found.is_empty());
        }
    }
}
