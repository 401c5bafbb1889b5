//! Evaluates secure defaults for collaboration with other tenants: rows from public baselines, and rows that no baseline tests.

mod facts;
mod partners;
mod rows;
mod synchronization;
mod tenant;

use super::prelude::*;
use facts::Facts;

attributes! {
    /// Compares this tenant with secure defaults for collaboration with other organizations. Each secure default is one row with the
    /// finding, the expected setting, the reason, and the configuration that fixes it without stopping synchronization.
    ///
    /// The rows follow public baselines (CIS Microsoft 365, CISA SCuBA, Maester, Microsoft's Zero Trust Assessment) and add areas
    /// that these do not cover: partners, trust, automatic redemption, synchronization policies and jobs. The guide "Secure
    /// defaults" explains each. This data source only reads. A row that cannot be evaluated, because a permission is missing or
    /// Graph does not show the setting, is neither passed nor failed.
    pub struct SecureDefaults {
        /// Tenant IDs of partners that are intentionally service providers of this tenant. Optional. If omitted, no service provider
        /// is expected.
        expected_service_providers: Option<Set<String>> = optional(),
        /// Rows, one for each secure default.
        checks: Option<Vec<SecureDefault>> = read_only(),
        /// Whether no row has failed. Rows that cannot be evaluated are ignored; see `unseen`.
        secure: Option<bool> = read_only(),
        /// Findings of the failed rows with the expected settings, for error messages. Empty if `secure` is true.
        problems: Option<Vec<String>> = read_only(),
        /// Names of the rows that cannot be evaluated.
        unseen: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that was compared.
        tenant_id: Option<String> = read_only(),
    }

    /// One secure default.
    pub struct SecureDefault {
        /// Name of the secure default, for example `guests_cannot_invite`. The guide "Secure defaults" lists all of them.
        check: Option<String> = read_only(),
        /// Controls of public baselines that require the same, for example `CIS 5.1.6.2`. Empty if there are none.
        baselines: Option<Vec<String>> = read_only(),
        /// Whether the tenant complies. Null if this cannot be evaluated.
        passed: Option<bool> = read_only(),
        /// Whether the row cannot be evaluated because a permission is missing, rather than because Graph does not show the setting.
        permission_missing: Option<bool> = read_only(),
        /// Finding, or the reason why the row cannot be evaluated.
        found: Option<String> = read_only(),
        /// Expected setting.
        expected: Option<String> = read_only(),
        /// Reason for the expectation.
        why: Option<String> = read_only(),
        /// Configuration that fixes the finding without stopping synchronization. Null if nothing has to be fixed.
        fix: Option<String> = read_only(),
    }
}

impl DataSource for SecureDefaults {
    const NAME: &'static str = "secure_defaults";
    const TASK: Task = Task::Monitoring;
    const CALLS: Calls = &[
        "GET /policies/authorizationPolicy",
        "GET /policies/crossTenantAccessPolicy",
        "GET /policies/crossTenantAccessPolicy/default",
        "GET /policies/crossTenantAccessPolicy/partners",
        "GET /policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
        "GET /servicePrincipals",
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/secrets",
    ];
    const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(600);

    fn validate(config: &Value, found: &mut Diagnostics) {
        let expected = config.member("expected_service_providers").as_elements();
        let is_wrong = |id: &&Value| id.as_str().is_some_and(|id| !is_guid(id));
        if let Some(wrong) = expected.into_iter().flatten().find(is_wrong) {
            let detail = format!(
                "`expected_service_providers` holds {:?}, which is not a GUID.",
                wrong.as_str().unwrap_or_default()
            );
            found.push(
                Diagnostic::error("Invalid tenant ID", detail)
                    .at(Path::root("expected_service_providers")),
            );
        }
    }

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let expected = config.expected_service_providers.iter();
        let expected = expected.flat_map(|ids| ids.0.iter()).cloned().collect();
        let facts = Facts::read(context, expected).await?;
        Ok(config.judged(rows::all(&facts), context.tenant_id()))
    }
}

impl SecureDefaults {
    fn judged(&self, rows: Vec<SecureDefault>, tenant_id: &str) -> Self {
        let said = |part: &Option<String>| part.clone().unwrap_or_default();
        let failed = rows.iter().filter(|row| row.passed == Some(false));
        let problems: Vec<String> = failed
            .map(|row| {
                let (name, found, expected) =
                    (said(&row.check), said(&row.found), said(&row.expected));
                format!("{name}: {found} Expected: {expected}")
            })
            .collect();
        let unseen = rows.iter().filter(|row| row.passed.is_none());
        Self {
            unseen: Some(unseen.filter_map(|row| row.check.clone()).collect()),
            secure: Some(problems.is_empty()),
            problems: Some(problems),
            checks: Some(rows),
            tenant_id: Some(tenant_id.to_owned()),
            ..self.clone()
        }
    }
}
