//! Trust settings and automatic redemption for a partner: two fields of the partner object.

use serde_json::{Value as Json, json};

use super::organization_template::explain;
use super::partner_policy::{partner, read_partner};
use sdk::prelude::*;

attributes! {
    /// Manages the trust settings and the automatic redemption of invitations for one partner tenant.
    ///
    /// Cross-tenant synchronization requires automatic redemption in both tenants: `outbound_allowed` in the source
    /// tenant and `inbound_allowed` in the target tenant. The partner itself is created by
    /// `crosstenant_partner_policy`; refer to that resource so that it is created first. Destroying this resource
    /// restores the inheritance from the default policy.
    pub struct TrustSettings {
        /// Tenant ID of the partner. Changing this forces a new resource to be created.
        partner_tenant_id: String = key().guid().named("tenantId"),
        /// Claims from the partner that this tenant trusts: multifactor authentication, compliant devices, and hybrid joined
        /// devices. If omitted, this is inherited from the default policy.
        inbound_trust: Option<InboundTrust>,
        /// Automatic redemption of invitations between the two tenants, without asking the user for consent. If omitted, this is
        /// inherited from the default policy, where it is always off.
        automatic_user_consent_settings: Option<AutomaticUserConsentSettings>,
        /// Tenant ID of the tenant that these settings belong to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// Claims that are accepted from the partner.
    pub struct InboundTrust {
        /// Whether multifactor authentication performed in the partner's tenant is accepted in this tenant.
        is_mfa_accepted: Option<bool> = default(false),
        /// Whether devices that are compliant in the partner's tenant are accepted as compliant in this tenant.
        is_compliant_device_accepted: Option<bool> = default(false),
        /// Whether devices that are hybrid joined to the partner's tenant are accepted as hybrid joined in this tenant.
        is_hybrid_azure_ad_joined_device_accepted: Option<bool> = default(false).named("isHybridAzureADJoinedDeviceAccepted"),
    }

    /// Automatic redemption of invitations.
    pub struct AutomaticUserConsentSettings {
        /// Whether users of the partner are not asked for consent when they first access this tenant. Set this in the target tenant.
        inbound_allowed: Option<bool> = default(false),
        /// Whether users of this tenant are not asked for consent when they first access the partner's tenant. Set this in the
        /// source tenant.
        outbound_allowed: Option<bool> = default(false),
    }
}

const BLOCKS: [&str; 2] = ["inbound_trust", "automatic_user_consent_settings"];

impl Resource for TrustSettings {
    const NAME: &'static str = "trust_settings";
    const TASK: Task = Task::Policies;
    const EXPORT: Export = Export::Always(export::PARTNERS);
    const IMPORT: &'static [&'static str] = &[
        "<partner_tenant_id>",
        "/policies/crossTenantAccessPolicy/partners/<partner_tenant_id>",
    ];
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const CALLS: Calls = &[
        "GET /policies/crossTenantAccessPolicy/partners/{id}",
        "PATCH /policies/crossTenantAccessPolicy/partners/{id}",
    ];

    fn validate(config: &Value, found: &mut Diagnostics) {
        let is_empty = |block: &&str| match config.member(block) {
            Value::Null => true,
            Value::Object(members) => members.values().all(Value::is_null),
            _ => false,
        };
        if BLOCKS.iter().all(&is_empty) {
            found.push(
                Diagnostic::error(
                    "Missing trust settings",
                    "At least one of `inbound_trust` and `automatic_user_consent_settings` is required. To inherit all \
                    settings from the default policy, remove the resource.",
                )
                .at(Path::root(BLOCKS[1])),
            );
            return;
        }
        for block in BLOCKS
            .iter()
            .filter(|block| !config.member(block).is_null() && is_empty(block))
        {
            let detail =
                format!("`{block}` sets nothing. Remove it to inherit from the default policy.");
            found.push(
                Diagnostic::error(format!("`{block}` is empty"), detail).at(Path::root(block)),
            );
        }
    }

    fn plan(change: &mut Change) {
        change.forbid_own_tenant("partner_tenant_id", None);
        change.warn_of_loss(
            "trust settings and automatic redemption",
            "The settings are inherited from the default policy again, and synchronization that requires automatic \
            redemption stops. To restore the settings, apply this configuration again.",
        );
    }

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        let mut found = found(self, answer)?;
        found.inbound_trust.iter_mut().for_each(InboundTrust::fill);
        found
            .automatic_user_consent_settings
            .iter_mut()
            .for_each(AutomaticUserConsentSettings::fill);
        Ok((!found.sets_nothing()).then_some(found))
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let path = partner(&planned.partner_tenant_id);
        // Right after this run removed these settings, a replica may still return them.
        let is_free = |live: &Json| planned.may_set(live).unwrap_or(true);
        let Some(live) = context.graph.get_written(&path, is_free).await? else {
            return Err(no_partner(context, &planned.partner_tenant_id));
        };
        if !planned.may_set(&live)? {
            return Err(exists(context, &planned.partner_tenant_id));
        }
        // Sent even if they seem to be set already, because a replica may return outdated values.
        context.graph.patch(&path, &planned.settings()).await?;
        *state = Some(planned.clone());
        Ok(())
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let answer = read_partner(context, &state.partner_tenant_id).await?;
        answer.map_or(Ok(None), |answer| state.found(&answer))
    }

    async fn explain(context: &Context, stored: &Self, found: &Self) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if stored.sets_nothing() {
            return diagnostics; // This is an import.
        }
        let template = "crosstenant_multi_tenant_organization_partner_configuration_template";
        let (before, now) = (stored.to_value(), found.to_value());
        for block in BLOCKS {
            if before.member(block) != now.member(block) {
                let partner = &stored.partner_tenant_id;
                diagnostics.extend(explain(context, partner, block, template).await);
            }
        }
        diagnostics
    }

    async fn explain_absence(context: &Context, stored: &Self) -> Diagnostics {
        if !stored.sets_nothing() {
            return Diagnostics::new();
        }
        match read_partner(context, &stored.partner_tenant_id).await {
            Ok(Some(_)) => vec![nothing_to_import(
                "crosstenant_trust_settings",
                "The partner",
                &stored.partner_tenant_id,
                context.tenant_id(),
            )],
            _ => Diagnostics::new(),
        }
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        let body = changed(&state.settings(), &planned.settings());
        if body != json!({}) {
            context
                .graph
                .patch(&partner(&planned.partner_tenant_id), &body)
                .await?;
        }
        *state = planned.clone();
        Ok(())
    }

    async fn delete(context: &Context, state: &Self) -> Result {
        let inherit = json!({ "inboundTrust": null, "automaticUserConsentSettings": null });
        match context
            .graph
            .patch(&partner(&state.partner_tenant_id), &inherit)
            .await
        {
            Err(error) if error.is_not_found() => Ok(()),
            result => Ok(result?),
        }
    }
}

impl TrustSettings {
    /// Returns both fields, complete; null if they are inherited.
    fn settings(&self) -> Json {
        let mut settings = json::everything(&Self::attributes(), &self.to_value());
        if let Json::Object(members) = &mut settings {
            members.remove("tenantId");
        }
        settings
    }

    pub(super) fn sets_nothing(&self) -> bool {
        self.inbound_trust.is_none() && self.automatic_user_consent_settings.is_none()
    }

    /// Whether no other settings exist that these would overwrite.
    fn may_set(&self, live: &Json) -> Result<bool> {
        let live = self.found(live)?;
        Ok(live.is_none_or(|live| live.settings() == self.settings()))
    }
}

impl InboundTrust {
    /// Sets claims that Graph omits to not accepted.
    pub(super) fn fill(&mut self) {
        for flag in [
            &mut self.is_mfa_accepted,
            &mut self.is_compliant_device_accepted,
            &mut self.is_hybrid_azure_ad_joined_device_accepted,
        ] {
            flag.get_or_insert(false);
        }
    }
}

impl AutomaticUserConsentSettings {
    /// Sets directions that Graph omits to not allowed.
    pub(super) fn fill(&mut self) {
        self.inbound_allowed.get_or_insert(false);
        self.outbound_allowed.get_or_insert(false);
    }
}

/// Returns the members of `after` that differ from `before`.
fn changed(before: &Json, after: &Json) -> Json {
    let members = after.as_object().into_iter().flatten();
    Json::Object(
        members
            .filter(|(name, value)| before[name.as_str()] != **value)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// Returns the error about an import of an existing object without settings, for which no configuration is possible.
pub(super) fn nothing_to_import(
    type_name: &str,
    what: &str,
    partner_tenant_id: &str,
    tenant_id: &str,
) -> Diagnostic {
    let detail = format!(
        "{what} for tenant {partner_tenant_id} in tenant {tenant_id} exists, but all settings that {type_name} manages \
        are inherited. Remove the `import` block. To change settings, use a {type_name} without an `import` block."
    );
    Diagnostic::error("There are no settings to import", detail)
}

fn exists(context: &Context, partner_tenant_id: &str) -> Problem {
    let what = format!("Other trust or consent settings for tenant {partner_tenant_id}");
    TrustSettings::already_exists(context, &what, partner_tenant_id)
}

/// Returns the error that the partner does not exist in this tenant.
pub(super) fn no_partner(context: &Context, partner_tenant_id: &str) -> Problem {
    Problem::at(
        "partner_tenant_id",
        "The partner does not exist",
        format!(
            "Tenant {} has no cross-tenant access policy for the partner {partner_tenant_id}. Create it with \
            `crosstenant_partner_policy` and refer to its `partner_tenant_id` here.",
            context.tenant_id()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::{Script, refuse, reply};

    #[tokio::test]
    async fn an_import_of_what_sets_nothing_says_so() {
        const PARTNER: &str = "aaaaaaaa-0000-4000-8000-000000000001";
        let bare = TrustSettings {
            partner_tenant_id: PARTNER.to_owned(),
            ..TrustSettings::from_value(&Value::Null).unwrap()
        };
        let live = json!({ "tenantId": PARTNER, "inboundTrust": null,
            "automaticUserConsentSettings": { "inboundAllowed": null, "outboundAllowed": null } });
        let told = async |script: std::sync::Arc<Script>| {
            let context = Context::new(script.client());
            assert_eq!(TrustSettings::read(&context, &bare).await.unwrap(), None);
            TrustSettings::explain_absence(&context, &bare).await
        };
        let there = told(Script::new(move |_| reply(200, &live))).await;
        assert_eq!(there[0].summary, "There are no settings to import");
        assert!(
            there[0].detail.contains("Remove the `import` block"),
            "{there:?}"
        );
        let absent = Script::new(|_| refuse(404, "Directory_ObjectNotFound"));
        assert!(
            told(absent).await.is_empty(),
            "the partner itself is missing"
        );
    }
}
