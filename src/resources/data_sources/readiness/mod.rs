//! The readiness of a pair of tenants for synchronization, as far as it can be read in one of them.

mod allowed;
mod checks;
mod clouds;
mod groups;
mod source;

use super::prelude::*;
use crate::partner_policy::partner;

pub(crate) use checks::has_premium;

attributes! {
    /// Checks the documented prerequisites of cross-tenant synchronization that are visible in one of the two tenants. Each
    /// prerequisite is one row with the finding and the fix. Configure this data source in each tenant of the pair.
    ///
    /// Use it in `check` and `precondition` blocks. A row that cannot be evaluated, because a permission is missing or
    /// Graph does not show the setting, is neither passed nor failed. The only request that is not a read is the connection
    /// test, which changes nothing.
    pub struct Readiness {
        /// Tenant ID of the other tenant.
        partner_tenant_id: String = required().guid(),
        /// Role of the provider's own tenant: `source`, whose users are synchronized, or `target`, into which they are synchronized.
        direction: String = required().one_of(&["source", "target"]),
        /// Object ID of the configuration's service principal. Only for the source tenant. If set, the configuration, its assignments,
        /// the connection and the job are checked as well.
        service_principal_id: Option<String> = optional().guid(),
        /// Whether the additional prerequisites for synchronizing groups are checked as well. Optional; defaults to `false`.
        groups: Option<bool>,
        /// Whether the two tenants are in different Microsoft clouds. If `true`, the additional prerequisites for different clouds are
        /// checked, and the other tenant is not looked up, because that is possible only within one cloud. Optional; defaults to
        /// `false`.
        across_clouds: Option<bool>,
        /// Cloud of the other tenant, as in `allowed_cloud_endpoints` of `crosstenant_access_policy`. Optional; used with
        /// `across_clouds`. If omitted, the check passes if any other cloud is allowed.
        partner_cloud: Option<String> = optional().one_of(&["microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn"]),
        /// Rows, one for each prerequisite, in the order of Microsoft's page.
        checks: Option<Vec<ReadinessCheck>> = read_only(),
        /// Whether no row has failed. Rows that cannot be evaluated are ignored; see `unseen`.
        ready: Option<bool> = read_only(),
        /// Problems with their fixes, for error messages. Empty if `ready` is true.
        problems: Option<Vec<String>> = read_only(),
        /// Names of the rows that cannot be evaluated.
        unseen: Option<Vec<String>> = read_only(),
        /// Security-relevant settings of this tenant that allow more than Microsoft's documented defaults, either for the other tenant
        /// or for all organizations. They do not affect `ready`. Settings that this synchronization requires are not listed.
        allowed_beyond_defaults: Option<Vec<AllowedSetting>> = read_only(),
        /// Tenant ID of the tenant that was checked.
        tenant_id: Option<String> = read_only(),
    }

    /// One prerequisite.
    pub struct ReadinessCheck {
        /// Name of the prerequisite: `tenant_found`, `partner_exists`, `automatic_redemption`; in the target
        /// `user_sync_allowed`, `invitations_allowed`; in the source `license` and, with a service principal,
        /// `assignable_role`, `internal_user_assigned`, `no_sms_sign_in`, `connection`, `job_not_in_quarantine`. With `groups` also
        /// `group_sync_allowed` in the target; in the source `group_license` and, with a service principal,
        /// `group_mapping_enabled`, `group_scope`, `groups_assigned`, `groups_not_empty`, `group_members_in_scope`. With
        /// `across_clouds`, `cloud_allowed` in place of `tenant_found`, with `partner_cloud` also `cloud_pair_supported`, in the target
        /// `cross_cloud_principal`, and in the source `cross_cloud_license`.
        check: Option<String> = read_only(),
        /// Whether the prerequisite is met. Null if it cannot be evaluated.
        passed: Option<bool> = read_only(),
        /// Whether the row cannot be evaluated because a permission is missing, rather than because Graph does not show the setting.
        permission_missing: Option<bool> = read_only(),
        /// Finding, or the reason why the row cannot be evaluated.
        detail: Option<String> = read_only(),
        /// Recommended fix. Null if nothing has to be fixed.
        fix: Option<String> = read_only(),
    }
}

attributes! {
    /// A setting that allows more than its default.
    pub struct AllowedSetting {
        /// Type of the resource that manages the setting, for example `crosstenant_partner_policy`.
        resource: Option<String> = read_only(),
        /// Attribute of the resource.
        attribute: Option<String> = read_only(),
        /// Finding: what is allowed, and the default.
        found: Option<String> = read_only(),
        /// Line of configuration that restores the default.
        fix: Option<String> = read_only(),
    }
}

impl DataSource for Readiness {
    const NAME: &'static str = "readiness";
    const TASK: Task = Task::Monitoring;
    const CALLS: Calls = &[
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
        "GET /policies/crossTenantAccessPolicy/partners/{id}",
        "GET /policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
        "GET /policies/crossTenantAccessPolicy",
        "GET /policies/crossTenantAccessPolicy/default",
        "GET /policies/crossTenantAccessPolicy/default/m365Capabilities",
        "GET /policies/crossTenantAccessPolicy/partners/{id}/m365Capabilities",
        "GET /policies/authorizationPolicy",
        "GET /organization",
        "GET /servicePrincipals",
        "GET /servicePrincipals/{id}",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "GET /groups/{id}",
        "GET /groups/{id}/members/microsoft.graph.user",
        "GET /users/{id}",
        "GET /users/{id}/authentication/phoneMethods/{id}",
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "GET /servicePrincipals/{id}/synchronization/secrets",
        "POST /servicePrincipals/{id}/synchronization/jobs/validateCredentials",
    ];
    const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(600);

    fn validate(config: &Value, found: &mut Diagnostics) {
        let is_target = config.member("direction").as_str() == Some("target");
        if is_target && !config.member("service_principal_id").is_null() {
            let detail = "The configuration is in the source tenant. Remove `service_principal_id`, or configure this \
                data source in the source tenant with `direction = \"source\"`.";
            let problem = Diagnostic::error("The target tenant has no configuration", detail);
            found.push(problem.at(Path::root("service_principal_id")));
        }
        let is = |name: &str| config.member(name).as_bool() == Some(true);
        if is("groups") && is("across_clouds") {
            let detail = "Only users are synchronized across Microsoft clouds. Remove `groups` or `across_clouds`.";
            let problem = Diagnostic::error("Groups are not synchronized across clouds", detail);
            found.push(problem.at(Path::root("groups")));
        }
    }

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        if config
            .partner_tenant_id
            .eq_ignore_ascii_case(context.tenant_id())
        {
            return Err(Problem::at(
                "partner_tenant_id",
                "`partner_tenant_id` is the provider's own tenant",
                "Name the other tenant of the pair, or use the other provider configuration.",
            ));
        }
        let mut rows = config.common(context).await?;
        if let Some(id) = &config.service_principal_id {
            let target = &config.partner_tenant_id;
            rows.extend(source::rows(context, id, target, config.wants_groups()).await?);
        }
        Ok(Self {
            allowed_beyond_defaults: Some(allowed::settings(context, config).await?),
            ..config.judged(rows, context.tenant_id())
        })
    }
}

impl Readiness {
    fn wants_groups(&self) -> bool {
        self.groups == Some(true)
    }

    /// Whether the partner may synchronize groups. Only beta returns this setting.
    async fn group_sync(&self, context: &Context) -> Result<ReadinessCheck> {
        let other = self.partner_tenant_id.as_str();
        let path = format!("{}/identitySynchronization", partner(other));
        let found = context.graph.get(&graph::beta(&path)).await;
        checks::row("group_sync_allowed", found, |found| {
            groups::allowed(found.as_ref(), other)
        })
    }

    /// Returns the rows that need no configuration, in one batch request.
    async fn common(&self, context: &Context) -> Result<Vec<ReadinessCheck>> {
        let is_source = self.direction == "source";
        let here = partner(&self.partner_tenant_id);
        let id = graph::quoted(&self.partner_tenant_id);
        let mut paths = vec![
            format!("/tenantRelationships/findTenantInformationByTenantId(tenantId={id})"),
            here.clone(),
        ];
        if is_source {
            paths.push("/organization?$select=id,assignedPlans".to_owned());
        } else {
            paths.push(format!("{here}/identitySynchronization"));
            paths.push("/policies/authorizationPolicy?$select=allowInvitesFrom".to_owned());
        }
        let mut answers = context.graph.batch_get(&paths).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Ok(None));
        let other = self.partner_tenant_id.as_str();
        let looked_up = next();
        let mut rows = if self.across_clouds == Some(true) {
            clouds::rows(context, is_source, self.partner_cloud.as_deref()).await?
        } else {
            vec![checks::row("tenant_found", looked_up, |found| {
                checks::tenant(found.as_ref(), other)
            })?]
        };
        let found = next();
        // Two rows share one response.
        rows.push(checks::row("partner_exists", found.clone(), |found| {
            checks::partner(found.as_ref(), other)
        })?);
        rows.push(checks::row("automatic_redemption", found, |found| {
            checks::redemption(found.as_ref(), is_source, other)
        })?);
        if is_source {
            let organization = next();
            for (wanted, check, what) in [
                (self.wants_groups(), "group_license", groups::LICENSED),
                (
                    self.across_clouds == Some(true),
                    "cross_cloud_license",
                    clouds::LICENSED,
                ),
            ] {
                if wanted {
                    rows.push(checks::row(check, organization.clone(), |found| {
                        groups::license(found.as_ref(), &what)
                    })?);
                }
            }
            rows.push(checks::row("license", organization, |found| {
                checks::license(found.as_ref())
            })?);
        } else {
            rows.push(checks::row("user_sync_allowed", next(), |found| {
                checks::user_sync(found.as_ref(), other)
            })?);
            rows.push(checks::row("invitations_allowed", next(), |found| {
                checks::invitations(found.as_ref())
            })?);
            if self.wants_groups() {
                rows.push(self.group_sync(context).await?);
            }
        }
        Ok(rows)
    }

    fn judged(&self, rows: Vec<ReadinessCheck>, tenant_id: &str) -> Self {
        let failed = rows.iter().filter(|row| row.passed == Some(false));
        let said = |part: &Option<String>| part.clone().unwrap_or_default();
        let problems: Vec<String> = failed
            .map(|row| format!("{} {}", said(&row.detail), said(&row.fix)))
            .map(|problem| problem.trim_end().to_owned())
            .collect();
        let unseen = rows.iter().filter(|row| row.passed.is_none());
        Self {
            unseen: Some(unseen.filter_map(|row| row.check.clone()).collect()),
            ready: Some(problems.is_empty()),
            problems: Some(problems),
            checks: Some(rows),
            tenant_id: Some(tenant_id.to_owned()),
            ..self.clone()
        }
    }
}
