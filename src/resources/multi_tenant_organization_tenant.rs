//! Another tenant of the multitenant organization, added by the owner.

use serde_json::Value as Json;

use sdk::prelude::*;

attributes! {
    /// Manages one other tenant of this tenant's multitenant organization. Configure this resource in an owner tenant.
    ///
    /// The other tenant is `pending` until it joins with `crosstenant_multi_tenant_organization_join_request`.
    pub struct MultiTenantOrganizationTenant {
        /// Tenant ID of the tenant to add. Changing this forces a new resource to be created.
        member_tenant_id: String = key().guid().named("tenantId"),
        /// Name of the tenant inside the organization. Microsoft Graph cannot change it later. Changing this forces a
        /// new resource to be created: the tenant is removed and added again, which can take up to two hours.
        display_name: String = key().check(Check::NotEmpty),
        /// Role of the tenant: `owner` (manages the organization) or `member` (takes part in it).
        role: Option<String> = default("member").one_of(&["owner", "member"]),
        /// `pending` until the tenant has joined, then `active`.
        state: Option<String> = read_only(),
        /// Tenant ID of the tenant that added it.
        added_by_tenant_id: Option<String> = read_only(),
        /// Time at which the tenant was added.
        added_date_time: Option<String> = read_only(),
        /// Time at which the tenant joined.
        joined_date_time: Option<String> = read_only(),
        /// Tenant ID of the owner tenant that this entry belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

/// The path of the tenants of the organization, including this tenant.
pub(super) const TENANTS: &str = "/tenantRelationships/multiTenantOrganization/tenants";

impl Resource for MultiTenantOrganizationTenant {
    const NAME: &'static str = "multi_tenant_organization_tenant";
    const TASK: Task = Task::MultitenantOrganization;
    const EXPORT: Export = Export::Always(export::ORGANIZATION);
    const PATH: &'static str =
        "/tenantRelationships/multiTenantOrganization/tenants/{member_tenant_id}";
    const IMPORT: &'static [&'static str] = &[
        "<member_tenant_id>",
        "/tenantRelationships/multiTenantOrganization/tenants/<member_tenant_id>",
    ];
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH, Peer::MSGRAPH_UPDATE];
    const CALLS: Calls = &[
        "GET /tenantRelationships/multiTenantOrganization",
        "POST /tenantRelationships/multiTenantOrganization/tenants",
        "GET",
        "PATCH",
        "DELETE",
    ];
    const NOTES: &'static str = "\
Destroying this resource removes the tenant from the organization, which can take up to two hours. Partner settings that the organization
created are kept.";

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("member_tenant_id", Some("owner"));
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let path = planned.path();
        let body = json::body(&Self::attributes(), &planned.to_value());
        let look = || context.graph.get(&path);
        let answer = match context
            .graph
            .post_once(TENANTS, &body, Resend::Safe, look)
            .await
        {
            Err(error) if error.is_conflict() => return Err(planned.exists(context).await?),
            Err(error) if error.is_not_found() => return Err(no_organization(context)),
            answer => answer?,
        };
        let added = planned.found(&answer)?;
        *state = added.or_else(|| Some(planned.clone()));
        Ok(())
    }

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        // The removal of a tenant can take up to two hours.
        if is_leaving(answer) {
            return Ok(None);
        }
        let mut found: Self = model(answer)?;
        found.member_tenant_id.clone_from(&self.member_tenant_id);
        if found.display_name.is_empty() {
            found.display_name.clone_from(&self.display_name);
        }
        Ok(Some(found))
    }
}

impl MultiTenantOrganizationTenant {
    /// Returns the error about a tenant that was already added.
    async fn exists(&self, context: &Context) -> Result<Problem> {
        let id = &self.member_tenant_id;
        let found = context.graph.get(&self.path()).await?;
        if found.is_some_and(|found| is_leaving(&found)) {
            return Ok(Problem::at(
                "member_tenant_id",
                "The tenant is still leaving the organization",
                format!(
                    "Tenant {id} was removed from the multitenant organization, but the removal has not finished yet. \
                    It can take up to two hours. Apply again later."
                ),
            ));
        }
        let what = format!("Tenant {id} of the multitenant organization");
        Ok(Self::already_exists(context, &what, id))
    }
}

pub(super) fn is_leaving(tenant: &Json) -> bool {
    tenant["state"] == "removed"
}

fn no_organization(context: &Context) -> Problem {
    Problem::error(
        "There is no multitenant organization",
        format!(
            "Tenant {} does not own a multitenant organization. Create one with \
            `crosstenant_multi_tenant_organization`, and let this resource depend on it.",
            context.tenant_id()
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, empty, refuse, reply};

    const OTHER: &str = "AAAAAAAA-0000-4000-8000-000000000000";

    fn other() -> MultiTenantOrganizationTenant {
        MultiTenantOrganizationTenant {
            member_tenant_id: OTHER.to_owned(),
            display_name: "Fabrikam".to_owned(),
            role: Some("member".to_owned()),
            ..MultiTenantOrganizationTenant::from_value(&Value::Null).unwrap()
        }
    }

    fn answer(state: &str) -> Json {
        json!({ "tenantId": OTHER.to_lowercase(), "displayName": "Fabrikam", "role": "member", "state": state,
            "addedByTenantId": "1", "addedDateTime": "2026-01-02T03:04:05Z", "joinedDateTime": null })
    }

    #[tokio::test]
    async fn it_is_added_promoted_and_removed() {
        let script = Script::of([reply(201, &answer("pending")), empty(204), empty(204)]);
        let context = Context::new(script.client());
        let mut state = None;
        MultiTenantOrganizationTenant::create(&context, &other(), &mut state)
            .await
            .unwrap();
        let mut state = state.unwrap();
        let expected = (Some("Fabrikam"), Some("pending"), OTHER);
        let found = (
            Some(state.display_name.as_str()),
            state.state.as_deref(),
            state.member_tenant_id.as_str(),
        );
        assert_eq!(found, expected);
        let owner = MultiTenantOrganizationTenant {
            role: Some("owner".to_owned()),
            ..state.clone()
        };
        MultiTenantOrganizationTenant::update(&context, &owner, &mut state)
            .await
            .unwrap();
        MultiTenantOrganizationTenant::delete(&context, &state)
            .await
            .unwrap();
        let bodies: Vec<Json> = script.sent().into_iter().map(|sent| sent.body).collect();
        assert_eq!(
            bodies[0],
            json!({ "tenantId": OTHER, "displayName": "Fabrikam", "role": "member" })
        );
        assert_eq!(bodies[1], json!({ "role": "owner" }));
    }

    #[tokio::test]
    async fn one_that_is_leaving_is_gone_but_cannot_come_back_yet() {
        let script = Script::of([
            reply(200, &answer("removed")),
            refuse(409, "Request_MultipleObjectsWithSameKeyValue"),
            reply(200, &answer("removed")),
        ]);
        let context = Context::new(script.client());
        assert_eq!(
            MultiTenantOrganizationTenant::read(&context, &other())
                .await
                .unwrap(),
            None
        );
        let problem = MultiTenantOrganizationTenant::create(&context, &other(), &mut None)
            .await
            .unwrap_err();
        assert!(
            problem
                .into_diagnostic("create", "t")
                .summary
                .contains("still leaving")
        );
    }
}
