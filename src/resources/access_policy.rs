//! The root of the cross-tenant access policy: the Microsoft clouds with which this tenant collaborates.

use serde_json::json;

use sdk::prelude::*;

attributes! {
    /// Manages the cross-tenant access policy itself: the other Microsoft clouds that this tenant collaborates with.
    ///
    /// Every tenant has exactly one. Both tenants of a pair in different clouds must allow the other's cloud before either can
    /// add the other with `crosstenant_partner_policy`.
    pub struct AccessPolicy {
        /// Other Microsoft clouds that this tenant collaborates with: `microsoftonline.com` (global),
        /// `microsoftonline.us` (US Government) and `partner.microsoftonline.cn` (operated by 21Vianet). The tenant's
        /// own cloud is not allowed. Microsoft's default is none.
        allowed_cloud_endpoints: Set<String> = required().check(Check::That(known_clouds)),
        /// Tenant ID of the tenant that this policy belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl Resource for AccessPolicy {
    const NAME: &'static str = "access_policy";
    const TASK: Task = Task::Policies;
    const EXPORT: Export = Export::IfChanged(export::SETTINGS);
    const PATH: &'static str = "/policies/crossTenantAccessPolicy";
    const DESTROY: Destroy = Destroy::Reset(|| json!({ "allowedCloudEndpoints": [] }));
    const IMPORT: &'static [&'static str] = &["<tenant_id>", Self::PATH, "crossTenantAccessPolicy"];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365_settings(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_policy",
        ),
        Peer::microsoft365wp_settings("microsoft365wp_cross_tenant_access_policy"),
        Peer::MSGRAPH_UPDATE,
    ];
    const NOTES: &'static str = "\
When a cloud is allowed, all organizations in that cloud are blocked until they are added as partners: create a `crosstenant_partner_policy`
for each. Both tenants must allow the cloud of the other tenant. Across clouds, B2B direct connect is not available, tenants can be found by
their tenant ID only, and users are invited by their user principal name. Keep the email address of users equal to it; otherwise, users see
a wrong hint when they sign in.

Creating this resource changes the existing policy. Destroying it disallows all other clouds again, which is Microsoft's default.";
}

fn known_clouds(clouds: &Value) -> Result<(), String> {
    const CLOUDS: Check = Check::OneOf(&[
        "microsoftonline.com",
        "microsoftonline.us",
        "partner.microsoftonline.cn",
    ]);
    let elements = clouds.as_elements().unwrap_or_default();
    let wrong = elements.iter().find_map(|cloud| CLOUDS.violation(cloud));
    wrong.map_or(Ok(()), |expected| {
        Err(format!("a set of which each is {expected}"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use graph::testing::{Script, empty};

    #[tokio::test]
    async fn it_is_written_without_a_look_at_what_a_replica_shows() {
        let clouds = |names: &[&str]| json!({ "id": "x", "allowedCloudEndpoints": names });
        let policy = |names: &[&str]| model::<AccessPolicy>(&clouds(names)).unwrap();
        let us = ["microsoftonline.us"];
        let script = Script::of([empty(204), empty(204), empty(204)]);
        let context = Context::new(script.client());
        let mut state = None;
        AccessPolicy::create(&context, &policy(&us), &mut state)
            .await
            .unwrap();
        let mut state = state.unwrap();
        AccessPolicy::update(&context, &policy(&[]), &mut state)
            .await
            .unwrap();
        AccessPolicy::delete(&context, &state).await.unwrap();
        let bodies: Vec<Json> = script.sent().into_iter().map(|sent| sent.body).collect();
        let none = json!({ "allowedCloudEndpoints": [] });
        assert_eq!(
            bodies,
            [json!({ "allowedCloudEndpoints": us }), none.clone(), none]
        );
    }

    #[test]
    fn an_unknown_cloud_is_named() {
        let set = Value::set(vec![
            "microsoftonline.us".into(),
            "microsoftonline.de".into(),
        ]);
        let expected = known_clouds(&set).unwrap_err();
        assert!(
            expected.contains("not \"microsoftonline.de\""),
            "{expected}"
        );
    }
}
