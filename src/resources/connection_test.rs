//! Runs the portal's "Test connection" and explains a failure: the missing setting, its tenant, and the fix.

use std::time::Duration;

use serde_json::json;

use super::partner_policy::partner;
use super::paths::jobs_path;
use sdk::prelude::*;

/// The error codes, newest first, for policies of the two tenants that do not allow synchronization. Older revisions of Microsoft's page
/// have another one; whether it is returned as code, detail or text is UNVERIFIED, so all are searched.
const POLICY_CODES: [&str; 2] = [
    "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
    "AzureDirectoryB2BManagementPolicyCheckFailure",
];

/// The connection to test.
#[derive(Clone, Copy)]
pub(super) struct Connection<'a> {
    /// The service principal of the configuration.
    pub(super) principal: &'a str,
    /// The template of the job.
    pub(super) template: &'a str,
    /// The target tenant.
    pub(super) target: &'a str,
}

/// Tests whether `job` can work, for up to `patience` while the policies of both tenants replicate.
pub(super) async fn run(context: &Context, job: &Connection<'_>, patience: Duration) -> Result {
    let path = format!("{}/validateCredentials", jobs_path(job.principal));
    let body = json!({
        "useSavedCredentials": false,
        "templateId": job.template,
        "credentials": [
            { "key": "CompanyId", "value": job.target.to_lowercase() },
            { "key": "AuthenticationType", "value": "SyncPolicy" },
        ],
    });
    // The service applies a new policy later than Graph returns it.
    let patience = patience.max(context.graph.unheeded(&partner(job.target)));
    let test = || async {
        let tested = context.graph.post(&path, &body, Resend::Safe).await;
        Ok::<_, Problem>(tested.err())
    };
    let is_final = |error: &Option<graph::Error>| {
        let may_pass =
            |error: &graph::Error| mentions(error, &POLICY_CODES) || error.is_not_found();
        !error.as_ref().is_some_and(may_pass)
    };
    match context.graph.until(patience, test, is_final).await? {
        None => Ok(()),
        Some(error) => Err(explain(context, job, error).await),
    }
}

/// Whether `error` contains one of `codes` anywhere.
fn mentions(error: &graph::Error, codes: &[&str]) -> bool {
    let graph::Error::Refused(refusal) = error else {
        return false;
    };
    codes.iter().any(|code| {
        error.has_code(code)
            || refusal.message.contains(code)
            || refusal
                .details
                .iter()
                .any(|detail| detail.message.contains(code))
    })
}

async fn explain(context: &Context, job: &Connection<'_>, error: graph::Error) -> Problem {
    let (source, target) = (context.tenant_id(), job.target);
    let cause = if mentions(&error, &POLICY_CODES) {
        policy_cause(context, job).await
    } else {
        other_cause(&error, source, target)
    };
    let Some(cause) = cause else {
        return error.into();
    };
    Problem::error(
        format!("The connection test from tenant {source} to tenant {target} failed"),
        format!("{cause}\n\nNothing was saved. {error}"),
    )
}

/// The policies of the source tenant can be read here; if they are right, the cause is in the target tenant.
async fn policy_cause(context: &Context, job: &Connection<'_>) -> Option<String> {
    let (source, target) = (context.tenant_id(), job.target);
    let in_source = format!(
        "Outbound automatic redemption is not allowed in the source tenant {source}: set \
        `automatic_user_consent_settings = {{ outbound_allowed = true }}` in `crosstenant_trust_settings` for the \
        partner {target} there."
    );
    let in_target = format!(
        "In the target tenant {target} one of these is missing for the partner {source}: \
         `crosstenant_trust_settings` with `automatic_user_consent_settings = {{ inbound_allowed = true }}`, or \
         `crosstenant_sync_policy` with `user_sync_inbound = {{ is_sync_allowed = true }}`."
    );
    let replication = "The test can take minutes to see a policy that was just changed: increase \
        `validate_connection_timeout`, or apply again.";
    let cause = match context.graph.get(&partner(target)).await {
        Ok(None) => format!(
            "The source tenant {source} has no partner {target}: create it there with `crosstenant_partner_policy`. {in_source}"
        ),
        Ok(Some(live))
            if live["automaticUserConsentSettings"]["outboundAllowed"] != json!(true) =>
        {
            in_source
        }
        Ok(Some(_)) => {
            format!("The settings of the source tenant are correct. {in_target} {replication}")
        }
        Err(_) => format!("Either: {in_source}\nOr: {in_target} {replication}"),
    };
    Some(cause)
}

fn other_cause(error: &graph::Error, source: &str, target: &str) -> Option<String> {
    let cause = if mentions(error, &["ExternalTenantNotFound"]) {
        format!(
            "Tenant {target} was not found from tenant {source}. Check `target_tenant_id`. If the target tenant is in another Microsoft \
             cloud, the configuration must have been created for it: in the portal of the source tenant, *Cross-tenant synchronization*, \
             *Configurations*, *New configuration*, check box *Setup cross-tenant synchronization across Microsoft clouds*. Microsoft has \
             not published the template of such a configuration, so this provider cannot create it, and an existing configuration cannot \
             be changed. Create it in the portal, then import it as `crosstenant_synchronization_configuration` with `across_clouds = \
             true`. The other cloud must also be listed in the cross-tenant access policy of both tenants: `allowed_cloud_endpoints` of \
             `crosstenant_access_policy`."
        )
    } else if mentions(error, &["AzureActiveDirectoryTokenExpired"]) {
        format!(
            "Tenant {target} is in another Microsoft cloud and could not identify the caller: the check box for cross-cloud \
             synchronization is not selected there. In the portal of the target tenant, *Cross-tenant access settings*, *Microsoft cloud \
             settings*, select it for the cloud of tenant {source}. This creates the service principal that writes the users; Graph has no \
             documented call for it. The cloud must also be listed in `allowed_cloud_endpoints` of `crosstenant_access_policy` there. \
             `crosstenant_readiness` with `across_clouds = true` in the target tenant shows both."
        )
    } else if mentions(error, &["AzureActiveDirectoryForbidden"]) {
        format!(
            "Tenant {target} does not allow guest invitations. Set `allow_invites_from` of \
            `crosstenant_guest_invite_settings` in that tenant to a value other than `none`."
        )
    } else if mentions(error, &["License", "Licence", "AadPremiumLicenseRequired"]) {
        format!(
            "Tenant {source} lacks a license: cross-tenant synchronization requires Microsoft Entra ID P1 for each user."
        )
    } else {
        return None;
    };
    Some(cause)
}
