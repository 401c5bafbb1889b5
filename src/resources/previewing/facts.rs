//! Tenant-wide data for a preview: domains, the settings of the target tenant, its contacts, and licenses.

use serde_json::Value as Json;

use crate::data_sources::has_premium;
use crate::partner_policy::partner;
use graph;
use sdk::prelude::text;
use sdk::{Context, Result};

/// The settings of the target tenant, and its domain.
#[derive(Clone, Debug, Default)]
pub struct TargetFacts {
    /// The domain in the names of external users.
    pub domain: String,
    /// Whether guests can be invited; `None` if the setting cannot be read.
    pub invitations: Option<bool>,
    /// Whether users may be synchronized from the source tenant; `None` if the setting cannot be read.
    pub user_sync: Option<bool>,
    /// Whether groups may be synchronized from the source tenant; `None` if the setting cannot be read.
    pub group_sync: Option<bool>,
}

/// An organizational contact.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// Its display name.
    pub name: String,
    /// Its email addresses.
    pub addresses: Vec<String>,
}

/// Reads the contacts of a tenant; `None` if they cannot be read.
///
/// # Errors
///
/// If Graph cannot list them for another reason than a missing permission.
pub async fn contacts(context: &Context) -> Result<Option<Vec<Contact>>> {
    let path = "/contacts?$select=id,displayName,mail,proxyAddresses&$top=999";
    let take = |all: &mut Vec<Contact>, contact: Json| {
        let mut addresses: Vec<String> = text(&contact, "mail").into_iter().collect();
        for address in contact["proxyAddresses"].as_array().into_iter().flatten() {
            let address = address.as_str().unwrap_or_default();
            let prefix = address.get(..5).unwrap_or_default();
            if prefix.eq_ignore_ascii_case("smtp:") {
                addresses.push(address[5..].to_owned());
            }
        }
        all.push(Contact {
            name: text(&contact, "displayName").unwrap_or_default(),
            addresses,
        });
    };
    match context.graph.fold(path, Vec::new, take).await {
        Ok(contacts) => Ok(Some(contacts)),
        Err(error) if matches!(error.status(), Some(401 | 403)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads the verified domains of a tenant; empty if they cannot be read.
pub async fn domains(context: &Context) -> Vec<String> {
    let path = "/organization?$select=id,verifiedDomains";
    let Ok(Some(answer)) = context.graph.get(path).await else {
        return Vec::new();
    };
    let domains = answer["value"][0]["verifiedDomains"].as_array();
    let domains = domains.into_iter().flatten();
    domains.filter_map(|domain| text(domain, "name")).collect()
}

/// Reads the settings of the target tenant for the source tenant. Settings without a permission to read them are `None`.
///
/// # Errors
///
/// If the tenant cannot be reached.
pub async fn target_facts(
    context: &Context,
    source: &str,
    with_groups: bool,
) -> Result<TargetFacts> {
    let policy = format!("{}/identitySynchronization", partner(source));
    let mut paths = vec![
        "/organization?$select=id,verifiedDomains".to_owned(),
        "/policies/authorizationPolicy?$select=allowInvitesFrom".to_owned(),
        policy.clone(),
    ];
    // Only beta returns the setting for groups.
    paths.extend(with_groups.then(|| graph::beta(&policy)));
    let mut answers = context.graph.batch_get(&paths).await?.into_iter();
    let mut next = || answers.next().and_then(Result::ok);
    let (organization, policy, sync, in_beta) = (next(), next(), next(), next());
    let organization = organization.flatten().unwrap_or_default();
    let policy = policy.flatten().unwrap_or_default();
    // A missing policy allows nothing.
    let allows = |policy: &Option<Json>, member: &str| {
        let policy = policy.as_ref();
        policy.is_some_and(|policy| policy[member]["isSyncAllowed"] == true)
    };
    let user_sync = sync.as_ref().map(|sync| allows(sync, "userSyncInbound"));
    let group_sync = match &sync {
        Some(None) => Some(false),
        // A cloud without beta does not support groups.
        _ => in_beta
            .filter(Option::is_some)
            .map(|policy| allows(&policy, "groupSyncInbound")),
    };
    let domains = organization["value"][0]["verifiedDomains"].as_array();
    let domains = domains.map_or(&[][..], Vec::as_slice);
    let with = |mark: &str| domains.iter().find(|domain| domain[mark] == true);
    let domain = with("isInitial").or_else(|| with("isDefault"));
    let domain = domain.or_else(|| domains.first());
    let from = text(&policy, "allowInvitesFrom");
    Ok(TargetFacts {
        domain: domain
            .and_then(|domain| text(domain, "name"))
            .unwrap_or_default(),
        invitations: from.map(|from| from != "none"),
        user_sync,
        group_sync,
    })
}

/// The property of users that contains their licenses.
pub const PLANS: &str = "assignedPlans";

/// Whether a user has a license with Microsoft Entra ID P1 or P2; `None` if [`PLANS`] was not requested.
#[must_use]
pub fn licensed(user: &Json) -> Option<bool> {
    Some(has_premium(user[PLANS].as_array()?))
}
