//! The default cross-tenant access policy, which partners inherit.
//!
//! An omitted block stands for Microsoft's default: it is sent if necessary, and shown only if it differs.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::collaboration::{
    self, AppServiceConnect, M365CollaborationInbound, M365CollaborationOutbound,
};
use super::m365_capabilities::{self, M365Capability};
use super::partner_policy::{BLOCKED, DevicesFilter, TargetConfiguration, validate_block};
use super::trust_settings::InboundTrust;
use sdk::observed::Finding;
use sdk::prelude::*;
use sdk::settings;

attributes! {
    /// Manages the default settings of the cross-tenant access policy. They apply to every organization that has no settings of its
    /// own in `crosstenant_partner_policy` and `crosstenant_trust_settings`.
    ///
    /// Every tenant has exactly one default policy. A block, or a part of a block, that is omitted is set to Microsoft's default: B2B
    /// collaboration is allowed for all users, B2B direct connect is blocked, and no claims are trusted. Removing a block later
    /// restores that default.
    ///
    /// Settings that administrators enable in admin centers (Microsoft 365 across tenants, calls of applications) are not changed if
    /// they are omitted; every plan then warns about such settings.
    pub struct DefaultPolicy {
        /// Inbound B2B collaboration: users of other organizations who may be invited to this tenant, and the applications that they
        /// may access. If omitted, all users and all applications are allowed.
        b2b_collaboration_inbound: Option<DefaultCollaboration> = optional().neutral(collaboration()),
        /// Outbound B2B collaboration: users of this tenant who may be invited by other organizations, and the applications that they
        /// may access. If omitted, all users and all applications are allowed.
        b2b_collaboration_outbound: Option<DefaultCollaboration> = optional().neutral(collaboration()),
        /// Inbound B2B direct connect: users of other organizations who may connect directly, for example to shared channels. If
        /// omitted, all users and applications are blocked.
        b2b_direct_connect_inbound: Option<DefaultConnection> = optional().neutral(connection()),
        /// Outbound B2B direct connect: users of this tenant who may connect directly to other organizations. If omitted, all users and
        /// applications are blocked.
        b2b_direct_connect_outbound: Option<DefaultConnection> = optional().neutral(connection()),
        /// Claims from other organizations that this tenant trusts: multifactor authentication, compliant devices, and hybrid joined
        /// devices. If omitted, no claims are trusted.
        inbound_trust: Option<InboundTrust> = optional().neutral(trust()),
        /// External accounts that may be used from this tenant's networks and devices (tenant restrictions). If omitted, all are
        /// blocked. Takes effect only where tenant restrictions are enforced.
        tenant_restrictions: Option<DefaultRestrictions> = optional().neutral(restrictions()),
        /// Identity providers with which guests redeem their invitation. If omitted, Microsoft's default order applies.
        invitation_redemption_identity_provider_configuration: Option<InvitationRedemption> = optional().neutral(redemption()),
        /// Users of other organizations who may use Microsoft 365 features of this tenant. Optional. If omitted, the existing setting
        /// is kept, and plans warn if it is not Microsoft's default, which is none. Not available in US Government and China clouds.
        m365_collaboration_inbound: Option<M365CollaborationInbound> = optional().observed().neutral(collaboration::service_default("m365_collaboration_inbound")),
        /// Users of this tenant who may use Microsoft 365 features of other organizations. Optional. If omitted, the existing setting
        /// is kept, and plans warn if it is not Microsoft's default, which is all. Not available in US Government and China clouds.
        m365_collaboration_outbound: Option<M365CollaborationOutbound> = optional().observed().neutral(collaboration::service_default("m365_collaboration_outbound")),
        /// Microsoft 365 features of this tenant that users of every other organization may use, by name, with the names that
        /// `crosstenant_partner_policy` lists. A feature works only for users whom `m365_collaboration_inbound` allows. Optional. If
        /// omitted, the existing features are kept, and plans warn about them. An empty map closes all features. Microsoft's default is
        /// none. The features exist in Microsoft Graph beta only; the provider reads them if this attribute is set, after an import,
        /// and if `m365_collaboration_inbound` allows any users. Opening a feature requires the permission
        /// `Policy.ReadWrite.CrossTenantCapability`. Not available in US Government and China clouds.
        m365_capabilities: Option<BTreeMap<String, M365Capability>> = optional().observed().neutral(m365_capabilities::none()).apart(),
        /// Applications of other organizations that may call applications of this tenant. Optional. If omitted, the existing setting is
        /// kept, and plans warn if it is not Microsoft's default, which is none.
        app_service_connect_inbound: Option<AppServiceConnect> = optional().observed().neutral(collaboration::service_default("app_service_connect_inbound")),
        /// Whether outbound access of users of service providers (delegated administration, GDAP) is blocked. Optional. If omitted, the
        /// existing setting is kept. Microsoft's default is `false`. This is a property of Microsoft Graph beta, which the provider
        /// reads only if this attribute is set.
        block_service_provider_outbound_access: Option<bool> = optional().observed().neutral(false).beta(),
        /// Whether the default policy of this tenant is unchanged since its last reset.
        is_service_default: Option<bool> = read_only().volatile(),
        /// Tenant ID of the tenant that this policy belongs to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// Users who may be invited, and the applications that they may access.
    pub struct DefaultCollaboration {
        /// Users and groups that this setting applies to. In inbound settings, their IDs are those of the partner's tenant. If omitted,
        /// all users are allowed.
        users_and_groups: Option<TargetConfiguration> = default_value(everybody("allowed")),
        /// Applications that this setting applies to. If omitted, all applications are allowed.
        applications: Option<TargetConfiguration> = default_value(everything("allowed")),
    }

    /// Users who may connect directly, and the applications that they may access.
    pub struct DefaultConnection {
        /// Users and groups that this setting applies to. In inbound settings, their IDs are those of the partner's tenant. If omitted,
        /// all users are blocked.
        users_and_groups: Option<TargetConfiguration> = default_value(everybody("blocked")),
        /// Applications that this setting applies to. If omitted, all applications are blocked.
        applications: Option<TargetConfiguration> = default_value(everything("blocked")),
    }

    /// Users, applications and devices that tenant restrictions apply to.
    pub struct DefaultRestrictions {
        /// Users and groups that these restrictions apply to. If omitted, all users are blocked.
        users_and_groups: Option<TargetConfiguration> = default_value(everybody("blocked")),
        /// Applications that these restrictions apply to. If omitted, all applications are blocked.
        applications: Option<TargetConfiguration> = default_value(everything("blocked")),
        /// Devices that these restrictions apply to.
        devices: Option<DevicesFilter>,
    }

    /// Identity providers with which guests redeem their invitation.
    pub struct InvitationRedemption {
        /// Identity providers in order of precedence; the first that recognizes the guest is used: `azureActiveDirectory` (an account in
        /// another Entra tenant), `externalFederation` (SAML or WS-Federation) and `socialIdentityProviders` (Google). If omitted, the
        /// order is external federation, Microsoft Entra, social identity providers.
        primary_identity_provider_precedence_order: Option<Vec<String>> = default_value(precedence_order()).check(Check::That(precedence)),
        /// Identity provider that is used if no primary provider recognizes the guest: `defaultConfiguredIdp`, `emailOneTimePasscode` or
        /// `microsoftAccount`.
        fallback_identity_provider: String = required().one_of(&["defaultConfiguredIdp", "emailOneTimePasscode", "microsoftAccount"]),
    }
}

const POLICY: &str = "/policies/crossTenantAccessPolicy/default";
const RESET: &str = "/policies/crossTenantAccessPolicy/default/resetToSystemDefault";
const BLOCKS: [&str; 9] = [
    "b2b_collaboration_inbound",
    "b2b_collaboration_outbound",
    "b2b_direct_connect_inbound",
    "b2b_direct_connect_outbound",
    "inbound_trust",
    "tenant_restrictions",
    "m365_collaboration_inbound",
    "m365_collaboration_outbound",
    "app_service_connect_inbound",
];

impl Resource for DefaultPolicy {
    const NAME: &'static str = "default_policy";
    const TASK: Task = Task::Policies;
    const PATH: &'static str = POLICY;
    const EXPORT: Export = Export::IfChanged(export::SETTINGS);
    const IMPORT: &'static [&'static str] = &[
        "<tenant_id>",
        "/policies/crossTenantAccessPolicy/default",
        "crossTenantAccessDefaultSettings",
        "crossTenantAccessDefaultSettings:restore_defaults_on_destroy={flag}",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365_settings(
            "microsoft365_graph_beta_identity_and_access_cross_tenant_access_default_settings",
        ),
        Peer::microsoft365wp_settings(
            "microsoft365wp_cross_tenant_access_policy_configuration_default",
        ),
        Peer::MSGRAPH_UPDATE,
    ];
    const CALLS: Calls = &[
        "GET /policies/crossTenantAccessPolicy/default",
        "PATCH /policies/crossTenantAccessPolicy/default",
        "POST /policies/crossTenantAccessPolicy/default/resetToSystemDefault",
        "GET /policies/crossTenantAccessPolicy/default/m365Capabilities",
        "POST /policies/crossTenantAccessPolicy/default/m365Capabilities",
        "PATCH /policies/crossTenantAccessPolicy/default/m365Capabilities/{name}",
        "DELETE /policies/crossTenantAccessPolicy/default/m365Capabilities/{name}",
    ];
    const NOTES: &'static str = "\
Creating this resource changes the existing policy where it differs from the configuration. If a block that the configuration omits is
already set in the tenant, creating this resource fails and shows how to import the policy, so that no setting is reset without appearing in
a plan.

**Destroying this resource resets the whole default policy of the tenant to Microsoft's defaults**, including settings that this resource
does not manage. To stop managing the policy without a reset, use a `removed` block with `destroy = false`.

Automatic redemption of invitations is not part of this resource. Microsoft Graph shows it in the default policy, but it is always off
there. Enable it for each partner with `crosstenant_trust_settings`.";

    fn validate(config: &Value, found: &mut Diagnostics) {
        for block in BLOCKS {
            validate_block(
                config.member(block),
                &Path::root(block),
                "get Microsoft's default",
                found,
            );
        }
        m365_capabilities::validate(config, found);
    }

    fn findings(tenant_id: &str, found: &Value) -> Vec<Finding> {
        collaboration::findings(tenant_id, found, None)
    }

    fn plan(change: &mut Change) {
        if change.is_destroy() {
            let detail = format!(
                "Destroying `crosstenant_default_policy` resets the whole default policy of tenant {} to Microsoft's \
                defaults. Partners without their own settings inherit them.",
                change.tenant_id
            );
            change.diagnostics.push(Diagnostic::warning(
                "The default policy of the tenant will be reset",
                detail,
            ));
        }
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let answer = settings::present(context, POLICY).await?;
        let live = planned.policy_in(&answer)?;
        settings::nothing_lost(context, planned, &live)?;
        // Configured values are written even if they seem to be set already, because a replica may return outdated values.
        let set = json::body(&Self::attributes(), &planned.to_value());
        let put = planned.keeping(&live).put(context, &live, set).await?;
        let made = state.insert(Self {
            is_service_default: put.is_service_default,
            m365_capabilities: None,
            ..planned.clone()
        });
        let Some(wanted) = &planned.m365_capabilities else {
            return Ok(());
        };
        let mut live = m365_capabilities::read(context, POLICY).await?;
        let written = m365_capabilities::write(context, POLICY, Some(wanted), &mut live).await;
        made.m365_capabilities = live;
        written
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        // Only beta returns whether service providers are blocked; an import does not know whether the attribute is configured.
        let is_bare = state.is_service_default.is_none();
        let mut answer = None;
        if is_bare || state.block_service_provider_outbound_access.is_some() {
            answer = settings::read(context, &graph::beta(POLICY)).await.ok();
        }
        let answer = match answer {
            Some(answer) => answer,
            None => settings::read(context, POLICY).await?,
        };
        let Some(answer) = answer else {
            return Ok(None);
        };
        let stored = state.m365_capabilities.as_ref();
        let capabilities =
            m365_capabilities::shown(context, POLICY, &answer, stored, is_bare).await?;
        Ok(Some(Self {
            m365_capabilities: capabilities,
            ..state.policy_in(&answer)?
        }))
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        *state = Self {
            m365_capabilities: state.m365_capabilities.clone(),
            ..planned.put(context, state, json!({})).await?
        };
        let wanted = planned.m365_capabilities.as_ref();
        m365_capabilities::write(context, POLICY, wanted, &mut state.m365_capabilities).await
    }

    async fn delete(context: &Context, state: &Self) -> Result {
        // Whether the reset also resets these features is not documented: UNVERIFIED.
        let mut open = state.m365_capabilities.clone();
        m365_capabilities::write(context, POLICY, None, &mut open).await?;
        context.graph.post(RESET, &Json::Null, Resend::Safe).await?;
        Ok(())
    }
}

impl DefaultPolicy {
    /// Changes the policy from `live` to this one. `set` is written in any case.
    async fn put(&self, context: &Context, live: &Self, set: Json) -> Result<Self> {
        let default = service_default();
        let (before, after) = (
            completed(&live.to_value(), &default),
            completed(&self.to_value(), &default),
        );
        let mut body = json::changes(&Self::attributes(), &before, &after);
        json::add(
            &mut body,
            &json::everything(&Self::attributes(), &after),
            &set,
        );
        let is_service_default = if body == json!({}) {
            live.is_service_default
        } else {
            context.graph.patch(&self.path_for(&body), &body).await?;
            Some(false)
        };
        Ok(Self {
            is_service_default,
            ..self.clone()
        })
    }

    /// Returns this policy with the values of `live` for omitted settings that are kept.
    fn keeping(&self, live: &Self) -> Self {
        let (planned, live) = (self.to_value(), live.to_value());
        let mut kept = planned.clone();
        for attribute in Self::attributes() {
            if attribute.rules.observed && planned.member(attribute.name).is_null() {
                kept.set_member(attribute.name, live.member(attribute.name).clone());
            }
        }
        Self::from_value(&kept).unwrap_or_else(|_| self.clone())
    }

    /// Returns the policy in Graph's response, with omitted blocks as in `self`.
    fn policy_in(&self, answer: &Json) -> Result<Self> {
        let default = service_default();
        let live = completed(&json::read(&Self::attributes(), answer)?, &default);
        let mut shown = abridged(live, &self.to_value(), &default);
        // v1.0 does not have the property, so the stored value is kept.
        if answer.get(BLOCKED).is_none() {
            let stored = self.block_service_provider_outbound_access.to_value();
            shown.set_member("block_service_provider_outbound_access", stored);
        }
        model_of(&shown)
    }
}

/// Microsoft's initial settings. Documented except for tenant restrictions and redemption, whose values are UNVERIFIED.
fn service_default() -> Value {
    let attributes = DefaultPolicy::attributes().into_iter();
    let member = |attribute: terraform::Attribute| {
        let value = match attribute.rules.neutral {
            Some(neutral) => neutral,
            None => Value::Null,
        };
        (attribute.name.to_owned(), value)
    };
    Value::Object(attributes.map(member).collect())
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

fn all_of_a_kind(access: &str, target: &str, target_type: &str) -> Value {
    let target = [
        ("target", target.into()),
        ("target_type", target_type.into()),
    ];
    object([
        ("access_type", access.into()),
        ("targets", Value::set(vec![object(target)])),
    ])
}

fn everybody(access: &str) -> Value {
    all_of_a_kind(access, "AllUsers", "user")
}

fn everything(access: &str) -> Value {
    all_of_a_kind(access, "AllApplications", "application")
}

fn setting(access: &str) -> Value {
    object([
        ("users_and_groups", everybody(access)),
        ("applications", everything(access)),
    ])
}

fn collaboration() -> Value {
    setting("allowed")
}

fn connection() -> Value {
    setting("blocked")
}

fn restrictions() -> Value {
    let mut restrictions = setting("blocked");
    restrictions.set_member("devices", Value::Null);
    restrictions
}

fn trust() -> Value {
    object([
        ("is_mfa_accepted", false.into()),
        ("is_compliant_device_accepted", false.into()),
        ("is_hybrid_azure_ad_joined_device_accepted", false.into()),
    ])
}

fn precedence_order() -> Value {
    let order = [
        "externalFederation",
        "azureActiveDirectory",
        "socialIdentityProviders",
    ];
    Value::List(order.map(Value::from).into())
}

fn redemption() -> Value {
    object([
        (
            "primary_identity_provider_precedence_order",
            precedence_order(),
        ),
        ("fallback_identity_provider", "defaultConfiguredIdp".into()),
    ])
}

/// Returns `value` with omitted parts replaced by the default.
fn completed(value: &Value, default: &Value) -> Value {
    match (value, default) {
        (Value::Null, default) => default.clone(),
        (Value::Object(members), Value::Object(_)) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), completed(value, default.member(name))))
                .collect(),
        ),
        (value, _) => value.clone(),
    }
}

/// Returns `value` without the parts that `written` omits and that equal the default.
fn abridged(value: Value, written: &Value, default: &Value) -> Value {
    match (value, written) {
        (value, Value::Null) if value == *default => Value::Null,
        (Value::Object(members), Value::Object(_)) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let value = abridged(value, written.member(&name), default.member(&name));
                    (name, value)
                })
                .collect(),
        ),
        (value, _) => value,
    }
}

fn precedence(order: &Value) -> Result<(), String> {
    const PROVIDERS: [&str; 3] = [
        "azureActiveDirectory",
        "externalFederation",
        "socialIdentityProviders",
    ];
    let expected = || {
        "a list of \"azureActiveDirectory\", \"externalFederation\" and \"socialIdentityProviders\", each at most once and at \
         least one of them"
            .to_owned()
    };
    let elements = order.as_elements().unwrap_or_default();
    let known: Vec<&str> = elements.iter().filter_map(Value::as_str).collect();
    let is_wrong =
        |(at, name): (usize, &&str)| !PROVIDERS.contains(name) || known[..at].contains(name);
    if order.is_wholly_known() && elements.is_empty() || known.iter().enumerate().any(is_wrong) {
        return Err(expected());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::{Script, empty, reply};

    fn untouched() -> Json {
        let default = service_default();
        let mut policy = json::body(&DefaultPolicy::attributes(), &default);
        policy["isServiceDefault"] = json!(true);
        policy
    }

    fn nothing() -> DefaultPolicy {
        DefaultPolicy::from_value(&Value::Null).unwrap()
    }

    fn trusting() -> DefaultPolicy {
        let mut trust = InboundTrust::from_value(&Value::Null).unwrap();
        trust.is_mfa_accepted = Some(true);
        trust.fill();
        DefaultPolicy {
            inbound_trust: Some(trust),
            ..nothing()
        }
    }

    #[tokio::test]
    async fn only_what_differs_is_sent_and_a_removed_block_goes_back_to_the_default() {
        let script = Script::of([reply(200, &untouched()), empty(204), empty(204), empty(204)]);
        let context = Context::new(script.client());
        let mut state = None;
        DefaultPolicy::create(&context, &trusting(), &mut state)
            .await
            .unwrap();
        let mut state = state.unwrap();
        assert_eq!(state.is_service_default, Some(false));
        DefaultPolicy::update(&context, &nothing(), &mut state)
            .await
            .unwrap();
        DefaultPolicy::delete(&context, &state).await.unwrap();
        let trust = |mfa: bool| {
            json!({ "inboundTrust": { "isMfaAccepted": mfa, "isCompliantDeviceAccepted": false,
                "isHybridAzureADJoinedDeviceAccepted": false } })
        };
        let bodies: Vec<Json> = script.sent().into_iter().map(|sent| sent.body).collect();
        assert_eq!(bodies, [Json::Null, trust(true), trust(false), Json::Null]);
        assert_eq!(
            script.calls()[3],
            "POST /v1.0/policies/crossTenantAccessPolicy/default/resetToSystemDefault"
        );
    }

    #[tokio::test]
    async fn settings_of_others_are_not_reset_without_a_plan() {
        let mut customized = untouched();
        customized["b2bCollaborationInbound"]["usersAndGroups"]["accessType"] = json!("blocked");
        let script = Script::of([reply(200, &customized)]);
        let context = Context::new(script.client());
        let problem = DefaultPolicy::create(&context, &trusting(), &mut None)
            .await
            .unwrap_err();
        let said = problem.into_diagnostic("create", "t").detail;
        assert!(
            said.contains("`b2b_collaboration_inbound`") && said.contains("import {"),
            "{said}"
        );
    }

    #[test]
    fn only_what_differs_from_the_default_or_was_written_is_shown() {
        assert_eq!(
            nothing().policy_in(&untouched()).unwrap(),
            DefaultPolicy {
                is_service_default: Some(true),
                ..nothing()
            }
        );
        let mut policy = untouched();
        policy["inboundTrust"] = json!(null);
        policy["b2bDirectConnectInbound"]["applications"]["accessType"] = json!("allowed");
        let found = nothing().policy_in(&policy).unwrap();
        assert_eq!(found.inbound_trust, None);
        let connect = found.b2b_direct_connect_inbound.unwrap();
        assert!(connect.users_and_groups.is_some() && connect.applications.is_some());
        // An omitted part of the configuration remains omitted.
        let written = DefaultPolicy {
            b2b_direct_connect_inbound: Some(DefaultConnection {
                users_and_groups: None,
                ..connect
            }),
            ..nothing()
        };
        let found = written.policy_in(&policy).unwrap();
        assert_eq!(
            found.b2b_direct_connect_inbound,
            written.b2b_direct_connect_inbound
        );
    }

    #[test]
    fn an_order_names_each_provider_once() {
        let order =
            |names: &[&str]| Value::List(names.iter().map(|name| Value::from(*name)).collect());
        assert!(precedence(&order(&["externalFederation", "azureActiveDirectory"])).is_ok());
        assert!(precedence(&Value::Unknown).is_ok());
        for wrong in [
            &[][..],
            &["google"],
            &["azureActiveDirectory", "azureActiveDirectory"],
        ] {
            assert!(precedence(&order(wrong)).is_err(), "{wrong:?}");
        }
    }
}
