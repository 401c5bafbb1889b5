//! The multitenant organization that this tenant owns.

use std::time::Duration;

use serde_json::Value as Json;

use sdk::prelude::*;

attributes! {
    /// Manages the multitenant organization of which this tenant is the first owner. A multitenant organization makes the
    /// tenants of one company collaborate like one tenant.
    ///
    /// A tenant can belong to only one organization. Other tenants are added with
    /// `crosstenant_multi_tenant_organization_tenant` and join with `crosstenant_multi_tenant_organization_join_request`.
    pub struct MultiTenantOrganization {
        /// Name of the organization.
        display_name: String = required().check(Check::NotEmpty),
        /// Description of the organization.
        description: Option<String>,
        /// State of the organization: `active` once it has been created completely.
        state: Option<String> = read_only(),
        /// Time at which the organization was created.
        created_date_time: Option<String> = read_only(),
        /// Tenant ID of the tenant that owns the organization.
        tenant_id: Option<String> = read_only().local(),
    }
}

pub(super) const ORGANIZATION: &str = "/tenantRelationships/multiTenantOrganization";
const TENANTS: &str = "/tenantRelationships/multiTenantOrganization/tenants";

/// The time that a new organization may need to become active; a few minutes are documented.
const SETTLING: Duration = Duration::from_secs(540);

impl Resource for MultiTenantOrganization {
    const NAME: &'static str = "multi_tenant_organization";
    const TASK: Task = Task::MultitenantOrganization;
    const EXPORT: Export = Export::Always(export::ORGANIZATION);
    const PATH: &'static str = ORGANIZATION;
    const IMPORT: &'static [&'static str] = &[
        "<tenant_id>",
        "/tenantRelationships/multiTenantOrganization",
    ];
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const CALLS: Calls = &[
        "GET /tenantRelationships/multiTenantOrganization",
        "PUT /tenantRelationships/multiTenantOrganization",
        "PATCH /tenantRelationships/multiTenantOrganization",
        "GET /tenantRelationships/multiTenantOrganization/tenants",
        "DELETE /tenantRelationships/multiTenantOrganization/tenants/{id}",
    ];
    const NOTES: &'static str = "\
Microsoft Graph cannot delete an organization; it ends when its last tenant leaves. Destroying this resource therefore removes this tenant
from the organization. This fails while other tenants are active members; remove them first. Removal can take up to two hours. Partner
settings that the organization created are kept.

Multitenant organizations do not exist in national clouds.";

    fn plan(change: &mut Change) {
        if change.is_destroy() {
            let detail = format!(
                "Destroying `crosstenant_multi_tenant_organization` removes tenant {} from the organization, which \
                ends the organization. This fails while other tenants are active members. Removal can take up to two \
                hours. Partner settings that the organization created are kept.",
                change.tenant_id
            );
            change.diagnostics.push(Diagnostic::warning(
                "The multitenant organization will end",
                detail,
            ));
        }
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        // A replica may still show the organization that this run has just ended.
        let (graph, look) = (&context.graph, || living(context));
        let settling = graph.is_settling(&membership(context));
        let shown = graph.until(settling, look, Option::is_none).await?;
        if shown.is_some() {
            return Err(exists(context));
        }
        let body = json::body(&Self::attributes(), &planned.to_value());
        match graph.put(ORGANIZATION, &body).await {
            Err(error) if error.is_conflict() && !error.follows_lost_answer() => {
                return Err(exists(context));
            }
            Err(error) if !error.is_conflict() => return Err(error.into()),
            _ => *state = Some(planned.clone()),
        }
        let Some(answer) = graph.until(SETTLING, look, Option::is_some).await? else {
            return Err(Problem::error(
                "The multitenant organization is not active yet",
                "Microsoft Graph accepted the organization, but does not show it as active yet. Apply again later.",
            ));
        };
        *state = Some(model(&answer)?);
        Ok(())
    }

    async fn read(context: &Context, _state: &Self) -> Result<Option<Self>> {
        let answer = living(context).await?;
        answer.map(|answer| model(&answer)).transpose()
    }

    async fn delete(context: &Context, _state: &Self) -> Result {
        // Right after the creation, a replica may not return it.
        let (graph, look) = (&context.graph, || living(context));
        let settling = graph.is_settling(ORGANIZATION);
        if graph
            .until(settling, look, Option::is_some)
            .await?
            .is_none()
        {
            return Ok(());
        }
        let own = context.tenant_id();
        let is_other_member = |tenant: &&Json| {
            tenant["state"] == "active"
                && tenant["tenantId"]
                    .as_str()
                    .is_some_and(|id| !id.eq_ignore_ascii_case(own))
        };
        let tenants = graph.until(settling, || members(context), Option::is_some);
        let tenants = tenants.await?.unwrap_or_default();
        let others: Vec<String> = tenants
            .iter()
            .filter(is_other_member)
            .map(|tenant| {
                let part = |name: &str| tenant[name].as_str().unwrap_or_default();
                format!("{} ({})", part("tenantId"), part("displayName"))
            })
            .collect();
        if !others.is_empty() {
            return Err(has_members(&others));
        }
        leave(context).await
    }
}

/// Returns the tenants of the organization; `None` if Graph returns no organization, possibly from an outdated replica.
async fn members(context: &Context) -> Result<Option<Vec<Json>>> {
    match context.graph.list(TENANTS).await {
        Ok(tenants) => Ok(Some(tenants)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes this tenant from its organization.
pub(super) async fn leave(context: &Context) -> Result {
    context.graph.delete(&membership(context)).await?;
    Ok(())
}

/// The path of this tenant among the tenants of its organization.
fn membership(context: &Context) -> String {
    format!("{TENANTS}/{}", graph::segment(context.tenant_id()))
}

/// Reads the organization; `None` if there is none, which Graph returns as `inactive`.
async fn living(context: &Context) -> Result<Option<Json>> {
    let answer = context.graph.get(ORGANIZATION).await?;
    let Some(answer) = answer else {
        return Ok(None);
    };
    let is_active = only_text(&answer, "state")?.as_deref() == Some("active");
    Ok(is_active.then_some(answer))
}

fn exists(context: &Context) -> Problem {
    let what = "A multitenant organization";
    MultiTenantOrganization::already_exists(context, what, context.tenant_id())
}

fn has_members(others: &[String]) -> Problem {
    Problem::error(
        "The multitenant organization still has members",
        format!(
            "This tenant can end the organization only as its last active tenant. Still active: {}. Nothing was changed. \
             Destroy the `crosstenant_multi_tenant_organization_tenant` of each of these tenants first. Let these \
             resources refer to this resource, so that they are destroyed first. To keep the organization for its other \
             owners, use a `removed` block with `destroy = false`.",
            others.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, TENANT, empty, refuse, reply};

    fn organization(state: &str) -> Json {
        json!({ "id": "1", "displayName": "All of us", "description": null, "state": state,
            "createdDateTime": "2026-01-02T03:04:05Z" })
    }

    fn named(name: &str) -> MultiTenantOrganization {
        let mut organization = MultiTenantOrganization::from_value(&Value::Null).unwrap();
        organization.display_name = name.to_owned();
        organization
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_one_is_waited_for_and_ends_with_its_last_tenant() {
        let own = json!({ "tenantId": TENANT, "displayName": "Us", "state": "active" });
        let script = Script::of([
            refuse(404, "Request_ResourceNotFound"),
            reply(201, &organization("active")),
            reply(200, &organization("inactive")),
            reply(200, &organization("active")),
            empty(204),
            reply(200, &organization("active")),
            reply(
                200,
                &json!({ "value": [own, { "tenantId": "2", "state": "pending" }] }),
            ),
            empty(204),
        ]);
        let context = Context::new(script.client());
        let mut state = None;
        MultiTenantOrganization::create(&context, &named("All of us"), &mut state)
            .await
            .unwrap();
        let mut state = state.unwrap();
        assert_eq!(state.state.as_deref(), Some("active"));
        MultiTenantOrganization::update(&context, &named("Everybody"), &mut state)
            .await
            .unwrap();
        assert_eq!(script.sent()[4].body, json!({ "displayName": "Everybody" }));
        MultiTenantOrganization::delete(&context, &state)
            .await
            .unwrap();
        let last = format!("DELETE /v1.0{TENANTS}/{TENANT}");
        assert_eq!(script.calls().last(), Some(&last));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_this_run_has_ended_does_not_prevent_the_next() {
        let own = json!({ "tenantId": TENANT, "displayName": "Us", "state": "active" });
        let script = Script::of([
            reply(200, &organization("active")),
            reply(200, &json!({ "value": [own] })),
            empty(204),
            reply(200, &organization("active")), // a replica that lags
            reply(200, &organization("inactive")),
            reply(201, &organization("active")),
            reply(200, &organization("active")),
        ]);
        let context = Context::new(script.client());
        MultiTenantOrganization::delete(&context, &named("x"))
            .await
            .unwrap();
        let mut state = None;
        MultiTenantOrganization::create(&context, &named("All of us"), &mut state)
            .await
            .unwrap();
        assert!(state.is_some());
        assert!(script.calls()[5].starts_with("PUT"));
    }

    #[tokio::test]
    async fn it_does_not_end_while_others_are_in_it() {
        let other = json!({ "tenantId": "2", "displayName": "Fabrikam", "state": "active" });
        let script = Script::of([
            reply(200, &organization("active")),
            reply(200, &json!({ "value": [other] })),
        ]);
        let context = Context::new(script.client());
        let problem = MultiTenantOrganization::delete(&context, &named("x"))
            .await
            .unwrap_err();
        let said = problem.into_diagnostic("delete", "t").detail;
        assert!(said.contains("2 (Fabrikam)"), "{said}");
    }

    #[tokio::test]
    async fn a_state_that_is_not_a_text_does_not_end_it() {
        let mut strange = organization("active");
        strange["state"] = json!(true);
        let context = Context::new(Script::of([reply(200, &strange)]).client());
        let read = MultiTenantOrganization::read(&context, &named("x")).await;
        assert!(read.is_err());
    }

    #[tokio::test]
    async fn a_second_one_is_never_made() {
        let script = Script::of([reply(200, &organization("active"))]);
        let context = Context::new(script.client());
        let problem = MultiTenantOrganization::create(&context, &named("x"), &mut None)
            .await
            .unwrap_err();
        assert!(
            problem
                .into_diagnostic("create", "t")
                .detail
                .contains("import {")
        );
    }
}
