//! `/groups` and their direct members.

use serde_json::{Map, Value, json};

use super::users;
use crate::call::Call;
use crate::odata::{self, Entity};
use crate::reply::{Answer, Refusal};

/// Properties of groups for query options.
pub(crate) const ENTITY: Entity = Entity {
    name: "group",
    properties: &[
        "id",
        "deletedDateTime",
        "assignedLabels",
        "assignedLicenses",
        "classification",
        "createdDateTime",
        "description",
        "displayName",
        "expirationDateTime",
        "groupTypes",
        "isAssignableToRole",
        "isManagementRestricted",
        "mail",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "membershipRuleProcessingState",
        "onPremisesDomainName",
        "onPremisesLastSyncDateTime",
        "onPremisesNetBiosName",
        "onPremisesProvisioningErrors",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "preferredDataLocation",
        "preferredLanguage",
        "proxyAddresses",
        "renewedDateTime",
        "securityEnabled",
        "securityIdentifier",
        "serviceProvisioningErrors",
        "theme",
        "uniqueName",
        "visibility",
    ],
    usual: &[],
    directory: true,
};

/// A static security group with these properties, and default values for the others.
pub(crate) fn blank(properties: &Map<String, Value>, now: &str) -> Value {
    let mut group = json!({
        "id": null, "deletedDateTime": null, "classification": null, "createdDateTime": now,
        "description": null, "displayName": null, "expirationDateTime": null,
        "groupTypes": [], "isAssignableToRole": null, "mail": null, "mailEnabled": false,
        "mailNickname": null, "membershipRule": null, "membershipRuleProcessingState": null,
        "onPremisesSyncEnabled": null, "onPremisesProvisioningErrors": [], "preferredLanguage": null,
        "proxyAddresses": [], "renewedDateTime": now, "securityEnabled": true,
        "serviceProvisioningErrors": [], "theme": null, "visibility": null, "assignedLabels": [],
        "assignedLicenses": [],
    });
    for (name, value) in properties {
        group[name.as_str()] = value.clone();
    }
    group
}

const MEMBER: Entity = Entity {
    name: "directoryObject",
    properties: users::ENTITY.properties,
    usual: &[],
    directory: true,
};

fn existing(call: &Call) -> Result<String, Refusal> {
    let id = call.arg(0).to_lowercase();
    if !call.tenant().groups.contains_key(&id) || call.hides(&format!("groups/{id}")) {
        return Err(Refusal::absent(&id));
    }
    Ok(id)
}

pub(crate) fn list(call: &mut Call) -> Answer {
    odata::list(call, call.tenant().groups.values(), &ENTITY, "groups")
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let id = existing(call)?;
    odata::single(call, &call.tenant().groups[&id], &ENTITY, "groups")
}

/// Members of all types, with the properties of a user that v1.0 returns by default.
pub(crate) fn members(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let tenant = call.tenant();
    let typed: Vec<Value> = ids(call, &id)
        .filter_map(|member| {
            let (object, kind) = match tenant.users.get(member) {
                Some(user) => (user, "#microsoft.graph.user"),
                None => (tenant.groups.get(member)?, "#microsoft.graph.group"),
            };
            let mut typed = serde_json::Map::new();
            typed.insert("@odata.type".to_owned(), Value::from(kind));
            let usual = |name: &str| {
                call.beta
                    || kind.ends_with("group")
                    || users::ENTITY.usual.contains(&name)
                    || call.query.get("$select").is_some()
            };
            typed.extend(
                object
                    .as_object()?
                    .iter()
                    .filter(|(name, _)| usual(name))
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
            Some(Value::Object(typed))
        })
        .collect();
    odata::list(call, typed.iter(), &MEMBER, "directoryObjects")
}

/// Members that are users.
pub(crate) fn user_members(call: &mut Call) -> Answer {
    let id = existing(call)?;
    let users = ids(call, &id).filter_map(|member| call.tenant().users.get(member));
    odata::list(call, users, &users::ENTITY, "users")
}

fn ids<'c>(call: &'c Call, group: &str) -> impl Iterator<Item = &'c String> {
    call.tenant().members.get(group).into_iter().flatten()
}
