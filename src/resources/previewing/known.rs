//! Evidence for the source object of a target object: the provisioning log, an attribute that contains the object ID, and for groups only
//! their names.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::directory::{GROUP, groups_with};
use crate::data_sources::{external, literal};
use graph;
use preview::{Configuration, Copy, Group, Known, Origin, Record};
use sdk::prelude::{is_guid, text};
use sdk::{Context, Result};

/// The number of entries of the provisioning log to read.
const ENTRIES: usize = 1_000;

/// The maximum number of groups that are looked up by name.
const BY_NAME: usize = 100;

/// The newest entry of the log about a target object.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    /// The source object.
    source: String,
    /// Whether synchronization deleted the target object.
    deleted: bool,
}

/// The evidence in the provisioning log.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// By target user.
    users: HashMap<String, Link>,
    /// By target group.
    groups: HashMap<String, Link>,
}

/// The evidence about target users.
#[derive(Clone, Debug, Default)]
pub struct KnownUsers {
    /// The evidence in the log, if it could be read.
    pub links: Links,
    /// The attribute of target users to which the object ID of the source user is mapped.
    pub attribute: Option<String>,
    /// The domains of the source tenant. The attribute is evidence only for users from these domains, because it may have another source
    /// for others.
    pub domains: Vec<String>,
}

/// Reads the newest entries of the provisioning log of a configuration.
///
/// # Errors
///
/// If a request fails.
pub async fn links(context: &Context, principal: &str) -> Result<Links> {
    let filter = format!(
        "contains(tolower(servicePrincipal/id),{}) and provisioningStatusInfo/status eq 'success'",
        literal(&principal.to_lowercase())
    );
    let path = format!(
        "/auditLogs/provisioning?$filter={}&$orderby=activityDateTime%20desc&$top=500",
        graph::segment(&filter)
    );
    let entries = context.graph.list_first(&path, ENTRIES).await?;
    Ok(Links::of(&entries))
}

impl Links {
    /// The newest entry about a target object takes precedence; the newest entries come first.
    fn of(entries: &[Json]) -> Self {
        let mut found = Self::default();
        for entry in entries {
            let ids = ["targetIdentity", "sourceIdentity"].map(|side| text(&entry[side], "id"));
            let [Some(target), Some(source)] = ids else {
                continue;
            };
            let kind = entry["sourceIdentity"]["identityType"].as_str();
            let links = match kind {
                Some(kind) if kind.eq_ignore_ascii_case("Group") => &mut found.groups,
                _ => &mut found.users,
            };
            links.entry(target.to_lowercase()).or_insert_with(|| Link {
                source: source.to_lowercase(),
                deleted: entry["provisioningAction"] == "delete",
            });
        }
        found
    }
}

impl KnownUsers {
    /// Returns the source user of a target user if it is known exactly.
    pub(super) fn origin(
        &self,
        user: &Json,
        record: &Record,
        configuration: &Configuration,
        deleted: bool,
    ) -> Option<Origin> {
        if let Some(link) = self.links.users.get(&record.id.to_lowercase()) {
            return Some(Origin {
                source: link.source.clone(),
                known: Known::Log,
                managed: Some(!link.deleted),
                deleted_by_job: deleted.then_some(link.deleted),
            });
        }
        let held = configuration
            .target_columns()
            .value(record, self.attribute.as_deref()?);
        let source = held.bare().to_lowercase();
        let is_ours = self
            .domains
            .iter()
            .any(|domain| external::comes_from(user, domain));
        (is_ours && is_guid(&source)).then_some(Origin {
            source,
            known: Known::Attribute,
            managed: Some(true),
            deleted_by_job: None,
        })
    }

    /// Returns the user principal name in the home tenant of an external user from the source tenant.
    #[must_use]
    pub fn home_name(&self, name: &str) -> Option<String> {
        let user = serde_json::json!({ "userPrincipalName": name });
        let mut domains = self.domains.iter();
        let is_ours = domains.any(|domain| external::comes_from(&user, domain));
        external::home_name(&user).filter(|_| is_ours)
    }
}

/// Returns the copies of groups: those in the log, and for assigned groups also the only security group with the same name.
///
/// # Errors
///
/// If a request fails.
pub async fn copies(
    context: &Context,
    configuration: &Configuration,
    links: &Links,
    groups: &[Group],
) -> Result<Vec<Copy>> {
    let linked = links.groups.iter().filter(|(_, link)| !link.deleted);
    let mut sources: HashMap<String, (String, bool)> = linked
        .map(|(target, link)| (target.clone(), (link.source.clone(), false)))
        .collect();
    let is_open = |group: &&Group| !sources.values().any(|(source, _)| *source == group.id);
    let open: Vec<&Group> = groups.iter().filter(is_open).take(BY_NAME).collect();
    let named: Vec<(&Group, String)> = open
        .into_iter()
        .filter_map(|group| Some((group, configuration.name_of_copy(group)?)))
        .collect();
    for (target, source) in named_alike(context, &named).await? {
        sources.entry(target).or_insert((source, true));
    }
    let ids: Vec<String> = sources.keys().cloned().collect();
    let (_, found) = groups_with(context, &ids, &[]).await?;
    let columns = configuration.group_copy_columns();
    let copy = |group: Group| {
        let (source, guessed) = sources.get(&group.id.to_lowercase())?.clone();
        Some(Copy {
            source,
            target: group.id,
            members: group.users.into_iter().collect(),
            record: Some(group.record),
            // A group with the same name may have another owner, so it is not deleted.
            managed: !guessed,
            display_name: group.display_name,
            guessed,
        })
    };
    let found = found.iter().map(|group| group.read(columns));
    Ok(found.filter_map(copy).collect())
}

/// Returns security groups of the target tenant that have the name of the copy of a source group, by their IDs; none if several have the
/// same name.
async fn named_alike(
    context: &Context,
    groups: &[(&Group, String)],
) -> Result<Vec<(String, String)>> {
    let path = |(_, name): &(&Group, String)| {
        let filter = format!("displayName eq {}", literal(name));
        format!(
            "/groups?$filter={}&$select={GROUP}",
            graph::segment(&filter)
        )
    };
    let paths: Vec<String> = groups.iter().map(path).collect();
    let mut found = Vec::new();
    for ((group, _), answer) in groups.iter().zip(context.graph.batch_get(&paths).await?) {
        let answer = answer?.unwrap_or_default();
        let all = answer["value"].as_array().map_or(&[][..], Vec::as_slice);
        let is_static = |one: &&Json| {
            let kinds = one["groupTypes"].as_array();
            one["securityEnabled"] == true
                && one["mailEnabled"] != true
                && kinds.is_none_or(Vec::is_empty)
        };
        let mut alike = all.iter().filter(is_static);
        if let (Some(one), None) = (alike.next(), alike.next()) {
            found.extend(text(one, "id").map(|id| (id.to_lowercase(), group.id.clone())));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ADA: &str = "a1000000-0000-4000-8000-000000000001";

    fn entry(action: &str, kind: &str, source: &str, target: &str) -> Json {
        json!({ "provisioningAction": action, "sourceIdentity": { "id": source, "identityType": kind },
            "targetIdentity": { "id": target, "identityType": kind } })
    }

    #[test]
    fn the_newest_entry_counts() {
        let links = Links::of(&[
            entry("delete", "User", "ADA", "B1"),
            entry("create", "User", "ada", "b1"),
            entry("create", "Group", "staff", "g1"),
            json!({ "provisioningAction": "other", "sourceIdentity": { "id": "x" } }),
        ]);
        let link = |source: &str, deleted| Link {
            source: source.to_owned(),
            deleted,
        };
        assert_eq!(
            links.users,
            HashMap::from([("b1".to_owned(), link("ada", true))])
        );
        assert_eq!(
            links.groups,
            HashMap::from([("g1".to_owned(), link("staff", false))])
        );
    }

    #[test]
    fn an_attribute_counts_for_users_from_the_source_tenant() {
        let schema = json!({ "synchronizationRules": [{ "objectMappings": [{ "enabled": true, "sourceObjectName": "User",
            "targetObjectName": "User", "flowTypes": "Add,Update,Delete", "attributeMappings": [{
                "targetAttributeName": "extensionAttribute15", "matchingPriority": 0, "flowType": "Always",
                "source": { "type": "Attribute", "name": "objectId", "expression": "[objectId]", "parameters": [] } }] }] }] });
        let configuration = Configuration::read(&schema).unwrap();
        let known = KnownUsers {
            attribute: Some("extensionAttribute15".to_owned()),
            domains: vec!["contoso.example".to_owned()],
            ..KnownUsers::default()
        };
        let origin = |name: &str, held: &str| {
            let user = json!({ "id": "b1", "userPrincipalName": name, "onPremisesExtensionAttributes": { "extensionAttribute15": held } });
            let record = configuration.target_columns().record(&user);
            known.origin(&user, &record, &configuration, false)
        };
        let found = origin("ada_contoso.example#EXT#@f.example", ADA).unwrap();
        assert_eq!((found.source.as_str(), found.managed), (ADA, Some(true)));
        assert_eq!(origin("ada_tailspin.example#EXT#@f.example", ADA), None);
        assert_eq!(origin("ada_contoso.example#EXT#@f.example", "a text"), None);
    }
}
