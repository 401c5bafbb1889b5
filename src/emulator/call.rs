//! The context of one request to a handler: the caller, the target of the request, and the world that the handler may change.

use serde_json::{Map, Value, json};

use super::properties::{self, Field, Intent};
use super::query::Query;
use super::reply::Refusal;
use super::store::{Tenant, World};

/// A request whose token and permissions have been checked.
pub(super) struct Call<'w> {
    pub(super) world: &'w mut World,
    /// Index of the tenant in the world.
    pub(super) position: usize,
    /// The replica that resolves the references of a write. None without lag, and for reads, which are answered from one replica's view.
    pub(super) replica: Option<usize>,
    pub(super) tenant_id: String,
    /// Client id of the caller.
    pub(super) app: String,
    pub(super) beta: bool,
    /// Values of the placeholders of the route, in their order.
    pub(super) args: Vec<String>,
    pub(super) query: Query,
    pub(super) body: Option<Value>,
    /// Whether the caller may write only applications that it owns.
    pub(super) only_owned: bool,
    /// Whether the header `ConsistencyLevel: eventual` was sent.
    pub(super) eventual: bool,
    /// Address of the version root, used in links.
    pub(super) root: String,
    /// Path below the version root.
    pub(super) path: String,
}

impl Call<'_> {
    pub(super) fn tenant(&self) -> &Tenant {
        &self.world.tenants[self.position]
    }

    pub(super) fn tenant_mut(&mut self) -> &mut Tenant {
        &mut self.world.tenants[self.position]
    }

    pub(super) fn arg(&self, at: usize) -> &str {
        self.args.get(at).map_or("", String::as_str)
    }

    pub(super) fn now(&self) -> String {
        self.world.clock.text()
    }

    /// Returns the body if it has these properties, and refuses it otherwise.
    pub(super) fn body(
        &self,
        shape: &[Field],
        creating: bool,
    ) -> Result<Map<String, Value>, Refusal> {
        let body = self.body.as_ref().unwrap_or(&Value::Null);
        properties::check(
            body,
            shape,
            Intent {
                creating,
                beta: self.beta,
            },
        )?;
        let members = body.as_object().into_iter().flatten();
        Ok(members
            .filter(|(name, _)| !name.contains('@'))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect())
    }

    /// Like [`Self::body`], for actions that may come without a body.
    pub(super) fn optional_body(&self, shape: &[Field]) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_none() {
            Ok(Map::new())
        } else {
            self.body(shape, false)
        }
    }

    /// Records that an object was created now, so that it is hidden for the visibility delay.
    pub(super) fn created(&mut self, key: &str) {
        let now = self.world.clock.now();
        let tenant = self.tenant_id.clone();
        self.world.visibility.created(&tenant, key, now);
    }

    /// Whether an object is still hidden from reads.
    pub(super) fn hides(&self, key: &str) -> bool {
        self.is_unknown(key)
            || self
                .world
                .visibility
                .hides(&self.tenant_id, key, self.world.clock.now())
    }

    /// Whether the replica that resolves references has not received an object yet.
    pub(super) fn is_unknown(&self, key: &str) -> bool {
        self.replica.is_some_and(|replica| {
            self.world.exists_for(self.position, key, replica) == Some(false)
        })
    }

    /// Whether that replica still has an object that was deleted.
    pub(super) fn still_exists(&self, key: &str) -> bool {
        self.replica
            .is_some_and(|replica| self.world.exists_for(self.position, key, replica) == Some(true))
    }

    /// Returns 404 if the object is still hidden from reads.
    pub(super) fn seen(&self, key: &str) -> Result<(), Refusal> {
        if self.hides(key) {
            Err(Refusal::absent(key.rsplit('/').next().unwrap_or(key)))
        } else {
            Ok(())
        }
    }

    /// Adds an entry to the directory audit log.
    pub(super) fn audit(
        &mut self,
        category: &str,
        activity: &str,
        operation: &str,
        target: &Value,
    ) {
        let app = &self.app;
        let name = self
            .tenant()
            .apps
            .iter()
            .find(|known| known.client_id == *app)
            .map(|known| known.display_name.clone());
        let entry = json!({
            "id": format!("Directory_{}", uuid::Uuid::new_v4()),
            "category": category,
            "correlationId": uuid::Uuid::new_v4().to_string(),
            "result": "success",
            "resultReason": "",
            "activityDisplayName": activity,
            "activityDateTime": self.now(),
            "loggedByService": "Core Directory",
            "operationType": operation,
            "initiatedBy": {
                "user": null,
                "app": { "appId": self.app, "displayName": name, "servicePrincipalId": null, "servicePrincipalName": null },
            },
            "targetResources": [target],
            "additionalDetails": [],
        });
        self.tenant_mut().directory_audits.push(entry);
    }
}

/// The entry of one object in `targetResources` of an audit log entry.
pub(super) fn audit_target(kind: &str, id: &str, name: &Value) -> Value {
    json!({
        "id": id, "displayName": name, "type": kind, "userPrincipalName": null, "groupType": null,
        "modifiedProperties": [],
    })
}
