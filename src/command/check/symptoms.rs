//! The symptoms of prerequisites that are not met, as described in the guide "Troubleshooting".

/// The symptom for a row of `crosstenant_readiness`.
pub(super) fn of(check: &str) -> Option<&'static str> {
    Some(match check {
        "tenant_found" => {
            "Applies fail with `ExternalTenantNotFound` or `AzureActiveDirectoryTokenExpired`: the two tenants cannot \
            find each other."
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
        "license" => {
            "Trust settings are refused with `AadPremiumLicenseRequired`; in the portal the check box for automatic redemption is \
             disabled."
        }
        "assignable_role" => "No users or groups can be assigned to the configuration.",
        "internal_user_assigned" => {
            "Cycles succeed, but no users are created in the target tenant."
        }
        "no_sms_sign_in" => {
            "These users are skipped; the provisioning log names the clause `alternativeSecurityIds EQUALS 'None'`."
        }
        "no_collisions" => {
            "Some users are not created, or are created without their email address. The provisioning log shows the \
            reason only after a cycle."
        }
        "connection" => {
            "The portal's *Test connection* fails, and a running job goes into quarantine."
        }
        "job_not_in_quarantine" => {
            "The job retries only every few hours and is disabled after four weeks."
        }
        "cloud_allowed" => "The connection test fails with `ExternalTenantNotFound`.",
        "cloud_pair_supported" => {
            "The portal does not offer such a configuration, and the connection test fails."
        }
        "cross_cloud_principal" => {
            "The connection test fails with `AzureActiveDirectoryTokenExpired`."
        }
        "group_sync_allowed" => "Users are created in the target tenant, but no groups.",
        "group_license" | "cross_cloud_license" => {
            "Microsoft requires this license for each user in scope; the effect of missing licenses is not documented."
        }
        "group_mapping_enabled" => {
            "Assigned groups are skipped with `EntityTypeNotSupported`; their members are synchronized."
        }
        "group_scope" => "No groups are created in the target tenant.",
        "groups_assigned" => {
            "No groups are created, or groups are skipped with `NotEffectivelyEntitled`."
        }
        "groups_not_empty" => "The copy of the group has no members.",
        "group_members_in_scope" => {
            "Copied groups lack these members; the provisioning log says `UnableToResolveReferenceAttributeValue`."
        }
        _ => return None,
    })
}
