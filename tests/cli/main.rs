//! The provider as users run it: the real CLI, the real binaries, an emulated pair of tenants.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

mod clouds;
mod connections;

mod everyday;
mod examples;
mod failures;
mod features;
mod functions;
mod generated;
mod groups;
mod guides;
mod imports;
mod inputs;
mod life;
mod mixed;
mod mocks;
mod modules;
mod moves;
mod others;
#[cfg(unix)]
mod pipelines;
mod policies;
mod process;
mod stand_in;
mod states;
mod steps;
mod symptoms;
mod undo;

/// The head of every configuration: both tenants.
pub const PROVIDERS: &str = r#"
terraform {
  required_providers { crosstenant = { source = "crosstenant/crosstenant" } }
}
provider "crosstenant" {
  alias              = "source"
  environment_prefix = "SOURCE"
}
provider "crosstenant" {
  alias              = "target"
  environment_prefix = "TARGET"
}
"#;

/// A configuration with both tenants and `body`, in which `CONTOSO` and `FABRIKAM` are replaced by the tenant IDs.
pub fn both(body: &str) -> String {
    format!(
        "{PROVIDERS}{}",
        body.replace("CONTOSO", support::CONTOSO)
            .replace("FABRIKAM", support::FABRIKAM)
    )
}

/// All prerequisites of a job in Contoso, in both tenants, without the job.
pub const GROUNDWORK: &str = r#"
resource "crosstenant_partner_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = "CONTOSO"
}
resource "crosstenant_trust_settings" "contoso" {
  provider                        = crosstenant.target
  partner_tenant_id               = crosstenant_partner_policy.contoso.partner_tenant_id
  automatic_user_consent_settings = { inbound_allowed = true }
}
resource "crosstenant_sync_policy" "contoso" {
  provider          = crosstenant.target
  partner_tenant_id = crosstenant_trust_settings.contoso.partner_tenant_id
  user_sync_inbound = { is_sync_allowed = true }
}
resource "crosstenant_partner_policy" "fabrikam" {
  provider          = crosstenant.source
  partner_tenant_id = crosstenant_sync_policy.contoso.tenant_id
}
resource "crosstenant_trust_settings" "fabrikam" {
  provider                        = crosstenant.source
  partner_tenant_id               = crosstenant_partner_policy.fabrikam.partner_tenant_id
  automatic_user_consent_settings = { outbound_allowed = true }
}
resource "crosstenant_synchronization_configuration" "fabrikam" {
  provider     = crosstenant.source
  display_name = "Contoso to Fabrikam"
}
"#;

/// A job on that groundwork, with `more` in it. It runs unless `more` sets `enabled`.
pub fn job(more: &str) -> String {
    let enabled = if more.contains("enabled") {
        ""
    } else {
        "enabled = true"
    };
    both(&format!(
        r#"{GROUNDWORK}
resource "crosstenant_provisioning_job" "fabrikam" {{
  provider             = crosstenant.source
  service_principal_id = crosstenant_synchronization_configuration.fabrikam.service_principal_id
  target_tenant_id     = crosstenant_trust_settings.fabrikam.partner_tenant_id
  {enabled}
  {more}
}}
"#
    ))
}
