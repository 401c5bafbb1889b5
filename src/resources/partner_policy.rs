//! How this tenant collaborates with one other tenant: the partner object of the cross-tenant access policy.

use serde_json::{Value as Json, json};

use super::prelude::*;

attributes! {
    /// Manages how this tenant collaborates with one partner tenant: the partner's entry in the cross-tenant access policy.
    ///
    /// Every block that is left out is inherited from the tenant's default policy, and removing a block later restores that
    /// inheritance. Trust and consent settings of the same partner belong to `crosstenant_trust_settings`, synchronization to
    /// `crosstenant_sync_policy`; this resource never touches them.
    pub struct PartnerPolicy {
        /// Tenant id of the partner. Changing it makes another policy.
        partner_tenant_id: String = key().guid().named("tenantId"),
        /// Which users of the partner may be invited here, and to which applications. Left out: inherited.
        b2b_collaboration_inbound: Option<B2bSetting>,
        /// Which users of this tenant may be invited by the partner, and to which applications. Left out: inherited.
        b2b_collaboration_outbound: Option<B2bSetting>,
        /// Which users of the partner may connect directly, as in shared channels. Left out: inherited.
        b2b_direct_connect_inbound: Option<B2bSetting>,
        /// Which users of this tenant may connect directly to the partner. Left out: inherited.
        b2b_direct_connect_outbound: Option<B2bSetting>,
        /// Which external accounts of the partner may be used from this tenant's networks and devices. Left out: inherited.
        tenant_restrictions: Option<TenantRestrictions>,
        /// Whether the partner is a service provider of this tenant.
        is_service_provider: Option<bool> = default(false),
        /// Whether both tenants belong to the same multitenant organization, which may then change settings of this partner.
        is_in_multi_tenant_organization: Option<bool> = read_only(),
        /// Tenant id of the tenant that this policy belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// Whom a setting is about, and for which applications.
    pub struct B2bSetting {
        /// The users and groups it is about. In inbound settings their ids are those of the partner's tenant.
        users_and_groups: Option<TargetConfiguration>,
        /// The applications it is about.
        applications: Option<TargetConfiguration>,
    }

    /// Whom tenant restrictions are about, for which applications and on which devices.
    pub struct TenantRestrictions {
        /// The users and groups they are about.
        users_and_groups: Option<TargetConfiguration>,
        /// The applications they are about.
        applications: Option<TargetConfiguration>,
        /// The devices they are about.
        devices: Option<DevicesFilter>,
    }

    /// Which devices a setting is about.
    pub struct DevicesFilter {
        /// Whether the devices that match are `allowed` or `blocked`.
        mode: Option<String> = optional().one_of(ACCESS_TYPES),
        /// The rule that devices match, in the language of dynamic device filters.
        rule: Option<String> = optional().check(Check::NotEmpty),
    }

    /// What is allowed or blocked.
    pub struct TargetConfiguration {
        /// Whether the targets are `allowed` or `blocked`.
        access_type: String = required().one_of(ACCESS_TYPES),
        /// The users, groups or applications. Their order does not matter.
        targets: Set<Target> = required().check(Check::NotEmpty),
    }

    /// A user, a group, an application, or all of a kind.
    pub struct Target {
        /// Object id of a user or group, client id of an application, or one of the keywords `AllUsers` (with the type
        /// `user`), `AllApplications`, `AllMicrosoftApps` and `Office365` (with the type `application`).
        target: String = required().check(Check::NotEmpty),
        /// `user`, `group` or `application`.
        target_type: String = required().one_of(&["user", "group", "application"]),
    }
}

const ACCESS_TYPES: &[&str] = &["allowed", "blocked"];
const BLOCKS: [&str; 5] = [
    "b2b_collaboration_inbound",
    "b2b_collaboration_outbound",
    "b2b_direct_connect_inbound",
    "b2b_direct_connect_outbound",
    "tenant_restrictions",
];
const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

/// Every partner with its synchronization policy. That a live tenant expands the latter is UNVERIFIED: where it refuses, they
/// are listed without, and the policies are read one by one.
const LISTED: &str = "/policies/crossTenantAccessPolicy/partners?$expand=identitySynchronization";

/// Reads a partner, together with whoever else reads one: its policy, trust settings and synchronization policy.
pub(super) async fn read_partner(
    context: &Context,
    tenant_id: &str,
) -> Result<Option<Json>, graph::Error> {
    let member = graph::Member {
        list: LISTED,
        fallback: Some(PARTNERS),
        single: Some(&partner(tenant_id)),
        key: &[("tenantId", tenant_id)],
        part: None,
        readers: 3,
    };
    context.graph.member(&member).await
}

/// Reads what is below a partner at `single`, which the listing of partners gives as well; groups only in beta.
pub(super) async fn read_synchronization(
    context: &Context,
    tenant_id: &str,
    single: &str,
) -> Result<Option<Json>, graph::Error> {
    let is_beta = single.starts_with(&graph::beta(""));
    let (list, fallback) = if is_beta {
        (graph::beta(LISTED), graph::beta(PARTNERS))
    } else {
        (LISTED.to_owned(), PARTNERS.to_owned())
    };
    let member = graph::Member {
        list: &list,
        fallback: Some(&fallback),
        single: Some(single),
        key: &[("tenantId", tenant_id)],
        part: Some("identitySynchronization"),
        readers: 3,
    };
    context.graph.member(&member).await
}

/// The address of a partner.
pub(super) fn partner(tenant_id: &str) -> String {
    format!("{PARTNERS}/{}", graph::segment(&tenant_id.to_lowercase()))
}

impl Resource for PartnerPolicy {
    const NAME: &'static str = "partner_policy";
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
    const CALLS: &'static [(&'static str, &'static str)] = &[
        ("POST", PARTNERS),
        ("GET", "/policies/crossTenantAccessPolicy/partners/{id}"),
        ("PATCH", "/policies/crossTenantAccessPolicy/partners/{id}"),
        ("DELETE", "/policies/crossTenantAccessPolicy/partners/{id}"),
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
    }

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("partner_tenant_id", None);
    }

    async fn create(
        context: &Context,
        planned: &Self,
        state: &mut Option<Self>,
    ) -> Result<(), Problem> {
        let path = partner(&planned.partner_tenant_id);
        let body = json::body(&Self::attributes(), &planned.to_value());
        let look = || context.graph.get(&path);
        let answer = match context
            .graph
            .post_once(PARTNERS, &body, Resend::Safe, look)
            .await
        {
            Err(error) if error.is_conflict() => {
                return Err(exists(context, &planned.partner_tenant_id));
            }
            answer => answer?,
        };
        *state = Some(planned.answered(&answer));
        Ok(())
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>, Problem> {
        let Some(answer) = read_partner(context, &state.partner_tenant_id).await? else {
            return Ok(None);
        };
        let mut found: Self = model(&answer)?;
        found.partner_tenant_id.clone_from(&state.partner_tenant_id);
        found.is_service_provider = Some(found.is_service_provider.unwrap_or(false));
        found.is_in_multi_tenant_organization =
            Some(found.is_in_multi_tenant_organization.unwrap_or(false));
        Ok(Some(found))
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result<(), Problem> {
        let body = json::changes(&Self::attributes(), &state.to_value(), &planned.to_value());
        if body != json!({}) {
            context
                .graph
                .patch(&partner(&planned.partner_tenant_id), &body)
                .await?;
        }
        *state = Self {
            tenant_id: state.tenant_id.take(),
            ..planned.clone()
        };
        Ok(())
    }

    async fn delete(context: &Context, state: &Self) -> Result<(), Problem> {
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
    /// What was planned, with what only Graph knows.
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

fn exists(context: &Context, partner_tenant_id: &str) -> Problem {
    let what = format!("A partner policy for tenant {partner_tenant_id}");
    Problem::exists(
        "crosstenant_partner_policy",
        &what,
        partner_tenant_id,
        context.tenant_id(),
    )
}

fn has_sync_policy(partner_tenant_id: &str) -> Problem {
    Problem::said(
        "The partner still has a synchronization policy",
        format!(
            "Graph deletes a partner only after its synchronization policy. Nothing was deleted. Let the \
             `crosstenant_sync_policy` of this partner refer to this resource, so that it is destroyed first; where Terraform \
             does not manage it, import it with the id {partner_tenant_id:?} or remove it in the portal."
        ),
    )
}

/// What the types of targets do not say: an empty block means nothing, and keywords belong to one type. Leaving the whole
/// block out is the way to do what `otherwise` says.
pub(super) fn validate_block(block: &Value, at: &Path, otherwise: &str, found: &mut Diagnostics) {
    let Some(members) = block.as_object() else {
        return;
    };
    if members.values().all(Value::is_null) {
        let summary = format!("`{at}` is empty");
        let detail = format!("`{at}` sets nothing. Leave the whole block out to {otherwise}.");
        found.push(Diagnostic::error(summary, detail).at(at.clone()));
    }
    let devices = block.member("devices").as_object();
    if devices.is_some_and(|devices| devices.values().all(Value::is_null)) {
        let at = at.attribute("devices");
        let summary = format!("`{at}` is empty");
        let detail = format!("`{at}` sets nothing. Set `mode` or `rule`, or leave it out.");
        found.push(Diagnostic::error(summary, detail).at(at));
    }
    for (part, is_applications) in [("users_and_groups", false), ("applications", true)] {
        let targets = members.get(part).unwrap_or(&Value::Null).member("targets");
        for target in targets.as_elements().into_iter().flatten() {
            if let Some(problem) = target_problem(target, is_applications) {
                let at = at.attribute(part).attribute("targets");
                let detail = format!("`{at}`: {problem}.");
                found.push(Diagnostic::error("Target and target type do not fit", detail).at(at));
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
