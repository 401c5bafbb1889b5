//! What one sees where a prerequisite is not met: the words of the guide "Troubleshooting".

/// The symptom that belongs to a row of `crosstenant_readiness`.
pub(super) fn of(check: &str) -> Option<&'static str> {
    Some(match check {
        "tenant_found" => {
            "Applies fail with `ExternalTenantNotFound` or `AzureActiveDirectoryTokenExpired`: the two tenants do not find each other."
        }
        "partner_exists" => {
            "Neither consent nor synchronization can be set, and the connection test fails."
        }
        "automatic_redemption" => {
            "The connection test fails with `AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure`, a running job goes into \
             quarantine, and users are asked for consent when they first sign in."
        }
        "user_sync_allowed" => {
            "The connection test fails with `AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure`, and a running job goes into \
             quarantine."
        }
        "invitations_allowed" => "Users fail to be created with `AzureActiveDirectoryForbidden`.",
        "licence" => {
            "Trust settings are refused with `AadPremiumLicenseRequired`; in the portal the check box for automatic redemption is \
             disabled."
        }
        "assignable_role" => "Nobody can be assigned to the configuration.",
        "internal_user_assigned" => "Cycles succeed, and nobody arrives in the target tenant.",
        "no_sms_sign_in" => {
            "These users are skipped; the provisioning log names the clause `alternativeSecurityIds EQUALS 'None'`."
        }
        "no_collisions" => {
            "Some users do not arrive, or arrive without their email address; the provisioning log says why only once a cycle has tried."
        }
        "connection" => {
            "The portal's *Test connection* fails, and a running job goes into quarantine."
        }
        "job_not_in_quarantine" => {
            "The job tries only every few hours, and after four weeks is disabled."
        }
        "cloud_allowed" => "The connection test fails with `ExternalTenantNotFound`.",
        "cloud_pair_supported" => {
            "The portal does not offer such a configuration, and the connection test fails."
        }
        "cross_cloud_principal" => {
            "The connection test fails with `AzureActiveDirectoryTokenExpired`."
        }
        "group_sync_allowed" => "Users arrive in the target tenant, and no group does.",
        "group_licence" | "cross_cloud_licence" => {
            "Microsoft requires this licence for each user in scope; what happens without it is not documented."
        }
        "group_mapping_enabled" => {
            "Assigned groups are skipped with `EntityTypeNotSupported`; their members arrive."
        }
        "group_scope" => "No group arrives in the target tenant.",
        "groups_assigned" => {
            "No group arrives, or groups are skipped with `NotEffectivelyEntitled`."
        }
        "groups_not_empty" => "The copy of the group has no members.",
        "group_members_in_scope" => {
            "Copied groups lack these members; the provisioning log says `UnableToResolveReferenceAttributeValue`."
        }
        _ => return None,
    })
}
