//! The synchronization policy of a partner: the objects that it may synchronize into this tenant. A single object below the partner.

use serde_json::Value as Json;

use super::organization_template::explain;
use super::partner_policy::read_synchronization;
use super::trust_settings::{no_partner, nothing_to_import};
use sdk::observed::Finding;
use sdk::prelude::*;

attributes! {
    /// Manages the synchronization policy for a partner: whether its users and groups may be synchronized into this
    /// tenant. Configure this resource in the target tenant.
    ///
    /// Disabling synchronization or destroying this resource stops inbound synchronization. Users and groups that were
    /// already synchronized are kept.
    pub struct SyncPolicy {
        /// Tenant ID of the partner. Changing this forces a new resource to be created.
        partner_tenant_id: String = key().guid().named("tenantId"),
        /// Name of the policy, usually the partner's own name.
        display_name: Option<String> = optional().check(Check::NotEmpty),
        /// Inbound synchronization of users from the partner.
        user_sync_inbound: Option<SyncInbound>,
        /// Inbound synchronization of groups from the partner. Groups require users: `user_sync_inbound` must allow synchronization as
        /// well, and both tenants must be in the same cloud. In the source tenant, `groups_enabled` of
        /// `crosstenant_synchronization_schema` enables the mapping of groups, which is disabled in a new job. Optional. If omitted,
        /// the existing setting is kept, and plans warn if groups are allowed. Group synchronization is generally available, but this
        /// property exists in Microsoft Graph beta only; the provider writes to beta only if this attribute is set.
        group_sync_inbound: Option<SyncInbound> = optional().observed().beta(),
        /// Inbound synchronization of role-assignable groups from the partner. Optional. If omitted, the existing setting is kept, and
        /// plans warn if they are allowed. Requires `group_sync_inbound`. This property is not documented in Microsoft Graph beta;
        /// whether it has an effect is UNVERIFIED.
        role_enabled_group_sync_inbound: Option<SyncInbound> = optional().observed().beta(),
        /// Application ID of the application in another Microsoft cloud that may synchronize into this tenant. Optional. If omitted,
        /// the existing setting is kept, and plans warn about it. This is a property of Microsoft Graph beta, and for partners in
        /// other clouds only.
        external_cloud_authorized_application_id: Option<String> = optional().observed().beta().guid(),
        /// Tenant ID of the tenant that this policy belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// One kind of object that arrives from a partner.
    pub struct SyncInbound {
        /// Whether the partner may synchronize them into this tenant.
        is_sync_allowed: bool,
    }
}

impl Resource for SyncPolicy {
    const NAME: &'static str = "sync_policy";
    const TASK: Task = Task::Policies;
    const EXPORT: Export = Export::Always(export::PARTNERS);
    const PATH: &'static str =
        "/policies/crossTenantAccessPolicy/partners/{partner_tenant_id}/identitySynchronization";
    const IMPORT: &'static [&'static str] = &[
        "<partner_tenant_id>",
        "/policies/crossTenantAccessPolicy/partners/<partner_tenant_id>/identitySynchronization",
        "<partner_tenant_id>/<partner_tenant_id>",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_user_sync_settings",
            peer::by_tenant_id,
        ),
        Peer::microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_group_sync_settings",
            peer::by_tenant_id,
        ),
        Peer::microsoft365wp(
            "microsoft365wp_cross_tenant_identity_sync_policy_partner",
            peer::by_tenant_id,
        ),
        Peer::MSGRAPH,
        Peer::MSGRAPH_UPDATE,
    ];
    const CALLS: Calls = &["GET", "PUT", "PATCH", "DELETE"];

    fn body(body: &mut Json) {
        // The key is in the path and is read-only in the body.
        body.as_object_mut()
            .and_then(|members| members.remove("tenantId"));
    }

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        let mut found = found(self, answer)?;
        found.display_name = found.display_name.filter(|name| !name.is_empty());
        // Graph may return only nulls for a policy that was never created.
        if !found.sets_nothing() {
            return Ok(Some(found));
        }
        match &answer["userSyncInbound"] {
            Json::Object(members) if members.values().any(|value| !value.is_null()) => {
                let detail = format!("`userSyncInbound` is {}.", answer["userSyncInbound"]);
                let summary = "Unexpected response from Microsoft Graph";
                Err(Problem::error(summary, detail))
            }
            _ => Ok(None),
        }
    }

    /// Graph does not distinguish a policy without settings from a missing one.
    fn validate(config: &Value, found: &mut Diagnostics) {
        const SETTINGS: [&str; 5] = [
            "display_name",
            "user_sync_inbound",
            "group_sync_inbound",
            "role_enabled_group_sync_inbound",
            "external_cloud_authorized_application_id",
        ];
        if SETTINGS.iter().all(|name| config.member(name).is_null()) {
            let detail = "A synchronization policy needs at least one of `display_name`, `user_sync_inbound` and \
                          `group_sync_inbound`. To allow users, set `user_sync_inbound = { is_sync_allowed = true }`.";
            found.push(Diagnostic::error(
                "The synchronization policy sets nothing",
                detail,
            ));
        }
        groups_need_users(config, found);
    }

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("partner_tenant_id", Some("target"));
    }

    fn findings(_tenant_id: &str, found: &Value) -> Vec<Finding> {
        let partner = found.member("partner_tenant_id").as_str();
        let partner = partner.unwrap_or_default();
        let groups = GROUPS.into_iter().filter_map(|(attribute, kind)| {
            groups_arrive(attribute, kind, found.member(attribute), partner)
        });
        let application = found.member(APPLICATION).as_str();
        let application = application.map(|id| application_writes(id, partner));
        groups.chain(application).collect()
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let mut body = json::body(&Self::attributes(), &planned.to_value());
        Self::body(&mut body);
        let path = planned.path_for(&body);
        match context.graph.put(&path, &body).await {
            Err(error) if error.is_conflict() => planned.adopt(context, &path, &body).await?,
            Err(error) if error.is_not_found() => {
                return Err(no_partner(context, &planned.partner_tenant_id));
            }
            result => result?,
        }
        *state = Some(planned.clone());
        Ok(())
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let answer = read_synchronization(context, &state.partner_tenant_id).await?;
        answer.map_or(Ok(None), |answer| state.found(&answer))
    }

    async fn explain(context: &Context, stored: &Self, found: &Self) -> Diagnostics {
        if stored.is_bare() || stored.user_sync_inbound == found.user_sync_inbound {
            return Diagnostics::new();
        }
        let template = "crosstenant_multi_tenant_organization_identity_synchronization_template";
        let partner = &stored.partner_tenant_id;
        explain(context, partner, "user_sync_inbound", template)
            .await
            .into_iter()
            .collect()
    }

    async fn explain_absence(context: &Context, stored: &Self) -> Diagnostics {
        if !stored.is_bare() {
            return Diagnostics::new();
        }
        let partner_tenant_id = &stored.partner_tenant_id;
        match read_synchronization(context, partner_tenant_id).await {
            Ok(Some(_)) => vec![nothing_to_import(
                "crosstenant_sync_policy",
                "The synchronization policy",
                partner_tenant_id,
                context.tenant_id(),
            )],
            _ => Diagnostics::new(),
        }
    }
}

/// Groups cannot be synchronized alone: the members of a copied group are the synchronized users.
fn groups_need_users(config: &Value, found: &mut Diagnostics) {
    let allows = |name: &str| config.member(name).member("is_sync_allowed").as_bool();
    let users = config.member("user_sync_inbound");
    if allows("group_sync_inbound") != Some(true) || users.is_unknown() {
        return;
    }
    let lacking = match (users.is_null(), allows("user_sync_inbound")) {
        (true, _) => "does not say whether users may be synchronized",
        (false, Some(false)) => "does not let users be synchronized",
        _ => return,
    };
    let detail = format!(
        "`group_sync_inbound` allows groups, but the policy {lacking}. The members of a copied group are users that the same job has \
         created, so groups cannot be synchronized without users. Set `user_sync_inbound = {{ is_sync_allowed = true }}`."
    );
    let problem = Diagnostic::warning("Groups cannot be synchronized without users", detail);
    found.push(problem.at(Path::root("group_sync_inbound")));
}

impl SyncPolicy {
    /// Whether only the key is known, as after an import.
    fn is_bare(&self) -> bool {
        self.user_sync_inbound.is_none() && self.display_name.is_none()
    }

    fn sets_nothing(&self) -> bool {
        self.display_name.is_none()
            && self.user_sync_inbound.is_none()
            && self.group_sync_inbound.is_none()
            && self.role_enabled_group_sync_inbound.is_none()
            && self.external_cloud_authorized_application_id.is_none()
    }

    /// Whether a response contains this policy; `None` if it contains a policy without settings.
    fn is_shown_by(&self, answer: Option<&Json>) -> Option<bool> {
        match answer.map(|answer| self.found(answer)) {
            Some(Ok(found)) => {
                let tenant_id = self.tenant_id.clone();
                found.map(|found| *self == Self { tenant_id, ..found })
            }
            Some(Err(_)) | None => Some(false),
        }
    }

    /// Adopts an existing policy if it equals the planned one, which a lost response can cause. A policy without settings, which members of
    /// a multitenant organization have, is changed to the planned one.
    async fn adopt(&self, context: &Context, path: &str, body: &Json) -> Result {
        let graph = &context.graph;
        let window = graph.replication_window(path);
        let look = || graph.get(path);
        // Graph has just returned that the policy exists, so the read is repeated until a replica returns it.
        let mut answer = graph.until(window, look, Option::is_some).await?;
        let is_other = |answer: &Option<Json>| self.is_shown_by(answer.as_ref()) == Some(false);
        if answer.is_some() && is_other(&answer) && !graph.is_settling(path).is_zero() {
            // A policy that this run has just deleted may still be returned.
            let settling = graph.is_settling(path);
            answer = graph
                .until(settling, look, |answer| !is_other(answer))
                .await?;
        }
        match self.is_shown_by(answer.as_ref()) {
            None => return Ok(graph.patch(path, body).await?),
            Some(true) => return Ok(()),
            Some(false) => {}
        }
        let what = format!(
            "Another synchronization policy for tenant {}",
            self.partner_tenant_id
        );
        Err(Self::already_exists(
            context,
            &what,
            &self.partner_tenant_id,
        ))
    }
}

/// The attributes about groups, and the groups that they apply to.
const GROUPS: [(&str, &str); 2] = [
    ("group_sync_inbound", "groups"),
    ("role_enabled_group_sync_inbound", "role-assignable groups"),
];

/// Returns the finding that groups may be synchronized, if they may.
fn groups_arrive(
    attribute: &'static str,
    kind: &str,
    found: &Value,
    partner: &str,
) -> Option<Finding> {
    (found.member("is_sync_allowed").as_bool() == Some(true)).then(|| Finding {
        attribute,
        allows: true,
        what: format!(
            "Tenant {partner} may synchronize {kind} into this tenant, which Microsoft's default does not allow."
        ),
        fix: format!("{attribute} = {{ is_sync_allowed = false }}"),
    })
}

/// The attribute about applications of other clouds.
const APPLICATION: &str = "external_cloud_authorized_application_id";

/// Returns the finding about an application of another cloud. The attribute has no value for "none", so it cannot be reset here.
fn application_writes(id: &str, partner: &str) -> Finding {
    Finding {
        attribute: APPLICATION,
        allows: true,
        what: format!(
            "The application {id} of another Microsoft cloud may synchronize into this tenant for the partner {partner}."
        ),
        fix: format!("{APPLICATION} = {id:?} # Apply, then remove this line and apply again."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use graph::testing::{Script, empty, refuse, reply};

    const PARTNER: &str = "aaaaaaaa-0000-4000-8000-000000000001";

    fn policy(allowed: Option<bool>) -> SyncPolicy {
        SyncPolicy {
            partner_tenant_id: PARTNER.to_owned(),
            user_sync_inbound: allowed.map(|is_sync_allowed| SyncInbound { is_sync_allowed }),
            ..SyncPolicy::from_value(&Value::Null).unwrap()
        }
    }

    /// As members of a multitenant organization have it.
    fn nulls() -> Json {
        json!({ "tenantId": PARTNER, "displayName": null, "userSyncInbound": null, "groupSyncInbound": null })
    }

    fn conflict() -> graph::testing::Answer {
        refuse(409, "Request_MultipleObjectsWithSameKeyValue")
    }

    #[test]
    fn groups_are_allowed_together_with_users_only() {
        let allowed = |is_sync_allowed| Some(SyncInbound { is_sync_allowed });
        let said = |users: Option<bool>, groups: bool| {
            let policy = SyncPolicy {
                group_sync_inbound: allowed(groups),
                ..policy(users)
            };
            let mut found = Diagnostics::new();
            SyncPolicy::validate(&policy.to_value(), &mut found);
            found.pop().map(|it| it.detail)
        };
        assert!(
            said(Some(false), true)
                .unwrap()
                .contains("does not let users")
        );
        assert!(
            said(None, true)
                .unwrap()
                .contains("does not say whether users")
        );
        for (users, groups) in [(Some(true), true), (Some(false), false), (None, false)] {
            assert_eq!(said(users, groups), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_policy_of_nothing_but_nulls_becomes_what_is_planned() {
        for first in [
            reply(200, &nulls()),
            refuse(404, "Directory_ObjectNotFound"),
        ] {
            let is_late = matches!(&first.outcome, Ok(reply) if reply.status == 404);
            let late = is_late.then(|| reply(200, &nulls()));
            let answers = [conflict(), first].into_iter().chain(late);
            let script = Script::of(answers.chain([empty(204)]));
            let mut state = None;
            SyncPolicy::create(
                &Context::new(script.client()),
                &policy(Some(true)),
                &mut state,
            )
            .await
            .unwrap();
            assert_eq!(state, Some(policy(Some(true))));
            let last = script.sent().pop().unwrap();
            assert_eq!(last.method, "PATCH");
            assert_eq!(
                last.body,
                json!({ "userSyncInbound": { "isSyncAllowed": true } })
            );
        }
    }

    #[tokio::test]
    async fn a_policy_of_others_is_not_changed() {
        let theirs = json!({ "tenantId": PARTNER, "userSyncInbound": { "isSyncAllowed": false } });
        let script = Script::of([conflict(), reply(200, &theirs)]);
        let context = Context::new(script.client());
        let problem = SyncPolicy::create(&context, &policy(Some(true)), &mut None).await;
        assert!(problem.is_err());
        assert!(script.calls().iter().all(|call| !call.starts_with("PATCH")));
    }

    #[tokio::test]
    async fn an_import_of_a_policy_that_sets_nothing_says_so() {
        let there = Script::new(|sent| match sent.path.as_str() {
            path if path.ends_with("$batch") => {
                let item = json!({ "id": "0", "status": 200, "body": nulls() });
                reply(200, &json!({ "responses": [item] }))
            }
            _ => reply(200, &nulls()),
        });
        let context = Context::new(there.client());
        let told = SyncPolicy::explain_absence(&context, &policy(None)).await;
        assert!(
            told[0].detail.contains("Remove the `import` block"),
            "{told:?}"
        );
        assert!(
            SyncPolicy::explain_absence(&context, &policy(Some(true)))
                .await
                .is_empty()
        );
    }
}
