//! Looks up another tenant by one of its domain names or by its ID.

use sdk::prelude::*;

attributes! {
    /// Finds a tenant by one of its domain names or by its tenant ID. A tenant can look up any other tenant of the same cloud.
    pub struct Tenant {
        /// One of the tenant's domain names, for example `contoso.com`. Exactly one of this and `tenant_id` must be set.
        domain_name: Option<String> = optional().check(Check::Domain),
        /// ID of the tenant.
        tenant_id: Option<String> = computed().guid(),
        /// Name of the tenant.
        display_name: Option<String> = read_only(),
        /// The tenant's primary domain name.
        default_domain_name: Option<String> = read_only(),
        /// Brand name of the tenant in federation.
        federation_brand_name: Option<String> = read_only(),
    }
}

const BY_DOMAIN: &str =
    "/tenantRelationships/findTenantInformationByDomainName(domainName='{domainName}')";
const BY_ID: &str = "/tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')";

impl DataSource for Tenant {
    const NAME: &'static str = "tenant";
    const TASK: Task = Task::Policies;
    const CALLS: Calls = &[
        "GET /tenantRelationships/findTenantInformationByDomainName(domainName='{domainName}')",
        "GET /tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')",
    ];

    fn validate(config: &Value, found: &mut Diagnostics) {
        exactly_one(config, ["domain_name", "tenant_id"], found);
    }

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let (path, what) = match (&config.domain_name, &config.tenant_id) {
            (Some(domain), _) => (
                BY_DOMAIN.replace("'{domainName}'", &graph::quoted(domain)),
                domain,
            ),
            (None, Some(id)) => (BY_ID.replace("'{tenantId}'", &graph::quoted(id)), id),
            (None, None) => {
                return Err(Problem::error(
                    "Missing search argument",
                    "Set `domain_name` or `tenant_id`.",
                ));
            }
        };
        let Some(answer) = context.graph.get(&path).await? else {
            let attribute = if config.domain_name.is_some() {
                "domain_name"
            } else {
                "tenant_id"
            };
            let detail = format!(
                "No tenant of this cloud has the ID or domain name {what:?}. Domain names must be verified in their tenant."
            );
            return Err(Problem::at(
                attribute,
                format!("Tenant {what:?} not found"),
                detail,
            ));
        };
        Ok(Self {
            domain_name: config.domain_name.clone(),
            ..model(&answer)?
        })
    }
}
