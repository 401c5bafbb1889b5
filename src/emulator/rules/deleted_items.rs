//! `/directory/deletedItems`: users, groups, applications and service principals can be restored for thirty days.

use super::applications::{APPLICATION, SERVICE_PRINCIPAL};
use super::{groups, soft_deletion, users};
use crate::call::Call;
use crate::odata::{self, Entity};
use crate::reply::{Answer, Refusal, Reply};

const OBJECT: Entity = Entity {
    name: "directoryObject",
    properties: &["id", "deletedDateTime"],
    usual: &[],
    directory: true,
};
/// Purges what was deleted more than thirty days ago.
fn expire(call: &mut Call) {
    let now = call.world.clock.now();
    soft_deletion::purge_old(&mut call.tenant_mut().deleted_items, now);
}

fn list(call: &mut Call, kind: &str, entity: &Entity) -> Answer {
    expire(call);
    let deleted = call.tenant().deleted_items.values();
    let of_kind =
        deleted.filter(|object| kind.is_empty() || object["@odata.type"].as_str() == Some(kind));
    odata::list(call, of_kind, entity, "directoryObjects")
}

/// The documented paths end in a type; Graph refuses a path without one.
pub(crate) fn list_all(_: &mut Call) -> Answer {
    Err(Refusal::bad(
        "The type of the deleted items must be named, as in /directory/deletedItems/microsoft.graph.user.",
    ))
}

pub(crate) fn list_users(call: &mut Call) -> Answer {
    list(call, "#microsoft.graph.user", &users::ENTITY)
}

pub(crate) fn list_groups(call: &mut Call) -> Answer {
    list(call, "#microsoft.graph.group", &groups::ENTITY)
}

pub(crate) fn list_applications(call: &mut Call) -> Answer {
    list(call, "#microsoft.graph.application", &APPLICATION)
}

pub(crate) fn list_principals(call: &mut Call) -> Answer {
    list(
        call,
        "#microsoft.graph.servicePrincipal",
        &SERVICE_PRINCIPAL,
    )
}

fn existing(call: &mut Call) -> Result<String, Refusal> {
    expire(call);
    let id = call.arg(0).to_lowercase();
    let known = call.tenant().deleted_items.contains_key(&id);
    if known && !call.hides(&format!("deletedItems/{id}")) {
        Ok(id)
    } else {
        Err(Refusal::absent(call.arg(0)))
    }
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let id = existing(call)?;
    odata::single(
        call,
        &call.tenant().deleted_items[&id],
        &OBJECT,
        "directoryObjects",
    )
}

/// Checks whether the caller may restore or purge this type: users and applications need different permissions.
fn check_type(call: &Call, id: &str) -> Result<(), Refusal> {
    let object = &call.tenant().deleted_items[id];
    let kind = object["@odata.type"].as_str().unwrap_or_default();
    let needed: &[&str] = match kind {
        "#microsoft.graph.user" => &[
            "User.DeleteRestore.All",
            "User.ReadWrite.All",
            "User.ReadWrite.CrossCloud",
        ],
        "#microsoft.graph.group" => &["Group.ReadWrite.All"],
        _ => &["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"],
    };
    let app = call
        .tenant()
        .apps
        .iter()
        .find(|app| app.client_id == call.app);
    let held = app.is_some_and(|app| needed.iter().any(|permission| app.may(permission)));
    if held {
        Ok(())
    } else {
        Err(Refusal::forbidden())
    }
}

pub(crate) fn restore(call: &mut Call) -> Answer {
    let id = existing(call)?;
    check_type(call, &id)?;
    call.optional_body(&[])?;
    let kind = call.tenant().deleted_items[&id]["@odata.type"].clone();
    let tenant = call.tenant_mut();
    let mut restored = soft_deletion::restore(tenant, &id).unwrap_or_default();
    // As documented, the service principal of an application must be restored separately.
    if let Some(members) = restored.as_object_mut() {
        members.retain(|name, _| !name.starts_with('_'));
        members.insert("@odata.type".to_owned(), kind);
    }
    odata::document(call, restored, "directoryObjects/$entity")
}

pub(crate) fn purge(call: &mut Call) -> Answer {
    let id = existing(call)?;
    check_type(call, &id)?;
    let tenant = call.tenant_mut();
    let object = tenant.deleted_items.remove(&id).unwrap_or_default();
    if object["@odata.type"] == "#microsoft.graph.servicePrincipal" {
        tenant
            .assignments
            .retain(|_, assignment| assignment["resourceId"] != *id);
        tenant.jobs.retain(|job| job.service_principal != id);
        tenant.secrets.remove(&id);
    }
    Ok(Reply::no_content())
}
