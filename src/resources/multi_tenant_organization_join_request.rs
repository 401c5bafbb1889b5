//! The request of this tenant to join the multitenant organization of another tenant. A tenant has only one.

use serde_json::{Value as Json, json};

use super::multi_tenant_organization::leave;
use sdk::prelude::*;
use sdk::settings;

attributes! {
    /// Joins this tenant to the multitenant organization of another tenant. That tenant must first add this tenant with
    /// `crosstenant_multi_tenant_organization_tenant`. Configure this resource in the tenant that joins.
    ///
    /// Joining can take from a few minutes to two hours; the resource does not wait for it. `member_state` and
    /// `transition_status` show the progress.
    pub struct MultiTenantOrganizationJoinRequest {
        /// Tenant ID of the tenant that has added this tenant. Changing this forces a new resource to be created: this
        /// tenant leaves the organization and joins the other one.
        added_by_tenant_id: String = key().guid(),
        /// State of this tenant in the organization: `pending` or `active`.
        member_state: Option<String> = read_only(),
        /// Role of this tenant in the organization: `owner` or `member`.
        role: Option<String> = read_only(),
        /// Status of joining: `notStarted`, `running`, `succeeded` or `failed`.
        transition_status: Option<String> = read_only(),
        /// Reason for the status, if Microsoft Graph gives one.
        transition_details: Option<String> = read_only(),
        /// Tenant ID of the tenant that joins.
        tenant_id: Option<String> = read_only().local(),
    }
}

const REQUEST: &str = "/tenantRelationships/multiTenantOrganization/joinRequest";
/// Stands for no tenant; also withdraws a failed request.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

impl Resource for MultiTenantOrganizationJoinRequest {
    const NAME: &'static str = "multi_tenant_organization_join_request";
    const TASK: Task = Task::MultitenantOrganization;
    const EXPORT: Export = Export::Always(export::ORGANIZATION);
    const IMPORT: &'static [&'static str] = &[
        "<tenant_id>",
        "/tenantRelationships/multiTenantOrganization/joinRequest",
    ];
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const CALLS: Calls = &[
        "GET /tenantRelationships/multiTenantOrganization/joinRequest",
        "PATCH /tenantRelationships/multiTenantOrganization/joinRequest",
        "DELETE /tenantRelationships/multiTenantOrganization/tenants/{id}",
    ];
    const NOTES: &'static str = "\
Destroying this resource removes this tenant from the organization, which can take up to two hours, or withdraws a request that has not
succeeded. When a tenant joins, the organization's templates may change its partner settings: see
`crosstenant_multi_tenant_organization_partner_configuration_template`.";

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("added_by_tenant_id", Some("joining"));
        // A request that failed after it was accepted is sent again.
        let has_failed = change.prior.member("transition_status").as_str() == Some("failed");
        if has_failed && !change.is_destroy() {
            for name in [
                "member_state",
                "role",
                "transition_status",
                "transition_details",
            ] {
                change.planned.set_member(name, Value::Unknown);
            }
        }
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let live = found(&settings::present(context, REQUEST).await?)?;
        let has_failed = live.as_ref().is_some_and(Self::has_failed);
        if let Some(live) = live {
            if has_failed {
                ask(context, NOBODY).await?;
            } else if live
                .added_by_tenant_id
                .eq_ignore_ascii_case(&planned.added_by_tenant_id)
            {
                *state = Some(live);
                return Ok(());
            } else {
                return Err(exists(context, &live.added_by_tenant_id));
            }
        }
        planned.join(context).await?;
        let made = state.insert(planned.clone());
        planned.learn(context, made, has_failed).await
    }

    async fn read(context: &Context, _state: &Self) -> Result<Option<Self>> {
        let answer = context.graph.get(REQUEST).await?;
        Ok(answer.as_ref().map(found).transpose()?.flatten())
    }

    async fn explain(_context: &Context, _stored: &Self, found: &Self) -> Diagnostics {
        let failed = found.has_failed().then(|| {
            let detail = format!(
                "{} The next apply withdraws the failed request and creates a new one.",
                reason(found)
            );
            Diagnostic::warning(FAILED, detail).at(Path::root("added_by_tenant_id"))
        });
        failed.into_iter().collect()
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        if !state.has_failed() {
            // Only the key can be configured.
            *state = planned.clone();
            return Ok(());
        }
        ask(context, NOBODY).await?;
        planned.join(context).await?;
        planned.learn(context, state, true).await
    }

    async fn delete(context: &Context, _state: &Self) -> Result {
        let is_made = |answer: &Json| matches!(found(answer), Ok(Some(_)));
        let answer = context.graph.get_written(REQUEST, is_made).await?;
        match answer.as_ref().map(found).transpose()?.flatten() {
            None => Ok(()),
            Some(live) if live.member_state.as_deref() == Some("active") => leave(context).await,
            Some(_) => Ok(ask(context, NOBODY).await?),
        }
    }

    /// The next creation adopts the request. Withdrawing it would end the membership, which only the owner can offer again.
    async fn delete_before_recreate(_context: &Context, _state: &Self) -> Result {
        Ok(())
    }
}

impl MultiTenantOrganizationJoinRequest {
    fn has_failed(&self) -> bool {
        self.transition_status.as_deref() == Some("failed")
    }

    /// Reads the result of a request that was accepted. If the previous request failed (`had_failed`), a replica may still return that one.
    async fn learn(&self, context: &Context, state: &mut Self, had_failed: bool) -> Result {
        // If it cannot be read yet, the next refresh reads it.
        let nothing = Self {
            member_state: None,
            role: None,
            transition_status: None,
            transition_details: None,
            ..self.clone()
        };
        let live = found(&after(context, had_failed).await?)?;
        *state = live.unwrap_or(nothing);
        if state.has_failed() {
            return Err(failed(state));
        }
        Ok(())
    }

    async fn join(&self, context: &Context) -> Result {
        match ask(context, &self.added_by_tenant_id).await {
            Err(error) if error.is_not_found() || error.status() == Some(400) => {
                Err(refused(context, &self.added_by_tenant_id, &error))
            }
            result => Ok(result?),
        }
    }
}

/// Reads the request after it was sent. If the previous request failed (`had_failed`), a replica may still return that one.
async fn after(context: &Context, had_failed: bool) -> Result<Json> {
    let is_new = |answer: &Json| match found(answer) {
        Ok(Some(live)) => !(had_failed && live.has_failed()),
        Ok(None) => false,
        Err(_) => true,
    };
    let answer = context.graph.get_written(REQUEST, is_new).await?;
    Ok(answer.unwrap_or_default())
}

/// Sends the request to the organization of `tenant_id`.
async fn ask(context: &Context, tenant_id: &str) -> Result<(), graph::Error> {
    let body = json!({ "addedByTenantId": tenant_id });
    context.graph.patch(REQUEST, &body).await
}

/// Returns the request in Graph's response if one was sent and its membership has not ended.
fn found(answer: &Json) -> Result<Option<MultiTenantOrganizationJoinRequest>> {
    let details = &answer["transitionDetails"];
    let member_state = only_text(answer, "memberState")?;
    let added_by = only_text(answer, "addedByTenantId")?.filter(|id| id != NOBODY);
    let Some(added_by_tenant_id) = added_by.filter(|_| member_state.as_deref() != Some("removed"))
    else {
        return Ok(None);
    };
    Ok(Some(MultiTenantOrganizationJoinRequest {
        added_by_tenant_id,
        member_state,
        role: text(answer, "role"),
        transition_status: text(details, "status"),
        transition_details: text(details, "details"),
        tenant_id: None,
    }))
}

fn exists(context: &Context, added_by_tenant_id: &str) -> Problem {
    let what = format!("A request to join the multitenant organization of {added_by_tenant_id}");
    MultiTenantOrganizationJoinRequest::already_exists(context, &what, context.tenant_id())
}

fn refused(context: &Context, added_by_tenant_id: &str, error: &graph::Error) -> Problem {
    Problem::at(
        "added_by_tenant_id",
        "The tenant cannot join the multitenant organization",
        format!(
            "Tenant {} asked to join the organization of {added_by_tenant_id} and was refused: {error}\n\nUsually, the \
            owner has not added this tenant: create `crosstenant_multi_tenant_organization_tenant` in the owner tenant \
            and refer to its `tenant_id` here.",
            context.tenant_id()
        ),
    )
}

const FAILED: &str = "Joining the multitenant organization failed";

fn failed(request: &MultiTenantOrganizationJoinRequest) -> Problem {
    let detail = format!(
        "{} Apply again to withdraw the failed request and create a new one.",
        reason(request)
    );
    Problem::at("added_by_tenant_id", FAILED, detail)
}

fn reason(request: &MultiTenantOrganizationJoinRequest) -> String {
    let details = request.transition_details.as_deref();
    format!(
        "Microsoft Graph returned: {}. Documented reasons: the owner has not added this tenant, one of the tenants has too many users, the \
         organization has too many tenants, or this tenant belongs to another organization.",
        details.map_or("nothing more", |details| details.trim_end_matches('.'))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::{Script, TENANT, empty, refuse, reply};

    const OWNER: &str = "aaaaaaaa-0000-4000-8000-000000000000";

    fn request(added_by: &str, member_state: &Json, status: &str) -> Json {
        json!({ "addedByTenantId": added_by, "memberState": member_state, "role": "member",
            "transitionDetails": { "status": status, "details": null } })
    }

    fn planned() -> MultiTenantOrganizationJoinRequest {
        MultiTenantOrganizationJoinRequest {
            added_by_tenant_id: OWNER.to_owned(),
            ..MultiTenantOrganizationJoinRequest::from_value(&Value::Null).unwrap()
        }
    }

    #[tokio::test]
    async fn a_membership_whose_creation_failed_half_way_is_adopted_and_not_ended() {
        let script = Script::of([reply(200, &request(OWNER, &json!("active"), "succeeded"))]);
        let context = Context::new(script.client());
        MultiTenantOrganizationJoinRequest::delete_before_recreate(&context, &planned())
            .await
            .unwrap();
        let mut state = None;
        MultiTenantOrganizationJoinRequest::create(&context, &planned(), &mut state)
            .await
            .unwrap();
        assert_eq!(state.unwrap().member_state.as_deref(), Some("active"));
        assert_eq!(script.sent().len(), 1, "only looked");
    }

    #[tokio::test(start_paused = true)]
    async fn it_asks_until_the_owner_has_added_it_and_leaves_at_the_end() {
        let active = || reply(200, &request(OWNER, &json!("active"), "succeeded"));
        let script = Script::of([
            reply(200, &request(NOBODY, &Json::Null, "notStarted")),
            refuse(400, "Request_BadRequest"),
            empty(204),
            active(),
            active(),
            empty(204),
        ]);
        let context = Context::new(script.client());
        let mut state = None;
        MultiTenantOrganizationJoinRequest::create(&context, &planned(), &mut state)
            .await
            .unwrap();
        let state = state.unwrap();
        assert_eq!(state.member_state.as_deref(), Some("active"));
        MultiTenantOrganizationJoinRequest::delete(&context, &state)
            .await
            .unwrap();
        let calls = script.calls();
        let last =
            format!("DELETE /v1.0/tenantRelationships/multiTenantOrganization/tenants/{TENANT}");
        assert_eq!((calls.len(), calls.last()), (6, Some(&last)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_request_is_taken_back_before_the_next() {
        // A replica still returns the previous, failed request.
        let earlier = || request(OWNER, &Json::Null, "failed");
        let script = Script::new(move |sent| match sent.method.as_str() {
            "GET" => reply(200, &earlier()),
            _ => empty(204),
        });
        let context = Context::new(script.client());
        let mut state = None;
        let problem = MultiTenantOrganizationJoinRequest::create(&context, &planned(), &mut state)
            .await
            .unwrap_err();
        assert!(
            problem
                .into_diagnostic("create", "t")
                .summary
                .contains("failed")
        );
        assert!(state.is_some(), "what was asked for must not be forgotten");
        let bodies: Vec<Json> = script.sent().into_iter().map(|sent| sent.body).collect();
        let ask = |id: &str| json!({ "addedByTenantId": id });
        assert_eq!(bodies[1..3], [ask(NOBODY), ask(OWNER)]);
        assert!(
            bodies.len() > 4,
            "it was asked again before it was believed"
        );
    }

    #[test]
    fn a_membership_that_ended_is_not_a_request() {
        let none = |answer: &Json| found(answer).unwrap().is_none();
        assert!(none(&request(OWNER, &json!("removed"), "succeeded")));
        assert!(none(&request(NOBODY, &Json::Null, "notStarted")));
        assert!(found(&request(OWNER, &json!(7), "succeeded")).is_err());
    }

    #[tokio::test]
    async fn a_request_that_fails_after_it_was_accepted_is_reported_and_made_again() {
        let mut answer = request(OWNER, &json!("pending"), "failed");
        answer["transitionDetails"]["details"] = json!("UserCountExceeded.");
        let running = || reply(200, &request(OWNER, &json!("pending"), "running"));
        let script = Script::of([reply(200, &answer), empty(204), empty(204), running()]);
        let context = Context::new(script.client());
        let mut state = MultiTenantOrganizationJoinRequest::read(&context, &planned())
            .await
            .unwrap()
            .unwrap();
        let told = MultiTenantOrganizationJoinRequest::explain(&context, &planned(), &state).await;
        assert!(told[0].detail.contains("UserCountExceeded. "), "{told:?}");

        let (prior, mut after) = (state.to_value(), state.to_value());
        let mut change = Change {
            tenant_id: TENANT,
            prior: &prior,
            config: &prior,
            planned: &mut after,
            requires_replace: &mut Vec::new(),
            diagnostics: &mut Diagnostics::new(),
        };
        MultiTenantOrganizationJoinRequest::plan(&mut change);
        assert!(change.planned.member("transition_status").is_unknown());

        MultiTenantOrganizationJoinRequest::update(&context, &planned(), &mut state)
            .await
            .unwrap();
        assert_eq!(state.transition_status.as_deref(), Some("running"));
        let told = MultiTenantOrganizationJoinRequest::explain(&context, &planned(), &state).await;
        assert!(told.is_empty());
        let bodies: Vec<Json> = script.sent().into_iter().map(|sent| sent.body).collect();
        let ask = |id: &str| json!({ "addedByTenantId": id });
        assert_eq!(bodies[1..3], [ask(NOBODY), ask(OWNER)]);
    }
}
