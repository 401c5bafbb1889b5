//! Looks up the names of the tenants, users and groups that objects refer to by ID. Names only make the configuration readable, so a failed
//! lookup is only mentioned.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::Value as Json;

use super::synchronization::SINGLE_ASSIGNMENTS;
use super::{Named, Reader};
use crate::export::relations::home;
use crate::json::text;
use crate::snapshot::{Partner, Principal, PrincipalKind, Snapshot, TenantSnapshot};
use crate::{Failure, Tenant, counted};
use terraform::Value;

/// Above this number of tenants, names are not looked up one by one, neither now nor in every plan.
const TENANTS: usize = 50;
/// Above this number of users, a set is not looked up in every plan.
const USERS: usize = 200;
/// The same for groups, each of which takes a request.
const GROUPS: usize = 100;

/// The selected partners, with domain names resolved to tenant IDs.
pub(super) async fn resolved(tenants: &Named, partners: &[String]) -> Vec<String> {
    let mut resolved = Vec::new();
    for partner in partners {
        let found = match (partner.contains('.'), tenants.first()) {
            (true, Some((tenant, _))) => look_up(tenant, "domain_name", partner).await.ok(),
            _ => None,
        };
        resolved.push(found.map_or_else(|| partner.clone(), |found| found.tenant_id));
    }
    resolved
}

async fn look_up(tenant: &Tenant, by: &str, key: &str) -> Result<Partner, Failure> {
    let found = tenant.read("tenant", &[(by, key.into())]).await?;
    Ok(Partner {
        tenant_id: text(&found, "tenant_id").unwrap_or_default(),
        display_name: text(&found, "display_name"),
        domain_name: text(&found, "default_domain_name").filter(|domain| is_plain(domain)),
    })
}

/// Looks up the names of everything to which the objects in the snapshot refer by ID.
pub(super) async fn complete(readers: &[Reader<'_, '_>], snapshot: &mut Snapshot) {
    let principals = named_principals(snapshot);
    let work = readers.iter().zip(&mut snapshot.tenants).zip(principals);
    join_all(work.map(|((reader, tenant), named)| reader.complete(tenant, named))).await;
}

impl Reader<'_, '_> {
    async fn complete(&self, tenant: &mut TenantSnapshot, named: BTreeSet<String>) {
        let own = tenant.tenant_id.clone();
        let known = std::mem::take(&mut tenant.principals);
        let (own, partners, principals) = tokio::join!(
            look_up(self.tenant, "tenant_id", &own),
            self.partner_names(tenant),
            self.principal_names(known, named),
        );
        if let Ok(own) = own {
            (tenant.display_name, tenant.domain_name) = (own.display_name, own.domain_name);
        }
        tenant.partners = partners;
        tenant.principals = principals;
    }

    /// The other tenants to which objects refer.
    async fn partner_names(&self, tenant: &TenantSnapshot) -> Vec<Partner> {
        let attributes = [
            "partner_tenant_id",
            "target_tenant_id",
            "member_tenant_id",
            "added_by_tenant_id",
        ];
        let ids = tenant.objects.iter().flat_map(|object| {
            attributes
                .iter()
                .filter_map(|name| object.state.get(*name)?.as_str())
        });
        let mut ids: BTreeSet<String> = ids.map(str::to_lowercase).collect();
        // The tenant that added a member to an organization is usually the tenant itself.
        ids.remove(&tenant.tenant_id.to_lowercase());
        let listed = |id: &String| {
            let mut listed = tenant.partners.iter();
            listed
                .find(|partner| partner.tenant_id.eq_ignore_ascii_case(id))
                .cloned()
        };
        if ids.len() > TENANTS {
            return ids.iter().filter_map(listed).collect();
        }
        let found = ids.iter().map(async |id| {
            let _turn = self.turns.acquire().await;
            look_up(self.tenant, "tenant_id", id).await
        });
        let found = join_all(found).await;
        let refused = found.iter().filter(|one| one.is_err()).count();
        if let Some(Err(failure)) = found.iter().find(|one| one.is_err()) {
            self.mention(&not_looked_up(refused, ids.len()), failure);
        }
        let with_id = |(id, found): (&String, Result<Partner, Failure>)| match found {
            Ok(found) => Some(Partner {
                tenant_id: id.clone(),
                ..found
            }),
            Err(_) => listed(id),
        };
        ids.iter().zip(found).filter_map(with_id).collect()
    }

    /// The principals that are already known or in `named`, those in `named` with the attributes by which they can be looked up.
    async fn principal_names(
        &self,
        known: Vec<Principal>,
        named: BTreeSet<String>,
    ) -> Vec<Principal> {
        let mut all: BTreeMap<String, Principal> = BTreeMap::new();
        for principal in known {
            all.insert(principal.id.to_lowercase(), principal);
        }
        let is_not = |id: &&String, kind| all.get(*id).is_none_or(|known| known.kind == kind);
        let users: Vec<String> = named
            .iter()
            .filter(|id| is_not(id, PrincipalKind::User))
            .cloned()
            .collect();
        let groups: Vec<String> = named
            .iter()
            .filter(|id| is_not(id, PrincipalKind::Group))
            .cloned()
            .collect();
        let (users, groups) = tokio::join!(self.users(&users), self.groups(&groups));
        for principal in users.into_iter().chain(groups) {
            all.insert(principal.id.to_lowercase(), principal);
        }
        all.into_values().collect()
    }

    async fn users(&self, ids: &[String]) -> Vec<Principal> {
        let found = self.found("users", ids).await;
        let found = found.iter().filter_map(|user| {
            Some(Principal {
                id: text(user, "id")?,
                kind: PrincipalKind::User,
                display_name: text(user, "display_name"),
                unique_name: text(user, "user_principal_name").filter(|name| is_plain(name)),
            })
        });
        found.collect()
    }

    async fn groups(&self, ids: &[String]) -> Vec<Principal> {
        let found = self.found("groups", ids).await;
        let few = found.len() <= GROUPS;
        let read = found.iter().filter_map(|group| {
            let (id, name) = (text(group, "id")?, text(group, "display_name"));
            Some(async move {
                let unique_name = match &name {
                    Some(name) if few && is_plain(name) && self.is_only_group(&id, name).await => {
                        Some(name.clone())
                    }
                    _ => None,
                };
                Principal {
                    id,
                    kind: PrincipalKind::Group,
                    display_name: name,
                    unique_name,
                }
            })
        });
        join_all(read).await
    }

    async fn is_only_group(&self, id: &str, name: &str) -> bool {
        let found = self
            .look_up("group", &[("display_name", name.into())])
            .await;
        found.is_ok_and(|found| {
            text(&found, "id").is_some_and(|found| found.eq_ignore_ascii_case(id))
        })
    }

    /// The results of a data source that finds many objects by their IDs.
    async fn found(&self, kind: &str, ids: &[String]) -> Vec<Value> {
        if ids.is_empty() {
            return Vec::new();
        }
        let list = Value::List(ids.iter().map(|id| id.as_str().into()).collect());
        let arguments = [("ids", list), ("ignore_missing", true.into())];
        match self.look_up(kind, &arguments).await {
            Ok(found) => found
                .member(kind)
                .as_elements()
                .map(<[_]>::to_vec)
                .unwrap_or_default(),
            Err(failure) => {
                self.mention(
                    &format!("Names of {kind} could not be read, so their IDs are written"),
                    &failure,
                );
                Vec::new()
            }
        }
    }

    fn mention(&self, what: &str, failure: &Failure) {
        self.progress.note(&format!("Note: {what}. {failure}"));
    }
}

/// A message that the names of some tenants are unknown.
fn not_looked_up(refused: usize, all: usize) -> String {
    let what = if refused == all {
        counted(all, "tenant", "tenants")
    } else {
        format!("{refused} of {all} tenants")
    };
    let ids = if refused == 1 {
        "its ID is"
    } else {
        "their IDs are"
    };
    format!("{what} could not be looked up, so {ids} written")
}

/// Whether a name survives being written to a configuration: Terraform normalizes strings to Unicode NFC.
fn is_plain(name: &str) -> bool {
    !name.trim().is_empty()
        && !name.chars().any(char::is_control)
        && unicode_normalization::is_nfc(name)
}

/// The users and groups of each tenant to which objects refer by ID, if there are few enough to look up.
fn named_principals(snapshot: &Snapshot) -> Vec<BTreeSet<String>> {
    let mut named = vec![BTreeSet::new(); snapshot.tenants.len()];
    for (number, tenant) in snapshot.tenants.iter().enumerate() {
        for object in &tenant.objects {
            for name in ["principal_object_id", "user_object_id"] {
                named[number].extend(
                    object
                        .config
                        .get(name)
                        .and_then(Json::as_str)
                        .map(str::to_lowercase),
                );
            }
            let members = object.config.get("principals").and_then(Json::as_object);
            if let Some(members) =
                members.filter(|members| members.len() <= USERS.max(SINGLE_ASSIGNMENTS))
            {
                named[number].extend(members.keys().map(|id| id.to_lowercase()));
            }
            for (name, value) in &object.config {
                if let Some(tenant) = home(snapshot, number, object, name) {
                    targets(value, &mut named[tenant]);
                }
            }
        }
    }
    named
}

/// The IDs of users and groups among the targets in a value.
fn targets(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::Array(elements) => elements.iter().for_each(|element| targets(element, found)),
        Json::Object(members) => {
            let is_principal = matches!(value["target_type"].as_str(), Some("user" | "group"));
            match value["target"].as_str() {
                Some(id) if is_principal && uuid::Uuid::try_parse(id).is_ok() => {
                    found.insert(id.to_lowercase());
                }
                _ => members.values().for_each(|member| targets(member, found)),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tenant_is_one() {
        for (refused, all, told) in [
            (
                1,
                1,
                "1 tenant could not be looked up, so its ID is written",
            ),
            (
                1,
                3,
                "1 of 3 tenants could not be looked up, so its ID is written",
            ),
            (
                3,
                3,
                "3 tenants could not be looked up, so their IDs are written",
            ),
            (
                2,
                3,
                "2 of 3 tenants could not be looked up, so their IDs are written",
            ),
        ] {
            assert_eq!(not_looked_up(refused, all), told);
        }
    }
}
