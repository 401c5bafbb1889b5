//! Soft deletion and restoration of directory objects, shared by all types.

use serde_json::{Value, json};

use crate::store::{Collection, Tenant};

const DAYS_30: i64 = 30 * 86_400_000;

fn home<'t>(tenant: &'t mut Tenant, kind: &str) -> &'t mut Collection {
    match kind {
        "#microsoft.graph.user" => &mut tenant.users,
        "#microsoft.graph.group" => &mut tenant.groups,
        "#microsoft.graph.application" => &mut tenant.applications,
        _ => &mut tenant.service_principals,
    }
}

/// Soft-deletes the object with this ID, whatever its type. Assignments to a deleted user or group are removed; those of a deleted service
/// principal are kept with it, and so are its jobs and secrets.
pub(crate) fn soft_delete(tenant: &mut Tenant, id: &str, now: &str) {
    for kind in ["user", "group", "application", "servicePrincipal"] {
        let kind = format!("#microsoft.graph.{kind}");
        let Some(mut object) = home(tenant, &kind).remove(id) else {
            continue;
        };
        if kind.ends_with("user") || kind.ends_with("group") {
            tenant
                .assignments
                .retain(|_, assignment| assignment["principalId"] != id);
        }
        object["@odata.type"] = json!(kind);
        object["deletedDateTime"] = json!(now);
        tenant.deleted_items.insert(id.to_owned(), object);
    }
}

/// Restores an object; `None` if it is not soft-deleted.
pub(crate) fn restore(tenant: &mut Tenant, id: &str) -> Option<Value> {
    let mut object = tenant.deleted_items.remove(id)?;
    object["deletedDateTime"] = Value::Null;
    let members = object.as_object_mut()?;
    members.remove("_deletedBySync");
    let kind = members.remove("@odata.type").unwrap_or_default();
    home(tenant, kind.as_str().unwrap_or_default()).insert(id.to_owned(), object.clone());
    Some(object)
}

/// Purges what was deleted more than thirty days before `now`.
pub(super) fn purge_old(deleted: &mut Collection, now: i64) {
    let oldest = now - DAYS_30;
    deleted.retain(|_, object| {
        let moment = object["deletedDateTime"]
            .as_str()
            .and_then(|text| text.parse::<jiff::Timestamp>().ok());
        moment.is_none_or(|moment| moment.as_millisecond() > oldest)
    });
}
