//! Settings that allow more than Microsoft's defaults. Plans warn about the same settings if they were changed outside Terraform.

use super::super::prelude::*;
use super::checks::is_denied;
use super::{AllowedSetting, Readiness};
use crate::default_policy::DefaultPolicy;
use crate::guest_invite_settings::GuestInviteSettings;
use crate::partner_policy::PartnerPolicy;
use crate::sync_policy::SyncPolicy;
use terraform::Object;

/// Returns the rows about settings that apply to the other tenant and to all tenants.
pub(super) async fn settings(context: &Context, config: &Readiness) -> Result<Vec<AllowedSetting>> {
    let other = [("partner_tenant_id", config.partner_tenant_id.as_str())];
    let (partner, synchronization, default, guests) = futures::join!(
        of::<PartnerPolicy>(context, &other),
        of::<SyncPolicy>(context, &other),
        of::<DefaultPolicy>(context, &[]),
        of::<GuestInviteSettings>(context, &[]),
    );
    let mut all = [partner?, synchronization?, default?, guests?].concat();
    all.retain(|setting| !config.asks_for(setting.attribute.as_deref().unwrap_or_default()));
    Ok(all)
}

impl Readiness {
    /// Whether the configured synchronization requires the setting.
    fn asks_for(&self, attribute: &str) -> bool {
        match attribute {
            "group_sync_inbound" => self.wants_groups(),
            "external_cloud_authorized_application_id" => self.across_clouds == Some(true),
            _ => false,
        }
    }
}

/// Returns the findings about the object with this `key`; none if it cannot be read or does not exist.
async fn of<R: Resource>(context: &Context, key: &[(&str, &str)]) -> Result<Vec<AllowedSetting>> {
    let key = key
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()));
    let named = R::from_object(&key.collect::<Object>())
        .map_err(|problem| Problem::error("The settings cannot be named", problem))?;
    let found = match R::read(context, &named).await {
        Err(Problem::Graph(error)) if is_denied(&error) => None,
        found => found?,
    };
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let findings = R::findings(context.tenant_id(), &Value::Object(found.to_object()));
    let allowed = findings.into_iter().filter(|finding| finding.allows);
    Ok(allowed
        .map(|finding| AllowedSetting {
            resource: Some(format!("{}_{}", sdk::PREFIX, R::NAME)),
            attribute: Some(finding.attribute.to_owned()),
            found: Some(finding.what),
            fix: Some(finding.fix),
        })
        .collect())
}
