//! The data of the two tenants, changed through control paths: read, changed here, and written back as a difference.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::client::{CONTOSO, Desk, FABRIKAM};

/// One tenant, as it was read and as it is to be written.
pub(super) struct Side {
    id: &'static str,
    read: Json,
    pub(super) now: Json,
}

impl Side {
    pub(super) async fn source(desk: &Desk) -> Self {
        Self::open(desk, CONTOSO).await
    }

    pub(super) async fn target(desk: &Desk) -> Self {
        Self::open(desk, FABRIKAM).await
    }

    async fn open(desk: &Desk, id: &'static str) -> Self {
        let mut side = Self {
            id,
            read: Json::Null,
            now: Json::Null,
        };
        side.refresh(desk).await;
        side
    }

    pub(super) async fn refresh(&mut self, desk: &Desk) {
        let path = format!("tenants/{}", self.id);
        let (status, body) = desk.control("GET", &path, Json::Null).await;
        assert_eq!(status, 200, "{body}");
        self.read = body.clone();
        self.now = body;
    }

    /// Changes the tenant to `now`.
    pub(super) async fn write(&mut self, desk: &Desk) {
        for log in ["provisioningLog", "directoryAudits"] {
            self.now[log] = json!([]);
        }
        if let Some(patch) = difference(&self.read, &self.now) {
            let path = format!("tenants/{}", self.id);
            let (status, body) = desk.control("PATCH", &path, patch).await;
            assert_eq!(status, 204, "{body}");
        }
        self.refresh(desk).await;
    }

    pub(super) fn all(&self, collection: &str) -> Vec<Json> {
        let objects = self.now[collection].as_object().unwrap();
        objects.values().cloned().collect()
    }

    pub(super) fn ids(&self, collection: &str) -> Vec<String> {
        let objects = self.now[collection].as_object().unwrap();
        objects.keys().cloned().collect()
    }

    pub(super) fn put(&mut self, collection: &str, object: Json) {
        let id = object["id"].as_str().unwrap().to_owned();
        self.now[collection][id.as_str()] = object;
    }

    pub(super) fn remove(&mut self, collection: &str, id: &str) -> Option<Json> {
        self.now[collection]
            .as_object_mut()
            .unwrap()
            .shift_remove(id)
    }

    /// Deletes a group with its members, its memberships in other groups and its assignments.
    pub(super) fn lose_group(&mut self, id: &str) {
        self.remove("groups", id);
        self.remove("members", id);
        for members in self.now["members"].as_object_mut().unwrap().values_mut() {
            members
                .as_array_mut()
                .unwrap()
                .retain(|member| member != id);
        }
        let assignments = self.now["assignments"].as_object_mut().unwrap();
        assignments.retain(|_, assignment| assignment["principalId"] != id);
    }

    /// Moves a user to the deleted items. The assignments of the user are deleted.
    pub(super) fn bury(&mut self, id: &str) {
        if let Some(mut user) = self.remove("users", id) {
            user["@odata.type"] = json!("#microsoft.graph.user");
            user["deletedDateTime"] = json!("2026-01-01T00:00:00Z");
            self.put("deletedItems", user);
            let assignments = self.now["assignments"].as_object_mut().unwrap();
            assignments.retain(|_, assignment| assignment["principalId"] != id);
        }
    }

    /// Restores a user from the deleted items.
    pub(super) fn unbury(&mut self, id: &str) {
        if let Some(mut user) = self.remove("deletedItems", id) {
            let members = user.as_object_mut().unwrap();
            for note in ["@odata.type", "_deletedBySync", "deletedDateTime"] {
                members.shift_remove(note);
            }
            self.put("users", user);
        }
    }

    /// The copies of source users in a collection, by source user.
    pub(super) fn copies(&self, collection: &str) -> Map<String, Json> {
        self.by_source(collection, "userId")
    }

    /// The copies of source groups, by source group.
    pub(super) fn group_copies(&self) -> Map<String, Json> {
        self.by_source("groups", "groupId")
    }

    fn by_source(&self, collection: &str, member: &str) -> Map<String, Json> {
        let objects = self.now[collection].as_object().unwrap().values();
        let of_source = |object: &Json| {
            let source = object["_source"][member].as_str()?.to_owned();
            Some((source, object.clone()))
        };
        objects.filter_map(of_source).collect()
    }

    /// The members of a group.
    pub(super) fn members(&self, group: &str) -> BTreeSet<String> {
        let members = self.now["members"][group].as_array().into_iter().flatten();
        members
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect()
    }
}

/// A JSON merge patch that changes `old` into `new`.
fn difference(old: &Json, new: &Json) -> Option<Json> {
    let (Json::Object(before), Json::Object(after)) = (old, new) else {
        return (old != new).then(|| new.clone());
    };
    let mut patch = Map::new();
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        patch.insert(name.clone(), Json::Null);
    }
    for (name, value) in after {
        let change = match before.get(name) {
            Some(known) => difference(known, value),
            None if value.is_null() => None,
            None => Some(value.clone()),
        };
        patch.extend(change.map(|change| (name.clone(), change)));
    }
    (!patch.is_empty()).then_some(Json::Object(patch))
}
