//! Runs the portal's "Test connection".

use std::time::Duration;

use super::Action;
use crate::connection_test::{self, Connection};
use sdk::prelude::*;
use terraform::Progress;

attributes! {
    /// Tests whether a configuration can synchronize to a target tenant, as "Test connection" in the portal does.
    /// Nothing is saved. Invoke this action with the provider of the source tenant. If the test fails, the error names
    /// what is missing and in which tenant.
    pub struct ValidateConnection {
        /// Object ID of the configuration's service principal.
        service_principal_id: String = required().guid(),
        /// Tenant ID of the target tenant.
        target_tenant_id: String = required().guid(),
        /// Template of the job. Defaults to `Azure2Azure`, the template for cross-tenant synchronization.
        template_id: Option<String>,
        /// Time during which a failing test is repeated. The policies of the two tenants need some time to replicate. Defaults to `1m`.
        timeout: Option<String> = optional().check(Check::Duration),
    }
}

impl Action for ValidateConnection {
    const NAME: &'static str = "validate_connection";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls = &[
        "POST /servicePrincipals/{id}/synchronization/jobs/validateCredentials",
        "GET /policies/crossTenantAccessPolicy/partners/{id}",
    ];

    fn plan(tenant_id: &str, config: &Value, found: &mut Diagnostics) {
        Change {
            tenant_id,
            prior: &Value::Null,
            config,
            planned: &mut config.clone(),
            requires_replace: &mut Vec::new(),
            diagnostics: found,
        }
        .forbid_own_tenant("target_tenant_id", Some("source"));
    }

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result {
        let written = config.timeout.as_deref().unwrap_or("1m");
        let patience = terraform::duration(written).unwrap_or(Duration::from_secs(60));
        progress.tell(format!(
            "Testing the connection from tenant {} to tenant {}",
            context.tenant_id(),
            config.target_tenant_id
        ));
        let connection = Connection {
            principal: &config.service_principal_id,
            template: config.template_id.as_deref().unwrap_or("Azure2Azure"),
            target: &config.target_tenant_id,
        };
        connection_test::run(context, &connection, patience).await?;
        progress.tell("The connection works.");
        Ok(())
    }
}
