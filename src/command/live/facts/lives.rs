//! Lifecycles of the resources of a synchronization.

use serde_json::json;

use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle};
use crate::live::life::life;
use crate::live::stage::{PREFIX, Side, Stage};
use terraform::Value;

facts! {
    "life-of-partner-policy"
        "A partner policy is created, planned without a difference, imported and destroyed."
        lives partner_policy;
    "life-of-trust-settings"
        "Trust settings are created, planned without a difference, imported and destroyed."
        lives trust_settings;
    "life-of-sync-policy"
        "A synchronization policy is created, planned without a difference, imported and destroyed."
        lives sync_policy;
    "life-of-configuration"
        "A configuration is created, planned without a difference, imported and destroyed."
        lives configuration;
    "life-of-job"
        "A provisioning job that does not run is created, planned without a difference, imported and destroyed."
        lives job;
}

/// A nested value with all its members.
fn block<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter();
    Value::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

async fn partner_policy(stage: &mut Stage) -> Result<Finding, Obstacle> {
    stage.without_partner(Side::Source).await?;
    stage.made.will_make(Side::Source)?;
    let partner = [("partner_tenant_id", Value::from(stage.id(Side::Target)))];
    life(
        stage,
        Side::Source,
        "partner_policy",
        &partner,
        &["partner_tenant_id"],
    )
    .await
}

async fn trust_settings(stage: &mut Stage) -> Result<Finding, Obstacle> {
    stage.fresh_partner(Side::Source, &json!({})).await?;
    let consent = block([
        ("inbound_allowed", Value::Null),
        ("outbound_allowed", true.into()),
    ]);
    let values = [
        ("partner_tenant_id", Value::from(stage.id(Side::Target))),
        ("automatic_user_consent_settings", consent),
    ];
    life(
        stage,
        Side::Source,
        "trust_settings",
        &values,
        &["partner_tenant_id"],
    )
    .await
}

async fn sync_policy(stage: &mut Stage) -> Result<Finding, Obstacle> {
    stage.fresh_partner(Side::Target, &json!({})).await?;
    let inbound = block([("is_sync_allowed", false.into())]);
    let values = [
        ("partner_tenant_id", Value::from(stage.id(Side::Source))),
        ("display_name", Value::from(PREFIX)),
        ("user_sync_inbound", inbound),
    ];
    life(
        stage,
        Side::Target,
        "sync_policy",
        &values,
        &["partner_tenant_id"],
    )
    .await
}

async fn configuration(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let name = [(
        "display_name",
        Value::from(format!("{PREFIX} life").as_str()),
    )];
    life(
        stage,
        Side::Source,
        "synchronization_configuration",
        &name,
        &["service_principal_id"],
    )
    .await
}

async fn job(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let made = stage.instantiate().await?;
    let values = [
        ("service_principal_id", Value::from(made.principal.as_str())),
        ("target_tenant_id", Value::from(stage.id(Side::Target))),
        ("enabled", false.into()),
        ("validate_connection", false.into()),
    ];
    life(
        stage,
        Side::Source,
        "provisioning_job",
        &values,
        &["service_principal_id", "id"],
    )
    .await
}
