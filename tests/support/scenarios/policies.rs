//! Policies and settings, which these scenarios configure in the target tenant. A tenant has exactly one of most of them.

use serde_json::{Value as Json, json};

use super::Side::Target;
use super::{CONTOSO, Listed, Scenario, partner, scenario};
use crate::support::peers;

const PARTNER: &[&str] = &["partner_tenant_id"];

fn target(kind: &str, target: &str, access: &str) -> Json {
    json!({ "access_type": access, "targets": [{ "target": target, "target_type": kind }] })
}

fn block(access: &str) -> Json {
    json!({ "users_and_groups": target("user", "AllUsers", access), "applications": target("application", "AllApplications", access) })
}

/// Settings of which a tenant has exactly one.
fn once(type_name: &'static str, config: Json, changed: Json) -> Scenario {
    scenario(type_name, Target, &["tenant_id"], config)
        .changes(changed)
        .lists(Listed::Once)
}

pub(super) fn rows() -> Vec<Scenario> {
    [of_partner(), of_tenant()].concat()
}

fn of_partner() -> Vec<Scenario> {
    let config =
        json!({ "partner_tenant_id": CONTOSO, "b2b_direct_connect_inbound": block("allowed") });
    let trust = json!({ "partner_tenant_id": CONTOSO, "automatic_user_consent_settings": { "inbound_allowed": true } });
    let sync =
        json!({ "partner_tenant_id": CONTOSO, "user_sync_inbound": { "is_sync_allowed": true } });
    vec![
        scenario("crosstenant_partner_policy", Target, PARTNER, config)
            .changes(json!({ "partner_tenant_id": CONTOSO, "b2b_collaboration_outbound": block("blocked"), "is_service_provider": true,
                "m365_capabilities": { "crossTenantOpenProfileCard": { "is_allowed": true } } }))
            .forms(&[
                "/policies/crossTenantAccessPolicy/partners/<partner_tenant_id>", // also msgraph_resource
                "<partner_tenant_id>:hard_delete={flag}", // microsoft365_…_cross_tenant_access_partner_settings
            ])
            .listed("", 1, 2)
            .peers(peers::partners),
        scenario("crosstenant_trust_settings", Target, PARTNER, trust)
            .on([partner(Target, "partner")])
            .changes(json!({ "partner_tenant_id": CONTOSO, "inbound_trust": { "is_mfa_accepted": true } }))
            .forms(&["/policies/crossTenantAccessPolicy/partners/<partner_tenant_id>"])
            .listed("", 1, 2)
            .peers(peers::trust_settings),
        scenario("crosstenant_sync_policy", Target, PARTNER, sync)
            .on([partner(Target, "partner")])
            .changes(json!({ "partner_tenant_id": CONTOSO, "display_name": "Contoso", "user_sync_inbound": { "is_sync_allowed": false } }))
            .forms(&[
                "/policies/crossTenantAccessPolicy/partners/<partner_tenant_id>/identitySynchronization",
                "<partner_tenant_id>/<partner_tenant_id>", // microsoft365wp_cross_tenant_identity_sync_policy_partner
            ])
            .listed("", 0, 2) // It is in the target tenant.
            .peers(peers::sync_policies),
    ]
}

fn of_tenant() -> Vec<Scenario> {
    vec![
        once(
            "crosstenant_default_policy",
            json!({ "inbound_trust": { "is_mfa_accepted": true } }),
            json!({ "b2b_direct_connect_inbound": block("allowed"), "m365_capabilities": { "crossTenantMigration": { "is_allowed": true } } }),
        )
        .forms(&[
            "/policies/crossTenantAccessPolicy/default",
            "crossTenantAccessDefaultSettings", // microsoft365_…_cross_tenant_access_default_settings
            "crossTenantAccessDefaultSettings:restore_defaults_on_destroy={flag}",
        ])
        .peers(peers::default_policies),
        once(
            "crosstenant_access_policy",
            json!({ "allowed_cloud_endpoints": ["microsoftonline.us"] }),
            json!({ "allowed_cloud_endpoints": ["partner.microsoftonline.cn"] }),
        )
        .forms(&[
            "/policies/crossTenantAccessPolicy",
            "crossTenantAccessPolicy", // microsoft365_…_cross_tenant_access_policy
        ])
        .peers(peers::access_policies),
        once(
            "crosstenant_guest_invite_settings",
            json!({ "allow_invites_from": "adminsAndGuestInviters" }),
            json!({ "allow_invites_from": "none" }),
        )
        .forms(&[
            "/policies/authorizationPolicy",
            "/policies/authorizationPolicy/authorizationPolicy", // the path in beta
            "authorizationPolicy",
        ])
        .peers(peers::guest_invite_settings),
        once(
            "crosstenant_tenant_properties",
            json!({ "privacy_profile": { "contact_email": "privacy@fabrikam.example" } }),
            json!({ "privacy_profile": { "statement_url": "https://fabrikam.example/privacy" } }),
        )
        .forms(&["/organization/<tenant_id>"])
        .peers(peers::tenant_properties),
        once(
            "crosstenant_external_user_leave_settings",
            json!({ "allow_external_identities_to_leave": false }),
            json!({ "allow_external_identities_to_leave": true }),
        )
        .forms(&["/policies/externalIdentitiesPolicy", "externalIdentitiesPolicy"])
        .peers(peers::external_user_leave_settings),
        once(
            "crosstenant_multi_tenant_organization_partner_configuration_template",
            json!({ "template_application_level": ["new_partners"], "inbound_trust": { "is_mfa_accepted": true } }),
            json!({ "template_application_level": ["new_partners"], "automatic_user_consent_settings": { "inbound_allowed": true } }),
        )
        .forms(&["/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration"])
        .peers(|_| peers::updated("policies/crossTenantAccessPolicy/templates/multiTenantOrganizationPartnerConfiguration")),
        once(
            "crosstenant_multi_tenant_organization_identity_synchronization_template",
            json!({ "template_application_level": ["new_partners"], "user_sync_inbound": { "is_sync_allowed": true } }),
            json!({ "template_application_level": ["new_partners"], "user_sync_inbound": { "is_sync_allowed": false } }),
        )
        .forms(&["/policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization"])
        .peers(|_| peers::updated("policies/crossTenantAccessPolicy/templates/multiTenantOrganizationIdentitySynchronization")),
    ]
}
