//! The partner object of the cross-tenant access policy: how this tenant collaborates with another tenant.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::collaboration::{
    self, AppServiceConnect, M365CollaborationInbound, M365CollaborationOutbound,
};
use super::m365_capabilities::{self, M365Capability};
use sdk::observed::Finding;
use sdk::prelude::*;

attributes! {
    /// Manages how this tenant collaborates with one partner tenant: the partner's entry in the cross-tenant access policy.
    ///
    /// Every block that is omitted is inherited from the tenant's default policy, and removing a block later restores that
    /// inheritance. Trust and consent settings of the same partner are managed by `crosstenant_trust_settings`, and synchronization
    /// by `crosstenant_sync_policy`; this resource never changes them.
    ///
    /// Settings that administrators enable in admin centers (Microsoft 365 across tenants, calls of applications, service
    /// providers) are not changed if they are omitted; every plan then warns about such settings.
    pub struct PartnerPolicy {
        /// Tenant ID of the partner. Changing this forces a new resource to be created.
        partner_tenant_id: String = key().guid().named("tenantId"),
        /// Inbound B2B collaboration: users of the partner who may be invited to this tenant, and the applications that they may access.
        /// If omitted, this is inherited from the default policy.
        b2b_collaboration_inbound: Option<B2bSetting>,
        /// Outbound B2B collaboration: users of this tenant who may be invited by the partner, and the applications that they may
        /// access. If omitted, this is inherited from the default policy.
        b2b_collaboration_outbound: Option<B2bSetting>,
        /// Inbound B2B direct connect: users of the partner who may connect directly, for example to shared channels. If omitted, this
        /// is inherited from the default policy.
        b2b_direct_connect_inbound: Option<B2bSetting>,
        /// Outbound B2B direct connect: users of this tenant who may connect directly to the partner. If omitted, this is inherited from
        /// the default policy.
        b2b_direct_connect_outbound: Option<B2bSetting>,
        /// External accounts of the partner that may be used from this tenant's networks and devices (tenant restrictions). If omitted,
        /// this is inherited from the default policy.
        tenant_restrictions: Option<TenantRestrictions>,
        /// Users of the partner who may use Microsoft 365 features of this tenant. Optional. If omitted, the existing setting is kept,
        /// and plans warn about it; a new partner inherits from the default policy. Not available in US Government and China clouds.
        m365_collaboration_inbound: Option<M365CollaborationInbound> = optional().observed(),
        /// Users of this tenant who may use Microsoft 365 features of the partner. Optional. If omitted, the existing setting is kept,
        /// and plans warn about it; a new partner inherits from the default policy. Not available in US Government and China clouds.
        m365_collaboration_outbound: Option<M365CollaborationOutbound> = optional().observed(),
        /// Microsoft 365 features of this tenant that users of the partner may use, by name: `anonymousCalendarSharingFreeBusyDetail`,
        /// `anonymousCalendarSharingFreeBusyReviewer`, `anonymousCalendarSharingFreeBusySimple`, `crossTenantCalendarAvailabilityBasic`,
        /// `crossTenantCalendarAvailabilityLimitedDetails`, `crossTenantCalendarSharingFreeBusyDetail`,
        /// `crossTenantCalendarSharingFreeBusyReviewer`, `crossTenantCalendarSharingFreeBusySimple`, `crossTenantMailTipsAll`,
        /// `crossTenantMailTipsLimited`, `crossTenantMigration`, `crossTenantOpenProfileCard`, `crossTenantPlacesDeskBooking` and
        /// `crossTenantPlacesRoomBooking`. A feature works only for users whom `m365_collaboration_inbound` allows. Optional. If
        /// omitted, the existing features are kept, and plans warn about them. An empty map closes all features. The features exist in
        /// Microsoft Graph beta only; the provider reads them if this attribute is set, after an import, and if
        /// `m365_collaboration_inbound` allows any users. Opening a feature requires the permission
        /// `Policy.ReadWrite.CrossTenantCapability`. Not available in US Government and China clouds.
        m365_capabilities: Option<BTreeMap<String, M365Capability>> = optional().observed().neutral(m365_capabilities::none()).apart(),
        /// Applications of the partner that may call applications of this tenant. Optional. If omitted, the existing setting is kept,
        /// and plans warn about it; a new partner inherits from the default policy.
        app_service_connect_inbound: Option<AppServiceConnect> = optional().observed(),
        /// Whether the partner is a service provider of this tenant. Optional. Defaults to `false` for a new partner. If omitted for an
        /// existing partner, the existing setting is kept, and plans warn if it is `true`.
        is_service_provider: Option<bool> = default(false).observed(),
        /// Whether outbound access of users of a service provider (delegated administration, GDAP) is blocked for this partner.
        /// Optional. If omitted, the existing setting is kept. This is a property of Microsoft Graph beta.
        block_service_provider_outbound_access: Option<bool> = optional().observed().beta(),
        /// Whether both tenants belong to the same multitenant organization. The organization may then change settings of this partner.
        is_in_multi_tenant_organization: Option<bool> = read_only(),
        /// Tenant ID of the tenant that this policy belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// Users and applications that a setting applies to.
    pub struct B2bSetting {
        /// Users and groups that this setting applies to. In inbound settings, their IDs are those of the partner's tenant.
        users_and_groups: Option<TargetConfiguration>,
        /// Applications that this setting applies to.
        applications: Option<TargetConfiguration>,
    }

    /// Users, applications and devices that tenant restrictions apply to.
    pub struct TenantRestrictions {
        /// Users and groups that these restrictions apply to.
        users_and_groups: Option<TargetConfiguration>,
        /// Applications that these restrictions apply to.
        applications: Option<TargetConfiguration>,
        /// Devices that these restrictions apply to.
        devices: Option<DevicesFilter>,
    }

    /// Devices that a setting applies to.
    pub struct DevicesFilter {
        /// Whether the devices that match are `allowed` or `blocked`.
        mode: Option<String> = optional().one_of(ACCESS_TYPES),
        /// The rule that devices match, in the language of dynamic device filters.
        rule: Option<String> = optional().check(Check::NotEmpty),
    }

    /// Targets that are allowed or blocked.
    pub struct TargetConfiguration {
        /// Whether the targets are `allowed` or `blocked`.
        access_type: String = required().one_of(ACCESS_TYPES),
        /// The users, groups or applications. Their order does not matter.
        targets: Set<Target> = required().check(Check::NotEmpty),
    }

    /// A user, a group, an application, or all of a kind.
    pub struct Target {
        /// Object ID of a user or group, client ID of an application, or one of the keywords `AllUsers` (with the type
        /// `user`), `AllApplications`, `AllMicrosoftApps` and `Office365` (with the type `application`).
        target: String = required().check(Check::NotEmpty),
        /// `user`, `group` or `application`.
        target_type: String = required().one_of(&["user", "group", "application"]),
    }
}

const ACCESS_TYPES: &[&str] = &["allowed", "blocked"];
const BLOCKS: [&str; 8] = [
    "b2b_collaboration_inbound",
    "b2b_collaboration_outbound",
    "b2b_direct_connect_inbound",
    "b2b_direct_connect_outbound",
    "tenant_restrictions",
    "m365_collaboration_inbound",
    "m365_collaboration_outbound",
    "app_service_connect_inbound",
];
const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

/// Lists the partners with their synchronization policies, in beta, because v1.0 returns neither group synchronization nor the blocking of
/// service providers. Whether a live tenant supports `$expand` of the policy is UNVERIFIED: if it refuses, partners are listed without it,
/// and the policies are read individually.
const LISTED: &str =
    "beta:/policies/crossTenantAccessPolicy/partners?$expand=identitySynchronization";

/// Reads a partner with its policy, trust settings and synchronization policy. Concurrent reads of partners are coalesced.
pub(super) async fn read_partner(
    context: &Context,
    tenant_id: &str,
) -> Result<Option<Json>, graph::Error> {
    read_member(context, tenant_id, &partner(tenant_id), None).await
}

/// Reads the synchronization policy of a partner in beta, which is the only version with groups; in v1.0 if the cloud has no beta.
pub(super) async fn read_synchronization(
    context: &Context,
    tenant_id: &str,
) -> Result<Option<Json>, graph::Error> {
    let part = "identitySynchronization";
    let single = format!("{}/{part}", partner(tenant_id));
    let found = read_member(context, tenant_id, &graph::beta(&single), Some(part)).await;
    match found {
        Err(error) if is_unknown_to_beta(&error) => context.graph.get(&single).await,
        found => found,
    }
}

/// Reads the synchronization policies of several partners like [`read_synchronization`].
pub(super) async fn synchronizations(
    context: &Context,
    tenant_ids: &[String],
) -> Result<Vec<Option<Json>>, graph::Error> {
    let path = |id: &String| format!("{}/identitySynchronization", partner(id));
    let paths: Vec<String> = tenant_ids.iter().map(path).collect();
    let in_beta: Vec<String> = paths.iter().map(|path| graph::beta(path)).collect();
    let mut found = Vec::new();
    for (path, answer) in paths.iter().zip(context.graph.batch_get(&in_beta).await?) {
        found.push(match answer {
            Err(error) if is_unknown_to_beta(&error) => context.graph.get(path).await?,
            answer => answer?,
        });
    }
    Ok(found)
}

async fn read_member(
    context: &Context,
    tenant_id: &str,
    single: &str,
    part: Option<&str>,
) -> Result<Option<Json>, graph::Error> {
    let member = graph::Member {
        list: LISTED,
        fallback: Some(PARTNERS),
        single: Some(single),
        key: &[("tenantId", tenant_id)],
        part,
        readers: 3,
    };
    context.graph.member(&member).await
}

/// Whether beta does not support the request, as opposed to a missing permission or throttling.
pub(super) fn is_unknown_to_beta(error: &graph::Error) -> bool {
    matches!(error.status(), Some(400 | 404 | 405 | 501))
}

/// Returns the path of a partner.
pub(super) fn partner(tenant_id: &str) -> String {
    format!("{PARTNERS}/{}", graph::segment(&tenant_id.to_lowercase()))
}

impl Resource for PartnerPolicy {
    const NAME: &'static str = "partner_policy";
    const TASK: Task = Task::Policies;
    const PATH: &'static str = "/policies/crossTenantAccessPolicy/partners/{partner_tenant_id}";
    const EXPORT: Export = Export::Always(export::PARTNERS);
    const IMPORT: &'static [&'static str] = &[
        "<partner_tenant_id>",
        "/policies/crossTenantAccessPolicy/partners/<partner_tenant_id>",
        "<partner_tenant_id>:hard_delete={flag}",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_partner_settings",
            peer::by_tenant_id,
        ),
        Peer::microsoft365wp(
            "microsoft365wp_cross_tenant_access_policy_configuration_partner",
            peer::by_tenant_id,
        ),
        Peer::MSGRAPH,
        Peer::MSGRAPH_UPDATE,
    ];
    const CALLS: Calls = &[
        "POST /policies/crossTenantAccessPolicy/partners",
        "GET /policies/crossTenantAccessPolicy/partners/{id}",
        "PATCH /policies/crossTenantAccessPolicy/partners/{id}",
        "DELETE /policies/crossTenantAccessPolicy/partners/{id}",
        "GET /policies/crossTenantAccessPolicy/partners/{id}/m365Capabilities",
        "POST /policies/crossTenantAccessPolicy/partners/{id}/m365Capabilities",
        "PATCH /policies/crossTenantAccessPolicy/partners/{id}/m365Capabilities/{name}",
        "DELETE /policies/crossTenantAccessPolicy/partners/{id}/m365Capabilities/{name}",
    ];

    fn validate(config: &Value, found: &mut Diagnostics) {
        for block in BLOCKS {
            validate_block(
                config.member(block),
                &Path::root(block),
                "inherit from the default policy",
                found,
            );
        }
        m365_capabilities::validate(config, found);
    }

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("partner_tenant_id", None);
    }

    fn findings(tenant_id: &str, found: &Value) -> Vec<Finding> {
        let partner = found.member("partner_tenant_id").as_str();
        let partner = partner.unwrap_or_default();
        let mut findings = collaboration::findings(tenant_id, found, Some(partner));
        findings.extend(is_provider(found.member("is_service_provider"), partner));
        findings
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let path = partner(&planned.partner_tenant_id);
        let body = json::body(&Self::attributes(), &planned.to_value());
        let look = || context.graph.get(&path);
        let partners = in_version_of::<Self>(PARTNERS.to_owned(), &body);
        let answer = match context
            .graph
            .post_once(&partners, &body, Resend::Safe, look)
            .await
        {
            Err(error) if error.is_conflict() => {
                return Err(exists(context, &planned.partner_tenant_id));
            }
            answer => answer?,
        };
        let made = state.insert(planned.answered(&answer));
        made.m365_capabilities = None;
        let wanted = planned.m365_capabilities.as_ref();
        m365_capabilities::write(context, &path, wanted, &mut made.m365_capabilities).await
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let Some(answer) = state.look(context).await? else {
            return Ok(None);
        };
        let mut found: Self = model(&answer)?;
        found.partner_tenant_id.clone_from(&state.partner_tenant_id);
        found.block_service_provider_outbound_access = state.blocked(&answer);
        found.m365_capabilities = m365_capabilities::shown(
            context,
            &partner(&state.partner_tenant_id),
            &answer,
            state.m365_capabilities.as_ref(),
            state.is_bare(),
        )
        .await?;
        found.is_service_provider = Some(found.is_service_provider.unwrap_or(false));
        found.is_in_multi_tenant_organization =
            Some(found.is_in_multi_tenant_organization.unwrap_or(false));
        Ok(Some(found))
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        let body = json::changes(&Self::attributes(), &state.to_value(), &planned.to_value());
        let path = partner(&planned.partner_tenant_id);
        if body != json!({}) {
            context.graph.patch(&planned.path_for(&body), &body).await?;
        }
        *state = Self {
            tenant_id: state.tenant_id.take(),
            m365_capabilities: state.m365_capabilities.take(),
            ..planned.clone()
        };
        let wanted = planned.m365_capabilities.as_ref();
        m365_capabilities::write(context, &path, wanted, &mut state.m365_capabilities).await
    }

    async fn delete(context: &Context, state: &Self) -> Result {
        let path = partner(&state.partner_tenant_id);
        let Err(error) = context.graph.delete(&path).await else {
            return Ok(());
        };
        if error.status() == Some(400) || error.is_conflict() {
            let policy = context
                .graph
                .get(&format!("{path}/identitySynchronization"))
                .await?;
            if policy.is_some() {
                return Err(has_sync_policy(&state.partner_tenant_id));
            }
        }
        Err(error.into())
    }
}

impl PartnerPolicy {
    /// Whether only the key is known, as after an import.
    fn is_bare(&self) -> bool {
        self.is_in_multi_tenant_organization.is_none()
    }

    /// Reads the partner, in beta if an attribute requires it. After an import, it is unknown whether the attribute is configured, so beta
    /// is used.
    async fn look(&self, context: &Context) -> Result<Option<Json>, graph::Error> {
        if !self.is_bare() && self.block_service_provider_outbound_access.is_none() {
            return read_partner(context, &self.partner_tenant_id).await;
        }
        let single = graph::beta(&partner(&self.partner_tenant_id));
        match read_member(context, &self.partner_tenant_id, &single, None).await {
            Err(error) if is_unknown_to_beta(&error) => {
                read_partner(context, &self.partner_tenant_id).await
            }
            found => found,
        }
    }

    /// Returns whether service providers are blocked. If the response lacks the property, the stored value is kept; the default is stored
    /// only if it was configured.
    fn blocked(&self, answer: &Json) -> Option<bool> {
        let stored = self.block_service_provider_outbound_access;
        match answer.get(BLOCKED) {
            None => stored,
            Some(Json::Bool(true)) => Some(true),
            Some(_) => stored.map(|_| false),
        }
    }

    /// Returns the planned object with the read-only values of the response.
    fn answered(&self, answer: &Json) -> Self {
        let in_organization = answer["isInMultiTenantOrganization"]
            .as_bool()
            .unwrap_or(false);
        Self {
            is_in_multi_tenant_organization: Some(in_organization),
            ..self.clone()
        }
    }
}

/// The property of partners and of the default policy that only beta has.
pub(super) const BLOCKED: &str = "blockServiceProviderOutboundAccess";

/// Returns the finding that the partner is a service provider, if it is.
fn is_provider(found: &Value, partner: &str) -> Option<Finding> {
    (found.as_bool() == Some(true)).then(|| Finding {
        attribute: "is_service_provider",
        allows: true,
        what: format!(
            "Tenant {partner} is a service provider of this tenant. Its users may administer this tenant by delegation."
        ),
        fix: "is_service_provider = false".to_owned(),
    })
}

fn exists(context: &Context, partner_tenant_id: &str) -> Problem {
    let what = format!("A partner policy for tenant {partner_tenant_id}");
    PartnerPolicy::already_exists(context, &what, partner_tenant_id)
}

fn has_sync_policy(partner_tenant_id: &str) -> Problem {
    Problem::error(
        "The partner still has a synchronization policy",
        format!(
            "Graph deletes a partner only after its synchronization policy was deleted. Nothing was deleted. Let the \
            `crosstenant_sync_policy` of this partner refer to this resource, so that it is destroyed first. If the \
            policy is not managed by Terraform, import it with the ID {partner_tenant_id:?} or remove it in the \
            portal."
        ),
    )
}

/// Checks constraints that the types of targets do not express: an empty block is not allowed, and each keyword has one target type.
/// `otherwise` completes the advice to remove the whole block.
pub(super) fn validate_block(block: &Value, at: &Path, otherwise: &str, found: &mut Diagnostics) {
    let Some(members) = block.as_object() else {
        return;
    };
    if members.values().all(Value::is_null) {
        let summary = format!("`{at}` is empty");
        let detail = format!("`{at}` sets nothing. Remove the whole block to {otherwise}.");
        found.push(Diagnostic::error(summary, detail).at(at.clone()));
    }
    let devices = block.member("devices").as_object();
    if devices.is_some_and(|devices| devices.values().all(Value::is_null)) {
        let at = at.attribute("devices");
        let summary = format!("`{at}` is empty");
        let detail = format!("`{at}` sets nothing. Set `mode` or `rule`, or remove it.");
        found.push(Diagnostic::error(summary, detail).at(at));
    }
    for (part, is_applications) in [
        ("users_and_groups", false),
        ("users", false),
        ("applications", true),
    ] {
        let targets = members.get(part).unwrap_or(&Value::Null).member("targets");
        for target in targets.as_elements().into_iter().flatten() {
            if let Some(problem) = target_problem(target, is_applications) {
                let at = at.attribute(part).attribute("targets");
                let detail = format!("`{at}`: {problem}.");
                found.push(Diagnostic::error("Target and target type do not match", detail).at(at));
            }
        }
    }
}

fn target_problem(target: &Value, is_applications: bool) -> Option<String> {
    let target_type = target.member("target_type").as_str()?;
    let name = target.member("target").as_str().unwrap_or("the target");
    if (target_type == "application") != is_applications {
        let expected = if is_applications {
            "`application`"
        } else {
            "`user` or `group`"
        };
        return Some(format!(
            "{name:?} has the target type `{target_type}`, but only {expected} belongs here"
        ));
    }
    let needs = match name {
        "AllUsers" => "user",
        "AllApplications" | "AllMicrosoftApps" | "Office365" => "application",
        _ if is_guid(name) || target.member("target").as_str().is_none() => return None,
        _ => {
            return Some(format!(
                "{name:?} is neither a GUID nor one of the keywords in their exact spelling"
            ));
        }
    };
    (needs != target_type)
        .then(|| format!("{name:?} needs the target type `{needs}`, not `{target_type}`"))
}
