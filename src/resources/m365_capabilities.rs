//! Single Microsoft 365 features that a partner, or all tenants, may use across tenants: separate objects below a policy.
//!
//! Graph has them only in beta, with separate requests, so they are read only if they matter: if they are configured, after an import, and
//! if the policy gives the other tenant access, without which they have no effect.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::partner_policy::is_unknown_to_beta;
use sdk::enumeration::listed;
use sdk::observed::Finding;
use sdk::prelude::*;

attributes! {
    /// Whether one Microsoft 365 feature may be used from the other tenant, and for which users and groups.
    pub struct M365Capability {
        /// Whether the feature may be used.
        is_allowed: bool,
        /// Users and groups that the setting applies to. Optional. Defaults to all users: `[{ resource_id = "All",
        /// resource_type = "user" }]`.
        included: Option<Set<M365Resource>> = default_value(everyone()).check(Check::NotEmpty),
        /// Users and groups that are excluded from `included`. Optional. Defaults to none.
        excluded: Option<Set<M365Resource>> = default_value(Value::set(Vec::new())),
    }

    /// A user, a group, or all users.
    pub struct M365Resource {
        /// Object ID of the user or group, or `All`.
        resource_id: String = required().check(Check::NotEmpty),
        /// `user` or `group`.
        resource_type: String = required().one_of(&["user", "group"]),
    }
}

/// The features by their names in Graph.
pub(super) type Capabilities = BTreeMap<String, M365Capability>;

/// The documented features.
pub(super) const NAMES: [&str; 14] = [
    "anonymousCalendarSharingFreeBusyDetail",
    "anonymousCalendarSharingFreeBusyReviewer",
    "anonymousCalendarSharingFreeBusySimple",
    "crossTenantCalendarAvailabilityBasic",
    "crossTenantCalendarAvailabilityLimitedDetails",
    "crossTenantCalendarSharingFreeBusyDetail",
    "crossTenantCalendarSharingFreeBusyReviewer",
    "crossTenantCalendarSharingFreeBusySimple",
    "crossTenantMailTipsAll",
    "crossTenantMailTipsLimited",
    "crossTenantMigration",
    "crossTenantOpenProfileCard",
    "crossTenantPlacesDeskBooking",
    "crossTenantPlacesRoomBooking",
];

/// The attribute in both policies.
pub(super) const ATTRIBUTE: &str = "m365_capabilities";

fn everyone() -> Value {
    let all = [("resource_id", "All"), ("resource_type", "user")];
    let all = all.map(|(name, value)| (name.to_owned(), value.into()));
    Value::set(vec![Value::Object(all.into())])
}

/// No feature, as an import stores it.
pub(super) fn none() -> Value {
    Capabilities::new().to_value()
}

/// Returns the path of the features below a policy.
fn collection(policy: &str) -> String {
    graph::beta(&format!("{policy}/m365Capabilities"))
}

/// Checks names and scopes.
pub(super) fn validate(config: &Value, found: &mut Diagnostics) {
    let capabilities = config.member(ATTRIBUTE).as_object().into_iter().flatten();
    for (name, capability) in capabilities {
        let at = Path::root(ATTRIBUTE).key(name);
        if !NAMES.contains(&name.as_str()) {
            let detail = format!(
                "`{name}` is not a Microsoft 365 feature that can be opened to another tenant. Use one of {}.",
                NAMES.join(", ")
            );
            found.push(Diagnostic::error("Unknown Microsoft 365 feature", detail).at(at.clone()));
        }
        for part in ["included", "excluded"] {
            let mut resources = capability.member(part).as_elements().into_iter().flatten();
            if let Some(wrong) = resources.find_map(wrong_resource) {
                let at = at.attribute(part);
                let detail = format!("`{at}`: {wrong}.");
                found.push(Diagnostic::error("Invalid user or group", detail).at(at));
            }
        }
    }
}

fn wrong_resource(resource: &Value) -> Option<String> {
    let id = resource.member("resource_id").as_str()?;
    if id == "All" {
        let is_group = resource.member("resource_type").as_str() == Some("group");
        return is_group.then(|| "`All` needs the resource type `user`".to_owned());
    }
    (!is_guid(id)).then(|| format!("{id:?} is neither an object ID nor `All`"))
}

/// Whether the settings of a policy give access to anyone, without which no feature can be used.
fn matter(policy: &Json) -> bool {
    policy["m365CollaborationInbound"]["users"]["accessType"] == "allowed"
}

/// Returns the features to store for the policy at `path` with the response `answer`. `stored` is their value in the state, and `is_bare`
/// is set if only the key of the policy is stored, as after an import.
pub(super) async fn shown(
    context: &Context,
    path: &str,
    answer: &Json,
    stored: Option<&Capabilities>,
    is_bare: bool,
) -> Result<Option<Capabilities>> {
    if !is_bare && stored.is_none() && !matter(answer) {
        return Ok(None);
    }
    let is_expected = is_bare || stored.is_some();
    Ok(match read(context, path).await? {
        None => stored.filter(|stored| stored.is_empty()).cloned(),
        Some(found) if found.is_empty() && !is_expected => None,
        found => found,
    })
}

/// Reads the features below a policy; `None` if the tenant's cloud does not support them.
pub(super) async fn read(context: &Context, path: &str) -> Result<Option<Capabilities>> {
    let answer = match context.graph.get(&collection(path)).await {
        Err(error) if is_unknown_to_beta(&error) => None,
        answer => answer?,
    };
    let Some(answer) = answer else {
        return Ok(None);
    };
    let items = answer["value"].as_array().into_iter().flatten();
    let named = items.filter_map(|item| Some((text(item, "name")?, found(item))));
    named
        .map(|(name, capability)| Ok((name, capability?)))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn found(item: &Json) -> Result<M365Capability> {
    let access = &item["inboundAccess"];
    let scopes = &access["resourceScopes"];
    model(&json!({
        "isAllowed": access["isAllowed"].as_bool().unwrap_or(false),
        "included": scopes["included"].as_array().cloned().unwrap_or_default(),
        "excluded": scopes["excluded"].as_array().cloned().unwrap_or_default(),
    }))
}

fn access(capability: &M365Capability) -> Json {
    let mut body = json::everything(&M365Capability::attributes(), &capability.to_value());
    let is_allowed = body["isAllowed"].take();
    if let Json::Object(scopes) = &mut body {
        scopes.remove("isAllowed");
    }
    json!({ "isAllowed": is_allowed, "resourceScopes": body })
}

/// Changes the features below a policy from those of `state` to those in `planned`, one by one. `state` is updated after each successful
/// step.
pub(super) async fn write(
    context: &Context,
    path: &str,
    planned: Option<&Capabilities>,
    state: &mut Option<Capabilities>,
) -> Result {
    let nothing = Capabilities::new();
    let wanted = planned.unwrap_or(&nothing);
    let before = state.clone().unwrap_or_default();
    for name in before.keys().filter(|name| !wanted.contains_key(*name)) {
        let one = format!("{}/{}", collection(path), graph::segment(name));
        context.graph.delete(&one).await?;
        state.get_or_insert_default().remove(name);
    }
    for (name, capability) in wanted {
        let is_there = before.get(name);
        if is_there != Some(capability) {
            put(context, path, (name, capability), is_there.is_some()).await?;
            let state = state.get_or_insert_default();
            state.insert(name.clone(), capability.clone());
        }
    }
    *state = planned.cloned();
    Ok(())
}

async fn put(
    context: &Context,
    path: &str,
    (name, capability): (&str, &M365Capability),
    is_there: bool,
) -> Result {
    let all = collection(path);
    let one = format!("{all}/{}", graph::segment(name));
    let access = access(capability);
    let kind = format!("#microsoft.graph.{name}");
    let body = json!({ "@odata.type": kind, "inboundAccess": access });
    if is_there {
        context.graph.patch(&one, &body).await?;
        return Ok(());
    }
    match context.graph.post(&all, &body, Resend::Safe).await {
        // The feature may have been created outside Terraform or by a request whose response was lost. It is updated instead.
        Err(error) if error.is_conflict() => context.graph.patch(&one, &body).await?,
        answer => drop(answer?),
    }
    Ok(())
}

/// Describes the effect of features that were enabled outside Terraform. `whose` is the tenants that can use them.
pub(super) fn finding(found: &Value, whose: &str) -> Option<Finding> {
    let capabilities = found.as_object().into_iter().flatten();
    let open = capabilities.filter(|(_, it)| it.member("is_allowed").as_bool() == Some(true));
    let open: Vec<String> = open.map(|(name, _)| format!("`{name}`")).collect();
    (!open.is_empty()).then(|| Finding {
        attribute: ATTRIBUTE,
        allows: true,
        what: format!(
            "Users of {whose} may use these Microsoft 365 features of this tenant: {}. By default, no features are allowed.",
            listed(&open)
        ),
        fix: format!("{ATTRIBUTE} = {{}}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::{Script, empty, refuse, reply};

    const PATH: &str = "/policies/crossTenantAccessPolicy/default";

    fn capability(is_allowed: bool) -> M365Capability {
        let mut capability = M365Capability::from_value(&Value::Null).unwrap();
        capability.is_allowed = is_allowed;
        let everyone = AttributeType::from_value(&everyone()).unwrap();
        (capability.included, capability.excluded) = (Some(everyone), Some(Set(Vec::new())));
        capability
    }

    fn of(names: &[(&str, bool)]) -> Capabilities {
        let one = |(name, allowed): &(&str, bool)| ((*name).to_owned(), capability(*allowed));
        names.iter().map(one).collect()
    }

    fn item(name: &str, allowed: bool) -> Json {
        json!({ "@odata.type": format!("#microsoft.graph.{name}"), "name": name, "lastModifiedDateTime": "2026-08-07T00:00:00Z",
            "inboundAccess": { "isAllowed": allowed, "resourceScopes":
                { "included": [{ "resourceId": "All", "resourceType": "user" }], "excluded": [] } } })
    }

    #[tokio::test]
    async fn only_what_differs_is_written_and_the_rest_deleted() {
        let script = Script::of([empty(204), empty(204), reply(201, &json!({}))]);
        let context = Context::new(script.client());
        let mut state = Some(of(&[("a", true), ("b", true), ("c", true)]));
        let planned = of(&[("b", true), ("c", false), ("d", true)]);
        write(&context, PATH, Some(&planned), &mut state)
            .await
            .unwrap();
        assert_eq!(state, Some(planned));
        let all = format!("/beta{PATH}/m365Capabilities");
        assert_eq!(
            script.calls(),
            [
                format!("DELETE {all}/a"),
                format!("PATCH {all}/c"),
                format!("POST {all}")
            ]
        );
        let sent = &script.sent()[2].body;
        assert_eq!(sent["@odata.type"], "#microsoft.graph.d");
        assert_eq!(sent["inboundAccess"], item("d", true)["inboundAccess"]);
    }

    #[tokio::test]
    async fn one_that_exists_becomes_what_is_planned_and_a_failure_keeps_what_was_reached() {
        let script = Script::of([
            refuse(409, "Request_MultipleObjectsWithSameKeyValue"),
            empty(204),
            refuse(403, "Authorization_RequestDenied"),
        ]);
        let context = Context::new(script.client());
        let mut state = None;
        let planned = of(&[("a", true), ("b", true)]);
        let failed = write(&context, PATH, Some(&planned), &mut state).await;
        let said = failed.unwrap_err().into_diagnostic("create", "t").detail;
        assert!(
            said.contains("Policy.ReadWrite.CrossTenantCapability"),
            "{said}"
        );
        assert_eq!(state, Some(of(&[("a", true)])));
    }

    #[tokio::test]
    async fn they_are_asked_for_only_where_they_matter() {
        let script = Script::of([
            reply(200, &json!({ "value": [item("a", true)] })),
            reply(200, &json!({ "value": [] })),
            refuse(400, "BadRequest"),
        ]);
        let context = Context::new(script.client());
        let closed =
            json!({ "m365CollaborationInbound": { "users": { "accessType": "blocked" } } });
        let open = json!({ "m365CollaborationInbound": { "users": { "accessType": "allowed" } } });
        let look = async |answer, stored, is_bare| {
            let shown = shown(&context, PATH, answer, stored, is_bare);
            shown.await.unwrap()
        };
        assert_eq!(look(&closed, None, false).await, None);
        assert!(script.calls().is_empty());
        assert_eq!(look(&open, None, false).await, Some(of(&[("a", true)])));
        assert_eq!(look(&closed, None, true).await, Some(Capabilities::new()));
        // A cloud that does not support them.
        assert_eq!(look(&closed, None, true).await, None);
    }

    #[test]
    fn names_and_scopes_are_checked() {
        let told = |name: &str, id: &str, kind: &str| {
            let mut capability = capability(true);
            capability.excluded = Some(Set(vec![M365Resource {
                resource_id: id.to_owned(),
                resource_type: kind.to_owned(),
            }]));
            let capabilities = Capabilities::from([(name.to_owned(), capability)]);
            let config = Value::Object([(ATTRIBUTE.to_owned(), capabilities.to_value())].into());
            let mut found = Diagnostics::new();
            validate(&config, &mut found);
            found
                .into_iter()
                .map(|it| it.summary)
                .collect::<Vec<String>>()
        };
        let id = "b1000000-0000-4000-8000-000000000001";
        assert!(told("crossTenantOpenProfileCard", id, "group").is_empty());
        assert_eq!(
            told("openCard", id, "group"),
            ["Unknown Microsoft 365 feature"]
        );
        for (id, kind) in [("All", "group"), ("everyone", "user")] {
            assert_eq!(
                told("crossTenantMigration", id, kind),
                ["Invalid user or group"]
            );
        }
    }

    #[test]
    fn only_what_is_open_is_a_finding() {
        let found = |names: &[(&str, bool)]| finding(&of(names).to_value(), "tenant t");
        assert!(found(&[]).is_none() && found(&[("a", false)]).is_none());
        let opened = found(&[("a", true), ("b", false)]).unwrap();
        assert!(opened.what.contains("`a`") && !opened.what.contains("`b`"));
    }
}
